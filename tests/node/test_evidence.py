"""Evidence is durable before its command is handed on; a kill between leaves evidence without a command."""

import asyncio
from threading import Event

import pytest

from steelyard.node.link import End, Submission
from steelyard.node.verify import verify
from steelyard.storage.evidence import MemoryEvidence, evidence
from steelyard.storage.evidence_sqlite import SqliteEvidence
from steelyard.storage.memory import MemoryJournal, Shelf
from tests.node import toy
from tests.node.nodes import abandon, folder, run, running


class SlowEvidence(MemoryEvidence):
    """Evidence whose commits wait until they are let through."""

    def __init__(self):
        super().__init__()
        self.slow, self.go, self.reached = False, Event(), Event()

    def put(self, items):
        if self.slow:
            self.reached.set()
            self.go.wait(30)
        super().put(items)


async def until(event):
    while not event.is_set():
        await asyncio.sleep(0.001)


def message(text=b"<Document/>", command=b""):
    return evidence("pacs.008", text, at_ns=1, command=command)


def test_a_command_waits_for_its_evidence(tmp_path):
    """Not applied, not answered, while its evidence is on the way; commands after it keep their order."""

    async def story():
        store = SlowEvidence()
        async with running(folder(tmp_path), journal=MemoryJournal(), evidence=store) as here:
            await here.begin()
            store.slow = True
            with_evidence = here.link.submit(Submission(toy.remark("a"), (message(),)))
            await until(store.reached)
            without = here.link.submit(Submission(toy.remark("b")))
            await asyncio.sleep(0.05)
            assert not with_evidence.done()
            assert not without.done()
            assert 2 == here.node.sequencer.machine.world.commands
            store.go.set()
            first, second = await with_evidence, await without
            assert (first.seq, first.position) < (second.seq, second.position)
            assert store.look(message().digest) is not None

    run(story())


def test_evidence_alone_is_answered_once_it_is_durable(tmp_path):
    """A refusal at the edge ends here: stored, no command."""

    async def story():
        store = SlowEvidence()
        async with running(folder(tmp_path), journal=MemoryJournal(), evidence=store) as here:
            store.slow = True
            refused = here.link.submit(Submission(b"", (message(),)))
            await until(store.reached)
            await asyncio.sleep(0.02)
            assert not refused.done()
            store.go.set()
            assert End.STORED == (await refused).end
            assert 1 == here.node.sequencer.watermark

    run(story())


@pytest.mark.parametrize("place", ["evidence", "submit", "answer"])
def test_a_kill_on_the_way_leaves_no_command_without_evidence(tmp_path, place):
    """Killed before the evidence, between evidence and row, or between row and answer: all is accounted for."""
    shelf, order = Shelf(), toy.payment(0, 1, 33)
    item = message(command=b"i" * 16)

    class Journal(MemoryJournal):
        stuck, slow = Event(), False

        def append(self, row):
            if self.slow and place == "submit":
                self.stuck.wait(30)
                raise RuntimeError("killed")
            super().append(row)
            if self.slow:
                self.stuck.wait(30)

    async def killed():
        store, journal = SlowEvidence(), Journal(shelf)
        async with running(folder(tmp_path), journal=journal, evidence=store) as here:
            await here.begin()
            journal.slow = True
            store.slow = place == "evidence"
            sent = here.link.submit(Submission(order, (item,)))
            await asyncio.sleep(0.1)
            assert not sent.done()
            await abandon(here.node)
            assert End.UNKNOWN == (await sent).end
            journal.stuck.set()
            store.go.set()
            here.stops.append("killed")
        return store

    store = run(killed())
    kept = store.look(item.digest) is not None if place != "evidence" else False
    rows = len(shelf.rows)
    report = verify(MemoryJournal(shelf), store, contents=True)

    assert (place != "evidence", 3 if place == "answer" else 2) == (kept, rows)
    assert [] == report.faults
    if kept and place == "submit":
        assert 1 == report.not_submitted


def test_evidence_of_all_that_waits_is_one_commit(tmp_path):
    """A hundred submissions of one turn cost one flush."""
    commits = []

    class Counting(SqliteEvidence):
        def put(self, items):
            commits.append(len(items))
            super().put(items)

    async def story():
        store = Counting(tmp_path / "e.db")
        async with running(folder(tmp_path / "n"), journal=MemoryJournal(), evidence=store) as here:
            await here.begin()
            items = [Submission(toy.remark(str(n)), (message(b"%d" % n),)) for n in range(100)]
            await asyncio.gather(*here.link.submit_many(items))

    run(story())

    assert 100 == sum(commits)
    assert len(commits) <= 3
