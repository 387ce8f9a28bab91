"""The network of queued payments: who pays whom how much, what money there is, which limits stop it.

Nodes are the accounts, the funds node `*` and, for each account with a multilateral limit, a second node
`account*` that carries what the limit counts. Arcs: funds to account (usable balance), account to funds
(unlimited), payer to payee (what is open, a reward per unit). A pair with a bilateral limit enters by its net
flow d: its value is concave in d, so it is a chain of arcs from d = 0 either way, and exact.

"Unlimited" is a number that never binds: what can come in at the arc's tail. Capacities of 0 are left out of a
network that is published, and kept in one that is solved again and again (diving), whose arcs never change.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from steelyard.liquidity.queue import ALL, Room
from steelyard.liquidity.solver import ArrayFlowSolver, FlowSolver, Ints, NoFlow

FUNDS = "*"
NO_LIMIT = 1 << 62


@dataclass(frozen=True, slots=True)
class Network:
    """Arcs in columns, sorted by (tail, head, -reward), none equal in all three. `constant` is earned anyway."""

    nodes: tuple[str, ...]
    tail: Ints
    head: Ints
    lower: Ints
    capacity: Ints
    reward: Ints
    constant: int = 0

    def solve(self, solver: FlowSolver) -> Ints:
        """Give a circulation of most reward within the bounds; raises NoFlow where there is none."""
        supplies = np.zeros(len(self.nodes), np.int64)
        np.add.at(supplies, self.head, self.lower)
        np.subtract.at(supplies, self.tail, self.lower)
        arcs = np.column_stack((self.tail, self.head, self.capacity - self.lower, -self.reward))
        if isinstance(solver, ArrayFlowSolver):
            return solver.flow_array(arcs, supplies) + self.lower
        return np.asarray(solver.min_cost_flow(arcs, supplies), np.int64) + self.lower

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
        """Read limits, checked already."""
        pairs: dict[tuple[int, int], int] = {}
        totals: dict[int, int] = {}
        for limit in limits:
            if limit.counterparty == ALL:
                totals[number[limit.owner]] = limit.room_minor
            else:
                pairs[number[limit.owner], number[limit.counterparty]] = limit.room_minor
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


class Layout:
    """The arcs of a network, fixed; their capacities are filled in by `network`.

    `pairs` are payer x accounts + payee, ascending; where one stands there twice, `normal` tells which of the two
    the limits bind (without it: all). `combos` (pair's place, level) ascending, where `rewards`
    names the reward of each level, largest first. Amounts are given per combo.
    """

    def __init__(
        self,
        accounts: tuple[str, ...],
        *,
        pairs: Ints,
        rewards: tuple[int, ...] = (1,),
        combos: tuple[Ints, Ints],
        rooms: Rooms,
        normal: Ints | None = None,
        direct: Direct | None = None,
    ) -> None:
        self.accounts, self.rewards, self.direct = accounts, rewards, direct
        self.nodes, self._first, self._second = number_nodes(accounts, sorted(rooms.totals))
        self._funds = self.nodes.index(FUNDS)
        count = len(accounts)
        payer, payee = np.divmod(pairs, count)
        self._combos = combos
        limited = np.ones(len(pairs), bool) if normal is None else normal
        self._bound = _Bilateral(pairs, limited, count, rooms, combos, rewards)
        tails = np.where(limited, self._sides(payer, payee, rooms), self._first[payer])
        heads = np.where(limited, self._sides(payee, payer, rooms), self._first[payee])
        self._free = np.flatnonzero(~self._bound.holds[combos[0]])
        which, level = combos[0][self._free], combos[1][self._free]
        low, high = self._sides(*self._bound.ends, rooms), self._sides(*self._bound.ends[::-1], rooms)
        slopes, chains = self._bound.slopes, len(low)
        split = np.asarray(sorted(rooms.totals), np.int64)
        self._split = split
        funds = np.full(count, self._funds, np.int64)
        none = np.zeros(0, np.int64)
        straight = np.divmod(direct.pairs, count) if direct else (none, none)
        blocks: list[tuple[Ints, Ints, Ints]] = [
            (
                self._first[straight[0]],
                self._first[straight[1]],
                _same(direct.reward if direct else 0, straight[0]),
            ),
            (tails[which], heads[which], np.asarray(rewards, np.int64)[level]),
            (np.tile(low, len(slopes)), np.tile(high, len(slopes)), np.repeat(slopes, chains)),
            (np.tile(high, len(slopes)), np.tile(low, len(slopes)), -np.repeat(slopes, chains)),
            (self._first[split], self._second[split], _same(0, split)),
            (self._second[split], self._first[split], _same(0, split)),
            (funds, self._first, _same(0, funds)),
            (self._first, funds, _same(0, funds)),
        ]
        self._cuts = np.cumsum([len(block[0]) for block in blocks])
        tail, head, reward = (np.concatenate([block[part] for block in blocks]) for part in range(3))
        self._kinds = np.unique(reward)
        self._order = np.argsort(
            self._keys(tail, head, reward), kind="stable"
        )  # blocks are sorted runs: cheap
        self._tail, self._head, self._reward = tail, head, reward

    def _sides(self, ours: Ints, theirs: Ints, rooms: Rooms) -> Ints:
        """Give the node at which `ours` meets `theirs`: the second one, unless a bilateral limit of ours rules."""
        nodes = self._second[ours]
        if rooms.totals and rooms.pairs:
            own = np.asarray(sorted(one * len(self.accounts) + two for one, two in rooms.pairs), np.int64)
            ruled = np.isin(ours * len(self.accounts) + theirs, own)
            nodes = np.where(ruled, self._first[ours], nodes)
        return nodes

    def network(
        self, amounts: Ints, *, funds: Ints, needs: Ints, rooms: Rooms, published: bool = False
    ) -> Network:
        """Give the network with these amounts per combo, usable funds and needs per account, and rooms.

        `rooms` has the keys it had when the layout was made; a room may be below 0 here (what was settled before
        is in it) and then forces flow the other way.
        """
        size = len(self._tail)
        lower, capacity = np.zeros(size, np.int64), np.zeros(size, np.int64)
        ends = self._cuts
        if self.direct:
            capacity[: ends[0]] = self.direct.amounts
            if self.direct.fixed:
                lower[: ends[0]] = self.direct.amounts
        capacity[ends[0] : ends[1]] = amounts[self._free]
        constant = self._bound.fill(amounts, rooms, lower[ends[1] : ends[3]], capacity[ends[1] : ends[3]])
        room = np.asarray([rooms.totals[int(one)] for one in self._split], np.int64)
        self._unlimited(lower, capacity, room, funds, needs)
        return (
            self._publish(lower, capacity, constant) if published else self._sorted(lower, capacity, constant)
        )

    def _unlimited(self, lower: Ints, capacity: Ints, room: Ints, funds: Ints, needs: Ints) -> None:
        ends = self._cuts
        incoming = np.zeros(len(self.nodes), np.int64)
        outgoing = np.zeros(len(self.nodes), np.int64)
        np.add.at(incoming, self._head[: ends[3]], capacity[: ends[3]])
        np.add.at(outgoing, self._tail[: ends[3]], capacity[: ends[3]])
        over, back = slice(ends[3], ends[4]), slice(ends[4], ends[5])
        twin = self._second[self._split]
        capacity[over] = np.minimum(np.maximum(room, 0), outgoing[twin])
        lower[back] = np.maximum(-room, 0)
        capacity[back] = incoming[twin]
        if np.any(lower > capacity):
            raise NoFlow("a limit is passed by more than can come in")
        incoming[self._first[self._split]] += incoming[twin]
        capacity[ends[5] : ends[6]] = funds
        capacity[ends[6] :] = incoming[self._first] + funds
        lower[ends[6] :] = needs
        if np.any(lower > capacity):
            raise NoFlow("an account is short by more than can come in")

    def _sorted(self, lower: Ints, capacity: Ints, constant: int) -> Network:
        by = self._order
        columns = (self._tail[by], self._head[by], lower[by], capacity[by], self._reward[by])
        return Network(self.nodes, *columns, constant)

    def _publish(self, lower: Ints, capacity: Ints, constant: int) -> Network:
        by = self._order[capacity[self._order] > 0]
        tail, head, reward = self._tail[by], self._head[by], self._reward[by]
        new = np.ones(len(by), bool)
        new[1:] = (tail[1:] != tail[:-1]) | (head[1:] != head[:-1]) | (reward[1:] != reward[:-1])
        starts = np.flatnonzero(new)
        if not len(starts):
            return Network(self.nodes, tail, head, lower[by], capacity[by], reward, constant)
        low, most = np.add.reduceat(lower[by], starts), np.add.reduceat(capacity[by], starts)
        return Network(self.nodes, tail[starts], head[starts], low, most, reward[starts], constant)

    def amounts_of(self, network: Network, flow: Ints, amounts: Ints) -> Ints:
        """Give what settles per combo under a flow of `network(amounts)`.

        Works for a published network too, as long as no two of its arcs were one: those of a class plan never
        are, for every kind of arc between two nodes has a reward of its own.
        """
        found = np.zeros(len(self._tail), np.int64)
        if len(flow) == len(self._order):
            found[self._order] = flow
        else:
            found[self._match(network)] = flow
        ends = self._cuts
        settled = np.zeros(len(amounts), np.int64)
        settled[self._free] = found[ends[0] : ends[1]]
        self._bound.read(amounts, found[ends[1] : ends[2]], found[ends[2] : ends[3]], settled)
        return settled

    def _match(self, network: Network) -> Ints:
        """Find the place of each published arc among all."""
        by = self._order
        every = self._keys(self._tail[by], self._head[by], self._reward[by])
        return by[np.searchsorted(every, self._keys(network.tail, network.head, network.reward))]

    def _keys(self, tail: Ints, head: Ints, reward: Ints) -> Ints:
        """Give a number per arc that puts them in the order (tail, head, -reward)."""
        kinds = len(self._kinds)
        rank = kinds - 1 - np.searchsorted(self._kinds, reward)
        return np.asarray((tail * len(self.nodes) + head) * kinds + rank, np.int64)


def _same(value: int, like: Ints) -> Ints:
    return np.full(len(like), value, np.int64)


class _Bilateral:
    """Pairs under a bilateral limit, as chains of arcs in their net flow d (payer of lower number to higher).

    With rewards r of what either side may settle, the value as a function of d is what the pieces
    {+r for there, -r for back} give, steepest first from d = -(all of back): the best way to split d.
    """

    def __init__(
        self,
        pairs: Ints,
        limited: Ints,
        count: int,
        rooms: Rooms,
        combos: tuple[Ints, Ints],
        rewards: tuple[int, ...],
    ) -> None:
        meet = {(min(key), max(key)) for key in rooms.pairs}
        payer, payee = np.divmod(pairs, count)
        low, high = np.minimum(payer, payee), np.maximum(payer, payee)
        named = np.asarray(sorted(one * count + two for one, two in meet), np.int64)
        joint = low * count + high
        self.holds = np.isin(joint, named) & limited
        self._joint = np.unique(joint[self.holds])
        self.ends = np.divmod(self._joint, count)
        pieces = [(reward, 0, level) for level, reward in enumerate(rewards)]
        pieces += [(-reward, 1, level) for level, reward in enumerate(rewards)]
        pieces.sort(key=lambda piece: -piece[0])
        self.slopes = np.asarray([piece[0] for piece in pieces], np.int64)
        self._side = [piece[1] * len(rewards) + piece[2] for piece in pieces]
        self._rewards = rewards
        self._mine = np.flatnonzero(self.holds[combos[0]])
        which, level = combos[0][self._mine], combos[1][self._mine]
        back = (payer > payee)[which]
        self._row = back * len(rewards) + level
        self._column = np.searchsorted(self._joint, joint[which])

    def _pieces(self, amounts: Ints) -> tuple[Ints, Ints, Ints]:
        """Give the length of each piece (rows, steepest first) of each pair (columns), its start and its end."""
        table = np.zeros((2 * len(self._rewards), len(self._joint)), np.int64)
        table[self._row, self._column] = amounts[self._mine]
        length = table[self._side]
        end = np.cumsum(length, axis=0) - table[len(self._rewards) :].sum(axis=0)
        return length, end - length, end

    def fill(self, amounts: Ints, rooms: Rooms, lower: Ints, capacity: Ints) -> int:
        """Write bounds of the chains, there before back, and give what they earn at d = 0."""
        if not len(self._joint):
            return 0
        length, start, end = self._pieces(amounts)
        ends = list(zip(self.ends[0].tolist(), self.ends[1].tolist(), strict=True))
        there = np.asarray([rooms.pairs.get(pair, NO_LIMIT) for pair in ends], np.int64)
        back = np.asarray([rooms.pairs.get(pair[::-1], NO_LIMIT) for pair in ends], np.int64)
        most, least = np.minimum(end[-1], there), np.maximum(start[0], -back)
        if np.any(least > most):
            raise NoFlow("two limits of a pair contradict what is settled")
        half = length.size

        def cut(starts: Ints, ends: Ints, at: Ints) -> Ints:
            top = np.maximum(at, 0)
            return np.ravel(np.minimum(np.maximum(ends, 0), top) - np.minimum(np.maximum(starts, 0), top))

        capacity[:half], lower[:half] = cut(start, end, most), cut(start, end, least)
        capacity[half:], lower[half:] = cut(-end, -start, -least), cut(-end, -start, -most)
        earned = 0
        before = np.minimum(np.maximum(-start, 0), length)
        for row, slope in enumerate(self.slopes.tolist()):
            earned += slope * int(before[row].sum())
            if self._side[row] >= len(self._rewards):
                earned -= slope * int(length[row].sum())
        return earned

    def read(self, amounts: Ints, there: Ints, back: Ints, settled: Ints) -> None:
        """Write what each combo under a bilateral limit settles, from the flows of the chains."""
        if not len(self._joint):
            return
        length, start, _ = self._pieces(amounts)
        net = (there - back).reshape(length.shape).sum(axis=0)
        gone = np.minimum(np.maximum(net - start, 0), length)
        table = np.zeros_like(length)
        for row, side in enumerate(self._side):
            table[side] = gone[row] if side < len(self._rewards) else length[row] - gone[row]
        settled[self._mine] = table[self._row, self._column]
