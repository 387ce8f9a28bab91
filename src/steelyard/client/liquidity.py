"""The shapes of liquidity that cross the wire: accounts as their owner may use them, queues, limits, batches.

As in `types`: amounts are objects with a decimal text, instants end in Z, what is counted in the value units
of a pool is an integer as text.
"""

from typing import Annotated, Any, Literal

from msgspec import Meta

from steelyard.client.acts import Decimal
from steelyard.client.types import Amount, Asked, AssetCode, InstantText, Money, Told

BatchKind = Literal["currency", "pool", "set_off", "fx_reference", "fx_auction", "pvp"]
PriorityName = Literal["urgent", "high", "normal"]
Counterparty = Annotated[
    str,
    Meta(
        pattern=r"^(\*|[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?)$(?!\n)",
        description="A bank's BIC, or * for all others together.",
    ),
]


class QueueTimes(Asked):
    """From when a payment may settle, and until when; without one there is no time of the sender's own."""

    not_before_at: InstantText | None = None
    not_after_at: InstantText | None = None


class QueueChange(Asked):
    """One change of a queued payment: another class, the front or back of its class, or other times."""

    priority: PriorityName | None = None
    place: Literal["front", "back"] | None = None
    times: QueueTimes | None = None


class OwnLimitAsked(Asked):
    """What one may lose to one other, or to all others (`*`), net of the day, by payments of the class normal.

    Without a `limit` there is none any more.
    """

    currency: AssetCode
    counterparty: Counterparty
    limit: Decimal | None = None


class KeptAsked(Asked):
    """What is kept for payments of a class; nothing, 0, ends it. What is not there yet is filled by what comes in."""

    amount: Money
    priority: Literal["urgent", "high"]


class HoldingCapAsked(Asked):
    """How much of a currency one holds at most; as settlement agent with `member`, all one's member's banks together.

    Without a `cap` there is none any more.
    """

    currency: AssetCode
    cap: Decimal | None = None
    member: bool = False


class PoolAsked(Asked):
    """Which currencies one lets pools settle together, which is one's own, and the most one pays in a batch.

    With no currencies one takes part no more.
    """

    currencies: Annotated[list[AssetCode], Meta(max_length=100)] = []
    cap: Money | None = None
    """In one's own currency, which it so names"""


class BatchAsked(Asked):
    """Whose queues a batch is asked for: those of one currency; without one, of the pool."""

    currency: AssetCode | None = None


# What is told


class Tally(Told):
    """How many payments, and their value."""

    count: int
    amount: Amount


class Classes(Told):
    """An amount for each class of payments."""

    urgent: Amount
    high: Amount
    normal: Amount


class Waiting(Told):
    """What waits, by class."""

    urgent: Tally
    high: Tally
    normal: Tally


class Kept(Told):
    """What is kept for a class of payments: what was asked for, and what of it is there."""

    participant: str
    priority: str
    asked: Amount
    held: Amount


class OwnLimit(Told):
    """A limit that a participant set itself; `net` is what it has lost today, and `room` what it still may."""

    participant: str
    counterparty: str
    limit: Amount
    net: Amount
    room: Amount
    from_at: str


class LiquidityAccount(Told):
    """A participant's money in one currency, as its payments may use it.

    `usable` is what payments of each class may spend now. `line` is how far below nothing the balance may go and
    `line_used` how far it is. `set_aside` is reserved for quotes, redemptions and other purposes, `coming` reserved
    in its favour. `outgoing` waits in its queue, `incoming` in those of others.
    """

    participant: str
    currency: str
    mode: str
    """How its queue is tried: fifo, bypass or guarded"""
    balance: Amount
    available: Amount
    usable: Classes
    set_aside: Amount
    coming: Amount
    line: Amount
    line_used: Amount
    kept: list[Kept]
    limits: list[OwnLimit]
    outgoing: Waiting
    incoming: Tally


class QueuedPayment(Told):
    """A payment that waits. `place` counts from 1 in its payer's queue; 0: it waits for something else than money."""

    uetr: str
    participant: str
    creditor_agent: str
    currency: str
    place: int
    priority: str
    open: Amount
    settled: Amount
    waits: str | None
    reason: str | None
    """Name of the rule that keeps it"""
    queued_at: str
    not_before_at: str | None
    not_after_at: str | None
    due_at: str
    """When it is cancelled unless it has settled"""
    may_split: bool
    settlement_on: str | None


