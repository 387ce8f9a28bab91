"""Publish settlement prices, benchmarks and indices; correct them, set their methods, take complaints about them.

What the machine has the data of it makes by itself (`fixing.py`). Of other series whoever publishes hands in the data;
the machine makes the price of it, by the method in force and from the price before as it stands in the state, and keeps
the hash of the data. What is handed in, and a method, needs two persons; a correction by hand a reason as well.
"""

from fractions import Fraction
from hashlib import sha256
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from steelyard.flows import counting, fixing, settlement
from steelyard.flows.command import Command, Outcome
from steelyard.flows.diary import Diary, refused
from steelyard.flows.fields import Day, Label, Name, Word
from steelyard.flows.price_facts import ComplaintMoved, MethodSet
from steelyard.flows.price_telling import SETTLEMENT, tell
from steelyard.flows.world import World
from steelyard.market.assessment import Day as Data
from steelyard.market.assessment import FirmQuote, Method, Move, Trade, assess
from steelyard.market.basis import Basis
from steelyard.market.benchmark import in_currencies
from steelyard.market.books import Way
from steelyard.market.complaints import Complaint, ComplaintEvent
from steelyard.market.prices import CURVE
from steelyard.market.refusals.prices import PriceRefusal as No
from steelyard.market.settlement_price import Tier, settlement_price
from steelyard.values.instants import DAY, Instant

OPERATOR = "operator"
BENCHMARK = "benchmark"
TIERS = tuple(tier.name.lower() for tier in Tier)
TRADES_MAX = 2_000
OPERATORS = (ComplaintEvent.ANSWERED.value, ComplaintEvent.DECIDED.value)
COMPLAINERS = (ComplaintEvent.APPEALED.value, ComplaintEvent.WITHDRAWN.value)
Minor = Annotated[int, Meta(ge=0, lt=10**18)]
Change = Annotated[int, Meta(gt=-(10**18), lt=10**18)]
Lots = Annotated[int, Meta(gt=0, lt=10**12)]
Digest32 = Annotated[bytes, Meta(min_length=32, max_length=32)]
Tick = Annotated[str, Meta(pattern=r"^([1-9][0-9]{0,17}(/[1-9][0-9]{0,17})?)?$(?!\n)")]
RatioOrNone = Annotated[str, Meta(pattern=r"^([0-9]{1,24}(/[1-9][0-9]{0,23})?)?$(?!\n)")]
Reason = Annotated[str, Meta(max_length=400)]
Part = Annotated[int, Meta(gt=0, lt=2**63 - 1)]
Medians = Annotated[tuple[tuple[Name, Part, Part], ...], Meta(max_length=100)]
"""(currency, num, den): minor units of it per minor unit of the series, at the median of the firm rates"""


class MethodFields(Struct, array_like=True, frozen=True, gc=False):
    """A version of a series' method; the first one begins the series, with its tick (empty: any price).

    With a basis the machine makes the series by itself at the day's fixing.
    """

    series: Label
    from_on: Day
    method: Method
    tick: Tick = ""
    basis: Basis = Basis()


class SettleFields(Struct, array_like=True, frozen=True, gc=False):
    """What a day's settlement price is made from. `trades` are (price, lots) of the window.

    Of what is listed nothing is handed in: its book has it. `previous` counts only where the series has no price yet.
    """

    series: Label
    on: Day
    trades: Annotated[tuple[tuple[Minor, Lots], ...], Meta(max_length=TRADES_MAX)] = ()
    last: Minor | None = None
    bid: Minor | None = None
    ask: Minor | None = None
    neighbour_change: Change | None = None
    previous: Minor | None = None


class PublishFields(Struct, array_like=True, frozen=True, gc=False):
    """What a day's benchmark or index is made from."""

    series: Label
    on: Day
    trades: Annotated[tuple[Trade, ...], Meta(max_length=TRADES_MAX)] = ()
    quotes: Annotated[tuple[FirmQuote, ...], Meta(max_length=TRADES_MAX)] = ()
    related_move: Move = ""
    medians: Medians = ()


class AssessFields(Struct, array_like=True, frozen=True, gc=False):
    """A benchmark that is made today from the trades of its instruments."""

    series: Label


class CorrectFields(Struct, array_like=True, frozen=True, gc=False):
    """The value that a day has instead, and why; an empty value takes the day's price back."""

    series: Label
    on: Day
    value: RatioOrNone
    reason: Reason
    medians: Medians = ()


class ComplainFields(Struct, array_like=True, frozen=True, gc=False):
    """A day's price that is disputed, and the SHA-256 of the words."""

    series: Label
    on: Day
    text: Digest32


class StepFields(Struct, array_like=True, frozen=True, gc=False):
    """What happens to a complaint, and the SHA-256 of the words."""

    number: Annotated[int, Meta(ge=1, lt=2**31)]
    event: Word
    """ANSWERED or DECIDED by the operator, APPEALED or WITHDRAWN by who has complained"""
    text: Digest32


