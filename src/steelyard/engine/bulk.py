"""The bulk lane: bundles as packed records, decided one by one, each under its own id.

`apply_sent` decides one bundle at a time and says what the lane means; `packed.apply_packed` takes a whole
batch, faster and equal. The lane moves a sender's own plain accounts, and ends the reservations that the same
sender made here. A batch is one person's act, so what would take a second person does not go this way.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from steelyard.engine.accounts import ISSUERS, Account, AccountKind
from steelyard.engine.bundles import Bundle, Kind, Leg
from steelyard.engine.draft import TAG_SHIFT, Draft, content_digest, entry
from steelyard.engine.ids import IdAnswer
from steelyard.engine.legs import Act, resolve
from steelyard.engine.records import (
    MOVE,
    NO_LEG,
    RELEASE,
    RESERVE,
    SETTLE,
    LegRecord,
    batch_fault,
    unpack_all,
)
from steelyard.engine.refusals import BY_CODE, Refusal
from steelyard.engine.reservations import Ending, open_reservation, release, settle
from steelyard.values.instants import Instant

if TYPE_CHECKING:
    from steelyard.engine.state import Engine

BULK_KINDS = frozenset({Kind.PAYMENT, Kind.FEE, Kind.PURPOSE, Kind.EXTERNAL, Kind.TRANSFER})
BULK_SOURCES = frozenset(
    {AccountKind.SETTLEMENT, AccountKind.CLIENT, AccountKind.FX, AccountKind.FEE, AccountKind.TITLE}
)
_WINDOW_ANSWERS = {
    IdAnswer.ZERO: Refusal.ID_IS_ZERO,
    IdAnswer.TOO_OLD: Refusal.ID_IS_TOO_OLD,
    IdAnswer.FROM_THE_FUTURE: Refusal.ID_IS_FROM_THE_FUTURE,
    IdAnswer.OTHER_CONTENT: Refusal.ID_REUSED_WITH_OTHER_CONTENT,
}


class Bars(msgspec.Struct, frozen=True):
    """What a flow forbids the sender of a batch, beside the engine's own rules; by owner and asset numbers."""

    closed: frozenset[int] = frozenset()
    """owners that may not receive"""
    lines: Mapping[int, int] = {}
    """by asset, what one bundle may give to other owners"""
    reservations_max: int = 1 << 62
    """how many reservations by hand or on this lane the sender may have open"""


NO_BARS = Bars()


class Sent(msgspec.Struct, frozen=True):
    """One bundle of the bulk lane: its records as sent, whose they are, where in its batch it began."""

    records: bytes
    sender: int
    position: int = 0
    bars: Bars = NO_BARS


def outcome_of(act: Act, position: int) -> int:
    """Give an outcome as a number of 60 bits: refusal, leg, position."""
    code = act.refusal.code if act.refusal else 0
    leg = (act.leg if act.leg >= 0 else NO_LEG) if code else 0
    return code << 48 | leg << 32 | position


def outcome_parts(packed: int) -> tuple[Refusal | None, int]:
    """Give refusal and leg (-1 for none) of an outcome."""
    code, leg = packed >> 48, packed >> 32 & 0xFFFF
    if not code:
        return None, -1
    return BY_CODE[code], -1 if leg == NO_LEG else leg


def accounts_of(records: bytes) -> list[int]:
    """Give the accounts that records name."""
    return [number for row in unpack_all(records) for number in (row.source, row.target)]


def id_of(records: bytes) -> int:
    """Give the bundle id of records."""
    return int.from_bytes(records[:16], "little")


def is_owner(engine: "Engine", sender: int) -> bool:
    """Say whether a sender is an owner at all; 0 stands for flows and is nobody's number here."""
    return 0 < sender < len(engine.owners)


def apply_sent(engine: "Engine", sent: Sent, at: Instant) -> tuple[int, bool]:
    """Decide one bundle: its outcome as a number, and whether it is that of an earlier sending."""
    fault = batch_fault(sent.records)
    if fault is not None:
        raise ValueError(fault)
    return decide(engine, sent, at)


def decide(engine: "Engine", sent: Sent, at: Instant) -> tuple[int, bool]:
    """As `apply_sent`, for records whose form was checked."""
    records, sender, position = sent.records, sent.sender, sent.position
    bundle_id = id_of(records)
    digest = content_digest(records, sender)
    answer = engine.window.look_number(bundle_id, digest, at=at)
    if answer is IdAnswer.KNOWN:
        number = int.from_bytes(engine.window.entries[bundle_id][16:], "little")
        return number & ((1 << TAG_SHIFT) - 1), True
    if answer is not IdAnswer.NEW:  # not kept: a refusal of the id itself changes nothing
        return outcome_of(Act(_WINDOW_ANSWERS[answer]), position), False
    draft = Draft(engine, at)
    rows = list(unpack_all(records))
    first = rows[0]
    if not is_owner(engine, sender):
        act = Act(Refusal.SENDER_HAS_NO_RIGHT)
    elif first.act >= SETTLE:
        act = _end(draft, first, sender, sent.bars)
    elif draft.reservation(bundle_id) is not None:  # older than the window, and still open
        act = Act(Refusal.ID_REUSED_WITH_OTHER_CONTENT)
    else:
        act = _bundle(draft, rows, sender, sent.bars)
    outcome = outcome_of(act, position)
    if act.refusal is not None:
        engine.window.put_number(bundle_id, entry(digest, Ending.NOTHING, outcome))
        return outcome, False
    ending = (
        (Ending.NOTHING, Ending.MOVED, Ending.RESERVED)[first.act] if first.act < SETTLE else Ending.NOTHING
    )
    draft.know(bundle_id, entry(digest, ending, outcome))
    draft.commit()
    return outcome, False


