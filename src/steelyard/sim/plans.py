"""Which of all that waits settles together: the algorithm that a mechanism names, solver and all."""

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

from steelyard.liquidity.queue import Queued, Room
from steelyard.liquidity.selection import in_order
from steelyard.sim.mechanisms import Mechanism

if TYPE_CHECKING:
    from steelyard.liquidity.solver import FlowSolver


@cache
def solver() -> "FlowSolver":
    """Give the production solver; loading it takes a while, so it is loaded where a plan is first made."""
    from steelyard.solve.flow import OrToolsFlow

    return OrToolsFlow()


def choose(
    mechanism: Mechanism, balances: Mapping[str, int], payments: list[Queued], limits: tuple[Room, ...],
    reserved: Mapping[str, tuple[int, int]],
) -> dict[str, int]:  # fmt: skip
    """Give, per payment that settles, how much of it: A4's plan where there is a split, else A3's ordered set."""
    if mechanism.split:
        from steelyard.liquidity.algorithms.plan import plan_split

        return plan_split(balances, payments, solver=solver(), limits=limits, reserved=reserved or None).parts
    from steelyard.liquidity.algorithms.multilateral import ordered_set

    chosen = ordered_set(balances, in_order(payments), limits=limits, reserved=reserved or None)
    return {payment.id: payment.amount_minor for payment in chosen}
