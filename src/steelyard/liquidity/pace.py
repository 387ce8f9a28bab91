"""Pace: what is counted of each payer's day in currencies with a throughput rule, and what follows at its end.

Counted are payments with a settlement date, in the currency they leave in: how much was sent in by which checkpoint,
how many settled and how long that took, entry fees and what early payments save of them. Without a rule nothing is
counted. What follows is data of the currency (`throughput.py`): nothing, a publication, a fee, ranks lost in pools.
"""

from collections.abc import Callable
from typing import Annotated, TypeVar

from msgspec import Meta, Struct
from msgspec.structs import astuple

from steelyard.liquidity.throughput import (
    DAYS,
    WHOLE_BP,
    Checkpoint,
    Discount,
    Step,
    consequence,
    discount,
    own_day,
)
from steelyard.values.instants import DAY, MINUTE, Day, Instant
from steelyard.values.wide import Wide, packed, unpacked, wide

MINUTES = 24 * 60
LIST_MAX = 12
FEE_END = 10**15
RANKS_MAX = 1_000
T = TypeVar("T")
U = TypeVar("U")
Minute = Annotated[int, Meta(ge=0, le=MINUTES)]


class PaceRule(Struct, array_like=True, frozen=True, gc=False):
    """What a currency expects and what follows; instants are minutes after midnight UTC of the settlement date.

    Every payment owes `entry_fee_minor`, less the largest discount it is early for.
    """

    checkpoints: tuple[tuple[Minute, int], ...] = ()
    """(minute, share of the own day value in basis points), both ascending"""
    steps: tuple[tuple[int, bool, int, int], ...] = ()
    """(from so many missed checkpoints on, published, fee in minor units, ranks lost in pools)"""
    entry_fee_minor: int = 0
    discounts: tuple[tuple[Minute, int], ...] = ()
    """(before this minute, share of the entry fee that is saved)"""

    @property
    def is_sound(self) -> bool:
        """Tell whether its figures lie within their bounds and in their order."""
        minutes, shares = [one for one, _ in self.checkpoints], [share for _, share in self.checkpoints]
        saved = [share for _, share in self.discounts]
        missed = [step[0] for step in self.steps]
        return (
            max(len(self.checkpoints), len(self.steps), len(self.discounts)) <= LIST_MAX
            and minutes == sorted(set(minutes))
            and shares == sorted(shares)
            and all(0 <= share <= WHOLE_BP for share in (*shares, *saved))
            and missed == sorted(set(missed))
            and all(0 < count <= LIST_MAX for count in missed)
            and all(0 <= fee < FEE_END and 0 <= ranks <= RANKS_MAX for _, _, fee, ranks in self.steps)
            and 0 <= self.entry_fee_minor < FEE_END
        )


class Count(Struct, array_like=True, gc=False):
    """What is counted of one payer and date. `early` is what was sent in by each checkpoint, cumulated."""

    early: list[int]
    submitted: int = 0
    submitted_minor: int = 0
    settled: int = 0
    settled_minor: int = 0
    waited: int = 0
    """Nanoseconds from submission to settlement, summed over what has settled"""
    fee_minor: int = 0
    saved_minor: int = 0


class Judged(Struct, array_like=True, frozen=True, gc=False):
    """What a day's end says of one payer."""

    count: Count
    own_day_minor: int
    missed: int
    published: bool
    fee_minor: int
    ranks: int


_SavedCount = tuple[list[Wide], list[Wide]]
"""What was sent in by each checkpoint, and the other fields of a `Count` in their order"""


def _save(count: Count) -> _SavedCount:
    early, *others = astuple(count)
    return list(map(wide, early)), list(map(wide, others))


def _load(saved: _SavedCount) -> Count:
    early, others = saved
    return Count(list(map(int, early)), *map(int, others))


class _Saved(Struct, array_like=True, frozen=True, gc=False):
    rules: dict[str, PaceRule]
    today: list[tuple[str, Day, dict[str, _SavedCount]]]
    history: dict[str, dict[str, list[Wide]]]
    ranks: dict[str, dict[str, int]]
    owed: dict[str, dict[str, Wide]]


