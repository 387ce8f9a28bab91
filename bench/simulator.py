"""The simulator: how long a day takes, and how much money and time the standard day needs under the best rules.

The day: 100,000 payments of 200 banks in ten currencies, fin 0.3. Through the algorithms alone, and through the
node's machine with its journal, founding of the world included. Figures of money are means of seeds 1 to 5.
"""

import time
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from statistics import mean

import numpy as np
from msgspec.structs import replace

from bench.figures import Figure, main
from steelyard.liquidity.algorithms.delay_bound import least_waiting
from steelyard.liquidity.algorithms.flow import Packed
from steelyard.sim.book import Accounts
from steelyard.sim.jobs import day_of, run_one
from steelyard.sim.loop import run
from steelyard.sim.mechanisms import STANDARD, Mechanism
from steelyard.sim.money import bounds, endow
from steelyard.sim.plans import solver
from steelyard.sim.scenario import Data, Scenario, World
from steelyard.sim.sending import sending
from steelyard.sim.simulate import simulate
from steelyard.sim.synthetic import Day, standard_day
from steelyard.sim.through import run_through
from steelyard.sim.trade import shipped

PLAIN = Scenario()
SEEDS = (1, 2, 3, 4, 5)
WHOLE_BP = 10_000
INSTANTS = 480
"""At which the least delay is solved here: four times as many as in the what-if table."""


def days() -> Iterator[Figure]:
    """Measure single days at the lower bound of money."""
    day = standard_day(1)
    for name in ("rtgs", "fifo", "bypass", "multilateral"):
        spent = _library(day, STANDARD[name])
        yield Figure(
            f"simulated day 100k, ten currencies, algorithms alone, {name}", spent, "s", 1.0, at_most=True
        )
    spent = _library(standard_day(1, 1_000_000, 1_000), STANDARD["bypass"])
    yield Figure("simulated day 1M, 1,000 banks, algorithms alone, bypass", spent, "s", 50.0, at_most=True)
    for split in ("", "top1"):
        mechanism = Mechanism(entry="guarded", bilateral=True, split=split)
        spent, commands = _machine(day, mechanism)
        said = f"guarded{', batches every 15 min, top 1 % in parts' if split else ''}"
        yield Figure(
            f"simulated day 100k through the machine, {said}", spent, "s", 5.0, at_most=True,
            note=f"{commands:,} commands, journal in memory",
        )  # fmt: skip


def _library(day: Day, mechanism: Mechanism) -> float:
    accounts = Accounts.of(day, pool=mechanism.pool)
    money = endow(day, PLAIN, accounts, *bounds(day, accounts), Fraction(0))
    plan = sending(day, PLAIN)
    start = time.perf_counter()
    run(day, mechanism, money, plan)
    return time.perf_counter() - start


def _machine(day: Day, mechanism: Mechanism) -> tuple[float, int]:
    accounts = Accounts.of(day, pool=False)
    money = endow(day, PLAIN, accounts, *bounds(day, accounts), Fraction(0))
    plan = sending(day, PLAIN)
    start = time.perf_counter()
    through = run_through(day, mechanism, money, plan)
    return time.perf_counter() - start, through.commands


def money() -> Iterator[Figure]:
    """Measure what full settlement needs: all must settle with the lower bound, so that it is the need itself."""
    scenarios = [Scenario(world=World(seed=seed)) for seed in SEEDS]
    for name in ("split", "multilateral", "pooled-split"):
        rows = [run_one(scenario, name, Decimal(0)).row for scenario in scenarios]
        least = min(row.value_settled_bp for row in rows) / WHOLE_BP
        said = f"{mean(row.liquidity_bp for row in rows) / WHOLE_BP:.3f} of gross"
        yield Figure(
            f"value settled with the lower bound of money, {name}, least seed", least, "", 1.0, note=said
        )
        if name == "pooled-split":
            turnover = mean(row.turnover_milli or 0 for row in rows) / 1000
            yield Figure("turnover there, pooled", turnover, "", 5.7)
            residue = mean(row.gross_minor / row.residue_minor for row in rows)
            yield Figure("gross value over what countries owe in the end", residue, "", 10.0)
            delay = mean(row.delay_s for row in rows)
            least = [_least_delay_s(row_of, INSTANTS) for row_of in scenarios]
            note = f"no rule whatever gets below {mean(least):.0f} s"
            yield Figure(
                "delay by value there, pooled and in parts", delay, "s", 420.0, at_most=True, note=note
            )
            told = ", ".join(f"{seconds:.0f}" for seconds in least)
            yield Figure("delay there that no rule undercuts", mean(least), "s", note=f"seeds 1 to 5: {told}")
    yield from _matrix()


