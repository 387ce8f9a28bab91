"""Quotes, standing offers and foreign exchange trades."""

from collections.abc import Sequence
from typing import Any, Literal

from steelyard.client.acts import RateConfirmed, RateRulesAsked, RatesAsked
from steelyard.client.ask import Ask, Listing, change, get, order, path
from steelyard.client.types import (
    Done,
    FxBatchAsked,
    FxCapAsked,
    FxOrder,
    FxOrderAsked,
    Quote,
    QuoteAsked,
    QuotesAnswer,
    RateShown,
    Sheet,
    SheetAsked,
    Trade,
    TradeAsked,
)
from steelyard.client.verbs import F, Group, Lists, Verb


class Quotes(Group[F]):
    """Firm prices of one's own."""

    @Verb
    def ask(self, /, *, sell: str, buy: str, key: str | None = None, **fields: Any) -> Ask[QuotesAnswer]:
        """Ask for quotes, best first: `send` or `receive` has the amount, as a decimal text.

        Other `fields` are those of QuoteAsked.
        """
        asked = QuoteAsked(sell=sell, buy=buy, **fields)
        return change(
            "POST", "/v1/quotes", asked, QuotesAnswer, key=key,
            unknown=lambda why, key: QuotesAnswer(outcome="unknown"),
        )  # fmt: skip

    @Verb
    def get(self, quote_id: str) -> Ask[Quote]:
        """Give a quote as it stands."""
        return get(path("/v1/quotes", quote_id), Quote)

    @Lists
    def list(
        self, /, *, state: Sequence[str] | str | None = None, limit: int | None = None, **filters: Any
    ) -> Listing[Quote]:
        """List quotes that were given to oneself."""
        return Listing("/v1/quotes", {"state": state, **filters, "limit": limit}, Quote)


class Sheets(Group[F]):
    """Standing offers of providers."""

    @Verb
    def put(self, sheet: SheetAsked, *, key: str | None = None) -> Ask[Done]:
        """Publish a sheet, in place of the one there was for its pair."""
        return order("PUT", "/v1/sheets", sheet, key=key)

    @Verb
    def withdraw(self, sell: str, buy: str, *, key: str | None = None) -> Ask[Done]:
        """Take a sheet back; quotes already given stay firm."""
        return order("DELETE", path("/v1/sheets", sell, buy), key=key)

    @Lists
    def list(self, /, *, limit: int | None = None, **filters: Any) -> Listing[Sheet]:
        """List sheets: one's own, or all for who may read them."""
        return Listing("/v1/sheets", {**filters, "limit": limit}, Sheet)


class Rates(Group[F]):
    """Reference rates, for comparison; nobody has to trade at them."""

    @Verb
    def put(self, rates: RatesAsked, *, key: str | None = None) -> Ask[Done]:
        """Enter rates of one source and time."""
        return order("POST", "/v1/fx/rates", rates, key=key)

    @Verb
    def confirm(self, rate: RateConfirmed, *, key: str | None = None) -> Ask[Done]:
        """Confirm a rate that is stale or has jumped; the operator needs two people for it."""
        return order("POST", "/v1/fx/rates/confirm", rate, key=key)

    @Verb
    def set_rules(self, asset: str, rules: RateRulesAsked, *, key: str | None = None) -> Ask[Done]:
        """Say how a currency's rates are judged, and which kind applies to what."""
        return order("PUT", path("/v1/fx/rates/rules", asset), rules, key=key)

    @Lists
    def list(self, *, limit: int | None = None) -> Listing[RateShown]:
        """List the reference rates there are."""
        return Listing("/v1/fx/rates", {"limit": limit}, RateShown)


class FxOrders(Group[F]):
    """Orders to exchange currencies, filled by batches for all at once."""

    @Verb
    def enter(self, asked: FxOrderAsked, *, key: str | None = None) -> Ask[Done]:
        """Enter an order; its money is set aside."""
        return order("POST", "/v1/fx/orders", asked, key=key)

    @Verb
    def cancel(self, order_id: str, *, key: str | None = None) -> Ask[Done]:
        """Take an order back: at once, or when the batch that has it is over."""
        return order("POST", path("/v1/fx/orders", order_id, "cancel"), key=key, subject=order_id)

    @Verb
    def get(self, order_id: str) -> Ask[FxOrder]:
        """Give an order as it stands."""
        return get(path("/v1/fx/orders", order_id), FxOrder)

    @Verb
    def cap(self, asset: str, value: str | None = None, *, key: str | None = None) -> Ask[Done]:
        """Cap what one sells of a currency in one batch, as a decimal text; None for no cap."""
        return order("PUT", path("/v1/fx/caps", asset), FxCapAsked(cap=value), key=key, subject=asset)

    @Verb
    def ask_batch(
        self, kind: Literal["fx_reference", "fx_auction"] = "fx_reference", *, key: str | None = None
    ) -> Ask[Done]:
        """Ask for a batch of orders, as operator."""
        return order("POST", "/v1/fx/batches", FxBatchAsked(kind=kind), key=key)

    @Lists
    def list(
        self, /, *, state: Sequence[str] | str | None = None, limit: int | None = None, **filters: Any
    ) -> Listing[FxOrder]:
        """List orders of one's own."""
        return Listing("/v1/fx/orders", {"state": state, **filters, "limit": limit}, FxOrder)


class FxTrades(Group[F]):
    """Trades between two participants, settled payment versus payment once both sides agree."""

    @Verb
    def enter(self, trade: TradeAsked, *, key: str | None = None) -> Ask[Done]:
        """Enter one's side of a trade."""
        return order("POST", "/v1/fx-trades", trade, key=key)

    @Verb
    def cancel(self, trade_id: str, *, key: str | None = None) -> Ask[Done]:
        """Take one's side back while the other has not entered its own."""
        return order("POST", path("/v1/fx-trades", trade_id, "cancel"), key=key, subject=trade_id)

    @Verb
    def get(self, trade_id: str) -> Ask[Trade]:
        """Give a trade as it stands."""
        return get(path("/v1/fx-trades", trade_id), Trade)

    @Lists
    def list(self, /, *, limit: int | None = None, **filters: Any) -> Listing[Trade]:
        """List trades of one's own."""
        return Listing("/v1/fx-trades", {**filters, "limit": limit}, Trade)
