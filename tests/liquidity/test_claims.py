"""The book of claims: who may set off what, all or nothing, and its bytes."""

import msgspec
import pytest

from steelyard.liquidity.claims import Claim, Claims
from steelyard.liquidity.refusals import LiquidityRefusal as Why


def claim(key, debtor, creditor, amount):
    return Claim(key, debtor, creditor, "AED", amount, amount, 20_000, bytes(32))


@pytest.fixture
def book():
    """A circle of three that all confirmed and chose, and one claim more that its debtor alone confirmed."""
    held = Claims()
    for one in (claim("1", "A", "B", 100), claim("2", "B", "C", 80), claim("3", "C", "A", 70)):
        assert held.file(one) is None
        assert held.confirm(one.id, party=one.debtor) is None
        assert held.confirm(one.id, party=one.creditor) is None
    held.file(claim("4", "A", "C", 5))
    held.confirm("4", party="A")
    for member in "ABC":
        held.allow(member, allowed=True)
    return held


def test_a_circle_is_set_off_and_lessens_each_claim(book):
    """What is used up is over, what is left stays open."""
    assert book.set_off({"1": 70, "2": 70, "3": 70}) is None
    assert ["part_set_off", "part_set_off", "set_off", "filed"] == [book.get(key).state for key in "1234"]
    assert ["1", "2"] == [one.id for one in book.open_claims("AED")]
    assert [30, 10, 0, 5] == [book.get(key).open_minor for key in "1234"]


@pytest.mark.parametrize(
    ("parts", "why"),
    [
        ({"4": 5, "3": 5}, Why.CLAIM_NOT_CONFIRMED),
        ({"9": 5}, Why.CLAIM_UNKNOWN),
        ({"1": 101}, Why.SET_OFF_EXCEEDS_CLAIM),
        ({"1": 0}, Why.SET_OFF_EXCEEDS_CLAIM),
        ({"1": 70, "2": 70, "3": 69}, Why.SET_OFF_CHANGES_NETS),
    ],
)
def test_each_rule_refuses_the_whole(book, parts, why):
    """By its name, and nothing changes."""
    before = book.encode()

    assert why is book.set_off(parts)
    assert before == book.encode()


def test_a_member_that_did_not_choose_is_left_out(book):
    """Its claims are refused and not even offered."""
    book.allow("C", allowed=False)

    assert Why.SET_OFF_NOT_ALLOWED_HERE is book.refuse({"1": 70, "2": 70, "3": 70})
    assert ["1"] == [one.id for one in book.open_claims("AED")]


def test_what_is_set_off_is_over(book):
    """It is neither set off, confirmed nor filed again."""
    book.set_off({"1": 70, "2": 70, "3": 70})

    assert Why.CLAIM_ALREADY_SET_OFF is book.refuse({"3": 1})
    assert Why.CLAIM_ALREADY_SET_OFF is book.confirm("3", party="A")
    assert Why.CLAIM_ALREADY_SET_OFF is book.file(claim("3", "C", "A", 70))


def test_filing_and_confirming_have_rules(book):
    """One id, two parties, an amount, a hash; only the parties confirm."""
    good = claim("5", "A", "B", 10)

    assert Why.CLAIM_ID_IS_TAKEN is book.file(claim("1", "A", "B", 100))
    for fields in (
        {"creditor": "A"},
        {"amount_minor": 0, "open_minor": 0},
        {"open_minor": 9},
        {"amount_minor": 10**18, "open_minor": 10**18},
        {"document_hash": b"short"},
    ):
        assert Why.CLAIM_IS_MALFORMED is book.file(msgspec.structs.replace(good, **fields))
    assert Why.CLAIM_UNKNOWN is book.confirm("5", party="A")
    assert Why.CLAIM_UNKNOWN is book.confirm("4", party="B")


def test_its_bytes_come_back(book):
    """The same whatever the order of filing."""
    again = Claims.decode(book.encode())

    assert book.encode() == again.encode()
    assert again.set_off({"1": 70, "2": 70, "3": 70}) is None
    other = Claims()
    other.file(claim("2", "B", "C", 80))
    other.file(claim("1", "A", "B", 100))
    mirror = Claims()
    mirror.file(claim("1", "A", "B", 100))
    mirror.file(claim("2", "B", "C", 80))
    assert other.encode() == mirror.encode()