def _bundle(draft: Draft, rows: list[LegRecord], sender: int, bars: Bars) -> Act:
    """Lay a move or a reservation of the sender's own accounts."""
    first = rows[0]
    legs = tuple(Leg(row.source, row.target, row.amount_minor, row.asset_no) for row in rows)
    found = _resolve(draft, legs, first.kind, sender)
    barred = _barred(draft, legs, sender, bars, reserving=first.act == RESERVE)
    if isinstance(found, Act):
        return _lower(found, barred)
    bundle = Bundle(first.bundle_id, first.kind, legs, first.policy, first.reference, first.deadline_at)
    reserving = first.act == RESERVE
    act = _lower(draft.lay(bundle, found, reserving=reserving, maker=sender), barred)
    if act.refusal is None:
        draft.pack(bundle, found, RESERVE if reserving else MOVE)
    return act


def _lower(one: Act, other: Act) -> Act:
    """Give the answer with the lower code; a refusal goes before none."""
    if one.refusal is None or (other.refusal is not None and other.refusal.code < one.refusal.code):
        return other
    return one


def _barred(draft: Draft, legs: tuple[Leg, ...], sender: int, bars: Bars, *, reserving: bool) -> Act:
    """Say what the flow's bars have against a bundle."""
    given: dict[int, int] = {}
    closed = -1
    for leg_no, leg in enumerate(legs):
        target = draft.find(leg.target)
        if target is None or target.owner_no == sender:
            continue
        given[target.asset_no] = given.get(target.asset_no, 0) + leg.amount_minor
        if closed < 0 and target.owner_no in bars.closed:
            closed = leg_no
    if any(asset_no in bars.lines and sum_ > bars.lines[asset_no] for asset_no, sum_ in given.items()):
        return Act(Refusal.LEGS_ARE_OVER_THE_OWNERS_LINE)
    if closed >= 0:
        return Act(Refusal.OWNER_MAY_NOT_RECEIVE, closed)
    if reserving and draft.engine.made.get(sender, 0) >= bars.reservations_max:
        return Act(Refusal.OWNER_RESERVES_TOO_MUCH)
    return Act()


def _resolve(
    draft: Draft, legs: tuple[Leg, ...], kind: int, sender: int
) -> "list[tuple[Account, Account, int]] | Act":
    """Resolve legs as for a flow, and ask more: the asset is named, the kind and the sources are the lane's."""
    found = resolve(legs, draft.engine.accounts, kind, (sender,), draft.engine.owner_nos)
    worst = (found.refusal.code, found.leg) if isinstance(found, Act) and found.refusal else (999, 0)
    if worst[0] > Refusal.ACCOUNT_NOT_FOUND.code:
        for leg_no, leg in enumerate(legs):
            source, target = draft.account(leg.source), draft.account(leg.target)
            if leg.asset_no == 0:
                worst = min(worst, (Refusal.ASSETS_MUST_MATCH.code, leg_no))
            elif {source.kind, target.kind} & ISSUERS:
                worst = min(worst, (Refusal.ISSUER_ACCOUNT_NEEDS_ITS_ISSUER.code, leg_no))
            elif kind not in BULK_KINDS or source.kind not in BULK_SOURCES:
                worst = min(worst, (Refusal.ACCOUNT_NEEDS_OTHER_AUTHORITY.code, leg_no))
    return found if worst == (999, 0) and not isinstance(found, Act) else Act(BY_CODE[worst[0]], worst[1])


def _end(draft: Draft, row: LegRecord, sender: int, bars: Bars) -> Act:
    """Settle or release a reservation that the same sender made on this lane.

    Amount 0 settles it whole; another amount settles that much of a reservation of one leg. It was held to the
    line when it was made; who may not receive now is looked at now.
    """
    if not 0 <= row.amount_minor:
        return Act(Refusal.LEG_AMOUNT_MUST_BE_POSITIVE, 0)
    reservation = draft.reservation(row.original)
    if reservation is not None and reservation.maker != sender:
        return Act(Refusal.ACCOUNT_NEEDS_OTHER_AUTHORITY, 0)
    if row.act == RELEASE:
        if row.amount_minor:
            found = open_reservation(draft, row.original)
            return Act(found if isinstance(found, Refusal) else Refusal.SETTLE_EXCEEDS_RESERVED, 0)
        return release(draft, row.original, act_id=row.bundle_id)
    if reservation is not None:
        for leg_no, leg in enumerate(reservation.legs):
            owner_no = draft.account(leg[1]).owner_no
            if owner_no != sender and owner_no in bars.closed:
                return Act(Refusal.OWNER_MAY_NOT_RECEIVE, leg_no)
    return settle(
        draft, row.original, (row.amount_minor,) if row.amount_minor else None, act_id=row.bundle_id
    )
