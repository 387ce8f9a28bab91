"""One trade, two currencies: what the buyer pays and what the seller gets, by one firm quote.

The resting order's amount is exact: its own price times the quantity. The other amount is converted and rounded
once, half to even; what rounding leaves is the provider's. Limit times quantity is whole, so rounding cannot carry
anybody past his own limit.
"""

from typing import NamedTuple

from steelyard.market.cross.quotes import FirmQuote
from steelyard.market.orders import Side


class TradeLegs(NamedTuple):
    """The money of one trade, minor units. Without a quote both are one amount of one currency."""

    quantity: int
    buyer_minor: int
    seller_minor: int
    quote: FirmQuote | None = None


def convert_trade(
    maker: Side, price: int, quantity: int, *, quote: FirmQuote | None = None, lot: int = 1
) -> TradeLegs | None:
    """Work out the money of a trade of at most `quantity` at the resting order's price in its own currency.

    `quote` buys the buyer's currency and sells the seller's; without one both sides use the same. A quote that is
    too small carries what fits into it in whole lots. None: not one lot, or an amount that rounds to nothing.

    >>> rub = FirmQuote(1, "P", "RUB", "INR", 107, 100, 10**9, UNBOUNDED, 0)
    >>> convert_trade(Side.SELL, 2_000_000, 20, quote=rub)[:3]
    (20, 42800000, 40000000)
    """
    if quote is None:
        return TradeLegs(quantity, price * quantity, price * quantity)
    exact = price * quantity
    legs = _legs(maker, exact, quantity, quote)
    if not quote.covers(legs.seller_minor, legs.buyer_minor):
        quantity = _fits(maker, price, quote, lot, quantity)
        if not quantity:
            return None
        legs = _legs(maker, price * quantity, quantity, quote)
    return legs if legs.buyer_minor and legs.seller_minor else None


def _legs(maker: Side, exact: int, quantity: int, quote: FirmQuote) -> TradeLegs:
    if maker is Side.SELL:
        return TradeLegs(quantity, quote.bought(exact), exact, quote)
    return TradeLegs(quantity, exact, quote.sold(exact), quote)


def _fits(maker: Side, price: int, quote: FirmQuote, lot: int, quantity: int) -> int:
    """Give the largest number of whole lots that a quote covers.

    Both amounts rise with the quantity, so it lies where halving finds it.
    """
    low, high = 0, quantity // lot
    while low < high:
        middle = (low + high + 1) // 2
        legs = _legs(maker, price * middle * lot, middle * lot, quote)
        if quote.covers(legs.seller_minor, legs.buyer_minor):
            low = middle
        else:
            high = middle - 1
    return low * lot
