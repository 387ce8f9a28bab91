"""What a book in many currencies holds between two events, and the smallest changes to it. Rules are elsewhere.

Reference, daily limits and collar are in minor units of the basket. What they mean for a price in some currency follows
from the firm quotes of the moment, so they need not be touched when a quote changes.
"""

from collections.abc import Mapping
from fractions import Fraction

from steelyard.market.bands import ANY, Band, band
from steelyard.market.cross.facts import CrossFact
from steelyard.market.cross.heads import Head, best_head
from steelyard.market.cross.quotes import QuoteBoard
from steelyard.market.cross.subs import SubBooks
from steelyard.market.cross.unit import Unit, Worth
from steelyard.market.instruments import PRICE_MAX, Instrument
from steelyard.market.orders import Cancelled, PhaseChanged, Side, Why
from steelyard.market.phases import RULES, Phase
from steelyard.market.resting import Order
from steelyard.market.stops import Stops
from steelyard.values.instants import Instant

Placed = tuple[Order, str]
"""An order and its currency"""
Last = tuple[str, Fraction]
"""The price of a trade and its currency; of an auction in the unit, without a currency"""


class CrossState:
    """The orders of one instrument in all currencies, its phase and its prices. `quotes` may be shared by many.

    `released` holds stop orders between the trade that releases them and their entry; it is empty between events.
    """

    __slots__ = (
        "daily", "dyn", "extended", "fence", "instrument", "last", "limits", "phase", "quotes", "reference", "released",
        "resumes", "seq", "stops", "subs", "unit", "waiting",
    )  # fmt: skip

    def __init__(self, instrument: Instrument, quotes: QuoteBoard | None = None) -> None:
        self.instrument = instrument
        self.quotes = QuoteBoard() if quotes is None else quotes
        self.unit = Unit(instrument.basket_holds, self.quotes)
        self.subs = SubBooks()
        self.phase = self.resumes = Phase.CONTINUOUS
        self.extended = False
        self.seq = 0
        self.last: Last | None = None
        self.reference = instrument.ref_price
        self.daily: Band = band(instrument.limit_low, instrument.limit_high)
        self.dyn: tuple[int | None, int | None] = (instrument.dyn_low, instrument.dyn_high)
        self.limits: Band = self.daily
        self.fence: Band | None = None
        """Between which values of the unit a fill may be; None: any"""
        self.stops: dict[str, Stops] = {}
        self.waiting: dict[int, Placed] = {}
        self.released: list[Placed] = []
        self.set_limits()

    def next_seq(self) -> int:
        """Give the next place in time."""
        self.seq += 1
        return self.seq

    # orders

    def find(self, order_id: int) -> Placed | None:
        """Give an order that is open or waits, with its currency, or None."""
        return self.subs.orders.get(order_id) or self.waiting.get(order_id)

    def rest(self, order: Order, currency: str) -> None:
        """Put an order, its peak shown, behind all others of its price."""
        if order.peak:
            order.cut(order.left)
        self.subs.add(order, currency)

    def wait(self, order: Order, currency: str) -> None:
        """Let a stop order wait."""
        self.waiting[order.order_id] = (order, currency)
        stops = self.stops.get(currency)
        if stops is None:
            stops = self.stops[currency] = Stops()
        stops.add(order)

    def take_out(self, order: Order, currency: str) -> None:
        """Take an order out of where it rests or waits; it has not ended."""
        if self.waiting.pop(order.order_id, None) is None:
            self.subs.remove(order, currency)
        else:
            del self.stops[currency].waiting[order.order_id]

    def drop(self, order: Order, why: Why, facts: list[CrossFact]) -> None:
        """End an order that is in no queue."""
        facts.append(Cancelled(order.order_id, order.left, why))
        order.shown = order.hidden = 0

    def in_time(self) -> list[Placed]:
        """Give all orders, open or waiting, in the order of their times."""
        return sorted([*self.subs.orders.values(), *self.waiting.values()], key=lambda one: one[0].seq)

    def head(self, order: Order, currency: str, limit: int | None, at: Instant) -> Head | None:
        """Give whom an order meets next within a limit."""
        return best_head(self.subs, self.quotes, order, currency, limit=limit, lot=self.instrument.lot, at=at)

    # prices

    def most(self, currency: str, at: Instant) -> int:
        """Give the highest price that a purchase in a currency may come to today; PRICE_MAX where nothing bounds it."""
        worth = None if self.limits[1] >= PRICE_MAX else self.unit.worth(currency, at)
        return PRICE_MAX if worth is None else min(PRICE_MAX, self.limits[1] * worth.num // worth.den)

    def least(self, currency: str, at: Instant) -> int:
        """Give the lowest price that a sale in a currency may come to today; 0 where nothing bounds it."""
        worth = None if not self.limits[0] else self.unit.worth(currency, at)
        return 0 if worth is None else -(-self.limits[0] * worth.num // worth.den)

    def is_fenced(self, price: int, currency: str, at: Instant) -> bool:
        """Tell whether a fill at a price may be. Where no quotes tell what it is worth nothing stops it."""
        if self.fence is None:
            return True
        worth = self.unit.worth(currency, at)
        return worth is None or worth.is_inside(price, *self.fence)

    def last_in(self, currency: str, at: Instant) -> Fraction | None:
        """Give the price of the last trade in a currency at the rates of now, or None."""
        if self.last is None:
            return None
        of, price = self.last
        if of == currency:
            return price
        mine = self.unit.worth(currency, at)
        theirs = Worth(1, 1) if not of else self.unit.worth(of, at)
        return None if mine is None or theirs is None else mine.price(theirs.value(price))

    def traded(
        self, price: int | Fraction, currency: str, at: Instant, rates: Mapping[str, Fraction] | None = None
    ) -> None:
        """Take note of a trade; stop orders that wait for its price in their currency are released.

        An auction's is a value in the unit, and each currency's price follows from the rates that it froze.
        """
        self.last = (currency, Fraction(price))
        if self.waiting:
            self.look_at_stops(at, rates)

    def look_at_stops(self, at: Instant, rates: Mapping[str, Fraction] | None = None) -> None:
        """Release the stop orders that the last trade reaches, at given rates or those of now."""
        for currency in sorted(self.stops):
            stops = self.stops[currency]
            if not stops.waiting:
                continue
            if rates is None:
                price = self.last_in(currency, at)
            elif self.last is not None and currency in rates:
                price = self.last[1] * Fraction(rates[currency].denominator, rates[currency].numerator)
            else:
                price = None
            if price is None:
                continue
            low = price.numerator // price.denominator
            for order in stops.touched(low, low + (price.denominator > 1)):
                self.released.append(self.waiting.pop(order.order_id))

    def is_met(self, order: Order, currency: str, at: Instant) -> bool:
        """Tell whether the last trade reaches the stop of an order."""
        last = self.last_in(currency, at)
        if last is None:
            return False
        return last >= order.stop if order.side is Side.BUY else last <= order.stop

    # phase

    def set_phase(self, phase: Phase, why: Why, facts: list[CrossFact], at: Instant) -> None:
        """Change the phase. After a break in which none could enter, stop orders are looked at again."""
        took = self.takes_stops()
        self.phase = phase
        self.extended = False
        if phase in (Phase.CONTINUOUS, Phase.DELIVERY_MONTH):
            self.resumes = phase
        self.set_limits()
        facts.append(PhaseChanged(phase, why))
        if self.waiting and self.takes_stops() and not took:
            self.look_at_stops(at)

    def takes_stops(self) -> bool:
        """Tell whether stop orders that are released may enter now."""
        return RULES[self.phase].entry and self.phase is not Phase.POST_CLOSE

    def set_limits(self) -> None:
        """Let the daily limits count, but in the month of delivery; fills stay within them and the collar."""
        self.limits = ANY if self.resumes is Phase.DELIVERY_MONTH else self.daily
        low, high = band(*self.dyn)
        fence = max(low, self.limits[0]), min(high, self.limits[1])
        self.fence = None if fence == ANY else fence
