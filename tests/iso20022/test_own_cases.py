"""Our own rule cases are judged as their index says, and the files are what the table makes."""

import csv

import pytest

from steelyard.iso20022.answers import answer, answer_kind
from steelyard.iso20022.check import check
from steelyard.iso20022.context import Level, Outcome
from tests.iso20022.contexts import DATA, OWN, rules_context, schema_context
from tests.iso20022.own_cases import ACCEPT, CASES, REFUSE, file_name, index


@pytest.mark.parametrize("name", CASES)
def test_each_case_is_judged_by_its_one_fault(name):
    """Outcome, first code, and no second code; the file is the table's."""
    raw, expected, code = CASES[name]
    outcome = {ACCEPT: Outcome.ACCEPTED, REFUSE: Outcome.REFUSED}.get(expected, Outcome.REJECTED)

    verdict = check(raw, rules_context())

    assert (verdict.outcome, verdict.codes) == (outcome, [code] if code else [])
    assert answer_kind(verdict) == ("pacs.002" if expected == ACCEPT else expected)
    assert (OWN / file_name(name)).read_bytes() == raw


@pytest.mark.parametrize("name", CASES)
def test_the_answer_to_each_case_is_valid_and_reads_back(name):
    """What we write passes the schema step of anyone who reads it."""
    written = answer(check(CASES[name][0], rules_context()), rules_context(), at=rules_context().now_at)

    assert check(written, schema_context(), level=Level.SCHEMA).outcome is Outcome.ACCEPTED


def test_the_index_is_that_of_the_table():
    """Written by `python -m tests.iso20022.own_cases`."""
    assert (OWN / "INDEX.tsv").read_text(encoding="utf-8") == index()


@pytest.mark.skipif(DATA is None, reason="shared data absent")
def test_every_name_of_the_shared_cases_has_a_case_of_our_own():
    """So that the suite judges every rule without them."""
    with (DATA / "rules" / "INDEX.tsv").open(encoding="utf-8") as file:
        names = {row["rule"] for row in csv.DictReader(file, delimiter="\t")}

    assert names == set(CASES)
