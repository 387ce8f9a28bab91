"""What the market's day prints and writes: instruments, margin, a delivery, a default; every trade as CSV."""

import csv
from pathlib import Path

from rich.console import Console, Group
from rich.table import Table

from steelyard.flows.market_facts import MarketTraded
from steelyard.sim.demo.market.telling import MarketSummary, Told, Waterfall
from steelyard.sim.demo.report import money_text, table_of
from steelyard.values.amount import format_minor
from steelyard.values.instants import format_instant

Scales = dict[str, int]


def write(folder: Path, told: Told, scales: Scales) -> None:
    """Write every trade of the market's day."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "market_trades.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(
            ("at", "instrument", "tonnes", "buyer", "pays", "pays_in", "seller", "gets", "gets_in", "auction")
        )
        for at, one in told:
            if isinstance(one, MarketTraded):
                paid = format_minor(one.buyer_minor, scales[one.buyer_currency])
                got = format_minor(one.seller_minor, scales[one.seller_currency])
                rows.writerow(
                    (format_instant(at), one.instrument, one.quantity, one.buyer, paid, one.buyer_currency, one.seller,
                     got, one.seller_currency, "yes" if one.taker == 2 else "no")
                )  # fmt: skip


def show(console: Console, market: MarketSummary, scales: Scales) -> None:
    """Print the market's day."""
    if not market.lines:
        return
    console.print(Group(_books(market, scales), _house(market, scales), *_defaults(market, scales)))


def _books(market: MarketSummary, scales: Scales) -> Table:
    table = table_of(
        "The market's day: wheat",
        "",
        "orders",
        "trades",
        "tonnes",
        "auction",
        "last",
        "settlement",
        "",
        "from",
    )
    for one in market.lines:
        prices = (one.auction_minor, one.last_minor, one.settlement_minor)
        texts = [money_text(minor, scales[one.currency]) if minor else "-" for minor in prices]
        counts = (one.orders, one.trades, one.tonnes)
        table.add_row(
            one.instrument, *(f"{count:,}" for count in counts), *texts, one.currency, one.tier or "-"
        )
    return table


def _house(market: MarketSummary, scales: Scales) -> Table:
    table = table_of("Prices, margin and delivery", "", "")
    spot = market.lines[0]
    table.add_row("trades on the spot between two currencies", f"{spot.across:,} of {spot.trades:,}")
    table.add_row("currencies in that book", f"{spot.currencies}")
    if market.benchmark:
        told = format_minor(int(market.benchmark), 2)
        table.add_row("benchmark, baskets a tonne", f"{told} from {market.benchmark_from} inputs")
    for number, run in enumerate(market.runs, start=1):
        figures = (run.called_minor, run.from_margin_minor, run.advanced_minor)
        called, margin, advanced = (money_text(minor, scales[run.currency]) for minor in figures)
        how = "called at prices by hand" if run.by_hand else "called"
        table.add_row(f"margin call {number}: {how}", f"{run.currency} {called}")
        table.add_row("  of it taken from margin", f"{run.currency} {margin}")
        table.add_row("  of it advanced by the house", f"{run.currency} {advanced}")
    for one in market.delivered:
        amount = money_text(one.amount_minor, scales[one.currency])
        table.add_row(
            "delivered, title against money", f"{one.net_kg // 1_000:,} t for {one.currency} {amount}"
        )
    for tender in market.tenders:
        cost = money_text(tender.cost_minor, scales[tender.currency])
        told = (
            f"{tender.cargoes} cargoes, {tender.tonnes:,} t, of {tender.suppliers} of {tender.offers} offers"
        )
        table.add_row("tender awarded and signed" if tender.state == "CONTRACTED" else "tender awarded", told)
        table.add_row("  at a cost, freight included", f"{tender.currency} {cost}")
        table.add_row("  proved to be the least", "yes" if tender.proved else "no")
    return table


def _defaults(market: MarketSummary, scales: Scales) -> list[Table]:
    return [_waterfall(one, scales[one.currency]) for one in market.defaults]


def _waterfall(one: Waterfall, scale: int) -> Table:
    table = table_of(f"Default of {one.member}: {one.lots} lots", "", one.currency)
    for name, minor in (
        ("loss", one.loss_minor),
        ("  its margin", one.margin_minor),
        ("  its share of the fund", one.own_fund_minor),
        ("  capital of the house", one.capital_minor),
        ("  shares of the others", one.survivors_minor),
        ("  asked for once more", one.assessments_minor),
        ("  gains cut", one.gains_minor),
        ("not covered", one.uncovered_minor),
    ):
        table.add_row(name, money_text(minor, scale))
    return table
