"""Who waits for money, in which order: one queue per payer account and class, and lists of who waits aside.

A queue holds only payments that lack nothing but what their payer could give them: its money, or room within a
limit it set itself. Inside a class they stand by `rank`, which only their sender changes, then by `seq`, the
running number of the command that brought them: one that comes back after waiting elsewhere stands where it
stood. What waits for another's money (a provider's, a trade's counterpart) or for room on the payee's side
waits aside, under the account whose movement would help, and holds up nobody.

The work list names accounts that received money and have not been looked at yet. It is part of the state, so
that a long run of settlements can be cut and go on at the next tick from the place where it was cut: first the
queue (`algorithms/entry.py` says in which order), then what waits aside.
"""

from bisect import bisect_left, insort
from collections import OrderedDict
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from itertools import chain, compress, islice, pairwise
from operator import attrgetter
from struct import Struct as Layout
from typing import Any, NamedTuple

import numpy as np
from msgspec import Struct

from steelyard.liquidity.algorithms.entry import CLASSES, Place, WorkList
from steelyard.liquidity.line import Line
from steelyard.liquidity.solver import Ints
from steelyard.values.instants import Day, Instant
from steelyard.values.wide import packed, unpacked

ASIDE = len(CLASSES)
"""Stands behind the classes in the place of a cut: the queue is through, what waits aside is not."""

Key = tuple[int, int, bytes]
FeeLeg = tuple[int, int, int]


class Waiting(Struct, array_like=True, frozen=True, gc=False):
    """One waiting payment: its UETR, whose it is, the account it waits for, how much is open, its place in time.

    `payee_no` is the account it would credit where it is one leg from account to account, so that it can be set off
    against others; else 0. `fees` are the legs (source, target, amount) that go beside that one when it settles whole,
    or with its last part. `priority` is 0 urgent, 1 high, 2 normal.
    """

    uetr: bytes
    payer: str
    account_no: int
    amount_minor: int
    seq: int
    queued_at: int
    priority: int = 2
    rank: int = 0
    payee_no: int = 0
    needs_minor: int = 0
    """What must be on the account for it to go, where that is not the amount itself"""
    kind: int = 0
    """Kind of payment: which hours it keeps"""
    settlement_on: Day = 0
    due_at: Instant = 0
    """Until when it may still settle"""
    unasked_minor: int = 0
    """What its payee must take without being asked; 0 where it has been asked or never is"""
    may_split: bool = False
    floor_minor: int = 1
    round_no: int = 0
    """How many batches its currency had had when it began to wait"""
    fees: tuple[FeeLeg, ...] = ()

    @property
    def key(self) -> Key:
        """Its place inside its class."""
        return self.rank, self.seq, self.uetr


ROW = np.dtype(
    [
        ("uetr", "V16"), ("account_no", "<u4"), ("payee_no", "<u4"), ("amount_minor", "<i8"), ("priority", "<u2"),
        ("kind", "<u2"), ("seq", "<i8"), ("rank", "<i8"), ("settlement_on", "<i4"), ("round_no", "<u4"),
        ("due_at", "<i8"), ("unasked_minor", "<i8"), ("floor_minor", "<i8"), ("may_split", "<u1"),
    ]
)  # fmt: skip
"""What is kept of a queued payment beside it, so that a whole queue is read column by column"""
_ROW: Callable[[Waiting], tuple[Any, ...]] = attrgetter(*ROW.names or ())
_LAYOUT = Layout("<16sIIqHHqqiIqqq?")
assert _LAYOUT.size == ROW.itemsize


def pack_row(item: Waiting) -> bytes:
    """Give the record of a queued payment."""
    return _LAYOUT.pack(*_ROW(item))


_UETR = attrgetter("uetr")
_IN_PAIR = attrgetter("priority", "rank", "seq", "uetr")
"""Its place among those of its pair"""
_MOVE = attrgetter("account_no", "payee_no", "priority", "seq")
_HIGH = 1 << 31
"""No account has so high a number."""


