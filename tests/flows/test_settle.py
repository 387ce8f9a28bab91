"""What waits: first in, first out per payer; providers and hours hold up nobody; suspension ends it."""

import pytest

from steelyard.flows import settle
from steelyard.flows.fields import Service
from steelyard.liquidity.refusals import LiquidityRefusal
from steelyard.payments.refusals import PaymentRefusal
from steelyard.values.instants import DAY, HOUR, SECOND
from tests.flows.payworld import (
    ANNA,
    ARNE,
    BIRK,
    BRAM,
    CLEO,
    LEVR,
    PONS,
    START,
    Network,
    entered,
    facts,
    moves,
    notices,
    told,
)


@pytest.fixture
def net() -> Network:
    network = Network()
    network.fund(ANNA, "NOR", 1_000)
    return network


def refusal_of(net: Network, uetr: bytes) -> int:
    record = net.world.payments.record(uetr)
    assert record is not None
    return record.refusal


# First in, first out


def test_in_a_plain_queue_a_small_payment_does_not_pass_a_large_one_of_its_payer(net: Network) -> None:
    net.mode("NOR", "fifo")
    large, small = net.pay(ANNA, BRAM, "NOR", 5_000), net.pay(ANNA, BRAM, "NOR", 10)
    assert (net.state(large), net.state(small)) == (4, 4)
    net.fund(ANNA, "NOR", 4_000)

    assert (net.state(large), net.state(small)) == (9, 4)
    net.fund(ANNA, "NOR", 10)
    assert net.state(small) == 9
    net.check()


def test_another_payers_payment_is_not_held_up(net: Network) -> None:
    net.pay(ANNA, BRAM, "NOR", 5_000)
    net.fund(ARNE, "NOR", 50)

    assert net.state(net.pay(ARNE, BRAM, "NOR", 50)) == 9


def test_money_that_arrives_lets_a_whole_chain_go(net: Network) -> None:
    chain = [net.pay(*pair, "NOR", 5_000) for pair in ((ARNE, BRAM), (BRAM, CLEO), (CLEO, BIRK))]
    net.fund(ANNA, "NOR", 4_000)
    uetr, outcome = net.paid(ANNA, ARNE, "NOR", 5_000)

    assert {net.state(one) for one in (uetr, *chain)} == {9}
    assert len(moves(outcome)) == 3
    assert net.balance(BIRK, "NOR") == 5_000
    net.check()


def test_an_instant_payment_waits_five_seconds(net: Network) -> None:
    uetr = net.pay(ANNA, BRAM, "NOR", 5_000, service=Service.INSTANT)
    net.wait(5 * SECOND - 2_000)
    assert net.state(uetr) == 4
    net.wait(2_000)

    assert net.state(uetr) == 20
    assert refusal_of(net, uetr) == PaymentRefusal.FUNDS_DID_NOT_COME.code


def test_a_standard_payment_waits_until_the_cut_off_of_its_date(net: Network) -> None:
    uetr = net.pay(ANNA, BRAM, "NOR", 5_000)
    net.at = START // DAY * DAY + DAY - 5_000
    net.tick()
    assert net.state(uetr) == 4
    net.at += 5_000
    net.tick()

    assert (net.state(uetr), refusal_of(net, uetr)) == (20, PaymentRefusal.FUNDS_DID_NOT_COME.code)
    net.check()


def test_what_is_late_does_not_settle_though_nothing_was_swept(net: Network) -> None:
    uetr = net.pay(ANNA, BRAM, "NOR", 5_000, service=Service.INSTANT)
    net.at += 6 * SECOND
    net.fund(ANNA, "NOR", 10_000)

    assert net.state(uetr) == 4
    net.tick()
    assert net.state(uetr) == 20


def test_a_payment_ends_at_the_time_its_sender_set(net: Network) -> None:
    uetr = net.pay(ANNA, BRAM, "NOR", 5_000, not_after_at=net.at + HOUR)
    net.wait(HOUR)

    assert refusal_of(net, uetr) == LiquidityRefusal.NOT_AFTER_PASSED.code


def test_an_expired_head_lets_the_next_go(net: Network) -> None:
    head = net.pay(ANNA, BRAM, "NOR", 5_000, not_after_at=net.at + HOUR)
    second = net.pay(ANNA, BRAM, "NOR", 1_000)
    net.wait(HOUR)

    assert (net.state(head), net.state(second)) == (20, 9)
    net.check()


