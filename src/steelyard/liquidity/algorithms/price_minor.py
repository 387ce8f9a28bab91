"""What the fills of a price-finding batch book: whole minor units, and what rounding leaves to residual accounts.

Per directed pair what is sold in all is rounded down once; orders filled whole give what they offered, the
others share the rest pro rata to their size. Each credit is rounded down; what is then left of a currency goes
to its buyers pro rata to their credits. What lacks (less than one minor unit per pair that sells it) comes from
the currency's residual account, as a rest that nobody bought goes there. As in A9.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from steelyard.liquidity.algorithms.price_batch import Prices
from steelyard.liquidity.algorithms.reference_batch import Fill
from steelyard.liquidity.orders import Order
from steelyard.liquidity.units import column, deal


@dataclass(frozen=True, slots=True)
class Booking:
    """Per order that gives or gets anything what it books, and per currency what its residual account takes.

    Below 0 the residual account gives. A credit is at most one minor unit below what price and limit make.
    """

    fills: dict[str, Fill]
    residual_minor: dict[str, int]


def in_minor(orders: Sequence[Order], found: Prices) -> Booking:
    """Round the fills of `orders` to whole minor units; the same for any sequence of them.

    >>> from steelyard.liquidity.algorithms.price_batch import find_prices
    >>> book = [Order("a", "A", "B", 100, Fraction(1)), Order("b", "B", "A", 95, Fraction(1))]
    >>> in_minor(book, find_prices(book)).fills["a"]
    Fill(sold_minor=95, bought_minor=95)
    """
    by_pair: dict[tuple[str, str], list[Order]] = {}
    for order in sorted(orders, key=lambda order: (order.seq, order.id)):
        if found.fills[order.id]:
            by_pair.setdefault((order.sell, order.buy), []).append(order)
    booked: dict[str, Fill] = {}
    left: dict[str, int] = {}
    buyers: dict[str, list[Order]] = {}
    for sell, buy in sorted(by_pair):
        pair = by_pair[sell, buy]
        num, den = found.ratio(sell, buy).as_integer_ratio()
        debits = _debits(pair, found)
        for order, debit in zip(pair, debits, strict=True):
            booked[order.id] = Fill(debit, debit * num // den)
            left[buy] = left.get(buy, 0) - booked[order.id].bought_minor
        left[sell] = left.get(sell, 0) + sum(debits)
        buyers.setdefault(buy, []).extend(pair)
    for currency in sorted(buyers):
        buyers[currency].sort(key=lambda order: (order.seq, order.id))
        credits = [booked[order.id].bought_minor for order in buyers[currency]]
        if left[currency] > 0 and any(credits):
            extra = deal(column(credits), left[currency]).tolist()
            for order, more in zip(buyers[currency], extra, strict=True):
                sold, bought = booked[order.id]
                booked[order.id] = Fill(sold, bought + more)
            left[currency] = 0
    kept = {name: fill for name, fill in booked.items() if any(fill)}
    return Booking(kept, {name: minor for name, minor in sorted(left.items()) if minor})


def _debits(pair: Sequence[Order], found: Prices) -> list[int]:
    """Give what each order of a directed pair gives: the sum rounded down once, whole fills as they are."""
    exact = [found.fills[order.id] for order in pair]
    debits = [int(fill) for fill in exact]
    parted = [
        at for at, (order, fill) in enumerate(zip(pair, exact, strict=True)) if fill != order.amount_minor
    ]
    if parted:
        whole = int(sum((Fraction(exact[at]) for at in parted), Fraction(0)))
        shares = deal(column([pair[at].amount_minor for at in parted]), whole)
        for at, share in zip(parted, np.asarray(shares).tolist(), strict=True):
            debits[at] = share
    return debits
