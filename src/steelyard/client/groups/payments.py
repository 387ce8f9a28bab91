"""Payments and offers."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec

from steelyard.client.ask import JSON, NDJSON, Ask, Listing, Reply, get, order, path, reader
from steelyard.client.results import PaymentResult, result_of, unknown_payment
from steelyard.client.types import (
    Account,
    Asked,
    Cancelled,
    Consent,
    Credited,
    Done,
    LegRow,
    MessageOut,
    Offer,
    OfferAnswer,
    Party,
    Payment,
    PaymentAnswer,
    PaymentAsked,
    PaymentStep,
    Quote,
)
from steelyard.client.verbs import F, Group, Lists, Verb

PAYMENTS = "/v1/payments"


class Line(NamedTuple):
    """What became of one line of a file of payments."""

    line: int
    result: PaymentResult


class _LineAnswer(PaymentAnswer, kw_only=True):
    line: int


class Customer(Asked):
    """Who pays or is paid: a customer, its account and its bank."""

    party: Party | None = None
    account: Account | None = None
    agent: str | None = None


def payment(
    asked: PaymentAsked | None = None,
    *,
    quote: Quote | None = None,
    payer: Customer | None = None,
    payee: Customer | None = None,
    **fields: Any,
) -> PaymentAsked:
    """Put a payment together: a whole one, or its parts; `fields` are those of PaymentAsked.

    A `quote` brings its id and the consent to what it discloses. A name that is no field is a TypeError.

    >>> payment(creditor_agent="TAMRINB0", purpose="GDDS").purpose
    'GDDS'
    """
    if quote is not None:
        fields |= {"quote_id": quote.quote_id, "disclosure": quote.disclosure}
    for role, customer in (("debtor", payer), ("creditor", payee)):
        if customer is not None:
            given = {
                role: customer.party, f"{role}_account": customer.account, f"{role}_agent": customer.agent
            }  # fmt: skip
            fields = {name: value for name, value in given.items() if value is not None} | fields
    return PaymentAsked(**fields) if asked is None else msgspec.structs.replace(asked, **fields)


class Payments(Group[F]):
    """Payments of one's own: sent, looked at, taken back."""

    @Verb
    def send(
        self,
        /,
        asked: PaymentAsked | None = None,
        *,
        quote: Quote | None = None,
        payer: Customer | None = None,
        payee: Customer | None = None,
        key: str | None = None,
        **fields: Any,
    ) -> Ask[PaymentResult]:
        """Send a payment and give what became of it.

        Either whole, or put together from its parts; `fields` are those of PaymentAsked. Without a `uetr` one
        is drawn here, so that a payment whose answer never comes can be asked for.
        """
        whole = payment(asked, quote=quote, payer=payer, payee=payee, **fields)
        uetr = whole.uetr or self._face.clock.uetr()
        if whole.uetr is None:
            whole = msgspec.structs.replace(whole, uetr=uetr)
        return Ask(
            "POST", PAYMENTS, _result, msgspec.json.encode(whole), JSON, keyed=True, key=key,
            unknown=lambda why, key: unknown_payment(uetr, why, key),
        )  # fmt: skip

    @Verb
    def send_many(self, asked: Sequence[PaymentAsked], *, key: str | None = None) -> Ask[list[PaymentResult]]:
        """Send up to 1,000 payments in one request; each has its own result, in the same order."""
        whole = [
            one if one.uetr else msgspec.structs.replace(one, uetr=self._face.clock.uetr()) for one in asked
        ]
        return Ask(
            "POST", PAYMENTS, _results, msgspec.json.encode(whole), JSON, keyed=True, key=key,
            unknown=lambda why, key: [unknown_payment(one.uetr or "", why, key) for one in whole],
        )  # fmt: skip

    @Verb
    def send_file(self, raw: bytes, *, media: str = NDJSON, key: str | None = None) -> Ask[list[Line]]:
        """Send a file of payments, a JSON object a line or CSV; each line has its own result.

        The same file under the same key is done once.
        """
        return Ask("POST", f"{PAYMENTS}/bulk", _line_results, raw, media, NDJSON, keyed=True, key=key)

    @Verb
    def get(self, uetr: str) -> Ask[Payment]:
        """Give a payment as it stands."""
        return get(path(PAYMENTS, uetr), Payment)

    @Verb
    def timeline(self, uetr: str) -> Ask[list[PaymentStep]]:
        """Give the steps of a payment's life, oldest first."""
        return get(path(PAYMENTS, uetr, "timeline"), list[PaymentStep])

    @Verb
    def messages(self, uetr: str) -> Ask[list[MessageOut]]:
        """Give the messages that concern a payment, in and out."""
        return get(path(PAYMENTS, uetr, "messages"), list[MessageOut])

    @Verb
    def legs(self, uetr: str) -> Ask[list[LegRow]]:
        """Give what a payment booked and reserved."""
        return get(path(PAYMENTS, uetr, "legs"), list[LegRow])

    @Verb
    def cancel(self, uetr: str, *, reason: str | None = None, key: str | None = None) -> Ask[Done]:
        """Take a payment back that has not settled."""
        return _act(uetr, "cancel", Cancelled(reason=reason), key)

    @Verb
    def consent(self, uetr: str, quote_id: str | None, *, key: str | None = None) -> Ask[Done]:
        """Say what becomes of a payment whose quote died: this quote, or None and it ends."""
        return _act(uetr, "consent", Consent(quote_id=quote_id), key)

    @Verb
    def credited(
        self, uetr: str, *, credited: bool = True, reason: str | None = None, key: str | None = None
    ) -> Ask[Done]:
        """Report, as creditor agent, that the payee has the money, or not yet and why."""
        return _act(uetr, "credited", Credited(credited=credited, reason=reason), key)

    @Lists
    def list(
        self,
        /,
        *,
        state: Sequence[str] | str | None = None,
        currency: Sequence[str] | str | None = None,
        from_at: str | None = None,
        to_at: str | None = None,
        order: str | None = None,
        limit: int | None = None,
        **filters: Any,
    ) -> Listing[Payment]:
        """List payments, newest first; other filters are those of the address /v1/payments."""
        fields = {
            "state": state,
            "currency": currency,
            "from_at": from_at,
            "to_at": to_at,
            "order": order,
        }
        return Listing(PAYMENTS, {**fields, **filters, "limit": limit}, Payment)


