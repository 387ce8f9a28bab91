"""The default fund: how large it must be, and who brings what of it.

It covers the two members (with all of their group) that would lose most beyond their margin in the worst scenario of
stress: cover-2, worked out anew each month. Shares follow the average margin of the month, at least a smallest share
each. A fund is of one currency, that of the contracts it stands behind; a house that clears in several has one each,
so that what a loss is paid from is in the currency of the loss.
"""

from collections.abc import Mapping, Sequence

from steelyard.market.clearing.shares import share_out

COVERED = 2


def beyond_margin(loss: int, margin: int) -> int:
    """Give what a stressed loss takes beyond a margin."""
    return max(0, loss - margin)


def cover_two(
    scenarios: Sequence[Mapping[str, int]], margins: Mapping[str, int], groups: Mapping[str, str]
) -> int:
    """Give the largest sum that two groups of members together lose beyond their margins in any one scenario.

    `scenarios` are losses by member (below zero: gains). Members of a group fail together, but one's gain pays no
    other's loss.

    >>> cover_two([{"A": 90, "B": 70, "C": 60}], {"A": 50, "B": 50, "C": 50}, {"A": "g", "B": "h", "C": "g"})
    70
    """
    worst = 0
    for losses in scenarios:
        by_group: dict[str, int] = {}
        for member in sorted(losses):
            group = groups.get(member, member)
            by_group[group] = by_group.get(group, 0) + beyond_margin(losses[member], margins.get(member, 0))
        worst = max(worst, sum(sorted(by_group.values(), reverse=True)[:COVERED]))
    return worst


def shares(size: int, averages: Mapping[str, int], *, least: int = 0) -> dict[str, int]:
    """Give each member's share of a fund by its average margin, not below a smallest share.

    The parts sum to `size`, or to more where smallest shares ask for it: who stands below is raised to it, and the
    others share what is left.

    >>> shares(1_000, {"A": 3, "B": 1}), shares(1_000, {"A": 99, "B": 1}, least=100)
    ({'A': 750, 'B': 250}, {'A': 900, 'B': 100})
    """
    left, weights = size, dict(averages)
    found: dict[str, int] = {}
    while weights:
        if not any(weights.values()):
            weights = dict.fromkeys(weights, 1)
        parts = share_out(max(left, 0), weights)
        low = [member for member, part in parts.items() if part < least]
        if not low:
            found |= parts
            break
        for member in low:
            found[member] = least
            del weights[member]
            left -= least
    return {member: found[member] for member in sorted(found)}
