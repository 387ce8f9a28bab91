"""Published prices as the state machine keeps them: every version, the method it was made by, complaints about it.

A series is a contract month, a benchmark or an index. Its days follow one another. A day is published once; what
is wrong is corrected by a further version that says why, and the versions before stay readable. A method has
versions too, each in force from a day that is not published yet. Inputs are kept by hash.

Texts of complaints and answers lie outside; here is their hash. All of this is bounded: of each series the last
`DAYS_KEPT` days are kept, of closed complaints the last `CLOSED_KEPT`; the journal has the rest.
"""

from collections.abc import Iterator
from fractions import Fraction

import msgspec
from msgspec import Struct

from steelyard.market.assessment import Assessed, Method
from steelyard.market.basis import Basis
from steelyard.market.complaints import STEPS, Complaint, ComplaintEvent, ComplaintState
from steelyard.market.refusals.prices import PriceRefusal
from steelyard.values.instants import Day, Instant, day_of
from steelyard.values.wide import packed, unpacked

SERIES_MAX = 5_000
DAYS_KEPT = 400
VERSIONS_MAX = 16
CURVE_VERSIONS_MAX = 64
"""One for each month that settles after the curve was drawn, and for corrections"""
METHODS_MAX = 64
OPEN_COMPLAINTS_MAX = 1_000
OWN_COMPLAINTS_MAX = 50
CLOSED_KEPT = 200
REASON_MAX = 400
CURVE = "curve"
FIXED_KEPT = 3
_NO_BASIS = Basis()


class Price(Struct, array_like=True, frozen=True, gc=False):
    """One version of a day's price. `value` is "p/q" text in the series' unit, empty where none is published.

    `source` is the tier of a settlement price or the rung of a benchmark, "curve", or "override". `digest` is SHA-256
    over the inputs. `currencies` are (currency, "p/q" text) at the medians of the day.
    """

    on: Day
    version: int
    value: str
    source: str
    method: int
    digest: bytes
    at: Instant
    reason: str = ""
    currencies: tuple[tuple[str, str], ...] = ()
    """Of a curve, what one minor unit of its own is in each"""
    points: tuple[tuple[str, str, str], ...] = ()
    """Of a curve: (month, "p/q" text or empty, tier or empty)"""


class MethodFrom(Struct, array_like=True, frozen=True, gc=False):
    """A version of a method, and the first day that it applies to."""

    from_on: Day
    method: Method
    basis: Basis = Basis()
    """What the machine makes it from by itself"""


