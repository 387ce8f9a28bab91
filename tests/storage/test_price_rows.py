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


def added_by(fact):
    added = Added(0)
    HANDLERS[type(fact)](added, fact, 7, 1, 99)
    return added


def test_a_benchmark_is_in_the_stream_of_its_series():
    """Without the hash of each piece of data, of which there may be thousands."""
    ((series, ((kind, data, *when),)),) = added_by(BENCHMARK).feed.items()
    told = json.loads(data)

    assert ("WHEAT-FOB", "benchmark", [99, 7]) == (series, kind, when)
    assert ("26160", [["ZAR", "222360"]], "64" * 32) == (told["value"], told["currencies"], told["digest"])
    assert "inputs" not in told


def test_a_settlement_price_is_in_the_stream_once():
    """By the fact that its instrument's stream takes, not by the one that has its versions."""
    settled = PricePublished(
        "WHT-2027-03", "settlement", 20_000, 1, "21025", "vwap", 1, b"d" * 32, "", (), ()
    )
    priced = SettlementPriced("WHT-2027-03", 20_000, 21_025, "vwap", b"d" * 32)

    assert (["price"], {}) == ([kind for kind, _ in added_by(settled).upserts], added_by(settled).feed)
    assert ("instrument.settlement", (21_025, "WHT-2027-03")) in added_by(priced).upserts
    assert ["settlement"] == [kind for kind, *_ in added_by(priced).feed["WHT-2027-03"]]
