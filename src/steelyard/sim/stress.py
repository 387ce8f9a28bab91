"""What a day costs when something goes wrong: each case beside the base, what changed, and who is hit.

Cases are the events of the scenario, each alone, and an outage of each of the largest net payers, alone and all
of them together. With nobody out a case is the base itself.
"""

from decimal import Decimal

import msgspec
from msgspec import Struct

from steelyard import __version__
from steelyard.sim.jobs import Outcome, Tell, day_of, run_all
from steelyard.sim.measures import Row
from steelyard.sim.mechanisms import Mechanism
from steelyard.sim.scenario import Event, Liquidity, Scenario
from steelyard.sim.sending import largest_net_payers, sending
from steelyard.sim.simulate import DayTold, jobs_of, told, without_place
from steelyard.sim.synthetic import Day

FORMAT = "steelyard-stress/1"
HIT = 5
STANDARD = Scenario(
    mechanism={"multilateral": Mechanism(entry="bypass", multilateral=True)},
    liquidity=Liquidity(alpha=Decimal(0)),
)
"""What is stressed where there is no scenario."""


class Hit(Struct, frozen=True):
    """A bank that a case leaves without money that the base brought it."""

    bank: str
    more_unpaid_minor: int


class Change(Struct, frozen=True):
    """A case's row, how it differs from the base, and who is hit most."""

    row: Row
    settled_minor: int
    value_settled_bp: int
    delay_index_milli: int
    delay_s: int
    unsettled: int
    hit: list[Hit]


class CaseTold(Struct, frozen=True):
    """One case: what happens, and what it does to each run of the scenario."""

    case: str
    events: tuple[Event, ...]
    changes: list[Change]


class Stress(Struct, frozen=True):
    """A stress test: the same bytes for the same scenario, data and version, whatever the number of processes."""

    format: str
    version: str
    scenario: Scenario
    day: DayTold
    base: list[Row]
    cases: list[CaseTold]


def cases_of(scenario: Scenario, day: Day, *, largest: int, at: str) -> list[tuple[str, tuple[Event, ...]]]:
    """Give the cases by name: the scenario's own events, then outages of the largest net payers."""
    found: list[tuple[str, tuple[Event, ...]]] = [
        (f"{number}-{event.kind}-{event.who}", (event,)) for number, event in enumerate(scenario.event, 1)
    ]
    outages = tuple(Event(at, "outage", day.banks[bank]) for bank in largest_net_payers(day, largest))
    found.extend((f"outage-{event.who}", (event,)) for event in outages)
    if len(outages) != 1:
        found.append((f"outage-{len(outages)}-largest", outages))
    return found


def stress(
    scenario: Scenario, *, largest: int = 3, at: str = "11:00", jobs: int = 1, tell: Tell | None = None
) -> tuple[Stress, dict[str, float]]:
    """Run the base and every case; give the result, and apart from it the seconds that each run took."""
    if not scenario.mechanism:
        scenario = msgspec.structs.replace(scenario, mechanism=STANDARD.mechanism)
    day = day_of(scenario)
    cases = cases_of(scenario, day, largest=largest, at=at)
    base = msgspec.structs.replace(scenario, event=())
    wanted = jobs_of(base, "base")
    for name, events in cases:
        troubled = msgspec.structs.replace(scenario, event=events)
        sending(day, troubled, pool=True)  # so that a wrong name is refused before anything runs
        wanted.extend(jobs_of(troubled, name))
    outcomes, spent = run_all(wanted, processes=jobs, tell=tell)
    width = len(outcomes) // (len(cases) + 1)
    first = outcomes[:width]
    results = [
        CaseTold(name, events, [
            _change(day, before, after)
            for before, after in zip(first, outcomes[width * n : width * (n + 1)], strict=True)
        ])
        for n, (name, events) in enumerate(cases, 1)
    ]  # fmt: skip
    return (
        Stress(FORMAT, __version__, without_place(scenario), told(day), [one.row for one in first], results),
        {job.name: seconds for job, seconds in zip(wanted, spent, strict=True)},
    )


def _change(day: Day, before: Outcome, after: Outcome) -> Change:
    base, row = before.row, after.row
    more = sorted(
        ((now - then, bank) for now, then, bank in zip(
            after.series.unpaid_minor, before.series.unpaid_minor, day.banks, strict=True) if now > then),
        key=lambda one: (-one[0], one[1]),
    )  # fmt: skip
    return Change(
        row, row.settled_minor - base.settled_minor, row.value_settled_bp - base.value_settled_bp,
        row.delay_index_milli - base.delay_index_milli, row.delay_s - base.delay_s, row.unsettled - base.unsettled,
        [Hit(bank, minor) for minor, bank in more[:HIT]],
    )  # fmt: skip
