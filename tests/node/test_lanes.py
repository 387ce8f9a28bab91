"""The room before the sequencer: order of lanes, shares of a group, bounds."""

import pytest

from steelyard.flows.command import NO_FIELDS, Command
from steelyard.node.lanes import (
    ALL_COMMANDS_MAX,
    GROUP_BYTES_MAX,
    SENDER_COMMANDS_MAX,
    Room,
    Share,
    Waiting,
)
from steelyard.node.link import Lane


def waiting(sender="NORBANK0", *, lane=Lane.PAYMENTS, size=100):
    command = Command("note", 1, bytes(16), sender, "k-1", 0, NO_FIELDS, NO_FIELDS, bytes(16))
    return Waiting(None, 1, command, size, lane)


def fill(room, count, **kind):
    for _ in range(count):
        item = waiting(**kind)
        assert room.admit(item.command.sender, item.size)
        room.enter(item)


def group(room, share=None):
    """Take one group and give the lanes in the order taken."""
    share = share or Share()
    lanes = []
    while (item := room.next(share)) is not None:
        lanes.append(item.lane)
    return lanes, share


def test_control_goes_before_payments_before_bulk():
    """The order of lanes holds whatever came first."""
    room = Room()
    fill(room, 1, lane=Lane.BULK)
    fill(room, 1, lane=Lane.PAYMENTS)
    fill(room, 1, lane=Lane.CONTROL)

    assert [Lane.CONTROL, Lane.PAYMENTS, Lane.BULK] == group(room)[0]


def test_a_sender_may_not_fill_the_room():
    """One sender's bound turns it away while others still come in."""
    room = Room()
    fill(room, SENDER_COMMANDS_MAX, sender="NORBANK0")

    assert not room.admit("NORBANK0", 1)
    assert room.admit("SUDBANK0", 1)


def test_the_room_has_a_bound_in_all():
    """Many senders together are bounded too, and leaving makes room again."""
    room = Room()
    for number in range(ALL_COMMANDS_MAX // SENDER_COMMANDS_MAX):
        fill(room, SENDER_COMMANDS_MAX, sender=f"BANK{number}")

    assert not room.admit("LASTBANK", 1)

    group(room)

    assert room.admit("LASTBANK", 1)


def test_a_large_first_command_is_a_group_of_its_own():
    """What is over a group's bytes still goes, alone."""
    room = Room()
    fill(room, 2, size=3 * GROUP_BYTES_MAX)

    assert [Lane.PAYMENTS] == group(room)[0]
    assert 1 == len(room)


def test_bulk_takes_at_most_three_quarters_while_payments_wait():
    """Neither lane shuts the other out of a group."""
    room = Room()
    size = GROUP_BYTES_MAX // 40
    fill(room, 60, sender="NORBANK0", lane=Lane.PAYMENTS, size=size)
    fill(room, 60, sender="SUDBANK0", lane=Lane.BULK, size=size)

    lanes, share = group(room)

    assert share.bytes <= GROUP_BYTES_MAX
    assert 0 < lanes.count(Lane.BULK) <= 30
    assert lanes.count(Lane.PAYMENTS) >= 10


def test_a_batch_over_its_part_comes_in_every_second_group():
    """While payments wait, a large batch does not sit in two groups running."""
    room = Room()
    fill(room, 3, sender="SUDBANK0", lane=Lane.BULK, size=GROUP_BYTES_MAX - 1)
    fill(room, 4000, sender="NORBANK0", lane=Lane.PAYMENTS, size=1000)
    had_bulk = []
    share = Share()
    for _ in range(4):
        lanes, share = group(room, Share(bulk_may_fill=not share.bulk_was_large))
        had_bulk.append(Lane.BULK in lanes)

    assert [True, False, True, False] == had_bulk


def test_draining_empties_every_count():
    """What is turned away no longer counts against anybody."""
    room = Room()
    fill(room, 5)
    fill(room, 5, lane=Lane.BULK)

    assert 10 == len(room.drain())
    assert (0, 0, 0) == (room.commands, room.bytes, len(room))


@pytest.mark.parametrize("lane", list(Lane))
def test_every_lane_is_worked_off(lane):
    """No lane is forgotten."""
    room = Room()
    fill(room, 3, lane=lane)

    assert [lane] * 3 == group(room)[0]
