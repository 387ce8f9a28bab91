"""Limits that a payer sets itself: how much it may lose, net of the day, by payments of normal priority.

Bilateral: to one counterparty. Multilateral: to all others it has no bilateral limit for. Accounts are given
by number, so each pair is one of a currency. Nets are those of a settlement date and start anew with the next;
they are counted whether limits are set or not, so that one set at noon knows the morning. A limit below what is
used stops what goes out and forces nothing to come in.
"""

from msgspec import Struct

from steelyard.liquidity.refusals import LiquidityRefusal
from steelyard.values.instants import Day, Instant
from steelyard.values.wide import packed, unpacked

OTHERS = 0
"""Stands for the counterparty of a multilateral limit."""
NORMAL = 2
"""The one priority that limits count and stop."""


class Own(Struct, array_like=True, frozen=True, gc=False):
    """One limit: what it allows, and since when."""

    limit_minor: int
    from_at: Instant


class _Day:
    """What normal payments of one date and currency moved, net."""

    __slots__ = ("on", "pairs", "totals")

    def __init__(self, on: Day) -> None:
        self.on = on
        self.pairs: dict[tuple[int, int], int] = {}  # (lower, higher account) -> net from lower to higher
        self.totals: dict[int, int] | None = None  # account -> net that it lost in all, once somebody asked


class Limits:
    """The own limits of all payers, and the nets they are measured against."""

    __slots__ = ("_days", "_limits")

    def __init__(self) -> None:
        self._limits: dict[int, dict[int, Own]] = {}
        self._days: dict[str, _Day] = {}

    @property
    def anything(self) -> bool:
        """Whether anybody has set a limit."""
        return bool(self._limits)

    def put(self, owner_no: int, counterparty_no: int, limit_minor: int, *, from_at: Instant) -> None:
        """Set a limit of a payer's account to another's, or to OTHERS."""
        self._limits.setdefault(owner_no, {})[counterparty_no] = Own(limit_minor, from_at)

    def drop(self, owner_no: int, counterparty_no: int) -> None:
        """Take a limit away; nothing happens where there is none."""
        mine = self._limits.get(owner_no)
        if mine is not None and mine.pop(counterparty_no, None) is not None and not mine:
            del self._limits[owner_no]

    def has(self, owner_no: int) -> bool:
        """Tell whether a payer has set any limit on this account."""
        return owner_no in self._limits

    def owners(self) -> list[int]:
        """Give the accounts with a limit, ascending."""
        return sorted(self._limits)

    def of(self, owner_no: int) -> list[tuple[int, Own]]:
        """Give the limits of an account by counterparty, the one to OTHERS first."""
        return sorted(self._limits.get(owner_no, {}).items(), key=lambda pair: pair[0])

    def count(self, asset: str, on: Day, payer_no: int, payee_no: int, amount_minor: int) -> None:
        """Count a normal payment of a date that settled or was reserved; a negative amount takes one back."""
        day = self._days.get(asset)
        if day is None or day.on != on:
            if amount_minor < 0 or (day is not None and day.on > on):
                return
            day = self._days[asset] = _Day(on)
        pairs = day.pairs
        if payer_no < payee_no:
            pair, signed = (payer_no, payee_no), amount_minor
        else:
            pair, signed = (payee_no, payer_no), -amount_minor
        pairs[pair] = pairs.get(pair, 0) + signed
        if day.totals is not None:
            _add(day.totals, payer_no, payee_no, amount_minor)

    def net(self, asset: str, on: Day, payer_no: int, payee_no: int) -> int:
        """Give what an account lost to another on a date, net; to OTHERS: to all it has no limit of its own for."""
        day = self._days.get(asset)
        if day is None or day.on != on:
            return 0
        if payee_no == OTHERS:
            mine = self._limits.get(payer_no, {})
            limited = sum(_net(day, payer_no, other) for other in mine if other != OTHERS)
            return _totals(day).get(payer_no, 0) - limited
        return _net(day, payer_no, payee_no)

    def room(self, asset: str, on: Day, owner_no: int, counterparty_no: int) -> int | None:
        """Give how much more may go out under a limit, never below 0; None where there is no such limit."""
        own = self._limits.get(owner_no, {}).get(counterparty_no)
        if own is None:
            return None
        return max(0, own.limit_minor - self.net(asset, on, owner_no, counterparty_no))

    def governing(self, owner_no: int, counterparty_no: int) -> int | None:
        """Give the counterparty under whose limit a payment counts: itself, OTHERS, or None for no limit."""
        mine = self._limits.get(owner_no)
        if mine is None:
            return None
        if counterparty_no in mine:
            return counterparty_no
        return OTHERS if OTHERS in mine else None

    def stops(
        self, asset: str, on: Day, payer_no: int, payee_no: int, amount_minor: int
    ) -> LiquidityRefusal | None:
        """Say which of its payer's limits a normal payment would exceed, or None."""
        under = self.governing(payer_no, payee_no)
        if under is None:
            return None
        room = self.room(asset, on, payer_no, under)
        assert room is not None
        if amount_minor <= room:
            return None
        if under == OTHERS:
            return LiquidityRefusal.MULTILATERAL_LIMIT_WOULD_BE_EXCEEDED
        return LiquidityRefusal.BILATERAL_LIMIT_WOULD_BE_EXCEEDED

    def encode(self) -> bytes:
        """Give the canonical bytes."""
        limits = [(no, self.of(no)) for no in self.owners()]
        days = [
            (asset, day.on, [(pair, str(day.pairs[pair])) for pair in sorted(day.pairs) if day.pairs[pair]])
            for asset, day in sorted(self._days.items())
        ]
        return packed(_Saved(limits, days))

    @classmethod
    def decode(cls, data: bytes) -> "Limits":
        """Build what `encode` described."""
        limits = cls()
        saved = unpacked(data, _Saved)
        limits._limits = {no: dict(mine) for no, mine in saved.limits}
        for asset, on, pairs in saved.days:
            day = limits._days[asset] = _Day(on)
            day.pairs = {pair: int(net) for pair, net in pairs}
        return limits


def _net(day: _Day, payer_no: int, payee_no: int) -> int:
    if payer_no < payee_no:
        return day.pairs.get((payer_no, payee_no), 0)
    return -day.pairs.get((payee_no, payer_no), 0)


def _totals(day: _Day) -> dict[int, int]:
    """Give what each account lost in all; summed once, then counted on."""
    if day.totals is None:
        day.totals = {}
        for (lower, higher), net in day.pairs.items():
            _add(day.totals, lower, higher, net)
    return day.totals


def _add(totals: dict[int, int], payer_no: int, payee_no: int, amount_minor: int) -> None:
    totals[payer_no] = totals.get(payer_no, 0) + amount_minor
    totals[payee_no] = totals.get(payee_no, 0) - amount_minor


class _Saved(Struct, array_like=True, frozen=True, gc=False):
    limits: list[tuple[int, list[tuple[int, Own]]]]
    days: list[tuple[str, Day, list[tuple[tuple[int, int], str]]]]
    """asset, date, and by pair the net as text, since it knows no bound; what is even is as if it had never been"""
