"""When batches come between their turns: what is counted of each currency, and the node's own rule asked of it.

The counts are those of `liquidity.batches.Watch`, in seconds of the day.
"""

from dataclasses import dataclass

from steelyard.liquidity.rules import LiquidityRules
from steelyard.liquidity.triggers import trigger
from steelyard.sim.sending import NEVER

INFLOW_BP = LiquidityRules().batch_inflow_bp


@dataclass(slots=True)
class Watch:
    """What is counted of one currency, or of a pool, between its batches."""

    gap_s: int
    count: int = 0
    minor: int = 0
    base_minor: int = 0
    """What the last batch left queued"""
    inflow_minor: int = 0
    """What came in since the last batch was asked for"""
    asked_s: int = NEVER
    wanted_s: int = NEVER
    """When what happened within the gap has its batch"""
    touched: bool = False
    urgent: bool = False
    inflow: bool = False

    def joined(self, minor: int, *, urgent: bool) -> None:
        """Count a payment that begins to wait."""
        self.count += 1
        self.minor += minor
        self.touched = True
        self.urgent = self.urgent or urgent

    def left(self, minor: int) -> None:
        """Count a payment that waits no longer."""
        self.count -= 1
        self.minor -= minor

    def came_in(self, minor: int) -> None:
        """Count money that was brought in."""
        self.inflow_minor += minor
        self.touched = self.inflow = True

    def calls(self, now_s: int) -> bool:
        """Tell whether what has happened since it was asked last brings about a batch now; if later, note when."""
        urgent, inflow = self.urgent, self.inflow
        self.touched = self.urgent = self.inflow = False
        if self.wanted_s != NEVER or not self.gap_s:
            return False
        why = trigger(
            count=self.count, queued_minor=self.minor, base_minor=self.base_minor,
            inflow_minor=self.inflow_minor if inflow else 0, inflow_bp=INFLOW_BP, urgent=urgent,
        )  # fmt: skip
        if why is None:
            return False
        if self.asked_s == NEVER or now_s >= self.asked_s + self.gap_s:
            return True
        self.wanted_s = self.asked_s + self.gap_s
        return False

    def asked(self, now_s: int) -> None:
        """Note that a batch begins."""
        self.asked_s, self.wanted_s, self.inflow_minor = now_s, NEVER, 0

    def settled_down(self) -> None:
        """Note what a batch has left queued, before what it sets free moves on."""
        self.base_minor, self.touched, self.urgent = self.minor, False, False
