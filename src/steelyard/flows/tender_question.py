"""What a solver is told of a tender that asks to be evaluated, and in which shape."""

from dataclasses import dataclass

import msgspec

from steelyard.flows.world import World
from steelyard.liquidity.batches import Batch
from steelyard.market.tender import Tender
from steelyard.market.tenders import KIND, TenderCase


@dataclass(frozen=True, slots=True)
class TenderSnapshot:
    """A tender as it was when it asked. `seq` is the number of the command that asked, `ask` that of the question."""

    seq: int
    ask: int
    tender: Tender


_decode = msgspec.msgpack.Decoder(tuple[int, int, Tender]).decode


def snapshot(world: World, tender_id: bytes) -> TenderSnapshot:
    """Give what is to be evaluated."""
    case = world.tenders.live[tender_id]
    return TenderSnapshot(case.asked_seq, case.asks, case.problem())


def question(case: TenderCase) -> Batch:
    """Give a tender that asks in the shape of a batch, as solvers are asked."""
    return Batch(
        case.tender_id, case.asks, KIND, (case.terms.asset,), "tender", case.asked_at, case.asked_at,
        case.asked_seq, case.asks, (),
    )  # fmt: skip


def pack(asked: TenderSnapshot) -> bytes:
    """Give the bytes that go to the solver's process."""
    return msgspec.msgpack.encode((asked.seq, asked.ask, asked.tender))


def unpack(data: bytes) -> TenderSnapshot:
    """Read what `pack` wrote."""
    return TenderSnapshot(*_decode(data))
