"""Replay gives the same state and finds one changed byte, wherever it is."""

import asyncio

import msgspec
import pytest

from steelyard.flows.command import decode_command
from steelyard.flows.machine import Machine
from steelyard.node.exits import Drift
from steelyard.node.link import Submission
from steelyard.node.replay import load, prove, replay_row
from steelyard.node.snapshot import take
from steelyard.storage.frames import COMMAND, HEADER, OUTCOME, iter_frames
from steelyard.storage.journal import CorruptJournal, Row, row_hash
from steelyard.storage.memory import MemoryJournal, Shelf
from tests.node import toy
from tests.node.nodes import folder, run, running


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """Give a shelf with payments, notes, reservations that expire, batches, and two snapshots on the way."""
    before = dict(toy.registry.BY_NAME)
    toy.install()
    shelf, at = Shelf(), 1_800_000_000_000_000_000

    async def story():
        config = folder(tmp_path_factory.mktemp("recorded"), simulated_at=at)
        async with running(config, journal=MemoryJournal(shelf)) as here:
            await here.begin(at=at)
            for round_no in range(4):
                now = at + round_no * 10**9
                some = [toy.payment(n % 3, 3, 10 + n, at=now) for n in range(20)]
                some += [toy.remark(f"note {n}", at=now) for n in range(5)]
                some += [toy.payment(1, 2, 50, deadline_at=now + 5 * 10**8, at=now)]
                some += [toy.payment(0, 1, toy.MONEY * 2, at=now)]
                await asyncio.gather(*here.link.submit_many([Submission(each) for each in some]))
                await here.link.submit(toy.batch(30, at=now))
                await here.link.submit(toy.batch(3, at=now, linked=True))
                await here.ask("clock.advance", now + 10**9)
                if round_no in (1, 2):
                    await here.ask("snapshot")

    run(story())
    toy.registry.BY_NAME.clear()
    toy.registry.BY_NAME.update(before)
    return shelf


def test_snapshot_and_tail_give_the_state_of_all_rows(recorded):
    """From row 1, from the newest snapshot, from the one before: one hash."""
    hashes = set()
    for at_most in (0, None, recorded.rows[-1].seq - 8):
        hashes.add(load(MemoryJournal(recorded), snapshot_at_most=at_most).machine.world.state_hash())

    assert 1 == len(hashes)


def test_a_proof_from_a_snapshot_reads_the_chain_before_it(recorded):
    """A changed byte or a missing row there is found, although nothing of it is run again."""
    rows = recorded.rows
    base = prove(MemoryJournal(recorded)).first_seq - 1
    assert base > 2
    changed = msgspec.structs.replace(rows[1], body=rows[1].body[:-1] + bytes([rows[1].body[-1] ^ 1]))
    for some in ([rows[0], changed, *rows[2:]], [rows[0], *rows[2:]]):
        shelf = Shelf()
        shelf.rows, shelf.snapshots = some, recorded.snapshots
        with pytest.raises((CorruptJournal, Drift)):
            prove(MemoryJournal(shelf))


def test_a_state_has_the_hash_of_its_snapshot(recorded):
    """What `state-hash` prints is what a snapshot bears."""
    world = load(MemoryJournal(recorded)).machine.world

    assert world.state_hash() == take(world, 1).state_hash
    seq = max(recorded.snapshots)
    assert prove(MemoryJournal(recorded), after=0, to=seq).same_as_snapshot is True


def test_proof_tells_what_it_proved(recorded):
    """Rows, commands, legs; and it finds a snapshot that is not the state of its row."""
    proof = prove(MemoryJournal(recorded), after=0)

    assert (1, len(recorded.rows)) == (proof.first_seq, proof.last_seq)
    assert sum(row.count for row in recorded.rows) == proof.commands
    assert proof.legs > 200


def test_replay_up_to_a_row_and_on_from_there(recorded):
    """`to` ends exactly there."""
    journal = MemoryJournal(recorded)
    half = len(recorded.rows) // 2

    assert half == load(journal, to=half, snapshot_at_most=0).head.seq


def places(row):
    """Give for each frame type of a row the byte offset and length of one payload."""
    found, at = {}, 0
    for kind, _, _, payload in iter_frames(row.body):
        at += HEADER.size
        if len(payload) > 4:
            found.setdefault(kind, (at, len(payload)))
        at += len(payload)
    return found


def resealed(row, body):
    """Give the row with another body, its own hash put right: only replay can see it."""
    sealed = row_hash(
        seq=row.seq, epoch=row.epoch, time_first=row.time_first, time_last=row.time_last, count=row.count,
        format=row.format, prev_hash=row.prev_hash, body=body,
    )  # fmt: skip
    return Row(
        row.seq, row.prev_hash, sealed, row.epoch, row.time_first, row.time_last, row.count, row.format, body
    )


