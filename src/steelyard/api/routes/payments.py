"""Payments: sent, listed, looked at, taken back, credited; and offers to the creditor agent."""

from typing import Any

from steelyard.api import json_payments, listing, pay_in, shape, wire
from steelyard.api.auth.visibility import payment_views, sees_payment, view_of
from steelyard.api.call import Call, Reply, tell
from steelyard.api.listing import Field, Listing
from steelyard.api.orders import Recorded, done, order
from steelyard.api.problems import ProblemError
from steelyard.api.route import Param, Route, lists
from steelyard.api.views import legs as leg_views
from steelyard.api.views import payments as views
from steelyard.client import types
from steelyard.flows.answer import AnswerFields
from steelyard.flows.cancel import CancelFields
from steelyard.flows.consent import ConsentFields
from steelyard.flows.credited import CreditedFields
from steelyard.payments.states import State
from steelyard.storage.queries import Found

REACHED = frozenset({State.OFFERED, State.DECIDED, State.SETTLED, State.UNPOSTED})
"""The states in which a creditor agent learns of a payment"""
STATES = tuple(state.name.lower() for state in State)


async def send_payments(call: Call) -> Reply:
    """Send one payment, or an array of at most 1,000 with an answer for each."""
    parsed = shape.parse(call.body)
    alone = not isinstance(parsed, list)
    asked = [shape.convert(parsed, types.PaymentAsked)] if alone else shape.convert(parsed, types.Payments)
    answers = await pay_in.send(call, json_payments.items(asked, call.command_id, alone=alone), call.body)
    replayed = (("Idempotency-Replayed", "true"),) if all(one.replayed for one in answers) else ()
    if not alone:
        return tell(answers).with_headers(*replayed)
    return tell(answers[0], location=f"/v1/payments/{answers[0].uetr}").with_headers(*replayed)


async def list_payments(call: Call) -> Reply:
    """List the caller's payments, newest first."""
    return await listing.answer(call, PAYMENTS)


async def get_payment(call: Call) -> Reply:
    """Show one payment as the projection has it."""
    row = await payment_row(call)
    return tell(views.payment(row, call), seq=await call.gateway.applied_seq())


async def payment_timeline(call: Call) -> Reply:
    """Show every step of a payment's life."""
    row = await payment_row(call)
    moves = await call.gateway.aside(call.gateway.stores.reader.timeline, row["uetr"])
    steps = [views.first_step(row, moves), *map(views.step, moves)]
    if row["creditor_agent"] == call.who.owner:
        reached = next((n for n, one in enumerate(steps) if State[one.after] in REACHED), len(steps))
        steps = steps[reached:]
    return tell(steps, seq=await call.gateway.applied_seq())


async def payment_legs(call: Call) -> Reply:
    """Show the legs that a payment reserved and settled; those of others' exchanges are not shown."""
    row, reader = await payment_row(call), call.gateway.stores.reader
    view = view_of(call.who, call.directory.members)

    def work() -> list[types.LegRow]:
        return leg_views.seen_legs(reader.payment_legs(row["uetr"]), view, call.directory, reader)

    return tell(await call.gateway.aside(work), seq=await call.gateway.applied_seq())


async def cancel_payment(call: Call) -> Reply:
    """Take a payment back before it is decided, or ask its creditor agent."""
    asked = call.asked(types.Cancelled) if call.body else types.Cancelled()
    fields = CancelFields(_uetr(call), asked.reason or "")
    return stands(call, await order(call, "pay.cancel", fields), fields.uetr)


async def consent_payment(call: Call) -> Reply:
    """Say what becomes of a payment whose quote died: another quote, or none."""
    asked = call.asked(types.Consent)
    fields = ConsentFields(_uetr(call), wire.uuid_bytes(asked.quote_id))
    return stands(call, await order(call, "pay.consent", fields), fields.uetr)


async def credit_payment(call: Call) -> Reply:
    """Report, as the creditor agent, that the payee is credited or that the credit is kept back."""
    asked = call.asked(types.Credited)
    fields = CreditedFields(_uetr(call), asked.credited, asked.reason or "")
    return stands(call, await order(call, "pay.credited", fields), fields.uetr)


async def list_offers(call: Call) -> Reply:
    """List the offers that wait for the caller's answer, oldest first."""
    found = await call.gateway.read("offers", call.who.owner, viewer=call.who.owner)
    rows = [views.offer(row, call) for row in found.decoded(list[dict[str, Any]])]
    return await listing.answer_items(
        call, types.Offer, rows, lambda one: (one.answer_by_at, one.uetr), seq=found.seq
    )


