"""Accounts by hand: purpose and client accounts, bounds and blocks, limits, own moves and reservations.

Accounts that come with a state (settlement, fx, issuer ...) are opened by `openings.py` and not here. Lines,
blocks and freezes are the settlement agent's, for accounts in its own currency.
"""

import re

from msgspec import Struct

from steelyard.engine.accounts import Account, AccountKind
from steelyard.engine.bundles import Bundle, Kind, Leg
from steelyard.engine.limits import LimitKind
from steelyard.engine.refusals import Refusal as EngineRefusal
from steelyard.engine.refusals import SettingRefusal
from steelyard.flows import openings, settle
from steelyard.flows.booking import bundle_id
from steelyard.flows.command import Command, Outcome
from steelyard.flows.diary import Diary, refused
from steelyard.flows.facts import LimitSet
from steelyard.flows.fields import Id16, Name, Title
from steelyard.flows.world import World
from steelyard.members.accounts import FX, SETTLEMENT, SUSPENSE
from steelyard.members.refusals import MemberRefusal, MoneyRefusal
from steelyard.values.refusal import Refusal

_PURPOSE = re.compile(r"[a-z][a-z0-9-]{0,31}")
BY_HAND = (AccountKind.RESERVED, AccountKind.CLIENT)
OWN_MOVES = (AccountKind.SETTLEMENT, AccountKind.FX, AccountKind.RESERVED, AccountKind.FEE)


class OpenFields(Struct, array_like=True, frozen=True):
    """A `reserved` account for a purpose, or a `client` account with its ceiling (-1: none)."""

    asset: Name
    kind: Name
    purpose: Name
    ceiling_minor: int = -1


class AccountFields(Struct, array_like=True, frozen=True):
    """Which account, by name."""

    account: Title


class BoundsFields(Struct, array_like=True, frozen=True):
    """An account's bounds anew: a floor below zero is a line; a ceiling of -1 is none."""

    account: Title
    floor_minor: int
    ceiling_minor: int = -1


class BlockFields(Struct, array_like=True, frozen=True):
    """Which way an account is blocked; a freeze stops what is reserved too."""

    account: Title
    debits: bool = True
    credits: bool = True
    freeze: bool = False


class LimitFields(Struct, array_like=True, frozen=True):
    """An owner's own limit on what leaves its accounts in a currency.

    `kind` is net_debit, pair or flow; `other` the counterparty of a pair. A limit that is there gets the new
    cap; `reset` opens a new window of a pair or flow.
    """

    kind: Name
    asset: Name
    cap_minor: int
    other: Name = ""
    reset: bool = False


class MoveFields(Struct, array_like=True, frozen=True):
    """An amount from one own account to another."""

    source: Title
    target: Title
    amount_minor: int


class ReserveFields(Struct, array_like=True, frozen=True):
    """An amount set aside from an own account for another account until a deadline (ns)."""

    source: Title
    target: Title
    amount_minor: int
    deadline_at: int


class EndFields(Struct, array_like=True, frozen=True):
    """Which reservation of one's own; with `amount_minor` above 0 only so much of it is settled."""

    bundle_id: Id16
    amount_minor: int = 0


class ReverseFields(Struct, array_like=True, frozen=True):
    """Which bundle is moved back, its leg records from the journal, and how much of each leg."""

    original: bytes
    amounts: tuple[int, ...]


