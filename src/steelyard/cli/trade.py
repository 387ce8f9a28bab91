"""`steelyard trade`: foreign exchange trades between two participants."""

from cyclopts import App

from steelyard.cli import told
from steelyard.cli.reading import made, money
from steelyard.cli.session import DONE, NOTHING_GIVEN, Common, node

app = App(name="trade", help="Enter and list foreign exchange trades.", version_flags=())

COLUMNS = (
    ("trade", "trade_id"), ("first", "first"), ("pays", "first_pays"), ("second", "second"),
    ("pays", "second_pays"), ("value", "value_on"), ("state", "state"),
)  # fmt: skip


@app.command(name="list")
def list_(*, common: Common = NOTHING_GIVEN) -> int:
    """List trades of one's own that are not long over."""
    with node(common) as (client, out):
        out.rows(client.fx_trades.list(limit=1_000), COLUMNS)
    return DONE


@app.command
def enter(
    counterparty: str,
    /,
    *,
    pays: str,
    gets: str,
    on: str,
    reference: str | None = None,
    common: Common = NOTHING_GIVEN,
) -> int:
    """Enter one's side of a trade; it settles payment versus payment once the other side is the same.

    Parameters
    ----------
    counterparty
        BIC of the other side.
    pays
        What one pays, such as 'AED 100.00'.
    gets
        What one gets.
    on
        Value date, YYYY-MM-DD.
    reference
        UUID that both sides agreed to name it by.
    """
    from steelyard.client.types import TradeAsked

    fields = {
        "counterparty": counterparty, "pays": money(pays), "gets": money(gets), "value_on": on,
        "reference": reference,
    }  # fmt: skip
    asked = made(TradeAsked, fields)
    with node(common) as (client, out):
        return told.done(out, client.fx_trades.enter(asked))


@app.command
def cancel(trade: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Take one's side back; a matched trade ends when both have.

    Parameters
    ----------
    trade
        The trade.
    """
    with node(common) as (client, out):
        return told.done(out, client.fx_trades.cancel(trade))
