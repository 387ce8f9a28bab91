"""A1, entry and queue: a payment settles when it comes if it may and can, else it waits for its payer's money.

Each settlement puts its payee on a work list, first in first out; an account on the list is not put there twice.
The list is worked off: the queue of the account that waited longest is tried, each payment settled puts its payee
on the list in turn. How a queue is tried is its mode:

- `fifo`: in order of class and place, up to the first that has to stay;
- `bypass`: each is tried, to the end;
- `guarded`: urgent and high each in their order up to the first of the class that has to stay, then every normal
  one. A class that waits keeps the lower ones from nothing but what is reserved for it.

Urgent payments may use all funds, high ones what is above the reservation for urgent, normal ones what is above
both reservations. What settles uses up the reservation of its own class first.

`work` and `blocked` know nothing of money: whoever keeps the queues says what settles. So the state machine and
`enter` try payments in the same order.
"""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, Literal, NamedTuple, Protocol, TypeVar

from steelyard.liquidity.line import Key, Line
from steelyard.liquidity.queue import Queued
from steelyard.liquidity.selection import Reserved, check_all

Mode = Literal["fifo", "bypass", "guarded"]
MODES = ("fifo", "bypass", "guarded")
CLASSES = (0, 1, 2)

A = TypeVar("A")
T = TypeVar("T")


class Place(NamedTuple):
    """Where the scan of an account's queue was cut: it goes on in this class, behind this key (or at its head)."""

    priority: int
    after: Key | None


class WorkList(Generic[A]):
    """Accounts that received money and have not been looked at, first in first out, each once.

    `cut` is the one whose scan was cut. It is no longer on the list: if money comes for it meanwhile it is put
    there again, so that what was tried before the money came is tried once more.
    """

    __slots__ = ("accounts", "cut")

    def __init__(self) -> None:
        self.accounts: OrderedDict[A, None] = OrderedDict()
        self.cut: tuple[A, Place] | None = None

    def __bool__(self) -> bool:
        return self.cut is not None or bool(self.accounts)

    def push(self, account: A) -> None:
        """Put an account on the list; one that is there already stays where it is."""
        self.accounts.setdefault(account, None)

    def pop(self) -> tuple[A, Place | None] | None:
        """Take what was cut, else the account that has waited longest; None if there is nothing to do."""
        if self.cut is not None:
            taken, self.cut = self.cut, None
            return taken
        return (self.accounts.popitem(last=False)[0], None) if self.accounts else None


class Keeper(Protocol[A, T]):
    """Who keeps the queues and the work list, and can settle what waits."""

    @property
    def todo(self) -> WorkList[A]:
        """Give the work list."""

    def line(self, account: A, priority: int) -> Line[T] | None:
        """Give the queue of one class, or None where nobody waits in it."""

    def room(self, account: A, priority: int) -> int:
        """Give what a payment of this class may use now, in minor units."""

    def go(self, item: T) -> Iterable[A] | None:
        """Let a waiting payment settle and leave its queue, and name the accounts credited; None if it stays.

        One that leaves without settling names nobody.
        """


def blocked(keeper: Keeper[A, T], account: A, priority: int, mode: Mode) -> bool:
    """Tell whether a payment that comes now has to wait because others do."""
    if mode == "bypass":
        return False
    if mode == "guarded":
        return priority < 2 and bool(keeper.line(account, priority))
    return any(keeper.line(account, other) for other in range(priority + 1))


def work(keeper: Keeper[A, T], mode: Mode, *, limit: int | None = None) -> int:
    """Work off the list, at most `limit` attempts; give how many were made.

    Cut at the limit, the same call goes on later where it was: the attempts are those of one uncut run.
    """
    done = 0
    while True:
        if limit is not None and done >= limit:
            return done
        taken = keeper.todo.pop()
        if taken is None:
            return done
        account, place = taken
        tried, cut = scan(keeper, account, mode, place, None if limit is None else limit - done)
        done += tried
        if cut is not None:
            keeper.todo.cut = (account, cut)


