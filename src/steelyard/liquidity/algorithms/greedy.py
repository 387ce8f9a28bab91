"""A6, greedy: start with all, drop while an account is short, add back what still fits.

Accounts are visited in ascending order until none is short. A short one drops, lowest class first, its smallest
payment that covers the shortage, else its largest; of equal ones the latest. A limit passed is a shortage of
the same kind, cured by payments that count in it. Then what was dropped is added back by (priority, larger first,
seq) while the payer stays within its funds and limits: all of it once, then in rounds what those who received in
the round before have the funds for when the round begins, until nothing more fits.

The rule also mends what another algorithm chose, parts included (`drop_and_add_back`): of a part only what is
lacking is cut, where enough of it is left.

Short means as in `multilateral.py`: an account that pays in a class leaves alone what is kept for higher ones.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from heapq import heappop, heappush
from itertools import pairwise

import numpy as np

from steelyard.liquidity.ordered import Ordered, fields, ints
from steelyard.liquidity.queue import Queued, Room
from steelyard.liquidity.selection import Limits, Reserved, Selection, selection
from steelyard.liquidity.solver import MOST


def greedy_set(
    balances: Mapping[str, int],
    payments: Iterable[Queued],
    *,
    limits: Iterable[Room] = (),
    reserved: Reserved | None = None,
) -> Selection:
    """Give a set of whole payments that settle together; good, not best. O(n log n).

    >>> ring = Queued("p1", "A", "B", 100), Queued("p2", "B", "C", 80), Queued("p3", "C", "A", 80)
    >>> greedy_set({"A": 20, "B": 0, "C": 0}, ring).settled
    ('p1', 'p2', 'p3')
    """
    limits = tuple(limits)
    ordered = Ordered.of(balances, payments, limits, reserved)
    kept = drop_and_add_back(balances, ordered, None, limits=limits, reserved=reserved)
    return selection(balances, (payment for payment in ordered if payment.id in kept))


def drop_and_add_back(
    balances: Mapping[str, int],
    ordered: Sequence[Queued],
    chosen: Mapping[str, int] | None,
    *,
    limits: Iterable[Room] = (),
    reserved: Reserved | None = None,
    add_back: bool = True,
) -> dict[str, int]:
    """Mend a choice so that all of it can settle together; give what settles of each payment, by id, in order.

    `ordered` comes checked and in order. `chosen` says how much of a payment is in to begin with: all, a part or
    nothing (None: all of each). A part is cut by what is lacking, down to its payment's floor, else dropped like
    a whole one. Only payments of which nothing is in are added back, whole.

    >>> pay = Queued("p1", "A", "B", 100), Queued("p2", "A", "B", 30)
    >>> drop_and_add_back({"A": 50, "B": 0}, pay, {"p1": 60})
    {'p1': 50}
    """
    books = _Books(balances, ordered, chosen, Limits(limits), reserved or {})
    books.drop_all()
    if add_back:
        books.add_back_all()
    return {id: amount for id, amount in zip(books.ids, books.amounts, strict=True) if amount}


class _Pile:
    """Payments of one payer and class, or of one limit, in the order of (amount, place); and which are parts."""

    __slots__ = ("amounts", "items", "parts")

    def __init__(self, items: list[int], amounts: list[int]) -> None:
        """Take payments in order already, and the amount of each."""
        self.items, self.amounts = items, amounts
        self.parts: list[int] = []

    @classmethod
    def of(cls, items: list[int], amounts: Sequence[int]) -> "_Pile":
        """Pile up payments in the order of their places."""
        items = sorted(items, key=amounts.__getitem__)  # stable: of equal ones the latest comes last
        return cls(items, [amounts[item] for item in items])

    def pick(self, lacking: int) -> int:
        """Give the smallest that covers what is lacking, else the largest; of equal ones the latest."""
        amounts = self.amounts
        if amounts[-1] < lacking:
            return self.items[-1]
        least = amounts[bisect_left(amounts, lacking)]
        return self.items[bisect_right(amounts, least) - 1]

    def take(self, item: int, amount: int) -> None:
        """Take one out."""
        place = self._place(item, amount)
        del self.items[place], self.amounts[place]

    def put(self, item: int, amount: int) -> None:
        """Take one in."""
        place = self._place(item, amount)
        self.items.insert(place, item)
        self.amounts.insert(place, amount)

    def take_within(self, most: int) -> list[int]:
        """Take out all of at most this amount."""
        count = bisect_right(self.amounts, most)
        taken = self.items[:count]
        del self.items[:count], self.amounts[:count]
        return taken

    def _place(self, item: int, amount: int) -> int:
        first = bisect_left(self.amounts, amount)
        return bisect_left(self.items, item, first, bisect_right(self.amounts, amount, first))


class _Books:
    """Where every account stands with what is in now. Accounts and payments are numbers, in their order."""

    def __init__(
        self,
        balances: Mapping[str, int],
        ordered: Sequence[Queued],
        chosen: Mapping[str, int] | None,
        limits: Limits,
        reserved: Reserved,
    ) -> None:
        self.names = sorted(balances)
        own = (
            ordered.number
            if isinstance(ordered, Ordered) and ordered.balances.keys() == balances.keys()
            else None
        )
        number = own or {name: place for place, name in enumerate(self.names)}
        self.funds = [balances[name] for name in self.names]
        self.kept = {number[name]: tuple(pair) for name, pair in reserved.items()}
        of = fields(ordered, number)
        self.ids, self.whole, self.floors = of.ids, of.amounts, of.floors
        self.payers, self.payees, self.classes = of.payers, of.payees, of.priorities
        self.amounts = list(self.whole if chosen is None else [chosen.get(id, 0) for id in of.ids])
        self.limits = limits
        self.used = [0] * len(limits.rooms)
        self.net, self.paid, self.piles = self._piled()
        self.groups: dict[int, tuple[int, int]] = {}  # payment -> groups of payer and payee
        self.owned: dict[int, list[int]] = {}  # account -> groups it owns
        for group, owner in enumerate(limits.owners):
            self.owned.setdefault(number[owner], []).append(group)
        counted: list[list[int]] = [[] for _ in limits.rooms]
        if limits:
            for item, priority in enumerate(self.classes):
                if priority == 2:
                    self._grouped(item, ordered[item], counted)
        self.counted = [_Pile.of(items, self.amounts) for items in counted]
        if chosen is not None:
            self._note_parts()

    def _piled(self) -> tuple[list[int], dict[int, list[int]], list[list[_Pile]]]:
        """Give what each account loses on balance, what is paid of what is kept for classes, and the piles."""
        kind = np.int64 if sum(self.amounts) < MOST else object  # the one counts fast, the other to any size
        amounts = np.array(self.amounts, kind)
        payers, payees, classes = map(ints, (self.payers, self.payees, self.classes))
        net, paid = np.zeros(len(self.names), kind), np.zeros(3 * len(self.names), kind)
        np.add.at(net, payers, amounts)
        np.subtract.at(net, payees, amounts)
        place = 3 * payers + classes
        np.add.at(paid, place, amounts)
        items = np.flatnonzero(amounts)
        items = items[np.argsort(amounts[items], kind="stable")]
        items = items[np.argsort(place[items], kind="stable")]
        ends = np.searchsorted(place[items], np.arange(1, 3 * len(self.names) + 1)).tolist()
        every, sizes = items.tolist(), amounts[items].tolist()
        piles = [_Pile(every[start:end], sizes[start:end]) for start, end in pairwise([0, *ends])]
        return (
            net.tolist(),
            {account: paid[3 * account : 3 * account + 2].tolist() for account in self.kept},
            [piles[first : first + 3] for first in range(0, len(piles), 3)],
        )

    def _grouped(self, item: int, payment: Queued, counted: list[list[int]]) -> None:
        up = self.limits.group(payment.payer, payment.payee)
        down = self.limits.group(payment.payee, payment.payer)
        if up >= 0 or down >= 0:
            self.groups[item] = up, down
            amount = self.amounts[item]
            if up >= 0 and amount:
                counted[up].append(item)
                self.used[up] += amount
            if down >= 0:
                self.used[down] -= amount

    def _note_parts(self) -> None:
        for item, (amount, whole) in enumerate(zip(self.amounts, self.whole, strict=True)):
            if 0 < amount < whole:
                self.piles[self.payers[item]][self.classes[item]].parts.append(item)
                up = self.groups.get(item, (-1, -1))[0]
                if up >= 0:
                    self.counted[up].parts.append(item)

    def drop_all(self) -> None:
        """Visit the accounts in rounds, each in ascending order, until none is short."""
        visit = list(range(len(self.names)))
        while visit:
            queued, later = set(visit), set[int]()
            while visit:
                account = heappop(visit)
                queued.discard(account)
                for payee in self._cure(account):
                    if payee < account:
                        later.add(payee)
                    elif payee not in queued:
                        queued.add(payee)
                        heappush(visit, payee)
            visit = sorted(later)

    def add_back_all(self) -> None:
        """Add back what fits, in rounds, until nothing more does."""
        out = [item for item, amount in enumerate(self.amounts) if not amount]
        out.sort(key=lambda item: (self.classes[item], -self.whole[item]))
        left: list[list[int]] = [[] for _ in self.names]
        received = set[int]()
        for item in out:
            if self._fits(item):
                self._in(item, self.whole[item])
                received.add(self.payees[item])
            else:
                left[self.payers[item]].append(item)
        piles = {account: _Pile.of(sorted(items), self.whole) for account, items in enumerate(left) if items}
        while received:
            again: list[int] = []
            for account in sorted(received & piles.keys()):
                again += piles[account].take_within(self.funds[account] - self.net[account])
            again.sort(key=lambda item: (self.classes[item], -self.whole[item], item))
            received = set()
            for item in again:
                if self._fits(item):
                    self._in(item, self.whole[item])
                    received.add(self.payees[item])
                else:
                    piles[self.payers[item]].put(item, self.whole[item])

    def _fits(self, item: int) -> bool:
        """Tell whether a payment's payer stays within its funds and limits with it."""
        account, amount = self.payers[item], self.whole[item]
        after = self.net[account] + amount
        if after > self.funds[account]:
            return False
        group = self.groups.get(item, (-1, -1))[0] if self.groups else -1
        if group >= 0 and self.used[group] + amount > self.limits.rooms[group]:
            return False
        if account not in self.kept:
            return True
        priority = self.classes[item]
        paid = list(self.paid[account])
        if priority < 2:
            paid[priority] += amount
        return after <= self._usable(account, max(priority, self._lowest(account)), paid)

    def _cure(self, account: int) -> list[int]:
        """Drop or cut payments of one account until it is not short; give who loses by it."""
        losers: list[int] = []
        for group in self.owned.get(account, ()):
            while (lacking := self.used[group] - self.limits.rooms[group]) > 0:
                losers.append(self._lose(self.counted[group], lacking))
        while (lowest := self._lowest(account)) >= 0:
            lacking = self.net[account] - self._usable(account, lowest, self.paid.get(account))
            if lacking <= 0:
                break
            losers.append(self._lose(self.piles[account][lowest], lacking))
        return losers

    def _lowest(self, account: int) -> int:
        """Give the lowest class that an account pays in, -1 if it pays nothing."""
        piles = self.piles[account]
        return 2 if piles[2].items else 1 if piles[1].items else 0 if piles[0].items else -1

    def _usable(self, account: int, lowest: int, paid: list[int] | None) -> int:
        """Give what an account may lose while `lowest` is the lowest class it pays in."""
        usable = self.funds[account]
        if paid is not None:
            kept = self.kept[account]
            for each in range(min(lowest, 2)):
                usable -= max(0, kept[each] - paid[each])
        return usable

    def _lose(self, pile: _Pile, lacking: int) -> int:
        """Cut a part by what is lacking, else drop one payment; give who loses by it."""
        item, cut = -1, 0
        for part in pile.parts:
            cut = self.amounts[part] - lacking
            if cut >= max(1, self.floors[part]):
                item = part
                break
        if item < 0:
            item, cut = pile.pick(lacking), 0
        self._out(item)
        if cut > 0:
            self._in(item, cut)
        return self.payees[item]

    def _out(self, item: int) -> None:
        """Let a payment, or its part, go."""
        amount = self.amounts[item]
        pile = self.piles[self.payers[item]][self.classes[item]]
        up = self.groups.get(item, (-1, -1))[0] if self.groups else -1
        for each in (pile,) if up < 0 else (pile, self.counted[up]):
            each.take(item, amount)
            if amount < self.whole[item]:
                each.parts.remove(item)
        self.amounts[item] = 0
        self._move(item, -amount)

    def _in(self, item: int, amount: int) -> None:
        """Take a payment in, or what is left of its part."""
        pile = self.piles[self.payers[item]][self.classes[item]]
        up = self.groups.get(item, (-1, -1))[0] if self.groups else -1
        for each in (pile,) if up < 0 else (pile, self.counted[up]):
            each.put(item, amount)
            if amount < self.whole[item]:
                each.parts.insert(bisect_left(each.parts, item), item)
        self.amounts[item] = amount
        self._move(item, amount)

    def _move(self, item: int, amount: int) -> None:
        payer, priority = self.payers[item], self.classes[item]
        self.net[payer] += amount
        self.net[self.payees[item]] -= amount
        if priority < 2 and payer in self.paid:
            self.paid[payer][priority] += amount
        if self.groups:
            up, down = self.groups.get(item, (-1, -1))
            if up >= 0:
                self.used[up] += amount
            if down >= 0:
                self.used[down] -= amount
