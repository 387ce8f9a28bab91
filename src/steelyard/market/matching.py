"""How an order that comes meets the orders that rest.

First a plan: which resting orders it would meet, in priority, what of each would trade, and where it would stop.
The plan changes nothing, so an order that fills whole or not at all is judged by the same code that fills it. Then
the plan is carried out. A trade is at the price of the order that rested.
"""

from collections import deque
from enum import IntEnum
from heapq import heappop, heappush
from operator import attrgetter

from steelyard.market.bands import band
from steelyard.market.book_state import BookState
from steelyard.market.instruments import SelfTrade
from steelyard.market.orders import Side, Status, Tif, Type, Why
from steelyard.market.phases import RULES, Phase
from steelyard.market.raw_facts import DECREMENTED, RELEASED, TRADE, VOLATILITY_CALL, Raw
from steelyard.market.resting import BookSide, Order, Queue


class Act(IntEnum):
    """What happens to a resting order that is met."""

    FILL = 0
    DECREMENT = 1
    CANCEL = 2


class End(IntEnum):
    """Why an order goes no further."""

    NOTHING_MORE = 0
    OWN_ORDER = 1
    COLLAR = 2


class Plan:
    """What an order would do: `steps` (act, resting order, quantity, price), what is left, and why it ends there."""

    __slots__ = ("end", "left", "price", "steps")

    def __init__(self, left: int) -> None:
        self.left = left
        self.steps: list[tuple[Act, Order, int, int]] = []
        self.end = End.NOTHING_MORE
        self.price = 0
        """The price that the collar stopped"""

    def trades(self) -> bool:
        """Tell whether anything would trade."""
        return any(step[0] is Act.FILL for step in self.steps)

    def fills_whole(self) -> bool:
        """Tell whether all would trade."""
        return not self.left and all(step[0] is not Act.DECREMENT for step in self.steps)


def plan(state: BookState, order: Order) -> Plan:
    """Work out what an order that comes would do; `order.price` is its limit, None for a market order."""
    made = Plan(order.left)
    opposite = state.sides[not order.side]
    low, high = state.limits
    buys = order.side is Side.BUY
    limit = order.price if order.price is not None else high if buys else low
    at = state.settlement if state.phase is Phase.POST_CLOSE else None
    if opposite.market:
        price = at or market_price(state, opposite, order)
        if price is not None:
            _walk(state, order, opposite.market, price, made)
    passed = []
    while made.left and made.end is End.NOTHING_MORE:
        best = opposite.best()
        if best is None or (best > limit if buys else best < limit):
            break
        _walk(state, order, opposite.levels[best], at or best, made)
        if made.left:
            passed.append(heappop(opposite.heap))
    for key in passed:
        heappush(opposite.heap, key)
    return made


def market_price(state: BookState, side: BookSide, order: Order) -> int | None:
    """Give the price at which orders without one on `side` meet an order that comes, or None.

    For resting buys the highest of the last trade (none: the reference), the best bid and the limit of the sell
    that comes; for resting sells the lowest, mirrored. The daily limits hold.
    """
    last = state.last if state.last is not None else state.reference
    known = [price for price in (last, side.best(), order.price) if price is not None]
    if not known:
        return None
    low, high = state.limits
    return min(max(known), high) if side.sign < 0 else max(min(known), low)


def _walk(state: BookState, order: Order, queue: Queue, price: int, made: Plan) -> None:
    """Meet the orders of one queue from its front; what an iceberg shows anew stands at its back."""
    low, high = band(*state.dyn)
    outside = not low <= price <= high and state.phase is not Phase.POST_CLOSE
    mode = state.instrument.stp if order.stp is None else order.stp
    owner = order.owner if mode is not SelfTrade.NONE else 0
    left, steps = made.left, made.steps
    resting, again = iter(queue.values()), deque[tuple[Order, int]]()
    while left:
        maker = next(resting, None)
        if maker is not None:
            shown, hidden = maker.shown, maker.hidden
        elif again:
            maker, hidden = again.popleft()
            shown = min(maker.peak, hidden)
            hidden -= shown
        else:
            break
        if maker.aon and shown > left:
            continue
        act = Act.FILL
        if owner and maker.owner == owner:
            if mode is SelfTrade.CANCEL_MAKER or mode is SelfTrade.CANCEL_BOTH:
                steps.append((Act.CANCEL, maker, 0, price))
            if mode is SelfTrade.CANCEL_MAKER:
                continue
            if mode is not SelfTrade.DECREMENT:
                made.end = End.OWN_ORDER
                break
            act = Act.DECREMENT
        elif outside:
            made.end, made.price = End.COLLAR, price
            break
        quantity = min(left, shown)
        steps.append((act, maker, quantity, price))
        left -= quantity
        if quantity == shown and hidden:
            again.append((maker, hidden))
    made.left = left


