"""Every refusal has a number of its own, a rule in words and a place in the docs."""

import importlib
from pathlib import Path

from steelyard.values.refusal import Refusal
from tests.house.imports import modules

DOCS = Path(__file__).resolve().parents[2] / "docs" / "reference"


def every_refusal():
    """Give every member of every enum of refusals in the source."""
    for name, path in modules():
        if "Refusal)" in path.read_text("utf-8") and name != "values.refusal":
            importlib.import_module(f"steelyard.{name}")
    return [member for kind in Refusal.__subclasses__() for member in kind]


def test_codes_are_unique_u16():
    """No two refusals share a number, and each fits 16 bits."""
    codes = [member.code for member in every_refusal()]

    assert len(codes) == len(set(codes))
    assert all(0 < code < 65_536 for code in codes)


def test_names_are_unique():
    """A name means one rule in the whole system."""
    names = [member.name for member in every_refusal()]

    assert sorted({name for name in names if names.count(name) > 1}) == []


def test_every_refusal_is_explained():
    """A heading `## <code> <NAME>` stands in one of the refusal pages."""
    pages = "\n".join(page.read_text("utf-8") for page in sorted(DOCS.glob("refusals*.md")))
    headings = {line for line in pages.splitlines() if line.startswith("## ")}

    assert [] == [one for one in every_refusal() if f"## {one.code} {one.name}" not in headings]
    assert [] == [one for one in every_refusal() if not one.rule]
