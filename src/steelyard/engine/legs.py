"""A leg moves an amount of one asset from source to target, and what must hold for it whatever the balances.

The source is debited, the target credited, so each leg balances and with it each book. Who may move an
account follows from the account's kind and the bundle's kind (`may_debit`, `may_credit`); a plain leg between
accounts that their owners debit and anyone credits is decided by a few bits without asking.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from enum import IntEnum
from typing import NamedTuple, overload

import numpy as np
import numpy.typing as npt

from steelyard.engine.accounts import (
    ASSET_CLOSED,
    CLOSED,
    CREDITS_BLOCKED,
    DEBITS_BLOCKED,
    ISSUERS,
    SOURCE_STOPS,
    TARGET_STOPS,
    Account,
    AccountKind,
)
from steelyard.engine.refusals import BY_CODE, Refusal
from steelyard.values.amount import AMOUNT_END

LEGS_MAX = 100_000


class Kind(IntEnum):
    """What a bundle is for. The numbers are written into the journal; `KINDS` names them all."""

    PAYMENT = 1
    FEE = 2
    ISSUE = 3
    REDEEM = 4
    FX = 5
    CYCLE = 6
    DVP = 7
    RETURN = 8
    RESIDUAL = 9
    CORRECTION = 10
    CASE = 11
    PURPOSE = 12
    EXTERNAL = 13
    TRADE = 14
    MARGIN = 15
    TRANSFER = 16
    COUPON = 17


KINDS = tuple(Kind)

COMMITMENTS: dict[str, frozenset[int]] = {
    "cycle": frozenset({Kind.CYCLE}),
    "trade": frozenset({Kind.TRADE, Kind.DVP, Kind.MARGIN}),
}
"""Purposes whose accounts only the flow of the commitment fills and debits, and by which bundles."""

MAKES_RESIDUALS = frozenset(
    {
        Kind.PAYMENT,
        Kind.FEE,
        Kind.FX,
        Kind.CYCLE,
        Kind.DVP,
        Kind.RETURN,
        Kind.RESIDUAL,
        Kind.CORRECTION,
        Kind.COUPON,
    }
)
OWNER_EMPTIES_SUSPENSE = frozenset({Kind.PAYMENT, Kind.RETURN, Kind.CORRECTION})
PASSES_BLOCKS = frozenset({Kind.CASE})
"""Kinds an authority's order may use on a blocked account."""

Authority = Collection[int]


class Leg(NamedTuple):
    """One movement. `asset_no` 0 means whatever the accounts hold; any other number must be theirs."""

    source: int
    target: int
    amount_minor: int
    asset_no: int = 0


class LegColumns(Sequence[Leg]):
    """Legs as three columns of equal length; none names its asset. Many of them cost next to nothing to hand over."""

    __slots__ = ("amount_minor", "source", "target")

    def __init__(
        self,
        source: npt.NDArray[np.int64],
        target: npt.NDArray[np.int64],
        amount_minor: npt.NDArray[np.int64],
    ) -> None:
        self.source, self.target, self.amount_minor = source, target, amount_minor

    def __len__(self) -> int:
        return len(self.source)

    def __iter__(self) -> Iterator[Leg]:
        columns = (self.source.tolist(), self.target.tolist(), self.amount_minor.tolist())
        return map(Leg, *columns)

    @overload
    def __getitem__(self, place: int) -> Leg: ...

    @overload
    def __getitem__(self, place: slice) -> "LegColumns": ...

    def __getitem__(self, place: int | slice) -> "Leg | LegColumns":
        if isinstance(place, slice):
            return LegColumns(self.source[place], self.target[place], self.amount_minor[place])
        return Leg(int(self.source[place]), int(self.target[place]), int(self.amount_minor[place]))


class Act(NamedTuple):
    """What the engine answers to one act: no refusal means done. `leg` is -1 where no leg is to blame."""

    refusal: Refusal | None = None
    leg: int = -1


DONE = Act()


def converted_refusal(minor: int) -> Refusal | None:
    """Say whether a converted amount can be a leg: it must be neither nothing nor too much."""
    if minor <= 0:
        return Refusal.CONVERTED_AMOUNT_IS_ZERO
    return Refusal.LEG_AMOUNT_IS_TOO_LARGE if minor >= AMOUNT_END else None


def may_debit(account: Account, kind: int, authority: Authority, owners: Mapping[str, int]) -> bool:
    """Say whether a bundle of this kind, on this authority, may debit the account. Issuers apart."""
    owned = account.owner_no in authority
    match account.kind:
        case AccountKind.RESERVED:
            purpose = account.purpose
            if purpose in COMMITMENTS:
                return kind in COMMITMENTS[purpose]
            return owned or owners.get(purpose) in authority
        case AccountKind.SUSPENSE:
            return kind == Kind.CASE or (owned and kind in OWNER_EMPTIES_SUSPENSE)
        case AccountKind.ESCROW | AccountKind.MARGIN | AccountKind.DEFAULT_FUND:
            return _flow_may(account, kind)
        case AccountKind.TRANSIT | AccountKind.RESIDUAL:
            return _flow_may(account, kind)
    return owned


def may_credit(account: Account, kind: int, authority: Authority) -> bool:
    """Say whether a bundle of this kind, on this authority, may credit the account. Issuers apart."""
    if account.kind == AccountKind.RESERVED:
        return account.owner_no in authority and kind in COMMITMENTS.get(account.purpose, KINDS)
    if account.kind == AccountKind.MARGIN and kind == Kind.DVP:
        return True  # what goods bring that were lodged there
    return _flow_may(account, kind)


