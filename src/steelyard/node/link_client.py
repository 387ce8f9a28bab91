"""A gateway's end of the link: what both carriers share, and the stream's.

Requests of one turn are gathered and leave together at its end. Open requests stand in the order in which
they came; a look four times a second ends those past their deadline as UNKNOWN.
"""

import asyncio
from asyncio import Future
from collections.abc import Sequence
from typing import Any, cast

import msgspec
from msgspec import Raw
from msgspec.structs import replace

from steelyard.node.link import (
    ANSWERS,
    FOUND,
    HELLO,
    NO_ITEMS,
    PROTOCOL,
    READ,
    STOPPING,
    SUBMIT,
    UNKNOWN,
    WELCOME,
    Answer,
    Context,
    Found,
    LinkLost,
    Question,
    Request,
    Submission,
    frame,
    take_frames,
)

SWEEP_SECONDS = 0.25
FRAME_BYTES_GOAL = 4 * 1024 * 1024

_encode = msgspec.msgpack.Encoder().encode
_decode_answers = msgspec.msgpack.Decoder(tuple[int, list[tuple[int, Answer]]]).decode
_decode_found = msgspec.msgpack.Decoder(tuple[int, list[tuple[int, Found]]]).decode
_decode_welcome = msgspec.msgpack.Decoder(tuple[int, int, bool]).decode


_Open = tuple[Future[Answer], float]
"""A submission that waits for its answer, and the loop time at which it is given up"""


