"""Work that must come to an end, and cost little: many who wait for one thing, looked at again and again."""

import pytest

from steelyard.engine.bundles import Bundle, Kind, Leg
from steelyard.flows import settle, tick
from steelyard.flows.facts import PaymentPriced
from steelyard.flows.own_rules import HoldingFields, LimitFields
from steelyard.values.instants import MINUTE
from tests.flows.payworld import ANNA, BRAM, CLEO, PONS, Network, facts

WAITING = 10


def emptied(net: Network, amounts: list[int]) -> list[bytes]:
    """Let payments of these amounts wait for a provider that has spent what it promised."""
    net.fund(ANNA, "NOR", 100_000)
    net.fund(PONS, "SUD", 1_000_000, "fx")
    net.sheet(PONS, "NOR", "SUD", (0, 1, 1))
    quotes = [net.quote(ANNA, "NOR", "SUD", amount)[0].quote_id for amount in amounts]
    accounts, engine = net.world.members.accounts, net.world.engine
    leg = Leg(accounts.get("fx", PONS, "SUD") or 0, accounts.settlement(PONS, "SUD") or 0, 1_000_000)
    bundle = Bundle((net.at // 10**6) << 80 | 1 << 70, Kind.TRANSFER, (leg,))
    assert engine.move(bundle, at=net.at, authority=[engine.owner_nos[PONS]]).refusal is None
    engine.take_records()
    return [
        net.pay(ANNA, BRAM, "NOR", amount, "SUD", quote_id=quote_id)
        for amount, quote_id in zip(amounts, quotes, strict=True)
    ]


@pytest.fixture
def cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settle.work, "__kwdefaults__", {"limit": 3})
    monkeypatch.setattr(tick, "LIMIT", 3)


@pytest.mark.usefixtures("cut")
def test_an_inflow_that_helps_nobody_is_worked_off_in_a_few_ticks() -> None:
    net = Network()
    uetrs = emptied(net, [1_000] * WAITING)
    net.fund(PONS, "SUD", 1, "fx")
    ticks = 0
    while (due := net.machine.next_due()) is not None and due <= net.at and ticks < 2 * WAITING:
        net.give("tick", None, "operator", actor="node")
        ticks += 1

    assert ticks <= WAITING
    assert {net.state(uetr) for uetr in uetrs} == {4}
    net.check()


@pytest.mark.usefixtures("cut")
def test_the_last_of_many_goes_when_the_money_is_enough_for_it_alone() -> None:
    net = Network()
    uetrs = emptied(net, [1_000] * WAITING + [5])
    net.fund(PONS, "SUD", 5, "fx")
    net.tick()

    assert [net.state(uetr) for uetr in uetrs] == [4] * WAITING + [9]
    net.check()


@pytest.mark.usefixtures("cut")
@pytest.mark.parametrize("cut_after", range(5))
def test_money_that_comes_in_the_middle_helps_the_first_too(cut_after: int) -> None:
    net = Network()
    uetrs = emptied(net, [1_000] * WAITING)
    net.fund(PONS, "SUD", 1, "fx")
    for _ in range(cut_after):
        net.give("tick", None, "operator", actor="node")
    net.fund(PONS, "SUD", 1_999, "fx")
    other = net.again()
    net.tick()
    other.tick()

    assert sum(net.state(uetr) == 9 for uetr in uetrs) == 2
    assert net.world.state_hash() == other.world.state_hash()
    net.check()


def test_a_provider_whose_rates_last_a_second_does_not_make_the_node_price_without_end() -> None:
    """Thirty payments wait five minutes for their payer's money; each is priced anew a few times, not 300."""
    net = Network()
    net.set(ANNA, best_quote=True, requote_tolerance_bp=0)
    net.fund(PONS, "SUD", 1_000_000, "fx")
    net.sheet(PONS, "NOR", "SUD", (0, 2, 1), ttl_ms=1_000, lock_ms=1_000)
    uetrs = [net.pay(ANNA, BRAM, "NOR", 100, "SUD", rate_num=2) for _ in range(30)]
    priced = sum(
        isinstance(fact, PaymentPriced) for outcome in net.wait(5 * MINUTE) for fact in facts(outcome)
    )

    assert {net.state(uetr) for uetr in uetrs} == {4}
    assert 30 <= priced <= 30 * 5

    net.fund(ANNA, "NOR", 3_000)
    net.tick()

    assert {net.state(uetr) for uetr in uetrs} == {9}
    assert net.balance(BRAM, "SUD") == 6_000
    net.check()


@pytest.fixture
def attempts(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Give the payments that have an attempt from here on."""
    tried, attempt = [], settle.attempt

    def counted(world, diary, payment, at):
        tried.append(payment.uetr)
        attempt(world, diary, payment, at)

    monkeypatch.setattr(settle, "attempt", counted)
    return tried


def test_an_inflow_passes_over_what_an_own_limit_stops(attempts: list[bytes]) -> None:
    net = Network()
    net.fund(ANNA, "NOR", 1_000)
    net.fund(CLEO, "NOR", 10)
    net.give("limit.own", LimitFields("NOR", BRAM, 5), ANNA)
    uetrs = [net.pay(ANNA, BRAM, "NOR", 10 + each) for each in range(WAITING)]
    attempts.clear()
    net.pay(CLEO, ANNA, "NOR", 1)

    assert not attempts
    net.give("limit.own", LimitFields("NOR", BRAM, 19), ANNA)
    assert [9, 4, 4] == [net.state(uetr) for uetr in uetrs[:3]]
    net.give("limit.own", LimitFields("NOR", BRAM, 1_000), ANNA)
    assert {9} == {net.state(uetr) for uetr in uetrs}
    net.check()


def test_an_outflow_passes_over_what_a_cap_still_stops(attempts: list[bytes]) -> None:
    net = Network()
    net.fund(ANNA, "NOR", 1_000)
    net.fund(BRAM, "NOR", 50)
    net.give("holding.set", HoldingFields("NOR", 50), BRAM)
    uetrs = [net.pay(ANNA, BRAM, "NOR", 10 + each) for each in range(WAITING)]
    attempts.clear()
    net.pay(BRAM, CLEO, "NOR", 9)

    assert not attempts
    net.pay(BRAM, CLEO, "NOR", 1)
    assert uetrs[:1] == attempts
    assert [9, 4, 4] == [net.state(uetr) for uetr in uetrs[:3]]
    net.check()
