"""Flows of least cost by OR-Tools (cost-scaling push-relabel). Imported at its first use only."""

from collections.abc import Sequence

import numpy as np

from steelyard.liquidity.solver import Chosen, Ints, NoFlow, Subset


class OrToolsFlow:
    """The production solver. The same arcs give the same flow with the same version of OR-Tools."""

    def min_cost_flow(self, arcs: Ints, supplies: Ints) -> list[int]:
        """Give the flow of each arc; see `FlowSolver`."""
        flows: list[int] = self.flow_array(arcs, supplies).tolist()
        return flows

    def flow_array(self, arcs: Ints, supplies: Ints) -> Ints:
        """Give the same in a column."""
        from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

        table = np.asarray(arcs, np.int64).reshape(-1, 4)
        if not len(table):
            if np.any(np.asarray(supplies, np.int64)):
                raise NoFlow("no arcs, but supplies")
            return np.zeros(0, np.int64)
        solver = SimpleMinCostFlow()
        ends = table[:, :2].astype(np.int32)
        places = solver.add_arcs_with_capacity_and_unit_cost(
            ends[:, 0].copy(), ends[:, 1].copy(), table[:, 2].copy(), table[:, 3].copy()
        )
        solver.set_nodes_supplies(np.arange(len(supplies), dtype=np.int32), np.asarray(supplies, np.int64))
        status = solver.solve()
        if status == solver.OPTIMAL:
            return np.asarray(solver.flows(places), np.int64)
        if status in (solver.INFEASIBLE, solver.UNBALANCED):
            raise NoFlow("no flow meets the supplies")
        raise ArithmeticError(f"OR-Tools gave no flow: {status}")

    def best_subset(self, subset: Subset, hint: Sequence[int], *, seconds: int) -> Chosen | None:
        """Give a best set of whole payments by CP-SAT; see `SubsetSolver`."""
        from steelyard.solve.subset import best_subset

        return best_subset(subset, hint, seconds=seconds)
