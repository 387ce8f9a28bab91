"""Pictures of the market's day: the opening auction, candles, what stood in the book, the curve of the months."""

from pathlib import Path

from msgspec.structs import asdict

from steelyard.client.market import FeedItem
from steelyard.flows.market_facts import (
    AuctionDone,
    DepthMoved,
    InstrumentListed,
    MarketTraded,
    PhaseMoved,
    SettlementPriced,
)
from steelyard.sim import market_pictures as pictures
from steelyard.sim.demo.market.telling import Told
from steelyard.values.instants import format_instant

KINDS: dict[type, str] = {
    AuctionDone: "auction", DepthMoved: "level", MarketTraded: "trade", PhaseMoved: "phase",
    SettlementPriced: "settlement",
}  # fmt: skip
"""What of a journal is in the public stream, and how it is called there"""
TONNE = "tonne"


def draw(told: Told, folder: Path, *, scale: int, caption: str) -> list[Path]:
    """Write auction, candles, depth and curve of the nearest future as PNG and SVG; gives the PNG files."""
    folder.mkdir(parents=True, exist_ok=True)
    futures = [fact for _, fact in told if isinstance(fact, InstrumentListed) and fact.currency]
    if not futures:
        return []
    code, currency, unit = futures[0].code, futures[0].currency, 10**scale
    streams = {one.code: stream(told, one.code) for one in futures}
    mine, money = streams[code], f"{currency} a {TONNE}"
    _, traded = pictures.trades(mine, currency)
    opened, settled = pictures.curve(streams)
    figures = {
        "market_auction": pictures.draw_auction(pictures.auction(mine, first=True), unit, money, of=TONNE),
        "market_candles": pictures.draw_candles(traded, unit, money),
        "market_depth": pictures.draw_depth(pictures.fullest(mine), {currency: scale}, of=TONNE),
        "market_curve": pictures.draw_curve(list(streams), opened, settled, unit, money),
    }
    titles = {
        "market_auction": f"Opening auction of {code}: what is wanted and offered at each price",
        "market_candles": f"Trades of {code}, half a minute a candle",
        "market_depth": f"The book of {code} when both sides were fullest",
        "market_curve": "Settlement prices by month, and the opening auction",
    }
    for name, figure in figures.items():
        for ending in (".svg", ".png"):
            pictures.save(figure, (folder / name).with_suffix(ending), title=titles[name], caption=caption)
    return [(folder / name).with_suffix(".png") for name in figures]


def stream(told: Told, code: str) -> list[FeedItem]:
    """Give what the public stream of an instrument has of a day that is read from its journal."""
    mine = [(at, fact) for at, fact in told if type(fact) in KINDS and fact.instrument == code]
    return [
        FeedItem(code, number, KINDS[type(fact)], format_instant(at), asdict(fact))
        for number, (at, fact) in enumerate(mine, start=1)
    ]
