"""The link: the one way by which a gateway reaches the sequencer, in process or over a stream.

A gateway holds one `Link`. It hands in `Submission`s and gets an `Answer` for each; it asks `read`s of the
state; it fetches the `Context` (directory, assets, calendars, packs in force) anew whenever the version that
comes with each answer has risen. Two carriers, same behaviour:

* `link_server.LocalLink(sequencer)` calls in the same process and loop (`gateways = 0`, tests, demo).
* `link_client.StreamLink` talks to `link_server.LinkServer` over a unix stream.

Use, on the gateway's loop:

    answer = await link.submit(Submission(encode(command), evidence=(message, party)))
    futures = link.submit_many(submissions)            # one future each; for arrays and files
    found = await link.read("payment", (uetr,), viewer="GHAFAEA0")
    context = await link.context()                      # cached until its version rises

What an answer promises. Evidence is durable before the command reaches the sequencer, the command's row is
durable before its answer leaves. A submission with an empty command stores its evidence alone (a refusal at
the edge): its answer says STORED once that is durable. `UNKNOWN` means that nobody here knows: the stream
was lost, the node stopped, or `deadline_ms` passed; the same bytes may always be sent again. `TURNED_AWAY`
was never recorded: `refusal` names why (NODE_IS_BUSY carries `retry_after_ms`; 11 ID_IS_TOO_OLD is certain:
the node has looked in the projection before it says so). `RECORDED` has an outcome, with `replayed` when the
same id was done before; then seq, position and outcome are those of then.

A gateway itself is one coroutine, named to the node by text ("steelyard.api.app:serve_gateway"), since the
node imports no face: `async def serve_gateway(config, link, sockets, stop) -> None` serves HTTP on the
listening `sockets` (bound before by the supervisor, shared by all gateways) until the asyncio.Event `stop` is
set or the link is lost, then returns within 2 s, open event streams or not. It runs in a process of its own,
or beside the sequencer on one loop.

On the stream: frames `u32 length | u16 type | payload`, little-endian, length of the payload alone, payload
one msgpack value. All that one turn of the gateway's loop produced goes in one frame at the end of the turn,
without a timer; the node sends one frame of answers per gateway and group, after the watermark. The
gateway's first frame is HELLO. A fault in a frame closes the stream.

| type | direction | payload |
|---|---|---|
| 1 HELLO | to node | [protocol version, gateway's name] |
| 2 SUBMIT | to node | array of [no, lane, command, evidence items, packed records] |
| 3 ANSWERS | to gateway | [context version, array of [no, answer]]; empty to one that is idle, for the version |
| 4 READ | to node | array of [no, name, params, viewer] |
| 5 FOUND | to gateway | [context version, array of [no, found]] |
| 6 WELCOME | to gateway | [protocol version, context version, stopping] |
| 7 STOPPING | to gateway | [] : answer what is open, take no more |
"""

from asyncio import Future
from collections.abc import Sequence
from enum import IntEnum
from struct import Struct as Packing
from typing import Any, Protocol

import msgspec
from msgspec import Raw, Struct

from steelyard.flows.command import Outcome, decode_outcome

PROTOCOL = 1
HEADER = Packing("<IH")
FRAME_BYTES_MAX = 96 * 1024 * 1024
HELLO, SUBMIT, ANSWERS, READ, FOUND, WELCOME, STOPPING = 1, 2, 3, 4, 5, 6, 7
DEADLINE_MS = 10_000
NO_ITEMS = Raw(b"\x90")


class Lane(IntEnum):
    """The order in which the sequencer takes what waits. The node itself puts the operator's into CONTROL."""

    CONTROL = 0
    PAYMENTS = 1
    BULK = 2


class End(IntEnum):
    """How a submission ended."""

    RECORDED = 0
    """There is a durable outcome; it may be a refusal by rule."""
    TURNED_AWAY = 1
    """Never recorded; `refusal` says why."""
    UNKNOWN = 2
    """Nobody here knows; send the same bytes again, or ask by id."""
    STORED = 3
    """No command was given; the evidence is durable."""


class Submission(Struct, frozen=True, gc=False):
    """One command on its way in, with the evidence that must be durable before it.

    `command` is canonical bytes (`flows.command.encode`), at_ns 0; empty to store evidence alone.
    `evidence` are `storage.evidence.EvidenceItem`s, compressed by the gateway. `packed` are the 128-byte
    records of a `legs.apply` batch. `lane` is PAYMENTS or BULK.
    """

    command: bytes
    evidence: tuple[Any, ...] = ()
    packed: bytes = b""
    lane: int = Lane.PAYMENTS
    deadline_ms: int = DEADLINE_MS