def set_method(world: World, command: Command, fields: MethodFields, at: Instant) -> Outcome:
    """Bring a version of a method into force."""
    method, basis = fields.method, fields.basis
    if not _is_sound(world, fields.series, basis) or (basis.kind and fields.tick):
        return refused(No.METHOD_OUT_OF_RANGE)
    refusal = world.prices.set_method(
        fields.series, method, from_on=fields.from_on, tick=fields.tick, basis=basis
    )
    if refusal is not None:
        return refused(refusal)
    fixing.plan(world, at)
    diary = Diary()
    diary.fact(
        MethodSet(
            fields.series, method.version, fields.from_on, world.prices.series[fields.series].tick, method.cap,
            method.participants_min, method.volume_min, method.held_min, method.within_bp, method.days_min,
            method.takes_outside, basis.kind, tuple((one.code, one.origin, one.grade) for one in basis.sources),
            basis.basket, basis.unit_kg, basis.related, basis.parent, basis.origin, basis.grade, basis.contract,
        )
    )  # fmt: skip
    return diary.done()


def _is_sound(world: World, series: str, basis: Basis) -> bool:
    """Tell whether a series can be made from a basis: everything that it names is there, and of one kind.

    What is handed in, or settled from a book, and what the machine makes are series of their own for ever.
    """
    found = world.prices.series.get(series)
    kinds = {one.basis.kind: None for one in found.methods} if found is not None else {basis.kind: None}
    listings, known = world.books.listings, world.prices.series
    related = known.get(basis.related)
    parent = known.get(basis.parent)
    return (
        basis.is_one
        and basis.kind in kinds
        and not (basis.kind and series in listings)
        and all(one.code in listings or one.code in world.titles.classes for one in basis.sources)
        and all(code in world.members.assets for code, _ in basis.basket)
        and (not basis.parent or (parent is not None and parent.methods[-1].basis.kind == BENCHMARK))
        and (not basis.related or (related is not None and basis.related != series))
        and (not basis.contract or _has_curve(world, basis.contract))
    )


def _has_curve(world: World, contract: str) -> bool:
    """Tell whether a contract is listed whose months settle in one currency."""
    months = [one for one in world.books.listings.values() if one.contract == contract]
    return any(one.way is Way.CLEARED and one.instrument.currency for one in months)


def is_handed_in(world: World, command: Command, fields: SettleFields) -> bool:
    """Tell whether a settlement price is made from data that is handed in, as no book has it: two persons do."""
    return fields.series in world.prices.series and fields.series not in world.books.listings


def settle(world: World, command: Command, fields: SettleFields, at: Instant) -> Outcome:
    """Make and publish a day's settlement price; of what is listed from its book, whose next day it begins."""
    found = world.prices.series.get(fields.series)
    if found is None:
        return refused(No.PRICE_SERIES_NOT_FOUND)
    if found.methods[-1].basis.kind:
        return refused(No.PRICE_IS_MADE_BY_ITSELF)
    if fields.on > at // DAY:
        return refused(No.PRICE_DAY_IS_AHEAD)
    listing = world.books.listings.get(fields.series)
    data: SettleFields | No = fields
    if listing is not None:
        data = settlement.from_book(world, listing, fields)
    if isinstance(data, No):
        return refused(data)
    before = found.before(data.on)
    previous = Fraction(before.value) if before is not None else data.previous
    if previous is None and not (data.trades or data.last is not None):
        return refused(No.FIRST_PRICE_IS_MISSING)
    if previous is None and listing is None:
        return refused(No.FIRST_PRICE_IS_MISSING)
    price, tier = settlement_price(
        data.trades,
        tick=found.tick or 1,
        previous=previous,
        last=data.last,
        bid=data.bid,
        ask=data.ask,
        neighbour_change=data.neighbour_change,
    )
    digest = sha256(msgspec.msgpack.encode([data, str(previous)])).digest()
    source = Tier(tier).name.lower()
    value = str(max(price, Fraction(0)))
    made = world.prices.settle(fields.series, fields.on, value, source=source, digest=digest, at=at)
    diary = Diary()
    if isinstance(made, No):
        return refused(made)
    tell(world, diary, fields.series, SETTLEMENT, made)
    if listing is not None:
        settlement.begin_next_day(world, diary, listing, made, at)
        fixing.redraw(world, diary, fields.series, fields.on, at, "has settled")
    return diary.done()


