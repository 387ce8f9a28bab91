"""Forwards between two parties: offered, accepted, appropriated or renounced by a side; hindered and ruled by people.

A forward is of a contract that comes with the offer, packed as it was read from its pack, so that the journal alone
tells what was agreed. Where the seller names the cargo (the notice of appropriation), a delivery on the terms of the
contract takes the forward's place; its goods are locked in the same command.
"""

from typing import Annotated

import msgspec
from msgspec import Meta, Struct, structs

from steelyard.corridor.refusals import CorridorRefusal
from steelyard.flows import delivery_terms, forward_life, parties, settle, titles
from steelyard.flows.command import Command, Outcome
from steelyard.flows.delivery import FACTORS_MAX, LOTS_MAX, name_goods
from steelyard.flows.diary import Diary, refused
from steelyard.flows.faulty import Faults, Rule
from steelyard.flows.fields import Digest, Id16, Key, Name, Number
from steelyard.flows.forward_life import E
from steelyard.flows.world import World
from steelyard.market import deliveries
from steelyard.market.contracts.dates import later
from steelyard.market.contracts.forward import Forward, Shipment
from steelyard.market.contracts.terms import Hindrance, Measure
from steelyard.market.deliveries import RECEIPTS_MAX, Delivery
from steelyard.market.delivery import Deadlines, DeliveryEvent
from steelyard.market.forwards import (
    FAILURES,
    FORWARDS_MAX,
    OF_PARTY_MAX,
    OFFERS_MAX,
    ForwardEvent,
    ForwardSale,
    ForwardTerms,
    Hinders,
    hindrance,
    moved,
)
from steelyard.market.quality import QualitySchedule
from steelyard.market.refusals.contracts import ContractRefusal as No
from steelyard.market.refusals.delivery import DeliveryRefusal
from steelyard.members.refusals import MemberRefusal
from steelyard.members.state import OPERATOR
from steelyard.values.amount import AMOUNT_END
from steelyard.values.instants import DAY, Instant
from steelyard.values.refusal import Refusal

CONTRACT_MAX = 16_384
CALENDARS_MAX, PLACES_MAX = 8, 200
DAYS_MAX = 400
WAIT_MAX = DAYS_MAX * DAY


class OfferFields(Struct, array_like=True, frozen=True, gc=False):
    """The terms of a forward, its sides (the sender is one of them), and until when the other may accept."""

    terms: ForwardTerms
    seller: Name
    buyer: Name
    accept_by: Annotated[int, Meta(ge=0, le=2**62)]


class NamedFields(Struct, array_like=True, frozen=True, gc=False):
    """Which forward."""

    forward_id: Id16


class AppropriateFields(Struct, array_like=True, frozen=True, gc=False):
    """The cargo that a seller names: a bill of lading, or receipts of goods in store; for so many lots, 0 for all."""

    forward_id: Id16
    receipts: Annotated[tuple[Id16, ...], Meta(max_length=RECEIPTS_MAX)] = ()
    bill: Key = b""
    lots: Number = 0


class HinderFields(Struct, array_like=True, frozen=True, gc=False):
    """What stands between a forward and its shipment, with the SHA-256 of the paper that says so."""

    forward_id: Id16
    what: Hinders
    document: Digest


class PaperFields(Struct, array_like=True, frozen=True, gc=False):
    """A forward and the SHA-256 of a paper about it."""

    forward_id: Id16
    document: Digest


class RuleFields(Struct, array_like=True, frozen=True, gc=False):
    """What the market was worth when a side failed, in the unit of the price; with the SHA-256 of the ruling."""

    forward_id: Id16
    market_minor: Number
    document: Digest


def offer(world: World, command: Command, fields: OfferFields, at: Instant) -> Outcome:
    """Offer a forward to the other side."""
    terms, faults = fields.terms, _faults(world, fields, command.sender, at)
    if faults.found:
        return faults.refused(No.FORWARD_TERMS_OUT_OF_RANGE)
    held = world.forwards
    if (
        held.offers_of(command.sender) >= OFFERS_MAX
        or _is_full(world, command.sender)
        or len(held) >= FORWARDS_MAX
    ):
        return refused(No.FORWARDS_ARE_FULL)
    made = ForwardSale(
        command.id, world.forwards.take_number(), terms, fields.seller, fields.buyer, command.sender, terms.lots,
        due_at=fields.accept_by,
    )  # fmt: skip
    diary = Diary()
    forward_life.keep(world, diary, made, E.OFFERED)
    return diary.done()


