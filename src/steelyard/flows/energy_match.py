"""A match of who has energy with who needs it: brought with its proof by the operator, checked, published.

Whoever computed it is not believed: the machine checks flows, cost and prices exactly, and publishes what follows from
them. Nothing is booked; a match is what contracts and nominations are made by.
"""

from hashlib import sha256
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from steelyard.flows.command import Command, Outcome
from steelyard.flows.diary import Diary, refused
from steelyard.flows.energy_facts import EnergyMatched
from steelyard.flows.fields import Number
from steelyard.flows.world import World
from steelyard.market.energy.matching import Match, Matched, check_match
from steelyard.market.energy.network import Node, Route, fault_of, network
from steelyard.market.refusals.energy import EnergyRefusal as No
from steelyard.members.refusals import MemberRefusal
from steelyard.members.state import OPERATOR
from steelyard.values.instants import Instant

NODES_MAX, ROUTES_MAX = 500, 5_000
TEXT_MAX = 35


class MatchFields(Struct, array_like=True, frozen=True, gc=False):
    """A network, and a match of it: quantities by route, prices by node as ratios, both in order."""

    nodes: Annotated[tuple[Node, ...], Meta(max_length=NODES_MAX)]
    routes: Annotated[tuple[Route, ...], Meta(max_length=ROUTES_MAX)]
    flows: Annotated[tuple[Number, ...], Meta(max_length=ROUTES_MAX)]
    prices: Annotated[tuple[tuple[int, int], ...], Meta(max_length=NODES_MAX)]
    cost_minor: int


def publish(world: World, command: Command, fields: MatchFields, at: Instant) -> Outcome:
    """Publish a match that stands every check."""
    if command.sender != OPERATOR:
        return refused(MemberRefusal.OBJECT_IS_NOT_YOURS)
    names = [text for one in fields.nodes for text in (one.id, one.product, one.month)]
    names += [one.id for one in fields.routes]
    if (
        not fields.nodes
        or any(len(text) > TEXT_MAX for text in names)
        or fault_of(fields.nodes, fields.routes)
    ):
        return refused(No.NETWORK_IS_MALFORMED)
    match = Match(fields.flows, fields.prices, fields.cost_minor)
    found = check_match(network(fields.nodes, fields.routes), match)
    if not isinstance(found, Matched):
        return refused(found)
    digest = sha256(msgspec.msgpack.encode((fields.nodes, fields.routes))).digest()
    diary = Diary()
    diary.fact(
        EnergyMatched(
            command.id, digest, found.cost_minor, -1 if found.surplus_minor is None else found.surplus_minor,
            found.flows, found.prices, found.marginal, found.unserved, found.unsold,
        )
    )  # fmt: skip
    return diary.done()
