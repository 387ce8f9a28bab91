"""A day's statement as camt.053: opening, closing and available balance, entries in booking order."""

from steelyard.api.call import Call
from steelyard.client import types
from steelyard.iso20022.answers import desk_of
from steelyard.iso20022.notices import Entry
from steelyard.iso20022.statements import Statement, statement
from steelyard.values.instants import DAY, parse_date, parse_instant


def statement_message(made: types.Statement, call: Call) -> bytes:
    """Write a day's statement to the account's owner; the same day gives the same bytes."""
    at = parse_instant(made.closed_at) or 0
    context = call.directory.context(None, at)
    one = Statement(
        made.account, made.asset, call.directory.scale(made.asset), made.opening.minor,
        made.closing.minor, [_entry(each, made) for each in made.entries], {"on": made.on},
        sequence=str(made.number),
    )  # fmt: skip
    item = f"{made.account} {made.on} {made.number}".encode()
    return statement(desk_of(context), [one], owner=made.owner, at=at, item=item)


def _is_payment(one: types.StatementEntry, owner: str) -> bool:
    """Tell a payment's leg: by itself, in a batch over several currencies, or in a netting cycle.

    There exchange legs are the node's, and legs to and from an account for pay-ins stay with one owner.
    """
    return one.kind == "payment" or (one.kind == "cycle" and one.counterparty not in ("operator", owner))


def _entry(one: types.StatementEntry, made: types.Statement) -> Entry:
    booked = (parse_instant(one.at) or 0) // DAY
    return Entry(
        one.amount.value, one.is_credit, booked, parse_date(made.on) or booked, f"{made.number}-{one.number}",
        uetr=one.reference if one.reference and _is_payment(one, made.owner) else "",
        counterparty=one.counterparty if one.counterparty != "operator" else "",
        is_own=one.counterparty == made.owner,
    )  # fmt: skip
