"""Deals: a match with losses and a shared pipe, settled by the month; bills paid at once, by firm FX, by the pool."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from steelyard.engine.refusals import Refusal as EngineRefusal
from steelyard.engine.refusals import SettingRefusal
from steelyard.flows import energy_question
from steelyard.flows.command import NO_FIELDS, Code, Command
from steelyard.flows.energy_bill import PayFields
from steelyard.flows.energy_deal import REPORT_NS
from steelyard.flows.energy_deal import NamedFields as DealNamed
from steelyard.flows.energy_facts import DealMoved, EnergyBilled, EnergyMatched
from steelyard.flows.energy_match import AskFields, MatchFields, NamedFields, ProposeFields, publish_unproved
from steelyard.flows.energy_short import ShortFields
from steelyard.market.energy.charges import bills, charges, paired, rounded
from steelyard.market.energy.deals import Deals
from steelyard.market.energy.matching import match_energy, propose_any
from steelyard.market.energy.network import Node, Route, Shared
from steelyard.market.energy.supplies import month_begins
from steelyard.market.refusals.energy import EnergyRefusal as No
from steelyard.members.refusals import MemberRefusal
from steelyard.payments.states import State
from steelyard.solve.transport import TransportSolver
from steelyard.values.instants import DAY, civil
from tests.flows.batches import request
from tests.flows.payworld import ANNA, ARNE, BRAM, CLEO, PONS, START, Network, facts, is_refused, notices
from tests.flows.test_parts import part as settle_part
from tests.flows.test_pool import pool_of
from tests.market.energy.test_general import networks

SOLVER = TransportSolver()
YEAR, MONTH, _ = civil(START // DAY)
FIRST = (YEAR - 1970) * 12 + MONTH  # the month after the present one
THIS, NEXT = f"{YEAR}-{MONTH + 1:02d}", f"{YEAR}-{MONTH + 2:02d}"
NODES = (
    Node("P", 2_000, 7, "gas", THIS, ANNA), Node("X", -300, 90, "gas", THIS, BRAM),
    Node("T", 0, -1, "gas", THIS), Node("Y", -81, 95, "gas", NEXT, BRAM),
)  # fmt: skip
ROUTES = (
    Route("P-X", "P", "X", 4, keeps=(97, 100), owner=CLEO), Route("P-T", "P", "T", 3, owner=CLEO),
    Route("store", "T", "Y", 5, keeps=(9, 10), owner=ARNE),
)  # fmt: skip
PIPE = (Shared("pipe", 350, ("P-X", "P-T"), ARNE),)
ASK = AskFields(NODES, ROUTES, PIPE, "NOR", START + 5 * DAY)


class Deal(Network):
    """A match is asked for and found; its parties accept it where that is wanted."""

    def __init__(self, ask=ASK, *, agreed=True):
        super().__init__()
        self.told = []
        self.world.on_match = lambda world, asked: self.told.append(energy_question.question(asked))
        self.outcome = self.give("energy.ask", ask, "operator")
        if self.told:
            self.match_id = self.told[-1].batch_id
            self.matched = self.propose()
        if agreed:
            for name in self.deal.parties:
                assert self.do("accept", name).code == Code.DONE

    @property
    def deal(self):
        return self.world.deals.live[self.match_id]

    def bill_of(self, debtor):
        return next(one for one in self.world.deals.bills.values() if one.debtor == debtor)

    def propose(self, **changes):
        asked = energy_question.snapshot(self.world, self.match_id)
        found = propose_any(asked.nodes, asked.routes, asked.shared, solver=SOLVER)
        fields = ProposeFields(self.match_id, found.flows, found.prices, found.cost_minor, found.proof)
        return self.give("energy.propose", structs.replace(fields, **changes), "operator", actor="node")

    def do(self, verb, sender):
        return self.give(f"energy.{verb}", DealNamed(self.match_id), sender)

    def short(self, node, quantity, sender):
        return self.give("energy.short", ShortFields(self.match_id, node, quantity), sender)

    def bill(self, bill, sender=None, quote_id=b""):
        return self.give("energy.pay", PayFields(bill.bill_id, quote_id), sender or bill.debtor)

    def reach(self, month):
        self.at = max(self.at, month_begins(FIRST + month))
        return self.tick()

    def pay_bill(self, bill, minor=0, sender=None):
        """Pay a bill by an ordinary payment that bears its UETR."""
        payer = sender or bill.debtor
        self.pay(payer, bill.creditor, bill.asset, minor or bill.amount_minor, uetr=bill.uetr)


def test_what_all_pay_for_a_month_is_what_all_get():
    """Exactly, by month, with losses on the way, a store and a rent; then in whole minor units."""
    made = match_energy(NODES, ROUTES, solver=SOLVER, shared=PIPE)
    exact = charges(NODES, ROUTES, PIPE, made)

    assert made.rents[0][1] > 0
    assert {THIS, NEXT} == set(exact)
    for month in exact.values():
        assert sum(month.values()) == 0
        assert sum(rounded(month).values()) == 0
        assert all(abs(minor - month[name]) < 1 for name, minor in rounded(month).items())
    short = {name: count for name, count, _ in made.unserved}
    total = sum((need - short.get(name, 0)) * made.price(name) for name, need in (("X", 300), ("Y", 81)))
    assert total == -sum(month.get(BRAM, 0) for month in exact.values())


@given(drawn=networks(), lot=st.sampled_from([0, 2, 3]))
@settings(deadline=None, max_examples=40)
def test_nobody_gains_what_nobody_pays(drawn, lot):
    """Whatever the network, with cargoes or without: each month sums to nothing, exactly and in whole units."""
    nodes, routes, shared = drawn
    months = dict(zip("PXYH", (THIS, THIS, NEXT, THIS), strict=True))
    nodes = [structs.replace(one, month=months[one.id], owner=one.id if one.amount else "") for one in nodes]
    routes = [structs.replace(one, owner=f"carrier {one.id}") for one in routes if one.id != "YH"]
    routes[0] = structs.replace(routes[0], lot=lot)
    shared = [structs.replace(one, owner="pipe") for one in shared]
    made = match_energy(nodes, routes, solver=SOLVER, shared=shared)
    exact = charges(nodes, routes, shared, made)

    assert all(sum(month.values()) == 0 for month in exact.values())
    gets = {name: sum(month.get(name, 0) for month in exact.values()) for name in ("P", "X", "Y", "pipe")}
    assert gets["X"] <= 0 >= gets["Y"]
    assert gets["P"] >= 0 <= gets["pipe"]
    if not lot:
        costs = {one.id: one.cost_minor * dict(made.flows).get(one.id, 0) for one in routes}
        for one in routes:  # who carries gets his cost at least
            carried = sum(month.get(one.owner, 0) for month in exact.values())
            assert carried >= costs[one.id]
    for bill in bills(nodes, routes, shared, made):
        assert bill.amount_minor > 0


@given(minor=st.lists(st.fractions(-50, 50, max_denominator=97), min_size=1, max_size=8))
@settings(max_examples=50)
def test_rounding_keeps_the_sum_and_bills_are_few(minor):
    """Whole units sum to nothing, none is a whole unit off, and n parties need n - 1 bills at most."""
    exact = {f"p{no}": one for no, one in enumerate(minor)}
    exact["rest"] = -sum(minor)
    whole = rounded(exact)
    made = paired("2027-01", whole)
    paid = dict.fromkeys(whole, 0)
    for one in made:
        paid[one.debtor] -= one.amount_minor
        paid[one.creditor] += one.amount_minor

    assert whole == paid
    assert all(abs(whole[name] - one) < 1 for name, one in exact.items())
    assert len(made) < len(whole)


def test_a_deal_is_accepted_billed_by_the_month_and_paid():
    """Offered with the match, binding with the last yes; each month's bills fall due when it is over."""
    net = Deal(agreed=False)
    assert [ANNA, ARNE, BRAM, CLEO] == list(net.deal.parties)
    assert {BRAM, ANNA, ARNE, CLEO} == {one.recipient for one in notices(net, "energy.offered")}
    for name in (ANNA, BRAM, CLEO):
        assert net.do("accept", name).code == Code.DONE
    assert is_refused(net.do("accept", ANNA), No.DEAL_STATE_FORBIDS)
    assert is_refused(net.do("accept", PONS), No.DEAL_NOT_FOUND)
    (moved,) = facts(net.do("accept", ARNE))
    assert isinstance(moved, DealMoved)
    assert ("ALL_ACCEPTED", "AGREED") == (moved.event, moved.state)
    assert is_refused(net.do("decline", ANNA), No.DEAL_STATE_FORBIDS)
    dues = net.deal.dues
    net.reach(1)
    assert [(one.debtor, one.creditor, one.amount_minor) for one in dues if one.month == FIRST] == [
        (one.debtor, one.creditor, one.amount_minor) for one in net.world.deals.bills.values()
    ]
    assert net.world.deals.encode() == Deals.decode(net.world.deals.encode()).encode()
    again = net.again()
    assert again.world.payments.awaited is again.world.deals.awaited
    net.reach(2)
    assert "BILLED" == net.deal.state
    net.at += REPORT_NS
    net.tick()
    assert {} == net.world.deals.live
    total = sum(one.amount_minor for one in dues)
    net.fund(BRAM, "NOR", total)
    net.fund(ARNE, "NOR", total)
    for one in list(net.world.deals.bills.values()):
        assert is_refused(net.bill(one, CLEO if one.debtor != CLEO else ANNA), No.ENERGY_BILL_NOT_FOUND)
        assert net.bill(one).code == Code.DONE
        assert is_refused(net.bill(one), No.ENERGY_BILL_NOT_FOUND)

    paid = {name: sum(d.amount_minor * ((d.creditor == name) - (d.debtor == name)) for d in dues)
            for name in (ANNA, ARNE, BRAM, CLEO)}  # fmt: skip
    assert {**paid, BRAM: paid[BRAM] + total, ARNE: paid[ARNE] + total} == {
        name: net.balance(name, "NOR") for name in paid
    }
    assert ({}, {}) == (net.world.deals.bills, net.world.deals.awaited)
    net.check()


