"""`steelyard price`: published prices, their versions and methods; complaints; and how the operator publishes."""

from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from steelyard.cli import told
from steelyard.cli.reading import File, made, money, shape
from steelyard.cli.session import DONE, NOTHING_GIVEN, Common, node

if TYPE_CHECKING:
    from steelyard.client.prices import PriceShown

app = App(name="price", help="List published prices, publish and correct them, complain.", version_flags=())
complaint = App(
    name="complaint", help="See, answer, decide, appeal and withdraw complaints.", version_flags=()
)
app.command(complaint)

Several = Annotated[list[str], Parameter(negative=())]
COLUMNS = (
    ("series", "series"), ("on", "on"), ("version", "version"), ("price", "value"), ("unit", "unit"),
    ("per kg", "per_kg"), ("kind", "kind"), ("source", "source"), ("method", "method"), ("reason", "reason"),
)  # fmt: skip
INDICES = (
    ("series", "series"), ("on", "on"), ("version", "version"), ("origin", "origin"), ("grade", "grade"),
    ("price", "value"), ("unit", "unit"), ("per kg", "per_kg"), ("source", "source"), ("method", "method"),
    ("reason", "reason"),
)  # fmt: skip
POINTS = (
    ("series", "series"), ("on", "on"), ("version", "version"), ("month", "month"), ("price", "value"),
    ("unit", "unit"), ("per kg", "per_kg"), ("tier", "tier"), ("method", "method"), ("reason", "reason"),
)  # fmt: skip
METHODS = (
    ("version", "version"), ("from", "from_on"), ("tick", "tick"), ("cap", "cap"),
    ("participants", "participants_min"), ("volume", "volume_min"), ("held s", "held_min_seconds"),
    ("makes", "makes"), ("related", "related"),
)  # fmt: skip
MONTHS = (
    ("month", "month"),
    ("days", "days"),
    ("currency", "currency"),
    ("mean", "mean"),
    ("exact", "exact"),
)
COMPLAINTS = (
    ("number", "number"), ("series", "series"), ("on", "on"), ("version", "version"),
    ("complainer", "complainer"), ("state", "state"), ("changed", "changed_at"),
)  # fmt: skip


@app.command(name="list")
def list_(
    *,
    series: str | None = None,
    on: str | None = None,
    kind: str | None = None,
    common: Common = NOTHING_GIVEN,
) -> int:
    """List published prices, every version.

    Parameters
    ----------
    series
        Of this contract month or benchmark.
    on
        Of this day, such as 2026-11-26.
    kind
        settlement, benchmark, index or curve.
    """
    with node(common) as (client, out):
        found = client.prices.list(series=series, on=on, kind=kind, limit=1_000)
        out.rows(found if out.json else map(_in_words, found), COLUMNS)
    return DONE


@app.command
def index(
    *,
    series: str | None = None,
    on: str | None = None,
    origin: str | None = None,
    grade: str | None = None,
    common: Common = NOTHING_GIVEN,
) -> int:
    """List published indices by origin and grade.

    Parameters
    ----------
    series
        Code of the index.
    on
        Of this day, such as 2026-11-26.
    origin
        Of goods of this origin.
    grade
        Of goods of this grade.
    """
    with node(common) as (client, out):
        found = client.prices.indices(series=series, on=on, origin=origin, grade=grade, limit=1_000)
        out.rows(found if out.json else map(_in_words, found), INDICES)
    return DONE


@app.command
def curve(*, series: str | None = None, on: str | None = None, common: Common = NOTHING_GIVEN) -> int:
    """List published forward curves, month by month.

    Parameters
    ----------
    series
        Code of the curve.
    on
        Of this day, such as 2026-11-26.
    """
    with node(common) as (client, out):
        found = list(client.prices.curves(series=series, on=on, limit=1_000))
        if out.json:
            out.rows(found, COLUMNS)
        else:
            out.rows(
                [_of_month(one, place) for one in found for place in range(len(one.points) or 1)], POINTS
            )
    return DONE


