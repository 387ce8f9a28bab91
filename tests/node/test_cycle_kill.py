"""A node killed in any state of a netting cycle goes on from its journal, to the same end."""

import shutil

import pytest

from steelyard.flows.choose import SettingsFields
from steelyard.flows.netting_cycle import NamedFields, OpenFields, PayInFields
from steelyard.liquidity.cycles import CycleState
from steelyard.node.assembly import Node
from steelyard.node.init import init
from steelyard.node.own import ADVANCE
from steelyard.node.sweeps import first_fault
from steelyard.values.instants import MINUTE, SECOND
from tests.api.world import GHAF, HUB, SIDR, START, TAMR, Builder
from tests.node.nodes import abandon, run, settings
from tests.node.test_solver import Beside, proved

ORDER = [state for state in CycleState if state is not CycleState.CANCELLED]


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A node's folder with the small network in it, to be copied."""
    path = tmp_path_factory.mktemp("cycle") / "node"

    async def story():
        init(path, network_id="small", hub_bic=HUB, profile="test", begins_at=START, passphrase="x" * 12)
        node = await Node.open(settings(path), on_stop=lambda stop: None)
        await Builder(node.link(), node.sequencer.clock.now).build()
        await node.close()

    run(story())
    return path


class Here(Beside):
    """A node without a solver, and the one cycle in it."""

    def __init__(self, node):
        self.node = node
        self.world = node.sequencer.machine.world
        self.builder = Builder(node.link(), node.sequencer.clock.now)
        self.builder.number = 1_000_000 + 1_000 * node.sequencer.watermark

    @property
    def cycle(self):
        (found,) = [*self.world.cycles.live.values(), *self.world.cycles.over]
        return found

    async def begin(self):
        for bank in (GHAF, SIDR, TAMR):
            chosen = SettingsFields(by_cycle=("AED",))
            await self.builder.give("participant.choose", chosen, bank, f"k-{bank}")
        await self.builder.give("cycle.open", OpenFields(("AED",)), "operator", "p-operator-1")
        pairs = ((GHAF, SIDR, 700), (SIDR, TAMR, 500), (TAMR, GHAF, 400))
        return [await self.pay(*pair) for pair in pairs]

    async def on(self):
        """Let a cycle take its next step."""
        match self.cycle.state:
            case CycleState.OPEN:
                await self.builder.operators("cycle.cut", NamedFields(self.cycle.cycle_id))
            case CycleState.FUNDING:
                paid = PayInFields(self.cycle.cycle_id, "AED")
                await self.builder.give("cycle.pay_in", paid, GHAF, f"k-{GHAF}")
            case _:
                link = self.node.link()
                due_at = max(self.cycle.due_at, self.node.sequencer.last_at)
                await link.read(ADVANCE, (due_at + SECOND,))
        assert first_fault(self.world) is None


@pytest.mark.parametrize("state", ORDER)
def test_a_node_killed_in_any_state_goes_on_with_its_cycle(built, tmp_path, state):
    folder = shutil.copytree(built, tmp_path / "node")

    async def until_killed():
        node = await Node.open(settings(folder), on_stop=lambda stop: None)
        here = Here(node)
        uetrs = await here.begin()
        while here.cycle.state is not state:
            await here.on()
        before = here.world.state_hash()
        await abandon(node)
        return uetrs, before

    async def to_the_end(uetrs, before):
        node = await Node.open(settings(folder), on_stop=lambda stop: None)
        here = Here(node)
        assert (state, before) == (here.cycle.state, here.world.state_hash())
        while here.cycle.state is not CycleState.STATEMENTS:
            await here.on()
        assert [9, 9, 9] == here.states(uetrs)
        assert here.node.sequencer.last_at < START + 60 * MINUTE
        end = here.world.state_hash()
        await node.close()
        return end

    assert run(to_the_end(*run(until_killed()))).hex() == proved(folder).state_hash
