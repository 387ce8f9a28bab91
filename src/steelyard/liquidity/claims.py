"""Claims between members that are not money: invoices both sides own up to, which may be set off against others.

A claim is set off in whole or in part, once both sides have consented and where the law of both allows it (rule
packs say where: `set_off_opt_in`). Claims set off together form circles, so nobody's net position changes; that
is checked again here, whoever proposed them. The book holds claim units, no money moves.
"""

from collections.abc import Collection, Iterable, Mapping

import msgspec

from steelyard.liquidity.refusals import LiquidityRefusal
from steelyard.values.refusal import Refusal

HASH_BYTES = 32


class Claim(msgspec.Struct, frozen=True, array_like=True):
    """An invoice: `debtor` owes `creditor`. `document_hash` is the SHA-256 of the paper behind it.

    `open_minor` is what is not set off yet; `due_on` counts days since 1970-01-01.
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


class Claims:
    """The book of claims: the part of the state that set-off commands read and change."""

    __slots__ = ("_allowed", "_claims")

    def __init__(self) -> None:
        self._claims: dict[str, Claim] = {}
        self._allowed: set[str] = set()

    def encode(self) -> bytes:
        """Give the canonical bytes."""
        claims = [self._claims[key] for key in sorted(self._claims)]
        return msgspec.msgpack.encode(_Saved(claims, sorted(self._allowed)))

    @classmethod
    def decode(cls, data: bytes) -> "Claims":
        """Build what `encode` described."""
        saved = msgspec.msgpack.decode(data, type=_Saved)
        book = cls()
        book._claims = {claim.id: claim for claim in saved.claims}
        book._allowed = set(saved.allowed)
        return book

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
        return None

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

    def set_off(self, parts: Mapping[str, int]) -> Refusal | None:
        """Lessen these claims, all of them or none."""
        why = self.refuse(parts)
        if why is None:
            for key, part in parts.items():
                claim = self._claims[key]
                self._claims[key] = msgspec.structs.replace(claim, open_minor=claim.open_minor - part)
        return why

    def _why_not(self, claim: Claim) -> Refusal | None:
        if not claim.confirmed:
            return LiquidityRefusal.CLAIM_NOT_CONFIRMED
        if claim.debtor not in self._allowed or claim.creditor not in self._allowed:
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
