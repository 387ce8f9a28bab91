"""Real payments made ready to be simulated: what is refused is listed, the rest is kept in units of account."""

import csv
from decimal import Decimal
from pathlib import Path

from steelyard.sim.files import RefusedRow
from steelyard.sim.scenario import Data
from steelyard.sim.synthetic import Day
from steelyard.sim.writing import write_csv


def write_refused(refused: list[RefusedRow], path: Path) -> None:
    """List what was refused: place and reason."""
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(("place", "reason"))
        writer.writerows((one.place, one.reason) for one in refused)


def write_kept(day: Day, path: Path) -> Data:
    """Write the day that is simulated, and give how to read it: every currency already in units of account."""
    write_csv(day, path, drawn=False)
    return Data(source="file", path=str(path), rates=dict.fromkeys(day.currencies, Decimal(1)))
