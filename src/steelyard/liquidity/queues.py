"""Who waits for money, in which order: one queue per payer account, and lists of who waits aside.

A queue holds only payments that lack nothing but their payer's money. They settle first in, first out by
`seq`, the running number of the command that brought them: one that comes back after waiting elsewhere stands
where it stood. What waits for another's money (a provider's, a trade's counterpart) waits aside, under the
account whose inflow would help, and holds up nobody.

The work list names accounts that received money and have not been looked at yet. It is part of the state,
so that a long run of settlements can be cut and go on at the next tick: a queue from its head, what waits aside
from the place where it was cut, so that every run comes to its end.
"""

from bisect import bisect_left, insort
from collections import OrderedDict
from collections.abc import Iterable, Iterator

import msgspec
from msgspec import Struct


class Waiting(Struct, array_like=True, frozen=True, gc=False):
    """One waiting payment: its UETR, whose it is, the account it waits for, how much, its place in time."""

    uetr: bytes
    payer: str
    account_no: int
    amount_minor: int
    seq: int
    queued_at: int


class Line:
    """One queue in order of (seq, uetr); what goes from its head costs nothing to those behind."""

    __slots__ = ("_first", "_items", "_order", "total_minor")

    def __init__(self) -> None:
        self._order: list[tuple[int, bytes]] = []
        self._first = 0
        self._items: dict[bytes, Waiting] = {}
        self.total_minor = 0

    def __len__(self) -> int:
        return len(self._items)

    def __contains__(self, uetr: bytes) -> bool:
        return uetr in self._items

    def __iter__(self) -> Iterator[Waiting]:
        for _, uetr in self._order[self._first :]:
            yield self._items[uetr]

    def since(self, key: tuple[int, bytes]) -> list[Waiting]:
        """Give those that stand at a place in time or behind it."""
        first = bisect_left(self._order, key, lo=self._first)
        return [self._items[uetr] for _, uetr in self._order[first:]]

    def put(self, item: Waiting) -> None:
        """Take a payment in at its place."""
        self._items[item.uetr] = item
        self.total_minor += item.amount_minor
        key = (item.seq, item.uetr)
        if not self._order or self._order[-1] < key:
            self._order.append(key)
        else:
            insort(self._order, key, lo=self._first)

    def head(self) -> Waiting:
        """Give the first; there must be one."""
        return self._items[self._order[self._first][1]]

    def remove(self, uetr: bytes) -> None:
        """Take a payment out."""
        item = self._items.pop(uetr)
        self.total_minor -= item.amount_minor
        key = (item.seq, uetr)
        if self._order[self._first] == key:
            self._first += 1
            if self._first > 64 and 2 * self._first > len(self._order):
                del self._order[: self._first]
                self._first = 0
        else:
            del self._order[bisect_left(self._order, key, lo=self._first)]