def accept(world: World, command: Command, fields: NamedFields, at: Instant) -> Outcome:
    """Accept what the other side has offered: both are bound, to its differences too."""
    found = _open(world, command.sender, fields.forward_id, E.ACCEPTED, at)
    if isinstance(found, No):
        return refused(found)
    if command.sender != found.other:
        return refused(No.FORWARD_STATE_FORBIDS)
    if not all(titles.disposes(world, one) for one in (found.seller, found.buyer)):
        return refused(MemberRefusal.PARTICIPANT_STATE_FORBIDS)
    if _is_full(world, command.sender):
        return refused(No.FORWARDS_ARE_FULL)
    after = moved(found, E.ACCEPTED)
    assert isinstance(after, ForwardSale)
    diary = Diary()
    bound = structs.replace(after, due_at=forward_life.expires_at(world, after, at))
    forward_life.keep(world, diary, bound, E.ACCEPTED)
    return diary.done()


def over_own_line(world: World, command: Command, fields: OfferFields) -> bool:
    """Tell whether a forward is worth more than the own line of who offers it: it binds, once it is accepted."""
    terms, who = fields.terms, world.members.participants.get(command.sender)
    line = who.settings.lines_minor.get(terms.currency) if who is not None else None
    try:
        return line is not None and terms.read().worth(terms.lots, terms.unit_minor) > line
    except (msgspec.MsgspecError, ValueError):
        return False


def over_line(world: World, command: Command, fields: NamedFields) -> bool:
    """Tell whether a forward is worth more than the own line of who accepts it: then two people do."""
    found, who = world.forwards.get(fields.forward_id), world.members.participants.get(command.sender)
    if isinstance(found, No) or who is None:
        return False
    line = who.settings.lines_minor.get(found.terms.currency)
    return line is not None and found.terms.read().worth(found.lots, found.terms.unit_minor) > line


def decline(world: World, command: Command, fields: NamedFields, at: Instant) -> Outcome:
    """Take back or turn down an offer that is not accepted: it is over, and nobody has failed."""
    found = _open(world, command.sender, fields.forward_id, E.DECLINED, at)
    if isinstance(found, No):
        return refused(found)
    after = moved(found, E.DECLINED)
    assert isinstance(after, ForwardSale)
    diary = Diary()
    forward_life.keep(world, diary, after, E.DECLINED)
    return diary.done()


