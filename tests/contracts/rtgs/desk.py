"""A node's state machine at one end and an RTGS at the other, with the clock between them.

`Desk` hands orders out of outcomes, reports in as commands, and moves time to whatever is due next on either
side. Nothing is lost on the way here: what goes missing or comes late is the RTGS's doing.
"""

from steelyard.flows.command import Outcome
from steelyard.flows.currency import RulesFields
from steelyard.flows.redeem import RedeemFields
from steelyard.members.redemptions import RedemptionState
from steelyard.node.rtgs import Report, Rtgs, command_of, order_of
from tests.members.network import BANKS, done, facts, ready

ANNA = BANKS["anna"]


class Desk:
    """One currency's node and RTGS, driven to the end."""

    def __init__(self, rtgs: Rtgs) -> None:
        self.net = ready()
        self.rtgs = rtgs
        self.read = 0
        done(self.net.agent("NOR", "currency.rules", RulesFields("NOR", True, fund_on_advice=True)))
        self.pass_orders()

    def pass_orders(self) -> None:
        """Hand over the orders of all outcomes since the last time."""
        for _, applied in self.net.applied[self.read :]:
            for notice in applied.outcome.notices:
                order = order_of(notice)
                if order is not None and order.asset == self.rtgs.asset:
                    self.rtgs.send(order, at=self.net.at)
        self.read = len(self.net.applied)

    def take(self, report: Report) -> Outcome | None:
        """Let a report enter as a command of the settlement agent's key."""
        made = command_of(report)
        return None if made is None else self.net.do("k-nor", *made)

    def turn(self) -> None:
        """Take what has arrived, tick what is due, hand over what follows."""
        for report in self.rtgs.receive(at=self.net.at):
            self.take(report)
        self.net.tick()
        self.pass_orders()

    def run_until(self, until: int) -> None:
        """Let time go by, from one thing that is due to the next."""
        self.turn()
        while True:
            times = [at for at in (self.rtgs.next_at(), self.net.machine.next_due()) if at is not None]
            if not times or min(times) > until:
                break
            self.net.at = max(self.net.at, min(times))
            self.turn()
        self.net.at = max(self.net.at, until)
        self.turn()

    def redeem(self, amount: int) -> bytes:
        outcome = done(self.net.do("k-anna", "redeem", RedeemFields("NOR", amount)))
        self.pass_orders()
        return next(fact.redemption for fact in facts(outcome) if hasattr(fact, "redemption"))

    def state(self, redemption: bytes) -> RedemptionState:
        return self.net.world.money.redemptions[redemption].state

    @property
    def issued(self) -> int:
        return self.net.balance("STAGNOR0", "NOR", "issuer")


__all__ = ["ANNA", "Desk"]
