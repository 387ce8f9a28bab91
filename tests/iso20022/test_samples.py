"""162 messages of others at schema level, published schemas first: names are ignored, the index decides."""

import csv
from collections import Counter
from functools import cache

import pytest

from steelyard.iso20022 import schema
from steelyard.iso20022.answers import answer_kind
from steelyard.iso20022.check import check
from steelyard.iso20022.context import Level, Outcome
from tests.iso20022.contexts import DATA, schema_context, with_fields

ROWS = []
if DATA is not None:
    with (DATA / "SAMPLES.tsv").open(encoding="utf-8") as index:
        ROWS = list(csv.DictReader(index, delimiter="\t"))

pytestmark = pytest.mark.skipif(not ROWS, reason="shared data absent")


@cache
def context():
    """Give the schema-level context with all published schemas that are at hand."""
    official = schema.load_dir({path.stem: path.read_bytes() for path in (DATA / "xsd").glob("*.xsd")})
    assert isinstance(official, schema.Official)
    return with_fields(schema_context(), official=official)


@pytest.mark.parametrize("row", ROWS, ids=[row["file"] for row in ROWS])
def test_each_sample_is_judged_as_indexed(row):
    """Valid ones pass; invalid ones are refused with a path; unknown and vendor ones by their word."""
    verdict = check((DATA / row["file"]).read_bytes(), context(), level=Level.SCHEMA)

    if row["status"] == "xsd-valid":
        assert verdict.outcome is Outcome.ACCEPTED
        return
    words = {"xsd-invalid": ("XSD01", "BAH01"), "unchecked": ("BAH02",), "no-iso-part": ("BAH01",)}
    assert verdict.outcome is Outcome.REFUSED
    assert verdict.codes[0] in words[row["status"]]
    assert verdict.codes[0] != "XSD01" or verdict.findings[0].path


def test_the_counts_are_those_of_the_index():
    """136 valid; 19 invalid of which one has a header that is not ISO; 4 without a schema; 3 of vendors."""
    words = Counter()
    for row in ROWS:
        verdict = check((DATA / row["file"]).read_bytes(), context(), level=Level.SCHEMA)
        words[row["status"], *verdict.codes] += 1

    assert words == {
        ("xsd-valid",): 136,
        ("xsd-invalid", "XSD01"): 18,
        ("xsd-invalid", "BAH01"): 1,
        ("unchecked", "BAH02"): 4,
        ("no-iso-part", "BAH01"): 3,
    }


def test_no_sample_raises_under_the_rules_either():
    """A message without a table of ours is judged by its published schema, and has no answer."""
    for row in ROWS:
        verdict = check((DATA / row["file"]).read_bytes(), context())
        assert verdict.outcome in Outcome
        if row["message"] == "camt.056.001.11":
            assert (verdict.outcome, verdict.envelope, answer_kind(verdict)) == (Outcome.ACCEPTED, None, None)
