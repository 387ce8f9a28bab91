"""One currency's queues as they stood after a command, from which a snapshot is made later, by whoever has the time.

What it holds is never changed: the waiting items themselves, in lists of their own, and what every account was
asked at that moment. So the sequencer stands still for the asking alone, and another thread does the packing.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from heapq import merge
from itertools import chain, islice
from operator import attrgetter
from typing import Any

import numpy as np
import numpy.typing as npt

from steelyard.liquidity.algorithms.entry import CLASSES
from steelyard.liquidity.charges import NOTHING, Aside, set_aside
from steelyard.liquidity.queue import ALL, Queued, Room
from steelyard.liquidity.queues import ROW, Waiting, pack_row
from steelyard.liquidity.snapshot import PackedSnapshot, Snapshot, pack_records
from steelyard.values.instants import Day, Instant

RANK = 1 << 40
"""What one rank weighs against `seq`; no journal has so many commands."""
BARRED = -2
"""The line of a payee that may not be paid"""
_NAMES = (
    "account_no", "payee_no", "amount_minor", "priority", "seq", "rank", "kind", "settlement_on", "due_at",
    "unasked_minor", "may_split", "floor_minor", "round_no",
)  # fmt: skip
_PLACE = attrgetter("account_no", "priority", "rank", "seq", "uetr")
_ORDER = attrgetter("rank", "seq", "uetr")
_IN_CLASS = attrgetter("priority", "rank", "seq", "uetr")

Ints = npt.NDArray[np.int64]
Kept = Mapping[str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class HeldQueues:
    """The queues of one currency after command `seq`, account by account and class by class.

    `owners`, `balances`, `limits` and `reserved` are those of all who pay or are paid in it, `dates` the settlement
    date of each kind of payment that may move, `lines` up to what a payee takes customers' payments unasked
    (-1: any amount).
    """

    seq: int
    asset: str
    at: Instant
    most: int | None
    rounds: int
    queues: list[list[Waiting]]
    rows: bytes
    """The same as records, `queues.ROW`"""
    dates: Mapping[int, Day]
    owners: Mapping[int, str]
    payers: frozenset[int]
    lines: Mapping[int, int]
    balances: Mapping[str, int]
    limits: tuple[Room, ...]
    reserved: Kept
    charged: tuple[Waiting, ...] = ()
    """Those that have fees of their own"""
    stopped: frozenset[int] = frozenset()
    """Accounts that fees would go to, and that may not be credited or have bounds of their own"""

    def snapshot(self) -> Snapshot:
        """Give the snapshot as objects."""
        return self.snapshot_beside()[0]

    def snapshot_beside(self) -> tuple[Snapshot, Mapping[str, int]]:
        """Give the snapshot as objects, and what is set aside for fees by participant: its balances are less that."""
        owners, rounds = self.owners, self.rounds
        going, aside = self._chosen()
        rows = tuple(
            [
                Queued(
                    one.uetr.hex(), one.payer, owners[one.payee_no], one.amount_minor, one.priority,
                    one.seq + one.rank * RANK, rounds - one.round_no, one.may_split, one.floor_minor,
                )
                for one in going
            ]
        )  # fmt: skip
        numbers = {one.account_no for one in going} | {one.payee_no for one in going}
        balances, limits, reserved = self._bounds(numbers, aside)
        by_name = {owners[number]: minor for number, minor in sorted(aside.items())}
        return Snapshot(self.seq, self.asset, balances, rows, limits, reserved), by_name

    def packed(self) -> PackedSnapshot:
        """Give the same with its payments packed, column by column."""
        columns, aside = self._columns()
        payers, payees = columns["account_no"], columns["payee_no"]
        numbers = np.unique(np.concatenate((payers, payees))).tolist()
        balances, limits, reserved = self._bounds(numbers, aside)
        place = {name: number for number, name in enumerate(balances)}
        places = _table(max(numbers, default=0), 0, {no: place[self.owners[no]] for no in numbers})
        records = pack_records(
            columns["uetr"].tobytes(),
            seq=columns["seq"] + RANK * columns["rank"],
            payer=places[payers],
            payee=places[payees],
            age_cycles=self.rounds - columns["round_no"],
            **{name: columns[name] for name in ("amount_minor", "floor_minor", "priority", "may_split")},
        )
        return PackedSnapshot(self.seq, self.asset, balances, records, limits, reserved)

    def _bounds(
        self, numbers: Iterable[int], aside: Mapping[int, int]
    ) -> tuple[dict[str, int], tuple[Room, ...], dict[str, tuple[int, int]]]:
        """Give what bounds these alone, by BIC; what is set aside is not theirs to use."""
        less = {self.owners[number]: minor for number, minor in aside.items()}
        names = sorted({self.owners[number] for number in numbers})
        named = frozenset(names)
        among = {*names, ALL}
        return (
            {name: self.balances[name] - less.get(name, 0) for name in names},
            tuple(one for one in self.limits if one.owner in named and one.counterparty in among),
            {name: self.reserved[name] for name in names if name in self.reserved},
        )

    def _chosen(self) -> tuple[list[Waiting], dict[int, int]]:
        """Give what may go and can pay its fees, and what is set aside for those by account."""
        going = self._going()
        if not self.charged:
            return going, {}
        if self.most is not None and len(going) + sum(len(one.fees) for one in going) > self.most:
            going = sorted(_within(sorted(going, key=_IN_CLASS), self.most), key=_PLACE)
        aside = self._aside([one for one in going if one.fees])
        return [one for one in going if one.uetr not in aside.left_out], aside.minor

    def _aside(self, charged: Collection[Waiting]) -> Aside:
        if not charged:
            return NOTHING
        return set_aside(charged, usable=self._usable, stopped=self.stopped)

    def _usable(self, account_no: int, priority: int) -> int:
        """Give what a class of payments may use of an account."""
        name = self.owners[account_no]
        return self.balances[name] - sum(self.reserved.get(name, (0, 0))[:priority])

    def _going(self) -> list[Waiting]:
        """Give what may go, or the first of it by class and order; account by account."""
        if self.most is None or sum(map(len, self.queues)) <= self.most:
            return [one for one in chain.from_iterable(self.queues) if self._goes(one)]
        found: list[Waiting] = []
        for priority in CLASSES:
            queues = [queue for queue in self.queues if queue[0].priority == priority]
            going = filter(self._goes, merge(*queues, key=_ORDER))
            found += islice(going, self.most - len(found))
        found.sort(key=_PLACE)
        return found

    def _goes(self, item: Waiting) -> bool:
        """Tell whether a payment may go as one leg, fees apart."""
        if not item.payee_no or self.at >= item.due_at or self.dates[item.kind] != item.settlement_on:
            return False
        line = self.lines[item.payee_no]
        return item.account_no in self.payers and line != BARRED and (line < 0 or item.unasked_minor <= line)

    def _columns(self) -> tuple[dict[str, Any], dict[int, int]]:
        """Give the fields of what `_chosen` gives, each a column, and what is set aside for fees by account."""
        deep = self.most is not None and sum(map(len, self.queues)) > 2 * self.most
        kept = b"".join(map(pack_row, self._going())) if deep else self.rows
        rows = np.frombuffer(kept, ROW)
        columns: dict[str, Any] = {name: rows[name].astype(np.int64) for name in _NAMES}
        going = np.flatnonzero(self._may_go(columns))
        if self.most is not None and len(going) > self.most:
            order = columns["rank"][going] * RANK + columns["seq"][going]
            going = np.sort(going[np.lexsort((order, columns["priority"][going]))[: self.most]])
        every = {"uetr": rows["uetr"], **columns}
        aside: dict[int, int] = {}
        if self.charged:
            going, aside = self._payable(every, going)
        return {name: each[going] for name, each in every.items()}, aside

    def _payable(self, columns: Mapping[str, Any], going: Ints) -> tuple[Ints, dict[int, int]]:
        """Give the places of those that a bundle has room for with their fees, and that can pay these."""
        charged = {one.uetr: one for one in self.charged}
        uetrs: list[bytes] = columns["uetr"][going].tolist()
        legs = np.array([1 + len(charged[one].fees) if one in charged else 1 for one in uetrs], np.int64)
        if self.most is not None and int(legs.sum()) > self.most:
            ranks = columns["rank"][going] * RANK + columns["seq"][going]
            order = np.lexsort((ranks, columns["priority"][going]))
            kept = np.sort(order[np.cumsum(legs[order]) <= self.most])
            going, uetrs = going[kept], [uetrs[place] for place in kept.tolist()]
        aside = self._aside([charged[one] for one in uetrs if one in charged])
        stays = np.array([one not in aside.left_out for one in uetrs], np.bool_)
        return going[stays], aside.minor

    def _may_go(self, columns: Mapping[str, Ints]) -> npt.NDArray[np.bool_]:
        """Tell of many what `_goes` tells of one."""
        most = max(self.owners, default=0)
        pays = _table(most, 0, dict.fromkeys(sorted(self.payers), 1)) == 1
        lines = _table(most, BARRED, self.lines)
        dates = _table(max(self.dates), -1, self.dates)
        line, payee = lines[columns["payee_no"]], columns["payee_no"]
        unasked = (line < 0) | (columns["unasked_minor"] <= line)
        in_time = (columns["due_at"] > self.at) & (dates[columns["kind"]] == columns["settlement_on"])
        may: npt.NDArray[np.bool_] = (
            (payee > 0) & in_time & pays[columns["account_no"]] & (line != BARRED) & unasked
        )
        return may


def _within(ordered: Iterable[Waiting], most: int) -> list[Waiting]:
    """Give the first payments that have room in so many legs with those of their fees."""
    found: list[Waiting] = []
    for one in ordered:
        most -= 1 + len(one.fees)
        if most < 0:
            break
        found.append(one)
    return found


def _table(last: int, otherwise: int, of: Mapping[int, int]) -> Ints:
    """Give a mapping of small numbers as an array up to the last of them."""
    table = np.full(last + 1, otherwise, np.int64)
    for number, value in of.items():
        table[number] = value
    return table
