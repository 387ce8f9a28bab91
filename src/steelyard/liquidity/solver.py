"""What the algorithms ask of a solver: a flow of least cost, or a best set of whole payments. Two makers at least.

Production takes `steelyard.solve.flow.OrToolsFlow`; `algorithms.successive.SuccessivePaths` is pure Python, slow
and plain, the oracle of the tests. Both answer with integers; of several flows of least cost either may be given.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

MOST = 1 << 62
"""Amounts and usable balances of one snapshot sum to less than this, or no flow solver is asked."""


class NoFlow(ValueError):
    """No flow meets the supplies: what must come in cannot come in."""


class FlowSolver(Protocol):
    """Finds a flow of least cost."""

    def min_cost_flow(self, arcs: Ints, supplies: Ints) -> list[int]:
        """Give the flow of each arc, in their order.

        `arcs` has a row (tail, head, capacity, cost) per arc, sorted; capacities >= 0, costs of any sign.
        `supplies` says per node what it has to give (> 0) or to get (< 0); they sum to 0. Raises NoFlow where
        the capacities let no such flow through.
        """
        ...


@runtime_checkable
class ArrayFlowSolver(FlowSolver, Protocol):
    """One that can also answer in a column, which saves a large network a tenth of its time."""

    def flow_array(self, arcs: Ints, supplies: Ints) -> Ints:
        """Give what `min_cost_flow` gives."""
        ...


@dataclass(frozen=True, slots=True)
class Subset:
    """The question which payments to settle whole, in numbers: parties and payments counted from 0.

    `payments` are (payer, payee, amount, priority); a balance below 0 has to be covered only if its owner pays.
    `limits` are (payments out, payments in, most): rows whose net may not pass `most`. `kept` are (account,
    urgent, high): what lower classes leave alone of funds that these classes reserved and do not use.
    """

    balances: tuple[int, ...]
    payments: tuple[tuple[int, int, int, int], ...]
    limits: tuple[tuple[tuple[int, ...], tuple[int, ...], int], ...] = ()
    kept: tuple[tuple[int, int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Chosen:
    """Rows settled, ascending, and the most value that any set might still have (proved by the solver)."""

    rows: tuple[int, ...]
    bound_minor: int


@runtime_checkable
class SubsetSolver(Protocol):
    """Finds a best set of whole payments within a fixed amount of work."""

    def best_subset(self, subset: Subset, hint: Sequence[int], *, seconds: int) -> Chosen | None:
        """Give the best set found, starting at the rows of `hint`; None where it took too long to count.

        `seconds` is deterministic time: an amount of work, the same on every machine.
        """
        ...
