"""How far the projection may fall behind before the sequencer holds back."""

import pytest

from steelyard.node.link import Lane
from steelyard.node.pace import (
    BULK_LEGS_MAX,
    BULK_SECONDS_MAX,
    LEGS_MAX,
    PAYMENTS_MAX,
    RETRY_MS_MAX,
    RETRY_MS_MIN,
    SECONDS_MAX,
    Pace,
)


class Ticker:
    """A monotonic clock that tests set."""

    def __init__(self):
        self.at = 1000.0

    def __call__(self):
        return self.at


@pytest.mark.parametrize(
    ("legs", "payments", "seconds", "bulk", "payment"),
    [
        (1, 1, 1, False, False),
        (BULK_LEGS_MAX + 1, 0, 1, True, False),
        (0, 0, BULK_SECONDS_MAX + 1, True, False),
        (LEGS_MAX + 1, 0, 1, True, True),
        (0, PAYMENTS_MAX + 1, 1, True, True),
        (0, 0, SECONDS_MAX + 1, True, True),
    ],
)
def test_bulk_is_held_first_and_control_never(legs, payments, seconds, bulk, payment):
    """Each bound holds back its lanes and no others."""
    clock = Ticker()
    pace = Pace(7, clock)
    pace.committed(8, legs=legs, payments=payments, commands=1)
    clock.at += seconds

    assert (bulk, payment, False) == (
        pace.holds(Lane.BULK),
        pace.holds(Lane.PAYMENTS),
        pace.holds(Lane.CONTROL),
    )


def test_a_projection_that_has_caught_up_holds_nothing():
    """Once every row is projected nothing is counted any more."""
    clock = Ticker()
    pace = Pace(0, clock)
    for seq in range(1, 11):
        pace.committed(seq, legs=LEGS_MAX, payments=1, commands=1)
    clock.at += 500
    pace.projected(10)

    assert (0, 0, 0.0, 10) == (pace.legs, pace.payments, pace.seconds, pace.applied_seq)
    assert not pace.holds(Lane.BULK)


def test_retry_after_is_bounded():
    """Neither at once nor for ever."""
    clock = Ticker()
    pace = Pace(0, clock)

    assert RETRY_MS_MIN == pace.retry_after_ms(0)
    assert RETRY_MS_MAX == pace.retry_after_ms(10_000_000)
