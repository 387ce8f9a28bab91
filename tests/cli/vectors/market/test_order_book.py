"""Cases of order books: written in any way, each answer compared, nothing passed over."""

import json
from copy import deepcopy

import pytest

from steelyard.cli.vectors.market.order_book import judge
from steelyard.cli.vectors.market.order_events import EVENTS, split
from steelyard.cli.vectors.suites import suite_of, suite_of_file
from tests.vectors import make_order_book as maker

DOCUMENT = json.loads(maker.HERE.read_text("utf-8"))
CASES = DOCUMENT["cases"]


def test_the_file_is_what_the_naive_book_says():
    """Nobody has put an answer of the fast book into it."""
    assert maker.text(maker.made()) == maker.HERE.read_text("utf-8")


def test_there_are_enough_and_of_every_rule():
    """Sixty at least, no id twice, every kind of order and event in them."""
    text = json.dumps(CASES)

    assert len(CASES) >= 60
    assert len({case["id"] for case in CASES}) == len(CASES)
    for word in (
        "market",
        "mtl",
        "ioc",
        "fok",
        "gfa",
        "day",
        "stop",
        "peak",
        "post_only",
        "aon",
        "mass_cancel",
    ):
        assert f'"{word}"' in text, word
    assert {split(event)[0] for case in CASES for event in case["events"]} >= set(EVENTS) - {
        "bands",
        "settlement",
    }


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_a_case_passes_and_each_of_its_answers_is_compared(case):
    """And an answer that is changed fails alone."""
    assert [] == judge(case)
    for key, value in case["expect"].items():
        changed = deepcopy(case)
        wrong = {
            "trades": lambda one: [*one, ["x", "y", 1, 1]], "bids": lambda one: [*one, [1, 1, "x"]],
            "asks": lambda one: [*one, [1, 1, "x"]], "status": lambda one: {**one, "nobody": ["open", 1]},
            "auction": lambda one: [1, 2, 3], "phase": lambda one: "pre_open",
            "events": lambda one: [*one, ["volatility_call", 1]],
        }  # fmt: skip
        changed["expect"][key] = wrong[key](value)

        assert [key] == [failure.key.split(".")[0] for failure in judge(changed)]


NEW = {"id": "a", "side": "buy", "qty": 5, "type": "market", "tif": "ioc"}


@pytest.mark.parametrize(
    "written",
    [
        {"op": "new", **NEW},
        {"event": "new", **NEW},
        {"ev": "new", **NEW},
        {"new": NEW},
        ["new", NEW],
        {"new": "a", **{key: value for key, value in NEW.items() if key != "id"}},
    ],
)
def test_every_way_of_writing_a_new_order_is_read(written):
    """The order's own `type` is never taken for the name of the event."""
    assert ("new", NEW) == split(written)


@pytest.mark.parametrize(
    "written",
    [{"phase": "halt"}, ["phase", "halt"], {"phase": {"to": "halt"}}, {"op": "phase", "to": "halt"}],
)
def test_every_way_of_writing_a_phase_is_read(written):
    """Also where it stands alone."""
    assert ("phase", {"to": "halt"}) == split(written)


@pytest.mark.parametrize(
    "written", ["uncross", ["uncross"], {"uncross": {}}, {"uncross": None}, {"op": "uncross"}]
)
def test_every_way_of_writing_an_uncross_is_read(written):
    """It has no field that it needs."""
    assert ("uncross", {}) == split(written)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"events": [{"op": "new", **NEW, "colour": "red"}]}, "unknown field 'colour' of new"),
        ({"events": [{"op": "dance"}]}, "no event is named"),
        ({"events": [["dance", {}]]}, "unknown event 'dance'"),
        ({"events": [{"op": "new", **NEW, "qty": 1.5}]}, "no whole number"),
    ],
)
def test_what_is_not_known_is_an_error(change, words):
    """A case that says more than is read is not passed."""
    with pytest.raises(ValueError, match=words):
        judge({"instrument": {}, "events": [], "expect": {"trades": []}, **change})


def test_an_unknown_term_or_expectation_fails_by_name():
    """So that no rule of a case is ignored."""
    term = judge({"instrument": {"colour": 1}, "events": [], "expect": {"trades": []}})
    key = judge({"instrument": {}, "events": [], "expect": {"colour": []}})

    assert ["instrument.colour", "colour"] == [failure.key for failure in term + key]


def test_the_format_is_known_by_both_names_and_by_the_name_of_the_file(tmp_path):
    """Then it may also be a bare list."""
    path = tmp_path / "order_book_cases.json"
    path.write_text(json.dumps(CASES[:2]), "utf-8")

    assert suite_of("order_book_cases/1") is suite_of("order-book-cases/1") is suite_of_file(path)
    assert CASES[:2] == suite_of_file(path).cases(path)


def test_cases_are_counted_by_kind(alone):
    """Conventions apart from what every right book does."""
    ran = alone("vectors", str(maker.HERE.parent))
    of_kind = [case for case in CASES if case["kind"] == "invariant"]

    assert f"  invariant  {len(of_kind)}/{len(of_kind)}" in ran.out.splitlines()
