"""The projection: the journal's rows as tables, a transaction at a time, the cursor in the same one.

Killed anywhere it goes on where its cursor stands, without gap or double. It never writes the journal and
can be made anew beside the tables that serve. One process makes it; `queries.py` reads it.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from msgspec import Struct

from steelyard.storage import added, segments
from steelyard.storage.added import Moved
from steelyard.storage.database import PostgresDatabase, SqliteDatabase, Writing
from steelyard.storage.gather import Batch, write_changes
from steelyard.storage.generations import Generations
from steelyard.storage.journal import NO_HASH, CorruptJournal, Journal, Row
from steelyard.storage.leg_rows import Records, counters_of, keys_of, records_of
from steelyard.storage.migrate import migrate

LEGS_MAX = 50_000
MS_MAX = 500
ROWS_AHEAD = 64
ACCOUNTS_KEPT = 200_000

_MOVE_PAYMENT = (
    "UPDATE payment SET state = ?, refusal = ?, moved_at = ?, moved = ?,"
    " bundle_id = CASE WHEN ? THEN ? ELSE bundle_id END,"
    " settled_at = CASE WHEN settled_at = 0 THEN ? ELSE settled_at END WHERE number = ?"
)
_COUNT = (
    "INSERT INTO account (account_no, name, owner, asset_no, kind, state, key, debits_settled, credits_settled,"
    " debits_reserved, credits_reserved) VALUES (?, '', '', 0, '', '', 0, ?, ?, ?, ?)"
    " ON CONFLICT (account_no) DO UPDATE SET debits_settled = excluded.debits_settled,"
    " credits_settled = excluded.credits_settled, debits_reserved = excluded.debits_reserved,"
    " credits_reserved = excluded.credits_reserved"
)
_CURSOR = "seq, hash, at_ns, commands, payments, legs"


class Cursor(Struct, frozen=True):
    """How far the tables are: the last row, its hash and time, and what was counted up to it."""

    seq: int
    hash: bytes
    at_ns: int
    commands: int
    payments: int
    legs: int


class Projection:
    """One generation of tables, to be written by one process."""

    def __init__(
        self, database: SqliteDatabase | PostgresDatabase, *, segment_legs: int = segments.SEGMENT_LEGS
    ) -> None:
        self.database = database
        self.segment_legs = segment_legs
        migrate(database, "projection")
        self._accounts: dict[int, list[int]] = {}
        self._ahead: list[Row] = []
        self._stale = False
        self._load()

    @property
    def applied_seq(self) -> int:
        """The last row of the journal that the tables hold."""
        return self.cursor.seq

    def apply(self, rows: list[Row]) -> int:
        """Add rows, which follow the cursor, in one transaction; gives how many legs came."""
        self._refresh()
        batch = Batch(self.cursor.payments)
        before = self.cursor
        seq, sealed = before.seq, before.hash
        for row in rows:
            if row.seq != seq + 1 or row.prev_hash != sealed:
                raise CorruptJournal(seq + 1, f"found row {row.seq}, which does not follow")
            batch.add(row)
            seq, sealed = row.seq, row.hash
        if rows:
            after = Cursor(
                seq,
                sealed,
                rows[-1].time_last,
                before.commands + len(batch.commands),
                batch.payments,
                before.legs + batch.legs,
            )
            self._commit(batch, after)
        return batch.legs

    def take(self, journal: Journal, *, legs_max: int = LEGS_MAX, ms_max: int = MS_MAX) -> int:
        """Read on and add what is there, at most one transaction's worth; gives how many rows.

        A transaction ends at `legs_max` legs or when half of `ms_max` has gone into reading: writing
        takes about as long. A pending index of a sealed segment is made first, one a call.
        """
        self._refresh()
        self._tend()
        if not self._ahead:
            self._ahead = journal.read(self.cursor.seq, limit=ROWS_AHEAD)
        until = time.monotonic() + ms_max / 2000
        taken, bytes_left = 0, legs_max * 400  # a leg stands in about 300 bytes of its row
        for row in self._ahead:
            taken += 1
            bytes_left -= len(row.body)
            if bytes_left <= 0 or time.monotonic() > until:
                break
        rows, self._ahead = self._ahead[:taken], self._ahead[taken:]
        self.apply(rows)
        return taken

    def close(self) -> None:
        """Close the tables."""
        self.database.close()

    def _refresh(self) -> None:
        """After a transaction that failed, or whose end nobody heard, read anew how far the tables are."""
        if self._stale:
            self._accounts.clear()
            self._ahead.clear()
            self._load()
            self._stale = False

    def _load(self) -> None:
        """Read the cursor and the segments; begin both where there are none."""
        found = self.database.one(f"SELECT {_CURSOR} FROM cursor WHERE id = 1")
        known = segments.segments(self.database)
        if found is None or not known:
            with self.database.writing() as tables:
                if found is None:
                    tables.run(
                        f"INSERT INTO cursor (id, {_CURSOR}) VALUES (1, ?, ?, ?, ?, ?, ?)",
                        (0, NO_HASH, 0, 0, 0, 0),
                    )
                if not known:
                    known = [segments.begin(self.database, tables, [])]
            found = found or (0, NO_HASH, 0, 0, 0, 0)
        self.cursor = Cursor(*found)
        self._segments = known

    def _commit(self, batch: Batch, after: Cursor) -> None:
        """Write a batch with its cursor; where it fails, what is in memory is read anew."""
        records = records_of(batch.leg_parts)
        try:
            with self.database.writing() as tables:
                hot = self._write(tables, batch, records, after)
        except BaseException:
            self._stale = True
            raise
        if len(self._accounts) > ACCOUNTS_KEPT:
            self._accounts.clear()
        self.cursor = after
        self._segments[-1] = hot
        if hot.legs >= self.segment_legs or (batch.days_ended and hot.legs >= segments.DAY_LEGS_MIN):
            self._roll()

    def _write(self, tables: Any, batch: Batch, records: Records, after: Cursor) -> segments.Segment:
        """Write a batch; gives the hot segment as it is then."""
        moved = tables.run(
            "UPDATE cursor SET seq = ?, hash = ?, at_ns = ?, commands = ?, payments = ?, legs = ?"
            " WHERE id = 1 AND seq = ? RETURNING seq",
            (*_values(after), self.cursor.seq),
        )
        if not moved:
            raise CorruptJournal(after.seq, "another process writes these tables")
        tables.fill("command", added.COMMAND, batch.commands)
        tables.fill("event", added.EVENT, batch.events)
        tables.fill("quote", added.QUOTE, batch.quotes.values())
        tables.fill("payment", added.PAYMENT, batch.entered.values())
        self._write_moves(tables, batch)
        write_changes(tables, batch)
        commands, legs = self.cursor.commands, self.cursor.legs
        totals = []
        for seq, count, row_legs, time_last in batch.rows:
            commands, legs = commands + count, legs + row_legs
            totals.append((seq, commands, legs, time_last))
        tables.fill("journal_row", ("seq", "commands", "legs", "time_last"), totals)
        hot = self._segments[-1]
        if not len(records):
            return hot
        self._write_counters(tables, counters_of(records))
        return segments.fill(self.database, tables, hot, records, keys_of(records))

    def _write_moves(self, tables: Writing, batch: Batch) -> None:
        """Write the steps of payments, and where those stand that entered before."""
        numbers = {uetr: row[0] for uetr, row in batch.entered.items()}
        older = [uetr for uetr in batch.moved if uetr not in numbers]
        for start in range(0, len(older), 500):
            some = older[start : start + 500]
            marks = ", ".join("?" * len(some))
            found = tables.run(f"SELECT uetr, number FROM payment WHERE uetr IN ({marks})", some)
            numbers.update((bytes(uetr), number) for uetr, number in found)
        tables.fill(
            "payment_move",
            added.MOVE,
            [(numbers[uetr], *move) for uetr, move in batch.moves if uetr in numbers],
        )
        tables.run_many(
            _MOVE_PAYMENT,
            [_moved(moved, numbers[uetr]) for uetr, moved in batch.moved.items() if uetr in numbers],
        )

    def _write_counters(self, tables: Writing, added: dict[int, list[int]]) -> None:
        """Raise the counters of accounts."""
        kept = self._accounts
        unknown = [number for number in added if number not in kept]
        for start in range(0, len(unknown), 500):
            some = unknown[start : start + 500]
            query = (
                "SELECT account_no, debits_settled, credits_settled, debits_reserved, credits_reserved"
                f" FROM account WHERE account_no IN ({', '.join('?' * len(some))})"
            )
            for number, *counters in tables.run(query, some):
                kept[number] = [int(each) for each in counters]
        changed = []
        for number, sums in added.items():
            before = kept.get(number, (0, 0, 0, 0))
            after = kept[number] = [one + more for one, more in zip(before, sums, strict=True)]
            changed.append((number, *map(str, after)))
        tables.run_many(_COUNT, changed)

    def _roll(self) -> None:
        """Seal the hot segment and begin the next."""
        self._stale = True
        with self.database.writing() as tables:
            sealed = segments.seal(tables, self._segments[-1])
            fresh = segments.begin(self.database, tables, self._segments)
        self._segments[-1] = sealed
        self._segments.append(fresh)
        self._stale = False

    def _tend(self) -> None:
        """Make one index that a sealed segment still lacks."""
        for place, segment in enumerate(self._segments[:-1]):
            if not segment.indexed:
                self._stale = True
                with self.database.writing() as tables:
                    self._segments[place] = segments.index_next(self.database, tables, segment)
                self._stale = False
                return


def _values(cursor: Cursor) -> tuple[Any, ...]:
    return cursor.seq, cursor.hash, cursor.at_ns, cursor.commands, cursor.payments, cursor.legs


def _moved(moved: Moved, number: int) -> tuple[Any, ...]:
    bundle = moved.bundle_id
    return moved.state, moved.refusal, moved.at, moved.key, bool(bundle), bundle, moved.settled_at, number


class Projector:
    """The projection at an address: whichever generation serves, followed from swap to swap."""

    def __init__(self, address: str | Path, *, segment_legs: int = segments.SEGMENT_LEGS) -> None:
        self._segment_legs = segment_legs
        self.generations = Generations(address)
        self.generation = self.generations.current()
        self.projection = self._open(self.generation)

    @property
    def applied_seq(self) -> int:
        """The last row that the serving tables hold."""
        return self.projection.applied_seq

    def take(self, journal: Journal) -> int:
        """Add what is there, at most one transaction's worth; gives how many rows."""
        now = self.generations.current()
        if now != self.generation:
            self.projection.close()
            self.projection, self.generation = self._open(now), now
        return self.projection.take(journal)

    def close(self) -> None:
        """Close the tables."""
        self.projection.close()
        self.generations.close()

    def _open(self, generation: int) -> Projection:
        return Projection(self.generations.open(generation), segment_legs=self._segment_legs)


def rebuild(
    address: str | Path,
    journal: Journal,
    *,
    tell: Callable[[int], None] = lambda seq: None,
    segment_legs: int = segments.SEGMENT_LEGS,
) -> int:
    """Make all tables anew from row 1 beside those that serve, swap, and drop the old; gives the last row.

    `tell` hears after each transaction how far it is.
    """
    generations = Generations(address)
    old = generations.current()
    new = old + 1
    generations.drop(new)  # what an unfinished rebuild left
    projection = Projection(generations.open(new), segment_legs=segment_legs)
    while projection.take(journal):
        tell(projection.applied_seq)
    while any(not segment.indexed for segment in projection._segments[:-1]):
        projection._tend()
    reached = projection.applied_seq
    projection.close()
    generations.serve(new)
    generations.drop(old)
    generations.close()
    return reached
