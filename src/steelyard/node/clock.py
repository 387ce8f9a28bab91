"""The sequencer's clock: the system's, or a simulated one that stands still until a command moves it.

Which of the two a journal has is fixed by its row 1. Sequencer time is the clock's, but never at or before
the time of the command before: it goes on strictly rising over restarts, fail-overs and clocks set back.
A simulated clock moves by the recorded command `clock.advance` alone, which itself bears the time it moves
to; so the head's time is all that a restart needs to go on from.
"""

import time
from collections.abc import Callable
from typing import Protocol

STEP_NS_MAX = 1_000_000_000
"""A clock that steps, or stands behind the head, by more than this is an alarm."""

SECOND = 1_000_000_000


class Clock(Protocol):
    """What the sequencer asks for the time."""

    kind: str

    def start(self, head_at: int) -> None:
        """Begin behind a journal whose last command was given at `head_at` (ns)."""

    def now(self) -> int:
        """Give ns since 1970 UTC."""

    def fault(self, last_at: int) -> str | None:
        """Say what is wrong with the clock, given the time of the last command; None where nothing is."""

    def skew(self, last_at: int) -> int:
        """Give by how many ns the clock is wrong: how far behind the last command, or stepped; else 0."""


class SystemClock:
    """The machine's clock, watched against the monotonic one."""

    kind = "system"

    def __init__(
        self, wall: Callable[[], int] = time.time_ns, monotonic: Callable[[], int] = time.monotonic_ns
    ) -> None:
        self._wall = wall
        self._monotonic = monotonic
        self._offset = wall() - monotonic()
        self._head_at = 0

    def start(self, head_at: int) -> None:
        """Remember the head's time, to tell whether the clock stands behind it."""
        self._head_at = head_at
        self._offset = self._wall() - self._monotonic()

    def now(self) -> int:
        """Give the machine's time."""
        return self._wall()

    def gap(self) -> int:
        """Give how far, in ns, the clock is ahead of the head it started behind; negative when behind."""
        return self._wall() - self._head_at

    def fault(self, last_at: int) -> str | None:
        """Say whether the clock stepped since the last look, or stands behind the journal."""
        wall = self._wall()
        offset = wall - self._monotonic()
        step, self._offset = offset - self._offset, offset
        if abs(step) > STEP_NS_MAX:
            return f"clock stepped by {step / SECOND:+.3f} s"
        if last_at - wall > STEP_NS_MAX:
            return f"clock is {(last_at - wall) / SECOND:.3f} s behind the journal"
        return None

    def skew(self, last_at: int) -> int:
        """Give how far the clock is behind the last command, or by how much it stepped since `fault` looked."""
        wall = self._wall()
        step = abs(wall - self._monotonic() - self._offset)
        return max(last_at - wall, step if step > STEP_NS_MAX else 0, 0)


class SimulatedClock:
    """Stands still; `advance` moves it forward, never back."""

    kind = "simulated"

    def __init__(self) -> None:
        self._now = 0

    def start(self, head_at: int) -> None:
        """Go on from where the journal ends."""
        self._now = head_at

    def now(self) -> int:
        """Give the instant at which it stands."""
        return self._now

    def advance(self, to: int) -> None:
        """Stand at `to` from now on, unless it already is past it."""
        self._now = max(self._now, to)

    def fault(self, last_at: int) -> str | None:
        """Give None: a clock that stands still cannot step."""
        return None

    def skew(self, last_at: int) -> int:
        """Give 0: the commands are its time."""
        return 0
