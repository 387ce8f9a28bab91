"""What some rows of the journal add to the tables, column by column.

What grows with payments and orders is collected as lists in the order of the columns below; what changes rarely
(members, settings, fundings) is a list of `upserts`, each a statement's name and its values, in the order in which
it happened.
"""

from typing import Any

from msgspec import Struct

COMMAND = ("key", "id", "name", "sender", "actor", "at_ns", "code", "refusal", "leg_key", "legs")
PAYMENT = (
    "number", "uetr", "kind", "service", "debtor_agent", "creditor_agent", "source", "source_minor", "target",
    "target_minor", "debit_minor", "payee_minor", "num", "den", "fees", "providers", "settlement_on", "state",
    "refusal", "waits", "not_before_at", "screening", "quote_id", "message_digest", "party_digest", "ordinal",
    "bundle_id", "entered_at", "moved_at", "settled_at", "entered", "moved", "n", "split", "settled_minor",
    "abandoned_minor", "priority", "reason",
)  # fmt: skip
MOVE = ("payment", "key", "n", "before", "event", "after", "refusal", "at_ns", "bundle_id", "detail")
EVENT = ("key", "n", "recipient", "kind", "subject", "at_ns", "data")
QUOTE = (
    "quote_id", "rank", "debtor_agent", "providers", "source", "target", "source_minor", "target_minor",
    "debit_minor", "payee_minor", "num", "den", "detail", "disclosure", "issued_at", "expires_at",
    "lock_until", "ended", "entered", "n",
)  # fmt: skip
STATE, REFUSAL = PAYMENT.index("state"), PAYMENT.index("refusal")
BUNDLE, SETTLED_AT = PAYMENT.index("bundle_id"), PAYMENT.index("settled_at")
MOVED_AT, MOVED = PAYMENT.index("moved_at"), PAYMENT.index("moved")
ENDED = QUOTE.index("ended")
ORDER = (
    "order_id", "order_no", "owner", "instrument", "currency", "side", "type", "tif", "quantity", "price", "stop",
    "peak", "post_only", "aon", "stp", "until_on", "session", "open", "state", "why", "entered_at", "changed_at",
    "entered", "n",
)  # fmt: skip
ORDER_OPEN, ORDER_CHANGED_AT = ORDER.index("open"), ORDER.index("changed_at")
ORDER_QUANTITY, ORDER_PRICE = ORDER.index("quantity"), ORDER.index("price")
"""Places of what changes in a row that is still being collected."""
FEED = ("instrument", "seq", "kind", "data", "at_ns", "key")


class Moved(Struct, gc=False):
    """Where a payment stands that had entered before this batch."""

    state: int
    refusal: int
    at: int
    key: int
    bundle_id: bytes
    settled_at: int


class Added:
    """What one transaction of the projection adds. `payments` is the number of the last known payment.

    `leg_key` is the key behind the last leg, `certificates` those of the proposal at hand. Of the market: `orders`
    that entered, `order_moves` and `order_terms` of those that had entered before, `feed` by instrument, `levels`
    that have changed.
    """

    def __init__(self, payments: int) -> None:
        self.payments = payments
        self.rows: list[tuple[int, int, int, int]] = []
        self.commands: list[tuple[Any, ...]] = []
        self.legs = 0
        self.leg_parts: list[memoryview] = []
        self.entered: dict[bytes, list[Any]] = {}
        self.moved: dict[bytes, Moved] = {}
        self.moves: list[tuple[bytes, tuple[Any, ...]]] = []
        self.events: list[tuple[Any, ...]] = []
        self.quotes: dict[bytes, list[Any]] = {}
        self.orders: dict[bytes, list[Any]] = {}
        self.order_moves: dict[bytes, tuple[Any, ...]] = {}
        self.order_terms: dict[bytes, tuple[int, int]] = {}
        self.feed: dict[str, list[tuple[Any, ...]]] = {}
        self.levels: dict[tuple[Any, ...], int] = {}
        self.upserts: list[tuple[str, tuple[Any, ...]]] = []
        self.days_ended = 0
        self.leg_key = 0
        self.certificates = b""
