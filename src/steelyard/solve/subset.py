"""Best sets of whole payments by CP-SAT of OR-Tools: one worker, a fixed seed, a fixed amount of work.

A limit by the clock alone would not repeat. There is one still, far above: who passes it gets no answer at all,
so that no answer ever depends on how fast the machine was.
"""

from collections.abc import Sequence
from math import ceil, inf, nextafter
from typing import TYPE_CHECKING, Any

from steelyard.liquidity.solver import Chosen, Subset

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

WALL_SECONDS_MOST = 15
SEED = 1


def best_subset(subset: Subset, hint: Sequence[int], *, seconds: int) -> Chosen | None:
    """Give the best set found and what is proved about it; None where it was too large or took too long.

    `seconds` is deterministic time; `hint` are the rows of a set that settles.
    """
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    taken = [model.new_bool_var("") for _ in subset.payments]
    _Rules(model, subset, taken).add()
    model.maximize(sum(var * row[2] for var, row in zip(taken, subset.payments, strict=True)))
    hinted = set(hint)
    for row, var in enumerate(taken):
        model.add_hint(var, row in hinted)
    solver = cp_model.CpSolver()
    solver.parameters.max_deterministic_time = seconds
    solver.parameters.max_time_in_seconds = WALL_SECONDS_MOST
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = SEED
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None
    if status != cp_model.OPTIMAL and solver.wall_time >= WALL_SECONDS_MOST:
        return None
    rows = tuple(row for row, var in enumerate(taken) if solver.boolean_value(var))
    value = sum(subset.payments[row][2] for row in rows)
    if status == cp_model.OPTIMAL:
        return Chosen(rows, value)
    return Chosen(rows, max(value, ceil(nextafter(solver.best_objective_bound, inf))))


class _Rules:
    """Funds, limits and reservations as constraints."""

    def __init__(self, model: "cp_model.CpModel", subset: Subset, taken: list[Any]) -> None:
        self.model, self.subset, self.taken = model, subset, taken
        self.net: list[list[Any]] = [[] for _ in subset.balances]
        self.out: list[list[tuple[Any, int, int]]] = [[] for _ in subset.balances]
        for var, (payer, payee, amount, priority) in zip(taken, subset.payments, strict=True):
            self.net[payer].append(var * amount)
            self.net[payee].append(var * -amount)
            self.out[payer].append((var, amount, priority))

    def add(self) -> None:
        """Add all of them."""
        for account, balance in enumerate(self.subset.balances):
            if not self.out[account]:
                continue
            rule = self.model.add(sum(self.net[account]) <= balance)
            if balance < 0:
                rule.only_enforce_if(self._pays(account, 0))
        for out, into, most in self.subset.limits:
            ours = sum(self.taken[row] * self.subset.payments[row][2] for row in out)
            theirs = sum(self.taken[row] * self.subset.payments[row][2] for row in into)
            self.model.add(ours - theirs <= most)
        for account, urgent, high in self.subset.kept:
            self._keep(account, urgent, high)

    def _pays(self, account: int, lowest: int) -> Any:
        """Give a truth that must hold where an account pays in class `lowest` or one below it."""
        pays = self.model.new_bool_var("")
        for var, _, priority in self.out[account]:
            if priority >= lowest:
                self.model.add_implication(var, pays)
        return pays

    def _keep(self, account: int, urgent: int, high: int) -> None:
        unused = []
        for level, kept in enumerate((urgent, high)):
            left = self.model.new_int_var(0, kept, "")
            used = sum(var * amount for var, amount, priority in self.out[account] if priority == level)
            self.model.add(left >= kept - used)
            unused.append(left)
        net, balance = sum(self.net[account]), self.subset.balances[account]
        for lowest in (1, 2):
            if any(priority >= lowest for _, _, priority in self.out[account]):
                rule = self.model.add(net + sum(unused[:lowest]) <= balance)
                rule.only_enforce_if(self._pays(account, lowest))
