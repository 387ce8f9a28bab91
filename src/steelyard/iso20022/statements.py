"""Statements (camt.053): balances before and after, and between them every entry, in pages of 10,000.

Balances are in minor units of the currency, whose exponent is `scale`. What comes before and the entries must make
what comes after: a statement that does not add up is our bug, and is never written.
"""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from steelyard.iso20022 import write
from steelyard.iso20022.desk import (
    HEADER,
    Desk,
    OwnMessageIsInvalid,
    ascii_line,
    checked,
    header_values,
    own_id,
    stamped,
)
from steelyard.iso20022.notices import TEXT_MAX, Entry, Values, account_values, entry_values
from steelyard.values.amount import format_minor

STATEMENT = "camt.053.001.08"
PAGE = 10_000


class Statement(Struct, frozen=True):
    """What was booked on one account, in booking order.

    `dated` is the day or the instant of its balances, as lexical values. A statement within a day is interim: its
    balances open and close no day. One that covers a stretch of time says which.
    """

    account: str
    currency: str
    scale: int
    opening_minor: int
    closing_minor: int
    entries: Sequence[Entry]
    dated: Values
    is_interim: bool = False
    sequence: str = ""
    period: tuple[int, int] | None = None
    text: str = ""


def pages_of(entries: int) -> int:
    """Say on how many pages so many entries stand.

    >>> [pages_of(count) for count in (0, 10_000, 10_001)]
    [1, 1, 2]
    """
    return max(1, -(-entries // PAGE))


def statement(
    desk: Desk, accounts: Sequence[Statement], *, owner: str, at: int, item: bytes, page: int = 0
) -> bytes:
    """Write the statements of some accounts of one owner (a BIC), every page of them, or only one (from 1).

    `item` is the outbox item's id; the same item, page by page, gives the same bytes for ever.
    """
    message_id = own_id(desk.prefix, at, item)
    told = [
        values for one in accounts for values in _pages(one, owner, desk) if not page or page == _no(values)
    ]
    for number, values in enumerate(told, 1):
        values["id"] = message_id if number == 1 else f"{message_id}{number}"[-35:]
        values["created_at"] = stamped(at)
    body: Values = {"group": {"message_id": message_id, "created_at": stamped(at)}, "statements": told}
    header = header_values(desk, message_id, STATEMENT, at=at, receiver=owner)
    return checked(write.document(header, body, (HEADER, STATEMENT)), desk)


def _no(values: Values) -> int:
    return int(values["page"]["number"]) if "page" in values else 1


def _pages(one: Statement, owner: str, desk: Desk) -> Iterator[Values]:
    """Give an account's pages; each opens with what the one before closed with."""
    pages = pages_of(len(one.entries))
    balance = one.opening_minor
    for number in range(1, pages + 1):
        entries = one.entries[(number - 1) * PAGE : number * PAGE]
        moved = [_minor(entry) for entry in entries]
        before, balance = balance, balance + sum(moved)
        is_last = number == pages
        if is_last and balance != one.closing_minor:
            raise OwnMessageIsInvalid(
                f"{one.account}: {balance} comes of the entries, not {one.closing_minor}"
            )
        values: Values = {
            "account": account_values(one.account, one.currency, desk),
            "balances": [
                _balance(one, "OPBD", before, is_interim=one.is_interim or number > 1),
                _balance(one, "CLBD", balance, is_interim=one.is_interim or not is_last),
            ],
        }
        if pages > 1:
            values["page"] = {"number": str(number), "last": str(is_last).lower()}
        if is_last and not one.is_interim:
            values["balances"].append(_balance(one, "CLAV", balance, is_interim=False))
        if one.sequence:
            values["sequence"] = one.sequence
        if one.period is not None:
            values["period"] = {"from": stamped(one.period[0]), "to": stamped(one.period[1])}
        if entries:
            values["summary"] = _summary(moved, one.scale)
            values["entries"] = [entry_values(entry, one.currency, owner) for entry in entries]
        if one.text:
            values["text"] = ascii_line(one.text, TEXT_MAX)
        yield values


def _minor(entry: Entry) -> int:
    minor = int(entry.amount.replace(".", ""))
    return minor if entry.is_credit else -minor


def _balance(one: Statement, code: str, minor: int, *, is_interim: bool) -> Values:
    values: Values = {
        "type": {"code": code},
        "amount": (one.currency, format_minor(abs(minor), one.scale)),
        "direction": "DBIT" if minor < 0 else "CRDT",
        "date": one.dated,
    }
    if is_interim:
        values["sub_type"] = {"code": "INTM"}
    return values


def _summary(moved: Sequence[int], scale: int) -> Values:
    """Give counts and sums of entries: all, and each way."""
    credits_, debits = [one for one in moved if one > 0], [-one for one in moved if one < 0]
    net = sum(moved)
    return {
        "all": {
            "count": str(len(moved)),
            "sum": format_minor(sum(map(abs, moved)), scale),
            "net": {"amount": format_minor(abs(net), scale), "direction": "DBIT" if net < 0 else "CRDT"},
        },
        "credits": {"count": str(len(credits_)), "sum": format_minor(sum(credits_), scale)},
        "debits": {"count": str(len(debits)), "sum": format_minor(sum(debits), scale)},
    }
