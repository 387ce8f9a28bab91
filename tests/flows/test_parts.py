"""A payment that settles in parts: each part is final, the rest waits on; what ends it gives the rest up."""

import pytest

from steelyard.engine.bundles import Bundle, Kind
from steelyard.engine.records import unpack_all
from steelyard.flows import booking, course
from steelyard.flows.diary import Diary
from steelyard.flows.facts import PaymentMoved
from steelyard.payments.payment import Flag
from steelyard.payments.refusals import PaymentRefusal
from steelyard.payments.states import State
from steelyard.values.instants import DAY
from tests.flows.payworld import ANNA, BRAM, CLEO, Network, facts, notices, part_leg, stands


@pytest.fixture
def net() -> Network:
    network = Network()
    network.fund(ANNA, "NOR", 300)
    return network


def part(net: Network, uetr: bytes, minor: int) -> Diary:
    """Settle a part of a queued payment as a batch does."""
    payment, diary = net.world.payments.live[uetr], Diary()
    leg = part_leg(net.world, payment, minor)
    number = booking.bundle_id(b"batch" + uetr, net.world.commands, net.at)
    bundle = Bundle(number, Kind.PAYMENT, (leg,), reference=int.from_bytes(uetr, "big"))
    act = net.world.engine.move(
        bundle, at=net.at, authority=[net.world.engine.owner_nos[payment.debtor_agent]]
    )
    assert act.refusal is None
    course.part_settled(net.world, diary, payment, minor, number.to_bytes(16, "big"), at=net.at)
    net.legs.append(net.world.engine.take_records())
    net.at += 1_000
    return diary


def test_a_part_is_final_and_the_rest_waits_at_its_place(net: Network) -> None:
    net.mode("NOR", "fifo")
    uetr = net.pay(ANNA, BRAM, "NOR", 1_000)
    second = net.pay(ANNA, CLEO, "NOR", 5)
    part(net, uetr, 300)
    payment = net.world.payments.live[uetr]

    assert (300, 700, 1) == (payment.settled_minor, payment.open_minor, payment.parts)
    assert (State.QUEUED, 300, 0) == (net.state(uetr), net.balance(BRAM, "NOR"), net.balance(ANNA, "NOR"))
    assert [uetr, second] == [item.uetr for item in net.world.queues.of(payment.waits_on)]
    assert net.world.queues.depth(payment.waits_on) == (2, 705)
    net.check()


def test_money_that_arrives_settles_the_rest_as_the_last_part(net: Network) -> None:
    uetr = net.pay(ANNA, BRAM, "NOR", 1_000)
    part(net, uetr, 300)
    net.fund(ANNA, "NOR", 700)
    moved = [fact for fact in facts(net.outcomes[-1]) if isinstance(fact, PaymentMoved)]

    assert State.SETTLED == net.state(uetr)
    assert [("SETTLED_NOW", (2, 700, 1_000, 0))] == [(fact.event, fact.detail) for fact in moved]
    assert 1_000 == net.balance(BRAM, "NOR")
    record = net.world.payments.record(uetr)
    assert record is not None
    assert (1_000, 0) == (record.target_minor, record.flags)
    legs = [
        leg.amount_minor
        for leg in unpack_all(b"".join(net.legs))
        if leg.reference == int.from_bytes(uetr, "big")
    ]
    assert [300, 700] == legs
    net.check()


def test_fees_go_with_the_last_part(net: Network) -> None:
    net.rulebook(fees=[{"what": "scheme", "side": "payer", "fixed_minor": 50, "keeper": "operator"}])
    uetr = net.pay(ANNA, BRAM, "NOR", 1_000)
    part(net, uetr, 300)
    assert net.world.payments.live[uetr].due_minor == 750
    net.fund(ANNA, "NOR", 749)
    assert net.state(uetr) == State.QUEUED
    net.fund(ANNA, "NOR", 1)

    assert (State.SETTLED, 0, 1_000) == (net.state(uetr), net.balance(ANNA, "NOR"), net.balance(BRAM, "NOR"))
    last = [one.data[8:] for one in notices(net, "payment.settled")]
    assert [(750, "NOR", 700, 700, 2, 1_000, 0)] * 2 == last
    net.check()


