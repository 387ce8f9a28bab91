"""What every contract has: unit, tick, places, quality, terms of delivery, limits, margin, options of trade.

Quantities are in `unit` of `measure` (kg, Wh, barrels) a lot; a price is minor units for `price_per` of them. The
money of a trade is exact before it is rounded, once, half-even.
"""

from enum import StrEnum
from fractions import Fraction

from msgspec import Struct

from steelyard.market.incoterms import TERMS
from steelyard.market.quality import QualitySchedule
from steelyard.values.instants import Day
from steelyard.values.rate import Rounding, rounded

BP = 10_000
LARGEST = 10**18


class TermsAreWrong(ValueError):
    """A contract that cannot be: names the field and the rule."""

    def __init__(self, field: str, rule: str) -> None:
        super().__init__(f"{field}: {rule}")
        self.field, self.rule = field, rule


def require(field: str, is_so: bool, rule: str) -> None:
    """Raise TermsAreWrong where a rule does not hold."""
    if not is_so:
        raise TermsAreWrong(field, rule)


class Measure(StrEnum):
    """What a contract counts."""

    KG = "kg"
    WH = "wh"
    BARREL = "barrel"


class Place(Struct, array_like=True, frozen=True, gc=False):
    """A place of delivery, by UN/LOCODE or name, and what goods there are worth more (or less) per price unit."""

    place: str
    differential_minor: int = 0


class Limits(Struct, array_like=True, frozen=True, gc=False):
    """Limits of prices in hundredths of a percent, of positions in lots for a group and month; 0: no limit."""

    daily_bp: int = 700
    daily_step_minor: int = 1
    collar_bp: int = 300
    position_lots: int = 0
    delivery_month_lots: int = 0


class MarginTerms(Struct, array_like=True, frozen=True, gc=False):
    """Figures of the margin: scan range and charge for a spread per price unit, add-on of the delivery month."""

    scan_range_minor: int
    spread_charge_minor: int = 0
    delivery_month_bp: int = 0


class Final(StrEnum):
    """Where weight and quality are final."""

    LOADING = "loading"
    DISCHARGE = "discharge"


class Hindrance(StrEnum):
    """What follows when a state forbids the shipment, or force beyond anybody's control stops it."""

    CANCEL = "cancel"
    EXTEND_ONCE = "extend_once"
    """Extended once, then cancelled at the benchmark"""


class Options(Struct, array_like=True, frozen=True, gc=False):
    """Terms of trade that the parties to a contract take as they stand. Tolerances in hundredths of a percent.

    Up to `tolerance_bp` more or less than agreed is delivered at the price agreed. A full cargo may differ by
    `full_cargo_bp`; what is beyond `tolerance_bp` is then priced at the market of the bill of lading's date.
    """

    tolerance_bp: int = 500
    full_cargo_bp: int = 1_000
    final_at: Final = Final.LOADING
    appropriation_days: int = 0
    """Business days after the bill of lading within which the seller names the cargo"""
    prohibition: Hindrance = Hindrance.EXTEND_ONCE
    prohibition_days: int = 30
    force_majeure: Hindrance = Hindrance.EXTEND_ONCE
    force_majeure_days: int = 21
    default_penalty_bp: int = 500
    """On top of the market difference that who fails pays"""
    circle: bool = True
    """A closed ring of contracts is offset without deliveries"""
    arbitration_seat: str = ""


