"""Dividing a whole among many without losing a unit, and where what cannot be divided is booked.

Largest remainder: everyone gets the whole units of its share, what is left goes one by one to the largest
remainders, ties by key. So parts sum to the total, each lies within one unit of its share, and the order of
the input does not matter.
"""

from collections.abc import Sequence

from steelyard.engine.legs import Leg


def split(total: int, weights: Sequence[int], keys: Sequence[str]) -> list[int]:
    """Give each its part of `total` (>= 0), in the order of the input.

    Weights are >= 0 and not all zero; keys are distinct and decide ties, the smaller first.

    >>> split(100, [1, 1, 1], ["a", "b", "c"])
    [34, 33, 33]
    """
    whole = sum(weights)
    if total < 0 or whole <= 0 or min(weights) < 0:
        raise ValueError("a total is split by weights that are not negative and not all zero")
    if len(set(keys)) != len(keys) or len(keys) != len(weights):
        raise ValueError("every weight has a key of its own")
    parts = [total * weight // whole for weight in weights]
    rests = [total * weight % whole for weight in weights]
    by_rest = sorted(range(len(keys)), key=lambda i: (-rests[i], keys[i]))
    for i in by_rest[: total - sum(parts)]:
        parts[i] += 1
    return parts


def residual_leg(paid: int, due: int, *, payer: int, payee: int, residual: int) -> Leg | None:
    """Give the leg that lets two independently fixed amounts of one asset meet, or None where they do.

    `paid` is what the payer's side fixed, `due` what the payee's side did; the payer's leg to the payee is
    the smaller of them. What is over goes from the payer into the residual account, what is missing comes
    out of it to the payee. The account's cap is the engine's to test. Never used in a plain exchange.

    >>> residual_leg(101, 100, payer=1, payee=2, residual=9)
    Leg(source=1, target=9, amount_minor=1, asset_no=0)
    >>> residual_leg(100, 103, payer=1, payee=2, residual=9)
    Leg(source=9, target=2, amount_minor=3, asset_no=0)
    """
    if paid == due:
        return None
    return Leg(payer, residual, paid - due) if paid > due else Leg(residual, payee, due - paid)
