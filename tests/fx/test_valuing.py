"""Which currencies may be converted: fresh rates that agree and do not jump, or that somebody answers for."""

import csv
from datetime import date
from fractions import Fraction

import pytest

from steelyard.fx.rate_book import RateBook, RateRules
from steelyard.fx.rates import Kind, Reference
from steelyard.fx.refusals import FxRefusal
from steelyard.fx.valuing import DUAL, JUMP, SINGLE_SOURCE, STALE, age, decimal, flags_of, value, values
from steelyard.values.instants import DAY, HOUR, MINUTE
from tests.shared import SHARED

MONDAY = 20_059 * DAY  # 2024-12-02
NOON = 12 * HOUR


def is_weekday(currency, on):
    """Say whether a date is none of a weekend; 1970-01-01 was a Thursday."""
    return on % 7 not in (2, 3)


def put(book, num, den=1, *, at, kind=Kind.MARKET, source="one", base="USD", quote="IRR"):
    """Keep a rate."""
    book.put(Reference(base, quote, num, den, source, at, kind, at))


def seen(book, currency="IRR", unit="USD", *, at, flow="fx_batch"):
    """Give what a currency is worth at an instant."""
    return value(book, currency, unit=unit, flow=flow, at=at, is_business=is_weekday)


def test_a_fresh_rate_has_a_value_its_source_and_its_time():
    """Read upside down it is a decimal of 12 digits; one source alone is told, and does no harm."""
    book = RateBook()
    put(book, 42_000, at=MONDAY, source="cbi", kind=Kind.OFFICIAL)
    found = seen(book, at=MONDAY + HOUR)

    assert found.value == Fraction(238095238095, 10**16)
    assert (found.kind, found.source, found.as_of) == ("official", "cbi", MONDAY)
    assert (found.flags, found.refusal) == ((SINGLE_SOURCE,), None)
    put(book, 42_100, at=MONDAY, source="other", kind=Kind.OFFICIAL)
    assert seen(book, at=MONDAY + HOUR).flags == ()


def test_the_unit_is_worth_itself_and_what_nobody_quotes_nothing():
    """No rate, no conversion."""
    book = RateBook()

    assert seen(book, "USD", at=MONDAY).value == 1
    assert seen(book, "ETB", at=MONDAY).refusal is FxRefusal.RATE_IS_MISSING


def test_a_rate_is_stale_after_26_hours_of_business():
    """To the nanosecond; a weekend between does not count, and a confirmation makes it fresh again."""
    book = RateBook()
    put(book, 42_000, at=MONDAY)
    assert STALE not in seen(book, at=MONDAY + 26 * HOUR).flags
    stale = seen(book, at=MONDAY + 26 * HOUR + 1)
    assert (stale.value, stale.refusal) == (None, FxRefusal.RATE_IS_STALE)

    friday = MONDAY + 4 * DAY + NOON
    put(book, 42_000, at=friday)
    assert seen(book, at=friday + 3 * DAY + 2 * HOUR).refusal is None
    assert seen(book, at=friday + 3 * DAY + 2 * HOUR + 1).refusal is FxRefusal.RATE_IS_STALE

    late = friday + 5 * DAY
    book.confirm(book.standing("USD", "IRR", "market"), at=late)
    assert seen(book, at=late + HOUR).value is not None


@pytest.mark.parametrize(("hours", "counted"), [(0, 0), (12, 12), (12 + 48, 12), (12 + 48 + 5, 17), (-3, 0)])
def test_days_without_business_do_not_age(hours, counted):
    """From Friday noon on."""
    friday = MONDAY + 4 * DAY + NOON

    assert counted * HOUR == age(friday, friday + hours * HOUR, ("USD", "IRR"), is_weekday)


def test_a_jump_stands_until_it_is_confirmed_and_does_not_become_normal_by_repetition():
    """The value is gone at more than 3 % from the last fixing, either way."""
    book = RateBook()
    put(book, 1_000, at=MONDAY)
    put(book, 1_030, at=MONDAY + HOUR)
    assert seen(book, at=MONDAY + HOUR).refusal is None
    put(book, 1_061, at=MONDAY + 2 * HOUR)
    put(book, 1_062, at=MONDAY + 3 * HOUR)
    jumped = seen(book, at=MONDAY + 3 * HOUR)
    assert (jumped.value, jumped.refusal, JUMP in jumped.flags) == (None, FxRefusal.RATE_HAS_JUMPED, True)

    book.confirm(book.standing("USD", "IRR", "market"), at=MONDAY + 4 * HOUR)
    assert seen(book, at=MONDAY + 4 * HOUR).value == decimal(1, 1_062)
    put(book, 1_040, at=MONDAY + 5 * HOUR)
    assert seen(book, at=MONDAY + 5 * HOUR).refusal is None