def gives_back(source: Account, target: Account, kind: int) -> bool:
    """Tell whether a leg gives an owner back what it had committed: a block on its account does not stop that.

    The money stays its owner's, under the same block, and a commitment that is over holds nothing.
    """
    return (
        source.kind == AccountKind.RESERVED
        and returns(source, target)
        and kind in COMMITMENTS[source.purpose]
    )


def returns(source: Account, target: Account) -> bool:
    """Tell whether a leg out of a purpose account leads from a commitment back to its owner's settlement account.

    In a bundle that is tested at its end neither a ceiling nor a limit of the owner's keeps it out.
    """
    return (
        source.owner_no == target.owner_no
        and target.kind == AccountKind.SETTLEMENT
        and source.purpose in COMMITMENTS
    )


def _flow_may(account: Account, kind: int) -> bool:
    """Say whether the account is one that flows of this kind move on their own authority, either way."""
    match account.kind:
        case AccountKind.ESCROW:
            return kind == account.made_by
        case AccountKind.MARGIN | AccountKind.DEFAULT_FUND:
            return kind == Kind.MARGIN
        case AccountKind.TRANSIT:
            return kind == Kind.CYCLE
        case AccountKind.RESIDUAL:
            return kind in MAKES_RESIDUALS
    return True


def shape_refusal(legs: Sequence[Leg]) -> Act:
    """Check what needs no account: the number of legs, amounts, two accounts each (codes 20 to 25)."""
    if not legs:
        return Act(Refusal.BUNDLE_IS_EMPTY)
    if len(legs) > LEGS_MAX:
        return Act(Refusal.BUNDLE_HAS_TOO_MANY_LEGS)
    worst = (999, 0)
    for leg_no, (source, target, amount, _) in enumerate(legs):
        if amount <= 0:
            worst = min(worst, (Refusal.LEG_AMOUNT_MUST_BE_POSITIVE.code, leg_no))
        elif amount >= AMOUNT_END:
            worst = min(worst, (Refusal.LEG_AMOUNT_IS_TOO_LARGE.code, leg_no))
        elif source == target:
            worst = min(worst, (Refusal.LEG_ACCOUNTS_MUST_DIFFER.code, leg_no))
    return DONE if worst[0] == 999 else Act(BY_CODE[worst[0]], worst[1])


def account_refusal(
    source: Account,
    target: Account,
    asset_no: int,
    kind: int,
    authority: Authority,
    owners: Mapping[str, int],
) -> Refusal | None:
    """Give the first rule that one leg's accounts break (codes 31 to 42), or None."""
    if (source.gate | target.gate) & ASSET_CLOSED:
        return Refusal.ASSET_IS_CLOSED
    if source.asset_no != target.asset_no or (asset_no and asset_no != source.asset_no):
        return Refusal.ASSETS_MUST_MATCH
    for account in (source, target):
        if account.kind in ISSUERS and account.owner_no not in authority:
            return Refusal.ISSUER_ACCOUNT_NEEDS_ITS_ISSUER
    if not (may_debit(source, kind, authority, owners) and may_credit(target, kind, authority)):
        return Refusal.ACCOUNT_NEEDS_OTHER_AUTHORITY
    if (source.gate | target.gate) & CLOSED:
        return Refusal.ACCOUNT_IS_CLOSED
    if kind not in PASSES_BLOCKS and not gives_back(source, target, kind):
        if source.gate & DEBITS_BLOCKED:
            return Refusal.ACCOUNT_DEBITS_ARE_BLOCKED
        if target.gate & CREDITS_BLOCKED:
            return Refusal.ACCOUNT_CREDITS_ARE_BLOCKED
    return None


Resolved = tuple[Account, Account, int]


def resolve(
    legs: Sequence[Leg],
    accounts: Sequence[Account | None],
    kind: int,
    authority: Authority,
    owners: Mapping[str, int],
) -> list[Resolved] | Act:
    """Give source, target and amount of every leg, or the lowest refusal of codes 20 to 42, then lowest leg."""
    resolved: list[Resolved] = []
    worst: tuple[int, int] | None = None
    count = len(accounts)
    if not legs or len(legs) > LEGS_MAX:
        return shape_refusal(legs)
    for leg_no, (source_no, target_no, amount, asset_no) in enumerate(legs):
        if not (0 < amount < AMOUNT_END and source_no != target_no):
            return shape_refusal(legs)
        source = accounts[source_no] if 0 < source_no < count else None
        target = accounts[target_no] if 0 < target_no < count else None
        if source is None or target is None:
            worst = min(worst or (999, 0), (Refusal.ACCOUNT_NOT_FOUND.code, leg_no))
            continue
        held = source.asset_no
        if (
            held != target.asset_no
            or (asset_no and asset_no != held)
            or source.gate & SOURCE_STOPS
            or target.gate & TARGET_STOPS
            or source.owner_no not in authority
        ):
            refusal = account_refusal(source, target, asset_no, kind, authority, owners)
            if refusal is not None:
                worst = min(worst or (999, 0), (refusal.code, leg_no))
                continue
        resolved.append((source, target, amount))
    if worst is not None:
        return Act(BY_CODE[worst[0]], worst[1])
    return resolved
