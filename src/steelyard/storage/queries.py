"""Questions to the projection: one reader per process, always on the generation that serves.

Rows come as dicts by column name (`tables.py` says which); lists go by keyset, so they stay without gap
while rows arrive. What is asked over legs looks into each segment in turn: by index where it is sealed, by
the stretches in which an account occurs where it is hot.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import wraps
from heapq import merge
from itertools import groupby, islice
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from steelyard.engine.ids import AHEAD_MS, HORIZON_MS
from steelyard.storage.database import DatabaseFault, PostgresDatabase, SqliteDatabase
from steelyard.storage.generations import Generations
from steelyard.storage.leg_rows import ROW_BITS
from steelyard.storage.migrate import version
from steelyard.storage.segments import Segment, segments

Found = dict[str, Any]
Filter = tuple[str, str, Any]
"""(column, one of = != < <= > >= in, value); the column is the caller's constant, never input."""

ORDER: dict[str, tuple[str, ...]] = {
    "account": ("account_no",),
    "actor": ("owner", "actor"),
    "approval": ("entered", "n"),
    "asset": ("asset_no",),
    "batch": ("number",),
    "batch_member": ("participant", "number", "asset"),
    "balance_day": ("account_no", "on_day"),
    "calendar": ("asset", "revision"),
    "claim": ("entered", "n"),
    "claim_part": ("key", "n"),
    "clearing_row": ("key", "n"),
    "command": ("key",),
    "cycle": ("number",),
    "cycle_member": ("participant", "number", "asset"),
    "cycle_cut": ("number",),
    "cycle_schedule": ("assets",),
    "credit_case": ("entered", "n"),
    "credit_line": ("line_id",),
    "credit_use": ("key", "n"),
    "event": ("key", "n"),
    "funding": ("entered", "n"),
    "fx_trade": ("entered", "n"),
    "fx_order": ("entered", "n"),
    "fx_fill": ("key", "n"),
    "member": ("code",),
    "pack": ("kind", "pack_id", "version"),
    "own_limit": ("limit_no",),
    "own_rule": ("owner", "asset", "kind", "other"),
    "participant": ("bic",),
    "payment": ("number",),
    "pace": ("key", "n"),
    "pool_choice": ("participant",),
    "payment_move": ("payment", "key", "n"),
    "quote": ("entered", "n"),
    "rate": ("base", "quote", "kind"),
    "redemption": ("entered", "n"),
    "reserve_check": ("key", "n"),
    "ring": ("entered", "n"),
    "ring_holder": ("entered", "n", "holder"),
    "ring_standing": ("owner",),
    "surplus_offer": ("owner", "held"),
    "rule": ("rule",),
    "setting": ("owner", "name"),
    "sheet": ("provider", "sell", "buy"),
    "site": ("site",),
    "receipt_class": ("code",),
    "stock": ("site", "grade"),
    "receipt": ("entered", "n"),
    "receipt_move": ("key", "n"),
    "delivery": ("entered", "n"),
    "delivery_move": ("key", "n"),
    "forward": ("entered", "n"),
    "forward_move": ("key", "n"),
    "voyage_move": ("key", "n"),
    "bill_link": ("key", "n"),
    "voyage": ("entered", "n"),
    "slot": ("berth", "from_at", "slot_id"),
    "bill": ("entered", "n"),
    "tender": ("entered", "n"),
    "tender_bid": ("entered", "n"),
    "tender_award": ("key", "n"),
    "rfq": ("entered", "n"),
    "rfq_answer": ("entered", "n"),
    "supply": ("entered", "n"),
    "supply_month": ("contract_id", "month"),
    "supply_year": ("contract_id", "year"),
    "energy_match": ("entered", "n"),
    "energy_deal": ("entered", "n"),
    "energy_bill": ("entered", "n"),
    "energy_index": ("name", "month"),
    "auction": ("entered", "n"),
    "auction_bid": ("entered", "n"),
    "commitment": ("entered", "n"),
    "price": ("series", "on_day", "version"),
    "price_method": ("series", "version"),
    "otc_trade": ("entered", "n"),
    "complaint": ("number",),
    "complaint_step": ("number", "key"),
    "instrument": ("code",),
    "market_order": ("entered", "n"),
    "market_trade": ("entered", "n"),
    "market_feed": ("instrument", "seq"),
    "market_level": ("instrument", "currency", "side", "price"),
    "firm_quote": ("entered", "n"),
    "firm_quote_standing": ("quote_no",),
    "trade_money": ("key", "n"),
}
"""What each list is sorted by; its values in a row are the cursor to the next page."""

