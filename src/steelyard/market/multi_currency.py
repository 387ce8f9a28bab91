"""One order book in many currencies: every order is in its owner's, firm quotes join them.

There is one sub-book for each currency and side, in its own prices and times. An order that comes meets the best of
the heads of all sub-books, compared by what it would pay or get itself at the quotes of that moment; of equals the
earlier. A quote that changes re-orders nothing. A sub-book without a quote that stands and has room for a lot is
not seen by that order; orders in one currency meet without a quote.

A trade is at the resting order's price, in its currency, and is tried by `book` before anything changes: where
its bundle is refused the order or quote whose side failed goes, and matching goes on.

In a call orders only gather. The uncross freezes one table of rates, compares limits in the basket's unit exactly,
and finds one price there; everybody pays and gets his own currency at those rates.
"""

from collections.abc import Mapping
from fractions import Fraction
from typing import Self

import msgspec

from steelyard.market.cross.call import call_price, money
from steelyard.market.cross.entry import refuse, refuse_terms, resting
from steelyard.market.cross.facts import Booking, CrossAuction, CrossFact, CrossTrade, Failed, agreed
from steelyard.market.cross.heads import Head, best_head
from steelyard.market.cross.quotes import QuoteBoard
from steelyard.market.cross.subs import SubBooks
from steelyard.market.instruments import Instrument, SelfTrade
from steelyard.market.orders import (
    Accepted,
    Cancelled,
    CancelRejected,
    Decremented,
    NewOrder,
    PhaseChanged,
    PhaseRejected,
    Refused,
    Replaced,
    ReplaceRejected,
    Side,
    Tif,
    Type,
    Why,
)
from steelyard.market.phases import CALLS, RULES, Phase, may_follow
from steelyard.market.refusals.orders import OrderRefusal
from steelyard.market.resting import Order
from steelyard.values.instants import Day, Instant


