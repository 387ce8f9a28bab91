"""A5: the best set of whole payments. Exact search where the queue is small, diving elsewhere.

Up to a thousand payments go to a search with a fixed amount of work (`SubsetSolver`), which says how far from the
best its answer can be at most. What is found is kept only if it is worth more than the greedy set, and gives way
to the ordered set (A3) where that settles more of what is urgent.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from steelyard.liquidity.algorithms.flow import too_large
from steelyard.liquidity.algorithms.greedy import drop_and_add_back
from steelyard.liquidity.algorithms.multilateral import ordered_set
from steelyard.liquidity.algorithms.plan import plan_whole
from steelyard.liquidity.queue import Queued, Room
from steelyard.liquidity.selection import Limits, Reserved, Selection, check_all, in_order, selection
from steelyard.liquidity.solver import FlowSolver, Subset, SubsetSolver

SEARCHED_MOST = 1000


@dataclass(frozen=True, slots=True)
class BestSet:
    """A set, how it was found, and what no set of whole payments can pass (None where nobody proved it)."""

    selection: Selection
    algorithm: str
    bound_minor: int | None


def best_whole_set(
    balances: Mapping[str, int],
    payments: Iterable[Queued],
    *,
    solver: FlowSolver,
    seconds: int = 5,
    limits: Iterable[Room] = (),
    reserved: Reserved | None = None,
) -> Selection:
    """Give the best set of whole payments found; `seconds` are of deterministic time, an amount of work."""
    return search_whole_set(
        balances, payments, solver=solver, seconds=seconds, limits=limits, reserved=reserved
    ).selection


def search_whole_set(
    balances: Mapping[str, int],
    payments: Iterable[Queued],
    *,
    solver: FlowSolver,
    seconds: int = 5,
    limits: Iterable[Room] = (),
    reserved: Reserved | None = None,
) -> BestSet:
    """Give the best set found, and what was proved about it.

    >>> from steelyard.liquidity.algorithms.successive import SuccessivePaths
    >>> pay = Queued("1", "A", "B", 70, seq=1), Queued("2", "A", "B", 60, seq=2), Queued("3", "A", "B", 40, seq=3)
    >>> search_whole_set({"A": 100, "B": 0}, pay, solver=SuccessivePaths()).algorithm
    'A4'
    """
    queue, limits = list(payments), tuple(limits)
    check_all(balances, queue, limits, reserved)
    ordered = in_order(queue)
    greedy = drop_and_add_back(balances, ordered, None, limits=limits, reserved=reserved)
    found, algorithm, bound = greedy, "A6", None
    if not too_large(balances.values(), (one.amount_minor for one in ordered)):
        best = _search(balances, ordered, limits, reserved or {}, greedy, solver, seconds)
        algorithm = "A4" if best is None else "A5"
        found, bound = best or (_dive(balances, ordered, limits, reserved, solver), None)
    if sum(found.values()) < sum(greedy.values()):
        found, algorithm = greedy, "A6"
    by_order = ordered_set(balances, ordered, limits=limits, reserved=reserved)
    urgent = sum(one.amount_minor for one in ordered if one.priority == 0 and one.id in found)
    if urgent < sum(one.amount_minor for one in by_order if one.priority == 0):
        return BestSet(selection(balances, by_order), "A3", bound)
    chosen = selection(balances, (one for one in ordered if one.id in found))
    return BestSet(chosen, algorithm, bound)


def _dive(
    balances: Mapping[str, int],
    ordered: Sequence[Queued],
    limits: tuple[Room, ...],
    reserved: Reserved | None,
    solver: FlowSolver,
) -> dict[str, int]:
    return plan_whole(balances, ordered, solver=solver, limits=limits, reserved=reserved).parts


def _search(
    balances: Mapping[str, int],
    ordered: Sequence[Queued],
    limits: tuple[Room, ...],
    reserved: Reserved,
    start: Mapping[str, int],
    solver: FlowSolver,
    seconds: int,
) -> tuple[dict[str, int], int] | None:
    """Search, where the solver can and the queue is small enough: the set and its bound."""
    if len(ordered) > SEARCHED_MOST or not isinstance(solver, SubsetSolver):
        return None
    names = sorted(balances)
    number = {name: place for place, name in enumerate(names)}
    groups = Limits(limits)
    out: list[list[int]] = [[] for _ in groups.rooms]
    into: list[list[int]] = [[] for _ in groups.rooms]
    for row, one in enumerate(ordered):
        if one.priority == 2:
            for rows, group in (
                (out, groups.group(one.payer, one.payee)),
                (into, groups.group(one.payee, one.payer)),
            ):
                if group >= 0:
                    rows[group].append(row)
    subset = Subset(
        balances=tuple(balances[name] for name in names),
        payments=tuple(
            (number[one.payer], number[one.payee], one.amount_minor, one.priority) for one in ordered
        ),
        limits=tuple(
            (tuple(ours), tuple(theirs), room)
            for ours, theirs, room in zip(out, into, groups.rooms, strict=True)
        ),
        kept=tuple((number[name], *reserved[name]) for name in sorted(reserved)),
    )
    hint = [row for row, one in enumerate(ordered) if one.id in start]
    chosen = solver.best_subset(subset, hint, seconds=seconds)
    if chosen is None:
        return None
    best = [ordered[row] for row in chosen.rows]
    return {one.id: one.amount_minor for one in best}, chosen.bound_minor
