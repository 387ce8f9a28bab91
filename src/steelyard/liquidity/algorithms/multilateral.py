"""A3, multilateral offset: the largest set of whole payments that settle together and keep each payer's order.

All queues are in; while an account is short its last payment goes. What is left is unique: a set that settles
names for each payer how many from the head of its queue are in. If an account is short with at least as many
payments coming in as in some set that settles, then it has more of its own in than that set has; so no payment of
any set that settles is ever dropped, and the order of the work does not matter.

An account is short if it loses more than it has less what is kept for classes above the lowest it pays in and
these left unused, or if a limit of its own on normal payments is passed. An account that pays nothing is never
short, whatever its balance.
"""

from collections.abc import Iterable, Mapping, Sequence

from steelyard.liquidity.ordered import Ordered
from steelyard.liquidity.queue import Queued, Room
from steelyard.liquidity.selection import Limits, Reserved, Selection, selection


def largest_ordered_set(
    balances: Mapping[str, int],
    payments: Iterable[Queued],
    *,
    limits: Iterable[Room] = (),
    reserved: Reserved | None = None,
) -> Selection:
    """Give the largest set in which every payer's payments settle from the head of its queue on.

    >>> ring = Queued("p1", "A", "B", 100), Queued("p2", "B", "C", 120), Queued("p3", "C", "A", 80)
    >>> largest_ordered_set({"A": 20, "B": 20, "C": 0}, ring).value_minor
    300
    """
    limits = tuple(limits)
    ordered = Ordered.of(balances, payments, limits, reserved)
    return selection(balances, ordered_set(balances, ordered, limits=limits, reserved=reserved))


def ordered_set(
    balances: Mapping[str, int],
    ordered: Sequence[Queued],
    *,
    limits: Iterable[Room] = (),
    reserved: Reserved | None = None,
) -> list[Queued]:
    """Give the payments of the largest set; these come checked and in order already. O(payments)."""
    queues: dict[str, list[Queued]] = {account: [] for account in balances}
    net = dict.fromkeys(balances, 0)  # what leaves less what comes in
    for payment in ordered:
        amount_minor = payment.amount_minor
        queues[payment.payer].append(payment)
        net[payment.payer] += amount_minor
        net[payment.payee] -= amount_minor
    usable = {account: _usable(balances[account], queues[account], (reserved or {}).get(account))
              for account in balances}  # fmt: skip
    bounds = _Bounds(Limits(limits), ordered)
    over = bounds.over
    todo = sorted(balances, reverse=True)
    while todo:
        account = todo.pop()
        queue, most = queues[account], usable[account]
        while queue:
            last = queue[-1]
            if net[account] <= most[last.priority] and not (over and over.get(account)):
                break
            queue.pop()
            payee, amount_minor = last.payee, last.amount_minor
            net[account] -= amount_minor
            net[payee] += amount_minor
            if bounds.groups and last.priority == 2:
                bounds.move(account, payee, -amount_minor)
            todo.append(payee)
    left = {account: len(queue) for account, queue in queues.items()}
    settled = []
    for payment in ordered:
        if left[payment.payer] > 0:
            left[payment.payer] -= 1
            settled.append(payment)
    return settled


def _usable(balance: int, queue: list[Queued], kept: tuple[int, int] | None) -> tuple[int, int, int]:
    """Give what an account may lose while its last payment is urgent, high or normal.

    A payment of a class is last only with all of its payer's above that class in, so what these leave unused of
    their reservations does not change while the class is worked on.
    """
    if kept is None:
        return balance, balance, balance
    unused = [
        max(0, kept[each] - sum(payment.amount_minor for payment in queue if payment.priority == each))
        for each in (0, 1)
    ]
    return balance, balance - unused[0], balance - unused[0] - unused[1]


class _Bounds:
    """How much of each limit is used, and how many limits each account is over."""

    def __init__(self, groups: Limits, payments: Iterable[Queued]) -> None:
        self.groups = groups
        self.over: dict[str, int] = {}
        self._used = [0] * len(groups.rooms)
        if groups:
            for payment in payments:
                if payment.priority == 2:
                    self.move(payment.payer, payment.payee, payment.amount_minor)

    def move(self, payer: str, payee: str, amount_minor: int) -> None:
        """Count a normal payment in, or out where the amount is below 0."""
        self._add(self.groups.group(payer, payee), amount_minor)
        self._add(self.groups.group(payee, payer), -amount_minor)

    def _add(self, group: int, amount_minor: int) -> None:
        if group < 0:
            return
        room = self.groups.rooms[group]
        was_over = self._used[group] > room
        self._used[group] += amount_minor
        change = (self._used[group] > room) - was_over
        if change:
            owner = self.groups.owners[group]
            self.over[owner] = self.over.get(owner, 0) + change