def test_a_rate_that_comes_back_after_a_jump_needs_nobody():
    """A slip that its source corrects."""
    book = RateBook()
    put(book, 1_000, at=MONDAY)
    put(book, 10_000, at=MONDAY + HOUR)
    put(book, 1_001, at=MONDAY + HOUR)

    assert seen(book, at=MONDAY + HOUR).value == decimal(1, 1_001)


def test_two_kinds_apart_are_no_value_until_one_is_named_for_the_use():
    """At 5 % they still agree; the name holds for its use alone, and the flag stays."""
    book = RateBook()
    put(book, 1_000, at=MONDAY, kind=Kind.OFFICIAL)
    put(book, 1_050, at=MONDAY, source="two")
    assert seen(book, at=MONDAY).kind == "official"
    put(book, 1_051, at=MONDAY, source="two")
    assert (None, FxRefusal.RATE_IS_DUAL) == (seen(book, at=MONDAY).value, seen(book, at=MONDAY).refusal)

    book.set_rules(RateRules("IRR", choices=(("fx_batch", "market"),)))
    named = seen(book, at=MONDAY)
    assert (named.value, named.kind, named.flags) == (decimal(1, 1_051), "market", (DUAL,))
    assert seen(book, at=MONDAY, flow="pool").refusal is FxRefusal.RATE_IS_DUAL
    assert book.newest("USD", "IRR", "quote").at == MONDAY


def test_a_kind_that_is_not_configured_does_not_count():
    """Neither for the value nor for the difference."""
    book = RateBook()
    put(book, 1_000, at=MONDAY, kind=Kind.OFFICIAL)
    put(book, 2_000, at=MONDAY)
    book.set_rules(RateRules("IRR", kinds=("official",)))

    assert (seen(book, at=MONDAY).value, seen(book, at=MONDAY).flags) == (decimal(1, 1_000), (SINGLE_SOURCE,))


def test_thresholds_are_data_of_the_currency():
    """Stale, jump and dual each by its own bound."""
    book = RateBook()
    book.set_rules(RateRules("IRR", stale_after_ms=60_000, dual_bp=10_000, jump_bp=10_000))
    put(book, 1_000, at=MONDAY)
    put(book, 2_000, at=MONDAY + MINUTE)

    assert seen(book, at=MONDAY + 2 * MINUTE).value == decimal(1, 2_000)
    assert seen(book, at=MONDAY + 2 * MINUTE + 1).refusal is FxRefusal.RATE_IS_STALE


@pytest.mark.parametrize(
    "given",
    [
        {"stale_after_ms": 0}, {"stale_after_ms": 61 * 86_400_000}, {"dual_bp": 0}, {"jump_bp": 1_000_001},
        {"kinds": ()}, {"kinds": ("official", "official")}, {"kinds": ("guess",)},
        {"choices": (("pool", "market"), ("pool", "official"))}, {"choices": (("lunch", "market"),)},
        {"kinds": ("official",), "choices": (("pool", "market"),)},
    ],
)  # fmt: skip
def test_rules_out_of_bounds_do_not_fit(given):
    """One bound at a time."""
    assert RateRules("IRR").fit
    assert not RateRules("IRR", **given).fit


def test_an_older_rate_of_a_source_changes_nothing():
    """And a newer one of another source counts."""
    book = RateBook()
    put(book, 1_000, at=MONDAY + HOUR)
    put(book, 1_010, at=MONDAY)
    assert book.newest("USD", "IRR", "quote").num == 1_000
    put(book, 1_010, at=MONDAY + 2 * HOUR, source="two")
    assert book.newest("IRR", "USD", "quote").den == 1_010


def test_values_of_a_batch_keep_who_is_out_and_why():
    """By code, whatever the order asked in."""
    book = RateBook()
    put(book, 42_000, at=MONDAY)
    put(book, 57, at=MONDAY - 3 * DAY, quote="ETB")
    asked = {"unit": "USD", "flow": "fx_batch", "at": MONDAY, "is_business": lambda *_: True}
    found = values(book, ["USD", "IRR", "ETB"], **asked)

    assert list(found) == ["ETB", "IRR", "USD"]
    assert found == values(book, ["ETB", "USD", "IRR"], **asked)
    assert [one.currency for one in found.values() if one.refusal] == ["ETB"]