@pytest.mark.parametrize("kind", [2, 3, 4, 5])
@pytest.mark.parametrize("place", [0.0, 0.3, 0.7, 1.0])
def test_one_changed_byte_of_any_frame_is_drift(recorded, kind, place):
    """A row whose hash was put right again is found by running it."""
    row = next(row for row in recorded.rows[2:] if kind in places(row))
    machine = load(MemoryJournal(recorded), to=row.seq - 1, snapshot_at_most=0).machine
    start, length = places(row)[kind]
    body = bytearray(row.body)
    body[start + round(place * (length - 1))] ^= 1

    with pytest.raises(Drift, match=f"row {row.seq}"):
        replay_row(machine, resealed(row, bytes(body)))


def test_one_changed_byte_of_a_command_is_drift(recorded):
    """Another amount makes other legs."""
    row = recorded.rows[2]
    machine = load(MemoryJournal(recorded), to=2, snapshot_at_most=0).machine
    first = next(bytes(payload) for kind, _, _, payload in iter_frames(row.body) if kind == COMMAND)
    fields = bytes(decode_command(first).fields)
    other = fields[:3] + bytes((fields[3] ^ 1,)) + fields[4:]
    assert 1 == row.body.count(fields) == first.count(fields)

    with pytest.raises(Drift, match=r"row 3, command 0 \(toy.pay\): legs differ"):
        replay_row(machine, resealed(row, row.body.replace(fields, other)))


def test_a_changed_byte_of_a_header_is_drift(recorded):
    """Frame headers are no place to hide in either."""
    row = recorded.rows[2]
    for at in range(HEADER.size):
        body = bytearray(row.body)
        body[at] ^= 1
        machine = load(MemoryJournal(recorded), to=2, snapshot_at_most=0).machine

        with pytest.raises(Drift, match=f"row {row.seq}"):
            replay_row(machine, resealed(row, bytes(body)))


def test_an_outcome_that_is_left_out_is_drift(recorded):
    """A row without its last frame."""
    row = recorded.rows[2]
    frames = [(kind, bytes(payload)) for kind, _, _, payload in iter_frames(row.body)]
    assert OUTCOME == frames[-1][0]
    body = row.body[: -len(frames[-1][1]) - HEADER.size]
    machine = load(MemoryJournal(recorded), to=2, snapshot_at_most=0).machine

    with pytest.raises(Drift, match="has no outcome"):
        replay_row(machine, resealed(row, body))


@pytest.mark.parametrize("fault", ["edited", "missing", "swapped", "short"])
def test_a_fault_of_the_chain_names_its_row(recorded, fault):
    """Before anything of it is run."""
    rows = list(recorded.rows)
    if fault == "edited":
        rows[4] = Row(
            *[*(getattr(rows[4], name) for name in Row.__struct_fields__[:-1]), rows[4].body + b"x"]
        )
    elif fault == "missing":
        del rows[4]
    elif fault == "swapped":
        rows[4], rows[5] = rows[5], rows[4]
    else:
        rows[4] = Row(*[*(getattr(rows[4], name) for name in Row.__struct_fields__[:-1]), rows[4].body[:-1]])

    class Given(MemoryJournal):
        def read(self, after_seq, *, limit):
            return rows[after_seq : after_seq + limit]

    with pytest.raises(CorruptJournal) as told:
        load(Given(), snapshot_at_most=0)

    assert 5 == told.value.seq


def test_grouping_is_invisible(recorded):
    """Every command in a group of its own gives the same state and the same outcomes."""
    from steelyard.flows.command import decode_command, encode
    from steelyard.node.bulk import apply_batch
    from steelyard.storage.frames import iter_acts

    machine = Machine()
    for row in recorded.rows:
        for act in iter_acts(row.body):
            command = decode_command(act.command)
            if act.packed_commands:
                applied, packed = apply_batch(machine, command, bytes(act.packed_commands), at=command.at_ns)
                assert packed == bytes(act.packed_outcomes)
            else:
                applied = machine.apply(command, at=command.at_ns)
            assert encode(applied.outcome) == bytes(act.outcome)

    assert load(MemoryJournal(recorded)).machine.world.state_hash() == machine.world.state_hash()


def test_a_snapshot_with_a_wrong_hash_stops_the_start(recorded):
    """And names its row."""
    shelf = Shelf()
    shelf.rows = list(recorded.rows)
    newest = max(recorded.snapshots)
    kept = recorded.snapshots[newest]
    shelf.snapshots[newest] = type(kept)(kept.seq, bytes(32), kept.sections)

    with pytest.raises(CorruptJournal, match=f"row {newest}"):
        load(MemoryJournal(shelf))
