"""Notices of entries (camt.054): of booked legs that touch an account, and of what a netting cycle calls for.

Amounts come in as decimal text of their currency; a debit is seen from the account's owner, as in the
standard. The bank transaction code is the domain of payments: credit transfers, received or issued. A transfer
between two accounts of one owner is a book transfer. What is still to be paid is pending, with its last instant.
"""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from steelyard.iso20022 import write
from steelyard.iso20022.desk import HEADER, Desk, ascii_line, checked, header_values, own_id, stamped
from steelyard.values.instants import format_date

Values = dict[str, Any]
NOTICE = "camt.054.001.08"
TEXT_MAX = 500


class Entry(Struct, frozen=True):
    """One movement: `amount` is decimal text, `sequence` the booking's number in its journal.

    `due_at` makes it one that is still to come, at the latest then. `is_own` is between two accounts of one owner.
    """

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
    is_own: bool = False
    due_at: int = 0
    text: str = ""


class Account(Struct, frozen=True):
    """What a notice tells of one account, in booking order; its name here is cut to 34 characters."""

    account: str
    currency: str
    entries: Sequence[Entry]
    text: str = ""


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
    one = Account(account, currency, entries)
    return notice_of(desk, [one], owner=owner, at=at, item=item, message=message, service=service)


def notice_of(
    desk: Desk,
    accounts: Sequence[Account],
    *,
    owner: str,
    at: int,
    item: bytes,
    message: str = NOTICE,
    service: str = "",
) -> bytes:
    """Write what moved, or is to move, on some accounts of one owner (a BIC); `item` is the outbox item's id."""
    message_id = own_id(desk.prefix, at, item)
    told = []
    for number, one in enumerate(accounts, 1):
        values: Values = {
            "id": message_id if number == 1 else f"{message_id}{number}"[-35:],
            "created_at": stamped(at),
            "account": account_values(one.account, one.currency, desk),
        }
        if one.entries:
            values["entries"] = [entry_values(entry, one.currency, owner) for entry in one.entries]
        if one.text:
            values["text"] = ascii_line(one.text, TEXT_MAX)
        told.append(values)
    body: Values = {"group": {"message_id": message_id, "created_at": stamped(at)}, "notifications": told}
    header = header_values(desk, message_id, message, at=at, receiver=owner, service=service)
    return checked(write.document(header, body, (HEADER, message)), desk)


def account_values(account: str, currency: str, desk: Desk) -> Values:
    """Give the lexical values of an account that the hub keeps."""
    return {"other": {"id": account[:34]}, "currency": currency, "servicer": {"bic": desk.hub_bic}}


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
    values: Values = {
        "reference": entry.sequence,
        "amount": (currency, entry.amount),
        "direction": direction,
        "status": {"code": "PDNG" if entry.due_at else "BOOK"},
        "servicer_reference": entry.sequence,
        "bank_code": {
            "domain": {
                "code": "PMNT",
                "family": family,
                "sub_family": "BOOK" if entry.is_own else "XBCT" if entry.cross_border else "DMCT",
            }
        },
        "details": [{"transactions": [details]}],
    }
    if entry.due_at:
        values["value"] = {"at": stamped(entry.due_at)}
    else:
        values["booked"] = {"on": format_date(entry.booked_on)}
        values["value"] = {"on": format_date(entry.value_on)}
    if entry.text:
        values["text"] = ascii_line(entry.text, TEXT_MAX)
    return values
