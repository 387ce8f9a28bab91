"""Contracts as data: money, tolerances, dates, delivery terms."""

import doctest
from fractions import Fraction

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.market import incoterms
from steelyard.market.contracts import Contract, dates, terms
from steelyard.market.contracts.dates import Anchor, DateRule, Roll, month_of
from steelyard.market.contracts.energy_supply import EnergySupply
from steelyard.market.contracts.forward import Forward, Shipment
from steelyard.market.contracts.future import Future
from steelyard.market.contracts.listing import clearing_terms
from steelyard.market.contracts.spot_receipt import SpotReceipt
from steelyard.market.contracts.terms import (
    Limits,
    MarginTerms,
    Measure,
    Options,
    Place,
    TermsAreWrong,
    delivered,
    market_difference,
)
from steelyard.market.incoterms import TERMS, Cost, Party, pays
from steelyard.market.quality import QualitySchedule
from steelyard.values.instants import format_date, parse_date, weekday

COMMON = {
    "code": "WHT", "commodity": "wheat", "grade": "milling", "measure": Measure.KG, "unit": 50_000,
    "price_per": 1_000, "tick_minor": 25, "basket": "BASKET",
    "places": (Place("RUNVS"), Place("ROCND", 150)), "quality": QualitySchedule(()), "incoterm": "FCA",
    "options": Options(), "limits": Limits(), "margin": MarginTerms(1_100, 250), "calendars": ("AED",),
    "from_on": 20_000, "source": "own",
}  # fmt: skip
TENTH = DateRule(Anchor.DAY, day=10)
WHEAT = Future(months=(3, 5, 9, 12), listed=4, last_trading_rule=TENTH, **COMMON)
SUPPLY = EnergySupply(annual_units=2_000, take_or_pay_bp=8_000, **COMMON)


def weekdays(on):
    return weekday(on) < 5


def test_money_is_rounded_once():
    """Eight lots of 50 t at 240.00: 96,000.00; a price with a part of a minor unit goes half to even."""
    assert 9_600_000 == WHEAT.amount_minor(8, 24_000)
    tiny = msgspec.structs.replace(WHEAT, unit=500)

    assert [0, 2, 2] == [tiny.amount_minor(1, price) for price in (1, 3, 4)]
    assert Fraction(1, 2) == tiny.worth(1, 1)


def test_a_place_that_is_not_the_contracts_has_no_differential():
    assert [0, 150, None] == [WHEAT.differential(place) for place in ("RUNVS", "ROCND", "EGALY")]


WRONG = [
    ("unit", 0), ("unit", 10**18), ("price_per", -1), ("tick_minor", 0), ("code", ""), ("grade", ""),
    ("source", ""), ("calendars", ()), ("places", ()), ("places", (Place("A"), Place("A", 1))),
    ("basket", ""), ("incoterm", "FAS"), ("options", Options(1_100, 1_000)),
    ("options", Options(force_majeure_days=-1)), ("limits", Limits(0)), ("limits", Limits(10_000)),
    ("limits", Limits(position_lots=10, delivery_month_lots=11)), ("margin", MarginTerms(-1)),
]  # fmt: skip


@pytest.mark.parametrize(("field", "value"), WRONG)
def test_a_contract_that_cannot_be_names_the_field(field, value):
    with pytest.raises(TermsAreWrong) as caught:
        SpotReceipt(**{**COMMON, field: value})

    assert caught.value.field == ("currency" if field == "basket" else field)


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: SpotReceipt(settle_days=2, **COMMON), "settle_days"),
        (lambda: Forward(shipment_days_max=0, **COMMON), "shipment_days_max"),
        (lambda: Forward(shipment_days_max=90, ahead_days_max=60, **COMMON), "shipment_days_max"),
        (lambda: Future(months=(), listed=1, last_trading_rule=TENTH, **COMMON), "months"),
        (lambda: Future(months=(5, 3), listed=1, last_trading_rule=TENTH, **COMMON), "months"),
        (lambda: Future(months=(0, 3), listed=1, last_trading_rule=TENTH, **COMMON), "months"),
        (lambda: Future(months=(3,), listed=0, last_trading_rule=TENTH, **COMMON), "listed"),
        (lambda: EnergySupply(annual_units=0, take_or_pay_bp=1, **COMMON), "annual_units"),
        (lambda: EnergySupply(annual_units=1, take_or_pay_bp=10_001, **COMMON), "take_or_pay_bp"),
        (lambda: EnergySupply(annual_units=1, take_or_pay_bp=1, index_from=0, **COMMON), "index_from"),
        (lambda: EnergySupply(annual_units=1, take_or_pay_bp=1, price_slope="1e3", **COMMON), "price_slope"),
        (lambda: EnergySupply(annual_units=1, take_or_pay_bp=1, price_slope="NaN", **COMMON), "price_slope"),
        (lambda: EnergySupply(annual_units=1, take_or_pay_bp=1, make_up_years=-1, **COMMON), "make_up_years"),
    ],
)
def test_each_type_has_rules_of_its_own(make, field):
    with pytest.raises(TermsAreWrong) as caught:
        make()

    assert field == caught.value.field