class Queues:
    """All queues and lists of one node, and the accounts whose inflow is still to be worked off."""

    __slots__ = ("_again", "_aside", "_lines", "_next", "_work")

    def __init__(self) -> None:
        self._lines: dict[int, Line] = {}
        self._aside: dict[int, Line] = {}
        self._work: OrderedDict[int, None] = OrderedDict()
        self._next: dict[int, tuple[int, bytes]] = {}  # account cut in what waits aside -> where it goes on
        self._again: set[int] = set()  # of those: money came since, so that the first may go now too

    @property
    def anything(self) -> bool:
        """Whether anybody waits for money at all."""
        return bool(self._lines or self._aside)

    def put(self, item: Waiting) -> None:
        """Let a payment wait for its payer's money."""
        line = self._lines.get(item.account_no)
        if line is None:
            line = self._lines[item.account_no] = Line()
        line.put(item)

    def put_aside(self, item: Waiting) -> None:
        """Let a payment or trade wait for another's money."""
        line = self._aside.get(item.account_no)
        if line is None:
            line = self._aside[item.account_no] = Line()
        line.put(item)

    def remove(self, account_no: int, uetr: bytes) -> None:
        """Take a payment out of whatever of this account holds it; nothing happens where nothing does."""
        for lines in (self._lines, self._aside):
            line = lines.get(account_no)
            if line is not None and uetr in line:
                line.remove(uetr)
                if not line:
                    del lines[account_no]

    def head(self, account_no: int) -> Waiting | None:
        """Give the payment that is next to go from this account, or None."""
        line = self._lines.get(account_no)
        return None if line is None else line.head()

    def has(self, account_no: int, uetr: bytes) -> bool:
        """Tell whether a payment waits for money on this account, in its queue or aside."""
        line, aside = self._lines.get(account_no, ()), self._aside.get(account_no, ())
        return uetr in line or uetr in aside

    def depth(self, account_no: int) -> tuple[int, int]:
        """Give how many payments wait for this payer's money, and their sum in minor units."""
        line = self._lines.get(account_no)
        return (0, 0) if line is None else (len(line), line.total_minor)

    def of(self, account_no: int) -> tuple[Waiting, ...]:
        """Give what waits for this payer's money, first to go first."""
        return tuple(self._lines.get(account_no, ()))

    def aside(self, account_no: int) -> tuple[Waiting, ...]:
        """Give what waits aside for money on this account, first come first."""
        return tuple(self._aside.get(account_no, ()))

    def take_aside(self, account_no: int) -> list[Waiting]:
        """Give what of this account's aside is still to be looked at: all, or the rest where it was cut."""
        line, key = self._aside.get(account_no), self._next.pop(account_no, None)
        if line is None:
            return []
        return list(line) if key is None else line.since(key)

    def cut_aside(self, account_no: int, item: Waiting) -> None:
        """Let the work on an account's aside go on with this item at the next tick."""
        if account_no in self._work:
            self._again.add(account_no)
        self._next[account_no] = (item.seq, item.uetr)
        self._work[account_no] = None

    def end_aside(self, account_no: int) -> None:
        """Note that an account's aside was looked at to its end; again from its head if money came meanwhile."""
        if account_no in self._again:
            self._again.discard(account_no)
            self.push_work(account_no)

    def accounts(self) -> list[int]:
        """Give the accounts whose payer has something waiting, ascending."""
        return sorted(self._lines)

    def push_work(self, account_no: int) -> None:
        """Note that an account received money; twice is once, and nothing where nobody waits for it."""
        if account_no in self._lines or account_no in self._aside:
            if account_no in self._next:
                self._again.add(account_no)
            self._work[account_no] = None

    def push_all(self, account_nos: Iterable[int]) -> None:
        """Note that accounts received money, in this order."""
        for account_no in account_nos:
            self.push_work(account_no)

    def pop_work(self) -> int | None:
        """Take the account that has waited longest to be looked at, or None."""
        return self._work.popitem(last=False)[0] if self._work else None

    def has_work(self) -> bool:
        """Tell whether an inflow is still to be worked off."""
        return bool(self._work)

    def encode(self) -> bytes:
        """Give the canonical bytes."""
        lines = [list(self._lines[no]) for no in sorted(self._lines)]
        aside = [list(self._aside[no]) for no in sorted(self._aside)]
        cut = [(no, *self._next[no]) for no in sorted(self._next)]
        return msgspec.msgpack.encode(_Saved(lines, aside, list(self._work), cut, sorted(self._again)))

    @classmethod
    def decode(cls, data: bytes) -> "Queues":
        """Build what `encode` described."""
        queues = cls()
        saved = msgspec.msgpack.decode(data, type=_Saved)
        for line in saved.lines:
            for item in line:
                queues.put(item)
        for line in saved.aside:
            for item in line:
                queues.put_aside(item)
        queues._work = OrderedDict((account_no, None) for account_no in saved.work)
        queues._next = {account_no: (seq, uetr) for account_no, seq, uetr in saved.cut}
        queues._again = set(saved.again)
        return queues


class _Saved(Struct, array_like=True, frozen=True, gc=False):
    lines: list[list[Waiting]]
    aside: list[list[Waiting]]
    work: list[int]
    cut: list[tuple[int, int, bytes]] = []
    again: list[int] = []
