"""A network of energy beside a real node: its solver matches it, and one that gives no answer ends the question."""

from msgspec import structs

from steelyard.flows.energy_match import AskFields
from steelyard.market.energy.network import Node, Route, Shared
from steelyard.values.instants import SECOND
from tests.node.nodes import run
from tests.node.test_solver import beside, built, folder, proved  # noqa: F401

NODES = (Node("P", 30), Node("Q", 40), Node("X", -20), Node("Y", -40))
ROUTES = (
    Route("P-X", "P", "X", 4), Route("P-Y", "P", "Y", 6), Route("Q-X", "Q", "X", 5), Route("Q-Y", "Q", "Y", 3),
)  # fmt: skip


LOSSY = (structs.replace(ROUTES[0], keeps=(97, 100)), structs.replace(ROUTES[1], lot=20), *ROUTES[2:])
PIPE = (Shared("pipe", 30, ("P-X", "P-Y")),)


async def ask(here, *network):
    here.builder.number += 1
    await here.builder.give("energy.ask", AskFields(*network), "operator", "p-operator-1")
    assert 1 == len(here.world.supplies.asked)


def test_the_solver_matches_and_the_machine_publishes(folder):  # noqa: F811
    """Plain networks, and such as lose, share and carry cargoes; the journal replays without any solver."""

    async def story():
        async with beside(folder) as here:
            await ask(here, NODES, ROUTES)
            await here.until(lambda: not here.world.supplies.asked)
            await ask(here, NODES, LOSSY, PIPE)
            await here.until(lambda: not here.world.supplies.asked)
            assert here.world.deals.unproved  # its cargoes leave a gap
            return here.world.state_hash()

    assert run(story()).hex() == proved(folder).state_hash


def test_a_dead_solver_leaves_the_question_unanswered(folder):  # noqa: F811
    """Nonsense for an answer; after thirty seconds the question is over."""

    async def story():
        async with beside(folder, "tests.node.evil:nonsense") as here:
            await ask(here, NODES, ROUTES)
            await here.advance(30 * SECOND)
            await here.until(lambda: not here.world.supplies.asked)

    run(story())
