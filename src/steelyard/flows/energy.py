"""Energy supply contracts: registered by their seller, agreed by their buyer, nominated, taken, paid, settled.

A month is paid when the buyer confirms what the seller has reported: in the same command, in the contract's currency
or by a firm quote, or the command is refused and nothing has happened; or later, by a bill. A year's settlement bills
what take-or-pay makes due, or pays back what was recovered of it: at once where the money is there, else the bill stays
open. So it does above the line of who owes it, whose own people pay it then.
"""

from fractions import Fraction
from typing import Annotated

from msgspec import Meta, Struct, structs

from steelyard.flows import energy_bill, parties, price_means, settle
from steelyard.flows.command import Command, Outcome
from steelyard.flows.diary import Diary, refused
from steelyard.flows.energy_facts import IndexPut, SupplyMonth, SupplyMoved, SupplyYear
from steelyard.flows.fields import Id16, Key, Number, Title, Word
from steelyard.flows.world import World
from steelyard.market.energy.deals import EnergyBill
from steelyard.market.energy.supplies import (
    CONTRACTS_MAX,
    MONTHS,
    OF_SELLER_MAX,
    POINTS_MAX,
    YEARS_MAX,
    MonthRow,
    Ratio,
    Supply,
    SupplyEvent,
    SupplyState,
    SupplyTerms,
    month_begins,
    step,
)
from steelyard.market.energy.supply import booked
from steelyard.market.refusals.energy import EnergyRefusal as No
from steelyard.members.refusals import MemberRefusal
from steelyard.members.state import OPERATOR
from steelyard.values.amount import AMOUNT_END
from steelyard.values.instants import DAY, Instant
from steelyard.values.refusal import Refusal

MONTH_END = 12_000
QUANTITY_END = 10**15
RATIO_END = 10**12
NOTICE_NS_MAX = 400 * DAY
TEXT_MAX = 35


class RegisterFields(Struct, array_like=True, frozen=True, gc=False):
    """A contract as its seller offers it."""

    terms: SupplyTerms


class NamedFields(Struct, array_like=True, frozen=True, gc=False):
    """A contract."""

    contract_id: Id16


class NominateFields(Struct, array_like=True, frozen=True, gc=False):
    """What the buyer wants in a month, by delivery point; it replaces what was nominated before."""

    contract_id: Id16
    month: Annotated[int, Meta(ge=0, lt=MONTH_END)]
    points: Annotated[tuple[tuple[Word, Number], ...], Meta(max_length=POINTS_MAX)]


class TakeFields(Struct, array_like=True, frozen=True, gc=False):
    """What was taken in a month, what the seller failed to deliver, what force majeure kept away."""

    contract_id: Id16
    month: Annotated[int, Meta(ge=0, lt=MONTH_END)]
    taken: Number
    shortfall: Number = 0
    force_majeure: Number = 0


class MonthFields(Struct, array_like=True, frozen=True, gc=False):
    """A month of a contract; a firm quote to pay it with, or that it is paid later, by a bill."""

    contract_id: Id16
    month: Annotated[int, Meta(ge=0, lt=MONTH_END)]
    quote_id: Key = b""
    later: bool = False


class GiveUpFields(Struct, array_like=True, frozen=True, gc=False):
    """What of the annual quantity the buyer gives up for the present year."""

    contract_id: Id16
    quantity: Number


class IndexFields(Struct, array_like=True, frozen=True, gc=False):
    """The value of an outside index in a month: minor units, an exact ratio, and who says so."""

    index: Word
    month: Annotated[int, Meta(ge=0, lt=MONTH_END)]
    num: Number
    den: Number
    source: Title


def register(world: World, command: Command, fields: RegisterFields, at: Instant) -> Outcome:
    """Offer a contract to a buyer."""
    terms = fields.terms
    if not _active(world, command.sender) or not _is_sound(world, command.sender, terms, at):
        return refused(No.SUPPLY_TERMS_OUT_OF_RANGE)
    supplies = world.supplies
    if len(supplies.live) >= CONTRACTS_MAX or supplies.of_seller(command.sender) >= OF_SELLER_MAX:
        return refused(No.TOO_MANY_SUPPLIES)
    made = Supply(command.id, command.sender, terms)
    supplies.live[made.contract_id] = made
    diary = Diary()
    _tell(diary, made, "OFFERED")
    return diary.done()


def agree(world: World, command: Command, fields: NamedFields, at: Instant) -> Outcome:
    """Agree to a contract as its buyer: it runs."""
    found = _of(world, fields.contract_id, buyer=command.sender)
    if isinstance(found, No):
        return refused(found)
    return _moved(world, found, SupplyEvent.AGREED)


