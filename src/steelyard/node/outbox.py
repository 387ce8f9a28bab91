"""The outbox: what durable outcomes say must be told, delivered at least once, each with an id for ever.

Items are the notices of outcomes as the projection holds them, so nothing is sent before its cause is
durable, and after a restart the same items have the same ids: (seq, position, n). Participants fetch theirs
from the tables; what must be pushed goes through a `Channel`: the RTGS, later webhooks. Delivery state lies
in the access store; losing it means sending again, never not at all.

Of one channel, recipient and subject only the oldest item is tried, the next once it is acknowledged or
parked, so one bad item holds up no other payment. Waits double from a second to ten minutes; after a day an
item is parked with an alarm, never dropped.
"""

import time
from collections.abc import Callable, Sequence
from hashlib import sha256
from threading import Event, Thread
from typing import Any, Protocol

import msgspec
from msgspec import Struct

from steelyard.node.logs import log, where
from steelyard.storage.database import DatabaseFault
from steelyard.storage.deliveries import Deliveries, Delivery, Id
from steelyard.storage.queries import Reader, key_of, place_of

SECOND = 1_000_000_000
WAIT_NS_MIN, WAIT_NS_MAX = SECOND, 600 * SECOND
PARK_AFTER_NS = 86_400 * SECOND
ITEMS_AT_ONCE = 500
IDLE_SECONDS = 0.1


class Item(Struct, frozen=True):
    """One thing to tell. `data` is the notice's own; what more a rendering needs it takes from evidence."""

    seq: int
    position: int
    n: int
    recipient: str
    kind: str
    subject: bytes
    at_ns: int
    data: tuple[Any, ...]

    @property
    def id(self) -> Id:
        """The item's id, stable over restarts; receivers drop repeats by it."""
        return self.seq, self.position, self.n


class Channel(Protocol):
    """A way to tell. `render` gives the bytes of an item, the same at every try; `send` raises or is done."""

    name: str

    def wants(self, item: Item) -> bool:
        """Tell whether an item goes this way."""

    def render(self, item: Item) -> bytes:
        """Give the body; its hash at the first try is kept and compared at the next."""

    def send(self, item: Item, body: bytes) -> None:
        """Deliver it: returns when acknowledged, raises `NotDelivered` when not."""


class NotDelivered(Exception):
    """The other side did not take an item; it is tried again. The text says why, without data of parties."""


class Outbox:
    """Moves items to their channels. `step` does what is due now; `OutboxThread` keeps doing it."""

    def __init__(
        self,
        reader: Reader,
        deliveries: Deliveries,
        channels: Sequence[Channel],
        *,
        now: Callable[[], int] = time.time_ns,
    ) -> None:
        self._reader = reader
        self._deliveries = deliveries
        self._channels = {channel.name: channel for channel in channels}
        self._cursors = {name: deliveries.cursor(name) for name in self._channels}
        self._now = now
        self.parked = 0
        self.changed = 0
        """Items whose second rendering was not their first: each is an alarm."""

    def step(self) -> int:
        """Take over new items, then try what is due; gives how many items moved."""
        moved = sum(self._take(channel) for channel in self._channels.values())
        for delivery in self._deliveries.due(self._now()):
            if delivery.channel in self._channels:
                self._try(delivery)
                moved += 1
        return moved

    def _take(self, channel: Channel) -> int:
        """Take over what a channel wants of the items after its cursor."""
        seq, position, n = self._cursors[channel.name]
        after = (key_of(seq, position), n) if seq else ()
        rows = self._reader.page("event", after=after, limit=ITEMS_AT_ONCE)
        if not rows:
            return 0
        items = [_item(row) for row in rows]
        now = self._now()
        wanted = [
            Delivery(
                *item.id, channel.name, item.recipient, item.subject, item.kind, made_at=now, next_at=now
            )
            for item in items
            if channel.wants(item)
        ]
        self._deliveries.take(channel.name, wanted, items[-1].id)
        self._cursors[channel.name] = items[-1].id
        return len(wanted)

    def _try(self, delivery: Delivery) -> None:
        """Try one delivery once; what comes of it is written down."""
        channel = self._channels[delivery.channel]
        digest = b""
        try:
            item = self._find(delivery)
            body = channel.render(item)
            digest = sha256(body).digest()
            if delivery.body_hash and delivery.body_hash != digest:
                self.changed += 1
                log().error("item rendered anew differs", item=_text(delivery.id), channel=channel.name)
            channel.send(item, body)
        except NotDelivered as error:
            self._later(delivery, digest, str(error))
        except Exception as error:
            self._later(delivery, digest, where(error))
        else:
            self._deliveries.done([delivery])

    def _later(self, delivery: Delivery, digest: bytes, why: str) -> None:
        """Try again after a while that doubles, or park what has waited for a day."""
        now = self._now()
        if now - delivery.made_at >= PARK_AFTER_NS:
            self._deliveries.park(delivery)
            self.parked += 1
            log().error("item parked", item=_text(delivery.id), channel=delivery.channel, why=why)
            return
        wait = min(WAIT_NS_MIN << min(delivery.attempts, 10), WAIT_NS_MAX)
        self._deliveries.again(delivery, next_at=now + wait, body_hash=digest)
        log().warning(
            "item not delivered", item=_text(delivery.id), channel=delivery.channel,
            count=delivery.attempts + 1, why=why,
        )  # fmt: skip

    def _find(self, delivery: Delivery) -> Item:
        row = self._reader.one("event", key=key_of(delivery.seq, delivery.position), n=delivery.n)
        if row is None:
            raise NotDelivered("the projection does not hold the item yet")
        return _item(row)


class OutboxThread:
    """Keeps an outbox going until told to end."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._stop = Event()
        self._thread = Thread(target=self._run, name="outbox", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """End after the item under way."""
        self._stop.set()
        self._thread.join(timeout=15)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                moved = self._outbox.step()
            except (DatabaseFault, OSError) as error:
                log().error("outbox cannot go on for now", why=where(error))
                self._stop.wait(1.0)
                continue
            if not moved:
                self._stop.wait(IDLE_SECONDS)


def _item(row: dict[str, Any]) -> Item:
    """Give a row of the event table as an item."""
    seq, position = place_of(row["key"])
    data = msgspec.msgpack.decode(bytes(row["data"])) if row["data"] else ()
    return Item(
        seq,
        position,
        row["n"],
        row["recipient"],
        row["kind"],
        bytes(row["subject"]),
        row["at_ns"],
        tuple(data),
    )


def _text(item: Id) -> str:
    return "-".join(map(str, item))