async def answer_offer(call: Call) -> Reply:
    """Answer an offer: take the payment, take it and keep the credit back, or decline."""
    asked = call.asked(types.OfferAnswer)
    fields = AnswerFields(_uetr(call), asked.answer, asked.code or "")
    return stands(call, await order(call, "offer.answer", fields), fields.uetr)


def _uetr(call: Call) -> bytes:
    return wire.path_id(call.path_params["uetr"])


async def payment_row(call: Call) -> Found:
    """Give the payment that an address names, if the caller may see it."""
    row = await call.gateway.aside(call.gateway.stores.reader.one, "payment", uetr=_uetr(call))
    view = view_of(call.who, call.directory.members)
    if row is None or not sees_payment(
        view,
        debtor_agent=row["debtor_agent"],
        creditor_agent=row["creditor_agent"],
        has_bundle=bool(row["bundle_id"]),
    ):
        raise ProblemError("not-found")
    return row


def stands(call: Call, found: Recorded, uetr: bytes) -> Reply:
    """Answer an act on a payment; one of a payment that the caller may not know is not found."""
    if found.outcome.refusal == views.UNKNOWN_UETR:
        raise ProblemError("not-found")
    text = wire.uuid_text(uetr)
    state = views.state_of(found, uetr)
    reply = tell(
        done(found, state=state.name if state else None, subject=text), location=f"/v1/payments/{text}"
    )
    return reply.with_headers(("Idempotency-Replayed", "true")) if found.answer.replayed else reply


PAYMENTS = Listing(
    "payment",
    types.Payment,
    views.payment,
    lambda call: payment_views(view_of(call.who, call.directory.members)),
    (
        Field(
            Param("state", "words", "States, separated by commas.", STATES), "state",
            value=lambda words, call: [State[word.upper()].value for word in words],
        ),
        Field(Param("currency", "asset", "What leaves, one or more codes."), "source"),
        Field(Param("target", "asset", "What arrives, one or more codes."), "target"),
        Field(Param("debtor_agent", "bic", "Who pays."), "debtor_agent"),
        Field(Param("creditor_agent", "bic", "Who is paid."), "creditor_agent"),
        Field(Param("from_at", "instant", "Entered at or after."), "entered_at", ">="),
        Field(Param("to_at", "instant", "Entered before."), "entered_at", "<"),
        Field(Param("settlement_on", "date", "Settlement date."), "settlement_on"),
        Field(Param("amount_min", "number", "What arrives, in minor units, at least."), "target_minor", ">="),
        Field(Param("amount_max", "number", "What arrives, in minor units, at most."), "target_minor", "<="),
    ),
)  # fmt: skip
_AT = "/v1/payments/{uetr}"
ROUTES = (
    Route(
        "POST", "/v1/payments", "pay", send_payments, "Send one payment, or an array of up to 1,000",
        types.PaymentAsked, types.PaymentAnswer, keyed=True, is_payment=True,
    ),
    lists("/v1/payments", "read", list_payments, "List payments", types.Payment, PAYMENTS.query),
    Route("GET", _AT, "read", get_payment, "Show a payment", told=types.Payment),
    Route("GET", f"{_AT}/timeline", "read", payment_timeline, "Steps of a payment", told=list[types.PaymentStep]),
    Route("GET", f"{_AT}/legs", "read", payment_legs, "Legs of a payment", told=list[types.LegRow]),
    Route(
        "POST", f"{_AT}/cancel", "pay", cancel_payment, "Take a payment back", types.Cancelled, types.Done,
        keyed=True, is_payment=True,
    ),
    Route(
        "POST", f"{_AT}/consent", "pay", consent_payment, "Agree to a new quote, or give the payment up",
        types.Consent, types.Done, keyed=True, is_payment=True,
    ),
    Route(
        "POST", f"{_AT}/credited", "offer", credit_payment, "Report that the payee is credited",
        types.Credited, types.Done, keyed=True, is_payment=True,
    ),
    lists("/v1/offers", "offer", list_offers, "Offers that wait for an answer", types.Offer, listing.ITEMS),
    Route(
        "POST", "/v1/offers/{uetr}", "offer", answer_offer, "Answer an offer", types.OfferAnswer, types.Done,
        keyed=True, is_payment=True,
    ),
)  # fmt: skip
