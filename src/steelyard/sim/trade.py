"""The trade between members that a synthetic day is drawn from: the shipped table, a file, or an invented one."""

import csv
from importlib.resources import files
from io import StringIO
from pathlib import Path

from msgspec import Struct

MEMBERS = ("ARE", "BRA", "CHN", "EGY", "ETH", "IDN", "IND", "IRN", "RUS", "ZAF")
"""Members of the standard day."""

CURRENCIES = {
    "ARE": "AED", "BRA": "BRL", "CHN": "CNY", "EGY": "EGP", "ETH": "ETB", "IDN": "IDR", "IND": "INR",
    "IRN": "IRR", "RUS": "RUB", "SAU": "SAR", "ZAF": "ZAR",
}  # fmt: skip


class TradeIsWrong(Exception):
    """A trade table cannot be used; the text says where and why."""


class Trade(Struct, frozen=True):
    """Value per year in US cents by (exporter, importer), members and currencies in one order; where from."""

    name: str
    members: tuple[str, ...]
    currencies: tuple[str, ...]
    cents: dict[tuple[str, str], int]


def shipped(members: tuple[str, ...] = MEMBERS) -> Trade:
    """Give goods trade of 2023 between these members, from the project's own pack."""
    text = (files("steelyard.packs") / "trade" / "goods_2023_usd_bn.csv").read_text("utf-8")
    return read(text, name="goods-2023", members=members)


def invented() -> Trade:
    """Give a small table of four invented members, for short examples and tests."""
    text = (files("steelyard.sim") / "data" / "invented_trade_usd_bn.csv").read_text("utf-8")
    return read(text, name="invented")


def load(source: str, members: tuple[str, ...] = ()) -> Trade:
    """Give the table that a scenario names: goods-2023, invented, or a CSV file."""
    if source == "goods-2023":
        return shipped(members or MEMBERS)
    if source == "invented":
        return invented()
    try:
        text = Path(source).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        raise TradeIsWrong(f"{source}: cannot be read") from fault
    return read(text, name=source, members=members)


def read(text: str, *, name: str, members: tuple[str, ...] = ()) -> Trade:
    """Read columns exporter, importer, value_usd_bn (decimal text) and, where there is one, currency."""
    cents: dict[tuple[str, str], int] = {}
    currency_of = dict(CURRENCIES)
    rows = csv.DictReader(line for line in StringIO(text) if not line.startswith("#"))
    for number, row in enumerate(rows, start=2):
        try:
            exporter, importer, value = row["exporter"], row["importer"], _cents(row["value_usd_bn"])
        except (KeyError, TypeError, ValueError) as fault:
            raise TradeIsWrong(f"{name}: row {number}: exporter, importer and value_usd_bn wanted") from fault
        if row.get("currency"):
            currency_of[exporter] = str(row["currency"])
        if not members or (exporter in members and importer in members):
            cents[exporter, importer] = value
    found = tuple(sorted({member for pair in cents for member in pair}))
    missing = [member for member in found if member not in currency_of]
    if missing:
        raise TradeIsWrong(f"{name}: no currency is known of {', '.join(missing)}")
    absent = sorted(set(members) - set(found))
    if absent or not found:
        raise TradeIsWrong(f"{name}: no trade of {', '.join(absent) or 'anybody'}")
    return Trade(name, found, tuple(currency_of[member] for member in found), cents)


def _cents(billions: str) -> int:
    """Give a decimal text in billions of dollars as cents, exactly to the cent."""
    whole, _, part = billions.partition(".")
    if not whole.isdigit() or (part and not part.isdigit()) or len(part) > 11:
        raise ValueError(billions)
    return int(whole) * 10**11 + int(part.ljust(11, "0"))
