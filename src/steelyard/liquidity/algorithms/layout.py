"""The arcs of a network of payments, laid out once; their capacities are filled in as often as it is solved.

Arcs of capacity 0 are left out. In a network that is published, arcs equal in tail, head and reward are one.
"""

import numpy as np

from steelyard.liquidity.algorithms.chains import Chains
from steelyard.liquidity.algorithms.network import FUNDS, Direct, Network, Rooms, number_nodes
from steelyard.liquidity.solver import Ints, NoFlow


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
        self._bound = Chains(pairs, limited, count, rooms, combos, rewards)
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
        by = self._order[capacity[self._order] > 0]
        columns = (self._tail[by], self._head[by], lower[by], capacity[by], self._reward[by])
        return Network(self.nodes, *columns, constant, by)

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

        Works for a published network too, as long as no two of its arcs were one: those of a class never are,
        for every kind of arc between two nodes has a reward of its own.
        """
        found = np.zeros(len(self._tail), np.int64)
        found[self._match(network) if network.places is None else network.places] = flow
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
