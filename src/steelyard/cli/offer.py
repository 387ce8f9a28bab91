"""`steelyard offer`: what waits for the yes of the payee's bank."""

from typing import Literal

from cyclopts import App

from steelyard.cli import told
from steelyard.cli.session import DONE, NOTHING_GIVEN, Common, node

app = App(name="offer", help="Answer what waits for the yes of the payee's bank.", version_flags=())

COLUMNS = (
    ("uetr", "uetr"), ("from", "debtor_agent"), ("settlement", "settlement"), ("credit", "credit"),
    ("service", "service"), ("purpose", "purpose"), ("answer by", "answer_by_at"),
)  # fmt: skip


@app.command(name="list")
def list_(*, common: Common = NOTHING_GIVEN) -> int:
    """List the offers that wait for one's answer, oldest first."""
    with node(common) as (client, out):
        out.rows(client.offers.list(limit=1_000), COLUMNS)
    return DONE


@app.command
def answer(
    uetr: str,
    answer: Literal["accept", "accept_unposted", "decline"],
    /,
    *,
    code: str | None = None,
    common: Common = NOTHING_GIVEN,
) -> int:
    """Answer an offer: take the payment, take it and keep the credit back, or decline.

    Parameters
    ----------
    uetr
        The payment.
    answer
        accept, accept_unposted or decline.
    code
        ISO 20022 reason of a decline, or of keeping the credit back.
    """
    with node(common) as (client, out):
        return told.done(out, client.offers.answer(uetr, answer, code=code))
