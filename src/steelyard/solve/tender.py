"""Tenders by CP-SAT of OR-Tools: whole numbers only, one worker, a fixed seed, a fixed amount of work.

Least cost first. Then, of what costs the same, fewest suppliers; then offers and pairs one by one: as long as
there is an answer with more at an earlier place, it is taken. That search ends as soon as none is left, which is
mostly at once, since few awards cost the same to the minor unit.
"""

from collections.abc import Sequence
from math import ceil, inf, nextafter
from typing import TYPE_CHECKING, Any

from steelyard.market.tender_problem import Problem
from steelyard.market.tender_solver import Found, TooHard

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

DETERMINISTIC_SECONDS = 12.0
LEAST_WORK = 0.005
"""What every question counts for at least"""
WALL_SECONDS_MOST = 15
SEED = 1
PLAIN_MOST = 400
"""Pairs up to which a question after the first is asked as it stands."""


class CpSatTender:
    """The production solver. The same problems give the same answers with the same version of OR-Tools.

    `seconds` are deterministic: an amount of work for all questions together that one solver is asked.
    """

    def __init__(self, *, seconds: float = DETERMINISTIC_SECONDS) -> None:
        self.left = seconds

    def least(self, problem: Problem, *, ties: bool = True) -> Found | None:
        """Give the answer of lowest rank; see `TenderSolver`."""
        model = _Model(problem, self)
        solver, status = model.solve(model.cost, plain=not ties and len(problem.pairs) <= PLAIN_MOST)
        if status == "INFEASIBLE":
            return None
        if status not in ("OPTIMAL", "FEASIBLE"):
            raise TooHard(f"nothing found: {status}")
        counts = model.read(solver)
        cost = problem.cost(counts)
        if status != "OPTIMAL":
            if solver.wall_time >= WALL_SECONDS_MOST:
                raise TooHard("no proof before the clock ran out")
            return Found(counts, cost, min(cost, ceil(nextafter(solver.best_objective_bound, -inf))), False)
        if ties:
            counts = model.first_of_equals(counts, cost)
        return Found(counts, cost, cost, True)


