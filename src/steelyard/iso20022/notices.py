"""Notices of booked entries (camt.054): one per settled leg that touches an account, or one per cycle.

Amounts come in as decimal text of their currency; a debit is seen from the account's owner, as in the
standard. The bank transaction code is the domain of payments: credit transfers, received or issued.
"""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from steelyard.iso20022 import write
from steelyard.iso20022.desk import HEADER, Desk, checked, header_values, own_id, stamped
from steelyard.values.instants import format_date

Values = dict[str, Any]
NOTICE = "camt.054.001.08"


class Entry(Struct, frozen=True):
    """One booked movement: `amount` is decimal text, `sequence` the booking's number in its journal."""

    amount: str
    is_credit: bool
    booked_on: int
    value_on: int
    sequence: str
    uetr: str = ""
    end_to_end_id: str = ""
    instruction_id: str = ""
    message_id: str = ""
    counterparty: str = ""
    cross_border: bool = True


def notice(
    desk: Desk,
    entries: Sequence[Entry],
    *,
    account: str,
    currency: str,
    owner: str,
    at: int,
    item: bytes,
    message: str = NOTICE,
    service: str = "",
) -> bytes:
    """Write what was booked on an account, to its owner (a BIC), in booking order.

    `account` is the account's name here, at most 34 characters; `item` the outbox item's id.
    """
    message_id = own_id(desk.prefix, at, item)
    values: Values = {
        "group": {"message_id": message_id, "created_at": stamped(at)},
        "notifications": [
            {
                "id": message_id,
                "created_at": stamped(at),
                "account": {
                    "other": {"id": account},
                    "currency": currency,
                    "servicer": {"bic": desk.hub_bic},
                },
                "entries": [entry_values(entry, currency, owner) for entry in entries],
            }
        ],
    }
    header = header_values(desk, message_id, message, at=at, receiver=owner, service=service)
    return checked(write.document(header, values, (HEADER, message)), desk)


def entry_values(entry: Entry, currency: str, owner: str) -> Values:
    """Give the lexical values of an entry, with its references as details."""
    direction = "CRDT" if entry.is_credit else "DBIT"
    references: Values = {"servicer_reference": entry.sequence}
    for name in ("message_id", "instruction_id", "end_to_end_id", "uetr"):
        value = getattr(entry, name)
        if value:
            references[name] = value
    details: Values = {
        "references": references,
        "amount": (currency, entry.amount),
        "direction": direction,
    }
    if entry.counterparty:
        debtor, creditor = (entry.counterparty, owner) if entry.is_credit else (owner, entry.counterparty)
        details["agents"] = {"debtor_agent": {"bic": debtor}, "creditor_agent": {"bic": creditor}}
    family = "RCDT" if entry.is_credit else "ICDT"
    return {
        "reference": entry.sequence,
        "amount": (currency, entry.amount),
        "direction": direction,
        "status": {"code": "BOOK"},
        "booked": {"on": format_date(entry.booked_on)},
        "value": {"on": format_date(entry.value_on)},
        "servicer_reference": entry.sequence,
        "bank_code": {
            "domain": {
                "code": "PMNT",
                "family": family,
                "sub_family": "XBCT" if entry.cross_border else "DMCT",
            }
        },
        "details": [{"transactions": [details]}],
    }
