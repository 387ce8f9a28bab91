"""Claims between participants that are not money: filed by one side, confirmed by the other, taken back.

A claim that both have confirmed stands in the claims book, which has a book of units per currency, `AED.CLAIMS`:
what each is owed stands on `owner/AED.CLAIMS/owed`, what it owes on `owner/AED.CLAIMS/owes`, against the operator's
issuer account. No money is in it, and nothing but the acts of this file and set-offs (`set_off.py`) moves it.
"""

from collections.abc import Iterable
from typing import Annotated

from msgspec import Meta, Struct

from steelyard.engine.accounts import AccountKind
from steelyard.engine.bundles import Bundle, Kind, Leg, Policy
from steelyard.engine.legs import Act
from steelyard.engine.refusals import Refusal as EngineRefusal
from steelyard.engine.refusals import SettingRefusal
from steelyard.flows import booking, liquidity_rules, openings
from steelyard.flows.command import Command, Outcome
from steelyard.flows.diary import Diary, refused
from steelyard.flows.facts import AssetOpened
from steelyard.flows.fields import Day, Id16, Name
from steelyard.flows.liquidity_facts import ClaimMoved
from steelyard.flows.world import World
from steelyard.liquidity.claims import HASH_BYTES, Claim
from steelyard.liquidity.refusals import LiquidityRefusal as No
from steelyard.members.participants import ParticipantState
from steelyard.members.refusals import MemberRefusal
from steelyard.members.state import OPERATOR
from steelyard.values.asset import AssetClass
from steelyard.values.instants import Instant
from steelyard.values.refusal import Refusal

OWED, OWES, ISSUED = "owed", "owes", "issuer"
WITHDRAWN = "withdrawn"


class FileFields(Struct, array_like=True, frozen=True, gc=False):
    """What one owes another: the sender is one of them. The hash is the SHA-256 of the paper behind it."""

    debtor: Name
    creditor: Name
    asset: Name
    amount_minor: int
    due_on: Day
    document_hash: Annotated[bytes, Meta(min_length=HASH_BYTES, max_length=HASH_BYTES)]


class NamedFields(Struct, array_like=True, frozen=True, gc=False):
    """A claim by its id: that of the command that filed it."""

    claim_id: Id16


def file(world: World, command: Command, fields: FileFields, at: Instant) -> Outcome:
    """Enter a claim, confirmed by the sender's side; the other is asked to confirm it."""
    sender = command.sender
    if sender not in (fields.debtor, fields.creditor):
        return refused(No.CLAIM_UNKNOWN)
    if fields.asset not in world.members.assets:
        return refused(MemberRefusal.CURRENCY_NOT_FOUND)
    parties = [world.members.participants.get(bic) for bic in (fields.debtor, fields.creditor)]
    if any(party is None or party.state is ParticipantState.CLOSED for party in parties):
        return refused(MemberRefusal.PARTICIPANT_NOT_FOUND)
    if world.claims.filed_by(sender) >= liquidity_rules.rules(world, at).claims_max:
        return refused(No.TOO_MANY_CLAIMS)
    claim = Claim(
        command.id.hex(), fields.debtor, fields.creditor, fields.asset, fields.amount_minor, fields.amount_minor,
        fields.due_on, fields.document_hash, sender == fields.debtor, sender == fields.creditor,
        world.members.home(fields.debtor), world.members.home(fields.creditor), sender,
    )  # fmt: skip
    refusal = world.claims.file(claim)
    if refusal is not None:
        return refused(refusal)
    diary = Diary()
    diary.fact(moved(claim))
    tell(diary, claim, "claim.filed", other_than=sender)
    return diary.done()


def confirm(world: World, command: Command, fields: NamedFields, at: Instant) -> Outcome:
    """Own up to a claim that the other side has filed: from here on it may be set off, and stands in the book."""
    claim = _of(world, command.sender, fields)
    if claim is None:
        return refused(No.CLAIM_UNKNOWN)
    if not claim.open_minor:
        return refused(No.CLAIM_ALREADY_SET_OFF)
    diary = Diary()
    if claim.confirmed or claim.filer == command.sender:
        diary.fact(moved(claim))
        return diary.repeated()
    refusal = _open_accounts(world, diary, claim)
    if refusal is None:
        refusal = book(world, command.id, [(claim, claim.open_minor)], at, enter=True).refusal
    if refusal is None:
        refusal = world.claims.confirm(claim.id, party=command.sender)
    if refusal is not None:
        return diary.refused(refusal)
    claim = world.claims.get(claim.id) or claim
    diary.fact(moved(claim))
    tell(diary, claim, "claim.confirmed", other_than=command.sender)
    return diary.done()


def withdraw(world: World, command: Command, fields: NamedFields, at: Instant) -> Outcome:
    """Take back a claim: either side until both have confirmed it, its creditor alone after (it was paid, say)."""
    claim = _of(world, command.sender, fields)
    if claim is None:
        return refused(No.CLAIM_UNKNOWN)
    if not claim.open_minor:
        return refused(No.CLAIM_ALREADY_SET_OFF)
    if claim.confirmed:
        if command.sender != claim.creditor:
            return refused(No.CLAIM_IS_CONFIRMED)
        act = book(world, command.id, [(claim, claim.open_minor)], at, enter=False)
        if act.refusal is not None:
            return refused(act.refusal)
    world.claims.drop(claim.id)
    diary = Diary()
    diary.fact(moved(claim, WITHDRAWN))
    tell(diary, claim, "claim.withdrawn", other_than=command.sender)
    return diary.done()


