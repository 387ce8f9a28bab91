"""`steelyard price`: published prices, their versions and methods; complaints; and how the operator publishes."""

from typing import Annotated, Any

from cyclopts import App, Parameter

from steelyard.cli import told
from steelyard.cli.reading import File, made, money, shape
from steelyard.cli.session import DONE, NOTHING_GIVEN, Common, node

app = App(name="price", help="List published prices, publish and correct them, complain.", version_flags=())
complaint = App(
    name="complaint", help="See, answer, decide, appeal and withdraw complaints.", version_flags=()
)
app.command(complaint)

Several = Annotated[list[str], Parameter(negative=())]
COLUMNS = (
    ("series", "series"), ("on", "on"), ("version", "version"), ("price", "value"), ("unit", "unit"),
    ("kind", "kind"), ("source", "source"), ("method", "method"), ("reason", "reason"),
)  # fmt: skip
METHODS = (
    ("version", "version"), ("from", "from_on"), ("tick", "tick"), ("cap", "cap"),
    ("participants", "participants_min"), ("volume", "volume_min"), ("held s", "held_min_seconds"),
)  # fmt: skip
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
        settlement or benchmark.
    """
    with node(common) as (client, out):
        out.rows(client.prices.list(series=series, on=on, kind=kind, limit=1_000), COLUMNS)
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
    instruments: Several | None = None,
    basket: Several | None = None,
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
        Fewest participants of a benchmark.
    volume
        Least volume of a benchmark.
    held
        How many seconds a firm quote must have stood.
    instruments
        Whose trades a benchmark is made from by itself.
    basket
        What one unit of the benchmark holds, such as 'ZAR 8.50'.
    """
    from steelyard.client.prices import MethodAsked

    asked = made(
        MethodAsked,
        {"version": version, "from_on": since, "tick": tick, "cap": cap, "participants_min": participants,
         "volume_min": volume, "held_min_seconds": held, "instruments": instruments or [],
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
    """Make and publish today's benchmark from the trades of its instruments, as operator, from 16:00 UTC on.

    Parameters
    ----------
    series
        Code of the benchmark.
    """
    with node(common) as (client, out):
        return told.done(out, client.prices.fix(series))


@app.command
def publish(series: str, file: File, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Make and publish a day's benchmark from a JSON file of trades and quotes, as operator.

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