@pytest.mark.parametrize(
    ("num", "den", "expected"),
    [(1, 3, "0.333333333333"), (2, 3, "0.666666666667"), (10**15 + 7, 1, "1000000000000000"), (22_503, 1_000, "22.503"),
     (1, 820_000, "0.00000121951219512")],
)  # fmt: skip
def test_values_are_decimals_of_twelve_digits(num, den, expected):
    """Half-even, exact where there are fewer digits."""
    assert Fraction(expected) == decimal(num, den)


def shared_rows(name):
    """Give the rows of a shared table of rates, by date."""
    if SHARED is None:
        pytest.skip("no shared data here")
    with (SHARED / "fx" / name).open(newline="", encoding="utf-8") as file:
        return {row["date"]: row for row in csv.DictReader(file)}


def noon(text):
    """Give the instant of a date at noon."""
    return (date.fromisoformat(text) - date(1970, 1, 1)).days * DAY + NOON


def put_text(book, text, on, **more):
    """Keep a rate given as a decimal text, of a date at noon."""
    put(book, *Fraction(text).as_integer_ratio(), at=noon(on), **more)


def test_the_rial_of_the_turn_of_2025_is_dual():
    """Official some 42,000 per USD, open market some 820,000: no value before a kind is named for the use."""
    official, street = shared_rows("usd_rates_snapshots.csv"), shared_rows("irr_open_market_daily.csv")
    book, on = RateBook(), "2024-12-31"
    put_text(book, official[on]["USD_IRR"], on, kind=Kind.OFFICIAL, source="snapshots")
    put_text(book, street[on]["IRR_per_USD"], on, source="bonbast")
    found = seen(book, at=noon(on))
    assert (found.value, found.refusal, found.flags) == (None, FxRefusal.RATE_IS_DUAL, (DUAL,))

    book.set_rules(RateRules("IRR", choices=(("pool", "official"), ("fx_batch", "market"))))
    worth = {flow: seen(book, at=noon(on), flow=flow) for flow in ("pool", "fx_batch", "credit")}
    assert 41_000 < 1 / worth["pool"].value < 43_000
    assert 800_000 < 1 / worth["fx_batch"].value < 830_000
    assert (worth["pool"].source, worth["fx_batch"].source) == ("snapshots", "bonbast")
    assert worth["credit"].refusal is FxRefusal.RATE_IS_DUAL


def test_the_street_rate_of_the_rial_is_fresh_day_by_day_and_seldom_jumps():
    """Two years of daily rows, each measured against the last: jumps are few, and each stops the currency."""
    book, jumps, days = RateBook(), 0, 0
    for on, row in sorted(shared_rows("irr_open_market_daily.csv").items()):
        if not on.startswith(("2023", "2024")):
            continue
        put_text(book, row["IRR_per_USD"], on)
        found = value(book, "IRR", unit="USD", flow="fx_batch", at=noon(on), is_business=lambda *_: True)
        days += 1
        if found.refusal is not None:
            assert (found.refusal, JUMP in found.flags) == (FxRefusal.RATE_HAS_JUMPED, True)
            book.confirm(book.standing("USD", "IRR", "market"), at=noon(on))
            jumps += 1

    assert days > 600
    assert 0 < jumps < days // 20


def test_the_birr_of_summer_2024_jumps():
    """From 57 to 111 per USD: out until it is confirmed, and then at the new value."""
    rows = shared_rows("usd_rates_snapshots.csv")
    book = RateBook()
    for on in ("2024-03-28", "2024-06-15"):
        put_text(book, rows[on]["USD_ETB"], on, quote="ETB")
        assert seen(book, "ETB", at=noon(on)).value is not None
    put_text(book, rows["2024-09-06"]["USD_ETB"], "2024-09-06", quote="ETB")
    found = seen(book, "ETB", at=noon("2024-09-06"))
    assert (found.refusal, found.flags) == (FxRefusal.RATE_HAS_JUMPED, (JUMP, SINGLE_SOURCE))

    standing = book.standing("USD", "ETB", "market")
    book.confirm(standing, at=noon("2024-09-06"))
    assert 110 < 1 / seen(book, "ETB", at=noon("2024-09-06")).value < 112
    assert flags_of(
        book, book.standing("USD", "ETB", "market"), at=noon("2024-09-12"), is_business=is_weekday
    ) == (STALE, SINGLE_SOURCE)
