"""The synthetic business day: payments drawn from the trade matrix, the same for one seed on every platform.

A member that imports pays the member that exports. How often a corridor is used grows with the square root
of its trade, how much it carries is proportional to it; single amounts are spread twenty to one around the
corridor's mean. Part of the payments leave in one currency and arrive in another, the rest move in one that
both banks hold. Integers only: no float decides who pays whom what.
"""

from fractions import Fraction
from math import isqrt, prod
from random import Random
from uuid import UUID

from msgspec import Struct

from steelyard.packs.worlds import MemberPack, WorldPack
from steelyard.sim.parties import Customer, customers_of
from steelyard.sim.prices import OfferedSheet, all_sheets, decimal_text

CUSTOMERS_PER_BANK = 40
BUSINESS_DAYS_A_YEAR = 250
SPREAD_MEAN_PERMILLE = 3153
"""1000 / u, for u even between 50 and 1000, has this mean in thousandths."""

PURPOSES = ("GDDS", "GDDS", "GDDS", "GDDS", "SUPP", "SCVE", "TRAD", "COMC")
PERSONAL_PURPOSES = ("EDUC", "HLTI", "MDCS", "AIRB")


class Hop(Struct, frozen=True):
    """What one provider is expected to take and to give for a payment."""

    provider: str
    takes: str
    takes_minor: int
    gives: str
    gives_minor: int


class Planned(Struct, frozen=True):
    """One payment somebody will send: `source_minor` leaves the payer's bank, `target_minor` arrives.

    `rate` is empty where both are one currency. `at_s` is seconds after the day opened.
    """

    number: int
    at_s: int
    uetr: str
    payer: Customer
    payee: Customer
    source: str
    source_minor: int
    target: str
    target_minor: int
    rate: str
    purpose: str
    hops: tuple[Hop, ...] = ()


class Corridor(Struct, frozen=True):
    """Payments from one member to another: how many, and of which mean in thousandths of a dollar."""

    payer: MemberPack
    payee: MemberPack
    count: int
    mean_usd_milli: int


def corridors(world: WorldPack, payments: int) -> list[Corridor]:
    """Share out the day's payments over all pairs of members, by the trade between them."""
    member = {item.code: item for item in world.members}
    pairs = sorted(pair for pair, value in world.trade.items() if value > 0)
    weights = [isqrt(world.trade[pair] * 1_000_000) for pair in pairs]
    counts = _shares(payments, weights)
    return [
        Corridor(
            member[importer], member[exporter], count,
            world.trade[exporter, importer] * 10**9 // BUSINESS_DAYS_A_YEAR // count,
        )
        for (exporter, importer), count in zip(pairs, counts, strict=True)
        if count
    ]  # fmt: skip


def plan(
    world: WorldPack, payments: int, *, exchanged_permille: int = 600, open_s: int = 6 * 3600
) -> list[Planned]:
    """Make the payments of one day in the order in which they are sent.

    `exchanged_permille` of them are in two currencies. `open_s` is how long banks send, in seconds.
    """
    draw = Random(f"{world.network.seed}/day/{payments}")
    customers = _customers(world)
    routes = [item for item in corridors(world, payments) for _ in range(item.count)]
    draw.shuffle(routes)
    times = sorted(_time_of_day(draw, open_s) for _ in routes)
    best = BestPrices(world)
    return [
        _planned(world, number, at_s, route, draw, customers, best, exchanged_permille)
        for number, (at_s, route) in enumerate(zip(times, routes, strict=True), start=1)
    ]


class Route(Struct, frozen=True):
    """A way from one currency to another: each provider with what it takes, what it gives and at which rate."""

    hops: tuple[tuple[str, str, str, Fraction], ...]

    @property
    def rate(self) -> Fraction:
        """Target units per source unit, over all hops."""
        return prod((hop[3] for hop in self.hops), start=Fraction(1))


