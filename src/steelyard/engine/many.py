"""Many reservations of one leg each, given back or made at once: what `release` and `reserve` do one by one.

Like `columns.py` it only ever says yes. Each account and each pair of accounts is asked once; where anything at all is
in the way nothing is laid, and the way one by one finds which refusal it is.
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import TYPE_CHECKING

import numpy as np

from steelyard.engine.accounts import COUNTER_MAX, Account
from steelyard.engine.bundles import Bundle, Kind, Policy
from steelyard.engine.legs import account_refusal
from steelyard.engine.records import LAST, LEG, RELEASE, RESERVE, SIZE, reference_halves
from steelyard.engine.reservations import Ending, Reservation
from steelyard.values.amount import AMOUNT_END

if TYPE_CHECKING:
    from steelyard.engine.draft import Draft

_RELEASED = tuple(bytes((Ending.RELEASED << 4 | low,)) for low in range(16))
"""The last byte of an entry of the id window, by what its lower half holds"""
_RESERVED = bytes(7) + bytes((Ending.RESERVED << 4,))


def release(draft: "Draft", ids: Sequence[int]) -> dict[int, bytes] | None:
    """Lay the end of reservations over a draft; give what the id window keeps of each, or None, nothing laid.

    Their records are added to the draft's.
    """
    found = list(map(draft.engine.reservations.get, ids))
    mine = [one for one in found if one is not None and len(one.legs) == 1]
    at, sums, back = draft.at, dict[int, int](), dict[int, int]()
    if not ids or len(mine) < len(ids) or len(set(ids)) < len(ids) or not draft.knows_none(set(ids)):
        return None
    for one in mine:
        source, target, amount, windows = one.legs[0]
        if windows or (one.deadline_at and at >= one.deadline_at):
            return None
        sums[source] = sums.get(source, 0) + amount
        back[target] = back.get(target, 0) + amount
    if any(draft.account(no).limits for no in sums):
        return None
    for number, amount in sums.items():
        _laid(draft, number)[2] -= amount
    for number, amount in back.items():
        _laid(draft, number)[3] -= amount
    rows = _rows(draft, RELEASE, mine)
    rows["released_minor"] = [one.legs[0][2] for one in mine]
    rows["original_low"], rows["original_high"] = rows["id_low"], rows["id_high"]
    draft.add_records(rows.tobytes())
    known = map(draft.engine.window.entries.get, ids)
    return {id: kept[:23] + _RELEASED[kept[23] & 15] for id, kept in zip(ids, known, strict=True) if kept}


def reserve(
    draft: "Draft", bundles: Sequence[Bundle]
) -> tuple[dict[int, Reservation], dict[int, bytes]] | None:
    """Lay reservations over a draft; give them and what the id window keeps of each, or None, nothing laid.

    Each is on the authority of who owns its source.
    """
    made = [
        Reservation(
            one.bundle_id, int(one.kind), int(one.policy), one.reference, one.deadline_at, 0,
            ((one.legs[0].source, one.legs[0].target, one.legs[0].amount_minor, ()),),
        )
        for one in bundles
        if len(one.legs) == 1 and not (one.asserts or one.references or one.legs[0].asset_no)
    ]  # fmt: skip
    if not bundles or len(made) < len(bundles) or not _are_new(draft, made):
        return None
    out, into = dict[int, int](), dict[int, int]()
    pairs: dict[tuple[int, int], None] = {}
    for one in made:
        source, target, amount, _ = one.legs[0]
        if not 0 < amount < AMOUNT_END or one.deadline_at <= draft.at:
            return None
        if one.kind != Kind.PURPOSE or one.policy != Policy.EACH_LEG:
            return None
        out[source] = out.get(source, 0) + amount
        into[target] = into.get(target, 0) + amount
        pairs[source, target] = None
    if not all(_may(draft, draft.find(one), draft.find(two)) for one, two in pairs):
        return None
    if not _holds(draft, out, into):
        return None
    for number, amount in out.items():
        _laid(draft, number)[2] += amount
    for number, amount in into.items():
        _laid(draft, number)[3] += amount
    rows = _rows(draft, RESERVE, made)
    rows["amount_minor"] = [one.legs[0][2] for one in made]
    records = rows.tobytes()
    draft.add_records(records)
    digests = (sha256(records[place : place + SIZE]).digest() for place in range(0, len(records), SIZE))
    ids = [one.bundle_id for one in made]
    return dict(zip(ids, made, strict=True)), {
        id: digest[:16] + _RESERVED for id, digest in zip(ids, digests, strict=True)
    }


def _are_new(draft: "Draft", made: Sequence[Reservation]) -> bool:
    """Tell whether all ids are fresh, and there is room for so many more."""
    engine = draft.engine
    ids = {one.bundle_id for one in made}
    return (
        len(ids) == len(made)
        and 0 not in ids
        and engine.window.entries.keys().isdisjoint(ids)
        and engine.reservations.keys().isdisjoint(ids)
        and draft.knows_none(ids)
        and draft.has_room_for(len(made))
    )


def _may(draft: "Draft", source: Account | None, target: Account | None) -> bool:
    """Tell whether one account may hold money for another, and neither counts in a limit."""
    if source is None or target is None or source is target or source.limits or target.limits:
        return False
    owners, authority = draft.engine.owner_nos, (source.owner_no,)
    return account_refusal(source, target, 0, Kind.PURPOSE, authority, owners) is None


def _holds(draft: "Draft", out: dict[int, int], into: dict[int, int]) -> bool:
    """Tell whether every bound holds: what reservations do to an account only adds up, so the end is the worst."""
    for no, more in out.items():
        account = draft.account(no)
        debits, credits, reserved, _ = _laid(draft, no)
        if credits - debits - reserved - more < account.low or debits + reserved + more > COUNTER_MAX:
            return False
    for no, more in into.items():
        account = draft.account(no)
        debits, credits, _, reserved = _laid(draft, no)
        if credits - debits + reserved + more > account.high or credits + reserved + more > COUNTER_MAX:
            return False
    return True


def _laid(draft: "Draft", account_no: int) -> list[int]:
    return draft.counters.get(account_no) or draft.touch(draft.account(account_no))


def _rows(
    draft: "Draft", act: int, made: Sequence[Reservation]
) -> "np.ndarray[tuple[int], np.dtype[np.void]]":
    """Give the records of an act upon reservations, without its amounts."""
    rows = np.zeros(len(made), LEG)
    sources = [one.legs[0][0] for one in made]
    assets = {no: draft.account(no).asset_no for no in set(sources)}
    rows["id_low"], rows["id_high"] = reference_halves([one.bundle_id for one in made])
    rows["reference_low"], rows["reference_high"] = reference_halves([one.reference for one in made])
    rows["source"], rows["target"] = sources, [one.legs[0][1] for one in made]
    rows["asset_no"] = [assets[no] for no in sources]
    rows["at"], rows["act"] = draft.at, act
    rows["policy"], rows["kind"] = [one.policy for one in made], [one.kind for one in made]
    rows["deadline_at"], rows["flags"] = [one.deadline_at for one in made], LAST
    return rows
