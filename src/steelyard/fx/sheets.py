"""Rate sheets: a provider's standing offer for one pair, with better rates for larger amounts.

`sell` is what the customer gives, `buy` what it gets; a tier's ratio is minor units of `buy` per minor unit
of `sell`. Rounding DOWN is "toward the provider": down for what the customer gets, up for what it gives.
"""

from msgspec import Struct

from steelyard.fx.refusals import FxRefusal
from steelyard.values.amount import AMOUNT_END
from steelyard.values.instants import DAY, SECOND, Instant
from steelyard.values.rate import RATE_DIGITS_MAX, Rounding, rounded

TIERS_MAX = 32
BP = 10_000
ANY_SERVICE = 3
ANY_KIND = 7


class Tier(Struct, array_like=True, frozen=True, gc=False):
    """A rate and the amount of the sold asset from which it is given."""

    from_minor: int
    num: int
    den: int


class Sheet(Struct, array_like=True, frozen=True, gc=False):
    """What a provider offers for a pair until further notice.

    `services` and `kinds` are bit sets over the numbers of service (STANDARD, INSTANT) and payment kind.
    A quote lives `ttl_ns` and, once a payment is accepted with it, its rate is good until `lock_ns` after it
    was given. `entered` is the running number of the command that put the sheet: earlier ones win a tie.
    """

    provider: str
    sell: str
    buy: str
    tiers: tuple[Tier, ...]
    min_minor: int
    max_minor: int
    valid_from: Instant
    valid_until: Instant
    ttl_ns: int = 600 * SECOND
    lock_ns: int = 900 * SECOND
    rounding: Rounding = Rounding.HALF_EVEN
    services: int = ANY_SERVICE
    kinds: int = ANY_KIND
    firm_reserved: bool = False
    version: int = 0
    entered: int = 0


def check(sheet: Sheet, *, at: Instant) -> FxRefusal | None:
    """Give the first rule about a sheet's own form that it breaks, or None."""
    if sheet.sell == sheet.buy:
        return FxRefusal.SHEET_PAIR_MUST_DIFFER
    if not 1 <= len(sheet.tiers) <= TIERS_MAX:
        return FxRefusal.SHEET_HAS_NO_TIERS
    for tier, following in zip(sheet.tiers, sheet.tiers[1:], strict=False):
        if following.from_minor <= tier.from_minor:
            return FxRefusal.TIERS_MUST_ASCEND
    for tier, following in zip(sheet.tiers, sheet.tiers[1:], strict=False):
        if following.num * tier.den < tier.num * following.den:
            return FxRefusal.TIER_RATE_WORSENS
    for tier in sheet.tiers:
        digits = len(str(tier.num).rstrip("0"))
        if tier.num <= 0 or tier.den <= 0 or digits > RATE_DIGITS_MAX or str(tier.den).strip("0") != "1":
            return FxRefusal.RATE_IS_MALFORMED
    if not (
        0 <= sheet.tiers[0].from_minor < AMOUNT_END
        and 0 < sheet.min_minor <= sheet.max_minor < AMOUNT_END
        and max(at, sheet.valid_from) < sheet.valid_until
        and sheet.services & ANY_SERVICE
        and sheet.kinds & ANY_KIND
    ):
        return FxRefusal.SHEET_IS_EMPTY
    if not SECOND <= sheet.ttl_ns <= sheet.lock_ns <= 2 * DAY or sheet.ttl_ns > DAY:
        return FxRefusal.SHEET_CLOCK_IS_OUT_OF_BOUNDS
    return None


def in_band(sheet: Sheet, *, num: int, den: int, band_bp: int) -> bool:
    """Tell whether every tier lies within `band_bp` of the reference ratio num / den."""
    for tier in sheet.tiers:
        apart = abs(tier.num * den - num * tier.den)
        if apart * BP > num * tier.den * band_bp:
            return False
    return True


def tier_for(sheet: Sheet, minor: int) -> Tier | None:
    """Give the highest tier that starts at or below an amount of the sold asset."""
    found = None
    for tier in sheet.tiers:
        if tier.from_minor > minor:
            break
        found = tier
    return found


def send(sheet: Sheet, gross_minor: int, net_minor: int) -> tuple[int, Tier] | None:
    """Give what `net_minor` buys at the tier of `gross_minor`, and that tier; None without a rate.

    The tier is judged by the whole amount, before fees are taken from it.
    """
    if not sheet.min_minor <= gross_minor <= sheet.max_minor:
        return None
    tier = tier_for(sheet, gross_minor)
    if tier is None:
        return None
    bought = rounded(net_minor * tier.num, tier.den, sheet.rounding)
    return (bought, tier) if 0 < bought < AMOUNT_END else None


def receive(sheet: Sheet, target_minor: int) -> tuple[int, Tier] | None:
    """Give what is sold to get exactly `target_minor`, and the tier: the highest whose price reaches it."""
    mode = back_mode(sheet.rounding)
    for tier in reversed(sheet.tiers):
        sold = rounded(target_minor * tier.den, tier.num, mode)
        if sold >= tier.from_minor:
            if sheet.min_minor <= sold <= sheet.max_minor and sold:
                return sold, tier
            return None
    return None


def back_mode(rounding: Rounding) -> Rounding:
    """Give how the sold amount is rounded when the bought one is fixed: up where the provider gains."""
    return Rounding.UP if rounding is Rounding.DOWN else rounding


def hint(sheet: Sheet, sold_minor: int, target_minor: int) -> tuple[int, int] | None:
    """Give a smaller amount that would buy more than is asked, where a higher tier starts below the price."""
    for tier in reversed(sheet.tiers):
        if tier.from_minor < sheet.min_minor or not 0 < tier.from_minor <= sold_minor:
            continue
        bought = rounded(tier.from_minor * tier.num, tier.den, sheet.rounding)
        if bought > target_minor:
            return tier.from_minor, bought
    return None
