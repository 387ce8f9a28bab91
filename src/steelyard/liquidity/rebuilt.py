"""The arcs a certificate must have, made anew from the queue in plain Python, for `certificate.check`.

Written from the rules of the network alone; it shares no code with `algorithms/network.py`, so that an error in
one of the two shows.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

from steelyard.liquidity.queue import ALL, Queued
from steelyard.liquidity.snapshot import Snapshot

if TYPE_CHECKING:
    from steelyard.liquidity.certificate import Certificate

FUNDS = "*"
AGED_BASE, AGE_MOST = 1 << 20, 1023

Ends = tuple[str, str, int]
Piece = tuple[int, int]


class Rebuilt:
    """The network of one snapshot for one objective, as {(tail, head, reward): capacity}."""

    def __init__(self, certificate: "Certificate", snapshot: Snapshot) -> None:
        self.certificate, self.snapshot = certificate, snapshot
        self.bound = certificate.objective == "value"
        self.level = 3 if self.bound else int(certificate.objective[-1])
        self.given: dict[Ends, tuple[int, int]] = {
            (certificate.nodes[tail], certificate.nodes[head], reward): (lower, capacity)
            for tail, head, lower, capacity, reward, _ in certificate.arcs
        }
        self.arcs: dict[Ends, int] = defaultdict(int)
        self.constant = 0
        limits = snapshot.limits if self.level >= 2 else ()
        self.pairs: dict[tuple[str, str], int] = {}
        self.totals: dict[str, int] = {}
        for limit in limits:
            if limit.counterparty == ALL:
                self.totals[limit.owner] = limit.room_minor
            else:
                self.pairs[limit.owner, limit.counterparty] = limit.room_minor

    def differences(self) -> list[str]:
        """Give where the certificate's network is not that of the queue."""
        nodes = sorted([FUNDS, *self.snapshot.balances, *(name + FUNDS for name in self.totals)])
        faults = []
        if list(self.certificate.nodes) != nodes:
            faults.append("the nodes are not those of the queue")
        if self.certificate.snapshot_seq != self.snapshot.seq:
            faults.append("the certificate is of another place in time")
        if self.certificate.weight != ("unit" if self.bound else "aged"):
            faults.append("bounds are in units, classes aged")
        faults += self._fixed()
        self._payments()
        self._second_nodes()
        faults += self._funds()
        faults += self._compare()
        if self.constant != self.certificate.constant:
            faults.append(f"the constant is {self.constant}, not {self.certificate.constant}")
        return faults

    def _fixed(self) -> list[str]:
        """Take what earlier classes settled from the certificate; no pair settles more than was queued."""
        self.out: dict[str, int] = defaultdict(int)
        self.into: dict[str, int] = defaultdict(int)
        if self.bound:
            return []
        queued: dict[tuple[str, str], int] = defaultdict(int)
        for payment in self.snapshot.payments:
            if payment.priority < self.level:
                queued[payment.payer, payment.payee] += payment.amount_minor
        faults = []
        self.settled: dict[Ends, int] = {}
        for (tail, head, reward), (lower, capacity) in self.given.items():
            if reward == 0 and not tail.endswith(FUNDS) and not head.endswith(FUNDS):
                if lower != capacity or capacity > queued[tail, head]:
                    faults.append(f"what is settled before from {tail} to {head} cannot be")
                self.settled[tail, head, 0] = capacity
                self.out[tail] += capacity
                self.into[head] += capacity
        return faults

    def _in_debt(self, account: str) -> bool:
        """Tell whether an account below 0 pays nothing in this class, by the certificate's own arcs."""
        lower, _ = self.given.get((account, FUNDS, 0), (0, 0))
        return not self.bound and self.snapshot.balances[account] < 0 and lower == 0

    def _payments(self) -> None:
        if not self.bound:
            self.arcs.update(self.settled)
        normal: dict[tuple[str, str], list[Queued]] = defaultdict(list)
        for payment in self.snapshot.payments:
            if not self.bound and (payment.priority != self.level or self._in_debt(payment.payer)):
                continue
            if payment.priority == 2:
                normal[payment.payer, payment.payee].append(payment)
            else:
                self.arcs[payment.payer, payment.payee, self._reward(payment)] += payment.amount_minor
        for pair, payments in normal.items():
            back = pair[::-1]
            if pair in self.pairs or back in self.pairs:
                if pair < back or back not in normal:
                    self._chain(pair, payments, normal.get(back, []))
                continue
            for payment in payments:
                ends = self._node(*pair), self._node(*back), self._reward(payment)
                self.arcs[ends] += payment.amount_minor

    def _reward(self, payment: Queued) -> int:
        return 1 if self.bound else AGED_BASE + min(payment.age_cycles, AGE_MOST)

    def _node(self, ours: str, theirs: str) -> str:
        return ours + FUNDS if ours in self.totals and (ours, theirs) not in self.pairs else ours

    def _chain(self, pair: tuple[str, str], there: list[Queued], back: list[Queued]) -> None:
        """Add a pair under a bilateral limit: at net flow 0 as much as both can settle, then step by step.

        From there the net flow grows by the next payment of the richer side, oldest first, at its reward; when
        that side is out, by what the other side settles no more, newest first.
        """
        ours, theirs = self._pieces(there), self._pieces(back)
        sum_ours, sum_theirs = sum(size for size, _ in ours), sum(size for size, _ in theirs)
        both = min(sum_ours, sum_theirs)
        self.constant += sum(size * reward for size, reward in _first(ours, both))
        self.constant += sum(size * reward for size, reward in _first(theirs, both))
        ends = self._node(*pair), self._node(*pair[::-1])
        for way, more, less, total, room in (
            (ends, ours, theirs, sum_ours, self.pairs.get(pair)),
            (ends[::-1], theirs, ours, sum_theirs, self.pairs.get(pair[::-1])),
        ):
            steps = _after(more, both)
            steps += [(size, -reward) for size, reward in reversed(_first(less, both))]
            for size, reward in _first(steps, total if room is None else min(total, room)):
                self.arcs[*way, reward] += size

    def _pieces(self, payments: list[Queued]) -> list[Piece]:
        sums: dict[int, int] = defaultdict(int)
        for payment in payments:
            sums[self._reward(payment)] += payment.amount_minor
        return [(sums[reward], reward) for reward in sorted(sums, reverse=True)]

    def _second_nodes(self) -> None:
        sums = self._sums()
        for name, room in self.totals.items():
            twin = name + FUNDS
            self.arcs[name, twin, 0] = min(room, sums[0][twin])
            self.arcs[twin, name, 0] = sums[1][twin]

    def _sums(self) -> tuple[dict[str, int], dict[str, int]]:
        out: dict[str, int] = defaultdict(int)
        into: dict[str, int] = defaultdict(int)
        for (tail, head, _), capacity in self.arcs.items():
            out[tail] += capacity
            into[head] += capacity
        return out, into

    def _funds(self) -> list[str]:
        """Add funds arcs. A class under reservations of two earlier classes may have any funds of a range."""
        faults = []
        for name in self.snapshot.balances:
            least, most = self._usable(name)
            _, capacity = self.given.get((FUNDS, name, 0), (0, 0))
            if not least <= capacity <= most:
                faults.append(f"the usable funds of {name} are not its own")
            self.arcs[FUNDS, name, 0] = capacity
        into = self._sums()[1]
        for name in self.snapshot.balances:
            self.arcs[name, FUNDS, 0] = into[name]
        return faults

    def _usable(self, name: str) -> tuple[int, int]:
        balance = max(0, self.snapshot.balances[name])
        if self.level in (0, 3):
            return balance, balance
        urgent, high = self.snapshot.reserved.get(name, (0, 0))
        gone = self.out[name]
        used = max(0, gone - self.into[name])
        if self.level == 1:
            kept = max(0, urgent - gone), max(0, urgent - gone)
        else:
            alone = max(max(0, urgent - gone) + high, urgent + max(0, high - gone))
            kept = max(0, urgent + high - gone), alone
        return max(used, balance - kept[1]), max(used, balance - kept[0])

    def _compare(self) -> Iterator[str]:
        wanted = {ends: capacity for ends, capacity in self.arcs.items() if capacity > 0}
        for ends in sorted(wanted.keys() | self.given.keys()):
            lower, capacity = self.given.get(ends, (0, 0))
            if capacity != wanted.get(ends, 0):
                yield f"the arc {ends[0]} to {ends[1]} of reward {ends[2]} is not that of the queue"
            owed = -self.snapshot.balances.get(ends[0], 0) if ends[1] == FUNDS else 0
            fixed = not self.bound and ends in self.settled
            if lower and not fixed and (self.bound or lower != owed):
                yield f"the arc {ends[0]} to {ends[1]} has a lower bound of its own"


def _first(pieces: list[Piece], amount: int) -> list[Piece]:
    """Give the first so many units."""
    taken = []
    for size, reward in pieces:
        if amount <= 0:
            break
        taken.append((min(size, amount), reward))
        amount -= size
    return taken


def _after(pieces: list[Piece], amount: int) -> list[Piece]:
    """Give what comes after the first so many units."""
    left = []
    for size, reward in pieces:
        if size > amount:
            left.append((size - amount, reward))
        amount = max(0, amount - size)
    return left
