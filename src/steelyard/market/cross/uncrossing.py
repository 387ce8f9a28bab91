"""How a call ends in a book of many currencies: everybody trades at one price at the rates that were frozen for it.

Pairs are those of the allocation, from the front. Where nobody stands between the currencies of a pair, it does not
trade; what its two sides were allotted is paired once more, each within its own currency.
"""

from collections.abc import Iterator
from fractions import Fraction

from steelyard.market.auctions.call import CallTrade
from steelyard.market.bands import collar, twice
from steelyard.market.cross.call import Rates, call_price, gather, indicative_price, money
from steelyard.market.cross.facts import Booking, CrossAuction, CrossFact, CrossTrade, Failed
from steelyard.market.cross.state import CrossState
from steelyard.market.cross.unit import Worth
from steelyard.market.orders import CallExtended, Side, Tif, Type, Why
from steelyard.market.phases import Phase
from steelyard.market.resting import Order
from steelyard.values.instants import Instant
from steelyard.values.rate import Rounding, rounded


def rates_of(state: CrossState, at: Instant) -> dict[str, Fraction]:
    """Freeze the rates of a moment: basket minor units for one minor unit of each currency that has orders."""
    found: dict[str, Fraction] = {}
    for currency in sorted(
        {currency for _, currency in (*state.subs.orders.values(), *state.waiting.values())}
    ):
        worth = state.unit.worth(currency, at)
        if worth is not None:
            found[currency] = Fraction(worth.den, worth.num)
    return found


def indicative(state: CrossState, at: Instant) -> tuple[Fraction, int, int] | None:
    """Give price, volume and surplus of the call if it ended now, at the rates of now; or None."""
    gathered = gather(
        state.subs.orders.values(), rates_of(state, at), reference=state.reference, limits=state.limits
    )
    return indicative_price(state.instrument, gathered)


def uncross(
    state: CrossState, rates: Rates, at: Instant, book: Booking, facts: list[CrossFact], *, forced: bool
) -> bool:
    """End a call: trade, and cancel or reprice what is left. False: it goes on instead.

    The phase is the caller's to change, and then to let released stop orders enter.
    """
    gathered = gather(state.subs.orders.values(), rates, reference=state.reference, limits=state.limits)
    found = call_price(state.instrument, gathered)
    if found is not None and not forced and _is_too_far(state, found[0], facts):
        return False
    frozen = tuple(sorted(rates.items()))
    if found is None:
        facts.append(CrossAuction(0, 1, rates=frozen))
        _clear(state, None, rates, facts)
        return True
    price, done = found
    if state.instrument.collar_bp is not None:
        state.dyn = collar(price, collar_bp=state.instrument.collar_bp)
    facts.append(CrossAuction(price.numerator, price.denominator, done.volume, done.surplus, frozen))
    _trade(state, done.trades, price, rates, at, book, facts)
    _clear(state, price, rates, facts)
    return True


def _is_too_far(state: CrossState, price: Fraction, facts: list[CrossFact]) -> bool:
    """Extend a volatility call that would end outside twice its collar."""
    low, high = state.dyn
    if state.phase is not Phase.VOLATILITY_CALL or low is None or high is None:
        return False
    low, high = twice(low, high)
    if low <= price <= high:
        return False
    facts.append(
        CallExtended(rounded(price.numerator, price.denominator, Rounding.HALF_EVEN), state.extended)
    )
    state.extended = True
    return True


