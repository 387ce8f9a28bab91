"""The same day by other rules: what it needs with and without splitting and pooling, by the simulator's own code.

The day is written as a file that `steelyard sim` reads, with the scenario beside it, so that anybody can run it
again and change it. Every leg of a payment is a row: a payment over a provider is two, or three, and here each
settles by itself. Money is told in US cents at the day's reference rates, for sums over currencies only.
"""

import csv
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

from msgspec import Struct

from steelyard.packs.worlds import WorldPack
from steelyard.sim.day import Planned
from steelyard.sim.scenario import load
from steelyard.sim.simulate import Result, simulate

FILE, SCENARIO = "payments.csv", "scenario.toml"
HEADINGS = ("id", "at", "payer", "payee", "currency", "amount_minor")
DIGITS = 12
MECHANISMS = (
    ("queue", "a queue per currency", 'entry = "bypass"'),
    ("split", "+ plans, payments in parts", 'entry = "bypass"\nsplit = "all"'),
    ("pool", "a pool over all currencies", 'entry = "bypass"\nmultilateral = true\npool = true'),
    ("pool-split", "pool + plans, in parts", 'entry = "bypass"\nsplit = "all"\npool = true'),
)
"""Name, what it is called in the table, and how it is written in a scenario"""
ALPHAS = ("-0.5", "0")
TITLES = {name: title for name, title, _ in MECHANISMS}


class Saved(Struct, frozen=True):
    """One way to settle the day: shares in ten-thousandths, of gross value or of the most that could settle.

    `alpha` is 0 where each account holds exactly what it pays out more than it takes in, -0.5 where half of that.
    """

    mechanism: str
    alpha: str
    value_settled_bp: int
    liquidity_bp: int
    delay_s: int
    distance_bp: int
    in_parts: int


class Saving(Struct, frozen=True):
    """The table, the digest of its day, and per mechanism at alpha 0 what waits by time, for a picture."""

    day: str
    legs: int
    rows: list[Saved]
    at_s: list[int]
    opens_s: int
    waiting_bp: dict[str, list[int]]


def write_day(folder: Path, world: WorldPack, payments: list[Planned], *, opens_s: int) -> Path:
    """Write the day and its scenario; gives the scenario. `opens_s` is the opening in seconds after midnight."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / FILE).open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(HEADINGS)
        for item in payments:
            rows.writerows(_legs(item, opens_s))
    (folder / SCENARIO).write_text(_scenario(world), "utf-8")
    return folder / SCENARIO


def compare(scenario: Path, *, jobs: int) -> Saving:
    """Run the day by every mechanism; the answer does not depend on `jobs`, the number of processes."""
    result, _ = simulate(load(scenario), jobs=jobs)
    rows = [
        Saved(
            one.row.mechanism, one.row.alpha, one.row.value_settled_bp, one.row.liquidity_bp, one.row.delay_s,
            one.row.distance_bp or 0, one.row.part_settlements,
        )
        for one in result.outcomes
    ]  # fmt: skip
    return Saving(
        result.day.digest, result.day.payments, rows, result.at_s, result.day.opens_s, _waiting(result)
    )


def _waiting(result: Result) -> dict[str, list[int]]:
    """Give what was sent and has not settled, in ten-thousandths of the day, with the least money that can do."""
    gross = max(result.day.gross_minor, 1)
    return {
        one.row.mechanism: [
            (sent - settled) * 10_000 // gross
            for sent, settled in zip(one.series.sent_minor, one.series.settled_minor, strict=True)
        ]
        for one in result.outcomes
        if one.row.alpha == "0"
    }


def _legs(item: Planned, opens_s: int) -> Iterator[tuple[str, int, str, str, str, int]]:
    """Give a payment's legs in the order of the money's way."""
    at_s = opens_s + item.at_s
    giver, currency, amount = item.payer.bank, item.source, item.source_minor
    for number, hop in enumerate(item.hops, start=1):
        if giver != hop.provider:  # a provider that takes up what it has given itself moves nothing
            yield f"{item.uetr}/{number}", at_s, giver, hop.provider, currency, amount
        giver, currency, amount = hop.provider, hop.gives, hop.gives_minor
    yield f"{item.uetr}/{len(item.hops) + 1}", at_s, giver, item.payee.bank, currency, amount


def _scenario(world: WorldPack) -> str:
    rates = (f"{code} = {_decimal(cents)}" for code, cents in worth(world).items())
    lines = [
        "# The day that this demonstration sent, leg by leg. Run it again, or change it and see what happens:",
        "#   steelyard sim run scenario.toml --out ../again",
        'name = "The day of the demonstration"', "", "[data]", 'source = "file"', f'path = "{FILE}"', "",
        "[data.rates]  # what a minor unit is worth in US cents", *rates, "",
        "[liquidity]", 'start = "alpha"', f"alpha = [{', '.join(ALPHAS)}]",
    ]  # fmt: skip
    for name, title, words in MECHANISMS:
        lines += ["", f"[mechanism.{name}]  # {title}", words]
    return "\n".join(lines) + "\n"


def worth(world: WorldPack) -> dict[str, Fraction]:
    """Give what a minor unit of each currency is worth in US cents, at the day's reference rates."""
    return {
        member.currency: Fraction(100) / (world.usd_rates[member.currency] * 10**member.scale)
        for member in sorted(world.members, key=lambda one: one.currency)
    }


def _decimal(value: Fraction) -> str:
    """Give a positive ratio as a plain decimal of twelve significant digits or a few more.

    >>> _decimal(Fraction(1, 3)), _decimal(Fraction(1, 16000))
    ('0.333333333333', '0.0000625000000000')
    """
    places = DIGITS
    while value * 10**places < 10 ** (DIGITS - 1):
        places += 1
    whole, part = divmod(round(value * 10**places), 10**places)
    return f"{whole}.{part:0{places}d}"
