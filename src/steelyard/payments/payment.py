"""One payment: as it lives, with all that may still be asked about it, and as it is remembered when over.

A remembered payment is 102 bytes, so that a million of them cost what a few thousand live ones do.
"""

from enum import IntEnum
from struct import Struct as Layout
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from steelyard.payments.states import State
from steelyard.values.instants import Day, Instant


class Wait(IntEnum):
    """What a payment in QUEUED or VALIDATED waits for."""

    NOTHING = 0
    FUNDS = 1
    PROVIDER = 2
    WINDOW = 3
    CONSENT = 4
    CAP = 5
    """Room below the cap that its payee, or the payee's member, has set on what it holds"""
    CYCLE = 6
    """The end of a netting cycle that has cut it"""
    GATHERING = 7
    """The cut of the netting cycle that gathers it"""


class Fee(Struct, array_like=True, frozen=True, gc=False):
    """One fee as it is booked or shown; the fields are those of a quote's fee."""

    what: str
    keeper: str
    asset: str
    amount_minor: int
    taken: str
    booked: bool


class Exchange(Struct, array_like=True, frozen=True, gc=False):
    """One exchange within a payment: what the provider takes and what it pays. Named as a quote's hop."""

    provider: str
    sell: str
    buy: str
    sold_minor: int
    bought_minor: int
    firm: bytes = b""


class Terms(Struct, array_like=True, frozen=True, gc=False):
    """What a payment books, to the minor unit: fixed when it is accepted, settled as disclosed.

    `debit_minor` leaves the debtor agent in all, `target_minor` reaches the creditor agent. Without an
    exchange `lock_until` is 0 and `num / den` is 1.
    """

    debit_minor: int
    source_minor: int
    target_minor: int
    payee_minor: int
    num: int
    den: int
    hops: tuple[Exchange, ...]
    fees: tuple[Fee, ...]
    quote_id: bytes
    lock_until: Instant
    disclosure: bytes


class Split(IntEnum):
    """Whether a payment may settle in parts, and if not, why."""

    WHOLE = 0
    """nobody asked for it, or its sender forbids it"""
    MAY = 1
    NOT_LARGE = 2
    """it is not above its currency's cap"""
    NOT_LAWFUL = 3
    """a rule pack of its corridor says that it is not lawful"""


