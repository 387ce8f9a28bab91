"""Reservations: money that is spoken for, and the one act that ends each of them.

OPEN -> SETTLED | RELEASED | EXPIRED, once and for all. A deadline is exclusive: at it every touch is late,
swept or not, and only the sweep frees the money. The check when reserving was pessimistic (outgoing counts
in full, incoming only against the ceiling), so none of the three ends can break a bound.
"""

from collections.abc import Sequence
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

from steelyard.engine.bundles import NONE, transit_fault
from steelyard.engine.legs import DONE, Act, Kind
from steelyard.engine.limits import count_settled, give_back
from steelyard.engine.records import EXPIRE, PIN, RELEASE, SETTLE
from steelyard.engine.refusals import Refusal

if TYPE_CHECKING:
    from steelyard.engine.draft import Draft

NEEDS_NO_DEADLINE = frozenset({Kind.REDEEM, Kind.CASE, Kind.PURPOSE, Kind.EXTERNAL})


class Ending(IntEnum):
    """What the id window knows of a bundle id: the tag of its number."""

    NOTHING = 0
    MOVED = 1
    RESERVED = 2
    SETTLED = 3
    RELEASED = 4
    EXPIRED = 5


Reserved = tuple[int, int, int, tuple[tuple[int, int], ...]]
"""One reserved leg: source, target, amount, (limit, window) of the limits it uses."""


class Reservation(NamedTuple):
    """An open reservation. `maker` is the sender on the bulk lane, 0 for a flow; deadline 0 means none."""

    bundle_id: int
    kind: int
    policy: int
    reference: int
    deadline_at: int
    maker: int
    legs: tuple[Reserved, ...]


class Expiry(NamedTuple):
    """A reservation whose deadline is reached: what it is, and what it served."""

    deadline_at: int
    bundle_id: int
    kind: int
    reference: int


_ENDED = {
    Ending.SETTLED: Refusal.RESERVATION_IS_SETTLED,
    Ending.RELEASED: Refusal.RESERVATION_IS_RELEASED,
    Ending.EXPIRED: Refusal.RESERVATION_HAS_EXPIRED,
    Ending.MOVED: Refusal.ORIGINAL_IS_NOT_A_RESERVATION,
}


def open_reservation(draft: "Draft", bundle_id: int) -> Reservation | Refusal:
    """Give the reservation if it is open and before its deadline, else codes 50 to 54."""
    reservation = draft.reservation(bundle_id)
    if reservation is None:
        return _ENDED.get(draft.ending(bundle_id), Refusal.ORIGINAL_NOT_FOUND)
    if reservation.deadline_at and draft.at >= reservation.deadline_at:
        return Refusal.RESERVATION_HAS_EXPIRED
    return reservation


def settle(draft: "Draft", bundle_id: int, amounts: Sequence[int] | None, *, act_id: int = 0) -> Act:
    """Move reserved to settled for every leg, whole or by the given amounts; the rest of each is released."""
    found = open_reservation(draft, bundle_id)
    if isinstance(found, Refusal):
        return Act(found)
    legs = found.legs
    if found.kind != Kind.CASE:
        for leg_no, (source_no, target_no, _, _) in enumerate(legs):
            if draft.account(source_no).freeze or draft.account(target_no).freeze:
                return Act(Refusal.RESERVATION_IS_FROZEN, leg_no)
    if amounts is None:
        amounts = [leg[2] for leg in legs]
    elif len(amounts) != len(legs):
        return Act(Refusal.SETTLE_EXCEEDS_RESERVED)
    for leg_no, (amount, leg) in enumerate(zip(amounts, legs, strict=True)):
        if not 0 <= amount <= leg[2]:
            return Act(Refusal.SETTLE_EXCEEDS_RESERVED, leg_no)
    _end_legs(draft, found, amounts)
    if found.kind == Kind.CYCLE:
        fault = transit_fault(draft, [(draft.account(s), draft.account(t), 0) for s, t, _, _ in legs])
        if fault != NONE:
            return Act(Refusal.TRANSIT_MUST_END_AT_ZERO, (fault & 0xFFFFF) - 1)
    draft.write(found, SETTLE, amounts, Ending.SETTLED, act_id=act_id)
    return DONE


def release(draft: "Draft", bundle_id: int, *, act_id: int = 0) -> Act:
    """Give back all that a reservation holds."""
    found = open_reservation(draft, bundle_id)
    if isinstance(found, Refusal):
        return Act(found)
    amounts = [0] * len(found.legs)
    _end_legs(draft, found, amounts)
    draft.write(found, RELEASE, amounts, Ending.RELEASED, act_id=act_id)
    return DONE


def expire(draft: "Draft", bundle_id: int) -> Act:
    """Give back what a reservation holds whose deadline is reached; one that is not due is the caller's bug."""
    found = draft.reservation(bundle_id)
    if found is None:
        return Act(_ENDED.get(draft.ending(bundle_id), Refusal.ORIGINAL_NOT_FOUND))
    if not found.deadline_at or draft.at < found.deadline_at:
        raise ValueError("a reservation expires at its deadline, not before")
    amounts = [0] * len(found.legs)
    _end_legs(draft, found, amounts)
    draft.write(found, EXPIRE, amounts, Ending.EXPIRED)
    return DONE


def pin(draft: "Draft", bundle_id: int) -> Act:
    """Take the deadline off: from now on only a decision settles or releases."""
    found = open_reservation(draft, bundle_id)
    if isinstance(found, Refusal):
        return Act(found)
    pinned = found._replace(deadline_at=0)
    draft.write(pinned, PIN, None, Ending.RESERVED)
    return DONE


def _end_legs(draft: "Draft", reservation: Reservation, amounts: Sequence[int]) -> None:
    """Take every leg out of the reserved counters and put its settled part into the settled ones."""
    counters, used, limits = draft.counters, draft.used, draft.limits
    for (source_no, target_no, reserved, windows), amount in zip(reservation.legs, amounts, strict=True):
        source, target = draft.account(source_no), draft.account(target_no)
        s = counters.get(source_no) or draft.touch(source)
        t = counters.get(target_no) or draft.touch(target)
        s[2] -= reserved
        t[3] -= reserved
        if amount:
            s[0] += amount
            t[1] += amount
            if target.limits:
                count_settled(used, limits, source, target, amount)
        if amount < reserved and (source.limits or windows):
            give_back(used, limits, source, windows, reserved - amount)