class Moves(NamedTuple):
    """Of queued payments: whose account pays, whose is paid (0: no plain leg), their class and `seq`."""

    payer: Ints
    payee: Ints
    priority: Ints
    seq: Ints

    @classmethod
    def of(cls, items: Sequence[Waiting]) -> "Moves":
        """Read them from waiting items."""
        flat = np.fromiter(chain.from_iterable(map(_MOVE, items)), np.int64, 4 * len(items))
        return cls(flat[0::4], flat[1::4], flat[2::4], flat[3::4])


class Queues:
    """All queues and lists of one node, and the accounts whose inflow is still to be worked off."""

    __slots__ = ("_aside", "_aside_items", "_items", "_lines", "_pairs", "charged", "todo")

    def __init__(self) -> None:
        self._items: dict[bytes, Waiting] = {}
        self._lines: dict[tuple[int, int], Line[Waiting]] = {}
        self._pairs: dict[int, list[Waiting]] = {}  # `_pair` -> all of it, by `_IN_PAIR`
        self._aside_items: dict[tuple[int, bytes], Waiting] = {}
        self._aside: dict[int, Line[Waiting]] = {}
        self.charged: dict[bytes, Waiting] = {}
        """Those of the queues that have fees of their own"""
        self.todo: WorkList[int] = WorkList()

    @property
    def anything(self) -> bool:
        """Whether anybody waits for money at all."""
        return bool(self._lines or self._aside)

    # Taking in and out

    def put(self, item: Waiting) -> None:
        """Let a payment wait for its payer's money."""
        place = item.account_no, item.priority
        line = self._lines.get(place)
        if line is None:
            line = self._lines[place] = Line(pack_row, ROW.itemsize)
        line.put(item.key, item.needs_minor or item.amount_minor, item)
        self._items[item.uetr] = item
        if item.fees:
            self.charged[item.uetr] = item
        if item.payee_no:
            pair = self._pairs.setdefault(_pair(item.account_no, item.payee_no), [])
            insort(pair, item, key=_IN_PAIR)

    def put_aside(self, item: Waiting) -> None:
        """Let a payment or trade wait for another's money."""
        line = self._aside.get(item.account_no)
        if line is None:
            line = self._aside[item.account_no] = Line()
        line.put((item.seq, item.uetr), item.amount_minor, item)
        self._aside_items[item.account_no, item.uetr] = item

    def remove(self, account_no: int, uetr: bytes) -> None:
        """Take a payment out of whatever of this account holds it; nothing happens where nothing does."""
        item = self._items.get(uetr)
        if item is not None and item.account_no == account_no:
            del self._items[uetr]
            place = account_no, item.priority
            line = self._lines[place]
            line.remove(item.key)
            if not line:
                del self._lines[place]
            if item.fees:
                del self.charged[uetr]
            if item.payee_no:
                way = _pair(account_no, item.payee_no)
                pair = self._pairs[way]
                del pair[bisect_left(pair, _IN_PAIR(item), key=_IN_PAIR)]
                if not pair:
                    del self._pairs[way]
        beside = self._aside_items.pop((account_no, uetr), None)
        if beside is not None:
            line = self._aside[account_no]
            line.remove((beside.seq, uetr))
            if not line:
                del self._aside[account_no]

    def take_out(
        self,
        uetrs: Iterable[bytes],
        moves: "Moves | None" = None,
        *,
        shed: list[object] | None = None,
    ) -> list[Waiting]:
        """Take many payments out of their queues, each queue looked at once; give them in the order given.

        `moves` may give their columns, where the caller has them. To `shed`, if given, is added what nobody names
        any more: to free it takes as long as all else.
        """
        shed = [] if shed is None else shed
        gone = list(map(self._items.pop, uetrs))
        if self.charged:
            for one in gone:
                self.charged.pop(one.uetr, None)
        moves = moves or Moves.of(gone)
        self._leave_lines(moves, shed)
        if len(gone) > len(self._items):
            self._pair_anew(shed)
        else:
            self._leave_pairs(moves, shed)
        return gone

    def _leave_lines(self, moves: "Moves", shed: list[object]) -> None:
        """Take what is no item any more out of its lines."""
        lines: list[Line[Waiting]] = []
        leaving = 0
        for number, count in _counted(moves.payer, moves.priority):
            place = divmod(number, _HIGH)
            if count == len(self._lines[place]):
                shed.append(self._lines.pop(place))
            else:
                lines.append(self._lines[place])
                leaving += count
        kept = b"".join(chain.from_iterable(line.rows() for line in lines))
        leaves = np.isin(np.frombuffer(kept, ROW)["seq"], moves.seq)
        if int(leaves.sum()) > leaving:  # some share their seq with others
            for line in lines:
                line.keep(self._items)
            return
        ends = np.cumsum([0, *map(len, lines)]).tolist()
        for line, (first, last) in zip(lines, pairwise(ends), strict=True):
            line.drop(leaves[first:last], shed)

    def _leave_pairs(self, moves: "Moves", shed: list[object]) -> None:
        """Take what is no item any more out of the lists of pairs."""
        plain, pairs, items = moves.payee > 0, self._pairs, self._items
        for pair, count in _counted(moves.payer[plain], moves.payee[plain]):
            places = pairs[pair]
            shed.append(places)
            if count < len(places):
                pairs[pair] = list(compress(places, map(items.__contains__, map(_UETR, places))))
            else:
                del pairs[pair]

    def _pair_anew(self, shed: list[object]) -> None:
        """Make the lists of pairs anew: fewer stay than have left."""
        shed += self._pairs.values()
        self._pairs = {}
        for item in self._items.values():
            if item.payee_no:
                places = self._pairs.setdefault(_pair(item.account_no, item.payee_no), [])
                places.append(item)
        for places in self._pairs.values():
            places.sort(key=_IN_PAIR)

    # Looking

    def line(self, account_no: int, priority: int) -> Line[Waiting] | None:
        """Give the queue of one class, or None where nobody waits in it."""
        return self._lines.get((account_no, priority))

    def item(self, uetr: bytes) -> Waiting | None:
        """Give what waits in a queue under this UETR, or None."""
        return self._items.get(uetr)

    def head(self, account_no: int) -> Waiting | None:
        """Give the payment that stands first on this account, or None."""
        for priority in CLASSES:
            line = self._lines.get((account_no, priority))
            if line is not None:
                found = line.following()
                return None if found is None else found[1]
        return None

    def pair(self, payer_no: int, payee_no: int, *, most: int | None = None) -> list[Waiting]:
        """Give what waits to go from one account to another, or the first of it, by class, rank and seq."""
        return list(self._pairs.get(_pair(payer_no, payee_no), ())[:most])

    def pair_place(self, item: Waiting) -> int:
        """Give how many stand before a queued payment among those of its pair."""
        pair = self._pairs[_pair(item.account_no, item.payee_no)]
        return bisect_left(pair, _IN_PAIR(item), key=_IN_PAIR)

    def incoming(self, payee_no: int, payer_nos: Iterable[int]) -> list[int]:
        """Give the amounts that wait in the queues of these payers to come to an account as one plain leg."""
        pairs = [self._pairs.get(_pair(payer_no, payee_no), ()) for payer_no in payer_nos]
        return [one.amount_minor for pair in pairs for one in pair]

    def place(self, item: Waiting) -> int:
        """Give the place of a queued payment among all of its payer's, from 1."""
        above = [self._lines.get((item.account_no, each)) for each in CLASSES[: item.priority]]
        own = self._lines[item.account_no, item.priority]
        return sum(len(line) for line in above if line is not None) + own.place(item.key) + 1

    def has_pair(self, payer_no: int, payee_no: int) -> bool:
        """Tell whether anything waits to go from one account to another."""
        return _pair(payer_no, payee_no) in self._pairs

    def has(self, account_no: int, uetr: bytes) -> bool:
        """Tell whether a payment waits for money on this account, in its queue or aside."""
        item = self._items.get(uetr)
        return (item is not None and item.account_no == account_no) or (account_no, uetr) in self._aside_items

    def waits_on(self, account_no: int) -> bool:
        """Tell whether anybody waits for this account, in its queue or aside."""
        return account_no in self._aside or self.queued(account_no)

    def queued(self, account_no: int) -> bool:
        """Tell whether this payer has anything queued."""
        lines = self._lines
        return (account_no, 2) in lines or (account_no, 1) in lines or (account_no, 0) in lines

    def depth(self, account_no: int) -> tuple[int, int]:
        """Give how many payments wait for this payer's money, and what they need in all, in minor units."""
        lines = [line for priority in CLASSES if (line := self._lines.get((account_no, priority)))]
        return sum(map(len, lines)), sum(line.total_minor for line in lines)

    def of(self, account_no: int, *, most: int | None = None) -> tuple[Waiting, ...]:
        """Give what waits for this payer's money, or the first of it, by class, then in the order of each."""
        lines = [line for priority in CLASSES if (line := self._lines.get((account_no, priority)))]
        return tuple(islice(chain.from_iterable(lines), most))

    def lines_of(self, account_no: int) -> list[list[Waiting]]:
        """Give what waits for this payer's money class by class: lists of the caller's own."""
        return [list(line) for priority in CLASSES if (line := self._lines.get((account_no, priority)))]

    def rows(self, account_nos: Iterable[int]) -> bytes:
        """Give the records (`ROW`) of what waits for these payers' money, in the order of `of` each."""
        every = ((no, priority) for no in account_nos for priority in CLASSES)
        lines = [line for place in every if (line := self._lines.get(place)) is not None]
        return b"".join(chain.from_iterable(line.rows() for line in lines))

    def payees(self, account_nos: Container[int]) -> set[int]:
        """Give the accounts that payments in the queues of these payers would credit as one plain leg."""
        return {pair % _HIGH for pair in self._pairs if pair // _HIGH in account_nos}

    def aside(self, account_no: int) -> tuple[Waiting, ...]:
        """Give what waits aside for this account, first come first."""
        return tuple(self._aside.get(account_no, ()))

    def aside_behind(self, account_no: int, key: tuple[int, bytes] | None) -> Waiting | None:
        """Give what waits aside behind a place (None: from the first), or None where that was the last."""
        line = self._aside.get(account_no)
        found = None if line is None else line.following(key)
        return None if found is None else found[1]

    def accounts(self) -> list[int]:
        """Give the accounts whose payer has something waiting, ascending."""
        return sorted({account_no for account_no, _ in self._lines})

    # The work list

    def push_work(self, account_no: int) -> None:
        """Note that an account received money; twice is once, and nothing where nobody waits for it."""
        if account_no in self._aside or self.queued(account_no):
            self.todo.push(account_no)

    def push_all(self, account_nos: Iterable[int]) -> None:
        """Note that accounts received money, in this order."""
        for account_no in account_nos:
            self.push_work(account_no)

    def has_work(self) -> bool:
        """Tell whether an inflow is still to be worked off."""
        return bool(self.todo)

    # Snapshots

    def encode(self) -> bytes:
        """Give the canonical bytes."""
        lines = [list(self._lines[place]) for place in sorted(self._lines)]
        aside = [list(self._aside[no]) for no in sorted(self._aside)]
        cut = self.todo.cut
        return packed(
            _Saved(lines, aside, list(self.todo.accounts), None if cut is None else (cut[0], *cut[1]))
        )

    @classmethod
    def decode(cls, data: bytes) -> "Queues":
        """Build what `encode` described."""
        queues = cls()
        saved = unpacked(data, _Saved)
        for line in saved.lines:
            for item in line:
                queues.put(item)
        for line in saved.aside:
            for item in line:
                queues.put_aside(item)
        queues.todo.accounts = OrderedDict((account_no, None) for account_no in saved.work)
        if saved.cut is not None:
            account_no, priority, after = saved.cut
            queues.todo.cut = account_no, Place(priority, after)
        return queues


def _pair(one: int, other: int) -> int:
    """Give two small numbers as one."""
    return one * _HIGH + other


def _counted(ones: Ints, others: Ints) -> Iterator[tuple[int, int]]:
    """Give each pair of two columns that is there, and how often."""
    both, counts = np.unique(ones * _HIGH + others, return_counts=True)
    return zip(both.tolist(), counts.tolist(), strict=True)


class _Saved(Struct, array_like=True, frozen=True, gc=False):
    lines: list[list[Waiting]]
    aside: list[list[Waiting]]
    work: list[int]
    cut: tuple[int, int, tuple[int | bytes, ...] | None] | None
