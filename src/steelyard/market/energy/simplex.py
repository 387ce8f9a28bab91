"""Linear programmes in exact numbers: from a basis to what it means, and the simplex method by Bland's rule.

A programme: the least of `costs` x numbers, where the columns' entries x numbers sum to `right` row by row, and each
number lies from 0 to its `most` (None: no end). A basis names a column for each row; every other number is 0 or at
its most. Solvers with floats find bases, and are believed in nothing else: `exactly` computes what a basis means,
and `best` goes on from there as long as it is not the last word. Slow and exact alone, it is the oracle of the tests.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple, Protocol

from steelyard.market.energy.exact import Exact, solved
from steelyard.market.energy.paths import ShortestPaths

Entries = tuple[tuple[int, Exact], ...]
STEPS_MAX = 20_000


class NoProgramme(ValueError):
    """A programme has no answer: nothing meets its rows, or nothing is the least."""


@dataclass(slots=True)
class Lp:
    """A programme, column by column."""

    right: list[Exact]
    columns: list[Entries] = field(default_factory=list)
    costs: list[Exact] = field(default_factory=list)
    most: list[Exact | None] = field(default_factory=list)

    def add(self, entries: Entries, cost: Exact, most: Exact | None = None) -> None:
        """Add a number."""
        self.columns.append(entries)
        self.costs.append(cost)
        self.most.append(most)


class Basis(NamedTuple):
    """`basic`: a column for each row, or from the number of columns on: of a row alone. `top`: at their most."""

    basic: tuple[int, ...]
    top: frozenset[int] = frozenset()


class Solved(NamedTuple):
    """The numbers by column, and the prices by row that prove them."""

    numbers: list[Exact]
    prices: list[Exact]


class LinearSolver(Protocol):
    """Finds the least of a programme."""

    def least(self, lp: Lp) -> Solved:
        """Give an answer and its proof, both exact; `NoProgramme` where there is none."""
        ...


class ExactSolver(ShortestPaths):
    """Solves flows by shortest paths and programmes by the simplex method, both exact: the oracle."""

    def least(self, lp: Lp) -> Solved:
        """Give an answer and its proof; see `LinearSolver`.

        >>> lp = Lp([4])
        >>> lp.add(((0, 1),), 3, 3), lp.add(((0, 2),), 5)
        (None, None)
        >>> [int(one) for one in ExactSolver().least(lp).numbers]
        [0, 2]
        """
        return best(lp, None)


class _Table:
    """A programme with a column of its own for each row, so that any basis has an inverse to begin with."""

    def __init__(self, lp: Lp) -> None:
        self.count = len(lp.columns)
        self.right = lp.right
        signs = [-1 if one < 0 else 1 for one in lp.right]
        self.columns: list[Entries] = [*lp.columns, *(((no, sign),) for no, sign in enumerate(signs))]
        self.costs: list[Exact] = [*lp.costs, *[0] * len(lp.right)]
        self.most: list[Exact | None] = [*lp.most, *[0] * len(lp.right)]

    def numbers(self, basic: Sequence[int], top: set[int]) -> list[Exact] | None:
        """Give the numbers of basic columns, in their order."""
        right = list(self.right)
        for no in sorted(top):
            for row, entry in self.columns[no]:
                right[row] -= entry * (self.most[no] or 0)
        rows: list[dict[int, Exact]] = [{} for _ in right]
        for at, no in enumerate(basic):
            for row, entry in self.columns[no]:
                rows[row][at] = entry
        return solved(rows, right)

    def prices(self, basic: Sequence[int], costs: Sequence[Exact]) -> list[Exact] | None:
        """Give the prices of rows at which basic columns cost just what they bring."""
        return solved([dict(self.columns[no]) for no in basic], [costs[no] for no in basic])

    def reach(self, basic: Sequence[int], no: int) -> list[Exact]:
        """Give how basic numbers change, with the sign turned, for a unit of another column."""
        rows: list[dict[int, Exact]] = [{} for _ in self.right]
        for at, one in enumerate(basic):
            for row, entry in self.columns[one]:
                rows[row][at] = entry
        right: list[Exact] = [0] * len(rows)
        for row, entry in self.columns[no]:
            right[row] = entry
        found = solved(rows, right)
        assert found is not None
        return found

    def reduced(self, no: int, prices: Sequence[Exact], costs: Sequence[Exact]) -> Exact:
        """Give what a column costs above what it brings."""
        return costs[no] - sum(entry * prices[row] for row, entry in self.columns[no])


def best(lp: Lp, basis: Basis | None) -> Solved:
    """Go from a basis, or from none, to the last word."""
    table = _Table(lp)
    start = basis
    if start is not None:
        numbers = table.numbers(start.basic, set(start.top))
        if numbers is None or not _fits(table, start.basic, numbers):
            start = None
    if start is None:
        start = _first(table)
    basic, top = _simplex(table, start, table.costs)
    numbers, prices = table.numbers(basic, top), table.prices(basic, table.costs)
    assert numbers is not None
    assert prices is not None
    every: list[Exact] = [0] * table.count
    for no in top:
        every[no] = table.most[no] or 0
    for no, number in zip(basic, numbers, strict=True):
        if no < table.count:
            every[no] = number
    return Solved(every, prices)


def _fits(table: _Table, basic: Sequence[int], numbers: Sequence[Exact]) -> bool:
    for no, number in zip(basic, numbers, strict=True):
        most = table.most[no]
        if number < 0 or (most is not None and number > most):
            return False
    return True


def _first(table: _Table) -> Basis:
    """Find a basis that fits: let the rows' own columns be anything, at a cost, and look for the least of that."""
    own = range(table.count, len(table.columns))
    for no in own:
        table.most[no] = None
    basic, top = _simplex(table, Basis(tuple(own)), [0] * table.count + [1] * len(own))
    numbers = table.numbers(basic, top)
    assert numbers is not None
    if any(number for no, number in zip(basic, numbers, strict=True) if no >= table.count):
        raise NoProgramme("nothing meets the rows")
    for no in own:
        table.most[no] = 0
    return Basis(tuple(basic), frozenset(top))


