"""Liquidity: how long the algorithms take on the standard day, and how much of it they settle.

The day: 100,000 payments of 200 banks, all in one unit of account, seed 1; each bank holds a quarter of its lower
bound, rounded up. Payments come shuffled, so that sorting is paid for.
"""

import random
import statistics
import time
from collections.abc import Callable, Iterator

from bench.figures import Figure, main
from steelyard.liquidity.algorithms.bounds import Sent, liquidity_bounds
from steelyard.liquidity.algorithms.greedy import greedy_set
from steelyard.liquidity.algorithms.multilateral import largest_ordered_set
from steelyard.liquidity.queue import Queued
from steelyard.liquidity.selection import Selection
from steelyard.sim.synthetic import standard_day

PAYMENTS = 100_000
SHARE = 4
"""Each bank holds its lower bound divided by this."""
ROUNDS = 5


def day(payments: int, *, seed: int = 1, share: int = SHARE) -> tuple[dict[str, int], list[Queued]]:
    """Give balances and payments, these shuffled."""
    queue = standard_day(seed, payments).queued()
    sent = (Sent(one.id, one.payer, one.payee, "", one.amount_minor, one.seq) for one in queue)
    lower = liquidity_bounds(sent).lower
    random.Random(seed).shuffle(queue)
    return {account: -(-amount // share) for (account, _), amount in lower.items()}, queue


def seconds(work: Callable[[], object], *, rounds: int = ROUNDS) -> float:
    """Give the median time of a run."""
    taken = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def whole_sets() -> Iterator[Figure]:
    """Choose whole payments without a solver: in order (A3) and greedily (A6)."""
    balances, queue = day(PAYMENTS)
    gross = sum(one.amount_minor for one in queue)
    chosen: tuple[tuple[str, Callable[[], Selection], float], ...] = (
        ("A3, 100,000 payments, 200 banks", lambda: largest_ordered_set(balances, queue), 0.3),
        ("A6, 100,000 payments, 200 banks", lambda: greedy_set(balances, queue), 1.0),
    )
    for lane, work, most in chosen:
        found = work()
        note = f"{len(found.settled):,} settle, {found.value_minor / gross:.1%} of gross value"
        yield Figure(lane, seconds(work), "s", most, at_most=True, note=note)


def rows() -> Iterator[Figure]:
    """Give every figure."""
    yield from whole_sets()


if __name__ == "__main__":
    main(rows)
