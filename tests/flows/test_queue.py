"""Queues of one payer by mode, class and rank; orders about them; times; cuts; snapshots in the middle."""

import pytest

from steelyard.engine.refusals import Refusal as EngineRefusal
from steelyard.flows import settle
from steelyard.flows.currency import RulesFields
from steelyard.flows.diary import Diary
from steelyard.flows.facts import PaymentWaits
from steelyard.flows.liquidity_facts import QueueChanged
from steelyard.flows.queue import NamedFields, PriorityFields, TimesFields
from steelyard.liquidity.refusals import LiquidityRefusal
from steelyard.payments.payment import Wait
from steelyard.values.instants import HOUR, MINUTE
from tests.flows.payworld import ANNA, ARNE, BIRK, BRAM, CLEO, Network, entered, facts, is_refused, notices

URGENT, HIGH, NORMAL = 0, 1, 2
SHORT = EngineRefusal.LIQUIDITY_IS_SHORT.code


@pytest.fixture
def net() -> Network:
    network = Network()
    network.fund(ANNA, "NOR", 100)
    return network


def states(net: Network, *uetrs: bytes) -> list[int]:
    return [net.state(uetr) for uetr in uetrs]


def order(net: Network) -> list[bytes]:
    account_no = net.world.members.accounts.settlement(ANNA, "NOR")
    return [item.uetr for item in net.world.queues.of(account_no or 0)]


# Modes


def test_guarded_normal_payments_pass_one_another(net: Network) -> None:
    large, small = net.pay(ANNA, BRAM, "NOR", 150), net.pay(ANNA, BRAM, "NOR", 60)

    assert states(net, large, small) == [4, 9]
    net.check()


def test_guarded_an_urgent_payment_waits_for_the_urgent_before_it(net: Network) -> None:
    first = net.pay(ANNA, BRAM, "NOR", 150, priority=URGENT)
    second = net.pay(ANNA, BRAM, "NOR", 60, priority=URGENT)
    high = net.pay(ANNA, BRAM, "NOR", 10, priority=HIGH)

    assert states(net, first, second, high) == [4, 4, 9]
    net.fund(ANNA, "NOR", 60)
    assert states(net, first, second) == [9, 4]
    net.fund(ANNA, "NOR", 60)
    assert states(net, first, second) == [9, 9]
    net.check()


def test_guarded_an_inflow_goes_to_urgent_first_then_high_then_normal(net: Network) -> None:
    normal = net.pay(ANNA, BRAM, "NOR", 110)
    high = net.pay(ANNA, BRAM, "NOR", 120, priority=HIGH)
    urgent = net.pay(ANNA, BRAM, "NOR", 130, priority=URGENT)

    assert order(net) == [urgent, high, normal]
    net.fund(ANNA, "NOR", 150)
    assert states(net, urgent, high, normal) == [9, 9, 4]
    net.check()


def test_fifo_a_higher_class_than_all_that_wait_may_go_at_once(net: Network) -> None:
    net.mode("NOR", "fifo")
    normal = net.pay(ANNA, BRAM, "NOR", 150)
    high, again = net.pay(ANNA, BRAM, "NOR", 60, priority=HIGH), net.pay(ANNA, BRAM, "NOR", 10)

    assert states(net, normal, high, again) == [4, 9, 4]


def test_bypass_everything_is_tried(net: Network) -> None:
    net.mode("NOR", "bypass")
    urgent = net.pay(ANNA, BRAM, "NOR", 150, priority=URGENT)
    smaller, normal = net.pay(ANNA, BRAM, "NOR", 60, priority=URGENT), net.pay(ANNA, BRAM, "NOR", 40)

    assert states(net, urgent, smaller, normal) == [4, 9, 9]


def test_the_settlement_agent_chooses_the_mode_and_what_may_go_goes(net: Network) -> None:
    net.mode("NOR", "fifo")
    large, small = net.pay(ANNA, BRAM, "NOR", 150), net.pay(ANNA, BRAM, "NOR", 60)
    assert states(net, large, small) == [4, 4]
    agent = "STAGNOR0"
    from steelyard.flows import currency
    from steelyard.flows.command import NO_FIELDS, Command, raw
    from steelyard.members.people import KEY, Actor
    from steelyard.members.roles import Role

    net.world.members.put_actor(Actor("k-agent", agent, KEY, (Role.SETTLEMENT_AGENT,), public_key=b"k" * 32))
    fields = RulesFields("NOR", True, queue_mode="bypass")
    command = Command("currency.rules", 1, b"i" * 16, agent, "k-agent", net.at, raw(fields), NO_FIELDS, b"")
    assert currency.set_rules(net.world, command, fields, net.at).code == 0

    assert net.world.members.assets["NOR"].queue_mode == "bypass"
    assert states(net, large, small) == [4, 9]
    assert currency.set_rules(net.world, command, RulesFields("NOR", True), net.at).code == 0
    assert net.world.members.assets["NOR"].queue_mode == "bypass"


