"""Suspension with money under way: what ends, what goes on, what never comes back by itself."""

import pytest

from steelyard.flows.choose import SettingsFields
from steelyard.flows.command import Code, raw
from steelyard.flows.currency import RulesFields
from steelyard.flows.facts import ParticipantMoved, PaymentMoved, RedemptionMoved
from steelyard.flows.fields import PayAdded, PayFields
from steelyard.flows.fund import AdviceFields
from steelyard.flows.member import MoveFields
from steelyard.flows.packs import PackFields
from steelyard.flows.redeem import RedeemFields
from steelyard.flows.suspend import LiftFields, SuspendFields
from steelyard.members.packs import digest_of
from steelyard.members.participants import ParticipantState
from steelyard.members.refusals import MemberRefusal, MoneyRefusal
from steelyard.members.rulebook import content_of
from steelyard.payments.refusals import PaymentRefusal
from steelyard.values.instants import DAY
from tests.members.network import BANKS, CLOSE, MONDAY, add_bank, done, facts, ready, refused, told

ANNA, BRAM, CLEO = BANKS["anna"], BANKS["bram"], BANKS["cleo"]
DORA = "DORANOR0"


@pytest.fixture
def net():
    net = ready()
    for asset in ("NOR", "SUD"):
        done(net.agent(asset, "currency.rules", RulesFields(asset, True, fund_on_advice=True)))
    for word in BANKS:
        done(
            net.do(
                f"k-{word}", "participant.choose", SettingsFields(accepts_minor=(("NOR", -1), ("SUD", -1)))
            )
        )
    return net


def fund(net, bic, amount, advice, asset="NOR"):
    return done(net.do(f"k-{asset.lower()}", "fund.advise", AdviceFields(asset, bic, amount, advice)))


def pay(net, payer, payee, amount, asset="NOR"):
    net.number += 1
    uetr = net.number.to_bytes(16, "big")
    fields = PayFields(uetr, 0, 0, b"", b"", b"", uetr, 1, payer, payee, asset, amount, asset, amount)
    word = next(word for word, bic in {**BANKS, "dora": DORA}.items() if bic == payer)
    command = net.command("pay", fields, f"k-{word}")
    command = type(command)(*(
        raw(PayAdded(b"m" * 32, b"p" * 32)) if name == "added" else getattr(command, name)
        for name in type(command).__struct_fields__
    ))  # fmt: skip
    return uetr, net.apply(command)


def suspend(net, bic, **more):
    return done(net.ops("participant.suspend", SuspendFields(bic, **more)))


def test_a_suspended_bank_neither_sends_nor_receives_nor_gets_money(net):
    outcome = suspend(net, ANNA, reason="COURT")
    (moved,) = facts(outcome, ParticipantMoved)

    assert ("SUSPENDED", "COURT") == (moved.state, moved.reason)
    assert PaymentRefusal.DEBTOR_AGENT_IS_BARRED.code == pay(net, ANNA, BRAM, 1)[1].refusal
    assert PaymentRefusal.CREDITOR_AGENT_IS_SUSPENDED.code == pay(net, BRAM, ANNA, 1)[1].refusal

    fund(net, ANNA, 100, "A1")
    (listed,) = net.world.money.fundings.values()

    assert ("LISTED", "PARTICIPANT_MAY_NOT_HOLD") == (listed.state, listed.reason)


def test_others_are_told_but_not_why(net):
    outcome = suspend(net, ANNA, reason="COURT")
    notices = {one.recipient: one.data for one in outcome.notices if one.kind == "participant.moved"}

    assert {ANNA, BRAM, CLEO} == set(notices)
    assert "COURT" in notices[ANNA]
    assert "COURT" not in notices[BRAM] + notices[CLEO]


def test_what_waits_ends_with_the_next_tick_on_both_sides(net):
    """Payments that wait for money: anna's own as its sender, bram's as its payee."""
    mine, _ = pay(net, ANNA, BRAM, 100)
    theirs, _ = pay(net, BRAM, ANNA, 90)

    assert 4 == net.world.payments.state_of(mine)

    suspend(net, ANNA)
    ended = [fact for outcome in net.tick() for fact in facts(outcome, PaymentMoved) if fact.after == 20]

    assert {
        mine: PaymentRefusal.DEBTOR_AGENT_WAS_SUSPENDED.code,
        theirs: PaymentRefusal.CREDITOR_AGENT_WAS_SUSPENDED.code,
    } == {fact.uetr: fact.refusal for fact in ended}
    net.check()


def test_barred_from_sending_it_still_receives(net):
    mine, _ = pay(net, ANNA, BRAM, 100)
    theirs, _ = pay(net, BRAM, ANNA, 90)
    suspend(net, ANNA, sending_only=True)
    net.tick()

    assert (20, 4) == (net.world.payments.state_of(mine), net.world.payments.state_of(theirs))

    fund(net, BRAM, 100, "A1")

    assert 9 == net.world.payments.state_of(theirs)
    assert 90 == net.balance(ANNA, "NOR")


def test_until_its_step_comes_a_waiting_payment_cannot_settle(net):
    """Money that comes between the suspension and its tick settles nothing of the suspended bank."""
    mine, _ = pay(net, ANNA, BRAM, 100)
    theirs, _ = pay(net, BRAM, ANNA, 90)
    suspend(net, ANNA)
    fund(net, BRAM, 100, "A1")

    assert 100 == net.balance(BRAM, "NOR")
    assert net.world.payments.state_of(theirs) == 20

    net.tick()

    assert 20 == net.world.payments.state_of(mine)


