"""The standing orders to exchange currencies that FX batches work on, and the one FX batch that may be open.

An order's money is set aside when it is entered, so that a fill can always be paid. While a batch is open the
orders it took stay as they are: one that is withdrawn then leaves when the batch is over, and a new cap counts
from then on. So nobody can spoil a batch that others are in.
"""

from collections.abc import Iterator
from fractions import Fraction

from msgspec import Struct

from steelyard.liquidity.batches import Batch
from steelyard.liquidity.orders import Order
from steelyard.values.instants import Instant
from steelyard.values.wide import packed, unpacked

REFERENCE, AUCTION = "fx_reference", "fx_auction"
FX_KINDS = (REFERENCE, AUCTION)

Caps = dict[tuple[str, str], int]
"""(participant, currency): the most it sells of it in one batch, minor units"""


class FxOrder(Struct, array_like=True, frozen=True, gc=False):
    """One order. Of `amount_minor` of `sell` so much as `open_minor` is still to be sold, for `buy`.

    `limit_num / limit_den` is the least it takes, minor units bought per one sold; 0/1 takes any rate.
    `bundle_id` is the reservation of what is open.
    """

    order_id: bytes
    owner: str
    sell: str
    buy: str
    amount_minor: int
    open_minor: int
    bought_minor: int
    limit_num: int
    limit_den: int
    good_until_at: Instant
    entered_at: Instant
    seq: int
    bundle_id: bytes
    leaving: bool = False
    """Withdrawn while a batch has it"""

    @property
    def limit(self) -> Fraction | None:
        """The limit as a ratio, None for any rate."""
        return Fraction(self.limit_num, self.limit_den) if self.limit_num else None

    def after(self, sold: int, bought: int, bundle_id: bytes) -> "FxOrder":
        """Give it as a fill leaves it, with the reservation of what is open then."""
        return FxOrder(
            self.order_id, self.owner, self.sell, self.buy, self.amount_minor, self.open_minor - sold,
            self.bought_minor + bought, self.limit_num, self.limit_den, self.good_until_at, self.entered_at,
            self.seq, bundle_id, self.leaving,
        )  # fmt: skip

    def plain(self) -> Order:
        """Give it as the batches see it."""
        return Order(
            self.order_id.hex(), self.sell, self.buy, self.open_minor, self.limit, self.owner, self.seq
        )


class UsedRate(Struct, array_like=True, frozen=True, gc=False):
    """By which rate a currency is valued in a batch."""

    asset: str
    kind: str
    source: str
    as_of: Instant
    flags: tuple[str, ...]


class OpenFx(Struct, array_like=True, frozen=True, gc=False):
    """An FX batch that waits for its proposal, with its rates and what it had to leave out.

    `left_out` is (currency, number of the rule that keeps it out).
    """

    batch: Batch
    rates: tuple[UsedRate, ...]
    left_out: tuple[tuple[str, int], ...]


class OrderBook:
    """All standing orders of one node."""

    __slots__ = ("_by_owner", "_by_pair", "_by_seq", "caps", "next_caps", "open", "orders")

    def __init__(self) -> None:
        self.orders: dict[bytes, FxOrder] = {}
        self.caps: Caps = {}
        self.next_caps: Caps = {}
        """What counts once the open batch is over; -1 for no cap"""
        self.open: OpenFx | None = None
        self._by_owner: dict[str, int] = {}
        self._by_seq: dict[int, bytes] = {}
        self._by_pair: dict[tuple[str, str], dict[int, bytes]] = {}

    def put(self, order: FxOrder) -> None:
        """Keep an order as it stands now."""
        if order.order_id not in self.orders:
            self._by_owner[order.owner] = self._by_owner.get(order.owner, 0) + 1
            self._by_seq[order.seq] = order.order_id
            self._by_pair.setdefault((order.sell, order.buy), {})[order.seq] = order.order_id
        self.orders[order.order_id] = order

    def drop(self, order: FxOrder) -> None:
        """Forget an order that is over."""
        del self.orders[order.order_id], self._by_seq[order.seq]
        pair = self._by_pair[order.sell, order.buy]
        del pair[order.seq]
        if not pair:
            del self._by_pair[order.sell, order.buy]
        self._by_owner[order.owner] -= 1
        if not self._by_owner[order.owner]:
            del self._by_owner[order.owner]

    def count(self, owner: str) -> int:
        """Give how many orders somebody has standing."""
        return self._by_owner.get(owner, 0)

    def of(self, owner: str) -> list[FxOrder]:
        """Give somebody's orders, first come first."""
        return [order for order in self.in_order() if order.owner == owner]

    def in_order(self) -> Iterator[FxOrder]:
        """Give all orders, first come first."""
        for seq in sorted(self._by_seq):
            yield self.orders[self._by_seq[seq]]

    def pairs(self) -> dict[tuple[str, str], int]:
        """Give how many orders sell one currency for another, by both."""
        return {pair: len(self._by_pair[pair]) for pair in sorted(self._by_pair)}

    def of_pair(self, pair: tuple[str, str]) -> Iterator[FxOrder]:
        """Give the orders that sell one currency for another, first come first."""
        found = self._by_pair.get(pair, {})
        for seq in sorted(found):
            yield self.orders[found[seq]]

    def set_cap(self, owner: str, asset: str, cap_minor: int) -> None:
        """Cap what somebody sells of a currency in one batch, -1 for no cap; an open batch keeps the old one."""
        if self.open is not None:
            self.next_caps[owner, asset] = cap_minor
        elif cap_minor < 0:
            self.caps.pop((owner, asset), None)
        else:
            self.caps[owner, asset] = cap_minor

    def close(self) -> list[FxOrder]:
        """Let the open batch be over: new caps count; give the orders that were withdrawn meanwhile."""
        self.open = None
        waiting, self.next_caps = self.next_caps, {}
        for (owner, asset), cap_minor in waiting.items():
            self.set_cap(owner, asset, cap_minor)
        return [order for order in self.in_order() if order.leaving]

    def encode(self) -> bytes:
        """Give the canonical bytes."""
        return packed(_Saved(list(self.in_order()), _rows(self.caps), _rows(self.next_caps), self.open))

    @classmethod
    def decode(cls, data: bytes) -> "OrderBook":
        """Build what `encode` described."""
        book, saved = cls(), unpacked(data, _Saved)
        for order in saved.orders:
            book.put(order)
        book.caps = {(owner, asset): minor for owner, asset, minor in saved.caps}
        book.next_caps = {(owner, asset): minor for owner, asset, minor in saved.next_caps}
        book.open = saved.open
        return book


def _rows(caps: Caps) -> list[tuple[str, str, int]]:
    return [(*key, caps[key]) for key in sorted(caps)]


class _Saved(Struct, array_like=True, frozen=True, gc=False):
    orders: list[FxOrder]
    caps: list[tuple[str, str, int]]
    next_caps: list[tuple[str, str, int]]
    open: OpenFx | None