def open_account(world: World, command: Command, fields: OpenFields, at: int) -> Outcome:
    """Open an own account for a purpose or a client."""
    kind = next((kind for kind in BY_HAND if kind.name.lower() == fields.kind), None)
    taken = (SETTLEMENT, FX, SUSPENSE, "fee", "issuer", "residual")
    if kind is None or fields.purpose in taken:
        return refused(MoneyRefusal.ACCOUNT_KIND_IS_NOT_OPENED_SO)
    if _PURPOSE.fullmatch(fields.purpose) is None:
        return refused(SettingRefusal.ACCOUNT_NAME_IS_MALFORMED)
    if world.members.settlement_account(command.sender, fields.asset) is None:
        return refused(MemberRefusal.CURRENCY_IS_NOT_ALLOWED)
    diary = Diary()
    purpose = fields.purpose if kind is AccountKind.RESERVED else f"client/{fields.purpose}"
    if world.members.accounts.get(purpose, command.sender, fields.asset) is not None:
        return refused(SettingRefusal.ACCOUNT_NAME_IS_TAKEN)
    refusal = openings.open_account(
        world, diary, purpose, command.sender, fields.asset, kind=kind, ceiling=_ceiling(fields.ceiling_minor)
    )
    return refused(refusal) if refusal is not None else diary.done()


def close_account(world: World, command: Command, fields: AccountFields, at: int) -> Outcome:
    """Close an own account that was opened by hand and is empty."""
    account = _own(world, command, fields.account)
    if isinstance(account, Refusal):
        return refused(account)
    if account.kind not in BY_HAND:
        return refused(MoneyRefusal.ACCOUNT_KIND_IS_NOT_OPENED_SO)
    refusal = world.engine.close_account(account.account_no)
    if refusal is not None:
        return refused(refusal)
    asset = account.name.split("/")[1]
    world.members.accounts.drop(account.purpose, command.sender, asset)
    world.touch_context()
    return _changed(world, account)


def set_bounds(world: World, command: Command, fields: BoundsFields, at: int) -> Outcome:
    """Set a line or a ceiling on an account in the own currency; two people have said so."""
    account = _in_own_currency(world, command, "cap", fields.account)
    if isinstance(account, Refusal):
        return refused(account)
    refusal = world.engine.change_account(
        account.account_no, floor=fields.floor_minor, ceiling=_ceiling(fields.ceiling_minor), people=2
    )
    if refusal is not None:
        return refused(refusal)
    return _went_on(world, account, at)


def block(world: World, command: Command, fields: BlockFields, at: int) -> Outcome:
    """Block or freeze an account in the own currency."""
    account = _in_own_currency(world, command, "block", fields.account)
    if isinstance(account, Refusal):
        return refused(account)
    refusal = world.engine.block(
        account.account_no, debits=fields.debits, credits=fields.credits, freeze=fields.freeze
    )
    return refused(refusal) if refusal is not None else _changed(world, account)


def unblock(world: World, command: Command, fields: AccountFields, at: int) -> Outcome:
    """Lift blocks and freeze; two people have said so. What waited for the account goes on."""
    account = _in_own_currency(world, command, "unblock", fields.account)
    if isinstance(account, Refusal):
        return refused(account)
    refusal = world.engine.unblock(account.account_no, people=2)
    return refused(refusal) if refusal is not None else _went_on(world, account, at)


def set_limit(world: World, command: Command, fields: LimitFields, at: int) -> Outcome:
    """Set an own limit, or change its cap."""
    kind = next((kind for kind in LimitKind if kind.name.lower() == fields.kind), None)
    asset_no = world.engine.asset_no(fields.asset)
    accounts = _limited(world, command.sender, fields.asset)
    if kind is None or (kind is LimitKind.PAIR) == (fields.other not in world.members.participants):
        return refused(MemberRefusal.SETTING_IS_UNKNOWN)
    if asset_no is None or not accounts:
        return refused(MemberRefusal.CURRENCY_NOT_FOUND)
    limit_no = limit_of(world, command.sender, fields)
    if limit_no is None:
        opened = world.engine.open_limit(
            kind, asset_no, fields.cap_minor, owner=command.sender, other=fields.other
        )
        if isinstance(opened, Refusal):
            return refused(opened)
        refusal = world.engine.attach_limit(opened, accounts)
        assert refusal is None, refusal
        limit_no = opened
    else:
        changed = world.engine.change_limit(limit_no, cap=fields.cap_minor)
        if changed is None and fields.reset:
            changed = world.engine.reset_window(limit_no)
        if changed is not None:
            return refused(changed)
    diary = Diary()
    diary.fact(LimitSet(limit_no, command.sender, fields.kind, fields.asset, fields.cap_minor, fields.other))
    world.queues.push_all(accounts)
    settle.work(world, diary, at)
    return diary.done()


