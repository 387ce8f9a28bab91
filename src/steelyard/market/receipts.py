"""A warehouse receipt: its life as a table, and what becomes of its kilograms and its storage.

A goods received note is a draft and no title. Two persons of the warehouse issue it; from then on it is title to the
goods until they have left or it has been replaced. A transfer, a split, a merger and a new grade are no states: what
follows them is an issued receipt again. A frozen receipt goes back to the state it was frozen in.

A receipt is in one state at a time, so that what is pledged cannot be sold and what is locked cannot be pledged.
"""

from collections.abc import Sequence
from enum import StrEnum

from msgspec import Struct, structs

from steelyard.market.refusals.titles import TitleRefusal
from steelyard.values.amount import AMOUNT_END
from steelyard.values.instants import Day, Instant
from steelyard.values.rate import Rounding, rounded

LAYERS_MAX = 64
DOCUMENTS_MAX = 32


class ReceiptState(StrEnum):
    """Where a receipt is."""

    DRAFT = "DRAFT"
    ISSUED = "ISSUED"
    PLEDGED = "PLEDGED"
    LOCKED = "LOCKED"
    COMMITTED = "COMMITTED"
    LOAD_OUT_REQUESTED = "LOAD_OUT_REQUESTED"
    PARTIALLY_RELEASED = "PARTIALLY_RELEASED"
    EXPIRED = "EXPIRED"
    FROZEN = "FROZEN"
    REPLACED = "REPLACED"
    CANCELLED = "CANCELLED"


class ReceiptEvent(StrEnum):
    """What can happen to a receipt."""

    ISSUED = "ISSUED"
    WITHDRAWN = "WITHDRAWN"
    TRANSFERRED = "TRANSFERRED"
    PLEDGED = "PLEDGED"
    RELEASED = "RELEASED"
    INVOKED = "INVOKED"
    LOCKED = "LOCKED"
    UNLOCKED = "UNLOCKED"
    DELIVERED = "DELIVERED"
    COMMITTED = "COMMITTED"
    RETURNED = "RETURNED"
    TRADED = "TRADED"
    SPLIT = "SPLIT"
    MERGED = "MERGED"
    REGRADED = "REGRADED"
    ORDERED_OUT = "ORDERED_OUT"
    PART_LEFT = "PART_LEFT"
    ALL_LEFT = "ALL_LEFT"
    EXPIRED = "EXPIRED"
    AUCTIONED = "AUCTIONED"
    FROZEN = "FROZEN"
    THAWED = "THAWED"


S, E = ReceiptState, ReceiptEvent
STEPS: dict[ReceiptState, dict[ReceiptEvent, ReceiptState]] = {
    S.DRAFT: {E.ISSUED: S.ISSUED, E.WITHDRAWN: S.CANCELLED},
    S.ISSUED: {
        E.TRANSFERRED: S.ISSUED,
        E.PLEDGED: S.PLEDGED,
        E.LOCKED: S.LOCKED,
        E.COMMITTED: S.COMMITTED,
        E.SPLIT: S.REPLACED,
        E.MERGED: S.REPLACED,
        E.REGRADED: S.ISSUED,
        E.ORDERED_OUT: S.LOAD_OUT_REQUESTED,
        E.EXPIRED: S.EXPIRED,
        E.FROZEN: S.FROZEN,
    },
    S.PLEDGED: {E.RELEASED: S.ISSUED, E.INVOKED: S.ISSUED, E.FROZEN: S.FROZEN},
    S.LOCKED: {E.UNLOCKED: S.ISSUED, E.DELIVERED: S.ISSUED, E.SPLIT: S.REPLACED, E.FROZEN: S.FROZEN},
    S.COMMITTED: {E.RETURNED: S.ISSUED, E.TRADED: S.ISSUED, E.SPLIT: S.REPLACED, E.FROZEN: S.FROZEN},
    S.LOAD_OUT_REQUESTED: {
        E.PART_LEFT: S.PARTIALLY_RELEASED,
        E.ALL_LEFT: S.CANCELLED,
        E.WITHDRAWN: S.ISSUED,
        E.FROZEN: S.FROZEN,
    },
    S.PARTIALLY_RELEASED: {
        E.PART_LEFT: S.PARTIALLY_RELEASED,
        E.ALL_LEFT: S.CANCELLED,
        E.WITHDRAWN: S.ISSUED,
        E.FROZEN: S.FROZEN,
    },
    S.EXPIRED: {
        E.REGRADED: S.ISSUED,
        E.ORDERED_OUT: S.LOAD_OUT_REQUESTED,
        E.AUCTIONED: S.ISSUED,
        E.FROZEN: S.FROZEN,
    },
    S.FROZEN: {},  # THAWED leads back to the state before
    S.REPLACED: {},
    S.CANCELLED: {},
}
LIVE = tuple(state for state in S if state not in (S.DRAFT, S.REPLACED, S.CANCELLED))
"""The states in which a receipt is title to goods."""

