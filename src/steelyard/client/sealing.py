"""Sealing a bid on the bidder's side: the node gets a hash; offers and salt stay here until they are revealed.

The hash is over tender, bidder, offers and salt, so that it is worth nothing in another's hand and nobody can try
out offers against it. Who loses the salt cannot reveal, and may lose its bond: keep `Sealed.to_json`.
"""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from os import urandom

import msgspec
from msgspec import Struct

from steelyard.client.tenders import OfferAsked, RevealAsked
from steelyard.values.amount import AmountFault, parse_minor
from steelyard.values.instants import parse_date, parse_instant

FAR_DAY, FOREVER = 2_000_000, 2**62


class OfferUnreadable(ValueError):
    """An offer cannot be sealed; says which and why."""


class _Offer(Struct, array_like=True, frozen=True):
    """An offer in the order in which its fields are hashed."""

    id: str
    origin: str
    port: str
    price_minor: int
    cargoes_max: int
    cargoes_min: int
    currency: str
    laycan: tuple[int, int]
    valid_until: int
    pay_days: int
    incoterm: str


class Sealed(Struct):
    """A bid with its secret."""

    tender_id: str
    bidder: str
    commitment: str
    offers: list[OfferAsked]
    salt: str

    def reveal(self) -> RevealAsked:
        """Give what is shown after the close."""
        return RevealAsked(offers=self.offers, salt=self.salt)

    def to_json(self) -> bytes:
        """Give the bytes to keep."""
        return msgspec.json.format(msgspec.json.encode(self), indent=2) + b"\n"

    @classmethod
    def from_json(cls, data: bytes) -> "Sealed":
        """Read what was kept; raises msgspec.MsgspecError."""
        return msgspec.json.decode(data, type=cls)


def seal(
    tender_id: str,
    bidder: str,
    offers: Sequence[OfferAsked],
    *,
    asset: str,
    scales: Mapping[str, int],
    salt: bytes | None = None,
) -> Sealed:
    """Seal offers of a bidder in a tender.

    `asset` is the tender's; `scales` says how many decimals a currency has. Without a salt 32 random bytes are drawn.

    >>> wheat = OfferAsked(id="a", origin="ONE", port="P", price="244.20", cargoes_max=3, cargoes_min=2)
    >>> made = seal("00" * 4 + "-0000" * 3 + "-" + "00" * 6, "ANNANOR0", [wheat], asset="NOK", scales={"NOK": 2},
    ...             salt=bytes(16))
    >>> made.commitment[:16]
    '101f2839753c0178'
    """
    secret = urandom(32) if salt is None else salt
    if not 16 <= len(secret) <= 64:
        raise OfferUnreadable("a salt has 16 to 64 bytes")
    content = msgspec.msgpack.encode(tuple(_plain(one, asset, scales) for one in offers))
    bound = sha256(
        b"steelyard.tender\0" + bytes.fromhex(tender_id.replace("-", "")) + bidder.encode() + b"\0"
    )
    bound.update(sha256(content).digest())
    bound.update(secret)
    return Sealed(tender_id, bidder, bound.hexdigest(), list(offers), secret.hex())


def _plain(one: OfferAsked, asset: str, scales: Mapping[str, int]) -> _Offer:
    currency = "" if one.currency in (None, asset) else str(one.currency)
    scale = scales.get(currency or asset)
    if scale is None:
        raise OfferUnreadable(f"offer {one.id}: how many decimals {currency or asset} has is not known")
    price = parse_minor(one.price, scale)
    if isinstance(price, AmountFault):
        raise OfferUnreadable(
            f"offer {one.id}: {one.price} is no price in {currency or asset}: {price.value}"
        )
    first = 0 if one.from_on is None else parse_date(one.from_on)
    last = FAR_DAY if one.to_on is None else parse_date(one.to_on)
    until = FOREVER if one.valid_until is None else parse_instant(one.valid_until)
    if first is None or last is None or until is None:
        raise OfferUnreadable(f"offer {one.id}: a date or an instant is none")
    return _Offer(
        one.id, one.origin, one.port, price, one.cargoes_max, one.cargoes_min, currency, (first, last), until,
        one.pay_days, one.incoterm,
    )  # fmt: skip
