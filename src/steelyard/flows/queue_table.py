"""One currency's queues as a table: every waiting item once, and the columns that checks and sums are made on."""

from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any, NamedTuple

import numpy as np

from steelyard.flows.held_queues import BARRED
from steelyard.flows.pair_sums import Ints
from steelyard.flows.queue_view import Gate, accounts, line, owner_of, pays
from steelyard.flows.world import World
from steelyard.liquidity.queues import ROW, Moves, Waiting, pack_row
from steelyard.payments.columns import Ends, Member, present


class Ways(NamedTuple):
    """The fields of waiting items that decide whether they may go, and where to."""

    seq: Ints
    account_no: Ints
    payee_no: Ints
    kind: Ints
    settlement_on: Ints
    due_at: Ints
    unasked_minor: Ints
    amount_minor: Ints
    priority: Ints

    @property
    def moves(self) -> Moves:
        """Give those that say where they stand in their queues."""
        return Moves(self.account_no, self.payee_no, self.priority, self.seq)

    @classmethod
    def of(cls, items: Sequence[Waiting]) -> "Ways":
        """Read them from waiting items."""
        return _read(b"".join(map(pack_row, items)))

    def take(self, places: Ints) -> "Ways":
        """Give some of them, in this order."""
        return Ways(*(column[places] for column in self))


class Table(NamedTuple):
    """Waiting items and their columns."""

    items: Sequence[Waiting]
    of: Ways

    def take(self, places: Ints) -> "Table":
        """Give some of them, in this order."""
        items = self.items
        return Table([items[place] for place in places.tolist()], self.of.take(places))


def queued(world: World, asset: str) -> Table:
    """Give all that waits for money in a currency: account by account, class by class."""
    numbers = accounts(world, asset)
    items = [*chain.from_iterable(map(world.queues.of, numbers))]
    return Table(items, _read(world.queues.rows(numbers)))


def _read(records: bytes) -> Ways:
    rows = np.frombuffer(records, ROW)
    return Ways(*(rows[name].astype(np.int64) for name in Ways._fields))


def ends(world: World, of: Ways) -> Ends:
    """Give who pays and who is paid of plain legs, by places among them, and what else is written down of that."""
    there = present(np.concatenate((of.account_no, of.payee_no)))
    place = np.zeros(int(there.max(initial=0)) + 1, np.int64)
    place[there] = np.arange(len(there))
    members = [_member(world, number) for number in there.tolist()]
    return Ends(members, place[of.account_no], place[of.payee_no], of.kind, of.settlement_on)


def _member(world: World, account_no: int) -> Member:
    account = world.engine.accounts[account_no]
    assert account is not None
    asset = world.engine.assets[account.asset_no]
    assert asset is not None
    return owner_of(world, account_no), asset.asset.code


def find(table: Table, seqs: Ints) -> Ints:
    """Give the place of each of these, or -1 where nothing with that `seq` is there."""
    if not len(table.items):
        return np.full(len(seqs), -1, np.int64)
    order = np.argsort(table.of.seq, kind="stable")
    ranked = table.of.seq[order]
    behind = np.maximum(np.searchsorted(ranked, seqs, side="right") - 1, 0)
    return np.where(ranked[behind] == seqs, order[behind], -1)


def through(world: World, gate: Gate, table: Table) -> Ints:
    """Give the places of those that may go: what `Gate.lets` says of each.

    Accounts are asked once each: a plain leg has nobody but payer and payee.
    """
    of = table.of
    in_time = (of.payee_no > 0) & (of.due_at > gate.at)
    payers = _asked(of.account_no[in_time], lambda no: _may_pay(world, gate, no), 0)
    payees = _asked(of.payee_no[in_time], lambda no: line(world, gate.asset, no, owner_of(world, no)), BARRED)
    dates = _asked(of.kind[in_time], gate.date, -1)
    place = np.flatnonzero(in_time)
    most = payees[of.payee_no[place]]
    may = (payers[of.account_no[place]] > 0) & (dates[of.kind[place]] == of.settlement_on[place])
    may &= (most != BARRED) & ((most < 0) | (of.unasked_minor[place] <= most))
    found: Ints = place[may]
    return found


def _may_pay(world: World, gate: Gate, account_no: int) -> int:
    owner = owner_of(world, account_no)
    return int(not gate.leaves_out(owner) and pays(world, account_no, owner))


def _asked(numbers: Ints, ask: Callable[[int], Any], otherwise: int) -> Ints:
    """Ask about each number once; give the answers by number."""
    table = np.full(int(numbers.max(initial=0)) + 1, otherwise, np.int64)
    for number in present(numbers).tolist():
        table[number] = ask(number)
    return table
