"""What the commands of `steelyard sim` share: progress, printing, seeds, and how a simulation is seen through."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from steelyard.sim.jobs import Tell
    from steelyard.sim.scenario import Scenario
    from steelyard.sim.simulate import Result

FAILED, USAGE, NOT_REACHED = 1, 2, 6
MINUTE = 60
SEEDS_MAX = 1_000
TOLD = {
    "value_settled_bp": "value %", "count_settled_bp": "count %", "liquidity_bp": "money %", "used_bp": "used %",
    "delay_s": "delay s", "turnover_milli": "turns", "distance_bp": "off %",
}  # fmt: skip
"""Figures of the table on a terminal of 80 columns; all of them are in table.md."""


def simulated(
    path: Path | None, out: Path, seeds: str, jobs: int, *, machine: bool, plots: bool, parquet: bool, quiet: bool,
    all_of_them: bool,
) -> int:  # fmt: skip
    import msgspec

    from steelyard.sim.mechanisms import NODE, STANDARD
    from steelyard.sim.scenario import Scenario, ScenarioIsWrong, load

    try:
        scenario = load(path) if path is not None else Scenario()
        if all_of_them:
            table = NODE if machine else STANDARD
            scenario = msgspec.structs.replace(scenario, mechanism={**table, **scenario.mechanism})
        if parquet and find_spec("pyarrow") is None:
            raise ScenarioIsWrong("--parquet: pyarrow is not installed")
        ready(out)
        if seeds:
            return _many(scenario, _seeds(seeds), out, jobs, machine=machine, parquet=parquet, quiet=quiet)
        return finish(scenario, out, jobs, machine=machine, plots=plots, parquet=parquet, quiet=quiet)
    except ScenarioIsWrong as fault:
        return say(str(fault))


def live(path: Path, out: Path, node: str, keys: Path | None, speed: int, *, quiet: bool) -> int:
    """Send the day of a scenario to a node, and say what became of it."""
    import json

    from steelyard.sim.jobs import day_of
    from steelyard.sim.live import read_keys, run_live, write
    from steelyard.sim.scenario import ScenarioIsWrong, load
    from steelyard.sim.sending import sending

    if keys is None or speed < 1:
        return say("steelyard sim run: --node needs --keys, and a --speed of at least 1")
    try:
        scenario = load(path)
        drawn = day_of(scenario)
        with progress(quiet) as tell:
            lived = run_live(drawn, sending(drawn, scenario), node, read_keys(keys), speed=speed, tell=tell)
    except (ScenarioIsWrong, ValueError) as fault:
        return say(str(fault))
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


def _many(
    scenario: "Scenario", seeds: list[int], out: Path, jobs: int, *, machine: bool, parquet: bool, quiet: bool
) -> int:
    from steelyard.sim.output import write_seeds
    from steelyard.sim.simulate import simulate_seeds

    with progress(quiet) as tell:
        found = simulate_seeds(scenario, seeds, jobs=processes(jobs), machine=machine, tell=tell)
    write_seeds(found, out, parquet=parquet)
    if not quiet:
        print(f"{len(seeds)} seeds: {out / 'seeds.csv'}")
    return 0 if all(result.held for result, _ in found.values()) else FAILED


def finish(
    scenario: "Scenario", out: Path, jobs: int, *, machine: bool, plots: bool, parquet: bool, quiet: bool
) -> int:
    from steelyard.sim.output import write
    from steelyard.sim.simulate import simulate

    with progress(quiet) as tell:
        result, spent = simulate(scenario, jobs=processes(jobs), machine=machine, tell=tell)
    write(result, spent, out, plots=can_draw(plots), parquet=parquet)
    if not quiet:
        _print(result)
        print(f"report: {out / 'report.html'}")
    for checked in result.expected:
        if not checked.held:
            expect = checked.expect
            found = ", ".join(map(str, checked.found)) or "nothing"
            print(
                f"expected {expect.key} {expect.op} {expect.value} of {expect.where}, found {found}",
                file=sys.stderr,
            )
    return 0 if result.held else FAILED


def _print(result: "Result") -> None:
    from steelyard.sim.page import COLUMNS, cell

    decimals = {field: shown for field, _, shown in COLUMNS}
    print(f"{'mechanism':<15} {'alpha':>7}" + "".join(f" {words:>7}" for words in TOLD.values()))
    for one in result.outcomes:
        cells = "".join(f" {cell(one.row, field, decimals[field]):>7}" for field in TOLD)
        print(f"{one.row.mechanism:<15} {one.row.alpha or 'paid in':>7}{cells}")
    print("value, count: settled; money, used: of gross value; turns: of the money; off: from the bound")


def can_draw(wanted: bool) -> bool:
    """Tell whether pictures can be drawn, and say so where they cannot."""
    if wanted and find_spec("matplotlib") is None:
        print("no pictures: matplotlib is not installed", file=sys.stderr)
        return False
    return wanted


def processes(jobs: int) -> int:
    """Give how many processes work: as many as asked for, or one a core for 0."""
    from steelyard.sim.scenario import ScenarioIsWrong

    if jobs < 0:
        raise ScenarioIsWrong(f"--jobs {jobs}: a number of processes, or 0 for one a core")
    return jobs or cores()


def cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def progress(quiet: bool) -> "Iterator[Tell | None]":
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


def ready(out: Path) -> None:
    """See that the folder for the result can be made, before any work is done for it."""
    from steelyard.sim.scenario import ScenarioIsWrong

    there = next(place for place in (out, *out.absolute().parents) if place.exists())
    if not there.is_dir() or not os.access(there, os.W_OK):
        raise ScenarioIsWrong(f"--out {out}: cannot be made: {there} is no folder to write in")


def say(text: str) -> int:
    print(text, file=sys.stderr)
    return USAGE