def withdraw(world: World, command: Command, fields: NamedFields, at: Instant) -> Outcome:
    """Take a contract back to which the buyer has not agreed."""
    found = _of(world, fields.contract_id, seller=command.sender)
    if isinstance(found, No):
        return refused(found)
    return _moved(world, found, SupplyEvent.WITHDRAWN)


def nominate(world: World, command: Command, fields: NominateFields, at: Instant) -> Outcome:
    """Say what is wanted in a month of the present contract year, in time."""
    found = _of(world, fields.contract_id, buyer=command.sender, state=SupplyState.RUNNING)
    if isinstance(found, No):
        return refused(found)
    terms, month = found.terms, fields.month
    limits, wanted = dict(terms.points), dict(fields.points)
    most = terms.acq * (Fraction(1) + Fraction(*terms.above))
    if (
        not found.holds(month)
        or at >= month_begins(month) - terms.notice_ns
        or len(wanted) < len(fields.points)
        or any(point not in limits or quantity > limits[point] for point, quantity in fields.points)
        or found.wanted(but=month) + sum(wanted.values()) > most
    ):
        return refused(No.NOMINATION_OUT_OF_RANGE)
    row = structs.replace(found.months.get(month, MonthRow()), nominated=tuple(sorted(wanted.items())))
    return _month(found, month, row, "NOMINATED")


def give_up(world: World, command: Command, fields: GiveUpFields, at: Instant) -> Outcome:
    """Give up a part of the present year's quantity before the year begins, within the tolerance."""
    found = _of(world, fields.contract_id, buyer=command.sender, state=SupplyState.RUNNING)
    if isinstance(found, No):
        return refused(found)
    most = found.terms.acq * Fraction(*found.terms.tolerance)
    if at >= month_begins(found.year_starts) or fields.quantity > most:
        return refused(No.NOMINATION_OUT_OF_RANGE)
    found.given_up = fields.quantity
    diary = Diary()
    _tell(diary, found, "GIVEN_UP")
    return diary.done()


def take(world: World, command: Command, fields: TakeFields, at: Instant) -> Outcome:
    """Report, as the seller, what happened in a month that has begun; the buyer has not confirmed it yet."""
    found = _of(world, fields.contract_id, seller=command.sender, state=SupplyState.RUNNING)
    if isinstance(found, No):
        return refused(found)
    row = found.months.get(fields.month, MonthRow())
    most = sum(limit for _, limit in found.terms.points)
    missed = fields.shortfall + fields.force_majeure
    if (
        not found.holds(fields.month)
        or at < month_begins(fields.month)
        or row.confirmed
        or fields.taken > most
        or missed > max(0, row.wanted - fields.taken)
    ):
        return refused(No.TAKE_OUT_OF_RANGE)
    row = structs.replace(
        row, reported=True, taken=fields.taken, shortfall=fields.shortfall, force_majeure=fields.force_majeure
    )
    return _month(found, fields.month, row, "REPORTED")


def confirm(world: World, command: Command, fields: MonthFields, at: Instant) -> Outcome:
    """Confirm a month as the buyer, and pay it."""
    found = _of(world, fields.contract_id, buyer=command.sender, state=SupplyState.RUNNING)
    if isinstance(found, No):
        return refused(found)
    row = found.months.get(fields.month, MonthRow())
    if not row.reported or row.confirmed or at < month_begins(fields.month + 1):
        return refused(No.TAKE_OUT_OF_RANGE)
    price = price_of(world, found.terms, fields.month)
    if price is None:
        return refused(No.INDEX_IS_NOT_KNOWN)
    minor = round(row.taken * price)
    outcome = Diary()
    paid = b""
    if minor:
        bill = _bill(world, found, "month", fields.month, minor, at)
        if isinstance(bill, No):
            return refused(bill)
        if fields.later:
            if not world.deals.has_room():
                return refused(No.TOO_MANY_SUPPLIES)
            energy_bill.issue(world, outcome, bill)
        else:
            moved = energy_bill.settle_now(world, outcome, bill, command.id, at, quote_id=fields.quote_id)
            if isinstance(moved, Refusal):
                return refused(moved)
            paid = moved
    row = structs.replace(row, confirmed=True)
    found.months[fields.month] = row
    outcome.fact(_month_fact(found, fields.month, row, "CONFIRMED", str(price), minor, paid))
    if paid or not minor:
        outcome.tell(
            found.seller, "supply.month_paid", found.contract_id, fields.month, found.terms.asset, minor
        )
    settle.work(world, outcome, at)
    return outcome.done()


