"""A8, the delay that no rule can undercut: what waits in any case, with the money there is.

At every instant the value settled is at most S, the bound of A4 on everything sent up to then, as if it settled from
scratch, in parts, priority ignored and no limit in force. So what was sent less S waits, whatever the rule, and
sums over the day to the least waiting. S is the same circulation as in `flow.py`; nothing is built anew here.

The flow is solved at some instants only. The potentials that prove it at one of them bound S at every other one (weak
duality): a payment that comes adds at most its amount x what its arcs are still worth under these potentials. Of the
instants on either side the better bound counts, so the answer is a true lower bound whatever the instants, and
exact if they are all those at which something is sent.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from steelyard.liquidity.algorithms.flow import Packed, Proof, prove_bound, too_large
from steelyard.liquidity.algorithms.network import FUNDS, Rooms
from steelyard.liquidity.solver import MOST, FlowSolver, Ints

INSTANTS = 120


class Inflow(NamedTuple):
    """Money that comes during the day: when, to which account (its place), how much."""

    at: int
    account: int
    minor: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """Amounts x time: what waits at least, and what would wait if nothing settled before the close."""

    waited: int
    could: int

    @property
    def index(self) -> Fraction:
        """Give the delay index that no rule goes below; 0 where nothing could wait."""
        return Fraction(self.waited, self.could) if self.could else Fraction(0)


def least_waiting(
    packed: Packed, sent_at: Ints, *, close_at: int, solver: FlowSolver, inflows: Iterable[Inflow] = (),
    instants: int = INSTANTS,
) -> Waiting | None:  # fmt: skip
    """Give the least that value can wait from being sent to settling, or to the close.

    `packed` has the day's payments and the money that is there from the beginning, lines of credit included;
    `sent_at` the time of each payment, none after `close_at`, in whole units of time. Nothing waits less, as a rule
    settles at time t only what was sent by t, with money that was there by t. None where sums pass 2^62.

    >>> from steelyard.liquidity.algorithms.successive import SuccessivePaths
    >>> column = lambda *numbers: np.array(numbers, dtype=np.int64)
    >>> ring = Packed(("A", "B", "C"), column(0, 0, 0), column(0, 1, 2), column(1, 2, 0), column(100, 80, 70),
    ...               column(2, 2, 2))
    >>> least_waiting(ring, column(0, 10, 20), close_at=60, solver=SuccessivePaths())
    Waiting(waited=4400, could=12800)
    """
    inflows = tuple(inflows)
    came = [one.minor for one in inflows]
    if too_large([*packed.balances.tolist(), *came], packed.amount.tolist()):
        return None
    could = _weigh(packed.amount, close_at - sent_at)
    if not len(sent_at):
        return Waiting(0, 0)
    day = _Day(packed, sent_at, inflows)
    waiting = day.sent - day.settled_most(solver, instants)
    lasts = np.diff(day.at, append=close_at)
    return Waiting(_weigh(waiting, lasts), could)


class _Day:
    """What happens, in order of time: payments are sent, money comes in. `sent` is the value sent up to each."""

    def __init__(self, packed: Packed, sent_at: Ints, inflows: tuple[Inflow, ...]) -> None:
        self.packed, count = packed, len(sent_at)
        joint = packed.payer * len(packed.accounts) + packed.payee
        self._pairs, which = np.unique(joint, return_inverse=True)
        size = len(self._pairs)
        at = np.concatenate((sent_at, np.array([one.at for one in inflows], np.int64)))
        order = np.argsort(at, kind="stable")
        self.at = at[order]
        minor = np.concatenate((packed.amount, np.array([one.minor for one in inflows], np.int64)))
        # a kind per pair, then one per account that money comes to: what an event's worth under potentials goes by
        account = size + np.array([one.account for one in inflows], np.int64)
        self._minor, self._kind = minor[order], np.concatenate((which, account))[order]
        self.sent: Ints = np.cumsum(np.where(order < count, self._minor, 0))

    def settled_most(self, solver: FlowSolver, instants: int) -> Ints:
        """Give, after each event, a value that what is settled by then cannot pass; never more than was sent."""
        most = self.sent.copy()
        ends = self._ends(instants)
        totals = np.zeros(len(self._pairs) + len(self.packed.accounts), np.int64)
        before = 0
        for place, end in enumerate(ends):
            some = slice(before, end)
            np.add.at(totals, self._kind[some], self._minor[some])
            proof = self._prove(totals, solver)
            until = ends[place + 1] if place + 1 < len(ends) else end
            self._cut(most, proof, before, end, until)
            before = end
        return most

    def _ends(self, instants: int) -> list[int]:
        """Give after how many events the flow is solved: at even times, whole instants together."""
        first, last = int(self.at[0]), int(self.at[-1])
        times = [first + (last - first) * n // max(instants, 1) for n in range(instants + 1)]
        found: list[int] = np.searchsorted(self.at, times, side="right").tolist()
        return sorted({*found, len(self.at)})

    def _prove(self, totals: Ints, solver: FlowSolver) -> Proof:
        packed, size = self.packed, len(self._pairs)
        open_pairs = np.flatnonzero(totals[:size])
        payer, payee = np.divmod(self._pairs[open_pairs], len(packed.accounts))
        balances = np.maximum(packed.balances, 0) + totals[size:]
        now = Packed(
            packed.accounts, balances, payer, payee, totals[open_pairs], np.full(len(payer), 2, np.int64)
        )
        return prove_bound(now, Rooms(), solver=solver)

    def _cut(self, most: Ints, proof: Proof, first: int, end: int, until: int) -> None:
        """Bring down what cannot be passed from `first` to `until`, by what is proved after the first `end` events."""
        minor = self._minor[first:until]
        worth = self._worth(proof)[self._kind[first:until]]
        if int(worth.max()) * int(minor.sum()) >= MOST:  # too much for 64 bits: then only where it is proved
            most[end - 1] = min(int(most[end - 1]), proof.value)
            return
        running = np.cumsum(worth * minor)
        running += proof.value - running[end - 1 - first]
        np.minimum(most[first:until], running, out=most[first:until])

    def _worth(self, proof: Proof) -> Ints:
        """Give what a unit more of each kind can add to the bound at most, under the potentials of a proof.

        A unit on an arc adds at most max(0, reward - potential of its tail + that of its head). One that is sent
        widens its own arc and the payee's way back to the funds; money widens both arcs of its account.
        """
        place = {name: number for number, name in enumerate(proof.network.nodes)}
        potential = proof.potential - proof.potential[place[FUNDS]]
        mine = potential[np.array([place[name] for name in self.packed.accounts], np.int64)]
        back, out = np.maximum(-mine, 0), np.maximum(mine, 0)
        payer, payee = np.divmod(self._pairs, len(self.packed.accounts))
        across = np.maximum(1 - mine[payer] + mine[payee], 0)
        return np.concatenate((across + back[payee], out + back))


def _weigh(amounts: Ints, spans: Ints) -> int:
    """Give the exact sum of products, beyond 64 bits."""
    return int(amounts.astype(object) @ spans.astype(object))