def _simplex(table: _Table, basis: Basis, costs: Sequence[Exact]) -> tuple[list[int], set[int]]:
    """Change one column of the basis after the other, by Bland's rule, until nothing costs less."""
    basic, top = list(basis.basic), set(basis.top)
    for _ in range(STEPS_MAX):
        prices = table.prices(basic, costs)
        assert prices is not None
        held = dict.fromkeys(basic)
        enters, rises = -1, True
        for no in range(len(table.columns)):
            if no in held or table.most[no] == 0:
                continue
            gain = table.reduced(no, prices, costs)
            if (gain < 0 and no not in top) or (gain > 0 and no in top):
                enters, rises = no, gain < 0
                break
        if enters < 0:
            return basic, top
        _step(table, basic, top, enters, rises)
    raise NoProgramme("no end within so many steps")


def _step(table: _Table, basic: list[int], top: set[int], enters: int, rises: bool) -> None:
    """Let a column come in as far as it can; the one that stops it leaves, or it goes to its other end."""
    numbers, change = table.numbers(basic, top), table.reach(basic, enters)
    assert numbers is not None
    far, leaves, at_top = table.most[enters], -1, False
    for at, number in enumerate(numbers):
        down = change[at] if rises else -change[at]
        most = table.most[basic[at]]
        if down > 0:
            room: Exact = Fraction(number, down)
        elif down < 0 and most is not None:
            room = Fraction(most - number, -down)
        else:
            continue
        if far is None or room < far or (room == far and leaves >= 0 and basic[at] < basic[leaves]):
            far, leaves, at_top = room, at, down < 0
    if far is None:
        raise NoProgramme("nothing is the least")
    if leaves < 0:
        top.symmetric_difference_update((enters,))
        return
    top.discard(enters)
    if at_top and table.most[basic[leaves]]:
        top.add(basic[leaves])
    basic[leaves] = enters
