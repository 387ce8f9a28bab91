"""The terms of trade of a delivery at work: those of its contract, its price, where it is final, costs that are shared.

A side that has paid a cost for the other declares it, with the SHA-256 of the paper, before the goods are certified;
it stands on the invoice and is paid in the same bundle as the goods. Each cost has one side that bears it, so only
the other can declare it, and once. What is in another currency is worth what the reference rate of that moment says.
"""

from fractions import Fraction
from functools import lru_cache

import msgspec
from msgspec import Struct, structs

from steelyard.corridor.refusals import CorridorRefusal
from steelyard.corridor.voyage import VoyageState
from steelyard.flows import deliveries, fx_values
from steelyard.flows.command import Command, Outcome
from steelyard.flows.deliveries import S
from steelyard.flows.diary import Diary, refused
from steelyard.flows.fields import Digest, Id16, Name, Number
from steelyard.flows.published_price import published
from steelyard.flows.world import World
from steelyard.market.contracts import Contract
from steelyard.market.contracts.terms import Final
from steelyard.market.deliveries import Delivery, Terms
from steelyard.market.incoterms import Cost, Party
from steelyard.market.invoice import invoice
from steelyard.market.refusals.contracts import ContractRefusal as No
from steelyard.market.refusals.delivery import DeliveryRefusal
from steelyard.market.trade_terms import CostPaid, TradeTerms, borne_by_other
from steelyard.members.refusals import MemberRefusal
from steelyard.values.amount import AMOUNT_END
from steelyard.values.instants import DAY, Instant
from steelyard.values.rate import Rounding, rounded
from steelyard.values.refusal import Refusal

BP = 10_000
BEFORE_CERTIFIED = (S.INTENDED, S.MATCHED, S.NOTIFIED)


class CostFields(Struct, array_like=True, frozen=True, gc=False):
    """A cost of a delivery that the sender has paid and the other side bears."""

    delivery_id: Id16
    cost: Cost
    currency: Name
    amount_minor: Number
    document: Digest


def cost(world: World, command: Command, fields: CostFields, at: Instant) -> Outcome:
    """Declare a cost that one has paid for the other side."""
    found = deliveries.of_party(world, command.sender, fields.delivery_id, "seller", "buyer")
    if isinstance(found, DeliveryRefusal):
        return refused(found)
    by = Party.SELLER if command.sender == found.seller else Party.BUYER
    term = found.terms.trade.incoterm
    if not term:
        return refused(No.COST_HAS_NO_TERM)
    if not borne_by_other(term, fields.cost, by):
        return refused(No.COST_IS_ONES_OWN)
    if not found.buyer or not found.accepted or found.state not in BEFORE_CERTIFIED:
        return refused(No.COST_COMES_TOO_LATE)
    late = deliveries.in_time(found, at)
    if late is not None:
        return refused(late)
    if any(one.cost is fields.cost for one in found.costs):
        return refused(No.COST_IS_DECLARED)
    amount = _in_currency(world, fields, found.terms.currency, at)
    if isinstance(amount, Refusal):
        return refused(amount)
    before = sum(one.amount_minor for one in found.costs if one.by is by)
    if not 0 < amount or before + amount > _agreed_minor(found.terms):
        return refused(No.COST_OUT_OF_RANGE)
    made = CostPaid(fields.cost, by, fields.currency, fields.amount_minor, amount, fields.document)
    diary = Diary()
    after = structs.replace(found, costs=(*found.costs, made))
    deliveries.note(world, diary, after, "COST_DECLARED", document=fields.document)
    other = found.buyer if by is Party.SELLER else found.seller
    diary.tell(other, "delivery.cost", found.delivery_id, found.terms.currency, fields.cost.value, amount)
    return diary.done()