def enter(state: BookState, order: Order, out: list[Raw]) -> None:
    """Let an order that is in no queue act, and rest or end what is left of it."""
    rules = RULES[state.phase]
    if not rules.match:
        _wait_for_call(state, order, out)
        return
    if order.type is Type.MTL and order.price is None:
        order.price = best_level(state, order)
        if order.price is None:
            state.drop(order, Why.REST, out)
            return
    whole = order.aon or order.tif is Tif.FOK
    if not whole and _meets_nobody(state, order):
        rest_or_drop(state, order, Why.REST, out)
        return
    made = plan(state, order)
    if whole and not made.fills_whole():
        if order.tif is Tif.FOK:
            state.drop(order, Why.NOT_WHOLE, out)
        else:
            rest_or_drop(state, order, Why.NOT_WHOLE, out)
        return
    while (failed := carry_out(state, order, made, out)) is not None:
        if failed is order.side:
            state.drop(order, Why.BUNDLE, out)
            return
        made = plan(state, order)
    if not order.shown:
        state.finish(order, Status.FILLED, 0)
    elif made.end is End.OWN_ORDER:
        state.drop(order, Why.SELF_TRADE, out)
    elif made.end is End.COLLAR:
        out.append((VOLATILITY_CALL, made.price))
        state.set_phase(Phase.VOLATILITY_CALL, Why.COLLAR, out)
        _wait_for_call(state, order, out)
    else:
        rest_or_drop(state, order, Why.REST, out)


def _meets_nobody(state: BookState, order: Order) -> bool:
    """Tell whether nothing rests within an order's limit: then there is nothing to plan."""
    opposite = state.sides[not order.side]
    if opposite.market or order.price is None:
        return False
    best = opposite.best()
    return best is None or (best > order.price if order.side is Side.BUY else best < order.price)


def best_level(state: BookState, order: Order) -> int | None:
    """Give the price of the best level that a market-to-limit order meets, or None."""
    opposite = state.sides[not order.side]
    price = market_price(state, opposite, order) if opposite.market else None
    return opposite.best() if price is None else price


def rest_or_drop(state: BookState, order: Order, why: Why, out: list[Raw]) -> None:
    """Let what is left of an order rest, if it may."""
    priceless = order.price is None and not (state.instrument.rest_market and order.type is Type.MARKET)
    if order.tif in (Tif.IOC, Tif.FOK) or priceless:
        state.drop(order, why, out)
    else:
        state.rest(order)


def _wait_for_call(state: BookState, order: Order, out: list[Raw]) -> None:
    """Let an order rest where nothing is matched; market orders do so too."""
    if order.tif in (Tif.IOC, Tif.FOK):
        state.drop(order, Why.REST, out)
    else:
        state.rest(order)


def carry_out(state: BookState, order: Order, made: Plan, out: list[Raw]) -> Side | None:
    """Do what was planned, up to the first trade whose bundle is refused: gives the side that failed.

    A resting order that failed has left the book then, and what is left of the other may be planned anew.
    """
    moves = state.phase is not Phase.POST_CLOSE
    queues = state.sides[not order.side]
    for act, maker, quantity, price in made.steps:
        if act is Act.CANCEL:
            state.cancel(maker, Why.SELF_TRADE, out)
            continue
        if act is Act.FILL and state.settles is not None:
            pair = (order, maker) if order.side is Side.BUY else (maker, order)
            failed = state.settles(*pair, quantity, price)
            if failed is not None:
                if failed is not order.side:
                    state.cancel(maker, Why.BUNDLE, out)
                return failed
        order.shown -= quantity
        if act is Act.FILL:
            trade(state, order, maker, quantity, price, out)
            if moves:
                state.traded(price)
        else:
            out.append((DECREMENTED, order.order_id, maker.order_id, quantity))
        maker.shown -= quantity
        if maker.shown:
            continue
        if maker.hidden:
            maker.cut(maker.hidden)
            queues.queue(maker).move_to_end(maker.order_id)
        else:
            state.take_out(maker)
            state.finish(maker, Status.FILLED if act is Act.FILL else Status.CANCELLED, 0)
    return None


def trade(state: BookState, order: Order, maker: Order, quantity: int, price: int, out: list[Raw]) -> None:
    """Tell a fill."""
    buys = order.side is Side.BUY
    buy, sell = (order, maker) if buys else (maker, order)
    own = order.owner != 0 and order.owner == maker.owner
    out.append((TRADE, buy.order_id, sell.order_id, quantity, price, order.side, own))


def release(state: BookState, out: list[Raw]) -> None:
    """Let released stop orders enter in the order of their times, and those that these release, until none is left.

    Where a stop order may not enter, it goes on waiting; `BookState.set_phase` looks again.
    """
    while state.released:
        if not state.takes_stops():
            for order in state.released:
                state.stops.add(order)
            state.released = []
            return
        batch, state.released = sorted(state.released, key=attrgetter("seq")), []
        for order in batch:
            order.seq = state.next_seq()
            out.append((RELEASED, order.order_id))
            enter(state, order, out)
