"""How far the projection is behind the journal, and what the sequencer holds back because of it.

Questions are answered from the projection and an id past the window is looked up there, so it may not fall
behind without bound: past the first bound bulk waits, past the second all new payments do, control never.
"""

import time
from collections import deque
from collections.abc import Callable

from steelyard.node.link import Lane

BULK_LEGS_MAX, BULK_SECONDS_MAX = 2_000_000, 60
LEGS_MAX, PAYMENTS_MAX, SECONDS_MAX = 4_000_000, 1_000_000, 120
RETRY_MS_MIN, RETRY_MS_MAX = 50, 5_000


class Pace:
    """Counts what is committed and not yet projected; and how fast commands go, for `retry_after_ms`."""

    def __init__(self, seq: int, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self.applied_seq = seq
        self.legs = 0
        self.payments = 0
        self.commands = 0
        self._rows: deque[tuple[int, int, int, int, float]] = deque()
        self._rate = 1_000.0
        self._rate_at = monotonic()

    def committed(self, seq: int, *, legs: int, payments: int, commands: int) -> None:
        """Count a row that is durable now."""
        now = self._monotonic()
        self._rows.append((seq, legs, payments, commands, now))
        self.legs += legs
        self.payments += payments
        self.commands += commands
        passed = max(now - self._rate_at, 1e-6)
        self._rate_at = now
        weight = min(passed, 1.0)
        self._rate += weight * (commands / passed - self._rate)

    def projected(self, seq: int) -> None:
        """Count off the rows that the projection holds now."""
        rows = self._rows
        while rows and rows[0][0] <= seq:
            _, legs, payments, commands, _ = rows.popleft()
            self.legs -= legs
            self.payments -= payments
            self.commands -= commands
        self.applied_seq = max(self.applied_seq, seq)

    @property
    def seconds(self) -> float:
        """Give for how long the oldest row has waited for the projection."""
        return self._monotonic() - self._rows[0][4] if self._rows else 0.0

    def holds(self, lane: int) -> bool:
        """Tell whether the sequencer takes nothing new on this lane for now."""
        if not self._rows or lane == Lane.CONTROL:
            return False
        if self.legs > LEGS_MAX or self.payments > PAYMENTS_MAX or self.seconds > SECONDS_MAX:
            return True
        return lane == Lane.BULK and (self.legs > BULK_LEGS_MAX or self.seconds > BULK_SECONDS_MAX)

    def retry_after_ms(self, waiting: int) -> int:
        """Give when it may be worth coming again, by what waits and how fast it goes."""
        wanted = int(waiting * 1000 / max(self._rate, 1.0))
        return min(max(wanted, RETRY_MS_MIN), RETRY_MS_MAX)
