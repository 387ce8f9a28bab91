"""Money in and out: fundings, redemptions, what the reserve accounts outside say, and what is stopped.

`booked` is, per currency, what was issued and paid out here since the last statement that agreed: it is
compared item by item with the next one. `unlike` are contradictions and differences, one sentence each, that
people of the settlement agent clear; while a currency has an entry in `stopped` nothing is issued in it.
"""

from collections import OrderedDict

import msgspec
from msgspec import Struct

from steelyard.members.fundings import Funding
from steelyard.members.redemptions import FINAL, Redemption
from steelyard.values.instants import Instant

KEPT_MAX = 100_000
_encode = msgspec.msgpack.Encoder(order="deterministic").encode


class Booked(Struct, array_like=True, frozen=True):
    """One movement of a reserve account: its outside reference and amount, in positive, out negative."""

    reference: str
    amount_minor: int


class Unlike(Struct, array_like=True, frozen=True):
    """Something that does not fit: `subject` a funding, redemption or statement, `why` a code of this release."""

    asset: str
    subject: bytes
    why: str
    at: Instant
    ours_minor: int = 0
    theirs_minor: int = 0
    reference: str = ""


class Money:
    """All of a node's dealings with the reserve accounts outside."""

    __slots__ = ("advices", "booked", "fundings", "redemptions", "statements", "stopped", "unlike")

    def __init__(self) -> None:
        self.fundings: OrderedDict[bytes, Funding] = OrderedDict()
        self.redemptions: OrderedDict[bytes, Redemption] = OrderedDict()
        self.advices: dict[tuple[str, str], bytes] = {}  # (asset, advice id) -> funding
        self.booked: dict[str, list[Booked]] = {}
        self.unlike: list[Unlike] = []
        self.stopped: dict[str, str] = {}
        self.statements: dict[str, str] = {}  # asset -> the last statement that was entered

    def put_funding(self, funding: Funding) -> None:
        """Keep a funding; of those that are over only the newest are remembered."""
        self.fundings[funding.id] = funding
        if funding.advice:
            self.advices[(funding.asset, funding.advice)] = funding.id
        while len(self.fundings) > KEPT_MAX and self._drop_funding():
            pass

    def put_redemption(self, redemption: Redemption) -> None:
        """Keep a redemption; of those that are over only the newest are remembered."""
        self.redemptions[redemption.id] = redemption
        if len(self.redemptions) > KEPT_MAX:
            for id, old in self.redemptions.items():
                if old.state in FINAL:
                    del self.redemptions[id]
                    break

    def advised(self, asset: str, advice: str) -> Funding | None:
        """Give the funding that an advice became, or None where the advice is new."""
        id = self.advices.get((asset, advice))
        return None if id is None else self.fundings[id]

    def book(self, asset: str, reference: str, amount_minor: int) -> None:
        """Note a movement that the next statement must show."""
        self.booked.setdefault(asset, []).append(Booked(reference, amount_minor))

    def differs(self, unlike: Unlike, *, stop: bool) -> None:
        """Note something that does not fit, and stop issuing the currency if the rule says so."""
        self.unlike.append(unlike)
        if stop:
            self.stopped.setdefault(unlike.asset, unlike.why)

    def clear(self, asset: str) -> None:
        """Forget what did not fit in a currency: people have ruled on it. Issuing goes on."""
        self.unlike = [one for one in self.unlike if one.asset != asset]
        self.stopped.pop(asset, None)

    def _drop_funding(self) -> bool:
        for id, old in self.fundings.items():
            if old.state not in ("ASKED", "LISTED"):
                del self.fundings[id]
                self.advices.pop((old.asset, old.advice), None)
                return True
        return False

    def encode(self) -> bytes:
        """Give the canonical bytes."""
        saved = _Saved(
            list(self.fundings.values()), list(self.redemptions.values()), sorted(self.booked.items()),
            self.unlike, self.stopped, self.statements,
        )  # fmt: skip
        return _encode(saved)

    @classmethod
    def decode(cls, data: bytes) -> "Money":
        """Build what `encode` described."""
        saved = msgspec.msgpack.decode(data, type=_Saved)
        money = cls()
        for funding in saved.fundings:
            money.put_funding(funding)
        for redemption in saved.redemptions:
            money.put_redemption(redemption)
        money.booked = dict(saved.booked)
        money.unlike, money.stopped, money.statements = saved.unlike, saved.stopped, saved.statements
        return money


class _Saved(Struct, array_like=True, frozen=True):
    fundings: list[Funding]
    redemptions: list[Redemption]
    booked: list[tuple[str, list[Booked]]]
    unlike: list[Unlike]
    stopped: dict[str, str]
    statements: dict[str, str]
