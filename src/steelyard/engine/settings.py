"""Opening and changing assets, accounts and limits. Checks first, changes last; each answers a refusal.

Numbers are dense and start at 1. None of this moves money, so none of it leaves leg records.
"""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from steelyard.engine.accounts import (
    ASSET_CLOSED,
    CLOSED,
    COUNTER_MAX,
    CREDITS_BLOCKED,
    DEBITS_BLOCKED,
    ISSUERS,
    LIMITED,
    MAY_GO_BELOW_ZERO,
    RESIDUAL_CAP,
    Account,
    AccountKind,
)
from steelyard.engine.assets import AssetRow
from steelyard.engine.limits import Limit, LimitKind
from steelyard.engine.refusals import Refusal, SettingRefusal
from steelyard.values.asset import SCALE_MAX, Asset, AssetClass
from steelyard.values.refusal import Refusal as AnyRefusal

if TYPE_CHECKING:
    from steelyard.engine.state import Engine

_CODE = re.compile(r"[A-Z0-9.-]{1,32}")
_OWNER = re.compile(r"[A-Za-z0-9._-]{1,64}")
_NAME = re.compile(r"([A-Za-z0-9._-]{1,64})/([A-Z0-9.-]{1,32})(?:/[a-zA-Z0-9._/-]{1,64})?")


def open_asset(
    engine: "Engine", code: str, asset_class: AssetClass, scale: int, issuer: str
) -> int | SettingRefusal:
    """Register an asset and its issuer, and give its number."""
    if _CODE.fullmatch(code) is None or _OWNER.fullmatch(issuer) is None:
        return SettingRefusal.ASSET_CODE_IS_MALFORMED
    if code in engine.asset_nos:
        same = engine.assets[engine.asset_nos[code]]
        assert same is not None
        taken = same.asset.scale == scale
        return SettingRefusal.ASSET_CODE_IS_TAKEN if taken else SettingRefusal.SCALE_CANNOT_CHANGE
    if not 0 <= scale <= SCALE_MAX:
        return SettingRefusal.SCALE_IS_OUT_OF_RANGE
    asset_no = len(engine.assets)
    row = AssetRow(asset_no, Asset(code, AssetClass(asset_class), scale), engine.add_owner(issuer))
    engine.assets.append(row)
    engine.asset_nos[code] = asset_no
    return asset_no


def close_asset(engine: "Engine", asset_no: int) -> AnyRefusal | None:
    """Close an asset whose accounts are all empty; nothing of it moves any more."""
    row = engine.asset(asset_no)
    if row is None or row.closed:
        return Refusal.ASSET_IS_CLOSED
    held = [account for account in engine.accounts[1:] if account and account.asset_no == asset_no]
    if not all(map(_is_empty, held)):
        return SettingRefusal.ASSET_IS_NOT_EMPTY
    engine.assets[asset_no] = row._replace(closed=True)
    for account in held:
        account.gate |= ASSET_CLOSED
    return None


def open_account(
    engine: "Engine",
    name: str,
    owner: str,
    asset_no: int,
    kind: AccountKind,
    floor: int,
    ceiling: int | None,
    made_by: int,
) -> int | AnyRefusal:
    """Register an account and give its number."""
    row = engine.asset(asset_no)
    shape = _NAME.fullmatch(name)
    if row is None or row.closed:
        return Refusal.ASSET_IS_CLOSED
    if shape is None or (shape[1], shape[2]) != (owner, row.asset.code):
        return SettingRefusal.ACCOUNT_NAME_IS_MALFORMED
    if name.lower() in engine.names:
        return SettingRefusal.ACCOUNT_NAME_IS_TAKEN
    if len(engine.accounts) > engine.accounts_max:
        return SettingRefusal.ACCOUNTS_ARE_FULL
    if kind == AccountKind.RESIDUAL and ceiling is None:
        ceiling = RESIDUAL_CAP
    refusal = _bounds_refusal(kind, floor, ceiling)
    if refusal is not None:
        return refusal
    if kind in ISSUERS and engine.owner_nos.get(owner) != row.issuer_no:
        return SettingRefusal.OWNER_IS_NOT_THE_ISSUER
    account_no = len(engine.accounts)
    owner_no = engine.add_owner(owner)
    account = Account(
        account_no, name, owner_no, asset_no, int(kind), floor=floor, ceiling=ceiling, made_by=made_by
    )
    engine.accounts.append(account)
    engine.accounts_of[account.owner_no] = engine.accounts_of.get(account.owner_no, 0) + 1
    engine.names[name.lower()] = account_no
    return account_no


def change_account(
    engine: "Engine", account_no: int, floor: int, ceiling: int | None, people: int
) -> AnyRefusal | None:
    """Set floor and ceiling. Two people widen: a lower floor, a higher or no ceiling."""
    account = _living(engine, account_no)
    if not isinstance(account, Account):
        return account
    refusal = _bounds_refusal(AccountKind(account.kind), floor, ceiling)
    if refusal is not None:
        return refusal
    wider = floor < account.floor or (
        account.ceiling is not None and (ceiling is None or ceiling > account.ceiling)
    )
    if wider and people < 2:
        return SettingRefusal.TWO_PEOPLE_NEEDED
    account.set_bounds(floor, ceiling)
    account.version += 1
    return None


def block(
    engine: "Engine", account_no: int, *, debits: bool, credits: bool, freeze: bool
) -> AnyRefusal | None:
    """Stop debits, credits or both, on top of what is stopped; a freeze stops settling reservations too."""
    account = _living(engine, account_no)
    if not isinstance(account, Account):
        return account
    account.gate |= (DEBITS_BLOCKED if debits else 0) | (CREDITS_BLOCKED if credits else 0)
    account.freeze = account.freeze or freeze
    account.version += 1
    return None


