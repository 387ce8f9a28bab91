"""Trades made outside the book, as both their sides register them: every state, every event, the table of steps.

One side offers a registration, the other confirms it; it counts towards the day of the next fixing. Until that fixing
both together may take it back. What shows that a trade was settled is the id of what the system itself has settled
(`dvp`, `title`), or the SHA-256 of evidence about what was settled elsewhere (`evidence`). A request for quotes that
was taken is registered by itself (`rfq`).

What the system settled between two is remembered for a while by its id, so that it can be named as proof, once.
"""

from enum import StrEnum
from typing import Self

from msgspec import Struct

from steelyard.values.instants import DAY, Day, Instant
from steelyard.values.wide import packed, unpacked

DAYS_KEPT = 3
OFFERS_MAX = 200
"""Registrations of one owner that wait for their other side"""
OF_OWNER_MAX = 1_000
"""Registrations that one owner has offered or confirmed and that are kept; requests for quotes come on top"""
TRADES_MAX = 50_000
SETTLED_MAX = 50_000
"""Beyond it the oldest are forgotten early"""


class OtcState(StrEnum):
    """Where a registration is."""

    OFFERED = "OFFERED"
    REGISTERED = "REGISTERED"
    LEAVING = "LEAVING"
    """One side has asked to take it back; it counts until the other agrees"""
    WITHDRAWN = "WITHDRAWN"


class OtcEvent(StrEnum):
    """What can happen to it."""

    CONFIRMED = "CONFIRMED"
    DROPPED = "DROPPED"
    ASKED_BACK = "ASKED_BACK"
    AGREED_BACK = "AGREED_BACK"


S, E = OtcState, OtcEvent
STEPS: dict[OtcState, dict[OtcEvent, OtcState]] = {
    S.OFFERED: {E.CONFIRMED: S.REGISTERED, E.DROPPED: S.WITHDRAWN},
    S.REGISTERED: {E.ASKED_BACK: S.LEAVING},
    S.LEAVING: {E.AGREED_BACK: S.WITHDRAWN},
    S.WITHDRAWN: {},
}
COUNTED = (S.REGISTERED, S.LEAVING)
RFQ, DVP, TITLE, EVIDENCE = "rfq", "dvp", "title", "evidence"


class OtcTrade(Struct, array_like=True, frozen=True, gc=False):
    """One registration. `minor` of `currency` for `kg`; `code` is a class of receipts or a listed instrument.

    `by` is who offered it, or who has asked to take it back. `on` is the day that it counts towards.
    """

    trade_id: bytes
    code: str
    kg: int
    currency: str
    minor: int
    buyer: str
    seller: str
    traded_at: Instant
    proof: bytes
    proven: str
    on: Day
    by: str
    state: OtcState = S.OFFERED

    @property
    def same(self) -> tuple[str, int, str, int, str, str, Instant]:
        """Give what two registrations of one trade have in common."""
        return self.code, self.kg, self.currency, self.minor, self.buyer, self.seller, self.traded_at


class Settled(Struct, array_like=True, frozen=True, gc=False):
    """What the system settled between two. `minor` 0: goods alone, without payment."""

    proof: bytes
    code: str
    kg: int
    buyer: str
    seller: str
    currency: str
    minor: int
    at: Instant

    @property
    def way(self) -> tuple[str, str, str]:
        """Give which goods went from whom to whom."""
        return self.code, self.buyer, self.seller


