"""`steelyard vectors`: what is good, what fails, what is broken, what nobody knows, nothing at all."""

import gzip
import json
from pathlib import Path

import pytest

from steelyard.cli.vectors.suites import SUITES
from tests.shared import SHARED
from tests.vectors import make_liquidity

HERE = Path(__file__).parents[2] / "vectors"

GOOD = {
    "name": "one_way",
    "payments": [{"id": "p1", "payer": "A", "payee": "B", "amount": 7, "ccy": "INR", "seq": 0}],
    "expect": {"ub_total": 7, "lb_total": 7},
}


def suite(*cases, form="bounds-vectors/1"):
    """Give the text of a file of cases."""
    return json.dumps({"format": form, "vectors": list(cases)})


def test_the_own_vectors_pass(alone):
    """One file of each format, all cases of all."""
    ran = alone("vectors", str(HERE / "liquidity"))

    assert (0, "") == (ran.code, ran.err)
    *files, last = ran.out.splitlines()
    assert [f"{HERE}/liquidity/{name}" for name in sorted(make_liquidity.MADE)] == [
        line.split("  ")[0] for line in files
    ]
    assert {one.format for one in SUITES if not one.files} == {line.split("  ")[1] for line in files}
    assert "5 suites, 33/33 passed, 0 skipped" == last


def test_the_own_vectors_of_the_market_pass(alone):
    """Every file, and none is passed over."""
    ran = alone("vectors", str(HERE / "market"))
    *lines, last = ran.out.splitlines()
    files = [line for line in lines if not line.startswith("  ")]

    assert (0, "") == (ran.code, ran.err)
    assert len(list((HERE / "market").glob("*.json"))) == len(files)
    assert " 0 skipped" in last


def test_there_are_enough_of_each_format():
    """So that passing them says something."""
    counts = {
        name: len(json.loads((HERE / "liquidity" / name).read_text("utf-8"))["vectors"])
        for name in make_liquidity.MADE
    }

    assert counts.pop("settlement.json") >= 12
    assert min(counts.values()) >= 4


@pytest.mark.parametrize("name", make_liquidity.MADE)
def test_the_own_vectors_are_those_that_brute_force_makes(name):
    """Nobody edited an answer."""
    assert make_liquidity.text(name) == (HERE / "liquidity" / name).read_text("utf-8")


@pytest.mark.skipif(SHARED is None, reason="shared data absent")
def test_the_development_vectors_pass_and_what_is_of_other_trades_is_named(alone):
    """Liquidity, messages and markets are judged; names are not, and it says so.

    A group of function cases that has no adapter fails, and says that.
    """
    ran = alone("vectors", str(SHARED))
    failed = [line for line in ran.out.splitlines() if line.startswith("FAIL ")]

    assert bool(failed) == ran.code
    assert [] == [line for line in failed if "unknown group" not in line]
    judged = {
        line.split("  ")[1]
        for line in ran.out.splitlines()
        if line.count("  ") == 2 and "skipped" not in line and not line.startswith("  ")
    }
    assert {one.format for one in SUITES} == judged
    for name in ("name_pairs_dev.csv  -", "positives_dev.csv  -", "negatives_dev.csv  -"):
        assert f"{name}  skipped: nothing here judges" in ran.out


def test_a_wrong_answer_is_shown_with_what_was_found(alone, tmp_path):
    """Each expectation on a line of its own; the good case counts."""
    wrong = {**GOOD, "name": "wrong", "expect": {"ub_total": 8, "upper_bound": {"A/INR": 7, "B/INR": 1}}}
    path = tmp_path / "a" / "cases.json"
    path.parent.mkdir()
    path.write_text(suite(GOOD, wrong))

    ran = alone("vectors", str(tmp_path))

    assert 1 == ran.code
    assert [
        f"{path}  bounds-vectors/1  1/2",
        f"FAIL {path} wrong ub_total: expected 8 got 7",
        f"FAIL {path} wrong upper_bound.B/INR: expected 1 got 0",
        "1 suites, 1/2 passed, 0 skipped",
    ] == ran.out.splitlines()


def test_packed_files_are_read_and_paths_are_in_order(alone, tmp_path):
    """.json.gz beside .json; a format nobody knows and a file without one are named."""
    (tmp_path / "b.json.gz").write_bytes(gzip.compress(suite(GOOD).encode()))
    (tmp_path / "a.json").write_text(suite(GOOD))
    (tmp_path / "c.json").write_text(suite(GOOD, form="elsewhere/9"))
    (tmp_path / "d.json").write_text("[1, 2]")
    (tmp_path / "e.txt").write_text(suite(GOOD))

    ran = alone("vectors", str(tmp_path))

    assert 0 == ran.code
    assert [
        f"{tmp_path}/a.json  bounds-vectors/1  1/1",
        f"{tmp_path}/b.json.gz  bounds-vectors/1  1/1",
        f"{tmp_path}/c.json  elsewhere/9  skipped: nothing here judges this format",
        f"{tmp_path}/d.json  -  skipped: it names no format",
        "2 suites, 2/2 passed, 2 skipped",
    ] == ran.out.splitlines()


