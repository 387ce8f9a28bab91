"""`pvp-queue/1`: instructions that settle one by one under three tests, exactly as listed."""

from typing import Any

from steelyard.cli.vectors.compare import Check, Failure, judged, same
from steelyard.liquidity.algorithms.pvp import Instruction, run_pvp


def judge(case: dict[str, Any]) -> list[Failure]:
    """Check a case."""
    names = ("id", "a", "b", "a_pays_ccy", "a_pays", "b_pays_ccy", "b_pays")
    run = run_pvp(
        case["accounts"],
        [Instruction(*(one[name] for name in names)) for one in case["instructions"]],
        values=case["value_per_minor_unit"],
        short_limits=case["short_limit"],
        aggregate_short_limits=case["aggregate_short_limit"],
        haircut_bp=case["haircut_bp"],
    )
    checks: dict[str, Check] = {
        "settled_in_order": lambda expected: same("settled_in_order", expected, list(run.settled)),
        "queued": lambda expected: same("queued", expected, list(run.queued)),
        "final_balances": lambda expected: _balances(expected, run.balances),
        "passes": lambda expected: same("passes", expected, run.passes),
    }
    return judged(case["expect"], checks)


def _balances(expected: dict[str, dict[str, int]], found: dict[str, dict[str, int]]) -> list[Failure]:
    """Compare member by member and currency by currency; one that is not named is 0."""
    failures: list[Failure] = []
    for member in sorted({*expected, *found}):
        wanted, given = expected.get(member, {}), found.get(member, {})
        for currency in sorted({*wanted, *given}):
            key = f"final_balances.{member}.{currency}"
            failures += same(key, wanted.get(currency, 0), given.get(currency, 0))
    return failures
