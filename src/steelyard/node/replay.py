"""Replay: run the journal again and compare. Other bytes than those recorded stop the node.

Each row is checked in its chain, cut into its acts, and every command is given to the Machine at the time
it bears. Outcome, leg records and packed outcomes made now must equal those stored, byte for byte, and
every frame must be in the one canonical form.
"""

import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

import msgspec

from steelyard.engine.records import stamp
from steelyard.flows.command import Command, decode_command, encode
from steelyard.flows.machine import Machine
from steelyard.node.bulk import NAME as BATCH
from steelyard.node.bulk import apply_batch, batch_refusal
from steelyard.node.checks import check_all
from steelyard.node.exits import Drift
from steelyard.node.snapshot import check_rules, restore
from steelyard.storage.frames import LEG_BYTES, Act, CorruptRow, iter_acts
from steelyard.storage.journal import NO_HASH, Head, Journal, JournalError, Row, verify_chain

ROWS_AT_ONCE = 256
SHOWN_BYTES = 64


class Progress(NamedTuple):
    """How far a replay has come."""

    seq: int
    commands: int
    legs: int
    seconds: float


class Loaded(NamedTuple):
    """A state and the row after which it stands."""

    machine: Machine
    head: Head
    snapshot_seq: int
    commands_at_snapshot: int
    replay: Progress


def load(
    journal: Journal,
    *,
    to: int | None = None,
    snapshot_at_most: int | None = None,
    check: Callable[[Machine], None] | None = None,
    tell: Callable[[Progress], None] | None = None,
) -> Loaded:
    """Give the state after the last row (or row `to`): newest snapshot, then every row after it.

    `snapshot_at_most` bounds the snapshot begun from; 0 replays everything.
    """
    bounds = [bound for bound in (to, snapshot_at_most) if bound is not None]
    snapshot = journal.latest_snapshot(min(bounds) if bounds else None)
    if snapshot is None:
        machine, head = Machine(), Head(0, NO_HASH, 0, 0)
    else:
        machine, head = restore(snapshot), head_at(journal, snapshot.seq)
    base, commands = head.seq, machine.world.commands
    check_rules(machine.world)
    begun, legs, progress = time.perf_counter(), 0, Progress(base, 0, 0, 0.0)
    for row in rows_after(journal, base, to=to):
        head = verify_chain([row], after=head)
        legs += replay_row(machine, row)
        if check is not None:
            check(machine)
        done = machine.world.commands - commands
        progress = Progress(head.seq, done, legs, time.perf_counter() - begun)
        if tell is not None:
            tell(progress)
    check_rules(machine.world)
    return Loaded(machine, head, base, commands, progress)


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """What a replay proved."""

    first_seq: int
    last_seq: int
    head_hash: str
    state_hash: str
    commands: int
    legs: int
    seconds: float
    same_as_snapshot: bool | None
    """Whether the state equals a snapshot of the last row, where there is one."""


def prove(
    journal: Journal,
    *,
    after: int | None = None,
    to: int | None = None,
    every_row: bool = False,
    tell: Callable[[int], None] | None = None,
) -> Proof:
    """Replay from the newest snapshot at or before row `after` (default: the newest) and check everything.

    Every invariant is checked at the end, or after every row. A snapshot that stands at the last row must
    have the state that was computed. The rows before the one begun from are read too, for their chain.
    """
    loaded = load(
        journal, to=to, snapshot_at_most=after, check=check_all if every_row else None,
        tell=(lambda done: tell(done.seq)) if tell else None,
    )  # fmt: skip
    world, head = loaded.machine.world, loaded.head
    check_all(loaded.machine)
    _check_chain(journal, to=loaded.snapshot_seq)
    state_hash, same = world.state_hash(), None
    if head.seq in journal.snapshot_seqs() and head.seq != loaded.snapshot_seq:
        kept = journal.latest_snapshot(head.seq)
        same = kept is not None and kept.state_hash == state_hash
        if not same:
            raise Drift(f"the snapshot of row {head.seq} is not the state that replay gives")
    return Proof(
        first_seq=loaded.snapshot_seq + 1, last_seq=head.seq, head_hash=head.hash.hex(),
        state_hash=state_hash.hex(), commands=loaded.replay.commands, legs=loaded.replay.legs,
        seconds=round(loaded.replay.seconds, 3), same_as_snapshot=same,
    )  # fmt: skip


