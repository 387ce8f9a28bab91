"""The same id again: inside the window, at its edge and beyond it, with the projection behind or not."""

import asyncio
import os
import time

from steelyard.engine.ids import HORIZON_MS
from steelyard.engine.refusals import Refusal
from steelyard.flows.command import decode_command, encode
from steelyard.node.link import End, Submission
from steelyard.node.recall import Counts
from steelyard.storage.memory import MemoryJournal, Shelf
from steelyard.storage.projection import Projection
from steelyard.storage.queries import Reader
from tests.node import toy
from tests.node.nodes import folder, run, running

HOUR = 3_600_000_000_000
T0 = 1_800_000_000_000_000_000


def renonced(order):
    """Give the command as another gateway would send it: other nonce, same content."""
    command = decode_command(order)
    fields = [getattr(command, name) for name in command.__struct_fields__]
    fields[-1] = os.urandom(16)
    return encode(type(command)(*fields))


def test_a_repeat_inside_the_window_gets_the_outcome_of_then(tmp_path):
    """With other gateway additions too, refusals too; other content is another matter."""

    async def story():
        async with running(folder(tmp_path), journal=MemoryJournal()) as here:
            await here.begin()
            good, bad = toy.payment(0, 1, 44), toy.payment(0, 1, toy.MONEY * 2)
            first = [await here.do(good), await here.do(bad)]
            for number in range(30):
                await here.do(toy.remark(str(number)))
            again = [await here.do(renonced(good)), await here.do(bad)]
            for one, other in zip(first, again, strict=True):
                assert other.replayed
                assert (one.seq, one.position, one.at_ns, one.outcome) == (
                    other.seq, other.position, other.at_ns, other.outcome
                )  # fmt: skip
            changed = toy.payment(0, 1, 45, id=decode_command(good).id)
            refused = await here.do(changed)
            assert (End.TURNED_AWAY, Refusal.ID_REUSED_WITH_OTHER_CONTENT.code) == (
                refused.end,
                refused.refusal,
            )
            assert toy.MONEY - 44 == await here.balance(0)

    run(story())


def test_a_thousand_equal_commands_at_once_are_one(tmp_path):
    """One books, the others get its outcome."""

    async def story():
        async with running(folder(tmp_path), journal=MemoryJournal()) as here:
            await here.begin()
            order = toy.payment(0, 1, 10)
            answers = await asyncio.gather(*here.link.submit_many([Submission(order)] * 1000))
            assert 1 == sum(not answer.replayed for answer in answers)
            assert 1 == len({(answer.seq, answer.position, answer.outcome) for answer in answers})
            assert toy.MONEY - 10 == await here.balance(0)

    run(story())


def test_a_repeat_after_a_restart_finds_rows_before_the_snapshot(tmp_path):
    """Counts of old rows are read back when first asked for."""
    shelf, orders = Shelf(), [toy.payment(0, 1, 1 + n) for n in range(300)]

    async def story():
        config = folder(tmp_path)
        async with running(config, journal=MemoryJournal(shelf)) as here:
            await here.begin()
            first = []
            for start in range(0, 300, 3):
                some = [Submission(each) for each in orders[start : start + 3]]
                first += await asyncio.gather(*here.link.submit_many(some))
            await here.ask("snapshot")
        async with running(config, journal=MemoryJournal(shelf)) as here:
            for number in (0, 299, 150, 77, 1):
                again = await here.do(orders[number])
                assert (True, first[number].seq, first[number].position) == (
                    again.replayed, again.seq, again.position
                )  # fmt: skip

    run(story())


def test_counts_place_every_command(tmp_path):
    """Against a plain list, forwards from a base and backwards from it."""

    class Row:
        def __init__(self, seq, count):
            self.seq, self.count = seq, count

    counts = [(seq * 7919) % 9 + 1 for seq in range(1, 400)]

    class Given:
        def read(self, after_seq, *, limit):
            return [
                Row(seq + 1, counts[seq]) for seq in range(after_seq, min(after_seq + min(limit, 50), 399))
            ]

    places = [(seq, position) for seq, count in enumerate(counts, 1) for position in range(count)]
    base = 200
    found = Counts(Given(), base, sum(counts[:base]))
    for seq in range(base + 1, 400):
        found.add(seq, counts[seq - 1])
    order = sorted(range(len(places)), key=lambda number: (number * 7877) % 4001)

    assert [places[number] for number in order] == [found.place(number + 1) for number in order]


def test_beyond_the_window_the_projection_gives_a_definite_answer(tmp_path):
    """Found there: the outcome of then. Not found and nothing can be missing: 11, for certain."""
    shelf = Shelf()

    async def story():
        config = folder(tmp_path, simulated_at=T0)
        projection = Projection(_tables(tmp_path))
        reading = lambda: Reader(tmp_path / "projection.db")  # noqa: E731
        async with running(config, journal=MemoryJournal(shelf), known=reading) as here:
            await here.begin(at=T0)
            done, never = toy.payment(0, 1, 21, at=T0), toy.payment(0, 1, 22, at=T0)
            first = await here.do(done)
            await here.ask("clock.advance", T0 + HORIZON_MS * 1_000_000)
            at_the_edge = await here.do(done)
            assert at_the_edge.replayed
            await here.ask("clock.advance", T0 + 5 * HOUR)
            while projection.take(here.node.journal):
                pass
            again, refused = await here.do(done), await here.do(never)
            assert (True, first.seq, first.position, first.outcome) == (
                again.replayed, again.seq, again.position, again.outcome
            )  # fmt: skip
            assert (End.TURNED_AWAY, Refusal.ID_IS_TOO_OLD.code) == (refused.end, refused.refusal)
            assert toy.MONEY - 21 == await here.balance(0)

    run(story())


def test_with_the_projection_behind_nobody_knows_yet(tmp_path, monkeypatch):
    """UNKNOWN, never refused: what it lacks might hold the id."""
    monkeypatch.setattr("steelyard.node.recall.PROJECTION_WAIT_SECONDS", 0.1)
    shelf = Shelf()

    async def story():
        config = folder(tmp_path, simulated_at=T0)
        projection = Projection(_tables(tmp_path))
        reading = lambda: Reader(tmp_path / "projection.db")  # noqa: E731
        async with running(config, journal=MemoryJournal(shelf), known=reading) as here:
            await here.begin(at=T0)
            while projection.take(here.node.journal):
                pass
            late = toy.payment(0, 1, 21, at=T0)
            await here.do(late)
            await here.ask("clock.advance", T0 + 5 * HOUR)
            assert End.UNKNOWN == (await here.do(late)).end
            while projection.take(here.node.journal):
                pass
            assert (await here.do(late)).replayed

    run(story())


def test_an_id_from_the_future_is_refused(tmp_path):
    """More than five minutes ahead of the sequencer."""

    async def story():
        async with running(folder(tmp_path), journal=MemoryJournal()) as here:
            await here.begin()
            ahead = toy.remark("x", at=time.time_ns() + 6 * 60 * 10**9)
            assert Refusal.ID_IS_FROM_THE_FUTURE.code == (await here.do(ahead)).refusal

    run(story())


def _tables(path):
    from steelyard.storage.generations import Generations

    return Generations(path / "projection.db").open(1)
