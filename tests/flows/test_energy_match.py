"""A match of energy through the Machine: published with what it proves, or refused by the rule it breaks."""

import pytest
from msgspec import structs

from steelyard.flows.command import Code
from steelyard.flows.energy_facts import EnergyMatched
from steelyard.flows.energy_match import MatchFields
from steelyard.market.energy.matching import propose_match
from steelyard.market.energy.network import Node, Route, network
from steelyard.market.refusals.energy import EnergyRefusal as No
from steelyard.solve.transport import TransportSolver
from tests.flows.payworld import ANNA, Network, facts, is_refused

NODES = (Node("P", 30), Node("Q", 40), Node("X", -20), Node("Y", -40))
ROUTES = (
    Route("P-X", "P", "X", 4),
    Route("P-Y", "P", "Y", 6),
    Route("Q-X", "Q", "X", 5),
    Route("Q-Y", "Q", "Y", 3),
)
MATCH = propose_match(network(NODES, ROUTES), solver=TransportSolver())
FIELDS = MatchFields(NODES, ROUTES, MATCH.flows, MATCH.prices, MATCH.cost_minor)


def test_a_match_is_published_with_its_prices_and_their_range():
    """Flows, node prices, routes that set them, what is left."""
    (found,) = facts(Network().give("energy.match", FIELDS, "operator"))

    assert isinstance(found, EnergyMatched)
    assert (200, -1, (("P-X", 20), ("Q-Y", 40)), (("P", 10),)) == (
        found.cost_minor, found.surplus_minor, found.flows, found.unsold,
    )  # fmt: skip
    assert (("P", 0, 0), ("Q", 0, 3), ("X", 4, 4), ("Y", 3, 6)) == found.prices
    assert ((), ("P-X", "Q-Y")) == (found.unserved, found.marginal)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"nodes": ()}, No.NETWORK_IS_MALFORMED),
        ({"routes": (Route("P-X", "P", "Z", 4),)}, No.NETWORK_IS_MALFORMED),
        ({"nodes": (Node("P" * 36, 1),), "routes": ()}, No.NETWORK_IS_MALFORMED),
        ({"flows": (21, 0, 0, 40)}, No.MATCH_IS_NOT_FEASIBLE),
        ({"cost_minor": 199}, No.MATCH_COST_IS_WRONG),
        ({"prices": ((0, 1), (0, 1), (5, 1), (3, 1))}, No.PRICES_LEAVE_A_GAP),
        ({"prices": ((0, 1), (1, 1), (4, 1), (4, 1))}, No.PRICES_ARE_NOT_SMALLEST),
    ],
)
def test_what_is_wrong_is_not_published(changes, refusal):
    """By one unit or by a node that is not there."""
    assert is_refused(Network().give("energy.match", structs.replace(FIELDS, **changes), "operator"), refusal)


def test_a_match_is_the_operators_to_publish():
    """A participant computes what it likes."""
    assert Network().give("energy.match", FIELDS, ANNA).code == Code.REFUSED
