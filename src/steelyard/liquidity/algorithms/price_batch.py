"""A10, the FX batch that finds its prices: one price per currency, out of nothing but limit orders.

A *search* in floating point (`price_search.py`) looks for prices at which each currency is sold for as much as
it is bought. It only steers. What it finds is made exact (`polish.py`): orders filled in part fix ratios of
prices, balances of value fix the rest. If all rules then hold in exact arithmetic these are the prices: orders
strictly in the money fill whole, those out of it not at all, those at it take what is left. Where they do not
hold, prices are frozen to 33 binary digits and orders in the money give up their right to fill, nearest to
their limit first, until the others can. At the prices the largest volume is traded that this allows
(`price_flow.py`). One price per currency: cross rates agree, and money goes round in rings that no pair sees.

Without prices (a thin book, no convergence, prices outside the band) the batch is that of A9 at the reference;
without a reference nothing trades.

Same orders, same prices, in any sequence and on any machine: `price_search.py` says what that takes of floats;
from there on there are only integers, and fractions of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from steelyard.liquidity.algorithms import price_search
from steelyard.liquidity.algorithms.polish import coprime, polish
from steelyard.liquidity.algorithms.price_book import Book, Floats, pack
from steelyard.liquidity.algorithms.price_flow import fills, relax, trade
from steelyard.liquidity.algorithms.price_search import MU, WIDE, Market, freeze, search, sharpen, stand
from steelyard.liquidity.algorithms.reference_batch import match_at_reference
from steelyard.liquidity.algorithms.successive import SuccessivePaths
from steelyard.liquidity.orders import Order, check_orders
from steelyard.liquidity.solver import FlowSolver
from steelyard.liquidity.units import value_units

ORDERS_MIN = 200
"""A currency with fewer orders is thin: its price would be a few members' to make"""
BAND_BP = 200
BP = 10_000

Exact = Fraction | int


@dataclass(frozen=True, slots=True)
class Prices:
    """What the batch found.

    `prices` are worths of a minor unit of each currency, coprime integers; only their ratios mean anything.
    `fills` says what of each order is sold, in minor units, exactly; what it gets is that times the price ratio.
    `sold` sums them by currency. `fallback` is empty, "reference" (A9 at the reference) or "none" (nothing trades),
    and `reason` then "thin", "not converged" or "outside band". `polished` tells prices that obey every rule from
    frozen ones, where `relaxed` levels of orders lost their right to fill. With `pair_only` each pair has its
    own ratio in `pairs`, and `prices` is empty.
    """

    prices: dict[str, Fraction]
    fills: dict[str, Exact]
    sold: dict[str, Fraction]
    polished: bool = False
    relaxed: int = 0
    rounds: int = 0
    fallback: str = ""
    reason: str = ""
    pairs: dict[tuple[str, str], Fraction] = field(default_factory=dict)

    def ratio(self, sell: str, buy: str) -> Fraction:
        """Give the minor units of `buy` that one minor unit of `sell` gets."""
        own = self.pairs.get((sell, buy))
        return Fraction(self.prices[sell], self.prices[buy]) if own is None else own


def find_prices(
    orders: Sequence[Order],
    *,
    reference: Mapping[str, Exact] | None = None,
    band_bp: int | None = None,
    pair_only: bool = False,
    solver: FlowSolver | None = None,
    orders_min: int = ORDERS_MIN,
) -> Prices:
    """Find prices for a book and say what of each order fills at them.

    `reference` are worths of a minor unit, finite decimals, for each currency of the book. With it prices have to
    stay within `band_bp` (200) round it and a book with fewer than `orders_min` orders in some currency is
    handed over to A9, which `solver` serves; an order without limit has the worst rate that the band allows.
    Without it prices start from the orders' own limits, each order has to have one, and any book is tried.
    `pair_only` runs each pair of currencies apart, however thin, for comparison.

    >>> ring = [Order("a", "A", "B", 100, Fraction(98, 100)), Order("b", "B", "C", 100, Fraction(98, 100)),
    ...         Order("c", "C", "A", 100, Fraction(98, 100))]
    >>> found = find_prices(ring)
    >>> found.fills, found.ratio("A", "B")
    ({'a': 100, 'b': 100, 'c': 100}, Fraction(1, 1))
    >>> find_prices(ring, pair_only=True).fills
    {'a': 0, 'b': 0, 'c': 0}
    """
    check_orders(orders)
    if reference is None:
        if any(order.limit is None for order in orders):
            raise ValueError("an order without a limit needs a reference")
        if band_bp is not None:
            raise ValueError("a band needs a reference to lie round")
        values = None
    else:
        values = dict(reference)
        value_units(values)
        if not {*(one.sell for one in orders), *(one.buy for one in orders)} <= values.keys():
            raise ValueError("an order is in a currency that has no reference")
    band = BAND_BP if band_bp is None else band_bp
    if type(band) is not int or not 0 <= band < BP:
        raise ValueError("a band is a whole number of basis points, from 0 to below 10,000")
    if pair_only:
        return _apart(orders, values, band, solver)
    if not orders:
        return Prices({}, {}, {})
    book = pack(orders, _worst(values, band))
    if values is not None and _is_thin(book, orders_min):
        return _hand_over(book, values, solver, "thin", 0)
    return _find(book, values, band, solver)


