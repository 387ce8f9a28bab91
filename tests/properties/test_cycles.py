"""Random days of netting cycles: whatever is sent, paid, blocked, cut, left out or stopped, nothing strays.

Every invariant is held after every command. Of each cycle that settles: nets sum to zero, nobody paid in more than
its call, and balances are those of gross settlement.
"""

import os
from collections import Counter

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from steelyard.flows.liquidity_facts import CyclePaid, CyclePlanned, CycleReported
from steelyard.liquidity.cycles import BEFORE_CLOSED
from steelyard.values.instants import SECOND
from tests.flows.cycles import Cycles, Planner
from tests.flows.payworld import ANNA, ARNE, BIRK, BRAM, CARL, CLEO, facts

EXAMPLES = int(os.environ.get("CYCLE_EXAMPLES", "25"))
BANKS = (ANNA, ARNE, BRAM, BIRK, CLEO, CARL)
ASSETS = ("NOR", "SUD")
banks, assets, amounts = st.sampled_from(BANKS), st.sampled_from(ASSETS), st.integers(1, 99)
ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("pay"), banks, banks, assets, amounts),
        st.tuples(st.just("pay"), banks, banks, assets, amounts),
        st.tuples(st.just("pay"), banks, banks, assets, amounts),
        st.tuples(st.just("fund"), banks, assets, amounts),
        st.tuples(st.just("cut")),
        st.tuples(st.just("answer")),
        st.tuples(st.just("pay_in"), banks, assets, st.integers(0, 60)),
        st.tuples(st.just("pay_all")),
        st.tuples(st.just("wait"), st.sampled_from((1, 20, 60, 900, 1_800))),
        st.tuples(st.just("wait"), st.sampled_from((1, 20, 60, 900, 1_800))),
        st.tuples(st.just("cancel_payment"), st.integers(0, 40)),
        st.tuples(st.just("block"), banks, assets, st.booleans()),
        st.tuples(st.just("suspend"), banks),
        st.tuples(st.just("exclude"), banks),
        st.tuples(st.just("cancel")),
        st.tuples(st.just("extend")),
        st.tuples(st.just("again")),
    ),
    max_size=40,
)


class Day:
    """One network and the cycle that was opened last."""

    def __init__(self) -> None:
        self.cycles = Cycles(*ASSETS)
        self.planner = Planner(self.net)
        self.sent: list[tuple[str, bytes]] = []
        self.cycles.open()

    @property
    def net(self):
        return self.cycles.net

    def do(self, act) -> None:
        """Carry an act out, wherever the cycle is; what makes no sense is refused or passed over."""
        name, *given_ = act
        live = self.cycles.cycle_id in self.net.world.cycles.live
        match name:
            case "pay" if given_[0] != given_[1]:
                self.sent.append((given_[0], self.net.pay(*given_)))
            case "fund" if not self._account(given_[0], given_[1]).gate:
                self.net.fund(*given_)
            case "answer" if self.planner.asked and live and self.cycles.cycle.asking:
                self.planner.answer()
            case "pay_all" if live:
                for bic, asset, _ in list(self.cycles.cycle.each_call()):
                    self.cycles.pay_in(bic, asset)
            case "pay_in":
                self.cycles.pay_in(*given_)
            case "wait":
                self.net.wait(given_[0] * SECOND)
            case "cancel_payment" if self.sent:
                self.net.cancel(*self.sent[given_[0] % len(self.sent)])
            case "block":
                number = self._account(given_[0], given_[1]).account_no
                self.net.world.engine.block(number, debits=True, credits=given_[2], freeze=given_[2])
            case "suspend":
                self.net.suspend(given_[0])
                self.net.end_waiting(given_[0], 1_000)
            case "cut" | "cancel" | "extend" if live:
                getattr(self.cycles, name)(*((60_000,) if name == "extend" else ()))
            case "exclude" if live:
                self.cycles.exclude(given_[0])
            case "again":
                self._again()
        if self.cycles.cycle_id not in self.net.world.cycles.live and "NOR" not in self.net.world.cycles.open:
            self.cycles.open()

    def _account(self, bic: str, asset: str):
        account = self.net.world.engine.account(self.net.world.members.accounts.settlement(bic, asset))
        assert account is not None
        return account

    def _again(self) -> None:
        """Go on with the state read from its snapshot."""
        other = Cycles(*ASSETS, net=self.net.again())
        other.net.outcomes, other.cycle_id = self.net.outcomes, self.cycles.cycle_id
        asked = self.planner.asked
        self.cycles = other
        self.planner = Planner(other.net)
        self.planner.asked = asked


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(acts=ACTS)
def test_nothing_strays_on_a_random_day(acts):
    day = Day()
    for act in acts:
        day.do(act)
        day.net.check()
    for outcome in day.net.outcomes:
        for fact in facts(outcome):
            if isinstance(fact, CyclePlanned | CycleReported):
                sums = dict.fromkeys(ASSETS, 0)
                for _, asset, out, back, _ in fact.nets:
                    sums[asset] += int(back) - int(out)
                assert not any(sums.values())
    day.net.wait(2 * 3_600 * SECOND)
    day.net.check()
    paid: dict[tuple[bytes, str, str], int] = {}
    for outcome in day.net.outcomes:
        for fact in facts(outcome):
            if isinstance(fact, CyclePaid):
                key = fact.cycle_id, fact.participant, fact.asset
                paid[key] = paid.get(key, 0) + fact.minor
                assert paid[key] == fact.paid_minor >= 0
    for cycle in day.net.world.cycles.live.values():
        assert cycle.state in BEFORE_CLOSED


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    obligations=st.lists(st.tuples(banks, banks, assets, amounts), min_size=1, max_size=25),
    with_solver=st.booleans(),
)
def test_a_cycle_that_all_pay_into_ends_as_gross_settlement_with_unlimited_credit(obligations, with_solver):
    obligations = [one for one in obligations if one[0] != one[1]]
    if not obligations:
        return
    cycles = Cycles(*ASSETS)
    planner = Planner(cycles.net)
    cycles.open()
    for one in obligations:
        cycles.net.pay(*one)
    cycles.cut()
    if with_solver:
        planner.answer()
        assert cycles.cycle.plan.proved
    gross = {(bic, asset): 0 for bic in BANKS for asset in ASSETS}
    net: Counter[tuple[str, str]] = Counter()
    for payer, payee, asset, amount in obligations:
        net[payer, asset] -= amount
        net[payee, asset] += amount
    cycles.reach("FUNDING" if any(net.values()) else "STATEMENTS")  # what cancels out asks nobody for money
    for bic, asset, call in list(cycles.cycle.each_call()):
        cycles.net.fund(bic, asset, call)
        gross[bic, asset] += call
        cycles.pay_in(bic, asset)
    for payer, payee, asset, amount in obligations:
        gross[payer, asset] -= amount
        gross[payee, asset] += amount
    cycles.reach("STATEMENTS")

    assert gross == {(bic, asset): cycles.net.balance(bic, asset) for bic, asset in gross}
    assert min(gross.values()) >= 0
    cycles.check()
