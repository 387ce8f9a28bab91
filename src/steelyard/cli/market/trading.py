"""`steelyard market`: one's own orders, trades, trade accounts and firm quotes."""

from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal

from cyclopts import Parameter

from steelyard.cli import told
from steelyard.cli.market.public import basket_price
from steelyard.cli.output import columns
from steelyard.cli.reading import money
from steelyard.cli.session import DONE, NOTHING_GIVEN, REFUSED, UNKNOWN, USAGE, Common, Switch, end, node

if TYPE_CHECKING:
    from collections.abc import Iterator

    from steelyard.cli.output import Output
    from steelyard.client.market import OrdersAnswer

Tif = Literal["gtc", "day", "gtd", "ioc", "fok", "gfa"]
Stp = Literal["none", "cancel_taker", "cancel_maker", "cancel_both", "decrement"]
State = Literal["open", "filled", "cancelled"]
ANSWERS = columns("order=order_id, state, price, currency, traded, open, cancelled, refusal")
ORDERS = columns(
    "order=order_id, instrument, side, price, currency, quantity, open, state, why, entered=entered_at"
)
TRADES = columns(
    "trade=trade_id, instrument, side, quantity, price, in=price_currency, in the basket=basket_price, pays, gets, "
    "settles=settles_on, reversed, at"
)
QUOTES = columns("quote=quote_id, left, buy, rate, state, until=valid_until")

HINTS = {
    "CURRENCY_NOT_TRADED": "say one's currency with --currency",
    "FUNDS_ARE_SHORT": "steelyard market deposit puts money there",
    "INSTRUMENT_UNKNOWN": "steelyard market list names them",
    "MARKET_ACCOUNT_NOT_FOUND": "steelyard market open-account opens one",
    "PRICE_NOT_ON_TICK": "steelyard market show says the tick",
    "PRICE_OUTSIDE_DAILY_LIMIT": "steelyard market limits says between which prices",
    "QUANTITY_NOT_IN_LOTS": "steelyard market show says the lot",
    "RECEIPT_NOT_AVAILABLE": "steelyard market commit brings receipts there",
}
"""What helps where an order is refused"""


@Parameter(name="*")
@dataclass(frozen=True)
class Terms:
    """Options of an order.

    Parameters
    ----------
    currency
        One's currency, where the instrument is traded in several.
    tif
        How long it is good: gtc till cancelled, day, gtd till --until, ioc and fok at once, gfa for the auction.
    until
        Last day of a gtd order, YYYY-MM-DD.
    stop
        It waits until the last trade is at this price or beyond.
    peak
        How much of it is shown.
    post_only
        Refused if it would trade at once.
    aon
        Trades whole or not at all.
    stp
        What happens where it meets one's own group; else as the instrument says.
    session
        Name of the session it belongs to.
    """

    currency: str | None = None
    tif: Tif = "gtc"
    until: str | None = None
    stop: str | None = None
    peak: int | None = None
    post_only: Switch = False
    aon: Switch = False
    stp: Stp | None = None
    session: str | None = None


PLAIN = Terms()


def buy(
    instrument: str,
    quantity: int,
    price: str | None = None,
    /,
    *,
    terms: Terms = PLAIN,
    common: Common = NOTHING_GIVEN,
) -> int:
    """Enter an order to buy.

    Parameters
    ----------
    instrument
        Code of the instrument.
    quantity
        How many of its units, such as tonnes; a number of whole lots.
    price
        At most so much for a unit, such as 4600.00; without it a market order.
    """
    return _enter(instrument, "buy", quantity, price, terms, common)


def sell(
    instrument: str,
    quantity: int,
    price: str | None = None,
    /,
    *,
    terms: Terms = PLAIN,
    common: Common = NOTHING_GIVEN,
) -> int:
    """Enter an order to sell: of goods for which receipts are committed, or of a cleared contract.

    Parameters
    ----------
    instrument
        Code of the instrument.
    quantity
        How many of its units, such as tonnes; a number of whole lots.
    price
        At least so much for a unit, such as 1350.00; without it a market order.
    """
    return _enter(instrument, "sell", quantity, price, terms, common)


def _enter(
    instrument: str,
    side: Literal["buy", "sell"],
    quantity: int,
    price: str | None,
    terms: Terms,
    common: Common,
) -> int:
    asked = {name: value for name, value in asdict(terms).items() if name != "until"}
    kind = "limit" if price is not None else "market"
    with node(common) as (client, out):
        found = client.orders.enter(
            instrument=instrument,
            side=side,
            quantity=quantity,
            price=price,
            type=kind,
            until_on=terms.until,
            **asked,
        )
        return _answered(out, found)


def _answered(out: "Output", found: "OrdersAnswer") -> int:
    """Say what became of orders."""
    if found.outcome == "unknown":
        if out.json:
            out.item(found)
        end(f"outcome unknown: {found.details.get('why', '')}", UNKNOWN)
    if found.refusal is not None:
        if out.json:
            out.item(found)
        code, hint = found.refusal.code, HINTS.get(found.refusal.code)
        why = found.refusal.detail or found.refusal.title
        end(f"refused: {code}: {why}{f' (hint: {hint})' if hint else ''}", REFUSED)
    if out.json:
        out.item(found)
    else:
        out.rows(found.orders, ANSWERS)
    return DONE


