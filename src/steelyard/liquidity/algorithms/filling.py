"""Which payments a flow settles: inside a pair oldest first, then in the order of the queue, the last in part.

A part is none below the payment's floor, and none that leaves less than that. What may not be split, or is too
small for two parts of its floor, is indivisible.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from steelyard.liquidity.queue import Queued
from steelyard.liquidity.solver import Ints

AGED_BASE, AGE_MOST = 1 << 20, 1023


@dataclass(frozen=True, slots=True)
class Columns:
    """Payments of one class in columns, in the order of the queue; `pair` is payer x accounts + payee."""

    payer: Ints
    payee: Ints
    pair: Ints
    amount: Ints
    floor: Ints
    weight: Ints
    divisible: Ints

    @classmethod
    def of(cls, ordered: Sequence[Queued], number: dict[str, int], *, whole: bool) -> "Columns":
        """Read payments, in order already; `whole`: none may be split."""
        count = len(ordered)
        payer = np.fromiter((number[one.payer] for one in ordered), np.int64, count)
        payee = np.fromiter((number[one.payee] for one in ordered), np.int64, count)
        amount = np.fromiter((one.amount_minor for one in ordered), np.int64, count)
        floor = np.fromiter((max(1, one.floor_minor) for one in ordered), np.int64, count)
        age = np.fromiter((one.age_cycles for one in ordered), np.int64, count)
        weight = AGED_BASE + np.minimum(age, AGE_MOST)
        if whole:
            divisible = np.zeros(count, bool)
        else:
            divisible = np.fromiter((one.may_split for one in ordered), bool, count)
            divisible &= (amount > 1) & (amount - floor >= floor)
        return cls(payer, payee, payer * len(number) + payee, amount, floor, weight, divisible)

    def take(self, chosen: Ints) -> "Columns":
        """Give some of them, in the order named."""
        return Columns(
            self.payer[chosen],
            self.payee[chosen],
            self.pair[chosen],
            self.amount[chosen],
            self.floor[chosen],
            self.weight[chosen],
            self.divisible[chosen],
        )


def fill(columns: Columns, pairs: Ints, flows: Ints) -> tuple[Ints, bool]:
    """Give what settles of each payment when `flows` units pass each of `pairs`; and whether a floor cut any.

    All of these payments may be split.
    """
    by = np.lexsort((np.arange(len(columns.pair)), -columns.weight, columns.pair))
    sorted_columns = columns.take(by)
    amount = sorted_columns.amount
    before = np.cumsum(amount) - amount
    place = np.searchsorted(sorted_columns.pair, sorted_columns.pair)
    before -= before[place]
    flow = flows[np.searchsorted(pairs, sorted_columns.pair)]
    wanted = np.minimum(np.maximum(flow - before, 0), amount)
    part, rest = wanted.copy(), amount - wanted
    partial = rest > 0
    too_much = partial & (rest < sorted_columns.floor)
    part[too_much] = (amount - sorted_columns.floor)[too_much]
    part[partial & (part < sorted_columns.floor)] = 0
    settled = np.zeros(len(amount), np.int64)
    settled[by] = part
    return settled, not np.array_equal(part, wanted)
