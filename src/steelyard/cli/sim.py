"""`steelyard sim`: a business day simulated, by the node's own rules, with as little money as you like.

Results go to a folder; the table stands on standard output, progress and refusals on standard error.
Exit 0 done, 1 an expectation failed, 2 bad input, 6 the node was not reached.
"""

import sys
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App, Parameter

from steelyard.cli.simulating import USAGE, can_draw, finish, live, processes, progress, ready, say, simulated

Flag = Annotated[bool, Parameter(negative=())]
REFUSED_SHOWN = 20
"""Of how many refused rows the reason is printed; all are in the file."""

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
        Folder for day.csv, day.json and a scenario that reads the day again.
    """
    import json
    from decimal import Decimal, InvalidOperation

    from steelyard.sim.jobs import day_of
    from steelyard.sim.scenario import Data, Scenario, ScenarioIsWrong, World, check
    from steelyard.sim.writing import write_csv, write_scenario

    try:
        data = Data(payments=payments, fin=Decimal(fin), curve=curve, zones=zones, trade=trade)
        scenario = Scenario(world=World(banks=banks, seed=seed), data=data)
        check(scenario, "steelyard sim day")
        ready(out)
        drawn = day_of(scenario)
    except InvalidOperation:
        return say(f"steelyard sim day: --fin {fin!r} is no decimal number")
    except ScenarioIsWrong as fault:
        return say(str(fault))
    out.mkdir(parents=True, exist_ok=True)
    write_csv(drawn, out / "day.csv")
    write_scenario(drawn, out / "scenario.toml", "day.csv")
    told = {
        "digest": drawn.digest,
        "source": drawn.source,
        "payments": len(drawn),
        "gross_minor": drawn.gross_minor,
    }
    (out / "day.json").write_text(json.dumps(told, indent=1) + "\n", "utf-8")
    print(f"{len(drawn):,} payments, {drawn.gross_minor:,} minor units of account, day {drawn.digest}")
    print(f"steelyard sim run {out / 'scenario.toml'} settles it by every mechanism")
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
        return live(scenario, out, node, keys, speed, quiet=quiet)
    return simulated(
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
    machine: Flag = False,
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
    machine
        Send the days through the node's state machine, as a node runs each mechanism: many times slower.
    no_plots
        Draw no pictures.
    parquet
        Write table.parquet too, where pyarrow is installed.
    quiet
        Print nothing but what went wrong.
    """
    return simulated(
        scenario,
        out,
        seeds,
        jobs,
        machine=machine,
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
    machine: Flag = False,
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
    machine
        Send the payments through the node's state machine, journal and all, not through the algorithms alone.
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
        ready(out)
        out.mkdir(parents=True, exist_ok=True)
        write_refused(found.refused, out / "refused.csv")
        for one in found.refused[:REFUSED_SHOWN]:
            print(f"{one.place}: {one.reason}", file=sys.stderr)
        if found.refused:
            ends = "they are left out" if skip_refused else "nothing was run; --skip-refused leaves them out"
            print(f"{len(found.refused):,} refused, all in {out / 'refused.csv'}: {ends}", file=sys.stderr)
        if found.refused and not skip_refused:
            return USAGE
        kept = write_kept(found.day, out / "kept.csv")
        data = msgspec.structs.replace(kept, source="file", path=str(out / "kept.csv"))
        scenario = msgspec.structs.replace(told, name=told.name or file.name, data=data)
        return finish(scenario, out, jobs, machine=machine, plots=not no_plots, parquet=False, quiet=quiet)
    except ScenarioIsWrong as fault:
        return say(str(fault))


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
        return say("steelyard sim stress: --largest is not below 0, --at is HH:MM")
    try:
        with progress(quiet) as tell:
            told = load(scenario) if scenario is not None else STANDARD
            ready(out)
            found, spent = stressed(told, largest=largest, at=at, jobs=processes(jobs), tell=tell)
    except ScenarioIsWrong as fault:
        return say(str(fault))
    write_stress(found, spent, out)
    if not quiet:
        for case in found.cases:
            for change in case.changes:
                hit = ", ".join(one.bank for one in change.hit[:3]) or "nobody"
                print(
                    f"{case.case:<34} {change.row.mechanism:<14} {change.row.alpha or 'paid in':>7}"
                    f"  value {change.value_settled_bp / 100:+7.2f} points"
                    f"  delay index {change.delay_index_milli / 1000:+6.3f}"
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
        written(load(folder), folder, plots=can_draw(not no_plots))
    except ScenarioIsWrong as fault:
        return say(str(fault))
    print(f"report: {folder / 'report.html'}")
    return 0
