"""An auction as it is published, and the check of it: what anybody finds out from the file alone.

`steelyard-auction/1`: the terms, every order in the order of time, with salt and commitment where it was sealed,
the commitments that were never opened, and what came of it. The Merkle root is over terms, orders and unopened
commitments; it stands in the journal too, so that a file that was changed as a whole is found out as well.
"""

from collections.abc import Iterable
from hashlib import sha256
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from steelyard.market.auctions.call import CallOrder, uncross
from steelyard.market.auctions.merkle import merkle_root

FORMAT = "steelyard-auction/1"
Name = Annotated[str, Meta(min_length=1, max_length=64)]
Hash = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$(?!\n)")]
HashOrNone = Annotated[str, Meta(pattern=r"^([0-9a-f]{64})?$(?!\n)")]
Salt = Annotated[str, Meta(pattern=r"^([0-9a-f]{2}){0,64}$(?!\n)")]
Side = Annotated[str, Meta(pattern=r"^(buy|sell)$(?!\n)")]
Count = Annotated[int, Meta(gt=0, lt=10**18)]
Percent = Annotated[str, Meta(pattern=r"^[0-9]{1,9}(\.[0-9]{1,9})?$(?!\n)")]


class PublishedOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """An order. `time` is its sequence number. Salt and commitment are empty where it was not sealed."""

    order_id: Name
    side: Side
    price: Count | None
    quantity: Count
    time: Annotated[int, Meta(ge=0, le=2**63 - 1)]
    salt: Salt = ""
    commitment: HashOrNone = ""


class Unrevealed(Struct, frozen=True, forbid_unknown_fields=True):
    """A commitment that nobody opened: cancelled."""

    commitment: Hash
    time: Annotated[int, Meta(ge=0, le=2**63 - 1)]


class Result(Struct, frozen=True, forbid_unknown_fields=True):
    """Price, volume, surplus (bought less sold), and trades as (buy, sell, quantity)."""

    price: int
    volume: int
    surplus: int
    trades: tuple[tuple[str, str, int], ...]


class AuctionFile(Struct, frozen=True, forbid_unknown_fields=True):
    """A published auction; without a result there was no price."""

    format: str
    auction_id: Name
    instrument: Name
    tick: Count
    reference: Count | None
    pressure_cap_pct: Percent | None
    orders: tuple[PublishedOrder, ...]
    unrevealed: tuple[Unrevealed, ...]
    root: Hash
    result: Result | None


class FileMalformed(ValueError):
    """What was read is no auction of this format; says where."""


class Verdict(Struct, frozen=True):
    """What a check found: how many orders there are and how many were sealed, and what is wrong."""

    orders: int
    sealed: int
    unrevealed: int
    has_root: bool
    faults: tuple[str, ...]


def order_bytes(auction_id: str, order_id: str, side: str, price: int | None, quantity: int) -> bytes:
    """Give the bytes of an order that are committed to: a JSON list without spaces, price null for a market order.

    >>> order_bytes("A1", "o1", "buy", 51_200, 40)
    b'["A1","o1","buy",51200,40]'
    """
    return msgspec.json.encode([auction_id, order_id, side, price, quantity])


def root_of(file: AuctionFile) -> bytes:
    """Give the Merkle root over terms, orders and unopened commitments, each a JSON list without spaces."""
    terms = ["terms", file.auction_id, file.instrument, file.tick, file.reference, file.pressure_cap_pct]
    records: list[list[object]] = [list(terms)]
    records += [
        ["order", one.order_id, one.side, one.price, one.quantity, one.time, one.salt, one.commitment]
        for one in file.orders
    ]
    records += [["unrevealed", one.commitment, one.time] for one in file.unrevealed]
    return merkle_root([msgspec.json.encode(record) for record in records])


def publish(
    auction_id: str,
    instrument: str,
    orders: Iterable[PublishedOrder],
    unrevealed: Iterable[Unrevealed] = (),
    *,
    tick: int,
    reference: int | None = None,
    pressure_cap_pct: str | None = None,
) -> AuctionFile:
    """Price an auction and give its file."""
    listed = tuple(sorted(orders, key=lambda one: one.time))
    bare = AuctionFile(
        FORMAT, auction_id, instrument, tick, reference, pressure_cap_pct, listed, tuple(unrevealed), "", None
    )
    return msgspec.structs.replace(bare, root=root_of(bare).hex(), result=_result(bare))


