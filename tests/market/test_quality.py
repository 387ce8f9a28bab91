"""Quality prices: the examples of the schedule, its edges, and that worse goods never pay more."""

from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.market.quality import Factor, FactorRule, QualitySchedule, millionths, quality_price
from steelyard.market.refusals.delivery import DeliveryRefusal

WHEAT = QualitySchedule(
    (
        Factor("moisture", FactorRule.SHRINK, basis=millionths("14.0"), most=millionths("16.0")),
        Factor("protein", FactorRule.STEP, basis=millionths("11.5"), step_minor=50, least=millionths("10.5")),
        Factor("impurities", FactorRule.POINT, basis=millionths("2.0"), point_bp=100, most=millionths("4.0")),
        Factor("falling_number", least=millionths("220")),
    )
)


def certificate(moisture="14.0", protein="11.5", impurities="2.0", falling_number="220"):
    """Read a certificate from decimal texts."""
    texts = {
        "moisture": moisture,
        "protein": protein,
        "impurities": impurities,
        "falling_number": falling_number,
    }
    return {name: millionths(text) for name, text in texts.items()}


def price(net_kg=500_000, minor=24_000, **values):
    """Price 500 t at 240.00 a tonne unless told otherwise."""
    return quality_price(WHEAT, certificate(**values), net_kg=net_kg, price=minor)


def test_wet_goods_of_good_protein_and_some_dirt():
    """491,279 kg at 240.00 + 2.00 - 0.96."""
    paid = price(moisture="15.5", protein="11.9", impurities="2.4")

    assert (491_279, Fraction(24_104), 11_841_789) == (paid.net_kg, paid.unit_price, paid.amount_minor)


@pytest.mark.parametrize(
    ("protein", "unit"),
    [
        ("11.5", 24_000),
        ("11.599999", 24_000),  # a step counts when it is full
        ("11.6", 24_050),
        ("12.5", 24_500),
        ("12.7", 24_500),  # ten steps are paid, no more
        ("11.499999", 23_950),  # and is charged once it has started
        ("11.4", 23_950),
        ("11.39", 23_900),
        ("10.5", 23_500),
    ],
)
def test_full_steps_are_paid_and_started_steps_charged(protein, unit):
    """At both sides of the basis and at every edge."""
    assert unit == price(protein=protein).unit_price


def test_goods_drier_than_the_basis_weigh_what_they_weigh():
    """Moisture shrinks; it never adds."""
    assert 500_000 == price(moisture="9.0").net_kg


def test_the_amount_is_rounded_once_and_half_to_even():
    """1.5 and 2.5 minor units both become 2."""
    paid = [price(net_kg=500, minor=minor).amount_minor for minor in (3, 5)]

    assert [2, 2] == paid


@pytest.mark.parametrize(
    ("values", "factor"),
    [
        ({"moisture": "16.000001"}, "moisture"),
        ({"protein": "10.499999"}, "protein"),
        ({"impurities": "4.1"}, "impurities"),
        ({"falling_number": "219"}, "falling_number"),
    ],
)
def test_goods_outside_the_contract_are_refused_by_name(values, factor):
    """QUALITY_OUTSIDE_CONTRACT, with the factor; nothing is priced."""
    paid = price(**values)

    assert (DeliveryRefusal.QUALITY_OUTSIDE_CONTRACT, factor, 0) == (
        paid.refusal,
        paid.factor,
        paid.amount_minor,
    )


@pytest.mark.parametrize(
    "values", [{"moisture": "16.0"}, {"protein": "10.5"}, {"impurities": "4.0"}, {"falling_number": "220"}]
)
def test_the_bounds_themselves_are_within_the_contract(values):
    """A bound is the last value that is accepted."""
    assert price(**values).refusal is None


