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
from steelyard.market.resting import BookSide, Order
from steelyard.values.instants import Instant


class Head(NamedTuple):
    """The order that a taker would meet next, in which currency, for how much money and through which quote."""

    order: Order
    currency: str
    legs: TradeLegs


def best_head(
    subs: SubBooks,
    quotes: QuoteBoard,
    order: Order,
    currency: str,
    *,
    limit: int | None,
    lot: int,
    at: Instant,
) -> Head | None:
    """Give the best head that an order may meet within a limit in its currency, or None; of equals the earlier.

    A head whose quotes have no room for one lot, or are none, is not seen.
    """
    buys = order.side is Side.BUY
    within = (1, 0) if limit is None else (limit, 1) if buys else (1, limit)
    if subs.aons:
        return _through_any(subs, quotes, order, currency, within, lot, at)
    found = _foremost(subs, quotes, order, currency, within, at)
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
    return _through_any(subs, quotes, order, currency, within, lot, at)


Found = tuple[Order, str, FirmQuote | None] | None
Cost = tuple[int, int]
"""As `num / den` what a buyer pays for one, or the inverse of what a seller gets: the least is the best of both."""


def cost(head: Head) -> Cost:
    """Give what a head costs who meets it.

    >>> sell = Order(1, Side.SELL, 50, 3, 0, 0, 1, 3)
    >>> cost(Head(sell, "BRL", TradeLegs(3, 150, 150)))
    (50, 1)
    """
    assert head.order.price is not None
    return _cost(head.order.side is Side.SELL, head.order.price, head.legs.quote)


def _cost(buys: bool, price: int, quote: FirmQuote | None) -> Cost:
    if quote is None:
        return (price, 1) if buys else (1, price)
    return (price * quote.num, quote.den) if buys else (quote.num, price * quote.den)


def _foremost(
    subs: SubBooks, quotes: QuoteBoard, order: Order, currency: str, within: Cost, at: Instant
) -> Found:
    """Give the best head within a limit with each sub-book at the best quote that stands."""
    buys = order.side is Side.BUY
    sign = 1 if buys else -1
    best: Found = None
    best_num, best_den = within
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
    subs: SubBooks,
    quotes: QuoteBoard,
    order: Order,
    currency: str,
    within: Cost,
    lot: int,
    at: Instant,
) -> Head | None:
    """Give the best head with each sub-book at its best quote that has room for a lot of it."""
    best: Head | None = None
    best_num, best_den = within
    for other, side, pair in subs.routes(quotes, currency, Side(not order.side)):
        if not side.heap:
            continue
        found = _first(side, pair, order, within, lot, at)
        if found is None:
            continue
        maker, legs = found
        head = Head(maker, other, legs)
        num, den = cost(head)
        mine, others = num * best_den, best_num * den
        if mine < others or (mine == others and (best is None or maker.seq < best.order.seq)):
            best, best_num, best_den = head, num, den
    return best


def _first(
    side: BookSide, pair: list[FirmQuote] | None, order: Order, within: Cost, lot: int, at: Instant
) -> tuple[Order, TradeLegs] | None:
    """Give whom an order meets first in a sub-book, within a limit.

    Orders that fill whole or not at all, and do not fit into the order that comes or into one quote, are passed
    over; of the others the first decides.
    """
    for maker in side.by_limit():
        if maker.aon and maker.shown > order.left:
            continue
        legs = _legs(maker, pair, min(order.left, maker.shown), within, lot, at)
        if legs is not None or not maker.aon:
            return None if legs is None else (maker, legs)
    return None


def _legs(
    maker: Order, pair: list[FirmQuote] | None, quantity: int, within: Cost, lot: int, at: Instant
) -> TradeLegs | None:
    """Give the money of a trade with an order at the best quote that carries it, within a limit, or None."""
    price, buys = maker.price, maker.side is Side.SELL
    assert price is not None
    if pair is None:
        exact = price * quantity
        return TradeLegs(quantity, exact, exact) if _is_within(_cost(buys, price, None), within) else None
    for quote in pair:
        if at >= quote.valid_until:
            continue
        if not _is_within(_cost(buys, price, quote), within):
            return None
        legs = convert_trade(maker.side, price, quantity, quote=quote, lot=lot)
        if legs is not None and (not maker.aon or legs.quantity == quantity):
            return legs
    return None


def _is_within(cost: Cost, within: Cost) -> bool:
    return cost[0] * within[1] <= within[0] * cost[1]
