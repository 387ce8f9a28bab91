"""Share a whole number out by weights, so that the parts sum to it exactly.

Everybody gets the whole part of its exact share; what is left goes, one each, to the largest remainders. Equal
remainders: the lower id first.
"""

from collections.abc import Mapping
from fractions import Fraction


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


def settle_sum(exact: Mapping[str, Fraction]) -> dict[str, int]:
    """Round amounts that sum to a whole number so that the rounded ones sum to it too.

    Each is rounded down; the units that are lacking go to the largest fractions, equal ones to the lower id.

    >>> settle_sum({"A": Fraction(5, 2), "B": Fraction(-7, 2), "C": Fraction(1)})
    {'A': 3, 'B': -4, 'C': 1}
    """
    total = sum(exact.values(), Fraction(0))
    if total.denominator != 1:
        raise ValueError("the amounts do not sum to a whole number")
    floors = {one: exact[one].numerator // exact[one].denominator for one in sorted(exact)}
    left = total.numerator - sum(floors.values())
    first = sorted(floors, key=lambda one: (floors[one] - exact[one], one))[:left]
    return {one: floor + (one in first) for one, floor in floors.items()}
