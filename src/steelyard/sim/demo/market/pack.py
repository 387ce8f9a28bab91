"""Who takes part in the demonstration's market, and what is traded there: the data of its pack, and prices from it."""

import tomllib
from fractions import Fraction
from importlib.resources import files

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from steelyard.market.contracts import Contract
from steelyard.packs import contracts
from steelyard.packs.worlds import WorldPack


class Named(Struct, frozen=True, forbid_unknown_fields=True):
    """A participant: BIC and name."""

    bic: str
    name: str


class House(Struct, frozen=True, forbid_unknown_fields=True):
    """A house that trades: the currency it pays or is paid in, and how much wheat it brings."""

    bic: str
    name: str
    currency: str
    tonnes: int = 0


class Other(Struct, frozen=True, forbid_unknown_fields=True):
    """A future that is listed besides: its pack, its months, what its prices begin at."""

    future: str
    months: tuple[str, ...]
    dollars_a_tonne: int


class MarketPack(Struct, frozen=True, forbid_unknown_fields=True):
    """The market of a demonstration."""

    site: str
    grade: str
    crop: str
    receipt_class: str
    certified_kg: int
    storage_minor: int
    spot: str
    future: str
    cleared_in: str
    months: tuple[str, ...]
    dollars_a_tonne: int
    warehouse: Named
    inspector: Named
    provider: Named
    house: tuple[House, ...]
    failing: Named
    visitor: tuple[House, ...] = ()
    """Banks of the network that trade as well: on the world that is served, for whoever tries it"""
    other: Other | None = None
    """A further future, on the world that is served"""

    @property
    def traders(self) -> tuple[House, ...]:
        """Give everybody who buys and sells, visitors last."""
        return (*self.house, *self.visitor)

    @property
    def currencies(self) -> tuple[str, ...]:
        """Give the currencies in which wheat is traded, sorted."""
        return tuple(sorted({one.currency for one in self.house}))

    @property
    def sellers(self) -> tuple[House, ...]:
        """Give the houses that bring wheat."""
        return tuple(one for one in self.traders if one.tonnes)

    @property
    def buyers(self) -> tuple[House, ...]:
        """Give the houses that bring none."""
        return tuple(one for one in self.traders if not one.tonnes)

    @property
    def bidders(self) -> tuple[House, ...]:
        """Give the houses that offer wheat in the tender of the first buyer: those who sell, and the last who buys."""
        return (*self.sellers, self.buyers[-1])

    @property
    def clearing(self) -> tuple[str, ...]:
        """Give the members of the clearing house."""
        return (*(one.bic for one in self.traders), self.failing.bic)

    @property
    def busy(self) -> tuple[str, ...]:
        """Give the members of the clearing house that order by themselves; visitors wait for whoever tries them."""
        return (*(one.bic for one in self.house), self.failing.bic)

    @property
    def everybody(self) -> tuple[Named, ...]:
        """Give every participant that is in the network for its market alone."""
        houses = tuple(Named(one.bic, one.name) for one in self.house)
        return (*houses, self.failing, self.warehouse, self.inspector, self.provider)


def load() -> MarketPack:
    """Read the pack as the demonstration's day has it, whose houses are among themselves."""
    return replace(load_served(), visitor=(), other=None)


def load_served() -> MarketPack:
    """Read the pack as the served world has it."""
    text = files("steelyard.packs").joinpath("demo", "market.toml").read_text("utf-8")
    return msgspec.convert(tomllib.loads(text), MarketPack)


class Goods(Struct, frozen=True):
    """What is traded: the contracts out of their packs, the codes they are listed under."""

    spot: Contract
    future: Contract
    spot_code: str
    codes: tuple[str, ...]
    """of the future's months, the first the nearest"""


def goods(pack: MarketPack) -> Goods:
    """Read the contracts."""
    spot, future = contracts.load(pack.spot), contracts.load(pack.future)
    return Goods(spot, future, spot.code, tuple(f"{future.code}-{month}" for month in pack.months))


def price(pack: MarketPack, world: WorldPack, currency: str, tick: int, *, permille: int = 1_000) -> int:
    """Give a price a tonne in minor units on the tick: so many thousandths of what the day begins at."""
    scale = next(member.scale for member in world.members if member.currency == currency)
    exact = world.usd_rates[currency] * pack.dollars_a_tonne * 10**scale * Fraction(permille, 1_000)
    return int(exact / tick) * tick


def worth(pack: MarketPack, world: WorldPack) -> dict[str, Fraction]:
    """Give what a minor unit of each currency is worth in the basket, in hundredths: one unit of each together."""
    scale = {member.currency: member.scale for member in world.members}
    whole = sum((1 / world.usd_rates[code] for code in pack.currencies), Fraction(0))
    return {code: 100 / (world.usd_rates[code] * 10 ** scale[code] * whole) for code in pack.currencies}
