"""Money kept for classes: who may use what, what is held, what settling uses up."""

import pytest

from steelyard.liquidity.reservations import HIGH, URGENT, Reservations


@pytest.fixture
def kept() -> Reservations:
    found = Reservations()
    found.put(7, URGENT, 50)
    found.put(7, HIGH, 30)
    return found


@pytest.mark.parametrize(
    ("available", "usable", "held"),
    [
        (100, (100, 50, 20), (50, 30)),
        (80, (80, 30, 0), (50, 30)),
        (60, (60, 10, -20), (50, 10)),
        (20, (20, -30, -60), (20, 0)),
        (0, (0, -50, -80), (0, 0)),
        (-5, (-5, -55, -85), (0, 0)),
    ],
)
def test_precedence_of_classes(kept, available, usable, held):
    """The table of 2.2: urgent all, high all but urgent's, normal what is above both; held as far as it goes."""
    assert usable == tuple(kept.usable(7, available, priority) for priority in (0, 1, 2))
    assert held == kept.held(7, available)
    assert (available,) * 3 == tuple(kept.usable(8, available, priority) for priority in (0, 1, 2))


def test_a_class_uses_its_own_first_and_no_other(kept):
    used = [kept.take(7, priority, 40) for priority in (2, HIGH, URGENT, URGENT, HIGH)]

    assert [0, 30, 40, 10, 0] == used
    assert not kept.has(7)
    kept.give_back(7, URGENT, 40)
    kept.give_back(7, HIGH, 0)
    assert (40, 0) == kept.asked(7)


def test_snapshots_are_canonical(kept):
    other = Reservations()
    other.put(9, HIGH, 1)
    other.put(7, HIGH, 30)
    other.put(9, HIGH, 0)
    other.put(7, URGENT, 50)

    assert kept.encode() == other.encode() == Reservations.decode(other.encode()).encode()
