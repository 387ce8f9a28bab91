"""The solver's process: snapshots in, proposals out, one after the other, over one stream to the node.

A frame is four bytes of length, most significant first, and msgpack: (batch id, kind, packed snapshot) to us,
(batch id, fields of the proposal, words of a failure) back. It keeps nothing from one batch to the next, and ends
when the stream does.
"""

import socket
from collections.abc import Callable, Iterator

import msgspec
from msgspec import Raw

from steelyard.flows import energy_question, tender_question
from steelyard.liquidity.batches import CURRENCY, POOL
from steelyard.liquidity.claims import SET_OFF, unpack_claims
from steelyard.liquidity.cycles import KIND
from steelyard.liquidity.fx_snapshot import BatchSnapshot, unpack_fx
from steelyard.liquidity.order_book import AUCTION, REFERENCE
from steelyard.liquidity.pvp_book import PVP
from steelyard.liquidity.pvp_snapshot import unpack_pvp
from steelyard.liquidity.snapshot import unpack, unpack_cycle, unpack_pool
from steelyard.market.energy.asks import KIND as MATCH
from steelyard.market.tenders import KIND as TENDER
from steelyard.solve.energy_propose import propose_energy
from steelyard.solve.flow import OrToolsFlow
from steelyard.solve.propose import propose
from steelyard.solve.tender_propose import propose_tender

FRAME_MAX = 1 << 28
Asked = tuple[bytes, str, bytes]
Answered = tuple[bytes, Raw, str]
NOTHING = Raw(b"\xc0")
_decode = msgspec.msgpack.Decoder(Asked).decode
_READERS: dict[str, Callable[[bytes], BatchSnapshot]] = {
    CURRENCY: unpack,
    POOL: unpack_pool,
    REFERENCE: unpack_fx,
    AUCTION: unpack_fx,
    PVP: unpack_pvp,
    KIND: unpack_cycle,
    SET_OFF: unpack_claims,
}


def serve(line: socket.socket) -> None:
    """Answer until the node closes the stream."""
    for frame in frames(line):
        line.sendall(framed(answer(frame)))


def answer(frame: bytes) -> bytes:
    """Give the answer to one frame; a failure is told in words, so that the node need not wait for nothing."""
    batch_id, kind, packed = _decode(frame)
    try:
        fields, words = _proposed(batch_id, kind, packed), ""
    except Exception as error:
        fields, words = NOTHING, f"{type(error).__name__}: {error}"
    return msgspec.msgpack.encode((batch_id, fields, words))


def _proposed(batch_id: bytes, kind: str, packed: bytes) -> Raw:
    if kind == TENDER:
        return propose_tender(batch_id, tender_question.unpack(packed))
    if kind == MATCH:
        return propose_energy(batch_id, energy_question.unpack(packed))
    return propose(batch_id, _READERS[kind](packed), solver=OrToolsFlow())


def framed(content: bytes) -> bytes:
    """Give a frame of some content."""
    return len(content).to_bytes(4, "big") + content


def frames(line: socket.socket) -> Iterator[bytes]:
    """Give frame after frame until the stream ends."""
    while True:
        head = _exactly(line, 4)
        size = int.from_bytes(head, "big")
        if len(head) < 4 or size > FRAME_MAX:
            return
        content = _exactly(line, size)
        if len(content) < size:
            return
        yield content


def _exactly(line: socket.socket, size: int) -> bytes:
    """Read so many bytes; fewer where the stream ends."""
    parts = bytearray()
    while len(parts) < size:
        part = line.recv(min(size - len(parts), 1 << 20))
        if not part:
            break
        parts += part
    return bytes(parts)
