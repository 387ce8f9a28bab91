"""The page of rules and answers says what the tables say."""

from steelyard.iso20022.reasons import ADMI_WORDS
from steelyard.iso20022.rules_page import page
from tests.iso20022.contexts import HERE

PAGE = HERE.parent.parent / "docs" / "reference" / "iso20022" / "rules.md"


def test_the_page_is_that_of_the_tables():
    """Written by `python -m steelyard.iso20022.rules_page`."""
    assert PAGE.read_text(encoding="utf-8") == page()


def test_every_word_of_a_refusal_has_a_heading():
    """So that an answer can be looked up."""
    assert [word for word in ADMI_WORDS if f"\n### {word}\n" not in page()] == []
