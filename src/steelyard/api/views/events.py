"""Events: notices of durable outcomes as the caller reads them."""

from typing import Any

import msgspec

from steelyard.api import refusals, wire
from steelyard.api.directory import Directory
from steelyard.client import types
from steelyard.flows.diary import PART_DATA, PAYMENT_DATA
from steelyard.iso20022.reasons import code_of_number
from steelyard.payments.states import State
from steelyard.storage.queries import Found, place_of

_MONEY = ("asset", "amount_minor", "participant", "state", "reason", "asked_minor")
_TRADE = (
    "first", "second", "first_pays", "first_minor", "second_pays", "second_minor", "value_on", "state", "other",
)  # fmt: skip
NAMES: dict[str, tuple[str, ...]] = {
    "approval.asked": ("command", "shown"),
    "approval.ended": ("command", "state"),
    "auction.failed": ("failed", "lots", "price"),
    "auction.over": ("state", "price", "volume"),
    "auction.won": ("bid_id", "lots", "price"),
    "batch.applied": ("asset", "paid_minor", "received_minor", "left_minor", "number"),
    "calendar.amended": ("revision", "in_force_from"),
    "claim.set_off": (
        "debtor",
        "creditor",
        "asset",
        "amount_minor",
        "open_minor",
        "due_on",
        "set_off_minor",
        "batch_id",
    ),
    "cycle.cancelled": ("reason",),
    "cycle.not_repaid": ("asset", "amount_minor", "line_id", "lot_no", "refusal"),
    "cycle.notified": (
        "asset",
        "out_minor",
        "in_minor",
        "call_minor",
        "deadline_at",
        "account",
        "certificate",
    ),
    "cycle.paid": ("asset", "amount_minor", "paid_minor", "open_minor"),
    "cycle.pay_in_is_due": ("asset", "open_minor", "deadline_at"),
    "cycle.returned": ("asset", "amount_minor", "paid_minor", "open_minor"),
    "cycle.statement": (
        "asset",
        "paid_count",
        "paid_minor",
        "received_count",
        "received_minor",
        "bundle_id",
        "digest",
        "number",
        "closed_at",
        "opening_minor",
        "closing_minor",
        "pay_in_minor",
        "pay_ins_kept_minor",
    ),
    "clearing.above_limit": ("lots",),
    "clearing.assessed": ("asset", "amount_minor", "open_minor"),
    "clearing.case_is_late": ("member", "state", "due_at"),
    "clearing.case_is_stuck": ("member", "asset", "refusal"),
    "clearing.case_moved": ("member", "state", "due_at"),
    "clearing.case_opened": ("member", "due_at"),
    "clearing.cash_is_left": ("member", "asset", "amount_minor"),
    "clearing.claim_opened": ("member", "asset", "amount_minor"),
    "clearing.collateral_is_due": ("asset", "amount_minor", "due_at"),
    "clearing.collateral_is_short": ("member", "asset", "amount_minor"),
    "clearing.grace_is_over": ("member", "asset", "amount_minor"),
    "clearing.margin_is_due": ("asset", "amount_minor", "due_at"),
    "clearing.member_stands": ("state",),
    "clearing.receipt_seized": ("code", "kg", "holder"),
    "clearing.receipt_sold": ("code", "kg", "buyer", "asset", "amount_minor"),
    "clearing.reduction_opened": ("member", "contract", "due_at"),
    "clearing.run_is_stuck": ("asset", "refusal"),
    "clearing.torn_up": ("contract", "lots", "price"),
    "day.ended": ("on",),
    "order.cancelled": ("instrument", "left", "why"),
    "order.traded": ("instrument", "trade_id", "quantity", "price", "price_asset", "amount_minor", "asset"),
    "market_quote.expired": ("sell", "buy"),
    "market_quote.failed": ("sell", "buy"),
    "trade.reversal_agreed": ("by",),
    "trade.reversed": ("reason",),
    "trade.title_passed": ("instrument",),
    "trade.is_stuck": ("instrument", "refusal"),
    "rfq.asked": ("code", "kg", "side", "asset", "valid_until_at"),
    "rfq.answered": ("rfq", "dealer", "bid", "ask", "buy_place", "sell_place", "valid_until_at"),
    "rfq.traded": ("code", "kg", "asset", "amount_minor"),
    "energy.offered": ("asset", "balance_minor", "accept_until_at"),
    "energy.unproved": ("gap",),
    "supply.month_paid": ("month", "asset", "amount_minor"),
    "supply.nominated": ("month",),
    "supply.reported": ("month",),
    "delivery.accepted": ("instrument",),
    "delivery.agree_asked": ("instrument", "document"),
    "delivery.cost": ("asset", "cost", "amount_minor"),
    "delivery.ordered_out": ("instrument",),
    "delivery_auction.opened": ("instrument", "lots"),
    "receipt.knocked_down": ("code", "kg", "amount_minor", "asset"),
    "receipt.left": ("code", "kg", "left_kg", "amount_minor", "asset"),
    "receipt.moved": ("code", "kg", "event", "holder"),
    "receipt.regraded": ("code", "code_now", "kg"),
    "stock.case": ("site", "grade", "case_kg", "document"),
    "stock.decided": ("grade",),
    "member.moved": ("state", "reason"),
    "participant.moved": ("state", "reason"),
    "payment.credit_is_late": ("count",),
    "payment.unposted_is_late": ("asset", "amount_minor", "reason"),
    "holding.near": ("holder", "held_minor", "cap_minor"),
    "holding.reached": ("holder", "held_minor", "cap_minor"),
    "pvp.pay_in": ("due_at", "amount_minor"),
    "ring.rests": ("lapses", "until_at"),
    "residual.near": ("asset", "rest_minor", "ceiling_minor"),
    "residual.swept": ("asset", "rest_minor", "bundle_id"),
    "throughput.judged": ("on", "missed", "due_minor", "ranks"),
    "reserve.differs": ("asset", "why", "ours_minor", "theirs_minor"),
}
"""What the places of a notice's data mean, by kind; those of payments, trades and money by their first word."""
_PAYMENT = PAYMENT_DATA + PART_DATA
_BY_WORD = {
    "payment": _PAYMENT,
    "clearing": ("asset", "amount_minor"),
    "claim": ("debtor", "creditor", "asset", "amount_minor", "open_minor", "due_on"),
    "credit": ("kind", "lender", "borrower", "asset", "amount_minor"),
    "trade": _TRADE,
    "ring": ("gives", "gives_minor", "gets", "gets_minor", "expires_at"),
    "fx_order": ("sell", "buy", "amount_minor", "open_minor", "bought_minor"),
    "funding": _MONEY,
    "redemption": _MONEY,
    "rtgs": _MONEY,
    "delivery": ("asset", "instrument", "amount_minor", "owed_minor"),
    "delivery_auction": ("asset", "instrument", "lots", "amount_minor"),
    "forward": ("asset", "contract", "lots", "moved_minor", "owed_minor"),
    "receipt": ("code", "kg", "holder"),
    "bill": ("cargo", "kg"),
    "slot": ("berth", "from_at", "until_at"),
    "voyage": ("event", "state"),
    "tender": ("event", "due_at", "reason"),
    "supply": ("year",),
    "energy": ("debtor", "creditor", "asset", "amount_minor", "open_minor"),
    "rfq": ("state",),
}
KINDS = (
    "approval.asked", "approval.ended", "batch.applied", "calendar.amended", "claim.confirmed", "claim.filed",
    "claim.set_off", "claim.withdrawn", "clearing.above_limit", "clearing.assessed", "clearing.case_is_late",
    "clearing.case_is_stuck", "clearing.case_moved", "clearing.case_opened", "clearing.cash_converted",
    "clearing.cash_is_left", "clearing.claim_opened",
    "clearing.collateral_is_due", "clearing.collateral_is_short",
    "clearing.fund_is_due", "clearing.fund_used", "clearing.gain_is_cut", "clearing.grace_is_over",
    "clearing.margin_is_due", "clearing.margin_paid", "clearing.margin_taken", "clearing.margin_waits",
    "clearing.member_stands", "clearing.receipt_seized", "clearing.receipt_sold",
    "clearing.reduction_opened", "clearing.run_is_stuck",
    "clearing.torn_up", "credit.case_closed", "credit.case_opened",
    "credit.changed", "credit.drawn", "credit.near", "credit.over", "credit.repaid", "cycle.cancelled",
    "cycle.not_repaid", "cycle.notified", "cycle.paid", "cycle.pay_in_is_due", "cycle.returned",
    "cycle.statement", "day.ended", "fx_order.cancelled", "fx_order.expired", "fx_order.filled",
    "fx_order.refused", "funding.asked", "funding.listed",
    "funding.moved", "holding.near", "holding.reached", "member.moved", "participant.moved",
    "payment.accepted", "payment.cancel_asked", "payment.cancel_refused", "payment.cancelled",
    "payment.closed_partly", "payment.credit_is_late", "payment.credited", "payment.offered",
    "payment.part_settled", "payment.queued", "payment.rejected", "payment.requote", "payment.settled",
    "payment.unposted", "payment.unposted_is_late", "pvp.pay_in", "redemption.moved", "redemption.overdue",
    "reserve.differs", "residual.near", "residual.swept", "ring.declined", "ring.expired",
    "ring.proposed", "ring.refused", "ring.rests", "ring.settled", "rtgs.payback", "rtgs.payout", "rtgs.query",
    "throughput.judged", "trade.cancel_asked", "trade.cancelled",
    "trade.failed", "trade.is_stuck", "trade.matched", "trade.settled", "trade.title_passed", "trade.unmatched",
    "bill.amended", "bill.invoked", "bill.issued", "bill.pledged", "bill.released", "bill.transferred",
    "bill.voided",
    "delivery.accepted", "delivery.agree_asked", "delivery.alternative", "delivery.buy_in", "delivery.buyer_failed",
    "delivery.cancelled", "delivery.certified", "delivery.closed", "delivery.cost", "delivery.disputed",
    "delivery.force_majeure", "delivery.funded", "delivery.intended", "delivery.invoiced",
    "delivery.loaded", "delivery.loading", "delivery.matched", "delivery.notified", "delivery.ordered_out",
    "delivery.sell_out", "delivery.seller_failed", "delivery.settled", "delivery_auction.opened",
    "delivery_auction.won",
    "forward.agreed", "forward.appropriated", "forward.buyer_failed", "forward.cancelled", "forward.closed",
    "forward.hindered", "forward.offered", "forward.offset", "forward.seller_failed",
    "receipt.expired", "receipt.frozen", "receipt.issued", "receipt.knocked_down", "receipt.left", "receipt.moved",
    "receipt.ordered_out", "receipt.pledged", "receipt.regraded", "receipt.released", "receipt.thawed",
    "energy.agreed", "energy.billed", "energy.declined", "energy.lapsed", "energy.matched", "energy.offered",
    "energy.paid", "energy.unanswered", "energy.unpaid", "energy.unproved",
    "rfq.answered", "rfq.asked", "rfq.over", "rfq.traded",
    "site.put", "slot.planned", "stock.case", "stock.decided", "voyage.moved",
    "supply.agreed", "supply.given_up", "supply.last_settled", "supply.month_paid", "supply.nominated",
    "supply.offered", "supply.reported", "supply.withdrawn", "supply.year_settled",
    "auction.failed",
    "auction.over", "auction.won", "market_quote.expired", "market_quote.failed", "order.cancelled", "order.traded",
    "price.complaint", "trade.reversal_agreed", "trade.reversed",
    "tender.awarded", "tender.cancelled", "tender.contracted", "tender.draft", "tender.evaluated", "tender.opened",
    "tender.published", "tender.sealed", "tender.standstill",
)  # fmt: skip
"""Every kind of event there is."""
_TEXT_SUBJECTS = frozenset(
    {
        "calendar.amended",
        "clearing.above_limit",
        "day.ended",
        "holding.near",
        "holding.reached",
        "member.moved",
        "participant.moved",
        "pvp.pay_in",
        "residual.near",
        "residual.swept",
        "site.put",
        "stock.decided",
        "throughput.judged",
    }
)