def scan(
    keeper: Keeper[A, T], account: A, mode: Mode, place: Place | None = None, limit: int | None = None
) -> tuple[int, Place | None]:
    """Try what waits for one account's money, once; give the number of attempts, and the place if cut."""
    done = 0
    start, after = place if place is not None else (0, None)
    for priority in range(start, len(CLASSES)):
        in_turn = mode == "fifo" or (mode == "guarded" and priority < 2)
        while True:
            line = keeper.line(account, priority)
            if line is None:
                break
            found = line.following() if in_turn else line.following(after, keeper.room(account, priority))
            if found is None:
                break
            if limit is not None and done >= limit:
                return done, Place(priority, after)
            done += 1
            key, item = found
            credited = keeper.go(item)
            if credited is not None:
                for one in credited:
                    keeper.todo.push(one)
            elif mode == "fifo":
                return done, None
            elif in_turn:
                break
            else:
                after = key
        after = None
    return done, None


@dataclass(frozen=True, slots=True)
class Entered:
    """What a day's entry led to: ids in the order settled, balances at the end, ids that wait.

    `queued` goes by payer, then (priority, seq, id).
    """

    settled: tuple[str, ...]
    balances: dict[str, int]
    queued: tuple[str, ...]


def enter(
    balances: Mapping[str, int],
    payments: Iterable[Queued],
    *,
    mode: Mode = "guarded",
    reserved: Reserved | None = None,
) -> Entered:
    """Let payments come in the order of `seq`, each with all that its settlement sets free, and give the end.

    `balances` is what each account may use in all; `reserved` what of it is kept for (urgent, high).

    >>> waits = Queued("p1", "A", "B", 100, seq=0), Queued("p2", "A", "C", 30, seq=1)
    >>> enter({"A": 50, "B": 0, "C": 0}, waits, mode="bypass").settled
    ('p2',)
    >>> enter({"A": 50, "B": 0, "C": 0}, waits, mode="fifo").queued
    ('p1', 'p2')
    """
    payments = list(payments)
    check_all(balances, payments, reserved=reserved)
    if mode not in MODES:
        raise ValueError(f"mode {mode!r} is none of {', '.join(MODES)}")
    book = _Book(balances, reserved or {})
    for payment in sorted(payments, key=lambda one: (one.seq, one.priority, one.id)):
        if blocked(book, payment.payer, payment.priority, mode) or not book.pays(payment):
            book.put(payment)
            continue
        book.todo.push(payment.payee)
        work(book, mode)
    return Entered(tuple(book.settled), book.balances, book.waiting())


class _Book:
    """Balances, reservations, queues and work list of `enter`."""

    def __init__(self, balances: Mapping[str, int], reserved: Reserved) -> None:
        self.balances = {account: balances[account] for account in sorted(balances)}
        self.settled: list[str] = []
        self._kept = {account: list(kept) for account, kept in reserved.items()}
        self._lines: dict[tuple[str, int], Line[Queued]] = {}
        self.todo: WorkList[str] = WorkList()

    def line(self, account: str, priority: int) -> Line[Queued] | None:
        return self._lines.get((account, priority))

    def room(self, account: str, priority: int) -> int:
        kept = self._kept.get(account)
        return self.balances[account] - (sum(kept[:priority]) if kept else 0)

    def pays(self, payment: Queued) -> bool:
        """Settle a payment if its class has the funds."""
        payer, amount_minor = payment.payer, payment.amount_minor
        if self.room(payer, payment.priority) < amount_minor:
            return False
        self.balances[payer] -= amount_minor
        self.balances[payment.payee] += amount_minor
        kept = self._kept.get(payer)
        if kept and payment.priority < 2:
            kept[payment.priority] = max(0, kept[payment.priority] - amount_minor)
        self.settled.append(payment.id)
        return True

    def put(self, payment: Queued) -> None:
        """Let a payment wait."""
        place = payment.payer, payment.priority
        line = self._lines.get(place)
        if line is None:
            line = self._lines[place] = Line()
        line.put((payment.seq, payment.id), payment.amount_minor, payment)

    def go(self, item: Queued) -> Iterable[str] | None:
        if not self.pays(item):
            return None
        place = item.payer, item.priority
        line = self._lines[place]
        line.remove((item.seq, item.id))
        if not line:
            del self._lines[place]
        return (item.payee,)

    def waiting(self) -> tuple[str, ...]:
        """Give the ids that wait, by payer, then in order."""
        return tuple(payment.id for place in sorted(self._lines) for payment in self._lines[place])