def appropriate(world: World, command: Command, fields: AppropriateFields, at: Instant) -> Outcome:
    """Name the cargo, as seller: a delivery begins, with its goods locked and its buyer told."""
    found = _open(world, command.sender, fields.forward_id, E.APPROPRIATED, at)
    if isinstance(found, No):
        return refused(found)
    if command.sender != found.seller:
        return refused(No.FORWARD_STATE_FORBIDS)
    lots = fields.lots or found.lots
    voyage_id = b""
    refusal: Refusal | None = None if lots <= found.lots else No.APPROPRIATION_IS_TOO_LARGE
    if fields.bill:
        bill = world.voyages.bill(fields.bill)
        if isinstance(bill, CorridorRefusal):
            return refused(bill)
        voyage_id = bill.voyage_id
        refusal = refusal or _shipped(world, found, bill.issued_on, at)
    elif refusal is None and not forward_life.today_fits(found, at // DAY):
        refusal = No.SHIPMENT_OUTSIDE_PERIOD
    if not world.deliveries.has_room() or isinstance(world.deliveries.get(command.id), Delivery):
        refusal = refusal or DeliveryRefusal.DELIVERIES_ARE_FULL
    made = _delivery(world, found, lots, command.id, voyage_id, at)
    refusal = refusal or delivery_terms.place_refusal(world, made.terms, voyage_id)
    event = E.APPROPRIATED if lots == found.lots else E.PART_APPROPRIATED
    after, matched = moved(found, event), deliveries.moved(made, DeliveryEvent.ASSIGNED)
    assert isinstance(after, ForwardSale)
    assert isinstance(matched, Delivery)
    diary = Diary()
    if refusal is None:
        refusal = name_goods(world, diary, matched, fields.receipts, fields.bill, at)
    if refusal is not None:
        return refused(refusal)
    world.deliveries.take_number()
    if event is E.PART_APPROPRIATED:
        after = structs.replace(after, lots=found.lots - lots, due_at=found.due_at)
    forward_life.keep(world, diary, after, event, delivery_id=command.id)
    return diary.done()


def renounce(world: World, command: Command, fields: PaperFields, at: Instant) -> Outcome:
    """Say that one will not perform: one has failed, and owes the difference to the market of the day."""
    found = forward_life.of_party(world, command.sender, fields.forward_id)
    if isinstance(found, No):
        return refused(found)
    event = E.SELLER_RENOUNCED if command.sender == found.seller else E.BUYER_RENOUNCED
    sale = _open(world, command.sender, fields.forward_id, event, at)
    if isinstance(sale, No):
        return refused(sale)
    diary = Diary()
    forward_life.fail(world, diary, sale, event, at)
    settle.work(world, diary, at)
    return diary.done()


def hinder(world: World, command: Command, fields: HinderFields, at: Instant) -> Outcome:
    """Let a prohibition or force majeure stand between: by the contract the shipment is put off once, or over."""
    found = _ruled(world, command, fields.forward_id, E.HINDERED, at)
    if isinstance(found, Refusal):
        return refused(found)
    what, days = hindrance(found, fields.what)
    event = E.HINDERED if what is Hindrance.EXTEND_ONCE else E.FORBIDDEN
    if event is E.HINDERED and found.hindered:
        return refused(No.HINDRANCE_WAS_USED)
    after = moved(found, event)
    assert isinstance(after, ForwardSale)
    if event is E.HINDERED:
        after = structs.replace(after, hindered=True, later_days=days, due_at=at + days * DAY)
    diary = Diary()
    forward_life.keep(world, diary, after, event, document=fields.document)
    return diary.done()


def resume(world: World, command: Command, fields: PaperFields, at: Instant) -> Outcome:
    """End what stands between: the shipment goes on, with its later end."""
    found = _ruled(world, command, fields.forward_id, E.RESUMED, at)
    if isinstance(found, Refusal):
        return refused(found)
    after = moved(found, E.RESUMED)
    assert isinstance(after, ForwardSale)
    diary = Diary()
    bound = structs.replace(after, due_at=max(at + 1, forward_life.expires_at(world, after, at)))
    forward_life.keep(world, diary, bound, E.RESUMED, document=fields.document)
    return diary.done()


def rule(world: World, command: Command, fields: RuleFields, at: Instant) -> Outcome:
    """Say what the market was worth where a side has failed and no price was published."""
    found = _ruled(world, command, fields.forward_id, E.DIFFERENCE_PAID, at)
    if isinstance(found, Refusal):
        return refused(found)
    if found.state not in FAILURES or not 0 < fields.market_minor < AMOUNT_END:
        return refused(No.FORWARD_RULING_OUT_OF_RANGE)
    diary = Diary()
    forward_life.close(world, diary, found, fields.market_minor, at, document=fields.document)
    settle.work(world, diary, at)
    return diary.done()


def _is_full(world: World, party: str) -> bool:
    return world.forwards.held_by(party) >= OF_PARTY_MAX


def _open(world: World, sender: str, forward_id: bytes, event: ForwardEvent, at: Instant) -> ForwardSale | No:
    """Give a forward of the sender to which something may happen now, or why not."""
    found = forward_life.of_party(world, sender, forward_id)
    if isinstance(found, No):
        return found
    after = moved(found, event)
    if isinstance(after, No):
        return after
    return forward_life.in_time(found, at) or found


def _ruled(
    world: World, command: Command, forward_id: bytes, event: ForwardEvent, at: Instant
) -> ForwardSale | Refusal:
    """Give a forward about which the operator's people may decide something now, or why not."""
    if command.sender != OPERATOR:
        return MemberRefusal.OBJECT_IS_NOT_YOURS
    found = world.forwards.get(forward_id)
    if isinstance(found, No):
        return found
    after = moved(found, event)
    if isinstance(after, No):
        return after
    return forward_life.in_time(found, at) or found


def _shipped(world: World, sale: ForwardSale, issued_on: int, at: Instant) -> No | None:
    """Say why a bill of lading of a day comes too late or too early, or nothing."""
    if not forward_life.today_fits(sale, issued_on):
        return No.SHIPMENT_OUTSIDE_PERIOD
    contract = sale.terms.read()
    days = contract.options.appropriation_days
    last_on = later(issued_on, days, forward_life.business(world, contract, at))
    return None if at // DAY <= last_on else No.APPROPRIATION_IS_LATE


def _delivery(
    world: World, sale: ForwardSale, lots: int, delivery_id: bytes, voyage: bytes, at: Instant
) -> Delivery:
    """Give the delivery that takes a forward's place, before its goods are named."""
    terms, contract = sale.terms, sale.terms.read()
    certify_by = at + terms.certify_ns
    object_by = certify_by + terms.object_ns
    by = Deadlines(at + 1, certify_by, object_by, object_by + terms.fund_ns)
    options = contract.options
    if options.force_majeure is Hindrance.EXTEND_ONCE:
        by = structs.replace(by, extension_ns=options.force_majeure_days * DAY)
    agreed = deliveries.Terms(
        contract.code, terms.site, contract.grade, lots, contract.unit, options.tolerance_bp,
        terms.price_minor, terms.currency, QualitySchedule(contract.quality.factors, contract.price_per),
        terms.benchmark, terms.trade,
    )  # fmt: skip
    return Delivery(
        delivery_id, world.deliveries.next_number, agreed, sale.seller, sale.buyer, by, due_at=by.assign_by,
        voyage=voyage,
    )  # fmt: skip


def _faults(world: World, fields: OfferFields, sender: str, at: Instant) -> Faults:
    """Say what of an offer does not hold."""
    faults, terms, sides = Faults(), fields.terms, (fields.seller, fields.buyer)
    other = fields.buyer if sender == fields.seller else fields.seller
    for one, field, rule in ((sender, "", Rule.SELF), (other, "other", Rule.PARTY)):
        faults.unless(titles.is_active(world, one) and titles.disposes(world, one), field, rule)
    faults.unless(sender in sides, "", Rule.SELF)
    faults.unless(fields.seller != fields.buyer, "other", Rule.PARTY)
    accounts = [parties.settlement_account(world, one, terms.currency) for one in sides]
    faults.unless(all(accounts), "price/asset", Rule.ACCOUNTS)
    faults.unless(terms.site in world.titles.sites, "site", Rule.SITE)
    faults.unless(terms.benchmark in world.prices.series, "benchmark", Rule.SERIES)
    lots = faults.unless(0 < terms.lots <= LOTS_MAX, "lots", Rule.LOTS)
    price = faults.unless(0 < terms.price_minor < AMOUNT_END, "price/value", Rule.PRICE)
    faults.unless(at < fields.accept_by <= terms.from_on * DAY, "accept_by", Rule.TIME_AHEAD)
    for field, wait in (
        ("certify_hours", terms.certify_ns), ("object_hours", terms.object_ns), ("fund_hours", terms.fund_ns)
    ):  # fmt: skip
        faults.unless(0 < wait <= WAIT_MAX, field, Rule.WAIT)
    contract = _contract(world, terms)
    if contract is None:
        faults.unless(False, "contract", Rule.CONTRACT)
        return faults
    place = faults.unless(contract.differential(terms.place) is not None, "place", Rule.PLACE)
    shipment = Shipment(terms.from_on, terms.to_on)
    faults.unless(contract.takes(shipment, traded_on=at // DAY), "from_on", Rule.SHIPMENT)
    price = price and place and faults.unless(0 < terms.unit_minor < AMOUNT_END, "price/value", Rule.PRICE)
    if lots and price:
        worth = contract.worth(terms.lots, terms.unit_minor)
        fits = terms.lots * contract.unit < AMOUNT_END and bool(2 * worth < AMOUNT_END)
        faults.unless(fits, "lots", Rule.AMOUNT)
    return faults


def _contract(world: World, terms: ForwardTerms) -> Forward | None:
    """Read the contract of an offer, where it is one that two parties may be bound to."""
    try:
        contract = terms.read()
    except (msgspec.MsgspecError, ValueError):
        return None
    return contract if _is_usable(world, contract, terms) else None


def _is_usable(world: World, contract: Forward, terms: ForwardTerms) -> bool:
    """Tell whether a contract is one that two parties may be bound to, written as this node writes it."""
    options = contract.options
    days = (options.appropriation_days, options.prohibition_days, options.force_majeure_days)
    extends = (
        (options.prohibition, options.prohibition_days),
        (options.force_majeure, options.force_majeure_days),
    )
    return (
        len(terms.contract) <= CONTRACT_MAX
        and msgspec.msgpack.encode(contract) == terms.contract
        and not contract.is_cleared
        and contract.measure is Measure.KG
        and contract.ahead_days_max <= 4 * DAYS_MAX
        and len(contract.quality.factors) <= FACTORS_MAX
        and len(contract.code) <= 32
        and max(days) <= DAYS_MAX
        and options.default_penalty_bp <= 10_000
        and all(days > 0 for what, days in extends if what is Hindrance.EXTEND_ONCE)
        and len(contract.places) <= PLACES_MAX
        and len(set(contract.calendars)) == len(contract.calendars) <= CALENDARS_MAX
        and all(name in world.calendars.assets() for name in contract.calendars)
    )
