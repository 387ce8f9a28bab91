"""Nothing leaves before its row is durable: no answer, no read, no notice."""

import asyncio
from threading import Event

import pytest

from steelyard.node.link import End, Submission
from steelyard.storage.memory import MemoryJournal
from tests.node import toy
from tests.node.nodes import folder, run, running


class SlowJournal(MemoryJournal):
    """A journal whose commits wait until they are let through, once it is told to be slow."""

    def __init__(self):
        super().__init__()
        self.slow, self.go, self.reached = False, Event(), Event()

    def append(self, row):
        if self.slow:
            self.reached.set()
            self.go.wait(30)
            self.go.clear()
        super().append(row)


async def reached(journal):
    while not journal.reached.is_set():
        await asyncio.sleep(0.001)
    journal.reached.clear()


def test_an_answer_waits_for_its_row(tmp_path):
    """Neither the answer of a command nor what observers see comes before the commit."""

    async def story():
        journal, seen = SlowJournal(), []
        async with running(folder(tmp_path), journal=journal) as here:
            await here.begin()
            here.node.sequencer.on_durable.append(lambda group: seen.append(group.seq))
            journal.slow = True
            one = here.link.submit(Submission(toy.remark("a")))
            await reached(journal)
            await asyncio.sleep(0.05)
            assert not one.done()
            assert [] == seen
            assert 2 == here.node.sequencer.watermark
            journal.slow = False
            journal.go.set()
            answer = await one
            assert (End.RECORDED, 3) == (answer.end, answer.seq)
            assert [3] == seen

    run(story())


def test_a_read_waits_for_what_it_has_seen(tmp_path):
    """A read placed after a command in flight sees it, and leaves with its row only."""

    async def story():
        journal = SlowJournal()
        async with running(folder(tmp_path), journal=journal) as here:
            await here.begin()
            journal.slow = True
            paid = here.link.submit(Submission(toy.payment(0, 1, 250)))
            await reached(journal)
            read = asyncio.ensure_future(here.link.read("balance", (f"{toy.bank(0)}/NOR",)))
            await asyncio.sleep(0.05)
            assert not read.done()
            journal.slow = False
            journal.go.set()
            found = await read
            assert str(toy.MONEY - 250) == found.decoded()[1]
            assert found.seq == (await paid).seq

    run(story())


def test_the_next_group_is_applied_while_one_is_flushed_and_no_more(tmp_path):
    """One group in flight; everything that comes meanwhile is one group after it."""

    async def story():
        journal = SlowJournal()
        async with running(folder(tmp_path), journal=journal) as here:
            await here.begin()
            journal.slow = True
            first = here.link.submit(Submission(toy.remark("first")))
            await reached(journal)
            later = []
            for number in range(50):
                later.append(here.link.submit(Submission(toy.remark(f"later {number}"))))
                await asyncio.sleep(0)
            await asyncio.sleep(0.05)
            assert 52 == here.node.sequencer.machine.world.commands - 1
            journal.slow = False
            journal.go.set()
            assert 3 == (await first).seq
            assert {4} == {answer.seq for answer in await asyncio.gather(*later)}

    run(story())


def test_a_repeat_of_what_is_in_flight_waits_too(tmp_path):
    """The stored outcome leaves once it is stored."""

    async def story():
        journal = SlowJournal()
        async with running(folder(tmp_path), journal=journal) as here:
            await here.begin()
            journal.slow = True
            order = toy.payment(0, 1, 5)
            first = here.link.submit(Submission(order))
            await reached(journal)
            second = here.link.submit(Submission(order))
            await asyncio.sleep(0.05)
            assert not second.done()
            journal.slow = False
            journal.go.set()
            one, other = await first, await second
            assert (False, True) == (one.replayed, other.replayed)
            assert (one.seq, one.position, one.at_ns, one.outcome) == (
                other.seq, other.position, other.at_ns, other.outcome
            )  # fmt: skip

    run(story())


@pytest.mark.parametrize("wait_ms", [50])
def test_a_commit_that_hangs_is_told_as_unknown(tmp_path, wait_ms):
    """After `commit_wait_ms_max` callers hear UNKNOWN; the row may still come, and a repeat finds it."""

    async def story():
        journal = SlowJournal()
        config = folder(tmp_path, commit_wait_ms_max=wait_ms)
        async with running(config, journal=journal) as here:
            await here.begin()
            journal.slow = True
            order = toy.payment(0, 1, 5)
            answer = await here.do(order)
            assert End.UNKNOWN == answer.end
            journal.slow = False
            journal.go.set()
            again = await here.do(order)
            assert (End.RECORDED, True) == (again.end, again.replayed)
            assert toy.MONEY - 5 == await here.balance(0)

    run(story())
