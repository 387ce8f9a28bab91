"""Runs of a simulation, each a mechanism at a level of money, in as many processes as asked for.

A run depends on its scenario alone, so neither the number of processes nor the order in which they finish shows.
"""

import multiprocessing
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

import msgspec
import numpy as np
from msgspec import Struct

from steelyard.sim import plans
from steelyard.sim.book import Accounts, Money
from steelyard.sim.files import read_day
from steelyard.sim.loop import Run, run
from steelyard.sim.measures import Row, corridors, curve, fan, row, unpaid
from steelyard.sim.mechanisms import Mechanism
from steelyard.sim.money import bounds, endow
from steelyard.sim.scenario import Scenario, ScenarioIsWrong, exact
from steelyard.sim.sending import Sending, sending
from steelyard.sim.synthetic import Day, standard_day
from steelyard.sim.trade import TradeIsWrong, load

POINTS = 120
Tell = Callable[[int, int, str], None]
"""Told how many runs are done, of how many, and which one was last."""


class Job(Struct, frozen=True):
    """One run to make: a mechanism of a scenario (as msgpack) at a level of money, within a case of its own."""

    case: str
    scenario: bytes
    mechanism: str
    alpha: Decimal
    machine: bool = False

    @property
    def name(self) -> str:
        """What a reader calls this run."""
        return "/".join(part for part in (self.case, self.mechanism, str(self.alpha)) if part)


class Series(Struct, frozen=True):
    """What pictures of a run are drawn from: value sent and settled by time, balances of banks, corridors.

    `unpaid_minor` is per bank what was to come to it and did not.
    """

    sent_minor: list[int]
    settled_minor: list[int]
    fan_milli: list[list[int]]
    corridors_minor: list[list[int]]
    unpaid_minor: list[int]


class Outcome(Struct, frozen=True):
    """A run's row and series."""

    row: Row
    series: Series


def day_of(scenario: Scenario) -> Day:
    """Give the day of a scenario: drawn, or read from its file."""
    data, world = scenario.data, scenario.world
    if data.source == "file":
        return read_day(Path(data.path), data.columns, data.rates)
    try:
        trade = load(data.trade, world.members)
    except TradeIsWrong as fault:
        raise ScenarioIsWrong(f"[data] trade: {fault}") from fault
    if world.banks < len(trade.members):
        raise ScenarioIsWrong(f"[world] banks: at least one for each of {len(trade.members)} members")
    return standard_day(
        world.seed, data.payments, world.banks, float(data.fin), curve=data.curve, zones=data.zones, trade=trade
    )  # fmt: skip


def run_all(
    wanted: list[Job], *, processes: int, tell: Tell | None = None
) -> tuple[list[Outcome], list[float]]:
    """Make runs in up to so many processes; give outcomes and seconds in the order of the runs."""
    found: dict[int, tuple[Outcome, float]] = {}
    for number, outcome, spent in _done(wanted, processes):
        found[number] = outcome, spent
        if tell is not None:
            tell(len(found), len(wanted), wanted[number].name)
    return [found[n][0] for n in range(len(wanted))], [found[n][1] for n in range(len(wanted))]


def _done(wanted: list[Job], processes: int) -> Iterator[tuple[int, Outcome, float]]:
    if processes <= 1 or len(wanted) <= 1:
        for number, job in enumerate(wanted):
            yield number, *_timed(job)
        return
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(processes, len(wanted)), mp_context=spawn) as pool:
        longest_first = sorted(enumerate(wanted), key=lambda one: -_weight(one[1]))
        waiting = {pool.submit(_timed, job): number for number, job in longest_first}
        try:
            for done in as_completed(waiting):
                yield waiting[done], *done.result()
        finally:
            for each in waiting:
                each.cancel()


def _weight(job: Job) -> int:
    """Guess how long a run takes beside others: plans of whole payments most, then many cycles."""
    mechanism = msgspec.msgpack.decode(job.scenario, type=Scenario).mechanisms[job.mechanism]
    return {"": 0, "all": 50, "top1": 300, "none": 300}[mechanism.split] + mechanism.cycles_per_day


