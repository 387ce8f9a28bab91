"""A queue in a CSV file: payments, balances and limits of one or more currencies, a row each.

    row,payer,payee,currency,amount_minor,id,priority,may_split
    balance,ANNANOR0,,NOK,5000,,,
    payment,ANNANOR0,BRAMSUD0,NOK,12000,p1,high,no
    limit,ANNANOR0,*,NOK,20000,,,

A balance is the payer's; an account without one has nothing. A limit is what its payer may still lose to the payee,
`*` for all others. Columns may stand in any order; of a payment `id`, `priority` (normal) and `may_split` (yes) may
be left out. Amounts are minor units. The first thing that is wrong ends the reading, with its place.
"""

import csv
from collections.abc import Iterator
from io import StringIO

from msgspec import Struct

from steelyard.liquidity.queue import ALL, Queued, Room

KINDS = ("balance", "payment", "limit")
NEEDED = ("row", "payer", "payee", "currency", "amount_minor")
KNOWN = (*NEEDED, "id", "priority", "may_split")
CLASSES = ("urgent", "high", "normal")
SPLITS = {"": True, "yes": True, "no": False}
SIZE_END = 1 << 62
FIELD_MAX = 200


class Queue(Struct):
    """What stands in a file about one currency."""

    balances: dict[str, int]
    payments: list[Queued]
    limits: dict[tuple[str, str], int]

    @property
    def rooms(self) -> list[Room]:
        """The limits as the algorithms take them."""
        return [Room(*pair, minor) for pair, minor in self.limits.items()]

    @property
    def accounts(self) -> dict[str, int]:
        """What everybody named may use; nothing where there is no balance."""
        named = [name for one in self.payments for name in (one.payer, one.payee)]
        named += [name for pair in self.limits for name in pair if name != ALL]
        return dict.fromkeys(named, 0) | self.balances


class RowIsWrong(ValueError):
    """A row that is none; the text names row, field and rule."""


def read(data: bytes) -> dict[str, Queue]:
    """Read the queues of a file by currency, ascending; raises RowIsWrong."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RowIsWrong(f"row 1: the file is not UTF-8 ({error.reason})") from None
    found: dict[str, Queue] = {}
    ids: set[str] = set()
    for number, row in _rows(text):
        _take(found, ids, number, row)
    if not found:
        raise RowIsWrong("row 2: there is no row")
    return {currency: found[currency] for currency in sorted(found)}


def _rows(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Give the rows by the names of their columns, with the line that each ends on."""
    lines = csv.reader(StringIO(text, newline=""), strict=True)
    try:
        head = [name.strip() for name in next(lines, [])]
        missing = [name for name in NEEDED if name not in head]
        strange = [name for name in head if name not in KNOWN]
        if missing:
            comma = "" if len(head) > 1 else "; commas part the columns"
            raise RowIsWrong(
                f"row 1, {missing[0]}: there is no such column{comma}; needed are {', '.join(NEEDED)}"
            )
        if strange or len(set(head)) < len(head):
            raise RowIsWrong(f"row 1, {strange[0] if strange else 'a column'}: is not known, or stands twice")
        for line in lines:
            if not any(line):
                continue
            if len(line) != len(head):
                raise RowIsWrong(f"row {lines.line_num}: has {len(line)} fields, the first row {len(head)}")
            yield lines.line_num, {name: cell.strip() for name, cell in zip(head, line, strict=True)}
    except csv.Error as error:
        raise RowIsWrong(f"row {lines.line_num}: {error}") from None


def _take(found: dict[str, Queue], ids: set[str], number: int, row: dict[str, str]) -> None:
    """Add one row, or raise with the first field that is wrong."""
    kind, payer, payee = row["row"], row["payer"], row["payee"]

    def need(good: bool, field: str, rule: str) -> None:
        if not good:
            raise RowIsWrong(f"row {number}, {field}: {row.get(field, '')[:40]!r} {rule}")

    need(kind in KINDS, "row", f"is none of {', '.join(KINDS)}")
    for field in ("payer", "currency") if kind == "balance" else ("payer", "payee", "currency"):
        need(0 < len(row[field]) <= FIELD_MAX, field, "is empty or too long")
    need(payer != ALL, "payer", "names nobody")
    minor = _integer(row["amount_minor"])
    need(minor is not None, "amount_minor", "is no whole number of minor units below 2^62")
    assert minor is not None
    queue = found.setdefault(row["currency"], Queue({}, [], {}))
    if kind == "balance":
        need(not payee, "payee", "has no place in a balance")
        need(payer not in queue.balances, "payer", "has a balance already")
        queue.balances[payer] = minor
        return
    need(payee != payer, "payee", "is the payer itself")
    if kind == "limit":
        need(minor >= 0, "amount_minor", "is below 0")
        need((payer, payee) not in queue.limits, "payee", "has a limit of this payer already")
        queue.limits[payer, payee] = minor
        return
    need(payee != ALL, "payee", "names nobody")
    need(minor > 0, "amount_minor", "is not above 0")
    id = row.get("id") or f"row {number}"
    need(id not in ids, "id", "is there twice")
    need(row.get("priority", "") in ("", *CLASSES), "priority", f"is none of {', '.join(CLASSES)}")
    need(row.get("may_split", "") in SPLITS, "may_split", "is neither yes nor no")
    ids.add(id)
    queue.payments.append(
        Queued(id, payer, payee, minor, CLASSES.index(row.get("priority") or "normal"), number,
               may_split=SPLITS[row.get("may_split", "")])
    )  # fmt: skip


def _integer(text: str) -> int | None:
    """Read a whole number, below zero too."""
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 19:
        return None
    value = int(text)
    return value if -SIZE_END < value < SIZE_END else None
