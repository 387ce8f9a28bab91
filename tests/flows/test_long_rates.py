"""Rates whose product has more digits than a record holds: recorded to 18 digits, computed exactly."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from steelyard.values.rate import fit

digits = st.integers(1, 10**18 - 1)
powers = st.integers(0, 18).map(lambda n: 10**n)


@given(a=digits, b=digits, p=powers, q=powers)
def test_a_product_of_two_rates_fits_a_record_and_stays_near(a, b, p, q):
    """Both parts are 64-bit, more than zero, and the value is right to 17 digits where it can be."""
    num, den = fit(a * b, p * q)
    exact = Fraction(a * b, p * q)

    assert 0 < num < 2**63
    assert 0 < den < 2**63
    if Fraction(1, 10**9) < exact < 10**15:
        assert abs(Fraction(num, den) / exact - 1) < Fraction(1, 10**8)
