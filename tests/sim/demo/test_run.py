"""The demonstration itself, small: what it proves, and that two runs with kills at any moment end the same."""

import json
from pathlib import Path

README = Path(__file__).parents[3] / "README.md"


def test_two_runs_end_in_the_same_bytes(runs):
    one, two = ((out / "summary.json").read_bytes() for out, _ in runs)

    assert one == two


def test_batches_of_the_pool_settle_what_waits(runs):
    out, text = runs[0]
    batches = json.loads((out / "summary.json").read_text("utf-8"))["summary"]["batches"]

    assert batches["currency"]["batches"] > 0
    assert batches["pool"]["payments"] > 0
    assert "a pool over all currencies" in text


def test_the_readmes_figures_of_the_market_are_those_of_every_run(runs):
    """The market's day is the same however many payments came before it, so the small day prints what stands there."""

    def market(text):
        part = text[text.index("The market's day: wheat") : text.index("What had to hold")]
        return [line.rstrip() for line in part.splitlines() if line.strip()]

    sample = next(part for part in README.read_text("utf-8").split("```") if "What had to hold" in part)

    for _, printed in runs:
        assert market(sample) == market(printed[printed.index("The day") :])


def test_the_readme_shows_what_is_printed(runs):
    """Its figures are of a whole day; its tables, their rows and what had to hold are those of every run."""

    def rows(text):
        """Give the first cell of each row, without names of refusals, corridors and currencies."""
        cells = {row[:60].split("   ")[0].strip() for row in text.splitlines() if row.startswith("  ")}
        return {cell for cell in cells if cell and not cell.isupper() and "→" not in cell}

    printed = runs[0][1]
    sample = next(part for part in README.read_text("utf-8").split("```") if "What had to hold" in part)

    assert rows(sample) == rows(printed[printed.index("The day") :])
