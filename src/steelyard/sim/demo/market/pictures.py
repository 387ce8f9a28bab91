"""Pictures of the market's day: the opening auction, candles, what stood in the book, the curve of the months."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from steelyard.flows.market_facts import (
    AuctionDone,
    DepthMoved,
    InstrumentListed,
    MarketTraded,
    OrderEntered,
    PhaseMoved,
    SettlementPriced,
)
from steelyard.market.phases import Phase
from steelyard.sim.demo.market.telling import NEITHER, Told
from steelyard.values.instants import SECOND

if TYPE_CHECKING:
    from matplotlib.figure import Figure

BUY, SELL, INK, GRID = "#2a7f62", "#b4513b", "#26323d", "#d9dfe4"
CANDLE = 30 * SECOND


def draw(told: Told, folder: Path, *, scale: int, caption: str) -> list[Path]:
    """Write auction, candles, depth and curve of the nearest future as PNG and SVG; gives the PNG files."""
    import matplotlib as mpl

    mpl.use("Agg")
    mpl.rcParams["svg.hashsalt"] = "steelyard"
    folder.mkdir(parents=True, exist_ok=True)
    futures = [fact for _, fact in told if isinstance(fact, InstrumentListed) and fact.currency]
    if not futures:
        return []
    code, currency, unit = futures[0].code, futures[0].currency, 10**scale
    mine = [(at, fact) for at, fact in told if getattr(fact, "instrument", "") == code]
    figures = {
        "market_auction": _auction(mine, unit),
        "market_candles": _candles(mine, unit),
        "market_depth": _depth(mine, unit),
        "market_curve": _curve(told, [one.code for one in futures], unit),
    }
    titles = {
        "market_auction": f"Opening auction of {code}: what is wanted and offered at each price",
        "market_candles": f"Trades of {code}, half a minute a candle",
        "market_depth": f"The book of {code} when both sides were fullest",
        "market_curve": "Settlement prices by month, and the opening auction",
    }
    return [
        _save(figure, folder / name, titles[name], f"{currency} a tonne", caption)
        for name, figure in figures.items()
    ]


def _figure() -> tuple["Figure", Any]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8.2, 4.6), layout="constrained", facecolor="white")
    axes = figure.subplots()
    axes.grid(color=GRID, linewidth=0.6)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    return figure, axes


def _save(figure: "Figure", stem: Path, title: str, unit: str, caption: str) -> Path:
    axes = figure.axes[0]
    axes.set_title(title, loc="left", fontsize=11, color=INK)
    if not axes.get_ylabel():
        axes.set_ylabel(unit)
    if axes.get_xlabel() == "price":
        axes.set_xlabel(unit)
    axes.annotate(
        caption, (1, 0), (0, -34), xycoords="axes fraction", textcoords="offset points", ha="right", va="top",
        fontsize=7, color="#6b7782",
    )  # fmt: skip
    figure.savefig(stem.with_suffix(".svg"), metadata={"Date": None})
    figure.savefig(stem.with_suffix(".png"), dpi=130)
    return stem.with_suffix(".png")


def _auction(mine: Told, unit: int) -> "Figure":
    """Cumulated demand and supply of the orders that waited, and the price at which the call ended."""
    end = next(place for place, (_, fact) in enumerate(mine) if isinstance(fact, AuctionDone))
    waiting = [fact for _, fact in mine[:end] if isinstance(fact, OrderEntered)]
    done = mine[end][1]
    prices = sorted({one.price for one in waiting})
    wanted = [
        sum(one.quantity for one in waiting if one.side == 0 and one.price >= price) for price in prices
    ]
    offered = [
        sum(one.quantity for one in waiting if one.side == 1 and one.price <= price) for price in prices
    ]
    figure, axes = _figure()
    at = [price / unit for price in prices]
    axes.step(at, wanted, where="pre", color=BUY, label="wanted")
    axes.step(at, offered, where="post", color=SELL, label="offered")
    axes.axvline(done.num / done.den / unit, color=INK, linewidth=0.8, linestyle="--", label="auction price")
    axes.set_xlabel("price")
    axes.set_ylabel("tonnes")
    axes.legend(frameon=False)
    return figure


def _candles(mine: Told, unit: int) -> "Figure":
    """First, highest, lowest and last price of each half minute."""
    trades = [(at, fact) for at, fact in mine if isinstance(fact, MarketTraded) and fact.taker != NEITHER]
    figure, axes = _figure()
    if not trades:
        return figure
    begun = trades[0][0]
    spans: dict[int, list[int]] = {}
    for at, fact in trades:
        spans.setdefault((at - begun) // CANDLE, []).append(fact.price)
    for place, prices in spans.items():
        first, last = prices[0] / unit, prices[-1] / unit
        colour = BUY if last >= first else SELL
        minute = place * CANDLE / (60 * SECOND)
        axes.plot([minute, minute], [min(prices) / unit, max(prices) / unit], color=colour, linewidth=1)
        axes.bar(minute, max(abs(last - first), 0.02), 0.32, min(first, last), color=colour)
    axes.set_xlabel("minutes of trading")
    return figure


def _depth(mine: Told, unit: int) -> "Figure":
    """What stood in the book of continuous trading when both its sides were fullest, at each price or a better one."""
    levels = _fullest(mine)
    figure, axes = _figure()
    for side, colour, label in ((0, BUY, "bids"), (1, SELL, "offers")):
        prices = sorted(
            (price for of, price in levels if of == side and price and levels[of, price]), reverse=not side
        )
        total, sums = 0, []
        for price in prices:
            total += levels[side, price]
            sums.append(total)
        if prices:
            at = [price / unit for price in prices]
            axes.fill_between(at, sums, step="post", color=colour, alpha=0.25)
            axes.step(at, sums, where="post", color=colour, label=label)
    axes.set_xlabel("price")
    axes.set_ylabel("tonnes")
    if levels:
        axes.legend(frameon=False)
    return figure


def _fullest(mine: Told) -> dict[tuple[int, int], int]:
    """Give tonnes by (side, price) at the moment at which the emptier side had most; calls left out."""
    now: dict[tuple[int, int], int] = {}
    found: dict[tuple[int, int], int] = {}
    most, is_open = -1, False
    for _, fact in mine:
        if isinstance(fact, PhaseMoved):
            is_open = fact.phase == int(Phase.CONTINUOUS)
        if isinstance(fact, DepthMoved):
            now |= {(side, price): quantity for _, side, price, quantity in fact.levels}
            least = min(sum(tonnes for (of, _), tonnes in now.items() if of == side) for side in (0, 1))
            if is_open and least > most:
                most, found = least, dict(now)
    return found


def _curve(told: Told, codes: list[str], unit: int) -> "Figure":
    """Each month's settlement price, and where it opened."""
    settled = {fact.instrument: fact.price / unit for _, fact in told if isinstance(fact, SettlementPriced)}
    opened = {
        fact.instrument: fact.num / fact.den / unit
        for _, fact in told
        if isinstance(fact, AuctionDone) and fact.num and not fact.extended
    }
    figure, axes = _figure()
    for found, colour, label in ((opened, SELL, "opening auction"), (settled, BUY, "settlement")):
        known = [code for code in codes if code in found]
        axes.plot([codes.index(code) for code in known], [found[code] for code in known], "o-", color=colour,
                  label=label)  # fmt: skip
    axes.set_xticks(range(len(codes)), codes)
    axes.legend(frameon=False)
    return figure
