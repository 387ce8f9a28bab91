"""The facts about requests for quotes. The list of all facts: `facts.py`."""

from steelyard.flows.fact import Fact


class RfqMoved(Fact, frozen=True, tag="rfq"):
    """A request is open, over (OVER) or taken back (WITHDRAWN); `kg` is what is still wanted."""

    rfq_id: bytes
    requester: str
    code: str
    kg: int
    side: str
    currency: str
    valid_until: int
    state: str


class RfqAnswered(Fact, frozen=True, tag="rfq.answer"):
    """A dealer answered, or its answer was taken (TAKEN): so many kg for so much."""

    answer_id: bytes
    rfq_id: bytes
    dealer: str
    bid_minor: int
    ask_minor: int
    receipt_id: bytes
    kg_max: int
    valid_until: int
    state: str
    kg: int = 0
    amount_minor: int = 0
    quote_id: bytes = b""


RFQ_FACTS = (RfqMoved, RfqAnswered)
