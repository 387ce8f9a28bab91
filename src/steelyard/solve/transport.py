"""Energy matched by OR-Tools: whole flows by its flow solver, linear programmes from the bases that GLOP finds.

Floats find a basis, which is a set of columns; what it means is computed in exact numbers, and where it is not the
last word the exact simplex goes on from there.
"""

from collections.abc import Container, Sequence
from fractions import Fraction
from math import inf

from steelyard.market.energy.general import General
from steelyard.market.energy.simplex import Basis, Lp, Solved, best
from steelyard.solve.flow import OrToolsFlow

EXACTLY = "primal_feasibility_tolerance:1e-10 dual_feasibility_tolerance:1e-10 drop_tolerance:1e-16"

DEAR = 10**7
"""Costs below this are seen beside any others"""
SEEN = 1e-7


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
    """Give the basis that GLOP ends with, or None where it has no answer that counts.

    Costs that are beyond all others, as those of what must be served, count first and the others among equals: in one
    sum floats would not see both.
    """
    costs = [Fraction(one) for one in lp.costs]
    dear = max([abs(one) for one in costs], default=Fraction(0))
    others = max([abs(one) for one in costs if 2 * abs(one) < dear], default=Fraction(0))
    if dear < DEAR or others * 1_000 > dear:
        found = _glop(lp, [float(one) for one in costs], ())
        return None if found is None else found[0]
    first = [round(one / dear) for one in costs]
    found = _glop(lp, [float(one) for one in first], ())
    if found is None:
        return None
    held = [no for no, gain in enumerate(found[1]) if abs(gain) > SEEN and no not in found[0].basic]
    rest = [float(cost - one * dear) for cost, one in zip(costs, first, strict=True)]
    again = _glop(lp, rest, held, found[0].top)
    return found[0] if again is None else again[0]


def _glop(
    lp: Lp, costs: Sequence[float], held: Sequence[int], top: Container[int] = ()
) -> tuple[Basis, list[float]] | None:
    """Give a basis and what each column costs above what it brings; some are held at one of their ends.

    Where floats find no answer in the units there are, larger units may do: a basis is the same in all.
    """
    largest = max([abs(float(one)) for one in (*lp.right, *lp.most) if one is not None], default=0.0)
    found = _in_units(lp, costs, held, top, 1.0)
    return found if found is not None or largest <= 1 else _in_units(lp, costs, held, top, largest)


def _in_units(
    lp: Lp, costs: Sequence[float], held: Sequence[int], top: Container[int], unit: float
) -> tuple[Basis, list[float]] | None:
    from ortools.linear_solver import pywraplp

    solver = pywraplp.Solver.CreateSolver("GLOP")
    solver.SetSolverSpecificParametersAsString(EXACTLY)
    rows = [solver.Constraint(float(one) / unit, float(one) / unit) for one in lp.right]
    least = solver.Objective()
    still = dict.fromkeys(held)
    numbers = []
    for no, (column, cost, most) in enumerate(zip(lp.columns, costs, lp.most, strict=True)):
        high = inf if most is None else float(most) / unit
        low = high if no in still and no in top else 0.0
        number = solver.NumVar(low, low if no in still else high, "")
        for row, entry in column:
            rows[row].SetCoefficient(number, float(entry))
        least.SetCoefficient(number, cost)
        numbers.append(number)
    status = solver.Solve()
    if status != pywraplp.Solver.OPTIMAL:
        return None
    states = [number.basis_status() for number in numbers]
    basic = [no for no, state in enumerate(states) if state == pywraplp.Solver.BASIC]
    basic += [len(numbers) + no for no, row in enumerate(rows) if row.basis_status() == pywraplp.Solver.BASIC]
    if len(basic) != len(rows):
        return None
    high_ones = [
        no
        for no, state in enumerate(states)
        if lp.most[no] and (no in top if no in still else state == pywraplp.Solver.AT_UPPER_BOUND)
    ]
    inside = dict.fromkeys(basic)
    above = frozenset(no for no in high_ones if no not in inside)
    return Basis(tuple(basic), above), [number.reduced_cost() for number in numbers]
