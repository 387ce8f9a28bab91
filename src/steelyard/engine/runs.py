"""A run of one act on the bulk lane of which every record is sure to be done: all of it at once.

It only ever says yes. Each account is asked once, with all that leaves it held against what it has before anything
comes in, and all that comes in against its ceiling before anything leaves. What holds so holds after every
record, in any order, so the counters are written once per account. Where anything is in the way nothing is
changed and the answer is no: then the lane goes record by record.
"""

from array import array
from hashlib import sha256
from heapq import heappush
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from steelyard.engine.accounts import COUNTER_MAX, LIMITED, SOURCE_STOPS, TARGET_STOPS, Account
from steelyard.engine.draft import TAG_SHIFT
from steelyard.engine.records import MOVE, RELEASE, RESERVE, SETTLE
from steelyard.engine.reservations import Ending, Reservation

if TYPE_CHECKING:
    from steelyard.engine.packed import Lane

MANY = 500
"""From so many records on arrays save more than they cost."""
FAR = COUNTER_MAX - 2**97  # up to here no counter comes near its end by all that can be reserved
OUT_STOPS, IN_STOPS = SOURCE_STOPS | LIMITED, TARGET_STOPS | LIMITED
ENDED = ("source", "target", "amount_minor", "released_minor", "asset_no", "policy", "kind", "deadline_at")
"""What a settle or release writes into its record of the reservation that it ends."""
TAGGED = {
    act: [bytes((byte & 0x0F | ending << 4,)) for byte in range(256)]
    for act, ending in ((SETTLE, Ending.SETTLED), (RELEASE, Ending.RELEASED))
}
"""What the last byte of a window entry becomes when its reservation ends."""
_SUM_MAX = 1 << 62
_new = tuple.__new__

Ints = npt.NDArray[np.int64]


Sides = list[tuple[Account, int, int]]
"""The accounts on one side of a run: each with the asset that its records name, and what they move in sum."""


def done(lane: "Lane", act: int, first: int, end: int) -> bool:
    """Do every record of a run, or none and say so."""
    window, keys, times = lane.engine.window, lane.keys[first:end], lane.times[first:end]
    if not window.has_room_for(keys, times):
        return False
    if act == MOVE:
        tag, fine = Ending.MOVED, _move(lane, first, end)
    elif act == RESERVE:
        tag, fine = Ending.RESERVED, _reserve(lane, first, end)
    else:
        tag, fine = Ending.NOTHING, _end(lane, act, first, end)
    if fine:
        window.put_new(keys, times, _kept(lane, first, end, tag))
        lane.short[first:end] = [True] * (end - first)
    return fine


def wide(rows: npt.NDArray[np.void], name: str) -> list[int]:
    """Give a column of 128-bit numbers."""
    high, low = rows[f"{name}_high"], rows[f"{name}_low"]
    if not high.any():
        small: list[int] = low.tolist()
        return small
    return [h << 64 | n for h, n in zip(high.tolist(), low.tolist(), strict=True)]


def _kept(lane: "Lane", first: int, end: int, tag: int) -> list[bytes]:
    """Give what the id window keeps of each record."""
    numbers = (np.arange(first, end, dtype="<u8") | np.uint64(tag << TAG_SHIFT)).view("V8").tolist()
    sender, digest = lane.sender.to_bytes(4, "little"), sha256
    return [
        digest(sender + sent).digest()[:16] + number
        for sent, number in zip(lane.sent[first:end], numbers, strict=True)
    ]


def _sides(lane: "Lane", side: Ints, asset: Ints, *columns: Ints) -> "list[Sides]":
    """Give the accounts of a side with the sums of each column; twice where records differ about the asset."""
    key = side << 32 | asset
    order = np.argsort(key)
    ordered = key[order]
    starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    named = ordered[starts]
    accounts = [*map(lane.accounts.__getitem__, (named >> 32).tolist())]
    assets = (named & (1 << 32) - 1).tolist()
    sums = (np.add.reduceat(column[order], starts).tolist() for column in columns)
    return [[*zip(accounts, assets, each, strict=True)] for each in sums]


def _both(lane: "Lane", first: int, end: int) -> tuple[Sides, Sides] | None:
    """Give who pays and who is paid in a run of moves or reservations, or None where sums leave 64 bits."""
    part = lane.rows[first:end]
    amount, asset = part["amount_minor"], part["asset_no"].astype(np.int64)
    if int(amount.max()) * (end - first) >= _SUM_MAX:
        return None
    source, target = part["source"].astype(np.int64), part["target"].astype(np.int64)
    (pays,), (paid,) = _sides(lane, source, asset, amount), _sides(lane, target, asset, amount)
    return pays, paid


def _may(lane: "Lane", pays: Sides, paid: Sides) -> bool:
    """Tell whether every bound holds when all of it goes out first, or comes in first, and nothing else forbids it."""
    sender, closed = lane.sender, lane.bars.closed
    for account, asset_no, total in pays:
        debits = account.debits_settled
        if (
            account.credits_settled - debits - account.debits_reserved - total < account.low
            or account.gate & OUT_STOPS
            or account.owner_no != sender
            or account.asset_no != asset_no
            or debits + total > FAR
        ):
            return False
    for account, asset_no, total in paid:
        credits = account.credits_settled
        if (
            credits - account.debits_settled + account.credits_reserved + total > account.high
            or account.gate & IN_STOPS
            or account.asset_no != asset_no
            or credits + total > FAR
            or (closed and account.owner_no in closed)
        ):
            return False
    return True