class Answer(Struct, array_like=True, frozen=True, gc=False):
    """What became of a submission. `packed` are the 8-byte outcomes of a batch of legs.

    `balances` are (account_no, balance, available) in minor units as decimal text, after the command, of
    each account of the sender that its legs touched; not repeated when `replayed`.
    """

    end: int
    seq: int = 0
    position: int = 0
    at_ns: int = 0
    outcome: bytes = b""
    replayed: bool = False
    refusal: int = 0
    retry_after_ms: int = 0
    balances: tuple[tuple[int, str, str], ...] = ()
    packed: bytes = b""

    def decoded(self) -> Outcome:
        """Give the outcome; only where `end` is RECORDED."""
        return decode_outcome(self.outcome)


UNKNOWN = Answer(End.UNKNOWN)


class Found(Struct, array_like=True, frozen=True, gc=False):
    """What a read saw: the state after the durable row `seq`. `value` is msgpack, nil where nothing is."""

    seq: int
    at_ns: int
    value: Raw
    refusal: int = 0
    """A number where the read could not be done: 0, or an admission refusal."""

    def decoded(self, kind: Any = Any) -> Any:
        """Give the value, as `kind` where one is named."""
        return msgspec.msgpack.decode(self.value, type=kind)


class Context(Struct, array_like=True, frozen=True):
    """The copy of the directory that gateways work with: sections of the World in their canonical bytes.

    `sections` holds "world", "members", "calendars", "packs" and "money"; each is read by the `decode` of
    its own state object. `assets` are (asset_no, code, class, scale, issuer, state).
    """

    version: int
    seq: int
    at_ns: int
    sections: dict[str, bytes]
    assets: tuple[tuple[int, str, str, int, str, str], ...]


class LinkLost(ConnectionError):
    """The node cannot be reached: a read or the context has no answer. Submissions end UNKNOWN instead."""


class Link(Protocol):
    """What a gateway sees of the node. Not for other threads than its loop's."""

    @property
    def context_version(self) -> int:
        """The newest version of the context heard of."""

    @property
    def stopping(self) -> bool:
        """Whether the node takes no more."""

    def submit(self, item: Submission) -> "Future[Answer]":
        """Hand one in; it leaves at the end of this turn of the loop. The future never raises."""

    def submit_many(self, items: Sequence[Submission]) -> "list[Future[Answer]]":
        """Hand several in, in order."""

    async def read(self, name: str, params: tuple[Any, ...] = (), *, viewer: str = "") -> Found:
        """Ask the state by one of `node.reads.READS`; raises LinkLost when the stream is gone."""

    async def context(self) -> Context:
        """Give the copy of the directory, fetched anew only where its version has risen."""

    async def close(self) -> None:
        """Let go; what is open ends UNKNOWN."""


class Request(Struct, array_like=True, frozen=True, gc=False):
    """A submission as it stands in a SUBMIT frame."""

    no: int
    lane: int
    command: bytes
    evidence: Raw = NO_ITEMS
    packed: bytes = b""


class Question(Struct, array_like=True, frozen=True, gc=False):
    """A read as it stands in a READ frame; `params` is a msgpack array."""

    no: int
    name: str
    params: Raw
    viewer: str


def frame(kind: int, payload: bytes) -> bytes:
    """Give one frame's bytes.

    >>> frame(STOPPING, b"\\x90").hex()
    '01000000070090'
    """
    return HEADER.pack(len(payload), kind) + payload


def take_frames(buffer: bytearray) -> list[tuple[int, bytes]]:
    """Cut the whole frames off the front of `buffer`; raises ValueError on one that is too long.

    >>> received = bytearray(frame(STOPPING, b"\\x90") + b"\\x01")
    >>> take_frames(received), bytes(received)
    ([(7, b'\\x90')], b'\\x01')
    """
    found: list[tuple[int, bytes]] = []
    at, end = 0, len(buffer)
    while end - at >= HEADER.size:
        length, kind = HEADER.unpack_from(buffer, at)
        if length > FRAME_BYTES_MAX:
            raise ValueError(f"a frame of {length} bytes is over {FRAME_BYTES_MAX}")
        start = at + HEADER.size
        if end - start < length:
            break
        found.append((kind, bytes(memoryview(buffer)[start : start + length])))
        at = start + length
    if at:
        del buffer[:at]
    return found
