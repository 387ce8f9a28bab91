"""Lexical forms to exact values: comments, CDATA, references, signs, zeros, zones."""

from decimal import Decimal as Exact

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.iso20022.check import check
from steelyard.iso20022.lexical import (
    Decimal,
    _stamp,
    date,
    decimal,
    equal,
    minor,
    quote_id,
    short_bic,
    stamp,
    total_of,
    written,
)
from steelyard.values.instants import DAY, HOUR, SECOND, format_instant
from tests.iso20022.contexts import rules_context
from tests.iso20022.messages import document, message, transaction
from tests.iso20022.own_cases import amounts


def settled(text: str) -> int:
    """Give the minor units that a settlement amount is read as, through the whole way in."""
    verdict = check(message(document(transaction(amounts=amounts("INR", text)))), rules_context())
    assert verdict.findings == ()
    return verdict.envelope.payments[0].settlement.amount_minor


@pytest.mark.parametrize(
    "text",
    [
        "1250000.50",
        "1250000.5",
        "+0001250000.50",
        "  1250000.50\n",
        "1250<!-- -->000.50",
        "1250<?x?>000.50",
        "<![CDATA[1250000]]>.50",
        "1<![CDATA[25]]>0000<!--a--><![CDATA[.5]]>0",
        "&#49;250000.5&#x30;",
    ],
)
def test_every_legal_form_of_an_amount_is_the_same_integer(text):
    """Reading 1250 here is the classic money bug."""
    assert settled(text) == 125_000_050


@given(st.integers(-(10**22), 10**22), st.integers(0, 6), st.sampled_from(["", "+", "00", " "]))
def test_a_decimal_is_exact(number, digits, before):
    """Against the library's decimals."""
    text = written(Decimal(abs(number), digits))
    text = f"-{text}" if number < 0 else before + text

    read = decimal(text)

    assert Exact(read.unscaled).scaleb(-read.digits) == Exact(text.strip())
    assert read.digits == digits


@pytest.mark.parametrize(
    "text", ["", " ", ".", "+", "1e3", "1,0", "0x1", "1 0", "٣", "١.٥", "NaN", "INF", "--1", "1_0"]
)
def test_what_is_no_decimal_is_none(text):
    """Digits of other scripts too."""
    assert decimal(text) is None


def test_a_decimal_of_any_length_is_refused_not_computed():
    """Python would take quadratic time on a megabyte of digits."""
    assert decimal("9" * 1_000_000) is None


@given(st.lists(st.builds(Decimal, st.integers(0, 10**18), st.integers(0, 5)), max_size=20))
def test_sums_are_exact(numbers):
    """Against the library's decimals."""
    total = total_of(numbers)
    expected = sum((Exact(one.unscaled).scaleb(-one.digits) for one in numbers), Exact(0))

    assert Exact(total.unscaled).scaleb(-total.digits) == expected
    assert equal(total, Decimal(total.unscaled * 100, total.digits + 2))


def test_minor_units_are_exact_or_none():
    """More digits than the currency has are not rounded."""
    assert (minor(Decimal(15, 1), 2), minor(Decimal(1505, 3), 2)) == (150, None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1970-01-02", 1),
        ("1970-01-02Z", 1),
        ("1970-01-02+13:00", 1),
        (" 1970-01-02 ", 1),
        ("1970-02-30", None),
        ("11970-01-02", None),
        ("-1970-01-02", None),
        ("1970-1-2", None),
    ],
)
def test_a_date_is_what_is_written_whatever_its_zone(text, expected):
    """A year that is not four digits is none, not an exception."""
    assert date(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1970-01-01T00:00:01Z", (SECOND, True)),
        ("1970-01-01T01:00:00+01:00", (0, True)),
        ("1969-12-31T23:00:00-01:00", (0, True)),
        ("1970-01-01T24:00:00Z", (DAY, True)),
        ("1970-01-01T24:00:01Z", None),
        ("1970-01-01T00:00:00.000000001Z", (1, True)),
        ("1970-01-01T00:00:00.0000000010Z", (1, True)),
        ("1970-01-01T00:00:00.0000000011Z", None),
        ("1970-01-01T01:00:00", (HOUR, False)),
        ("1970-01-01T00:00:00,123Z", None),
        ("1970-01-01T00:00:60Z", None),
        ("1970-01-01T00:00:00+15:00", None),
        ("1970-W01-1T00:00:00Z", None),
        ("19700101T000000.0000Z", None),
    ],
)
def test_an_instant_is_utc_in_nanoseconds(text, expected):
    """Midnight at 24:00 is the next day's; more than nine digits only if they are zeros."""
    read = stamp(text)

    assert (None if read is None else (read.at, read.has_offset)) == expected


@given(st.integers(-60 * 10**18, 250 * 10**18), st.integers(-14, 14))
def test_the_fast_way_reads_what_the_slow_way_reads(at, hours):
    """Both ways are one function."""
    zulu = format_instant(at)
    local = format_instant(at + hours * HOUR).removesuffix("Z") + f"{hours:+03d}:00"

    assert stamp(zulu) == _stamp(zulu) == stamp(local) == _stamp(local) == (at, True)


def test_a_quote_is_named_by_the_whole_line():
    """Nothing before, nothing after."""
    uuid = "8B0C2F4E-0a4b-4c57-9f7d-2d8f9f3a1c11"

    assert quote_id(f"QUOTE {uuid}") == uuid.lower()
    assert [quote_id(text) for text in (f"QUOTE {uuid} x", f"quote {uuid}", uuid, "QUOTE 7")] == [None] * 4


def test_a_short_bic_has_no_xxx():
    """As the state machine writes it."""
    given = ["HUBXZAJJXXX", "HUBXZAJJ", "HUBXZAJJ001"]

    assert [short_bic(bic) for bic in given] == ["HUBXZAJJ", "HUBXZAJJ", "HUBXZAJJ001"]
