"""A tender from its buyer's side before offers are opened: drafted, published, rated, cancelled."""

from typing import Annotated

from msgspec import Meta, Struct, structs

from steelyard.flows import market_rules, parties, settle, tender_life
from steelyard.flows.command import Command, Outcome
from steelyard.flows.diary import Diary, refused
from steelyard.flows.fields import Id16, Word
from steelyard.flows.timers import TimerKind
from steelyard.flows.world import World
from steelyard.market.refusals.tenders import TenderRefusal as No
from steelyard.market.rules import bond_minor
from steelyard.market.tender import BP, CARGOES_MAX, FAR, RATED, Capacity, FirmRate, Vessel
from steelyard.market.tenders import (
    BUYERS_MAX,
    TENDERS_MAX,
    UNSAID,
    VESSELS_MAX,
    TenderCase,
    TenderEvent,
    TenderState,
    Terms,
    step,
)
from steelyard.values.amount import AMOUNT_END
from steelyard.values.instants import DAY, Instant

TEXT_MAX = 35
PRICE_END = 10**10
CARGO_T_MAX = 1_000_000
WINDOW_NS_MAX = 400 * DAY
CAPACITIES_MAX = 100
QUOTES_MAX = 16


class DraftFields(Struct, array_like=True, frozen=True, gc=False):
    """What is asked for."""

    terms: Terms


class NamedFields(Struct, array_like=True, frozen=True, gc=False):
    """A tender."""

    tender_id: Id16


class RatesFields(Struct, array_like=True, frozen=True, gc=False):
    """Firm quotes of the buyer, from the basket into the currencies of offers and vessels."""

    tender_id: Id16
    quotes: Annotated[tuple[Id16, ...], Meta(max_length=QUOTES_MAX)]


class CancelFields(Struct, array_like=True, frozen=True, gc=False):
    """A tender and why it ends."""

    tender_id: Id16
    reason: Word


def draft(world: World, command: Command, fields: DraftFields, at: Instant) -> Outcome:
    """Write a tender down; nobody but its buyer sees it yet."""
    buyer = world.members.participants.get(command.sender)
    terms = said(world, fields.terms, at)
    if buyer is None or not buyer.sends or not _is_sound(world, command.sender, terms, at):
        return refused(No.TENDER_TERMS_OUT_OF_RANGE)
    if len(world.tenders.live) >= TENDERS_MAX or world.tenders.of_buyer(command.sender) >= BUYERS_MAX:
        return refused(No.TOO_MANY_TENDERS)
    case = TenderCase(command.id, command.sender, terms, due_at=terms.close_at)
    world.tenders.live[case.tender_id] = case
    world.timers.set(case.due_at, TimerKind.TENDER, case.tender_id)
    diary = Diary()
    tender_life.tell(diary, case, "DRAFTED")
    return diary.done()


def publish(world: World, command: Command, fields: NamedFields, at: Instant) -> Outcome:
    """Let everybody see a tender and bid until its close."""
    case = mine(world, command.sender, fields.tender_id, TenderEvent.PUBLISHED)
    if isinstance(case, No):
        return refused(case)
    if at >= case.terms.close_at:
        return refused(No.TENDER_TERMS_OUT_OF_RANGE)
    case.is_public = True
    diary = Diary()
    tender_life.keep(world, diary, case, TenderEvent.PUBLISHED, case.terms.close_at)
    return diary.done()


def rate(world: World, command: Command, fields: RatesFields, at: Instant) -> Outcome:
    """Name the firm quotes at which foreign offers are counted; what was evaluated is evaluated anew."""
    case = world.tenders.live.get(fields.tender_id)
    if case is None or case.buyer != command.sender:
        return refused(No.TENDER_NOT_FOUND)
    if case.state in (TenderState.DRAFT, TenderState.AWARDED):
        return refused(No.TENDER_STATE_FORBIDS)
    rates: dict[str, FirmRate] = {}
    for quote_id in fields.quotes:
        quote = world.fx.quotes.get(quote_id)
        if quote is None or quote.debtor_agent != command.sender or at >= quote.expires_at:
            return refused(No.TENDER_RATE_IS_NOT_FIRM)
        if quote.source != case.terms.asset or quote.target in rates:
            return refused(No.TENDER_RATE_IS_NOT_FIRM)
        rates[quote.target] = FirmRate(quote.target, quote.den, quote.num, quote.expires_at)
    diary = Diary()
    case.rates = tuple(rates[name] for name in sorted(rates))
    if case.state in (TenderState.EVALUATED, TenderState.STANDSTILL):
        tender_life.keep(world, diary, case, TenderEvent.LAPSED, at + tender_life.ANSWER_NS)
    else:
        tender_life.tell(diary, case, "RATED")
    if case.state is TenderState.OPENED:
        tender_life.ask(world, case, at)
    return diary.done()


