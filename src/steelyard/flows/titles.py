"""Titles as flows use them: accounts of a class, keeping a receipt with its fact and its clock, legs of titles.

The accounts of titles, `owner/CLASS/title`, are moved by deliveries against payment and the flows of receipts alone,
never by their owner's hand: so a holder's receipts sum to what is on his account.
"""

from collections.abc import Sequence

from msgspec import structs

from steelyard.engine.accounts import AccountKind
from steelyard.engine.bundles import Bundle, Kind, Leg
from steelyard.engine.refusals import SettingRefusal
from steelyard.flows import booking, openings
from steelyard.flows.diary import Diary
from steelyard.flows.timers import TimerKind
from steelyard.flows.title_facts import ReceiptMoved, StockFound
from steelyard.flows.world import World
from steelyard.market.otc import Settled
from steelyard.market.receipts import Receipt, ReceiptEvent, ReceiptState, moved
from steelyard.market.refusals.titles import TitleRefusal
from steelyard.market.titles import PURPOSE
from steelyard.members.accounts import ISSUER
from steelyard.values.instants import Instant
from steelyard.values.refusal import Refusal


def account(world: World, owner: str, code: str) -> int:
    """Give the account of titles of an owner in a class, or 0."""
    return world.members.accounts.get(PURPOSE, owner, code) or 0


def issuer_account(world: World, code: str) -> int:
    """Give the account from which the warehouse of a class issues."""
    return world.members.accounts.get(ISSUER, world.titles.site_of(code).warehouse, code) or 0


def open_account(world: World, diary: Diary, owner: str, code: str) -> Refusal | None:
    """Open the account of titles of an owner in a class unless it is there."""
    if account(world, owner, code):
        return None
    if not openings.has_room(world, 1):
        return SettingRefusal.ACCOUNTS_ARE_FULL
    return openings.open_account(
        world, diary, PURPOSE, owner, code, kind=AccountKind.ESCROW, made_by=Kind.DVP
    )


def is_active(world: World, owner: str) -> bool:
    """Tell whether an owner may take titles."""
    found = world.members.participants.get(owner)
    return found is not None and found.receives


def disposes(world: World, owner: str) -> bool:
    """Tell whether an owner may give titles or money away: nobody who is suspended, wholly or as a sender."""
    found = world.members.participants.get(owner)
    return found is None or found.sends


def own(world: World, sender: str, receipt_id: bytes) -> Receipt | TitleRefusal:
    """Give a live receipt that the sender holds, or why not; one that is another's is not shown."""
    receipt = world.titles.get(receipt_id)
    if isinstance(receipt, TitleRefusal):
        return receipt
    if receipt.holder != sender:
        return TitleRefusal.RECEIPT_IS_ANOTHERS
    return receipt if receipt.is_live else TitleRefusal.RECEIPT_STATE_FORBIDS


def keep(
    world: World,
    diary: Diary,
    receipt: Receipt,
    event: ReceiptEvent,
    *,
    at: Instant,
    bundle_id: bytes = b"",
    left_kg: int = 0,
    storage_minor: int = 0,
    document: bytes = b"",
) -> Receipt:
    """Put a receipt into the register as it is now; one that is free and no longer valid expires at once."""
    world.titles.put(receipt)
    diary.fact(
        ReceiptMoved(
            receipt.receipt_id, receipt.code, receipt.holder, receipt.kg, event.value, receipt.state.value,
            receipt.pledgee, receipt.bound_to, receipt.valid_until, bundle_id, left_kg, storage_minor, document,
        )
    )  # fmt: skip
    subject = receipt.receipt_id
    if receipt.state is not ReceiptState.ISSUED or not receipt.valid_until:
        world.timers.cancel(TimerKind.RECEIPT, subject)
        return receipt
    if at < receipt.valid_until:
        world.timers.set(receipt.valid_until, TimerKind.RECEIPT, subject)
        return receipt
    gone = moved(receipt, ReceiptEvent.EXPIRED)
    assert isinstance(gone, Receipt)
    diary.tell(receipt.holder, "receipt.expired", subject, receipt.code, receipt.kg)
    return keep(world, diary, gone, ReceiptEvent.EXPIRED, at=at)


def tell_draft(diary: Diary, receipt: Receipt, event: str, *, document: bytes = b"") -> None:
    """Note what happened to a receipt without a step of its life: drafted, or a paper attached."""
    diary.fact(
        ReceiptMoved(
            receipt.receipt_id, receipt.code, receipt.holder, receipt.kg, event, receipt.state.value,
            receipt.pledgee, receipt.bound_to, receipt.valid_until, document=document,
        )
    )  # fmt: skip


def why(receipt: Receipt) -> TitleRefusal:
    """Say what about the state of a receipt keeps its holder from disposing of it."""
    found = moved(receipt, ReceiptEvent.TRANSFERRED)
    return found if isinstance(found, TitleRefusal) else TitleRefusal.RECEIPT_STATE_FORBIDS