class BaseLink:
    """What every carrier shares: numbering, gathering by turn, deadlines, the cached context."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._last_no = 0
        self._open: dict[int, _Open] = {}
        self._reads: dict[int, Future[Found]] = {}
        self._turn: list[Request] = []
        self._questions: list[Question] = []
        self._scheduled = False
        self._context: Context | None = None
        self._version = 0
        self._stopping = False
        self._lost = False
        self._sweeper = self._loop.call_later(SWEEP_SECONDS, self._sweep)

    @property
    def context_version(self) -> int:
        """Give the newest version of the context heard of."""
        return self._version

    @property
    def stopping(self) -> bool:
        """Tell whether the node takes no more."""
        return self._stopping or self._lost

    def submit(self, item: Submission) -> "Future[Answer]":
        """Gather one; it leaves at the end of this turn."""
        future: Future[Answer] = self._loop.create_future()
        if self._lost:
            future.set_result(UNKNOWN)
            return future
        no = self._last_no = self._last_no + 1
        self._open[no] = (future, self._loop.time() + item.deadline_ms / 1000)
        evidence = Raw(_encode(item.evidence)) if item.evidence else NO_ITEMS
        self._turn.append(Request(no, item.lane, item.command, evidence, item.packed))
        self._at_turns_end()
        return future

    def submit_many(self, items: Sequence[Submission]) -> "list[Future[Answer]]":
        """Gather several, in order."""
        return [self.submit(item) for item in items]

    async def read(self, name: str, params: tuple[Any, ...] = (), *, viewer: str = "") -> Found:
        """Ask the state; the answer comes with the group it was placed in."""
        if self._lost:
            raise LinkLost("the node cannot be reached")
        no = self._last_no = self._last_no + 1
        future: Future[Found] = self._loop.create_future()
        self._reads[no] = future
        self._questions.append(Question(no, name, Raw(_encode(params)), viewer))
        self._at_turns_end()
        return await future

    async def context(self) -> Context:
        """Give the copy of the directory, fetched anew only where its version has risen."""
        if self._context is None or self._context.version < self._version:
            found = await self.read("context")
            self._context = replace(found.decoded(Context), seq=found.seq, at_ns=found.at_ns)
            self._version = max(self._version, self._context.version)
        return self._context

    async def close(self) -> None:
        """Let go; what is open ends UNKNOWN."""
        self._lose()

    def _send(self, turn: list[Request], questions: list[Question]) -> None:
        raise NotImplementedError

    def _at_turns_end(self) -> None:
        if not self._scheduled:
            self._scheduled = True
            self._loop.call_soon(self._end_turn)

    def _end_turn(self) -> None:
        self._scheduled = False
        turn, questions = self._turn, self._questions
        self._turn, self._questions = [], []
        if not self._lost:
            self._send(turn, questions)

    def _answered(self, version: int, answers: Sequence[tuple[int, Answer]]) -> None:
        self._heard(version)
        for no, answer in answers:
            waiting = self._open.pop(no, None)
            if waiting is not None and not waiting[0].done():
                waiting[0].set_result(answer)

    def _found(self, version: int, found: Sequence[tuple[int, Found]]) -> None:
        self._heard(version)
        for no, item in found:
            future = self._reads.pop(no, None)
            if future is not None and not future.done():
                future.set_result(item)

    def _heard(self, version: int) -> None:
        if version > self._version:
            self._version = version

    def _sweep(self) -> None:
        """End what is past its deadline or was given up by its caller."""
        now = self._loop.time()
        over = [no for no, (future, until) in self._open.items() if until <= now or future.done()]
        for no in over:
            future, _ = self._open.pop(no)
            if not future.done():
                future.set_result(UNKNOWN)
        self._sweeper = self._loop.call_later(SWEEP_SECONDS, self._sweep)

    def _lose(self) -> None:
        """End everything open: nobody here will hear of it any more."""
        self._lost = True
        self._sweeper.cancel()
        for submitted, _ in self._open.values():
            if not submitted.done():
                submitted.set_result(UNKNOWN)
        self._open.clear()
        for future in self._reads.values():
            if not future.done():
                future.set_exception(LinkLost("the node cannot be reached"))
        self._reads.clear()


class StreamLink(BaseLink, asyncio.Protocol):
    """The link over a unix stream. Made by `connect`; `lost` is set when the stream has gone."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.lost = asyncio.Event()
        self._name = name
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._welcome: Future[None] = self._loop.create_future()

    @classmethod
    async def connect(cls, path: str, *, name: str) -> "StreamLink":
        """Connect to the node's stream and wait for its WELCOME."""
        loop = asyncio.get_running_loop()
        _, link = await loop.create_unix_connection(lambda: cls(name), path)
        await link._welcome
        return link

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Say who we are."""
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(frame(HELLO, _encode((PROTOCOL, self._name))))

    def data_received(self, data: bytes) -> None:
        """Take whole frames off what has come."""
        self._buffer += data
        try:
            for kind, payload in take_frames(self._buffer):
                self._take(kind, payload)
        except (ValueError, msgspec.MsgspecError):
            self._cut()
            raise

    def connection_lost(self, error: Exception | None) -> None:
        """End everything open as UNKNOWN."""
        self._lose()
        if not self._welcome.done():
            self._welcome.set_exception(LinkLost("the node let go before it said WELCOME"))
        self.lost.set()

    async def close(self) -> None:
        """Close the stream."""
        self._lose()
        self._cut()

    def _take(self, kind: int, payload: bytes) -> None:
        if kind == ANSWERS:
            self._answered(*_decode_answers(payload))
        elif kind == FOUND:
            self._found(*_decode_found(payload))
        elif kind == WELCOME:
            protocol, version, self._stopping = _decode_welcome(payload)
            if protocol != PROTOCOL:
                raise ValueError(f"the node speaks version {protocol} of the link, this gateway {PROTOCOL}")
            self._heard(version)
            self._welcome.set_result(None)
        elif kind == STOPPING:
            self._stopping = True
        else:
            raise ValueError(f"frame type {kind} is unknown")

    def _send(self, turn: list[Request], questions: list[Question]) -> None:
        assert self._transport is not None
        if turn:
            for part in _parts(turn):
                self._transport.write(frame(SUBMIT, _encode(part)))
        if questions:
            self._transport.write(frame(READ, _encode(questions)))

    def _cut(self) -> None:
        if self._transport is not None:
            self._transport.close()


def _parts(turn: list[Request]) -> list[list[Request]]:
    """Cut a turn into pieces of about 4 MB each: almost always one."""
    pieces: list[list[Request]] = [[]]
    weight = 0
    for request in turn:
        size = len(request.command) + len(bytes(request.evidence)) + len(request.packed)
        if weight and weight + size > FRAME_BYTES_GOAL:
            pieces.append([])
            weight = 0
        pieces[-1].append(request)
        weight += size
    return pieces