class Pace:
    """The counters of all currencies with a rule."""

    __slots__ = ("_history", "_today", "owed", "ranks", "rules")

    def __init__(self) -> None:
        self.rules: dict[str, PaceRule] = {}
        self.ranks: dict[str, dict[str, int]] = {}
        """Ranks lost in pools until the next day's end, by currency and payer"""
        self.owed: dict[str, dict[str, int]] = {}
        """Fees that could not be taken yet"""
        self._today: dict[tuple[str, Day], dict[str, Count]] = {}
        self._history: dict[str, dict[str, list[int]]] = {}

    @property
    def anything(self) -> bool:
        """Tell whether any currency has a rule."""
        return bool(self.rules)

    def put(self, asset: str, rule: PaceRule | None) -> None:
        """Give a currency a rule, or none any more; the days that run begin anew, what is owed stays owed."""
        for key in [key for key in self._today if key[0] == asset]:
            del self._today[key]
        self.ranks.pop(asset, None)
        if rule is None:
            self.rules.pop(asset, None)
            self._history.pop(asset, None)
        else:
            self.rules[asset] = rule

    def submitted(self, asset: str, payer: str, on: Day, minor: int, at: Instant) -> None:
        """Count a payment that has come in for a date."""
        rule = self.rules.get(asset)
        if rule is None:
            return
        count = self._count(asset, on, payer, rule)
        count.submitted += 1
        count.submitted_minor += minor
        start = on * DAY
        for place, (minute, _) in enumerate(rule.checkpoints):
            if at <= start + minute * MINUTE:
                count.early[place] += minor
        if rule.entry_fee_minor:
            saved = discount(
                rule.entry_fee_minor,
                at,
                [Discount(start + minute * MINUTE, bp) for minute, bp in rule.discounts],
            )
            count.fee_minor += rule.entry_fee_minor - saved
            count.saved_minor += saved

    def settled(self, asset: str, payer: str, on: Day, minor: int, waited: int) -> None:
        """Count a payment of a date that has settled whole, after so many nanoseconds."""
        rule = self.rules.get(asset)
        if rule is not None:
            count = self._count(asset, on, payer, rule)
            count.settled += 1
            count.settled_minor += minor
            count.waited += waited

    def end_day(self, asset: str, on: Day) -> dict[str, Judged]:
        """Judge every payer of a date, or with days before it, ascending; count the date as one of those from here."""
        rule = self.rules.get(asset)
        if rule is None:
            return {}
        counts = self._today.pop((asset, on), {})
        for key in [key for key in self._today if key[0] == asset and key[1] < on]:
            del self._today[key]
        history = self._history.setdefault(asset, {})
        steps = [Step(*one) for one in rule.steps]
        found: dict[str, Judged] = {}
        self.ranks[asset] = {}
        for payer in sorted({*counts, *history}):
            count = counts.get(payer) or Count([0] * len(rule.checkpoints))
            days = history.setdefault(payer, [])
            worth, length = own_day(days)
            missed = sum(
                early * length * WHOLE_BP < worth * share
                for early, (_, share) in zip(count.early, rule.checkpoints, strict=True)
            )
            step = consequence(missed, steps)
            found[payer] = Judged(count, worth // length, missed, step.publish, step.fee_minor, step.ranks)
            if step.ranks:
                self.ranks[asset][payer] = step.ranks
            days.append(count.submitted_minor)
            del days[:-DAYS]
            if not any(days):
                del history[payer]
        return found

    def _count(self, asset: str, on: Day, payer: str, rule: PaceRule) -> Count:
        counts = self._today.setdefault((asset, on), {})
        found = counts.get(payer)
        if found is None:
            found = counts[payer] = Count([0] * len(rule.checkpoints))
        return found

    def encode(self) -> bytes:
        """Give the canonical bytes."""
        return packed(
            _Saved(
                dict(sorted(self.rules.items())),
                [(*key, _each(_save, self._today[key])) for key in sorted(self._today)],
                {asset: _each(_days, self._history[asset]) for asset in sorted(self._history)},
                {asset: _each(int, self.ranks[asset]) for asset in sorted(self.ranks)},
                {asset: _each(wide, self.owed[asset]) for asset in sorted(self.owed)},
            )
        )  # fmt: skip

    @classmethod
    def decode(cls, data: bytes) -> "Pace":
        """Build what `encode` described."""
        saved = unpacked(data, _Saved)
        made = cls()
        made.rules, made.ranks = saved.rules, saved.ranks
        made.owed = {asset: _each(int, mine) for asset, mine in saved.owed.items()}
        made._history = {
            asset: {payer: list(map(int, days)) for payer, days in mine.items()}
            for asset, mine in saved.history.items()
        }
        made._today = {(asset, on): _each(_load, counts) for asset, on, counts in saved.today}
        return made


def points(rule: PaceRule, on: Day) -> tuple[Checkpoint, ...]:
    """Give a rule's checkpoints as instants of a date."""
    return tuple(Checkpoint(on * DAY + minute * MINUTE, share) for minute, share in rule.checkpoints)


def _each(change: Callable[[T], U], rows: dict[str, T]) -> dict[str, U]:
    """Give the changed values by name, names ascending."""
    return {name: change(rows[name]) for name in sorted(rows)}


def _days(days: list[int]) -> list[Wide]:
    return list(map(wide, days))