@app.command
def show(series: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """List the days of a series, newest first, every version.

    Parameters
    ----------
    series
        Code of the contract month or benchmark.
    """
    with node(common) as (client, out):
        out.rows(client.prices.versions(series, limit=1_000), COLUMNS)
    return DONE


@app.command
def methods(series: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """List the versions of a series' method.

    Parameters
    ----------
    series
        Code of the contract month or benchmark.
    """
    with node(common) as (client, out):
        out.rows(client.prices.methods(series, limit=1_000), METHODS)
    return DONE


@app.command
def months(series: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """List the months of a series with their means, by which contracts are priced that name it.

    Parameters
    ----------
    series
        Code of the contract month, benchmark or index.
    """
    with node(common) as (client, out):
        found = list(client.prices.months(series, limit=1_000))
        if out.json:
            out.rows(found, MONTHS)
        else:
            out.rows([_of_currency(one, code) for one in found for code in one.means or [""]], MONTHS)
    return DONE


@app.command
def method(
    series: str,
    version: int,
    /,
    *,
    since: str,
    tick: str | None = None,
    cap: str = "1/4",
    participants: int = 4,
    volume: int = 0,
    held: int = 300,
    within: int = 200,
    days: int = 5,
    evidence: bool = True,
    sources: Several | None = None,
    basket: Several | None = None,
    kg: int = 0,
    related: str = "",
    parent: str = "",
    origin: str = "",
    grade: str = "",
    contract: str = "",
    common: Common = NOTHING_GIVEN,
) -> int:
    """Bring a version of a series' method into force, as operator; a second person agrees.

    Parameters
    ----------
    series
        Code of the contract month or benchmark; the first version begins it.
    version
        Number of the version, one more than the last.
    since
        First day that it applies to.
    tick
        Prices of the series lie on it.
    cap
        Share of the weights that a participant's trades have at most.
    participants
        Fewest participants of a benchmark; of a curve, fewest months that have settled.
    volume
        Least volume of a benchmark.
    held
        How many seconds a firm quote must have stood.
    within
        How far a quote may be from the middle of its book, in hundredths of a per cent.
    days
        Days of a month that have a value, for the month to have a mean.
    evidence
        Whether trades count whose settlement outside is shown by evidence alone.
    sources
        What a benchmark is made from by itself, each CODE:ORIGIN:GRADE; origin and grade may be left out.
    kg
        For how many kg a benchmark's value is.
    related
        Series whose move counts where there is no other data.
    parent
        Benchmark of whose data an index takes its part: of an origin, a grade, or both.
    origin
        What an index is of.
    grade
        What an index is of.
    contract
        Contract of whose months a curve is made.
    basket
        What one unit of the benchmark holds, such as 'ZAR 8.50'.
    """
    from steelyard.client.prices import MethodAsked

    asked = made(
        MethodAsked,
        {"version": version, "from_on": since, "tick": tick, "cap": cap, "participants_min": participants,
         "volume_min": volume, "held_min_seconds": held, "within_bp": within, "days_min": days,
         "takes_outside": evidence, "sources": [_source(one) for one in sources or []], "unit_kg": kg,
         "related": related, "parent": parent, "origin": origin, "grade": grade, "contract": contract,
         "basket": {one.asset: one.value for one in map(money, basket or [])}},
    )  # fmt: skip
    with node(common) as (client, out):
        return told.done(out, client.prices.set_method(series, asked))


@app.command
def settle(
    series: str,
    on: str,
    /,
    *,
    trades: Several | None = None,
    last: str | None = None,
    bid: str | None = None,
    ask: str | None = None,
    neighbour_change: str | None = None,
    previous: str | None = None,
    common: Common = NOTHING_GIVEN,
) -> int:
    """Make and publish a day's settlement price, as operator.

    Parameters
    ----------
    series
        Code of the contract month.
    on
        The day.
    trades
        Trades of the window, each PRICE:LOTS.
    last
        Price of the day's last trade.
    bid
        Final bid.
    ask
        Final ask.
    neighbour_change
        By how much the neighbour month has moved.
    previous
        Price of the day before, where the series has none yet.
    """
    from steelyard.client.prices import SettlementAsked

    asked = made(
        SettlementAsked,
        {"on": on, "trades": [_trade(one) for one in trades or []], "last": last, "bid": bid, "ask": ask,
         "neighbour_change": neighbour_change, "previous": previous},
    )  # fmt: skip
    with node(common) as (client, out):
        return told.done(out, client.prices.settle(series, asked))


@app.command
def fix(series: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Make a series of today after the fixing's time, as operator, where the day's fixing was before it.

    Parameters
    ----------
    series
        Code of the benchmark, index or curve.
    """
    with node(common) as (client, out):
        return told.done(out, client.prices.fix(series))


@app.command
def publish(series: str, file: File, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Make and publish a day's benchmark from a JSON file of trades and quotes, as operator; a second person agrees.

    Parameters
    ----------
    series
        Code of the benchmark.
    file
        What it is made from, in the shape of POST /v1/prices/{series}/benchmark.
    """
    from steelyard.client.prices import BenchmarkAsked

    asked = shape(file, BenchmarkAsked)
    with node(common) as (client, out):
        return told.done(out, client.prices.publish(series, asked))


@app.command
def correct(
    series: str, on: str, reason: str, /, *, value: str | None = None, common: Common = NOTHING_GIVEN
) -> int:
    """Publish a further version of a day, as operator; a second person agrees.

    Parameters
    ----------
    series
        Code of the series.
    on
        The day.
    reason
        Why.
    value
        The price that it has instead; without it, the day has none.
    """
    from steelyard.client.prices import CorrectionAsked

    asked = made(CorrectionAsked, {"on": on, "reason": reason, "value": value})
    with node(common) as (client, out):
        return told.done(out, client.prices.correct(series, asked))


@app.command
def complain(series: str, on: str, text: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Complain about a day's price.

    Parameters
    ----------
    series
        Code of the series.
    on
        The day.
    text
        What is wrong.
    """
    with node(common) as (client, out):
        return told.done(out, client.prices.complain(series, on, text))


@complaint.command(name="list")
def complaints(*, common: Common = NOTHING_GIVEN) -> int:
    """List one's complaints; as operator, all."""
    with node(common) as (client, out):
        out.rows(client.prices.complaints(limit=1_000), COMPLAINTS)
    return DONE


@complaint.command(name="show")
def show_complaint(number: int, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Show a complaint with everything that was said.

    Parameters
    ----------
    number
        Its number.
    """
    with node(common) as (client, out):
        out.item(client.prices.complaint(number))
    return DONE


@complaint.command
def answer(number: int, text: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Answer a complaint, as operator.

    Parameters
    ----------
    number
        Its number.
    text
        The answer.
    """
    with node(common) as (client, out):
        return told.done(out, client.prices.answer(number, text))


@complaint.command
def decide(number: int, text: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Decide on a complaint, as operator; it is closed.

    Parameters
    ----------
    number
        Its number.
    text
        The decision.
    """
    with node(common) as (client, out):
        return told.done(out, client.prices.decide(number, text))


@complaint.command
def appeal(number: int, text: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Appeal against an answer, once.

    Parameters
    ----------
    number
        Its number.
    text
        Why.
    """
    with node(common) as (client, out):
        return told.done(out, client.prices.appeal(number, text))


@complaint.command
def withdraw(number: int, text: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Withdraw one's complaint.

    Parameters
    ----------
    number
        Its number.
    text
        Why.
    """
    with node(common) as (client, out):
        return told.done(out, client.prices.withdraw(number, text))


def _trade(text: str) -> dict[str, Any]:
    price, _, lots = text.partition(":")
    return {"price": price, "lots": int(lots) if lots.isdigit() else lots}


def _source(text: str) -> dict[str, str]:
    code, _, rest = text.partition(":")
    origin, _, grade = rest.partition(":")
    return {"code": code, "origin": origin, "grade": grade}


def _in_words(one: "PriceShown") -> dict[str, Any]:
    """Give a price as a row: its unit is a currency, or what the unit of its basket holds."""
    from msgspec.structs import asdict

    held = " + ".join(f"{code} {value}" for code, value in one.basket.items())
    return asdict(one) | {"unit": one.unit or held or "unit of a basket"}


def _of_month(one: Any, place: int) -> dict[str, Any]:
    """Give one month of a curve as a row; a curve without months is a row that says why."""
    point = one.points[place] if one.points else None
    return {
        "series": one.series, "on": one.on, "version": one.version, "unit": one.unit, "per_kg": one.per_kg,
        "method": one.method,
        "reason": one.reason, "month": point.month if point else "", "value": point.value if point else None,
        "tier": point.tier if point else None,
    }  # fmt: skip


def _of_currency(one: Any, code: str) -> dict[str, Any]:
    """Give a month's mean in one currency as a row; a month without one has none."""
    return {
        "month": one.month, "days": one.days, "currency": code, "mean": one.means.get(code, ""),
        "exact": one.exact.get(code, ""),
    }  # fmt: skip
