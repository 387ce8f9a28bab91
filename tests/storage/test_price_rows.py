"""What published prices write for the public stream."""

import json

from steelyard.flows.market_facts import SettlementPriced
from steelyard.flows.price_facts import PricePublished
from steelyard.storage.added import Added
from steelyard.storage.gather import HANDLERS

BENCHMARK = PricePublished(
    "WHEAT-FOB",
    "benchmark",
    20_000,
    1,
    "26160",
    "trades",
    1,
    b"d" * 32,
    "",
    (("ZAR", "222360"),),
    (b"i" * 32,),
)


def written(fact):
    added = Added(0)
    HANDLERS[type(fact)](added, fact, 7, 1, 99)
    return added.upserts


def test_a_benchmark_is_in_the_stream_of_its_series():
    """Without the hash of each piece of data, of which there may be thousands."""
    (row,) = [values for kind, values in written(BENCHMARK) if kind == "market.feed"]
    (told,) = [json.loads(value) for value in row if isinstance(value, bytes)]

    assert {"WHEAT-FOB", "benchmark", 99, 7} <= {value for value in row if not isinstance(value, bytes)}
    assert ("26160", [["ZAR", "222360"]], "64" * 32) == (told["value"], told["currencies"], told["digest"])
    assert "inputs" not in told


def test_a_settlement_price_is_in_the_stream_once():
    """By the fact that its instrument's stream takes, not by the one that has its versions."""
    settled = PricePublished(
        "WHT-2027-03", "settlement", 20_000, 1, "21025", "vwap", 1, b"d" * 32, "", (), ()
    )
    priced = SettlementPriced("WHT-2027-03", 20_000, 21_025, "vwap", b"d" * 32)

    assert ["price"] == [kind for kind, _ in written(settled)]
    assert ("instrument.settlement", (21_025, "WHT-2027-03")) in written(priced)