def limit_of(world: World, owner: str, fields: LimitFields) -> int | None:
    """Give the number of an owner's limit of a kind, or None where there is none yet."""
    owner_nos, asset_no = world.engine.owner_nos, world.engine.asset_no(fields.asset)
    for limit_no in sorted(world.engine.limits):
        limit = world.engine.limits[limit_no]
        if (
            LimitKind(limit.kind).name.lower() == fields.kind
            and limit.asset_no == asset_no
            and limit.owner_no == owner_nos.get(owner)
            and limit.other_no == owner_nos.get(fields.other, 0)
        ):
            return limit_no
    return None


def raises_a_limit(world: World, command: Command, fields: LimitFields) -> bool:
    """Tell whether a limit rises or begins anew: that takes two people, lowering it one."""
    limit_no = limit_of(world, command.sender, fields)
    return limit_no is not None and (fields.reset or fields.cap_minor > world.engine.limits[limit_no].cap)


def move(world: World, command: Command, fields: MoveFields, at: int) -> Outcome:
    """Move between own accounts: settlement, fx, purposes."""
    pair = _pair(world, command, fields.source, fields.target, both_own=True)
    if isinstance(pair, Refusal):
        return refused(pair)
    participant = world.members.participant(command.sender)
    if participant is not None and not participant.sends:
        return refused(MemberRefusal.PARTICIPANT_STATE_FORBIDS)
    number = bundle_id(command.id, world.commands, at)
    leg = Leg(pair[0].account_no, pair[1].account_no, fields.amount_minor)
    bundle = Bundle(number, Kind.TRANSFER, (leg,))
    act = world.engine.move(bundle, authority=[pair[0].owner_no], at=at)
    if act.refusal is not None:
        return refused(act.refusal, act.leg)
    return _went_on(world, pair[1], at, tell=False)


def reserve(world: World, command: Command, fields: ReserveFields, at: int) -> Outcome:
    """Set an amount aside from an own account until a deadline."""
    pair = _pair(world, command, fields.source, fields.target, both_own=False)
    if isinstance(pair, Refusal):
        return refused(pair)
    participant = world.members.participant(command.sender)
    if participant is not None and not participant.sends:
        return refused(MemberRefusal.PARTICIPANT_STATE_FORBIDS)
    number = int.from_bytes(command.id, "big")
    leg = Leg(pair[0].account_no, pair[1].account_no, fields.amount_minor)
    bundle = Bundle(number, Kind.PURPOSE, (leg,), reference=number, deadline_at=fields.deadline_at)
    act = world.engine.reserve(bundle, authority=[pair[0].owner_no], at=at)
    return refused(act.refusal, act.leg) if act.refusal is not None else Diary().done()


def end_by_settling(world: World, command: Command, fields: EndFields, at: int) -> Outcome:
    """Settle an own reservation, whole or in part; the rest is given back."""
    held = _reserved(world, command, fields.bundle_id)
    if isinstance(held, Refusal):
        return refused(held)
    amounts = (fields.amount_minor,) if fields.amount_minor else None
    act = world.engine.settle(int.from_bytes(fields.bundle_id, "big"), amounts, at=at)
    return refused(act.refusal, act.leg) if act.refusal is not None else _worked(world, held, at)


def end_by_releasing(world: World, command: Command, fields: EndFields, at: int) -> Outcome:
    """Give an own reservation back."""
    held = _reserved(world, command, fields.bundle_id)
    if isinstance(held, Refusal):
        return refused(held)
    act = world.engine.release(int.from_bytes(fields.bundle_id, "big"), at=at)
    return refused(act.refusal, act.leg) if act.refusal is not None else _worked(world, held, at)