@pytest.mark.parametrize(
    "contract", [WHEAT, SpotReceipt(**COMMON), Forward(**COMMON), SUPPLY], ids=lambda one: type(one).__name__
)
def test_a_contract_is_rebuilt_from_its_bytes(contract):
    data = msgspec.msgpack.encode(contract)

    assert contract == msgspec.msgpack.decode(data, type=Contract)


@pytest.mark.parametrize(
    ("month", "notice", "last", "start", "end"),
    [
        # 2027-03-10 is a Wednesday; 2027-05-10 a Monday; 2028-09-10 a Sunday, 2028-12-10 too
        ("2027-03", "2027-02-25", "2027-03-10", "2027-03-01", "2027-03-31"),
        ("2027-05", "2027-04-29", "2027-05-10", "2027-05-03", "2027-05-31"),
        ("2028-09", "2028-08-30", "2028-09-11", "2028-09-01", "2028-09-29"),
        ("2028-12", "2028-11-29", "2028-12-11", "2028-12-01", "2028-12-29"),
    ],
)  # fmt: skip
def test_dates_of_a_month_follow_from_its_rules(month, notice, last, start, end):
    found = WHEAT.dates(month, weekdays)

    assert [notice, last, start, end] == [
        format_date(on)
        for on in (
            found.first_notice_on, found.last_trading_on, found.delivery_from_on, found.delivery_to_on,
        )
    ]  # fmt: skip


rules = st.builds(
    DateRule,
    st.sampled_from(Anchor),
    day=st.integers(1, 31),
    months=st.integers(-3, 3),
    business_days=st.integers(-6, 6),
    roll=st.sampled_from(Roll),
)


@given(rules, st.integers(2024, 2030), st.integers(1, 12), st.sets(st.integers(0, 6), max_size=5))
def test_a_rule_always_gives_a_business_day(rule, year, month, closed):
    """Whatever days of the week are closed, and as many business days from the rolled date as it says."""

    def is_business(on):
        return weekday(on) not in closed

    found = rule.on(year, month, is_business)
    start = DateRule(rule.anchor, rule.day, rule.months, 0, rule.roll).on(year, month, is_business)
    between = range(min(start, found), max(start, found))

    assert is_business(found)
    assert abs(rule.business_days) == sum(map(is_business, between))
    assert (found > start) == (rule.business_days > 0)


def test_a_calendar_that_does_not_reach_gives_no_date():
    end = parse_date("2027-06-30")
    found = WHEAT.trading(parse_date("2027-03-11"), lambda on: weekdays(on) and on <= end)

    assert WHEAT.dates("2027-09", lambda on: on <= end and weekdays(on)) is None
    assert ["2027-05"] == [one.month for one in found]


def test_a_month_is_traded_to_its_last_day():
    first = ["2027-03", "2027-05", "2027-09", "2027-12"]

    assert first == [one.month for one in WHEAT.trading(parse_date("2027-03-10"), weekdays)]
    assert "2028-03" == WHEAT.trading(parse_date("2027-03-11"), weekdays)[-1].month


def test_months_that_end_before_they_begin_are_listed_too():
    """Trading that ends two months before delivery, seen from a calendar that has just begun."""
    rule = DateRule(Anchor.MONTH_END, months=-2, roll=Roll.PRECEDING)
    crude = Future(months=tuple(range(1, 13)), listed=2, last_trading_rule=rule, **COMMON)
    begins = parse_date("2026-11-02")
    found = crude.trading(parse_date("2026-11-20"), lambda on: weekdays(on) and on >= begins)

    assert ["2027-01", "2027-02"] == [one.month for one in found]


@pytest.mark.parametrize(
    "text", ["2027-13", "2027-00", "2027", "27-03", "2027-3", "２０２７-03", "", "0000-01"]
)
def test_what_is_no_month_is_no_month(text):
    with pytest.raises(ValueError):
        month_of(text)


