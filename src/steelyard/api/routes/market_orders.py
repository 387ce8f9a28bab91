"""Orders, trade accounts and firm quotes: what traders and providers do on the market, and see of their own."""

from typing import Any

from steelyard.api import listing, wire
from steelyard.api.auth.visibility import Views, view_of
from steelyard.api.call import Call, Reply, tell
from steelyard.api.listing import ITEMS, Field, Listing
from steelyard.api.orders import Recorded, done, order
from steelyard.api.problems import ProblemError
from steelyard.api.refusals import of as refusal_of
from steelyard.api.route import Param, Route, lists
from steelyard.api.views import market as view
from steelyard.api.wire import Faults
from steelyard.client import market as shapes
from steelyard.client import types
from steelyard.flows.market_beat import BeatFields
from steelyard.flows.market_facts import FirmQuoteMoved, OrderEntered, OrderMoved, OrderRefused
from steelyard.flows.market_money import MoneyFields, OpenFields, ReceiptFields
from steelyard.flows.market_quote import NamedFields, QuoteFields
from steelyard.flows.market_reverse import NamedFields as TradeFields
from steelyard.flows.order import CancelFields, MassFields, OrderFields, ReplaceFields
from steelyard.market.refusals.orders import OrderRefusal
from steelyard.values.instants import parse_instant
from steelyard.values.rate import from_decimal_text

TRADES_MAX = 1_000


async def enter_market_order(call: Call) -> Reply:
    """Enter one order."""
    asked, faults = call.asked(shapes.OrderAsked), Faults()
    fields = order_fields(call, asked, await order_currency(call, asked), faults, "")
    faults.end()
    found = await order(call, "order.enter", fields)
    return tell(_answer(found, call))


async def cancel_market_order(call: Call) -> Reply:
    """Take an order out."""
    found = await order(call, "order.cancel", CancelFields((wire.path_id(call.path_params["id"]),)))
    return tell(_answer(_there(found), call, cancels=True))


async def cancel_market_orders(call: Call) -> Reply:
    """Take several orders out; each is found or not by itself."""
    ids = tuple(wire.uuid_bytes(one) for one in call.asked(shapes.OrderIds).order_ids)
    return tell(_answer(await order(call, "order.cancel", CancelFields(ids)), call, cancels=True))


async def cancel_all_orders(call: Call) -> Reply:
    """Take out all of one's open orders, or those of an instrument, a side, a session."""
    asked = call.asked(shapes.OrdersOf)
    side = -1 if asked.side is None else int(view.SIDES[asked.side])
    found = await order(
        call, "order.cancel_all", MassFields(asked.instrument or "", side, asked.session or "")
    )
    return tell(_answer(found, call, cancels=True))


async def change_market_order(call: Call) -> Reply:
    """Give an order a new total or price."""
    asked, faults = call.asked(shapes.OrderChange), Faults()
    order_id = wire.path_id(call.path_params["id"])
    row = await call.gateway.aside(lambda: call.gateway.stores.reader.one("market_order", order_id=order_id))
    if row is None or row["owner"] != call.who.owner:
        raise ProblemError("not-found")
    minor = price_minor(call, asked.price, row["currency"], faults, "/price")
    faults.end()
    found = await order(call, "order.replace", ReplaceFields(order_id, asked.quantity or 0, minor))
    return tell(_answer(_there(found), call, currency=row["currency"]))


async def list_market_orders(call: Call) -> Reply:
    """List one's orders, newest first; nobody else's."""
    return await listing.answer(call, ORDERS)


async def get_market_order(call: Call) -> Reply:
    """Show one of one's orders."""
    order_id, seen = wire.path_id(call.path_params["id"]), view_of(call.who, call.directory.members)
    row = await call.gateway.aside(lambda: call.gateway.stores.reader.one("market_order", order_id=order_id))
    if row is None:
        raise ProblemError("not-found")
    seen.need(row["owner"])
    return tell(view.order(row, call))


