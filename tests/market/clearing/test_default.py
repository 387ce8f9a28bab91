"""The table of a default, and the auction of a portfolio."""

import doctest

import pytest

from steelyard.market.clearing import default
from steelyard.market.clearing.default import STEPS, Bid, CaseEvent, CaseState, Sale, auction, hedge, step
from steelyard.market.clearing.waterfall import waterfall

BIDS = [
    Bid(1, "A", "SEP", 4, 205), Bid(2, "B", "SEP", 4, 208), Bid(3, "C", "SEP", -9, 190),
    Bid(4, "A", "DEC", -3, 220), Bid(5, "C", "DEC", -5, 215), Bid(6, "B", "MAR", 1, 100),
]  # fmt: skip
AT = {"SEP": 210, "DEC": 212}
TICKS = {"SEP": 1, "DEC": 1, "MAR": 1}


def test_its_examples_hold():
    assert not doctest.testmod(default).failed


def test_every_state_leads_to_the_end():
    """And from the end nothing leads on."""
    for start in CaseState:
        reached, fresh = {start}, [start]
        while fresh:
            for following in STEPS[fresh.pop()].values():
                if following not in reached:
                    reached.add(following)
                    fresh.append(following)
        assert CaseState.CLOSED in reached
    assert {} == STEPS[CaseState.CLOSED]


@pytest.mark.parametrize("state", list(CaseState))
@pytest.mark.parametrize("event", list(CaseEvent))
def test_what_is_not_in_the_table_has_no_place(state, event):
    assert step(state, event) is STEPS[state].get(event)


def test_a_long_and_a_short_leg_are_sold_each_in_its_own_auction():
    """6 SEP are sold to 208 and 205 at one price, 4 DEC are bought back from 215; MAR is not for sale."""
    found = auction({"SEP": 6, "DEC": -4}, BIDS, references=AT, ticks=TICKS)

    assert [
        Sale("DEC", "C", -4, 215),
        Sale("SEP", "B", 4, 205),
        Sale("SEP", "A", 2, 205),
    ] == found


def test_what_nobody_bids_for_stays():
    assert [] == auction({"MAR": -2, "JUL": 1}, BIDS, references={}, ticks={"MAR": 1, "JUL": 1})
    assert 8 == sum(one.lots for one in auction({"SEP": 50}, BIDS, references=AT, ticks=TICKS))
    assert [] == auction({"SEP": 0}, BIDS, references=AT, ticks=TICKS)


def test_a_hedge_takes_the_named_bids_at_their_own_prices():
    assert [Sale("SEP", "B", 4, 208), Sale("DEC", "C", -5, 215)] == hedge(BIDS, [5, 2, 2])


def test_who_made_no_bid_bears_first():
    found = waterfall(
        25,
        margin=0,
        own_fund=0,
        capital=0,
        survivors={"A": 20, "B": 20, "C": 10},
        assessments=0,
        first=("B",),
    )

    assert {"A": 3, "B": 20, "C": 2} == found.survivors
    assert 25 == found.paid


def test_of_many_auctions_the_opening_and_the_newest_are_kept():
    case = default.Case(b"c" * 16, 1, "A", 0, 60_000, 0)
    for at in range(200):
        case.note("LOTS_LEFT" if at else "SUSPENDED", at, b"r" * 32)

    assert default.STEPS_KEPT == len(case.steps)
    assert [0, 137, 199] == [case.steps[place].at for place in (0, 1, -1)]
