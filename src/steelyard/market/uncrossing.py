"""How a call ends in the book: everybody trades at the auction's price, and what may not stay leaves.

All-or-none orders take no part: an auction may fill its last order in part. Icebergs count with their full size;
one that has filled beyond its peak shows a new one, behind the others of its price. A reference outside the daily
limits counts as the nearest of them.
"""

from steelyard.market.auctions.call import CallOrder, auction_price, pair
from steelyard.market.bands import collar, twice
from steelyard.market.book_state import BookState
from steelyard.market.orders import Status, Tif, Type, Why
from steelyard.market.phases import Phase
from steelyard.market.raw_facts import AUCTION, CALL_EXTENDED, TRADE, Raw
from steelyard.market.resting import BookSide, Order, Queue

Found = tuple[int, int, int]
"""Price, volume, surplus"""


def indicative(state: BookState) -> Found | None:
    """Give price, volume and surplus of the call if it ended now, or None."""
    low, high = state.limits
    bids, market_buy = _depth(state.bids)
    asks, market_sell = _depth(state.asks)
    return auction_price(
        bids,
        asks,
        market_buy=market_buy,
        market_sell=market_sell,
        reference=None if state.reference is None else min(max(state.reference, low), high),
        tick=state.instrument.tick,
        pressure_cap_pct=state.instrument.pressure_cap_pct,
    )


def uncross(state: BookState, out: list[Raw], *, forced: bool) -> bool:
    """End a call: trade, and cancel or reprice what is left. False: it goes on instead.

    The phase is the caller's to change, and then to let released stop orders enter.
    """
    found = indicative(state)
    if found is not None and not forced and _is_too_far(state, found[0], out):
        return False
    if found is None:
        out.append((AUCTION, None, 0, 0))
    else:
        if state.instrument.collar_bp is not None:
            state.dyn = collar(found[0], collar_bp=state.instrument.collar_bp)
        out.append((AUCTION, *found))
        _trade(state, found, out)
    _clear(state, None if found is None else found[0], out)
    return True


def _depth(side: BookSide) -> tuple[list[tuple[int, int]], int]:
    """Give what is there at each price, and without one."""
    levels = [(price, _size(level)) for price, level in side.levels.items()]
    return [(price, size) for price, size in levels if size], _size(side.market)


def _size(queue: Queue) -> int:
    return sum([order.shown + order.hidden for order in queue.values() if not order.aon])


def _in_the_money(side: BookSide, price: int) -> list[CallOrder]:
    """Give the orders that may trade at a price, in priority."""
    queues = [side.market]
    for one in side.prices():
        if one * side.sign > price * side.sign:
            break
        queues.append(side.levels[one])
    return [
        CallOrder(str(order.order_id), order.price, order.shown + order.hidden, order.seq)
        for queue in queues
        for order in queue.values()
        if not order.aon
    ]


def _is_too_far(state: BookState, price: int, out: list[Raw]) -> bool:
    """Extend a volatility call that would end outside twice its collar."""
    low, high = state.dyn
    if state.phase is not Phase.VOLATILITY_CALL or low is None or high is None:
        return False
    low, high = twice(low, high)
    if low <= price <= high:
        return False
    out.append((CALL_EXTENDED, price, state.extended))
    state.extended = True
    return True


def _trade(state: BookState, found: Found, out: list[Raw]) -> None:
    price, volume, _ = found
    buyers, sellers = _in_the_money(state.bids, price), _in_the_money(state.asks, price)
    filled: dict[int, int] = {}
    gone: dict[int, Order] = {}
    for buy_name, sell_name, quantity in pair(buyers, sellers, volume):
        buy, sell = state.orders[int(buy_name)], state.orders[int(sell_name)]
        if buy.order_id in gone or sell.order_id in gone:
            continue
        failed = None if state.settles is None else state.settles(buy, sell, quantity, price)
        if failed is not None:
            order = (buy, sell)[failed]
            gone[order.order_id] = order
            continue
        own = buy.owner != 0 and buy.owner == sell.owner
        out.append((TRADE, buy.order_id, sell.order_id, quantity, price, None, own))
        for order in (buy, sell):
            filled[order.order_id] = filled.get(order.order_id, 0) + quantity
    for order_id, quantity in filled.items():
        _fill(state, state.orders[order_id], quantity)
    for order in gone.values():
        state.cancel(order, Why.BUNDLE, out)
    if filled:
        state.traded(price)


def _fill(state: BookState, order: Order, quantity: int) -> None:
    left = order.left - quantity
    if not left:
        state.take_out(order)
        state.finish(order, Status.FILLED, 0)
    elif quantity < order.shown:
        order.shown -= quantity
    else:
        order.cut(left)
        if order.peak:
            state.sides[order.side].queue(order).move_to_end(order.order_id)


def _clear(state: BookState, price: int | None, out: list[Raw]) -> None:
    """Cancel what is left of orders that were for this call, and let market-to-limit orders rest at its price."""
    for order in state.in_time(lambda order: order.tif is Tif.GFA or order.price is None):
        if order.order_id not in state.orders:  # it waits for its stop
            continue
        if order.tif is Tif.GFA:
            state.cancel(order, Why.AUCTION, out)
        elif order.type is Type.MTL and price is not None:
            state.take_out(order)
            order.price, order.seq = price, state.next_seq()
            state.rest(order)
        elif order.type is Type.MTL or not state.instrument.rest_market:
            state.cancel(order, Why.AUCTION, out)
