"""`bounds-vectors/1`: what the accounts of a day need at most and at least."""

from typing import Any

from steelyard.cli.vectors.compare import Check, Failure, judged, same
from steelyard.liquidity.algorithms.bounds import Sent, liquidity_bounds


def judge(case: dict[str, Any]) -> list[Failure]:
    """Check a case; accounts are named "member/currency"."""
    bounds = liquidity_bounds(
        Sent(one["id"], one["payer"], one["payee"], one["ccy"], one["amount"], one["seq"])
        for one in case["payments"]
    )
    upper = {"/".join(account): minor for account, minor in bounds.upper.items()}
    lower = {"/".join(account): minor for account, minor in bounds.lower.items()}
    checks: dict[str, Check] = {
        "upper_bound": lambda expected: _accounts("upper_bound", expected, upper),
        "lower_bound": lambda expected: _accounts("lower_bound", expected, lower),
        "ub_total": lambda expected: same("ub_total", expected, bounds.upper_total),
        "lb_total": lambda expected: same("lb_total", expected, bounds.lower_total),
    }
    return judged(case["expect"], checks)


def _accounts(key: str, expected: dict[str, int], found: dict[str, int]) -> list[Failure]:
    """Compare account by account, so that a failure names the one; one that is not named needs 0."""
    failures: list[Failure] = []
    for account in sorted({*expected, *found}):
        failures += same(f"{key}.{account}", expected.get(account, 0), found.get(account, 0))
    return failures
