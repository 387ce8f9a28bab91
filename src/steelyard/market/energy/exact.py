"""Linear equations with few entries a row, in exact numbers.

Bases of networks are nearly triangular: most rows or columns have one entry left at some point, and are solved
without touching others. What remains is eliminated, the shortest row first.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction

Exact = Fraction | int


def solved(rows: Sequence[Mapping[int, Exact]], right: Sequence[Exact]) -> list[Exact] | None:
    """Give the numbers that meet as many equations: row by row sum(entry x number) = right; None where none or many.

    >>> solved([{0: 2, 1: 1}, {1: 4}], [1, 2])
    [Fraction(1, 4), Fraction(1, 2)]
    """
    left: list[dict[int, Exact]] = [dict(row) for row in rows]
    value = list(right)
    holds: list[set[int]] = [set() for _ in rows]  # read by membership and size alone
    for no, row in enumerate(left):
        for at in row:
            holds[at].add(no)
    order: list[tuple[int, int]] = []
    singles = [no for no, row in enumerate(left) if len(row) == 1]
    lonely = [at for at, held in enumerate(holds) if len(held) == 1]
    open_rows = dict.fromkeys(range(len(left)))
    while open_rows:
        pivot = _single(left, open_rows, singles) or _lonely(holds, open_rows, lonely)
        if pivot is None:
            no = min(open_rows, key=lambda one: (len(left[one]), one))
            if not left[no]:
                return None
            pivot = no, min(left[no], key=lambda at: (len(holds[at]), at))
        _eliminate(left, value, holds, pivot, singles, lonely)
        order.append(pivot)
        del open_rows[pivot[0]]
    found: list[Exact] = [0] * len(left)
    for no, at in reversed(order):
        rest = value[no] - sum(entry * found[other] for other, entry in left[no].items() if other != at)
        found[at] = Fraction(rest, left[no][at])
    return found


def _single(
    left: list[dict[int, Exact]], open_rows: dict[int, None], singles: list[int]
) -> tuple[int, int] | None:
    while singles:
        no = singles.pop()
        if no in open_rows and len(left[no]) == 1:
            return no, next(iter(left[no]))
    return None


def _lonely(holds: list[set[int]], open_rows: dict[int, None], lonely: list[int]) -> tuple[int, int] | None:
    while lonely:
        at = lonely.pop()
        if len(holds[at]) == 1:
            (no,) = holds[at]
            if no in open_rows:
                return no, at
    return None


def _eliminate(
    left: list[dict[int, Exact]],
    value: list[Exact],
    holds: list[set[int]],
    pivot: tuple[int, int],
    singles: list[int],
    lonely: list[int],
) -> None:
    """Take a number out of all other rows that are open; its own row is solved for it at the end."""
    no, at = pivot
    for other in left[no]:
        holds[other].discard(no)
        if len(holds[other]) == 1:
            lonely.append(other)
    for one in sorted(holds[at]):
        row = left[one]
        factor = Fraction(row.pop(at), left[no][at])
        for other, entry in left[no].items():
            if other == at:
                continue
            changed = row.get(other, 0) - factor * entry
            if changed:
                row[other] = changed
                holds[other].add(one)
            elif other in row:
                del row[other]
                holds[other].discard(one)
                if len(holds[other]) == 1:
                    lonely.append(other)
        value[one] -= factor * value[no]
        if len(row) == 1:
            singles.append(one)
    holds[at].clear()
