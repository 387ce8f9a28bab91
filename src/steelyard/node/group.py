"""One commit group on its way: the frames of its row, and who waits for it."""

from typing import Any

from steelyard.engine.records import stamp
from steelyard.flows.command import Command, encode
from steelyard.flows.machine import Applied
from steelyard.node.lanes import Share, Waiting
from steelyard.node.link import Answer, End, Found
from steelyard.storage.frames import LEG_BYTES, FrameWriter


class Group:
    """Commands applied and not yet durable: the row `seq` in the making, and what leaves with it.

    `answers` wait for the row. `repeats` are asked from the journal once it is durable, `founds` are reads
    that saw this state. A group of no commands has no row. One that is `full` takes no more of them.
    """

    __slots__ = (
        "answers", "count", "day_ended", "founds", "full", "legs", "payments", "payments_refused", "repeats", "seq",
        "share", "spent_ns", "taken_at", "time_first", "time_last", "told_unknown", "writer",
    )  # fmt: skip

    def __init__(self, seq: int, *, bulk_may_fill: bool = True) -> None:
        self.seq = seq
        self.writer = FrameWriter()
        self.share = Share(bulk_may_fill=bulk_may_fill)
        self.count = 0
        self.day_ended = False
        self.full = False
        self.legs = 0
        self.payments = 0
        self.payments_refused = 0
        self.time_first = 0
        self.time_last = 0
        self.spent_ns = 0
        self.taken_at = 0.0
        self.told_unknown = False
        self.answers: list[tuple[Any, int, Answer]] = []
        self.founds: list[tuple[Any, int, Found]] = []
        self.repeats: list[tuple[Waiting, int]] = []

    @property
    def empty(self) -> bool:
        """Tell whether nothing at all waits for it."""
        return not (self.count or self.answers or self.founds or self.repeats)

    def record(
        self,
        command: Command,
        applied: Applied,
        packed: bytes = b"",
        outcomes: bytes = b"",
        *,
        until: int = 0,
    ) -> bytes:
        """Append a command and what it did to the row; gives the outcome's bytes.

        `until` is the time of its last record, where a batch spans more than one instant.
        """
        outcome = encode(applied.outcome)
        if applied.legs or packed:
            self._with_records(encode(command), applied.legs, packed, outcomes, outcome)
        else:
            self.writer.plain(encode(command), outcome)
        if not self.count:
            self.time_first = command.at_ns
        self.time_last = until or command.at_ns
        self.count += 1
        return outcome

    def _with_records(
        self, command: bytes, legs: bytes, packed: bytes, outcomes: bytes, outcome: bytes
    ) -> None:
        """Append a command that came with records, or made some."""
        writer = self.writer
        writer.command(command)
        if packed:
            writer.packed_commands(packed)
        if legs:
            records = bytearray(legs)
            stamp(records, self.seq, self.count)
            writer.legs(bytes(records))
            self.legs += len(legs) // LEG_BYTES
        if outcomes:
            writer.packed_outcomes(outcomes)
        writer.outcome(outcome)

    def answer(
        self,
        item: Waiting,
        at: int,
        outcome: bytes,
        packed: bytes,
        balances: tuple[tuple[int, str, str], ...],
    ) -> None:
        """Let the sender of the command recorded last have its answer once the row is durable."""
        answer = Answer(End.RECORDED, self.seq, self.count - 1, at, outcome, False, 0, 0, balances, packed)
        self.answers.append((item.sink, item.no, answer))
