"""Energy matched by OR-Tools: whole flows by its flow solver, linear programmes from the bases that GLOP finds.

Floats find a basis, which is a set of columns; what it means is computed in exact numbers, and where it is not the
last word the exact simplex goes on from there.
"""

from math import inf

from steelyard.market.energy.general import General
from steelyard.market.energy.simplex import Basis, Lp, NoProgramme, Solved, best
from steelyard.solve.flow import OrToolsFlow

EXACTLY = "primal_feasibility_tolerance:1e-10 dual_feasibility_tolerance:1e-10 drop_tolerance:1e-16"


class TransportSolver(OrToolsFlow):
    """The production solver of `market.energy`."""

    def least(self, lp: Lp) -> Solved:
        """Give an answer and its proof, both exact; see `LinearSolver`."""
        return best(lp, _basis(lp))

    def cargoes(self, net: General) -> tuple[int, ...]:
        """Give whole flows of a low cost; see `CargoSolver`."""
        from steelyard.solve.cargoes import best_cargoes

        return best_cargoes(net)


def _basis(lp: Lp) -> Basis | None:
    """Give the basis that GLOP ends with, or None where it has no answer that counts."""
    from ortools.linear_solver import pywraplp

    solver = pywraplp.Solver.CreateSolver("GLOP")
    solver.SetSolverSpecificParametersAsString(EXACTLY)
    rows = [solver.Constraint(float(one), float(one)) for one in lp.right]
    least = solver.Objective()
    numbers = []
    for column, cost, most in zip(lp.columns, lp.costs, lp.most, strict=True):
        number = solver.NumVar(0.0, inf if most is None else float(most), "")
        for row, entry in column:
            rows[row].SetCoefficient(number, float(entry))
        least.SetCoefficient(number, float(cost))
        numbers.append(number)
    status = solver.Solve()
    if status == pywraplp.Solver.INFEASIBLE:
        raise NoProgramme("nothing meets the rows")
    if status != pywraplp.Solver.OPTIMAL:
        return None
    states = [number.basis_status() for number in numbers]
    basic = [no for no, state in enumerate(states) if state == pywraplp.Solver.BASIC]
    basic += [len(numbers) + no for no, row in enumerate(rows) if row.basis_status() == pywraplp.Solver.BASIC]
    if len(basic) != len(rows):
        return None
    top = [no for no, state in enumerate(states) if state == pywraplp.Solver.AT_UPPER_BOUND and lp.most[no]]
    return Basis(tuple(basic), frozenset(top))
