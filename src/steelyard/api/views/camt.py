"""Statements as camt.053: opening, closing and available balance, entries in booking order, pages of 10,000."""

from steelyard.api.call import Call
from steelyard.client import types
from steelyard.iso20022 import write
from steelyard.iso20022.answers import desk_of, own_id
from steelyard.iso20022.desk import HEADER, checked, header_values, stamped
from steelyard.iso20022.notices import Entry, Values, entry_values
from steelyard.values.instants import DAY, parse_date, parse_instant

STATEMENT = "camt.053.001.08"


def statement_message(made: types.Statement, call: Call) -> bytes:
    """Write a day's statement to the account's owner; the same day gives the same bytes."""
    at = parse_instant(made.closed_at) or 0
    desk = desk_of(call.directory.context(None, at))
    item = f"{made.account} {made.on} {made.number}".encode()
    message_id = own_id(desk.prefix, at, item)
    values: Values = {
        "group": {"message_id": message_id, "created_at": stamped(at)},
        "statements": [
            {
                "id": message_id,
                "sequence": str(made.number),
                "created_at": stamped(at),
                "account": {
                    "other": {"id": made.account[:34]},
                    "currency": made.asset,
                    "servicer": {"bic": desk.hub_bic},
                },
                "balances": [
                    _balance("OPBD", made.opening, made.on),
                    _balance("CLBD", made.closing, made.on),
                    _balance("CLAV", made.closing, made.on),
                ],
                "entries": [_entry(one, made) for one in made.entries],
            }
        ],
    }
    header = header_values(desk, message_id, STATEMENT, at=at, receiver=made.owner)
    return checked(write.document(header, values, (HEADER, STATEMENT)), desk)


def _balance(code: str, amount: types.Amount, on: str) -> Values:
    return {
        "type": {"code": code},
        "amount": (amount.asset, amount.value.removeprefix("-")),
        "direction": "DBIT" if amount.minor < 0 else "CRDT",
        "date": {"on": on},
    }


def _is_payment(one: types.StatementEntry, owner: str) -> bool:
    """Tell a payment's leg: by itself, in a batch over several currencies, or in a netting cycle.

    There exchange legs are the node's, and legs to and from an account for pay-ins stay with one owner.
    """
    return one.kind == "payment" or (one.kind == "cycle" and one.counterparty not in ("operator", owner))


def _entry(one: types.StatementEntry, made: types.Statement) -> Values:
    booked = (parse_instant(one.at) or 0) // DAY
    entry = Entry(
        one.amount.value, one.is_credit, booked, parse_date(made.on) or booked, f"{made.number}-{one.number}",
        uetr=one.reference if one.reference and _is_payment(one, made.owner) else "",
        counterparty=one.counterparty if one.counterparty != "operator" else "",
    )  # fmt: skip
    return entry_values(entry, made.asset, made.owner)