class MultiCurrencyBook:
    """The book of one instrument. `quotes` may be shared by the books of all instruments."""

    __slots__ = ("instrument", "phase", "quotes", "seq", "subs")

    def __init__(self, instrument: Instrument, quotes: QuoteBoard | None = None) -> None:
        self.instrument = instrument
        self.quotes = QuoteBoard() if quotes is None else quotes
        self.subs = SubBooks()
        self.phase = Phase.CONTINUOUS
        self.seq = 0

    # what is asked of it

    def enter(
        self, asked: NewOrder, currency: str, *, at: Instant, book: Booking = agreed
    ) -> list[CrossFact]:
        """Enter an order of a currency. Its types are limit and market; GTC, DAY, GTD, IOC, FOK; peak, post_only."""
        refusal = self.check(asked, currency, at=at)
        if refusal is not None:
            return [Refused(asked.order_id, refusal.code)]
        self.seq += 1
        order = resting(asked, self.seq)
        facts: list[CrossFact] = [Accepted(asked.order_id)]
        if asked.tif is Tif.FOK and not self._feasible(order, currency, at):
            self.seq -= 1
            facts.append(Cancelled(asked.order_id, asked.quantity, Why.NOT_WHOLE))
            return facts
        if RULES[self.phase].match:
            self._match(order, currency, at, book, facts)
        self._rest(order, currency, facts)
        return facts

    def check(self, asked: NewOrder, currency: str, *, at: Instant) -> OrderRefusal | None:
        """Give the first rule of the book that a new order breaks, or None."""
        used = asked.order_id in self.subs.orders
        refusal = refuse(self.instrument, self.phase, asked, used=used)
        if refusal is not None:
            return refusal
        trades = asked.post_only and RULES[self.phase].match
        if trades and self._head(resting(asked, self.seq + 1), currency, at) is not None:
            return OrderRefusal.POST_ONLY_WOULD_TRADE
        return None

    def cancel(self, order_id: int, why: Why = Why.ASKED) -> list[CrossFact]:
        """Take an order out."""
        found = self.subs.orders.get(order_id)
        if found is None:
            return [CancelRejected(order_id, OrderRefusal.ORDER_NOT_OPEN.code)]
        order, currency = found
        if why is Why.ASKED and not self._may_cancel(order):
            return [CancelRejected(order_id, OrderRefusal.PHASE_DOES_NOT_ALLOW_IT.code)]
        self.subs.remove(order, currency)
        return [Cancelled(order_id, order.left, why)]

    def mass_cancel(
        self,
        *,
        member: int | None = None,
        group: int | None = None,
        side: Side | None = None,
        why: Why = Why.MASS,
    ) -> list[CrossFact]:
        """Take out all orders of a member, a group or a side, in the order of their times."""
        chosen = [
            order
            for order, _ in self.subs.orders.values()
            if (member is None or order.member == member)
            and (group is None or order.group == group)
            and (side is None or order.side is side)
        ]
        chosen.sort(key=lambda order: order.seq)
        return [fact for order in chosen for fact in self.cancel(order.order_id, why)]

    def replace(
        self,
        order_id: int,
        *,
        quantity: int | None = None,
        price: int | None = None,
        at: Instant,
        book: Booking = agreed,
    ) -> list[CrossFact]:
        """Change an order's total or price. Same price and a lower total keep its time; else it enters anew."""
        found = self.subs.orders.get(order_id)
        if found is None:
            return [ReplaceRejected(order_id, OrderRefusal.ORDER_NOT_OPEN.code)]
        if not RULES[self.phase].entry:
            return [ReplaceRejected(order_id, OrderRefusal.PHASE_DOES_NOT_ALLOW_IT.code)]
        order, currency = found
        total = order.total if quantity is None else quantity
        then = order.price if price is None else price
        refusal = refuse_terms(self.instrument, total, then, order.peak or None)
        if refusal is not None:
            return [ReplaceRejected(order_id, refusal.code)]
        filled = order.total - order.left
        if total <= filled:
            self.subs.remove(order, currency)
            return [Replaced(order_id, 0)]
        facts: list[CrossFact] = [Replaced(order_id, total - filled)]
        if then == order.price and total <= order.total:
            order.total = total
            order.shown = min(order.shown, total - filled)
            order.hidden = total - filled - order.shown
            return facts
        self.subs.remove(order, currency)
        self.seq += 1
        order.total, order.price, order.seq = total, then, self.seq
        order.cut(total - filled)
        if RULES[self.phase].match:
            self._match(order, currency, at, book, facts)
        self._rest(order, currency, facts)
        return facts

    def phase_to(self, phase: Phase, *, why: Why = Why.CALENDAR, on: Day = 0) -> list[CrossFact]:
        """Change the phase. `on` is the day that ends: orders for it end too. A call ends by its uncross."""
        if self.phase in CALLS and RULES[phase].match:
            return [PhaseRejected(phase, OrderRefusal.PHASE_DOES_NOT_ALLOW_IT.code)]
        if not may_follow(self.phase, phase):
            return [PhaseRejected(phase, OrderRefusal.PHASE_DOES_NOT_ALLOW_IT.code)]
        self.phase = phase
        facts: list[CrossFact] = [PhaseChanged(phase, why)]
        return facts + self._expire(on)

    def _expire(self, on: Day) -> list[CrossFact]:
        """End what was good for the day that ends."""
        over = [
            order
            for order, _ in self.subs.orders.values()
            if on and (order.tif is Tif.DAY or (order.tif is Tif.GTD and order.until_on <= on))
        ]
        over.sort(key=lambda order: order.seq)
        return [fact for order in over for fact in self.cancel(order.order_id, Why.EXPIRED)]

    def uncross(
        self,
        rates: Mapping[str, Fraction],
        *,
        to: Phase = Phase.CONTINUOUS,
        on: Day = 0,
        book: Booking = agreed,
    ) -> list[CrossFact]:
        """End a call at one price in the basket's unit. `rates`: basket minor units for one minor unit of each.

        `on` is the day that ends with it, 0 for none.

        Orders of a currency without a rate take no part and stay. The money of a pair: each side's quantity
        times price at its rate, rounded once, half to even.
        """
        if self.phase not in CALLS or not may_follow(self.phase, to):
            return [PhaseRejected(to, OrderRefusal.PHASE_DOES_NOT_ALLOW_IT.code)]
        facts: list[CrossFact] = []
        found = call_price(self.instrument, self.subs.orders.values(), rates)
        if found is None:
            facts.append(CrossAuction(0, 1))
        else:
            price, done = found
            facts.append(CrossAuction(price.numerator, price.denominator, done.volume, done.surplus))
            for pair in done.trades:
                self._trade_in_call(int(pair.buy), int(pair.sell), pair.quantity, price, rates, book, facts)
        return facts + self._after_call(to) + self._expire(on)

    def _after_call(self, to: Phase) -> list[CrossFact]:
        """Leave a call: what was good for it alone ends."""
        self.phase = to
        gone = [
            order
            for order, _ in self.subs.orders.values()
            if order.tif is Tif.GFA or order.type is not Type.LIMIT
        ]
        gone.sort(key=lambda order: order.seq)
        facts: list[CrossFact] = [PhaseChanged(to, Why.AUCTION)]
        return facts + [fact for order in gone for fact in self.cancel(order.order_id, Why.REST)]

    def _rest(self, order: Order, currency: str, facts: list[CrossFact]) -> None:
        """Let what is left of an order rest, or end it where it may not."""
        if not order.left:
            return
        passing = order.tif in (Tif.IOC, Tif.FOK) or (order.type is Type.MARKET and self.phase not in CALLS)
        if passing:
            facts.append(Cancelled(order.order_id, order.left, Why.REST))
            return
        order.cut(order.left)
        self.subs.add(order, currency)

    def _may_cancel(self, order: Order) -> bool:
        return RULES[self.phase].cancel and (self.phase is not Phase.CLOSED or order.tif is Tif.GTC)

    # continuous trading

    def _head(self, order: Order, currency: str, at: Instant) -> Head | None:
        return best_head(self.subs, self.quotes, order, currency, lot=self.instrument.lot, at=at)

    def _match(self, order: Order, currency: str, at: Instant, book: Booking, facts: list[CrossFact]) -> bool:
        """Trade an order with all heads it may meet. False: it met its own group and stopped there."""
        stp = order.stp if order.stp is not None else self.instrument.stp
        while order.left:
            head = self._head(order, currency, at)
            if head is None:
                return True
            maker = head.order
            if stp is not SelfTrade.NONE and order.owner and order.owner == maker.owner:
                if self._meets_own(order, maker, head.currency, stp, facts):
                    return False
                continue
            trade = self._trade(order, currency, head)
            failed = book(trade)
            if failed is None:
                self._fill(order, head)
                facts.append(trade)
            elif failed is Failed.QUOTE and head.legs.quote is not None:
                self.quotes.drop(head.legs.quote.quote_no)
            elif failed.value == order.side.value:
                facts.append(Cancelled(order.order_id, order.left, Why.BUNDLE))
                order.shown = order.hidden = 0
            else:
                self.subs.remove(maker, head.currency)
                facts.append(Cancelled(maker.order_id, maker.left, Why.BUNDLE))
        return True

    def _trade(self, order: Order, currency: str, head: Head) -> CrossTrade:
        maker, legs = head.order, head.legs
        buys = order.side is Side.BUY
        buyer, seller = (order, maker) if buys else (maker, order)
        paid, got = (currency, head.currency) if buys else (head.currency, currency)
        assert maker.price is not None
        return CrossTrade(
            buyer.order_id, seller.order_id, legs.quantity, maker.price, paid, legs.buyer_minor, got,
            legs.seller_minor, legs.quote.quote_no if legs.quote else 0, order.side,
        )  # fmt: skip

    def _fill(self, order: Order, head: Head) -> None:
        """Take a trade off both orders and off the quote. The maker shows its next peak behind its price."""
        maker, legs = head.order, head.legs
        if self.subs.steps is not None:
            self._note(head)
        order.cut(order.left - legs.quantity)
        if legs.quote is not None:
            legs.quote.use(legs.seller_minor, legs.buyer_minor)
        self._shrink(maker, head.currency, legs.quantity)

    def _shrink(self, maker: Order, currency: str, quantity: int) -> None:
        """Take a quantity off what an order shows; emptied, it shows its next peak or leaves."""
        maker.shown -= quantity
        if maker.shown:
            return
        left = maker.left
        self.subs.remove(maker, currency)
        if left:
            self.seq += 1
            maker.seq = self.seq
            maker.cut(left)
            self.subs.add(maker, currency)

    def _meets_own(
        self, order: Order, maker: Order, currency: str, stp: SelfTrade, facts: list[CrossFact]
    ) -> bool:
        """Do what the order wants where it meets its own group; True: it goes no further."""
        if self.subs.steps is not None and stp is not SelfTrade.CANCEL_MAKER:
            return True
        if stp is SelfTrade.DECREMENT:
            quantity = min(order.left, maker.left)
            order.cut(order.left - quantity)
            facts.append(Decremented(order.order_id, maker.order_id, quantity))
            if quantity == maker.left:
                self.subs.remove(maker, currency)
                facts.append(Cancelled(maker.order_id, 0, Why.SELF_TRADE))
            else:
                maker.total -= quantity
                left = maker.left - quantity
                maker.shown = min(maker.shown, left)
                maker.hidden = left - maker.shown
            return False
        if stp in (SelfTrade.CANCEL_MAKER, SelfTrade.CANCEL_BOTH):
            self.subs.remove(maker, currency)
            facts.append(Cancelled(maker.order_id, maker.left, Why.SELF_TRADE))
        if stp is SelfTrade.CANCEL_MAKER:
            return False
        facts.append(Cancelled(order.order_id, order.left, Why.SELF_TRADE))
        order.shown = order.hidden = 0
        return True

    # fill or kill: tried for real, then undone step by step

    def _feasible(self, order: Order, currency: str, at: Instant) -> bool:
        left, seq = order.left, self.seq
        self.subs.begin()
        self._match(order, currency, at, agreed, [])
        whole = not order.left
        self.subs.undo()
        order.cut(left)
        self.seq = seq
        return whole

    def _note(self, head: Head) -> None:
        """Note how to undo what a fill does to a maker and to a quote."""
        maker, legs = head.order, head.legs
        shown, hidden, seq = maker.shown, maker.hidden, maker.seq

        def undo() -> None:
            maker.shown, maker.hidden, maker.seq = shown, hidden, seq
            if legs.quote is not None:
                legs.quote.use(-legs.seller_minor, -legs.buyer_minor)

        self.subs.note(undo)

    # the auction

    def _trade_in_call(
        self,
        buy: int,
        sell: int,
        quantity: int,
        price: Fraction,
        rates: Mapping[str, Fraction],
        book: Booking,
        facts: list[CrossFact],
    ) -> None:
        """Trade one pair at the auction's price; where its bundle is refused, the order that failed ends."""
        if buy not in self.subs.orders or sell not in self.subs.orders:
            return  # the other side's bundle was refused before
        (buyer, paid), (seller, got) = self.subs.orders[buy], self.subs.orders[sell]
        buyer_minor, seller_minor = (money(price, quantity, rates[currency]) for currency in (paid, got))
        trade = CrossTrade(buy, sell, quantity, 0, paid, buyer_minor, got, seller_minor, 0, None)
        failed = book(trade) if buyer_minor and seller_minor else Failed.QUOTE
        if failed is None:
            facts.append(trade)
            for order, currency in ((buyer, paid), (seller, got)):
                left = order.left - quantity
                if left:
                    order.cut(left)
                else:
                    self.subs.remove(order, currency)
        elif failed is not Failed.QUOTE:
            gone = buyer if failed is Failed.BUYER else seller
            facts += self.cancel(gone.order_id, Why.BUNDLE)

    # state

    def encode(self) -> bytes:
        """Give the canonical bytes, without the quotes: those are encoded by whoever shares them out."""
        return msgspec.msgpack.encode((self.instrument, self.phase, self.seq, self.subs.encoded()))

    @classmethod
    def decode(cls, content: bytes, quotes: QuoteBoard | None = None) -> Self:
        """Build the book that `content` describes: the inverse of encode."""
        instrument, phase, seq, subs = msgspec.msgpack.decode(
            content, type=tuple[Instrument, Phase, int, list[tuple[str, list[list[Order]]]]]
        )
        book = cls(instrument, quotes)
        book.phase, book.seq = phase, seq
        for currency, sides in subs:
            for orders in sides:
                for order in orders:
                    book.subs.add(order, currency)
        return book