def test_a_long_run_is_cut_and_goes_on_at_the_next_tick(
    net: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settle, "RUN_MAX", 3)
    monkeypatch.setattr(settle.work, "__kwdefaults__", {"limit": 3})
    uetrs = [net.pay(ANNA, BRAM, "NOR", 2_000) for _ in range(8)]
    net.fund(ANNA, "NOR", 15_000)
    first = [net.state(uetr) for uetr in uetrs]
    other = net.again()
    ticks, again = net.tick(), other.tick()

    assert first == [9, 9, 9, 4, 4, 4, 4, 4]
    assert {net.state(uetr) for uetr in uetrs} == {9}
    assert [tick.facts for tick in ticks] == [tick.facts for tick in again]
    net.check()


# Providers


def with_quote(net: Network, amount: int = 1_000, **more: int) -> bytes:
    net.fund(PONS, "SUD", 30_000, "fx")
    net.sheet(PONS, "NOR", "SUD", (0, 2250, 100), **more)
    return net.quote(ANNA, "NOR", "SUD", amount)[0].quote_id


def empty(net: Network, amount: int) -> None:
    """Let the provider's money go, as a trade of its own would."""
    from steelyard.engine.bundles import Bundle, Kind, Leg

    accounts, engine = net.world.members.accounts, net.world.engine
    leg = Leg(accounts.get("fx", PONS, "SUD") or 0, accounts.settlement(PONS, "SUD") or 0, amount)
    bundle = Bundle((net.at // 10**6) << 80 | 1 << 70 | net.at % 10**6, Kind.TRANSFER, (leg,))
    assert engine.move(bundle, at=net.at, authority=[engine.owner_nos[PONS]]).refusal is None
    engine.take_records()


def test_a_provider_that_is_short_holds_up_nobody_and_its_inflow_helps(net: Network) -> None:
    quote_id = with_quote(net)
    empty(net, 30_000)
    net.fund(ANNA, "NOR", 1_000)
    waiting, outcome = net.paid(ANNA, BRAM, "NOR", 1_000, "SUD", quote_id=quote_id)
    behind = net.pay(ANNA, BRAM, "NOR", 500)

    assert (entered(outcome).state, entered(outcome).waits) == (4, 2)
    assert net.state(behind) == 9
    net.check()
    net.fund(PONS, "SUD", 22_500, "fx")
    assert net.state(waiting) == 9
    net.check()


def test_the_payers_own_shortage_comes_first(net: Network) -> None:
    quote_id = with_quote(net, 1_200)
    empty(net, 30_000)
    _, outcome = net.paid(ANNA, BRAM, "NOR", 1_200, "SUD", quote_id=quote_id)

    assert entered(outcome).waits == 1
    net.fund(ANNA, "NOR", 500)
    (fact,) = [one for one in facts(net.outcomes[-1]) if type(one).__name__ == "PaymentWaits"]
    assert fact.waits == 2
    net.check()


def test_a_provider_that_stays_short_is_left_when_its_lock_ends_for_another(net: Network) -> None:
    net.set(ANNA, best_quote=True)
    quote_id = with_quote(net, lock_ms=700_000)
    empty(net, 30_000)
    uetr = net.pay(ANNA, BRAM, "NOR", 1_000, "SUD", quote_id=quote_id)
    net.fund(LEVR, "SUD", 30_000, "fx")
    net.sheet(LEVR, "NOR", "SUD", (0, 2251, 100))
    net.wait(800 * SECOND)

    assert net.state(uetr) == 9
    assert net.balance(LEVR, "NOR", "fx") == 1_000
    assert net.balance(BRAM, "SUD") == 22_510
    net.check()


def test_reserving_finds_the_provider_short_too(net: Network) -> None:
    net.set(BRAM, accepts_minor={})
    quote_id = with_quote(net)
    empty(net, 30_000)
    uetr, outcome = net.paid(ANNA, BRAM, "NOR", 1_000, "SUD", quote_id=quote_id)

    assert (entered(outcome).state, net.state(uetr)) == (4, 4)
    assert net.available(ANNA, "NOR") == 1_000
    net.fund(PONS, "SUD", 22_500, "fx")
    assert net.state(uetr) == 7
    net.check()


def test_an_instant_payment_that_finds_the_provider_short_in_the_queue_ends(net: Network) -> None:
    net.set(BRAM, accepts_minor={})
    quote_id = with_quote(net)
    empty(net, 30_000)
    uetr, outcome = net.paid(
        ANNA, BRAM, "NOR", 1_000, "SUD", quote_id=net.world.fx.quotes[quote_id].quote_id, service=0
    )
    assert net.state(uetr) == 4
    other = net.pay(ANNA, BRAM, "NOR", 500)
    assert net.state(other) == 7
    assert outcome.code == 0
    net.check()


# Suspension


@pytest.mark.parametrize("who", [ANNA, BRAM, PONS])
def test_suspension_rejects_what_waits_and_what_is_offered(net: Network, who: str) -> None:
    net.set(BRAM, accepts_minor={})
    net.fund(PONS, "SUD", 10**6, "fx")
    net.sheet(PONS, "NOR", "SUD", (0, 2250, 100))
    first, second, third = (net.quote(ANNA, "NOR", "SUD", amount)[0].quote_id for amount in (100, 5_000, 200))
    offered = net.pay(ANNA, BRAM, "NOR", 100, "SUD", quote_id=first)
    queued = net.pay(ANNA, BRAM, "NOR", 5_000, "SUD", quote_id=second)
    later = net.pay(ANNA, BRAM, "NOR", 200, "SUD", quote_id=third, not_before_at=net.at + 60 * SECOND)
    open_quote = net.quote(ANNA, "NOR", "SUD", 300)[0].quote_id
    assert [net.state(uetr) for uetr in (offered, queued, later)] == [7, 4, 4]

    net.suspend(who)
    ended = settle.end_waiting_of(net.world, who, net.at, 2)
    assert ended.left == 1
    ended = settle.end_waiting_of(net.world, who, net.at, 2)
    assert ended.left == 0

    expected = {
        ANNA: PaymentRefusal.DEBTOR_AGENT_WAS_SUSPENDED,
        BRAM: PaymentRefusal.CREDITOR_AGENT_WAS_SUSPENDED,
        PONS: PaymentRefusal.PROVIDER_WAS_SUSPENDED,
    }[who]
    assert [refusal_of(net, uetr) for uetr in (offered, queued, later)] == [expected.code] * 3
    assert (open_quote in net.world.fx.quotes) == (who != PONS)
    assert net.available(ANNA, "NOR") == 1_000
    net.check()


def test_who_is_barred_from_sending_still_receives(net: Network) -> None:
    net.fund(BRAM, "NOR", 10)
    sends, receives = net.pay(BRAM, ANNA, "NOR", 500), net.pay(ARNE, BRAM, "NOR", 700)
    net.suspend(BRAM, sending_only=True)
    settle.end_waiting_of(net.world, BRAM, net.at, 100)
    net.fund(ARNE, "NOR", 700)

    assert (net.state(sends), net.state(receives)) == (20, 9)
    net.check()


def test_until_its_step_comes_a_payment_of_a_suspended_party_cannot_settle(net: Network) -> None:
    uetr, behind = net.pay(ANNA, BRAM, "NOR", 5_000), net.pay(ANNA, CLEO, "NOR", 100)
    net.suspend(BRAM)
    net.fund(ANNA, "NOR", 10_000)

    assert refusal_of(net, uetr) == PaymentRefusal.CREDITOR_AGENT_WAS_SUSPENDED.code
    assert net.state(behind) == 9
    assert net.balance(BRAM, "NOR") == 0
    net.check()


def test_settled_payments_of_a_suspended_party_stay_settled(net: Network) -> None:
    uetr = net.pay(ANNA, BRAM, "NOR", 100)
    net.suspend(BRAM)
    settle.end_waiting_of(net.world, BRAM, net.at, 100)

    assert net.state(uetr) == 9


def test_ten_thousand_waiting_payments_end_in_steps_while_others_are_served(net: Network) -> None:
    uetrs = [net.pay(ANNA, BRAM, "NOR", 5_000) for _ in range(300)]
    net.suspend(BRAM)
    left, steps = 1, 0
    while left:
        left, steps = settle.end_waiting_of(net.world, BRAM, net.at, 100).left, steps + 1
        assert net.state(net.pay(ANNA, CLEO, "NOR", 1) if left == 0 else uetrs[0]) in (9, 20)

    assert 2 <= steps <= 3  # a freed head lets its queue look, and end, too
    assert {net.state(uetr) for uetr in uetrs} == {20}
    assert told(net.outcomes[-1])
    assert notices(net, "payment.settled")
    net.check()