def test_many_waiting_payments_end_in_steps(net):
    """7 waiting, 3 a step: three ticks, others served between."""
    content = content_of({"version": "2", "members": {"suspension_step": 3}})
    done(net.ops("pack.load", PackFields("rulebook", "rulebook", "2", digest_of(content), content)))
    waiting = [pay(net, ANNA, BRAM, 100)[0] for _ in range(7)]
    suspend(net, ANNA)
    left = []
    while net.world.timers.next_due() is not None and net.world.timers.next_due() <= net.at:
        net.do("node", "tick", ())
        left.append(sum(net.world.payments.state_of(uetr) == 4 for uetr in waiting))

    assert [20] * 7 == [net.world.payments.state_of(uetr) for uetr in waiting]
    assert left == sorted(left, reverse=True)
    net.check()


def test_the_banks_of_a_suspended_member_share_one_step_a_tick(net):
    """Two banks of NOR with five waiting each, three a step: no tick ends more, whoever is first by name."""
    content = content_of({"version": "2", "members": {"suspension_step": 3}})
    done(net.ops("pack.load", PackFields("rulebook", "rulebook", "2", digest_of(content), content)))
    add_bank(net, "dora", DORA, "NOR")
    accepts = SettingsFields(accepts_minor=(("NOR", -1), ("SUD", -1)))
    done(net.do("k-dora", "participant.choose", accepts))
    waiting = [pay(net, bank, BRAM, 100)[0] for _ in range(5) for bank in (ANNA, DORA)]
    done(net.ops("member.suspend", MoveFields("NOR")))
    ended = []
    while net.world.timers.next_due() is not None and net.world.timers.next_due() <= net.at:
        outcome = net.do("node", "tick", ())
        ended.append(sum(fact.after == 20 for fact in facts(outcome, PaymentMoved)))

    assert [3, 3, 3, 1] == ended
    assert {20} == {net.world.payments.state_of(uetr) for uetr in waiting}
    net.check()


def test_lifting_restores_nothing(net):
    mine, _ = pay(net, ANNA, BRAM, 100)
    suspend(net, ANNA)
    net.tick()
    done(net.ops("participant.lift", LiftFields(ANNA)))
    fund(net, ANNA, 100, "A1")

    assert 20 == net.world.payments.state_of(mine)
    assert 100 == net.balance(ANNA, "NOR")
    assert Code.DONE == pay(net, ANNA, BRAM, 100)[1].code


def test_lifted_before_its_tick_what_still_waits_goes_on(net):
    """The step asks how the bank stands when it comes."""
    mine, _ = pay(net, ANNA, BRAM, 100)
    suspend(net, ANNA)
    done(net.ops("participant.lift", LiftFields(ANNA)))
    net.tick()

    assert 4 == net.world.payments.state_of(mine)


def test_a_redemption_with_the_rtgs_goes_on_one_only_reserved_is_released(net):
    """Ordered inside hours, reserved outside; then suspended."""
    fund(net, ANNA, 300, "A1")
    done(net.do("k-anna", "redeem", RedeemFields("NOR", 100)))
    net.wait_until(MONDAY * DAY + CLOSE)
    done(net.do("k-anna", "redeem", RedeemFields("NOR", 200)))
    before = [one.state for one in net.world.money.redemptions.values()]
    outcome = suspend(net, ANNA)

    assert ["OVERDUE", "RESERVED"] == before
    assert ["OVERDUE", "RELEASED"] == [one.state for one in net.world.money.redemptions.values()]
    assert ["SUSPENDED"] == [fact.reason for fact in facts(outcome, RedemptionMoved)]
    assert 200 == net.available(ANNA, "NOR")
    assert refused(
        net.do("k-anna", "redeem", RedeemFields("NOR", 1)), MemberRefusal.PARTICIPANT_STATE_FORBIDS
    )
    net.check()


def test_a_suspended_member_stops_all_its_banks(net):
    mine, _ = pay(net, ANNA, BRAM, 100)
    outcome = done(net.ops("member.suspend", MoveFields("NOR", "REVIEW")))
    net.tick()

    assert 20 == net.world.payments.state_of(mine)
    assert (ANNA, "member.moved") in told(outcome)
    assert ParticipantState.ACTIVE is net.world.members.participants[ANNA].state


def test_a_settlement_agent_suspends_its_own_banks(net):
    done(net.agent("NOR", "participant.suspend", SuspendFields(ANNA)))

    assert ParticipantState.SUSPENDED is net.world.members.participants[ANNA].state
    assert refused(net.agent("NOR", "participant.lift", LiftFields(BRAM)), MemberRefusal.OBJECT_IS_NOT_YOURS)
    done(net.agent("NOR", "participant.lift", LiftFields(ANNA)))


def test_who_stands_otherwise_is_not_lifted(net):
    outcome = net.ops("participant.lift", LiftFields(ANNA))

    assert refused(outcome, MemberRefusal.PARTICIPANT_STATE_FORBIDS)


def test_participant_may_not_hold(net):
    """A request of a suspended bank is refused at once."""
    from steelyard.flows.redeem import FundFields

    suspend(net, ANNA)

    assert refused(net.do("k-anna", "fund", FundFields("NOR", 1)), MoneyRefusal.PARTICIPANT_MAY_NOT_HOLD)
