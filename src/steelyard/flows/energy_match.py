"""A match of who has energy with who needs it: asked of the solver or brought with its proof, checked, published.

Whoever computed it is not believed: the machine checks flows, cost and prices exactly, and publishes what follows from
them. Nothing is booked; a match is what contracts and nominations are made by. A question that no solver answers in
time ends, and the operator is told.
"""

from hashlib import sha256
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from steelyard.flows.command import Command, Outcome
from steelyard.flows.diary import Diary, refused
from steelyard.flows.energy_facts import EnergyAsked, EnergyMatched
from steelyard.flows.fields import Id16, Number
from steelyard.flows.timers import TimerKind
from steelyard.flows.world import World
from steelyard.market.energy.asks import ASKS_MAX, MatchAsk
from steelyard.market.energy.matching import Match, Matched, check_match
from steelyard.market.energy.network import Node, Route, fault_of, network
from steelyard.market.refusals.energy import EnergyRefusal as No
from steelyard.members.refusals import MemberRefusal
from steelyard.members.state import OPERATOR
from steelyard.values.instants import SECOND, Instant
from steelyard.values.refusal import Refusal

NODES_MAX, ROUTES_MAX = 500, 5_000
TEXT_MAX = 35
ANSWER_NS = 30 * SECOND
"""How long a solver has to answer"""

Nodes = Annotated[tuple[Node, ...], Meta(max_length=NODES_MAX)]
Routes = Annotated[tuple[Route, ...], Meta(max_length=ROUTES_MAX)]
Flows = Annotated[tuple[Number, ...], Meta(max_length=ROUTES_MAX)]
Prices = Annotated[tuple[tuple[int, int], ...], Meta(max_length=NODES_MAX)]


class AskFields(Struct, array_like=True, frozen=True, gc=False):
    """A network to be matched."""

    nodes: Nodes
    routes: Routes


class MatchFields(Struct, array_like=True, frozen=True, gc=False):
    """A network, and a match of it: quantities by route, prices by node as ratios, both in order."""

    nodes: Nodes
    routes: Routes
    flows: Flows
    prices: Prices
    cost_minor: int


class ProposeFields(Struct, array_like=True, frozen=True, gc=False):
    """What a solver answers to a question."""

    match_id: Id16
    flows: Flows
    prices: Prices
    cost_minor: int


def ask(world: World, command: Command, fields: AskFields, at: Instant) -> Outcome:
    """Ask the solver for a match of a network."""
    fault = _fault(command, fields.nodes, fields.routes)
    if fault is not None:
        return refused(fault)
    if len(world.supplies.asked) >= ASKS_MAX:
        return refused(No.TOO_MANY_SUPPLIES)
    made = MatchAsk(command.id, fields.nodes, fields.routes, at, world.commands + 1)
    world.supplies.asked[made.match_id] = made
    world.supplies.fresh.append(made)
    world.timers.set(at + ANSWER_NS, TimerKind.ENERGY_MATCH, made.match_id)
    diary = Diary()
    diary.fact(EnergyAsked(made.match_id, "ASKED"))
    return diary.done()


def propose(world: World, command: Command, fields: ProposeFields, at: Instant) -> Outcome:
    """Take a solver's match of what was asked, or refuse it."""
    asked = world.supplies.asked.get(fields.match_id)
    if asked is None:
        return refused(No.MATCH_NOT_ASKED)
    match = Match(fields.flows, fields.prices, fields.cost_minor)
    diary = Diary()
    fault = _publish(diary, asked.match_id, asked.nodes, asked.routes, match)
    if fault is not None:
        return refused(fault)
    del world.supplies.asked[asked.match_id]
    world.timers.cancel(TimerKind.ENERGY_MATCH, asked.match_id)
    diary.tell(OPERATOR, "energy.matched", asked.match_id)
    return diary.done()


def publish(world: World, command: Command, fields: MatchFields, at: Instant) -> Outcome:
    """Publish a match that was computed elsewhere and stands every check."""
    fault = _fault(command, fields.nodes, fields.routes)
    if fault is not None:
        return refused(fault)
    match = Match(fields.flows, fields.prices, fields.cost_minor)
    diary = Diary()
    fault = _publish(diary, command.id, fields.nodes, fields.routes, match)
    return diary.done() if fault is None else refused(fault)


def on_timer_match(world: World, diary: Diary, match_id: bytes, at: Instant) -> None:
    """End a question that nobody has answered."""
    if world.supplies.asked.pop(match_id, None) is not None:
        diary.fact(EnergyAsked(match_id, "UNANSWERED"))
        diary.tell(OPERATOR, "energy.unanswered", match_id)


def _fault(command: Command, nodes: tuple[Node, ...], routes: tuple[Route, ...]) -> Refusal | None:
    """Say why a network cannot be matched, or nothing."""
    if command.sender != OPERATOR:
        return MemberRefusal.OBJECT_IS_NOT_YOURS
    names = [text for one in nodes for text in (one.id, one.product, one.month)]
    names += [one.id for one in routes]
    if not nodes or any(len(text) > TEXT_MAX for text in names) or fault_of(nodes, routes):
        return No.NETWORK_IS_MALFORMED
    return None


def _publish(
    diary: Diary, match_id: bytes, nodes: tuple[Node, ...], routes: tuple[Route, ...], match: Match
) -> Refusal | None:
    """Note a match that stands every check, or say which it does not."""
    found = check_match(network(nodes, routes), match)
    if not isinstance(found, Matched):
        return found
    digest = sha256(msgspec.msgpack.encode((nodes, routes))).digest()
    diary.fact(
        EnergyMatched(
            match_id, digest, found.cost_minor, -1 if found.surplus_minor is None else found.surplus_minor,
            found.flows, found.prices, found.marginal, found.unserved, found.unsold,
        )
    )  # fmt: skip
    return None
