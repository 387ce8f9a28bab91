"""Networks of energy and their matches: from JSON to what the machine takes, and from what a solver finds to JSON."""

from collections.abc import Sequence

from steelyard.client import energy as shapes
from steelyard.market.energy.match import Match
from steelyard.market.energy.network import UNBOUND, Node, Route, Shared
from steelyard.market.energy.proof import Proof, Weighing


def nodes(asked: Sequence[shapes.NodeAsked]) -> tuple[Node, ...]:
    """Give the nodes of a network."""
    return tuple(
        Node(one.id, one.amount, UNBOUND if one.price_minor is None else one.price_minor, one.product, one.month,
             one.owner)
        for one in asked
    )  # fmt: skip


def routes(asked: Sequence[shapes.RouteAsked]) -> tuple[Route, ...]:
    """Give its routes."""
    return tuple(
        Route(one.id, one.source, one.target, one.cost_minor, UNBOUND if one.capacity is None else one.capacity,
              (one.keeps.num, one.keeps.den), one.lot, one.owner)
        for one in asked
    )  # fmt: skip


def shared(asked: Sequence[shapes.SharedAsked]) -> tuple[Shared, ...]:
    """Give the capacities that its routes share."""
    return tuple(Shared(one.id, one.capacity, tuple(one.routes), one.owner) for one in asked)


def proof(told: shapes.ProofBrought) -> Proof:
    """Give a proof."""
    return Proof(
        tuple(told.flows), told.cost, tuple(told.prices), tuple(told.rents), tuple(told.second),
        tuple(_weighing(one) for one in told.rent_proofs), _weighing(told.price_proof), tuple(told.highest),
        _weighing(told.high_proof), tuple(told.rising),
    )  # fmt: skip


def _weighing(told: list[shapes.WeightBrought]) -> Weighing:
    return tuple((one.column, one.weight) for one in told)


def brought(asked: shapes.MatchAsked, match: Match) -> shapes.MatchBrought:
    """Give a network with a match of it, as it is brought."""
    return shapes.MatchBrought(
        nodes=asked.nodes, routes=asked.routes, shared=asked.shared, asset=asked.asset,
        accept_until=asked.accept_until, flows=list(match.flows),
        prices=[shapes.PriceProof(num=num, den=den) for num, den in match.prices], cost_minor=match.cost_minor,
        proof=None if match.proof is None else _told(match.proof),
    )  # fmt: skip


def _told(found: Proof) -> shapes.ProofBrought:
    return shapes.ProofBrought(
        flows=list(found.flows), cost=found.cost, prices=list(found.prices), rents=list(found.rents),
        second=list(found.second), rent_proofs=[_weights(one) for one in found.rent_proofs],
        price_proof=_weights(found.price_proof), highest=list(found.highest), high_proof=_weights(found.high_proof),
        rising=list(found.rising),
    )  # fmt: skip


def _weights(weighing: Weighing) -> list[shapes.WeightBrought]:
    return [shapes.WeightBrought(column=no, weight=weight) for no, weight in weighing]
