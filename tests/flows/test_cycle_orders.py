"""Who may give orders about cycles, and each refusal; when cycles are cut by the calendar; who is in one."""

import pytest
from msgspec.structs import replace

from steelyard.engine.refusals import Refusal, SettingRefusal
from steelyard.flows.choose import SettingsFields
from steelyard.flows.command import Code
from steelyard.flows.liquidity_facts import CycleMoved, CycleScheduled
from steelyard.flows.netting_cycle import NamedFields, OpenFields, PayInFields, ScheduleFields
from steelyard.liquidity.cycles import CycleState
from steelyard.liquidity.refusals import LiquidityRefusal as No
from steelyard.members.people import KEY, Actor
from steelyard.members.refusals import MemberRefusal
from steelyard.members.roles import Role
from steelyard.payments.payment import Wait
from steelyard.values.instants import DAY, HOUR, MINUTE
from tests.flows.cycles import Cycles, Planner, all_facts, moved
from tests.flows.payworld import ANNA, ARNE, BRAM, CLEO, START, Network, is_refused

EIGHT = (START - START // DAY * DAY) // MINUTE


@pytest.fixture
def cycles():
    made = Cycles()
    made.open()
    return made


def agent(cycles, asset="NOR"):
    name = f"STAG{asset}0"
    cycles.net.world.members.put_actor(
        Actor(f"k-{name}", name, KEY, (Role.SETTLEMENT_AGENT,), public_key=b"k" * 32)
    )
    return name


def funding(cycles, amount=100):
    uetr = cycles.net.pay(ANNA, BRAM, "NOR", amount)
    cycles.cut()
    cycles.reach(CycleState.FUNDING)
    return uetr


# Refusals


def test_cycle_is_open(cycles):
    assert is_refused(cycles.net.give("cycle.open", OpenFields(("NOR", "SUD")), "operator"), No.CYCLE_IS_OPEN)


def test_cycle_not_found(cycles):
    for name in ("cut", "cancel"):
        found = cycles.approved(f"cycle.{name}", NamedFields(b"x" * 16))
        assert is_refused(found, No.CYCLE_NOT_FOUND)
    paid = cycles.net.give("cycle.pay_in", PayInFields(b"x" * 16, "NOR"), ANNA)
    assert is_refused(paid, No.CYCLE_NOT_FOUND)


def test_cycle_state_forbids(cycles):
    assert is_refused(cycles.extend(1), No.CYCLE_STATE_FORBIDS)
    assert is_refused(cycles.pay_in(ANNA), No.CYCLE_STATE_FORBIDS)
    funding(cycles)
    assert is_refused(cycles.cut(), No.CYCLE_STATE_FORBIDS)
    cycles.net.fund(ANNA, "NOR", 100)
    cycles.pay_in(ANNA)
    assert CycleState.PVP_SETTLE is cycles.state
    assert is_refused(cycles.exclude(ANNA), No.CYCLE_STATE_FORBIDS)
    cycles.reach(CycleState.CLOSED)
    assert is_refused(cycles.cancel(), No.CYCLE_STATE_FORBIDS)


@pytest.mark.parametrize("cuts", [(5, 5), (6, 5)])
def test_cycle_time_out_of_range(cuts):
    cycles = Cycles()
    assert is_refused(cycles.schedule(*cuts), No.CYCLE_TIME_OUT_OF_RANGE)
    assert is_refused(cycles.open(cut_at=cycles.net.at), No.CYCLE_TIME_OUT_OF_RANGE)


def test_cycle_is_empty(cycles):
    assert is_refused(cycles.cut(), No.CYCLE_IS_EMPTY)


def test_cycle_was_extended(cycles):
    funding(cycles)
    for by_ms in (0, 1_800_001):
        assert is_refused(cycles.extend(by_ms), No.CYCLE_WAS_EXTENDED)
    cycles.extend(1)
    assert is_refused(cycles.extend(1), No.CYCLE_WAS_EXTENDED)


def test_cycle_has_no_such_member(cycles):
    assert is_refused(cycles.exclude("NOBODY00"), No.CYCLE_HAS_NO_SUCH_MEMBER)


def test_pay_in_not_called(cycles):
    funding(cycles)
    assert is_refused(cycles.pay_in(BRAM), No.PAY_IN_NOT_CALLED)
    assert is_refused(cycles.pay_in(ANNA, "SUD"), No.PAY_IN_NOT_CALLED)


def test_pay_in_exceeds_call(cycles):
    funding(cycles)
    assert is_refused(cycles.pay_in(ANNA, amount=101), No.PAY_IN_EXCEEDS_CALL)


def test_pay_in_is_late(cycles):
    funding(cycles)
    cycles.net.fund(ANNA, "NOR", 100)
    cycles.net.at = cycles.cycle.deadline_at
    assert is_refused(cycles.pay_in(ANNA), No.PAY_IN_IS_LATE)


def test_a_pay_in_without_money_is_refused_by_the_engine(cycles):
    funding(cycles)
    assert is_refused(cycles.pay_in(ANNA), Refusal.LIQUIDITY_IS_SHORT)


def test_cycle_holds_money(cycles):
    """Nobody opens, closes or fills an account for pay-ins by hand."""
    funding(cycles)
    net = cycles.net
    net.fund(ANNA, "NOR", 100)
    name = f"{ANNA}/NOR/cycle"
    opened = net.give("account.open", ("NOR", "cycle", "reserved"), ANNA)
    moved_in = net.give("move", (f"{ANNA}/NOR", name, 5), ANNA)

    assert is_refused(net.give("account.close", (name,), ANNA), No.CYCLE_HOLDS_MONEY)
    assert Code.REFUSED == opened.code
    assert is_refused(moved_in, Refusal.ACCOUNT_NEEDS_OTHER_AUTHORITY)
    cycles.pay_in(ANNA)
    taken = net.give("move", (name, f"{ANNA}/NOR", 5), ANNA)
    assert is_refused(taken, Refusal.ACCOUNT_NEEDS_OTHER_AUTHORITY)
    cycles.check()


def test_who_may_open_and_schedule(cycles):
    net = cycles.net
    own = agent(cycles, "SUD")
    assert net.give("cycle.schedule", ScheduleFields(("SUD",), (600,)), own).code == Code.DONE
    for assets in (("OST",), ("OST", "SUD")):
        refused = net.give("cycle.open", OpenFields(assets), own)
        assert is_refused(refused, MemberRefusal.OBJECT_IS_NOT_YOURS)
    assert is_refused(net.give("cycle.open", OpenFields(()), "operator"), MemberRefusal.CURRENCY_NOT_FOUND)
    assert is_refused(
        net.give("cycle.open", OpenFields(("XXX",)), "operator"), MemberRefusal.CURRENCY_NOT_FOUND
    )
    assert is_refused(net.give("cycle.open", OpenFields(("OST",)), ANNA), Refusal.SENDER_HAS_NO_RIGHT)
    cut = net.give("cycle.cut", NamedFields(cycles.cycle_id), "operator")
    assert is_refused(cut, SettingRefusal.TWO_PEOPLE_NEEDED)


def test_a_bank_chooses_to_settle_by_cycle():
    net = Network()
    assert (
        net.give("participant.choose", SettingsFields(by_cycle=("SUD", "NOR"), pays_in=True), ANNA).code == 0
    )
    settings = net.world.members.participants[ANNA].settings
    assert (("NOR", "SUD"), True) == (settings.by_cycle, settings.pays_in)
    refused = net.give("participant.choose", SettingsFields(by_cycle=("XXX",)), ANNA)
    assert is_refused(refused, MemberRefusal.CURRENCY_NOT_FOUND)


# A solver's plan


def planned(cycles):
    planner = Planner(cycles.net)
    for payer, payee, amount in ((ANNA, BRAM, 50), (BRAM, CLEO, 30), (CLEO, ANNA, 20)):
        cycles.net.pay(payer, payee, "NOR", amount)
    cycles.cut()
    return planner


def test_a_tampered_plan_is_refused_by_name_and_changes_nothing(cycles):
    planner = planned(cycles)
    fields = planner.fields()
    seqs = fields.seqs
    before = {
        name: digest for name, digest in cycles.net.world.section_hashes() if name not in ("ids", "world")
    }
    bad = b"\x80"
    for refusal, changes in (
        (No.CYCLE_NOT_FOUND, {"cycle_id": b"x" * 16}),
        (No.CYCLE_NOT_ASKED, {"ask": 2}),
        (No.PLAN_LEAVES_OUT, {"seqs": seqs[:2]}),
        (No.PLAN_LEAVES_OUT, {"seqs": []}),
        (No.PAYMENT_TWICE, {"seqs": [*seqs, 0]}),
        (No.PROPOSAL_IS_MALFORMED, {"parts": [(9, 1)]}),
        (No.PROPOSAL_IS_MALFORMED, {"parts": [(1, 1), (0, 1)]}),
        (No.PART_EXCEEDS_OPEN, {"parts": [(0, 51)]}),
        (No.SPLIT_NOT_ALLOWED, {"parts": [(0, 49)]}),
        (No.CERTIFICATE_MALFORMED, {"certificates": [bad]}),
        (No.CERTIFICATE_MALFORMED, {"bounds": [("NOR", "1"), ("NOR", "1")]}),
    ):
        assert is_refused(planner.answer(**changes), refusal), refusal
    after = {
        name: digest for name, digest in cycles.net.world.section_hashes() if name not in ("ids", "world")
    }
    assert before == after

    assert planner.answer().code == Code.DONE
    assert cycles.cycle.plan.proved
    assert {"NOR": "100"} == cycles.cycle.plan.bounds
    assert is_refused(planner.answer(), No.CYCLE_NOT_ASKED)


def test_a_plan_takes_nobody_more_than_it_has_paid_in(cycles):
    planner = planned(cycles)
    planner.answer()
    cycles.reach(CycleState.FUNDING)
    seqs = planner.fields().seqs
    cycles.net.at = cycles.cycle.deadline_at
    cycles.net.tick()

    assert is_refused(planner.answer(seqs=seqs), No.PLAN_EXCEEDS_PAY_INS)
    assert CycleState.FUNDING is cycles.state


def test_a_bound_that_its_certificate_does_not_bear_leaves_a_plan_unproved(cycles):
    planner = planned(cycles)
    assert planner.answer(bounds=[("NOR", "99")]).code == Code.DONE
    assert not cycles.cycle.plan.proved


def test_a_plan_is_proved_when_every_currency_of_it_is():
    cycles = Cycles("NOR", "SUD")
    planner = Planner(cycles.net)
    cycles.open()
    cycles.net.pay(ANNA, BRAM, "NOR", 10)
    cycles.net.pay(BRAM, ANNA, "SUD", 70)
    cycles.cut()
    honest = planner.fields()
    again = cycles.net.again()
    assert planner.answer().code == Code.DONE
    assert cycles.cycle.plan.proved

    other = Cycles("NOR", "SUD", net=again)
    other.cycle_id = cycles.cycle_id
    some = replace(honest, bounds=honest.bounds[:1], certificates=honest.certificates[:1])
    assert again.give("cycle.propose", some, "operator", actor="node").code == Code.DONE
    assert not other.cycle.plan.proved


def test_a_silent_solver_is_not_waited_for(cycles):
    planned(cycles)
    cycles.net.wait(59_000_000_000)
    assert CycleState.CUT is cycles.state
    cycles.net.wait(1_000_000_000)
    assert ("A3", CycleState.NOTIFIED) == (cycles.cycle.plan.algorithm, cycles.state)


# The calendar, and who is in a cycle


def test_cycles_follow_one_another_by_the_calendar():
    cycles = Cycles()
    net = cycles.net
    assert cycles.schedule(EIGHT + 60, EIGHT + 120).code == Code.DONE
    first = cycles.cycle_id
    uetr = net.pay(ANNA, BRAM, "NOR", 10)
    net.wait(HOUR)

    assert CycleState.CUT is cycles.state
    assert Wait.CYCLE == net.world.payments.live[uetr].waits
    later = net.pay(ANNA, BRAM, "NOR", 10)
    second = net.world.cycles.open["NOR"]
    assert second.cycle_id != first
    assert [later] == list(second.items)
    assert START + 2 * HOUR == second.cut_at


def test_an_empty_cycle_waits_for_the_next_cut():
    cycles = Cycles()
    cycles.schedule(EIGHT + 60, EIGHT + 120)
    cycles.net.wait(HOUR)

    assert (CycleState.OPEN, START + 2 * HOUR) == (cycles.state, cycles.cycle.due_at)
    cycles.check()


def test_a_schedule_ends_and_its_open_cycle_is_the_last():
    cycles = Cycles()
    cycles.schedule(EIGHT + 60)
    cycle_id = cycles.cycle_id
    cycles.schedule()
    cycles.cycle_id = cycle_id
    cycles.net.wait(HOUR)

    assert CycleState.CANCELLED is cycles.state
    assert [(("NOR",), (EIGHT + 60,)), (("NOR",), ())] == [
        (fact.assets, fact.cuts) for fact in all_facts(cycles.net, CycleScheduled)
    ]
    assert {} == cycles.net.world.cycles.schedules


def test_after_a_cancelled_cycle_the_calendar_opens_the_next():
    cycles = Cycles()
    cycles.schedule(EIGHT + 60, EIGHT + 120)
    cycles.cancel()
    assert {} == cycles.net.world.cycles.open
    cycles.net.wait(HOUR)

    assert START + 2 * HOUR == cycles.net.world.cycles.open["NOR"].cut_at


def test_a_cycle_cut_by_hand_before_its_time_makes_room_for_the_next():
    cycles = Cycles()
    cycles.schedule(EIGHT + 60)
    cycles.net.pay(ANNA, BRAM, "NOR", 10)
    assert cycles.cut().code == Code.DONE

    assert cycles.net.world.cycles.open["NOR"].cycle_id != cycles.cycle_id


def test_what_would_be_late_is_in_no_cycle(cycles):
    net = cycles.net
    late = net.pay(ANNA, BRAM, "NOR", 10, not_after_at=net.at + 30 * MINUTE)
    in_time = net.pay(ANNA, BRAM, "NOR", 10, not_after_at=net.at + 40 * MINUTE)
    assert [in_time] == list(cycles.cycle.items)
    net.at += 20 * MINUTE
    gone = net.pay(ANNA, BRAM, "NOR", 10)
    cycles.cut()

    assert [gone] == list(cycles.cycle.items)
    assert [Wait.FUNDS] * 2 == [net.world.payments.live[uetr].waits for uetr in (late, in_time)]
    cycles.check()


def test_more_than_one_bundle_holds_opens_the_next_cycle_at_once(cycles, monkeypatch):
    monkeypatch.setattr("steelyard.flows.cycle_life.MOST", 3)
    net = cycles.net
    uetrs = [net.pay(ANNA, BRAM, "NOR", 10, priority=priority) for priority in (2, 2, 1, 2, 1)]
    cycles.cut()

    members = list(cycles.cycle.items)
    following = net.world.cycles.open["NOR"]
    assert [uetrs[2], uetrs[4], uetrs[0]] == members
    assert [uetrs[1], uetrs[3]] == list(following.items)
    assert "rest" == following.trigger
    cycles.check()


def test_who_is_in_a_cycle_is_the_same_in_a_replay_cut_anywhere():
    """The same commands, with the state written down and read again before any of them, give the same members."""

    def run(breaks):
        cycles = Cycles()
        cycles.open()
        for number in range(12):
            if number in breaks:
                other = Cycles(net=cycles.net.again())
                other.cycle_id, other.net.outcomes = cycles.cycle_id, cycles.net.outcomes
                cycles = other
            pair = (ANNA, BRAM) if number % 3 else (CLEO, ARNE)
            uetr = cycles.net.pay(*pair, "NOR", 10 + number, priority=1 + number % 2)
            if number % 5 == 4:
                cycles.net.cancel(pair[0], uetr)
        cycles.cut()
        return list(cycles.cycle.items), cycles.cycle.cut_seq, cycles.net.world.state_hash()

    plain = run(())
    assert len(plain[0]) == 10
    assert plain == run((3,)) == run((1, 7, 11)) == run(tuple(range(12)))


# Limits, several currencies, consent to pay in


def test_own_limits_hold_before_money_is_asked_for(cycles):
    net = cycles.net
    ends = [net.world.members.accounts.settlement(bic, "NOR") for bic in (ANNA, BRAM)]
    net.world.limits.put(*ends, 60, from_at=net.at)
    large, small = (net.pay(ANNA, BRAM, "NOR", amount) for amount in (50, 20))
    cycles.cut()
    cycles.reach(CycleState.FUNDING)

    assert {large: 50, small: 0} == cycles.cycle.items
    assert {ANNA: 50} == cycles.cycle.calls["NOR"]


def test_several_currencies_settle_together_or_not_at_all():
    cycles = Cycles("NOR", "SUD")
    cycles.open()
    net = cycles.net
    there, back = net.pay(ANNA, BRAM, "NOR", 10), net.pay(BRAM, ANNA, "SUD", 70)
    cycles.cut()
    cycles.reach(CycleState.FUNDING)
    net.fund(ANNA, "NOR", 10)
    net.fund(BRAM, "SUD", 70)
    cycles.pay_in(ANNA, "NOR")
    assert CycleState.FUNDING is cycles.state
    cycles.pay_in(BRAM, "SUD")
    cycles.reach(CycleState.STATEMENTS)

    records = [net.world.payments.record(uetr) for uetr in (there, back)]
    assert all(record is not None for record in records)
    assert (10, 70) == (net.balance(BRAM, "NOR"), net.balance(ANNA, "SUD"))
    assert 1 == len([fact for fact in all_facts(net, CycleMoved) if fact.event == "APPLIED"])
    cycles.check()


@pytest.mark.parametrize(
    ("priority", "urgent", "high", "taken"),
    [
        (2, 0, 0, 60),
        (2, 25, 0, 35),  # normal: nothing of what is kept for classes
        (2, 25, 20, 15),
        (2, 70, 0, 0),
        (1, 25, 20, 35),  # high: what is kept for high serves it
        (1, 0, 90, 60),
    ],
)
def test_what_is_kept_for_classes_is_not_taken_for_a_cycle(cycles, priority, urgent, high, taken):
    net = cycles.net
    net.set(ANNA, by_cycle=("NOR",), pays_in=True)
    net.fund(ANNA, "NOR", 60)
    number = net.world.members.accounts.settlement(ANNA, "NOR")
    net.world.reservations.put(number, 0, urgent)
    net.world.reservations.put(number, 1, high)
    net.pay(ANNA, BRAM, "NOR", 100, priority=priority)
    cycles.cut()
    cycles.reach(CycleState.FUNDING)

    assert (taken, 60 - taken) == (net.balance(ANNA, "NOR", "cycle"), net.balance(ANNA, "NOR"))
    assert (
        cycles.pay_in(ANNA, amount=60 - taken).code == Code.DONE or taken == 60
    )  # its own order may take all
    cycles.check()


def test_who_lets_its_own_be_taken_gives_no_order(cycles):
    net = cycles.net
    net.set(ANNA, by_cycle=("NOR",), pays_in=True)
    net.fund(ANNA, "NOR", 60)
    net.pay(ANNA, BRAM, "NOR", 100)
    cycles.cut()
    cycles.reach(CycleState.FUNDING)
    assert (60, 0) == (net.balance(ANNA, "NOR", "cycle"), net.balance(ANNA, "NOR"))
    net.fund(ANNA, "NOR", 45)
    cycles.reach(CycleState.STATEMENTS)

    assert (5, 100) == (net.balance(ANNA, "NOR"), net.balance(BRAM, "NOR"))
    assert not any(fact.event == "REPLANNED" for outcome in net.outcomes for fact in moved(outcome))
