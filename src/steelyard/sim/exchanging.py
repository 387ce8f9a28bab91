"""Exchange before a batch: who lacks one currency and can spare another orders the difference at reference rates.

A bank orders no more than its queue lacks, out of no more than its own queue leaves it; orders are matched by A9.
Everything is in one unit of account, so every rate is one to one.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from steelyard.liquidity.orders import Order
from steelyard.sim import plans


class Exchanged(NamedTuple):
    """What one order or fill moves: from which account to which of the same bank, in units of account."""

    source: int
    target: int
    minor: int


def wanted(usable: Callable[[int], int], owed: dict[int, int], width: int) -> Iterator[Exchanged]:
    """Give what banks order, bank by bank; accounts are counted banks outermost, `width` of each.

    `usable` gives what an account has for its queue, `owed` is what waits there.
    """
    for bank in sorted({account // width for account in owed}):
        accounts = range(bank * width, (bank + 1) * width)
        yield from _pairs({account: usable(account) - owed.get(account, 0) for account in accounts})


def exchange(usable: Callable[[int], int], owed: dict[int, int], codes: tuple[str, ...]) -> list[Exchanged]:
    """Give what banks exchange of what they order."""
    from steelyard.liquidity.algorithms.reference_batch import match_at_reference

    width = len(codes)
    ordered = list(wanted(usable, owed, width))
    if not ordered:
        return []
    orders = [
        Order(str(n), codes[source % width], codes[target % width], minor, None, str(source // width), n)
        for n, (source, target, minor) in enumerate(ordered)
    ]
    matched = match_at_reference(orders, dict.fromkeys(codes, 1), solver=plans.solver())
    return [
        Exchanged(ordered[int(name)].source, ordered[int(name)].target, fill.bought_minor)
        for name, fill in sorted(matched.fills.items(), key=lambda one: int(one[0]))
        if fill.bought_minor
    ]


def _pairs(left: dict[int, int]) -> Iterator[Exchanged]:
    """Cover each lack of a bank out of its spare accounts, in the order of accounts."""
    spare = [[account, minor] for account, minor in left.items() if minor > 0]
    for target, minor in left.items():
        lack = -minor
        while lack > 0 and spare:
            source, most = spare[0]
            some = min(lack, most)
            yield Exchanged(source, target, some)
            lack -= some
            spare[0][1] -= some
            if not spare[0][1]:
                spare.pop(0)
