"""Many legs of one bundle at once: what `resolve`, `book` and `pack` do leg by leg, done on columns.

It only ever says yes. Each account and each pair of accounts is asked once, sums are exact; where anything at all
is in the way it answers nothing and changes nothing, and the way leg by leg finds which refusal it is.
"""

from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from steelyard.engine.accounts import COUNTER_MAX, SOURCE_STOPS, TARGET_STOPS, Account, AccountKind
from steelyard.engine.bundles import Bundle, Kind, Policy
from steelyard.engine.legs import LEGS_MAX, Authority, Leg, LegColumns, account_refusal
from steelyard.engine.records import LAST, LEG, MOVE, reference_halves
from steelyard.values.amount import AMOUNT_END

if TYPE_CHECKING:
    from steelyard.engine.draft import Draft

MANY = 200
"""From so many legs on arrays save more than they cost."""
HALF = 30
"""Bits of the lower half of an amount: sums of 100,000 halves stay far inside 64 bits."""

Ints = npt.NDArray[np.int64]


def move(draft: "Draft", bundle: Bundle, authority: Authority) -> bytes | None:
    """Lay the legs of a bundle tested at its end over a draft and give their records, or None, nothing laid."""
    legs = bundle.legs
    if bundle.policy != Policy.AT_END or bundle.asserts or not MANY <= len(legs) <= LEGS_MAX:
        return None
    read = legs if isinstance(legs, LegColumns) else _read(legs)
    if read is None:
        return None
    source, target, amount = read.source, read.target, read.amount_minor
    count = len(draft.engine.accounts)
    if amount.min() <= 0 or amount.max() >= AMOUNT_END:
        return None
    if min(source.min(), target.min()) <= 0 or max(source.max(), target.max()) >= count:
        return None
    pays, paid = np.unique(source).tolist(), np.unique(target).tolist()
    accounts = {no: account for no in (*pays, *paid) if (account := draft.find(no)) is not None}
    if any(no not in accounts or accounts[no].limits for no in (*pays, *paid)):
        return None
    asset_of = np.zeros(count, np.int64)
    asset_of[list(accounts)] = [account.asset_no for account in accounts.values()]
    if (source == target).any() or (asset_of[source] != asset_of[target]).any():
        return None
    if not _may(draft, bundle.kind, accounts, source, target, authority):
        return None
    after = _after(draft, accounts, (source, target), amount)
    if not _holds(after, accounts, pays, paid, bundle.kind):
        return None
    draft.counters.update(after)
    return _records(draft.at, bundle, source, target, amount, asset_of[source])


def _read(legs: Sequence[Leg]) -> LegColumns | None:
    """Give legs as columns, or None where a number is too large or a leg names its asset."""
    try:
        flat = np.fromiter(chain.from_iterable(legs), np.int64, 4 * len(legs))
    except OverflowError:
        return None
    source, target, amount, named = (flat[column::4] for column in range(4))
    return None if named.any() else LegColumns(source, target, amount)


def _may(
    draft: "Draft", kind: int, accounts: dict[int, Account], source: Ints, target: Ints, authority: Authority
) -> bool:
    """Tell whether every pair of accounts may move that way, on this authority."""
    count, owners = len(draft.engine.accounts), draft.engine.owner_nos
    asks_out, asks_in = np.zeros(count, np.bool_), np.zeros(count, np.bool_)
    for no, account in accounts.items():
        asks_out[no] = bool(account.gate & SOURCE_STOPS) or account.owner_no not in authority
        asks_in[no] = bool(account.gate & TARGET_STOPS)
    asked = asks_out[source] | asks_in[target]
    pairs = np.unique(source[asked] * count + target[asked]).tolist()
    return all(
        account_refusal(accounts[pair // count], accounts[pair % count], 0, kind, authority, owners) is None
        for pair in pairs
    )


def _after(
    draft: "Draft", accounts: dict[int, Account], sides: tuple[Ints, Ints], amount: Ints
) -> dict[int, list[int]]:
    """Give the counters of every account when all legs have moved."""
    count, low, high = len(draft.engine.accounts), amount & (1 << HALF) - 1, amount >> HALF
    after = {}
    for no, account in accounts.items():
        after[no] = list(draft.counters.get(no) or draft.touch(account))
    for place, side in enumerate(sides):
        sums = np.zeros(count, np.int64), np.zeros(count, np.int64)
        np.add.at(sums[0], side, low)
        np.add.at(sums[1], side, high)
        lows, highs = (each.tolist() for each in sums)
        for no, laid in after.items():
            laid[place] += (highs[no] << HALF) + lows[no]
    return after


def _holds(
    after: dict[int, list[int]], accounts: dict[int, Account], pays: list[int], paid: list[int], kind: int
) -> bool:
    """Tell whether every bound holds on the final state."""
    for no in pays:
        debits, credits, reserved, _ = after[no]
        if credits - debits - reserved < accounts[no].low or debits + reserved > COUNTER_MAX:
            return False
    for no in paid:
        debits, credits, _, reserved = after[no]
        if credits - debits + reserved > accounts[no].high or credits + reserved > COUNTER_MAX:
            return False
    return kind != Kind.CYCLE or all(
        after[no][0] == after[no][1] and after[no][2] == after[no][3]
        for no, account in accounts.items()
        if account.kind == AccountKind.TRANSIT
    )


def _records(at: int, bundle: Bundle, source: Ints, target: Ints, amount: Ints, asset: Ints) -> bytes:
    rows = np.zeros(len(amount), LEG)
    rows["id_low"], rows["id_high"] = bundle.bundle_id & (1 << 64) - 1, bundle.bundle_id >> 64
    rows["leg_no"] = np.arange(len(amount))
    rows["source"], rows["target"], rows["amount_minor"], rows["asset_no"] = source, target, amount, asset
    rows["at"], rows["act"], rows["policy"], rows["kind"] = at, MOVE, bundle.policy, bundle.kind
    if bundle.references:
        rows["reference_low"], rows["reference_high"] = reference_halves(bundle.references)
    else:
        rows["reference_low"] = bundle.reference & (1 << 64) - 1
        rows["reference_high"] = bundle.reference >> 64
    rows["flags"][-1] = LAST
    return rows.tobytes()