def _result(file: AuctionFile) -> Result | None:
    sides: dict[str, list[CallOrder]] = {"buy": [], "sell": []}
    for one in file.orders:
        sides[one.side].append(CallOrder(one.order_id, one.price, one.quantity, one.time))
    done = uncross(
        sides["buy"],
        sides["sell"],
        reference=file.reference,
        tick=file.tick,
        pressure_cap_pct=file.pressure_cap_pct,
    )
    if done is None:
        return None
    return Result(
        done.price, done.volume, done.surplus, tuple((one.buy, one.sell, one.quantity) for one in done.trades)
    )


def write(file: AuctionFile) -> bytes:
    """Give the bytes that are published."""
    return msgspec.json.encode(file) + b"\n"


def read(data: bytes) -> AuctionFile:
    """Read an auction's file; raises FileMalformed."""
    try:
        file = msgspec.json.decode(data, type=AuctionFile)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as trouble:
        raise FileMalformed(str(trouble)) from trouble
    if file.format != FORMAT:
        raise FileMalformed(f"the format is not {FORMAT}")
    return file


def verify(file: AuctionFile, root: str | None = None) -> Verdict:
    """Check an auction: commitments, root, price and fills. `root` is the one of the journal, where it is at hand."""
    faults = [*_commitments(file), *_listing(file)]
    own = root_of(file).hex()
    if own != file.root:
        faults.append(f"the root over what is listed is {own}, the file says {file.root}")
    if root is not None and own != root:
        faults.append(f"the root over what is listed is {own}, the journal says {root}")
    faults += _outcome(file)
    sealed = sum([bool(one.commitment) for one in file.orders])
    return Verdict(len(file.orders), sealed, len(file.unrevealed), root is not None, tuple(faults))


def _commitments(file: AuctionFile) -> list[str]:
    """Name the orders that are not what was committed to."""
    faults = []
    for one in file.orders:
        if not one.commitment:
            if one.salt:
                faults.append(f"order {one.order_id} has a salt and no commitment")
            continue
        data = order_bytes(file.auction_id, one.order_id, one.side, one.price, one.quantity)
        if sha256(data + bytes.fromhex(one.salt)).hexdigest() != one.commitment:
            faults.append(f"order {one.order_id} is not the one that was committed to")
    return faults


def _listing(file: AuctionFile) -> list[str]:
    """Name what a list of orders cannot be."""
    faults = []
    ids = [one.order_id for one in file.orders]
    times = [one.time for one in file.orders] + [one.time for one in file.unrevealed]
    hashes = [one.commitment for one in file.orders if one.commitment]
    hashes += [one.commitment for one in file.unrevealed]
    if len(dict.fromkeys(ids)) < len(ids):
        faults.append("an order id stands twice")
    if len(dict.fromkeys(times)) < len(times):
        faults.append("two orders have one time")
    if len(dict.fromkeys(hashes)) < len(hashes):
        faults.append("a commitment stands twice")
    if [one.time for one in file.orders] != sorted(one.time for one in file.orders):
        faults.append("the orders are not listed by time")
    prices = [one.price for one in file.orders] + [file.reference]
    if any(price is not None and price % file.tick for price in prices):
        faults.append("a price is not on the tick")
    return faults


def _outcome(file: AuctionFile) -> list[str]:
    """Name what was published that the orders do not give."""
    found, said = _result(file), file.result
    if found is None or said is None:
        return [] if found is said else ["the orders give a price, or none, and the file says otherwise"]
    faults = [
        f"the orders give {name} {getattr(found, name)}, the file says {getattr(said, name)}"
        for name in ("price", "volume", "surplus")
        if getattr(found, name) != getattr(said, name)
    ]
    if found.trades != said.trades:
        place = next(
            (
                at
                for at, pair in enumerate(zip(found.trades, said.trades, strict=False))
                if pair[0] != pair[1]
            ),
            min(len(found.trades), len(said.trades)),
        )
        faults.append(f"the fills differ from trade {place + 1} on")
    return faults