def _trade(
    state: CrossState,
    pairs: list[CallTrade],
    price: Fraction,
    rates: Rates,
    at: Instant,
    book: Booking,
    facts: list[CrossFact],
) -> None:
    filled: dict[int, int] = {}
    gone: dict[int, None] = {}

    def trade(buy: int, sell: int, quantity: int) -> bool:
        """Trade a pair; False: its allotment is open, if its orders still are."""
        (_, paid), (_, got) = state.subs.orders[buy], state.subs.orders[sell]
        buyer_minor, seller_minor = (money(price, quantity, rates[one]) for one in (paid, got))
        made = CrossTrade(buy, sell, quantity, 0, paid, buyer_minor, got, seller_minor, 0, None, price)
        failed = book(made) if buyer_minor and seller_minor else Failed.QUOTE
        if failed is None:
            facts.append(made)
            for order_id in (buy, sell):
                filled[order_id] = filled.get(order_id, 0) + quantity
        elif failed is not Failed.QUOTE:
            gone[(buy, sell)[failed]] = None
        return failed is None

    left: list[CallTrade] = []
    for one in pairs:
        buy, sell, quantity = int(one[0]), int(one[1]), one[2]
        if buy in gone or sell in gone or not trade(buy, sell, quantity):
            left.append(one)
    for buy, sell, quantity in _within_currencies(state, left, gone):
        trade(buy, sell, quantity)
    happened = bool(filled)
    for order_id in gone:
        order, currency = state.subs.orders[order_id]
        if order_id in filled:
            order.shown, order.hidden = order.left - filled.pop(order_id), 0
        state.subs.remove(order, currency)
        state.drop(order, Why.BUNDLE, facts)
    for order_id, quantity in filled.items():
        _fill(state, *state.subs.orders[order_id], quantity)
    if happened:
        state.traded(price, "", at, rates)


def _within_currencies(
    state: CrossState, left: list[CallTrade], gone: dict[int, None]
) -> Iterator[tuple[int, int, int]]:
    """Pair what was allotted and did not trade once more, front to front within each currency.

    Who fails meanwhile is in `gone` and passed over.
    """
    sides: tuple[dict[str, list[list[int]]], dict[str, list[list[int]]]] = ({}, {})
    for buy, sell, quantity in left:
        for side, order_id in ((sides[0], int(buy)), (sides[1], int(sell))):
            mine = side.setdefault(state.subs.orders[order_id][1], [])
            if mine and mine[-1][0] == order_id:
                mine[-1][1] += quantity
            else:
                mine.append([order_id, quantity])
    for currency in sorted(sides[0]):
        buys, sells = iter(sides[0][currency]), iter(sides[1].get(currency, ()))
        bought, sold = next(buys, None), next(sells, None)
        while bought is not None and sold is not None:
            if bought[0] in gone or not bought[1]:
                bought = next(buys, None)
            elif sold[0] in gone or not sold[1]:
                sold = next(sells, None)
            else:
                quantity = min(bought[1], sold[1])
                yield bought[0], sold[0], quantity
                if bought[0] not in gone and sold[0] not in gone:
                    bought[1] -= quantity
                    sold[1] -= quantity


def _fill(state: CrossState, order: Order, currency: str, quantity: int) -> None:
    """Take what has traded off an order; one that filled beyond its peak shows a new one behind the others."""
    left = order.left - quantity
    if not left:
        state.subs.remove(order, currency)
    elif quantity < order.shown:
        order.shown -= quantity
    else:
        order.cut(left)
        if order.peak:
            order.seq = state.next_seq()
            state.subs.by_currency[currency][order.side].queue(order).move_to_end(order.order_id)


def _clear(state: CrossState, price: Fraction | None, rates: Rates, facts: list[CrossFact]) -> None:
    """Cancel what is left of orders that were for this call; let market-to-limit orders rest at its price.

    In their own currency that is the tick next to it on their side: no purchase rests above it, no sale below.
    """
    tick = state.instrument.tick
    for order, currency in state.in_time():
        if order.order_id in state.waiting or not (order.tif is Tif.GFA or order.price is None):
            continue
        state.subs.remove(order, currency)
        limit = 0
        if order.type is Type.MTL and order.tif is not Tif.GFA and price is not None and currency in rates:
            exact = Worth(rates[currency].denominator, rates[currency].numerator).price(price)
            num, den = exact.numerator, exact.denominator * tick
            limit = (num // den if order.side is Side.BUY else -(-num // den)) * tick
        if not limit:
            state.drop(order, Why.AUCTION, facts)
            continue
        order.price, order.seq = limit, state.next_seq()
        state.rest(order, currency)
