"""`steelyard otc`: trades made outside the book, registered by both sides for published prices."""

from typing import Literal

from cyclopts import App

from steelyard.cli import told
from steelyard.cli.reading import made, money
from steelyard.cli.session import DONE, NOTHING_GIVEN, Common, node

app = App(name="otc", help="Register trades made outside the book; confirm, take back.", version_flags=())

COLUMNS = (
    ("trade", "trade_id"), ("goods", "code"), ("kg", "kg"), ("value", "value"), ("currency", "currency"),
    ("buyer", "buyer"), ("seller", "seller"), ("proven", "proven"), ("on", "on"), ("state", "state"),
)  # fmt: skip


@app.command(name="list")
def list_(
    *,
    state: Literal["OFFERED", "REGISTERED", "LEAVING", "WITHDRAWN"] | None = None,
    common: Common = NOTHING_GIVEN,
) -> int:
    """List one's registrations, newest first.

    Parameters
    ----------
    state
        In this state.
    """
    with node(common) as (client, out):
        out.rows(client.otc_trades.list(state=state, limit=1_000), COLUMNS)
    return DONE


@app.command
def show(trade: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Show a registration.

    Parameters
    ----------
    trade
        Its id.
    """
    with node(common) as (client, out):
        out.item(client.otc_trades.show(trade))
    return DONE


@app.command
def register(
    side: Literal["buy", "sell"],
    other: str,
    code: str,
    kg: int,
    amount: str,
    /,
    *,
    at: str,
    proof: str,
    common: Common = NOTHING_GIVEN,
) -> int:
    """Offer a registration of a trade to its other side.

    Parameters
    ----------
    side
        What one did oneself.
    other
        BIC of the other side.
    code
        Class of receipts, or instrument.
    kg
        How many kg.
    amount
        What was paid in all, such as 'ZAR 9240000'.
    at
        When it was made, such as 2026-11-26T09:30:00Z.
    proof
        Id of the transfer of the receipt, or of the delivery, that the system settled; or the SHA-256 of evidence of
        what was settled elsewhere.
    """
    from steelyard.client.otc import OtcAsked

    paid = money(amount)
    asked = made(
        OtcAsked,
        {"side": side, "other": other, "code": code, "kg": kg, "currency": paid.asset, "value": paid.value,
         "traded_at": at, "proof": proof},
    )  # fmt: skip
    with node(common) as (client, out):
        return told.done(out, client.otc_trades.register(asked))


@app.command
def confirm(trade: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Confirm what the other side has offered; it counts towards the next fixing.

    Parameters
    ----------
    trade
        Its id.
    """
    with node(common) as (client, out):
        return told.done(out, client.otc_trades.confirm(trade))


@app.command
def withdraw(trade: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Drop what is only offered, or ask to take back what counts; both sides ask.

    Parameters
    ----------
    trade
        Its id.
    """
    with node(common) as (client, out):
        return told.done(out, client.otc_trades.withdraw(trade))
