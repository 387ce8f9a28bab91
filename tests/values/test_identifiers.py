"""Identifiers carry their own check, and an independent library agrees with it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import json

from steelyard.values.identifiers import (
    Account,
    Alias,
    Bic,
    Iban,
    Lei,
    National,
    Uetr,
    bic_is_shaped,
    iban_fault,
    lei_is_right,
    reference_is_right,
    uetr_is_v4,
)

LENGTHS = {"AE": 23, "BR": 29, "EG": 29}
GOOD = "AE070331234567890123456"
letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


def test_a_bic_of_eight_is_the_same_as_with_xxx():
    short, long = Bic("GHAFAEA0"), Bic("GHAFAEA0XXX")

    assert short == long
    assert hash(short) == hash(long)
    assert Bic("GHAFAEA0BR1") != short
    assert (short.text, short.country) == ("GHAFAEA0", "AE")


@pytest.mark.parametrize(
    "text", ["", "GHAFAEA", "GHAFAEA0X", "ghafaea0", "GHAF1EA0", "GHAFAEA0XXX\n", "GHAFAEÀ0"]
)
def test_other_shapes_are_no_bic(text):
    assert not bic_is_shaped(text)
    with pytest.raises(ValueError, match="BIC"):
        Bic(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (GOOD, None),
        ("AE07 0331234567890123456", "shape"),
        ("", "shape"),
        ("XX070331234567890123456", "country"),
        (GOOD + "0", "length"),
        (GOOD[:-1], "length"),
        ("AE080331234567890123456", "check"),
        (GOOD[:-1] + "7", "check"),
    ],
)
def test_an_iban_fault_is_named(text, expected):
    assert expected == iban_fault(text, LENGTHS)


@given(bban=st.text("0123456789", min_size=19, max_size=19))
def test_check_digits_that_no_iban_has_are_refused(bban):
    """98 - remainder is 2..98, so 00, 01 and 99 are congruent twins of right ones, never right."""
    wrong = [text for d in ("00", "01", "99") if (text := "AE" + d + bban)]

    assert all(iban_fault(text, LENGTHS) == "check" for text in wrong)


@given(bban=st.text("0123456789", min_size=19, max_size=19), check=st.integers(0, 99))
def test_iban_agrees_with_the_oracle(bban, check):
    mod_97_10 = pytest.importorskip("stdnum.iso7064.mod_97_10")
    text = f"AE{check:02d}{bban}"
    right = f"AE{mod_97_10.calc_check_digits(bban + 'AE')}{bban}"

    assert (text == right) == (iban_fault(text, LENGTHS) is None)


@given(stem=st.text(letters, min_size=18, max_size=18), check=st.integers(0, 99))
def test_lei_agrees_with_the_oracle(stem, check):
    lei = pytest.importorskip("stdnum.lei")
    text = f"{stem}{check:02d}"

    assert lei.is_valid(text) == lei_is_right(text)


@given(stem=st.text(letters, min_size=1, max_size=21), check=st.integers(0, 99))
def test_a_creditor_reference_agrees_with_the_oracle(stem, check):
    iso11649 = pytest.importorskip("stdnum.iso11649")
    text = f"RF{check:02d}{stem}"

    assert iso11649.is_valid(text) == reference_is_right(text)


def test_a_lei_value_is_made_of_a_right_one_only():
    assert Lei("529900T8BM49AURSDO55").text == "529900T8BM49AURSDO55"
    with pytest.raises(ValueError, match="LEI"):
        Lei("529900T8BM49AURSDO54")


@pytest.mark.parametrize(
    "text",
    [
        "EB6305C9-1F7F-49DE-AED0-16487C27B42D",
        "eb6305c9-1f7f-19de-aed0-16487c27b42d",
        "eb6305c9-1f7f-49de-ced0-16487c27b42d",
        "eb6305c91f7f49deaed016487c27b42d",
    ],
)
def test_a_uetr_is_version_four_in_lower_case(text):
    assert not uetr_is_v4(text)
    with pytest.raises(ValueError, match="UETR"):
        Uetr.read(text)


@given(st.uuids(version=4))
def test_a_uetr_is_kept_as_its_number(uuid):
    assert (uuid.int, str(uuid)) == (Uetr.read(str(uuid)).number, Uetr(uuid.int).text)


@pytest.mark.parametrize(
    "account", [Iban(GOOD), National("BR.ISPB", "12345678", "77-1"), Alias("tel", "+971500000")]
)
def test_an_account_is_a_tagged_union(account):
    assert account == json.decode(json.encode(account), type=Account)


def test_an_iban_value_names_its_fault_and_country():
    assert Iban.read(GOOD, LENGTHS).country == "AE"
    with pytest.raises(ValueError, match="check"):
        Iban.read("AE080331234567890123456", LENGTHS)
