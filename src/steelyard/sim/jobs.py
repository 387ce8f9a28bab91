"""Runs of a simulation, each a mechanism at a level of money, in as many processes as asked for.

A run depends on its scenario alone, so neither the number of processes nor the order in which they finish shows.
What no rule passes is the same for all runs that can make the same of the same money: it is worked out once.
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

from steelyard.sim.book import Accounts, Money
from steelyard.sim.files import read_day
from steelyard.sim.frame import Frame, Money_of, frame, money_of
from steelyard.sim.loop import Run, run
from steelyard.sim.measures import Row, corridors, curve, fan, framed, row, unpaid
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


class Framing(Struct, frozen=True):
    """What to work out once for many runs: how far any rule could come with this money, made of it as said."""

    case: str
    scenario: bytes
    money_of: Money_of
    alpha: Decimal

    @property
    def name(self) -> str:
        """What a reader calls this."""
        return "/".join(part for part in (self.case, "bounds", self.money_of, str(self.alpha)) if part)


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
    framings = [_framing(job) for job in wanted]
    first: list[Job | Framing] = list(dict.fromkeys(one for one in framings if one is not None))
    tasks = first + wanted
    outcomes: dict[int, tuple[Outcome, float]] = {}
    frames: dict[Framing, Frame] = {}
    for number, found, spent in _done(tasks, processes):
        task = tasks[number]
        if isinstance(task, Framing):
            assert isinstance(found, Frame)
            frames[task] = found
        else:
            assert isinstance(found, Outcome)
            outcomes[number - len(first)] = found, spent
        if tell is not None:
            tell(len(frames) + len(outcomes), len(tasks), task.name)
    return (
        [_framed(outcomes[n][0], frames[one] if one else None) for n, one in enumerate(framings)],
        [outcomes[n][1] for n in range(len(wanted))],
    )


def _framing(job: Job) -> Framing | None:
    """Give what a run wants worked out; where participants pay in what is asked there is nothing to pass."""
    mechanism = msgspec.msgpack.decode(job.scenario, type=Scenario).mechanisms[job.mechanism]
    return None if mechanism.fund else Framing(job.case, job.scenario, money_of(mechanism), job.alpha)


def _framed(outcome: Outcome, frame: Frame | None) -> Outcome:
    return outcome if frame is None else Outcome(framed(outcome.row, frame), outcome.series)


def _done(tasks: "list[Job | Framing]", processes: int) -> "Iterator[tuple[int, Outcome | Frame, float]]":
    if processes <= 1 or len(tasks) <= 1:
        for number, task in enumerate(tasks):
            yield number, *_timed(task)
        return
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(processes, len(tasks)), mp_context=spawn) as pool:
        longest_first = sorted(enumerate(tasks), key=lambda one: -_weight(one[1]))
        waiting = {pool.submit(_timed, task): number for number, task in longest_first}
        try:
            for done in as_completed(waiting):
                yield waiting[done], *done.result()
        finally:
            for each in waiting:
                each.cancel()


def _weight(task: "Job | Framing") -> int:
    """Guess how long a run takes beside others: plans of whole payments most, then many cycles."""
    if isinstance(task, Framing):
        return 30
    mechanism = msgspec.msgpack.decode(task.scenario, type=Scenario).mechanisms[task.mechanism]
    return {"": 0, "all": 50, "top1": 300, "none": 300}[mechanism.split] + mechanism.cycles_per_day


def _timed(task: "Job | Framing") -> "tuple[Outcome | Frame, float]":
    begun = time.perf_counter()
    scenario = msgspec.msgpack.decode(task.scenario, type=Scenario)
    found: Outcome | Frame
    if isinstance(task, Framing):
        found = frame_one(scenario, task.money_of, task.alpha)
    else:
        found = _run(scenario, task.mechanism, task.alpha, machine=task.machine)
    return found, round(time.perf_counter() - begun, 3)


def run_one(scenario: Scenario, name: str, alpha: Decimal, *, machine: bool = False) -> Outcome:
    """Run one mechanism at one level of money, through the node's machine or its algorithms, and measure it."""
    mechanism, outcome = scenario.mechanisms[name], _run(scenario, name, alpha, machine=machine)
    return _framed(outcome, None if mechanism.fund else frame_one(scenario, money_of(mechanism), alpha))


def frame_one(scenario: Scenario, made: Money_of, alpha: Decimal) -> Frame:
    """Work out what no rule passes at one level of money."""
    kept = _prepared(msgspec.msgpack.encode(scenario), made == "pool")
    money = endow(kept.day, scenario, kept.accounts, kept.lower, kept.upper, exact(alpha))
    return frame(kept.day, kept.accounts, money, kept.sending, exchanged=made == "exchange")


def _run(scenario: Scenario, name: str, alpha: Decimal, *, machine: bool) -> Outcome:
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
        funded=mechanism.fund, gridlocked_at_close=_gridlocked(day, accounts, found, mechanism),
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
