"""The two clocks of a sequencer."""

from steelyard.node.clock import SECOND, SimulatedClock, SystemClock


class Hands:
    """A wall clock and a monotonic one that tests set."""

    def __init__(self):
        self.wall = 1_000 * SECOND
        self.steady = 5 * SECOND

    def pass_(self, seconds):
        self.wall += seconds * SECOND
        self.steady += seconds * SECOND


def clock_of(hands):
    return SystemClock(lambda: hands.wall, lambda: hands.steady)


def test_a_clock_that_keeps_time_has_no_fault():
    """Hours may pass."""
    hands = Hands()
    clock = clock_of(hands)
    clock.start(hands.wall)
    hands.pass_(36_000)

    assert clock.fault(hands.wall) is None


def test_a_step_against_the_steady_clock_is_told():
    """Forward or back by more than a second, once."""
    hands = Hands()
    clock = clock_of(hands)
    clock.start(0)
    hands.wall += 3 * SECOND

    assert "clock stepped by +3.000 s" == clock.fault(0)
    assert clock.fault(0) is None

    hands.wall -= 2 * SECOND

    assert "clock stepped by -2.000 s" == clock.fault(0)


def test_a_clock_behind_the_journal_is_told():
    """As long as it is behind."""
    hands = Hands()
    clock = clock_of(hands)

    assert "clock is 86400.000 s behind the journal" == clock.fault(hands.wall + 86_400 * SECOND)


def test_a_simulated_clock_moves_forward_only():
    """It stands where the journal ends until it is moved."""
    clock = SimulatedClock()
    clock.start(500)
    clock.advance(400)

    assert 500 == clock.now()

    clock.advance(900)

    assert 900 == clock.now()
    assert clock.fault(10**18) is None