def _timed(job: Job) -> tuple[Outcome, float]:
    begun = time.perf_counter()
    scenario = msgspec.msgpack.decode(job.scenario, type=Scenario)
    outcome = run_one(scenario, job.mechanism, job.alpha, machine=job.machine)
    return outcome, round(time.perf_counter() - begun, 3)


def run_one(scenario: Scenario, name: str, alpha: Decimal, *, machine: bool = False) -> Outcome:
    """Run one mechanism at one level of money, through the node's machine or its algorithms, and measure it."""
    mechanism = scenario.mechanisms[name]
    kept = _prepared(msgspec.msgpack.encode(scenario), mechanism.pool)
    money = _money(scenario, mechanism, kept, alpha)
    if machine:
        from steelyard.sim.through import run_through

        found = run_through(kept.day, mechanism, money, kept.sending, scenario.limits).run
    else:
        found = run(kept.day, mechanism, money, kept.sending, scenario.limits)
    day, accounts = kept.day, kept.accounts
    at_s, sent, settled = curve(day, found, kept.sending, POINTS)
    measured = row(
        name, "" if mechanism.fund else str(alpha), day, found, kept.sending, lower=kept.lower, upper=kept.upper,
        bound_minor=None if mechanism.fund else _bound(day, accounts, money), funded=mechanism.fund,
        gridlocked_at_close=_gridlocked(day, accounts, found, mechanism),
    )  # fmt: skip
    return Outcome(
        measured, Series(sent, settled, fan(accounts, found, at_s), corridors(day, found), unpaid(day, found))
    )


class _Kept:
    """What the runs of one scenario and kind of account share within a process."""

    def __init__(self, scenario: Scenario, *, pool: bool) -> None:
        self.day: Day = day_of(scenario)
        self.accounts = Accounts.of(self.day, pool=pool)
        self.sending: Sending = sending(self.day, scenario, pool=pool)
        self.lower, self.upper = bounds(self.day, self.accounts)


@lru_cache(maxsize=2)
def _prepared(scenario: bytes, pool: bool) -> _Kept:
    return _Kept(msgspec.msgpack.decode(scenario, type=Scenario), pool=pool)


def _money(scenario: Scenario, mechanism: Mechanism, kept: _Kept, alpha: Decimal) -> Money:
    if mechanism.fund:
        nothing = [0] * len(kept.accounts.names)
        return Money(nothing, list(nothing), list(nothing))
    return endow(kept.day, scenario, kept.accounts, kept.lower, kept.upper, exact(alpha))


def _bound(day: Day, accounts: Accounts, money: Money) -> int:
    """Give the most that any rule could settle of this day with this money, as if all were sent at once."""
    from steelyard.liquidity.algorithms.flow import Packed, prove_bound, too_large
    from steelyard.liquidity.algorithms.network import Rooms

    balances = [own + line for own, line in zip(money.own, money.line, strict=True)]
    if not len(day) or too_large(balances, [day.gross_minor]):
        return day.gross_minor
    packed = Packed(
        tuple(accounts.names), np.array(balances, dtype=np.int64), np.array(accounts.payer, dtype=np.int64),
        np.array(accounts.payee, dtype=np.int64), day.amount_minor, day.priority,
    )  # fmt: skip
    return prove_bound(packed, Rooms.of((), {}), solver=plans.solver()).value


def _gridlocked(day: Day, accounts: Accounts, found: Run, mechanism: Mechanism) -> bool:
    """Tell whether at the close something waits that could settle together, though nothing of it alone."""
    if mechanism.entry in ("rtgs", "cycle") or mechanism.multilateral or mechanism.split:
        return False
    from steelyard.liquidity.algorithms.multilateral import largest_ordered_set
    from steelyard.liquidity.queue import Queued

    left = np.flatnonzero(found.open_minor).tolist()
    names = accounts.names
    balances = {name: int(minor) for name, minor in zip(names, found.closing, strict=True)}
    waiting = [
        Queued(str(n), names[accounts.payer[n]], names[accounts.payee[n]], int(found.open_minor[n]), seq=n)
        for n in left
    ]
    return bool(largest_ordered_set(balances, waiting).settled)
