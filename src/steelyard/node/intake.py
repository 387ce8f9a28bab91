"""What comes in from gateways, up to the room where commands wait: shape, bounds, and evidence first.

Whatever is turned away here was never recorded and may be sent again. A submission's evidence is made durable
by the evidence thread, all that waits in one commit, before its command enters the room; commands that come
without evidence queue behind it, so that a gateway's order stays.
"""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, Protocol

import msgspec
from msgspec import Raw

from steelyard.engine.refusals import Refusal
from steelyard.flows.command import Command, decode_command
from steelyard.flows.refusals import Admission
from steelyard.flows.world import World
from steelyard.node import own
from steelyard.node.bulk import NAME as BATCH
from steelyard.node.bulk import batch_refusal
from steelyard.node.exits import AMBIGUOUS, Stop
from steelyard.node.lanes import Room, Waiting
from steelyard.node.link import Answer, End, Found, Lane, Request
from steelyard.node.pace import Pace
from steelyard.node.threads import Keeper
from steelyard.storage.evidence import Evidence, EvidenceItem
from steelyard.values.refusal import Refusal as AnyRefusal

COMMAND_BYTES_MAX = 256 * 1024
PROPOSAL_BYTES_MAX = 16 * 1024 * 1024
FILLING = frozenset(("pay", "quote.ask", BATCH))
"""Commands that may open reservations: they wait while nine tenths of all that may be open are."""

_decode_items = msgspec.msgpack.Decoder(list[EvidenceItem]).decode
_STORED = Answer(End.STORED)


class Sink(Protocol):
    """Where answers go: one per gateway."""

    def answers(self, version: int, batch: list[tuple[int, Answer]]) -> None:
        """Take the answers of one group."""

    def found(self, version: int, batch: list[tuple[int, Found]]) -> None:
        """Take what reads of one group saw."""


class Held(NamedTuple):
    """What must come again later: the state is nearly full, or the projection is behind for a lane."""

    is_full: bool
    payments: bool
    bulk: bool

    def holds(self, name: str, lane: Lane) -> bool:
        """Tell whether a command must."""
        if lane is Lane.CONTROL:
            return False
        return (self.bulk if lane is Lane.BULK else self.payments) or (self.is_full and name in FILLING)


class Intake:
    """The door of the node. `room` is what it fills; `keeping` counts what waits for its evidence."""

    def __init__(
        self,
        world: World,
        evidence: Evidence,
        pace: Pace,
        loop: asyncio.AbstractEventLoop,
        *,
        wake: Callable[[], None],
        fail: Callable[[Stop], None],
    ) -> None:
        self.room = Room()
        self.keeping = 0
        self.stopping = False
        self._world = world
        self._evidence = evidence
        self._pace = pace
        self._wake = wake
        self._fail = fail
        self._keeper = Keeper(self._put, loop, self._kept)

    def accept(self, requests: Iterable[Request], sink: Sink) -> None:
        """Take submissions of one gateway; those turned away are answered at once."""
        refused: list[tuple[int, Answer]] = []
        held = self._held()
        for request in requests:
            answer = self._take(request, sink, held)
            if answer is not None:
                refused.append((request.no, answer))
        if refused:
            sink.answers(self._world.context_version, refused)
        self._wake()

    def turn_away_all(self) -> None:
        """Turn everything away that still waits: the node is stopping."""
        for item in self.room.drain():
            answer = turned_away(Admission.NODE_IS_STOPPING)
            item.sink.answers(self._world.context_version, [(item.no, answer)])

    def end(self) -> None:
        """Let the evidence thread end."""
        self._keeper.end()

    def _take(self, request: Request, sink: Sink, held: "Held") -> Answer | None:
        if self.stopping:
            return turned_away(Admission.NODE_IS_STOPPING)
        evidence = request.evidence if len(bytes(request.evidence)) > 1 else None
        if not request.command:
            self._keep(evidence, (sink, request.no))
            return None
        try:
            command = decode_command(request.command)
        except (msgspec.MsgspecError, RecursionError):  # nested deeper than any command there is
            return turned_away(Admission.COMMAND_IS_MALFORMED)
        refusal = _shape_refusal(command, request)
        if refusal is not None:
            return turned_away(refusal)
        lane, size = _lane_of(command, request), len(request.command) + len(request.packed)
        if held.holds(command.name, lane) or not self.room.admit(command.sender, size):
            return turned_away(Admission.NODE_IS_BUSY, self._pace.retry_after_ms(self.room.commands))
        waiting = Waiting(sink, request.no, command, size, lane, request.packed)
        if evidence is not None or self.keeping:
            self._keep(evidence, waiting)
        else:
            self.room.enter(waiting)
        return None

    def _held(self) -> "Held":
        """Give what must come again later, as things stand now."""
        engine = self._world.engine
        full = len(engine.reservations) * 10 > engine.reservations_max * 9
        return Held(full, self._pace.holds(Lane.PAYMENTS), self._pace.holds(Lane.BULK))

    def _keep(self, evidence: Raw | None, tag: Any) -> None:
        self.keeping += 1
        self._keeper.put((evidence, tag))

    def _put(self, packed: list[bytes]) -> None:
        """Store evidence, on its thread."""
        self._evidence.put([item for part in packed for item in _decode_items(part)])

    def _kept(self, batch: list[tuple[Any, Any]], error: BaseException | None) -> None:
        """Hand on the commands whose evidence is durable; answer those who only stored."""
        if error is not None:
            self._fail(Stop(AMBIGUOUS, f"evidence could not be stored: {error}"))
            return
        self.keeping -= len(batch)
        stored: list[tuple[Any, int, Answer]] = []
        for _, tag in batch:
            if isinstance(tag, Waiting):
                self.room.enter(tag)
            else:
                stored.append((*tag, _STORED))
        for sink, answers in by_sink(stored):
            sink.answers(self._world.context_version, answers)
        self._wake()


def turned_away(refusal: AnyRefusal, retry_after_ms: int = 0) -> Answer:
    """Give the answer of what was never recorded."""
    return Answer(End.TURNED_AWAY, refusal=refusal.code, retry_after_ms=retry_after_ms)


def by_sink(items: Iterable[tuple[Any, int, Any]]) -> Iterable[tuple[Any, list[tuple[int, Any]]]]:
    """Group what leaves by the gateway it goes to, in the order in which gateways come up."""
    batches: dict[int, tuple[Any, list[tuple[int, Any]]]] = {}
    for sink, no, item in items:
        batch = batches.get(id(sink))
        if batch is None:
            batch = batches[id(sink)] = (sink, [])
        batch[1].append((no, item))
    return batches.values()


def _lane_of(command: Command, request: Request) -> Lane:
    if command.sender == own.SENDER:
        return Lane.CONTROL
    return Lane.BULK if request.lane == Lane.BULK else Lane.PAYMENTS


def _shape_refusal(command: Command, request: Request) -> AnyRefusal | None:
    """Give why a command may not come in from a gateway at all, or None."""
    if command.name in own.NAMES or command.actor == own.ACTOR:
        return Refusal.SENDER_HAS_NO_RIGHT
    if len(command.id) != 16 or len(command.nonce) != 16 or command.at_ns:
        return Admission.COMMAND_IS_MALFORMED
    if request.packed or command.name == BATCH:
        return batch_refusal(command, request.packed)
    size = len(request.command)
    if size > COMMAND_BYTES_MAX and (command.name != "propose" or size > PROPOSAL_BYTES_MAX):
        return Admission.COMMAND_IS_TOO_LARGE
    return None