class Terms(Struct, array_like=True, frozen=True, kw_only=True):
    """What is common to all contract types."""

    code: str
    commodity: str
    grade: str
    measure: Measure
    unit: int
    price_per: int
    tick_minor: int
    currency: str = ""
    basket: str = ""
    places: tuple[Place, ...]
    quality: QualitySchedule
    incoterm: str
    options: Options
    limits: Limits
    margin: MarginTerms
    calendars: tuple[str, ...]
    """A business day is one in each of these"""
    from_on: Day
    source: str

    def __post_init__(self) -> None:
        options, limits = self.options, self.limits
        places = [one.place for one in self.places]
        for field in ("unit", "price_per", "tick_minor"):
            require(field, 0 < getattr(self, field) < LARGEST, "it is above zero and below 10^18")
        for field in ("code", "commodity", "grade", "source", "calendars", "places"):
            require(field, bool(getattr(self, field)), "it is not empty")
        require("currency", bool(self.currency) != bool(self.basket), "it is in a currency or in a basket")
        require("places", len(set(places)) == len(places), "each place stands once")
        require("incoterm", self.incoterm in TERMS, f"one of {', '.join(TERMS)}")
        fits = 0 <= options.tolerance_bp <= options.full_cargo_bp < BP
        require("options", fits, "the tolerance of a full cargo is no smaller than the other")
        days = (options.appropriation_days, options.prohibition_days, options.force_majeure_days)
        require("options", min(*days, options.default_penalty_bp) >= 0, "days and penalty are not negative")
        require("limits", 0 < limits.daily_bp < BP, "a daily limit lies between nothing and all of the price")
        require("limits", limits.daily_step_minor > 0 and limits.collar_bp >= 0, "steps are above zero")
        lower = 0 <= limits.delivery_month_lots <= (limits.position_lots or LARGEST)
        require("limits", lower, "the position limit of the delivery month is the lower one")
        margin = (
            self.margin.scan_range_minor,
            self.margin.spread_charge_minor,
            self.margin.delivery_month_bp,
        )
        require("margin", min(margin) >= 0, "its figures are not negative")

    def worth(self, lots: int, price_minor: int | Fraction) -> Fraction:
        """Give what some lots are worth, exactly."""
        return Fraction(price_minor) * Fraction(lots * self.unit, self.price_per)

    def amount_minor(self, lots: int, price_minor: int | Fraction) -> int:
        """Give the money of a trade, rounded once half-even; lots and price are not negative."""
        exact = self.worth(lots, price_minor)
        return rounded(exact.numerator, exact.denominator, Rounding.HALF_EVEN)

    def differential(self, place: str) -> int | None:
        """Give what is added to the price at a place, or None where it is no place of the contract."""
        return next((one.differential_minor for one in self.places if one.place == place), None)


class Delivered(Struct, frozen=True):
    """What of a delivered quantity is paid at which price; `is_default` where it is outside the tolerance."""

    at_contract: int
    at_market: int
    is_default: bool = False


def delivered(agreed: int, shipped: int, *, tolerance_bp: int, full_cargo_bp: int = 0) -> Delivered:
    """Divide what was shipped by its tolerances: their bounds are whole units inside them. 0: no full cargo.

    >>> found = delivered(1_000, 1_080, tolerance_bp=500, full_cargo_bp=1_000)
    >>> found.at_contract, found.at_market
    (1050, 30)
    >>> [delivered(1_000, kg, tolerance_bp=500).is_default for kg in (949, 950, 1_050, 1_051)]
    [True, False, False, True]
    """
    reach = agreed * max(full_cargo_bp, tolerance_bp) // BP
    own = agreed + agreed * tolerance_bp // BP
    if not agreed - reach <= shipped <= agreed + reach:
        return Delivered(0, 0, is_default=True)
    return Delivered(min(shipped, own), max(0, shipped - own))


def market_difference(
    terms: Terms, lots: int, *, price_minor: int, market_minor: int | Fraction, seller_fails: bool
) -> int:
    """Give what who fails owes: what replacing costs the other, and the penalty on the market's worth.

    It is rounded up to a minor unit. Where the market moved in favour of the other there is only the penalty.
    """
    worse = terms.worth(lots, Fraction(market_minor) - price_minor)
    due = max(Fraction(0), worse if seller_fails else -worse)
    due += terms.worth(lots, market_minor) * Fraction(terms.options.default_penalty_bp, BP)
    return -(-due.numerator // due.denominator)
