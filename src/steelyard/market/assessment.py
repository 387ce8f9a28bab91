"""A day's value of a benchmark: what it rests on, by a ladder, and what is published with it.

The first rung that has enough gives the value: `RUNGS` names them. Every piece of data that was used is listed by
its hash, so that who has the data can compute the value again, and nobody can say later that it was other data.

Source: IOSCO, "Principles for Oil Price Reporting Agencies" (2012): hierarchy of data, corrections, complaints.
"""

from collections.abc import Sequence
from enum import IntEnum
from fractions import Fraction
from hashlib import sha256
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from steelyard.market.benchmark import CAP, Print, median, short
from steelyard.values.instants import MINUTE, Instant

Ratio = Annotated[str, Meta(pattern=r"^[0-9]{1,24}(/[1-9][0-9]{0,23})?$(?!\n)")]
"""An exact number of 0 or more, as "p" or "p/q"; the same as `value` and `price` here and in `prices.py`."""
Move = Annotated[str, Meta(pattern=r"^(-?[0-9]{1,24}(/[1-9][0-9]{0,23})?)?$(?!\n)")]
"""An exact number of either sign, or nothing."""
Share = Annotated[str, Meta(pattern=r"^[0-9]{1,9}(\.[0-9]{1,9}|/[1-9][0-9]{0,8})?$(?!\n)")]
Text = Annotated[str, Meta(max_length=64)]
Volume = Annotated[int, Meta(ge=0, lt=10**18)]

WHOLE_BP, MONTH_DAYS = 10_000, 31
HELD_MIN = 5 * MINUTE
"""How long a firm quote must have stood."""


class Rung(IntEnum):
    """What a value of the benchmark rests on: the first of these that is enough."""

    TRADES = 1
    OTC = 2
    QUOTES = 3
    RELATED = 4
    NONE = 5


RUNGS: dict[Rung, str] = {
    Rung.TRADES: "trades of auctions and the book",
    Rung.OTC: "these, and registered trades outside it that have proof of settlement",
    Rung.QUOTES: "these, and firm quotes that stood for five minutes or more, as the method says",
    Rung.RELATED: "the value before, moved as a related contract moved",
    Rung.NONE: "nothing: no value is published",
}


class Trade(Struct, array_like=True, frozen=True, gc=False):
    """A trade of the day, in minor units of the basket as "p/q" text. `proof` is of its settlement, if outside.

    A trade outside the book without proof does not count, nor does one within a group.
    """

    trade_id: Text
    price: Ratio
    volume: Volume
    buyer: Text
    seller: Text
    is_otc: bool = False
    proof: Text = ""
    origin: Text = ""
    grade: Text = ""

    @property
    def counts(self) -> bool:
        """Tell whether it may be used at all."""
        return self.volume > 0 and self.buyer != self.seller and (not self.is_otc or bool(self.proof))


class FirmQuote(Struct, array_like=True, frozen=True, gc=False):
    """A firm quote of one side, and how long it stood."""

    quote_id: Text
    price: Ratio
    volume: Volume
    maker: Text
    stood: Instant
    origin: Text = ""
    grade: Text = ""


class Day(Struct, array_like=True, frozen=True, gc=False):
    """All that a day's value may rest on. `previous` and `related_move` are "p/q" text, empty where unknown."""

    trades: tuple[Trade, ...] = ()
    quotes: tuple[FirmQuote, ...] = ()
    previous: Move = ""
    related_move: Move = ""
    salt: bytes = b""
    """Hashed with each piece of data, so that nobody finds it by trying; empty where the data is handed in"""


class Method(Struct, array_like=True, frozen=True, gc=False):
    """The figures of the method, in force from a version on."""

    version: int = 1
    cap: Share = CAP
    participants_min: int = 4
    """Fewest participants; of a curve, fewest months that have settled"""
    volume_min: int = 0
    """In kg, where the machine has the trades; else as they are handed in"""
    held_min: Instant = HELD_MIN
    within_bp: int = 200
    """How far from the middle of the best bid and ask a standing order may be to count as a quote"""
    days_min: int = 5
    """Days of a month that have a value, for the month to have a mean"""
    takes_outside: bool = True
    """Whether registered trades count whose settlement outside is shown by evidence alone"""

    @property
    def is_sound(self) -> bool:
        """Tell whether it can be worked with: a cap above 0, up to 1, and minimum data that is not negative."""
        least = min(
            self.participants_min - 1, self.volume_min, self.held_min, self.within_bp, self.days_min - 1
        )
        sizes = max(self.within_bp - WHOLE_BP, self.days_min - MONTH_DAYS)
        return self.version >= 1 and 0 < Fraction(self.cap) <= 1 and least >= 0 and sizes <= 0


