"""Simple types: what a value may be and what it may not, by the generated schema."""

import pytest
from lxml import etree

from steelyard.iso20022.types import TYPES
from steelyard.iso20022.xsd import _leaf_type


def valid(type_name: str, text: str, **attributes: str) -> bool:
    """Judge one value by the schema text of its type."""
    schema = etree.XMLSchema(
        etree.fromstring(
            '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">'
            f'<xs:element name="v" type="{type_name}"/>{_leaf_type(type_name)}</xs:schema>'
        )
    )
    element = etree.Element("v", attributes)
    element.text = text
    return schema.validate(element)


@pytest.mark.parametrize(
    ("type_name", "good", "bad"),
    [
        ("Max35Text", ("x", "y" * 35, "Ж" * 35), ("", "y" * 36)),
        ("Max15NumericText", ("1", "9" * 15), ("", "+1", "1.0", "9" * 16)),
        ("BICFIDec2014Identifier", ("AAAABRSP", "AAAABRSPXXX"), ("AAAABRSPXX", "aaaabrsp", "AAAA1RSP")),
        (
            "UUIDv4Identifier",
            ("dcf2f8ee-5b60-470e-967a-f71cee08a0b9",),
            ("DCF2F8EE-5B60-470E-967A-F71CEE08A0B9",),
        ),
        ("LEIIdentifier", ("HUBTESTDEBTORBR00164",), ("HUBTESTDEBTORBR0016", "HUBTESTDEBTORBR0016A")),
        (
            "ISODate",
            ("2026-11-23", "2026-11-23Z", "12026-11-23"),
            ("2026-11-31", "23.11.2026", "2026-11-23T00:00:00"),
        ),
        ("ISODateTime", ("2026-11-23T24:00:00", "2026-11-23T10:15:30.123456789+03:00"), ("2026-11-23",)),
        ("BaseOneRate", ("14.8800", "0.0000000001", "-1"), ("1.12345678901", "123456789012")),
        ("Priority2Code", ("HIGH", "NORM"), ("high", "URGT")),
        ("PhoneNumber", ("+55-11",), ("0055-11", "+55 11")),
    ],
)
def test_values_in_and_out_of_a_type(type_name, good, bad):
    """The facets let the good ones in and keep the bad ones out."""
    assert [text for text in good if not valid(type_name, text)] == []
    assert [text for text in bad if valid(type_name, text)] == []


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("1250000.50", True),
        ("+0001250000.50", True),
        (" 1250000.50 ", True),
        ("0", True),
        ("1.12345", True),
        ("1.123456", False),
        ("-1", False),
        ("1.25E6", False),
        ("1,250", False),
        ("", False),
        ("9" * 18, True),
        ("9" * 19, False),
    ],
)
def test_an_amount_is_a_plain_decimal_with_a_currency(text, good):
    """At most 18 digits, 5 of them decimals, never negative, never an exponent."""
    assert good == valid("ActiveCurrencyAndAmount", text, Ccy="INR")


def test_an_amount_without_a_proper_currency_is_refused():
    """The currency is three capital letters and cannot be left out."""
    assert not valid("ActiveCurrencyAndAmount", "1")
    assert not valid("ActiveCurrencyAndAmount", "1", Ccy="inr")
    assert not valid("ActiveCurrencyAndAmount", "1", Ccy="INR", extra="1")


def test_every_type_makes_a_schema():
    """No entry of the table is broken."""
    for name in TYPES:
        assert valid(name, "\0"[:0]) in (True, False)
