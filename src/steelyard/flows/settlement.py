"""A settlement price from the book itself, what it means for the book's next day, and for the margin of the day.

Whoever publishes names instrument and day alone: trades, last price and best prices are those of the book as it
closed. The price becomes the reference of the next day's limits, half as wide again where it stands at a limit.
"""

from collections.abc import Iterable
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from msgspec import structs

from steelyard.flows import market_book, market_list
from steelyard.flows.diary import Diary
from steelyard.flows.world import World
from steelyard.market.book import Book
from steelyard.market.books import Listing, Way
from steelyard.market.orders import Settlement
from steelyard.market.phases import Phase
from steelyard.market.prices import Price, Series
from steelyard.market.prints import Mark as PrintedMark
from steelyard.market.refusals.prices import PriceRefusal as No
from steelyard.values.instants import Day, Instant

if TYPE_CHECKING:
    from steelyard.flows.price import SettleFields

STANDS = "stands"


class Mark(NamedTuple):
    """What a contract is marked to, and where it is from: the source of a published price, or that it stands."""

    price: int
    source: str


def from_book(world: World, listing: Listing, fields: "SettleFields") -> "SettleFields | No":
    """Give what a day's settlement price is made from, by the book; or why it is not."""
    if fields != type(fields)(fields.series, fields.on):
        return No.PRICE_IS_MADE_FROM_THE_BOOK
    code = listing.instrument.code
    day = world.books.prints.day(code, fields.on)
    if day is None or not day.closed_at:
        return No.BOOK_HAS_NOT_CLOSED
    tick = Fraction(world.prices.series[code].tick or 1)
    return structs.replace(
        fields,
        trades=tuple(day.window()),
        last=_near(day.last, tick),
        bid=_below(day.bid, tick),
        ask=_above(day.ask, tick),
        neighbour_change=_neighbour_change(world, listing, fields.on),
        previous=listing.instrument.ref_price,
    )


def begin_next_day(world: World, diary: Diary, listing: Listing, price: Price, at: Instant) -> None:
    """Let trade after the close be at a price, and set the next day's bands by it.

    A price of an earlier day than the book's last, or of a book that has opened since, sets nothing.
    """
    code = listing.instrument.code
    held, last = world.books.books[code], world.books.prints.days[code][-1]
    if held.phase not in (Phase.CLOSED, Phase.POST_CLOSE) or last.on != price.on:
        return
    settled = int(Fraction(price.value))
    if not settled or settled % listing.instrument.tick:
        return
    at_limit = settled in held.daily
    if isinstance(held, Book):
        market_book.work(world, diary, listing, Settlement(settled), at)
    market_list.set_bands(world, diary, listing, settled, at, widened=at_limit)


def marks(world: World, contracts: Iterable[str], on: Day) -> dict[str, Mark]:
    """Give what cleared contracts are marked to on a day without anybody's choice; who has no such price is left out.

    It is the newest version of the day's published price. On a day on which its book stays shut that is the last one
    published; and a contract of which nobody holds lots any more stands at the price that it was marked to last. Where
    the books of one contract have settled apart, none of them is the price.
    """
    listings: dict[str, list[Listing]] = {}
    for _, one in sorted(world.books.listings.items()):
        if one.way is Way.CLEARED:
            listings.setdefault(one.asset, []).append(one)
    found = {contract: _mark(world, contract, listings.get(contract, []), on) for contract in contracts}
    return {contract: told for contract, told in found.items() if told is not None}


def _mark(world: World, contract: str, listings: list[Listing], on: Day) -> Mark | None:
    codes = [one.instrument.code for one in listings] or [contract]
    known = [series for code in codes if (series := world.prices.series.get(code)) is not None]
    told = [versions[-1] for series in known if (versions := series.day(on))]
    if not told and listings and all(_stays_shut(world, one, on) for one in listings):
        before = [price for series in known if (price := series.before(on)) is not None]
        newest = max([price.on for price in before], default=on)
        told = [price for price in before if price.on == newest]
    same = [Mark(int(one.value), one.source) for one in told if one.value.removeprefix("-").isdigit()]
    if same and all(one.price == same[0].price for one in same):
        return same[0]
    house = world.clearing
    if contract in house.settle and not any(one.lots for one in house.book.get(contract, {}).values()):
        return Mark(house.settle[contract], STANDS)
    return None


def _stays_shut(world: World, listing: Listing, on: Day) -> bool:
    """Tell whether a book is closed and has not been open on a day."""
    code = listing.instrument.code
    held = world.books.books[code]
    return isinstance(held, Book) and held.phase is Phase.CLOSED and world.books.prints.day(code, on) is None


def _neighbour_change(world: World, listing: Listing, on: Day) -> int | None:
    """Give by how much the nearest month of the same contract has settled away from its day before.

    Months are in the order of their codes; of two that are equally near it is the earlier one.
    """
    listings = world.books.listings
    months = sorted(
        code
        for code, one in listings.items()
        if one.contract == listing.contract and _unit(one) == _unit(listing)
    )
    place = months.index(listing.instrument.code)
    others = [code for code in months if code != listing.instrument.code]
    for code in sorted(others, key=lambda one: (abs(months.index(one) - place), one)):
        change = _change(world.prices.series.get(code), on)
        if change is not None:
            return change
    return None


def _change(series: Series | None, on: Day) -> int | None:
    versions = series.day(on) if series is not None else None
    before = series.before(on) if series is not None else None
    if not versions or not versions[-1].value or before is None:
        return None
    change = Fraction(versions[-1].value) - Fraction(before.value)
    return change.numerator if change.denominator == 1 else None


def _near(price: PrintedMark | None, tick: Fraction) -> PrintedMark | None:
    """Give the tick nearest to a price, which in a book of many currencies need not be on one."""
    return price if price is None else _whole(round(Fraction(price) * tick**-1) * tick)


def _below(price: PrintedMark | None, tick: Fraction) -> PrintedMark | None:
    return price if price is None else _whole(Fraction(price) // tick * tick)


def _above(price: PrintedMark | None, tick: Fraction) -> PrintedMark | None:
    return price if price is None else _whole(-(-Fraction(price) // tick) * tick)


def _whole(price: Fraction) -> PrintedMark:
    return price.numerator if price.denominator == 1 else str(price)


def _unit(listing: Listing) -> tuple[object, ...]:
    """Give what prices of an instrument are in: a currency, or a basket that holds so much."""
    terms = listing.instrument
    return terms.currency, terms.basket, terms.basket_holds
