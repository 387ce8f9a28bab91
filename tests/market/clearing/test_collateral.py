"""Haircuts, caps and locks of collateral."""

import doctest
from fractions import Fraction

import pytest

from steelyard.market.clearing import collateral
from steelyard.market.clearing.collateral import CASH, RECEIPT, SECURITY, Accepted, value

NOR = Accepted("NOR", CASH, "NOR", 0)
SUD = Accepted("SUD", CASH, "SUD", 100, 800)
GRAIN = Accepted("WHEAT-A", RECEIPT, "NOR", 2_500, price_num=21_000, price_den=1_000, cap_bp=4_000)
TERMS = {one.asset: one for one in (NOR, SUD, GRAIN)}


def test_its_examples_hold():
    assert not doctest.testmod(collateral).failed


def test_a_foreign_currency_is_cut_twice_and_rounded_once():
    """1,000 at 3/7, less 1 %, less 8 %: 390.34."""
    assert 390 == value(SUD, 1_000, currency="NOR", rate=Fraction(3, 7))


@pytest.mark.parametrize(
    ("terms", "fits"),
    [
        (NOR, True), (SUD, True), (GRAIN, True),
        (Accepted("W", RECEIPT, "NOR", 1_999, cap_bp=5_000), False),
        (Accepted("W", RECEIPT, "NOR", 2_000, cap_bp=5_000), True),
        (Accepted("W", RECEIPT, "NOR", 3_000, cap_bp=5_000), True),
        (Accepted("W", RECEIPT, "NOR", 3_001, cap_bp=5_000), False),
        (Accepted("W", RECEIPT, "NOR", 2_500, cap_bp=10_000), False),
        (Accepted("B", SECURITY, "NOR", -1), False),
        (Accepted("B", SECURITY, "NOR", 10_001), False),
        (Accepted("B", "hope", "NOR", 10), False),
        (Accepted("B", SECURITY, "NOR", 10, price_den=0), False),
    ],
)  # fmt: skip
def test_receipts_count_70_to_80_per_cent_and_have_a_cap(terms, fits):
    assert fits is terms.fits
