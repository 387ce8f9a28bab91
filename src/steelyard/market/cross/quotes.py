"""Firm quotes of currency against currency, by which orders of one book meet across currencies.

A quote is one way: its provider sells one currency and buys another, `num / den` minor units bought for each minor
unit sold. So every cross trade needs one kind of quote: the provider buys the buyer's currency and sells the
seller's. The best is the one that asks least; of equals the earlier. Values are compared by cross-multiplying,
never divided.

What a quote still has is counted in what it sells and, where its provider bounds that too, in what it buys.

The rate of two currencies at a moment is the median of what stands then: of every provider its best quote of each way.
So who puts many quotes counts no more than who puts one, and one that nobody would take moves the rate by one place.
"""

from fractions import Fraction
from typing import Self

from msgspec import Struct

from steelyard.market.benchmark import firm_median
from steelyard.values.instants import Instant
from steelyard.values.wide import packed, unpacked

UNBOUNDED = -1
FOREVER: Instant = 2**63 - 1

Rated = tuple[Fraction | None, Instant]
"""A rate, and the instant until which it holds where no quote changes"""


class FirmQuote(Struct, array_like=True, gc=False):
    """What one provider stands by until an instant. `sell_left` and `buy_left` are minor units, UNBOUNDED or >= 0.

    Numbers rise in the order in which quotes came.
    """

    quote_no: int
    provider: str
    sell: str
    buy: str
    num: int
    den: int
    sell_left: int
    buy_left: int
    valid_until: Instant
    in_auctions: bool = False
    """It also stands at the frozen rates of auctions, whatever they are"""
    since: Instant = 0
    """Since when it stands"""

    def bought(self, sold_minor: int) -> int:
        """Give what the buyer pays for so much of the seller's currency: rounded once, half to even.

        >>> FirmQuote(1, "P", "RUB", "INR", 107, 100, 10**9, UNBOUNDED, 0).bought(50)
        54
        """
        return half_even(sold_minor * self.num, self.den)

    def sold(self, bought_minor: int) -> int:
        """Give what the seller gets for so much of the buyer's currency: rounded once, half to even."""
        return half_even(bought_minor * self.den, self.num)

    def covers(self, sold_minor: int, bought_minor: int) -> bool:
        """Tell whether a trade of both amounts fits into what is left."""
        return (self.sell_left == UNBOUNDED or sold_minor <= self.sell_left) and (
            self.buy_left == UNBOUNDED or bought_minor <= self.buy_left
        )

    @property
    def is_used_up(self) -> bool:
        """Tell whether nothing is left of it."""
        return not self.sell_left or not self.buy_left


class QuoteBoard:
    """All firm quotes that stand, best first for each pair of currencies.

    `changes` counts what may move a rate. Rates are kept from one change of their pair to the next; they follow from
    the quotes, so they are no part of a snapshot.
    """

    __slots__ = ("_rates", "by_no", "changes", "pairs")

    def __init__(self) -> None:
        self.by_no: dict[int, FirmQuote] = {}
        self.pairs: dict[tuple[str, str], list[FirmQuote]] = {}
        self.changes = 0
        self._rates: dict[tuple[str, str], Rated] = {}

    def put(self, quote: FirmQuote) -> None:
        """Add a quote whose number is new."""
        self._forget(quote)
        self.by_no[quote.quote_no] = quote
        pair = self.pair(quote.buy, quote.sell)
        place = len(pair)
        while place and _before(quote, pair[place - 1]):
            place -= 1
        pair.insert(place, quote)

    def drop(self, quote_no: int) -> FirmQuote | None:
        """Take a quote away and give it, or None where it does not stand."""
        quote = self.by_no.pop(quote_no, None)
        if quote is not None:
            self._forget(quote)
            pair = self.pairs[quote.buy, quote.sell]
            del pair[next(place for place, one in enumerate(pair) if one is quote)]
        return quote

    def use(self, quote: FirmQuote, sold_minor: int, bought_minor: int) -> None:
        """Take a trade's amounts off what is left of a quote; negative amounts give them back."""
        before = quote.is_used_up
        if quote.sell_left != UNBOUNDED:
            quote.sell_left -= sold_minor
        if quote.buy_left != UNBOUNDED:
            quote.buy_left -= bought_minor
        if quote.is_used_up != before:
            self._forget(quote)

    def rate(self, one: str, other: str, at: Instant) -> Rated:
        """Give the median firm rate of a moment: minor units of the other currency for one of the first.

        None where no quote stands between them that has something left. It holds until the instant given, or the
        next change of a quote.
        """
        if one == other:
            return Fraction(1), FOREVER
        kept = self._rates.get((one, other))
        if kept is None or at >= kept[1]:
            kept = self._rates[one, other] = self._rate(one, other, at)
        return kept

    def _rate(self, one: str, other: str, at: Instant) -> Rated:
        found: list[Fraction] = []
        until = FOREVER
        for pair, turned in (((other, one), False), ((one, other), True)):
            counted: dict[str, None] = {}
            for quote in self.pairs.get(pair, ()):
                if at >= quote.valid_until or quote.is_used_up:
                    continue
                until = min(until, quote.valid_until)
                if quote.provider not in counted:
                    counted[quote.provider] = None
                    found.append(Fraction(quote.den, quote.num) if turned else Fraction(quote.num, quote.den))
        return firm_median(found), until

    def _forget(self, quote: FirmQuote) -> None:
        """Forget the rates of a pair of which a quote changes."""
        self.changes += 1
        self._rates.pop((quote.sell, quote.buy), None)
        self._rates.pop((quote.buy, quote.sell), None)

    def pair(self, buy: str, sell: str) -> list[FirmQuote]:
        """Give the list of the quotes whose provider buys one and sells the other currency, best first.

        It is the one that the board keeps: it stays up to date, and nobody else changes it.
        """
        return self.pairs.setdefault((buy, sell), [])

    def encode(self) -> bytes:
        """Give the canonical bytes."""
        return packed(sorted(self.by_no.values(), key=lambda quote: quote.quote_no))

    @classmethod
    def decode(cls, content: bytes) -> Self:
        """Build the board that `content` describes: the inverse of encode."""
        board = cls()
        for quote in unpacked(content, list[FirmQuote]):
            board.put(quote)
        return board


def half_even(num: int, den: int) -> int:
    """Round `num / den`, both > 0 or num 0, to a whole number, half to even.

    >>> half_even(5, 2), half_even(7, 2), half_even(8, 3)
    (2, 4, 3)
    """
    whole, rest = divmod(num, den)
    double = 2 * rest
    return whole + (double > den or (double == den and whole & 1))


def _before(one: FirmQuote, other: FirmQuote) -> bool:
    mine, others = one.num * other.den, other.num * one.den
    return mine < others or (mine == others and one.quote_no < other.quote_no)
