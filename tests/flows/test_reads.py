"""Reads: everybody sees its own part, and a stranger what is not there."""

import pytest

from steelyard.flows import reads
from steelyard.flows.command import encode
from tests.flows.payworld import ANNA, ARNE, BIRK, BRAM, CLEO, LEVR, PONS, START, Network, facts

READ = dict(reads.READS)


@pytest.fixture
def net() -> Network:
    network = Network(accepts=False)
    network.fund(ANNA, "NOR", 10_000)
    network.fund(PONS, "SUD", 10**6, "fx")
    network.sheet(PONS, "NOR", "SUD", (0, 2250, 100))
    return network


def exchange(net: Network) -> bytes:
    quote = net.quote(ANNA, "NOR", "SUD", 1_000)[0]
    return net.pay(ANNA, BRAM, "NOR", 1_000, "SUD", quote_id=quote.quote_id)


def test_a_live_payment_is_seen_by_its_parties_and_their_settlement_agents(net: Network) -> None:
    uetr = exchange(net)
    roles = {
        viewer: (READ["payment"](net.world, (uetr,), viewer) or {}).get("role")
        for viewer in (ANNA, BRAM, PONS, ARNE, CLEO, LEVR, "STAGNOR0", "STAGSUD0", "STAGOST0", "operator", "")
    }

    assert roles == {
        ANNA: "debtor", BRAM: "creditor", PONS: "provider", ARNE: None, CLEO: None, LEVR: None,
        "STAGNOR0": "reader", "STAGSUD0": "reader", "STAGOST0": None, "operator": "reader", "": "reader",
    }  # fmt: skip
    assert READ["payment"](net.world, (b"x" * 16,), ANNA) is None


def test_a_payment_that_is_over_is_seen_by_its_agents(net: Network) -> None:
    uetr = exchange(net)
    net.answer(BRAM, uetr, "decline", "AC04")
    seen = READ["payment"](net.world, (uetr,), ANNA)

    assert (seen["state"], seen["reason"], seen["over"]) == (20, "AC04", True)
    assert READ["payment"](net.world, (uetr,), BIRK) is None


def test_offers_and_queues_are_those_of_the_viewer(net: Network) -> None:
    first, second = exchange(net), exchange(net)
    waiting = [net.pay(ANNA, BRAM, "NOR", 90_000 + n) for n in range(2)]

    assert [row["uetr"] for row in READ["offers"](net.world, (), BRAM)] == [first, second]
    assert READ["offers"](net.world, (), ANNA) == []
    assert [row["uetr"] for row in READ["queue"](net.world, ("NOR",), ANNA)] == waiting
    assert READ["queue"](net.world, ("NOR",), BRAM) == []
    assert READ["queue_depth"](net.world, ("NOR",), ANNA) == (2, "180001")
    assert len(READ["payments"](net.world, (), ANNA)) == 4
    assert READ["queue"](net.world, ("NOR", ANNA), "")[0]["place"] == 1


def test_a_quote_is_whole_to_its_asker_and_one_exchange_to_its_provider(net: Network) -> None:
    net.fund(PONS, "OST", 10**6, "fx")
    net.fund(LEVR, "SUD", 10**6, "fx")
    net.withdraw(PONS, "NOR", "SUD")
    net.sheet(PONS, "NOR", "OST", (0, 2, 1))
    net.sheet(LEVR, "OST", "SUD", (0, 3, 1))
    quote = net.quote(ANNA, "NOR", "SUD", 1_000)[0]
    mine, theirs = (READ["quote"](net.world, (quote.quote_id,), viewer) for viewer in (ANNA, LEVR))

    assert len(mine["hops"]) == 2
    assert mine["disclosure"] == quote.disclosure
    assert [hop[0] for hop in theirs["hops"]] == [LEVR]
    assert "debtor_agent" not in theirs
    assert READ["quote"](net.world, (quote.quote_id,), ARNE) is None
    net.pay(ANNA, BRAM, "NOR", 1_000, "SUD", quote_id=quote.quote_id)
    assert READ["quote"](net.world, (quote.quote_id,), ANNA)["state"] == "used"
    assert READ["quote"](net.world, (quote.quote_id,), ARNE) is None


def test_sheets_and_rates_are_open_to_all_withdrawn_ones_to_their_provider(net: Network) -> None:
    net.rate("NOR", "SUD", 225, 10)
    assert [row["provider"] for row in READ["sheets"](net.world, (), ARNE)] == [PONS]
    net.withdraw(PONS, "NOR", "SUD")

    assert READ["sheets"](net.world, (), ARNE) == []
    assert [row["version"] for row in READ["sheets"](net.world, (), PONS)] == [2]
    assert [(row["base"], row["num"]) for row in READ["rates"](net.world, (), ARNE)] == [("NOR", "225")]


def test_an_unmatched_trade_is_its_enterers_alone(net: Network) -> None:
    on = START // 86_400_000_000_000 + 1
    trade = facts(net.trade(ANNA, BRAM, "NOR", 1, "SUD", 1, on))[0].trade
    assert READ["trade"](net.world, (trade,), BRAM) is None
    assert READ["trade"](net.world, (trade,), ANNA)["state"] == "ENTERED"
    net.trade(BRAM, ANNA, "SUD", 1, "NOR", 1, on)

    assert READ["trade"](net.world, (trade,), BRAM)["state"] == "WAITING"
    assert READ["trades"](net.world, (), ARNE) == []
    assert len(READ["trades"](net.world, (), "")) == 1


BY_ID = ("payment", "quote", "trade", "queued", "cycle", "tender", "supply")


def test_every_row_can_travel(net: Network) -> None:
    exchange(net)
    net.pay(ANNA, BRAM, "NOR", 90_000)
    for name, read in reads.READS:
        params = (b"x" * 16,) if name in BY_ID else ("NOR", ANNA)
        assert encode(read(net.world, params, ANNA))
