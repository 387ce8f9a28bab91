"""One currency's queues as they stood after a command, from which a snapshot is made later, by whoever has the time.

What it holds is never changed: the waiting items themselves, in lists of their own, and what every account was
asked at that moment. So the sequencer stands still for the asking alone, and another thread does the packing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from heapq import merge
from itertools import chain, islice
from operator import attrgetter
from typing import Any

import numpy as np
import numpy.typing as npt

from steelyard.liquidity.algorithms.entry import CLASSES
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

    def snapshot(self) -> Snapshot:
        """Give the snapshot as objects."""
        owners, rounds = self.owners, self.rounds
        going = self._going()
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
        balances, limits, reserved = self._bounds(numbers)
        return Snapshot(self.seq, self.asset, balances, rows, limits, reserved)

    def packed(self) -> PackedSnapshot:
        """Give the same with its payments packed, column by column."""
        columns = self._columns()
        payers, payees = columns["account_no"], columns["payee_no"]
        numbers = np.unique(np.concatenate((payers, payees))).tolist()
        balances, limits, reserved = self._bounds(numbers)
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
        self, numbers: Iterable[int]
    ) -> tuple[dict[str, int], tuple[Room, ...], dict[str, tuple[int, int]]]:
        """Give what bounds these alone, by BIC."""
        names = sorted({self.owners[number] for number in numbers})
        named = frozenset(names)
        among = {*names, ALL}
        return (
            {name: self.balances[name] for name in names},
            tuple(one for one in self.limits if one.owner in named and one.counterparty in among),
            {name: self.reserved[name] for name in names if name in self.reserved},
        )

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
        """Tell whether a payment may go as one leg."""
        if not item.payee_no or self.at >= item.due_at or self.dates[item.kind] != item.settlement_on:
            return False
        line = self.lines[item.payee_no]
        return item.account_no in self.payers and line != BARRED and (line < 0 or item.unasked_minor <= line)

    def _columns(self) -> dict[str, Any]:
        """Give the fields of what `_going` gives, each a column."""
        deep = self.most is not None and sum(map(len, self.queues)) > 2 * self.most
        kept = b"".join(map(pack_row, self._going())) if deep else self.rows
        rows = np.frombuffer(kept, ROW)
        columns: dict[str, Any] = {name: rows[name].astype(np.int64) for name in _NAMES}
        going = np.flatnonzero(self._may_go(columns))
        if self.most is not None and len(going) > self.most:
            order = columns["rank"][going] * RANK + columns["seq"][going]
            going = np.sort(going[np.lexsort((order, columns["priority"][going]))[: self.most]])
        return {name: each[going] for name, each in {"uetr": rows["uetr"], **columns}.items()}

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


def _table(last: int, otherwise: int, of: Mapping[int, int]) -> Ints:
    """Give a mapping of small numbers as an array up to the last of them."""
    table = np.full(last + 1, otherwise, np.int64)
    for number, value in of.items():
        table[number] = value
    return table