# The claims book


def units(asset: str) -> str:
    """Give the code of the units in which claims of a currency are booked.

    >>> units("AED")
    'AED.CLAIMS'
    """
    return f"{asset}.CLAIMS"


def account(world: World, purpose: str, owner: str, asset: str) -> int:
    """Give the number of an account of the claims book, or 0."""
    return world.members.accounts.get(purpose, owner, units(asset)) or 0


def is_free(world: World, purpose: str, owner: str, asset: str) -> bool:
    """Tell whether an account of the claims book is there and neither blocked nor frozen."""
    found = world.engine.accounts[account(world, purpose, owner, asset)]
    return found is not None and not found.state and not found.freeze


def book(
    world: World,
    seed: bytes,
    parts: Iterable[tuple[Claim, int]],
    at: Instant,
    *,
    enter: bool,
    number: int = 0,
) -> Act:
    """Let claims enter the book, or leave it by parts: one bundle, two legs each, tested on the final state."""
    legs: list[Leg] = []
    references: list[int] = []
    for claim, minor in parts:
        issuer = account(world, ISSUED, OPERATOR, claim.currency)
        for purpose, owner in ((OWED, claim.creditor), (OWES, claim.debtor)):
            held = account(world, purpose, owner, claim.currency)
            legs.append(Leg(issuer, held, minor) if enter else Leg(held, issuer, minor))
            references.append(int(claim.id, 16))
    bundle = Bundle(
        number or booking.bundle_id(seed, world.commands, at), Kind.CYCLE, tuple(legs), policy=Policy.AT_END,
        references=tuple(references),
    )  # fmt: skip
    return world.engine.move(bundle, authority=[world.engine.owner_nos[OPERATOR]], at=at)


def enter(world: World, diary: Diary, claim: Claim, seed: bytes, at: Instant) -> bool:
    """Let a claim that both sides are bound to by rule stand in the book; tell whether there was room for it."""
    if world.claims.file(claim) is not None:
        return False
    refusal = _open_accounts(world, diary, claim)
    if refusal is None:
        refusal = book(world, seed, [(claim, claim.open_minor)], at, enter=True).refusal
    if refusal is not None:
        world.claims.drop(claim.id)
        return False
    diary.fact(moved(claim))
    tell(diary, claim, "claim.confirmed")
    return True


def moved(claim: Claim, state: str = "") -> ClaimMoved:
    """Give the fact that tells how a claim stands."""
    return ClaimMoved(
        bytes.fromhex(claim.id), claim.debtor, claim.creditor, claim.currency, claim.amount_minor,
        claim.open_minor, claim.due_on, claim.document_hash, claim.consent_debtor, claim.consent_creditor,
        claim.filer, state or claim.state,
    )  # fmt: skip


def tell(diary: Diary, claim: Claim, kind: str, *, other_than: str = "") -> None:
    """Let both sides of a claim be told, but for who brought it about."""
    for party in (claim.debtor, claim.creditor):
        if party != other_than:
            diary.tell(party, kind, bytes.fromhex(claim.id), *told(claim))


def told(claim: Claim) -> tuple[int | str, ...]:
    """Give what a notice about a claim says: (debtor, creditor, asset, amount, open, due)."""
    return claim.debtor, claim.creditor, claim.currency, claim.amount_minor, claim.open_minor, claim.due_on


def _of(world: World, sender: str, fields: NamedFields) -> Claim | None:
    claim = world.claims.get(fields.claim_id.hex())
    return claim if claim is not None and sender in (claim.debtor, claim.creditor) else None


def _open_accounts(world: World, diary: Diary, claim: Claim) -> Refusal | None:
    """Open the book of a currency's claims and the accounts of both sides, where they are missing."""
    code, asset = units(claim.currency), claim.currency
    wanted = [(OWED, claim.creditor), (OWES, claim.debtor)]
    missing = [one for one in wanted if not account(world, *one, asset)]
    if not all(is_free(world, *one, asset) for one in wanted if one not in missing):
        return EngineRefusal.ACCOUNT_CREDITS_ARE_BLOCKED
    if not openings.has_room(world, len(missing) + 1):
        return SettingRefusal.ACCOUNTS_ARE_FULL
    if world.engine.asset_no(code) is None:
        scale = world.members.assets[asset].scale
        opened = world.engine.open_asset(code, AssetClass.CLAIM, scale=scale, issuer=OPERATOR)
        if isinstance(opened, Refusal):
            return opened
        diary.fact(AssetOpened(opened, code, "claim", scale, OPERATOR))
        refusal = openings.open_account(world, diary, ISSUED, OPERATOR, code)
        assert refusal is None, refusal
    for purpose, owner in missing:
        refusal = openings.open_account(
            world, diary, purpose, owner, code, kind=AccountKind.ESCROW, made_by=Kind.CYCLE
        )
        assert refusal is None, refusal
    return None
