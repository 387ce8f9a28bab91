"""Where the legs lie: segments, of which the last is hot and the others are sealed.

The hot one has its key and nothing else, so that filling it costs little; beside it a table says for each
account in which stretches of keys it occurs, and a question for an account reads only those. A sealed
segment has its indexes, made in bulk, one at a time between two fillings. `leg` is the view over all;
`bundle` what the legs of one act have in common. PostgreSQL has the same tables.
"""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from steelyard.storage.database import Database, PostgresDatabase, Writing
from steelyard.storage.leg_rows import (
    COLUMNS,
    COPY_END,
    COPY_HEADER,
    ROW_BITS,
    Records,
    copy_of,
    rows_of,
)

SEGMENT_LEGS = 5_000_000
DAY_LEGS_MIN = 100_000
"""A day's end seals the hot segment only if it holds this many, or a quiet node would heap up segments."""

INDEXES = ("source", "target", "bundle_id", "reference")
NAMES = tuple(name for name, _ in COLUMNS)

_GIVEN = {True: "reference IS NOT NULL", False: f"reference <> '\\x{'00' * 16}'"}
"""Where a leg has a reference: NULL says none in SQLite, 16 zero bytes in PostgreSQL's fixed format."""

_TYPES = {"bytea": "BLOB", "bigint": "INTEGER", "integer": "INTEGER", "smallint": "INTEGER"}


class Segment(Struct, frozen=True):
    """A table of legs. `indexes` counts those it has; `sealed` says that nothing is added any more."""

    number: int
    first_key: int
    last_key: int
    legs: int
    indexes: int
    sealed: int

    @property
    def name(self) -> str:
        """The table's name."""
        return f"leg_{self.number:04}"

    @property
    def indexed(self) -> bool:
        """Whether questions may lean on the indexes."""
        return self.indexes == len(INDEXES)


def segments(database: Database) -> list[Segment]:
    """Give all segments, oldest first."""
    query = "SELECT number, first_key, last_key, legs, indexes, sealed FROM leg_segment ORDER BY number"
    return [Segment(*row) for row in database.all(query)]


def begin(database: Database, tables: Writing, known: Iterable[Segment]) -> Segment:
    """Make a new hot segment, and the views over it and those `known`."""
    names = [segment.name for segment in known]
    fresh = Segment(len(names) + 1, 0, 0, 0, 0, 0)
    sqlite = database.kind == "sqlite"
    columns = ", ".join(
        f"{name} {_TYPES[kind] if sqlite else kind}{' PRIMARY KEY' if name == 'key' else ''}"
        for name, kind in COLUMNS
    )
    tables.run(f"CREATE TABLE {fresh.name} ({columns})")
    tables.run(
        f"CREATE TABLE {fresh.name}_block (account_no bigint, last_key bigint, first_key bigint,"
        f" PRIMARY KEY (account_no, last_key)){' WITHOUT ROWID' if sqlite else ''}"
    )
    fill = ", ".join("?" * 6)
    tables.run(
        f"INSERT INTO leg_segment (number, first_key, last_key, legs, indexes, sealed) VALUES ({fill})",
        (fresh.number, 0, 0, 0, 0, 0),
    )
    _make_views(tables, [*names, fresh.name])
    return fresh


def fill(
    database: Database, tables: Writing, hot: Segment, records: Records, keys: npt.NDArray[np.int64]
) -> Segment:
    """Add legs to the hot segment; gives it as it is then."""
    if isinstance(database, PostgresDatabase):
        database.copy(hot.name, NAMES, COPY_HEADER + copy_of(records, keys) + COPY_END)
    else:
        tables.fill(hot.name, NAMES, rows_of(records, keys))
    first, last = int(keys[0]), int(keys[-1])
    accounts = np.unique(np.concatenate((records["source"], records["target"]))).tolist()
    blocks = ((account, last, first) for account in accounts)
    tables.fill(f"{hot.name}_block", ("account_no", "last_key", "first_key"), blocks)
    filled = Segment(hot.number, hot.first_key or first, last, hot.legs + len(records), 0, 0)
    _note(tables, filled)
    return filled


def seal(tables: Writing, hot: Segment) -> Segment:
    """Say that nothing is added to a segment any more; its indexes come with `index_next`."""
    sealed = Segment(hot.number, hot.first_key, hot.last_key, hot.legs, 0, 1)
    _note(tables, sealed)
    return sealed


def index_next(database: Database, tables: Writing, segment: Segment) -> Segment:
    """Make the next index of a sealed segment; after the last the list of stretches goes."""
    column, sqlite = INDEXES[segment.indexes], database.kind == "sqlite"
    given = f" WHERE {_GIVEN[sqlite]}" if column == "reference" else ""
    tables.run(f"CREATE INDEX {segment.name}_{column} ON {segment.name} ({column}, key){given}")
    more = Segment(segment.number, segment.first_key, segment.last_key, segment.legs, segment.indexes + 1, 1)
    _note(tables, more)
    if more.indexed:
        tables.run(f"DROP TABLE {segment.name}_block")
    return more


def _note(tables: Writing, segment: Segment) -> None:
    """Write down how a segment stands."""
    tables.run(
        "UPDATE leg_segment SET first_key = ?, last_key = ?, legs = ?, indexes = ?, sealed = ? WHERE number = ?",
        (
            segment.first_key,
            segment.last_key,
            segment.legs,
            segment.indexes,
            segment.sealed,
            segment.number,
        ),
    )


def _make_views(tables: Writing, names: list[str]) -> None:
    """Make `leg` and `bundle` anew over the tables named."""
    tables.run("DROP VIEW IF EXISTS bundle")
    tables.run("DROP VIEW IF EXISTS leg")
    each = f"SELECT {NAMES[0]}, key >> {ROW_BITS} AS seq, {', '.join(NAMES[1:])} FROM"
    tables.run(f"CREATE VIEW leg AS {' UNION ALL '.join(f'{each} {name}' for name in names)}")
    tables.run(
        "CREATE VIEW bundle AS SELECT bundle_id, act, seq, position, min(key) AS key, min(kind) AS kind,"
        " min(policy) AS policy, min(at_ns) AS at_ns, count(*) AS legs"
        " FROM leg GROUP BY bundle_id, act, seq, position"
    )