@pytest.mark.parametrize("how", ["withdrawn", "expired", "suspended"])
def test_whatever_ends_it_gives_the_rest_up_and_tells_both(net: Network, how: str) -> None:
    uetr = net.pay(ANNA, BRAM, "NOR", 1_000)
    part(net, uetr, 300)
    if how == "withdrawn":
        net.cancel(ANNA, uetr)
        why = PaymentRefusal.SENDER_WITHDREW
    elif how == "expired":
        net.wait(DAY)
        why = PaymentRefusal.FUNDS_DID_NOT_COME
    else:
        net.suspend(ANNA)
        net.end_waiting(ANNA, 10)
        why = PaymentRefusal.DEBTOR_AGENT_WAS_SUSPENDED
    record = net.world.payments.record(uetr)
    assert record is not None
    moved = [
        fact for outcome in net.outcomes for fact in facts(outcome)
        if isinstance(fact, PaymentMoved) and fact.event == "CLOSED_PARTLY"
    ]  # fmt: skip

    assert (State.SETTLED, why.code, 1_000, 300) == (
        record.state, record.refusal, record.source_minor, record.target_minor
    )  # fmt: skip
    assert record.flags & Flag.PARTLY
    assert [(300, 700)] == [fact.detail[:2] for fact in moved]
    assert [ANNA, BRAM] == [one.recipient for one in notices(net, "payment.closed_partly")]
    assert [(300, "NOR", 300, 300, 1, 300, 700)] * 2 == [
        one.data[8:] for one in notices(net, "payment.closed_partly")
    ]
    assert 300 == net.balance(BRAM, "NOR")
    net.check()


def test_a_repeat_is_answered_with_what_has_settled(net: Network) -> None:
    uetr = net.pay(ANNA, BRAM, "NOR", 1_000)
    part(net, uetr, 300)
    again = net.paid(ANNA, BRAM, "NOR", 1_000, uetr=uetr)[1]
    assert (4, 300) == (stands(again).state, stands(again).settled_minor)
    net.cancel(ANNA, uetr)
    over = net.paid(ANNA, BRAM, "NOR", 1_000, uetr=uetr)[1]

    assert (9, 300) == (stands(over).state, stands(over).settled_minor)


def test_the_creditor_agent_is_told_by_part_or_when_complete(net: Network) -> None:
    first, second = net.pay(ANNA, BRAM, "NOR", 1_000), net.pay(ANNA, CLEO, "NOR", 1_000)
    net.set(CLEO, tells_parts=False)
    told = [part(net, uetr, 100).notices for uetr in (first, second)]
    assert [[ANNA, BRAM], [ANNA]] == [[one.recipient for one in some] for some in told]
    net.fund(ANNA, "NOR", 1_700)
    settled = [(one.recipient, one.data[10], one.data[12:]) for one in notices(net, "payment.settled")]

    assert [
        (ANNA, 900, (2, 1_000, 0)), (BRAM, 900, (2, 1_000, 0)), (ANNA, 900, (2, 1_000, 0)), (CLEO, 1_000, ()),
    ] == settled  # fmt: skip


def test_acceptance_given_with_the_first_part_holds_for_the_rest(net: Network) -> None:
    uetr = net.pay(ANNA, BRAM, "NOR", 1_000)
    part(net, uetr, 300)
    net.set(BRAM, accepts_minor={})
    net.fund(ANNA, "NOR", 700)

    assert State.SETTLED == net.state(uetr)


def test_a_snapshot_keeps_the_parts(net: Network) -> None:
    uetr = net.pay(ANNA, BRAM, "NOR", 1_000)
    part(net, uetr, 300)
    again = net.again()

    assert net.world.state_hash() == again.world.state_hash()
    assert 700 == again.world.payments.live[uetr].open_minor
