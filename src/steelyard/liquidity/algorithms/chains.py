"""Pairs under a bilateral limit in a network of payments: chains of arcs in their net flow."""

import numpy as np

from steelyard.liquidity.algorithms.network import Rooms
from steelyard.liquidity.solver import MOST, Ints, NoFlow


class Chains:
    """Pairs under a bilateral limit, as chains of arcs in their net flow d (payer of lower number to higher).

    With rewards r of what either side may settle, the value as a function of d is what the pieces
    {+r for there, -r for back} give, steepest first from d = -(all of back): the best way to split d.
    """

    def __init__(
        self,
        pairs: Ints,
        limited: Ints,
        count: int,
        rooms: Rooms,
        combos: tuple[Ints, Ints],
        rewards: tuple[int, ...],
    ) -> None:
        meet = {(min(key), max(key)) for key in rooms.pairs}
        payer, payee = np.divmod(pairs, count)
        low, high = np.minimum(payer, payee), np.maximum(payer, payee)
        named = np.asarray(sorted(one * count + two for one, two in meet), np.int64)
        joint = low * count + high
        self.holds = np.isin(joint, named) & limited
        self._joint = np.unique(joint[self.holds])
        self.ends = np.divmod(self._joint, count)
        pieces = [(reward, 0, level) for level, reward in enumerate(rewards)]
        pieces += [(-reward, 1, level) for level, reward in enumerate(rewards)]
        pieces.sort(key=lambda piece: -piece[0])
        self.slopes = np.asarray([piece[0] for piece in pieces], np.int64)
        self._side = [piece[1] * len(rewards) + piece[2] for piece in pieces]
        self._rewards = rewards
        self._mine = np.flatnonzero(self.holds[combos[0]])
        which, level = combos[0][self._mine], combos[1][self._mine]
        back = (payer > payee)[which]
        self._row = back * len(rewards) + level
        self._column = np.searchsorted(self._joint, joint[which])

    def _pieces(self, amounts: Ints) -> tuple[Ints, Ints, Ints]:
        """Give the length of each piece (rows, steepest first) of each pair (columns), its start and its end."""
        table = np.zeros((2 * len(self._rewards), len(self._joint)), np.int64)
        table[self._row, self._column] = amounts[self._mine]
        length = table[self._side]
        end = np.cumsum(length, axis=0) - table[len(self._rewards) :].sum(axis=0)
        return length, end - length, end

    def fill(self, amounts: Ints, rooms: Rooms, lower: Ints, capacity: Ints) -> int:
        """Write bounds of the chains, there before back, and give what they earn at d = 0."""
        if not len(self._joint):
            return 0
        length, start, end = self._pieces(amounts)
        ends = list(zip(self.ends[0].tolist(), self.ends[1].tolist(), strict=True))
        there = np.asarray([rooms.pairs.get(pair, MOST) for pair in ends], np.int64)
        back = np.asarray([rooms.pairs.get(pair[::-1], MOST) for pair in ends], np.int64)
        most, least = np.minimum(end[-1], there), np.maximum(start[0], -back)
        if np.any(least > most):
            raise NoFlow("two limits of a pair contradict what is settled")
        half = length.size

        def cut(starts: Ints, ends: Ints, at: Ints) -> Ints:
            top = np.maximum(at, 0)
            return np.ravel(np.minimum(np.maximum(ends, 0), top) - np.minimum(np.maximum(starts, 0), top))

        capacity[:half], lower[:half] = cut(start, end, most), cut(start, end, least)
        capacity[half:], lower[half:] = cut(-end, -start, -least), cut(-end, -start, -most)
        earned = 0
        before = np.minimum(np.maximum(-start, 0), length)
        for row, slope in enumerate(self.slopes.tolist()):
            earned += slope * int(before[row].sum())
            if self._side[row] >= len(self._rewards):
                earned -= slope * int(length[row].sum())
        return earned

    def read(self, amounts: Ints, there: Ints, back: Ints, settled: Ints) -> None:
        """Write what each combo under a bilateral limit settles, from the flows of the chains."""
        if not len(self._joint):
            return
        length, start, _ = self._pieces(amounts)
        net = (there - back).reshape(length.shape).sum(axis=0)
        gone = np.minimum(np.maximum(net - start, 0), length)
        table = np.zeros_like(length)
        for row, side in enumerate(self._side):
            table[side] = gone[row] if side < len(self._rewards) else length[row] - gone[row]
        settled[self._mine] = table[self._row, self._column]
