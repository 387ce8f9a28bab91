"""Accounts: kinds, states, counters, and who may move what.

Four counters, all >= 0; the settled ones only grow. With p = credits_settled - debits_settled, an account is
within bounds while p - debits_reserved >= low and p + credits_reserved <= high. For a credit-normal account
low is its floor and high its ceiling. For a debit-normal one (issuers) the balance is -p, so low is minus
the issuance cap and high minus the floor. A bound that is not there is a number no counter reaches: nothing
on the payment path asks whether a bound exists.
"""

from enum import IntEnum
from typing import NamedTuple

from steelyard.engine.refusals import Refusal

COUNTER_MAX = 2**127 - 1
NO_BOUND = 2**130
RESIDUAL_CAP = 10_000


class AccountKind(IntEnum):
    """What an account is for. The numbers are written into the journal."""

    ISSUER = 1
    SETTLEMENT = 2
    RESERVED = 3
    CLIENT = 4
    FX = 5
    ESCROW = 6
    MARGIN = 7
    DEFAULT_FUND = 8
    TRANSIT = 9
    FEE = 10
    RESIDUAL = 11
    SUSPENSE = 12
    TITLE_ISSUER = 13
    TITLE = 14


class AccountState(IntEnum):
    """Which way an account may move."""

    OPEN = 0
    DEBITS_BLOCKED = 1
    CREDITS_BLOCKED = 2
    BLOCKED = 3
    CLOSED = 4


ISSUERS = frozenset({AccountKind.ISSUER, AccountKind.TITLE_ISSUER})
TWO_SIDED = frozenset({AccountKind.TRANSIT, AccountKind.RESIDUAL})
MAY_GO_BELOW_ZERO = frozenset({AccountKind.SETTLEMENT, AccountKind.FX})

# Bits of `Account.gate`: what keeps a leg from being plainly allowed. The first three are the state, the last
# says that limits count the account.
DEBITS_BLOCKED, CREDITS_BLOCKED, CLOSED = 1, 2, 4
ASSET_CLOSED, DEBIT_IS_RULED, CREDIT_IS_RULED, LIMITED = 8, 16, 32, 64
SOURCE_STOPS = DEBITS_BLOCKED | CLOSED | ASSET_CLOSED | DEBIT_IS_RULED
TARGET_STOPS = CREDITS_BLOCKED | CLOSED | ASSET_CLOSED | CREDIT_IS_RULED

OWNER_DEBITS = frozenset(
    {AccountKind.SETTLEMENT, AccountKind.CLIENT, AccountKind.FX, AccountKind.FEE, AccountKind.TITLE}
)
ANYONE_CREDITS = OWNER_DEBITS | {AccountKind.SUSPENSE}


class Account:
    """One account. Everything but the counters is settings, and `version` counts changes of those.

    `made_by` is the kind of bundle whose flow opened an escrow account; 0 elsewhere. `limits` are numbers of
    limits that count this account.
    """

    __slots__ = (
        "account_no",
        "asset_no",
        "ceiling",
        "credits_reserved",
        "credits_settled",
        "debits_reserved",
        "debits_settled",
        "floor",
        "freeze",
        "gate",
        "high",
        "kind",
        "limits",
        "low",
        "made_by",
        "name",
        "owner_no",
        "version",
    )

    def __init__(
        self,
        account_no: int,
        name: str,
        owner_no: int,
        asset_no: int,
        kind: int,
        *,
        floor: int = 0,
        ceiling: int | None = None,
        made_by: int = 0,
    ) -> None:
        self.account_no, self.name, self.owner_no, self.asset_no = account_no, name, owner_no, asset_no
        self.kind, self.made_by = kind, made_by
        self.limits: tuple[int, ...] = ()
        self.freeze = False
        self.version = 1
        self.debits_settled = self.credits_settled = self.debits_reserved = self.credits_reserved = 0
        self.gate = (0 if kind in OWNER_DEBITS else DEBIT_IS_RULED) | (
            0 if kind in ANYONE_CREDITS else CREDIT_IS_RULED
        )
        self.set_bounds(floor, ceiling)

    def set_bounds(self, floor: int, ceiling: int | None) -> None:
        """Set floor and ceiling, and from them the two bounds that legs are tested against."""
        self.floor, self.ceiling = floor, ceiling
        top = NO_BOUND if ceiling is None else ceiling
        if self.kind in ISSUERS:
            self.low, self.high = -top, -floor
        elif self.kind in TWO_SIDED:
            self.low, self.high = -top, top
        else:
            self.low, self.high = floor, top

    @property
    def state(self) -> AccountState:
        """Which way it may move."""
        return AccountState.CLOSED if self.gate & CLOSED else AccountState(self.gate & 3)

    @property
    def purpose(self) -> str:
        """The third part of the name, or nothing."""
        return self.name.partition("/")[2].partition("/")[2]

    @property
    def signed(self) -> int:
        """Credits less debits settled: the balance of a credit-normal account, minus it of an issuer."""
        return self.credits_settled - self.debits_settled

    def low_refusal(self) -> int:
        """Give the code for a debit that would pass the lower bound."""
        if self.kind in ISSUERS:
            return Refusal.ISSUANCE_CAP_WOULD_BE_EXCEEDED.code
        if self.kind == AccountKind.RESIDUAL:
            return Refusal.RESIDUAL_CAP_WOULD_BE_EXCEEDED.code
        return Refusal.LIQUIDITY_IS_SHORT.code

    def high_refusal(self) -> int:
        """Give the code for a credit that would pass the upper bound."""
        if self.kind in ISSUERS:  # more would come back than was issued
            return Refusal.LIQUIDITY_IS_SHORT.code
        if self.kind == AccountKind.RESIDUAL:
            return Refusal.RESIDUAL_CAP_WOULD_BE_EXCEEDED.code
        return Refusal.CEILING_WOULD_BE_EXCEEDED.code


class Balance(NamedTuple):
    """What an account holds, on its normal side. `available` is what may still leave it."""

    balance: int
    available: int
    reserved_in: int
    reserved_out: int
    version: int


def balance_of(account: Account) -> Balance:
    """Give the balance of an account; for an issuer `available` is what it may still issue.

    Where there is no bound (a transit account), what is available is the balance less what is reserved.
    """
    signed = account.signed
    low = 0 if account.low <= -NO_BOUND else account.low
    return Balance(
        -signed if account.kind in ISSUERS else signed,
        signed - account.debits_reserved - low,
        account.credits_reserved,
        account.debits_reserved,
        account.version,
    )