def reverse(world: World, command: Command, fields: ReverseFields, at: int) -> Outcome:
    """Move back what the sender was given by mistake: legs run from target to source, on its own authority."""
    number = bundle_id(command.id, world.commands, at)
    bundle = Bundle(number, Kind.CORRECTION, ())
    authority = [world.engine.owner_nos.get(command.sender, 0)]
    act = world.engine.reverse(bundle, fields.original, fields.amounts, authority=authority, at=at)
    return refused(act.refusal, act.leg) if act.refusal is not None else Diary().done()


def _own(world: World, command: Command, name: str) -> Account | Refusal:
    account = _account(world, name)
    if isinstance(account, Refusal):
        return account
    mine = account.owner_no == world.engine.owner_nos.get(command.sender)
    return account if mine else MoneyRefusal.ACCOUNT_IS_NOT_YOURS


def _account(world: World, name: str) -> Account | Refusal:
    account_no = world.engine.account_no(name)
    account = None if account_no is None else world.engine.account(account_no)
    return EngineRefusal.ACCOUNT_NOT_FOUND if account is None else account


def _in_own_currency(world: World, command: Command, action: str, name: str) -> Account | Refusal:
    account = _account(world, name)
    if isinstance(account, Refusal):
        return account
    asset = name.split("/")[1]
    if not world.members.reaches(command.actor, action, asset=asset):
        return MemberRefusal.OBJECT_IS_NOT_YOURS
    if account.kind in (AccountKind.ISSUER, AccountKind.RESIDUAL):
        return MoneyRefusal.ACCOUNT_KIND_IS_NOT_OPENED_SO
    return account


def _pair(
    world: World, command: Command, source: str, target: str, *, both_own: bool
) -> tuple[Account, Account] | Refusal:
    mine = _own(world, command, source)
    other = _own(world, command, target) if both_own else _account(world, target)
    if isinstance(mine, Refusal):
        return mine
    if isinstance(other, Refusal):
        return other
    if mine.kind not in OWN_MOVES or other.kind not in OWN_MOVES:
        return MoneyRefusal.ACCOUNT_KIND_IS_NOT_OPENED_SO
    return mine, other


def _reserved(world: World, command: Command, id: bytes) -> list[int] | Refusal:
    """Give the accounts of an open reservation that the sender made by hand, or why not."""
    held = world.engine.reservation(int.from_bytes(id, "big"))
    if held is None or held.kind != Kind.PURPOSE or held.reference != held.bundle_id:
        return EngineRefusal.ORIGINAL_NOT_FOUND
    account = world.engine.account(held.legs[0][0])
    assert account is not None
    if account.owner_no != world.engine.owner_nos.get(command.sender):
        return EngineRefusal.ORIGINAL_NOT_FOUND
    return [held.legs[0][0], held.legs[0][1]]


def _limited(world: World, owner: str, asset: str) -> list[int]:
    """Give the accounts whose outflow an owner's limits count."""
    numbers = (world.members.settlement_account(owner, asset), world.members.accounts.get(FX, owner, asset))
    return [number for number in numbers if number is not None]


def _ceiling(ceiling_minor: int) -> int | None:
    return None if ceiling_minor < 0 else ceiling_minor


def _changed(world: World, account: Account) -> Outcome:
    diary = Diary()
    diary.fact(openings.changed(world, account.account_no))
    return diary.done()


def _went_on(world: World, account: Account, at: int, *, tell: bool = True) -> Outcome:
    """Note an account that can do more than before, and let go on what waited for it."""
    diary = Diary()
    if tell:
        diary.fact(openings.changed(world, account.account_no))
    world.queues.push_all([account.account_no])
    settle.work(world, diary, at)
    return diary.done()


def _worked(world: World, account_nos: list[int], at: int) -> Outcome:
    diary = Diary()
    world.queues.push_all(account_nos)
    settle.work(world, diary, at)
    return diary.done()