@pytest.mark.parametrize(
    ("expect", "key"),
    [({"ub_total": 7, "surplus": 1}, "surplus"), ({"lower_bound.A": 7}, "lower_bound.A")],
)
def test_an_unknown_expectation_is_a_failure(alone, tmp_path, expect, key):
    """Nothing that is expected goes unread."""
    (tmp_path / "x.json").write_text(suite({**GOOD, "expect": expect}))

    ran = alone("vectors", str(tmp_path))

    assert 1 == ran.code
    assert f"FAIL {tmp_path}/x.json one_way {key}: unknown expectation" in ran.out.splitlines()


def test_an_unknown_name_within_an_expectation_is_a_failure_too(alone, tmp_path):
    """As of what entry leads to."""
    case = {
        "name": "nested",
        "balances": {"A": 0, "B": 0},
        "payments": [],
        "expect": {"rtgs_fifo": {"settled_in_order": [], "left": 3}},
    }
    (tmp_path / "x.json").write_text(suite(case, form="settlement-vectors/1"))

    ran = alone("vectors", str(tmp_path))

    assert 1 == ran.code
    assert f"FAIL {tmp_path}/x.json nested rtgs_fifo.left: unknown expectation" in ran.out.splitlines()


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ({"name": "empty", "expect": {"ub_total": 1}}, "empty crash: KeyError: 'payments'"),
        (
            {**GOOD, "name": "half", "payments": [{**GOOD["payments"][0], "amount": 1.5}]},
            "half crash: TypeError: ",
        ),
        ("text", "#1 crash: AttributeError: "),
        ({**GOOD, "name": "mute", "expect": {}}, "mute expect: nothing is expected"),
    ],
)
def test_a_broken_case_is_its_own_failure_only(alone, tmp_path, case, words):
    """The others of its file are judged all the same."""
    (tmp_path / "x.json").write_text(suite(GOOD, case, GOOD))

    ran = alone("vectors", str(tmp_path))

    assert 1 == ran.code
    assert f"{tmp_path}/x.json  bounds-vectors/1  2/3" in ran.out
    assert f"FAIL {tmp_path}/x.json {words}" in ran.out


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("x.json", b'{"format": "bounds-vectors/1", "vectors": ['),
        ("x.json", b"\xff\xfe"),
        ("x.json", b'{"format": "bounds-vectors/1"}'),
        ("x.json", b'{"format": "bounds-vectors/1", "vectors": []}'),
        ("x.json.gz", b"no gzip"),
        ("x.json.gz", gzip.compress(b"{}", mtime=0)[:-9]),
        ("rules/INDEX.tsv", b"file\texpected\nx.xml\tACCEPT\n"),
    ],
)
def test_a_file_that_cannot_be_read_fails_the_run(alone, tmp_path, name, data):
    """It is named; good files beside it are judged."""
    (tmp_path / "good.json").write_text(suite(GOOD))
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)

    ran = alone("vectors", str(tmp_path))

    assert 1 == ran.code
    assert f"{path}  -  unreadable: " in ran.out
    assert "1 suites, 1/1 passed, 0 skipped, 1 unreadable" == ran.out.splitlines()[-1]


def test_where_nothing_is_found_nothing_has_passed(alone, tmp_path):
    """Exit 2 for an empty folder, and for none."""
    (tmp_path / "x.json").write_text("{}")

    ran = alone("vectors", str(tmp_path))
    none = alone("vectors", str(tmp_path / "nowhere"))

    assert 2 == ran.code
    assert f"steelyard vectors: no case of a known format below '{tmp_path}'\n" == ran.err
    assert (2, f"steelyard vectors: '{tmp_path}/nowhere' is no folder\n") == (none.code, none.err)


def test_the_result_can_be_kept_as_json(alone, tmp_path):
    """With both values of each failure whole."""
    cases, kept = tmp_path / "cases", tmp_path / "result.json"
    cases.mkdir()
    (cases / "x.json").write_text(suite(GOOD, {**GOOD, "name": "wrong", "expect": {"ub_total": 2**70}}))

    ran = alone("vectors", str(cases), "--json", str(kept))

    assert 1 == ran.code
    result = json.loads(kept.read_text("utf-8"))
    assert (1, 2) == (result["passed"], result["total"])
    (found,) = result["suites"]
    assert ("bounds-vectors/1", 1, 2) == (found["format"], found["passed"], found["total"])
    assert [
        {"name": "wrong", "key": "ub_total", "words": f"expected {2**70} got 7", "expected": 2**70, "got": 7}
    ] == (found["failures"])
    assert 2 == alone("vectors", str(cases), "--json", str(tmp_path / "no" / "where.json")).code


def test_a_file_cannot_move_the_cursor(alone, tmp_path):
    """Control characters in names are shown."""
    (tmp_path / "x.json").write_text(suite({**GOOD, "name": "a\x1b[2J", "expect": {"ub_total": 1}}))

    ran = alone("vectors", str(tmp_path))

    assert "\x1b" not in ran.out
    assert "a\\x1b[2J ub_total" in ran.out
