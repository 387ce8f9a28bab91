"""Requests for quotes as JSON: from bodies to the fields of commands, from the state to shapes."""

from typing import Any

from steelyard.api import wire
from steelyard.api.call import Call
from steelyard.api.problems import ProblemError
from steelyard.api.views.tenders import scale_of, viewer_of
from steelyard.api.wire import Faults
from steelyard.client import rfq as shapes
from steelyard.flows.rfq import AcceptFields, AnswerFields, NamedFields, RequestFields
from steelyard.market.rfq import BUY, HIDDEN, SELL, Answer, Rfq, ranked
from steelyard.storage.queries import Found
from steelyard.values.amount import format_minor

_SIDES = {"buy": BUY, "sell": SELL, "hidden": HIDDEN}
_WORDS: dict[str, Any] = {side: word for word, side in _SIDES.items()}


def named(call: Call, asked: Any, faults: Faults) -> NamedFields:
    """Make the fields of an order about the request in the address."""
    return NamedFields(_id(call))


def requested(call: Call, asked: shapes.RfqAsked, faults: Faults) -> RequestFields:
    """Make the fields of a request."""
    scale_of(call, asked.currency, faults, "/currency")
    until = wire.instant(asked.valid_until, faults, "/valid_until")
    return RequestFields(
        asked.code, asked.kg, _SIDES[asked.side], asked.currency, until, tuple(asked.dealers)
    )


async def answered(call: Call, asked: shapes.QuoteGiven, faults: Faults) -> AnswerFields:
    """Make the fields of an answer; its prices are in the currency of the request."""
    found = next((one for one in await open_requests(call) if one.rfq_id == _id(call)), None)
    if found is None:
        raise ProblemError("not-found")
    scale = call.directory.scale(found.currency)
    bid, ask = (
        0 if text is None else wire.minor_of(text, scale, faults, f"/{name}")
        for name, text in (("bid", asked.bid), ("ask", asked.ask))
    )
    until = wire.instant(asked.valid_until, faults, "/valid_until")
    return AnswerFields(found.rfq_id, bid, ask, asked.kg_max or 0, wire.uuid_bytes(asked.receipt_id), until)


def accepted(call: Call, asked: shapes.QuoteTaken, faults: Faults) -> AcceptFields:
    """Make the fields of an answer that is taken."""
    return AcceptFields(
        _id(call), wire.uuid_bytes(asked.answer_id), wire.uuid_bytes(asked.receipt_id),
        wire.uuid_bytes(asked.quote_id), asked.kg or 0,
    )  # fmt: skip


async def open_requests(call: Call) -> list[Rfq]:
    """Ask the state for the open requests that concern the caller."""
    found = await call.gateway.read("rfqs", viewer=viewer_of(call))
    return list(found.decoded(list[Rfq]))


def _id(call: Call) -> bytes:
    return wire.path_id(call.path_params["id"])


# From the state and the projection to shapes


def shown(one: Rfq, call: Call, at: int) -> shapes.RfqShown:
    """Give an open request with the answers that one may see, those first that came first."""
    sees_all = viewer_of(call) in ("", one.requester)
    places: dict[str, dict[bytes, int]] = {
        side: {answer.answer_id: no for no, answer in enumerate(ranked(one.answers, side, at=at), 1)}
        for side in (BUY, SELL)
        if sees_all
    }
    return shapes.RfqShown(
        rfq_id=wire.uuid_text(one.rfq_id),
        requester=one.requester,
        code=one.code,
        kg=one.kg,
        side=_WORDS[one.side],
        currency=one.currency,
        dealers=list(one.dealers),
        valid_until=wire.at_text(one.valid_until),
        answers=[_answer(answer, one.currency, places, call) for answer in one.answers],
    )


def _answer(one: Answer, currency: str, places: dict[str, dict[bytes, int]], call: Call) -> shapes.QuoteShown:
    scale = call.directory.scale(currency)
    return shapes.QuoteShown(
        answer_id=wire.uuid_text(one.answer_id),
        dealer=one.dealer,
        bid=format_minor(one.bid_minor, scale) if one.bid_minor else None,
        ask=format_minor(one.ask_minor, scale) if one.ask_minor else None,
        kg_max=one.kg_max or None,
        receipt_id=wire.uuid_or_none(one.receipt_id),
        answered_at=wire.at_text(one.answered_at),
        valid_until=wire.at_text(one.valid_until),
        bid_place=places.get(SELL, {}).get(one.answer_id),
        ask_place=places.get(BUY, {}).get(one.answer_id),
    )


def past(row: Found, call: Call) -> shapes.RfqPast:
    """Give a request of one's own."""
    return shapes.RfqPast(
        rfq_id=wire.uuid_text(row["rfq_id"]),
        code=row["code"],
        kg=row["kg"],
        side=_WORDS[row["side"]],
        currency=row["currency"],
        state=row["state"],
        valid_until=wire.at_text(row["valid_until"]),
        asked_at=wire.at_text(row["entered_at"]),
    )


def own_answer(row: Found, call: Call) -> shapes.OwnQuote:
    """Give what became of an answer."""
    return shapes.OwnQuote(
        answer_id=wire.uuid_text(row["answer_id"]),
        rfq_id=wire.uuid_text(row["rfq_id"]),
        dealer=row["dealer"],
        state=row["state"],
        kg=row["kg"] or None,
        amount_minor=str(row["amount_minor"]) if row["amount_minor"] else None,
        answered_at=wire.at_text(row["entered_at"]),
        changed_at=wire.at_text(row["changed_at"]),
    )
