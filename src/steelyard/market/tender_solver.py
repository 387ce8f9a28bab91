"""Who solves a tender's problem: the protocol, a greedy maker and an exact one, both plain Python.

`solve/tender.py` has a third by CP-SAT, which production takes. What any of them says is checked by `award.check`.
"""

from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple, Protocol

from steelyard.market.tender_problem import Problem

STEPS_MAX = 300_000


class Found(NamedTuple):
    """An answer: cargoes per pair, their cost, the least that any answer can cost, whether that is proved."""

    counts: tuple[int, ...]
    cost_minor: int
    bound_minor: int
    proved: bool


class TooHard(Exception):
    """Neither an answer nor a proof that there is none came out of the work that was allowed."""


class TenderSolver(Protocol):
    """Solves a problem."""

    def least(self, problem: Problem, *, ties: bool = True) -> Found | None:
        """Give the answer of lowest rank, or None where none keeps every rule; raises TooHard.

        Without `ties` any answer of least cost will do.
        """
        ...


class Greedy:
    """Takes the cheapest cargo that still fits, again and again; an offer's least quantity at one go.

    It proves nothing, and may find nothing where there is something: it is what a node does whose solver is dead.
    """

    def least(self, problem: Problem, *, ties: bool = True) -> Found | None:
        """Give what greed finds; its bound is that of every cargo at the cheapest price there is."""
        counts = [0] * len(problem.pairs)
        left = problem.cargoes
        while left:
            best = min(
                (step for step in self._steps(problem, counts) if sum(step.values()) <= left),
                key=lambda step: (
                    Fraction(sum(problem.pairs[at][2] * n for at, n in step.items()), sum(step.values())),
                    min(step),
                ),
                default=None,
            )
            if best is None:
                raise TooHard("greed found nothing")
            for at, count in best.items():
                counts[at] += count
            left -= sum(best.values())
        if not problem.allows(counts):
            raise TooHard("greed found nothing")
        return Found(tuple(counts), problem.cost(counts), _floor(problem), False)

    def _steps(self, problem: Problem, counts: list[int]) -> Iterator[dict[int, int]]:
        """Give for each offer what may be taken next: its least quantity, then cargo by cargo."""
        taken = problem.taken(counts)
        sells = {problem.offers[no][2] for no, count in enumerate(taken) if count}
        room = [most - sum(counts[at] for at in pairs) for pairs, most in problem.groups]
        groups_of: list[list[int]] = [[] for _ in counts]
        for no, (pairs, _) in enumerate(problem.groups):
            for at in pairs:
                groups_of[at].append(no)
        pairs_of: list[list[int]] = [[] for _ in problem.offers]
        for at in sorted(range(len(counts)), key=lambda at: (problem.pairs[at][2], at)):
            pairs_of[problem.pairs[at][0]].append(at)
        for no, (least, most, supplier, _) in enumerate(problem.offers):
            wanted = 1 if taken[no] else max(1, least)
            if taken[no] + wanted > most or len(sells | {supplier}) > problem.suppliers_max:
                continue
            step: dict[int, int] = {}
            used = dict.fromkeys(range(len(room)), 0)
            for at in pairs_of[no]:
                free = min([room[group] - used[group] for group in groups_of[at]], default=wanted)
                count = min(free, wanted - sum(step.values()))
                if count > 0:
                    step[at] = count
                    for group in groups_of[at]:
                        used[group] += count
            if sum(step.values()) == wanted:
                yield step


class BranchAndBound:
    """Tries every answer but those that a bound rules out. Exact, for some dozens of pairs; the oracle of tests.

    The bound of what is left: every cargo at its offer's cheapest pair, no rule kept but the offers' most.
    """

    def __init__(self, steps_max: int = STEPS_MAX) -> None:
        self.steps_max = steps_max

    def least(self, problem: Problem, *, ties: bool = True) -> Found | None:
        """Give the best answer; what was not looked at when the work is over leaves it unproved."""
        search = _Search(problem, ties, self.steps_max)
        finished = search.run()
        if search.best is None:
            if finished:
                return None
            raise TooHard(f"nothing found in {self.steps_max} steps")
        cost = problem.cost(search.best)
        return Found(search.best, cost, cost if finished else _floor(problem), finished)


class _Search:
    """One run: offers one after the other, the cheaper first; in each its pairs, from much to little."""

    def __init__(self, problem: Problem, ties: bool, steps: int) -> None:
        self.problem, self.ties, self.steps = problem, ties, steps
        self.best: tuple[int, ...] | None = None
        self.cost: int | None = None
        cheapest = [
            min((cost for no, _, cost in problem.pairs if no == offer), default=0)
            for offer in range(len(problem.offers))
        ]
        order = sorted(range(len(problem.pairs)), key=lambda at: (cheapest[problem.pairs[at][0]],
                       problem.pairs[at][0], problem.pairs[at][2], at))  # fmt: skip
        self.order = order
        self.room = [most for _, most in problem.groups]
        self.groups_of = [
            [no for no, (pairs, _) in enumerate(problem.groups) if at in pairs]
            for at in range(len(problem.pairs))
        ]
        self.floors = [self._floors(order[place:]) for place in range(len(order) + 1)]
        self.counts = [0] * len(problem.pairs)
        self.taken = [0] * len(problem.offers)

    def run(self) -> bool:
        """Search; tell whether all was looked at."""
        self._go(0, self.problem.cargoes, 0)
        return self.steps > 0

    def _floors(self, pairs: list[int]) -> list[int | None]:
        """Give, for every number of cargoes, what they cost at least from some pairs; None: there are not so many."""
        cheapest: dict[int, int] = {}
        for at in pairs:
            offer, _, cost = self.problem.pairs[at]
            cheapest[offer] = min(cost, cheapest.get(offer, cost))
        floors: list[int | None] = [0]
        for offer in sorted(cheapest, key=lambda one: cheapest[one]):
            for _ in range(self.problem.offers[offer][1]):
                if len(floors) > self.problem.cargoes:
                    break
                floors.append((floors[-1] or 0) + cheapest[offer])
        return floors + [None] * (self.problem.cargoes + 1 - len(floors))

    def _go(self, place: int, left: int, cost: int) -> None:
        self.steps -= 1
        if self.steps <= 0:
            return
        floor = self.floors[place][left]
        if floor is None:
            return
        if self.cost is not None and (
            cost + floor > self.cost or (not self.ties and cost + floor == self.cost)
        ):
            return
        if place == len(self.order):
            self._keep(cost)
            return
        at = self.order[place]
        offer, _, price = self.problem.pairs[at]
        least, most, _, _ = self.problem.offers[offer]
        last = place + 1 == len(self.order) or self.problem.pairs[self.order[place + 1]][0] != offer
        room = min([left, most - self.taken[offer], *(self.room[no] for no in self.groups_of[at])])
        for count in range(room, -1, -1):
            total = self.taken[offer] + count
            if not (last and 0 < total < least):
                self._take(at, offer, count)
                self._go(place + 1, left - count, cost + count * price)
                self._take(at, offer, -count)

    def _take(self, at: int, offer: int, count: int) -> None:
        self.counts[at] += count
        self.taken[offer] += count
        for no in self.groups_of[at]:
            self.room[no] -= count

    def _keep(self, cost: int) -> None:
        if self.problem.allows(self.counts):
            found = tuple(self.counts)
            if self.best is None or self.problem.rank(found) < self.problem.rank(self.best):
                self.best, self.cost = found, cost


def _floor(problem: Problem) -> int:
    """Give what no answer can cost less than."""
    return min((cost for _, _, cost in problem.pairs), default=0) * problem.cargoes
