"""`steelyard market`: what everybody sees: instruments, books, trades, the public stream."""

from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from steelyard.cli.output import columns
from steelyard.cli.session import DONE, NOTHING_GIVEN, REFUSED, Common, Switch, end, node

if TYPE_CHECKING:
    from steelyard.client.market import FeedItem

INSTRUMENTS = columns(
    "instrument=code, way, currency, basket, phase, reference, low=limit_low, high=limit_high, settlement, "
    "lot, tick"
)
FOLLOW_SECONDS = 0.3
SELLS = 1
"""Who came to the trade, as the stream says it: the seller, so that the price is the buyer's"""
LIMITS = columns("currency, low=limit_low, high=limit_high, a unit is worth=unit")
BASKET_SCALE = 2
"""Decimals of a basket's unit"""
UNIT_DECIMALS = 6
"""Of what a basket's unit is worth, as people see it; --json has it exact"""
LEVELS = columns("side, currency, price, quantity")


def list_(*, common: Common = NOTHING_GIVEN) -> int:
    """List the instruments that are traded, with phase and daily limits."""
    with node(common) as (client, out):
        out.rows(client.market.list(limit=1_000), INSTRUMENTS)
    return DONE


def show(instrument: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Show an instrument.

    Parameters
    ----------
    instrument
        Its code.
    """
    with node(common) as (client, out):
        out.item(client.market.get(instrument))
    return DONE


def limits(instrument: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Show between which prices orders in each currency may enter now, at the firm quotes that stand.

    Parameters
    ----------
    instrument
        Its code.
    """
    from msgspec.structs import asdict

    with node(common) as (client, out):
        found = client.market.limits(instrument)
        if out.json:
            out.rows(found, LIMITS)
            return DONE
        scales = {one.asset: one.scale for one in client.directory.assets()}
        out.rows([asdict(one) | {"unit": worth(one.unit, scales[one.currency])} for one in found], LIMITS)
    return DONE


def worth(unit: str | None, scale: int) -> str | None:
    """Give minor units as "p/q" text in the currency, rounded.

    >>> worth("485878279/5000000", 2), worth("100", 2), worth("1/3", 0), worth(None, 2)
    ('0.971757', '1.000000', '0.333333', None)
    """
    from steelyard.values.amount import format_minor

    if unit is None:
        return None
    return format_minor(round(Fraction(unit) * 10**UNIT_DECIMALS / 10**scale), UNIT_DECIMALS)


def basket_price(minor: str | None, basket: str | None) -> str:
    """Give a price in minor units of a basket in its unit, rounded.

    >>> basket_price("462000", "UNIT"), basket_price("1/3", "UNIT"), basket_price(None, "UNIT")
    ('UNIT 4620.000000', 'UNIT 0.003333', '')
    """
    text = worth(minor, BASKET_SCALE)
    return f"{basket or 'unit'} {text}" if text else ""


def book(instrument: str, /, *, currency: str | None = None, common: Common = NOTHING_GIVEN) -> int:
    """Show how much is shown at each price of a book, best first; whose it is nobody sees.

    Each price is in the currency of who ordered.

    Parameters
    ----------
    instrument
        Code of the instrument.
    currency
        Beside each price what it is worth in this one, and all in its order: about, by the median of the firm quotes
        that stand; a fill is at a quote of its own.
    """
    with node(common) as (client, out):
        found = client.market.book(instrument)
        if out.json and currency is None:
            out.item(found)
            return DONE
        out.hint(f"{found.instrument}: {found.phase.replace('_', ' ')}, number {found.seq} of its stream")
        rows = [
            {"side": side, "currency": one.currency, "price": one.price or "market", "quantity": one.quantity,
             "minor": one.price_minor}
            for side, levels in (("sell", found.asks[::-1]), ("buy", found.bids))
            for one in levels
        ]  # fmt: skip
        if currency is None:
            out.rows(rows, LEVELS)
            return DONE
        units = {one.currency: Fraction(one.unit or 1) for one in client.market.limits(instrument)}
        if currency not in units:
            end(f"{instrument}: no firm quotes that stand lead to {currency}", REFUSED)
        scale = next(one.scale for one in client.directory.assets() if one.asset == currency)
        out.rows(in_one(rows, currency, units, scale), (*LEVELS, ("about", "about")))
    return DONE


def in_one(
    rows: list[dict[str, Any]], currency: str, units: dict[str, Fraction], scale: int
) -> list[dict[str, Any]]:
    """Give levels in the order of what their prices are worth in one currency, sales above purchases, dearest first.

    A level without a price, or in a currency without a rate, comes last of its side and has no worth.
    """
    from steelyard.values.amount import format_minor

    found = []
    for row in rows:
        minor, unit = row["minor"], units.get(row["currency"])
        worth = Fraction(minor) * units[currency] / unit if minor and unit else None
        about = "" if worth is None else f"{currency} {format_minor(round(worth), scale)}"
        key = (row["side"] == "buy", worth is None, -(worth or 0))
        found.append((key, {name: row[name] for name in row if name != "minor"} | {"about": about}))
    return [row for _, row in sorted(found, key=lambda one: one[0])]


def trades(instrument: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """List the latest trades of an instrument, newest first; nobody is named.

    A trade of an auction in several currencies has no price in any of them: its price is in the unit of the basket,
    and what each side paid and got stands.

    Parameters
    ----------
    instrument
        Code of the instrument.
    """
    from steelyard.values.amount import format_minor

    columns = (
        ("number", "seq"), ("at", "at"), ("quantity", "quantity"), ("price", "price"), ("paid", "paid"),
        ("got", "got"),
    )  # fmt: skip
    with node(common) as (client, out):
        items = client.market.trades(instrument)
        if out.json:
            out.rows(items, columns)
            return DONE
        scales = {one.asset: one.scale for one in client.directory.assets()}
        listed = client.market.get(instrument)
        spot = listed.way == "spot"

        def money(minor: int, currency: str) -> str:
            return f"{currency} {format_minor(minor, scales[currency])}"

        def row(one: "FeedItem") -> dict[str, Any]:
            told = one.data
            maker = "buyer" if told["taker"] == SELLS else "seller"
            return {
                "seq": one.seq, "at": one.at, "quantity": told["quantity"],
                "price": money(told["price"], told[f"{maker}_currency"]) if told["price"]
                else basket_price(told["basket_price"], listed.basket),
                "paid": money(told["buyer_minor"], told["buyer_currency"]) if spot else "",
                "got": money(told["seller_minor"], told["seller_currency"]) if spot else "",
            }  # fmt: skip

        out.rows([row(one) for one in items], columns)
    return DONE


def feed(
    instrument: str,
    /,
    *,
    after: int = 0,
    follow: Switch = False,
    count: Annotated[int, Parameter(name=["--count", "-n"])] = 0,
    common: Common = NOTHING_GIVEN,
) -> int:
    """Print an instrument's public stream after a number, a JSON line an item: a thousand at most, or as it goes on.

    Parameters
    ----------
    instrument
        Code of the instrument.
    after
        The number after which it begins; with --follow and without a number, from now on.
    follow
        Go on with what comes, until interrupted.
    count
        End after so many; 0 for never.
    """
    import time

    import msgspec

    with node(common) as (client, _):
        if follow and not after:
            after = client.market.book(instrument).seq
        printed = 0
        while True:
            items = client.market.feed(instrument, after=after)
            for one in items[: count - printed if count else None]:
                print(msgspec.json.encode(one).decode(), flush=True)
                after, printed = one.seq, printed + 1
            if not follow or (count and printed >= count):
                return DONE
            if not items:
                time.sleep(FOLLOW_SECONDS)
