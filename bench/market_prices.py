"""Published prices: a benchmark of a day with very many kinds of trades, and the least a fixing stops a node for."""

from collections.abc import Iterator
from fractions import Fraction
from random import Random
from time import perf_counter

from bench.figures import Figure, main
from steelyard.market.assessment import Day, Method, Rung, Trade, assess

KINDS = (200, 20_000)
HOUSES = 200
TIMES = 3


def rows() -> Iterator[Figure]:
    """Give the figures."""
    for kinds in KINDS:
        day = _day(kinds)
        yield Figure(f"market benchmark of {kinds:,} kinds of trades between {HOUSES} houses", _ms(day), "ms")


def _day(kinds: int) -> Day:
    """Give trades between houses at prices that a currency has made fractions of."""
    random = Random(1)
    return Day(
        tuple(
            Trade(
                f"WHT/{place}",
                str(Fraction(26_000 + random.randrange(1_000), 7)),
                random.randint(1, 500) * 1_000,
                f"B{random.randrange(HOUSES // 2)}",
                f"S{random.randrange(HOUSES // 2)}",
            )
            for place in range(kinds)
        )
    )


def _ms(day: Day) -> float:
    best = 1e9
    for _ in range(TIMES):
        start = perf_counter()
        found = assess(day, Method())
        best = min(best, perf_counter() - start)
        assert found.rung is Rung.TRADES
    return best * 1_000


if __name__ == "__main__":
    main(rows)
