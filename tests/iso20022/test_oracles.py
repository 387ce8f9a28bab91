"""Other people's checkers agree where they look at all. Each is skipped where its package is absent."""

import random
from functools import cache
from pathlib import Path

import pytest
from lxml import etree

from steelyard.iso20022.check import check
from steelyard.iso20022.context import Level, Outcome
from steelyard.packs.reference import reference
from steelyard.values.identifiers import bic_is_shaped, iban_fault, lei_is_right
from tests.iso20022.contexts import DATA, rules_context, schema_context
from tests.iso20022.own_cases import CASES, iban, lei

HUB_RULES = {"pacs.008:R2", "pacs.008:R3"}  # its From and To are agents of the payment, ours may be the hub
LENGTHS = reference().iban_lengths
ISO = "{urn:iso:std:iso:20022:tech:xsd:"


def changed(code: str, chance: random.Random) -> str:
    """Give an identifier as it is, or with one character changed or two swapped."""
    letters = list(code)
    at = chance.randrange(len(letters) - 1)
    match chance.randrange(3):
        case 0:
            letters[at] = chance.choice("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        case 1:
            letters[at], letters[at + 1] = letters[at + 1], letters[at]
    return "".join(letters)


def test_stdnum_agrees_on_ten_thousand_leis():
    """Right ones, and ones changed; it does not mind letters as check digits, the standard does."""
    oracle = pytest.importorskip("stdnum.lei")
    chance = random.Random(17442)
    for _ in range(10_000):
        stem = "".join(chance.choice("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") for _ in range(18))
        code = changed(lei(stem), chance)
        assert lei_is_right(code) == (oracle.is_valid(code) and code[-2:].isdigit()), code


def test_stdnum_agrees_on_ten_thousand_ibans():
    """By mod 97 and length; digits alone, so that a country's own rules for letters stay out of it."""
    oracle = pytest.importorskip("stdnum.iban")
    chance = random.Random(13616)
    countries = sorted(LENGTHS)
    for _ in range(10_000):
        country = chance.choice(countries)
        size = LENGTHS[country] - 4 + chance.choice([0, 0, 0, 1, -1])
        number = iban(country, "".join(chance.choice("0123456789") for _ in range(size)))
        if chance.random() < 0.5:
            number = number[:4] + changed(number[4:], chance)
        ours = iban_fault(number, LENGTHS) is None
        if oracle.is_valid(number, check_country=False):
            assert ours, number
        elif ours:  # it also knows where a country has letters
            assert not number[4:].isdigit() or _needs_letters(oracle, country)


def test_stdnum_agrees_on_ten_thousand_bics():
    """The shape of eight or eleven, and a country that exists."""
    oracle = pytest.importorskip("stdnum.bic")
    chance, countries = random.Random(9362), sorted(reference().bic_countries)
    for _ in range(10_000):
        letters = "".join(chance.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZ") for _ in range(6))
        if chance.random() < 0.7:
            letters = letters[:4] + chance.choice(countries)
        rest = "".join(chance.choice("ABCDEFGH0123") for _ in range(chance.choice([2, 5, 5, 4, 1])))
        code = letters + rest
        ours = bic_is_shaped(code) and code[4:6] in reference().bic_countries
        assert ours == oracle.is_valid(code), code


@pytest.mark.skipif(DATA is None, reason="shared data absent")
def test_a_checker_of_cross_border_usage_flags_nothing_that_we_accept():
    """And what it flags beyond its rules about the hub, we do not accept."""
    oracle = pytest.importorskip("cbpr_rules")
    flagged = 0
    for path in sorted((DATA / "rules").glob("*.xml")):
        verdict = check(path.read_bytes(), rules_context())
        try:
            result = oracle.validate_file(str(path), year=2026)
        except oracle.engine.ValidationError:  # not XML
            continue
        rules = {found["rule_number"] for found in result["violations"]} - HUB_RULES
        assert not (rules and verdict.outcome is Outcome.ACCEPTED), (path.name, rules)
        flagged += bool(rules) and verdict.outcome is Outcome.REJECTED

    assert flagged >= 16


def test_the_example_messages_of_that_checker_pass_our_schemas():
    """Minimum and maximum of every kind that we have a table of."""
    oracle = pytest.importorskip("cbpr_rules")
    seen = 0
    for path in sorted(Path(oracle.__file__).parent.joinpath("examples").rglob("*.xml")):
        verdict = check(path.read_bytes(), schema_context(), level=Level.SCHEMA)
        if verdict.codes != ["BAH02"]:
            assert verdict.outcome is Outcome.ACCEPTED, (path.name, verdict.findings)
            seen += 1

    assert seen >= 20


@cache
def official(message: str):
    """Give another library's reading of a published schema."""
    library = pytest.importorskip("xmlschema")
    return library.XMLSchema(str(DATA / "xsd" / f"{message}.xsd"))


@pytest.mark.slow
@pytest.mark.skipif(DATA is None, reason="shared data absent")
@pytest.mark.parametrize("name", CASES)
def test_another_schema_library_agrees_on_every_case(name):
    """Header and Document against the published schemas: valid exactly where we did not say XSD01."""
    pytest.importorskip("xmlschema")
    raw = CASES[name][0]
    verdict = check(raw, rules_context())
    if verdict.codes and verdict.codes[0].startswith(("XML", "BAH02")):
        return
    parser = etree.XMLParser(remove_comments=True, remove_pis=True)
    root = etree.fromstring(raw.removeprefix(b"\xef\xbb\xbf"), parser)
    valid = all(
        official(part.tag[len(ISO) :].partition("}")[0]).is_valid(part)
        for part in root
        if part.tag.startswith(ISO)
    )

    assert valid == (verdict.codes != ["XSD01"])


def _needs_letters(oracle, country: str) -> bool:
    """Say whether a country's accounts hold letters in places, which digits alone never match."""
    digits = "0" * (LENGTHS[country] - 4)
    return not oracle.is_valid(iban(country, digits), check_country=False)