# What a payment says while it waits


def test_a_queued_payment_says_why_it_waits(net: Network) -> None:
    _, outcome = net.paid(ANNA, BRAM, "NOR", 150, priority=HIGH)

    assert (entered(outcome).waits, entered(outcome).reason, entered(outcome).priority) == (1, SHORT, HIGH)


# Orders of the sender


def test_a_sender_moves_a_payment_to_another_class(net: Network) -> None:
    normal, high = net.pay(ANNA, BRAM, "NOR", 150), net.pay(ANNA, BRAM, "NOR", 160, priority=HIGH)
    outcome = net.give("queue.reprioritise", PriorityFields(normal, URGENT), ANNA)

    assert facts(outcome) == [QueueChanged(normal, URGENT, 0, 0, 0)]
    assert order(net) == [normal, high]
    net.give("queue.reprioritise", PriorityFields(normal, NORMAL), ANNA)
    assert order(net) == [high, normal]
    net.check()


def test_a_class_left_lets_those_behind_go(net: Network) -> None:
    first, second = (net.pay(ANNA, BRAM, "NOR", minor, priority=URGENT) for minor in (150, 60))
    net.give("queue.reprioritise", PriorityFields(first, NORMAL), ANNA)

    assert states(net, first, second) == [4, 9]
    net.check()


def test_front_and_back_of_a_class(net: Network) -> None:
    one, two, three = (net.pay(ANNA, BRAM, "NOR", 150 + n) for n in range(3))
    net.give("queue.to_front", NamedFields(three), ANNA)
    assert order(net) == [three, one, two]
    net.give("queue.to_back", NamedFields(three), ANNA)
    assert order(net) == [one, two, three]
    net.give("queue.to_front", NamedFields(two), ANNA)
    net.give("queue.to_front", NamedFields(two), ANNA)
    assert order(net) == [two, one, three]
    assert net.world.payments.live[two].rank == -1
    assert net.again().world.queues.encode() == net.world.queues.encode()
    net.fund(ANNA, "NOR", 60)
    assert states(net, two, one, three) == [9, 4, 4]
    net.check()


def test_a_place_is_kept_while_a_payment_waits_elsewhere(net: Network) -> None:
    net.mode("NOR", "fifo")
    one, two = net.pay(ANNA, BRAM, "NOR", 150), net.pay(ANNA, BRAM, "NOR", 160)
    net.give("queue.set_times", TimesFields(two, not_before_at=net.at + HOUR), ANNA)
    net.give("queue.to_front", NamedFields(two), ANNA)
    assert order(net) == [one]
    net.wait(HOUR)

    assert order(net) == [two, one]


def test_times_move_a_payment_out_and_in(net: Network) -> None:
    net.mode("NOR", "fifo")
    large, small = net.pay(ANNA, BRAM, "NOR", 150), net.pay(ANNA, BRAM, "NOR", 60)
    start = net.at + HOUR
    outcome = net.give("queue.set_times", TimesFields(large, not_before_at=start), ANNA)

    assert [fact.waits for fact in facts(outcome) if isinstance(fact, PaymentWaits)] == [Wait.WINDOW]
    assert states(net, large, small) == [4, 9]
    net.check()
    net.give("queue.set_times", TimesFields(large), ANNA)
    assert net.world.payments.live[large].waits == Wait.FUNDS
    net.fund(ANNA, "NOR", 200)
    assert states(net, large) == [9]
    net.check()


def test_a_payment_ends_at_the_time_its_sender_set(net: Network) -> None:
    uetr = net.pay(ANNA, BRAM, "NOR", 150)
    net.give("queue.set_times", TimesFields(uetr, not_after_at=net.at + MINUTE), ANNA)
    net.wait(2 * MINUTE)

    assert net.state(uetr) == 20
    record = net.world.payments.record(uetr)
    assert record is not None
    assert record.refusal == LiquidityRefusal.NOT_AFTER_PASSED.code


def test_times_that_leave_nothing_are_refused(net: Network) -> None:
    uetr = net.pay(ANNA, BRAM, "NOR", 150)
    closed = LiquidityRefusal.TIME_WINDOW_CLOSED
    for times in (
        TimesFields(uetr, not_after_at=net.at - 1),
        TimesFields(uetr, not_before_at=net.at + HOUR, not_after_at=net.at + MINUTE),
        TimesFields(uetr, not_before_at=net.at + 48 * HOUR),
    ):
        assert is_refused(net.give("queue.set_times", times, ANNA), closed)
    net.check()