def test_who_fails_to_deliver_owes_what_was_paid_for_it():
    """CLEO brings X 100 units less of its 300, ARNE's store 11 of Y's 36; each is billed at the node's price."""
    net = Deal()
    prices = {one.node: Fraction(one.num, one.den) for one in net.deal.served}
    assert [("X", BRAM, 300), ("Y", BRAM, 36)] == [
        (one.node, one.owner, one.quantity) for one in net.deal.served
    ]
    assert is_refused(net.short("Y", 1, ARNE), No.SHORTFALL_OUT_OF_RANGE)  # its month has not begun
    net.reach(1)
    for node, quantity, sender, why in (
        ("X", 301, CLEO, No.SHORTFALL_OUT_OF_RANGE), ("P", 1, CLEO, No.SHORTFALL_OUT_OF_RANGE),
        ("X", 1, BRAM, No.SHORTFALL_OUT_OF_RANGE), ("X", 1, PONS, No.DEAL_NOT_FOUND),
    ):  # fmt: skip
        assert is_refused(net.short(node, quantity, sender), why)
    before = dict(net.world.deals.bills)
    assert net.short("X", 100, CLEO).code == Code.DONE
    (bill,) = [one for key, one in net.world.deals.bills.items() if key not in before]

    assert ("shortfall", CLEO, BRAM, round(100 * prices["X"])) == (
        bill.what, bill.debtor, bill.creditor, bill.amount_minor,
    )  # fmt: skip
    assert is_refused(net.short("X", 201, CLEO), No.SHORTFALL_OUT_OF_RANGE)
    net.reach(2)
    assert "BILLED" == net.deal.state
    told = facts(net.short("Y", 11, ARNE))[0]
    assert [("X", CLEO, 100, round(100 * prices["X"])), ("Y", ARNE, 11, round(11 * prices["Y"]))] == [
        tuple(one) for one in told.shortfalls
    ]
    net.set(CLEO, lines_minor={"NOR": round(prices["X"]) - 1})
    assert is_refused(net.short("X", 2, CLEO), SettingRefusal.TWO_PEOPLE_NEEDED)
    assert net.world.deals.encode() == Deals.decode(net.world.deals.encode()).encode()
    net.set(CLEO, lines_minor={})
    net.fund(CLEO, "NOR", bill.amount_minor)
    balance = net.balance(BRAM, "NOR")
    assert net.bill(bill).code == Code.DONE
    assert bill.amount_minor == net.balance(BRAM, "NOR") - balance
    net.at += REPORT_NS
    net.tick()
    assert is_refused(net.short("Y", 1, ARNE), No.DEAL_NOT_FOUND)
    net.check()


