"""`steelyard rfq`: requests for quotes on receipts: asked of dealers, answered, taken."""

from typing import Literal

from cyclopts import App

from steelyard.cli import told
from steelyard.cli.reading import made
from steelyard.cli.session import DONE, NOTHING_GIVEN, USAGE, Common, end, node

app = App(name="rfq", help="Ask dealers for quotes on receipts; answer, take.", version_flags=())

COLUMNS = (
    ("request", "rfq_id"), ("requester", "requester"), ("class", "code"), ("kg", "kg"), ("side", "side"),
    ("currency", "currency"), ("until", "valid_until"),
)  # fmt: skip
ANSWERS = (
    ("answer", "answer_id"), ("dealer", "dealer"), ("bid", "bid"), ("ask", "ask"), ("kg at most", "kg_max"),
    ("receipt", "receipt_id"), ("bid place", "bid_place"), ("ask place", "ask_place"), ("until", "valid_until"),
)  # fmt: skip
OWN = (
    ("request", "rfq_id"), ("class", "code"), ("kg", "kg"), ("side", "side"), ("currency", "currency"),
    ("state", "state"), ("until", "valid_until"),
)  # fmt: skip
OWN_ANSWERS = (
    ("answer", "answer_id"), ("request", "rfq_id"), ("state", "state"), ("kg", "kg"), ("minor units", "amount_minor"),
    ("at", "changed_at"),
)  # fmt: skip


@app.command(name="list")
def list_(*, code: str | None = None, common: Common = NOTHING_GIVEN) -> int:
    """List open requests that one made or may answer.

    Parameters
    ----------
    code
        For receipts of this class.
    """
    with node(common) as (client, out):
        out.rows(client.rfq.list(code=code, limit=1_000), COLUMNS)
    return DONE


@app.command
def answers(request: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """List the answers to a request that one may see, with their places.

    Parameters
    ----------
    request
        Id of the request.
    """
    with node(common) as (client, out):
        found = [one for one in client.rfq.list(limit=1_000) if one.rfq_id == request]
        out.rows([answer for one in found for answer in one.answers], ANSWERS)
    return DONE


@app.command
def own(*, state: Literal["OPEN", "OVER", "WITHDRAWN"] | None = None, common: Common = NOTHING_GIVEN) -> int:
    """List one's own requests, open and over.

    Parameters
    ----------
    state
        In this state.
    """
    with node(common) as (client, out):
        out.rows(client.rfq.own(state=state, limit=1_000), OWN)
    return DONE


@app.command
def own_answers(
    *, state: Literal["FIRM", "TAKEN", "ENDED"] | None = None, common: Common = NOTHING_GIVEN
) -> int:
    """List what became of one's own answers.

    Parameters
    ----------
    state
        In this state.
    """
    with node(common) as (client, out):
        out.rows(client.rfq.own_answers(state=state, limit=1_000), OWN_ANSWERS)
    return DONE


@app.command
def ask(
    code: str,
    kg: int,
    side: Literal["buy", "sell", "hidden"],
    currency: str,
    until: str,
    /,
    *dealers: str,
    common: Common = NOTHING_GIVEN,
) -> int:
    """Ask dealers for quotes; without any everybody may answer.

    Parameters
    ----------
    code
        Class of the receipts.
    kg
        Up to how many kg.
    side
        Whether one buys, sells, or does not say.
    currency
        Code of the currency of the prices.
    until
        Instant at which it ends, such as 2026-11-24T12:00:00Z.
    dealers
        BICs of those who are asked.
    """
    from steelyard.client.rfq import RfqAsked

    fields = {
        "code": code, "kg": kg, "side": side, "currency": currency, "valid_until": until, "dealers": list(dealers),
    }  # fmt: skip
    asked = made(RfqAsked, fields)
    with node(common) as (client, out):
        return told.done(out, client.rfq.ask(asked))


@app.command
def answer(
    request: str,
    until: str,
    /,
    *,
    bid: str | None = None,
    kg: int | None = None,
    ask: str | None = None,
    receipt: str | None = None,
    common: Common = NOTHING_GIVEN,
) -> int:
    """Answer a request as a dealer; a receipt that is offered is locked, the money of a bid set aside.

    Parameters
    ----------
    request
        Id of the request.
    until
        Instant until which it is firm.
    bid
        Price a tonne at which one buys.
    kg
        How many kg one buys at most.
    ask
        Price a tonne at which one sells.
    receipt
        Id of the receipt that one sells.
    """
    from steelyard.client.rfq import QuoteGiven

    if (bid is None) is not (kg is None) or (ask is None) is not (receipt is None) or bid is ask is None:
        end("an answer has --bid with --kg, or --ask with --receipt, or both", USAGE)
    fields = {"valid_until": until, "bid": bid, "kg_max": kg, "ask": ask, "receipt_id": receipt}
    given = made(QuoteGiven, fields)
    with node(common) as (client, out):
        return told.done(out, client.rfq.answer(request, given))


@app.command
def accept(
    request: str,
    answer: str,
    /,
    *,
    receipt: str | None = None,
    kg: int | None = None,
    quote: str | None = None,
    common: Common = NOTHING_GIVEN,
) -> int:
    """Take an answer: title and money move at once, or nothing does.

    Parameters
    ----------
    request
        Id of the request.
    answer
        Id of the answer.
    receipt
        One's own receipt, where one sells.
    kg
        A part of the receipt; all of it if not said.
    quote
        A firm quote to pay with, in another currency.
    """
    from steelyard.client.rfq import QuoteTaken

    fields = {"answer_id": answer, "receipt_id": receipt, "kg": kg, "quote_id": quote}
    taken = made(QuoteTaken, fields)
    with node(common) as (client, out):
        return told.done(out, client.rfq.accept(request, taken))


@app.command
def withdraw(request: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Take a request back; its answers end.

    Parameters
    ----------
    request
        Id of the request.
    """
    with node(common) as (client, out):
        return told.done(out, client.rfq.withdraw(request))
