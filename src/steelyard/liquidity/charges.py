"""Fees of queued payments: what is set aside for them before payments are planned together, and who has to wait.

A payment with booked fees is one leg from payer to payee and a leg for each fee beside it, all in one bundle. What is
planned are the first legs alone. So that whatever is chosen of them can pay its fees too, the fees of all are taken
out of what their payers may use beforehand, in the order of class and queue; a payment whose fees are not there by
then stays out, and waits for money like any other.
"""

from collections.abc import Callable, Collection, Iterable
from typing import NamedTuple

from steelyard.liquidity.queues import Waiting

NORMAL = 2


class Aside(NamedTuple):
    """Which payments have to wait for their fees, and how much is set aside on each account for those of others."""

    left_out: frozenset[bytes]
    minor: dict[int, int]


NOTHING = Aside(frozenset(), {})


def set_aside(
    charged: Iterable[Waiting], *, usable: Callable[[int, int], int], stopped: Collection[int] = ()
) -> Aside:
    """Set the fees of payments aside as far as there is money for them.

    `usable(account_no, priority)` is what a class of payments may use of an account; fees that a payee pays are of
    the lowest class. Accounts that are `stopped` pay and take no fee.

    >>> one = Waiting(b"1", "ANNANOR0", 1, 100, 1, 0, payee_no=2, fees=((1, 9, 5), (2, 9, 3)))
    >>> set_aside([one], usable=lambda no, priority: {1: 5, 2: 3}[no]).minor
    {1: 5, 2: 3}
    >>> set_aside([one], usable=lambda no, priority: {1: 5, 2: 2}[no])
    Aside(left_out=frozenset({b'1'}), minor={})
    """
    left_out: set[bytes] = set()
    minor: dict[int, int] = {}
    for item in sorted(charged, key=_order):
        due: dict[int, int] = {}
        for source, _, fee in item.fees:
            due[source] = due.get(source, 0) + fee
        payable = all(
            minor.get(source, 0) + fee
            <= usable(source, item.priority if source == item.account_no else NORMAL)
            for source, fee in due.items()
        )
        if not payable or any(source in stopped or target in stopped for source, target, _ in item.fees):
            left_out.add(item.uetr)
            continue
        for source, fee in due.items():
            minor[source] = minor.get(source, 0) + fee
    return Aside(frozenset(left_out), minor)


def _order(item: Waiting) -> tuple[int, int, int, bytes]:
    return item.priority, *item.key
