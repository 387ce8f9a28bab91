"""Every format of cases that is judged: its name, its files that name no format, who judges it."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from steelyard.cli.vectors.compare import Failure

Case = dict[str, Any]


class Suite(NamedTuple):
    """One format. `files` are ends of paths by which a file without a format is known, `also` other names of it.

    `module` (beside this one) has `judge(case) -> list[Failure]`, and `cases(path) -> list[Case]` where a file is
    no JSON of that format.
    """

    format: str
    module: str
    files: tuple[str, ...] = ()
    also: tuple[str, ...] = ()

    def judge(self) -> Callable[[Case], list[Failure]]:
        """Give who judges a case."""
        found: Callable[[Case], list[Failure]] = self._module().judge
        return found

    def cases(self, path: Path) -> list[Case]:
        """Read the cases of a file that names no format."""
        found: list[Case] = self._module().cases(path)
        return found

    def _module(self) -> Any:
        return import_module(f"steelyard.cli.vectors.{self.module}")


SUITES: tuple[Suite, ...] = (
    Suite("settlement-vectors/1", "settlement"),
    Suite("bounds-vectors/1", "bounds"),
    Suite("fx-fixed-batch/1", "fx_fixed_batch"),
    Suite("fx-auction/1", "fx_auction"),
    Suite("pvp-queue/1", "pvp_queue"),
    Suite("iso20022-rules/1", "iso_rules", ("rules/INDEX.tsv",)),
    Suite(
        "order_book_cases/1", "market.order_book", ("order_book_cases.json", "order_book_cases.json.gz"),
        also=("order-book-cases/1",),
    ),
    Suite(
        "function_cases/1", "market.functions", ("function_cases.json", "function_cases.json.gz"),
        also=("function-cases/1",),
    ),
)  # fmt: skip

FOREIGN = ("positives_dev.csv", "negatives_dev.csv", "name_pairs_dev.csv")
"""Files that are cases, but of no format above: named as skipped rather than passed over."""


def suite_of(form: object) -> Suite | None:
    """Give the suite of a format, or None."""
    return next((suite for suite in SUITES if form in (suite.format, *suite.also)), None)


def suite_of_file(path: Path) -> Suite | None:
    """Give the suite that knows a file by its path, or None."""
    return next((suite for suite in SUITES if any(path.match(end) for end in suite.files)), None)
