"""All that a node knows about payments: those under way, and the memory of those that settled or ended."""

from collections import OrderedDict, deque
from collections.abc import Iterable
from itertools import chain

import msgspec
import numpy as np
from msgspec import Struct

from steelyard.payments.columns import Columns, records
from steelyard.payments.memory import Memory
from steelyard.payments.payment import Flag, Payment, Record, pack, unpack
from steelyard.payments.trackers import Tracker
from steelyard.values.instants import Day, Instant

COVERS_MAX = 200_000


class Unposted(Struct, array_like=True, frozen=True, gc=False):
    """A settled payment whose amount the creditor agent keeps back on suspense, until when, and why."""

    uetr: bytes
    creditor_agent: str
    asset: str
    amount_minor: int
    due_at: Instant
    reason: str


class Payments:
    """The payments of one node.

    `live` holds what is under way. `memory` holds what settled (P9, P10, P11) or ended (P20, P22). Every
    known UETR is in exactly one of the two. `party` finds the live ones of a participant, in whatever part; where
    many have settled at once it may name some that are over, until it is asked or added to (`_untidy`).

    `awaited` are UETRs that somebody waits for, and `came` those of them that are over, until the end of the command:
    wiring, no state.
    """

    __slots__ = (
        "_covers",
        "_sent",
        "_untidy",
        "awaited",
        "came",
        "closed_on",
        "live",
        "memory",
        "party",
        "statements",
        "tracker",
        "unposted",
    )

    def __init__(self) -> None:
        self.live: dict[bytes, Payment] = {}
        self.awaited: dict[bytes, bytes] = {}
        self.came: list[bytes] = []
        self.memory = Memory()
        self.tracker = Tracker()
        self.unposted: dict[bytes, Unposted] = {}
        self.memory.kept = self.unposted
        self.party: dict[str, dict[bytes, None]] = {}
        self._sent: dict[str, int] = {}  # live payments by debtor agent
        self._untidy: dict[str, None] = {}
        self.statements: dict[int, int] = {}
        self.closed_on: dict[str, Day] = {}
        self._covers: OrderedDict[bytes, bytes] = OrderedDict()

    def add(self, payment: Payment) -> None:
        """Keep a payment that is under way from here on."""
        self.live[payment.uetr] = payment
        self._sent[payment.debtor_agent] = self.sent_by(payment.debtor_agent) + 1
        for bic in _parties(payment):
            if bic in self._untidy:
                self._tidy(bic)
            self.party.setdefault(bic, {})[payment.uetr] = None

    def sent_by(self, debtor_agent: str) -> int:
        """Give how many payments of a debtor agent are under way."""
        return self._sent.get(debtor_agent, 0)

    def price(self, payment: Payment) -> None:
        """Note the parties of a live payment anew: its providers have changed."""
        for bic in payment.providers:
            self.party.setdefault(bic, {})[payment.uetr] = None

    def unprice(self, payment: Payment) -> None:
        """Take a live payment's terms away: its quote is dead and its providers are free."""
        for bic in payment.providers:
            if bic not in (payment.debtor_agent, payment.creditor_agent):
                self._leave(bic, payment.uetr)
        payment.terms = None

    def finish(self, payment: Payment, *, at: Instant, reason: str = "") -> None:
        """Move a live payment, which has its last state, into the memory."""
        uetr, debtor_agent, creditor_agent = payment.uetr, payment.debtor_agent, payment.creditor_agent
        del self.live[uetr]
        left = self._sent.pop(debtor_agent) - 1
        if left:
            self._sent[debtor_agent] = left
        self._leave(debtor_agent, uetr)
        self._leave(creditor_agent, uetr)
        terms = payment.terms
        if terms is None:
            source_minor, target_minor = payment.source_minor, payment.target_minor
        else:
            source_minor, target_minor = terms.source_minor, terms.target_minor
            for hop in terms.hops:
                self._leave(hop.provider, uetr)
        flags = 0
        if 0 < payment.settled_minor < target_minor:
            target_minor, flags = payment.settled_minor, Flag.PARTLY
        number = self.memory.number
        record = pack(
            payment.content, payment.message_content, payment.state, payment.kind, payment.service, flags,
            payment.refusal, number(debtor_agent), number(creditor_agent), number(payment.source),
            number(payment.target), source_minor, target_minor, at, payment.settlement_on, reason.encode()[:4],
        )  # fmt: skip
        self.memory.put(uetr, record, at=at)
        if self.awaited and uetr in self.awaited:
            self.came.append(uetr)

    def finish_all(self, of: Columns, *, state: int, at: Instant) -> None:
        """Move many live payments that settled whole, whose columns are given, into the memory.

        They have terms, no provider and no part of them settled before: it comes to the same as `finish` of each.
        """
        live, sent, ends = self.live, self._sent, of.ends
        _each(map(live.__delitem__, of.uetr))
        counts = np.bincount(ends.payer, minlength=len(ends.members)).tolist()
        for (debtor_agent, _), count in zip(ends.members, counts, strict=True):
            if count:
                sent[debtor_agent] -= count
                if not sent[debtor_agent]:
                    del sent[debtor_agent]
        self._untidy.update(dict.fromkeys(bic for bic, _ in chain(of.payers, of.payees)))
        self.memory.put_all(of.uetr, records(of, self.memory, state=state, at=at), at=at)
        if self.awaited:
            self.came += [uetr for uetr in of.uetr if uetr in self.awaited]

    def remember(
        self,
        uetr: bytes,
        *,
        content: bytes,
        message_content: bytes,
        state: int,
        kind: int,
        service: int,
        refusal: int,
        debtor_agent: str,
        creditor_agent: str,
        source: str,
        target: str,
        source_minor: int,
        target_minor: int,
        settlement_on: Day,
        at: Instant,
        reason: str = "",
    ) -> None:
        """Remember a payment that settled or ended and never was under way."""
        memory = self.memory
        number = memory.number
        memory.put(
            uetr,
            pack(
                content, message_content[:8], state, kind, service, 0, refusal, number(debtor_agent),
                number(creditor_agent), number(source), number(target), source_minor, target_minor, at,
                settlement_on, reason.encode()[:4],
            ),
            at=at,
        )  # fmt: skip
        if self.awaited and uetr in self.awaited:
            self.came.append(uetr)

    def record(self, uetr: bytes) -> Record | None:
        """Give what is remembered of a payment that is over, or None."""
        data = self.memory.get(uetr)
        return None if data is None else unpack(data)

    def change(self, uetr: bytes, record: Record) -> None:
        """Remember something else about a payment that is over."""
        self.memory.replace(uetr, pack(*record))

    def name(self, number: int) -> str:
        """Give the owner or asset of a number in a record."""
        return self.memory.names[number]

    def state_of(self, uetr: bytes) -> int | None:
        """Give the state of a payment, or None where it is unknown."""
        payment = self.live.get(uetr)
        if payment is not None:
            return payment.state
        record = self.record(uetr)
        return None if record is None else record.state

    def cover(self, covered: bytes, uetr: bytes) -> None:
        """Note that an institution payment settles what a customer payment told of."""
        self._covers[covered] = uetr
        if len(self._covers) > COVERS_MAX:
            self._covers.popitem(last=False)

    def cover_of(self, covered: bytes) -> bytes | None:
        """Give the UETR of the cover that settles a customer payment, or None."""
        return self._covers.get(covered)

    def of(self, bic: str) -> list[Payment]:
        """Give the live payments in which a participant has a part, in the order in which they joined."""
        if bic in self._untidy:
            self._tidy(bic)
        return [self.live[uetr] for uetr in self.party.get(bic, ())]

    def _tidy(self, bic: str) -> None:
        """Forget those of a participant's payments that are over. No payment is live twice."""
        del self._untidy[bic]
        live = self.live
        mine = {uetr: None for uetr in self.party.pop(bic, ()) if uetr in live}
        if mine:
            self.party[bic] = mine

    def _leave(self, bic: str, uetr: bytes) -> None:
        mine = self.party.get(bic)
        if mine is not None:
            mine.pop(uetr, None)
            if not mine:
                del self.party[bic]

    def encode(self) -> bytes:
        """Give the canonical bytes."""
        for bic in list(self._untidy):
            self._tidy(bic)
        saved = _Saved(
            list(self.live.values()), [(bic, list(self.party[bic])) for bic in sorted(self.party)],
            self.memory.encode(), self.tracker.encode(), list(self.unposted.values()),
            sorted(self.statements.items()), sorted(self.closed_on.items()), list(self._covers.items()),
        )  # fmt: skip
        return msgspec.msgpack.encode(saved)

    @classmethod
    def decode(cls, data: bytes) -> "Payments":
        """Build what `encode` described."""
        payments = cls()
        saved = msgspec.msgpack.decode(data, type=_Saved)
        for payment in saved.live:
            payments.live[payment.uetr] = payment
            payments._sent[payment.debtor_agent] = payments.sent_by(payment.debtor_agent) + 1
        payments.party = {bic: dict.fromkeys(uetrs) for bic, uetrs in saved.party}
        payments.memory.load(saved.memory)
        payments.tracker.load(saved.tracker)
        payments.unposted.update({one.uetr: one for one in saved.unposted})
        payments.statements = dict(saved.statements)
        payments.closed_on = dict(saved.closed_on)
        payments._covers = OrderedDict(saved.covers)
        return payments


def _each(calls: Iterable[object]) -> None:
    """Make calls one after the other, what they give let be."""
    deque(calls, maxlen=0)


def _parties(payment: Payment) -> tuple[str, ...]:
    """Give everyone who has a part in a payment."""
    return (payment.debtor_agent, payment.creditor_agent, *payment.providers)


class _Saved(Struct, array_like=True, frozen=True):
    live: list[Payment]
    party: list[tuple[str, list[bytes]]]
    memory: bytes
    tracker: bytes
    unposted: list[Unposted]
    statements: list[tuple[int, int]]
    closed_on: list[tuple[str, Day]]
    covers: list[tuple[bytes, bytes]]
