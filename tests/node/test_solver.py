"""The solver beside a real node: it proposes, the machine checks; without it the node only does less."""

import asyncio
import os
import shutil
import signal
from contextlib import asynccontextmanager

import pytest

from steelyard.flows.batch import RequestFields
from steelyard.flows.choose import SettingsFields
from steelyard.flows.command import decode_outcome, raw
from steelyard.flows.facts import decode_fact
from steelyard.flows.fields import PayAdded, PayFields
from steelyard.flows.liquidity_facts import BatchReported
from steelyard.flows.netting_cycle import NamedFields, OpenFields, PayInFields
from steelyard.node.assembly import Node
from steelyard.node.exits import Stop
from steelyard.node.init import init
from steelyard.node.link import Submission
from steelyard.node.own import ADVANCE
from steelyard.node.replay import prove
from steelyard.storage.frames import iter_acts
from steelyard.storage.opening import open_journal
from steelyard.values.instants import SECOND
from tests.api.world import GHAF, HUB, OPENING, SIDR, START, TAMR, Builder
from tests.node.nodes import abandon, run, settings

RING = ((GHAF, SIDR), (SIDR, TAMR), (TAMR, GHAF))
MUCH = OPENING * 3 // 2


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A node's folder with the small network in it, to be copied."""
    path = tmp_path_factory.mktemp("solver") / "node"

    async def story():
        init(path, network_id="small", hub_bic=HUB, profile="test", begins_at=START, passphrase="x" * 12)
        node = await Node.open(settings(path), on_stop=lambda stop: None)
        await Builder(node.link(), node.sequencer.clock.now).build()
        await node.close()

    run(story())
    return path


@pytest.fixture
def folder(built, tmp_path):
    return shutil.copytree(built, tmp_path / "node")


class Beside:
    """A node, who gives commands to it, and its solver."""

    def __init__(self, node, entry):
        self.node = node
        self.world = node.sequencer.machine.world
        self.builder = Builder(node.link(), node.sequencer.clock.now)
        self.builder.number = 1_000_000 + node.sequencer.watermark
        self.desk = node.solve(entry) if entry else node.solve()

    async def pay(self, payer, payee, minor):
        self.builder.number += 1
        uetr = self.builder.number.to_bytes(16, "big")
        fields = PayFields(uetr, 0, 0, b"", b"", b"", b"", 1, payer, payee, "AED", minor, "AED", minor)
        added = raw(PayAdded(b"m" * 32, b"p" * 32))
        await self.builder.give("pay", fields, payer, f"k-{payer}", added=added)
        return uetr

    async def ring(self):
        """Queue a ring that no payer can begin; the second payment brings about a batch."""
        return [await self.pay(*pair, MUCH) for pair in RING]

    async def advance(self, ns):
        link = self.node.link()
        await link.read(ADVANCE, (self.node.sequencer.last_at + ns,))

    async def until(self, true, seconds=20):
        for _ in range(seconds * 100):
            if true():
                return
            await asyncio.sleep(0.01)
        raise AssertionError("it never came")

    def states(self, uetrs):
        return [self.world.payments.state_of(uetr) for uetr in uetrs]


@asynccontextmanager
async def beside(path, entry="", **flags):
    stops = []
    node = await Node.open(settings(path, **flags), on_stop=stops.append)
    try:
        here = Beside(node, entry)
        yield here
        await here.desk.end()
    finally:
        await node.close()
    assert stops == []


def reports(path):
    """Give every report in the journal, in order."""
    journal = open_journal(str(settings(path).address("journal")), profile="single")
    try:
        found = []
        after = 0
        while rows := list(journal.read(after, limit=100_000)):
            for row in rows:
                for act in iter_acts(row.body):
                    found += map(decode_fact, decode_outcome(act.outcome).facts)
            after = rows[-1].seq
        return [fact for fact in found if isinstance(fact, BatchReported)]
    finally:
        journal.close()


def proved(path):
    """Replay the whole journal and compare everything; no solver takes part."""
    journal = open_journal(str(settings(path).address("journal")), profile="single")
    try:
        return prove(journal, after=0)
    finally:
        journal.close()


