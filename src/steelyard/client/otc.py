"""The shapes of trades made outside the book, as both their sides register them for published prices."""

from typing import Annotated, Literal

from msgspec import Meta

from steelyard.client.acts import Decimal
from steelyard.client.types import Asked, AssetCode, BicText, InstantText, Told

Goods = Annotated[str, Meta(min_length=1, max_length=64, description="A class of receipts or an instrument.")]
Proof = Annotated[
    str,
    Meta(
        pattern=r"^([0-9a-f]{64}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$(?!\n)",
        description="Id of what was settled here, or the SHA-256 of evidence of what was settled elsewhere.",
    ),
]
OtcWord = Literal["OFFERED", "REGISTERED", "LEAVING", "WITHDRAWN"]


class OtcAsked(Asked):
    """A trade as one side says it was: it bought, or sold, `kg` for `value` of a currency in all."""

    side: Literal["buy", "sell"]
    other: BicText
    code: Goods
    kg: Annotated[int, Meta(ge=1, lt=10**12)]
    currency: AssetCode
    value: Decimal
    traded_at: InstantText
    proof: Proof


class OtcShown(Told):
    """A registration. `proven` says by what: rfq, dvp or title were settled here, evidence lies outside.

    `on` is the day of the fixing that it counts towards; `by` has offered it, or asked to take it back.
    """

    trade_id: str
    code: str
    kg: int
    currency: str
    value: str
    buyer: str
    seller: str
    traded_at: str
    proof: str
    proven: Literal["rfq", "dvp", "title", "evidence"]
    on: str
    by: str
    state: OtcWord
    entered_at: str
    changed_at: str
