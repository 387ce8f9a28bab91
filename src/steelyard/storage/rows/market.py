"""Rows of the market: instruments, orders, trades, firm quotes, phases, auctions and bands."""

from typing import Any

from steelyard.flows import market_facts as facts
from steelyard.flows.fact import Fact
from steelyard.flows.price_facts import PricePublished
from steelyard.storage.added import (
    FEED,
    ORDER,
    ORDER_CHANGED_AT,
    ORDER_OPEN,
    ORDER_PRICE,
    ORDER_QUANTITY,
    Added,
)
from steelyard.storage.database import Writing
from steelyard.storage.rows.statement import FIRST, Handler, Handlers, Statements, json, named, put, simple

STATES = {"traded": "open", "replaced": "open", "decremented": "open", "released": "open"}


def _order_entered(added: Added, fact: facts.OrderEntered, key: int, n: int, at: int) -> None:
    added.orders[fact.order_id] = [
        fact.order_id, fact.order_no, fact.owner, fact.instrument, fact.currency, fact.side, fact.type, fact.tif,
        fact.quantity, fact.price, fact.stop, fact.peak, int(fact.post_only), int(fact.aon), fact.stp, fact.until_on,
        fact.session, fact.quantity, "open", 0, at, at, key, n,
    ]  # fmt: skip


def _order_moved(added: Added, fact: facts.OrderMoved, key: int, n: int, at: int) -> None:
    """Bring an order up to date; without a rest it is filled, or cancelled where that ended it."""
    state = STATES.get(fact.event, fact.event)
    if not fact.left and state == "open":
        state = "cancelled" if fact.why else "filled"
    left = 0 if state == "cancelled" else fact.left
    row = added.orders.get(fact.order_id)
    if row is None:
        added.order_moves[fact.order_id] = (left, state, fact.why, at)
    else:
        row[ORDER_OPEN : ORDER_OPEN + 3] = left, state, fact.why
        row[ORDER_CHANGED_AT] = at
    if fact.event == "replaced":
        if row is None:
            added.order_terms[fact.order_id] = (fact.price, fact.quantity)
        else:
            row[ORDER_PRICE], row[ORDER_QUANTITY] = fact.price, fact.quantity


def _feed(added: Added, kind: str, instrument: str, told: dict[str, Any], at: int, key: int) -> None:
    """Add an item to an instrument's public stream; it gets the next number there as it is written."""
    added.feed.setdefault(instrument, []).append((kind, json(told), at, key))


def _public(kind: str, *hidden: str) -> Handler:
    """Make the handler of a fact that is public but for some fields."""

    def handle(added: Added, fact: Fact, key: int, n: int, at: int) -> None:
        told = {name: value for name, value in named(fact).items() if name not in ("instrument", *hidden)}
        _feed(added, kind, fact.instrument, told, at, key)  # type: ignore[attr-defined]

    return handle


OWNED = ("buyer", "seller", "buy", "sell", "quote_no", "bundle_id", "provider")
"""What of a trade would tell whose it is"""


def _traded(added: Added, fact: facts.MarketTraded, key: int, n: int, at: int) -> None:
    added.upserts.append((
        "market.trade",
        (fact.trade_id, fact.instrument, fact.buy, fact.sell, fact.buyer, fact.seller, fact.quantity, fact.price,
         fact.buyer_currency, fact.buyer_minor, fact.seller_currency, fact.seller_minor, fact.quote_no, fact.taker,
         fact.bundle_id, b"", fact.settles_on, fact.provider, fact.basket_price, at, key, n),
    ))  # fmt: skip
    told = {name: value for name, value in named(fact).items() if name not in ("instrument", *OWNED)}
    none = {"price": fact.price or None, "basket_price": fact.basket_price or None}
    _feed(added, "trade", fact.instrument, told | none, at, key)


def _depth_moved(added: Added, fact: facts.DepthMoved, key: int, n: int, at: int) -> None:
    for currency, side, price, quantity in fact.levels:
        added.levels[fact.instrument, currency, side, price] = quantity
    _feed(added, "level", fact.instrument, {"levels": fact.levels}, at, key)


def _phase_moved(added: Added, fact: facts.PhaseMoved, key: int, n: int, at: int) -> None:
    _public("phase")(added, fact, key, n, at)
    added.upserts.append(("instrument.phase", (fact.phase, fact.instrument)))


def _bands_set(added: Added, fact: facts.BandsSet, key: int, n: int, at: int) -> None:
    _public("limit")(added, fact, key, n, at)
    added.upserts.append((
        "instrument.bands",
        (fact.reference, fact.limit_low, fact.limit_high, fact.dyn_low, fact.dyn_high, fact.instrument),
    ))  # fmt: skip


def benchmark(added: Added, fact: PricePublished, key: int, n: int, at: int) -> None:
    """Tell a benchmark, index or curve in the stream of its series, without the hash of each piece of data."""
    if fact.kind != "settlement":
        told = named(fact)
        del told["inputs"]
        _feed(added, "benchmark", fact.series, told, at, key)


def _settlement(added: Added, fact: facts.SettlementPriced, key: int, n: int, at: int) -> None:
    _public("settlement")(added, fact, key, n, at)
    added.upserts.append(("instrument.settlement", (fact.price, fact.instrument)))


