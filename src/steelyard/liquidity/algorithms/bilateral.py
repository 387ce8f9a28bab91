"""A2, bilateral offset: what two accounts owe each other settles at once, from the heads of both queues.

It is the multilateral offset (`multilateral.py`) of two accounts alone, and applies only if at least one payment
each way settles.
"""

from collections.abc import Iterable, Mapping, Sequence

from steelyard.liquidity.algorithms.multilateral import ordered_set
from steelyard.liquidity.queue import Queued, Room
from steelyard.liquidity.selection import Reserved, check_all, in_order


def offset_pair(
    there: Sequence[int], back: Sequence[int], *, room_there: int, room_back: int
) -> tuple[int, int]:
    """Count how many queued payments of a pair can settle now, each way.

    `there` and `back` are amounts in minor units of one currency, first to go first, all > 0. `room_there` is what
    the payer of `there` may lose on balance (its balance above reserves, cut to its bilateral limit), >= 0; so
    for `back`.

    The answer is the largest feasible pair of prefixes, and it is unique: if (i, j) and (k, l) are feasible, so is
    (max(i, k), max(j, l)). So dropping the last payment of whoever is over its room never drops one too many.

    Source: BIS, "Real-time gross settlement systems" (1997), part II, queuing arrangements; CPMI glossary,
    "bilateral netting".

    >>> offset_pair([70, 40], [60], room_there=10, room_back=0)
    (1, 1)
    """
    for amount_minor in (*there, *back, room_there, room_back):
        if type(amount_minor) is not int:
            raise TypeError("an amount or room is no integer")
    if min(there, default=1) <= 0 or min(back, default=1) <= 0 or min(room_there, room_back) < 0:
        raise ValueError("amounts are above 0, rooms from 0")
    i, j = len(there), len(back)
    drain = sum(there) - sum(back)  # what the payer of `there` loses on balance
    while True:
        if drain > room_there:
            i -= 1
            drain -= there[i]
        elif -drain > room_back:
            j -= 1
            drain += back[j]
        else:
            return i, j


def offset_queues(
    balances: Mapping[str, int],
    payments: Iterable[Queued],
    u: str,
    v: str,
    *,
    limits: Iterable[Room] = (),
    reserved: Reserved | None = None,
) -> tuple[str, ...]:
    """Give the ids of what u and v settle between them, in the order of queues; () if not both ways.

    >>> two = Queued("p1", "A", "B", 70), Queued("p2", "B", "A", 60)
    >>> offset_queues({"A": 10, "B": 0}, two, "A", "B"), offset_queues({"A": 9, "B": 0}, two, "A", "B")
    (('p1', 'p2'), ())
    """
    payments, limits = list(payments), tuple(limits)
    check_all(balances, payments, limits, reserved)
    if u not in balances or v not in balances or u == v:
        raise ValueError("a pair is two accounts with a balance each")
    between = [
        payment
        for payment in payments
        if (payment.payer == u and payment.payee == v) or (payment.payer == v and payment.payee == u)
    ]
    pair = {account: balances[account] for account in sorted((u, v))}
    settled = ordered_set(pair, in_order(between), limits=limits, reserved=reserved)
    if len({payment.payer for payment in settled}) < 2:
        return ()
    return tuple(payment.id for payment in settled)
