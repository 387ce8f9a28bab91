"""The obligations of a netting cycle as a table: who pays whom of what, how much, by when; and sums over it.

95,000 obligations are between far fewer accounts. So each payment is looked at once, each account is asked once,
and all that is counted is counted on arrays. Sums are exact: amounts are cut in halves, whose sums stay far inside
64 bits.
"""

from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from steelyard.flows.pair_sums import Ints, totals
from steelyard.flows.world import World
from steelyard.payments.columns import Names, present, read
from steelyard.payments.payment import Payment

Member = tuple[str, str]
"""Participant and asset"""
_NAMES = tuple(map(attrgetter, ("debtor_agent", "creditor_agent", "source")))
_NUMBERS = tuple(
    map(
        attrgetter,
        (
            "kind",
            "settlement_on",
            "settled_minor",
            "parts",
            "priority",
            "due_at",
            "seq",
            "terms.target_minor",
        ),
    )
)


class Table(NamedTuple):
    """Obligations in order. `members` are those who pay or are paid, ascending; `numbers` their accounts, 0 for none.

    Columns name payer and payee by their places among the members.
    """

    payments: list[Payment]
    uetrs: Sequence[bytes]
    members: list[Member]
    numbers: list[int]
    payer: Ints
    payee: Ints
    kind: Ints
    on: Ints
    open: Ints
    unasked: Ints
    """What the payee must take unasked: a rest of a payment it has taken already is nothing"""
    parts: Ints
    priority: Ints
    due_at: Ints
    seq: Ints


def some(rows: Table, places: Sequence[int]) -> Table:
    """Give some rows of a table, in this order."""
    where = np.array(places, np.int64)
    columns_ = {name: getattr(rows, name)[where] for name in _COLUMNS}
    return rows._replace(
        payments=[rows.payments[place] for place in places],
        uetrs=[rows.uetrs[place] for place in places],
        **columns_,
    )


_COLUMNS = ("payer", "payee", "kind", "on", "open", "unasked", "parts", "priority", "due_at", "seq")


class Tally(NamedTuple):
    """What obligations come to: per asset how many and their sum, and what each participant pays and gets of it."""

    values: dict[str, tuple[int, int]]
    flows: dict[str, dict[str, list[int]]]


def table(world: World, uetrs: Iterable[bytes]) -> Table:
    """Give live obligations as a table; all of them have terms."""
    uetrs = list(uetrs)
    payments = list(map(world.payments.live.__getitem__, uetrs))
    if not payments:
        none = np.zeros(0, np.int64)
        return Table([], (), [], [], none, none, none, none, none, none, none, none, none, none)
    names = Names()
    kind, on, gone, parts, priority, due_at, seq, targets, *ends = read(payments, _NUMBERS, _NAMES, names)
    members, payer, payee = _members(names, *ends)
    account = world.members.accounts.settlement
    return Table(
        payments, uetrs, members, [account(bic, asset) or 0 for bic, asset in members], payer, payee, kind, on,
        targets - gone, np.where(parts > 0, 0, targets), parts, priority, due_at, seq,
    )  # fmt: skip


def _members(names: Names, debtor: Ints, creditor: Ints, source: Ints) -> tuple[list[Member], Ints, Ints]:
    """Give who pays or is paid, ascending, and the places of payers and payees among them; columns number `names`."""
    every = sorted(names)
    rank = np.zeros(len(every), np.int64)
    rank[[names[name] for name in every]] = np.arange(len(every))
    assets = present(rank[source])  # few: a place for each pair of names would be too many
    asset_at = np.zeros(len(every), np.int64)
    asset_at[assets] = np.arange(len(assets))
    codes = [rank[side] * len(assets) + asset_at[rank[source]] for side in (debtor, creditor)]
    there = np.zeros(len(every) * len(assets), np.int64)
    for side in codes:
        there[side] = 1
    place = np.cumsum(there) - 1
    members = [
        (every[code // len(assets)], every[assets[code % len(assets)]])
        for code in np.flatnonzero(there).tolist()
    ]
    return members, place[codes[0]], place[codes[1]]


def tally(world: World, parts: Mapping[bytes, int]) -> Tally:
    """Say what so much of each obligation comes to."""
    if not parts:
        return Tally({}, {})
    names = Names()
    ends = read(list(map(world.payments.live.__getitem__, parts)), (), _NAMES, names)
    return _tally(*_members(names, *ends), minors(parts.values()))


def minors(amounts: Iterable[int]) -> Ints:
    """Give amounts as a column."""
    return np.array(list(amounts), np.int64)


def tally_of(rows: Table, amounts: Ints) -> Tally:
    """Say what so much of each row comes to; those of nothing are not there."""
    return _tally(rows.members, rows.payer, rows.payee, amounts)


def _tally(members: list[Member], payer: Ints, payee: Ints, amounts: Ints) -> Tally:
    size, moved = len(members), amounts > 0
    payer, payee, moving = payer[moved], payee[moved], amounts[moved]
    counts = np.bincount(payer, minlength=size).tolist()
    got = np.bincount(payee, minlength=size).tolist()
    values: dict[str, tuple[int, int]] = {}
    flows: dict[str, dict[str, list[int]]] = {}
    for (bic, asset), count, gets, out, back in zip(
        members, counts, got, totals(payer, moving, size), totals(payee, moving, size), strict=True
    ):
        if count or gets:
            before, value = values.get(asset, (0, 0))
            values[asset] = before + count, value + out
            flows.setdefault(asset, {})[bic] = [out, back]
    return Tally(values, dict(sorted(flows.items())))


def between(
    rows: Table, chosen: npt.NDArray[np.bool_], amounts: Ints
) -> list[tuple[str, int, int, int, int]]:
    """Give what moves between accounts, per settlement date: asset, date, payer's and payee's account, sum."""
    if not chosen.any():
        return []
    keys = np.stack((rows.on[chosen], rows.payer[chosen], rows.payee[chosen]), axis=1)
    span = keys.max(axis=0) + 1
    codes = (keys[:, 0] * span[1] + keys[:, 1]) * span[2] + keys[:, 2]
    _, first, place = np.unique(codes, return_index=True, return_inverse=True)
    sums = totals(place.reshape(-1), amounts[chosen], len(first))
    return [
        (rows.members[payer][1], on, rows.numbers[payer], rows.numbers[payee], minor)
        for (on, payer, payee), minor in zip(keys[first].tolist(), sums, strict=True)
    ]


def ways(rows: Table) -> tuple[list[int], list[int]]:
    """Give the accounts of payer and of payee of each row."""
    numbers = np.array(rows.numbers, np.int64)
    return numbers[rows.payer].tolist(), numbers[rows.payee].tolist()
