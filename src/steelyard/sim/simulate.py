"""One scenario simulated: every mechanism at every level of money, for one seed or many, and what it expected.

Every run sees the identical day, and the result is the same bytes for the same scenario, data and version.
"""

from decimal import Decimal
from pathlib import Path

import msgspec
from msgspec import Struct

from steelyard import __version__
from steelyard.sim.jobs import POINTS, Job, Outcome, Tell, day_of, run_all
from steelyard.sim.measures import Row
from steelyard.sim.mechanisms import MACHINE
from steelyard.sim.scenario import Expect, Scenario, ScenarioIsWrong
from steelyard.sim.sending import sending
from steelyard.sim.synthetic import Day

FORMAT = "steelyard-simulation/1"
FIGURES = frozenset(field.name for field in msgspec.structs.fields(Row) if field.type is not str)


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
            from steelyard.sim.founding import check

            check(day, mechanism)
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