def _check_chain(journal: Journal, *, to: int) -> None:
    """Check that rows 1 to `to` are there and chained up to the row that the replay began from."""
    if not to:
        return
    head = Head(0, NO_HASH, 0, 0)
    for row in rows_after(journal, 0, to=to):
        head = verify_chain([row], after=head)
    if (head.seq, head.hash) != (to, head_at(journal, to).hash):
        raise Drift(f"the chain from row 1 ends at row {head.seq} and does not lead to row {to}")


def head_at(journal: Journal, seq: int) -> Head:
    """Give the head as it was at row `seq`."""
    rows = journal.read(seq - 1, limit=1)
    if not rows or rows[0].seq != seq:
        raise Drift(f"row {seq} of the snapshot is not in the journal")
    row = rows[0]
    return verify_chain([row], after=Head(seq - 1, row.prev_hash, row.epoch, row.time_first - 1))


def rows_after(journal: Journal, seq: int, *, to: int | None = None) -> Iterator[Row]:
    """Give the rows after `seq`, up to `to`, in order."""
    while to is None or seq < to:
        limit = ROWS_AT_ONCE if to is None else min(ROWS_AT_ONCE, to - seq)
        try:
            rows = journal.read(seq, limit=limit)
        except JournalError:
            raise
        except Exception as error:
            raise JournalError(f"the rows after {seq} cannot be read: {error}") from error
        if not rows:
            return
        yield from rows
        seq = rows[-1].seq


def replay_row(machine: Machine, row: Row) -> int:
    """Run the commands of one row again; gives how many leg records they made."""
    last_at, legs, position = 0, 0, -1
    try:
        for act in iter_acts(row.body):
            position = act.position
            command = decode_command(act.command)
            if memoryview(encode(command)) != act.command:
                raise Drift(f"row {row.seq}, command {position}: not in canonical form")
            if command.at_ns <= last_at or not row.time_first <= command.at_ns <= row.time_last:
                raise Drift(f"row {row.seq}, command {position}: its time {command.at_ns} is out of order")
            last_at = command.at_ns + max(len(act.packed_commands) // LEG_BYTES - 1, 0)
            legs += _replay_act(machine, row.seq, act, command)
    except (CorruptRow, msgspec.MsgspecError) as error:
        raise Drift(f"row {row.seq}, after command {position}: {error}") from error
    if position + 1 != row.count:
        raise Drift(f"row {row.seq}: holds {position + 1} commands, its header says {row.count}")
    return legs


def _replay_act(machine: Machine, seq: int, act: Act, command: Command) -> int:
    """Run one command again and compare everything it gave."""
    packed = bytes(act.packed_commands)
    where = f"row {seq}, command {act.position} ({command.name})"
    if (packed or command.name == BATCH) and batch_refusal(command, packed) is not None:
        raise Drift(f"{where}: its packed records are not those it names")
    try:
        if packed:
            applied, outcomes = apply_batch(machine, command, packed, at=command.at_ns)
        else:
            applied, outcomes = machine.apply(command, at=command.at_ns), b""
    except Exception as error:
        raise Drift(f"{where}: raises {type(error).__name__} now: {error}") from error
    if not applied.recorded:
        raise Drift(f"{where}: would not be recorded now")
    records = bytearray(applied.legs)
    stamp(records, seq, act.position)
    for what, now, stored in (
        ("outcome", memoryview(encode(applied.outcome)), act.outcome),
        ("legs", memoryview(records), act.legs),
        ("packed outcomes", memoryview(outcomes), act.packed_outcomes),
    ):
        if now != stored:
            raise Drift(_difference(f"{where}: {what}", bytes(now), bytes(stored)))
    return len(records) // LEG_BYTES


def _difference(what: str, now: bytes, stored: bytes) -> str:
    """Tell where two byte strings part, with a little of both."""
    at = next(
        (i for i, (a, b) in enumerate(zip(now, stored, strict=False)) if a != b), min(len(now), len(stored))
    )
    start = max(at - 8, 0)
    return (
        f"{what} differ at byte {at}"
        f" (stored {len(stored)} bytes, now {len(now)});"
        f" stored …{stored[start : start + SHOWN_BYTES].hex()}, now …{now[start : start + SHOWN_BYTES].hex()}"
    )
