"""A match of who has energy with who needs it: asked of the solver or brought with its proof, checked, published.

Whoever computed it is not believed: the machine checks flows, cost and prices exactly, and publishes what follows from
them. Cargoes that leave a gap to what is proved are published by two people, or not at all. A match in a currency is
offered to its parties as a deal (`energy_deal.py`); any other is what contracts and nominations are made by. A question
that no solver answers in time ends, and the operator is told.
"""

from hashlib import sha256
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from steelyard.flows import energy_deal
from steelyard.flows.command import Command, Outcome
from steelyard.flows.diary import Diary, refused
from steelyard.flows.energy_facts import EnergyAsked, EnergyMatched
from steelyard.flows.fields import At, Id16, Name, Number
from steelyard.flows.timers import TimerKind
from steelyard.flows.world import World
from steelyard.market.energy.asks import ASKS_MAX, MatchAsk, Unproved
from steelyard.market.energy.match import Match, Matched
from steelyard.market.energy.matching import check_any
from steelyard.market.energy.network import (
    SHARED_MAX,
    UNBOUND,
    Node,
    Route,
    Shared,
    entries_of,
    fault_of,
    is_plain,
)
from steelyard.market.energy.proof import Proof
from steelyard.market.refusals.energy import EnergyRefusal as No
from steelyard.members.refusals import MemberRefusal
from steelyard.members.state import OPERATOR
from steelyard.values.instants import SECOND, Instant
from steelyard.values.refusal import Refusal

NODES_MAX, ROUTES_MAX = 500, 5_000
ENTRIES_MAX = 6_000
"""Ends of routes and uses of shared capacities, where something is lost, shared or carried by cargoes: 3,000 routes"""
TEXT_MAX = 35
ANSWER_NS = 30 * SECOND
"""How long a solver has to answer"""

Nodes = Annotated[tuple[Node, ...], Meta(max_length=NODES_MAX)]
Routes = Annotated[tuple[Route, ...], Meta(max_length=ROUTES_MAX)]
Facilities = Annotated[tuple[Shared, ...], Meta(max_length=SHARED_MAX)]
Flows = Annotated[tuple[Number, ...], Meta(max_length=ROUTES_MAX)]
Prices = Annotated[tuple[tuple[int, int], ...], Meta(max_length=NODES_MAX)]


class AskFields(Struct, array_like=True, frozen=True, gc=False):
    """A network to be matched; with a currency, to be settled in it if all parties accept in time."""

    nodes: Nodes
    routes: Routes
    shared: Facilities = ()
    asset: Name = ""
    accept_until: At = 0


class MatchFields(Struct, array_like=True, frozen=True, gc=False):
    """A network, and a match of it: quantities by route, prices by node as ratios, both in order, or its proof."""

    nodes: Nodes
    routes: Routes
    flows: Flows
    prices: Prices
    cost_minor: int
    shared: Facilities = ()
    proof: Proof | None = None
    asset: Name = ""
    accept_until: At = 0


class ProposeFields(Struct, array_like=True, frozen=True, gc=False):
    """What a solver answers to a question."""

    match_id: Id16
    flows: Flows
    prices: Prices
    cost_minor: int
    proof: Proof | None = None


class NamedFields(Struct, array_like=True, frozen=True, gc=False):
    """A question, or a match that leaves a gap."""

    match_id: Id16


def ask(world: World, command: Command, fields: AskFields, at: Instant) -> Outcome:
    """Ask the solver for a match of a network."""
    made = MatchAsk(
        command.id, fields.nodes, fields.routes, at, world.commands + 1, fields.shared, fields.asset,
        fields.accept_until,
    )  # fmt: skip
    fault = _fault(world, command, made, at)
    if fault is not None:
        return refused(fault)
    if len(world.supplies.asked) >= ASKS_MAX:
        return refused(No.TOO_MANY_SUPPLIES)
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
    diary = Diary()
    match = Match(fields.flows, fields.prices, fields.cost_minor, fields.proof)
    fault = _judge(world, diary, asked, match, at)
    if fault is not None:
        return refused(fault)
    del world.supplies.asked[asked.match_id]
    world.timers.cancel(TimerKind.ENERGY_MATCH, asked.match_id)
    diary.tell(OPERATOR, "energy.matched", asked.match_id)
    return diary.done()


def publish(world: World, command: Command, fields: MatchFields, at: Instant) -> Outcome:
    """Publish a match that was computed elsewhere and stands every check."""
    made = MatchAsk(
        command.id, fields.nodes, fields.routes, at, world.commands + 1, fields.shared, fields.asset,
        fields.accept_until,
    )  # fmt: skip
    fault = _fault(world, command, made, at)
    if fault is not None:
        return refused(fault)
    match = Match(fields.flows, fields.prices, fields.cost_minor, fields.proof)
    diary = Diary()
    fault = _judge(world, diary, made, match, at)
    return diary.done() if fault is None else refused(fault)