def on_timer_receipt(world: World, diary: Diary, receipt_id: bytes, at: Instant) -> None:
    """Let a receipt expire whose grade is no longer valid."""
    receipt = world.titles.receipts.get(receipt_id)
    if receipt is not None and receipt.state is ReceiptState.ISSUED:
        gone = moved(receipt, ReceiptEvent.EXPIRED)
        assert isinstance(gone, Receipt)
        diary.tell(receipt.holder, "receipt.expired", receipt_id, receipt.code, receipt.kg)
        keep(world, diary, gone, ReceiptEvent.EXPIRED, at=at)


def stopped(
    world: World,
    legs: Sequence[Leg],
    seed: bytes,
    *,
    owners: Sequence[str],
    at: Instant,
    releasing: Sequence[int] = (),
) -> Refusal | None:
    """Say what would stop legs of titles and of the money that belongs to them, or nothing."""
    bundle, authority = _bundle(world, legs, seed, owners, at)
    return world.engine.check_move(bundle, authority=authority, at=at, releasing=releasing).refusal


def book(
    world: World,
    legs: Sequence[Leg],
    seed: bytes,
    *,
    owners: Sequence[str],
    at: Instant,
    releasing: Sequence[int] = (),
) -> bytes | Refusal:
    """Book legs of titles, with the money that belongs to them, as one bundle: its id, or why nothing moved."""
    bundle, authority = _bundle(world, legs, seed, owners, at)
    act = world.engine.move(bundle, authority=authority, at=at, releasing=releasing)
    if act.refusal is not None:
        return act.refusal
    world.queues.push_all([leg.target for leg in legs])
    return bundle.bundle_id.to_bytes(16, "big")


def _bundle(
    world: World, legs: Sequence[Leg], seed: bytes, owners: Sequence[str], at: Instant
) -> tuple[Bundle, list[int]]:
    number = booking.bundle_id(seed, world.commands, at)
    authority = [world.engine.owner_nos.get(owner, 0) for owner in owners]
    return Bundle(number, Kind.DVP, tuple(legs), reference=int.from_bytes(seed[:16], "big")), authority


def hand_over(
    world: World,
    diary: Diary,
    receipt: Receipt,
    event: ReceiptEvent,
    holder: str,
    *,
    at: Instant,
    money: Sequence[Leg] = (),
    payers: Sequence[str] = (),
    releasing: Sequence[int] = (),
) -> Refusal | None:
    """Let a receipt go to another holder, with its leg and the money legs that belong to it, or say why not."""
    if holder == receipt.holder or not is_active(world, holder):
        return TitleRefusal.RECEIPT_HOLDER_IS_NOT_ACTIVE
    after = moved(receipt, event)
    if isinstance(after, TitleRefusal):
        return after
    if receipt.valid_until and at >= receipt.valid_until and event is not ReceiptEvent.AUCTIONED:
        return TitleRefusal.RECEIPT_HAS_EXPIRED
    source, owners = account(world, receipt.holder, receipt.code), (receipt.holder, holder, *payers)
    if not account(world, holder, receipt.code):
        issuer = world.titles.site_of(
            receipt.code
        ).warehouse  # stands in for an account that is not there yet
        tried = (*money, Leg(source, issuer_account(world, receipt.code), receipt.kg))
        stop = stopped(world, tried, receipt.receipt_id, owners=(*owners, issuer), at=at, releasing=releasing)
        refusal = stop or open_account(world, diary, holder, receipt.code)
        if refusal is not None:
            return refusal
    leg = Leg(source, account(world, holder, receipt.code), receipt.kg)
    booked = book(world, (*money, leg), receipt.receipt_id, owners=owners, at=at, releasing=releasing)
    if isinstance(booked, Refusal):
        return booked
    keep(world, diary, structs.replace(after, holder=holder), event, at=at, bundle_id=booked)
    if event is ReceiptEvent.TRANSFERRED and not money:
        world.otc.note(Settled(booked, receipt.code, receipt.kg, holder, receipt.holder, "", 0, at))
    for owner in (receipt.holder, holder):
        diary.tell(owner, "receipt.moved", receipt.receipt_id, receipt.code, receipt.kg, event.value, holder)
    return None


def stock_fact(world: World, site: str, grade: str) -> StockFound:
    """Give the fact that tells how a stock stands."""
    stock = world.titles.stock(site, grade)
    live = world.titles.live_kg(site, grade)
    return StockFound(site, grade, stock.certified_kg, live, stock.document, stock.case_kg, stock.case)


def part_id(seed: bytes, number: int, place: int, at: Instant) -> bytes:
    """Make the id of a receipt that takes a part of another's place."""
    return booking.made_id(seed + place.to_bytes(4, "big"), number, at)