def settle_year(world: World, command: Command, fields: NamedFields, at: Instant) -> Outcome:
    """Settle the present contract year: pay what was neither taken nor excused, or pay back what was recovered.

    What was recovered was paid as a deficiency, and again month by month as it was taken: so the seller gives it back,
    at the price of this year. What is left is handed on.
    """
    found = _of(world, fields.contract_id, state=SupplyState.RUNNING)
    if isinstance(found, No) or command.sender not in (found.seller, found.terms.buyer):
        return refused(No.SUPPLY_NOT_FOUND if not isinstance(found, No) else found)
    if not found.is_complete:
        return refused(No.YEAR_IS_NOT_COMPLETE)
    price = price_of(world, found.terms, found.year_starts + MONTHS - 1)
    if price is None:
        return refused(No.INDEX_IS_NOT_KNOWN)
    year = found.settle(price)
    whole = booked(year)
    repaid_minor = round(year.recovered * price)
    diary, paid = Diary(), b""
    if whole.payment_minor or repaid_minor:
        what = "deficiency" if whole.payment_minor else "recovery"
        month = found.year_starts + MONTHS - 1
        bill = _bill(world, found, what, month, whole.payment_minor or repaid_minor, at)
        if isinstance(bill, No):
            return refused(bill)
        moved = _settled_alone(world, diary, bill, command, at)
        if moved is None and not world.deals.has_room():
            return refused(No.TOO_MANY_SUPPLIES)
        if moved is None:
            energy_bill.issue(world, diary, bill)
        else:
            paid = moved
    diary.fact(
        SupplyYear(
            found.contract_id, found.year, sum(row.taken for row in found.months.values()), str(year.top_quantity),
            str(year.deficiency), str(price), str(year.recovered), str(year.expired), str(year.carry_used),
            str(year.bank), whole.deficiency, whole.payment_minor, repaid_minor, paid,
        )
    )  # fmt: skip
    found.begin_year(year)
    last = found.year == found.terms.years
    event = SupplyEvent.LAST_SETTLED if last else SupplyEvent.YEAR_SETTLED
    _step(world, diary, found, event)
    settle.work(world, diary, at)
    return diary.done()


def _settled_alone(
    world: World, diary: Diary, bill: EnergyBill, command: Command, at: Instant
) -> bytes | None:
    """Pay what a year makes due without its debtor's people, where it is within his line and the money is there."""
    debtor = world.members.participants[bill.debtor]
    if energy_bill.is_over_line(world, debtor, bill.asset, bill.amount_minor, b""):
        return None
    moved = energy_bill.settle_now(world, diary, bill, command.id, at)
    return None if isinstance(moved, Refusal) else moved


def put_index(world: World, command: Command, fields: IndexFields, at: Instant) -> Outcome:
    """Enter the value of an outside index in a month that is over, as the operator's two persons, once and for all."""
    if command.sender != OPERATOR:
        return refused(MemberRefusal.OBJECT_IS_NOT_YOURS)
    sound = fields.index and fields.source and 0 < fields.den < RATIO_END and fields.num < RATIO_END
    if not sound or at < month_begins(fields.month + 1):
        return refused(No.INDEX_OUT_OF_RANGE)
    if not world.supplies.put_index(fields.index, fields.month, (fields.num, fields.den)):
        return refused(No.INDEX_OUT_OF_RANGE)
    diary = Diary()
    diary.fact(IndexPut(fields.index, fields.month, fields.num, fields.den, fields.source))
    return diary.done()


def over_line(world: World, command: Command, fields: MonthFields) -> bool:
    """Say whether a month costs more than its buyer's line, so that two people must confirm it."""
    found = world.supplies.live.get(fields.contract_id)
    buyer = world.members.participants.get(command.sender)
    if found is None or buyer is None:
        return False
    price = price_of(world, found.terms, fields.month)
    row = found.months.get(fields.month)
    if price is None or row is None:
        return False
    minor = round(row.taken * price)
    return energy_bill.is_over_line(world, buyer, found.terms.asset, minor, fields.quote_id)


def price_of(world: World, terms: SupplyTerms, month: int) -> Fraction | None:
    """Give a contract's price in a month: by the monthly means of a series published here, or an index entered."""

    def mean_of(of_month: int) -> Fraction | None:
        if terms.is_published:
            return price_means.monthly_mean(world, terms.index, of_month, terms.asset)
        return world.supplies.entered(terms.index, of_month)

    return world.supplies.price(terms, month, mean_of)


def _active(world: World, owner: str) -> bool:
    found = world.members.participants.get(owner)
    return found is not None and found.sends


