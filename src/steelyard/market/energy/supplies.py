"""Energy supply contracts under way: their life as a table, their months and years, and the indices of their price.

A seller registers a contract, the buyer agrees to it. For each month the buyer nominates quantities by delivery
point, in time; the seller reports what was taken, what he failed to deliver and what force majeure kept away; the
buyer confirms and pays. When all months of a contract year are confirmed, the year is settled: take-or-pay.

Months are counted from 1970-01. Quantities are whole units of the contract; what a year hands on to the next stays
an exact fraction.
"""

from collections.abc import Callable
from enum import StrEnum
from fractions import Fraction

from msgspec import Struct

from steelyard.market.energy.asks import MatchAsk
from steelyard.market.energy.supply import (
    FORMULA_MONTHS,
    Balance,
    Contract,
    Lot,
    ToPYear,
    Year,
    formula_price,
    take_or_pay,
)
from steelyard.values.instants import DAY, Instant, day_of
from steelyard.values.wide import packed, unpacked

MONTHS = 12
YEARS_MAX = 30
POINTS_MAX = 16
CONTRACTS_MAX = 5_000
OF_SELLER_MAX = 500
INDICES_MAX = 100
INDEX_MONTHS_MAX = 120
"""Months of an index that are kept, the latest"""

Ratio = tuple[int, int]
"""Numerator, denominator"""


class SupplyState(StrEnum):
    """Where a contract is."""

    OFFERED = "OFFERED"
    RUNNING = "RUNNING"
    ENDED = "ENDED"
    CANCELLED = "CANCELLED"


class SupplyEvent(StrEnum):
    """What can happen to a contract."""

    AGREED = "AGREED"
    WITHDRAWN = "WITHDRAWN"
    YEAR_SETTLED = "YEAR_SETTLED"
    LAST_SETTLED = "LAST_SETTLED"


S, E = SupplyState, SupplyEvent
STEPS: dict[SupplyState, dict[SupplyEvent, SupplyState]] = {
    S.OFFERED: {E.AGREED: S.RUNNING, E.WITHDRAWN: S.CANCELLED},
    S.RUNNING: {E.YEAR_SETTLED: S.RUNNING, E.LAST_SETTLED: S.ENDED},
    S.ENDED: {},
    S.CANCELLED: {},
}


def step(state: SupplyState, event: SupplyEvent) -> SupplyState | None:
    """Give the state that follows, or None where the event has no place there.

    >>> step(SupplyState.OFFERED, SupplyEvent.AGREED).value, step(SupplyState.ENDED, SupplyEvent.AGREED)
    ('RUNNING', None)
    """
    return STEPS[state].get(event)


class SupplyTerms(Struct, array_like=True, frozen=True, gc=False, forbid_unknown_fields=True):
    """What seller and buyer agree on. Quantities in `unit`, prices in minor units of `asset` per unit."""

    buyer: str
    asset: str
    unit: str
    acq: int
    """Annual contract quantity"""
    share: Ratio
    """Take-or-pay"""
    first_month: int
    years: int
    points: tuple[tuple[str, int], ...]
    """(delivery point, most that it takes in a month)"""
    index: str
    base: Ratio
    slope: Ratio
    """Price of a month: base + slope x mean of the index in the three months before"""
    above: Ratio = (0, 1)
    """Share of the annual quantity that may be nominated above it"""
    tolerance: Ratio = (0, 1)
    makeup_years: int = 0
    carry_share: Ratio = (0, 1)
    carry_years: int = 0
    notice_ns: int = 0
    """How long before its month a nomination comes"""
    is_published: bool = False
    """Whether `index` is a series that is published here, whose monthly means count; else it is entered"""

    def contract(self) -> Contract:
        """Give the terms that take-or-pay needs."""
        return Contract(
            self.acq, Fraction(*self.share), Fraction(*self.tolerance), self.makeup_years,
            Fraction(*self.carry_share), self.carry_years,
        )  # fmt: skip


class MonthRow(Struct, array_like=True, frozen=True, gc=False):
    """One month: what was nominated by point, and what the seller reported."""

    nominated: tuple[tuple[str, int], ...] = ()
    reported: bool = False
    taken: int = 0
    shortfall: int = 0
    force_majeure: int = 0
    confirmed: bool = False

    @property
    def wanted(self) -> int:
        """Give what was nominated at all points."""
        return sum(quantity for _, quantity in self.nominated)


