"""The shapes of published prices: their versions, the methods they are made by, complaints about them.

A price is a decimal text in the instrument's currency, or of a benchmark in the unit of its basket (2 decimals);
`exact` is the same in minor units, as "p" or "p/q". Dates are days of publication.
"""

from typing import Annotated, Literal

from msgspec import Meta

from steelyard.client.acts import Decimal
from steelyard.client.types import Asked, AssetCode, DateText, Told

SeriesCode = Annotated[str, Meta(min_length=1, max_length=64, description="Code of a series of prices.")]
Exact = Annotated[
    str, Meta(pattern=r"^[0-9]{1,15}(\.[0-9]{1,9})?$(?!\n)", description="A decimal of 0 or more.")
]
Signed = Annotated[str, Meta(pattern=r"^-?[0-9]{1,15}(\.[0-9]{1,9})?$(?!\n)", description="A decimal.")]
Text64 = Annotated[str, Meta(max_length=64)]
Volume = Annotated[int, Meta(ge=0, lt=10**18)]
Words = Annotated[str, Meta(min_length=1, max_length=10_000)]
Cause = Annotated[str, Meta(min_length=1, max_length=400)]


class SourceAsked(Asked):
    """A listed instrument or a class of receipts, and what its goods are; without a grade that of the class."""

    code: SeriesCode
    origin: Text64 = ""
    grade: Text64 = ""


class MethodAsked(Asked):
    """A version of a series' method; the first begins the series, with its tick (null: any price).

    With sources it is a benchmark, with a parent an index, with a contract a curve; the machine makes it each day.
    Without any of these it is published from what is handed in, or settles from its book.
    """

    version: Annotated[int, Meta(ge=1, le=64)]
    from_on: DateText
    tick: Decimal | None = None
    cap: Annotated[str, Meta(pattern=r"^[0-9]{1,9}(\.[0-9]{1,9}|/[1-9][0-9]{0,8})?$(?!\n)")] = "1/4"
    participants_min: Annotated[int, Meta(ge=1, le=10_000)] = 4
    volume_min: Volume = 0
    held_min_seconds: Annotated[int, Meta(ge=0, le=86_400)] = 300
    within_bp: Annotated[int, Meta(ge=0, le=10_000)] = 200
    """How far from the middle of the best bid and ask an order may stand to count as a quote"""
    days_min: Annotated[int, Meta(ge=1, le=31)] = 5
    """Days of a month that have a value, for the month to have a mean"""
    takes_outside: bool = True
    """Whether registered trades count whose settlement outside is shown by evidence alone"""
    sources: Annotated[list[SourceAsked], Meta(max_length=100)] = []
    """What a benchmark is made from by the machine itself"""
    basket: dict[AssetCode, Decimal] = {}
    """How much of each currency one unit of a benchmark holds"""
    unit_kg: Annotated[int, Meta(ge=0, lt=10**12)] = 0
    """For how many kg a benchmark's value is"""
    related: Text64 = ""
    """The series whose move counts where there is no other data"""
    parent: Text64 = ""
    """The benchmark of whose data an index takes its part"""
    origin: Text64 = ""
    grade: Text64 = ""
    contract: Text64 = ""
    """Of whose months a curve is made"""


class WindowTrade(Asked):
    """A trade of the window."""

    price: Decimal
    lots: Annotated[int, Meta(ge=1, lt=10**12)]


class SettlementAsked(Asked):
    """A day whose settlement price is made. `previous` counts only where the series has no price yet."""

    on: DateText
    trades: Annotated[list[WindowTrade], Meta(max_length=2_000)] = []
    last: Decimal | None = None
    bid: Decimal | None = None
    ask: Decimal | None = None
    neighbour_change: Signed | None = None
    previous: Decimal | None = None