_OPERATORS = frozenset({"=", "!=", "<", "<=", ">", ">="})
_FIRST, _LAST = -1, 1 << 62
_HALF = 1_000_000_000
_SUMS = f"sum(({{1}}) / {_HALF}) AS {{0}}_high, sum(({{1}}) % {_HALF}) AS {{0}}_low"
_BOUGHT = "CASE WHEN state BETWEEN 9 AND 11 THEN target_minor - abandoned_minor ELSE settled_minor END"
_ZERO = bytes(16)

POINTER_AGE_SECONDS = 0.5
"""For how long a reader takes it that no other generation has been swapped in."""

P = ParamSpec("P")
T = TypeVar("T")


def _steady(
    ask: "Callable[Concatenate[Reader, P], T]",
) -> "Callable[Concatenate[Reader, P], T]":
    """Ask again, once, where tables changed under the question (swapped, indexed, line lost)."""

    @wraps(ask)
    def asked(self: "Reader", /, *values: P.args, **named: P.kwargs) -> T:
        self._follow()
        try:
            return ask(self, *values, **named)
        except DatabaseFault:
            self._follow(anew=True)
            return ask(self, *values, **named)

    return asked


def place_of(key: int) -> tuple[int, int]:
    """Give (seq, position) of a command's key.

    >>> place_of(7 << 20 | 3)
    (7, 3)
    """
    return key >> ROW_BITS, key & ((1 << ROW_BITS) - 1)


def key_of(seq: int, position: int) -> int:
    """Give the key of a command's place."""
    return seq << ROW_BITS | position


