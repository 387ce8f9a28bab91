"""Random days of money in and out: no redemption is ever both paid out and released, and the books agree.

An honest RTGS is kept beside the node: what it decided about an order it never takes back. Its reports come
late, twice, out of order or not at all; people rule only by what its statement says. The order of events is
hypothesis's to choose.
"""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from steelyard.engine.invariants import first_broken
from steelyard.flows.currency import RulesFields
from steelyard.flows.facts import ReserveStated
from steelyard.flows.fund import AdviceFields
from steelyard.flows.fund import RuleFields as FundRule
from steelyard.flows.ledger import AccountFields, BlockFields
from steelyard.flows.reconcile import StatementFields
from steelyard.flows.redeem import FundFields, NamedFields, PayoutFields, RedeemFields
from steelyard.flows.redeem import RuleFields as RedeemRule
from steelyard.flows.suspend import LiftFields, SuspendFields
from steelyard.flows.world import World
from steelyard.members.redemptions import RedemptionState
from steelyard.node.sweeps import first_fault
from steelyard.values.instants import DAY, HOUR, MINUTE
from tests.members.network import BANKS, done, facts, ready

ANNA = BANKS["anna"]
amounts = st.integers(1, 300)
OVER = (RedemptionState.SETTLED, RedemptionState.RELEASED)