class BenchmarkTrade(Asked):
    """A trade of the day; one outside the book counts with the proof of its settlement."""

    trade_id: Text64
    price: Exact
    volume: Volume
    buyer: Text64
    seller: Text64
    is_otc: bool = False
    proof: Text64 = ""
    origin: Text64 = ""
    grade: Text64 = ""


class BenchmarkQuote(Asked):
    """A firm quote of one side, and how long it stood."""

    quote_id: Text64
    price: Exact
    volume: Volume
    maker: Text64
    stood_seconds: Annotated[int, Meta(ge=0, le=10**9)]
    origin: Text64 = ""
    grade: Text64 = ""


class BenchmarkAsked(Asked):
    """What a day's benchmark or index is made from. `medians`: how much of a currency one unit of the basket is."""

    on: DateText
    trades: Annotated[list[BenchmarkTrade], Meta(max_length=2_000)] = []
    quotes: Annotated[list[BenchmarkQuote], Meta(max_length=2_000)] = []
    related_move: Signed | None = None
    medians: dict[AssetCode, Exact] = {}


class CorrectionAsked(Asked):
    """The value that a day has instead, and why; null takes the day's price back."""

    on: DateText
    reason: Cause
    value: Exact | None = None
    medians: dict[AssetCode, Exact] = {}


class ComplaintAsked(Asked):
    """A day's price that is disputed, in words."""

    on: DateText
    text: Words


class StepAsked(Asked):
    """What is said to a complaint."""

    text: Words


class ComplaintMark(Told):
    """A complaint about a version of a price, as everybody sees it."""

    number: int
    state: Literal["open", "answered", "appealed", "closed"]


class PointShown(Told):
    """A month of a curve: its settlement price and tier; without one nothing is drawn."""

    month: str
    value: str | None
    exact: str | None
    tier: str | None
    currencies: dict[str, str]


class PriceShown(Told):
    """A version of a day's price. `value` is null where none is published, and `reason` says why.

    `inputs` are SHA-256 of the data used. A curve has `points`, and in `currencies` what a unit of its own is.
    """

    series: str
    kind: Literal["settlement", "benchmark", "index", "curve"]
    on: str
    version: int
    value: str | None
    exact: str | None
    unit: str | None
    """The currency of the value; null: the unit of a basket"""
    basket: dict[str, str]
    """How much of each currency one unit of the basket holds; empty where the series says nothing of it"""
    per_kg: int | None
    """For how many kg the value is; null where the series says nothing of it"""
    currencies: dict[str, str]
    source: str
    method: int
    digest: str
    reason: str
    inputs: list[str]
    points: list[PointShown]
    origin: str
    grade: str
    complaints: list[ComplaintMark]
    at: str


class MonthShown(Told):
    """A month of a series: how many of its days have a value, and where enough have, its mean in each currency."""

    month: str
    days: int
    means: dict[str, str]
    exact: dict[str, str]


class SourceShown(Told):
    """What a benchmark is made from, and what its goods are."""

    code: str
    origin: str
    grade: str


class MethodShown(Told):
    """A version of a method."""

    series: str
    version: int
    from_on: str
    tick: str | None
    cap: str
    participants_min: int
    volume_min: int
    held_min_seconds: int
    within_bp: int
    days_min: int
    takes_outside: bool
    makes: Literal["", "benchmark", "index", "curve"]
    sources: list[SourceShown]
    basket: dict[str, str]
    unit_kg: int
    related: str
    parent: str
    origin: str
    grade: str
    contract: str
    at: str


class ComplaintStep(Told):
    """What happened to a complaint; `text` is null where its words are no longer kept."""

    event: Literal["opened", "answered", "appealed", "withdrawn", "decided"]
    digest: str
    text: str | None
    at: str


class ComplaintShown(Told):
    """A complaint with everything that was said."""

    number: int
    series: str
    on: str
    version: int
    complainer: str
    state: Literal["open", "answered", "appealed", "closed"]
    entered_at: str
    changed_at: str
    steps: list[ComplaintStep]
