"""The market's day in figures, counted from the facts that the journal holds; nothing here is a claim of the node."""

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from msgspec import Struct

from steelyard.flows.clearing_facts import CaseMoved, LossBorne, MarginCalled, MarginPaid
from steelyard.flows.market_facts import (
    AuctionDone,
    DepthMoved,
    InstrumentListed,
    MarketTraded,
    OrderEntered,
    PhaseMoved,
    SettlementPriced,
)
from steelyard.flows.price_facts import PricePublished
from steelyard.flows.tender_facts import BidMoved, TenderEvaluated, TenderMoved
from steelyard.flows.title_facts import DeliveryMoved

KINDS = (
    AuctionDone, CaseMoved, DeliveryMoved, DepthMoved, InstrumentListed, LossBorne, MarginCalled, MarginPaid,
    MarketTraded, OrderEntered, PhaseMoved, PricePublished, SettlementPriced, BidMoved, TenderEvaluated, TenderMoved,
)  # fmt: skip
"""Facts that figures and pictures are made of"""
Told = list[tuple[int, Any]]
"""Facts of these kinds with the instant of their command (ns), in the order of the journal"""
NEITHER = 2


class Line(Struct, frozen=True):
    """One instrument's day: trades, tonnes, its opening auction, its last and its settlement price (minor units)."""

    instrument: str
    orders: int
    trades: int
    tonnes: int
    auction_tonnes: int
    auction_minor: int
    currency: str
    across: int
    """Trades whose sides paid and got different currencies"""
    currencies: int
    last_minor: int
    settlement_minor: int
    tier: str


class MarginRun(Struct, frozen=True):
    """A run of variation margin, in minor units: called, from members' accounts, from margin, advanced."""

    currency: str
    called_minor: int
    from_margin_minor: int
    advanced_minor: int
    paid_minor: int
    by_hand: bool
    """Whether a price was given by hand, by two persons"""


class Delivered(Struct, frozen=True):
    """A delivery that settled, title against money."""

    seller: str
    buyer: str
    net_kg: int
    currency: str
    amount_minor: int


class Tendered(Struct, frozen=True):
    """A tender that was awarded: offers, cargoes, what they cost delivered, the proved bound, and its last state."""

    buyer: str
    currency: str
    offers: int
    cargoes: int
    tonnes: int
    cost_minor: int
    bound_minor: int
    proved: bool
    suppliers: int
    state: str


class Waterfall(Struct, frozen=True):
    """What bore a default's loss, layer by layer, in minor units."""

    member: str
    currency: str
    lots: int
    loss_minor: int
    margin_minor: int
    own_fund_minor: int
    capital_minor: int
    survivors_minor: int
    assessments_minor: int
    gains_minor: int
    uncovered_minor: int


class MarketSummary(Struct, frozen=True):
    """The market's day."""

    lines: list[Line]
    benchmark: str
    """Hundredths of the basket a tonne, rounded down"""
    benchmark_from: int
    """Pieces of data it rests on"""
    runs: list[MarginRun]
    delivered: list[Delivered]
    tenders: list[Tendered]
    defaults: list[Waterfall]


def tell(told: Told) -> MarketSummary:
    """Count a day."""
    facts = [fact for _, fact in told]
    listed = [fact for fact in facts if isinstance(fact, InstrumentListed)]
    benchmark = [fact for fact in facts if isinstance(fact, PricePublished) and fact.kind == "benchmark"]
    called = [fact for fact in facts if isinstance(fact, MarginCalled)]
    paid = {fact.run_id: fact for fact in facts if isinstance(fact, MarginPaid)}
    return MarketSummary(
        lines=[_line(one, facts) for one in listed],
        benchmark=str(int(Fraction(benchmark[-1].value))) if benchmark and benchmark[-1].value else "",
        benchmark_from=len(benchmark[-1].inputs) if benchmark else 0,
        runs=[_run(one, paid.get(one.run_id)) for one in called],
        delivered=[
            Delivered(one.seller, one.buyer, one.net_kg, one.currency, one.amount_minor)
            for one in facts
            if isinstance(one, DeliveryMoved) and one.event == "APPLIED" and one.state == "SETTLED"
        ],
        tenders=[
            _tender(one, facts) for one in facts if isinstance(one, TenderMoved) and one.event == "AWARDED"
        ],
        defaults=[_default(one, facts) for one in facts if isinstance(one, LossBorne)],
    )


