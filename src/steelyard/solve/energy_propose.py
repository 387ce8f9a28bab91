"""From a network that waits for its match to the fields of the command that proposes it."""

from msgspec import Raw

from steelyard.flows.command import raw
from steelyard.flows.energy_match import ProposeFields
from steelyard.flows.energy_question import MatchSnapshot
from steelyard.market.energy.matching import propose_any
from steelyard.solve.transport import TransportSolver


def propose_energy(match_id: bytes, asked: MatchSnapshot) -> Raw:
    """Give the match of a network, with the prices that prove it."""
    found = propose_any(asked.nodes, asked.routes, asked.shared, solver=TransportSolver())
    return raw(ProposeFields(match_id, found.flows, found.prices, found.cost_minor, found.proof))