def orders(
    *, instrument: str | None = None, state: State | None = None, common: Common = NOTHING_GIVEN
) -> int:
    """List one's orders, newest first.

    Parameters
    ----------
    instrument
        Of this instrument.
    state
        In this state.
    """
    with node(common) as (client, out):
        out.rows(client.orders.list(instrument=instrument, state=state, limit=1_000), ORDERS)
    return DONE


@contextmanager
def _open(order: str) -> "Iterator[None]":
    """End with words for an order where the node says that there is none."""
    from steelyard.client.errors import ProblemError

    try:
        yield
    except ProblemError as problem:
        if problem.code != "not-found":
            raise
        end(
            f"not-found: {order} is no open order of one's own (hint: steelyard market orders lists them)",
            USAGE,
        )


def change(
    order: str, /, *, quantity: int | None = None, price: str | None = None, common: Common = NOTHING_GIVEN
) -> int:
    """Give an order a new total or limit. A lower total at the same limit keeps its place, all else loses it.

    Parameters
    ----------
    order
        Id of the order.
    quantity
        The new total, what has traded included.
    price
        The new limit.
    """
    with node(common) as (client, out), _open(order):
        return _answered(out, client.orders.change(order, quantity=quantity, price=price))


def cancel(order: str, /, *more: str, common: Common = NOTHING_GIVEN) -> int:
    """Take orders out.

    Parameters
    ----------
    order
        Id of the order.
    more
        Ids of further ones.
    """
    with node(common) as (client, out):
        if not more:
            with _open(order):
                return _answered(out, client.orders.cancel(order))
        return _answered(out, client.orders.cancel_many([order, *more]))


def cancel_all(
    *,
    instrument: str | None = None,
    side: Literal["buy", "sell"] | None = None,
    session: str | None = None,
    common: Common = NOTHING_GIVEN,
) -> int:
    """Take out all of one's open orders.

    Parameters
    ----------
    instrument
        Only of this instrument.
    side
        Only of this side.
    session
        Only of this session.
    """
    with node(common) as (client, out):
        return _answered(out, client.orders.cancel_all(instrument=instrument, side=side, session=session))


def own_trades(*, common: Common = NOTHING_GIVEN) -> int:
    """List one's latest trades, newest first."""
    from msgspec.structs import asdict as fields

    with node(common) as (client, out):
        found = client.orders.trades(limit=1_000)
        if out.json:
            out.rows(found, TRADES)
            return DONE
        rows = (fields(one) | {"basket_price": basket_price(one.basket_price, None)} for one in found)
        out.rows(rows, TRADES)
    return DONE


def agree_reversal(trade: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Agree that a trade of the last quarter of an hour is taken back.

    Parameters
    ----------
    trade
        Id of the trade.
    """
    with node(common) as (client, out):
        return told.done(out, client.orders.agree_to_reversal(trade))


def open_account(currency: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Open one's trade account of a currency.

    Parameters
    ----------
    currency
        Its code.
    """
    with node(common) as (client, out):
        return told.done(out, client.orders.open_account(currency))


def deposit(amount: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Put money onto one's trade account.

    Parameters
    ----------
    amount
        How much, such as 'INR 1000.00'.
    """
    with node(common) as (client, out):
        return told.done(out, client.orders.deposit(money(amount)))


def withdraw(amount: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Take money back from one's trade account, as far as no order or firm quote binds it.

    Parameters
    ----------
    amount
        How much, such as 'INR 1000.00'.
    """
    with node(common) as (client, out):
        return told.done(out, client.orders.withdraw(money(amount)))


def commit(receipt: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Commit a warehouse receipt to trade: sales may bind its goods.

    Parameters
    ----------
    receipt
        Id of the receipt.
    """
    with node(common) as (client, out):
        return told.done(out, client.orders.commit(receipt))


def take_out(receipt: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Take a warehouse receipt out of trade, as far as no sale needs it.

    Parameters
    ----------
    receipt
        Id of the receipt.
    """
    with node(common) as (client, out):
        return told.done(out, client.orders.take_out(receipt))


def quote(
    size: str,
    buy: str,
    rate: str,
    /,
    *,
    until: str,
    in_auctions: Switch = False,
    replaces: str | None = None,
    common: Common = NOTHING_GIVEN,
) -> int:
    """Let a firm quote stand, as FX provider; what it may sell lies on one's trade account.

    Parameters
    ----------
    size
        What one sells at most, such as 'BRL 500000.00'.
    buy
        Code of the currency one takes for it.
    rate
        How much of that for one sold, such as 3.40.
    until
        When it ends, RFC 3339.
    in_auctions
        It also stands at the frozen rates of auctions.
    replaces
        Id of an own quote whose place it takes.
    """
    from steelyard.client.market import FirmQuoteAsked

    asked = FirmQuoteAsked(
        size=money(size), buy=buy, rate=rate, valid_until=until, in_auctions=in_auctions, replaces=replaces
    )
    with node(common) as (client, out):
        return told.done(out, client.firm_quotes.put(asked))


def quotes(*, common: Common = NOTHING_GIVEN) -> int:
    """List one's firm quotes, newest first."""
    with node(common) as (client, out):
        out.rows(client.firm_quotes.list(limit=1_000), QUOTES)
    return DONE


def unquote(quote: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Take a firm quote back.

    Parameters
    ----------
    quote
        Id of the quote.
    """
    with node(common) as (client, out):
        return told.done(out, client.firm_quotes.withdraw(quote))
