"""What many legs move in sum, from one account to another or out of and into each: exact, each once."""

from collections.abc import Sequence
from operator import attrgetter
from typing import Any

import numpy as np
import numpy.typing as npt

HALF = 30
"""Bits of the lower half of an amount: sums of 100,000 halves stay far inside 64 bits."""
Ints = npt.NDArray[np.int64]


def field(items: Sequence[Any], name: str) -> Ints:
    """Give a whole number of each item as a column."""
    return np.fromiter(map(attrgetter(name), items), np.int64, len(items))


def numbers(values: Sequence[int]) -> Ints:
    """Give whole numbers as a column."""
    return np.fromiter(values, np.int64, len(values))


def pair_sums(payers: Ints, payees: Ints, minors: Ints) -> list[tuple[int, int, int]]:
    """Give (payer, payee, sum) of each pair, ascending. Accounts are below 2^31, amounts from 0 below 2^63.

    >>> pair_sums(*map(numbers, ([2, 1, 2], [3, 2, 3], [2**62, 5, 2**62])))
    [(1, 2, 5), (2, 3, 9223372036854775808)]
    """
    if not len(payers):
        return []
    key = payers << 31 | payees
    order = np.argsort(key)
    ordered, amounts = key[order], minors[order]
    starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    lows = np.add.reduceat(amounts & (1 << HALF) - 1, starts).tolist()
    highs = np.add.reduceat(amounts >> HALF, starts).tolist()
    return [
        (pair >> 31, pair & (1 << 31) - 1, (high << HALF) + low)
        for pair, low, high in zip(ordered[starts].tolist(), lows, highs, strict=True)
    ]


def totals(places: Ints, amounts: Ints, size: int) -> list[int]:
    """Give the sum of the amounts at each place below `size`.

    >>> totals(*map(numbers, ([2, 0, 2], [2**62, 5, 2**62])), 3)
    [5, 0, 9223372036854775808]
    """
    halves = np.zeros((2, size), np.int64)
    np.add.at(halves[0], places, amounts & (1 << HALF) - 1)
    np.add.at(halves[1], places, amounts >> HALF)
    return [(high << HALF) + low for low, high in zip(*halves.tolist(), strict=True)]