def test_a_certificate_states_every_factor():
    """QUALITY_FACTOR_IS_MISSING: what was not measured is not assumed to be good."""
    found = certificate()
    del found["falling_number"]

    paid = quality_price(WHEAT, found, net_kg=1, price=1)

    assert (DeliveryRefusal.QUALITY_FACTOR_IS_MISSING, "falling_number") == (paid.refusal, paid.factor)


def test_a_price_never_falls_below_zero():
    """However poor the goods are, the seller does not pay for them to be taken."""
    poor = QualitySchedule((Factor("protein", FactorRule.STEP, basis=millionths("50"), step_minor=1_000),))

    paid = quality_price(poor, {"protein": 0}, net_kg=1_000, price=24_000)

    assert (Fraction(0), 0) == (paid.unit_price, paid.amount_minor)


@pytest.mark.parametrize("text", ["", "-1", "1e3", "1,5", "0.0000001", "NaN"])
def test_a_value_is_read_exactly_or_not_at_all(text):
    """No sign, exponent, grouping or digit beyond a millionth."""
    with pytest.raises(ValueError):
        millionths(text)


@pytest.mark.parametrize("line", [{"step": 0}, {"step_minor": -1}, {"steps_max": -1}, {"point_bp": -1}])
def test_a_schedule_that_pays_more_for_worse_cannot_be_written(line):
    """Neither in code nor as data."""
    with pytest.raises(ValueError):
        Factor("protein", FactorRule.STEP, **line)


def test_a_schedule_is_data():
    """It comes back from its bytes."""
    assert WHEAT == msgspec.msgpack.decode(msgspec.msgpack.encode(WHEAT), type=QualitySchedule)


values = st.builds(
    certificate,
    moisture=st.decimals(0, 16, places=2).map(str),
    protein=st.decimals("10.5", 20, places=2).map(str),
    impurities=st.decimals(0, 4, places=2).map(str),
)
steps = st.integers(1, 3_000_000)


@given(
    values, st.sampled_from(["moisture", "protein", "impurities"]), steps, st.integers(1, 10**7), st.integers(0, 10**6)
)  # fmt: skip
def test_worse_never_pays_more(found, factor, by, net_kg, minor):
    """Whichever factor worsens, and by however much: the same or less is paid, or nothing."""
    better = quality_price(WHEAT, found, net_kg=net_kg, price=minor)
    worse_by = -by if factor == "protein" else by
    worse = quality_price(WHEAT, found | {factor: found[factor] + worse_by}, net_kg=net_kg, price=minor)

    assert worse.amount_minor <= better.amount_minor


@given(values, st.integers(1, 10**7), st.integers(0, 10**6))
def test_the_price_is_what_decimals_give(found, net_kg, minor):
    """The same sum in decimal arithmetic, factor by factor, with the rule of each written out."""
    moisture, protein, impurities = (
        Decimal(found[name]) / 10**6 for name in ("moisture", "protein", "impurities")
    )
    kept = int(net_kg * (100 - max(moisture, Decimal(14))) / 86)
    over = protein - Decimal("11.5")
    tenths = min(int(over * 10), 10) if over >= 0 else -int(-over * 10 + Decimal("0.999999"))
    unit = minor + 50 * tenths - max(Decimal(0), impurities - 2) * minor / 100
    due = (max(unit, Decimal(0)) * kept / 1000).quantize(Decimal(1), ROUND_HALF_EVEN)

    paid = quality_price(WHEAT, found, net_kg=net_kg, price=minor)

    assert (kept, int(due)) == (paid.net_kg, paid.amount_minor)


def test_a_schedule_takes_no_more_than_it_has():
    """What nobody reads is not carried along, at whatever depth."""
    factors, price_kg = msgspec.to_builtins(WHEAT)
    for odd in ([factors, price_kg, 1], [[[*factors[0], 1]], price_kg]):
        with pytest.raises(msgspec.ValidationError):
            msgspec.msgpack.decode(msgspec.msgpack.encode(odd), type=QualitySchedule)