async def list_own_trades(call: Call) -> Reply:
    """List one's latest trades, newest first; the other side is not named."""
    reader, seen = call.gateway.stores.reader, view_of(call.who, call.directory.members)

    def work() -> list[dict[str, Any]]:
        if seen.owners is None:
            return reader.page("market_trade", limit=TRADES_MAX, newest_first=True)
        mine = [(side, "in", seen.owners) for side in ("buyer", "seller", "provider")]
        return reader.page("market_trade", any_of=mine, limit=TRADES_MAX, newest_first=True)

    rows = await call.gateway.aside(work)
    items = [one for row in rows for one in view.trades(row, call, seen)]
    return await listing.answer_items(
        call, shapes.TradeShown, items, lambda one: (-(parse_instant(one.at) or 0), one.trade_id, one.side)
    )


async def agree_to_reversal(call: Call) -> Reply:
    """Agree that a trade of the last quarter of an hour is taken back."""
    found = await order(call, "trade.agree_reversal", TradeFields(wire.path_id(call.path_params["id"])))
    if found.outcome.refusal == OrderRefusal.MARKET_TRADE_NOT_FOUND.code:
        raise ProblemError("not-found")
    return tell(done(found, subject=call.path_params["id"]))


async def open_trade_account(call: Call) -> Reply:
    """Open one's trade account of a currency."""
    return tell(done(await order(call, "trade_account.open", OpenFields(_asset(call)))))


def _moves(name: str, about: str) -> Any:
    """Give the function of a route that moves money onto a trade account or back."""

    async def run(call: Call) -> Reply:
        asked, faults = call.asked(shapes.TradeMoneyAsked), Faults()
        minor = wire.minor(asked.amount, call.directory, faults, "/amount")
        faults.end()
        return tell(done(await order(call, f"trade_account.{name}", MoneyFields(asked.amount.asset, minor))))

    run.__name__, run.__doc__ = f"{name}_trade_money", f"{about}."
    return run


def _commits(name: str, about: str) -> Any:
    """Give the function of a route that commits a receipt to trade or takes it out."""

    async def run(call: Call) -> Reply:
        fields = ReceiptFields(wire.path_id(call.path_params["id"]))
        return tell(done(await order(call, f"receipt.{name}", fields), subject=call.path_params["id"]))

    run.__name__, run.__doc__ = f"{name}_receipt_to_trade", f"{about}."
    return run


def _beats(name: str, about: str) -> Any:
    """Give the function of a route about a session."""

    async def run(call: Call) -> Reply:
        session = call.path_params["session"]
        if not 0 < len(session) <= 32:
            raise ProblemError("not-found")
        return tell(done(await order(call, f"order.{name}", BeatFields(session)), subject=session))

    run.__name__, run.__doc__ = f"{name}_session" if name == "beat" else name, f"{about}."
    return run


async def put_firm_quote(call: Call) -> Reply:
    """Let a firm quote stand; what it may sell must lie on one's trade account."""
    asked, faults, directory = call.asked(shapes.FirmQuoteAsked), Faults(), call.directory
    size = wire.minor(asked.size, directory, faults, "/size")
    until = wire.instant(asked.valid_until, faults, "/valid_until")
    sell, buy = asked.size.asset, asked.buy
    rate = None
    if buy not in directory.assets:
        faults.add("/buy", "asset-unknown", "no asset of this code is booked here", buy)
    elif sell in directory.assets:
        rate = from_decimal_text(
            sell, buy, asked.rate, base_scale=directory.scale(sell), quote_scale=directory.scale(buy)
        )
        if rate is None or max(rate.num, rate.den) >= 10**18:
            faults.add("/rate", "no-rate", "must be a decimal above zero with at most 18 digits", asked.rate)
    faults.end()
    assert rate is not None
    replaces = wire.uuid_bytes(asked.replaces) if asked.replaces else b""
    fields = QuoteFields(sell, buy, rate.num, rate.den, size, until, asked.in_auctions, replaces)
    found = await order(call, "firm_quote.put", fields)
    put = next((one for one in found.facts if isinstance(one, FirmQuoteMoved) and one.event == "put"), None)
    return tell(done(found, subject=wire.uuid_text(put.quote_id) if put else None))


async def withdraw_firm_quote(call: Call) -> Reply:
    """Take a firm quote back."""
    found = await order(call, "firm_quote.withdraw", NamedFields(wire.path_id(call.path_params["id"])))
    if found.outcome.refusal == OrderRefusal.FIRM_QUOTE_NOT_FOUND.code:
        raise ProblemError("not-found")
    return tell(done(found, subject=call.path_params["id"]))


async def list_firm_quotes(call: Call) -> Reply:
    """List one's firm quotes, newest first."""
    return await listing.answer(call, QUOTES)


