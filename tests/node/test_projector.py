"""The projector beside the node: it keeps up, catches up after trouble, and the node knows how far it is."""

import asyncio
import threading

import pytest

from steelyard.flows.refusals import Admission
from steelyard.node.link import End, Submission
from steelyard.node.pace import LEGS_MAX
from steelyard.node.projector import ProjectorThread, Watch, follow
from steelyard.storage.database import DatabaseFault
from steelyard.storage.memory import MemoryJournal, Shelf
from steelyard.storage.projection import Projector
from steelyard.storage.queries import Reader
from tests.node import toy
from tests.node.nodes import folder, run, running


async def until(condition, seconds=20):
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)


def test_a_thread_keeps_up_and_the_pace_knows(tmp_path):
    """Every durable row is projected soon, without being asked for."""

    async def story():
        config = folder(tmp_path, projector="thread")
        async with running(config) as here:
            thread = ProjectorThread(config, here.node)
            await here.begin()
            items = [Submission(toy.payment(0, 1, 1)) for _ in range(300)]
            await asyncio.gather(*here.link.submit_many(items))
            seq = here.node.sequencer.watermark
            await until(lambda: here.node.sequencer.pace.applied_seq == seq)
            assert 0 == here.node.sequencer.pace.legs
            thread.end()
            reader = Reader(config.address("projection"))
            account = reader.one("account", name=f"{toy.bank(0)}/NOR")
            assert ("300", str(toy.MONEY)) == (account["debits_settled"], account["credits_settled"])
            reader.close()

    run(story())


def test_the_node_sees_how_far_another_process_is(tmp_path):
    """Also before that process has begun the tables."""

    async def story():
        config = folder(tmp_path, projector="process")
        async with running(config) as here:
            watch = Watch(config, here.node)
            await here.begin()
            await asyncio.sleep(0.5)
            assert here.node.sequencer.pace.applied_seq < 2
            projector = Projector(config.address("projection"))
            while projector.take(here.node.journal):
                pass
            await until(lambda: here.node.sequencer.pace.applied_seq == 2)
            projector.close()
            await asyncio.to_thread(watch.end)

    run(story())


def test_trouble_is_waited_out(monkeypatch):
    """A projection that cannot be written for now is tried again; nothing is skipped."""
    monkeypatch.setattr("steelyard.node.projector.TROUBLE_SECONDS", 0.01)
    stop, tries, told = threading.Event(), [], []

    class Troubled:
        applied_seq = 0

        def take(self, journal):
            tries.append(1)
            if len(tries) < 4:
                raise DatabaseFault("the disk is full")
            if len(tries) > 6:
                stop.set()
                return 0
            self.applied_seq += 1
            return 1

    follow(Troubled(), None, stop, tell=told.append)

    assert [1, 2, 3] == told


@pytest.mark.parametrize(("killed_after", "rows"), [(0, 40), (3, 40), (17, 40)])
def test_a_projector_that_is_killed_goes_on_without_gap_or_double(tmp_path, killed_after, rows):
    """Rows are applied with the cursor in one transaction."""
    shelf = Shelf()

    async def story():
        async with running(folder(tmp_path), journal=MemoryJournal(shelf)) as here:
            await here.begin()
            for number in range(rows):
                await here.do(toy.payment(number % 3, 3, 1 + number))

    run(story())
    journal = MemoryJournal(shelf)
    first = Projector(tmp_path / "projection.db")
    first.projection.apply(journal.read(0, limit=killed_after))
    commit = first.projection._write

    def dying(*given):
        commit(*given)
        raise KeyboardInterrupt

    first.projection._write = dying
    with pytest.raises(KeyboardInterrupt):
        first.take(journal)
    first.close()

    second = Projector(tmp_path / "projection.db")
    assert killed_after == second.applied_seq
    while second.take(journal):
        pass
    assert (rows + 2, rows + 2) == (second.applied_seq, second.projection.cursor.commands)
    second.close()
    reader = Reader(tmp_path / "projection.db")
    held = reader.one("account", name=f"{toy.bank(3)}/NOR")
    assert str(toy.MONEY + sum(range(1, rows + 1))) == held["credits_settled"]
    reader.close()


def test_a_projection_far_behind_holds_back_payments_but_not_the_operator(tmp_path):
    """NODE_IS_BUSY until it has caught up."""

    async def story():
        async with running(folder(tmp_path), journal=MemoryJournal()) as here:
            await here.begin()
            pace = here.node.sequencer.pace
            here.node.sequencer.on_durable.clear()
            pace.committed(3, legs=LEGS_MAX + 1, payments=0, commands=1)
            refused = await here.do(toy.remark("x"))
            assert (End.TURNED_AWAY, Admission.NODE_IS_BUSY.code) == (refused.end, refused.refusal)
            assert refused.retry_after_ms >= 50
            order = toy.command("toy.begin", toy.Begin(0), sender="operator", actor="k-nobody")
            assert End.RECORDED == (await here.do(order)).end
            pace.projected(3)
            assert End.RECORDED == (await here.do(toy.remark("x"))).end

    run(story())
