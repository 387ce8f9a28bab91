"""What a solver is told of a network that is to be matched, and in which shape."""

from dataclasses import dataclass

import msgspec

from steelyard.flows.world import World
from steelyard.liquidity.batches import Batch
from steelyard.market.energy.asks import KIND, MatchAsk
from steelyard.market.energy.network import Node, Route, Shared


@dataclass(frozen=True, slots=True)
class MatchSnapshot:
    """A network as it was asked about. `seq` is the number of the command that asked."""

    seq: int
    nodes: tuple[Node, ...]
    routes: tuple[Route, ...]
    shared: tuple[Shared, ...] = ()


_decode = msgspec.msgpack.Decoder(tuple[int, tuple[Node, ...], tuple[Route, ...], tuple[Shared, ...]]).decode


def snapshot(world: World, match_id: bytes) -> MatchSnapshot:
    """Give what is to be matched."""
    asked = world.supplies.asked[match_id]
    return MatchSnapshot(asked.seq, asked.nodes, asked.routes, asked.shared)


def question(asked: MatchAsk) -> Batch:
    """Give a network that waits in the shape of a batch, as solvers are asked."""
    return Batch(
        asked.match_id, asked.seq, KIND, (), "operator", asked.asked_at, asked.asked_at, asked.seq, 0, (),
    )  # fmt: skip


def pack(asked: MatchSnapshot) -> bytes:
    """Give the bytes that go to the solver's process."""
    return msgspec.msgpack.encode((asked.seq, asked.nodes, asked.routes, asked.shared))


def unpack(data: bytes) -> MatchSnapshot:
    """Read what `pack` wrote."""
    return MatchSnapshot(*_decode(data))
