"""A tender: so many cargoes are bought from the offers, on the vessels, that cost least landed, within its rules.

All money is brought to one basket minor unit at rates that the tender names. A cargo's cost is rounded once,
half-even, when all its parts are added up: goods, insurance, what paying later is worth, freight, and whatever else
the buyer bears by the delivery term of the offer. So a cargo has one whole cost, whoever computes it, and an award's
cost is a sum of whole numbers. What the seller bears is in his price.

A cargo may lie where offer and vessel name the same port, their laycans overlap and the vessel is large enough. A
seller who pays the freight ships himself, on no vessel of the tender: its place in pairs takes `SHIPPED`.
Its day is the first that both laycans have. Laycans are (first day, last day), both included.
"""

from fractions import Fraction
from hashlib import sha256

import msgspec
from msgspec import Struct

from steelyard.market.incoterms import Cost, Party, pays
from steelyard.values.instants import Day, Instant

FAR: Day = 2_000_000
FOREVER: Instant = 2**62
ALWAYS: tuple[Day, Day] = (0, FAR)
BP = 10_000
YEAR_DAYS = 365
CARGOES_MAX = 1_000
"""Cargoes that one tender buys at most; with the other bounds of its parts its cost stays far below 2^62."""


class Offer(Struct, array_like=True, frozen=True, gc=False, forbid_unknown_fields=True):
    """Goods at a port. `price_minor` is per tonne; a buyer takes none, or from `cargoes_min` to `cargoes_max`."""

    id: str
    supplier: str
    origin: str
    port: str
    price_minor: int
    cargoes_max: int
    cargoes_min: int = 1
    currency: str = ""
    """Empty: the basket"""
    laycan: tuple[Day, Day] = ALWAYS
    offered_at: Instant = 0
    valid_until: Instant = FOREVER
    pay_days: int = 0
    """Days from loading to payment"""
    incoterm: str = "FOB"
    """By which the buyer bears what the price does not hold"""

    def is_borne(self, cost: Cost) -> bool:
        """Tell whether the buyer bears a cost beside the price."""
        return pays(self.incoterm, cost) is Party.BUYER


class Vessel(Struct, array_like=True, frozen=True, gc=False, forbid_unknown_fields=True):
    """Freight from a port. `rate_minor` is per tonne; there are `count` vessels of it."""

    id: str
    port: str
    rate_minor: int
    count: int
    currency: str = ""
    size_t: int = 0
    """0: whatever a cargo weighs"""
    laycan: tuple[Day, Day] = ALWAYS
    valid_until: Instant = FOREVER


SHIPPED = Vessel("", "", 0, CARGOES_MAX)
"""Whatever the seller ships on who pays the freight himself"""


class CostRate(Struct, array_like=True, frozen=True, gc=False, forbid_unknown_fields=True):
    """What a cost of the way is to the buyer where he bears it: basket minor units a tonne."""

    cost: Cost
    rate_minor: int


RATED = (Cost.EXPORT_DUTY, Cost.LOADING, Cost.UNLOADING, Cost.DUTY)
"""What a tender may name a rate for; freight is the vessels', insurance a share of the goods"""


class Capacity(Struct, array_like=True, frozen=True, gc=False, forbid_unknown_fields=True):
    """What a port, or with an empty name all ports, can load in a window of days, both included."""

    port: str
    cargoes_max: int
    window: tuple[Day, Day] = ALWAYS


class FirmRate(Struct, array_like=True, frozen=True, gc=False, forbid_unknown_fields=True):
    """What a minor unit of a currency costs in basket minor units, exactly, until an instant."""

    currency: str
    num: int
    den: int
    valid_until: Instant = FOREVER


