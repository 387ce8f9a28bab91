"""The example on the page about certificates is one, and proves what the page says."""

import re
from pathlib import Path

from steelyard.liquidity.certificate import check, from_json
from steelyard.liquidity.queue import Queued
from steelyard.liquidity.snapshot import Snapshot

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "certificate.md"


def test_the_example_of_the_page_is_proved():
    """From the page alone, and against the ring that it tells of."""
    found = re.search(r"```json\n(.*?)```", PAGE.read_text("utf-8"), re.S)
    certificate = from_json(found[1].encode())
    ring = (Queued("1", "A", "B", 100), Queued("2", "B", "C", 80), Queued("3", "C", "A", 70))

    assert 210 == certificate.value
    assert [] == check(certificate, Snapshot(0, "XXX", dict.fromkeys("ABC", 0), ring))