class Reader:
    """Reads the tables that serve at an address. Threads take turns."""

    def __init__(self, address: str | Path) -> None:
        self._generations = Generations(address)
        self._generation = 0
        self._database: SqliteDatabase | PostgresDatabase | None = None

    def close(self) -> None:
        """Close the tables."""
        if self._database is not None:
            self._database.close()
            self._database = None
        self._generations.close()

    @_steady
    def applied_seq(self) -> int:
        """Give the last row of the journal that the tables hold; 0 before the first."""
        found = self._tables.one("SELECT seq FROM cursor WHERE id = 1")
        return int(found[0]) if found else 0

    @_steady
    def page(
        self,
        table: str,
        filters: Sequence[Filter] = (),
        *,
        any_of: Sequence[Filter] = (),
        after: Sequence[Any] = (),
        limit: int = 50,
        newest_first: bool = False,
    ) -> list[Found]:
        """Give a page of a list: rows that pass all `filters` and one of `any_of` (if any are given).

        `after` holds the ORDER values of the last row of the page before; empty for the first page.
        """
        order = ORDER[table]
        if not any_of:
            return self._select(table, filters, order, after, limit, newest_first)
        found = [
            self._select(table, [*filters, one], order, after, limit, newest_first) for one in any_of
        ]  # one index each; a single OR would sort everything

        def place(row: Found) -> tuple[Any, ...]:
            return tuple(row[name] for name in order)

        merged = merge(*found, key=place, reverse=newest_first)
        return list(islice((next(rows) for _, rows in groupby(merged, key=place)), limit))

    @_steady
    def one(self, table: str, /, **columns: Any) -> Found | None:
        """Give the first row whose columns have these values, or None."""
        filters = [(name, "=", value) for name, value in columns.items()]
        found = self._select(table, filters, ORDER[table], (), 1, False)
        return found[0] if found else None

    @_steady
    def command_place(self, command_id: bytes) -> tuple[int, int] | None:
        """Give (seq, position) of the first command, or the first bundle of the bulk lane, of that id.

        A bundle is looked for among the rows of the hours in which its id, which carries its time, was
        accepted.
        """
        found = self._tables.one("SELECT min(key) FROM command WHERE id = ?", (command_id,))
        if found and found[0] is not None:
            return place_of(found[0])
        ms = int.from_bytes(command_id[:6], "big")
        after, before = self._keys_in((ms - AHEAD_MS) * 1_000_000, (ms + HORIZON_MS) * 1_000_000)
        for row in self._legs("bundle_id", command_id, after, before, 1, False):
            return row["seq"], row["position"]
        return None

    @_steady
    def timeline(self, uetr: bytes) -> list[Found]:
        """Give the steps of a payment, oldest first."""
        query = (
            "SELECT m.* FROM payment p JOIN payment_move m ON m.payment = p.number WHERE p.uetr = ?"
            " ORDER BY m.key, m.n"
        )
        return self._tables.named(query, (uetr,))

    @_steady
    def payment_legs(self, uetr: bytes) -> list[Found]:
        """Give all legs booked for a payment, in order: reserved, settled, released."""
        keys = (
            "SELECT entered FROM payment WHERE uetr = ? UNION"
            " SELECT m.key FROM payment p JOIN payment_move m ON m.payment = p.number WHERE p.uetr = ?"
        )
        query = f"SELECT leg_key, legs FROM command WHERE key IN ({keys}) AND legs > 0 ORDER BY key"
        with self._tables.reading():
            spans = self._tables.all(query, (uetr, uetr))
            return [row for span in spans for row in self._span(*span) if row["reference"] == uetr]

    @_steady
    def command_legs(self, key: int) -> list[Found]:
        """Give the legs that a command booked, in order."""
        with self._tables.reading():
            span = self._tables.one("SELECT leg_key, legs FROM command WHERE key = ?", (key,))
            return self._span(*span) if span and span[1] else []

    @_steady
    def bundle_legs(self, bundle_id: bytes, *, limit: int = 100_000) -> list[Found]:
        """Give the legs of a bundle in all its acts, in order."""
        return self._legs("bundle_id", bundle_id, _FIRST, _LAST, limit, False)

    @_steady
    def reference_legs(self, reference: bytes, *, limit: int = 1000) -> list[Found]:
        """Give legs booked under a reference, in order. Reads the hot segment whole; for few questions."""
        return self._legs("reference", reference, _FIRST, _LAST, limit, False)

    @_steady
    def account_legs(
        self,
        account_no: int,
        *,
        after: int = _FIRST,
        before: int = _LAST,
        limit: int = 50,
        newest_first: bool = True,
    ) -> list[Found]:
        """Give an account's legs with keys between `after` and `before` (both exclusive)."""
        return self._legs("", account_no, after, before, limit, newest_first)

    @_steady
    def statement(self, account_no: int, on_day: int) -> Found | None:
        """Give the day's statement: number, opening and closing balance, the span of its entries' keys."""
        found = self._tables.named(
            "SELECT * FROM balance_day WHERE account_no = ? AND on_day = ?", (account_no, on_day)
        )
        return found[0] if found else None

    def statement_legs(self, statement: Found, *, limit: int = 1_000_000) -> list[Found]:
        """Give the legs that changed the settled balance on a statement's day, oldest first."""
        opened, closed = statement["opened_key"], statement["closed_key"]
        found = self.account_legs(
            statement["account_no"], after=opened - 1, before=closed, limit=limit, newest_first=False
        )
        return [leg for leg in found if leg["act"] in (1, 3) and leg["amount_minor"]]

    @_steady
    def paid_by_day(self, from_on: int) -> list[Found]:
        """Give what banks have paid one another since a date, by payer, payee, currencies and settlement date.

        Parts of a payment that is not over count as far as they have settled. Reads all payments since that
        date: for few questions.
        """
        query = (
            "SELECT debtor_agent, creditor_agent, source, target, settlement_on,"
            f" {_SUMS.format('sold', 'source_minor')}, {_SUMS.format('bought', _BOUGHT)}"
            " FROM payment WHERE settlement_on >= ? AND (state BETWEEN 9 AND 11 OR settled_minor > 0)"
            " GROUP BY debtor_agent, creditor_agent, source, target, settlement_on"
        )
        return [_summed(row, "sold", "bought") for row in self._tables.named(query, (from_on,))]

    @_steady
    def sent_by_day(self, asset: str, from_on: int, to_on: int) -> list[Found]:
        """Give what each bank has sent in of a currency from a date to the one before another, by settlement date."""
        query = (
            f"SELECT debtor_agent, settlement_on, {_SUMS.format('sent', 'source_minor')} FROM payment"
            " WHERE source = ? AND settlement_on >= ? AND settlement_on < ? AND state < 20"
            " GROUP BY debtor_agent, settlement_on"
        )
        return [_summed(row, "sent") for row in self._tables.named(query, (asset, from_on, to_on))]

    @_steady
    def sent_on(self, asset: str, on: int) -> list[Found]:
        """Give the payments of a currency for a settlement date, those left out that were refused or taken back."""
        query = (
            "SELECT debtor_agent, creditor_agent, source_minor, entered_at, settled_at FROM payment"
            " WHERE source = ? AND settlement_on = ? AND state < 20 ORDER BY number"
        )
        return self._tables.named(query, (asset, on))

    @property
    def _tables(self) -> SqliteDatabase | PostgresDatabase:
        assert self._database is not None
        return self._database

    def _follow(self, *, anew: bool = False) -> None:
        """Open the generation that serves, if it is another than before."""
        now = self._generations.current(age_s=0.0 if anew else POINTER_AGE_SECONDS)
        if self._database is not None and now == self._generation and not anew:
            return
        if self._database is not None:
            self._database.close()
            self._database = None
        database = self._generations.open(now, read_only=True)
        if not version(database, "projection"):
            database.close()
            raise DatabaseFault("there is no projection yet")
        self._database, self._generation = database, now

    def _select(
        self,
        table: str,
        filters: Sequence[Filter],
        order: Sequence[str],
        after: Sequence[Any],
        limit: int,
        newest_first: bool,
    ) -> list[Found]:
        conditions, values = [], []
        for column, operator, value in filters:
            if not column.isidentifier():
                raise ValueError(f"{column!r} is no column")
            if operator == "in":
                conditions.append(f"{column} IN ({', '.join('?' * len(value))})" if value else "1 = 0")
                values += list(value)
            elif operator in _OPERATORS:
                conditions.append(f"{column} {operator} ?")
                values.append(value)
            else:
                raise ValueError(f"{operator!r} is no operator")
        if after:
            marks = ", ".join("?" * len(order))
            conditions.append(f"({', '.join(order)}) {'<' if newest_first else '>'} ({marks})")
            values += list(after)
        where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        by = ", ".join(f"{name}{' DESC' if newest_first else ''}" for name in order)
        return self._tables.named(f"SELECT * FROM {table}{where} ORDER BY {by} LIMIT ?", (*values, limit))

    def _keys_in(self, from_at: int, to_at: int) -> tuple[int, int]:
        """Give the bounds (exclusive) of the keys of all rows with commands between two instants.

        Rows are numbered without gap and their times rise, so each end is found by halving.
        """
        return (self._first_row(from_at) << ROW_BITS) - 1, (self._first_row(to_at) + 1) << ROW_BITS

    def _first_row(self, at: int) -> int:
        """Give the first row that ends at an instant or after it; the one after the last where none does."""
        found = self._tables.one("SELECT max(seq) FROM journal_row")
        low, high = 1, (found[0] if found and found[0] else 0) + 1
        while low < high:
            middle = (low + high) // 2
            row = self._tables.one("SELECT time_last FROM journal_row WHERE seq = ?", (middle,))
            if row is not None and row[0] < at:
                low = middle + 1
            else:
                high = middle
        return low

    def _span(self, first_key: int, count: int) -> list[Found]:
        """Give legs by where they begin and how many there are."""
        last_key = first_key + count - 1
        for segment in segments(self._tables):
            if segment.first_key <= first_key <= segment.last_key:
                query = f"SELECT * FROM {segment.name} WHERE key BETWEEN ? AND ? ORDER BY key"
                return [_leg(row) for row in self._tables.named(query, (first_key, last_key))]
        return []

    def _legs(
        self, column: str, value: Any, after: int, before: int, limit: int, newest_first: bool
    ) -> list[Found]:
        """Give legs by one column (or by account, where none is named) out of all segments."""
        found: list[Found] = []
        with self._tables.reading():
            known = [
                s for s in segments(self._tables) if s.legs and s.last_key > after and s.first_key < before
            ]
            for segment in reversed(known) if newest_first else known:
                columns = (column,) if column else ("source", "target")
                for part in self._parts(segment, column, value, after, before, newest_first):
                    low, high = part
                    found += self._in_part(
                        segment, columns, value, low, high, limit - len(found), newest_first
                    )
                    if len(found) >= limit:
                        return found
        return found

    def _parts(
        self, segment: Segment, column: str, account_no: Any, after: int, before: int, newest_first: bool
    ) -> Iterator[tuple[int, int]]:
        """Give the stretches of a segment (both ends exclusive) that must be looked through."""
        if segment.indexed or column:
            yield after, before
            return
        way = "DESC" if newest_first else "ASC"
        query = (
            f"SELECT first_key, last_key FROM {segment.name}_block"
            f" WHERE account_no = ? AND last_key > ? AND first_key < ? ORDER BY last_key {way}"
        )
        for first, last in self._tables.all(query, (account_no, after, before)):
            yield max(after, first - 1), min(before, last + 1)

    def _in_part(
        self,
        segment: Segment,
        columns: Sequence[str],
        value: Any,
        low: int,
        high: int,
        limit: int,
        newest_first: bool,
    ) -> list[Found]:
        """Give legs of one stretch: one question per column where there is an index, else one in all."""
        way = "DESC" if newest_first else "ASC"
        asked = [[name] for name in columns] if segment.indexed else [list(columns)]
        found: list[Found] = []
        for names in asked:
            match = " OR ".join(f"{name} = ?" for name in names)
            query = f"SELECT * FROM {segment.name} WHERE ({match}) AND key > ? AND key < ? ORDER BY key {way} LIMIT ?"
            found += self._tables.named(query, (*[value] * len(names), low, high, limit))
        found.sort(key=lambda row: int(row["key"]), reverse=newest_first)
        return [_leg(row) for row in found[:limit]]


def _summed(row: Found, *names: str) -> Found:
    """Put sums together that were taken in two halves, so that none passes 64 bits in the database."""
    for name in names:
        row[f"{name}_minor"] = int(row.pop(f"{name}_high")) * _HALF + int(row.pop(f"{name}_low"))
    return row


def _leg(row: Found) -> Found:
    """Say nothing of ids that are zero, and where the leg's row is."""
    for name in ("reference", "original"):
        if row[name] is None or row[name] == _ZERO:
            row[name] = b""
    row["seq"] = row["key"] >> ROW_BITS
    return row
