"""Rows of sheets, rates, quotes, trades and orders for FX batches."""

from steelyard.flows import facts, liquidity_facts
from steelyard.storage.added import ENDED, Added
from steelyard.storage.rows.statement import FIRST, Handlers, Statements, json, json_list, put, simple


def _quote_given(added: Added, fact: facts.QuoteGiven, key: int, n: int, at: int) -> None:
    detail = {
        "fees": fact.fees, "hops": fact.hops, "reference": fact.reference, "margin_bp": fact.margin_bp,
        "earliest_at": fact.earliest_at, "latest_at": fact.latest_at, "hint": fact.hint,
    }  # fmt: skip
    added.quotes[fact.quote_id] = [
        fact.quote_id, fact.rank, fact.debtor_agent, " ".join(fact.providers), fact.source, fact.target,
        fact.source_minor, fact.target_minor, fact.debit_minor, fact.payee_minor, str(fact.num),
        str(fact.den), json(detail).decode(), fact.disclosure, fact.issued_at, fact.expires_at,
        fact.lock_until, "", key, n,
    ]  # fmt: skip


def _quote_ended(added: Added, fact: facts.QuoteEnded, key: int, n: int, at: int) -> None:
    given = added.quotes.get(fact.quote_id)
    if given is not None:
        given[ENDED] = fact.how
    else:
        added.upserts.append(("quote.ended", (fact.how, fact.quote_id)))


STATEMENTS: Statements = {
    "sheet": put("sheet", "provider sell buy version valid_from valid_until key", "provider sell buy"),
    "rate": put("rate", "base quote kind num den source at_ns flags key", "base quote kind"),
    "fx_trade": put(
        "fx_trade",
        "trade first second first_pays first_minor second_pays second_minor value_on state bundle_id"
        " entered_at changed_at entered n",
        "trade",
        keep=FIRST,
    ),
    "fx_order": put(
        "fx_order",
        "order_id owner sell buy amount_minor open_minor bought_minor limit_num limit_den good_until_at state"
        " refusal leaving entered_at changed_at entered n",
        "order_id",
        keep=FIRST,
    ),
    "fx_fill": put(
        "fx_fill",
        "key n order_id batch_id owner sell buy sold_minor bought_minor sell_price buy_price rates bundle_id at_ns",
        "key n",
    ),
    "fx_batch": "UPDATE batch SET exchange = ? WHERE batch_id = ?",
    "quote.ended": "UPDATE quote SET ended = ? WHERE quote_id = ?",
}

HANDLERS: Handlers = {
    facts.SheetPut: simple(
        "sheet", "provider", "sell", "buy", "version", "valid_from", "valid_until", "key"
    ),
    facts.RatePut: lambda added, fact, key, n, at: added.upserts.append(
        (
            "rate",
            (
                fact.base, fact.quote, fact.kind, str(fact.num), str(fact.den), fact.source, fact.at, fact.flags, key,
            ),
        )
    ),
    facts.QuoteGiven: _quote_given,
    facts.QuoteEnded: _quote_ended,
    facts.TradeMoved: simple(
        "fx_trade", "trade", "first", "second", "first_pays", "first_minor", "second_pays", "second_minor",
        "value_on", "state", "bundle_id", "at", "at", "key", "n",
    ),
    liquidity_facts.FxOrderMoved: simple(
        "fx_order", "order_id", "owner", "sell", "buy", "amount_minor", "open_minor", "bought_minor", "limit_num",
        "limit_den", "good_until_at", "state", "refusal", "leaving", "at", "at", "key", "n",
    ),
    liquidity_facts.FxFilled: lambda added, fact, key, n, at: added.upserts.append((
        "fx_fill",
        (key, n, fact.order_id, fact.batch_id, fact.owner, fact.sell, fact.buy, fact.sold_minor, fact.bought_minor,
         *fact.price, json_list(fact.rates), fact.bundle_id, at),
    )),
    liquidity_facts.FxBatchOver: lambda added, fact, key, n, at: added.upserts.append(
        ("fx_batch", (json(fact).decode(), fact.batch_id))
    ),
}  # fmt: skip
