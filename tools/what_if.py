"""Renew docs/concepts/liquidity-saving.md from a folder that `steelyard sim compare` has filled: table and pictures.

Usage: steelyard sim compare --out out/compare && python tools/what_if.py out/compare
"""

import re
import shutil
import sys
from pathlib import Path

CONCEPTS = Path(__file__).resolve().parents[1] / "docs" / "concepts"
PAGE = CONCEPTS / "liquidity-saving.md"
TABLE = re.compile(r"(?:^\|.*\n)+", re.MULTILINE)
PICTURE = re.compile(r"\(img/([\w-]+)\.svg\)")


def main(folder: Path) -> None:
    """Put the table in the place of the page's own, and every picture that the page shows beside it."""
    page = PAGE.read_text("utf-8")
    table = (folder / "table.md").read_text("utf-8")
    PAGE.write_text(TABLE.sub(lambda _: table, page, count=1), "utf-8")
    for name in PICTURE.findall(page):
        plots = folder / "plots"
        own = plots / "mechanisms" / f"{name}.svg"
        drawn = own if own.is_file() else plots / f"{name}.svg"
        if drawn.is_file():  # the page shows others' pictures too
            shutil.copy(drawn, CONCEPTS / "img" / f"{name}.svg")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
