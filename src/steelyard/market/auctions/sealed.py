"""Sealed orders for a call auction: committed to before the close, opened after it, checked by anybody.

Who takes part enters the hash of his order and a salt of his own. Nothing about it can be known or changed until
the close; then he reveals order and salt. What is not revealed in time is cancelled, and its deposit is forfeited
where the terms say so. Orders rank by the time of their commitment. The call is then priced as any other, and
published as a file (`published.py`) whose Merkle root stands in the journal.

The owner is no part of what is hashed, so the file names nobody; a hash that stands already is refused, so nobody
can enter another's.
"""

from enum import StrEnum
from hashlib import sha256

from msgspec import Struct

from steelyard.market.auctions.bids import PRICE_END, check_sense
from steelyard.market.auctions.published import AuctionFile, PublishedOrder, Unrevealed, order_bytes, publish
from steelyard.market.refusals.auctions import AuctionRefusal
from steelyard.values.instants import Instant

COMMITMENTS_MAX = 5_000
SALT_BYTES = 16
ID_MAX = 64


class SealedState(StrEnum):
    """Where a sealed call is."""

    ANNOUNCED = "ANNOUNCED"
    COMMITTING = "COMMITTING"
    REVEALING = "REVEALING"
    PUBLISHED = "PUBLISHED"
    CANCELLED = "CANCELLED"


class SealedEvent(StrEnum):
    """What can happen to it."""

    OPENED = "OPENED"
    COMMITTED = "COMMITTED"
    CLOSED = "CLOSED"
    REVEALED = "REVEALED"
    REVEALS_OVER = "REVEALS_OVER"
    CANCELLED = "CANCELLED"


S, E = SealedState, SealedEvent
STEPS: dict[SealedState, dict[SealedEvent, SealedState]] = {
    S.ANNOUNCED: {E.OPENED: S.COMMITTING, E.CANCELLED: S.CANCELLED},
    S.COMMITTING: {E.COMMITTED: S.COMMITTING, E.CLOSED: S.REVEALING, E.CANCELLED: S.CANCELLED},
    S.REVEALING: {E.REVEALED: S.REVEALING, E.REVEALS_OVER: S.PUBLISHED, E.CANCELLED: S.CANCELLED},
    S.PUBLISHED: {},
    S.CANCELLED: {},
}


class Deposit(StrEnum):
    """What becomes of the deposit of who does not reveal."""

    FORFEITED = "forfeited"
    RETURNED = "returned"


class Commitment(Struct, array_like=True, frozen=True, gc=False):
    """One commitment. `bond` names the bundle that keeps its deposit, empty where there is none."""

    digest: bytes
    owner: str
    at: Instant
    seq: int
    bond: bytes = b""


class Revealed(Struct, array_like=True, frozen=True, gc=False):
    """An order as it was revealed. A market order has no price."""

    order_id: str
    side: str
    price: int | None
    quantity: int
    salt: bytes


def commitment_of(
    auction_id: str, order_id: str, side: str, price: int | None, quantity: int, *, salt: bytes
) -> bytes:
    """Give the hash to commit to: SHA-256 over the order's bytes and the salt.

    >>> commitment_of("A1", "o1", "buy", 51_200, 40, salt=bytes(16)).hex()[:16]
    '3731c7bdda997392'
    """
    return sha256(order_bytes(auction_id, order_id, side, price, quantity) + salt).digest()


