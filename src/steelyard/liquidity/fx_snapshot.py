"""What a solver is given for an FX batch: the orders that may trade, what currencies are worth, caps, terms."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

import msgspec
from msgspec import Struct

from steelyard.liquidity.claims import ClaimsSnapshot
from steelyard.liquidity.orders import Order
from steelyard.liquidity.pvp_snapshot import PvpSnapshot
from steelyard.liquidity.snapshot import AnySnapshot


@dataclass(frozen=True, slots=True)
class FxSnapshot:
    """The orders after command `seq`. `units` is what a minor unit of each currency is worth, whole numbers.

    `caps` bounds what a participant sells of a currency. `band_bp` and `orders_min` are terms of an auction.
    """

    seq: int
    kind: str
    units: Mapping[str, int]
    orders: tuple[Order, ...]
    caps: Mapping[tuple[str, str], int]
    band_bp: int
    orders_min: int


BatchSnapshot = AnySnapshot | FxSnapshot | PvpSnapshot | ClaimsSnapshot
"""What a solver may be given, of whatever kind the batch is"""


class _Packed(Struct, array_like=True, frozen=True, gc=False):
    seq: int
    kind: str
    units: list[tuple[str, int]]
    orders: list[tuple[bytes, str, str, int, int, int, str, int]]
    caps: list[tuple[str, str, int]]
    band_bp: int
    orders_min: int


def pack_fx(snapshot: FxSnapshot) -> bytes:
    """Give a snapshot as bytes."""
    orders = []
    for one in snapshot.orders:
        num, den = (0, 1) if one.limit is None else one.limit.as_integer_ratio()
        orders.append(
            (bytes.fromhex(one.id), one.sell, one.buy, one.amount_minor, num, den, one.member, one.seq)
        )
    return msgspec.msgpack.encode(
        _Packed(
            snapshot.seq, snapshot.kind, list(snapshot.units.items()), orders,
            [(*key, minor) for key, minor in snapshot.caps.items()], snapshot.band_bp, snapshot.orders_min,
        )
    )  # fmt: skip


def unpack_fx(data: bytes) -> FxSnapshot:
    """Give the snapshot that `pack_fx` wrote; raises msgspec.MsgspecError on what is none."""
    packed = msgspec.msgpack.decode(data, type=_Packed)
    return FxSnapshot(
        packed.seq,
        packed.kind,
        dict(packed.units),
        tuple(
            Order(id.hex(), sell, buy, amount, Fraction(num, den) if num else None, member, seq)
            for id, sell, buy, amount, num, den, member, seq in packed.orders
        ),
        {(owner, asset): minor for owner, asset, minor in packed.caps},
        packed.band_bp,
        packed.orders_min,
    )