def test_the_solver_settles_what_no_payer_could_begin(folder):
    async def story():
        async with beside(folder) as here:
            uetrs = await here.ring()
            await here.until(lambda: not here.world.batches.open)
            assert [4, 4, 4] == here.states(uetrs)
            await here.builder.give("batch.request", RequestFields("AED"), "operator", "p-operator-1")
            await here.until(lambda: here.states(uetrs) == [9, 9, 9])
            await here.until(lambda: here.node.health.report()["solver"] == "idle")
            assert "steelyard_solver_answers 2.0" in here.node.metrics.text()
            return here.world.state_hash()

    state = run(story())
    told = reports(folder)

    assert [("A4", True)] == [(one.algorithm, one.proved) for one in told if one.settled_count]
    assert str(3 * MUCH) == told[-1].bound
    assert state.hex() == proved(folder).state_hash


def test_the_solver_plans_a_cycle_and_a_node_started_anew_goes_on_with_it(folder):
    """The node stops while the solver is at work; the next one asks again, and what was settled replays."""

    def cycle(here):
        (found,) = [*here.world.cycles.live.values(), *here.world.cycles.over]
        return found

    async def cut():
        async with beside(folder, "tests.node.evil:hangs") as here:
            for bank in (GHAF, SIDR, TAMR):
                chosen = SettingsFields(by_cycle=("AED",))
                await here.builder.give("participant.choose", chosen, bank, f"k-{bank}")
            await here.builder.give("cycle.open", OpenFields(("AED",)), "operator", "p-operator-1")
            uetrs = [*await here.ring(), await here.pay(GHAF, SIDR, 7)]
            await here.builder.operators("cycle.cut", NamedFields(cycle(here).cycle_id))
            assert cycle(here).asking
            return uetrs

    async def settle(uetrs):
        async with beside(folder) as here:
            await here.until(lambda: cycle(here).state == "COMPUTED" or cycle(here).plan.solver_version)
            assert (True, {"AED": str(3 * MUCH + 7)}) == (cycle(here).plan.proved, cycle(here).plan.bounds)
            await here.advance(61 * SECOND)
            await here.advance(SECOND)
            paid = PayInFields(cycle(here).cycle_id, "AED")
            await here.builder.give("cycle.pay_in", paid, GHAF, f"k-{GHAF}")
            for _ in range(3):  # the bundle, the statements: each a tick of its own
                await here.advance(SECOND)
            assert [9] * 4 == here.states(uetrs)
            assert "STATEMENTS" == cycle(here).state
            return here.world.state_hash()

    state = run(settle(run(cut())))

    assert state.hex() == proved(folder).state_hash


@pytest.mark.parametrize("entry", ["greedy_for_more", "nonsense", "heavy"])
def test_a_hostile_solver_moves_nothing_and_the_machine_goes_on_without_it(folder, entry):
    async def story():
        async with beside(folder, f"tests.node.evil:{entry}") as here:
            uetrs = await here.ring()
            await here.until(lambda: here.states(uetrs) == [9, 9, 9])
            assert here.desk.failures >= 4
            assert (
                here.world.engine.balance(here.world.members.accounts.settlement(GHAF, "AED")).balance
                == OPENING
            )

    run(story())
    told = reports(folder)

    assert {"A3"} == {one.algorithm for one in told}
    assert 3 == told[-1].tries
    proved(folder)


def test_a_solver_killed_over_a_batch_leaves_it_to_the_machine(folder):
    async def story():
        async with beside(folder, "tests.node.evil:hangs") as here:
            uetrs = await here.ring()
            await here.until(lambda: here.desk.pid)
            before = dict(here.world.section_hashes())
            os.kill(here.desk.pid, signal.SIGKILL)
            await here.until(lambda: here.desk.failures)
            assert before == dict(here.world.section_hashes())
            assert [4, 4, 4] == here.states(uetrs)
            await here.advance(21 * SECOND)
            assert [9, 9, 9] == here.states(uetrs)
            assert await here.pay(GHAF, SIDR, 1)

    run(story())
    assert ["A3"] == [one.algorithm for one in reports(folder)]


def test_a_solver_that_dies_over_every_batch_is_started_for_the_next(folder):
    async def story():
        async with beside(folder, "tests.node.evil:dies") as here:
            await here.ring()
            await here.until(lambda: here.desk.failures == 1)
            await here.advance(31 * SECOND)
            await here.ring()
            await here.advance(31 * SECOND)
            await here.until(lambda: here.desk.failures == 2)
            assert 2 == here.desk.starts

    run(story())


