"""`steelyard sim`: a business day simulated, by the node's own rules, with as little money as you like.

Results go to a folder; the table stands on standard output, progress and refusals on standard error.
Exit 0 done, 1 an expectation failed, 2 bad input, 6 the node was not reached.
"""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import App, Parameter

if TYPE_CHECKING:
    from steelyard.sim.scenario import Scenario
    from steelyard.sim.simulate import Result, Tell

Flag = Annotated[bool, Parameter(negative=())]
FAILED, USAGE, NOT_REACHED = 1, 2, 6
MINUTE = 60
SEEDS_MAX = 1_000

app = App(name="sim", help="Simulate days: what settles, when, and with how much money.")


@app.command
def day(
    *,
    seed: int = 1,
    payments: int = 100_000,
    banks: int = 200,
    fin: str = "0.3",
    curve: Literal["flat", "double_hump"] = "flat",
    zones: Flag = False,
    trade: str = "goods-2023",
    out: Path = Path("out/day"),
) -> int:
    """Draw a synthetic day from trade and write it as CSV; one seed gives one day, on every platform.

    Parameters
    ----------
    seed
        Another seed is another day.
    payments
        How many there are.
    banks
        How many banks there are in all.
    fin
        Share of payments that go either way, as a coin falls.
    curve
        How sending spreads over the ten hours.
    zones
        Let members open by their own clocks.
    trade
        goods-2023, invented, or a CSV file with exporter, importer and value_usd_bn.
    out
        Folder for day.csv and day.json.
    """
    import json
    from decimal import Decimal, InvalidOperation

    from steelyard.sim.files import write_csv
    from steelyard.sim.scenario import Data, Scenario, ScenarioIsWrong, World, check
    from steelyard.sim.simulate import day_of

    try:
        data = Data(payments=payments, fin=Decimal(fin), curve=curve, zones=zones, trade=trade)
        scenario = Scenario(world=World(banks=banks, seed=seed), data=data)
        check(scenario, "steelyard sim day")
        drawn = day_of(scenario)
    except InvalidOperation:
        return _say(f"steelyard sim day: --fin {fin!r} is no decimal number")
    except ScenarioIsWrong as fault:
        return _say(str(fault))
    out.mkdir(parents=True, exist_ok=True)
    write_csv(drawn, out / "day.csv")
    told = {
        "digest": drawn.digest,
        "source": drawn.source,
        "payments": len(drawn),
        "gross_minor": drawn.gross_minor,
    }
    (out / "day.json").write_text(json.dumps(told, indent=1) + "\n", "utf-8")
    print(f"{len(drawn)} payments, {drawn.gross_minor} minor units, day {drawn.digest}")
    return 0


@app.command
def run(
    scenario: Path,
    *,
    out: Path = Path("out/sim"),
    seeds: str = "",
    jobs: int = 0,
    machine: Flag = False,
    node: str = "",
    keys: Path | None = None,
    speed: int = 3600,
    no_plots: Flag = False,
    parquet: Flag = False,
    quiet: Flag = False,
) -> int:
    """Simulate a scenario: its mechanisms at its levels of money. Exit 1 if what it expects does not come.

    Parameters
    ----------
    scenario
        A TOML file.
    out
        Folder for the result.
    seeds
        Several seeds, such as 1-5 or 1,3,8: a folder for each, and seeds.csv over all of them.
    jobs
        Processes at work; as many as there are cores if 0. The result does not depend on it.
    machine
        Send the days through the node's state machine, journal and all, not through the algorithms alone.
    node
        Send the day to a node that runs, at this address, instead of simulating anything.
    keys
        For --node: a TOML file with the API key of each bank that pays, by BIC.
    speed
        For --node: how many seconds of the day go by in one.
    no_plots
        Draw no pictures.
    parquet
        Write table.parquet too, where pyarrow is installed.
    quiet
        Print nothing but what went wrong.
    """
    if node:
        return _live(scenario, out, node, keys, speed, quiet=quiet)
    return _simulated(
        scenario,
        out,
        seeds,
        jobs,
        machine=machine,
        plots=not no_plots,
        parquet=parquet,
        quiet=quiet,
        all_of_them=False,
    )