class Series(Struct, array_like=True, gc=False):
    """A series: its tick as "p/q" text (empty: any price), its methods by version, its days with their versions."""

    code: str
    tick: str = ""
    methods: list[MethodFrom] = []
    days: list[list[Price]] = []

    def method_on(self, on: Day) -> Method | None:
        """Give the method in force on a day."""
        found = self.basis_on(on)
        return found.method if found is not None else None

    def basis_on(self, on: Day) -> MethodFrom | None:
        """Give the method in force on a day, with what it rests on."""
        found = [one for one in self.methods if one.from_on <= on]
        return found[-1] if found else None

    def day(self, on: Day) -> list[Price] | None:
        """Give all versions of a day, oldest first."""
        return next((versions for versions in reversed(self.days) if versions[0].on == on), None)

    def last(self) -> Price | None:
        """Give the newest version of the newest day."""
        return self.days[-1][-1] if self.days else None

    def standing(self, on: Day) -> Price | None:
        """Give the newest version of the last day up to one that has a value: the market of that day."""
        return self.before(on + 1)

    def before(self, on: Day) -> Price | None:
        """Give the newest version of the last day before one that has a value: what a thin day moves from."""
        for versions in reversed(self.days):
            if versions[0].on < on and versions[-1].value:
                return versions[-1]
        return None

    def at_instant(self, at: Instant) -> Price | None:
        """Give the newest version with a value that was published up to an instant."""
        for versions in reversed(self.days):
            known = [one for one in versions if one.at <= at]
            if known and known[-1].value:
                return known[-1]
        return None

    def month_mean(self, month: int, currency: str = "") -> Fraction | None:
        """Give the exact mean of a month's days, in the series' own unit or in a currency; months from 1970-01.

        None while fewer days than the method asks for have a value, in that currency.
        """
        first, end = (day_of(1970 + one // 12, one % 12 + 1, 1) for one in (month, month + 1))
        return self.mean([versions[-1] for versions in self.days if first <= versions[0].on < end], currency)

    def mean(self, newest: list[Price], currency: str = "") -> Fraction | None:
        """Give the exact mean of the newest versions of a month's days, as `month_mean` does."""
        if not currency:
            values = [one.value for one in newest if one.value]
        else:
            values = [value for one in newest for code, value in one.currencies if code == currency]
        method = self.method_on(newest[-1].on) if newest else None
        if method is None or len(values) < method.days_min:
            return None
        return sum(map(Fraction, values), Fraction(0)) * Fraction(1, len(values))


class Fixing(Struct, array_like=True, gc=False):
    """A day's fixing under way: the series still to be made, and what baskets are worth, taken as it began."""

    on: Day
    at: Instant
    left: list[str]
    salt: bytes
    """With which the data is hashed"""
    worths: dict[str, list[tuple[str, str]]]
    """By basket as text: (currency, "p/q" minor units of it for one minor unit of the basket)"""


class Prices:
    """Every series by code, and the complaints.

    `fixed_on` is the last day whose fixing has begun, `fixing` the one under way; `fixed` are the last ones, for what
    is taken back after them.
    """

    __slots__ = ("closed", "fixed", "fixed_on", "fixing", "next_complaint", "open", "series")

    def __init__(self) -> None:
        self.series: dict[str, Series] = {}
        self.open: dict[int, Complaint] = {}
        self.closed: list[Complaint] = []
        self.next_complaint = 1
        self.fixed_on: Day = 0
        self.fixing: Fixing | None = None
        self.fixed: list[Fixing] = []

    def set_method(
        self,
        code: str,
        method: Method,
        *,
        from_on: Day,
        tick: str = "",
        basis: Basis = _NO_BASIS,
    ) -> PriceRefusal | None:
        """Bring a version of a series' method into force from a day on; the first one begins the series."""
        found = self.series.get(code)
        known = found.methods if found else []
        if not method.is_sound:
            return PriceRefusal.METHOD_OUT_OF_RANGE
        if method.version != len(known) + 1:
            return PriceRefusal.METHOD_NOT_NEXT
        last = found.last() if found else None
        if (last and from_on <= last.on) or (known and from_on < known[-1].from_on):
            return PriceRefusal.METHOD_REACHES_BACK
        if len(known) >= METHODS_MAX or (found is None and len(self.series) >= SERIES_MAX):
            return PriceRefusal.PRICES_ARE_FULL
        if found is None:
            found = self.series[code] = Series(code, tick)
        found.methods = [*known, MethodFrom(from_on, method, basis)]
        return None

    def settle(
        self, code: str, on: Day, value: str, *, source: str, digest: bytes, at: Instant
    ) -> Price | PriceRefusal:
        """Publish the settlement price of a day."""
        return self._publish(code, Price(on, 1, value, source, 0, digest, at))

    def publish(
        self,
        code: str,
        on: Day,
        assessed: Assessed,
        *,
        at: Instant,
        currencies: tuple[tuple[str, str], ...] = (),
    ) -> Price | PriceRefusal:
        """Publish the value of a benchmark or an index of a day, or that there is none."""
        source = assessed.rung.name.lower()
        return self._publish(
            code,
            Price(
                on, 1, assessed.value, source, assessed.method, assessed.digest, at, assessed.reason, currencies,
            ),
        )  # fmt: skip

    def draw(
        self,
        code: str,
        on: Day,
        points: tuple[tuple[str, str, str], ...],
        *,
        digest: bytes,
        at: Instant,
        reason: str = "",
        currencies: tuple[tuple[str, str], ...] = (),
    ) -> Price | PriceRefusal:
        """Publish the curve of a day, or a further version of it where it has one."""
        found = self.series.get(code)
        price = Price(on, 1, "", CURVE, 0, digest, at, reason, currencies, points)
        versions = found.day(on) if found is not None else None
        if versions is None:
            return self._publish(code, price)
        if len(versions) >= CURVE_VERSIONS_MAX:
            return PriceRefusal.PRICES_ARE_FULL
        last = versions[-1]
        price = msgspec.structs.replace(price, version=last.version + 1, method=last.method)
        versions.append(price)
        return price

    def _publish(self, code: str, price: Price) -> Price | PriceRefusal:
        found = self.series.get(code)
        method = found.method_on(price.on) if found else None
        if found is None or method is None:
            return PriceRefusal.PRICE_SERIES_NOT_FOUND
        last = found.last()
        if last is not None and price.on <= last.on:
            stands = found.day(price.on) is not None
            return PriceRefusal.PRICE_STANDS_ALREADY if stands else PriceRefusal.PRICE_DAY_IS_OVER
        if not _on_tick(price.value, found.tick):
            return PriceRefusal.SETTLEMENT_PRICE_NOT_ON_TICK
        price = msgspec.structs.replace(price, method=method.version)
        found.days = [*found.days, [price]][-DAYS_KEPT:]
        return price

    def correct(
        self,
        code: str,
        on: Day,
        value: str,
        *,
        source: str,
        digest: bytes,
        reason: str,
        at: Instant,
        currencies: tuple[tuple[str, str], ...] = (),
    ) -> Price | PriceRefusal:
        """Publish a further version of a day; the ones before stay."""
        found = self.series.get(code)
        if found is None:
            return PriceRefusal.PRICE_SERIES_NOT_FOUND
        versions = found.day(on)
        if versions is None:
            return PriceRefusal.PRICE_NOT_FOUND
        if not 0 < len(reason) <= REASON_MAX:
            return PriceRefusal.REASON_IS_MISSING
        if not _on_tick(value, found.tick):
            return PriceRefusal.SETTLEMENT_PRICE_NOT_ON_TICK
        if len(versions) >= VERSIONS_MAX:
            return PriceRefusal.PRICES_ARE_FULL
        version, method = versions[-1].version + 1, versions[0].method
        price = Price(on, version, value, source, method, digest, at, reason, currencies)
        versions.append(price)
        return price

    def complain(self, code: str, on: Day, *, by: str, text: bytes, at: Instant) -> Complaint | PriceRefusal:
        """Enter a complaint about the newest version of a day; `text` is the SHA-256 of its words."""
        found = self.series.get(code)
        if found is None:
            return PriceRefusal.PRICE_SERIES_NOT_FOUND
        versions = found.day(on)
        if versions is None:
            return PriceRefusal.PRICE_NOT_FOUND
        if len(text) != 32:
            return PriceRefusal.REASON_IS_MISSING
        own = sum([one.by == by for one in self.open.values()])
        if len(self.open) >= OPEN_COMPLAINTS_MAX or own >= OWN_COMPLAINTS_MAX:
            return PriceRefusal.PRICES_ARE_FULL
        complaint = Complaint(
            self.next_complaint,
            code,
            on,
            versions[-1].version,
            by,
            ComplaintState.OPEN,
            [("OPENED", by, text, at)],
        )
        self.next_complaint += 1
        self.open[complaint.number] = complaint
        return complaint

    def step_complaint(
        self, number: int, event: ComplaintEvent, *, by: str, text: bytes, at: Instant
    ) -> Complaint | PriceRefusal:
        """Let something happen to a complaint."""
        if len(text) != 32:
            return PriceRefusal.REASON_IS_MISSING
        found = self.open.get(number)
        if found is None:
            kept = any(one.number == number for one in self.closed)
            return PriceRefusal.COMPLAINT_STEP_NOT_ALLOWED if kept else PriceRefusal.COMPLAINT_NOT_FOUND
        following = STEPS[found.state].get(event)
        if following is None:
            return PriceRefusal.COMPLAINT_STEP_NOT_ALLOWED
        found.log.append((event.value, by, text, at))
        found.state = following
        if following is ComplaintState.CLOSED:
            del self.open[number]
            self.closed = [*self.closed, found][-CLOSED_KEPT:]
        return found

    def complaints(self) -> Iterator[Complaint]:
        """Give all that are kept, by number."""
        yield from sorted([*self.closed, *self.open.values()], key=lambda one: one.number)

    def encode(self) -> bytes:
        """Give the canonical bytes."""
        return packed(
            _Saved(
                [self.series[code] for code in sorted(self.series)],
                [self.open[number] for number in sorted(self.open)],
                self.closed,
                self.next_complaint,
                self.fixed_on,
                self.fixing,
                self.fixed,
            )
        )

    @classmethod
    def decode(cls, data: bytes) -> "Prices":
        """Build what `encode` described."""
        saved = unpacked(data, _Saved)
        prices = cls()
        prices.series = {one.code: one for one in saved.series}
        prices.open = {one.number: one for one in saved.open}
        prices.closed, prices.next_complaint = saved.closed, saved.next_complaint
        prices.fixed_on, prices.fixing, prices.fixed = saved.fixed_on, saved.fixing, saved.fixed
        return prices


def _on_tick(value: str, tick: str) -> bool:
    """Tell whether "p/q" text is a multiple of the tick; no value and no tick always are."""
    return not value or not tick or Fraction(value) % Fraction(tick) == 0


class _Saved(Struct, array_like=True, frozen=True, gc=False):
    series: list[Series]
    open: list[Complaint]
    closed: list[Complaint]
    next_complaint: int
    fixed_on: Day
    fixing: Fixing | None
    fixed: list[Fixing]