def _quote_moved(added: Added, fact: facts.FirmQuoteMoved, key: int, n: int, at: int) -> None:
    terms = (
        fact.provider,
        fact.sell,
        fact.buy,
        str(fact.num),
        str(fact.den),
        fact.sell_left,
        fact.valid_until,
    )
    added.upserts.append(
        ("firm_quote", (fact.quote_id, fact.quote_no, fact.event, *terms, at, at, key, n)),
    )
    if fact.event in ("put", "used"):
        added.upserts.append(("quote.stands", (fact.quote_no, *terms)))
    else:
        added.upserts.append(("quote.over", (fact.quote_no,)))


def write(tables: Writing, added: Added) -> None:
    """Write what grows with orders: the orders, the levels of books, the streams with their numbers."""
    tables.run_many(STATEMENTS["market.order"], added.orders.values())
    moves, terms = added.order_moves, added.order_terms
    tables.run_many(STATEMENTS["market.moved"], [(*moved, order_id) for order_id, moved in moves.items()])
    tables.run_many(STATEMENTS["market.terms"], [(*given, order_id) for order_id, given in terms.items()])
    levels = added.levels
    tables.run_many(
        STATEMENTS["market.level"], [(*place, str(shown)) for place, shown in levels.items() if shown]
    )
    tables.run_many(STATEMENTS["market.no_level"], [place for place, shown in levels.items() if not shown])
    for instrument, items in added.feed.items():
        last = tables.run(
            "SELECT coalesce(max(seq), 0) FROM market_feed WHERE instrument = ?", (instrument,)
        )[0][0]
        rows = [(instrument, seq, *item) for seq, item in enumerate(items, last + 1)]
        tables.fill("market_feed", FEED, rows)


STATEMENTS: Statements = {
    "instrument": put("instrument", "code contract way asset currency basket kg terms listed_at key", "code"),
    "instrument.phase": "UPDATE instrument SET phase = ? WHERE code = ?",
    "instrument.bands": "UPDATE instrument SET reference = ?, limit_low = ?, limit_high = ?, dyn_low = ?,"
    " dyn_high = ? WHERE code = ?",
    "instrument.settlement": "UPDATE instrument SET settlement = ? WHERE code = ?",
    "trade.money": put("trade_money", "key n owner asset minor bundle_id at_ns", "key n"),
    "market.order": put("market_order", " ".join(ORDER), "order_id", keep=FIRST),
    "market.moved": "UPDATE market_order SET open = ?, state = ?, why = ?, changed_at = ? WHERE order_id = ?",
    "market.terms": "UPDATE market_order SET price = ?, quantity = ? WHERE order_id = ?",
    "market.trade": put(
        "market_trade",
        "trade_id instrument buy sell buyer seller quantity price buyer_currency buyer_minor seller_currency"
        " seller_minor quote_no taker bundle_id reversed_by settles_on provider basket_price at_ns entered n",
        "trade_id",
    ),
    "market.reversed": "UPDATE market_trade SET reversed_by = ? WHERE trade_id = ?",
    "market.settled": "UPDATE market_trade SET bundle_id = ? WHERE trade_id = ?",
    "market.level": put(
        "market_level", "instrument currency side price quantity", "instrument currency side price"
    ),
    "market.no_level": "DELETE FROM market_level WHERE instrument = ? AND currency = ? AND side = ? AND price = ?",
    "firm_quote": put(
        "firm_quote",
        "quote_id quote_no state provider sell buy num den sell_left valid_until entered_at changed_at entered n",
        "quote_id",
        keep=FIRST,
    ),
    "quote.stands": put(
        "firm_quote_standing", "quote_no provider sell buy num den sell_left valid_until", "quote_no"
    ),
    "quote.over": "DELETE FROM firm_quote_standing WHERE quote_no = ?",
    "order.refused": put("order_refused", "order_id owner place refusal at_ns key n", "key n"),
    "market.group": put("market_group", "owner name key", "owner"),
}

HANDLERS: Handlers = {
    facts.InstrumentListed: simple(
        "instrument", "code", "contract", "way", "asset", "currency", "basket", "kg", "terms", "at", "key"
    ),
    facts.TradeMoneyMoved: simple("trade.money", "key", "n", "owner", "asset", "minor", "bundle_id", "at"),
    facts.OrderEntered: _order_entered,
    facts.OrderMoved: _order_moved,
    facts.MarketTraded: _traded,
    facts.TradeReversed: simple("market.reversed", "bundle_id", "trade_id"),
    facts.TradeSettled: simple("market.settled", "bundle_id", "trade_id"),
    facts.PhaseMoved: _phase_moved,
    facts.AuctionDone: _public("auction"),
    facts.Indicated: _public("indicative"),
    facts.DepthMoved: _depth_moved,
    facts.BandsSet: _bands_set,
    facts.SeedCommitted: _public("seed"),
    facts.SettlementPriced: _settlement,
    facts.FirmQuoteMoved: _quote_moved,
    facts.GroupSet: simple("market.group", "owner", "group", "key"),
    facts.OrderRefused: simple("order.refused", "order_id", "owner", "place", "refusal", "at", "key", "n"),
}  # fmt: skip