def test_nothing_is_short_of_a_deal_that_does_not_bind():
    net = Deal(agreed=False)

    assert is_refused(net.short("X", 1, CLEO), No.DEAL_STATE_FORBIDS)


def test_a_bill_waits_in_the_queue_and_goes_through_the_pool():
    """Bram holds no NOR but SUD: his payment queues, the pool converts at its rates, and the bill is paid."""
    net = Deal()
    net.reach(1)
    solver = pool_of(net)
    bill = net.bill_of(BRAM)
    assert is_refused(net.bill(bill), EngineRefusal.LIQUIDITY_IS_SHORT)
    net.fund(BRAM, "SUD", bill.amount_minor)
    net.pay_bill(bill)
    assert net.state(bill.uetr) == State.QUEUED
    assert is_refused(net.bill(bill), No.ENERGY_BILL_IS_BEING_PAID)
    request(net, "")
    paid = [one for one in facts(solver.answer()) if isinstance(one, EnergyBilled)]

    assert [("PAID", bill.bill_id)] == [(one.state, one.bill_id) for one in paid]
    assert net.state(bill.uetr) == State.SETTLED
    assert bill.bill_id not in net.world.deals.bills
    assert net.balance(BRAM, "SUD") == bill.amount_minor // 2
    net.check()