class BestPrices:
    """The best price on offer for an amount, direct or over a third member's currency where nobody quotes."""

    def __init__(self, world: WorldPack) -> None:
        self._sheets: dict[tuple[str, str], list[OfferedSheet]] = {}
        for sheet in all_sheets(world):
            self._sheets.setdefault((sheet.source, sheet.target), []).append(sheet)
        self._currencies = sorted(member.currency for member in world.members)

    def route(self, source: str, target: str, source_minor: int) -> Route:
        """Give the best way for an amount of the source currency."""
        direct = self._direct(source, target, source_minor)
        if direct is not None:
            return direct
        ways = []
        for other in self._currencies:
            first = self._direct(source, other, source_minor)
            second = first and self._direct(other, target, int(source_minor * first.rate))
            if first and second:
                ways.append(Route(first.hops + second.hops))
        return max(ways, key=lambda way: (way.rate, way.hops))

    def _direct(self, source: str, target: str, source_minor: int) -> Route | None:
        offers = []
        for sheet in self._sheets.get((source, target), []):
            tier = next(tier for tier in reversed(sheet.tiers) if tier.from_source_minor <= source_minor)
            offers.append(Route(((sheet.provider, source, target, Fraction(tier.rate)),)))
        return max(offers, key=lambda offer: (offer.rate, offer.hops), default=None)


def _planned(
    world: WorldPack, number: int, at_s: int, route: Corridor, draw: Random,
    customers: dict[str, list[Customer]], best: BestPrices, exchanged_permille: int,
) -> Planned:  # fmt: skip
    payer = draw.choice(customers[draw.choice(route.payer.participant).bic])
    payee = draw.choice(customers[draw.choice(route.payee.participant).bic])
    usd_milli = route.mean_usd_milli * 1_000_000 // SPREAD_MEAN_PERMILLE // draw.randint(50, 1000)
    exchanged = draw.randint(1, 1000) <= exchanged_permille
    source = route.payer.currency if exchanged or draw.randint(1, 10) <= 7 else route.payee.currency
    target = route.payee.currency if exchanged else source
    amount = max(int(usd_milli * world.usd_rates[source] * 10 ** _scale(world, source) / 1000), 10_000)
    rate, arrives = "", amount
    hops: tuple[Hop, ...] = ()
    if exchanged:
        way = best.route(source, target, amount)
        rate = decimal_text(way.rate)
        arrives = _exchange(world, amount, source, target, Fraction(rate))
        hops = _hops(world, way, amount, arrives)
    purpose = draw.choice(PURPOSES if payer.lei else PERSONAL_PURPOSES)
    uetr = str(UUID(int=draw.getrandbits(128), version=4))
    return Planned(number, at_s, uetr, payer, payee, source, amount, target, arrives, rate, purpose, hops)


def _hops(world: WorldPack, way: Route, amount: int, arrives: int) -> tuple[Hop, ...]:
    hops, taken = [], amount
    for number, (provider, takes, gives, rate) in enumerate(way.hops, start=1):
        given = arrives if number == len(way.hops) else _exchange(world, taken, takes, gives, rate)
        hops.append(Hop(provider, takes, taken, gives, given))
        taken = given
    return tuple(hops)


def _exchange(world: WorldPack, amount: int, source: str, target: str, rate: Fraction) -> int:
    shift = Fraction(10) ** (_scale(world, target) - _scale(world, source))
    return max(int(rate * amount * shift), 1)


def _customers(world: WorldPack) -> dict[str, list[Customer]]:
    return {
        bank.bic: customers_of(bank, member, CUSTOMERS_PER_BANK, seed=world.network.seed)
        for member in world.members
        for bank in member.participant
    }


def _scale(world: WorldPack, currency: str) -> int:
    return next(member.scale for member in world.members if member.currency == currency)


def _time_of_day(draw: Random, open_s: int) -> int:
    """More in the middle of the day than at its ends: the mean of two even draws."""
    return (draw.randint(0, open_s - 1) + draw.randint(0, open_s - 1)) // 2


def _shares(total: int, weights: list[int]) -> list[int]:
    """Split a count by weights, largest remainder first, ties by place."""
    whole = sum(weights)
    parts = [total * weight // whole for weight in weights]
    rest = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
    for i in rest[: total - sum(parts)]:
        parts[i] += 1
    return parts


def needs(payments: list[Planned]) -> dict[tuple[str, str], int]:
    """Give, per (bank or provider, currency), the least money with which all payments can settle: out less in."""
    flow: dict[tuple[str, str], int] = {}

    def out(owner: str, currency: str, amount: int) -> None:
        flow[owner, currency] = flow.get((owner, currency), 0) + amount

    for item in payments:
        out(item.payer.bank, item.source, item.source_minor)
        out(item.payee.bank, item.target, -item.target_minor)
        for hop in item.hops:
            out(hop.provider, hop.takes, -hop.takes_minor)
            out(hop.provider, hop.gives, hop.gives_minor)
    return {key: amount for key, amount in sorted(flow.items()) if amount > 0}