class _Model:
    """The rules as constraints."""

    def __init__(self, problem: Problem, work: CpSatTender) -> None:
        from ortools.sat.python import cp_model

        self.problem, self.work = problem, work
        self.model = model = cp_model.CpModel()
        self.counts = [
            model.new_int_var(0, min(problem.offers[offer][1], problem.cargoes), "")
            for offer, _, _ in problem.pairs
        ]
        of_offer: list[list[Any]] = [[] for _ in problem.offers]
        for var, (offer, _, _) in zip(self.counts, problem.pairs, strict=True):
            of_offer[offer].append(var)
        self.taken = [
            model.new_int_var(0, most if own else 0, "")
            for own, (_, most, _, _) in zip(of_offer, problem.offers, strict=True)
        ]
        for total, own in zip(self.taken, of_offer, strict=True):
            model.add(total == sum(own))
        model.add(sum(self.counts) == problem.cargoes)
        for pairs, most in problem.groups:
            model.add(sum(self.counts[at] for at in pairs) <= most)
        self.sells = [
            model.new_bool_var("") for _ in range(1 + max([one[2] for one in problem.offers], default=0))
        ]
        self._offers()
        model.add(sum(self.sells) <= problem.suppliers_max)
        if problem.budget_minor >= 0:
            model.add(self.cost <= problem.budget_minor)
        if problem.other_than:
            self._other_than(problem.other_than)

    @property
    def cost(self) -> Any:
        """Give what all cargoes cost."""
        return sum(var * cost for var, (_, _, cost) in zip(self.counts, self.problem.pairs, strict=True))

    def _offers(self) -> None:
        for total, (least, most, supplier, must) in zip(self.taken, self.problem.offers, strict=True):
            used = self.model.new_bool_var("")
            self.model.add(total <= most * used)
            self.model.add(total >= max(1, least) * used)
            self.model.add_implication(used, self.sells[supplier])
            if must:
                self.model.add(used == 1)

    def _other_than(self, taken: Sequence[int]) -> None:
        """Ask for another quantity of one offer at least."""
        differs = []
        for total, count in zip(self.taken, taken, strict=True):
            more, less = self.model.new_bool_var(""), self.model.new_bool_var("")
            self.model.add(total >= count + 1).only_enforce_if(more)
            self.model.add(total <= count - 1).only_enforce_if(less)
            differs += [more, less]
        self.model.add_bool_or(differs)

    def solve(self, least: Any, *, plain: bool = False) -> tuple["cp_model.CpSolver", str]:
        """Look for the least of something; `plain` leaves out the rewriting that small questions do not repay."""
        from ortools.sat.python import cp_model

        if self.work.left <= 0:
            raise TooHard("the work that was allowed is done")
        self.model.minimize(least)
        solver = cp_model.CpSolver()
        solver.parameters.max_deterministic_time = self.work.left
        solver.parameters.max_time_in_seconds = WALL_SECONDS_MOST
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = SEED
        solver.parameters.cp_model_presolve = not plain
        solver.parameters.cp_model_probing_level = 0
        solver.parameters.symmetry_level = 0
        status = solver.status_name(solver.solve(self.model))
        self.work.left -= solver.response_proto.deterministic_time + LEAST_WORK
        return solver, status

    def read(self, solver: "cp_model.CpSolver") -> tuple[int, ...]:
        """Give the cargoes per pair."""
        return tuple(solver.value(var) for var in self.counts)

    def first_of_equals(self, counts: tuple[int, ...], cost: int) -> tuple[int, ...]:
        """Give, of all answers of one cost, the first by suppliers, offers and pairs."""
        self.model.add(self.cost == cost)
        solver, status = self.solve(sum(self.sells))
        self._proved(status)
        counts = self.read(solver)
        self.model.add(sum(self.sells) <= self.problem.suppliers(counts))
        for wanted, read in ((self.taken, self.problem.taken), (self.counts, tuple)):
            counts = self._more_of_the_first(wanted, read, counts)
        return counts

    def _more_of_the_first(self, wanted: list[Any], read: Any, counts: tuple[int, ...]) -> tuple[int, ...]:
        """Let the earliest place that can have more have as much as it can, again and again, and fix all of it."""
        fixed = 0
        while True:
            now = read(counts)
            step = self._first_that_grows(wanted, now, fixed)
            if step is None:
                break
            place, counts = step
            for at in range(fixed, place):
                self.model.add(wanted[at] == now[at])
            solver, status = self.solve(-wanted[place])
            self._proved(status)
            counts = self.read(solver)
            self.model.add(wanted[place] == read(counts)[place])
            fixed = place + 1
        for var, value in zip(wanted, read(counts), strict=True):
            self.model.add(var == value)
        return counts

    def _first_that_grows(
        self, wanted: list[Any], now: Sequence[int], fixed: int
    ) -> tuple[int, tuple[int, ...]] | None:
        """Give the earliest place from `fixed` on that can have more while all before it stay; None: there is none."""
        trial = _Model.__new__(_Model)
        trial.problem, trial.work, trial.model = self.problem, self.work, self.model.clone()
        trial.counts = [trial.model.get_int_var_from_proto_index(var.index) for var in self.counts]
        places = [trial.model.get_int_var_from_proto_index(var.index) for var in wanted]
        grows = [trial.model.new_bool_var("") for _ in range(fixed, len(places))]
        if not grows:
            return None
        trial.model.add_exactly_one(grows)
        later: Any = None
        for at in range(len(places) - 1, fixed - 1, -1):
            trial.model.add(places[at] >= now[at] + 1).only_enforce_if(grows[at - fixed])
            if later is not None:
                trial.model.add(places[at] == now[at]).only_enforce_if(later)
            after = trial.model.new_bool_var("")
            trial.model.add_implication(grows[at - fixed], after)
            if later is not None:
                trial.model.add_implication(later, after)
            later = after
        solver, status = trial.solve(sum(grow * no for no, grow in enumerate(grows)))
        if status == "INFEASIBLE":
            return None
        self._proved(status)
        place = next(no for no, grow in enumerate(grows) if solver.boolean_value(grow))
        return fixed + place, trial.read(solver)

    @staticmethod
    def _proved(status: str) -> None:
        if status != "OPTIMAL":
            raise TooHard(f"ties were not decided: {status}")
