"""Chance without floats: streams of even draws, roots, powers of two and lognormal sizes, all in integers.

The same seed gives the same numbers on every platform and under every version of numpy: a draw is the
splitmix64 mix of a counter, a normal deviate is a centred sum of forty-eight even ones, and a power of two is
a product of exact square roots kept to 31 bits.

Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators" (2014), for the mix.
"""

from hashlib import sha256
from math import isqrt

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Words = NDArray[np.uint64]

GAMMA = 0x9E3779B97F4A7C15
DEVIATES = 48
"""Even 16-bit numbers in one normal deviate: to four sigma its tail is within a tenth of the bell's."""
DEVIATE_VARIANCE = DEVIATES * (2**32 - 1) // 12
"""Variance of such a sum, in squared 16-bit steps."""
ROOT_BITS = 31
LOG2_E = 6196328019
"""log2(e) in 2^-32."""


class Stream:
    """Even 64-bit draws of one name: the n-th draw depends on the name and n alone."""

    def __init__(self, name: str) -> None:
        self._start = int.from_bytes(sha256(name.encode()).digest()[:8], "little")
        self._drawn = 0

    def words(self, count: int) -> Words:
        """Give the next draws, each even over 64 bits."""
        with np.errstate(over="ignore"):
            place = np.arange(self._drawn + 1, self._drawn + count + 1, dtype=np.uint64)
            mixed = place * np.uint64(GAMMA) + np.uint64(self._start)
            mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        self._drawn += count
        return mixed ^ (mixed >> np.uint64(31))

    def below(self, limit: int, count: int) -> Ints:
        """Give draws in [0, limit), limit at most 2^31; uneven by less than one in 2^32."""
        return ((self.words(count) >> np.uint64(32)) * np.uint64(limit) >> np.uint64(32)).astype(np.int64)

    def by_weight(self, weights: list[int], count: int) -> Ints:
        """Give places in a list of weights, each as often as its weight says."""
        edges = np.cumsum(np.array(shares(2**32, weights), dtype=np.int64))
        drawn = (self.words(count) >> np.uint64(32)).astype(np.int64)
        found: Ints = np.searchsorted(edges, drawn, side="right").astype(np.int64)
        return found

    def normal(self, count: int) -> Ints:
        """Give normal deviates in steps of 2^-16."""
        scale = isqrt(2**64 // DEVIATE_VARIANCE)
        out = np.empty(count, dtype=np.int64)
        for first in range(0, count, 65_536):
            some = min(65_536, count - first)
            parts = self.words(some * DEVIATES // 4).astype("<u8").view("<u2").reshape(some, DEVIATES)
            centred = 2 * parts.sum(axis=1, dtype=np.int64) - DEVIATES * 65_535
            out[first : first + some] = centred * scale >> 17
        return out


def lognormal(stream: Stream, count: int, *, sigma_milli: int) -> Ints:
    """Give sizes of median 2^24 whose logarithm has this standard deviation, in thousandths."""
    exponent = stream.normal(count) * sigma_milli // 1000  # natural logarithm, 2^-16
    binary = exponent * (LOG2_E >> 12) >> 20  # base two, 2^-16
    whole, rest = binary >> 16, binary & 0xFFFF
    power = np.full(count, 2**ROOT_BITS - 1, dtype=np.int64)
    for bit, root in enumerate(_roots_of_two()):
        wanted = (rest >> (15 - bit)) & 1 == 1
        power[wanted] = (power[wanted] >> 1) * root >> (ROOT_BITS - 1)
    shift = ROOT_BITS - 24 - whole
    sizes: Ints = np.where(shift >= 0, power >> np.maximum(shift, 0), power << np.maximum(-shift, 0))
    return np.maximum(sizes, 1)


def _roots_of_two() -> list[int]:
    """Give 2^(1/2), 2^(1/4), … sixteen of them, in 2^-31."""
    wide = 2 << 126
    roots = []
    for _ in range(16):
        wide = isqrt(wide << 126)
        roots.append(wide >> (126 - ROOT_BITS))
    return roots


def root(value: int, degree: int) -> int:
    """Give the largest integer whose power of this degree is not above a value.

    >>> root(10**30, 10), root(1023, 10)
    (1000, 1)
    """
    low, high = 0, 1 << (value.bit_length() // degree + 1)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if middle**degree <= value else (low, middle - 1)
    return low


def shares(total: int, weights: list[int]) -> list[int]:
    """Split a count by weights, largest remainder first, ties by place.

    >>> shares(10, [1, 1, 1])
    [4, 3, 3]
    """
    whole = sum(weights)
    parts = [total * weight // whole for weight in weights]
    by_rest = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
    for i in by_rest[: total - sum(parts)]:
        parts[i] += 1
    return parts
