"""Fees: who bears which, on top or out of the amount, and with what bounds."""

import pytest

from steelyard.payments.fees import CRED, DEBT, SHAR, Charges, FeeRow, amount, of_payee, of_payer

SCHEME = FeeRow("scheme", "payer", keeper="operator", fixed_minor=500, taken="from_amount")
ARRIVAL = FeeRow("arrival", "payee", fixed_minor=5_000, booked=False)


def sums(charges: Charges) -> tuple[int, int]:
    return charges.on_top_minor, charges.from_minor


@pytest.mark.parametrize(("bearer", "expected"), [(SHAR, (0, 500)), (DEBT, (500, 0)), (CRED, (0, 500))])
def test_the_payers_side_is_borne_by_whom_the_payment_says(bearer: int, expected: tuple[int, int]) -> None:
    charges = of_payer((SCHEME, ARRIVAL), 1_000_000, asset="AED", agent="DA", bearer=bearer)

    assert expected == sums(charges)
    assert [(fee.keeper, fee.asset, fee.amount_minor) for fee in charges.fees] == [("operator", "AED", 500)]


@pytest.mark.parametrize(("bearer", "expected"), [(SHAR, (0, 5_000)), (DEBT, (5_000, 0)), (CRED, (0, 5_000))])
def test_the_payees_side_is_borne_by_whom_the_payment_says(bearer: int, expected: tuple[int, int]) -> None:
    charges = of_payee((SCHEME, ARRIVAL), 22_488_750, asset="INR", agent="CA", bearer=bearer)

    assert expected == sums(charges)
    assert [(fee.keeper, fee.booked) for fee in charges.fees] == [("CA", False)]


def test_a_share_has_a_floor_and_a_roof() -> None:
    row = FeeRow("x", "payer", bp=10, min_minor=3, max_minor=7)

    assert [amount(row, minor) for minor in (1, 5_000, 10**6)] == [3, 5, 7]


def test_a_row_for_another_currency_and_a_fee_of_nothing_do_not_count() -> None:
    rows = (FeeRow("x", "payer", asset="INR", fixed_minor=1), FeeRow("y", "payer", bp=1))

    assert of_payer(rows, 100, asset="AED", agent="DA", bearer=SHAR) == Charges(0, 0, ())
