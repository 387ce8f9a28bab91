"""Invoices beside a plain sum: each kilogram at its own price, rounded once; more goods never cost less."""

from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.market.deliveries import Terms
from steelyard.market.invoice import Invoice, invoice
from steelyard.market.quality import Factor, FactorRule, QualitySchedule, millionths
from steelyard.market.refusals.delivery import DeliveryRefusal
from steelyard.market.trade_terms import TradeTerms

AGREED = 10_000
SCHEDULE = QualitySchedule((Factor("dirt", FactorRule.POINT, basis=millionths("2"), point_bp=100),))


def terms(differential: int = 0, *, full_bp: int = 1_000) -> Terms:
    return Terms(
        "RYE", "PORT", "1", 1, AGREED, 500, 24_000, "NOR", SCHEDULE,
        trade=TradeTerms(place="PORT", differential_minor=differential, full_cargo_bp=full_bp),
    )  # fmt: skip


@settings(max_examples=50)
@given(
    st.integers(9_000, 11_000),
    st.integers(1, 60_000),
    st.integers(-500, 500),
    st.integers(0, 5_000_000),
)
def test_each_kilogram_has_its_price_and_more_never_costs_less(
    kg: int, market: int, differential: int, dirt: int
) -> None:
    """Of 10 t agreed 10.5 t are at the price agreed; dirt above two points takes one per cent a point of each price."""
    found = invoice(terms(differential), {"dirt": dirt}, weight_kg=kg, market=Fraction(market))
    assert isinstance(found, Invoice)
    clean = 1 - Fraction(max(0, dirt - 2_000_000), 100_000_000)
    exact = (
        sum(
            max(Fraction(0), (price + differential) * clean) * part
            for price, part in ((24_000, min(kg, 10_500)), (market, max(0, kg - 10_500)))
        )
        / 1_000
    )
    if market + differential >= 0:
        shown = Decimal(exact.numerator) / Decimal(exact.denominator)
        assert int(shown.to_integral_value(ROUND_HALF_EVEN)) == found.goods_minor
    if kg < 11_000:
        more = invoice(terms(differential), {"dirt": dirt}, weight_kg=kg + 1, market=Fraction(market))
        assert isinstance(more, Invoice)
        assert found.goods_minor <= more.goods_minor


@pytest.mark.parametrize(("kg", "full_bp", "fits"), [
    (9_500, 0, True), (9_499, 0, False), (10_500, 0, True), (10_501, 0, False),
    (9_000, 1_000, True), (8_999, 1_000, False), (11_000, 1_000, True), (11_001, 1_000, False),
])  # fmt: skip
def test_a_weight_is_the_contracts_or_not_to_the_kilogram(kg: int, full_bp: int, fits: bool) -> None:
    found = invoice(terms(full_bp=full_bp), {"dirt": 0}, weight_kg=kg)

    assert fits is isinstance(found, Invoice)
    assert fits or found is DeliveryRefusal.QUALITY_OUTSIDE_CONTRACT


def test_without_a_market_all_is_paid_as_agreed() -> None:
    found = invoice(terms(), {"dirt": 0}, weight_kg=11_000)
    assert isinstance(found, Invoice)
    assert (0, 264_000) == (found.market_kg, found.goods_minor)
