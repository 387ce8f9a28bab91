"""The bulk lane: bundles as packed records, decided one by one, each under its own id.

`apply_sent` decides one bundle at a time and says what the lane means; `packed.apply_packed` takes a whole
batch, faster and equal. The lane moves a sender's own plain accounts, and ends the reservations that the same
sender made here.
"""

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


class Sent(msgspec.Struct, frozen=True):
    """One bundle of the bulk lane: its records as sent, whose they are, where in its batch it began."""

    records: bytes
    sender: int
    position: int = 0


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
        act = _end(draft, first, sender)
    elif draft.reservation(bundle_id) is not None:  # older than the window, and still open
        act = Act(Refusal.ID_REUSED_WITH_OTHER_CONTENT)
    else:
        act = _bundle(draft, rows, sender)
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


def _bundle(draft: Draft, rows: list[LegRecord], sender: int) -> Act:
    """Lay a move or a reservation of the sender's own accounts."""
    first = rows[0]
    legs = tuple(Leg(row.source, row.target, row.amount_minor, row.asset_no) for row in rows)
    act = _resolve(draft, legs, first.kind, sender)
    if isinstance(act, Act):
        return act
    bundle = Bundle(first.bundle_id, first.kind, legs, first.policy, first.reference, first.deadline_at)
    reserving = first.act == RESERVE
    done = draft.lay(bundle, act, reserving=reserving, maker=sender)
    if done.refusal is None:
        draft.pack(bundle, act, RESERVE if reserving else MOVE)
    return done


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


def _end(draft: Draft, row: LegRecord, sender: int) -> Act:
    """Settle or release a reservation that the same sender made on this lane.

    Amount 0 settles it whole; another amount settles that much of a reservation of one leg.
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
    return settle(
        draft, row.original, (row.amount_minor,) if row.amount_minor else None, act_id=row.bundle_id
    )