class Otc:
    """Registrations of the last days, by id, and what may still be named as proof."""

    __slots__ = ("_counted", "_forgotten", "_kinds", "_of", "_proofs", "settled", "trades", "ways")

    def __init__(self) -> None:
        self.trades: dict[bytes, OtcTrade] = {}
        self.settled: dict[bytes, Settled] = {}
        self.ways: dict[tuple[str, str, str], Instant] = {}
        """When goods (code, buyer, seller) went that way last, of what is settled"""
        self._proofs: dict[bytes, bytes] = {}
        self._counted: dict[tuple[str, int, str, int, str, str, Instant], bytes] = {}
        self._of: dict[str, dict[bytes, None]] = {}
        self._kinds: dict[tuple[Day, str], int] = {}
        self._forgotten = 0

    def keep(self, trade: OtcTrade) -> None:
        """Keep a registration as it is now; one that is withdrawn leaves, and its proof is free again.

        With a new one those go that are too old to matter.
        """
        if trade.trade_id not in self.trades:
            self.forget(trade.on - DAYS_KEPT)
        self._put(trade)
        if trade.state is S.WITHDRAWN:
            self._drop(trade)

    def _put(self, trade: OtcTrade) -> None:
        old = self.trades.get(trade.trade_id)
        if old is None:
            self._proofs[trade.proof] = self._counted[trade.same] = trade.trade_id
            for owner in (trade.buyer, trade.seller):
                self._of.setdefault(owner, {})[trade.trade_id] = None
        else:
            self._count(old, -1)
        self._count(trade, 1)
        self.trades[trade.trade_id] = trade

    def _count(self, trade: OtcTrade, by: int) -> None:
        key = trade.on, trade.code
        self._kinds[key] = self._kinds.get(key, 0) + by
        if not self._kinds[key]:
            del self._kinds[key]

    def is_proof_used(self, proof: bytes) -> bool:
        """Tell whether a registration names a proof already."""
        return proof in self._proofs

    def is_there(self, trade: OtcTrade) -> bool:
        """Tell whether the same trade is registered, or offered, whatever its proof."""
        return trade.same in self._counted

    def of(self, owner: str) -> list[OtcTrade]:
        """Give the registrations that name an owner."""
        return [self.trades[one] for one in self._of.get(owner, ())]

    def is_full_for(self, owner: str, on: Day) -> bool:
        """Tell whether an owner registers no more on a day; what others offer him, and he has not confirmed, is theirs.

        What is too old to matter leaves as soon as another comes.
        """
        oldest = on - DAYS_KEPT
        if len(self.trades) >= TRADES_MAX and all(one.on >= oldest for one in self.trades.values()):
            return True
        own = [
            one
            for one in self.of(owner)
            if one.on >= oldest and one.proven != RFQ and (one.by == owner or one.state is not S.OFFERED)
        ]
        return len(own) >= OF_OWNER_MAX or sum([one.state is S.OFFERED for one in own]) >= OFFERS_MAX

    def count_on(self, code: str, on: Day) -> int:
        """Count the registrations of some goods for a day."""
        return self._kinds.get((on, code), 0)

    def of_day(self, on: Day) -> list[OtcTrade]:
        """Give what counts towards a day, in the order in which it was offered."""
        return [one for one in self.trades.values() if one.on == on and one.state in COUNTED]

    def note(self, settled: Settled) -> None:
        """Remember what was settled, and forget what is too old to be named."""
        kept = self.settled
        kept[settled.proof] = settled
        self.ways[settled.way] = settled.at
        while len(kept) > SETTLED_MAX or next(iter(kept.values())).at < settled.at - DAYS_KEPT * DAY:
            gone = kept.pop(next(iter(kept)))
            if self.ways.get(gone.way) == gone.at:
                del self.ways[gone.way]

    def forget(self, before: Day) -> None:
        """Forget registrations of days before one."""
        if before <= self._forgotten:
            return
        self._forgotten = before
        for trade in [one for one in self.trades.values() if one.on < before]:
            self._drop(trade)

    def _drop(self, trade: OtcTrade) -> None:
        del self.trades[trade.trade_id], self._proofs[trade.proof], self._counted[trade.same]
        self._count(trade, -1)
        for owner in (trade.buyer, trade.seller):
            del self._of[owner][trade.trade_id]
            if not self._of[owner]:
                del self._of[owner]

    def encode(self) -> bytes:
        """Give the canonical bytes."""
        return packed(_Saved(list(self.trades.values()), list(self.settled.values())))

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Build what `encode` described."""
        saved, made = unpacked(data, _Saved), cls()
        for trade in saved.trades:
            made._put(trade)
        made.settled = {one.proof: one for one in saved.settled}
        made.ways = {one.way: one.at for one in saved.settled}
        return made


class _Saved(Struct, array_like=True, frozen=True, gc=False):
    trades: list[OtcTrade]
    settled: list[Settled]
