"""Deals: matches that are settled. Everybody who pays or gets something accepts; then every month makes its bills."""

from msgspec import Struct

from steelyard.flows import energy_bill, parties
from steelyard.flows.command import Command, Outcome
from steelyard.flows.diary import Diary, refused
from steelyard.flows.energy_facts import DealMoved
from steelyard.flows.fields import Id16
from steelyard.flows.timers import TimerKind
from steelyard.flows.world import World
from steelyard.market.energy.asks import MatchAsk
from steelyard.market.energy.charges import bills, served
from steelyard.market.energy.deals import (
    DEALS_MAX,
    PARTIES_MAX,
    Deal,
    DealEvent,
    DealState,
    Due,
    Served,
    step,
)
from steelyard.market.energy.match import Matched
from steelyard.market.energy.months import month_of
from steelyard.market.energy.supplies import month_begins
from steelyard.market.refusals.energy import EnergyRefusal as No
from steelyard.members.refusals import MemberRefusal
from steelyard.members.state import OPERATOR
from steelyard.values.amount import AMOUNT_END
from steelyard.values.instants import DAY, Instant

ACCEPT_NS_MAX = 60 * DAY
REPORT_NS = 60 * DAY
"""How long after its last month what was not delivered may be reported"""


class NamedFields(Struct, array_like=True, frozen=True, gc=False):
    """A deal, by the id of its match."""

    match_id: Id16


def fault(world: World, ask: MatchAsk, at: Instant) -> No | None:
    """Say why a match cannot be in the currency asked for, or be settled as it says; None too where it is not to be."""
    if not ask.accept_until:
        return None if not ask.asset or ask.asset in world.members.assets else No.DEAL_OUT_OF_RANGE
    months = [month_of(one.month) for one in ask.nodes]
    owners = [one.owner for one in ask.nodes if one.amount]
    owners += [one.owner for one in ask.routes] + [one.owner for one in ask.shared]
    sound = (
        all(month is not None for month in months)
        and len(dict.fromkeys(owners)) <= PARTIES_MAX
        and not any(one.owner for one in ask.nodes if not one.amount)
        and all(_can_pay(world, one, ask.asset) for one in dict.fromkeys(owners))
        and at < ask.accept_until <= at + ACCEPT_NS_MAX
        and ask.accept_until <= month_begins(min(month for month in months if month is not None) + 1)
    )
    return None if sound else No.DEAL_OUT_OF_RANGE


def _can_pay(world: World, owner: str, asset: str) -> bool:
    found = world.members.participants.get(owner)
    return found is not None and found.sends and bool(parties.settlement_account(world, owner, asset))


def offer(world: World, diary: Diary, ask: MatchAsk, made: Matched) -> No | None:
    """Offer a match to those who pay or get something by it; or say why it cannot be, and nothing has changed."""
    if not ask.accept_until:
        return None
    dues = tuple(
        Due(month_of(one.month) or 0, one.debtor, one.creditor, one.amount_minor)
        for one in bills(ask.nodes, ask.routes, ask.shared, made)
    )
    if any(one.amount_minor >= AMOUNT_END for one in dues):
        return No.DEAL_OUT_OF_RANGE
    if len(world.deals.live) >= DEALS_MAX or not world.deals.has_room(len(dues)):
        return No.TOO_MANY_SUPPLIES
    names = sorted({name for one in dues for name in (one.debtor, one.creditor)})
    if not names:
        return None
    reached = tuple(
        Served(node.id, node.owner, month_of(node.month) or 0, count, price.numerator, price.denominator)
        for node, count, price in served(ask.nodes, made)
    )
    deal = Deal(ask.match_id, ask.asset, ask.accept_until, tuple(names), dues, served=reached)
    world.deals.live[deal.match_id] = deal
    world.timers.set(deal.accept_until, TimerKind.ENERGY_DEAL, deal.match_id)
    diary.fact(_moved(deal, "OFFERED"))
    for name in names:
        diary.tell(name, "energy.offered", deal.match_id, deal.asset, balance(deal, name), deal.accept_until)
    return None


def balance(deal: Deal, name: str) -> int:
    """Give what a party gets by a deal in all months; below zero: pays."""
    return sum(one.amount_minor * ((one.creditor == name) - (one.debtor == name)) for one in deal.dues)


