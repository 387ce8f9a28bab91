"""Rate limits: token buckets per participant, key and address, one set in each gateway process.

The network's figures are shared out among the gateways by the caller, who passes its share.
"""

from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple

from steelyard.api.problems import ProblemError

BUCKETS_MAX = 20_000


class Rate(NamedTuple):
    """So many a second, and so many at once."""

    per_second: float
    burst: float


PAYMENTS = Rate(500, 2_000)
READS = Rate(100, 400)
LOG_INS = Rate(5 / 60, 5)
UNKNOWN = Rate(1, 60)
"""Attempts without a right key, by address"""
STREAMS_PER_PERSON, STREAMS_PER_PROCESS = 10, 500
BULK_IN_FLIGHT = 2


class Limits:
    """The buckets of one gateway. `share` is its part of each figure; 0 takes all limits away (benchmarks)."""

    def __init__(self, monotonic: Callable[[], float], *, share: float = 1.0) -> None:
        self._monotonic = monotonic
        self._share = share
        self._buckets: OrderedDict[tuple[str, str], tuple[float, float]] = OrderedDict()

    def take(self, rate: Rate, what: str, who: str, *, count: int = 1) -> None:
        """Take tokens for `count` things, or raise too-many-requests with the time to wait."""
        if not self._share:
            return
        speed, burst = rate.per_second * self._share, max(rate.burst * self._share, 1.0)
        now = self._monotonic()
        level, seen = self._buckets.pop((what, who), (burst, now))
        level = min(burst, level + (now - seen) * speed)
        if level < min(count, burst):
            self._buckets[(what, who)] = (level, now)
            wait = max(1, round((min(count, burst) - level) / speed + 0.5))
            raise ProblemError("too-many-requests", headers={"Retry-After": str(wait)})
        self._buckets[(what, who)] = (level - count, now)
        if len(self._buckets) > BUCKETS_MAX:
            self._buckets.popitem(last=False)
