"""Trades made outside the book, as both their sides register them: every state, every event, the table of steps.

One side offers a registration, the other confirms it; it counts towards the day of the next fixing. Until that fixing
both together may take it back. What shows that a trade was settled is the id of what the system itself has settled
(`dvp`, `title`), or the SHA-256 of evidence about what was settled elsewhere (`evidence`). A request for quotes that
was taken is registered by itself (`rfq`).

What the system settled between two is remembered for a while by its id, so that it can be named as proof, once.
"""

from enum import StrEnum
from typing import Self

import msgspec
from msgspec import Struct

from steelyard.values.instants import DAY, Day, Instant

DAYS_KEPT = 3
OFFERS_MAX = 200
"""Registrations of one owner that wait for their other side"""
OF_OWNER_MAX = 1_000
"""Registrations of one owner that are kept"""
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


class Otc:
    """Registrations of the last days, by id, and what may still be named as proof."""

    __slots__ = ("_counted", "_forgotten", "_of", "_proofs", "settled", "trades")

    def __init__(self) -> None:
        self.trades: dict[bytes, OtcTrade] = {}
        self.settled: dict[bytes, Settled] = {}
        self._proofs: dict[bytes, bytes] = {}
        self._counted: dict[tuple[str, int, str, int, str, str, Instant], bytes] = {}
        self._of: dict[str, int] = {}
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
        if trade.trade_id not in self.trades:
            self._proofs[trade.proof] = self._counted[trade.same] = trade.trade_id
            for owner in (trade.buyer, trade.seller):
                self._of[owner] = self._of.get(owner, 0) + 1
        self.trades[trade.trade_id] = trade

    def is_proof_used(self, proof: bytes) -> bool:
        """Tell whether a registration names a proof already."""
        return proof in self._proofs

    def is_there(self, trade: OtcTrade) -> bool:
        """Tell whether the same trade is registered, or offered, whatever its proof."""
        return trade.same in self._counted

    def count_of(self, owner: str) -> int:
        """Count the registrations of an owner that are kept."""
        return self._of.get(owner, 0)

    def offers_of(self, owner: str) -> int:
        """Count what an owner has offered that is not confirmed."""
        return sum([one.by == owner and one.state is S.OFFERED for one in self.trades.values()])

    def of_day(self, on: Day) -> list[OtcTrade]:
        """Give what counts towards a day, in the order in which it was offered."""
        return [one for one in self.trades.values() if one.on == on and one.state in COUNTED]

    def note(self, settled: Settled) -> None:
        """Remember what was settled, and forget what is too old to be named."""
        kept = self.settled
        kept[settled.proof] = settled
        while len(kept) > SETTLED_MAX or next(iter(kept.values())).at < settled.at - DAYS_KEPT * DAY:
            del kept[next(iter(kept))]

    def forget(self, before: Day) -> None:
        """Forget registrations of days before one."""
        if before <= self._forgotten:
            return
        self._forgotten = before
        for trade in [one for one in self.trades.values() if one.on < before]:
            self._drop(trade)

    def _drop(self, trade: OtcTrade) -> None:
        del self.trades[trade.trade_id], self._proofs[trade.proof], self._counted[trade.same]
        for owner in (trade.buyer, trade.seller):
            self._of[owner] -= 1
            if not self._of[owner]:
                del self._of[owner]

    def encode(self) -> bytes:
        """Give the canonical bytes."""
        return msgspec.msgpack.encode(_Saved(list(self.trades.values()), list(self.settled.values())))

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Build what `encode` described."""
        saved, made = msgspec.msgpack.decode(data, type=_Saved), cls()
        for trade in saved.trades:
            made._put(trade)
        made.settled = {one.proof: one for one in saved.settled}
        return made


class _Saved(Struct, array_like=True, frozen=True, gc=False):
    trades: list[OtcTrade]
    settled: list[Settled]
