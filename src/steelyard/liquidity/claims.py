"""Claims between members that are not money: invoices both sides own up to, which may be set off against others.

A claim is set off in whole or in part, once both sides have consented and where the law of both allows it (the
settlement agents of both members say so). Claims set off together form circles, so nobody's net position changes;
that is checked again here, whoever proposed them. The book holds claim units, no money moves.

A set-off is asked for one currency at a time, as a batch that no money is in: `open` are those that wait for what
a solver finds.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

import msgspec

from steelyard.liquidity.batches import Batch
from steelyard.liquidity.refusals import LiquidityRefusal
from steelyard.values.refusal import Refusal
from steelyard.values.wide import packed, unpacked

HASH_BYTES = 32
SET_OFF = "set_off"
"""The kind of a batch that sets off claims"""
KEPT_DAYS = 30
"""How long a claim that is set off whole is remembered, so that an order about it hears why it comes too late"""


class Claim(msgspec.Struct, frozen=True, array_like=True):
    """An invoice: `debtor` owes `creditor`. `document_hash` is the SHA-256 of the paper behind it.

    `open_minor` is what is not set off yet; `due_on` counts days since 1970-01-01. `debtor_member` and
    `creditor_member` say whose law counts, where parties are banks of a member; `filer` is who entered it,
    `closed_on` the day on which the last of it was set off.
    """

    id: str
    debtor: str
    creditor: str
    currency: str
    amount_minor: int
    open_minor: int
    due_on: int
    document_hash: bytes
    consent_debtor: bool = False
    consent_creditor: bool = False
    debtor_member: str = ""
    creditor_member: str = ""
    filer: str = ""
    closed_on: int = 0

    @property
    def laws(self) -> tuple[str, str]:
        """Give whose law counts on each side."""
        return self.debtor_member or self.debtor, self.creditor_member or self.creditor

    @property
    def confirmed(self) -> bool:
        """Tell whether both sides have owned up to it."""
        return self.consent_debtor and self.consent_creditor

    @property
    def state(self) -> str:
        """Give its state as one word: filed, confirmed, part_set_off or set_off."""
        if self.open_minor == 0:
            return "set_off"
        if self.open_minor < self.amount_minor:
            return "part_set_off"
        return "confirmed" if self.confirmed else "filed"


class _Saved(msgspec.Struct, frozen=True, array_like=True):
    claims: list[Claim]
    allowed: list[str]
    open: list[Batch]


@dataclass(frozen=True, slots=True)
class ClaimsSnapshot:
    """What a solver is given: the claims of one currency that may be set off, after command `seq`."""

    seq: int
    asset: str
    claims: tuple[Claim, ...]


def pack_claims(snapshot: ClaimsSnapshot) -> bytes:
    """Give a snapshot as bytes."""
    return packed((snapshot.seq, snapshot.asset, snapshot.claims))


def unpack_claims(data: bytes) -> ClaimsSnapshot:
    """Give the snapshot that `pack_claims` wrote; raises msgspec.MsgspecError on what is none."""
    return ClaimsSnapshot(*unpacked(data, tuple[int, str, tuple[Claim, ...]]))


class Claims:
    """The book of claims: the part of the state that set-off commands read and change."""

    __slots__ = ("_allowed", "_claims", "_filed", "open")

    def __init__(self) -> None:
        self._claims: dict[str, Claim] = {}
        self._allowed: set[str] = set()
        self._filed: dict[str, int] = {}
        self.open: dict[str, Batch] = {}

    def encode(self) -> bytes:
        """Give the canonical bytes."""
        claims = [self._claims[key] for key in sorted(self._claims)]
        asked = [self.open[asset] for asset in sorted(self.open)]
        return packed(_Saved(claims, sorted(self._allowed), asked))

    @classmethod
    def decode(cls, data: bytes) -> "Claims":
        """Build what `encode` described."""
        saved = unpacked(data, _Saved)
        book = cls()
        book._claims = {claim.id: claim for claim in saved.claims}
        book._allowed = set(saved.allowed)
        book.open = {batch.assets[0]: batch for batch in saved.open}
        for claim in saved.claims:
            book._count(claim, 1)
        return book

    def __len__(self) -> int:
        return len(self._claims)

    def every(self) -> Iterator[Claim]:
        """Give every claim that is remembered, by id."""
        for key in sorted(self._claims):
            yield self._claims[key]

    def filed_by(self, party: str) -> int:
        """Count the claims that a party entered and that are still open."""
        return self._filed.get(party, 0)

    def allows(self, member: str) -> bool:
        """Tell whether a member allows set-off."""
        return member in self._allowed

    def get(self, claim_id: str) -> Claim | None:
        """Give one claim."""
        return self._claims.get(claim_id)

    def open_claims(self, currency: str) -> tuple[Claim, ...]:
        """Give the claims of a currency that may be set off now, by id."""
        return tuple(
            claim
            for key in sorted(self._claims)
            if (claim := self._claims[key]).currency == currency and self._why_not(claim) is None
        )

    def allow(self, member: str, *, allowed: bool) -> None:
        """Note whether a member's rule pack allows set-off and the member has chosen it."""
        if allowed:
            self._allowed.add(member)
        else:
            self._allowed.discard(member)

    def file(self, claim: Claim) -> Refusal | None:
        """Enter a new claim, all of it open."""
        known = self._claims.get(claim.id)
        if known is not None and known.open_minor == 0:
            return LiquidityRefusal.CLAIM_ALREADY_SET_OFF
        if known is not None:
            return LiquidityRefusal.CLAIM_ID_IS_TAKEN
        if (
            claim.debtor == claim.creditor
            or not 0 < claim.open_minor == claim.amount_minor < 10**18
            or len(claim.document_hash) != HASH_BYTES
        ):
            return LiquidityRefusal.CLAIM_IS_MALFORMED
        self._claims[claim.id] = claim
        self._count(claim, 1)
        return None

    def drop(self, claim_id: str) -> None:
        """Forget a claim that one of its sides has taken back."""
        self._count(self._claims.pop(claim_id), -1)

    def forget(self, on: int) -> None:
        """Forget what was set off whole long before a day."""
        for key in [
            claim.id
            for claim in self._claims.values()
            if not claim.open_minor and claim.closed_on + KEPT_DAYS < on
        ]:
            del self._claims[key]

    def confirm(self, claim_id: str, *, party: str) -> Refusal | None:
        """Note that a side owns up to a claim."""
        claim = self._claims.get(claim_id)
        if claim is None or party not in (claim.debtor, claim.creditor):
            return LiquidityRefusal.CLAIM_UNKNOWN
        if claim.open_minor == 0:
            return LiquidityRefusal.CLAIM_ALREADY_SET_OFF
        side = "consent_debtor" if party == claim.debtor else "consent_creditor"
        self._claims[claim_id] = msgspec.structs.replace(claim, **{side: True})
        return None

    def refuse(self, parts: Mapping[str, int]) -> Refusal | None:
        """Tell why these parts may not be set off together, or None."""
        net: dict[tuple[str, str], int] = {}
        for key in sorted(parts):
            claim = self._claims.get(key)
            if claim is None:
                return LiquidityRefusal.CLAIM_UNKNOWN
            why = self._why_not(claim)
            if why is not None:
                return why
            if not 0 < parts[key] <= claim.open_minor:
                return LiquidityRefusal.SET_OFF_EXCEEDS_CLAIM
            for party, change in ((claim.debtor, parts[key]), (claim.creditor, -parts[key])):
                place = party, claim.currency
                net[place] = net.get(place, 0) + change
        if any(net.values()):
            return LiquidityRefusal.SET_OFF_CHANGES_NETS
        return None

    def set_off(self, parts: Mapping[str, int], *, on: int = 0) -> Refusal | None:
        """Lessen these claims on a day, all of them or none."""
        why = self.refuse(parts)
        if why is None:
            for key, part in parts.items():
                claim = self._claims[key]
                left = claim.open_minor - part
                if not left:
                    self._count(claim, -1)
                self._claims[key] = msgspec.structs.replace(
                    claim, open_minor=left, closed_on=0 if left else on
                )
        return why

    def _count(self, claim: Claim, by: int) -> None:
        if claim.open_minor and claim.filer:
            self._filed[claim.filer] = self._filed.get(claim.filer, 0) + by

    def _why_not(self, claim: Claim) -> Refusal | None:
        if not claim.confirmed:
            return LiquidityRefusal.CLAIM_NOT_CONFIRMED
        if not all(law in self._allowed for law in claim.laws):
            return LiquidityRefusal.SET_OFF_NOT_ALLOWED_HERE
        if claim.open_minor == 0:
            return LiquidityRefusal.CLAIM_ALREADY_SET_OFF
        return None


def net_positions(
    claims: Iterable[Claim], parts: Mapping[str, int], parties: Collection[str] = ()
) -> dict[str, int]:
    """Give what each party is owed less what it owes, after these parts are set off; one currency."""
    nets = dict.fromkeys(sorted(parties), 0)
    for claim in claims:
        left = claim.open_minor - parts.get(claim.id, 0)
        nets[claim.creditor] = nets.get(claim.creditor, 0) + left
        nets[claim.debtor] = nets.get(claim.debtor, 0) - left
    return {party: nets[party] for party in sorted(nets)}