class Assessed(Struct, array_like=True, frozen=True, gc=False):
    """What a day came to: the exact value as "p/q" text (empty: none), what it rests on, and its inputs by hash."""

    value: str
    rung: Rung
    participants: int
    volume: int
    method: int
    inputs: tuple[bytes, ...]
    """SHA-256 of salt and piece of data, of each that was used, in the order of the day"""
    digest: bytes
    """SHA-256 over method, previous value, move and these"""
    reason: str = ""
    """Why there is no value"""


def assess(day: Day, method: Method) -> Assessed:
    """Give a day's value by the first rung that has enough.

    Firm quotes join the median with their maker as the only participant, bids below and asks above.

    >>> quiet = assess(Day(previous="26160", related_move="-15"), Method())
    >>> quiet.value, quiet.rung.name
    ('26145', 'RELATED')
    """
    book = [one for one in day.trades if one.counts and not one.is_otc]
    otc = one_way([one for one in day.trades if one.counts and one.is_otc])
    quotes = [one for one in day.quotes if one.volume > 0 and one.stood >= method.held_min]
    used: list[Trade | FirmQuote] = []
    for rung, more in ((Rung.TRADES, book), (Rung.OTC, otc), (Rung.QUOTES, quotes)):
        used += more
        prints = [_print(one) for one in used]
        found = median(
            prints,
            cap=Fraction(method.cap),
            participants_min=method.participants_min,
            volume_min=Fraction(method.volume_min),
        )
        if found is not None:
            return _assessed(str(found), rung, used, day, method)
    if day.previous and day.related_move:
        moved = max(short(Fraction(day.previous) + Fraction(day.related_move)), Fraction(0))
        return _assessed(str(moved), Rung.RELATED, [], day, method)
    return _assessed("", Rung.NONE, [], day, method, _why_none(used, day, method))


def one_way(trades: Sequence[Trade]) -> list[Trade]:
    """Give the trades of pairs that traded one way only: who sells to and fro on a day shows no price.

    >>> there, back = Trade("1", "300", 5, "A", "B", True, "p"), Trade("2", "300", 5, "B", "A", True, "q")
    >>> [one.trade_id for one in one_way([there, back, Trade("3", "261", 5, "A", "C", True, "r")])]
    ['3']
    """
    ways = {(one.buyer, one.seller): None for one in trades}
    return [one for one in trades if (one.seller, one.buyer) not in ways]


def _why_none(used: Sequence[Trade | FirmQuote], day: Day, method: Method) -> str:
    """Say what was missing, rung by rung."""
    parties = {party: None for one in used for party in _parties(one)}
    volume = sum([one.volume for one in used])
    move = "no move of a related contract" if day.previous else "no value before"
    return f"{len(parties)} of {method.participants_min} participants, volume {volume} of {method.volume_min}, {move}"


def _parties(one: Trade | FirmQuote) -> tuple[str, ...]:
    return (one.buyer, one.seller) if isinstance(one, Trade) else (one.maker,)


def _print(one: Trade | FirmQuote) -> Print:
    return Fraction(one.price), one.volume, _parties(one)


def _assessed(
    value: str, rung: Rung, used: Sequence[Trade | FirmQuote], day: Day, method: Method, reason: str = ""
) -> Assessed:
    inputs = tuple(sha256(day.salt + msgspec.msgpack.encode(one)).digest() for one in used)
    moved = [day.previous, day.related_move] if rung is Rung.RELATED else []
    body = msgspec.msgpack.encode([method, value, int(rung), moved, list(inputs)])
    parties = {party: None for one in used for party in _parties(one)}
    volume = sum([one.volume for one in used])
    digest = sha256(body).digest()
    return Assessed(value, rung, len(parties), volume, method.version, inputs, digest, reason)