@pytest.mark.parametrize("entry", ["buried", "endless", "heavier"])
def test_an_answer_that_cannot_be_read_costs_one_batch_and_not_the_next(folder, entry):
    async def story():
        async with beside(folder, f"tests.node.evil:{entry}") as here:
            await here.ring()
            await here.until(lambda: here.desk.failures == 1)
            await here.advance(31 * SECOND)
            await here.ring()
            await here.advance(31 * SECOND)
            await here.until(lambda: here.desk.failures == 2)
            assert 0 == here.desk.answers  # nothing of it became a command

    run(story())
    assert {"A3"} == {one.algorithm for one in reports(folder)}
    proved(folder)


def test_a_node_killed_over_a_batch_asks_again_when_it_is_back(folder):
    async def killed():
        node = await Node.open(settings(folder), on_stop=lambda stop: None)
        here = Beside(node, "tests.node.evil:hangs")
        uetrs = await here.ring()
        assert list(here.world.batches.each_open())
        await here.desk.end()
        await abandon(node)
        return uetrs

    uetrs = run(killed())

    async def back():
        async with beside(folder) as here:
            assert [4, 4, 4] == here.states(uetrs)
            await here.until(lambda: here.states(uetrs) == [9, 9, 9])

    run(back())
    told = reports(folder)
    assert [("A4", 1)] == [(one.algorithm, one.tries) for one in told]
    proved(folder)


def test_in_step_the_same_commands_give_the_same_state_wherever_the_node_is_killed(folder, tmp_path):
    """The batch that the second payment brings about is decided before the third is taken, after a kill too."""
    other = shutil.copytree(folder, tmp_path / "other")

    async def go(here, payments, first):
        for number, pair in enumerate(payments, first):
            here.builder.number = 1_000_000 + 10 * number
            await here.pay(*pair, MUCH)

    async def whole():
        async with beside(folder, solver="in_step") as here:
            await go(here, RING + RING, 0)
            await here.advance(31 * SECOND)
            assert not here.world.batches.open
            return here.world.state_hash()

    async def killed():
        node = await Node.open(settings(other, solver="in_step"), on_stop=lambda stop: None)
        here = Beside(node, "tests.node.evil:hangs")
        await go(here, RING[:2], 0)
        assert here.desk.waits
        third = asyncio.ensure_future(go(here, RING[2:], 2))
        await asyncio.sleep(0.2)
        assert not third.done()
        third.cancel()
        await here.desk.end()
        await abandon(node)

    async def back():
        async with beside(other, solver="in_step") as here:
            await go(here, RING[2:] + RING, 2)
            await here.advance(31 * SECOND)
            return here.world.state_hash()

    state = run(whole())
    run(killed())

    assert state == run(back())
    assert {"A4"} == {one.algorithm for one in reports(folder)}
    assert reports(folder) == reports(other)
    proved(other)


def test_in_step_a_dead_solver_does_not_stop_the_node(folder):
    async def story():
        async with beside(folder, "tests.node.evil:dies", solver="in_step") as here:
            uetrs = await here.ring()
            await here.advance(21 * SECOND)
            assert [9, 9, 9] == here.states(uetrs)

    run(story())


def test_a_node_without_a_solver_waits_and_does_what_it_can(folder):
    async def story():
        node = await Node.open(settings(folder, solver="off"), on_stop=lambda stop: None)
        here = Beside.__new__(Beside)
        here.node, here.world = node, node.sequencer.machine.world
        here.builder = Builder(node.link(), node.sequencer.clock.now)
        here.builder.number = 1_000_000
        uetrs = await here.ring()
        await here.advance(21 * SECOND)
        assert [9, 9, 9] == here.states(uetrs)
        await node.close()

    run(story())


def test_the_nodes_own_commands_are_nobody_elses(folder):
    async def story():
        async with beside(folder) as here:
            command = here.builder.command("batch.again", (bytes(16),), "operator", "node")
            answer = await here.node.link().submit(Submission(command))
            assert answer.end.name != "RECORDED"

    run(story())
    assert issubclass(Stop, Exception)