@app.command
def compare(
    scenario: Path | None = None,
    *,
    out: Path = Path("out/compare"),
    seeds: str = "",
    jobs: int = 0,
    no_plots: Flag = False,
    parquet: Flag = False,
    quiet: Flag = False,
) -> int:
    """Run every mechanism of the house, and the scenario's own, over the identical day: the what-if table.

    Parameters
    ----------
    scenario
        A TOML file; the standard day if there is none.
    out
        Folder for the result.
    seeds
        Several seeds, such as 1-5 or 1,3,8: a folder for each, and seeds.csv over all of them.
    jobs
        Processes at work; as many as there are cores if 0. The result does not depend on it.
    no_plots
        Draw no pictures.
    parquet
        Write table.parquet too, where pyarrow is installed.
    quiet
        Print nothing but what went wrong.
    """
    return _simulated(
        scenario,
        out,
        seeds,
        jobs,
        machine=False,
        plots=not no_plots,
        parquet=parquet,
        quiet=quiet,
        all_of_them=True,
    )


@app.command
def replay(
    file: Path,
    *,
    columns: Path | None = None,
    out: Path = Path("out/replay"),
    jobs: int = 0,
    skip_refused: Flag = False,
    no_plots: Flag = False,
    quiet: Flag = False,
) -> int:
    """Simulate real payments: a CSV or Parquet file, a pacs.008 message, or a folder of them.

    Rows that break a rule are listed with their place; exit 2 if there are any, unless they are to be skipped.

    Parameters
    ----------
    file
        The file or folder.
    columns
        A scenario whose [data.columns] and [data.rates] say how to read the file; the rest of it holds too.
    out
        Folder for the result; refused.csv lists what was refused.
    jobs
        Processes at work; as many as there are cores if 0.
    skip_refused
        Go on without the rows that are refused.
    no_plots
        Draw no pictures.
    quiet
        Print nothing but what went wrong.
    """
    import msgspec

    from steelyard.sim.files import read
    from steelyard.sim.replay import write_kept, write_refused
    from steelyard.sim.scenario import Scenario, ScenarioIsWrong, load

    try:
        told = load(columns) if columns is not None else Scenario()
        found = read(file, told.data.columns, told.data.rates)
        out.mkdir(parents=True, exist_ok=True)
        write_refused(found.refused, out / "refused.csv")
        for one in found.refused:
            print(f"{one.place}: {one.reason}", file=sys.stderr)
        if found.refused and not skip_refused:
            return USAGE
        kept = write_kept(found.day, out / "kept.csv")
        data = msgspec.structs.replace(kept, source="file", path=str(out / "kept.csv"))
        scenario = msgspec.structs.replace(told, name=told.name or file.name, data=data)
        return _finish(scenario, out, jobs, machine=False, plots=not no_plots, parquet=False, quiet=quiet)
    except ScenarioIsWrong as fault:
        return _say(str(fault))


