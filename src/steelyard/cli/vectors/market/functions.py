"""`function_cases/1`: cases of the market's pure functions, by group. Each group has an adapter beside this file.

An adapter has `judge(given, expect) -> list[Failure]`: it maps a case's `input` to the call, compares only the keys of
`expect`, and names every input that it does not know.
"""

from importlib import import_module
from pathlib import Path
from typing import Any

from steelyard.cli.vectors.compare import Failure
from steelyard.cli.vectors.market.values import read_cases

GROUPS: dict[str, str] = {
    "benchmark": "benchmark",
    "settlement_price": "settlement_price",
    "default_waterfall": "default_waterfall",
    "margin": "margin",
    "multi_currency_book": "multi_currency_book",
    "delivery_assignment": "delivery_assignment",
    "quality_price": "quality_price",
    "dvp_pvp": "dvp_pvp",
    "tender": "tender",
    "matching_flow": "matching_flow",
    "take_or_pay": "take_or_pay",
}
"""Group, module."""


def cases(path: Path) -> list[dict[str, Any]]:
    """Read the cases of a file known by its name."""
    return read_cases(path)


def judge(case: dict[str, Any]) -> list[Failure]:
    """Check a case by the adapter of its group."""
    module = GROUPS.get(case["group"])
    if module is None:
        return [Failure("group", rule=f"unknown group {case['group']!r}")]
    adapter = import_module(f"steelyard.cli.vectors.market.{module}")
    if not case["expect"]:
        return [Failure("expect", rule="nothing is expected")]
    found: list[Failure] = adapter.judge(case["input"], case["expect"])
    return found
