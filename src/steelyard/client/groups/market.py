"""The market: instruments, books and streams that everybody sees; one's own orders, trades and firm quotes."""

from collections.abc import Sequence
from typing import Any

from steelyard.client.ask import NDJSON, Ask, Listing, body_of, change, get, order, path
from steelyard.client.market import (
    BandsAsked,
    BookShown,
    FeedItem,
    FirmQuoteAsked,
    FirmQuoteShown,
    GroupAsked,
    InstrumentAsked,
    InstrumentShown,
    LimitShown,
    OrderAsked,
    OrderChange,
    OrderIds,
    OrdersAnswer,
    OrderShown,
    OrdersOf,
    PhaseAsked,
    PhaseWord,
    ReversalAsked,
    SeedDigest,
    SeedRevealed,
    SideWord,
    TradeMoneyAsked,
    TradeShown,
)
from steelyard.client.order_messages import OrderMessage, OrderMessages
from steelyard.client.types import Done, Money
from steelyard.client.verbs import F, Group, Lists, Verb

MARKET, ORDERS, QUOTES, TRADES = "/v1/market", "/v1/orders", "/v1/firm-quotes", "/v1/own-trades"
Items = list[FeedItem]
Limits = list[LimitShown]
ACCOUNTS, RECEIPTS, SESSIONS = "/v1/trade-accounts", "/v1/warehouse-receipts", "/v1/order-sessions"


def _unknown(why: str, key: str) -> OrdersAnswer:
    return OrdersAnswer(outcome="unknown", details={"why": why, "key": key})


class Market(Group[F]):
    """Instruments as everybody sees them, and how the operator runs them."""

    @Lists
    def list(self, *, limit: int | None = None) -> Listing[InstrumentShown]:
        """List instruments with phase and bands."""
        return Listing(MARKET, {"limit": limit}, InstrumentShown)

    @Verb
    def get(self, instrument: str) -> Ask[InstrumentShown]:
        """Show an instrument."""
        return get(path(MARKET, instrument), InstrumentShown)

    @Verb
    def limits(self, instrument: str) -> Ask[Limits]:
        """Show between which prices orders in each currency may enter now."""
        return get(path(MARKET, instrument, "limits"), Limits)

    @Verb
    def book(self, instrument: str) -> Ask[BookShown]:
        """Show a book's levels at a number of its stream."""
        return get(path(MARKET, instrument, "book"), BookShown)

    @Verb
    def feed(self, instrument: str, *, after: int = 0) -> Ask[Items]:
        """Give the items of an instrument's stream after a number, at most a thousand."""
        return get(f"{path(MARKET, instrument, 'feed')}?from={after}", Items)

    @Verb
    def trades(self, instrument: str) -> Ask[Items]:
        """Give the latest trades of an instrument, newest first."""
        return get(path(MARKET, instrument, "trades"), Items)

    @Verb
    def auctions(self, instrument: str) -> Ask[Items]:
        """Give the latest auctions of an instrument, newest first."""
        return get(path(MARKET, instrument, "auctions"), Items)

    @Verb
    def settlement(self, instrument: str) -> Ask[Items]:
        """Give the latest settlement prices of an instrument, newest first."""
        return get(path(MARKET, instrument, "settlement"), Items)

    @Verb
    def day(self, instrument: str, on: str) -> Ask[bytes]:
        """Fetch a day of an instrument's stream, a JSON line an item, as `mirror.BookMirror` takes it."""
        return Ask("GET", path(MARKET, instrument, "feed", on), body_of, accepts=NDJSON, sees_writes=True)

    @Verb
    def put(self, instrument: InstrumentAsked, *, key: str | None = None) -> Ask[Done]:
        """List an instrument, as operator."""
        return order("POST", MARKET, instrument, key=key)

    @Verb
    def phase(self, instrument: str, phase: PhaseWord, reason: str, *, key: str | None = None) -> Ask[Done]:
        """Set a phase by hand, as operator."""
        asked = PhaseAsked(phase=phase, reason=reason)
        return order("PUT", path(MARKET, instrument, "phase"), asked, key=key, subject=instrument)

    @Verb
    def reference(
        self, instrument: str, reference: str, *, widened: bool = False, key: str | None = None
    ) -> Ask[Done]:
        """Set a reference price by hand, as operator; limits and collar follow from it."""
        asked = BandsAsked(reference=reference, widened=widened)
        return order("PUT", path(MARKET, instrument, "reference"), asked, key=key, subject=instrument)

    @Verb
    def commit_seed(self, instrument: str, digest: str, *, key: str | None = None) -> Ask[Done]:
        """Commit the SHA-256 (hex) of the seed of the next random end, as operator."""
        return order("PUT", path(MARKET, instrument, "seed"), SeedDigest(digest=digest), key=key)

    @Verb
    def end_call(self, instrument: str, seed: str, *, key: str | None = None) -> Ask[Done]:
        """End a call by its seed (hex), as operator."""
        return order("POST", path(MARKET, instrument, "end-call"), SeedRevealed(seed=seed), key=key)

    @Verb
    def group(self, participant: str, group: str | None, *, key: str | None = None) -> Ask[Done]:
        """Set with which group a participant's orders count, as operator."""
        address = path("/v1/participants", participant, "market-group")
        return order("PUT", address, GroupAsked(group=group), key=key)

    @Verb
    def reverse(self, trade_id: str, reason: str, *, key: str | None = None) -> Ask[Done]:
        """Take a trade back to which all its sides have agreed, as operator."""
        asked = ReversalAsked(reason=reason)
        return order("POST", path("/v1/market-trades", trade_id, "reverse"), asked, key=key, subject=trade_id)


