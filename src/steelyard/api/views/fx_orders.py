"""Orders to exchange currencies, as they cross the wire."""

from steelyard.api import wire
from steelyard.api.call import Call
from steelyard.client import types
from steelyard.storage.queries import Found

STATES = ("open", "filled", "cancelled", "expired", "refused")


def order(row: Found, call: Call) -> types.FxOrder:
    """Give an order as it stands."""
    directory, sell, buy = call.directory, row["sell"], row["buy"]
    num, den = int(row["limit_num"]), int(row["limit_den"])
    scales = {"base_scale": directory.scale(sell), "quote_scale": directory.scale(buy)}
    problem, _ = wire.refusal(row["refusal"])
    return types.FxOrder(
        order_id=wire.uuid_text(row["order_id"]),
        participant=row["owner"],
        sell=wire.amount(row["amount_minor"], sell, directory),
        open=wire.amount(row["open_minor"], sell, directory),
        bought=wire.amount(row["bought_minor"], buy, directory),
        limit=wire.rate_text(num, den, **scales) if num else None,
        good_until=wire.at_text(row["good_until_at"]),
        state=row["state"],
        leaving=bool(row["leaving"]),
        refusal=problem,
        entered_at=wire.at_text(row["entered_at"]),
        changed_at=wire.at_text(row["changed_at"]),
    )