_WHY = {
    S.FROZEN: TitleRefusal.RECEIPT_IS_FROZEN,
    S.PLEDGED: TitleRefusal.RECEIPT_IS_PLEDGED,
    S.LOCKED: TitleRefusal.RECEIPT_IS_LOCKED,
    S.COMMITTED: TitleRefusal.RECEIPT_IS_LOCKED,
    S.EXPIRED: TitleRefusal.RECEIPT_HAS_EXPIRED,
}


class Receipt(Struct, array_like=True, frozen=True, gc=False):
    """One receipt. `layers` are (kg, day of intake), oldest first: what storage is counted by; they sum to `kg`.

    `pledgee` controls a pledged receipt, `bound_to` is what a locked or committed one serves. `valid_until` ends the
    grade, 0 for never. `documents` are SHA-256 of papers and ids of bills of lading.
    """

    receipt_id: bytes
    code: str
    """Its class: the code of the asset it is a lot of"""
    holder: str
    kg: int
    layers: tuple[tuple[int, Day], ...]
    state: ReceiptState = S.DRAFT
    before: ReceiptState = S.DRAFT
    """The state in which it was frozen"""
    pledgee: str = ""
    bound_to: bytes = b""
    valid_until: Instant = 0
    documents: tuple[bytes, ...] = ()

    @property
    def is_live(self) -> bool:
        """Tell whether it is title to goods."""
        return self.state in LIVE


def step(state: ReceiptState, event: ReceiptEvent, *, before: ReceiptState = S.DRAFT) -> ReceiptState | None:
    """Give the state that follows, or None where the event has no place there.

    >>> step(ReceiptState.ISSUED, ReceiptEvent.PLEDGED), step(ReceiptState.PLEDGED, ReceiptEvent.TRANSFERRED)
    (<ReceiptState.PLEDGED: 'PLEDGED'>, None)
    """
    if state is S.FROZEN and event is E.THAWED:
        return before
    return STEPS[state].get(event)


def moved(receipt: Receipt, event: ReceiptEvent) -> Receipt | TitleRefusal:
    """Give the receipt after an event, or what about its state forbids it.

    A freeze remembers the state before; what a receipt was bound to or pledged for ends with that state.
    """
    after = step(receipt.state, event, before=receipt.before)
    if after is None:
        return _WHY.get(receipt.state, TitleRefusal.RECEIPT_STATE_FORBIDS)
    if event is E.FROZEN:
        return structs.replace(receipt, state=after, before=receipt.state)
    if event is E.THAWED:
        return structs.replace(receipt, state=after, before=S.DRAFT)
    if after in (S.PLEDGED, S.LOCKED, S.COMMITTED, S.REPLACED):
        return structs.replace(receipt, state=after)
    return structs.replace(receipt, state=after, pledgee="", bound_to=b"")


def unlocked(receipt: Receipt) -> Receipt | TitleRefusal:
    """Give a receipt that serves nothing any more; one that was frozen while it did stays so, and thaws as free.

    >>> held = Receipt(b"w", "RYE", "ANNA", 50, ((50, 7),), ReceiptState.FROZEN, ReceiptState.LOCKED, bound_to=b"t")
    >>> free = unlocked(held)
    >>> free.state, free.before, free.bound_to
    (<ReceiptState.FROZEN: 'FROZEN'>, <ReceiptState.ISSUED: 'ISSUED'>, b'')
    """
    if receipt.state is S.FROZEN and receipt.before is S.LOCKED:
        return structs.replace(receipt, before=S.ISSUED, bound_to=b"")
    return moved(receipt, E.UNLOCKED)


