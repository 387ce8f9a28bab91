"""The books of a simulated day: balances and queues, worked by A1's own scan; offsets, plans and cycles on top.

Accounts are (bank, currency), or banks where there is one pool of value. All currencies run in one book: their
accounts have nothing in common, so each settles as it would alone.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from steelyard.liquidity.algorithms.bilateral import offset_pair
from steelyard.liquidity.algorithms.entry import Mode, WorkList, blocked, work
from steelyard.liquidity.line import Line
from steelyard.liquidity.queue import ALL, Queued, Room
from steelyard.sim import plans
from steelyard.sim.exchanging import exchange
from steelyard.sim.mechanisms import Mechanism
from steelyard.sim.scenario import Limits
from steelyard.sim.sending import NEVER
from steelyard.sim.synthetic import Day
from steelyard.sim.watching import Watch

NORMAL = 2


@dataclass(slots=True)
class Accounts:
    """Where money is: names of accounts, and per payment the places of its payer's and payee's."""

    names: list[str]
    bank: list[int]
    payer: list[int]
    payee: list[int]

    @classmethod
    def of(cls, day: Day, *, pool: bool) -> "Accounts":
        """Give one account per bank and currency, or one per bank."""
        if pool:
            return cls(list(day.banks), list(range(len(day.banks))), day.payer.tolist(), day.payee.tolist())
        width = len(day.currencies)
        names = [f"{bank}/{code}" for bank in day.banks for code in day.currencies]
        bank = [number for number in range(len(day.banks)) for _ in range(width)]
        payer, payee = day.payer * width + day.currency, day.payee * width + day.currency
        return cls(names, bank, payer.tolist(), payee.tolist())


@dataclass(slots=True)
class Money:
    """What each account begins with: its own money, its line, and what a threshold keeps back."""

    own: list[int]
    line: list[int]
    kept: list[int]


@dataclass(slots=True)
class Batch:
    """One run of offsets, of a plan or of a cycle: when, what waited, what settled, how many in parts."""

    at_s: int
    queued_minor: int
    settled_minor: int
    settled: int
    parts: int


class Book:
    """Balances, queues and work list of a simulated day: the keeper that A1's scan works for."""

    def __init__(
        self, day: Day, accounts: Accounts, money: Money, mechanism: Mechanism, limits: Limits
    ) -> None:  # fmt: skip
        self.mechanism, self.limits = mechanism, limits
        self.codes = day.currencies
        self.names, self.payer, self.payee = accounts.names, accounts.payer, accounts.payee
        self.priority: list[int] = day.priority.tolist()
        self.open: list[int] = day.amount_minor.tolist()
        self.may_split: list[bool] = (
            day.divisible(mechanism.split, by_currency=not mechanism.pool).tolist()
            if mechanism.split
            else [False] * len(day)
        )
        self.floor = [max(minor // 100, 1) for minor in self.open] if mechanism.split else [0] * len(day)
        self.seq = [0] * len(day)
        self.entered = 0
        self.age = [0] * len(day)
        self.known: dict[int, Queued] = {}
        self.balance = [own + line for own, line in zip(money.own, money.line, strict=True)]
        self.opening = list(money.own)
        self.floor_of_use = list(self.balance)  # lowest balance seen, line included
        self.line_minor = list(money.line)
        self.kept = list(money.kept)
        self.now_s = 0
        self.log: list[tuple[int, int, int]] = []
        self.waiting: dict[int, Line[int]] = {}
        self.pairs: dict[tuple[int, int], dict[int, None]] = {}
        self.nets: dict[tuple[int, int], int] = {}
        self.asset: list[int] = [0] * len(day) if mechanism.pool else day.currency.tolist()
        self.width = 1 if mechanism.pool else len(day.currencies)
        gap_s = mechanism.batch_gap_s
        self.watches = [Watch(gap_s) for _ in range(self.width)] if mechanism.batched and gap_s else []
        self.batches: list[Batch] = []
        self.refused = self.offsets = 0
        self.todo: WorkList[int] = WorkList()
        self._limited = limits.bilateral_minor is not None or limits.multilateral_minor is not None
        self._mode: Mode = mechanism.entry if mechanism.entry not in ("rtgs", "cycle") else "bypass"  # type: ignore[assignment]

    # what A1 asks of its keeper

    def line(self, account: int, priority: int) -> Line[int] | None:
        """Give the queue of one class of an account."""
        return self.waiting.get(account * 3 + priority)

    def room(self, account: int, priority: int) -> int:
        """Give what a class may use: a threshold keeps its share back from normal payments alone."""
        return self.balance[account] - (self.kept[account] if priority == NORMAL else 0)

    def go(self, item: int) -> Iterable[int] | None:
        """Let a waiting payment settle, if its payer has the money."""
        minor = self.open[item]
        if not self.pays(item):
            return None
        self.take(item, minor)
        payee = self.payee[item]
        return (payee,) if self._waits(payee) else ()

    def _waits(self, account: int) -> bool:
        waiting, first = self.waiting, account * 3
        return first + 2 in waiting or first in waiting or first + 1 in waiting

    # what a day asks

    def pays(self, item: int) -> bool:
        """Settle a payment whole if limits and money allow."""
        payer, amount_minor = self.payer[item], self.open[item]
        left = self.balance[payer] - amount_minor
        if left < (self.kept[payer] if self.priority[item] == NORMAL else 0):
            return False
        if self._limited and not self._within_limits(item, amount_minor):
            return False
        self.balance[payer] = left
        if left < self.floor_of_use[payer]:
            self.floor_of_use[payer] = left
        self.balance[self.payee[item]] += amount_minor
        self._settled(item, amount_minor)
        return True

    def _settled(self, item: int, amount_minor: int) -> None:
        self.open[item] -= amount_minor
        self.log.append((item, self.now_s, amount_minor))
        if self._limited and self.priority[item] == NORMAL:
            payer, payee = self.payer[item], self.payee[item]
            for one, other, sign in ((payer, payee, 1), (payee, payer, -1)):
                self.nets[one, other] = self.nets.get((one, other), 0) + sign * amount_minor
                self.nets[one, -1] = self.nets.get((one, -1), 0) + sign * amount_minor

    def _within_limits(self, item: int, amount_minor: int) -> bool:
        if self.priority[item] != NORMAL:
            return True
        limits, payer = self.limits, self.payer[item]
        if limits.bilateral_minor is not None:  # where every pair has one, there is nobody for the other kind
            return self.nets.get((payer, self.payee[item]), 0) + amount_minor <= limits.bilateral_minor
        assert limits.multilateral_minor is not None
        return self.nets.get((payer, -1), 0) + amount_minor <= limits.multilateral_minor

    def arrive(self, item: int) -> None:
        """Let a payment enter: settle with all that follows, be refused, or wait."""
        mechanism = self.mechanism
        self.entered += 1
        self.seq[item] = self.entered
        if mechanism.entry == "cycle":
            self.put(item)
            return
        payer, priority = self.payer[item], self.priority[item]
        if mechanism.entry != "rtgs" and blocked(self, payer, priority, self._mode):
            self._wait(item)
        elif self.pays(item):
            if self._waits(self.payee[item]):
                self.todo.push(self.payee[item])
                work(self, self._mode)
        elif mechanism.entry == "rtgs":
            self.refused += 1
        else:
            self._wait(item)

    def _wait(self, item: int) -> None:
        self.put(item)
        if self.mechanism.bilateral and (self.payee[item], self.payer[item]) in self.pairs:
            self._offset(self.payer[item], self.payee[item])

    def put(self, item: int) -> None:
        """Take a payment into its payer's queue."""
        payer = self.payer[item]
        place = payer * 3 + self.priority[item]
        line = self.waiting.get(place)
        if line is None:
            line = self.waiting[place] = Line()
        line.put((self.seq[item],), self.open[item], item)
        if self.watches:
            self.watches[self.asset[item]].joined(self.open[item], urgent=self.priority[item] == 0)
        if self.mechanism.bilateral:
            self.pairs.setdefault((payer, self.payee[item]), {})[item] = None

    def take(self, item: int, minor: int) -> None:
        """Take a payment out of its payer's queue, where it stood with so much open."""
        payer = self.payer[item]
        place = payer * 3 + self.priority[item]
        line = self.waiting[place]
        line.remove((self.seq[item],))
        if not line:
            del self.waiting[place]
        if self.watches:
            self.watches[self.asset[item]].left(minor)
        if self.mechanism.bilateral:
            pair = self.pairs[payer, self.payee[item]]
            del pair[item]
            if not pair:
                del self.pairs[payer, self.payee[item]]

    def withdraw(self, item: int) -> None:
        """Let a payer take a queued payment back; what stood behind it moves on."""
        self.take(item, self.open[item])
        self.known.pop(item, None)
        self.age[item] = 0
        self.work_off((self.payer[item],))

    def queued(self) -> list[int]:
        """Give what waits, by account and class, in the order of its queue."""
        return [item for place in sorted(self.waiting) for item in self.waiting[place]]

    def queued_in(self, asset: int) -> list[int]:
        """Give what waits in one currency, by account and class."""
        places = (place for place in range(asset * 3, len(self.names) * 3, self.width * 3))
        lines = (self.waiting.get(first + each) for first in places for each in range(3))
        return [item for line in lines if line is not None for item in line]

    def work_off(self, accounts: Iterable[int]) -> None:
        """Try what waits on these accounts, as after an inflow."""
        if self.mechanism.entry not in ("rtgs", "cycle"):
            for account in accounts:
                if self._waits(account):
                    self.todo.push(account)
            work(self, self._mode)

    def add(self, account: int, amount_minor: int) -> None:
        """Bring money in, or take it away."""
        self.balance[account] += amount_minor
        if amount_minor > 0:
            if self.watches:
                self.watches[account % self.width].came_in(amount_minor)
            self.work_off((account,))

    # when batches come

    def look(self) -> None:
        """Let what has just happened bring about batches."""
        for asset, watch in enumerate(self.watches):
            if watch.touched and watch.calls(self.now_s):
                self.batch(asset)

    def work_until(self, at_s: int) -> None:
        """Run the batches that have waited for their gap to be over, up to a time, each at its own."""
        while wanted := [(w.wanted_s, asset) for asset, w in enumerate(self.watches) if w.wanted_s != NEVER]:
            self.now_s, asset = min(wanted)
            if self.now_s > at_s:
                return
            self.watches[asset].wanted_s = NEVER
            self.batch(asset)

    # offsets, plans and cycles

    def _offset(self, u: int, v: int) -> None:
        """A2 on the queues of a pair, as one of them grew."""
        there, back = (sorted(self.pairs[pair], key=self._place) for pair in ((u, v), (v, u)))
        amounts = [self.open[item] for item in there], [self.open[item] for item in back]
        i, j = offset_pair(*amounts, room_there=self._pair_room(u, v), room_back=self._pair_room(v, u))
        if i and j:
            self.offsets += 1
            self.apply({item: self.open[item] for item in (*there[:i], *back[:j])})

    def _pair_room(self, u: int, v: int) -> int:
        room = max(self.room(u, NORMAL), 0)
        if self.limits.bilateral_minor is not None:
            room = min(room, max(self.limits.bilateral_minor - self.nets.get((u, v), 0), 0))
        elif self.limits.multilateral_minor is not None:
            room = min(room, max(self.limits.multilateral_minor - self.nets.get((u, -1), 0), 0))
        return room

    def _place(self, item: int) -> tuple[int, int]:
        return self.priority[item], self.seq[item]

    def as_queued(self, items: Iterable[int]) -> list[Queued]:
        """Give payments as the algorithms take them; ids are places of the day's columns. Ages are for plans."""
        known, found = self.known, []
        for n in items:
            if n not in known:
                known[n] = Queued(
                    str(n), self.names[self.payer[n]], self.names[self.payee[n]], self.open[n], self.priority[n],
                    self.seq[n], self.age[n], self.may_split[n], self.floor[n],
                )  # fmt: skip
            found.append(known[n])
        return found

    def rooms(self, items: Iterable[int]) -> tuple[Room, ...]:
        """Give what is left of the limits that these payments could meet."""
        limits, names = self.limits, self.names
        if limits.bilateral_minor is not None:
            one_way = {(self.payer[n], self.payee[n]) for n in items}
            return tuple(
                Room(names[u], names[v], max(limits.bilateral_minor - self.nets.get((u, v), 0), 0))
                for u, v in sorted(one_way)
            )
        if limits.multilateral_minor is not None:
            return tuple(
                Room(names[u], ALL, max(limits.multilateral_minor - self.nets.get((u, -1), 0), 0))
                for u in sorted({self.payer[n] for n in items})
            )
        return ()

    def turn(self) -> None:
        """Run a batch of every currency by the clock, after what banks exchange where the mechanism lets them.

        One that has just had a batch, because of what happened in this very second, has its turn behind it.
        """
        if self.mechanism.fx and self.waiting:
            self._exchange(self.queued())
        for asset in range(self.width):
            if not self.watches or self.watches[asset].asked_s != self.now_s:
                self.batch(asset)

    def batch(self, asset: int) -> None:
        """Run the set or the plan that the mechanism names over all that waits in a currency."""
        items = self.queued_in(asset)
        if not items:
            return
        watch = self.watches[asset] if self.watches else None
        if watch is not None:
            watch.asked(self.now_s)
        value = sum(self.open[item] for item in items)
        touched = sorted({account for n in items for account in (self.payer[n], self.payee[n])})
        balances = {self.names[account]: self.balance[account] for account in touched}
        kept = {self.names[account]: (0, self.kept[account]) for account in touched if self.kept[account]}
        parts = plans.choose(self.mechanism, balances, self.as_queued(items), self.rooms(items), kept)
        self._note(value, {int(name): minor for name, minor in parts.items()}, watch)
        if self.mechanism.split:
            for item in items:
                self.age[item] += 1
                self.known.pop(item, None)

    def _exchange(self, items: list[int]) -> None:
        """Let banks exchange what they can spare for what they lack, at reference rates, and queues move on."""
        owed: dict[int, int] = {}
        for item in items:
            owed[self.payer[item]] = owed.get(self.payer[item], 0) + self.open[item]
        moved: dict[int, None] = {}
        for source, target, minor in exchange(lambda one: self.room(one, NORMAL), owed, self.codes):
            self.balance[source] -= minor
            self.balance[target] += minor
            self.floor_of_use[source] = min(self.floor_of_use[source], self.balance[source])
            moved[target] = moved[source] = None
        self.work_off(moved)

    def cycle(self) -> None:
        """Settle one netting cycle: all of it where participants bring in what it asks, else what is covered."""
        if not self.mechanism.fund:
            self.turn()
            return
        items = self.queued()
        if items:
            self._note(sum(self.open[n] for n in items), {n: self.open[n] for n in items})

    def _note(self, value: int, parts: dict[int, int], watch: Watch | None = None) -> None:
        partial = sum(minor < self.open[n] for n, minor in parts.items())
        self.batches.append(Batch(self.now_s, value, sum(parts.values()), len(parts), partial))
        self.apply(parts, watch)

    def apply(self, parts: dict[int, int], watch: Watch | None = None) -> None:
        """Book payments and parts as one bundle that is tested at its end, then let queues move on."""
        paying: set[int] = set()
        paid: set[int] = set()
        for item in sorted(parts, key=self._place):
            minor, payer, payee = parts[item], self.payer[item], self.payee[item]
            self.take(item, self.open[item])
            self.balance[payer] -= minor
            self.balance[payee] += minor
            self._settled(item, minor)
            if self.open[item]:
                self.put(item)
            paying.add(payer)
            paid.add(payee)
        for account in paying:
            self.floor_of_use[account] = min(self.floor_of_use[account], self.balance[account])
        if watch is not None:
            watch.settled_down()
        self.work_off(sorted(paid))