class MoneyInAndOut(RuleBasedStateMachine):
    """The node's machine, and the truth outside: what is locked, which orders were paid or refused."""

    @initialize()
    def begin(self):
        self.net = ready()
        done(self.net.agent("NOR", "currency.rules", RulesFields("NOR", True, fund_on_advice=True)))
        self.reserve = 0
        self.locks: list[tuple[str, int]] = []
        self.truth: dict[bytes, bool] = {}  # order -> paid
        self.items: list[tuple[str, int]] = []
        self.statements = 0
        self.frozen = self.suspended = False
        self.a_bank_locks_money(2_000)
        self.an_advice_arrives(0)

    def redemptions(self):
        return list(self.net.world.money.redemptions.values())

    def pick(self, index, rows):
        return rows[index % len(rows)]

    # What happens outside

    @rule(amount=amounts)
    def a_bank_locks_money(self, amount):
        advice = f"L{len(self.locks)}"
        self.locks.append((advice, amount))
        self.items.append((advice, amount))
        self.reserve += amount

    @precondition(lambda self: self._ordered())
    @rule(index=st.integers(0, 99), pays=st.booleans())
    def the_rtgs_decides(self, index, pays):
        redemption = self.pick(index, self._ordered())
        self.truth[redemption.id] = pays
        if pays:
            self.reserve -= redemption.amount_minor
            self.items.append((redemption.id.hex(), -redemption.amount_minor))

    def _ordered(self):
        """Give what was ordered and is not decided; an order stays one even if it was ruled on since."""
        orders = {
            notice.subject
            for _, applied in self.net.applied
            for notice in applied.outcome.notices
            if notice.kind == "rtgs.payout"
        }
        return [one for one in self.redemptions() if one.id in orders and one.id not in self.truth]

    # What the node hears of it: any report, at any time, any number of times

    @precondition(lambda self: self.locks)
    @rule(index=st.integers(0, 99))
    def an_advice_arrives(self, index):
        advice, amount = self.pick(index, self.locks)
        done(self.net.do("k-nor", "fund.advise", AdviceFields("NOR", ANNA, amount, advice)))

    @precondition(lambda self: self.truth)
    @rule(index=st.integers(0, 99))
    def a_report_arrives(self, index):
        id = self.pick(index, sorted(self.truth))
        redemption = self.net.world.money.redemptions[id]
        paid = self.truth[id]
        amount = redemption.amount_minor if paid else 0
        done(self.net.do("k-nor", "redeem.advise", PayoutFields(id, paid, amount, "P" if paid else "")))

    @rule()
    def a_statement_arrives(self):
        self.statements += 1
        items, self.items = tuple(self.items), []
        fields = StatementFields("NOR", f"S{self.statements}", self.net.at, self.reserve, items)
        (fact,) = facts(done(self.net.do("k-nor", "reconcile", fields)), ReserveStated)
        heard = {advice for advice, _ in self.locks if self.net.world.money.advised("NOR", advice)}
        unheard = {advice for advice, _ in self.locks} - heard

        assert {"UNKNOWN_ITEM"} >= {why for why, *_ in fact.unlike}
        assert unheard >= {reference for _, reference, *_ in fact.unlike}
        if fact.unlike:
            self.net.world.money.stopped.pop("NOR")  # people look into it; the advice will still come

    # What people and banks do

    @rule(amount=amounts)
    def a_bank_asks(self, amount):
        self.net.do("k-anna", "fund", FundFields("NOR", amount))

    @rule(amount=amounts)
    def a_bank_redeems(self, amount):
        self.net.do("k-anna", "redeem", RedeemFields("NOR", amount))

    @precondition(lambda self: self.redemptions())
    @rule(index=st.integers(0, 99))
    def a_bank_withdraws(self, index):
        self.net.do("k-anna", "redeem.withdraw", NamedFields(self.pick(index, self.redemptions()).id))

    @precondition(lambda self: self.truth)
    @rule(index=st.integers(0, 99))
    def two_people_rule_by_the_statement(self, index):
        id = self.pick(index, sorted(self.truth))
        self.net.agent("NOR", "redeem.rule", RedeemRule(id, self.truth[id], "S"))

    @precondition(lambda self: self.net.world.money.fundings)
    @rule(index=st.integers(0, 99), issue=st.booleans())
    def two_people_rule_on_an_advice(self, index, issue):
        funding = self.pick(index, list(self.net.world.money.fundings.values()))
        outcome = self.net.agent("NOR", "fund.rule", FundRule(funding.id, issue))
        if any(notice.kind == "rtgs.payback" for notice in outcome.notices):
            self.reserve -= funding.amount_minor
            self.items.append((funding.id.hex(), -funding.amount_minor))

    @rule(chance=st.integers(0, 5))
    def the_account_is_frozen_or_lifted(self, chance):
        if chance and not self.frozen:
            return
        name = f"{ANNA}/NOR"
        if self.frozen:
            done(self.net.agent("NOR", "account.unblock", AccountFields(name)))
        else:
            done(self.net.do("nor/1", "account.block", BlockFields(name, freeze=True)))
        self.frozen = not self.frozen

    @rule(chance=st.integers(0, 5))
    def the_bank_is_suspended_or_lifted(self, chance):
        if chance and not self.suspended:
            return
        if self.suspended:
            done(self.net.ops("participant.lift", LiftFields(ANNA)))
        else:
            done(self.net.ops("participant.suspend", SuspendFields(ANNA)))
        self.suspended = not self.suspended

    @rule(length=st.sampled_from([MINUTE, 15 * MINUTE, HOUR, 6 * HOUR, DAY]))
    def time_goes_by(self, length):
        if self.net.at + length < self.net.world.calendars.latest("NOR").rows[-1].starts_at - 11 * DAY:
            self.net.wait(length)

    @rule()
    def the_node_starts_again(self):
        self.net.machine.world = World.decode(dict(self.net.world.sections()))
        self.net.machine.__init__(self.net.machine.world)

    # What always holds

    @invariant()
    def no_redemption_is_both_paid_out_and_released(self):
        if not hasattr(self, "net"):
            return
        for redemption in self.redemptions():
            if redemption.state is RedemptionState.RELEASED:
                assert self.truth.get(redemption.id) is not True
            if redemption.state is RedemptionState.SETTLED:
                assert self.truth[redemption.id] is True

    @invariant()
    def the_books_hold(self):
        if not hasattr(self, "net"):
            return
        assert first_broken(self.net.world.engine) is None
        assert first_fault(self.net.world) is None

    @invariant()
    def issuer_equals_reserve(self):
        """Issued = locked less what is not heard of or listed, plus what was paid and is not heard of."""
        if not hasattr(self, "net"):
            return
        money = self.net.world.money
        outside = self.reserve
        for advice, amount in self.locks:
            funding = money.advised("NOR", advice)
            if funding is None or funding.state == "LISTED":
                outside -= amount
        for redemption in self.redemptions():
            if self.truth.get(redemption.id) and redemption.state is not RedemptionState.SETTLED:
                outside += redemption.amount_minor

        assert outside == self.net.balance("STAGNOR0", "NOR", "issuer")


TestMoneyInAndOut = MoneyInAndOut.TestCase
TestMoneyInAndOut.settings = settings(max_examples=80, stateful_step_count=60, deadline=None)
