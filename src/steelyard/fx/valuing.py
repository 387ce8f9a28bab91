"""Which currencies may be converted now, and at what ratios: reference rates with their flags, or the reason why not.

STALE  the newest rate is older than its currency allows, days without business not counted
DUAL   two kinds of rate for the pair differ, so there is no one value
JUMP   the newest rate is far from the last one that was right
SINGLE_SOURCE  one source alone speaks

A stale rate, or one that jumped, takes its currency out until somebody confirms it; a dual one until its
settlement agent has named the kind that applies. Nothing falls back on an older rate in silence.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction

from msgspec import Struct

from steelyard.fx.rate_book import RateBook, Standing
from steelyard.fx.rates import Reference, apart_bp, upside_down
from steelyard.fx.refusals import FxRefusal
from steelyard.values.instants import DAY, Day, Instant
from steelyard.values.rate import Rounding, rounded

DIGITS = 12
"""Significant digits of a value: what is made of a rate read upside down has no end of its own"""
STALE, DUAL, JUMP, SINGLE_SOURCE = "STALE", "DUAL", "JUMP", "SINGLE_SOURCE"
_AGE_MAX = 90 * DAY

IsBusiness = Callable[[str, Day], bool]


class Valued(Struct, frozen=True):
    """What one minor unit of a currency is worth in minor units of another, by which rate; or why nothing.

    Without `refusal` the currency may be converted. Source, time and flags go with every fill.
    """

    currency: str
    value: Fraction | None
    kind: str = ""
    source: str = ""
    as_of: Instant = 0
    flags: tuple[str, ...] = ()
    refusal: FxRefusal | None = None


def values(
    book: RateBook, currencies: Sequence[str], *, unit: str, flow: str, at: Instant, is_business: IsBusiness
) -> dict[str, Valued]:
    """Give the value of each currency in `unit` for a flow, by code; who may be converted has no refusal.

    Values are decimals of 12 significant digits, half-even; the same for any order of `currencies`.
    """
    return {
        currency: value(book, currency, unit=unit, flow=flow, at=at, is_business=is_business)
        for currency in sorted(set(currencies))
    }


def value(
    book: RateBook, currency: str, *, unit: str, flow: str, at: Instant, is_business: IsBusiness
) -> Valued:
    """Give the value of one currency in another."""
    if currency == unit:
        return Valued(currency, Fraction(1), as_of=at)
    rules = book.rules(currency)
    found = [one for one in book.of_pair(currency, unit) if one.kind in rules.kinds]
    named = rules.chosen(flow)
    if named is not None:
        found = [one for one in found if one.kind == named]
    if not found:
        return Valued(currency, None, refusal=FxRefusal.RATE_IS_MISSING)
    found.sort(key=lambda one: (rules.kinds.index(one.kind), -one.newest.at, one.base != currency))
    standing = found[0]
    flags = flags_of(book, standing, at=at, is_business=is_business)
    refusal = None
    if DUAL in flags and named is None:
        refusal = FxRefusal.RATE_IS_DUAL
    elif STALE in flags:
        refusal = FxRefusal.RATE_IS_STALE
    elif JUMP in flags:
        refusal = FxRefusal.RATE_HAS_JUMPED
    rate = _read(standing.newest, currency)
    worth = decimal(rate.num, rate.den) if refusal is None else None
    return Valued(currency, worth, standing.kind, rate.source, rate.at, flags, refusal)


def flags_of(book: RateBook, standing: Standing, *, at: Instant, is_business: IsBusiness) -> tuple[str, ...]:
    """Give the flags of what stands for a pair and kind, in their written order."""
    rules = book.judges(standing.base, standing.quote)
    stale_after = min(one.stale_after_ns for one in rules)
    dual_bp = min(one.dual_bp for one in rules)
    newest, pair = standing.newest, (standing.base, standing.quote)

    def is_fresh(from_at: Instant) -> bool:
        return age(from_at, at, pair, is_business) <= stale_after

    others = [
        one
        for one in book.of_pair(*pair)
        if one.kind != standing.kind and all(one.kind in each.kinds for each in rules)
    ]
    flags = []
    if not is_fresh(max(newest.at, standing.confirmed_at)):
        flags.append(STALE)
    if any(apart_bp(newest, _read(one.newest, standing.base), dual_bp) for one in others):
        flags.append(DUAL)
    if standing.jumped:
        flags.append(JUMP)
    speaking = {one.source for each in (standing, *others) for one in each.sources if is_fresh(one.at)}
    if len(speaking | {newest.source}) == 1:
        flags.append(SINGLE_SOURCE)
    return tuple(flags)


def age(from_at: Instant, at: Instant, pair: tuple[str, str], is_business: IsBusiness) -> int:
    """Give the nanoseconds between two instants less those on dates that are no business day of either currency.

    From Friday noon to Monday noon, with a free weekend, is a day. Beyond 90 days dates are not looked at.
    """
    whole = at - from_at
    if whole <= 0 or whole > _AGE_MAX:
        return max(whole, 0)
    free = 0
    for on in range(from_at // DAY, at // DAY + 1):
        if not all(is_business(currency, on) for currency in pair):
            free += min(at, (on + 1) * DAY) - max(from_at, on * DAY)
    return whole - free


def decimal(num: int, den: int) -> Fraction:
    """Give a ratio as a decimal of 12 significant digits, half-even.

    >>> decimal(1, 3), decimal(2, 8)
    (Fraction(333333333333, 1000000000000), Fraction(1, 4))
    """
    places = DIGITS - len(str(num // den)) if num >= den else DIGITS - 1 + len(str(den // num))
    if places >= 0:
        return Fraction(rounded(num * 10**places, den, Rounding.HALF_EVEN), 10**places)
    return Fraction(rounded(num, den * 10**-places, Rounding.HALF_EVEN) * 10**-places)


def _read(rate: Reference, base: str) -> Reference:
    return rate if rate.base == base else upside_down(rate)
