"""Foreign exchange: quotes, providers' sheets, trades between two banks, reference rates."""

from typing import Any

from steelyard.api import listing, wire
from steelyard.api.auth.visibility import view_of
from steelyard.api.call import Call, Reply, tell
from steelyard.api.listing import ITEMS, Field, Listing
from steelyard.api.orders import done, order
from steelyard.api.problems import ProblemError
from steelyard.api.route import Param, Route, lists
from steelyard.api.views import fx as views
from steelyard.api.wire import Faults
from steelyard.client import types
from steelyard.flows.facts import QuoteGiven, SheetPut, TradeMoved
from steelyard.flows.fields import Bearer, PaymentKind, Service
from steelyard.flows.fx_trade import CancelFields, EnterFields
from steelyard.flows.quote import AskFields
from steelyard.flows.sheet import SheetFields, WithdrawFields
from steelyard.fx.refusals import FxRefusal
from steelyard.values.rate import Rounding, from_decimal_text

_KINDS = {word: kind for kind, word in views.KINDS.items()}
_ENDED = ("open", "used", "expired", "withdrawn")


async def ask_quotes(call: Call) -> Reply:
    """Ask for firm quotes: up to ten, best first, or the reason why there is none."""
    asked = call.asked(types.QuoteAsked)
    found = await order(call, "quote.ask", _ask_fields(call, asked))
    problem, iso = wire.refusal(found.outcome.refusal)
    quotes = [views.quote(fact, call.directory) for fact in found.facts if isinstance(fact, QuoteGiven)]
    answer = types.QuotesAnswer(
        outcome="refused" if found.is_refused else "done", seq=found.answer.seq, quotes=quotes,
        refusal=problem, iso=iso, state="open" if quotes else None,
    )  # fmt: skip
    reply = tell(answer, location=f"/v1/quotes/{quotes[0].quote_id}" if quotes else "")
    return reply.with_headers(("Idempotency-Replayed", "true")) if found.answer.replayed else reply


async def list_quotes(call: Call) -> Reply:
    """List the quotes that were given to the caller, newest first."""
    return await listing.answer(call, QUOTES)


async def get_quote(call: Call) -> Reply:
    """Show a quote."""
    quote_id = wire.path_id(call.path_params["id"])
    row = await call.gateway.aside(call.gateway.stores.reader.one, "quote", quote_id=quote_id)
    if row is None or not view_of(call.who, call.directory.members).sees(row["debtor_agent"]):
        raise ProblemError("not-found")
    return tell(views.quote_row(row, call), seq=await call.gateway.applied_seq())


async def put_sheet(call: Call) -> Reply:
    """Publish a standing offer for a pair, in place of the one before."""
    fields = _sheet_fields(call, call.asked(types.SheetAsked))
    found = await order(call, "sheet.put", fields)
    put = found.fact(SheetPut)
    return tell(done(found, subject=f"{fields.sell}/{fields.buy}", version=put.version if put else None))


async def withdraw_sheet(call: Call) -> Reply:
    """Take a standing offer back; quotes already given stay firm."""
    fields = WithdrawFields(call.path_params["sell"], call.path_params["buy"])
    return tell(done(await order(call, "sheet.withdraw", fields), subject=f"{fields.sell}/{fields.buy}"))


async def list_sheets(call: Call) -> Reply:
    """List the standing offers in force."""
    found = await call.gateway.read("sheets", viewer=call.who.owner)
    rows = [views.sheet(row, call.directory) for row in found.decoded(list[dict[str, Any]])]
    for name in ("provider", "sell", "buy"):
        if name in call.query:
            rows = [one for one in rows if getattr(one, name) in call.query[name].split(",")]
    return await listing.answer_items(
        call, types.Sheet, rows, lambda one: (one.sell, one.buy, one.provider), seq=found.seq
    )


async def enter_trade(call: Call) -> Reply:
    """Enter one's side of a trade; it settles payment versus payment when the other side has entered the same."""
    asked, faults = call.asked(types.TradeAsked), Faults()
    fields = EnterFields(
        asked.counterparty, asked.pays.asset, wire.minor(asked.pays, call.directory, faults, "/pays"),
        asked.gets.asset, wire.minor(asked.gets, call.directory, faults, "/gets"),
        wire.date(asked.value_on, faults, "/value_on"), wire.uuid_bytes(asked.reference),
    )  # fmt: skip
    faults.end()
    found = await order(call, "fx_trade.enter", fields)
    moved = found.fact(TradeMoved)
    return tell(
        done(
            found,
            state=moved.state if moved else None,
            subject=wire.uuid_text(moved.trade) if moved else None,
        )
    )


async def list_trades(call: Call) -> Reply:
    """List the caller's trades that are not long over."""
    found = await call.gateway.read("trades", viewer=call.who.owner)
    rows = [views.trade(row, call.directory) for row in found.decoded(list[dict[str, Any]])]
    return await listing.answer_items(
        call, types.Trade, rows, lambda one: (one.entered_at, one.trade_id), seq=found.seq
    )


async def get_trade(call: Call) -> Reply:
    """Show a trade."""
    found = await call.gateway.read("trade", wire.path_id(call.path_params["id"]), viewer=call.who.owner)
    row = found.decoded(dict[str, Any] | None)
    if row is None:
        raise ProblemError("not-found")
    return tell(views.trade(row, call.directory), seq=found.seq)


