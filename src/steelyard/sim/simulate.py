"""One scenario simulated: every mechanism at every level of money, in as many processes as asked for.

Every run sees the identical day. A run depends on the scenario alone, so neither the number of processes nor the
order in which they finish shows in the result.
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

from steelyard import __version__
from steelyard.sim import plans
from steelyard.sim.files import read_day
from steelyard.sim.loop import Accounts, Money, Run, run
from steelyard.sim.measures import Row, corridors, curve, fan, row, unpaid
from steelyard.sim.mechanisms import MACHINE, Mechanism
from steelyard.sim.money import bounds, endow
from steelyard.sim.scenario import Expect, Scenario, ScenarioIsWrong, exact
from steelyard.sim.sending import Sending, sending
from steelyard.sim.synthetic import Day, standard_day
from steelyard.sim.trade import TradeIsWrong, load

FORMAT = "steelyard-simulation/1"
POINTS = 120
FIGURES = frozenset(field.name for field in msgspec.structs.fields(Row) if field.type is not str)
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


class Checked(Struct, frozen=True):
    """What a scenario expected, and what was found; `found` is empty where no row has such a figure."""

    expect: Expect
    found: list[int]
    held: bool


class DayTold(Struct, frozen=True):
    """Which day it was."""

    digest: str
    source: str
    payments: int
    banks: int
    members: tuple[str, ...]
    currencies: tuple[str, ...]
    gross_minor: int
    close_s: int
    opens_s: int


class Result(Struct, frozen=True):
    """All of a simulation: the same bytes for the same scenario, data and version."""

    format: str
    version: str
    scenario: Scenario
    day: DayTold
    at_s: list[int]
    outcomes: list[Outcome]
    expected: list[Checked] = []

    @property
    def held(self) -> bool:
        """Whether everything that was expected came."""
        return all(one.held for one in self.expected)


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


def simulate(
    scenario: Scenario, *, jobs: int = 1, machine: bool = False, tell: Tell | None = None
) -> tuple[Result, dict[str, float]]:
    """Run a scenario; give the result, and apart from it the seconds that each run took.

    With `machine` the days go through the node's state machine, journal and all.
    """
    scenario, day = _checked(scenario, machine=machine)
    wanted = jobs_of(scenario, machine=machine)
    outcomes, spent = run_all(wanted, processes=jobs, tell=tell)
    return _result(scenario, day, outcomes), _times(wanted, spent)


def simulate_seeds(
    scenario: Scenario, seeds: list[int], *, jobs: int = 1, machine: bool = False, tell: Tell | None = None
) -> dict[int, tuple[Result, dict[str, float]]]:
    """Run a scenario for several seeds, all runs of all seeds side by side."""
    if scenario.data.source == "file":
        raise ScenarioIsWrong("--seeds: a day from a file has no seed")
    ready: list[tuple[int, Scenario, Day, list[Job]]] = []
    for seed in seeds:
        world = msgspec.structs.replace(scenario.world, seed=seed)
        mine, day = _checked(msgspec.structs.replace(scenario, world=world), machine=machine)
        ready.append((seed, mine, day, jobs_of(mine, f"seed {seed}", machine=machine)))
    outcomes, spent = run_all([job for one in ready for job in one[3]], processes=jobs, tell=tell)
    found, first = {}, 0
    for seed, mine, day, wanted in ready:
        last = first + len(wanted)
        found[seed] = _result(mine, day, outcomes[first:last]), _times(wanted, spent[first:last])
        first = last
    return found


def _checked(scenario: Scenario, *, machine: bool) -> tuple[Scenario, Day]:
    """Refuse what is wrong before anything runs; give the scenario as it will run, and its day."""
    if machine and not scenario.mechanism:
        scenario = msgspec.structs.replace(scenario, mechanism=dict(MACHINE))
    for number, expect in enumerate(scenario.expect, 1):
        if expect.key not in FIGURES:
            raise ScenarioIsWrong(
                f"[[expect]] {number}: there is no figure {expect.key}; see table.csv for their names"
            )
    day = day_of(scenario)
    for mechanism in scenario.mechanisms.values():
        if machine:
            from steelyard.sim.through import check

            check(day, mechanism, scenario, sending(day, scenario))
        sending(day, scenario, pool=mechanism.pool)
    return scenario, day


def _result(scenario: Scenario, day: Day, outcomes: list[Outcome]) -> Result:
    return Result(
        FORMAT, __version__, without_place(scenario), told(day),
        [day.close_s * n // POINTS for n in range(POINTS + 1)], outcomes, _check(scenario, outcomes),
    )  # fmt: skip


def _times(wanted: list[Job], spent: list[float]) -> dict[str, float]:
    return {job.name: seconds for job, seconds in zip(wanted, spent, strict=True)}


def jobs_of(scenario: Scenario, case: str = "", *, machine: bool = False) -> list[Job]:
    """Give the runs of a scenario: every mechanism at every level of money that means something to it."""
    encoded = msgspec.msgpack.encode(scenario)
    return [
        Job(case, encoded, name, alpha, machine)
        for name, mechanism in scenario.mechanisms.items()
        for alpha in (scenario.alphas if not mechanism.fund else scenario.alphas[:1])
    ]


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


def without_place(scenario: Scenario) -> Scenario:
    """Leave out where on this machine a file lay: the digest of the day says what was in it."""
    if not scenario.data.path:
        return scenario
    data = msgspec.structs.replace(scenario.data, path=Path(scenario.data.path).name)
    return msgspec.structs.replace(scenario, data=data)


def told(day: Day) -> DayTold:
    return DayTold(
        day.digest, day.source, len(day), len(day.banks), day.members, day.currencies, day.gross_minor,
        day.close_s, day.opens_s,
    )  # fmt: skip


def run_one(scenario: Scenario, name: str, alpha: Decimal, *, machine: bool = False) -> Outcome:
    """Run one mechanism at one level of money, through the node's machine or its algorithms, and measure it."""
    mechanism = scenario.mechanisms[name]
    kept = _prepared(msgspec.msgpack.encode(scenario), mechanism.pool)
    money = _money(scenario, mechanism, kept, alpha)
    if machine:
        from steelyard.sim.through import run_through

        found = run_through(kept.day, mechanism, money, kept.sending).run
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


def _check(scenario: Scenario, outcomes: list[Outcome]) -> list[Checked]:
    checked = []
    for expect in scenario.expect:
        values = [
            getattr(one.row, expect.key, None)
            for one in outcomes
            if expect.mechanism in ("", one.row.mechanism)
            and (expect.alpha is None or str(expect.alpha) == one.row.alpha)
        ]
        found = [value for value in values if isinstance(value, int)]
        held = bool(found) and all(_compares(value, expect.op, expect.value) for value in found)
        checked.append(Checked(expect, found, held))
    return checked


def _compares(found: int, op: str, value: Decimal | int) -> bool:
    return {
        "<": found < value, "<=": found <= value, "==": found == value, ">=": found >= value, ">": found > value,
    }[op]  # fmt: skip
