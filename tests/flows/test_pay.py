"""Taking payments in: what settles at once, what waits, what is refused, and that a repeat changes nothing."""

import pytest

from tests.flows.payworld import (
    ANNA,
    BRAM,
    PONS,
    Network,
    entered,
    told,
)


@pytest.fixture
def net() -> Network:
    network = Network()
    network.fund(ANNA, "NOR", 10_000)
    return network


@pytest.fixture
def fx(net: Network) -> Network:
    """NOR to SUD at 22.50, from 1,000.00 on at 22.60."""
    net.fund(PONS, "SUD", 10**9, "fx")
    net.sheet(PONS, "NOR", "SUD", (0, 2250, 100), (100_000, 2260, 100))
    return net


def test_one_currency_settles_in_its_first_command(net: Network) -> None:
    uetr, outcome = net.paid(ANNA, BRAM, "NOR", 4_000)

    assert entered(outcome).state == 9
    assert told(outcome) == [(ANNA, "payment.settled"), (BRAM, "payment.settled")]
    assert (net.balance(ANNA, "NOR"), net.balance(BRAM, "NOR")) == (6_000, 4_000)
    assert net.state(uetr) == 9
    net.check()


def test_two_currencies_settle_as_one_bundle_by_a_quote(fx: Network) -> None:
    (quote,) = fx.quote(ANNA, "NOR", "SUD", 1_000)
    _, outcome = fx.paid(ANNA, BRAM, "NOR", 1_000, "SUD", quote_id=quote.quote_id)

    assert entered(outcome).state == 9
    assert entered(outcome).providers == (PONS,)
    assert fx.balance(ANNA, "NOR") == 9_000
    assert fx.balance(PONS, "NOR", "fx") == 1_000
    assert fx.balance(BRAM, "SUD") == 22_500
    assert fx.balance(PONS, "SUD", "fx") == 10**9 - 22_500
    fx.check()
