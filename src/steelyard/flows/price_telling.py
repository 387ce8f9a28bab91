"""Telling of a price that is published: the fact with every version, and what the public streams take of it."""

from typing import NamedTuple

from steelyard.flows.diary import Diary
from steelyard.flows.market_facts import SettlementPriced
from steelyard.flows.price_facts import PricePublished
from steelyard.flows.world import World
from steelyard.market.basis import Basis
from steelyard.market.prices import Price

SETTLEMENT = "settlement"


class Unit(NamedTuple):
    """In what a price is: a currency, or the unit of a basket; and for how many kg."""

    currency: str = ""
    basket: tuple[tuple[str, int], ...] = ()
    kg: int = 0


def tell(
    world: World,
    diary: Diary,
    series: str,
    kind: str,
    price: Price,
    inputs: tuple[bytes, ...] = (),
    basis: Basis | None = None,
    unit: Unit | None = None,
) -> None:
    """Note a price that is published, a settlement price towards its instrument's public stream as well."""
    unit = unit if unit is not None else _unit(world, series, basis, price.on)
    diary.fact(
        PricePublished(
            series, kind, price.on, price.version, price.value, price.source, price.method, price.digest,
            price.reason, price.currencies, inputs, price.points,
            basis.origin if basis is not None else "", basis.grade if basis is not None else "",
            unit.currency, unit.basket, unit.kg,
        )
    )  # fmt: skip
    if kind == SETTLEMENT and price.value.isdigit():
        diary.fact(
            SettlementPriced(series, price.on, int(price.value), price.source, price.digest, price.reason)
        )


def whole_of(world: World, basis: Basis, on: int) -> Basis:
    """Give the basis whose sources and basket count: an index's are those of its benchmark."""
    if not basis.parent:
        return basis
    parent = world.prices.series.get(basis.parent)
    found = parent.basis_on(on) if parent is not None else None
    return found.basis if found is not None else Basis()


def _unit(world: World, series: str, basis: Basis | None, on: int) -> Unit:
    """Give the unit of a series that is listed, or is made from a basis; of one that is handed in nothing is known."""
    listing = world.books.listings.get(series)
    if listing is not None:
        terms = listing.instrument
        return Unit(terms.currency, () if terms.currency else terms.basket_holds, listing.kg)
    if basis is None:
        return Unit()
    whole = whole_of(world, basis, on)
    return Unit("", whole.basket, whole.unit_kg)