def test_a_bill_is_paid_in_another_currency_by_a_firm_quote():
    """Both legs or none: what is quoted brings the creditor just his amount."""
    net = Deal()
    net.reach(1)
    bill = net.bill_of(BRAM)
    net.fund(PONS, "NOR", 10**9, "fx")
    net.fund(BRAM, "SUD", 10**9)
    assert net.sheet(PONS, "SUD", "NOR", (1, 2, 1)).code == Code.DONE
    wrong = net.quote(BRAM, "SUD", "NOR", bill.amount_minor + 2, send=False)[0]
    assert is_refused(net.bill(bill, quote_id=wrong.quote_id), No.ENERGY_QUOTE_DOES_NOT_FIT)
    right = net.quote(BRAM, "SUD", "NOR", bill.amount_minor, send=False)[0]
    before = net.balance(bill.creditor, "NOR")

    assert net.bill(bill, quote_id=right.quote_id).code == Code.DONE
    assert net.balance(bill.creditor, "NOR") == before + bill.amount_minor
    assert net.balance(BRAM, "SUD") == 10**9 - -(-bill.amount_minor // 2)
    net.check()


def test_who_is_suspended_neither_accepts_nor_pays():
    """Nor is he paid; the bill stays open until he is back."""
    net = Deal(agreed=False)
    net.suspend(BRAM)
    assert is_refused(net.do("accept", BRAM), MemberRefusal.PARTICIPANT_STATE_FORBIDS)
    net.lift(BRAM)
    for name in net.deal.parties:
        net.do("accept", name)
    net.reach(1)
    bill = net.bill_of(BRAM)
    net.fund(BRAM, "NOR", bill.amount_minor)
    for name in (bill.debtor, bill.creditor):
        net.suspend(name)
        assert is_refused(net.bill(bill), MemberRefusal.PARTICIPANT_STATE_FORBIDS)
        net.lift(name)

    assert net.bill(bill).code == Code.DONE


@pytest.mark.parametrize("how", ["more", "cancelled", "another"])
def test_a_payment_that_is_not_the_bill_leaves_it_open(how):
    """More than its amount, taken back, or another's payment: the bill stays, with another UETR."""
    net = Deal()
    net.reach(1)
    bill = net.bill_of(BRAM)
    old = bill.uetr
    if how == "cancelled":
        net.pay_bill(bill)
        assert net.cancel(BRAM, old).code == Code.DONE
    else:
        payer = BRAM if how == "more" else PONS
        net.fund(payer, "NOR", 2 * bill.amount_minor)
        net.pay_bill(bill, bill.amount_minor + (how == "more"), payer)

    assert net.bill_of(BRAM).uetr != old
    assert 0 == bill.paid_minor
    assert (1, 0x40) == (bill.tries, bill.uetr[6] & 0xF0)
    assert (
        "OPEN"
        == [one for outcome in net.outcomes for one in facts(outcome) if isinstance(one, EnergyBilled)][
            -1
        ].state
    )
    net.fund(BRAM, "NOR", 2 * bill.amount_minor)
    net.pay_bill(bill)
    assert bill.bill_id not in net.world.deals.bills


@pytest.mark.parametrize("how", ["less", "withdrawn in part"])
def test_what_is_paid_of_a_bill_counts_and_the_rest_is_owed(how):
    """By a smaller payment, or by one that ends with a part settled; the rest is paid at once, and no more than it."""
    net = Deal()
    net.reach(1)
    bill = net.bill_of(BRAM)
    whole, old, part = bill.amount_minor, bill.uetr, bill.amount_minor // 3
    if how == "less":
        net.fund(BRAM, "NOR", part)
        net.pay_bill(bill, part)
    else:
        net.pay_bill(bill)
        net.fund(BRAM, "NOR", part)
        settle_part(net, old, part)
        assert is_refused(net.bill(bill), No.ENERGY_BILL_IS_BEING_PAID)
        net.cancel(BRAM, old)
    told = [one for outcome in net.outcomes for one in facts(outcome) if isinstance(one, EnergyBilled)][-1]

    assert ("OPEN", whole, part) == (told.state, told.amount_minor, told.paid_minor)
    assert (part, whole - part, 1) == (bill.paid_minor, bill.open_minor, bill.tries)
    assert bill.uetr not in (old, b"")
    assert [(BRAM, bill.creditor, "NOR", whole, whole - part)] * 2 == [
        one.data for one in notices(net, "energy.unpaid")
    ]
    assert net.world.deals.encode() == Deals.decode(net.world.deals.encode()).encode()
    before = net.balance(bill.creditor, "NOR")
    net.fund(BRAM, "NOR", whole)
    assert net.bill(bill).code == Code.DONE
    assert whole - part == net.balance(bill.creditor, "NOR") - before
    assert bill.bill_id not in net.world.deals.bills
    net.check()


def test_a_deal_that_is_declined_or_lapses_is_off():
    """One no is enough, and so is one who says nothing in time."""
    net = Deal(agreed=False)
    net.do("accept", ANNA)
    assert net.do("decline", BRAM).code == Code.DONE
    late = Deal(agreed=False)
    late.do("accept", ANNA)
    late.at = ASK.accept_until
    late.tick()

    assert ({}, {}) == (net.world.deals.live, late.world.deals.live)
    assert is_refused(late.do("accept", BRAM), No.DEAL_NOT_FOUND)
    assert "operator" in [one.recipient for one in notices(late, "energy.lapsed")]


@pytest.mark.parametrize(
    "changes",
    [
        {"accept_until": 0, "asset": "XXX"},
        {"accept_until": START + 100 * DAY},
        {"asset": ""},
        {"asset": "XXX"},
        {"nodes": (structs.replace(NODES[0], owner=""), *NODES[1:])},
        {"nodes": (structs.replace(NODES[0], month=""), *NODES[1:])},
        {"nodes": (*NODES[:2], structs.replace(NODES[2], owner=ANNA), NODES[3])},
        {"routes": (structs.replace(ROUTES[0], owner="NOBODY00"), *ROUTES[1:])},
        {"shared": (structs.replace(PIPE[0], owner=""),)},
    ],
)
def test_what_cannot_be_settled_is_not_matched(changes):
    """Too much time to accept, no currency or none that is known, no owner, no month."""
    assert is_refused(
        Network().give("energy.ask", structs.replace(ASK, **changes), "operator"), No.DEAL_OUT_OF_RANGE
    )


def test_a_match_may_be_in_a_currency_without_being_settled():
    """It is published in it, and nobody is asked to accept it."""
    net = Deal(structs.replace(ASK, accept_until=0), agreed=False)
    (matched,) = [one for one in facts(net.matched) if isinstance(one, EnergyMatched)]

    assert ("NOR", {}) == (matched.asset, net.world.deals.live)


def test_a_question_that_is_taken_back_takes_no_answer():
    """The network is withdrawn between snapshot and proposal: what the solver says is about nothing."""
    net = Network()
    net.give("energy.ask", AskFields(NODES, ROUTES, PIPE), "operator")
    (match_id,) = net.world.supplies.asked
    found = propose_any(NODES, ROUTES, PIPE, solver=SOLVER)
    assert net.give("energy.withdraw_match", NamedFields(match_id), ANNA).code == Code.REFUSED
    assert net.give("energy.withdraw_match", NamedFields(match_id), "operator").code == Code.DONE
    late = ProposeFields(match_id, found.flows, found.prices, found.cost_minor, found.proof)

    assert is_refused(net.give("energy.propose", late, "operator", actor="node"), No.MATCH_NOT_ASKED)
    assert is_refused(
        net.give("energy.withdraw_match", NamedFields(match_id), "operator"), No.MATCH_NOT_ASKED
    )


SHIPS = ((Node("P", 90), Node("X", -50, 20)), (Route("ship", "P", "X", 2, lot=30),), ())


def test_cargoes_that_leave_a_gap_wait_for_two_people():
    """One ship of 30 is all that 50 are worth: no proof says that nothing is cheaper, so two people say so."""
    net = Network()
    match = propose_any(*SHIPS, solver=SOLVER)
    fields = MatchFields(*SHIPS[:2], match.flows, match.prices, match.cost_minor, proof=match.proof)
    (found,) = facts(net.give("energy.match", fields, "operator"))
    assert isinstance(found, EnergyMatched)
    assert ("UNPROVED", True) == (found.state, found.gap_minor > 0)
    assert net.world.deals.encode() == Deals.decode(net.world.deals.encode()).encode()
    (match_id,) = net.world.deals.unproved
    alone = net.give("energy.publish", NamedFields(match_id), "operator")
    assert is_refused(alone, SettingRefusal.TWO_PEOPLE_NEEDED)
    nudged = structs.replace(fields, flows=(31,))
    assert is_refused(net.give("energy.match", nudged, "operator"), No.MATCH_IS_NOT_FEASIBLE)
    command = Command(
        "energy.publish", 1, bytes(16), "operator", "p-1", net.at, NO_FIELDS, NO_FIELDS, bytes(16)
    )
    (told,) = facts(publish_unproved(net.world, command, NamedFields(match_id), net.at))

    assert structs.replace(told, state="UNPROVED") == found
    assert {} == net.world.deals.unproved
    assert is_refused(
        net.give("energy.withdraw_match", NamedFields(match_id), "operator"), No.MATCH_NOT_ASKED
    )


def test_a_malicious_proposal_for_a_deal_changes_nothing():
    """A flow, a price, a rent or the cost off by one: refused, and the question is still open."""
    net = Network()
    net.give("energy.ask", ASK, "operator")
    (match_id,) = net.world.supplies.asked
    proof = propose_any(NODES, ROUTES, PIPE, solver=SOLVER).proof
    for name, place in (("flows", 0), ("prices", 1), ("rents", 0)):
        old = getattr(proof, name)
        lied = structs.replace(proof, **{name: (*old[:place], "1", *old[place + 1 :])})
        outcome = net.give(
            "energy.propose", ProposeFields(match_id, (), (), 0, lied), "operator", actor="node"
        )
        assert outcome.code == Code.REFUSED, name
    assert [match_id] == list(net.world.supplies.asked)
    assert {} == net.world.deals.live


def test_bills_by_the_month_are_those_of_the_match():
    """The same in whatever order its parts are named."""
    made = match_energy(NODES, ROUTES, solver=SOLVER, shared=PIPE)
    turned = match_energy(NODES[::-1], ROUTES, solver=SOLVER, shared=PIPE)

    assert bills(NODES, ROUTES, PIPE, made) == bills(NODES[::-1], ROUTES, PIPE, turned)
