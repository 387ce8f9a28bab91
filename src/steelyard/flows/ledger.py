"""Accounts by hand: those for a purpose or a client, and every account's bounds and blocks.

Accounts that come with a state (settlement, fx, issuer ...) are opened by `openings.py` and not here. Lines,
blocks and freezes are the settlement agent's, for accounts in its own currency.
"""

import re

from msgspec import Struct

from steelyard.engine.accounts import Account, AccountKind
from steelyard.engine.legs import COMMITMENTS
from steelyard.engine.refusals import Refusal as EngineRefusal
from steelyard.engine.refusals import SettingRefusal
from steelyard.flows import clearing_money, openings, settle
from steelyard.flows.command import Command, Outcome
from steelyard.flows.credit_lines import LINE
from steelyard.flows.diary import Diary, refused
from steelyard.flows.fields import Name, Title
from steelyard.flows.quote import QUOTE_PURPOSE
from steelyard.flows.world import World
from steelyard.liquidity.cycles import PURPOSE
from steelyard.liquidity.refusals import LiquidityRefusal
from steelyard.members.accounts import FX, SETTLEMENT, SUSPENSE
from steelyard.members.refusals import MemberRefusal, MoneyRefusal
from steelyard.values.refusal import Refusal

_PURPOSE = re.compile(r"[a-z][a-z0-9-]{0,31}")
BY_HAND = (AccountKind.RESERVED, AccountKind.CLIENT)


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


def open_account(world: World, command: Command, fields: OpenFields, at: int) -> Outcome:
    """Open an own account for a purpose or a client."""
    kind = next((kind for kind in BY_HAND if kind.name.lower() == fields.kind), None)
    taken = (
        SETTLEMENT,
        FX,
        SUSPENSE,
        "fee",
        "issuer",
        "residual",
        QUOTE_PURPOSE,
        LINE,
        PURPOSE,
        *clearing_money.KINDS,
    )
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
    owner_no = world.engine.owner_nos[command.sender]
    if world.engine.accounts_of.get(owner_no, 0) >= world.packs.rulebook(at).members.accounts_max:
        return refused(MoneyRefusal.TOO_MANY_ACCOUNTS)
    refusal = openings.open_account(
        world, diary, purpose, command.sender, fields.asset, kind=kind, ceiling=_ceiling(fields.ceiling_minor)
    )
    return refused(refusal) if refusal is not None else diary.done()


def close_account(world: World, command: Command, fields: AccountFields, at: int) -> Outcome:
    """Close an own account that was opened by hand and is empty."""
    account = own_account(world, command, fields.account)
    if isinstance(account, Refusal):
        return refused(account)
    if account.kind not in BY_HAND or account.purpose == QUOTE_PURPOSE:
        return refused(MoneyRefusal.ACCOUNT_KIND_IS_NOT_OPENED_SO)
    if account.purpose == PURPOSE:
        return refused(LiquidityRefusal.CYCLE_HOLDS_MONEY)
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
    line = world.credit.intraday(account.account_no)
    if (line is not None and line.open) or account.purpose == LINE:
        return refused(LiquidityRefusal.ACCOUNT_HAS_A_CREDIT_LINE)
    refusal = world.engine.change_account(
        account.account_no, floor=fields.floor_minor, ceiling=_ceiling(fields.ceiling_minor), people=2
    )
    if refusal is not None:
        return refused(refusal)
    return went_on(world, account, at)


def block(world: World, command: Command, fields: BlockFields, at: int) -> Outcome:
    """Block or freeze an account in the own currency.

    What stops money on its way into a commitment stops it on the account that it comes back to, too.
    """
    account = _in_own_currency(world, command, "block", fields.account)
    if isinstance(account, Refusal):
        return refused(account)
    refusal = world.engine.block(
        account.account_no, debits=fields.debits, credits=fields.credits, freeze=fields.freeze
    )
    if refusal is not None:
        return refused(refusal)
    diary = Diary()
    diary.fact(openings.changed(world, account.account_no))
    if account.purpose in COMMITMENTS:
        owner, asset = account.name.split("/")[:2]
        home = world.members.settlement_account(owner, asset)
        if home is not None and (
            world.engine.block(home, debits=fields.debits, credits=False, freeze=fields.freeze) is None
        ):
            diary.fact(openings.changed(world, home))
    return diary.done()


def unblock(world: World, command: Command, fields: AccountFields, at: int) -> Outcome:
    """Lift blocks and freeze; two people have said so. What waited for the account goes on."""
    account = _in_own_currency(world, command, "unblock", fields.account)
    if isinstance(account, Refusal):
        return refused(account)
    refusal = world.engine.unblock(account.account_no, people=2)
    return refused(refusal) if refusal is not None else went_on(world, account, at)


def own_account(world: World, command: Command, name: str) -> Account | Refusal:
    account = account_of(world, name)
    if isinstance(account, Refusal):
        return account
    mine = account.owner_no == world.engine.owner_nos.get(command.sender)
    return account if mine else MoneyRefusal.ACCOUNT_IS_NOT_YOURS


def account_of(world: World, name: str) -> Account | Refusal:
    account_no = world.engine.account_no(name)
    account = None if account_no is None else world.engine.account(account_no)
    return EngineRefusal.ACCOUNT_NOT_FOUND if account is None else account


def _in_own_currency(world: World, command: Command, action: str, name: str) -> Account | Refusal:
    account = account_of(world, name)
    if isinstance(account, Refusal):
        return account
    asset = name.split("/")[1]
    if not world.members.reaches(command.actor, action, asset=asset):
        return MemberRefusal.OBJECT_IS_NOT_YOURS
    if account.kind in (AccountKind.ISSUER, AccountKind.RESIDUAL):
        return MoneyRefusal.ACCOUNT_KIND_IS_NOT_OPENED_SO
    return account


def _ceiling(ceiling_minor: int) -> int | None:
    return None if ceiling_minor < 0 else ceiling_minor


def _changed(world: World, account: Account) -> Outcome:
    diary = Diary()
    diary.fact(openings.changed(world, account.account_no))
    return diary.done()


def went_on(world: World, account: Account, at: int, *, tell: bool = True) -> Outcome:
    """Note an account that can do more than before, and let go on what waited for it."""
    diary = Diary()
    if tell:
        diary.fact(openings.changed(world, account.account_no))
    world.queues.push_all([account.account_no])
    settle.work(world, diary, at)
    return diary.done()
