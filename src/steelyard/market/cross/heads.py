"""Whom an order meets next: the best of the heads of all sub-books, at the quotes of the moment.

A step looks at one head for each currency, so it costs as many looks as there are currencies, however deep the
books are. Values are compared by cross-multiplying, from the order's own limit on: what does not cross costs one
comparison. First every sub-book is taken at the best quote that stands. Where that has no room for a lot, and only
then, the quotes behind it are looked at too.
"""

from typing import NamedTuple

from steelyard.market.cross.conversion import TradeLegs, convert_trade
from steelyard.market.cross.quotes import FirmQuote, QuoteBoard
from steelyard.market.cross.subs import SubBooks
from steelyard.market.orders import Side
from steelyard.market.resting import Order
from steelyard.values.instants import Instant


class Head(NamedTuple):
    """The order that a taker would meet next, in which currency, for how much money and through which quote."""

    order: Order
    currency: str
    legs: TradeLegs


def best_head(
    subs: SubBooks, quotes: QuoteBoard, order: Order, currency: str, *, lot: int, at: Instant
) -> Head | None:
    """Give the best head that an order may meet within its limit, or None; of equals the earlier.

    A head whose quotes have no room for one lot, or are none, is not seen.
    """
    found = _foremost(subs, quotes, order, currency, at)
    if found is None:
        return None
    maker, other, quote = found
    assert maker.price is not None
    quantity = min(order.left, maker.shown)
    if quote is None:
        exact = maker.price * quantity
        return Head(maker, other, TradeLegs(quantity, exact, exact))
    legs = convert_trade(maker.side, maker.price, quantity, quote=quote, lot=lot)
    if legs is not None:
        return Head(maker, other, legs)
    return _through_any(subs, quotes, order, currency, lot, at)


Found = tuple[Order, str, FirmQuote | None] | None


def _foremost(subs: SubBooks, quotes: QuoteBoard, order: Order, currency: str, at: Instant) -> Found:
    """Give the best head within an order's limit with each sub-book at the best quote that stands.

    `num / den` is what a buyer pays for one, or the inverse of what a seller gets: the least is the best of both.
    """
    buys = order.side is Side.BUY
    sign = 1 if buys else -1
    best: Found = None
    best_num, best_den = (1, 0) if order.price is None else (order.price, 1) if buys else (1, order.price)
    for other, side, pair in subs.routes(quotes, currency, Side.SELL if buys else Side.BUY):
        heap = side.heap
        if not heap:
            continue
        price = heap[0] * sign
        quote = None
        if pair is None:
            num, den = (price, 1) if buys else (1, price)
        else:
            for quote in pair:
                if at < quote.valid_until:
                    break
            else:
                continue
            num, den = (price * quote.num, quote.den) if buys else (quote.num, price * quote.den)
        if num * best_den > best_num * den:
            continue
        level = side.levels[price]
        if not level:  # its last order has left; behind it lies something worse, or nothing
            emptied = side.best()
            if emptied is None:
                continue
            level = side.levels[emptied]
            if buys:
                num = num // price * emptied
            else:
                den = den // price * emptied
            if num * best_den > best_num * den:
                continue
        maker = next(iter(level.values()))
        if best is None or num * best_den < best_num * den or maker.seq < best[0].seq:
            best, best_num, best_den = (maker, other, quote), num, den
    return best


def _through_any(
    subs: SubBooks, quotes: QuoteBoard, order: Order, currency: str, lot: int, at: Instant
) -> Head | None:
    """Give the best head with each sub-book at its best quote that has room for a lot of it."""
    buys = order.side is Side.BUY
    best: Head | None = None
    best_num, best_den = 0, 1
    for other, side, pair in subs.routes(quotes, currency, Side.SELL if buys else Side.BUY):
        price = side.best()
        if price is None:
            continue
        maker = next(iter(side.levels[price].values()))
        quantity = min(order.left, maker.shown)
        if pair is None:
            num, den = price, 1
            legs: TradeLegs | None = TradeLegs(quantity, price * quantity, price * quantity)
        else:
            for quote in pair:
                legs = convert_trade(maker.side, price, quantity, quote=quote, lot=lot)
                if at < quote.valid_until and legs is not None:
                    num, den = (price * quote.num, quote.den) if buys else (price * quote.den, quote.num)
                    break
            else:
                continue
        assert legs is not None
        mine, others = num * best_den, best_num * den
        better = mine < others if buys else mine > others
        if best is None or better or (mine == others and maker.seq < best.order.seq):
            best, best_num, best_den = Head(maker, other, legs), num, den
    if best is None or order.price is None:
        return best
    limit = order.price * best_den
    return best if (best_num <= limit if buys else best_num >= limit) else None
