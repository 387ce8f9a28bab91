"""The demonstration's check of real messages says what the index says, and shows where it does not."""

import shutil
from pathlib import Path

import pytest

from steelyard.sim.demo.checks import check_rule_cases, check_samples
from tests.shared import SHARED

pytestmark = pytest.mark.skipif(SHARED is None, reason="no shared reference data")


def test_rule_cases_end_as_indexed():
    """12 accepted, 47 rejected, 15 refused, none otherwise than the index says."""
    tally = check_rule_cases(SHARED / "iso20022")

    assert (12, 47, 15, []) == (tally.accepted, tally.rejected, tally.refused, tally.wrong)


def test_samples_end_as_indexed():
    """136 of 162 samples are valid by the published schemas."""
    tally = check_samples(SHARED / "iso20022")

    assert (136, 0, 26, []) == (tally.accepted, tally.rejected, tally.refused, tally.wrong)


def test_a_verdict_that_is_not_the_indexs_is_shown(tmp_path: Path):
    """A case whose index line is turned round is listed by name."""
    shutil.copytree(SHARED / "iso20022" / "rules", tmp_path / "rules")
    for path in (tmp_path / "rules", *(tmp_path / "rules").iterdir()):
        path.chmod(0o755)
    index = tmp_path / "rules" / "INDEX.tsv"
    text = index.read_text("utf-8").replace("001_base_ok.xml\tbase\tACCEPT", "001_base_ok.xml\tbase\tREJECT")
    index.write_text(text, "utf-8")

    assert ["001_base_ok.xml: accepted "] == check_rule_cases(tmp_path).wrong