def _move(lane: "Lane", first: int, end: int) -> bool:
    both = _both(lane, first, end)
    if both is None or not _may(lane, *both):
        return False
    for account, _, total in both[0]:
        account.debits_settled += total
    for account, _, total in both[1]:
        account.credits_settled += total
    return True


def _reserve(lane: "Lane", first: int, end: int) -> bool:
    engine, sender, count = lane.engine, lane.sender, end - first
    held, made, deadlines = engine.reservations, engine.made, engine.deadlines
    mine = made.get(sender, 0) + count
    if len(held) + count > engine.reservations_max or mine > lane.bars.reservations_max:
        return False
    both = _both(lane, first, end)
    if both is None or not _may(lane, *both):
        return False
    for account, _, total in both[0]:
        account.debits_reserved += total
    for account, _, total in both[1]:
        account.credits_reserved += total
    made[sender] = mine
    part = lane.rows[first:end]
    names = ("kind", "policy", "deadline_at", "source", "target", "amount_minor")
    columns = (part[name].tolist() for name in names)
    for key, reference, kind, policy, deadline, source, target, amount in zip(
        lane.keys[first:end], wide(part, "reference"), *columns, strict=True
    ):
        legs = ((source, target, amount, ()),)
        held[key] = _new(Reservation, (key, kind, policy, reference, deadline, sender, legs))
        if deadline:
            heappush(deadlines, (deadline, key))
    return True


def _end(lane: "Lane", act: int, first: int, end: int) -> bool:
    engine, reservations = lane.engine, lane.engine.reservations
    originals = wide(lane.rows[first:end], "original")
    found = _held(lane, act, first, originals)
    if found is None:
        return False
    table, references = found
    columns = np.frombuffer(table, np.int64).reshape(-1, 1 + len(ENDED))
    amount, freed = columns[:, 3], columns[:, 4]
    most = int((amount + freed).max())
    if most * (end - first) >= _SUM_MAX:
        return False
    sums = amount + freed, amount
    pays, moved_out = _sides(lane, columns[:, 1], columns[:, 5], *sums)
    paid, moved_in = _sides(lane, columns[:, 2], columns[:, 5], *sums)
    if not _may_end(lane, pays, paid, settling=act == SETTLE):
        return False
    for (account, _, reserved), (_, _, moved) in zip(pays, moved_out, strict=True):
        account.debits_reserved -= reserved
        account.debits_settled += moved
    for (account, _, reserved), (_, _, moved) in zip(paid, moved_in, strict=True):
        account.credits_reserved -= reserved
        account.credits_settled += moved
    entries, tagged = engine.window.entries, TAGGED[act]
    for original in originals:
        del reservations[original]
        known = entries.get(original)
        if known is not None:
            entries[original] = known[:23] + tagged[known[23]]
    engine.made[lane.sender] -= end - first
    if not engine.made[lane.sender]:
        del engine.made[lane.sender]
    lane.ended.extend(table)
    lane.references.extend(references)
    return True


def _held(
    lane: "Lane", act: int, first: int, originals: list[int]
) -> "tuple[array[int], list[tuple[int, int]]] | None":
    """Give index and `ENDED` of each reservation that a run ends, and their references by index.

    None where one of them is not plainly to be ended.
    """
    held = [*map(lane.engine.reservations.get, originals)]
    if not all(held) or len(set(originals)) < len(originals):
        return None
    sender, at, accounts, settling = lane.sender, lane.first_at, lane.accounts, act == SETTLE
    table, references = array("q"), list[tuple[int, int]]()
    keep = table.extend
    amounts = lane.rows["amount_minor"][first : first + len(originals)].tolist()
    for i, (one, asked) in enumerate(zip(held, amounts, strict=True), first):
        assert one is not None
        _, kind, policy, reference, deadline, maker, legs = one
        source, target, reserved, windows = legs[0]
        amount = asked or reserved if settling else 0
        if (
            len(legs) > 1
            or maker != sender
            or windows
            or amount > reserved
            or (deadline and at + i >= deadline)
        ):
            return None
        asset_no = accounts[source].asset_no
        keep((i, source, target, amount, reserved - amount, asset_no, policy, kind, deadline))
        if reference:
            references.append((i, reference))
    return table, references


def _may_end(lane: "Lane", pays: Sides, paid: Sides, *, settling: bool) -> bool:
    """Tell whether no limit counts these accounts and, if money shall move, none is frozen or closed to it."""
    closed = lane.bars.closed
    if any(account.gate & LIMITED for account, *_ in pays) or any(
        account.gate & LIMITED for account, *_ in paid
    ):
        return False
    if not settling:
        return True
    return not any(account.freeze for account, *_ in pays) and not any(
        account.freeze or (closed and account.owner_no in closed) for account, *_ in paid
    )