class Offers(Group[F]):
    """Payments whose money is set aside and that wait for the creditor agent's yes."""

    @Verb
    def answer(self, uetr: str, answer: str, *, code: str | None = None, key: str | None = None) -> Ask[Done]:
        """Answer one: accept, accept_unposted or decline; `code` is the ISO reason where it needs one."""
        asked = msgspec.convert({"answer": answer, "code": code}, OfferAnswer)
        return order("POST", path("/v1/offers", uetr), asked, key=key, subject=uetr)

    @Lists
    def list(self, *, limit: int | None = None) -> Listing[Offer]:
        """List the offers that wait for one's answer, oldest first."""
        return Listing("/v1/offers", {"limit": limit}, Offer)


def _act(uetr: str, act: str, asked: Any, key: str | None) -> Ask[Done]:
    return order("POST", path(PAYMENTS, uetr, act), asked, key=key, subject=uetr)


def _result(reply: Reply) -> PaymentResult:
    return result_of(reader(PaymentAnswer)(reply))


def _results(reply: Reply) -> "list[PaymentResult]":
    return [result_of(answer) for answer in reader(list[PaymentAnswer])(reply)]


def _line_results(reply: Reply) -> "list[Line]":
    answers = msgspec.json.Decoder(_LineAnswer).decode_lines(reply.body)
    return [Line(answer.line, result_of(answer)) for answer in answers]
