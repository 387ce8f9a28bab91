"""Value units: what a minor unit of each currency is worth, as whole numbers on one scale; exact proportions.

All batches that set currencies against each other count in these units, so that values add up exactly. The
arithmetic on columns is exact: where 64 bits would not do it goes on in Python's integers.
"""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

Column = NDArray[Any]
"""A column of whole numbers: int64, or Python integers (dtype object) where 64 bits would not do."""

SAFE = 2**62
"""Below this a number and its double stay within 64 bits."""
ROUNDS_MAX = 8
"""Digits of a long division on columns; with more of them Python's integers are as quick."""


def value_units(values: Mapping[str, int | Fraction]) -> tuple[dict[str, int], int]:
    """Scale values per minor unit by the least power of ten that makes all of them whole; give it as well.

    A value that is no finite decimal has no such power: ValueError. Whoever makes values out of rates rounds
    them to decimals by a named mode first.

    >>> value_units({"INR": Fraction(3, 100), "RUB": Fraction(1, 25), "CNY": 1})
    ({'CNY': 100, 'INR': 3, 'RUB': 4}, 2)
    """
    exact = {}
    for currency in sorted(values):
        value = values[currency]
        if type(value) is not int and type(value) is not Fraction:
            raise TypeError(f"value of {currency} is no exact number")
        if value <= 0:
            raise ValueError(f"value of {currency} is not above 0")
        exact[currency] = Fraction(value)
    digits = max((_digits(currency, value) for currency, value in exact.items()), default=0)
    return {currency: int(value * 10**digits) for currency, value in exact.items()}, digits


def _digits(currency: str, value: Fraction) -> int:
    rest = value.denominator
    twos = fives = 0
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    if rest != 1:
        raise ValueError(f"value of {currency} is no finite decimal")
    return max(twos, fives)


def column(numbers: list[int]) -> Column:
    """Pack whole numbers >= 0: 64 bits where the largest leaves room, else Python's."""
    return np.array(numbers, dtype=np.int64 if max(numbers, default=0) < SAFE else object)


def total(numbers: Column) -> int:
    """Sum a column exactly (halves of 31 bits, so no sum of a billion rows overflows)."""
    if numbers.dtype == object:
        return sum(numbers.tolist())
    return (int((numbers >> 31).sum()) << 31) + int((numbers & (2**31 - 1)).sum())


def proportion(numbers: Column, times: int, by: int) -> tuple[Column, Column]:
    """Give number x times / by for each, rounded down, and the remainders; exact at any size.

    Numbers and `times` >= 0, `by` > 0. Long division with as many bits a step as leave room.

    >>> [part.tolist() for part in proportion(np.array([10, 20, 5]), 2, 7)]
    [[2, 5, 1], [6, 5, 3]]
    """
    whole, times = divmod(times, by)
    top = int(numbers.max()) if len(numbers) else 0
    bits = 62 - by.bit_length()
    if numbers.dtype != object and by < SAFE and top * (whole + 1) < SAFE:
        if top * times < SAFE:
            product = numbers * times
            share = product // by
            return share + numbers * whole, product - share * by
        if 0 < top.bit_length() <= bits * ROUNDS_MAX:
            share, rest = _long_division(numbers, times, by, bits, -(-top.bit_length() // bits))
            return share + numbers * whole, rest
    product = numbers.astype(object) * times
    share = product // by
    rest = product - share * by
    return _narrow(share + numbers.astype(object) * whole), _narrow(rest)


def _long_division(numbers: Column, times: int, by: int, bits: int, steps: int) -> tuple[Column, Column]:
    """Divide digit by digit: a rest < by, shifted, plus a digit x times < by stays below 2^63."""
    share, rest = np.zeros_like(numbers), np.zeros_like(numbers)
    for step in range(steps - 1, -1, -1):
        digit = (numbers >> (step * bits)) & ((1 << bits) - 1)
        part = (rest << bits) + digit * times
        quotient = part // by
        rest = part - quotient * by
        share = (share << bits) + quotient
    return share, rest


def _narrow(numbers: Column) -> Column:
    """Put Python integers back into 64 bits where all of them fit with room."""
    fits = len(numbers) == 0 or int(numbers.max()) < SAFE
    return numbers.astype(np.int64) if fits else numbers


def deal(sizes: Column, whole: int) -> Column:
    """Split `whole` pro rata to sizes into whole numbers: largest remainder, ties to the earlier row.

    Sizes >= 0, not all 0. Nobody gets more than his share rounded up, so none more than his size while
    `whole` is at most their sum.

    >>> deal(np.array([50, 30, 30]), 100).tolist()
    [46, 27, 27]
    """
    shares, rests = proportion(sizes, whole, total(sizes))
    left = whole - total(shares)
    if left:
        shares = shares.copy()
        shares[np.argsort(-rests, kind="stable")[:left]] += 1
    return shares
