"""The network of queued payments: who pays whom how much, what money there is, which limits stop it.

Nodes are the accounts, the funds node `*` and, for each account with a multilateral limit, a second node
`account*` that carries what the limit counts. Arcs: funds to account (usable balance), account to funds
(unlimited), payer to payee (what is open, a reward per unit). A pair with a bilateral limit enters by its net
flow d: its value is concave in d, so it is a chain of arcs from d = 0 either way (`chains.py`), and exact.
"Unlimited" is a number that never binds: what can come in at the arc's tail. `layout.py` builds it all.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from steelyard.liquidity.queue import ALL, Room
from steelyard.liquidity.solver import MOST, ArrayFlowSolver, FlowSolver, Ints

FUNDS = "*"


@dataclass(frozen=True, slots=True)
class Network:
    """Arcs in columns, sorted by (tail, head, -reward), none equal in all three. `constant` is earned anyway.

    `places` are those of the arcs in the layout that made them, where none of them were merged.
    """

    nodes: tuple[str, ...]
    tail: Ints
    head: Ints
    lower: Ints
    capacity: Ints
    reward: Ints
    constant: int = 0
    places: Ints | None = None

    def solve(self, solver: FlowSolver) -> Ints:
        """Give a circulation of most reward within the bounds; raises NoFlow where there is none."""
        supplies = np.zeros(len(self.nodes), np.int64)
        np.add.at(supplies, self.head, self.lower)
        np.subtract.at(supplies, self.tail, self.lower)
        arcs = np.column_stack((self.tail, self.head, self.capacity - self.lower, -self.reward))
        if isinstance(solver, ArrayFlowSolver):
            return solver.flow_array(arcs, supplies) + self.lower
        return np.asarray(solver.min_cost_flow(arcs, supplies), np.int64) + self.lower

    def holds(self, flow: Ints) -> bool:
        """Tell whether a flow conserves at every node and keeps its bounds."""
        left = np.zeros(len(self.nodes), np.int64)
        np.add.at(left, self.head, flow)
        np.subtract.at(left, self.tail, flow)
        return not left.any() and bool(np.all((self.lower <= flow) & (flow <= self.capacity)))

    def value(self, flow: Ints) -> int:
        """Give constant + reward x flow, exactly: the sum may need more than 64 bits."""
        return self.constant + weighted(self.reward, flow)


def weighted(rewards: Ints, amounts: Ints) -> int:
    """Sum reward x amount in Python's integers, one product per reward."""
    kinds, which = np.unique(rewards, return_inverse=True)
    sums = np.zeros(len(kinds), np.int64)
    np.add.at(sums, which, amounts)
    return sum(int(kind) * int(total) for kind, total in zip(kinds, sums, strict=True))


@dataclass(frozen=True, slots=True)
class Rooms:
    """Limits by number of account: room of (owner, counterparty), and room of an owner over the others."""

    pairs: Mapping[tuple[int, int], int] = field(default_factory=dict)
    totals: Mapping[int, int] = field(default_factory=dict)

    @classmethod
    def of(cls, limits: Iterable[Room], number: Mapping[str, int]) -> "Rooms":
        """Read limits, checked already; none has to be above what all payments sum to."""
        pairs: dict[tuple[int, int], int] = {}
        totals: dict[int, int] = {}
        for limit in limits:
            room = min(limit.room_minor, MOST)
            if limit.counterparty == ALL:
                totals[number[limit.owner]] = room
            else:
                pairs[number[limit.owner], number[limit.counterparty]] = room
        return cls(pairs, totals)

    def less(self, settled: Iterable[tuple[int, int, int]]) -> "Rooms":
        """Give what is left of them after normal payments (payer, payee, amount); they may be below 0 then."""
        pairs, totals = dict(self.pairs), dict(self.totals)
        for payer, payee, amount in settled:
            for owner, other, change in ((payer, payee, -amount), (payee, payer, amount)):
                if (owner, other) in pairs:
                    pairs[owner, other] += change
                elif owner in totals:
                    totals[owner] += change
        return Rooms(pairs, totals)

    def __bool__(self) -> bool:
        return bool(self.pairs or self.totals)


@dataclass(frozen=True, slots=True)
class Direct:
    """Payments that no limit touches, per pair, all of one reward. `fixed`: they settle in any case."""

    pairs: Ints
    amounts: Ints
    reward: int
    fixed: bool = False


def number_nodes(accounts: tuple[str, ...], split: Iterable[int]) -> tuple[tuple[str, ...], Ints, Ints]:
    """Give node keys ascending, the node of each account, and its second node (its first where it has none)."""
    wrong = [name for name in accounts if name.endswith(FUNDS)]
    if wrong:
        raise ValueError(f"the name of account {wrong[0]} ends in {FUNDS}")
    doubled = {number: accounts[number] + FUNDS for number in split}
    nodes = tuple(sorted([FUNDS, *accounts, *doubled.values()]))
    place = {name: index for index, name in enumerate(nodes)}
    first = np.fromiter((place[name] for name in accounts), np.int64, len(accounts))
    second = first.copy()
    for number, name in doubled.items():
        second[number] = place[name]
    return nodes, first, second
