"""Limits: a sum of what left some accounts, and a cap on it.

All three kinds count `used` and test `used <= cap` after a leg that raised it. Limits are attached to
accounts; an account without limits pays nothing for them.

NET_DEBIT: used is minus the sum of the accounts' own balances, reserved outgoing counted out.
PAIR: net outflow from its accounts to those of another owner since the last reset.
FLOW: gross outflow from its accounts since the last reset.

Reserved outgoing counts at once, incoming when it settles. A reset opens a new window. What a reservation
used is given back on release only to the window it was taken from.
"""

from collections.abc import Mapping
from enum import IntEnum

from steelyard.engine.accounts import Account


class LimitKind(IntEnum):
    """What a limit counts. The numbers are written into the journal."""

    NET_DEBIT = 1
    PAIR = 2
    FLOW = 3


class Limit:
    """One limit. `other_no` is the second owner of a pair, else 0; `window` counts resets."""

    __slots__ = ("asset_no", "cap", "kind", "limit_no", "other_no", "owner_no", "tested", "used", "window")

    def __init__(
        self, limit_no: int, kind: int, asset_no: int, cap: int, *, owner_no: int = 0, other_no: int = 0
    ) -> None:
        self.limit_no, self.kind, self.asset_no, self.cap = limit_no, kind, asset_no, cap
        self.owner_no, self.other_no = owner_no, other_no
        self.tested = True
        self.used = 0
        self.window = 0

    def counts_out(self, target: Account) -> bool:
        """Say whether outflow to `target` counts."""
        return self.kind != LimitKind.PAIR or target.owner_no == self.other_no

    def counts_in(self, source: Account) -> bool:
        """Say whether settled inflow from `source` counts back."""
        return self.kind == LimitKind.NET_DEBIT or (
            self.kind == LimitKind.PAIR and source.owner_no == self.other_no
        )


Used = dict[int, int]
"""What an act would make of `Limit.used`, by limit number."""


def count_leg(
    used: Used, limits: Mapping[int, Limit], source: Account, target: Account, amount: int, *, reserving: bool
) -> list[int]:
    """Count one leg into `used` and give the numbers of the tested limits that it raised above their cap."""
    raised: dict[int, int] = {}
    for limit_no in source.limits:
        limit = limits[limit_no]
        if limit.counts_out(target):
            raised[limit_no] = amount
    if not reserving:
        for limit_no in target.limits:
            if limits[limit_no].counts_in(source):
                raised[limit_no] = raised.get(limit_no, 0) - amount
    over = []
    for limit_no, change in raised.items():
        limit = limits[limit_no]
        now = used[limit_no] = used.get(limit_no, limit.used) + change
        if change > 0 and limit.tested and now > limit.cap:
            over.append(limit_no)
    return over


def windows_of(limits: Mapping[int, Limit], source: Account, target: Account) -> tuple[tuple[int, int], ...]:
    """Give (limit, window) of every windowed limit that a leg's reservation uses."""
    return tuple(
        (limit_no, limits[limit_no].window)
        for limit_no in source.limits
        if limits[limit_no].kind != LimitKind.NET_DEBIT and limits[limit_no].counts_out(target)
    )


def give_back(
    used: Used,
    limits: Mapping[int, Limit],
    source: Account,
    windows: tuple[tuple[int, int], ...],
    amount: int,
) -> None:
    """Take a released part of a reservation out of the limits that still count it."""
    for limit_no in source.limits:
        limit = limits[limit_no]
        if limit.kind == LimitKind.NET_DEBIT:
            used[limit_no] = used.get(limit_no, limit.used) - amount
    for limit_no, window in windows:
        limit = limits[limit_no]
        if limit.window == window:
            used[limit_no] = used.get(limit_no, limit.used) - amount


def count_settled(
    used: Used, limits: Mapping[int, Limit], source: Account, target: Account, amount: int
) -> None:
    """Count the inflow of a settled part of a reservation; its outflow was counted when it was reserved."""
    for limit_no in target.limits:
        limit = limits[limit_no]
        if limit.counts_in(source):
            used[limit_no] = used.get(limit_no, limit.used) - amount