def event_id(row: Found) -> str:
    """Give an event's id: its row, its command's place in it, its number among the notices."""
    seq, position = place_of(row["key"])
    return f"{seq}-{position}-{row['n']}"


def kinds_of(words: frozenset[str]) -> list[str]:
    """Give the kinds that are named in full or by their first word.

    >>> kinds_of(frozenset({"day", "trade.failed", "rain"}))
    ['day.ended', 'trade.failed']
    """
    return [kind for kind in KINDS if kind in words or kind.partition(".")[0] in words]


def event(row: Found, directory: Directory) -> types.Event:
    """Give an event."""
    kind: str = row["kind"]
    subject = bytes(row["subject"])
    return types.Event(
        id=event_id(row),
        type=kind,
        at=wire.at_text(row["at_ns"]),
        seq=place_of(row["key"])[0],
        subject=subject.decode("ascii", "replace") if kind in _TEXT_SUBJECTS else wire.uuid_text(subject),
        data=data_of(kind, bytes(row["data"] or b""), directory),
    )


def data_of(kind: str, packed: bytes, directory: Directory) -> dict[str, Any]:
    """Give a notice's data by name; amounts become amounts, instants texts."""
    values = msgspec.msgpack.decode(packed) if packed else ()
    names = NAMES.get(kind) or _BY_WORD.get(kind.partition(".")[0], ())
    named = dict(zip(names, values, strict=False))
    data = {name: plain(name, value, named, directory) for name, value in named.items()}
    if named.get("refusal"):
        found = refusals.of(named["refusal"])
        data["refusal"] = found.name if found is not None else str(named["refusal"])
    if names is _PAYMENT and named.get("refusal"):
        data["iso"] = named["reason"] or code_of_number(named["refusal"])
    return {name: value for name, value in data.items() if value not in (None, "", 0)}


