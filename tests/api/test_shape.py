"""Bodies are read strictly, and every fault of one is found at once."""

import msgspec
import pytest

from steelyard.api import shape
from steelyard.api.problems import ProblemError
from steelyard.client.types import EnrolAsked, LogInAsked, Money, PaymentAsked, SheetAsked, StepUpAsked

GOOD = {"creditor_agent": "BNYNIND0", "settlement": {"asset": "INR", "value": "7350.00"}}


def problem_of(raw, kind=PaymentAsked):
    """Give the problem that a body is refused with."""
    with pytest.raises(ProblemError) as refused:
        shape.read(raw, kind)
    return refused.value.problem


def test_a_good_body_is_read():
    read = shape.read(msgspec.json.encode(GOOD), PaymentAsked)

    assert Money("INR", "7350.00") == read.settlement


def test_five_faults_give_five_answers():
    """The kinds of fault do not hide one another."""
    body = {
        "creditor_agent": "bnynind0",
        "settlement": {"asset": "INR", "value": 7350.0},
        "kind": "people",
        "uetr": "EB6305C9-1F7F-49DE-AED0-16487C27B42D",
        "colour": "red",
    }

    found = problem_of(msgspec.json.encode(body))

    assert 422 == found.status
    assert [
        ("/creditor_agent", "pattern"),
        ("/settlement/value", "type"),
        ("/kind", "not-listed"),
        ("/uetr", "pattern"),
        ("/colour", "unknown-field"),
    ] == [(fault.pointer, fault.code) for fault in found.errors]


def test_missing_fields_are_named():
    found = problem_of(b'{"settlement":{"asset":"INR"}}')

    assert {"/creditor_agent", "/settlement/value"} == {fault.pointer for fault in found.errors}


def test_unknown_fields_alone_are_a_kind_of_their_own():
    found = problem_of(msgspec.json.encode(GOOD | {"colour": "red", "a/b~c": 1}))

    assert "/problems/unknown-field" == found.type
    assert ["/colour", "/a~1b~0c"] == [fault.pointer for fault in found.errors]


def test_faults_inside_lists_have_their_place():
    body = {"sell": "AED", "buy": "INR", "min": "1", "max": "2", "valid_until": "x", "tiers": [
        {"from_value": "0", "rate": "1"}, {"from_value": "1", "rate": "1e5"}]}  # fmt: skip

    found = problem_of(msgspec.json.encode(body), SheetAsked)

    assert ["/tiers/1/rate"] == [fault.pointer for fault in found.errors]


def test_at_most_a_hundred_faults_are_listed():
    body = GOOD | {"remittance": [0] * 500}

    assert 100 == len(problem_of(msgspec.json.encode(body)).errors)


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "Expecting value"),
        (b"{", "line 1 column"),
        (b"\xff\xfe{}", "not UTF-8 at byte 0"),
        (b'{"a":"\xc3\x28"}', "not UTF-8"),
        (b"[NaN]", "NaN is no number"),
        (b'{"a":-Infinity}', "no number"),
        (b'{"a":1,"a":2}', "stands twice"),
        (b'{"a":{"b":1,"b":1}}', "stands twice"),
        (b"[" * 5_000_000, "nested deeper"),
        (b'{"a":' * 40 + b"1" + b"}" * 40, "nested deeper"),
        (b'{"a":"\\ud800"}', "surrogate"),
        (b'{"a":"\\u0000"}', "NUL"),
        (b"9" * 5000, "more than 20 digits"),
        (b'{"a":1} trailing', "Extra data"),
    ],
)
def test_what_is_no_strict_json_is_malformed(raw, words):
    found = problem_of(raw)

    assert 400 == found.status
    assert words in found.detail


@pytest.mark.parametrize("value", [7350, 7350.5, True, None, ["7350.00"], {"value": "1"}])
def test_an_amount_is_a_string_and_nothing_else(value):
    found = problem_of(msgspec.json.encode(GOOD | {"settlement": {"asset": "INR", "value": value}}))

    assert ["/settlement/value"] == [fault.pointer for fault in found.errors]


def test_a_line_break_at_the_end_does_not_pass_a_pattern():
    found = problem_of(msgspec.json.encode(GOOD | {"creditor_agent": "BNYNIND0\n"}))

    assert "BNYNIND0?" == found.errors[0].given


def test_what_is_given_is_shown_short_and_on_one_line():
    found = problem_of(msgspec.json.encode(GOOD | {"creditor_agent": "x\r\nSet-Cookie: " + "y" * 200}))

    assert len(found.errors[0].given) == 41
    assert found.errors[0].given.isprintable()


CANARY = "canary-4c1d"


@pytest.mark.parametrize("kind", [EnrolAsked, LogInAsked, StepUpAsked])
@pytest.mark.parametrize("value", [CANARY, CANARY * 40, [CANARY], {"password": CANARY}, {CANARY: CANARY}])
def test_no_secret_is_ever_told_back(kind, value):
    """Too short, too long, of the wrong kind, under a wrong name, in the place of the whole body."""
    secrets = {"password": value, "code": value}
    for body in ({**secrets, "pass": CANARY}, {**secrets, "password": ""}, [secrets], CANARY):
        said = msgspec.json.encode(problem_of(msgspec.json.encode(body), kind))

        assert CANARY.encode() not in said.replace(f"/{CANARY}".encode(), b"")


def test_a_short_password_is_not_told_back():
    found = problem_of(b'{"code":"12345678","password":"short"}', EnrolAsked)

    assert [("/password", "length", "")] == [(one.pointer, one.code, one.given) for one in found.errors]
