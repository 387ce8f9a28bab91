"""A netting cycle's obligations booked at once: the same facts, notices and state as one after the other."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from steelyard.flows import cycle_plan, cycle_question, cycle_rows, pair_sums, parties, together
from steelyard.flows.command import encode
from steelyard.flows.own_rules import LimitFields
from steelyard.flows.settled_rows import each_fact, each_notice
from steelyard.liquidity.cycles import CycleState
from steelyard.liquidity.snapshot import PackedCycle, pack_cycle
from steelyard.payments.columns import Names
from tests.flows.cycles import Cycles
from tests.flows.payworld import ANNA, ARNE, BIRK, BRAM, CLEO

BANKS = (ANNA, ARNE, BIRK, BRAM, CLEO)
PAYMENT = st.tuples(
    st.permutations(BANKS).map(lambda every: tuple(every[:2])), st.integers(1, 90), st.integers(1, 2)
)


def settled(payments, *, many, reports, kept, wanted_back, unpaid):
    """Run a cycle to its end; give its network, and what every outcome tells, one by one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(together, "MANY", many)
        cycles = Cycles(by=BANKS)
        net, world = cycles.net, cycles.net.world
        for bic in BANKS if reports else ():
            bank = world.members.participants[bic]
            bank.settings = replace(bank.settings, reports_credit=True)
        cycles.open()
        uetrs = [net.pay(*pair, "NOR", minor, priority=priority) for pair, minor, priority in payments]
        if kept:
            payer = parties.settlement_account(world, ANNA, "NOR")
            world.reservations.put(payer, 1, 70)
        cycles.cut()
        for number in wanted_back:
            if number < len(uetrs):
                net.cancel(payments[number][0][0], uetrs[number])
        cycles.reach(CycleState.FUNDING)
        for bic, asset, minor in list(cycles.cycle.each_call()):
            if bic != unpaid:
                net.fund(bic, asset, minor + (70 if bic == ANNA else 0))
                cycles.pay_in(bic)
        for _ in range(12):
            if cycles.state in (CycleState.STATEMENTS, CycleState.CANCELLED):
                break
            net.at = max(net.at, net.machine.next_due())
            net.give("tick", None, "operator", actor="node")
            cycles.check()
    told = [
        (list(each_fact(outcome.facts)), list(each_notice(outcome.facts, outcome.notices)))
        for outcome in net.outcomes
    ]
    return net, told


@settings(max_examples=30, deadline=None)
@given(
    payments=st.lists(PAYMENT, min_size=1, max_size=12),
    reports=st.booleans(),
    kept=st.booleans(),
    wanted_back=st.sets(st.integers(0, 11), max_size=2),
    unpaid=st.sampled_from(("", *BANKS)),
)
def test_at_once_is_as_one_by_one(payments, reports, kept, wanted_back, unpaid):
    """Whether all is paid in, one bank fails, or some want theirs back: only the way of writing differs."""
    (one, told), (other, also) = (
        settled(
            payments, many=many, reports=reports, kept=kept, wanted_back=sorted(wanted_back), unpaid=unpaid
        )
        for many in (10**6, 1)
    )
    for net in (one, other):
        net.world.queues.todo.accounts.clear()  # who is looked at next may differ: nobody settles twice by it

    for (facts, notices), (facts_at_once, notices_at_once) in zip(told, also, strict=True):
        assert facts == facts_at_once
        assert sorted(map(encode, notices)) == sorted(map(encode, notices_at_once))
    assert dict(one.world.section_hashes()) == dict(other.world.section_hashes())


@settings(max_examples=30, deadline=None)
@given(
    st.lists(PAYMENT, min_size=1, max_size=12), st.booleans(), st.sampled_from((None, 20)),
    st.sampled_from(("", *BANKS)),
)  # fmt: skip
def test_a_solver_is_sent_the_same_whoever_packs_it(payments, funded, limit, suspended):
    """Before the pay-ins and after them, with rules and with somebody gone; two currencies, one of them empty."""
    cycles = Cycles("NOR", "SUD", by=BANKS)
    net = cycles.net
    cycles.open()
    for pair, minor, priority in payments:
        net.pay(*pair, "NOR", minor, priority=priority, may_split=bool(minor % 2))
    cycles.cut()
    cut_now = cycles.cycle_id in net.world.cycles.live
    assert cut_now is (net.world.cycles.at_hand is not None)
    if cut_now:  # the table of the cut, then one made anew
        sent = [cycle_question.packed(net.world, cycles.cycle, net.at) for _ in range(2)]
        assert net.world.cycles.at_hand is None
        assert pack_cycle(sent[0]) == pack_cycle(sent[1])
    if limit is not None:
        net.give("limit.own", LimitFields("NOR", BRAM, limit), ANNA)
    if suspended:
        net.suspend(suspended)
    if funded:
        for _ in range(20):  # nothing may be left for it, then it ends
            if cycles.state in (CycleState.FUNDING, CycleState.CANCELLED):
                break
            net.at = max(net.at, net.machine.next_due())
            net.give("tick", None, "operator", actor="node")
        for bic, asset, minor in list(cycles.cycle.each_call()):
            net.fund(bic, asset, minor)
            cycles.pay_in(bic, amount=max(1, minor // 2))
    world, cycle = net.world, cycles.cycle
    if cycles.cycle_id in world.cycles.live:
        sent = cycle_question.packed(world, cycle, net.at)
        assert isinstance(sent, PackedCycle)
        assert pack_cycle(cycle_plan.snapshot(world, cycle, net.at)) == pack_cycle(sent)


@given(
    st.lists(
        st.tuples(
            st.permutations(BANKS).map(lambda every: tuple(every[:2])), st.integers(0, 10**18 - 1),
            st.sampled_from(("NOR", "SUD", ANNA)),
        ),
        min_size=1, max_size=30,
    )
)  # fmt: skip
def test_sums_over_columns_are_exact(rows):
    """Python's own integers beside the halves; one currency is named as a bank is."""
    pairs, minors, assets = zip(*rows, strict=True)
    sides = [[(pair[side], asset) for pair, asset in zip(pairs, assets, strict=True)] for side in (0, 1)]
    names = Names()
    ends = [
        np.array([names[name] for name in side], np.int64)
        for side in ([bic for bic, _ in sides[0]], [bic for bic, _ in sides[1]], assets)
    ]
    members, payer, payee = cycle_rows._members(names, *ends)
    amounts = cycle_rows.minors(minors)

    assert members == sorted({*sides[0], *sides[1]})
    for places, side in ((payer, sides[0]), (payee, sides[1])):
        assert [members[place] for place in places.tolist()] == side
        assert pair_sums.totals(places, amounts, len(members)) == [
            sum(minor for one, minor in zip(side, minors, strict=True) if one == member) for member in members
        ]


def test_a_table_of_many_participants_takes_no_room_for_each_pair_of_names():
    """As much as all of 20,000 banks at 8 bytes a name, not 3 GB."""
    names = Names()
    banks = np.array([names[f"BANK{number:08}"] for number in range(20_000)], np.int64)
    asset = np.full(len(banks), names["NOR"], np.int64)
    tracemalloc.start()
    members, payer, _ = cycle_rows._members(names, banks, banks[::-1].copy(), asset)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert (len(banks), payer.tolist()) == (len(members), list(range(len(banks))))
    assert most < 2**24