class Orders(Group[F]):
    """One's orders, trades, and what lies ready for them."""

    @Verb
    def enter(
        self, /, *, instrument: str, side: SideWord, quantity: int, key: str | None = None, **terms: Any
    ) -> Ask[OrdersAnswer]:
        """Enter an order; other `terms` are those of OrderAsked. A refusal says which rule it broke."""
        asked = OrderAsked(instrument=instrument, side=side, quantity=quantity, **terms)
        return change("POST", ORDERS, asked, OrdersAnswer, key=key, unknown=_unknown)

    @Verb
    def send(self, messages: Sequence[OrderMessage], *, key: str | None = None) -> Ask[OrdersAnswer]:
        """Enter, change and cancel orders, at most 1,000, one after the other; each is done or refused by itself."""
        asked = OrderMessages(messages=[*messages])
        return change("POST", path(ORDERS, "many"), asked, OrdersAnswer, key=key, unknown=_unknown)

    @Lists
    def list(
        self, *, instrument: str | None = None, state: str | None = None, limit: int | None = None
    ) -> Listing[OrderShown]:
        """List one's orders, newest first."""
        return Listing(ORDERS, {"instrument": instrument, "state": state, "limit": limit}, OrderShown)

    @Verb
    def get(self, order_id: str) -> Ask[OrderShown]:
        """Show an order."""
        return get(path(ORDERS, order_id), OrderShown)

    @Verb
    def change(
        self,
        order_id: str,
        *,
        quantity: int | None = None,
        price: str | None = None,
        key: str | None = None,
    ) -> Ask[OrdersAnswer]:
        """Give an order a new total or price; the answer says what it became."""
        asked = OrderChange(quantity=quantity, price=price)
        return change("PATCH", path(ORDERS, order_id), asked, OrdersAnswer, key=key, unknown=_unknown)

    @Verb
    def cancel(self, order_id: str, *, key: str | None = None) -> Ask[OrdersAnswer]:
        """Take an order out; the answer says how much of it."""
        return change("DELETE", path(ORDERS, order_id), None, OrdersAnswer, key=key, unknown=_unknown)

    @Verb
    def cancel_many(self, order_ids: Sequence[str], *, key: str | None = None) -> Ask[OrdersAnswer]:
        """Take several orders out."""
        asked = OrderIds(order_ids=[*order_ids])
        return change("POST", path(ORDERS, "cancel"), asked, OrdersAnswer, key=key, unknown=_unknown)

    @Verb
    def cancel_all(
        self,
        *,
        instrument: str | None = None,
        side: SideWord | None = None,
        session: str | None = None,
        key: str | None = None,
    ) -> Ask[OrdersAnswer]:
        """Take out all of one's orders, or those of an instrument, a side, a session."""
        asked = OrdersOf(instrument=instrument, side=side, session=session)
        return change("POST", path(ORDERS, "cancel-all"), asked, OrdersAnswer, key=key, unknown=_unknown)

    @Verb
    def beat(self, session: str, *, key: str | None = None) -> Ask[Done]:
        """Let a session go on for ten seconds; its orders go where it falls silent."""
        return order("POST", path(SESSIONS, session, "beat"), key=key, subject=session)

    @Verb
    def end_session(self, session: str, *, key: str | None = None) -> Ask[Done]:
        """End a session; its orders stay."""
        return order("DELETE", path(SESSIONS, session), key=key, subject=session)

    @Lists
    def trades(self, *, limit: int | None = None) -> Listing[TradeShown]:
        """List one's latest trades, newest first."""
        return Listing(TRADES, {"limit": limit}, TradeShown)

    @Verb
    def agree_to_reversal(self, trade_id: str, *, key: str | None = None) -> Ask[Done]:
        """Agree that a trade of the last quarter of an hour is taken back."""
        return order("POST", path(TRADES, trade_id, "agree-reversal"), key=key, subject=trade_id)

    @Verb
    def open_account(self, asset: str, *, key: str | None = None) -> Ask[Done]:
        """Open one's trade account of a currency."""
        return order("POST", path(ACCOUNTS, asset, "open"), key=key, subject=asset)

    @Verb
    def deposit(self, amount: Money, *, key: str | None = None) -> Ask[Done]:
        """Put money onto one's trade account."""
        return order("POST", path(ACCOUNTS, "deposit"), TradeMoneyAsked(amount=amount), key=key)

    @Verb
    def withdraw(self, amount: Money, *, key: str | None = None) -> Ask[Done]:
        """Take money back from one's trade account, as far as nothing binds it."""
        return order("POST", path(ACCOUNTS, "withdraw"), TradeMoneyAsked(amount=amount), key=key)

    @Verb
    def commit(self, receipt_id: str, *, key: str | None = None) -> Ask[Done]:
        """Commit a receipt to trade."""
        return order("POST", path(RECEIPTS, receipt_id, "commit"), key=key, subject=receipt_id)

    @Verb
    def take_out(self, receipt_id: str, *, key: str | None = None) -> Ask[Done]:
        """Take a receipt out of trade, as far as no sale needs it."""
        return order("POST", path(RECEIPTS, receipt_id, "return"), key=key, subject=receipt_id)


class FirmQuotes(Group[F]):
    """A provider's firm quotes on the market."""

    @Verb
    def put(self, quote: FirmQuoteAsked, *, key: str | None = None) -> Ask[Done]:
        """Let a firm quote stand; what it may sell lies on one's trade account."""
        return order("POST", QUOTES, quote, key=key)

    @Verb
    def withdraw(self, quote_id: str, *, key: str | None = None) -> Ask[Done]:
        """Take a firm quote back."""
        return order("DELETE", path(QUOTES, quote_id), key=key, subject=quote_id)

    @Lists
    def list(self, *, limit: int | None = None) -> Listing[FirmQuoteShown]:
        """List one's firm quotes, newest first."""
        return Listing(QUOTES, {"limit": limit}, FirmQuoteShown)
