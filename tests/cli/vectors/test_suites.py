"""Every suite notices every wrong answer: each number, name and list of the own vectors changed alone."""

import json
from copy import deepcopy
from pathlib import Path

import pytest

from steelyard.cli.vectors.suites import SUITES, suite_of
from tests.vectors import make_liquidity

HERE = Path(__file__).parents[2] / "vectors" / "liquidity"
CASES = [
    (document["format"], case)
    for document in (json.loads((HERE / name).read_text("utf-8")) for name in make_liquidity.MADE)
    for case in document["vectors"][:3]
]


def wrong(value, path=()):
    """Give (path, another value) for every leaf of an expectation."""
    if isinstance(value, dict):
        for name, each in value.items():
            yield from wrong(each, (*path, name))
    elif isinstance(value, list):
        if value and isinstance(value[0], list):
            for place, (a, b, ratio) in enumerate(value):
                yield (*path, place), [a, b, str(float(ratio) * 1.00001)]
        else:
            yield path, [*value, "nobody"]
    elif isinstance(value, str):
        yield path, str(float(value) * 1.00001 + 0.001)
    else:
        yield path, value + 1


@pytest.mark.parametrize(("form", "case"), CASES, ids=[f"{form} {case['name']}" for form, case in CASES])
def test_any_single_change_of_an_answer_is_seen(form, case):
    """And only by the expectation that was changed."""
    judge = suite_of(form).judge()
    assert [] == judge(case)

    for path, value in wrong(case["expect"]):
        changed = deepcopy(case)
        place = changed["expect"]
        for name in path[:-1]:
            place = place[name]
        place[path[-1]] = value

        failures = judge(changed)

        assert len(failures) == 1, (path, failures)
        assert failures[0].key.startswith(path[0])


def test_each_format_has_one_suite():
    """So that no file is judged by the wrong one."""
    formats = [suite.format for suite in SUITES]

    assert len(set(formats)) == len(formats)
    assert suite_of("elsewhere/1") is None
    assert suite_of(None) is None


@pytest.mark.parametrize("seed", range(100, 125))
def test_drawn_cases_agree_with_brute_force(seed):
    """Beyond the cases that are kept: states, books and instructions of other seeds."""
    drawn = (
        ("settlement-vectors/1", make_liquidity.drawn_settlement(seed)),
        ("fx-fixed-batch/1", make_liquidity.drawn_fixed_batch(seed)),
        ("pvp-queue/1", make_liquidity.drawn_pvp_queue(seed, 20, seed % 10 * 150, seed % 4 + 1)),
    )

    assert [] == [(form, failure) for form, case in drawn for failure in suite_of(form).judge()(case)]
