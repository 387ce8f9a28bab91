"""Facts of clearing in the projection: each kept whole, found by member, run or case."""

import json

from steelyard.flows.clearing_facts import CaseMoved, MarginCalled, MarginCollected, TradeCleared
from steelyard.storage.added import Added
from steelyard.storage.rows.clearing import HANDLERS, STATEMENTS


def rows(*facts):
    added = Added(0)
    for n, fact in enumerate(facts):
        HANDLERS[type(fact)](added, fact, 7, n, 99)
    return [values for kind, values in added.upserts if kind == "clearing"]


def test_a_fact_is_kept_whole_and_found_by_what_it_names():
    trade = TradeCleared(b"t" * 16, "WHEAT.SEP", "ANNA", "BRAM", 2, 21_000)
    called = MarginCalled(
        b"r" * 16, 1, "NOR", 20_000, 5, (("WHEAT.SEP", 21_300),), (("BRAM", 30_000),), (), (), ""
    )
    paid = MarginCollected(b"r" * 16, "BRAM", "NOR", 30_000, b"b" * 16)
    case = CaseMoved(b"c" * 16, 2, "BRAM", "HEDGED", "HEDGED", 9, bytes(32), (("WHEAT.SEP", "ANNA", 1, 2),))
    found = rows(trade, called, paid, case)

    assert [
        (7, 0, "clearing.trade", "", "ANNA", "BRAM", b"t" * 16),
        (7, 1, "clearing.called", "NOR", "", "", b"r" * 16),
        (7, 2, "clearing.collected", "NOR", "BRAM", "", b"r" * 16),
        (7, 3, "clearing.case", "", "BRAM", "", b"c" * 16),
    ] == [row[:7] for row in found]
    assert {99} == {row[8] for row in found}
    assert [["BRAM", 30_000]] == json.loads(found[1][7])["due"]
    assert [["WHEAT.SEP", "ANNA", 1, 2]] == json.loads(found[3][7])["sales"]
    assert 9 == STATEMENTS["clearing"].count("?")
