"""The 74 rule cases: outcome, answer and first code are those of the index."""

import csv

import pytest

from steelyard.iso20022.check import check
from steelyard.iso20022.context import Outcome
from tests.iso20022.contexts import DATA, rules_context

ROWS = []
if DATA is not None:
    with (DATA / "rules" / "INDEX.tsv").open(encoding="utf-8") as index:
        ROWS = list(csv.DictReader(index, delimiter="\t"))
EXPECTED = {"admi.002": Outcome.REFUSED, "pacs.002": Outcome.REJECTED}

pytestmark = pytest.mark.skipif(not ROWS, reason="shared data absent")


def judged(row):
    """Check one file of the index."""
    return check((DATA / "rules" / row["file"]).read_bytes(), rules_context())


@pytest.mark.parametrize("row", ROWS, ids=[row["file"] for row in ROWS])
def test_each_case_is_judged_as_indexed(row):
    """An accepted one has no finding, another's first code is one of those that count as right."""
    accepted = row["expected"] == "ACCEPT"

    verdict = judged(row)

    assert verdict.outcome is (Outcome.ACCEPTED if accepted else EXPECTED[row["answer_message"]])
    assert (not verdict.findings) == accepted
    if row["accepted_reason_codes"]:
        assert verdict.codes[0] in row["accepted_reason_codes"].split(",")


def test_every_rejected_case_names_one_cause_only():
    """What merely follows from a fault is silenced: no case but the doubled UETR has a second code."""
    codes = {row["file"]: judged(row).codes for row in ROWS if row["expected"] == "REJECT"}

    assert {file: found for file, found in codes.items() if len(found) != 1} == {}


def test_every_finding_has_a_path_and_a_short_text():
    """Texts are at most 200 characters; findings about elements say where."""
    for row in ROWS:
        for finding in judged(row).findings:
            assert 0 < len(finding.text) <= 200
            if finding.code.startswith(("XML", "BAH01", "BAH02")):
                continue
            assert finding.path.startswith(("/AppHdr/", "/Document/"))
