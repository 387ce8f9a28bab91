"""Sheets and reference rates as their publishers give them."""

from typing import Any

import pytest

from steelyard.engine.refusals import Refusal as EngineRefusal
from steelyard.flows.rates import RatesFields
from steelyard.fx.refusals import FxRefusal
from steelyard.members.people import KEY, Actor
from steelyard.members.roles import Role
from steelyard.values.instants import DAY, HOUR, MINUTE
from steelyard.values.refusal import Refusal
from tests.flows.payworld import ANNA, LEVR, PONS, START, Network, facts, is_refused


@pytest.fixture
def net() -> Network:
    network = Network()
    network.fund(PONS, "SUD", 10**9, "fx")
    return network


def test_a_new_sheet_takes_the_place_of_the_old_one_and_its_quotes_stay(net: Network) -> None:
    net.fund(ANNA, "NOR", 1_000)
    net.sheet(PONS, "NOR", "SUD", (0, 2250, 100))
    (old,) = net.quote(ANNA, "NOR", "SUD", 100)
    (fact,) = facts(net.sheet(PONS, "NOR", "SUD", (0, 2240, 100)))

    assert fact.version == 2
    assert [one.target_minor for one in net.quote(ANNA, "NOR", "SUD", 100)] == [2_240]
    assert net.state(net.pay(ANNA, LEVR, "NOR", 100, "SUD", quote_id=old.quote_id)) == 9
    net.check()


def test_a_withdrawal_ends_the_sheet_and_its_open_quotes(net: Network) -> None:
    net.sheet(PONS, "NOR", "SUD", (0, 2250, 100))
    net.sheet(PONS, "OST", "SUD", (0, 2250, 100))
    gone, stays = net.quote(ANNA, "NOR", "SUD", 100)[0], net.quote(ANNA, "OST", "SUD", 100)[0]
    net.withdraw(PONS, "NOR", "SUD")

    assert net.world.fx.ended(gone.quote_id) == ("withdrawn", ANNA)
    assert list(net.world.fx.quotes) == [stays.quote_id]
    assert is_refused(net.withdraw(PONS, "NOR", "SUD"), FxRefusal.SHEET_NOT_FOUND)
    assert is_refused(net.withdraw(LEVR, "NOR", "SUD"), FxRefusal.SHEET_NOT_FOUND)
    net.check()


CASES: list[tuple[Refusal, str, tuple[Any, ...], dict[str, Any]]] = [
    (FxRefusal.PROVIDER_IS_NOT_ACTIVE, ANNA, ("NOR", "SUD", (0, 1, 1)), {}),
    (FxRefusal.CURRENCY_IS_UNKNOWN, PONS, ("NOR", "XXX", (0, 1, 1)), {}),
    (FxRefusal.SHEET_PAIR_MUST_DIFFER, PONS, ("NOR", "NOR", (0, 1, 1)), {}),
    (FxRefusal.SHEET_HAS_NO_TIERS, PONS, ("NOR", "SUD"), {}),
    (FxRefusal.TIERS_MUST_ASCEND, PONS, ("NOR", "SUD", (0, 1, 1), (0, 2, 1)), {}),
    (FxRefusal.TIER_RATE_WORSENS, PONS, ("NOR", "SUD", (0, 2, 1), (9, 1, 1)), {}),
    (FxRefusal.RATE_IS_MALFORMED, PONS, ("NOR", "SUD", (0, 1, 0)), {}),
    (FxRefusal.RATE_IS_MALFORMED, PONS, ("NOR", "SUD", (0, 1, 1)), {"rounding": 9}),
    (FxRefusal.SHEET_IS_EMPTY, PONS, ("NOR", "SUD", (0, 1, 1)), {"valid_until": START}),
    (
        FxRefusal.SHEET_CLOCK_IS_OUT_OF_BOUNDS,
        PONS,
        ("NOR", "SUD", (0, 1, 1)),
        {"ttl_ms": 5_000, "lock_ms": 1_000},
    ),
    (FxRefusal.RATE_OUT_OF_BAND, PONS, ("NOR", "SUD", (0, 2_500, 100)), {}),
]


@pytest.mark.parametrize(("refusal", "provider", "given", "more"), CASES)
def test_a_sheet_that_breaks_a_rule_is_refused_by_it(
    net: Network, refusal: Refusal, provider: str, given: tuple[Any, ...], more: dict[str, Any]
) -> None:
    net.rate("NOR", "SUD", 2_250, 100)

    assert is_refused(net.sheet(provider, *given, **more), refusal)
    assert net.world.fx.board.sheets() == []


def test_a_provider_without_accounts_has_no_sheet(net: Network) -> None:
    net.world.members.accounts.drop("fx", PONS, "OST")
    net.world.members.accounts.drop("settlement", PONS, "OST")

    assert is_refused(net.sheet(PONS, "NOR", "OST", (0, 1, 1)), FxRefusal.PROVIDER_HAS_NO_ACCOUNT)


def test_a_reference_older_than_a_day_binds_nobody(net: Network) -> None:
    net.rate("NOR", "SUD", 2_250, 100)
    net.at += DAY + HOUR

    assert net.sheet(PONS, "NOR", "SUD", (0, 9_999, 100)).code == 0


def test_rates_are_taken_all_or_none(net: Network) -> None:
    def put(at: int, *rates: tuple[str, str, int, int, int]) -> Any:
        return net.give("rates.put", RatesFields("desk", at, rates), "operator")

    good = ("NOR", "SUD", 225, 10, 1)
    assert is_refused(put(net.at + HOUR, good), FxRefusal.REFERENCE_RATE_IS_IN_THE_FUTURE)
    assert is_refused(put(net.at, good, ("NOR", "XXX", 1, 1, 0)), FxRefusal.CURRENCY_IS_UNKNOWN)
    assert is_refused(put(net.at, good, ("NOR", "SUD", 0, 1, 0)), FxRefusal.RATE_IS_MALFORMED)
    assert net.world.fx.rates() == []
    put(net.at, good)
    put(net.at - MINUTE, ("NOR", "SUD", 1, 1, 0))
    assert [(rate.num, rate.den, rate.source) for rate in net.world.fx.rates()] == [(225, 10, "desk")]


def test_a_settlement_agent_publishes_for_its_own_currency(net: Network) -> None:
    agent = Actor("k-STAGNOR0", "STAGNOR0", KEY, (Role.SETTLEMENT_AGENT,))
    net.world.members.put_actor(agent)
    mine = net.give("rates.put", RatesFields("desk", net.at, (("SUD", "NOR", 1, 20, 1),)), "STAGNOR0")
    other = net.give("rates.put", RatesFields("desk", net.at, (("SUD", "OST", 1, 20, 1),)), "STAGNOR0")

    assert mine.code == 0
    assert is_refused(other, EngineRefusal.SENDER_HAS_NO_RIGHT)
    assert is_refused(
        net.give("rates.put", RatesFields("desk", net.at, (("SUD", "NOR", 1, 20, 1),)), ANNA),
        EngineRefusal.SENDER_HAS_NO_RIGHT,
    )