def publish(world: World, command: Command, fields: PublishFields, at: Instant) -> Outcome:
    """Make and publish a day's benchmark of data from elsewhere, or that there is none."""
    found = world.prices.series.get(fields.series)
    basis = found.basis_on(fields.on) if found is not None else None
    if found is None or basis is None:
        return refused(No.PRICE_SERIES_NOT_FOUND)
    if basis.basis.kind or fields.series in world.books.listings:
        return refused(No.PRICE_IS_MADE_BY_ITSELF)
    method = basis.method
    if fields.on > at // DAY:
        return refused(No.PRICE_DAY_IS_AHEAD)
    before = found.before(fields.on)
    data = Data(fields.trades, fields.quotes, before.value if before else "", fields.related_move)
    assessed = assess(data, method)
    currencies = _in_currencies(assessed.value, fields.medians)
    made = world.prices.publish(fields.series, fields.on, assessed, at=at, currencies=currencies)
    if isinstance(made, No):
        return refused(made)
    diary = Diary()
    tell(world, diary, fields.series, BENCHMARK, made, assessed.inputs, basis.basis)
    return diary.done()


def assess_day(world: World, command: Command, fields: AssessFields, at: Instant) -> Outcome:
    """Make a series of today at the rates of now, where the day's fixing was before the series."""
    found, on = world.prices.series.get(fields.series), at // DAY
    basis = found.basis_on(on) if found is not None else None
    if found is None or basis is None:
        return refused(No.PRICE_SERIES_NOT_FOUND)
    if not basis.basis.kind or counting.due_day(world, at) < on:
        return refused(No.BENCHMARK_IS_BEFORE_ITS_TIME)
    if found.day(on) is not None:
        return refused(No.PRICE_STANDS_ALREADY)
    diary = Diary()
    refusal = fixing.make(world, diary, fields.series, on, at)
    return refused(refusal) if refusal is not None else diary.done()


def correct(world: World, command: Command, fields: CorrectFields, at: Instant) -> Outcome:
    """Publish a further version of a day."""
    found = world.prices.series.get(fields.series)
    basis = found.basis_on(fields.on) if found is not None else None
    kind = basis.basis.kind if basis is not None else ""
    if kind == CURVE:
        return refused(No.PRICE_IS_MADE_BY_ITSELF)
    versions = found.day(fields.on) if found is not None else None
    made = world.prices.correct(
        fields.series,
        fields.on,
        fields.value,
        source="override",
        digest=sha256(msgspec.msgpack.encode(fields)).digest(),
        reason=fields.reason,
        at=at,
        currencies=_in_currencies(fields.value, fields.medians),
    )
    is_settlement = versions is not None and versions[0].source in TIERS
    if isinstance(made, No):
        return refused(made)
    diary = Diary()
    of = SETTLEMENT if is_settlement else kind or BENCHMARK
    tell(world, diary, fields.series, of, made, (), basis.basis if basis is not None else None)
    fixing.redraw(world, diary, fields.series, fields.on, at, "was corrected")
    return diary.done()


def complain(world: World, command: Command, fields: ComplainFields, at: Instant) -> Outcome:
    """Enter a complaint."""
    made = world.prices.complain(fields.series, fields.on, by=command.sender, text=fields.text, at=at)
    return refused(made) if isinstance(made, No) else _moved(made, OPERATOR)


def answer(world: World, command: Command, fields: StepFields, at: Instant) -> Outcome:
    """Answer a complaint, or decide on it: the operator."""
    if fields.event not in OPERATORS:
        return refused(No.COMPLAINT_STEP_NOT_ALLOWED)
    return _step(world, command, fields, at)


def pursue(world: World, command: Command, fields: StepFields, at: Instant) -> Outcome:
    """Appeal against an answer, or withdraw: who has complained."""
    known = next((one for one in world.prices.complaints() if one.number == fields.number), None)
    if known is None or known.by != command.sender:
        return refused(No.COMPLAINT_NOT_FOUND)
    if fields.event not in COMPLAINERS:
        return refused(No.COMPLAINT_STEP_NOT_ALLOWED)
    return _step(world, command, fields, at)


def _step(world: World, command: Command, fields: StepFields, at: Instant) -> Outcome:
    found = world.prices.step_complaint(
        fields.number, ComplaintEvent(fields.event), by=command.sender, text=fields.text, at=at
    )
    if isinstance(found, No):
        return refused(found)
    return _moved(found, OPERATOR if command.sender == found.by else found.by)


def _moved(complaint: Complaint, other: str) -> Outcome:
    """Note where a complaint is, and tell the other side."""
    event, _, text, _ = complaint.log[-1]
    diary = Diary()
    diary.fact(
        ComplaintMoved(
            complaint.number, complaint.series, complaint.on, complaint.version, complaint.by, event,
            complaint.state.value, text,
        )
    )  # fmt: skip
    diary.tell(other, "price.complaint", text[:16], complaint.number, event, complaint.state.value)
    return diary.done()


def _in_currencies(value: str, medians: Medians) -> tuple[tuple[str, str], ...]:
    """Give a value in currencies, exactly, by currency."""
    if not value:
        return ()
    rates = {currency: Fraction(num, den) for currency, num, den in medians}
    return tuple((currency, str(worth)) for currency, worth in in_currencies(value, rates).items())
