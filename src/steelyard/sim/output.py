"""What a simulation leaves in its folder: result.json, table.csv with schema.json, queue.csv, plots, a page.

Everything but `times.json` is the same bytes for the same scenario, data and version.
"""

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from steelyard.sim.measures import Row
from steelyard.sim.scenario import ScenarioIsWrong
from steelyard.sim.simulate import FORMAT, Result
from steelyard.sim.stress import Stress
from steelyard.sim.writing import DATE

UNITS = {
    "_minor": "minor units of the unit of account", "_bp": "ten-thousandths", "_milli": "thousandths",
    "_s": "seconds",
}  # fmt: skip
QUEUE = ("mechanism", "alpha", "at", "sent_minor", "settled_minor", "waiting_minor")


def write(
    result: Result, spent: dict[str, float], folder: Path, *, plots: bool, parquet: bool = False
) -> None:
    """Write everything that a simulation leaves."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "result.json").write_bytes(as_json(result))
    (folder / "times.json").write_text(json.dumps(spent, indent=1) + "\n", "utf-8")
    rows = [one.row for one in result.outcomes]
    (folder / "table.csv").write_text(table(rows), "utf-8")
    (folder / "queue.csv").write_text(queue(result), "utf-8")
    (folder / "schema.json").write_text(json.dumps(schema(), indent=1) + "\n", "utf-8")
    if parquet:
        _write_parquet(rows, folder / "table.parquet")
    report(result, folder, plots=plots)


def report(result: Result, folder: Path, *, plots: bool = True) -> None:
    """Draw the pictures of a result and write its page, and its table as Markdown."""
    from steelyard.sim.page import markdown, page

    drawn: list[str] = []
    if plots:
        from steelyard.sim.pictures import draw_all

        drawn = draw_all(result, folder / "plots")
    (folder / "report.html").write_text(page(result, drawn), "utf-8")
    (folder / "table.md").write_text(markdown(result), "utf-8")


def write_seeds(
    found: dict[int, tuple[Result, dict[str, float]]], folder: Path, *, parquet: bool = False
) -> None:
    """Write a folder for each seed, without pictures, and least, mean and most of every figure over all of them."""
    for seed, (result, spent) in found.items():
        write(result, spent, folder / f"seed-{seed}", plots=False, parquet=parquet)
    (folder / "seeds.csv").write_text(over_seeds([result for result, _ in found.values()]), "utf-8")


def over_seeds(results: list[Result]) -> str:
    """Give least, mean (rounded half up) and most of every figure as CSV; figures that a seed lacks stay empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("mechanism", "alpha", "figure", "seeds", "least", "mean", "most"))
    for runs in zip(*(result.outcomes for result in results), strict=True):
        for name in Row.__struct_fields__[2:]:
            found = [value for one in runs if (value := getattr(one.row, name)) is not None]
            if found:
                mean = (2 * sum(found) + len(found)) // (2 * len(found))
                first = runs[0].row
                writer.writerow(
                    (first.mechanism, first.alpha, name, len(found), min(found), mean, max(found))
                )
    return text.getvalue()


def write_stress(found: Stress, spent: dict[str, float], folder: Path) -> None:
    """Write what a stress test leaves."""
    from steelyard.sim.page import stress_page

    folder.mkdir(parents=True, exist_ok=True)
    (folder / "result.json").write_bytes(as_json(found))
    (folder / "times.json").write_text(json.dumps(spent, indent=1) + "\n", "utf-8")
    rows = [("base", row) for row in found.base]
    rows += [(case.case, change.row) for case in found.cases for change in case.changes]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("case", *Row.__struct_fields__))
    writer.writerows((case, *_cells(row)) for case, row in rows)
    (folder / "table.csv").write_text(text.getvalue(), "utf-8")
    (folder / "report.html").write_text(stress_page(found), "utf-8")


def as_json(result: Result | Stress) -> bytes:
    """Give the canonical bytes of a result."""
    return msgspec.json.encode(result) + b"\n"


def load(folder: Path) -> Result:
    """Read a result back from its folder."""
    path = folder / "result.json"
    try:
        found = msgspec.json.decode(path.read_bytes(), type=Result)
    except OSError as fault:
        why = (fault.strerror or "unknown").lower()
        raise ScenarioIsWrong(f"{path}: cannot be read: {why}; name a folder that sim run wrote") from fault
    except msgspec.MsgspecError as fault:
        raise ScenarioIsWrong(f"{path}: is no result of a simulation: {fault}") from fault
    if found.format != FORMAT:
        raise ScenarioIsWrong(f"{path}: format {found.format!r} is not {FORMAT!r}")
    return found


def table(rows: list[Row]) -> str:
    """Give the table as CSV: a line per mechanism and level of money, columns as `Row` names them."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(Row.__struct_fields__)
    writer.writerows(_cells(row) for row in rows)
    return text.getvalue()


def _cells(row: Row) -> list[Any]:
    return ["" if cell is None else cell for cell in msgspec.structs.astuple(row)]


def queue(result: Result) -> str:
    """Give value sent, settled and waiting by time as CSV, times in ISO form."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(QUEUE)
    opening = datetime(DATE.year, DATE.month, DATE.day, tzinfo=UTC) + timedelta(seconds=result.day.opens_s)
    for one in result.outcomes:
        curves = zip(result.at_s, one.series.sent_minor, one.series.settled_minor, strict=True)
        for at_s, sent, settled in curves:
            at = (opening + timedelta(seconds=at_s)).strftime("%Y-%m-%dT%H:%M:%SZ")
            writer.writerow((one.row.mechanism, one.row.alpha, at, sent, settled, sent - settled))
    return text.getvalue()


def schema() -> dict[str, Any]:
    """Name the columns of both files with their types, as Parquet has them, and their units."""
    columns = [
        {"name": field.name, "type": "string" if field.type is str else "int64", "unit": _unit(field.name),
         "nullable": field.type not in (str, int)}
        for field in msgspec.structs.fields(Row)
    ]  # fmt: skip
    kinds = ("string", "string", "timestamp[s, UTC]", "int64", "int64", "int64")
    return {
        "table.csv": columns,
        "queue.csv": [
            {"name": name, "type": kind, "unit": _unit(name), "nullable": False}
            for name, kind in zip(QUEUE, kinds, strict=True)
        ],
    }


def _unit(name: str) -> str:
    return next((unit for ending, unit in UNITS.items() if name.endswith(ending)), "")


def _write_parquet(rows: list[Row], path: Path) -> None:
    try:
        import pyarrow as pa  # type: ignore[import-not-found,unused-ignore]
        from pyarrow import parquet
    except ImportError:
        raise ScenarioIsWrong("--parquet: pyarrow is not installed") from None
    names = Row.__struct_fields__
    columns = zip(*(msgspec.structs.astuple(row) for row in rows), strict=True)
    parquet.write_table(pa.table(dict(zip(names, map(list, columns), strict=True))), path)
