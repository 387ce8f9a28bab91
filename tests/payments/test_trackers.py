"""The line of those whose credit is still to be reported."""

from steelyard.payments.trackers import Tracker
from steelyard.values.instants import MINUTE, SECOND


def test_due_times_are_rounded_up_and_come_in_order() -> None:
    tracker = Tracker()
    first = tracker.put(0, MINUTE + 1, b"a")
    second = tracker.put(0, MINUTE + 2, b"b")
    tracker.put(1, SECOND, b"c")

    assert (first, second) == (True, False)
    assert (tracker.next_due(0), tracker.next_due(1)) == (2 * MINUTE, SECOND)
    assert tracker.pop_due(0, 2 * MINUTE - 1, limit=9) == []
    assert tracker.pop_due(0, 2 * MINUTE, limit=1) == [b"a"]
    assert tracker.pop_due(0, 2 * MINUTE, limit=9) == [b"b"]
    assert tracker.next_due(0) is None


def test_a_clock_that_was_shortened_keeps_the_line_in_order() -> None:
    tracker = Tracker()
    tracker.put(0, 10 * MINUTE, b"a")
    tracker.put(0, 5 * MINUTE, b"b")

    assert tracker.pop_due(0, 10 * MINUTE, limit=9) == [b"a", b"b"]


def test_a_snapshot_gives_the_same_lines() -> None:
    tracker, other = Tracker(), Tracker()
    tracker.put(0, 10 * MINUTE, b"a")
    tracker.put(1, 10 * SECOND, b"b")
    other.load(tracker.encode())

    assert tracker.encode() == other.encode()
    assert other.pop_due(1, 10 * SECOND, limit=9) == [b"b"]
