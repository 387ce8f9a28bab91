"""What a solver is given to work on: queues at one place in time and all that bounds them; and its packed form.

Packed, a payment is a record of 54 bytes beside one table of names, so that a long queue goes to another process
in one piece. `unpack(pack(x)) == x` for what comes out of the state machine, whose ids are 32 digits of hex.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import Struct

from steelyard.liquidity.queue import Queued, Room
from steelyard.values.wide import Wide, wide

Account = tuple[str, str]
"""(participant, currency)"""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The queue of one currency after command `seq`.

    `balances` is what each account may use in all: balance less engine reservations plus its line. `reserved`
    gives per account what is kept for (urgent, high) payments; normal payments may use what is above both.
    """

    seq: int
    asset: str
    balances: Mapping[str, int]
    payments: tuple[Queued, ...]
    limits: tuple[Room, ...] = ()
    reserved: Mapping[str, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PackedSnapshot:
    """A `Snapshot` whose payments are records already; their parties are places among `balances`."""

    seq: int
    asset: str
    balances: Mapping[str, int]
    records: bytes
    limits: tuple[Room, ...] = ()
    reserved: Mapping[str, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PoolSnapshot:
    """The queues of several currencies after command `seq`, of those alone who have chosen the pool.

    `units` is what a minor unit of each currency is worth, `home` each participant's own one, `batch_caps` the
    most it pays, in minor units of that, `holding_caps` how much each account may hold afterwards.
    """

    seq: int
    units: Mapping[str, int]
    accounts: Mapping[Account, int]
    payments: Mapping[str, tuple[Queued, ...]]
    home: Mapping[str, str]
    batch_caps: Mapping[str, int]
    holding_caps: Mapping[Account, int]


@dataclass(frozen=True, slots=True)
class CycleSnapshot:
    """The obligations of a netting cycle, by currency; `balances` of each part are what a plan may use.

    `ask` numbers the question of the cycle that a plan answers.
    """

    seq: int
    ask: int
    parts: tuple[Snapshot, ...]


@dataclass(frozen=True, slots=True)
class PackedCycle:
    """A `CycleSnapshot` whose obligations are records already."""

    seq: int
    ask: int
    parts: tuple[PackedSnapshot, ...]


AnySnapshot = Snapshot | PoolSnapshot | CycleSnapshot

RECORD = np.dtype(
    [
        ("id", "S16"),
        ("seq", "<i8"),
        ("amount_minor", "<i8"),
        ("floor_minor", "<i8"),
        ("payer", "<u4"),
        ("payee", "<u4"),
        ("age_cycles", "<u4"),
        ("priority", "u1"),
        ("may_split", "u1"),
    ]
)
"""One payment; payer and payee are places in the table of names."""
BYTES_MAX = 64
assert RECORD.itemsize <= BYTES_MAX


class _Packed(Struct, array_like=True, frozen=True, gc=False):
    seq: int
    asset: str
    names: list[str]
    balances: list[Wide]
    records: bytes
    limits: list[tuple[str, str, Wide]]
    reserved: list[tuple[str, Wide, Wide]]


class _PackedPool(Struct, array_like=True, frozen=True, gc=False):
    seq: int
    units: list[tuple[str, int]]
    accounts: list[tuple[str, str, Wide]]
    names: list[str]
    records: list[tuple[str, bytes]]
    home: dict[str, str]
    batch_caps: dict[str, int]
    holding_caps: list[tuple[str, str, Wide]]


def pack(snapshot: Snapshot | PackedSnapshot) -> bytes:
    """Give a snapshot as bytes."""
    names = list(snapshot.balances)
    records = snapshot.records if isinstance(snapshot, PackedSnapshot) else _records(snapshot.payments, names)
    return msgspec.msgpack.encode(
        _Packed(
            snapshot.seq,
            snapshot.asset,
            names,
            list(map(wide, snapshot.balances.values())),
            records,
            [(room.owner, room.counterparty, wide(room.room_minor)) for room in snapshot.limits],
            [(name, wide(urgent), wide(high)) for name, (urgent, high) in snapshot.reserved.items()],
        )
    )


def unpack(data: bytes) -> Snapshot:
    """Give the snapshot that `pack` wrote; raises msgspec.MsgspecError on what is none."""
    packed = msgspec.msgpack.decode(data, type=_Packed)
    return Snapshot(
        packed.seq,
        packed.asset,
        dict(zip(packed.names, map(int, packed.balances), strict=True)),
        _payments(packed.records, packed.names),
        tuple(Room(owner, other, int(room)) for owner, other, room in packed.limits),
        {name: (int(urgent), int(high)) for name, urgent, high in packed.reserved},
    )


def pack_cycle(snapshot: CycleSnapshot | PackedCycle) -> bytes:
    """Give a cycle's snapshot as bytes."""
    return msgspec.msgpack.encode((snapshot.seq, snapshot.ask, [pack(part) for part in snapshot.parts]))


def unpack_cycle(data: bytes) -> CycleSnapshot:
    """Give the snapshot that `pack_cycle` wrote."""
    seq, ask, parts = msgspec.msgpack.decode(data, type=tuple[int, int, list[bytes]])
    return CycleSnapshot(seq, ask, tuple(unpack(part) for part in parts))


def pack_pool(snapshot: PoolSnapshot) -> bytes:
    """Give a pool's snapshot as bytes."""
    names = list(dict.fromkeys(bic for bic, _ in snapshot.accounts))
    return msgspec.msgpack.encode(
        _PackedPool(
            snapshot.seq,
            list(snapshot.units.items()),
            [(*account, wide(minor)) for account, minor in snapshot.accounts.items()],
            names,
            [(asset, _records(rows, names)) for asset, rows in snapshot.payments.items()],
            dict(snapshot.home),
            dict(snapshot.batch_caps),
            [(*account, wide(minor)) for account, minor in snapshot.holding_caps.items()],
        )
    )


def unpack_pool(data: bytes) -> PoolSnapshot:
    """Give the snapshot that `pack_pool` wrote."""
    packed = msgspec.msgpack.decode(data, type=_PackedPool)
    return PoolSnapshot(
        packed.seq,
        dict(packed.units),
        {(bic, asset): int(minor) for bic, asset, minor in packed.accounts},
        {asset: _payments(records, packed.names) for asset, records in packed.records},
        packed.home,
        packed.batch_caps,
        {(bic, asset): int(minor) for bic, asset, minor in packed.holding_caps},
    )


def _records(payments: Sequence[Queued], names: Iterable[str]) -> bytes:
    """Pack payments column by column."""
    place = {name: number for number, name in enumerate(names)}
    return pack_records(
        bytes.fromhex("".join([one.id for one in payments])),
        **{column: np.array([getattr(one, column) for one in payments], np.int64) for column in _NUMBERS},
        payer=np.array([place[one.payer] for one in payments], np.int64),
        payee=np.array([place[one.payee] for one in payments], np.int64),
    )


_NUMBERS = ("seq", "amount_minor", "floor_minor", "age_cycles", "priority", "may_split")


def pack_records(ids: bytes, **columns: npt.NDArray[Any]) -> bytes:
    """Give payments as records: their ids of 16 bytes in one string, and each other column by its name."""
    rows = np.zeros(len(ids) // 16, RECORD)
    rows["id"] = np.frombuffer(ids, "V16").view("S16")
    for name, column in columns.items():
        rows[name] = column
    return rows.tobytes()


def _payments(records: bytes, names: Sequence[str]) -> tuple[Queued, ...]:
    rows = np.frombuffer(records, RECORD)
    ids = records_ids(records)
    columns = [
        rows[column].tolist()
        for column in (
            "payer",
            "payee",
            "amount_minor",
            "priority",
            "seq",
            "age_cycles",
            "may_split",
            "floor_minor",
        )
    ]
    return tuple(
        Queued(id, names[payer], names[payee], amount, priority, seq, age, bool(split), floor)
        for id, payer, payee, amount, priority, seq, age, split, floor in zip(ids, *columns, strict=True)
    )


def pack_any(snapshot: AnySnapshot | PackedCycle) -> bytes:
    """Give any snapshot as bytes."""
    if isinstance(snapshot, CycleSnapshot | PackedCycle):
        return pack_cycle(snapshot)
    return pack_pool(snapshot) if isinstance(snapshot, PoolSnapshot) else pack(snapshot)


def records_ids(records: bytes) -> list[str]:
    """Give the ids of packed payments; numpy would cut the zeros at their ends."""
    size = RECORD.itemsize
    return [records[at : at + 16].hex() for at in range(0, len(records), size)]
