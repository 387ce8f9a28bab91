"""What every benchmark shares: where it ran, what a figure is, how it is printed and kept.

A benchmark module has `rows() -> Iterator[Figure]`. Run alone (`python -m bench.NAME [--json]`) it prints its
rows; `python -m bench` runs them all, prints one table and keeps it under `bench/results/`.
"""

import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct, to_builtins

ROOT = Path(__file__).resolve().parents[1]


class Figure(Struct, frozen=True):
    """One measured figure. `floor` is what the project asks at least (or at most, where `at_most`)."""

    lane: str
    value: float
    unit: str
    floor: float | None = None
    at_most: bool = False
    note: str = ""

    @property
    def holds(self) -> bool | None:
        """Tell whether the floor is met; None where there is none."""
        if self.floor is None:
            return None
        return self.value <= self.floor if self.at_most else self.value >= self.floor


def machine() -> dict[str, str | int]:
    """Say on what and at which commit figures were taken."""
    commit = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.strip()
    return {
        "commit": commit or "unknown",
        "cpu": _cpu(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 0,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()}",
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _cpu() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text("utf-8")
    except OSError:
        return platform.processor() or platform.machine()
    return next(
        (line.split(":")[1].strip() for line in text.splitlines() if line.startswith("model name")), ""
    )


def per_second(work: Callable[[], int], *, rounds: int = 7) -> float:
    """Give the median over rounds of (what one round did) per second."""
    rates = []
    for _ in range(rounds):
        start = time.perf_counter()
        done = work()
        rates.append(done / (time.perf_counter() - start))
    return statistics.median(rates)


def percentile(values: list[float], share: float) -> float:
    """Give the nearest-rank percentile of some values; `share` between 0 and 1."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, int(share * len(ordered) + 0.999999) - 1))]


def table(figures: Iterable[Figure]) -> str:
    """Lay figures out as text, one a line."""
    lines = []
    for item in figures:
        sign = "<=" if item.at_most else ">="
        wanted = f"{sign} {_number(item.floor)}" if item.floor is not None else ""
        verdict = {True: "ok", False: "MISSED", None: ""}[item.holds]
        lines.append(
            f"{item.lane:<66} {_number(item.value):>12} {item.unit:<12} {wanted:<14} {verdict:<6} {item.note}"
        )
    return "\n".join(line.rstrip() for line in lines)


def _number(value: float) -> str:
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def main(rows: Callable[[], Iterator[Figure]]) -> None:
    """Run one benchmark module from the command line."""
    where = machine()
    figures = []
    for item in rows():
        figures.append(item)
        if "--json" not in sys.argv:
            print(table([item]), flush=True)
    if "--json" in sys.argv:
        print(json.dumps({"machine": where, "figures": [to_builtins(item) for item in figures]}))
    else:
        print(f"{where['cpu']}, {where['cores']} cores, Python {where['python']}, commit {where['commit']}")
