"""Rows of money in and out, reserve checks and closed days."""

from steelyard.flows import facts
from steelyard.storage.added import Added
from steelyard.storage.rows.statement import FIRST, MONEY, Handlers, Statements, json_list, put, simple


def _day_ended(added: Added, fact: facts.DayEnded, key: int, n: int, at: int) -> None:
    added.days_ended += 1
    for account_no, number, closing in fact.statements:
        same = (account_no,)
        day = (account_no, fact.on, number, *same, str(closing), fact.closed_at, *same, added.leg_key)
        added.upserts.append(("day", day))


STATEMENTS: Statements = {
    "funding": put("funding", MONEY, "id", keep=FIRST),
    "redemption": put("redemption", MONEY, "id", keep=FIRST),
    "reserve": put(
        "reserve_check",
        "key n asset what statement until_at closing_minor issued_minor agreed unlike at_ns",
        "key n",
    ),
    "reserve.cleared": put("reserve_check", "key n asset what count reason at_ns", "key n"),
    "day": "INSERT INTO balance_day (account_no, on_day, statement_no, opening_minor, closing_minor, closed_at,"
    " opened_key, closed_key) VALUES (?, ?, ?, coalesce((SELECT closing_minor FROM balance_day"
    " WHERE account_no = ? ORDER BY on_day DESC LIMIT 1), '0'), ?, ?, coalesce((SELECT closed_key"
    " FROM balance_day WHERE account_no = ? ORDER BY on_day DESC LIMIT 1), 0), ?)",
}

HANDLERS: Handlers = {
    facts.FundingMoved: simple(
        "funding", "funding", "participant", "asset", "amount_minor", "state", "reason", "bundle_id", "at",
        "at", "key", "n",
    ),
    facts.RedemptionMoved: simple(
        "redemption", "redemption", "participant", "asset", "amount_minor", "state", "reason", "bundle_id",
        "at", "at", "key", "n",
    ),
    facts.DayEnded: _day_ended,
    facts.ReserveStated: lambda added, fact, key, n, at: added.upserts.append((
        "reserve",
        (key, n, fact.asset, "stated", fact.statement, fact.until_at, fact.closing_minor, str(fact.issued_minor),
         int(fact.agreed), json_list(fact.unlike), at),
    )),
    facts.ReserveCleared: lambda added, fact, key, n, at: added.upserts.append(
        ("reserve.cleared", (key, n, fact.asset, "cleared", fact.count, fact.reason, at))
    ),
}  # fmt: skip
