"""Batches of FX orders: every example on their page is run."""

import doctest
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "concepts" / "fx-batches.md"


def test_the_examples_of_the_page_are_true():
    """What the page says comes out is what comes out."""
    failed, attempted = doctest.testfile(str(PAGE), module_relative=False, encoding="utf-8")

    assert 0 == failed
    assert attempted > 10


def test_the_page_is_in_the_index():
    assert "(concepts/fx-batches.md)" in (PAGE.parents[1] / "index.md").read_text("utf-8")