def cancel(world: World, command: Command, fields: CancelFields, at: Instant) -> Outcome:
    """End a tender before it is awarded; every bond goes back."""
    case = mine(world, command.sender, fields.tender_id, TenderEvent.CANCELLED)
    if isinstance(case, No):
        return refused(case)
    if not fields.reason:
        return refused(No.TENDER_TERMS_OUT_OF_RANGE)
    diary = Diary()
    tender_life.cancel(world, diary, case, fields.reason, at)
    settle.work(world, diary, at)
    return diary.done()


def said(world: World, terms: Terms, at: Instant) -> Terms:
    """Give terms with what the rulebook in force says of bonds where they say nothing; so they stay."""
    rules = market_rules.rules(world, at)
    if terms.bond_minor == UNSAID:
        terms = structs.replace(terms, bond_minor=bond_minor(rules, max(0, terms.budget_minor)))
    if terms.forfeits is None:
        terms = structs.replace(terms, forfeits=rules.tender_forfeits)
    return terms


def mine(world: World, buyer: str, tender_id: bytes, event: TenderEvent) -> TenderCase | No:
    """Give a tender of a buyer to which something may happen now, or why not."""
    case = world.tenders.live.get(tender_id)
    if case is None or case.buyer != buyer:
        return No.TENDER_NOT_FOUND
    return No.TENDER_STATE_FORBIDS if step(case.state, event) is None else case


def _is_sound(world: World, buyer: str, terms: Terms, at: Instant) -> bool:
    """Tell whether terms lie within their bounds."""
    return (
        bool(parties.settlement_account(world, buyer, terms.asset))
        and 0 < terms.cargoes <= CARGOES_MAX
        and 0 < terms.cargo_t <= CARGO_T_MAX
        and at < terms.close_at < terms.open_at
        and terms.open_at - at <= WINDOW_NS_MAX
        and 0 <= terms.standstill_ns <= WINDOW_NS_MAX
        and terms.standstill_ns < terms.decide_ns <= WINDOW_NS_MAX
        and 0 < terms.sign_ns <= WINDOW_NS_MAX
        and 0 <= terms.bond_minor < AMOUNT_END
        and 0 <= terms.budget_minor < AMOUNT_END
        and 0 <= terms.origin_max <= CARGOES_MAX
        and 0 <= terms.suppliers_max <= CARGOES_MAX
        and 0 <= terms.insurance_bp <= BP
        and 0 <= terms.finance_bp <= BP
        and 0 < len(terms.vessels) <= VESSELS_MAX
        and len({one.id for one in terms.vessels}) == len(terms.vessels)
        and all(_carries(world, one) for one in terms.vessels)
        and len(terms.capacities) <= CAPACITIES_MAX
        and all(_holds(one) for one in terms.capacities)
        and len({one.cost for one in terms.costs}) == len(terms.costs)
        and all(one.cost in RATED and 0 <= one.rate_minor < PRICE_END for one in terms.costs)
    )


def _carries(world: World, vessel: Vessel) -> bool:
    return (
        0 < len(vessel.id) <= TEXT_MAX
        and 0 < len(vessel.port) <= TEXT_MAX
        and 0 <= vessel.rate_minor < PRICE_END
        and 0 < vessel.count <= CARGOES_MAX
        and (not vessel.currency or vessel.currency in world.members.assets)
        and 0 <= vessel.size_t <= CARGO_T_MAX
        and in_days(vessel.laycan)
        and 0 < vessel.valid_until <= 2**62
    )


def _holds(one: Capacity) -> bool:
    return len(one.port) <= TEXT_MAX and 0 <= one.cargoes_max <= CARGOES_MAX and in_days(one.window)


def in_days(window: tuple[int, int]) -> bool:
    """Tell whether a window of days is one."""
    return 0 <= window[0] <= window[1] <= FAR