class SealedCall(Struct, array_like=True, tag="sealed", gc=False):
    """One sealed call. `commitments` are by digest, in time; `revealed` by order id, `opened` has its id by digest."""

    auction_id: str
    instrument: str
    tick: int
    opens_at: Instant
    closes_at: Instant
    reveal_until_at: Instant
    reference: int | None = None
    pressure_cap_pct: str | None = None
    deposit: Deposit = Deposit.FORFEITED
    owner: str = ""
    """Who sells or buys through it, and gets what is forfeited"""
    deposit_asset: str = ""
    deposit_minor: int = 0
    """For each commitment; 0: none is asked for"""
    state: SealedState = S.ANNOUNCED
    commitments: dict[bytes, Commitment] = {}
    revealed: dict[str, Revealed] = {}
    opened: dict[bytes, str] = {}
    reason: str = ""

    def __post_init__(self) -> None:
        prices = () if self.reference is None else (self.reference,)
        times = (self.opens_at, self.closes_at, self.reveal_until_at)
        check_sense(lots=1, tick=self.tick, prices=prices, times=times)
        if bool(self.deposit_minor) != bool(self.deposit_asset) or self.deposit_minor < 0:
            raise ValueError("a deposit is an amount of an asset")

    def due_at(self) -> Instant:
        """Give when it next moves by itself, 0 for never."""
        times = {S.ANNOUNCED: self.opens_at, S.COMMITTING: self.closes_at, S.REVEALING: self.reveal_until_at}
        return times.get(self.state, 0)

    def advance(self, at: Instant) -> None:
        """Open it, close it, end the reveals, where that is due."""
        for state, event in (
            (S.ANNOUNCED, E.OPENED),
            (S.COMMITTING, E.CLOSED),
            (S.REVEALING, E.REVEALS_OVER),
        ):
            if self.state is state and at >= self.due_at():
                self._step(event)

    def commit(self, commitment: Commitment) -> AuctionRefusal | None:
        """Take a commitment before the close, or say why not."""
        self.advance(commitment.at)
        refusal = self.refuses(commitment)
        if refusal is None:
            self.commitments[commitment.digest] = commitment
            self._step(E.COMMITTED)
        return refusal

    def refuses(self, commitment: Commitment) -> AuctionRefusal | None:
        """Say why a commitment would not be taken, or None; nothing changes."""
        opened = self.state is S.COMMITTING or (self.state is S.ANNOUNCED and commitment.at >= self.opens_at)
        if not opened or commitment.at >= self.closes_at:
            return AuctionRefusal.AUCTION_DOES_NOT_ALLOW_IT
        if len(commitment.digest) != 32 or commitment.digest in self.commitments:
            return AuctionRefusal.COMMITMENT_TWICE
        return AuctionRefusal.AUCTION_IS_FULL if len(self.commitments) >= COMMITMENTS_MAX else None

    def reveal(self, order: Revealed, *, owner: str, at: Instant) -> AuctionRefusal | None:
        """Open a commitment after the close, or say why not. Only its owner may, each once."""
        self.advance(at)
        if self.state is not S.REVEALING:
            return AuctionRefusal.AUCTION_DOES_NOT_ALLOW_IT
        digest = commitment_of(
            self.auction_id, order.order_id, order.side, order.price, order.quantity, salt=order.salt
        )
        if digest in self.opened or order.order_id in self.revealed:
            return AuctionRefusal.BID_ID_USED
        if not 1 <= order.quantity < PRICE_END:
            return AuctionRefusal.BID_LOTS_OUT_OF_RANGE
        if order.price is not None and (not 0 < order.price < PRICE_END or order.price % self.tick):
            return AuctionRefusal.BID_PRICE_NOT_ON_TICK
        known = self.commitments.get(digest)
        shaped = order.side in ("buy", "sell") and len(order.salt) == SALT_BYTES
        if known is None or known.owner != owner or not shaped or not 0 < len(order.order_id) <= ID_MAX:
            return AuctionRefusal.REVEAL_DOES_NOT_MATCH
        self.revealed[order.order_id] = order
        self.opened[digest] = order.order_id
        self._step(E.REVEALED)
        return None

    def forfeited(self) -> list[Commitment]:
        """Give the commitments whose deposits are forfeited: not revealed when the reveals are over."""
        if self.state is not S.PUBLISHED or self.deposit is not Deposit.FORFEITED:
            return []
        return self.unopened()

    def unopened(self) -> list[Commitment]:
        """Give the commitments that nobody has revealed, in time."""
        return [one for digest, one in self.commitments.items() if digest not in self.opened]

    def owners(self) -> dict[str, str]:
        """Give who owns which revealed order; nobody but the operator sees this."""
        return {order_id: self.commitments[digest].owner for digest, order_id in self.opened.items()}

    def file(self) -> AuctionFile | None:
        """Give what is published, once the reveals are over."""
        if self.state is not S.PUBLISHED:
            return None
        orders, unrevealed = [], []
        for digest, one in self.commitments.items():
            found = self.revealed.get(self.opened.get(digest, ""))
            if found is None:
                unrevealed.append(Unrevealed(digest.hex(), one.seq))
            else:
                orders.append(
                    PublishedOrder(
                        found.order_id, found.side, found.price, found.quantity, one.seq, found.salt.hex(),
                        digest.hex(),
                    )
                )  # fmt: skip
        return publish(
            self.auction_id,
            self.instrument,
            orders,
            unrevealed,
            tick=self.tick,
            reference=self.reference,
            pressure_cap_pct=self.pressure_cap_pct,
        )

    def cancel(self, reason: str) -> AuctionRefusal | None:
        """End it without a price, and say why; all deposits go back."""
        if E.CANCELLED not in STEPS[self.state]:
            return AuctionRefusal.AUCTION_DOES_NOT_ALLOW_IT
        self._step(E.CANCELLED)
        self.reason = reason
        return None

    def _step(self, event: SealedEvent) -> None:
        self.state = STEPS[self.state][event]
