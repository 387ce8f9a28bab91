"""The shapes of requests for quotes: asked of dealers, answered, taken. Prices are per tonne."""

from typing import Annotated, Literal

from msgspec import Meta

from steelyard.client.acts import Decimal
from steelyard.client.types import Asked, AssetCode, BicText, InstantText, Told, UuidText

Kg = Annotated[int, Meta(ge=1, lt=10**12, description="Kilograms.")]
RfqSide = Literal["buy", "sell", "hidden"]


class RfqAsked(Asked):
    """What is wanted: receipts of a class, up to so many kg; without dealers everybody may answer."""

    code: AssetCode
    kg: Kg
    side: RfqSide
    currency: AssetCode
    valid_until: InstantText
    dealers: Annotated[list[BicText], Meta(max_length=50)] = []


class QuoteGiven(Asked):
    """A dealer's answer: at `bid` it buys up to `kg_max`, at `ask` it sells the receipt; firm until an instant."""

    valid_until: InstantText
    bid: Decimal | None = None
    ask: Decimal | None = None
    kg_max: Kg | None = None
    receipt_id: UuidText | None = None


class QuoteTaken(Asked):
    """Which answer is taken: as buyer, or with `receipt_id` as seller of that receipt.

    `kg` takes a part, for which the receipt is split; `quote_id` pays with a firm quote of the buyer.
    """

    answer_id: UuidText
    receipt_id: UuidText | None = None
    quote_id: UuidText | None = None
    kg: Kg | None = None


class QuoteShown(Told):
    """An answer as it stands. `bid_place` and `ask_place` rank it: the best price first, then the earlier."""

    answer_id: str
    dealer: str
    bid: str | None
    ask: str | None
    kg_max: int | None
    receipt_id: str | None
    answered_at: str
    valid_until: str
    bid_place: int | None
    ask_place: int | None


class RfqShown(Told):
    """An open request: its requester sees every answer, a dealer its own. `side` is hidden where it does not say."""

    rfq_id: str
    requester: str
    code: str
    kg: int
    side: RfqSide
    currency: str
    dealers: list[str]
    valid_until: str
    answers: list[QuoteShown]


class OwnQuote(Told):
    """What became of an answer of one's own."""

    answer_id: str
    rfq_id: str
    dealer: str
    state: Literal["FIRM", "TAKEN", "ENDED"]
    kg: int | None
    amount_minor: str | None
    answered_at: str
    changed_at: str


class RfqPast(Told):
    """A request of one's own, open or over."""

    rfq_id: str
    code: str
    kg: int
    side: RfqSide
    currency: str
    state: Literal["OPEN", "OVER", "WITHDRAWN"]
    valid_until: str
    asked_at: str