def accept(world: World, command: Command, fields: NamedFields, at: Instant) -> Outcome:
    """Accept a deal as one of its parties; the last one makes it binding."""
    deal = _of(world, command.sender, fields.match_id)
    if isinstance(deal, No):
        return refused(deal)
    found = world.members.participants[command.sender]
    if not found.sends:
        return refused(MemberRefusal.PARTICIPANT_STATE_FORBIDS)
    if command.sender in deal.accepted or at >= deal.accept_until:
        return refused(No.DEAL_STATE_FORBIDS)
    deal.accepted = tuple(sorted((*deal.accepted, command.sender)))
    diary = Diary()
    if len(deal.accepted) < len(deal.parties):
        go(world, diary, deal, DealEvent.ACCEPTED, at)
        return diary.done()
    go(world, diary, deal, DealEvent.ALL_ACCEPTED, at)
    for name in deal.parties:
        diary.tell(name, "energy.agreed", deal.match_id)
    return diary.done()


def over_line(world: World, command: Command, fields: NamedFields) -> bool:
    """Say whether what a party pays by a deal is above its line, so that two people must accept it."""
    deal = world.deals.live.get(fields.match_id)
    found = world.members.participants.get(command.sender)
    if deal is None or found is None:
        return False
    line = found.settings.lines_minor.get(deal.asset)
    return (
        line is not None and sum(one.amount_minor for one in deal.dues if one.debtor == command.sender) > line
    )


def decline(world: World, command: Command, fields: NamedFields, at: Instant) -> Outcome:
    """Decline a deal as one of its parties, before it is binding: it is off for all."""
    deal = _of(world, command.sender, fields.match_id)
    if isinstance(deal, No):
        return refused(deal)
    diary = Diary()
    go(world, diary, deal, DealEvent.DECLINED, at)
    for name in (OPERATOR, *deal.parties):
        diary.tell(name, "energy.declined", deal.match_id)
    return diary.done()


def on_timer_deal(world: World, diary: Diary, match_id: bytes, at: Instant) -> None:
    """Let a deal lapse that not all have accepted in time; bill the months of one that are over."""
    deal = world.deals.live.get(match_id)
    if deal is None:
        return
    if deal.state is DealState.BILLED:
        go(world, diary, deal, DealEvent.CLOSED, at)
        return
    if deal.state is DealState.OFFERED:
        go(world, diary, deal, DealEvent.LAPSED, at)
        for name in (OPERATOR, *deal.parties):
            diary.tell(name, "energy.lapsed", match_id)
        return
    over = [one for one in deal.dues if month_begins(one.month + 1) <= at]
    deal.dues = deal.dues[len(over) :]
    for one in over:
        energy_bill.issue(
            world, diary,
            energy_bill.new_bill(
                world, match_id, "match", one.month, debtor=one.debtor, creditor=one.creditor, asset=deal.asset,
                amount_minor=one.amount_minor, at=at,
            ),
        )  # fmt: skip
    go(world, diary, deal, DealEvent.BILLED if deal.dues else DealEvent.LAST_BILLED, at)


def _of(world: World, sender: str, match_id: bytes) -> Deal | No:
    deal = world.deals.live.get(match_id)
    if deal is None or sender not in deal.parties:
        return No.DEAL_NOT_FOUND
    return deal if deal.state is DealState.OFFERED else No.DEAL_STATE_FORBIDS


def go(world: World, diary: Diary, deal: Deal, event: DealEvent, at: Instant) -> None:
    """Let a deal take a step; its clock is that of its next month, and one that is over leaves."""
    after = step(deal.state, event)
    assert after is not None
    deal.state = after
    diary.fact(_moved(deal, event.value))
    if after in (DealState.ENDED, DealState.CANCELLED):
        del world.deals.live[deal.match_id]
        world.timers.cancel(TimerKind.ENERGY_DEAL, deal.match_id)
    elif after is DealState.AGREED:
        due_at = max(at, month_begins(deal.months[0] + 1))
        world.timers.set(due_at, TimerKind.ENERGY_DEAL, deal.match_id)
    elif event is DealEvent.LAST_BILLED:
        world.timers.set(at + REPORT_NS, TimerKind.ENERGY_DEAL, deal.match_id)


def _moved(deal: Deal, event: str) -> DealMoved:
    return DealMoved(
        deal.match_id, deal.asset, deal.parties, deal.accepted, deal.accept_until, event, deal.state.value,
        tuple((one.month, one.debtor, one.creditor, one.amount_minor) for one in deal.dues),
        tuple((one.node, one.owner, one.month, one.quantity, f"{one.num}/{one.den}") for one in deal.served),
        tuple((one.node, one.party, one.quantity, one.amount_minor) for one in deal.shortfalls),
    )  # fmt: skip
