"""Payments that settle together: pairs as they queue, whole queues by the largest ordered set."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.engine.records import unpack_all
from steelyard.flows import gridlock, queue_view, settle
from steelyard.flows.diary import Diary
from steelyard.flows.own_rules import HoldingFields, LimitFields, ReservationFields
from steelyard.liquidity.algorithms.multilateral import largest_ordered_set
from steelyard.liquidity.refusals import LiquidityRefusal
from steelyard.payments.states import State
from steelyard.values.instants import HOUR
from tests.flows.payworld import ANNA, ARNE, BANKS, BIRK, BRAM, CLEO, PONS, Network, moves


def resolve(net: Network) -> int:
    diary = Diary()
    settled = gridlock.resolve(net.world, diary, "NOR", net.at)
    settle.work(net.world, diary, net.at)
    net.outcomes.append(diary.done())
    net.legs.append(net.world.engine.take_records())
    net.check()
    return settled


def states(net: Network, *uetrs: bytes) -> list[int]:
    return [net.state(uetr) for uetr in uetrs]


# A2


def test_two_that_wait_for_each_other_settle_with_no_money() -> None:
    net = Network()
    there = net.pay(ANNA, BRAM, "NOR", 50)
    back, outcome = net.paid(BRAM, ANNA, "NOR", 50)

    assert states(net, there, back) == [9, 9]
    assert moves(outcome) == [(4, "SETTLED_NOW", 9)] * 2
    records = list(unpack_all(net.legs[-1]))
    assert [record.reference.to_bytes(16, "big") for record in records] == [there, back]
    assert len({record.bundle_id for record in records}) == 1
    net.check()


def test_a_pair_offsets_what_money_and_limit_leave_room_for() -> None:
    net = Network()
    net.fund(ANNA, "NOR", 10)
    first, second = net.pay(ANNA, BRAM, "NOR", 70), net.pay(ANNA, BRAM, "NOR", 40)
    back = net.pay(BRAM, ANNA, "NOR", 60)

    assert states(net, first, second, back) == [9, 4, 9]
    net.give("limit.own", LimitFields("NOR", BRAM, 15), ANNA)
    net.fund(ANNA, "NOR", 10)
    again = net.pay(BRAM, ANNA, "NOR", 35)  # 5 of the limit are left, and 10 of money
    assert states(net, second, again) == [9, 9]


def test_a_pair_keeps_out_of_what_is_kept_for_urgent_payments() -> None:
    net = Network()
    net.fund(ANNA, "NOR", 10)
    net.give("reservation.set", ReservationFields("NOR", 0, 10), ANNA)
    normal, back = net.pay(ANNA, BRAM, "NOR", 70), net.pay(BRAM, ANNA, "NOR", 60)
    assert states(net, normal, back) == [4, 4]
    urgent = net.pay(ANNA, BRAM, "NOR", 65, priority=0)

    assert states(net, urgent, normal, back) == [9, 4, 9]


def test_what_needs_an_offer_an_exchange_or_another_time_is_not_offset() -> None:
    net = Network()
    net.set(BRAM, accepts_minor={})
    offered, back = net.pay(ANNA, BRAM, "NOR", 50), net.pay(BRAM, ANNA, "NOR", 50)
    assert states(net, offered, back) == [4, 4]
    later = net.pay(ANNA, CLEO, "NOR", 50, not_before_at=net.at + HOUR)
    assert states(net, later, net.pay(CLEO, ANNA, "NOR", 50)) == [4, 4]
    net.fund(PONS, "SUD", 10_000, "fx")
    net.sheet(PONS, "NOR", "SUD", (0, 2, 1))
    quote = net.quote(ANNA, "NOR", "SUD", 50)[0]
    exchange = net.pay(ANNA, BIRK, "NOR", 50, "SUD", quote_id=quote.quote_id)
    assert states(net, exchange, net.pay(BIRK, ANNA, "NOR", 50)) == [4, 4]
    view = queue_view.view(net.world, "NOR", net.at)
    assert {queue_view.uetr_of(one.id) for one in view.payments}.isdisjoint({offered, later, exchange})
    net.wait(HOUR)
    assert states(net, later) == [9]  # it queued when its time came
    net.check()


# A3


def test_a_ring_settles_with_no_money() -> None:
    net = Network()
    ring = [net.pay(one, other, "NOR", 50) for one, other in ((ANNA, BRAM), (BRAM, CLEO), (CLEO, ANNA))]
    assert states(net, *ring) == [4, 4, 4]

    assert resolve(net) == 3
    assert states(net, *ring) == [9, 9, 9]
    assert not net.world.queues.anything
    assert [net.balance(bic, "NOR") for bic in (ANNA, BRAM, CLEO)] == [0, 0, 0]


def test_a_ring_of_unequal_payments_settles_with_a_little() -> None:
    net = Network()
    net.fund(ANNA, "NOR", 20)
    net.fund(BRAM, "NOR", 20)
    ring = [
        net.pay(one, other, "NOR", minor)
        for one, other, minor in ((ANNA, BRAM, 100), (BRAM, CLEO, 120), (CLEO, ANNA, 80))
    ]

    assert resolve(net) == 3
    assert states(net, *ring) == [9, 9, 9]


def test_a_payer_short_drops_its_last_and_what_it_frees_goes_on() -> None:
    net = Network()
    first, second = net.pay(ANNA, BRAM, "NOR", 50), net.pay(ANNA, BRAM, "NOR", 10)
    net.pay(BRAM, CLEO, "NOR", 50)
    net.pay(CLEO, ANNA, "NOR", 50)

    assert resolve(net) == 3
    assert states(net, first, second) == [9, 4]
    assert resolve(net) == 0


def test_rank_is_order_for_the_set_too() -> None:
    from steelyard.flows.queue import NamedFields

    net = Network()
    first, second = net.pay(ANNA, BRAM, "NOR", 50), net.pay(ANNA, BRAM, "NOR", 50)
    net.give("queue.to_front", NamedFields(second), ANNA)
    net.pay(BRAM, CLEO, "NOR", 50)
    net.pay(CLEO, ANNA, "NOR", 50)
    view = queue_view.view(net.world, "NOR", net.at)
    assert [queue_view.uetr_of(one.id) for one in view.payments if one.payer == ANNA] == [second, first]
    assert queue_view.seq_of(view.payments[0].seq) == net.world.payments.live[second].seq

    assert resolve(net) == 3
    assert states(net, first, second) == [4, 9]


def test_a_holding_cap_leaves_its_holder_out() -> None:
    net = Network()
    net.give("holding.set", HoldingFields("NOR", 0), CLEO)
    net.give("holding.set", HoldingFields("NOR", 100), ARNE)
    ring = [net.pay(one, other, "NOR", 50) for one, other in ((ANNA, BRAM), (BRAM, ARNE), (ARNE, ANNA))]
    capped = net.pay(BRAM, CLEO, "NOR", 50)
    net.fund(BRAM, "NOR", 10)

    assert resolve(net) == 3
    assert states(net, *ring, capped) == [9, 9, 9, 4]


def test_own_rules_on_the_final_state_are_told_by_name() -> None:
    net = Network()
    net.fund(ANNA, "NOR", 100)
    net.give("limit.own", LimitFields("NOR", BRAM, 30), ANNA)
    net.give("limit.own", LimitFields("NOR", "*", 40), ANNA)
    net.give("reservation.set", ReservationFields("NOR", 0, 80), ANNA)
    net.give("holding.set", HoldingFields("NOR", 25), BIRK)

    def fault(*moved):
        return gridlock.fault(net.world, "NOR", moved, net.at)

    assert fault((ANNA, BRAM, 2, 31)) is LiquidityRefusal.BILATERAL_LIMIT_WOULD_BE_EXCEEDED
    assert fault((ANNA, BRAM, 2, 31), (BRAM, ANNA, 2, 11)) is None
    assert (
        fault((ANNA, CLEO, 2, 20), (ANNA, ARNE, 2, 21))
        is LiquidityRefusal.MULTILATERAL_LIMIT_WOULD_BE_EXCEEDED
    )
    assert fault((ANNA, BIRK, 0, 26)) is LiquidityRefusal.HOLDING_CAP_WOULD_BE_EXCEEDED
    assert fault((ANNA, BIRK, 0, 26), (BIRK, BRAM, 2, 1)) is None
    short = fault((ANNA, BRAM, 2, 21))
    assert short is not None
    assert short.name == "LIQUIDITY_IS_SHORT"
    assert fault((ANNA, BRAM, 0, 100)) is None
    assert fault((ANNA, BRAM, 0, 79), (ANNA, CLEO, 2, 20)) is None


PAYMENTS = st.lists(
    st.tuples(st.integers(0, 5), st.integers(1, 5), st.integers(1, 30), st.integers(0, 2)), max_size=25
)


@settings(max_examples=60, deadline=None)
@given(
    payments=PAYMENTS, money=st.lists(st.integers(0, 20), min_size=6, max_size=6), urgent=st.integers(0, 15)
)
def test_the_set_is_what_the_pure_algorithm_gives_and_bounds_hold(payments, money, urgent) -> None:
    net = Network()
    for bic, minor in zip(BANKS, money, strict=True):
        if minor:
            net.fund(bic, "NOR", minor)
    net.give("limit.own", LimitFields("NOR", "*", 20), ANNA)
    net.give("limit.own", LimitFields("NOR", BRAM, 10), ANNA)
    net.give("reservation.set", ReservationFields("NOR", 0, urgent), CLEO)
    for one, step, minor, priority in payments:
        net.pay(BANKS[one], BANKS[(one + step) % 6], "NOR", minor, priority=priority)
    view = queue_view.view(net.world, "NOR", net.at)
    expected = largest_ordered_set(view.balances, view.payments, limits=view.limits, reserved=view.reserved)
    before = sum(net.balance(bic, "NOR") for bic in BANKS)
    waiting = {uetr for uetr, live in net.world.payments.live.items() if live.state == State.QUEUED}

    assert resolve(net) == len(expected.settled)
    gone = waiting - set(net.world.payments.live)
    assert {queue_view.uetr_of(one) for one in expected.settled} <= gone
    assert before == sum(net.balance(bic, "NOR") for bic in BANKS)
    anna = net.world.members.accounts.settlement(ANNA, "NOR") or 0
    bram = net.world.members.accounts.settlement(BRAM, "NOR") or 0
    assert net.world.limits.net("NOR", 20_000, anna, bram) <= 10
    assert net.world.limits.net("NOR", 20_000, anna, 0) <= 20


def test_resolving_goes_on_the_same_from_a_snapshot() -> None:
    net = Network()
    for n in range(30):
        net.pay(BANKS[n % 5], BANKS[(n * 3 + 1) % 5 if (n * 3 + 1) % 5 != n % 5 else 5], "NOR", 10 + n % 4)
    other = net.again()

    assert resolve(net) == resolve(other)
    assert net.world.state_hash() == other.world.state_hash()


@pytest.mark.parametrize("mode", ["fifo", "bypass", "guarded"])
def test_pairs_offset_in_every_mode(mode) -> None:
    net = Network()
    net.mode("NOR", mode)
    there, back = net.pay(ANNA, BRAM, "NOR", 50), net.pay(BRAM, ANNA, "NOR", 50)

    assert states(net, there, back) == [9, 9]
