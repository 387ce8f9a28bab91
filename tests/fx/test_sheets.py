"""Sheets: tiers, bands, fixed send and fixed receive, and the neighbour that would be cheaper."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.fx.refusals import FxRefusal
from steelyard.fx.sheets import Sheet, Tier, check, hint, in_band, receive, send
from steelyard.values.instants import DAY, SECOND
from steelyard.values.rate import Rounding

NOW = 1_000 * DAY
AED_INR = Sheet(
    "BALNAEA0", "AED", "INR", (Tier(0, 2250, 100), Tier(10_000_000, 2260, 100)), 1, 10**15, 0, NOW + DAY,
    rounding=Rounding.DOWN,
)  # fmt: skip


def changed(**fields: object) -> Sheet:
    return msgspec.structs.replace(AED_INR, **fields)


def test_a_good_sheet_is_taken() -> None:
    assert check(AED_INR, at=NOW) is None


@pytest.mark.parametrize(
    ("sheet", "refusal"),
    [
        (changed(buy="AED"), FxRefusal.SHEET_PAIR_MUST_DIFFER),
        (changed(tiers=()), FxRefusal.SHEET_HAS_NO_TIERS),
        (changed(tiers=(Tier(5, 2250, 100), Tier(5, 2260, 100))), FxRefusal.TIERS_MUST_ASCEND),
        (changed(tiers=(Tier(0, 2260, 100), Tier(5, 2250, 100))), FxRefusal.TIER_RATE_WORSENS),
        (changed(tiers=(Tier(0, 0, 100),)), FxRefusal.RATE_IS_MALFORMED),
        (changed(tiers=(Tier(0, 1, 3),)), FxRefusal.RATE_IS_MALFORMED),
        (changed(tiers=(Tier(0, 1234567890123456789, 1),)), FxRefusal.RATE_IS_MALFORMED),
        (changed(min_minor=10, max_minor=9), FxRefusal.SHEET_IS_EMPTY),
        (changed(valid_until=NOW), FxRefusal.SHEET_IS_EMPTY),
        (changed(services=0), FxRefusal.SHEET_IS_EMPTY),
        (changed(ttl_ns=20 * SECOND, lock_ns=10 * SECOND), FxRefusal.SHEET_CLOCK_IS_OUT_OF_BOUNDS),
    ],
)
def test_a_bad_sheet_is_refused_by_the_rule_it_breaks(sheet: Sheet, refusal: FxRefusal) -> None:
    assert refusal == check(sheet, at=NOW)


def test_a_band_is_kept_to_the_basis_point() -> None:
    assert in_band(AED_INR, num=2250, den=100, band_bp=45)
    assert not in_band(AED_INR, num=2250, den=100, band_bp=44)


def test_fixed_send_takes_the_tier_of_the_whole_amount_and_converts_what_the_fee_leaves() -> None:
    """10,000.00 AED, of which 5.00 are a fee, at 22.50."""
    bought, tier = send(AED_INR, 1_000_000, 999_500) or (0, None)

    assert bought == 22_488_750
    assert tier == AED_INR.tiers[0]


def test_fixed_receive_falls_to_the_lower_tier_where_the_price_does_not_reach_the_higher() -> None:
    """2,255,000.00 INR cost 99,778.77 at 22.60, under its bound; so 100,222.23 at 22.50, rounded up."""
    assert receive(AED_INR, 225_500_000) == (10_022_223, AED_INR.tiers[0])


def test_the_cheaper_neighbour_is_named() -> None:
    assert hint(AED_INR, 10_022_223, 225_500_000) == (10_000_000, 226_000_000)
    assert hint(AED_INR, 9_000_000, 202_500_000) is None


def test_an_amount_outside_the_sheet_has_no_rate() -> None:
    narrow = changed(min_minor=100, max_minor=200)

    assert send(narrow, 99, 99) is None
    assert send(narrow, 201, 201) is None
    assert receive(narrow, 225 * 201) is None


def test_what_would_round_to_nothing_has_no_rate() -> None:
    assert send(changed(tiers=(Tier(0, 1, 1000),)), 4, 4) is None


@given(
    target=st.integers(1, 10**12),
    num=st.integers(1, 10**9),
    den=st.sampled_from([1, 10, 10_000]),
)
def test_there_and_back_never_gains_where_the_provider_rounds_its_way(
    target: int, num: int, den: int
) -> None:
    sheet = changed(tiers=(Tier(0, num, den),))
    answer = receive(sheet, target)
    if answer is None:
        return
    back = send(sheet, answer[0], answer[0])

    assert back is not None
    assert back[0] >= target
    one_less = send(sheet, answer[0] - 1, answer[0] - 1)
    assert one_less is None or one_less[0] < target
