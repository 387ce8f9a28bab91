"""What brings a batch about: each trigger at its very border, and their order."""

import pytest

from steelyard.liquidity.batches import Trigger
from steelyard.liquidity.triggers import trigger

QUIET = {"count": 3, "queued_minor": 100, "base_minor": 60, "inflow_minor": 0, "inflow_bp": 500}


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ({}, None),
        ({"urgent": True}, Trigger.URGENT),
        ({"credit": True}, Trigger.CREDIT),
        ({"base_minor": 50}, Trigger.DOUBLED),
        ({"base_minor": 51}, None),
        ({"base_minor": 0, "count": 2}, Trigger.DOUBLED),
        ({"base_minor": 0, "count": 1}, None),
        ({"inflow_minor": 5}, None),
        ({"inflow_minor": 6}, Trigger.INFLOW),
        ({"urgent": True, "credit": True, "base_minor": 0}, Trigger.URGENT),
        ({"credit": True, "base_minor": 0}, Trigger.CREDIT),
        ({"base_minor": 0, "inflow_minor": 6}, Trigger.DOUBLED),
        ({"count": 0, "queued_minor": 0, "urgent": True, "credit": True, "inflow_minor": 6}, None),
    ],
)
def test_what_happens_brings_a_batch_about(what, expected):
    """Urgent first, then credit, doubled and inflow; nothing where nothing waits."""
    assert expected == trigger(**{**QUIET, **what})