class HoldingCap(Told):
    """How much of a currency a participant, or a member, holds at most, and what it holds."""

    holder: str
    held: Amount
    cap: Amount
    share_bp: int
    """What is held in basis points of the cap"""


class PoolChoice(Told):
    """A participant's consent to pools; with no currencies there is none."""

    participant: str
    currencies: list[str]
    home: str | None
    cap: Amount | None


class BatchRow(Told):
    """One participant's part in a batch."""

    participant: str
    paid: Amount
    received: Amount
    left: Amount
    """What stays in its queue"""


class Batch(Told):
    """A batch as everybody may know it. Sums of a currency are its minor units as text, of a pool its value units.

    `state` is open until it is applied. `distance_bp` is how far what settled is from the bound, in basis points.
    """

    batch_id: str
    number: int
    kind: BatchKind
    currencies: list[str]
    trigger: str
    state: Literal["open", "applied"]
    snapshot_seq: int
    started_at: str
    applied_at: str | None
    tries: int
    algorithm: str | None
    settled: str | None
    bound: str | None
    distance_bp: int | None
    proved: bool


class BatchLeft(Told):
    """The payment that waits longest after a batch."""

    uetr: str
    queued_at: str
    rule: str | None
    why: str
    """short, limit, opt_out or time"""


class BatchReport(Told):
    """All that is published of a batch. Values as in `Batch`; `participants` and `oldest` are the caller's own."""

    batch_id: str
    number: int
    kind: BatchKind
    currencies: list[str]
    trigger: str
    state: Literal["open", "applied"]
    snapshot_seq: int
    started_at: str
    applied_at: str | None
    tries: int
    algorithm: str | None = None
    solver: str | None = None
    queued_count: int | None = None
    queued: str | None = None
    settled_count: int | None = None
    settled: str | None = None
    """Payments that settled whole or with their last part"""
    parts_count: int | None = None
    parts: str | None = None
    """Payments of which a part settled, and these parts"""
    left_count: int | None = None
    left: str | None = None
    skipped_settled: int | None = None
    """Payments of the proposal that had settled since its snapshot"""
    skipped_gone: int | None = None
    """Those that had been withdrawn, held or expired since"""
    bound: str | None = None
    bound_free: str | None = None
    """The bound without anybody's limits"""
    distance_bp: int | None = None
    priority_cost: str | None = None
    certificate: str | None = None
    """SHA-256 over the certificates in their order"""
    proved: bool = False
    runners_up: dict[str, str] = {}
    """What other algorithms would have settled"""
    units: dict[str, str] = {}
    """Of a pool: what a minor unit of each currency is worth"""
    held_abroad: list[Amount] = []
    """Of a pool: what of each currency is held by others than its own"""
    bundle_id: str | None = None
    participants: list[BatchRow] = []
    oldest: BatchLeft | None = None


class BatchFill(Told):
    """What an order gave and got in a batch, minor units."""

    order: str
    participant: str
    sell: str
    buy: str
    sold_minor: int
    bought_minor: int


class BatchExchange(Told):
    """What a batch of FX orders filled, oldest order first.

    `prices` are worths of a minor unit, of an auction that found some. What residual accounts gave is below 0;
    `excess` is the value wanted less the value offered.
    """

    fills: list[BatchFill]
    prices: dict[str, str]
    residual: dict[str, int]
    excess: dict[str, str]
    left_out: dict[str, str]
    """Currencies that were not exchanged, with the rule that kept them out"""
    reason: str | None
    """Why an auction found no prices"""
    beyond: int
    """Orders of its currencies that had no room in it: the next batch follows at once"""


class BatchTrade(Told):
    """A trade that a run of the PvP queue settled, minor units."""

    trade: str
    first: str
    second: str
    first_pays: str
    first_minor: int
    second_pays: str
    second_minor: int


class BatchFile(Told):
    """A batch as auditors check it: `steelyard verify batch FILE` reads exactly this."""

    format: Literal["steelyard-batch/1"]
    report: BatchReport
    certificates: list[dict[str, Any]]
    """Each in the form steelyard-certificate/1"""
    snapshot: dict[str, Any] | None = None
    """The queue that it was computed from, where it is at hand"""
    exchange: BatchExchange | None = None
    """Of a batch of FX orders"""
    trades: list[BatchTrade] | None = None
    """Of a run of the PvP queue"""