_ASSET_OF = {
    "debit_minor": "source", "target_minor": "target", "payee_minor": "target", "amount_minor": "asset",
    "asked_minor": "asset", "ours_minor": "asset", "theirs_minor": "asset",
    "settled_minor": "target", "open_minor": "target", "first_minor": "first_pays",
    "second_minor": "second_pays", "out_minor": "asset", "in_minor": "asset", "call_minor": "asset",
    "paid_minor": "asset", "received_minor": "asset", "opening_minor": "asset", "closing_minor": "asset",
    "pay_in_minor": "asset", "pay_ins_kept_minor": "asset",
    "left_minor": "asset", "rest_minor": "asset", "ceiling_minor": "asset",
    "owed_minor": "asset",
}  # fmt: skip


def plain(name: str, value: Any, named: dict[str, Any], directory: Directory) -> Any:
    """Give one value as it crosses the wire."""
    if name in _ASSET_OF and isinstance(value, int | str):
        asset = named.get(_ASSET_OF[name]) or named.get("asset", "")
        return msgspec.to_builtins(wire.amount(value, str(asset), directory))
    if name == "state" and isinstance(value, int):
        return State(value).name
    if name.endswith("_on") or name == "on":
        return wire.on_or_none(value)
    if name == "in_force_from" or name.endswith("_at"):
        return wire.at_or_none(value)
    if isinstance(value, bytes):
        return value.hex() if len(value) != 16 else wire.uuid_text(value)
    return value