def _least_delay_s(scenario: Scenario, instants: int) -> float:
    """Give the bound on a grid finer than the table's, for a pool with its lower bound of money."""
    day = day_of(scenario)
    accounts = Accounts.of(day, pool=True)
    lower, _ = bounds(day, accounts)
    packed = Packed(
        tuple(accounts.names), lower, np.array(accounts.payer), np.array(accounts.payee), day.amount_minor,
        day.priority,
    )  # fmt: skip
    found = least_waiting(packed, day.at_s, close_at=day.close_s, solver=solver(), instants=instants)
    assert found is not None
    return found.waited / day.gross_minor


def _matrix() -> Iterator[Figure]:
    """Measure the trade that days are drawn from: what countries owe one another in the end is in it already."""
    trade = shipped()
    gross = sum(trade.cents.values())
    net = dict.fromkeys(trade.members, 0)
    for (exporter, importer), cents in trade.cents.items():
        net[exporter] += cents
        net[importer] -= cents
    ratio = gross / sum(cents for cents in net.values() if cents > 0)
    fin = PLAIN.data.fin
    yield Figure(
        "gross value over what countries owe in the end, trade of 2023 itself", ratio, "",
        note=f"over {1 - fin}, the share that fin {fin} leaves its way: {ratio / float(1 - fin):.2f} at most expected",
    )  # fmt: skip


def otherwise() -> Iterator[Figure]:
    """Show what the day's make-up and the time between plans do to the figures of `money`; nothing is asked here."""
    minute = {"pooled-split": Mechanism(entry="bypass", split="all", pool=True, batch_minutes=1)}
    cases = (
        ("fin 0.4", Scenario(data=Data(fin=Decimal("0.4")))),
        ("fin 0.5", Scenario(data=Data(fin=Decimal("0.5")))),
        ("fin 0.3, a plan a minute", Scenario(mechanism=minute)),
    )
    for said, scenario in cases:
        seeds = [replace(scenario, world=World(seed=seed)) for seed in SEEDS]
        found = [run_one(one, "pooled-split", Decimal(0)).row for one in seeds]
        need = mean(row.liquidity_bp for row in found) / WHOLE_BP
        turnover = mean(row.turnover_milli or 0 for row in found) / 1000
        yield Figure(f"turnover, pooled and in parts, {said}", turnover, "", note=f"{need:.3f} of gross")
        residue = mean(row.gross_minor / row.residue_minor for row in found)
        yield Figure(f"gross value over what countries owe in the end, {said}", residue, "")
        yield Figure(f"delay by value, pooled and in parts, {said}", mean(row.delay_s for row in found), "s")


def table() -> Iterator[Figure]:
    """Measure the whole what-if table in two processes."""
    start = time.perf_counter()
    result, _ = simulate(Scenario(), jobs=2)
    spent = time.perf_counter() - start
    yield Figure("what-if table of the standard day, 2 processes", spent, "s", 120.0, at_most=True,
                 note=f"{len(result.outcomes)} runs")  # fmt: skip
    funded = {one.row.mechanism: one.row.used_minor for one in result.outcomes}
    saved = 1 - funded["net-1-funded"] / funded["net-48-funded"]
    yield Figure(
        "money saved by netting once instead of 48 times", saved * 100, "%", 15.0, note="15 to 25 expected"
    )


def rows() -> Iterator[Figure]:
    """Give every figure."""
    yield from days()
    yield from money()
    yield from otherwise()
    yield from table()


if __name__ == "__main__":
    main(rows)