def split(receipt: Receipt, parts: Sequence[tuple[bytes, int]]) -> list[Receipt] | TitleRefusal:
    """Give the receipts (id, kg) that take a receipt's place, in its state; the first has the oldest goods.

    >>> whole = Receipt(b"w", "RYE", "ANNA", 50, ((20, 7), (30, 9)), ReceiptState.ISSUED)
    >>> [part.layers for part in split(whole, [(b"a", 30), (b"b", 20)])]
    [((20, 7), (10, 9)), ((20, 9),)]
    """
    gone = moved(receipt, E.SPLIT)
    if isinstance(gone, TitleRefusal):
        return gone
    if len(parts) < 2 or any(kg <= 0 for _, kg in parts) or sum(kg for _, kg in parts) != receipt.kg:
        return TitleRefusal.RECEIPT_PARTS_DO_NOT_ADD_UP
    made, layers = [], receipt.layers
    for receipt_id, kg in parts:
        taken, layers = cut(layers, kg)
        made.append(structs.replace(receipt, receipt_id=receipt_id, kg=kg, layers=taken))
    return made


def merge(receipts: Sequence[Receipt], receipt_id: bytes) -> Receipt | TitleRefusal:
    """Give the receipt that takes the place of several: of one class and holder, issued, goods oldest first.

    Its grade is valid as long as that of all of them; it carries the documents of each.
    """
    for receipt in receipts:
        gone = moved(receipt, E.MERGED)
        if isinstance(gone, TitleRefusal):
            return gone
    if len(receipts) < 2 or len({(one.code, one.holder) for one in receipts}) != 1:
        return TitleRefusal.RECEIPTS_ARE_UNLIKE
    by_day: dict[Day, int] = {}
    for kg, day in sorted((layer for one in receipts for layer in one.layers), key=lambda layer: layer[1]):
        by_day[day] = by_day.get(day, 0) + kg
    layers = tuple((kg, day) for day, kg in by_day.items())
    papers = tuple(dict.fromkeys(paper for one in receipts for paper in one.documents))
    if len(layers) > LAYERS_MAX or len(papers) > DOCUMENTS_MAX:
        return TitleRefusal.TITLES_ARE_FULL
    kg = sum(one.kg for one in receipts)
    if kg >= AMOUNT_END:
        return TitleRefusal.RECEIPT_QUANTITY_OUT_OF_RANGE
    ends = [one.valid_until for one in receipts if one.valid_until]
    return structs.replace(
        receipts[0],
        receipt_id=receipt_id,
        kg=kg,
        layers=layers,
        valid_until=min(ends, default=0),
        documents=papers,
    )


def release(receipt: Receipt, kg: int) -> tuple[Receipt, tuple[tuple[int, Day], ...]] | TitleRefusal:
    """Let goods leave against a receipt that was ordered out: what is left of it, and the layers that left.

    The oldest goods leave first. A receipt of which nothing is left is cancelled.
    """
    after = moved(receipt, E.ALL_LEFT if kg == receipt.kg else E.PART_LEFT)
    if isinstance(after, TitleRefusal):
        return after
    if kg <= 0:
        return TitleRefusal.RECEIPT_QUANTITY_OUT_OF_RANGE
    if kg > receipt.kg:
        return TitleRefusal.RELEASE_IS_TOO_LARGE
    left, kept = cut(receipt.layers, kg)
    return structs.replace(after, kg=receipt.kg - kg, layers=kept), left


def cut(
    layers: Sequence[tuple[int, Day]], kg: int
) -> tuple[tuple[tuple[int, Day], ...], tuple[tuple[int, Day], ...]]:
    """Take so many kg from the front of layers: what is taken, what is left.

    >>> cut([(20, 7), (30, 9)], 25)
    (((20, 7), (5, 9)), ((25, 9),))
    """
    taken: list[tuple[int, Day]] = []
    left: list[tuple[int, Day]] = []
    for weight, day in layers:
        part = min(weight, kg)
        kg -= part
        if part:
            taken.append((part, day))
        if weight > part:
            left.append((weight - part, day))
    return tuple(taken), tuple(left)


def storage_minor(layers: Sequence[tuple[int, Day]], *, on: Day, rate_minor: int) -> int:
    """Give what the storage of layers costs up to a day: `rate_minor` a tonne and day, rounded once half-even.

    >>> storage_minor([(50_000, 10), (500, 12)], on=20, rate_minor=3)
    1512
    """
    kg_days = sum(kg * max(0, on - day) for kg, day in layers)
    return rounded(kg_days * rate_minor, 1_000, Rounding.HALF_EVEN)
