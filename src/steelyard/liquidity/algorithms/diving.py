"""Diving: which whole payments settle, decided largest first in chunks, a flow between any two.

A payment that is covered by what is left of its pair's flow is fixed in, any other is set aside. What is fixed
moves into balances and rooms; what is set aside may still be asked for help, at a reward of -20 a unit against +1
for what is undecided (where classes are mixed 1, 16, 256 from the lowest on, and -20 times the most). So the flow
before is a flow after, and none of them is without a solution.

Higher classes first, and in each small chunks first (8, each a quarter larger): the largest payments decide what
the rest can do. What no account could pay even if all came in that is due to it is set aside before the first
flow, so that no flow counts on it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from steelyard.liquidity.algorithms.filling import Columns
from steelyard.liquidity.algorithms.layout import Layout
from steelyard.liquidity.algorithms.network import Rooms
from steelyard.liquidity.solver import FlowSolver, Ints

CHUNK = 8
SET_ASIDE = -20
SIEVES = 8
CLASS_WORTH = 16


@dataclass(frozen=True, slots=True)
class Dive:
    """Which payments are fixed in (one truth per payment), and what else flows per kind.

    `help` is what each account would have to get, beyond all that, of payments set aside.
    """

    fixed: Ints
    flow: Ints
    help: Ints


def dive(
    accounts: tuple[str, ...],
    columns: Columns,
    kinds: Ints,
    *,
    usable: Ints,
    rooms: Rooms,
    solver: FlowSolver,
) -> Dive:
    """Decide about the payments that may not be split.

    `usable` is what each account may lose, below 0 where it has to gain; `kinds` are those of the columns. Raises
    NoFlow where an account cannot gain what it has to.
    """
    return _Dive(accounts, columns, kinds, usable, rooms, solver).run()


class _Dive:
    def __init__(
        self,
        accounts: tuple[str, ...],
        columns: Columns,
        kinds: Ints,
        usable: Ints,
        rooms: Rooms,
        solver: FlowSolver,
    ) -> None:
        self.columns, self.usable, self.rooms, self.solver = columns, usable.copy(), rooms, solver
        pairs, priority = np.divmod(kinds, 3)
        classes = np.unique(priority)
        rewards = tuple(CLASS_WORTH ** (int(classes[-1]) - one) for one in classes.tolist()) or (1,)
        level = np.searchsorted(classes, priority)
        combos = (
            np.repeat(np.arange(len(kinds)), 2),
            np.column_stack((level, np.full(len(kinds), len(rewards)))).ravel(),
        )
        self.layout = Layout(
            accounts,
            pairs=pairs,
            normal=priority == 2,
            rewards=(*rewards, SET_ASIDE * rewards[0]),
            combos=combos,
            rooms=rooms,
        )
        self.place = np.searchsorted(kinds, columns.kind)
        self.heads = pairs % len(accounts)
        self.amounts = np.zeros(2 * len(kinds), np.int64)
        np.add.at(self.amounts, 2 * self.place, columns.amount)

    def run(self) -> Dive:
        """Decide chunk after chunk."""
        columns = self.columns
        whole = self._sieve(np.flatnonzero(~columns.divisible))
        by_size = np.lexsort((-columns.amount[whole], columns.kind[whole] % 3))
        fixed = np.zeros(len(columns.amount), bool)
        flow, aside = self._flow()
        for chunk in self._chunks(whole[by_size]):
            taken = self._take(chunk, flow)
            fixed[chunk] = taken
            self._settle(chunk[taken])
            self._remove(chunk, ~taken)
            flow, aside = self._flow()
        helped = np.zeros_like(self.usable)
        np.add.at(helped, self.heads, aside)
        return Dive(fixed, flow, helped)

    def _chunks(self, whole: Ints) -> Iterator[Ints]:
        """Cut what is to be decided into chunks; with each class the small ones begin anew."""
        priority = self.columns.kind[whole] % 3
        for level in range(3):
            mine = whole[priority == level]
            size, start = CHUNK, 0
            while start < len(mine):
                yield mine[start : start + size]
                start += size
                size = size * 5 // 4

    def _sieve(self, whole: Ints) -> Ints:
        """Set aside what its payer could not pay even with all that could come in; give the rest."""
        columns = self.columns
        may = np.ones(len(columns.amount), bool)
        for _ in range(SIEVES):
            most = self.usable.copy()
            np.add.at(most, columns.payee[may], columns.amount[may])
            beyond = columns.amount[whole] > most[columns.payer[whole]]
            if not beyond.any():
                break
            may[whole[beyond]] = False
            self._remove(whole[beyond], np.ones(int(beyond.sum()), bool))
            whole = whole[~beyond]
        return whole

    def _flow(self) -> tuple[Ints, Ints]:
        """Give what flows of the undecided payments, and of those set aside, per kind."""
        network = self.layout.network(
            self.amounts,
            funds=np.maximum(self.usable, 0),
            needs=np.maximum(-self.usable, 0),
            rooms=self.rooms,
        )
        settled = self.layout.amounts_of(network, network.solve(self.solver), self.amounts)
        return settled[::2], settled[1::2]

    def _take(self, chunk: Ints, flow: Ints) -> Ints:
        """Tell which of a chunk are covered by the flow of their kind, larger ones first."""
        places = self.place[chunk].tolist()
        left = {place: int(flow[place]) for place in places}
        taken = []
        for place, amount in zip(places, self.columns.amount[chunk].tolist(), strict=True):
            covered = amount <= left[place]
            if covered:
                left[place] -= amount
            taken.append(covered)
        return np.asarray(taken, bool)

    def _settle(self, chosen: Ints) -> None:
        columns = self.columns
        payer, payee, amount = columns.payer[chosen], columns.payee[chosen], columns.amount[chosen]
        np.subtract.at(self.usable, payer, amount)
        np.add.at(self.usable, payee, amount)
        if self.rooms:
            normal = columns.kind[chosen] % 3 == 2
            moved = (column[normal].tolist() for column in (payer, payee, amount))
            self.rooms = self.rooms.less(zip(*moved, strict=True))

    def _remove(self, chunk: Ints, aside: Ints) -> None:
        """Take a chunk out of what is undecided, and what is set aside into its level."""
        amount, place = self.columns.amount[chunk], self.place[chunk]
        np.subtract.at(self.amounts, 2 * place, amount)
        np.add.at(self.amounts, 2 * place[aside] + 1, amount[aside])
