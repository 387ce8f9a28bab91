"""The daily settlement price of a contract month: four tiers, the first that has what it needs.

1 vwap       volume-weighted mean of the outright trades of the window, rounded to the tick; exactly between two
             ticks to the one nearer the previous settlement
2 last       the last trade of the day, clamped between the final bid and ask
3 prior      the previous settlement, clamped between the final bid and ask
4 neighbour  without a pair of quotes: the previous settlement and the change of the neighbour month

Without a neighbour's change the previous settlement stands, as tier 3. One side alone is no pair and clamps
nothing, nor does a bid above the ask (an all-or-none order can leave one). Prices may be fractions of a unit;
nothing here is rounded but tier 1.
"""

from collections.abc import Iterable, Sequence
from enum import IntEnum
from fractions import Fraction

Exact = int | str | Fraction
"""A number as it is, or as decimal or "p/q" text."""


class Tier(IntEnum):
    """Where a settlement price comes from."""

    VWAP = 1
    LAST = 2
    PRIOR = 3
    NEIGHBOUR = 4


def settlement_price(
    trades: Iterable[Sequence[Exact]],
    *,
    tick: Exact,
    previous: Exact | None,
    window: tuple[int, int] | None = None,
    last: Exact | None = None,
    bid: Exact | None = None,
    ask: Exact | None = None,
    neighbour_change: Exact | None = None,
) -> tuple[Fraction, int]:
    """Find the settlement price of a day and its tier.

    `trades` are (price, lots) of the window. With `window` = (from, to), instants, they are (price, lots, at) of
    the day in the order they were made: those with from <= at < to make the window, and the last one before its
    end is the last of the day unless `last` is given. `previous` may be None for a contract that has none yet: then
    half a tick goes down, and ValueError is raised where only tiers 3 and 4 are left.

    >>> settlement_price([("210.25", 2), ("210.50", 2)], tick="0.25", previous="209.75")
    (Fraction(841, 4), 1)
    >>> settlement_price([("210.25", 2), ("210.50", 2)], tick="0.25", previous="212.00")
    (Fraction(421, 2), 1)
    >>> settlement_price([], tick=1, previous=100, last=104, bid=101, ask=103)
    (Fraction(103, 1), 2)
    """
    inside, last = _window(list(trades), window, last)
    prior = None if previous is None else Fraction(previous)
    lots = sum((Fraction(trade[1]) for trade in inside), Fraction(0))
    if lots:
        worth = sum((Fraction(trade[0]) * Fraction(trade[1]) for trade in inside), Fraction(0))
        return _on_tick(worth * lots**-1, Fraction(tick), prior), int(Tier.VWAP)
    pair = None
    if bid is not None and ask is not None and Fraction(bid) <= Fraction(ask):
        pair = Fraction(bid), Fraction(ask)
    if last is not None:
        return _clamped(Fraction(last), pair), int(Tier.LAST)
    if prior is None:
        raise ValueError("a price without a trade needs the previous settlement")
    if pair is None and neighbour_change is not None:
        return prior + Fraction(neighbour_change), int(Tier.NEIGHBOUR)
    return _clamped(prior, pair), int(Tier.PRIOR)


def _window(
    trades: list[Sequence[Exact]], window: tuple[int, int] | None, last: Exact | None
) -> tuple[list[Sequence[Exact]], Exact | None]:
    """Give the trades of the window, and the last trade's price where it is known."""
    if window is None:
        return trades, last
    start, end = window
    known = [trade for trade in trades if Fraction(trade[2]) < end]
    if last is None and known:
        last = known[-1][0]
    return [trade for trade in known if Fraction(trade[2]) >= start], last


def _clamped(price: Fraction, pair: tuple[Fraction, Fraction] | None) -> Fraction:
    return price if pair is None else min(max(price, pair[0]), pair[1])


def _on_tick(price: Fraction, tick: Fraction, prior: Fraction | None) -> Fraction:
    """Round to the nearest tick; exactly between two, to the one nearer the price before.

    >>> _on_tick(Fraction(5), Fraction(2), Fraction(9)), _on_tick(Fraction(5), Fraction(2), Fraction(1))
    (Fraction(6, 1), Fraction(4, 1))
    """
    low = price // tick * tick
    twice = 2 * (price - low)
    if twice == tick:
        return low + tick if prior is not None and prior > price else low
    return low + tick if twice > tick else low
