"""What every RTGS connector keeps, faults or not: inherit `RtgsContract` and give `rtgs`.

The class that inherits says what its own end really did (`became_of`, `reserve`), so that the node's books are
held to the truth and not to what was reported.
"""

import pytest

from steelyard.members.redemptions import RedemptionState
from steelyard.node.rtgs import Order, OrderKind, ReportKind
from steelyard.values.instants import DAY, HOUR, MINUTE
from tests.contracts.rtgs.desk import ANNA, Desk
from tests.members.network import facts

FINAL = (RedemptionState.SETTLED, RedemptionState.RELEASED)


class RtgsContract:
    """The suite."""

    pays_exactly = True
    """False where the connector is told to pay wrong amounts: then people rule, and are tested elsewhere."""

    @pytest.fixture
    def rtgs(self):
        raise NotImplementedError

    @pytest.fixture
    def desk(self, rtgs):
        self.open_account(rtgs, ANNA, 10_000)
        return Desk(rtgs)

    def open_account(self, rtgs, participant, amount):
        raise NotImplementedError

    def lock(self, rtgs, participant, amount, at):
        raise NotImplementedError

    def reserve(self, rtgs):
        raise NotImplementedError

    def became_of(self, rtgs, order):
        raise NotImplementedError

    def statement(self, rtgs, at):
        raise NotImplementedError

    def fund(self, desk, amount=1_000):
        """Lock money outside and wait until it has come in, or was reported as listed, or never."""
        self.lock(desk.rtgs, ANNA, amount, desk.net.at)
        desk.run_until(desk.net.at + HOUR)

    def test_what_is_locked_is_issued_once(self, desk):
        """However often it is advised. A lost advice issues nothing: the statement will show it."""
        self.fund(desk)

        assert 1_000 == self.reserve(desk.rtgs)
        assert desk.issued in (0, 1_000)
        assert desk.issued == desk.net.balance(ANNA, "NOR")

    def test_an_order_is_carried_out_at_most_once(self, desk):
        """Sent five times, paid once."""
        self.fund(desk)
        before = self.reserve(desk.rtgs)
        order = Order(OrderKind.PAYOUT, b"o" * 16, "NOR", ANNA, 100)
        for _ in range(5):
            desk.rtgs.send(order, at=desk.net.at)
        desk.run_until(desk.net.at + HOUR)
        gone = before - self.reserve(desk.rtgs)

        assert (gone > 0) == (self.became_of(desk.rtgs, order.id) is ReportKind.PAID)
        assert gone <= 100
        assert gone in (0, 100) or not self.pays_exactly

    def test_a_query_about_an_order_that_never_came_refuses_it_for_good(self, desk):
        self.fund(desk)
        before = self.reserve(desk.rtgs)
        order = Order(OrderKind.QUERY, b"q" * 16, "NOR", ANNA, 100)
        desk.rtgs.send(order, at=desk.net.at)
        desk.run_until(desk.net.at + 4 * HOUR)

        assert self.became_of(desk.rtgs, order.id) is ReportKind.REFUSED

        desk.rtgs.send(Order(OrderKind.PAYOUT, order.id, "NOR", ANNA, 100), at=desk.net.at)
        desk.run_until(desk.net.at + 2 * DAY)

        assert before == self.reserve(desk.rtgs)

    def test_a_redemption_ends_as_the_rtgs_ended_it_or_stays_reserved(self, desk):
        """Never both paid out and released; asked about until it is answered."""
        desk.net.do("k-nor", "fund.advise", _advice(1_000))
        self.lock(desk.rtgs, ANNA, 1_000, desk.net.at)
        desk.run_until(desk.net.at + MINUTE)
        ids = [desk.redeem(100 + n) for n in range(5)]
        desk.run_until(desk.net.at + 3 * DAY)
        for id in ids:
            truth, state = self.became_of(desk.rtgs, id), desk.state(id)

            assert state is not RedemptionState.SETTLED or truth is ReportKind.PAID
            assert state is not RedemptionState.RELEASED or truth is ReportKind.REFUSED
            if self.pays_exactly:
                assert state in FINAL
            elif state not in FINAL:
                assert state is RedemptionState.OVERDUE
        desk.net.check()

    def test_outside_hours_nothing_is_paid(self, desk):
        """Ordered at an instant it is closed: nothing moves until it opens."""
        self.fund(desk)
        closed = 30 * HOUR
        desk.run_until(desk.net.at - desk.net.at % DAY + closed - 4 * HOUR)  # two in the morning of Tuesday
        before = self.reserve(desk.rtgs)
        desk.rtgs.send(Order(OrderKind.PAYOUT, b"n" * 16, "NOR", ANNA, 1), at=desk.net.at)
        desk.run_until(desk.net.at + HOUR)

        assert before == self.reserve(desk.rtgs)
        assert self.became_of(desk.rtgs, b"n" * 16) is None

    def test_every_movement_stands_in_exactly_one_statement(self, desk):
        """And the closings follow from the items."""
        items, closing = [], 0
        for turn in range(3):
            self.lock(desk.rtgs, ANNA, 1_000 + turn, desk.net.at)
            desk.run_until(desk.net.at + HOUR)
            if desk.issued:
                desk.redeem(10 + turn)
            desk.run_until(desk.net.at + 2 * HOUR)
            report = self.statement(desk.rtgs, desk.net.at)

            assert closing + sum(amount for _, amount in report.items) == report.amount_minor

            closing = report.amount_minor
            items += [reference for reference, _ in report.items]

        assert len(set(items)) == len(items)
        assert closing == self.reserve(desk.rtgs)

    def test_statements_agree_or_say_what_is_missing(self, desk):
        """What the node has heard of is explained; what it has not heard of is found by the statement."""
        self.fund(desk)
        if desk.issued:
            desk.redeem(100)
        desk.run_until(desk.net.at + 2 * HOUR)
        outcome = desk.take(self.statement(desk.rtgs, desk.net.at))
        (fact,) = facts(outcome)
        heard = desk.issued > 0

        assert fact.agreed or not (heard and self.pays_exactly)
        assert {why for why, *_ in fact.unlike} <= {"UNKNOWN_ITEM", "AMOUNT_DIFFERS"}


def _advice(amount):
    from steelyard.flows.fund import AdviceFields

    return AdviceFields("NOR", ANNA, amount, "BY-HAND")
