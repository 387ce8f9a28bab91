"""A match of energy through the Machine: published with what it proves, or refused by the rule it breaks."""

import pytest
from msgspec import structs

from steelyard.flows import energy_question
from steelyard.flows.command import Code
from steelyard.flows.energy_facts import EnergyMatched
from steelyard.flows.energy_match import ANSWER_NS, AskFields, MatchFields, ProposeFields
from steelyard.market.energy.matching import propose_match
from steelyard.market.energy.network import Node, Route, network
from steelyard.market.energy.supplies import Supplies
from steelyard.market.refusals.energy import EnergyRefusal as No
from steelyard.solve.transport import TransportSolver
from tests.flows.payworld import ANNA, Network, facts, is_refused, notices, told

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
    assert ("200", "", (("P-X", "20"), ("Q-Y", "40")), (("P", "10"),)) == (
        found.cost, found.surplus, found.flows, found.unsold,
    )  # fmt: skip
    assert (("P", "0", "0"), ("Q", "0", "3"), ("X", "4", "4"), ("Y", "3", "6")) == found.prices
    assert (("X", 20), ("Y", 40)) == found.delivered
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


@pytest.mark.parametrize(("count", "large"), [(3_000, False), (3_001, True)])
def test_a_network_that_is_not_plain_is_smaller(count, large):
    """What a machine goes through for one command is bounded: a route with losses more than that is refused."""
    routes = tuple(Route(f"{no}", "P", "X", 4, keeps=(1, 2)) for no in range(count))
    outcome = Network().give("energy.ask", AskFields(NODES, routes), "operator")

    assert large == is_refused(outcome, No.NETWORK_IS_MALFORMED)
    plain = tuple(structs.replace(one, keeps=(1, 1)) for one in routes)
    assert Network().give("energy.ask", AskFields(NODES, plain), "operator").code == Code.DONE


class Asking(Network):
    """A network of energy is asked about; what a solver would be told is noted."""

    def __init__(self):
        super().__init__()
        self.told = []
        self.world.on_match = lambda world, asked: self.told.append(energy_question.question(asked))
        self.outcome = self.give("energy.ask", AskFields(NODES, ROUTES), "operator")

    def propose(self, **changes):
        fields = ProposeFields(self.told[0].batch_id, MATCH.flows, MATCH.prices, MATCH.cost_minor)
        return self.give("energy.propose", structs.replace(fields, **changes), "operator", actor="node")


def test_what_is_asked_is_matched_by_a_solver_and_checked():
    """The snapshot that it gets is the network; a lie is refused, the truth is published once."""
    net = Asking()
    (question,) = net.told
    snapshot = energy_question.snapshot(net.world, question.batch_id)
    assert snapshot == energy_question.unpack(energy_question.pack(snapshot))
    assert (NODES, ROUTES) == (snapshot.nodes, snapshot.routes)
    assert net.world.supplies.encode() == Supplies.decode(net.world.supplies.encode()).encode()
    assert is_refused(net.propose(cost_minor=199), No.MATCH_COST_IS_WRONG)
    outcome = net.propose()

    assert [question.batch_id] == [one.match_id for one in facts(outcome) if isinstance(one, EnergyMatched)]
    assert [("operator", "energy.matched")] == told(outcome)
    assert is_refused(net.propose(), No.MATCH_NOT_ASKED)
    assert {} == net.world.supplies.asked


def test_a_question_that_nobody_answers_ends():
    """After thirty seconds; the operator is told, and a late answer is refused."""
    net = Asking()
    net.at += ANSWER_NS
    net.tick()

    assert ["operator"] == [one.recipient for one in notices(net, "energy.unanswered")]
    assert is_refused(net.propose(), No.MATCH_NOT_ASKED)


def test_questions_stay_within_their_bounds(monkeypatch):
    """One more is refused, and so is a network that is none, or a participant's."""
    net = Asking()
    assert is_refused(net.give("energy.ask", AskFields((), ()), "operator"), No.NETWORK_IS_MALFORMED)
    assert net.give("energy.ask", AskFields(NODES, ROUTES), ANNA).code == Code.REFUSED
    monkeypatch.setattr("steelyard.flows.energy_match.ASKS_MAX", 1)

    assert is_refused(net.give("energy.ask", AskFields(NODES, ROUTES), "operator"), No.TOO_MANY_SUPPLIES)


def test_a_match_is_the_operators_to_publish():
    """A participant computes what it likes."""
    assert Network().give("energy.match", FIELDS, ANNA).code == Code.REFUSED