def _asset(call: Call) -> str:
    asset = call.path_params["asset"]
    if asset not in call.directory.assets:
        raise ProblemError("not-found")
    return asset


def price_minor(call: Call, text: str | None, currency: str, faults: Faults, pointer: str) -> int:
    return 0 if text is None else wire.minor_of(text, view.scale(call, currency), faults, pointer)


async def order_currency(call: Call, asked: shapes.OrderAsked) -> str:
    """Give the currency of an order's prices: its own, else its instrument's."""
    return asked.currency or await call.gateway.instruments.currency(asked.instrument)


def order_fields(
    call: Call, asked: shapes.OrderAsked, currency: str, faults: Faults, pointer: str
) -> OrderFields:
    """Read an order whose prices are in a currency."""
    prices = [
        price_minor(call, text, currency, faults, f"{pointer}/{name}")
        for name, text in (("price", asked.price), ("stop", asked.stop))
    ]
    until = wire.date(asked.until_on, faults, f"{pointer}/until_on")
    return OrderFields(
        asked.instrument, view.SIDES[asked.side], asked.quantity, prices[0], view.TYPES[asked.type],
        view.TIFS[asked.tif], asked.currency or "", prices[1], asked.peak or 0, asked.post_only, asked.aon,
        -1 if asked.stp is None else int(view.STPS[asked.stp]), until, asked.session or "",
    )  # fmt: skip


def _answer(found: Recorded, call: Call, *, cancels: bool = False, currency: str = "") -> shapes.OrdersAnswer:
    """Give what became of each order that a command was about: those it enters or changes, or those it `cancels`.

    `currency` is that of the order that is changed.
    """
    at = wire.at_text(found.answer.at_ns)
    if found.is_refused:
        problem, _ = wire.refusal(found.outcome.refusal)
        return shapes.OrdersAnswer(outcome="refused", seq=found.answer.seq, at=at, refusal=problem)
    stands: dict[bytes, shapes.OrderAnswer] = {}
    for fact in found.facts:
        if isinstance(fact, OrderEntered):
            stands[fact.order_id] = opened(fact, fact.quantity, fact.currency, call)
        elif isinstance(fact, OrderMoved) and fact.event == "replaced":
            stands[fact.order_id] = opened(fact, fact.left, currency, call)
        elif isinstance(fact, OrderRefused):
            stands[fact.order_id] = turned_down(fact)
        elif isinstance(fact, OrderMoved):
            note_move(stands, fact, cancels=cancels)
    return shapes.OrdersAnswer(outcome="done", orders=list(stands.values()), seq=found.answer.seq, at=at)


def turned_down(fact: OrderRefused) -> shapes.OrderAnswer:
    """Give the answer to one of several that was refused."""
    refusal = refusal_of(fact.refusal)
    return shapes.OrderAnswer(
        order_id=wire.uuid_text(fact.order_id),
        state="refused",
        open=0,
        refusal=refusal.name if refusal is not None else None,
    )


def opened(fact: OrderEntered | OrderMoved, left: int, currency: str, call: Call) -> shapes.OrderAnswer:
    """Give an order on the terms that it has now; a new total that has traded already ends it."""
    return shapes.OrderAnswer(
        order_id=wire.uuid_text(fact.order_id),
        state="open" if left else "filled",
        open=left,
        quantity=fact.quantity,
        price=view.price(fact.price, currency, call),
        currency=currency,
    )


def note_move(stands: dict[bytes, shapes.OrderAnswer], fact: OrderMoved, *, cancels: bool) -> None:
    """Note what happened to an order of this command; orders of others that it met are not told of."""
    mine = stands.get(fact.order_id)
    if mine is None:
        if not cancels or fact.event != "cancelled":
            return
        mine = stands[fact.order_id] = shapes.OrderAnswer(
            order_id=wire.uuid_text(fact.order_id), state="cancelled", open=0
        )
    if fact.event == "traded":
        mine.traded += mine.open - fact.left
    if fact.event == "cancelled":
        mine.state, mine.open, mine.cancelled = "cancelled", 0, fact.left
    else:
        mine.open = fact.left
        if not fact.left:
            mine.state = "cancelled" if fact.why else "filled"