class Tender(Struct, array_like=True, frozen=True, gc=False):
    """All that an award depends on. A rule that is 0 or empty does not bind."""

    cargoes: int
    cargo_t: int
    offers: tuple[Offer, ...]
    vessels: tuple[Vessel, ...]
    origin_max: int = 0
    """Cargoes of one origin at most"""
    capacities: tuple[Capacity, ...] = ()
    budget_minor: int = 0
    suppliers_max: int = 0
    insurance_bp: int = 0
    """Of the goods"""
    finance_bp: int = 0
    """What money is worth to the buyer, a year; paying later makes goods cheaper by it"""
    rates: tuple[FirmRate, ...] = ()
    at: Instant = 0
    """When it is evaluated: what ends then or before is out"""
    costs: tuple[CostRate, ...] = ()

    @property
    def digest(self) -> bytes:
        """Give SHA-256 over all inputs: what an award names as its own."""
        return sha256(msgspec.msgpack.encode(self)).digest()

    def rate(self, currency: str) -> Fraction | None:
        """Give the basket price of a currency, or None where none is firm now."""
        if not currency:
            return Fraction(1)
        for one in self.rates:
            if one.currency == currency:
                return Fraction(one.num, one.den) if one.valid_until > self.at else None
        return None

    def stands(self, one: Offer | Vessel) -> bool:
        """Tell whether an offer or vessel is still on the table, its currency's rate with it."""
        return one.valid_until > self.at and self.rate(one.currency) is not None


def fits(tender: Tender, offer: Offer, vessel: Vessel) -> bool:
    """Tell whether a cargo of an offer can be loaded on a vessel."""
    if not vessel.id or not offer.is_borne(Cost.FREIGHT):
        return not vessel.id and not offer.is_borne(Cost.FREIGHT)
    return (
        offer.port == vessel.port
        and loading_on(offer, vessel) <= min(offer.laycan[1], vessel.laycan[1])
        and (vessel.size_t == 0 or vessel.size_t >= tender.cargo_t)
    )


def loading_on(offer: Offer, vessel: Vessel) -> Day:
    """Give a cargo's day: the first that both laycans have."""
    return max(offer.laycan[0], vessel.laycan[0])


def cargo_cost(tender: Tender, offer: Offer, vessel: Vessel) -> int:
    """Give what one cargo costs landed, in basket minor units, rounded half-even once. Both must stand.

    >>> wheat = Offer("A", "anna", "NOR", "PORT", 23_000, 3, pay_days=73)
    >>> ship = Vessel("v1", "PORT", 1_450, 2)
    >>> cargo_cost(Tender(1, 50_000, (wheat,), (ship,)), wheat, ship)
    1222500000
    >>> cargo_cost(Tender(1, 50_000, (wheat,), (ship,), insurance_bp=10, finance_bp=500), wheat, ship)
    1212150000
    >>> there = Offer("B", "bram", "NOR", "PORT", 24_450, 3, incoterm="CIF")
    >>> unload = Tender(1, 50_000, (there,), (ship,), insurance_bp=10, costs=(CostRate(Cost.UNLOADING, 150),))
    >>> cargo_cost(unload, there, SHIPPED)
    1230000000
    """
    slope, freight = landed(tender, offer, vessel)
    return round(slope * offer.price_minor + freight)


def landed(tender: Tender, offer: Offer, vessel: Vessel) -> tuple[Fraction, Fraction]:
    """Give what a cargo costs exactly: for each unit of the offer's price, and beside it."""
    goods_rate, freight_rate = tender.rate(offer.currency), tender.rate(vessel.currency)
    if goods_rate is None or freight_rate is None:
        raise ValueError(f"{offer.id} on {vessel.id}: no firm rate")
    insured = 1 + Fraction(tender.insurance_bp if offer.is_borne(Cost.INSURANCE) else 0, BP)
    later = Fraction(tender.finance_bp * offer.pay_days, BP * YEAR_DAYS)
    borne = sum(one.rate_minor for one in tender.costs if offer.is_borne(one.cost))
    beside = tender.cargo_t * (vessel.rate_minor * freight_rate + borne)
    return tender.cargo_t * goods_rate * (insured - later), beside


def in_tie_order(tender: Tender) -> list[Offer]:
    """Give the offers that stand, the earlier first, at one time the lower id: equal awards favour them so."""
    return sorted(filter(tender.stands, tender.offers), key=lambda one: (one.offered_at, one.id))


def vessels_in_order(tender: Tender) -> list[Vessel]:
    """Give the vessels that stand, by id; first what sellers ship on, where an offer that stands needs it."""
    needed = not all(one.is_borne(Cost.FREIGHT) for one in tender.offers if tender.stands(one))
    own = [SHIPPED] if needed else []
    return own + sorted(filter(tender.stands, tender.vessels), key=lambda one: one.id)