def publish_unproved(world: World, command: Command, fields: NamedFields, at: Instant) -> Outcome:
    """Publish cargoes that leave a gap, as two people of the operator."""
    if command.sender != OPERATOR:
        return refused(MemberRefusal.OBJECT_IS_NOT_YOURS)
    waits = world.deals.unproved.get(fields.match_id)
    if waits is None:
        return refused(No.MATCH_NOT_ASKED)
    diary = Diary()
    fault = energy_deal.fault(world, waits.ask, at) or _judge(
        world, diary, waits.ask, waits.match, at, with_gap=True
    )
    if fault is not None:
        return refused(fault)
    del world.deals.unproved[fields.match_id]
    return diary.done()


def withdraw(world: World, command: Command, fields: NamedFields, at: Instant) -> Outcome:
    """Take a question back that is open, or cargoes that leave a gap: what a solver answers later is refused."""
    if command.sender != OPERATOR:
        return refused(MemberRefusal.OBJECT_IS_NOT_YOURS)
    if world.supplies.asked.pop(fields.match_id, None) is not None:
        world.timers.cancel(TimerKind.ENERGY_MATCH, fields.match_id)
    elif world.deals.unproved.pop(fields.match_id, None) is None:
        return refused(No.MATCH_NOT_ASKED)
    diary = Diary()
    diary.fact(EnergyAsked(fields.match_id, "WITHDRAWN"))
    return diary.done()


def on_timer_match(world: World, diary: Diary, match_id: bytes, at: Instant) -> None:
    """End a question that nobody has answered."""
    if world.supplies.asked.pop(match_id, None) is not None:
        diary.fact(EnergyAsked(match_id, "UNANSWERED"))
        diary.tell(OPERATOR, "energy.unanswered", match_id)


def _fault(world: World, command: Command, asked: MatchAsk, at: Instant) -> Refusal | None:
    """Say why a network cannot be matched, or nothing."""
    if command.sender != OPERATOR:
        return MemberRefusal.OBJECT_IS_NOT_YOURS
    names = [text for one in asked.nodes for text in (one.id, one.product, one.month, one.owner)]
    names += [text for one in asked.routes for text in (one.id, one.owner)]
    names += [text for one in asked.shared for text in (one.id, one.owner)]
    long = any(len(text) > TEXT_MAX for text in names)
    large = not is_plain(asked.routes, asked.shared) and entries_of(asked.routes, asked.shared) > ENTRIES_MAX
    if not asked.nodes or long or large or fault_of(asked.nodes, asked.routes, asked.shared):
        return No.NETWORK_IS_MALFORMED
    return energy_deal.fault(world, asked, at)


def _judge(
    world: World, diary: Diary, asked: MatchAsk, match: Match, at: Instant, *, with_gap: bool = False
) -> Refusal | None:
    """Publish a match that stands every check, or let it wait for two people; or say which it does not stand."""
    found = check_any(asked.nodes, asked.routes, asked.shared, match)
    if not isinstance(found, Matched):
        return found
    waits = found.gap_minor > 0 and not with_gap
    if waits and len(world.deals.unproved) >= ASKS_MAX:
        return No.TOO_MANY_SUPPLIES
    fact = _fact(asked, found, "UNPROVED" if waits else "PUBLISHED")
    diary.fact(fact)
    if waits:
        world.deals.unproved[asked.match_id] = Unproved(asked, match)
        diary.tell(OPERATOR, "energy.unproved", asked.match_id, found.gap_minor)
        return None
    return energy_deal.offer(world, diary, asked, found)


def _fact(asked: MatchAsk, found: Matched, state: str) -> EnergyMatched:
    digest = sha256(msgspec.msgpack.encode((asked.nodes, asked.routes, asked.shared))).digest()
    return EnergyMatched(
        asked.match_id, digest, state, asked.asset, str(found.cost_minor),
        "" if found.surplus_minor is None else str(found.surplus_minor), found.gap_minor,
        tuple((name, str(count)) for name, count in found.flows),
        tuple((name, str(low), "" if high == UNBOUND else str(high)) for name, low, high in found.prices),
        tuple((name, str(rent)) for name, rent in found.rents), found.marginal,
        tuple((name, str(count), why) for name, count, why in found.unserved),
        tuple((name, str(count)) for name, count in found.unsold), found.delivered,
    )  # fmt: skip