@app.command
def stress(
    scenario: Path | None = None,
    *,
    largest: int = 3,
    at: Annotated[str, Parameter(name="--at")] = "11:00",
    out: Path = Path("out/stress"),
    jobs: int = 0,
    quiet: Flag = False,
) -> int:
    """See what a day costs when something goes wrong: the scenario's events one by one, and outages.

    Parameters
    ----------
    scenario
        A TOML file; the standard day with multilateral offsetting at the lower bound if there is none.
    largest
        Of how many of the largest net payers an outage is tried, alone and together.
    at
        When they fall out, HH:MM.
    out
        Folder for the result.
    jobs
        Processes at work; as many as there are cores if 0. The result does not depend on it.
    quiet
        Print nothing but what went wrong.
    """
    import re

    from steelyard.sim.output import write_stress
    from steelyard.sim.scenario import ScenarioIsWrong, load
    from steelyard.sim.stress import STANDARD
    from steelyard.sim.stress import stress as stressed

    if largest < 0 or not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", at):
        return _say("steelyard sim stress: --largest is not below 0, --at is HH:MM")
    try:
        with _progress(quiet) as tell:
            told = load(scenario) if scenario is not None else STANDARD
            found, spent = stressed(told, largest=largest, at=at, jobs=jobs or _cores(), tell=tell)
    except ScenarioIsWrong as fault:
        return _say(str(fault))
    write_stress(found, spent, out)
    if not quiet:
        for case in found.cases:
            for change in case.changes:
                hit = ", ".join(one.bank for one in change.hit[:3]) or "nobody"
                print(
                    f"{case.case:<34} {change.row.mechanism:<14} {change.row.alpha:>5}"
                    f"  value {change.value_settled_bp / 100:+7.2f} points  delay {change.delay_s:+6d} s"
                    f"  unsettled {change.unsettled:+6d}  hit: {hit}"
                )
        print(f"report: {out / 'report.html'}")
    return 0


@app.command
def report(folder: Path, *, no_plots: Flag = False) -> int:
    """Draw the pictures and write the page of a result again.

    Parameters
    ----------
    folder
        Where result.json lies.
    no_plots
        Draw no pictures.
    """
    from steelyard.sim.output import load
    from steelyard.sim.output import report as written
    from steelyard.sim.scenario import ScenarioIsWrong

    try:
        written(load(folder), folder, plots=_can_draw(not no_plots))
    except ScenarioIsWrong as fault:
        return _say(str(fault))
    print(f"report: {folder / 'report.html'}")
    return 0


def _simulated(
    path: Path | None, out: Path, seeds: str, jobs: int, *, machine: bool, plots: bool, parquet: bool, quiet: bool,
    all_of_them: bool,
) -> int:  # fmt: skip
    import msgspec

    from steelyard.sim.mechanisms import STANDARD
    from steelyard.sim.scenario import Scenario, ScenarioIsWrong, load

    try:
        scenario = load(path) if path is not None else Scenario()
        if all_of_them:
            scenario = msgspec.structs.replace(scenario, mechanism={**STANDARD, **scenario.mechanism})
        if seeds:
            return _many(scenario, _seeds(seeds), out, jobs, machine=machine, quiet=quiet)
        return _finish(scenario, out, jobs, machine=machine, plots=plots, parquet=parquet, quiet=quiet)
    except ScenarioIsWrong as fault:
        return _say(str(fault))


def _live(path: Path, out: Path, node: str, keys: Path | None, speed: int, *, quiet: bool) -> int:
    """Send the day of a scenario to a node, and say what became of it."""
    import json

    from steelyard.sim.live import read_keys, run_live, write
    from steelyard.sim.scenario import ScenarioIsWrong, load
    from steelyard.sim.sending import sending
    from steelyard.sim.simulate import day_of

    if keys is None or speed < 1:
        return _say("steelyard sim run: --node needs --keys, and a --speed of at least 1")
    try:
        scenario = load(path)
        drawn = day_of(scenario)
        with _progress(quiet) as tell:
            lived = run_live(drawn, sending(drawn, scenario), node, read_keys(keys), speed=speed, tell=tell)
    except (ScenarioIsWrong, ValueError) as fault:
        return _say(str(fault))
    out.mkdir(parents=True, exist_ok=True)
    write(lived, out / "live.csv")
    (out / "live.json").write_text(json.dumps(lived.told, indent=1) + "\n", "utf-8")
    if not quiet:
        print(", ".join(f"{name} {value}" for name, value in lived.told.items()))
    return NOT_REACHED if lived.sent and all(one.answer == "lost" for one in lived.sent) else 0


