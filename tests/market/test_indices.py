"""Indices are of their own goods only; the curve has nothing that was not settled."""

import doctest

import pytest

from steelyard.market import curve, indices, settlement_price
from steelyard.market.assessment import Day, FirmQuote, Method, Rung, Trade
from steelyard.market.curve import CurvePoint, forward_curve
from steelyard.market.indices import IndexTerms, index

TRADES = tuple(
    Trade(f"{origin}{grade}{at}", str(price + at), 100, f"B{at}", f"S{at}", origin=origin, grade=grade)
    for origin, grade, price in [("ZA", "A1", 300), ("ZA", "A2", 280), ("EG", "A1", 320)]
    for at in range(3)
)
DAY = Day(TRADES, previous="999", related_move="1")


@pytest.mark.parametrize(
    ("terms", "value", "volume"),
    [
        (IndexTerms("a", origin="ZA"), "291", 600),
        (IndexTerms("b", grade="A1"), "311", 600),
        (IndexTerms("c", origin="EG", grade="A1"), "321", 300),
        (IndexTerms("d"), "301", 900),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_an_index_takes_its_own_goods(terms, value, volume):
    found = index(DAY, terms)

    assert (value, volume, Rung.TRADES) == (found.value, found.volume, found.rung)


def test_a_thin_index_is_not_published_however_much_others_trade():
    """It has minimum data of its own, and moves only from its own value of the day before."""
    thin = IndexTerms("e", origin="EG", method=Method(volume_min=301))

    assert ("", Rung.NONE) == (index(DAY, thin).value, index(DAY, thin).rung)
    assert "322" == index(DAY, thin, previous="320", related_move="2").value


def test_quotes_belong_to_an_index_too():
    quotes = tuple(FirmQuote(f"q{at}", "310", 50, f"M{at}", 10**12, "EG", "A1") for at in range(4))
    found = index(Day(quotes=quotes), IndexTerms("f", origin="EG"))

    assert ("310", Rung.QUOTES) == (found.value, found.rung)
    assert "" == index(Day(quotes=quotes), IndexTerms("g", origin="ZA")).value


def test_nothing_is_invented_between_months():
    """A month that settled nowhere is on the curve without a price; one that is not listed is not on it."""
    settled = {"2027-03": (21_000, 1), "2027-07": (21_400, 3), "2099-01": (1, 1)}
    points = forward_curve(["2027-07", "2027-03", "2027-05"], settled)

    assert [
        CurvePoint("2027-03", "21000", "vwap"), CurvePoint("2027-05"), CurvePoint("2027-07", "21400", "prior"),
    ] == points  # fmt: skip


@pytest.mark.parametrize("module", [curve, indices, settlement_price], ids=lambda one: one.__name__)
def test_examples_hold(module):
    ran = doctest.testmod(module)

    assert ran.attempted
    assert ran.failed == 0
