"""`steelyard order`: orders to exchange currencies, which batches fill for all at once."""

from typing import Literal

from cyclopts import App

from steelyard.cli import told
from steelyard.cli.reading import made, money
from steelyard.cli.session import DONE, NOTHING_GIVEN, Common, node

app = App(name="order", help="Enter, list and withdraw orders to exchange currencies.", version_flags=())

COLUMNS = (
    ("order", "order_id"), ("sells", "sell"), ("open", "open"), ("bought", "bought"), ("limit", "limit"),
    ("until", "good_until"), ("state", "state"),
)  # fmt: skip


@app.command
def enter(
    sell: str, buy: str, /, *, until: str, limit: str | None = None, common: Common = NOTHING_GIVEN
) -> int:
    """Enter an order; its money is set aside, and batches fill it at its limit or better.

    Parameters
    ----------
    sell
        What one sells, such as 'AED 1000.00'.
    buy
        Code of what one buys.
    until
        Until when it is good, such as 2026-12-01T12:00:00Z.
    limit
        The least one takes: units bought per unit sold, such as 22.50. Without it, any rate.
    """
    from steelyard.client.types import FxOrderAsked

    asked = made(FxOrderAsked, {"sell": money(sell), "buy": buy, "good_until": until, "limit": limit})
    with node(common) as (client, out):
        return told.done(out, client.fx_orders.enter(asked))


@app.command(name="list")
def list_(*, state: str | None = None, common: Common = NOTHING_GIVEN) -> int:
    """List orders of one's own, newest first.

    Parameters
    ----------
    state
        Those that are open, filled, cancelled, expired or refused.
    """
    with node(common) as (client, out):
        out.rows(client.fx_orders.list(state=state, limit=1_000), COLUMNS)
    return DONE


@app.command
def show(order: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Show an order.

    Parameters
    ----------
    order
        The order.
    """
    with node(common) as (client, out):
        out.item(client.fx_orders.get(order))
    return DONE


@app.command
def cancel(order: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Take an order back: at once, or when the batch that has it is over.

    Parameters
    ----------
    order
        The order.
    """
    with node(common) as (client, out):
        return told.done(out, client.fx_orders.cancel(order))


@app.command
def cap(currency: str, value: str | None = None, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Cap what one sells of a currency in one batch; without a value there is no cap any more.

    Parameters
    ----------
    currency
        Code of the currency.
    value
        The most, such as 1000.00.
    """
    with node(common) as (client, out):
        return told.done(out, client.fx_orders.cap(currency, value))


@app.command
def batch(
    *, kind: Literal["fx_reference", "fx_auction"] = "fx_reference", common: Common = NOTHING_GIVEN
) -> int:
    """Ask for a batch of orders, as operator.

    Parameters
    ----------
    kind
        At reference rates, or at prices that floating currencies find.
    """
    with node(common) as (client, out):
        return told.done(out, client.fx_orders.ask_batch(kind))