class Payment(Struct, array_like=True, gc=False):
    """A payment under way. `seq` is the running number of the command that brought it: its place in queues.

    `deadline_at` is when its present state ends by itself. `due_at` is the latest instant at which it may
    still settle. `chain_deadline_at` is that of its open reservation `bundle_id`, else 0.
    """

    uetr: bytes
    origin: bytes
    """Where it came from: `pack_origin` of its content, its message and its place there"""
    party_digest: bytes
    seq: int
    kind: int
    service: int
    bearer: int
    debtor_agent: str
    creditor_agent: str
    source: str
    target: str
    source_minor: int
    target_minor: int
    fixed_send: bool
    rate_num: int
    rate_den: int
    settlement_on: Day
    not_before_at: Instant
    not_after_at: Instant
    due_at: Instant
    entered_at: Instant
    state: int = State.RECEIVED
    refusal: int = 0
    terms: Terms | None = None
    waits: int = Wait.NOTHING
    waits_on: int = 0
    """Account whose inflow it waits for"""
    deadline_at: Instant = 0
    bundle_id: bytes = b""
    chain_deadline_at: Instant = 0
    cancel_asked: bool = False
    queued_at: Instant = 0
    disclosure: bytes = b""
    purpose: str = ""
    split: int = Split.WHOLE
    settled_minor: int = 0
    """What of its amount has settled in parts"""
    parts: int = 0
    """How many parts have settled: the next is one more"""
    last_minor: int = 0
    """How much the last of them was"""
    priority: int = 2
    """0 urgent, 1 high, 2 normal: its class in its payer's queue"""
    rank: int = 0
    """Its place inside its class, before `seq`; its sender may change it"""
    reason: int = 0
    """Number of the rule that keeps it in its queue"""
    kept_minor: int = 0
    """What of its class's reservation its open bundle has used"""
    round_no: int = 0
    """How many batches its currency had had when it began to wait"""
    part_floor_bp: int = 100
    """The least part of it, as a share of its amount: the figure in force when it came in"""

    @property
    def content(self) -> bytes:
        """Digest of what the sender asked for; zeros where there was none."""
        return self.origin[:16]

    @property
    def message_content(self) -> bytes:
        """The first 8 bytes of the digest of all that its message says; zeros where there was none."""
        return self.origin[16:24]

    @property
    def message_digest(self) -> bytes:
        """Digest of its message's bytes; empty where there was none."""
        return said(self.origin[24:56])

    @property
    def ordinal(self) -> int:
        """Its place in its message, from 1."""
        return int.from_bytes(self.origin[56:], "big")

    @property
    def may_split(self) -> bool:
        """Whether parts of it may settle before the rest."""
        return self.split == Split.MAY

    @property
    def floor_minor(self) -> int:
        """The least that may settle or stay open of it: its share of the amount, one unit at least."""
        return max(1, self.target_minor * self.part_floor_bp // 10_000)

    @property
    def open_minor(self) -> int:
        """What of its amount has not settled yet: what its last part would bring its creditor agent."""
        whole = self.terms.target_minor if self.terms is not None else self.target_minor
        return whole - self.settled_minor

    @property
    def providers(self) -> tuple[str, ...]:
        """Who exchanges for it, as far as that is fixed."""
        return tuple([hop.provider for hop in self.terms.hops]) if self.terms is not None else ()

    @property
    def debit_minor(self) -> int:
        """What leaves the debtor agent in all, as far as that is fixed."""
        return self.terms.debit_minor if self.terms is not None else self.source_minor

    @property
    def due_minor(self) -> int:
        """What is still to leave the debtor agent, fees included: they go with the last part."""
        return self.debit_minor - self.settled_minor if self.settled_minor else self.debit_minor

    def rest(self) -> Terms:
        """Give the terms of what is still open; they must be fixed. Nothing settled: all of them."""
        terms, settled = self.terms, self.settled_minor
        assert terms is not None
        if not settled:
            return terms
        return replace(
            terms,
            debit_minor=terms.debit_minor - settled,
            source_minor=terms.source_minor - settled,
            target_minor=terms.target_minor - settled,
            payee_minor=terms.payee_minor - settled,
        )


class Flag(IntEnum):
    """Bits kept with a remembered payment. PARTLY: it ended with a part given up; `target_minor` is what settled."""

    CREDIT_IS_LATE = 1
    PARTLY = 2


class Record(NamedTuple):
    """A payment that settled or ended, as it is remembered. Numbers of owners and assets are the memory's."""

    content: bytes
    message_content: bytes
    state: int
    kind: int
    service: int
    flags: int
    refusal: int
    debtor_agent: int
    creditor_agent: int
    source: int
    target: int
    source_minor: int
    target_minor: int
    ended_at: Instant
    settlement_on: Day
    reason: bytes


_ORIGIN = Layout(">16s8s32sI")
ORIGIN_BYTES = _ORIGIN.size


def pack_origin(content: bytes, message_content: bytes, message_digest: bytes, ordinal: int) -> bytes:
    """Give what a payment keeps of where it came from; of the message's content 8 bytes."""
    return _ORIGIN.pack(content, message_content, message_digest, ordinal)


def said(digest: bytes) -> bytes:
    """Give a digest of fixed width as it was given: nothing where it is all zeros."""
    return digest if any(digest) else b""


_LAYOUT = Layout(">16s8sBBBBHIIHHqqqi4s")
pack = _LAYOUT.pack
RECORD_BYTES = _LAYOUT.size


def unpack(data: bytes) -> Record:
    """Read a remembered payment."""
    return Record(*_LAYOUT.unpack(data))