def _line(listed: InstrumentListed, facts: Iterable[Any]) -> Line:
    mine = [fact for fact in facts if getattr(fact, "instrument", "") == listed.code]
    trades = [fact for fact in mine if isinstance(fact, MarketTraded)]
    opening = [fact for fact in trades if fact.taker == NEITHER]
    auction = next((fact for fact in mine if isinstance(fact, AuctionDone) and not fact.extended), None)
    settled = [fact for fact in mine if isinstance(fact, SettlementPriced)]
    shown = opening[0] if opening else trades[0] if trades else None
    currency = listed.currency or (shown.seller_currency if shown is not None else "")
    own = [fact for fact in opening if fact.seller_currency == currency]
    last = [fact for fact in trades if fact.seller_currency == currency]
    return Line(
        instrument=listed.code,
        orders=sum(isinstance(fact, OrderEntered) for fact in mine),
        trades=len(trades),
        tonnes=sum(fact.quantity for fact in trades) * listed.kg // 1_000,
        auction_tonnes=auction.volume * listed.kg // 1_000 if auction is not None else 0,
        auction_minor=own[0].seller_minor // own[0].quantity if own else 0,
        currency=currency,
        across=sum(fact.buyer_currency != fact.seller_currency for fact in trades),
        currencies=len({code for fact in trades for code in (fact.buyer_currency, fact.seller_currency)}),
        last_minor=last[-1].seller_minor // last[-1].quantity if last else 0,
        settlement_minor=settled[-1].price if settled else 0,
        tier=settled[-1].tier if settled else "",
    )


def _run(called: MarginCalled, paid: MarginPaid | None) -> MarginRun:
    parts = (paid.from_margin, paid.advanced, paid.paid) if paid is not None else ((), (), ())
    from_margin, advanced, given = (sum(minor for _, minor in part) for part in parts)
    due = sum(minor for _, minor in called.due)
    return MarginRun(called.asset, due, from_margin, advanced, given, bool(called.reason))


def _tender(awarded: TenderMoved, facts: Iterable[Any]) -> Tendered:
    mine = [fact for fact in facts if getattr(fact, "tender_id", b"") == awarded.tender_id]
    found = [fact for fact in mine if isinstance(fact, TenderEvaluated)][-1]
    shown = [fact for fact in mine if isinstance(fact, BidMoved) and fact.event == "REVEALED"]
    cargoes = sum(count for _, _, count in found.cargoes)
    return Tendered(
        buyer=awarded.buyer,
        currency=awarded.asset,
        offers=sum(fact.offers for fact in shown),
        cargoes=cargoes,
        tonnes=cargoes * awarded.cargo_t,
        cost_minor=found.cost_minor,
        bound_minor=found.bound_minor,
        proved=found.proved,
        suppliers=len({offer for offer, _, _ in found.cargoes}),
        state=[fact.state for fact in mine if isinstance(fact, TenderMoved)][-1],
    )


def _default(borne: LossBorne, facts: Iterable[Any]) -> Waterfall:
    mine = [fact for fact in facts if isinstance(fact, CaseMoved) and fact.case_id == borne.case_id]
    survivors, assessments, gains = (
        sum(minor for _, minor in layer) for layer in (borne.survivors, borne.assessments, borne.gains)
    )
    return Waterfall(
        member=mine[0].member,
        currency=borne.asset,
        lots=sum(abs(lots) for fact in mine for _, _, lots, _ in fact.sales),
        loss_minor=int(borne.loss),
        margin_minor=borne.margin,
        own_fund_minor=borne.own_fund,
        capital_minor=borne.capital,
        survivors_minor=survivors,
        assessments_minor=assessments,
        gains_minor=gains,
        uncovered_minor=int(borne.uncovered),
    )