async def cancel_trade(call: Call) -> Reply:
    """Take one's side of a trade back; a matched one ends when both have."""
    fields = CancelFields(wire.path_id(call.path_params["id"]))
    found = await order(call, "fx_trade.cancel", fields)
    if found.outcome.refusal == FxRefusal.TRADE_NOT_FOUND.code:
        raise ProblemError("not-found")
    moved = found.fact(TradeMoved)
    return tell(done(found, state=moved.state if moved else None, subject=wire.uuid_text(fields.trade)))


async def list_rates(call: Call) -> Reply:
    """List the reference rates."""
    found = await call.gateway.read("rates", viewer=call.who.owner)
    rows = [views.rate(row, call.directory) for row in found.decoded(list[dict[str, Any]])]
    return await listing.answer_items(
        call, types.RateShown, rows, lambda one: (one.base, one.quote), seq=found.seq
    )


def _ask_fields(call: Call, asked: types.QuoteAsked) -> AskFields:
    """Make the fields of a request for quotes; exactly one amount is given."""
    faults, directory = Faults(), call.directory
    if (asked.send is None) == (asked.receive is None):
        faults.add("/send", "one-of", "either send or receive has the amount")
    if asked.debtor_agent not in (None, call.who.owner):
        raise ProblemError("signer-does-not-own-account", f"the key is bound to {call.who.owner}")
    fixed, name = (
        asked.sell if asked.send is not None else asked.buy,
        "send" if asked.send is not None else "receive",
    )
    text = asked.send if asked.send is not None else asked.receive or "1"
    for side, asset in (("sell", asked.sell), ("buy", asked.buy)):
        if asset not in directory.assets:
            faults.add(f"/{side}", "asset-unknown", "no asset of this code is booked here", asset)
    minor = wire.minor_of(text, directory.scale(fixed), faults, f"/{name}")
    faults.end()
    service = Service.INSTANT if asked.priority == "HIGH" else Service.STANDARD
    kind = PaymentKind.CUSTOMER if asked.kind == "customer" else PaymentKind.INSTITUTION
    return AskFields(
        asked.sell, asked.buy, asked.send is not None, minor, service, kind, Bearer[asked.charge_bearer],
        asked.creditor_agent or "",
    )  # fmt: skip


def _sheet_fields(call: Call, asked: types.SheetAsked) -> SheetFields:
    """Make the fields of a sheet."""
    faults, scale = Faults(), call.directory.scale
    tiers = []
    for n, tier in enumerate(asked.tiers):
        start = wire.minor_of(
            tier.from_value, scale(asked.sell), faults, f"/tiers/{n}/from_value", zero_allowed=True
        )
        found = from_decimal_text(
            asked.sell, asked.buy, tier.rate, base_scale=scale(asked.sell), quote_scale=scale(asked.buy)
        )
        if found is None:
            faults.add(f"/tiers/{n}/rate", "no-rate", "more than zero, at most 18 digits", tier.rate)
            continue
        tiers.append((start, found.num, found.den))
    fields = SheetFields(
        asked.sell, asked.buy, tuple(tiers), wire.minor_of(asked.min, scale(asked.sell), faults, "/min"),
        wire.minor_of(asked.max, scale(asked.sell), faults, "/max"),
        wire.instant(asked.valid_from, faults, "/valid_from"), wire.instant(asked.valid_until, faults, "/valid_until"),
        asked.ttl_ms, asked.lock_ms, Rounding[asked.rounding], sum(1 << Service[word] for word in set(asked.services)),
        sum(1 << _KINDS[word] for word in set(asked.kinds)), asked.firm_reserved,
    )  # fmt: skip
    faults.end()
    return fields


QUOTES = Listing(
    "quote",
    types.Quote,
    views.quote_row,
    listing.own("debtor_agent"),
    (
        Field(
            Param("state", "words", "How it stands.", _ENDED), "ended",
            value=lambda words, call: ["" if word == "open" else word for word in words],
        ),
        Field(Param("sell", "asset", "What leaves."), "source"),
        Field(Param("buy", "asset", "What arrives."), "target"),
    ),
)  # fmt: skip
_SHEETS = (
    Param("provider", "bic", "Of this provider."),
    Param("sell", "asset", "What the customer gives."),
    Param("buy", "asset", "What the customer gets."),
    *ITEMS,
)
ROUTES = (
    Route(
        "POST", "/v1/quotes", "ask_quote", ask_quotes, "Ask for firm quotes", types.QuoteAsked,
        types.QuotesAnswer, keyed=True,
    ),
    lists("/v1/quotes", "read", list_quotes, "List quotes", types.Quote, QUOTES.query),
    Route("GET", "/v1/quotes/{id}", "read", get_quote, "Show a quote", told=types.Quote),
    Route("PUT", "/v1/sheets", "quote", put_sheet, "Publish a sheet", types.SheetAsked, types.Done, keyed=True),
    Route(
        "DELETE", "/v1/sheets/{sell}/{buy}", "quote", withdraw_sheet, "Withdraw a sheet", told=types.Done,
        keyed=True,
    ),
    lists("/v1/sheets", "read", list_sheets, "List sheets in force", types.Sheet, _SHEETS),
    Route(
        "POST", "/v1/fx-trades", "trade", enter_trade, "Enter one's side of a trade", types.TradeAsked,
        types.Done, keyed=True,
    ),
    lists("/v1/fx-trades", "read", list_trades, "List trades", types.Trade, ITEMS),
    Route("GET", "/v1/fx-trades/{id}", "read", get_trade, "Show a trade", told=types.Trade),
    Route(
        "POST", "/v1/fx-trades/{id}/cancel", "trade", cancel_trade, "Take one's side back", told=types.Done,
        keyed=True,
    ),
    lists("/v1/fx/rates", "read", list_rates, "Reference rates", types.RateShown, ITEMS),
)  # fmt: skip
