"""Take-or-pay: the examples of the rulebook, and what must hold for any run of years."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.market.energy.supply import (
    Balance,
    Booked,
    Contract,
    Lot,
    Year,
    booked,
    formula_price,
    take_or_pay,
)

SPEC = Contract(2_000, Fraction(4, 5))
FIRST = Year(1_300, 650, seller_shortfall=100, force_majeure=50)
amounts = st.fractions(0, 3_000, max_denominator=7)
shares = st.fractions(0, 1, max_denominator=9)


def test_a_short_year_is_paid_and_recovered_in_the_next():
    """The contract of the rulebook."""
    one, two = take_or_pay(SPEC, [FIRST, Year(1_700, 650)])

    assert (1_850, 1_480, 180, 117_000, 0, 180) == (
        one.adjusted_acq, one.top_quantity, one.deficiency, one.payment, one.recovered, one.bank,
    )  # fmt: skip
    assert (1_600, 0, 0, 100, 80) == (two.top_quantity, two.deficiency, two.payment, two.recovered, two.bank)


def test_years_settled_one_by_one_are_those_settled_together():
    """What a year hands on is all that the next needs."""
    years = [FIRST, Year(1_500, 600), Year(1_900, 610)]
    one = take_or_pay(SPEC, years[:1])[0]

    assert take_or_pay(SPEC, years)[1:] == take_or_pay(SPEC, years[1:], start=one.balance)


def test_the_oldest_make_up_is_recovered_first_and_expires():
    """Two short years; what is taken above pays back the first, what is left of it ends after its years."""
    contract = SPEC._replace(makeup_years=2)
    years = [Year(1_500, 1), Year(1_550, 1), Year(1_660, 1), Year(1_600, 1), Year(1_600, 1)]
    settled = take_or_pay(contract, years)

    assert (Lot(0, 40), Lot(1, 50)) == settled[2].balance.makeup
    assert (40, (Lot(1, 50),)) == (settled[3].expired, settled[3].balance.makeup)
    assert (50, 0) == (settled[4].expired, settled[4].bank)


def test_what_is_taken_above_all_is_carried_forward():
    """100 above the annual quantity; of a deficiency of 300 a share of 4 % is covered by it, then the rest."""
    contract = SPEC._replace(carry_share=Fraction(1, 25))
    one, two, three = take_or_pay(contract, [Year(2_100, 1), Year(1_300, 1), Year(1_550, 1)])

    assert (100, 0) == (one.balance.carried, one.bank)
    assert (80, 220, 20) == (two.carry_used, two.deficiency, two.balance.carried)
    assert (20, 30, 0) == (three.carry_used, three.deficiency, three.balance.carried)
    assert take_or_pay(SPEC, [Year(2_100, 1)])[0].balance.carry == ()


def test_carry_forward_expires():
    """One year later it counts, two years later it is gone."""
    contract = SPEC._replace(carry_share=1, carry_years=1)
    settled = take_or_pay(contract, [Year(2_100, 1), Year(1_600, 1), Year(1_500, 1)])

    assert (0, 100) == (settled[2].carry_used, settled[2].deficiency)


def test_the_buyer_gives_up_no_more_than_the_tolerance():
    """300 given up in time, 10 % allowed."""
    contract = SPEC._replace(tolerance=Fraction(1, 10))

    assert take_or_pay(contract, [Year(0, 1, given_up=300)])[0].adjusted_acq == 1_800
    assert take_or_pay(contract, [Year(0, 1, given_up=120)])[0].adjusted_acq == 1_880
    assert take_or_pay(SPEC, [Year(0, 1, given_up=120)])[0].adjusted_acq == 2_000


def test_a_seller_who_delivers_nothing_is_owed_nothing():
    """Shortfall and force majeure beyond the annual quantity leave no take-or-pay quantity, and none below zero."""
    year = take_or_pay(SPEC, [Year(0, 9, seller_shortfall=1_500, force_majeure=900)])[0]

    assert (0, 0, 0) == (year.adjusted_acq, year.top_quantity, year.payment)


@pytest.mark.parametrize(("price", "minor"), [(1, 90), (3, 272), (5, 452), (Fraction(2, 181), 1)])
def test_money_is_rounded_half_even_once(price, minor):
    """90.5 units: 90.5 to 90, 271.5 to 272, 452.5 to 452."""
    year = take_or_pay(Contract(1_000, Fraction(17, 20)), [Year(700, price, 50, 20)])[0]

    assert Booked(90, minor, 0, 90) == booked(year)


def test_the_price_formula_is_exact():
    """Base and slope on the mean of three months, no two or four."""
    assert Fraction(249_311, 300) == formula_price(50, Fraction(11, 100), [7_000, 7_100, 7_201])
    for months in (2, 4):
        with pytest.raises(ValueError, match="months"):
            formula_price(1, 1, [1] * months)


years = st.builds(Year, amounts, st.integers(1, 900), amounts, amounts, amounts)
contracts = st.builds(Contract, amounts, shares, shares, st.integers(0, 3), shares, st.integers(0, 3))


@given(contract=contracts, run=st.lists(years, max_size=6))
def test_no_bank_is_ever_negative_and_nothing_is_lost(contract, run):
    """What was paid for is recovered, expired or still in the bank; nothing is paid that was taken."""
    settled = take_or_pay(contract, run)
    paid = recovered = expired = Fraction(0)
    for year, done in zip(run, settled, strict=True):
        paid += done.deficiency
        recovered += done.recovered
        expired += done.expired
        assert done.bank == paid - recovered - expired >= 0
        assert done.balance.carried >= 0
        assert 0 <= done.recovered <= max(0, year.taken - done.top_quantity)
        assert done.deficiency + done.carry_used == max(0, done.top_quantity - year.taken)
        assert all(lot.quantity > 0 for lot in (*done.balance.makeup, *done.balance.carry))
        assert done.payment == done.deficiency * year.price


def test_a_start_is_a_balance_of_before():
    """A bank of 80 from before is recovered like any other."""
    start = Balance(3, (Lot(2, 80),))

    assert take_or_pay(SPEC, [Year(1_650, 1)], start=start)[0].bank == 30