class Supply(Struct, array_like=True, gc=False):
    """One contract under way. `months` are those of the present contract year."""

    contract_id: bytes
    seller: str
    terms: SupplyTerms
    state: SupplyState = S.OFFERED
    year: int = 0
    given_up: int = 0
    """By the buyer, for the present year"""
    months: dict[int, MonthRow] = {}
    makeup: tuple[tuple[int, int, int], ...] = ()
    """(year, numerator, denominator)"""
    carry: tuple[tuple[int, int, int], ...] = ()

    @property
    def year_starts(self) -> int:
        """Give the first month of the present contract year."""
        return self.terms.first_month + MONTHS * self.year

    def holds(self, month: int) -> bool:
        """Tell whether a month is of the present contract year."""
        return self.year_starts <= month < self.year_starts + MONTHS

    def wanted(self, *, but: int) -> int:
        """Give what is nominated in the present year in all months but one."""
        return sum(row.wanted for month, row in self.months.items() if month != but)

    @property
    def is_complete(self) -> bool:
        """Tell whether every month of the year is confirmed."""
        return sum(1 for row in self.months.values() if row.confirmed) == MONTHS

    def settle(self, price: Fraction) -> ToPYear:
        """Settle the present year at a price, exactly; changes nothing."""
        rows = self.months.values()
        year = Year(
            sum(row.taken for row in rows), price, sum(row.shortfall for row in rows),
            sum(row.force_majeure for row in rows), self.given_up,
        )  # fmt: skip
        before = Balance(self.year, _lots(self.makeup), _lots(self.carry))
        return take_or_pay(self.terms.contract(), [year], start=before)[0]

    def begin_year(self, settled: ToPYear) -> None:
        """Go on to the next contract year with what the last one hands on."""
        self.year, self.given_up, self.months = self.year + 1, 0, {}
        self.makeup, self.carry = _rows(settled.balance.makeup), _rows(settled.balance.carry)


def _lots(rows: tuple[tuple[int, int, int], ...]) -> tuple[Lot, ...]:
    return tuple(Lot(year, Fraction(num, den)) for year, num, den in rows)


def _rows(lots: tuple[Lot, ...]) -> tuple[tuple[int, int, int], ...]:
    return tuple((lot.year, *Fraction(lot.quantity).as_integer_ratio()) for lot in lots)


def month_begins(month: int) -> Instant:
    """Give the instant at which a month begins, UTC.

    >>> month_begins(0), month_begins(14) // DAY
    (0, 424)
    """
    return day_of(1970 + month // MONTHS, month % MONTHS + 1, 1) * DAY


class Supplies:
    """The contracts of one node, the indices by which they are priced, the networks that wait for their match.

    `fresh` are those that have just been asked about: wiring, no state.
    """

    __slots__ = ("asked", "fresh", "indices", "live")

    def __init__(self) -> None:
        self.asked: dict[bytes, MatchAsk] = {}
        self.fresh: list[MatchAsk] = []
        self.live: dict[bytes, Supply] = {}
        self.indices: dict[str, dict[int, Ratio]] = {}

    def of_seller(self, seller: str) -> int:
        """Count the contracts that a seller has under way."""
        return sum(1 for one in self.live.values() if one.seller == seller)

    def entered(self, index: str, month: int) -> Fraction | None:
        """Give what was entered for an index in a month, or None."""
        row = self.indices.get(index, {}).get(month)
        return None if row is None else Fraction(*row)

    @staticmethod
    def price(terms: SupplyTerms, month: int, mean_of: Callable[[int], Fraction | None]) -> Fraction | None:
        """Give a contract's price in a month, or None while its index is not known; `mean_of` gives it by month."""
        before = [mean_of(month - back) for back in range(FORMULA_MONTHS, 0, -1)]
        known = [one for one in before if one is not None]
        if len(known) < FORMULA_MONTHS:
            return None
        return formula_price(Fraction(*terms.base), Fraction(*terms.slope), known)

    def put_index(self, index: str, month: int, value: Ratio) -> bool:
        """Keep the value of a month; False where it is there, or there is no room."""
        rows = self.indices.get(index)
        if rows is None:
            if len(self.indices) >= INDICES_MAX:
                return False
            rows = self.indices[index] = {}
        if month in rows or (len(rows) >= INDEX_MONTHS_MAX and month < min(rows)):
            return False
        rows[month] = value
        if len(rows) > INDEX_MONTHS_MAX:
            del rows[min(rows)]
        return True

    def encode(self) -> bytes:
        """Give the canonical bytes."""
        indices = [(name, sorted(rows.items())) for name, rows in sorted(self.indices.items())]
        return packed(_Saved(list(self.live.values()), indices, list(self.asked.values())))

    @classmethod
    def decode(cls, data: bytes) -> "Supplies":
        """Build what `encode` described."""
        saved = unpacked(data, _Saved)
        supplies = cls()
        supplies.live = {one.contract_id: one for one in saved.live}
        supplies.indices = {name: dict(rows) for name, rows in saved.indices}
        supplies.asked = {one.match_id: one for one in saved.asked}
        return supplies


class _Saved(Struct, array_like=True, frozen=True, gc=False):
    live: list[Supply]
    indices: list[tuple[str, list[tuple[int, Ratio]]]]
    asked: list[MatchAsk]
