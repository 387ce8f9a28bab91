"""Share a whole number out by weights, so that the parts sum to it exactly.

Everybody gets the whole part of its exact share; what is left goes, one each, to the largest remainders. Equal
remainders: the lower id first.
"""

from collections.abc import Mapping
from fractions import Fraction
from math import lcm


def share_out(total: int, weights: Mapping[str, int]) -> dict[str, int]:
    """Give each id its part of `total`, by id; weights >= 0, and some weight where there is a total.

    A part is never more than its weight while the total is not more than the sum of weights: an exact share is
    then at most the weight, which is whole.

    >>> share_out(250_000_000, {"A": 180_000_000, "B": 110_000_000, "C": 40_000_000})
    {'A': 136363637, 'B': 83333333, 'C': 30303030}
    """
    if total < 0 or any(weight < 0 for weight in weights.values()):
        raise ValueError("totals and weights are not negative")
    whole = sum(weights.values())
    if not total:
        return dict.fromkeys(sorted(weights), 0)
    if not whole:
        raise ValueError("nobody has a weight to share by")
    parts = {one: divmod(total * weights[one], whole) for one in sorted(weights)}
    left = total - sum(part for part, _ in parts.values())
    first = sorted(parts, key=lambda one: (-parts[one][1], one))[:left]
    return {one: part + (one in first) for one, (part, _) in parts.items()}


def settle_sum(exact: Mapping[str, int | Fraction]) -> dict[str, int]:
    """Round amounts that sum to a whole number so that the rounded ones sum to it too.

    Each is rounded down; the units that are lacking go to the largest fractions, equal ones to the lower id.

    >>> settle_sum({"A": Fraction(5, 2), "B": Fraction(-7, 2), "C": Fraction(1)})
    {'A': 3, 'B': -4, 'C': 1}
    """
    den = lcm(*(one.denominator for one in exact.values()))
    return settle_parts({name: one.numerator * (den // one.denominator) for name, one in exact.items()}, den)


def settle_parts(numbers: Mapping[str, int], den: int) -> dict[str, int]:
    """Do what `settle_sum` does to amounts that are given as so many `den`ths.

    >>> settle_parts({"A": 5, "B": -7, "C": 2}, 2)
    {'A': 3, 'B': -4, 'C': 1}
    """
    whole, rest = divmod(sum(numbers.values()), den)
    if rest:
        raise ValueError("the amounts do not sum to a whole number")
    parts = {name: divmod(numbers[name], den) for name in sorted(numbers)}
    left = whole - sum([floor for floor, _ in parts.values()])
    first = sorted(parts, key=lambda name: (-parts[name][1], name))[:left] if left else ()
    return {name: floor + (name in first) for name, (floor, _) in parts.items()}