def priced(
    world: World, found: Delivery, weight_kg: int, values: tuple[tuple[str, int], ...], *, at: Instant
) -> Delivery | DeliveryRefusal:
    """Give a delivery with its certificate and what is due by it, or why there is no price.

    What is due may be nothing or less, where the buyer has paid more for the seller than the goods come to.
    """
    if not 0 < weight_kg < AMOUNT_END or len(dict(values)) != len(values):
        return DeliveryRefusal.DELIVERY_CERTIFICATE_OUT_OF_RANGE
    terms = found.terms
    market = published(world, terms.benchmark, terms.currency, found.loaded_on or at // DAY)
    due = invoice(terms, dict(values), weight_kg=weight_kg, market=market, costs=found.costs)
    if isinstance(due, DeliveryRefusal):
        return due
    if not 0 < due.goods_minor < AMOUNT_END or due.due_minor >= AMOUNT_END:
        return DeliveryRefusal.DELIVERY_CERTIFICATE_OUT_OF_RANGE
    return structs.replace(
        found, weight_kg=weight_kg, found=tuple(sorted(values)), net_kg=due.net_kg, goods_minor=due.goods_minor,
        amount_minor=max(0, due.due_minor),
    )  # fmt: skip


def are_sound(trade: TradeTerms, price_minor: int) -> bool:
    """Tell whether terms of trade can be, for goods of a price."""
    return (
        trade.are_known
        and 0 < price_minor + trade.differential_minor < AMOUNT_END
        and 0 <= trade.full_cargo_bp < BP
    )


def refusal(world: World, terms: Terms, voyage_id: bytes) -> No | None:
    """Say why a delivery may not be on its terms of trade, or nothing."""
    contract = contract_of(world, terms.instrument)
    if contract is not None:
        listed_in = world.books.listings[terms.instrument].instrument.currency
        if not is_on(terms, contract, own_money=terms.currency == listed_in):
            return No.CONTRACT_TERMS_DIFFER
    if terms.trade.full_cargo_bp > terms.tolerance_bp and not terms.benchmark:
        return No.CONTRACT_MARKET_IS_MISSING
    return place_refusal(world, terms, voyage_id)


def place_refusal(world: World, terms: Terms, voyage_id: bytes) -> No | None:
    """Say why quality cannot be final where the terms have it, or nothing."""
    if terms.trade.final_at is Final.DISCHARGE:
        voyage = world.voyages.get(voyage_id)
        if isinstance(voyage, CorridorRefusal) or voyage.target != terms.site:
            return No.QUALITY_IS_FINAL_AT_DISCHARGE
    return None


def is_on(terms: Terms, contract: Contract, *, own_money: bool) -> bool:
    """Tell whether a delivery is on the terms of a contract.

    In other money than the contract is listed in, the sides say what a place and a step of quality are worth.
    """
    given, factors = terms.schedule.factors, contract.quality.factors
    if not own_money:
        given, factors = (
            tuple(structs.replace(one, step_minor=0) for one in each) for each in (given, factors)
        )
    return terms.trade.fit(contract, tolerance_bp=terms.tolerance_bp, own_money=own_money) and (
        (terms.unit_kg, terms.schedule.price_kg, given) == (contract.unit, contract.price_per, factors)
    )


def is_final_here(world: World, found: Delivery) -> bool:
    """Tell whether weight and quality that are found now are final."""
    at_discharge = found.terms.trade.final_at is Final.DISCHARGE
    return not at_discharge or world.voyages.has_taken(found.voyage, VoyageState.DISCHARGED.value)


def contract_of(world: World, instrument: str) -> Contract | None:
    """Give the contract by which an instrument is listed, or None."""
    listing = world.books.listings.get(instrument)
    return _read(listing.terms) if listing is not None and listing.terms else None


@lru_cache(maxsize=64)
def _read(terms: bytes) -> Contract | None:
    """Read terms as they were packed at the edge: a memo of a pure function."""
    try:
        found: Contract = msgspec.msgpack.decode(terms, type=Contract)
    except msgspec.MsgspecError:
        return None
    return found


def _agreed_minor(terms: Terms) -> int:
    """Give what the goods agreed on come to, rounded down."""
    price = terms.price_minor + terms.trade.differential_minor
    return price * terms.kg // terms.schedule.price_kg


def _in_currency(world: World, fields: CostFields, currency: str, at: Instant) -> int | Refusal:
    """Give a cost in the currency of a delivery, rounded once half-even."""
    if fields.currency not in world.members.assets:
        return MemberRefusal.CURRENCY_NOT_FOUND
    if not 0 < fields.amount_minor < AMOUNT_END:
        return No.COST_OUT_OF_RANGE
    if fields.currency == currency:
        return fields.amount_minor
    worth = fx_values.judged(world, (fields.currency, currency), at)
    ratio = [worth[one].value if one in worth else None for one in (fields.currency, currency)]
    if ratio[0] is None or not ratio[1]:
        return No.COST_HAS_NO_RATE
    exact = Fraction(fields.amount_minor * ratio[0], ratio[1])
    return min(rounded(exact.numerator, exact.denominator, Rounding.HALF_EVEN), AMOUNT_END)
