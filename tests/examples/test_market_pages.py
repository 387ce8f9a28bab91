"""The rulebook of the market: every example on its pages is run, and every page has some."""

import doctest
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CONCEPTS = ROOT / "docs" / "concepts"
PAGES = [*sorted((CONCEPTS / "market").glob("*.md")), CONCEPTS / "corridor.md"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_examples_of_a_page_are_true(page):
    """What the page says comes out is what comes out."""
    failed, attempted = doctest.testfile(str(page), module_relative=False, encoding="utf-8")

    assert 0 == failed
    assert attempted
