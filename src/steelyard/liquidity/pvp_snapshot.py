"""What a solver is given for a run of the PvP queue: where members stand, what waits, and the terms."""

from dataclasses import dataclass

import msgspec

from steelyard.liquidity.algorithms.pvp import Instruction
from steelyard.values.wide import Wide, wide


@dataclass(frozen=True, slots=True)
class PvpSnapshot:
    """The queue after command `seq`, in its order; ids of instructions are hex. Aggregates are in value units."""

    seq: int
    units: dict[str, int]
    accounts: dict[str, dict[str, int]]
    instructions: list[Instruction]
    short_limits: dict[str, dict[str, int]]
    aggregates: dict[str, int]
    haircut_bp: int
    stopped: list[str]


def pack_pvp(snapshot: PvpSnapshot) -> bytes:
    """Give a snapshot as bytes."""
    aggregates = {name: str(minor) for name, minor in snapshot.aggregates.items()}
    accounts = {
        name: {asset: wide(minor) for asset, minor in mine.items()}
        for name, mine in snapshot.accounts.items()
    }
    return msgspec.msgpack.encode(
        (
            snapshot.seq, snapshot.units, accounts, snapshot.instructions, snapshot.short_limits, aggregates,
            snapshot.haircut_bp, snapshot.stopped,
        )
    )  # fmt: skip


_Parts = tuple[
    int,
    dict[str, int],
    dict[str, dict[str, Wide]],
    list[Instruction],
    dict[str, dict[str, int]],
    dict[str, str],
    int,
    list[str],
]


def unpack_pvp(data: bytes) -> PvpSnapshot:
    """Give the snapshot that `pack_pvp` wrote; raises msgspec.MsgspecError on what is none."""
    seq, units, held, instructions, limits, texts, haircut_bp, stopped = msgspec.msgpack.decode(
        data, type=_Parts
    )
    accounts = {name: {asset: int(minor) for asset, minor in mine.items()} for name, mine in held.items()}
    aggregates = {name: int(text) for name, text in texts.items()}
    return PvpSnapshot(seq, units, accounts, instructions, limits, aggregates, haircut_bp, stopped)