def _find(book: Book, values: Mapping[str, Exact] | None, band: int, solver: FlowSolver | None) -> Prices:
    market = Market(book)
    if values is None:
        begin = price_search.start(book, market)
    else:
        begin = price_search.near([Fraction(values[name]) for name in book.currencies])
    found = search(market, begin)
    prices, sold, relaxed, polished = None, None, 0, False
    for ready, at, width in ((found.converged, found.prices, MU), (True, begin, WIDE)):
        if ready and sold is None:
            prices, sold = _exactly(book, market, *sharpen(market, at, width))
            polished = sold is not None
    if sold is None and found.converged:
        prices = coprime(freeze(found.prices))
        sold, relaxed = relax(book, prices)
    if prices is None or sold is None:
        return _hand_over(book, values, solver, "not converged", found.rounds)
    if values is not None and not _within(book, prices, values, band):
        return _hand_over(book, values, solver, "outside band", found.rounds)
    return Prices(
        {name: Fraction(price) for name, price in zip(book.currencies, prices, strict=True)},
        fills(book, sold),
        _by_currency(book, sold),
        polished=polished,
        relaxed=relaxed,
        rounds=found.rounds,
    )


def _exactly(
    book: Book, market: Market, near: Floats, mu: float
) -> tuple[list[int] | None, list[Fraction] | None]:
    """Give exact prices near some, and what each pair sells there, if all rules can hold; else None."""
    hint, frozen = stand(market, near, mu), freeze(near)
    for marginal in (hint.marginal, [*hint.marginal, *hint.edge]):
        prices = polish(book, frozen, marginal, hint.heads)
        if prices is not None:
            heads = book.heads(prices)
            sold = trade(book, prices, [within for within, _ in heads], [upto for _, upto in heads])
            if sold is not None:
                return prices, sold
    return None, None


def _is_thin(book: Book, orders_min: int) -> bool:
    """Tell whether some currency has fewer orders than a price needs."""
    counts = [0] * len(book.currencies)
    for pair, (sell, buy) in enumerate(zip(book.sells, book.buys, strict=True)):
        count = book.start[book.first[pair + 1]] - book.start[book.first[pair]]
        counts[sell] += count
        counts[buy] += count
    return min(counts) < orders_min


def _worst(values: Mapping[str, Exact] | None, band: int) -> dict[tuple[str, str], Fraction]:
    """Give the worst ratio of each pair that prices within the band can have."""
    names = sorted(values or ())
    return {
        (sell, buy): Fraction(values[sell] * (BP - band), values[buy] * (BP + band))
        for sell in names
        for buy in names
        if values and sell != buy
    }


def _within(book: Book, prices: Sequence[int], values: Mapping[str, Exact], band: int) -> bool:
    """Tell whether on some common scale every price is within the band round its reference."""
    parts = [Fraction(price, values[name]) for name, price in zip(book.currencies, prices, strict=True)]
    return max(parts) * (BP - band) <= min(parts) * (BP + band)


def _by_currency(book: Book, sold: Sequence[Fraction]) -> dict[str, Fraction]:
    sums = dict.fromkeys(book.currencies, Fraction(0))
    for sell, amount in zip(book.sells, sold, strict=True):
        sums[book.currencies[sell]] += amount
    return sums


def _hand_over(
    book: Book, values: Mapping[str, Exact] | None, solver: FlowSolver | None, reason: str, rounds: int
) -> Prices:
    """Give what A9 matches at the reference, or nothing where there is none."""
    filled: dict[str, Exact] = {order.id: 0 for order in book.orders}
    sold = dict.fromkeys(book.currencies, Fraction(0))
    if values is None:
        return Prices({}, filled, sold, rounds=rounds, fallback="none", reason=reason)
    used = {name: values[name] for name in book.currencies}
    matched = match_at_reference(book.orders, used, solver=solver or SuccessivePaths())
    for order in book.orders:
        fill = matched.fills.get(order.id)
        if fill is not None:
            filled[order.id] = fill.sold_minor
            sold[order.sell] += fill.sold_minor
    prices = coprime([Fraction(value) for value in used.values()])
    named = {name: Fraction(price) for name, price in zip(used, prices, strict=True)}
    return Prices(named, filled, sold, rounds=rounds, fallback="reference", reason=reason)


def _apart(
    orders: Sequence[Order], values: Mapping[str, Exact] | None, band: int, solver: FlowSolver | None
) -> Prices:
    """Run each pair of currencies on its own and put the answers together."""
    by_pair: dict[tuple[str, str], list[Order]] = {}
    for order in orders:
        by_pair.setdefault((min(order.sell, order.buy), max(order.sell, order.buy)), []).append(order)
    filled: dict[str, Exact] = {}
    sold: dict[str, Fraction] = {}
    pairs: dict[tuple[str, str], Fraction] = {}
    rounds, worst = 0, _worst(values, band)
    for one, two in sorted(by_pair):
        found = _find(pack(by_pair[one, two], worst), values, band, solver)
        filled |= found.fills
        rounds = max(rounds, found.rounds)
        for name, amount in found.sold.items():
            sold[name] = sold.get(name, Fraction(0)) + amount
        if found.prices:
            pairs[one, two], pairs[two, one] = found.ratio(one, two), found.ratio(two, one)
    ids = [order.id for order in sorted(orders, key=lambda order: (order.seq, order.id))]
    return Prices({}, {id: filled[id] for id in ids}, dict(sorted(sold.items())), rounds=rounds, pairs=pairs)