def _seeds(text: str) -> list[int]:
    """Read 1-5 or 1,3,8."""
    from steelyard.sim.scenario import ScenarioIsWrong

    found: list[int] = []
    for part in text.split(","):
        first, dash, last = part.partition("-")
        if not first.isdigit() or (dash and not last.isdigit()) or len(part) > 20:
            raise ScenarioIsWrong(f"--seeds {text!r}: whole numbers, such as 1-5 or 1,3,8")
        until = int(last) if dash else int(first)
        if not 0 <= until - int(first) < SEEDS_MAX:
            raise ScenarioIsWrong(f"--seeds {text!r}: at most {SEEDS_MAX}, from the lower to the higher")
        found.extend(range(int(first), until + 1))
    return sorted(set(found))


def _many(scenario: "Scenario", seeds: list[int], out: Path, jobs: int, *, machine: bool, quiet: bool) -> int:
    from steelyard.sim.output import write_seeds
    from steelyard.sim.simulate import simulate_seeds

    with _progress(quiet) as tell:
        found = simulate_seeds(scenario, seeds, jobs=jobs or _cores(), machine=machine, tell=tell)
    write_seeds(found, out)
    if not quiet:
        print(f"{len(seeds)} seeds: {out / 'seeds.csv'}")
    return 0 if all(result.held for result, _ in found.values()) else FAILED


def _finish(
    scenario: "Scenario", out: Path, jobs: int, *, machine: bool, plots: bool, parquet: bool, quiet: bool
) -> int:
    from steelyard.sim.output import write
    from steelyard.sim.simulate import simulate

    with _progress(quiet) as tell:
        result, spent = simulate(scenario, jobs=jobs or _cores(), machine=machine, tell=tell)
    write(result, spent, out, plots=_can_draw(plots), parquet=parquet)
    if not quiet:
        _print(result)
        print(f"report: {out / 'report.html'}")
    for checked in result.expected:
        if not checked.held:
            expect = checked.expect
            found = ", ".join(map(str, checked.found)) or "nothing"
            print(f"expected {expect.key} {expect.op} {expect.value}, found {found}", file=sys.stderr)
    return 0 if result.held else FAILED


def _print(result: "Result") -> None:
    from steelyard.sim.page import COLUMNS, cell

    print(f"{'mechanism':<18} {'alpha':>7}" + "".join(f" {words:>21}" for _, words, _ in COLUMNS[:8]))
    for one in result.outcomes:
        cells = "".join(f" {cell(one.row, field, decimals):>21}" for field, _, decimals in COLUMNS[:8])
        print(f"{one.row.mechanism:<18} {one.row.alpha or 'paid in':>7}{cells}")


def _can_draw(wanted: bool) -> bool:
    """Tell whether pictures can be drawn, and say so where they cannot."""
    from importlib.util import find_spec

    if wanted and find_spec("matplotlib") is None:
        print("no pictures: matplotlib is not installed", file=sys.stderr)
        return False
    return wanted


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def _progress(quiet: bool) -> "Iterator[Tell | None]":
    """Show how far it is: a bar on a terminal, a line a minute elsewhere."""
    if quiet:
        yield None
    elif sys.stderr.isatty():
        from rich.console import Console
        from rich.progress import Progress

        with Progress(console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("simulating", total=None)

            def moved(done: int, total: int, name: str) -> None:
                bar.update(task, completed=done, total=total, description=name)

            yield moved
    else:
        last = time.monotonic()

        def said(done: int, total: int, name: str) -> None:
            nonlocal last
            if time.monotonic() - last >= MINUTE:
                last = time.monotonic()
                print(f"{done} of {total} runs done, last {name}", file=sys.stderr, flush=True)

        yield said


def _say(text: str) -> int:
    print(text, file=sys.stderr)
    return USAGE