@pytest.mark.parametrize("verb", ["queue.reprioritise", "queue.to_front", "queue.to_back", "queue.set_times"])
def test_orders_name_a_waiting_payment_of_the_sender(net: Network, verb: str) -> None:
    waits, over = net.pay(ANNA, BRAM, "NOR", 150), net.pay(ANNA, BRAM, "NOR", 10)
    fields = {"queue.reprioritise": lambda uetr: PriorityFields(uetr, 1), "queue.set_times": TimesFields}
    make = fields.get(verb, NamedFields)
    before = net.world.state_hash()
    for sender, uetr in ((ARNE, waits), (BRAM, waits), (ANNA, over), (ANNA, b"x" * 16)):
        assert is_refused(net.give(verb, make(uetr), sender), LiquidityRefusal.PAYMENT_NOT_QUEUED)
    payment = net.world.payments.live[waits]
    payment.waits = Wait.CYCLE
    assert is_refused(net.give(verb, make(waits), ANNA), LiquidityRefusal.PAYMENT_IN_CUT_CYCLE)
    payment.waits = Wait.FUNDS
    assert before != net.world.state_hash()  # the id window and the count of commands alone
    assert net.give(verb, make(waits), ANNA).code == 0


def test_a_cancel_waits_for_the_end_of_the_cycle(net: Network) -> None:
    uetr = net.pay(ANNA, BRAM, "NOR", 150)
    payment = net.world.payments.live[uetr]
    net.world.queues.remove(payment.waits_on, uetr)
    payment.waits, payment.waits_on = Wait.CYCLE, 0
    first, second = net.cancel(ANNA, uetr), net.cancel(ANNA, uetr)

    assert (first.code, second.code) == (0, 2)
    assert payment.cancel_asked
    assert net.state(uetr) == 4
    assert notices(net, "payment.cancel_asked") == []
    net.at = payment.due_at
    net.tick()
    assert net.state(uetr) == 4


# Long runs


@pytest.mark.parametrize("mode", ["fifo", "bypass", "guarded"])
def test_a_run_cut_at_any_length_ends_as_one_uncut(mode) -> None:
    """What is left of a run goes on where it was cut, from a snapshot too."""

    def played(limit: int, *, again: bool) -> tuple[list[int], bytes]:
        net = Network()
        for asset in ("NOR", "SUD"):
            net.mode(asset, mode)
        uetrs = [
            net.pay(
                (ANNA, BIRK, CLEO)[n % 3],
                (BRAM, CLEO, ARNE, ANNA)[n % 4],
                "NOR",
                5 + 7 * n % 40,
                priority=n % 3,
            )
            for n in range(40)
        ]
        for bic in (ANNA, BIRK, CLEO):
            issuer = net.world.members.issuer_account("NOR")
            assert issuer is not None
            account_no = net.world.members.accounts.settlement(bic, "NOR")
            assert account_no is not None
            from steelyard.engine.bundles import Bundle, Kind, Leg

            number = (net.at // 1_000_000) << 80 | account_no
            owner = net.world.engine.owner_nos["STAGNOR0"]
            bundle = Bundle(number, Kind.ISSUE, (Leg(issuer, account_no, 90),))
            assert net.world.engine.move(bundle, at=net.at, authority=[owner]).refusal is None
            net.world.queues.push_all([account_no])
        while net.world.queues.has_work():
            settle.work(net.world, Diary(), net.at, limit=limit)
            if again:
                net = net.again()
        net.check()
        return [net.state(uetr) for uetr in uetrs], net.world.queues.encode()

    whole = played(10_000, again=False)

    assert 9 in whole[0]
    assert 4 in whole[0]
    assert all(played(limit, again=again) == whole for limit in (1, 2, 7) for again in (False, True))


def test_an_endless_run_of_blocked_payments_comes_to_its_end(net: Network) -> None:
    """Payments that money would let go but a limit does not are tried once an inflow, however often it is cut."""
    from steelyard.flows.own_rules import LimitFields

    net.give("limit.own", LimitFields("NOR", BRAM, 0), ANNA)
    for n in range(30):
        net.pay(ANNA, BRAM, "NOR", 1 + n)
    free = net.pay(ANNA, CLEO, "NOR", 120)
    account_no = net.world.members.accounts.settlement(ANNA, "NOR") or 0
    net.fund(ANNA, "NOR", 10)
    net.world.queues.push_work(account_no)
    rounds = 0
    while net.world.queues.has_work():
        settle.work(net.world, Diary(), net.at, limit=4)
        rounds += 1
        assert rounds < 20

    assert net.state(free) == 4
    net.fund(ANNA, "NOR", 10)
    assert net.state(free) == 9
