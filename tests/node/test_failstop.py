"""A commit that is not clean stops the node, and nobody is told what is not known."""

import asyncio
from threading import Event

import pytest

from steelyard.node.exits import AMBIGUOUS, DRIFT, FENCED, START_CHECK, StartCheck, Stop
from steelyard.node.link import End, Submission
from steelyard.storage.evidence import MemoryEvidence, evidence
from steelyard.storage.journal import Ambiguous
from steelyard.storage.memory import MemoryJournal, Shelf
from tests.node import toy
from tests.node.nodes import folder, run, running


class FaultyJournal(MemoryJournal):
    """A journal that fails as it is told: before a row is written, after, or by never returning."""

    def __init__(self, shelf):
        super().__init__(shelf)
        self.fault, self.hung = "", Event()

    def append(self, row):
        if self.fault == "before":
            raise Ambiguous("lost before the write")
        if self.fault == "hang":
            self.hung.wait(30)
            raise Ambiguous("gave up")
        super().append(row)
        if self.fault == "after":
            raise Ambiguous("lost after the write")


@pytest.mark.parametrize(("fault", "done"), [("before", False), ("after", True)])
def test_an_ambiguous_commit_answers_unknown_and_stops(tmp_path, fault, done):
    """Exit 70; sent again to the next node, the answer is definite and the money moved once at most."""
    shelf, order = Shelf(), toy.payment(0, 1, 700)

    async def first():
        journal = FaultyJournal(shelf)
        async with running(folder(tmp_path), journal=journal) as here:
            await here.begin()
            journal.fault = fault
            answers = await asyncio.gather(
                *here.link.submit_many([Submission(order), Submission(toy.remark("x"))])
            )
            assert [End.UNKNOWN] * 2 == [answer.end for answer in answers]
            assert [AMBIGUOUS] == [stop.exit_code for stop in here.stops]
            assert End.UNKNOWN == (await here.do(order)).end

    async def second():
        config = folder(tmp_path / "again")
        (tmp_path / "again" / "genesis.toml").write_bytes((tmp_path / "genesis.toml").read_bytes())
        async with running(config, journal=MemoryJournal(shelf)) as here:
            answer = await here.do(order)
            assert (End.RECORDED, done) == (answer.end, answer.replayed)
            assert toy.MONEY - 700 == await here.balance(0)

    run(first())
    run(second())


def test_a_commit_that_never_returns_stops_the_node(tmp_path):
    """After `commit_stop_ms_max`, with 70."""

    async def story():
        journal = FaultyJournal(Shelf())
        config = folder(tmp_path, commit_wait_ms_max=20, commit_stop_ms_max=200)
        async with running(config, journal=journal) as here:
            await here.begin()
            journal.fault = "hang"
            assert End.UNKNOWN == (await here.do(toy.remark("a"))).end
            while not here.stops:
                await asyncio.sleep(0.01)
            assert AMBIGUOUS == here.stops[0].exit_code
            journal.hung.set()

    run(story())


def test_evidence_that_cannot_be_stored_stops_the_node(tmp_path):
    """Its command is never handed on."""

    class Full(MemoryEvidence):
        def put(self, items):
            raise Ambiguous("the disk is full")

    async def story():
        async with running(folder(tmp_path), journal=MemoryJournal(), evidence=Full()) as here:
            await here.begin()
            commands = here.node.sequencer.machine.world.commands
            answer = await here.do(toy.payment(), evidence("party", b"x", at_ns=1))
            assert End.UNKNOWN == answer.end
            assert AMBIGUOUS == here.stops[0].exit_code
            assert commands == here.node.sequencer.machine.world.commands

    run(story())


def test_an_exception_of_the_state_machine_stops_the_node(tmp_path, monkeypatch):
    """With 71: state may be half changed, and the journal knows nothing of it."""

    async def story():
        async with running(folder(tmp_path), journal=MemoryJournal()) as here:
            await here.begin()

            def broken(world, command, fields, at):
                raise RuntimeError("a bug")

            entry = toy.registry.BY_NAME[("toy.note", 1)]
            monkeypatch.setitem(toy.registry.BY_NAME, ("toy.note", 1), entry._replace(run=broken))
            answer = await here.do(toy.remark("a"))
            assert End.UNKNOWN == answer.end
            assert DRIFT == here.stops[0].exit_code
            assert 2 == len(here.node.journal.shelf.rows)

    run(story())


def test_a_broken_invariant_stops_a_paranoid_node_before_the_row(tmp_path):
    """With 71, the journal untouched."""

    async def story():
        async with running(folder(tmp_path, paranoid=True), journal=MemoryJournal()) as here:
            await here.begin()
            assert 0 == (await here.do(toy.payment(0, 1, 5))).decoded().code
            here.node.sequencer.machine.world.engine.accounts[2].credits_settled += 1
            assert End.UNKNOWN == (await here.do(toy.remark("a"))).end
            assert DRIFT == here.stops[0].exit_code
            assert "books" in here.stops[0].why
            assert 3 == len(here.node.journal.shelf.rows)

    run(story())


def test_the_sweep_finds_a_broken_invariant_while_running(tmp_path):
    """Within a round of its shares."""

    async def story():
        async with running(folder(tmp_path), journal=MemoryJournal()) as here:
            await here.begin()
            here.node.sequencer.machine.world.engine.accounts[3].debits_settled = -1
            for _ in range(10):
                here.node._sweep()
            assert DRIFT == here.stops[0].exit_code

    run(story())


def test_a_second_node_does_not_start_and_a_take_over_fences_the_first(tmp_path):
    """73 for the second; with take-over it goes on, and the first ends with 72 at its next row."""
    shelf = Shelf()

    async def story():
        config = folder(tmp_path)
        async with running(config, journal=MemoryJournal(shelf)) as one:
            await one.begin()
            with pytest.raises(Stop) as told:
                async with running(config, journal=MemoryJournal(shelf)):
                    pass
            assert START_CHECK == told.value.exit_code
            async with running(config, journal=MemoryJournal(shelf), take_over=True) as two:
                assert 0 == (await two.do(toy.payment(0, 1, 7))).decoded().code
                assert End.UNKNOWN == (await one.do(toy.payment(0, 1, 9))).end
                assert FENCED == one.stops[0].exit_code
                assert 0 == (await two.do(toy.payment(1, 0, 7))).decoded().code
                assert toy.MONEY == await two.balance(0)

    run(story())


def test_profile_production_and_a_foreign_genesis_do_not_start(tmp_path):
    """Start checks change nothing."""
    shelf = Shelf()

    async def story():
        config = folder(tmp_path)
        with pytest.raises(StartCheck, match="request signatures do not exist yet"):
            async with running(type(config)(folder=tmp_path, profile="production")):
                pass
        async with running(config, journal=MemoryJournal(shelf)) as here:
            await here.begin()
        other = folder(tmp_path / "other")
        with pytest.raises(StartCheck, match="is not the genesis file of this journal"):
            async with running(other, journal=MemoryJournal(shelf)):
                pass
        (tmp_path / "other" / "genesis.toml").unlink()
        with pytest.raises(StartCheck, match=r"genesis\.toml is not there"):
            async with running(other, journal=MemoryJournal()):
                pass
        assert 2 == len(shelf.rows)

    run(story())
