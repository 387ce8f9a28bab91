"""The reference pages in `docs/` are what the tables say now."""

import os
from pathlib import Path

import pytest

from steelyard.iso20022.docs_page import pages
from steelyard.iso20022.tables import FILES, message

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "reference" / "iso20022"
PAGES = pages()


@pytest.fixture(scope="module", autouse=True)
def rewrite():
    """Write the pages first if asked to: STEELYARD_WRITE_DOCS=1 pytest tests/iso20022/test_docs_page.py."""
    if os.environ.get("STEELYARD_WRITE_DOCS"):
        FOLDER.mkdir(parents=True, exist_ok=True)
        for name, text in PAGES.items():
            (FOLDER / name).write_text(text, encoding="utf-8")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_as_the_tables_say(name):
    """Regenerated and committed text are equal."""
    assert (FOLDER / name).read_text(encoding="utf-8") == PAGES[name]


def test_every_message_has_a_page_and_every_own_row_a_line():
    """Nothing of a table is left out of its page."""
    for file in FILES:
        page = PAGES[f"{file.NAME.replace('.', '_')}.md"]

        assert [row[0] for row in file.ROWS if f"| `{row[0]}` |" not in page] == []
        assert all(f"{file.NAME}.001.{version}" in page for version in file.VERSIONS)


def test_the_index_names_every_opaque_part():
    """Whoever wonders what is not looked into finds it there."""
    for row in message("pacs.008.001.08").rows:
        if row.type.startswith("opaque:"):
            assert f"`{'/'.join(row.path.split('/')[-2:])}`" in PAGES["index.md"]
