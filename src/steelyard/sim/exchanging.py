"""Exchange before a batch: who lacks one currency and can spare another orders the difference at reference rates.

A bank orders no more than its queue lacks, out of no more than its own queue leaves it; orders are matched by A9.
Everything is in one unit of account, so every rate is one to one.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from steelyard.liquidity.orders import Order
from steelyard.sim import plans


class Exchanged(NamedTuple):
    """What one fill moves: from which account to which of the same bank, in units of account."""

    source: int
    target: int
    minor: int


def exchange(balance: Sequence[int], owed: dict[int, int], codes: tuple[str, ...]) -> list[Exchanged]:
    """Give what banks exchange; `owed` is what waits on each account, accounts counted banks outermost."""
    from steelyard.liquidity.algorithms.reference_batch import match_at_reference

    width = len(codes)
    orders: list[Order] = []
    places: list[tuple[int, int]] = []
    for bank in sorted({account // width for account in owed}):
        accounts = range(bank * width, (bank + 1) * width)
        left = {account: balance[account] - owed.get(account, 0) for account in accounts}
        for source, target, minor in _pairs(left):
            name = str(len(orders))
            orders.append(
                Order(name, codes[source % width], codes[target % width], minor, None, str(bank), len(orders))
            )
            places.append((source, target))
    if not orders:
        return []
    matched = match_at_reference(orders, dict.fromkeys(codes, 1), solver=plans.solver())
    return [
        Exchanged(*places[int(name)], fill.bought_minor)
        for name, fill in sorted(matched.fills.items(), key=lambda one: int(one[0]))
        if fill.bought_minor
    ]


def _pairs(left: dict[int, int]) -> Iterable[tuple[int, int, int]]:
    """Cover each lack of a bank out of its spare accounts, in the order of accounts."""
    spare = [[account, minor] for account, minor in left.items() if minor > 0]
    for target, minor in left.items():
        lack = -minor
        while lack > 0 and spare:
            source, most = spare[0]
            some = min(lack, most)
            yield source, target, some
            lack -= some
            spare[0][1] -= some
            if not spare[0][1]:
                spare.pop(0)
