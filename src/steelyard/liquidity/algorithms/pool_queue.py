"""The obligations of A12 in one order, whatever their currency, with the value of each; and what mends a choice.

A choice ("parts") is a list of minor units, one per payment in the queue's order: 0, a part or all.
"""

from collections.abc import Iterable, Mapping, Sequence

from msgspec.structs import replace

from steelyard.liquidity.algorithms.greedy import drop_and_add_back
from steelyard.liquidity.algorithms.pool_network import Account, Ground, Pair
from steelyard.liquidity.queue import Queued
from steelyard.liquidity.selection import in_order

ROUNDS_MAX = 6
"""Times a mended part is cut to whole minor units before it is dropped instead."""

Parts = list[int]


class PoolQueue:
    """Payments with their currencies and the worth of a minor unit of each, sorted by (priority, seq, id)."""

    def __init__(self, payments: Mapping[str, Iterable[Queued]], units: Mapping[str, int]) -> None:
        coin = {row.id: currency for currency, rows in payments.items() for row in rows}
        self.units = units
        self.rows = in_order([row for currency in sorted(payments) for row in payments[currency]])
        self.coins = [coin[row.id] for row in self.rows]
        self.unit = [units[currency] for currency in self.coins]
        self._in_value: list[Queued] = []
        self.worth = [row.amount_minor * unit for row, unit in zip(self.rows, self.unit, strict=True)]

    def all(self) -> Parts:
        """Give the choice of everything."""
        return [row.amount_minor for row in self.rows]

    def by_pair(self, parts: Parts) -> dict[Pair, int]:
        """Give the value of parts per (payer, payee)."""
        sums: dict[Pair, int] = {}
        for row, minor, unit in zip(self.rows, parts, self.unit, strict=True):
            if minor:
                pair = row.payer, row.payee
                sums[pair] = sums.get(pair, 0) + minor * unit
        return sums

    def fixed(self, parts: Parts) -> Parts:
        """Give what of a choice cannot be split."""
        return [0 if row.may_split else minor for row, minor in zip(self.rows, parts, strict=True)]

    def filled(self, settled: Mapping[Pair, int], fixed: Parts | None = None) -> Parts:
        """Deal each pair's value to its payments: by class, inside it oldest first; whole minor units.

        What fits is whole; of what does not, a part, if that and what it leaves reach the floor. With `fixed`
        those stay as they are and only what may be split is dealt to.
        """
        left = dict(settled)
        parts = [0] * len(self.rows) if fixed is None else list(fixed)
        for pair, value in self.by_pair(parts).items():
            left[pair] = left.get(pair, 0) - value
        ranks = [(row.priority, -row.age_cycles) for row in self.rows]
        for place in sorted(range(len(self.rows)), key=ranks.__getitem__):
            row = self.rows[place]
            if fixed is not None and not row.may_split:
                continue
            pair = row.payer, row.payee
            room = left.get(pair, 0)
            fits = self.worth[place] <= room
            minor = row.amount_minor if fits else part_of(row, room // self.unit[place])
            if minor:
                parts[place] = minor
                left[pair] = room - minor * self.unit[place]
        return parts

    def value(self, parts: Parts) -> int:
        """Sum the value of parts."""
        return sum(minor * unit for minor, unit in zip(parts, self.unit, strict=True))

    def nets(self, parts: Parts) -> dict[Account, int]:
        """Give what each account gains by the payments, minor units, where it takes part in any."""
        nets: dict[Account, int] = {}
        for row, coin, minor in zip(self.rows, self.coins, parts, strict=True):
            if minor:
                payer, payee = (row.payer, coin), (row.payee, coin)
                nets[payer] = nets.get(payer, 0) - minor
                nets[payee] = nets.get(payee, 0) + minor
        return nets

    def spare(self, ground: Ground, parts: Parts) -> dict[str, int]:
        """Give each participant's value above its lows after the payments."""
        spare = dict(ground.worth)
        for (participant, currency), net in self.nets(parts).items():
            spare[participant] += net * self.units[currency]
        return spare

    def mended(self, ground: Ground, parts: Parts) -> Parts:
        """Drop or cut what a participant cannot cover in value (A6).

        Being short by less than one minor unit of the dearest currency is let pass: it comes of cutting to whole
        minor units, and whoever holds are planned evens it out. A part cut again is cut to whole units again;
        after some rounds parts are dropped instead, so this ends.
        """
        leeway = ground.leeway
        funds = {who: value + leeway for who, value in ground.worth.items()}
        for turn in range(ROUNDS_MAX + 1):
            if all(value >= -leeway for value in self.spare(ground, parts).values()):
                break
            parts = self._greedy(funds, parts, cuts=turn < ROUNDS_MAX, add_back=False)
        return parts

    def added_back(self, ground: Ground, parts: Parts) -> Parts:
        """Add whole payments back as long as their payers cover them in value (A6)."""
        spare = self.spare(ground, parts)
        funds = {who: value + max(0, -spare[who]) for who, value in ground.worth.items()}
        return self._greedy(funds, parts, cuts=True, add_back=True)

    def _valued(self) -> list[Queued]:
        """Give the payments with amounts and floors in value; made once."""
        if not self._in_value:
            self._in_value = [
                Queued(
                    row.id,
                    row.payer,
                    row.payee,
                    worth,
                    row.priority,
                    row.seq,
                    floor_minor=max(1, row.floor_minor) * unit,
                )
                for row, worth, unit in zip(self.rows, self.worth, self.unit, strict=True)
            ]
        return self._in_value

    def _greedy(self, funds: Mapping[str, int], parts: Parts, *, cuts: bool, add_back: bool) -> Parts:
        """Run A6 on values; without `cuts` no part is made smaller, only dropped."""
        valued = (
            self._valued() if cuts else [replace(row, floor_minor=row.amount_minor) for row in self._valued()]
        )
        chosen = {
            row.id: minor * unit
            for row, minor, unit in zip(self.rows, parts, self.unit, strict=True)
            if minor
        }
        kept = drop_and_add_back(funds, valued, chosen, add_back=add_back)
        return [kept.get(row.id, 0) // unit for row, unit in zip(self.rows, self.unit, strict=True)]


def part_of(row: Queued, room_minor: int) -> int:
    """Give the largest part that fits and may be: nothing, or from the floor to what leaves the floor.

    >>> [part_of(Queued("p", "A", "B", 100, floor_minor=30), room) for room in (20, 50, 90)]
    [0, 50, 70]
    """
    floor = max(1, row.floor_minor)
    most = min(room_minor, row.amount_minor - floor)
    return most if row.may_split and most >= floor else 0


def within_highs(
    usable: Mapping[str, int], room: Mapping[str, int], rows: Sequence[Queued], parts: Parts
) -> Parts:
    """Mend a choice in one currency until everybody holds from nothing to `room` above its low.

    Who holds too much loses its latest incoming payments, who is short its latest outgoing ones, in rounds by
    name. Every step drops a payment, and with none left everybody is where it was, so this ends.
    """
    parts = list(parts)
    held = dict(usable)
    incoming: dict[str, list[int]] = {who: [] for who in usable}
    outgoing: dict[str, list[int]] = {who: [] for who in usable}
    for place, (row, minor) in enumerate(zip(rows, parts, strict=True)):
        held[row.payer] -= minor
        held[row.payee] += minor
        outgoing[row.payer].append(place)
        incoming[row.payee].append(place)
    visit = sorted(usable)
    while visit:
        touched: list[str] = []
        for who in visit:
            while held[who] > room[who] or held[who] < 0:
                place = (incoming if held[who] > room[who] else outgoing)[who].pop()
                row, minor, parts[place] = rows[place], parts[place], 0
                held[row.payer] += minor
                held[row.payee] -= minor
                if minor:
                    touched.append(row.payee if row.payer == who else row.payer)
        visit = sorted(frozenset(touched))
    return parts
