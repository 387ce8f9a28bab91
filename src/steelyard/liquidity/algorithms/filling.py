"""Which payments a flow settles: inside a pair oldest first, then in the order of the queue, the last in part.

A part is none below the payment's floor, and none that leaves less than that. What may not be split, or is too
small for two parts of its floor, is indivisible.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from steelyard.liquidity.ordered import fields, ints
from steelyard.liquidity.queue import Queued
from steelyard.liquidity.solver import MOST, Ints

AGED_BASE, AGE_MOST = 1 << 20, 1023


@dataclass(frozen=True, slots=True)
class Columns:
    """What is open of payments, in columns, in the order of the queue.

    `kind` is (payer x accounts + payee) x 3 + priority. A part is at least `least`, and `floor` is the least that
    it leaves open, if anything.
    """

    payer: Ints
    payee: Ints
    kind: Ints
    amount: Ints
    least: Ints
    floor: Ints
    weight: Ints
    divisible: Ints

    @classmethod
    def of(
        cls,
        ordered: Sequence[Queued],
        number: Mapping[str, int],
        settled: Mapping[str, int],
        *,
        whole: bool,
        ranked: bool,
    ) -> "Columns":
        """Read payments, in order already, less what is settled of them.

        `whole`: none may be split. `ranked`: a unit of a higher class is worth 16 of the next.
        """
        count = len(ordered)
        of = fields(ordered, number)
        payer, payee, amount, priority = map(ints, (of.payers, of.payees, of.amounts, of.priorities))
        floor = np.maximum(_up_to(of.floors, MOST), 1)
        age = _up_to(of.ages, AGE_MOST)
        base = AGED_BASE << 4 * (2 - priority) if ranked else np.full(count, AGED_BASE, np.int64)
        done = np.zeros(count, np.int64)
        if settled:
            done = ints([settled.get(id, 0) for id in of.ids])
            amount = amount - done
        least = np.where(done > 0, 1, floor)
        divisible = np.zeros(count, bool)
        if not whole:
            divisible |= np.fromiter(of.may_split, bool, count)
            divisible &= (amount - floor >= least) | (done > 0)
        kind = (payer * len(number) + payee) * 3 + priority
        return cls(payer, payee, kind, amount, least, floor, base + age, divisible)

    def take(self, chosen: Ints) -> "Columns":
        """Give some of them, in the order named."""
        return Columns(*(getattr(self, name)[chosen] for name in Columns.__slots__))


def _up_to(values: Sequence[int], most: int) -> Ints:
    """Give a column in which nothing is above a bound; what comes in may be of any size."""
    if max(values, default=0) > most:
        values = [min(value, most) for value in values]
    return ints(values)


def pour(columns: Columns, kinds: Ints, flows: Ints) -> Ints:
    """Give what each payment gets when `flows` units pass each of `kinds`, as if all could be split anywhere."""
    by = np.lexsort((np.arange(len(columns.kind)), -columns.weight, columns.kind))
    kind, amount = columns.kind[by], columns.amount[by]
    before = np.cumsum(amount) - amount
    before -= before[np.searchsorted(kind, kind)]
    got = np.zeros(len(amount), np.int64)
    got[by] = np.minimum(np.maximum(flows[np.searchsorted(kinds, kind)] - before, 0), amount)
    return got


def fill(columns: Columns, kinds: Ints, flows: Ints) -> tuple[Ints, bool]:
    """Give what settles of each payment, all of which may be split; and whether a floor cut any."""
    wanted = pour(columns, kinds, flows)
    part, rest = wanted.copy(), columns.amount - wanted
    too_much = (rest > 0) & (rest < columns.floor)
    part[too_much] = (columns.amount - columns.floor)[too_much]
    part[(rest > 0) & (part < columns.least)] = 0
    return part, not np.array_equal(part, wanted)