def _there(found: Recorded) -> Recorded:
    """Raise not-found where an order is not open, or not the caller's."""
    if found.outcome.refusal == OrderRefusal.ORDER_NOT_OPEN.code:
        raise ProblemError("not-found")
    return found


def _own(call: Call) -> Views:
    return view_of(call.who, call.directory.members).of("owner")


def _provided(call: Call) -> Views:
    return view_of(call.who, call.directory.members).of("provider")


ORDERS = Listing(
    "market_order",
    shapes.OrderShown,
    view.order,
    _own,
    (
        Field(Param("instrument", "text", "Of this instrument."), "instrument"),
        Field(Param("state", "words", "In this state.", ("open", "filled", "cancelled")), "state"),
    ),
)
QUOTES = Listing(
    "firm_quote",
    shapes.FirmQuoteShown,
    view.firm_quote,
    _provided,
    (Field(Param("sell", "asset", "Selling this currency."), "sell"),),
)
_ORDERS, _ORDER, _QUOTES = "/v1/orders", "/v1/orders/{id}", "/v1/firm-quotes"
_IN, _OUT = "Put money onto one's trade account", "Take money back from one's trade account"
_COMMIT, _RETURN = "Commit a receipt to trade", "Take a receipt out of trade"
_BEAT = "Let a session go on for ten seconds; where it falls silent its orders are cancelled"
_END = "End a session; its orders stay"
_SESSION = "/v1/order-sessions/{session}"
ROUTES = (
    Route("POST", _ORDERS, "order", enter_market_order, "Enter an order", shapes.OrderAsked, shapes.OrdersAnswer,
          keyed=True),
    lists(_ORDERS, "read", list_market_orders, "One's orders", shapes.OrderShown, ORDERS.query),
    Route("GET", _ORDER, "read", get_market_order, "One of one's orders", told=shapes.OrderShown),
    Route("PATCH", _ORDER, "order", change_market_order, "Change an order", shapes.OrderChange,
          shapes.OrdersAnswer, keyed=True),
    Route("DELETE", _ORDER, "order", cancel_market_order, "Cancel an order", told=shapes.OrdersAnswer, keyed=True),
    Route("POST", f"{_ORDERS}/cancel", "order", cancel_market_orders, "Cancel several orders", shapes.OrderIds,
          shapes.OrdersAnswer, keyed=True),
    Route("POST", f"{_ORDERS}/cancel-all", "order", cancel_all_orders, "Cancel all of one's orders",
          shapes.OrdersOf, shapes.OrdersAnswer, keyed=True),
    Route("POST", f"{_SESSION}/beat", "order", _beats("beat", _BEAT), _BEAT, told=types.Done, keyed=True),
    Route("DELETE", _SESSION, "order", _beats("end_session", _END), _END, told=types.Done, keyed=True),
    lists("/v1/own-trades", "read", list_own_trades, "One's trades on the market", shapes.TradeShown, ITEMS),
    Route("POST", "/v1/own-trades/{id}/agree-reversal", "order", agree_to_reversal,
          "Agree that a trade is taken back", told=types.Done, keyed=True),
    Route("POST", "/v1/trade-accounts/{asset}/open", "order", open_trade_account, "Open a trade account",
          told=types.Done, keyed=True),
    Route("POST", "/v1/trade-accounts/deposit", "order", _moves("deposit", _IN), _IN, shapes.TradeMoneyAsked,
          types.Done, keyed=True),
    Route("POST", "/v1/trade-accounts/withdraw", "order", _moves("withdraw", _OUT), _OUT, shapes.TradeMoneyAsked,
          types.Done, keyed=True),
    Route("POST", "/v1/warehouse-receipts/{id}/commit", "order", _commits("commit", _COMMIT), _COMMIT,
          told=types.Done, keyed=True),
    Route("POST", "/v1/warehouse-receipts/{id}/return", "order", _commits("return", _RETURN), _RETURN,
          told=types.Done, keyed=True),
    Route("POST", _QUOTES, "quote", put_firm_quote, "Let a firm quote stand", shapes.FirmQuoteAsked, types.Done,
          keyed=True),
    Route("DELETE", f"{_QUOTES}/{{id}}", "quote", withdraw_firm_quote, "Take a firm quote back", told=types.Done,
          keyed=True),
    lists(_QUOTES, "read", list_firm_quotes, "One's firm quotes", shapes.FirmQuoteShown, QUOTES.query),
)  # fmt: skip