def _is_ratio(value: Ratio, most: int = RATIO_END) -> bool:
    return 0 < value[1] < RATIO_END and 0 <= value[0] <= most * value[1] and value[0] < RATIO_END


def _is_sound(world: World, seller: str, terms: SupplyTerms, at: Instant) -> bool:
    """Tell whether terms lie within their bounds."""
    return (
        terms.buyer != seller
        and _active(world, terms.buyer)
        and all(parties.settlement_account(world, owner, terms.asset) for owner in (seller, terms.buyer))
        and 0 < len(terms.unit) <= TEXT_MAX
        and 0 < len(terms.index) <= TEXT_MAX
        and (not terms.is_published or price_means.is_in(world, terms.index, terms.asset))
        and 0 < terms.acq < QUANTITY_END
        and all(_is_ratio(one, 1) for one in (terms.share, terms.above, terms.tolerance, terms.carry_share))
        and _is_ratio(terms.base)
        and _is_ratio(terms.slope)
        and 0 < terms.years <= YEARS_MAX
        and 0 <= terms.first_month < MONTH_END - MONTHS * terms.years
        and at < month_begins(terms.first_month)
        and 0 <= terms.makeup_years <= YEARS_MAX
        and 0 <= terms.carry_years <= YEARS_MAX
        and 0 <= terms.notice_ns <= NOTICE_NS_MAX
        and 0 < len(terms.points) <= POINTS_MAX
        and len(dict(terms.points)) == len(terms.points)
        and all(0 < len(name) <= TEXT_MAX and 0 < most < QUANTITY_END for name, most in terms.points)
    )


def _of(
    world: World,
    contract_id: bytes,
    *,
    seller: str = "",
    buyer: str = "",
    state: SupplyState | None = None,
) -> Supply | No:
    """Give a contract of a seller or buyer in a state, or why not."""
    found = world.supplies.live.get(contract_id)
    if found is None or (seller and found.seller != seller) or (buyer and found.terms.buyer != buyer):
        return No.SUPPLY_NOT_FOUND
    return found if state is None or found.state is state else No.SUPPLY_STATE_FORBIDS


def _moved(world: World, found: Supply, event: SupplyEvent) -> Outcome:
    if step(found.state, event) is None:
        return refused(No.SUPPLY_STATE_FORBIDS)
    diary = Diary()
    _step(world, diary, found, event)
    return diary.done()


def _step(world: World, diary: Diary, found: Supply, event: SupplyEvent) -> None:
    """Let a contract take a step; one that is over leaves."""
    after = step(found.state, event)
    assert after is not None
    found.state = after
    _tell(diary, found, event.value)
    if after in (SupplyState.ENDED, SupplyState.CANCELLED):
        del world.supplies.live[found.contract_id]


def _tell(diary: Diary, found: Supply, event: str) -> None:
    terms = found.terms
    diary.fact(
        SupplyMoved(
            found.contract_id, found.seller, terms.buyer, terms.asset, terms.unit, terms.acq, terms.first_month,
            terms.years, event, found.state.value, found.year,
        )
    )  # fmt: skip
    for owner in (found.seller, terms.buyer):
        diary.tell(owner, f"supply.{event.lower()}", found.contract_id, found.year)


def _month(found: Supply, month: int, row: MonthRow, event: str) -> Outcome:
    found.months[month] = row
    diary = Diary()
    diary.fact(_month_fact(found, month, row, event))
    for owner in (found.seller, found.terms.buyer):
        diary.tell(owner, f"supply.{event.lower()}", found.contract_id, month)
    return diary.done()


def _month_fact(
    found: Supply, month: int, row: MonthRow, event: str, price: str = "", minor: int = 0, bundle: bytes = b""
) -> SupplyMonth:
    return SupplyMonth(
        found.contract_id,
        month,
        event,
        row.wanted,
        row.taken,
        row.shortfall,
        row.force_majeure,
        price,
        minor,
        bundle,
    )


def _bill(world: World, found: Supply, what: str, month: int, minor: int, at: Instant) -> EnergyBill | No:
    """Make a bill of a contract, or say why there is none. The seller owes what is recovered, the buyer the rest."""
    if minor >= AMOUNT_END:
        return No.SUPPLY_TERMS_OUT_OF_RANGE
    debtor, creditor = found.terms.buyer, found.seller
    if what == "recovery":
        debtor, creditor = creditor, debtor
    return energy_bill.new_bill(
        world, found.contract_id, what, month, debtor=debtor, creditor=creditor, asset=found.terms.asset,
        amount_minor=minor, at=at,
    )  # fmt: skip
