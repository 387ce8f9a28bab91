"""What a day's prices are made from, as each book itself has it: nobody hands it in.

Of every book and day: what was traded between whom at which price, for the benchmark, whose day ends with its fixing;
the trades of the window before the close, the last trade, the best bid and ask at the close, for the settlement price.
Trades at the settlement price after the close are no part of that. The last `DAYS_KEPT` days are kept.
"""

from fractions import Fraction
from hashlib import sha256
from typing import Self

from msgspec import Struct

from steelyard.values.instants import DAY, MINUTE, Day, Instant
from steelyard.values.rate import Rounding, rounded
from steelyard.values.wide import packed, unpacked

WINDOW = 2 * MINUTE
"""How long the window is where nobody says otherwise"""
DAYS_KEPT = 3
TRADES_MAX = 10_000
"""Of one window; beyond it the oldest are forgotten."""
MADE_MAX = 20_000
"""Kinds of trades of one day; a trade that is of a further one is no part of a benchmark."""


Mark = int | str
"""A price: minor units, in a book of many currencies "p/q" text in the unit of its basket"""
PARTS = 10**9
"""To which part of a minor unit a mark is kept: sums of many then stay short"""


def mark(price: Fraction) -> Mark:
    """Give a price as it is kept: a number where it is whole, else "p/q" text, half to even where it is too fine.

    >>> mark(Fraction(8, 2)), mark(Fraction(1, 4)), mark(Fraction(2, 3))
    (4, '1/4', '666666667/1000000000')
    """
    kept = Fraction(rounded(price.numerator * PARTS, price.denominator, Rounding.HALF_EVEN), PARTS)
    return kept.numerator if kept.denominator == 1 else str(kept)


class BookDay(Struct, array_like=True, gc=False):
    """One day of a book. `closed_at` is 0 while it is open; `trades` are (instant, price, quantity)."""

    on: Day
    trades: list[tuple[Instant, Mark, int]] = []
    last: Mark | None = None
    closed_at: Instant = 0
    bid: Mark | None = None
    ask: Mark | None = None
    length: Instant = WINDOW
    """How long its window is, by the rules of its last trade"""

    def window(self) -> list[tuple[Mark, int]]:
        """Give (price, quantity) of the trades in the window before the close."""
        return [
            (price, quantity) for at, price, quantity in self.trades if at >= self.closed_at - self.length
        ]


class Prints:
    """The days of every book, by instrument, oldest first; what was traded, by the day of the fixing it is for."""

    __slots__ = ("_made", "days", "salt")

    def __init__(self) -> None:
        self.days: dict[str, list[BookDay]] = {}
        self._made: dict[str, dict[Day, dict[str, int]]] = {}
        self.salt = b""
        """Follows from the ids of orders and registrations, which nobody knows of others"""

    def day(self, code: str, on: Day) -> BookDay | None:
        """Give a day of a book, or None where nothing is kept of it."""
        return next((one for one in self.days.get(code, ()) if one.on == on), None)

    def trade(self, code: str, price: Mark, quantity: int, *, at: Instant, window: Instant = WINDOW) -> None:
        """Note a trade."""
        day = self._day(code, at)
        day.length = window
        trades, begin = day.trades, at - window
        trades.append((at, price, quantity))
        past = max(0, len(trades) - TRADES_MAX)
        while trades[past][0] < begin:
            past += 1
        if past:
            del trades[:past]
        day.last = price

    def take_back(self, code: str, price: Mark, quantity: int, *, at: Instant) -> None:
        """Forget a trade that was taken back; the last one is then the one before it in the window."""
        day = self.day(code, at // DAY)
        if day is None or (at, price, quantity) not in day.trades:
            return
        was_last = day.trades[-1] == (at, price, quantity)
        day.trades.remove((at, price, quantity))
        if was_last:
            day.last = day.trades[-1][1] if day.trades else None

    def made(
        self, code: str, currency: str, minor: int, units: int, *, sides: tuple[str, str], on: Day
    ) -> None:
        """Count what a trade moved towards the benchmark of a day; a negative number of units takes it back."""
        days = self._made.setdefault(code, {})
        day = days.setdefault(on, {})
        if len(days) > DAYS_KEPT:
            del days[min(days)]
        whole, rest = divmod(minor, abs(units))
        price = str(Fraction(minor, abs(units))) if rest else str(whole)
        key = " ".join((currency, price, *sides))
        total = day.get(key, 0) + units
        if total <= 0:
            day.pop(key, None)
        elif key in day or len(day) < MADE_MAX:
            day[key] = total

    def made_on(self, code: str, on: Day) -> list[tuple[str, int]]:
        """Give what was traded towards a day, sorted.

        Units by "currency price buyer seller", the price p/q minor units of the seller's currency.
        """
        return sorted(self._made.get(code, {}).get(on, {}).items())

    def stir(self, *ids: bytes) -> None:
        """Let ids of one's own into the salt: what is hashed with it nobody finds by trying who traded with whom."""
        self.salt = sha256(b"".join((self.salt, *ids))).digest()

    def kinds_on(self, code: str, on: Day) -> int:
        """Count the kinds of trades of a day."""
        return len(self._made.get(code, {}).get(on, ()))

    def close(self, code: str, bid: Mark | None, ask: Mark | None, *, at: Instant) -> None:
        """Note that a book has closed, and its best prices; the second close of a day changes nothing."""
        day = self._day(code, at)
        if not day.closed_at:
            day.closed_at, day.bid, day.ask = at, bid, ask

    def reopen(self, code: str, *, at: Instant) -> None:
        """Note that a book trades again on the day that it closed."""
        day = self.day(code, at // DAY)
        if day is not None:
            day.closed_at, day.bid, day.ask = 0, None, None

    def _day(self, code: str, at: Instant) -> BookDay:
        days, on = self.days.setdefault(code, []), at // DAY
        if not days or days[-1].on != on:
            days.append(BookDay(on))
            del days[:-DAYS_KEPT]
        return days[-1]

    def encode(self) -> bytes:
        """Give the canonical bytes."""
        made = [
            (code, sorted((on, sorted(day.items())) for on, day in days.items()))
            for code, days in sorted(self._made.items())
        ]
        return packed((sorted(self.days.items()), made, self.salt))

    @classmethod
    def decode(cls, content: bytes) -> Self:
        """Build the state that `content` describes: the inverse of encode."""
        days, traded, salt = unpacked(content, tuple[list[tuple[str, list[BookDay]]], list[_Made], bytes])
        made = cls()
        made.days, made.salt = dict(days), salt
        made._made = {code: {on: dict(day) for on, day in kept} for code, kept in traded}
        return made


_Made = tuple[str, list[tuple[Day, list[tuple[str, int]]]]]