def test_a_month_of_another_contract_has_no_dates():
    with pytest.raises(ValueError):
        WHEAT.dates("2027-04", weekdays)


@pytest.mark.parametrize("wrong", [{"day": 0}, {"day": 32}, {"months": 25}, {"business_days": 41}])
def test_a_rule_without_sense_is_not_made(wrong):
    with pytest.raises(ValueError):
        DateRule(Anchor.DAY, **wrong)


def test_spot_settles_at_once_or_on_the_next_business_day():
    friday = parse_date("2027-03-05")
    late = SpotReceipt(settle_days=1, **COMMON)

    assert friday == SpotReceipt(**COMMON).settles_on(friday, weekdays)
    assert "2027-03-08" == format_date(late.settles_on(friday, weekdays))
    assert late.settles_on(friday, lambda on: False) is None


@pytest.mark.parametrize(
    ("start", "end", "fits"),
    [
        (101, 130, True),
        (100, 129, False),
        (101, 161, False),
        (101, 160, True),
        (130, 129, False),
        (590, 640, True),
        (591, 641, False),
    ],
)
def test_a_shipment_period_fits_or_not(start, end, fits):
    forward = Forward(shipment_days_max=60, ahead_days_max=540, **COMMON)

    assert fits is forward.takes(Shipment(start, end), traded_on=100)


@given(st.integers(0, 10**6), st.integers(0, 2 * 10**6), st.booleans())
def test_what_is_delivered_is_paid_once(agreed, shipped, full):
    """All of it at one price or the other, or it is a default; the market's price only above the tolerance."""
    found = delivered(agreed, shipped, tolerance_bp=500, full_cargo_bp=1_000 if full else 0)
    reach = Fraction(agreed * (1_000 if full else 500), 10_000)

    assert found.is_default == (abs(shipped - agreed) > reach // 1)
    if not found.is_default:
        assert shipped == found.at_contract + found.at_market
        assert found.at_contract <= agreed + agreed * 500 // 10_000
        assert not found.at_market or found.at_contract == agreed + agreed * 500 // 10_000


@pytest.mark.parametrize(
    ("market", "seller_fails", "due"),
    [
        (26_000, True, 40 * 2_000 + 52_000),
        (26_000, False, 52_000),
        (22_000, True, 44_000),
        (22_000, False, 40 * 2_000 + 44_000),
        (24_000, True, 48_000),
    ],
)
def test_who_fails_pays_the_market_difference_and_five_per_cent(market, seller_fails, due):
    """40 t at 240.00; the difference only where the market moved against the other."""
    small = msgspec.structs.replace(WHEAT, unit=40_000)

    assert due == market_difference(
        small, 1, price_minor=24_000, market_minor=market, seller_fails=seller_fails
    )


SELLERS = {
    "EXW": 0, "FCA": 1, "FOB": 2, "CPT": 3, "CFR": 3, "CIF": 4, "DAP": 4,
}  # fmt: skip


@pytest.mark.parametrize("term", list(TERMS))
def test_every_cost_has_one_payer(term):
    """From EXW to CIF the seller pays more and more; duty and unloading stay with the buyer."""
    assert SELLERS[term] == sum(pays(term, cost) is Party.SELLER for cost in Cost)
    assert Party.BUYER is pays(term, Cost.DUTY)
    assert Party.BUYER is pays(term, Cost.UNLOADING)


def test_clearing_takes_its_terms_from_the_contract():
    march = WHEAT.dates("2027-03", weekdays)
    found = clearing_terms(WHEAT, march, asset="AED", median_lots=400)

    assert ("WHT-2027-03", "wheat", "AED", 50_000, 25, 1_100, 250, 400) == (
        found.contract, found.commodity, found.asset, found.unit_kg, found.tick_minor, found.scan_range_minor,
        found.spread_minor, found.median_lots,
    )  # fmt: skip
    assert found.delivery_from_on == march.delivery_from_on
    first = parse_date("2027-03-01")
    assert [False, True] == [found.in_delivery_month(on) for on in (first - 1, first)]


def test_what_is_not_weighed_is_not_cleared_by_the_tonne():
    crude = msgspec.structs.replace(WHEAT, measure=Measure.BARREL, price_per=1)

    with pytest.raises(ValueError):
        clearing_terms(crude, WHEAT.dates("2027-03", weekdays), asset="AED")


@pytest.mark.parametrize("module", [dates, terms, incoterms], ids=lambda one: one.__name__)
def test_examples_hold(module):
    ran = doctest.testmod(module)

    assert ran.attempted
    assert ran.failed == 0
