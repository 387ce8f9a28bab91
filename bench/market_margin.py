"""Margins of a whole clearing house: 500 members in 20 contracts over 1,000 scenarios, and its other sums."""

from collections.abc import Callable, Iterator
from time import perf_counter

import numpy as np

from bench.figures import Figure, main
from steelyard.market.clearing.fhs import History, fhs_risk
from steelyard.market.clearing.margin import Held, scan_margin, variation_margin
from steelyard.market.clearing.waterfall import waterfall

MEMBERS, CONTRACTS, SCENARIOS = 500, 20, 1_000
TIMES = 5


def rows() -> Iterator[Figure]:
    """Give the figures."""
    random = np.random.default_rng(11)
    history = History(
        random.normal(0, 0.012, (SCENARIOS, CONTRACTS)),  # type: ignore[arg-type]
        [0.00015] * CONTRACTS,
        random.normal(0, 0.03, (250, CONTRACTS)),  # type: ignore[arg-type]
    )
    values = random.integers(-(10**10), 10**10, (MEMBERS, CONTRACTS))
    yield Figure(
        "market FHS 500 members x 20 contracts x 1,000 scenarios",
        _ms(lambda: fhs_risk(values, history)),  # type: ignore[arg-type]
        "ms",
        floor=100,
        at_most=True,
    )
    lots = random.integers(-40, 40, (MEMBERS, CONTRACTS)).tolist()
    names = [f"M{place:02}" for place in range(CONTRACTS)]
    books = [dict(zip(names, row, strict=True)) for row in lots]
    yield Figure(
        "market scan margins of 500 members",
        _ms(lambda: [scan_margin(book, unit=50, scan_range=1_100, spread_charge=250) for book in books]),
        "ms",
    )
    held = [
        Held(f"m{place % MEMBERS:03}", sign, 21_000 + place % 7, 50)
        for place in range(10_000)
        for sign in (1, -1)
    ]
    yield Figure(
        "market variation margin of 10,000 trades", _ms(lambda: variation_margin(held, 21_100)), "ms"
    )
    shares = {f"m{place:03}": 10**8 + place for place in range(MEMBERS)}
    yield Figure(
        "market waterfall over 500 survivors",
        _ms(lambda: waterfall(10**10 + 7, margin=1, own_fund=1, capital=1, survivors=shares, gains=shares)),
        "ms",
    )


def _ms(call: Callable[[], object]) -> float:
    call()
    best = 1e9
    for _ in range(TIMES):
        started = perf_counter()
        call()
        best = min(best, perf_counter() - started)
    return best * 1e3


if __name__ == "__main__":
    main(rows)
