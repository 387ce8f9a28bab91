"""The room where commands wait for the sequencer: three lanes, bounded in all and per sender.

Lanes are taken in order: control (ticks, the operator's), payments, bulk. While both of the last two wait,
neither shuts the other out: bulk gets at most three quarters of a group, payments leave it a quarter.
"""

from collections import deque
from typing import Any

from steelyard.flows.command import Command
from steelyard.node.link import Lane

GROUP_COMMANDS_MAX = 8_000
GROUP_BYTES_MAX = 1024 * 1024
SENDER_COMMANDS_MAX = 4_096
SENDER_BYTES_MAX = 8 * 1024 * 1024
ALL_COMMANDS_MAX = 65_536
ALL_BYTES_MAX = 64 * 1024 * 1024


class Waiting:
    """One command that waits: whose answer it is, what it weighs, and its packed records if it has any."""

    __slots__ = ("command", "lane", "no", "packed", "sink", "size")

    def __init__(
        self, sink: Any, no: int, command: Command, size: int, lane: int, packed: bytes = b""
    ) -> None:
        self.sink = sink
        self.no = no
        self.command = command
        self.size = size
        self.lane = lane
        self.packed = packed


class Room:
    """What waits. `admit` counts a command in, `enter` puts it into its lane, `next` takes it out."""

    def __init__(self) -> None:
        self.commands = 0
        self.bytes = 0
        self._senders: dict[str, list[int]] = {}
        self._lanes: tuple[deque[Waiting], ...] = tuple(deque() for _ in Lane)

    def __len__(self) -> int:
        return sum(map(len, self._lanes))

    @property
    def anything(self) -> bool:
        """Tell whether a command waits in a lane."""
        control, payments, bulk = self._lanes
        return bool(payments or bulk or control)

    def admit(self, sender: str, size: int) -> bool:
        """Count a command in, or say that the room or its sender's part of it is full."""
        if self.commands >= ALL_COMMANDS_MAX or self.bytes + size > ALL_BYTES_MAX:
            return False
        mine = self._senders.get(sender)
        if mine is None:
            mine = self._senders[sender] = [0, 0]
        elif mine[0] >= SENDER_COMMANDS_MAX or (mine[1] and mine[1] + size > SENDER_BYTES_MAX):
            return False
        mine[0] += 1
        mine[1] += size
        self.commands += 1
        self.bytes += size
        return True

    def enter(self, item: Waiting) -> None:
        """Put an admitted command at the end of its lane."""
        self._lanes[item.lane].append(item)

    def leave(self, item: Waiting) -> None:
        """Count a command out: it has been applied or turned away."""
        sender = item.command.sender
        mine = self._senders[sender]
        mine[0] -= 1
        mine[1] -= item.size
        if not mine[0]:
            del self._senders[sender]
        self.commands -= 1
        self.bytes -= item.size

    def next(self, share: "Share") -> Waiting | None:
        """Take the command that comes next in a group with this share left, or None: group full, or empty."""
        control, payments, bulk = self._lanes
        if not (control or bulk):
            return self._take(payments, share) if payments and share.fits(payments[0].size, 1) else None
        if control and share.fits(control[0].size, 1):
            return self._take(control, share)
        if payments and share.fits_payment(payments[0].size, bulk_waits=bool(bulk)):
            return self._take(payments, share)
        if bulk and share.fits_bulk(bulk[0].size, payments_wait=bool(payments)):
            return self._take(bulk, share)
        return None

    def drain(self) -> list[Waiting]:
        """Take everything out, for turning it away."""
        out = [item for lane in self._lanes for item in lane]
        for lane in self._lanes:
            lane.clear()
        for item in out:
            self.leave(item)
        return out

    def _take(self, lane: deque[Waiting], share: "Share") -> Waiting:
        item = lane.popleft()
        self.leave(item)
        share.commands += 1
        share.bytes += item.size
        if item.lane == Lane.BULK:
            share.bulk_commands += 1
            share.bulk_bytes += item.size
        return item


class Share:
    """How much of a group is used. `bulk_may_fill`: the group before held no bulk beyond its share."""

    __slots__ = ("bulk_bytes", "bulk_commands", "bulk_may_fill", "bytes", "commands")

    def __init__(self, *, bulk_may_fill: bool = True) -> None:
        self.commands = 0
        self.bytes = 0
        self.bulk_commands = 0
        self.bulk_bytes = 0
        self.bulk_may_fill = bulk_may_fill

    def fits(self, size: int, part: float) -> bool:
        """Tell whether a command fits; the first always does, so that a large one is a group of its own."""
        if not self.commands:
            return True
        return self.commands < GROUP_COMMANDS_MAX * part and self.bytes + size <= GROUP_BYTES_MAX * part

    def fits_payment(self, size: int, *, bulk_waits: bool) -> bool:
        """Tell whether a payment fits; while bulk waits a quarter is left to it."""
        if not bulk_waits or self.bulk_commands:
            return self.fits(size, 1)
        return self.fits(size, 0.75)

    def fits_bulk(self, size: int, *, payments_wait: bool) -> bool:
        """Tell whether a bulk command fits; one too large for its part comes in every second group at most."""
        if not payments_wait:
            return self.fits(size, 1)
        if (
            self.bulk_commands < GROUP_COMMANDS_MAX * 0.75
            and self.bulk_bytes + size <= GROUP_BYTES_MAX * 0.75
        ):
            return self.fits(size, 1)
        return self.bulk_may_fill and not self.bulk_commands and self.bytes + size <= 2 * GROUP_BYTES_MAX

    @property
    def bulk_was_large(self) -> bool:
        """Tell whether bulk took more than its part: the next group then holds none beyond it."""
        return self.bulk_bytes > GROUP_BYTES_MAX * 0.75