def unblock(engine: "Engine", account_no: int, people: int) -> AnyRefusal | None:
    """Lift blocks and freeze; a freeze takes two people."""
    account = _living(engine, account_no)
    if not isinstance(account, Account):
        return account
    if account.freeze and people < 2:
        return SettingRefusal.TWO_PEOPLE_NEEDED
    account.gate &= ~(DEBITS_BLOCKED | CREDITS_BLOCKED)
    account.freeze = False
    account.version += 1
    return None


def close_account(engine: "Engine", account_no: int) -> AnyRefusal | None:
    """Close an account at balance zero without open reservations, for good. Its name stays taken."""
    account = _living(engine, account_no)
    if not isinstance(account, Account):
        return account
    if not _is_empty(account):
        return SettingRefusal.ACCOUNT_IS_NOT_EMPTY
    account.gate |= CLOSED
    account.version += 1
    return None


def open_limit(
    engine: "Engine", kind: LimitKind, asset_no: int, cap: int, owner: str, other: str
) -> int | AnyRefusal:
    """Register a limit and give its number; `owner` and `other` are the two sides of a pair."""
    row = engine.asset(asset_no)
    if row is None or row.closed:
        return Refusal.ASSET_IS_CLOSED
    refusal = _cap_refusal(cap)
    if refusal is not None:
        return refusal
    limit_no = len(engine.limits) + 1
    owner_no = engine.add_owner(owner) if owner else 0
    other_no = engine.add_owner(other) if other else 0
    engine.limits[limit_no] = Limit(limit_no, int(kind), asset_no, cap, owner_no=owner_no, other_no=other_no)
    return limit_no


def change_limit(engine: "Engine", limit_no: int, cap: int, *, tested: bool) -> AnyRefusal | None:
    """Set the cap of a limit and whether it is tested. A cap below present use stops new outflow only."""
    limit = engine.limits.get(limit_no)
    if limit is None:
        return SettingRefusal.LIMIT_NOT_FOUND
    refusal = _cap_refusal(cap)
    if refusal is not None:
        return refusal
    limit.cap, limit.tested = cap, tested
    return None


def attach_limit(engine: "Engine", limit_no: int, account_nos: Sequence[int]) -> AnyRefusal | None:
    """Let a limit count these accounts from now on, all or none of them."""
    limit = engine.limits.get(limit_no)
    if limit is None:
        return SettingRefusal.LIMIT_NOT_FOUND
    found = []
    for account_no in account_nos:
        account = _living(engine, account_no)
        if not isinstance(account, Account):
            return account
        if account.asset_no != limit.asset_no:
            return SettingRefusal.LIMIT_ASSET_DIFFERS
        if limit.kind == LimitKind.PAIR and account.owner_no != limit.owner_no:
            return SettingRefusal.LIMIT_OWNER_DIFFERS
        if limit_no in account.limits or account in found:
            return SettingRefusal.LIMIT_IS_ATTACHED
        found.append(account)
    for account in found:
        account.limits = (*account.limits, limit_no)
        account.gate |= LIMITED
        account.version += 1
        if limit.kind == LimitKind.NET_DEBIT:
            limit.used += account.debits_reserved - account.signed
    return None


def detach_limit(engine: "Engine", limit_no: int, account_no: int) -> AnyRefusal | None:
    """Let a limit no longer count an account."""
    limit = engine.limits.get(limit_no)
    account = _living(engine, account_no)
    if not isinstance(account, Account):
        return account
    if limit is None or limit_no not in account.limits:
        return SettingRefusal.LIMIT_NOT_FOUND
    account.limits = tuple(number for number in account.limits if number != limit_no)
    if not account.limits:
        account.gate &= ~LIMITED
    account.version += 1
    if limit.kind == LimitKind.NET_DEBIT:
        limit.used -= account.debits_reserved - account.signed
    return None


def reset_window(engine: "Engine", limit_no: int) -> AnyRefusal | None:
    """Open a new window of a pair or flow limit: nothing is used of it yet."""
    limit = engine.limits.get(limit_no)
    if limit is None:
        return SettingRefusal.LIMIT_NOT_FOUND
    if limit.kind == LimitKind.NET_DEBIT:
        return SettingRefusal.LIMIT_HAS_NO_WINDOW
    limit.used = 0
    limit.window += 1
    return None


def _living(engine: "Engine", account_no: int) -> Account | Refusal:
    account = engine.account(account_no)
    if account is None:
        return Refusal.ACCOUNT_NOT_FOUND
    return Refusal.ACCOUNT_IS_CLOSED if account.gate & CLOSED else account


def _is_empty(account: Account) -> bool:
    return account.signed == 0 and account.debits_reserved == 0 and account.credits_reserved == 0


def _bounds_refusal(kind: AccountKind, floor: int, ceiling: int | None) -> SettingRefusal | None:
    if floor > 0:
        return SettingRefusal.FLOOR_MUST_NOT_BE_POSITIVE
    if floor < 0 and kind not in MAY_GO_BELOW_ZERO:
        return SettingRefusal.KIND_ALLOWS_NO_FLOOR
    if ceiling is not None and ceiling < max(floor, 0 if kind in ISSUERS else floor):
        return SettingRefusal.CEILING_IS_BELOW_FLOOR
    if -floor > COUNTER_MAX or (ceiling is not None and ceiling > COUNTER_MAX):
        return SettingRefusal.BOUND_IS_TOO_LARGE
    return None


def _cap_refusal(cap: int) -> SettingRefusal | None:
    if cap < 0:
        return SettingRefusal.LIMIT_CAP_MUST_NOT_BE_NEGATIVE
    return SettingRefusal.BOUND_IS_TOO_LARGE if cap > COUNTER_MAX else None
