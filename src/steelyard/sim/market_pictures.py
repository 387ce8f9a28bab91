"""Pictures of one market from its public stream: the book, candles, the months' curve, an auction.

Whatever is drawn is in the stream that everybody sees, so the same picture comes of a node, of its daily files and of
a journal. Prices are minor units until they are drawn; a book in many currencies is drawn currency by currency.
"""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from steelyard.client.market import FeedItem
from steelyard.client.mirror import BUY, SELL
from steelyard.market.phases import Phase
from steelyard.values.instants import DAY, SECOND, format_instant, parse_instant

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BID, ASK, INK, GRID = "#2a7f62", "#b4513b", "#26323d", "#d9dfe4"
NEITHER = 2
"""Who came to a trade that an auction made"""
CANDLE = 30 * SECOND
TIMES_SHOWN = 8
UNIT = "unit"
"""What a quantity counts where nothing says it"""
ACROSS = 3
"""Most currencies beside each other in a picture of a book"""
Scales = Mapping[str, int]
Levels = dict[tuple[str, int, int], int]
"""What is shown: quantity by (currency, side, price in minor units); price 0: orders without one"""


class Auction(NamedTuple):
    """An auction that came to a price, and what was shown before its end; in many currencies all is the basket's."""

    price: Fraction
    levels: dict[tuple[int, Fraction], int]
    """Quantity by (side, price)"""
    at: str


class NothingToDraw(Exception):
    """The stream has nothing of what a picture shows; says what is missing."""


# what of a stream a picture shows


def book(items: Iterable[FeedItem]) -> Levels:
    """Give what the book shows after the last item."""
    found: Levels = {}
    for item in items:
        if item.kind == "level":
            _put(found, item)
    return found


def currency_of(items: Iterable[FeedItem]) -> str:
    """Give the currency of a book in one, empty where there are several or none is told."""
    found = {level[0] for item in items if item.kind == "level" for level in item.data["levels"]}
    return found.pop() if len(found) == 1 else ""


def fullest(items: Iterable[FeedItem]) -> Levels:
    """Give what the book showed when its emptier side had most; calls left out."""
    now: Levels = {}
    found: Levels = {}
    most, is_open = -1, False
    for item in items:
        if item.kind == "phase":
            is_open = item.data["phase"] == int(Phase.CONTINUOUS)
        elif item.kind == "level":
            _put(now, item)
            least = min(sum(shown for (_, of, _), shown in now.items() if of == side) for side in (BUY, SELL))
            if is_open and least > most:
                most, found = least, dict(now)
    return found


def auction(items: Iterable[FeedItem], *, first: bool = False) -> Auction:
    """Give the last auction that came to a price, or the first."""
    now: Levels = {}
    found = None
    for item in items:
        if item.kind == "level":
            _put(now, item)
        elif item.kind == "auction" and (price_of := _price(item)):
            rates = {code: Fraction(rate) for code, rate in item.data.get("rates", ())}
            levels: dict[tuple[int, Fraction], int] = {}
            if not rates and len({code for code, _, _ in now}) > 1:
                raise NothingToDraw("the auction was at no common rates")
            for (currency, side, price), shown in now.items():
                worth = rates.get(currency) if rates else Fraction(1)
                if price and worth is not None:
                    key = (side, price * worth)
                    levels[key] = levels.get(key, 0) + shown
            found = Auction(price_of, levels, item.at)
            if first:
                break
    if found is None:
        raise NothingToDraw("no auction came to a price")
    return found


def trades(items: Iterable[FeedItem], currency: str = "") -> tuple[str, list[tuple[int, int]]]:
    """Give (instant, price) of each trade outside auctions in a currency: the one named, or that of most trades."""
    found: dict[str, list[tuple[int, int]]] = {}
    for item in items:
        told = item.data
        if item.kind == "trade" and told["taker"] != NEITHER:
            rested = told["buyer_currency" if told["taker"] == SELL else "seller_currency"]
            found.setdefault(rested, []).append((parse_instant(item.at) or 0, told["price"]))
    chosen = currency or max(found, key=lambda one: len(found[one]), default="")
    if chosen not in found:
        raise NothingToDraw(f"no trade in {currency}" if currency else "no trade outside auctions")
    return chosen, found[chosen]


def curve(streams: Mapping[str, Iterable[FeedItem]]) -> tuple[dict[str, Fraction], dict[str, Fraction]]:
    """Give the price of each instrument's last auction, and its last settlement price."""
    opened: dict[str, Fraction] = {}
    settled: dict[str, Fraction] = {}
    for code, items in streams.items():
        for item in items:
            if item.kind == "auction" and (price := _price(item)):
                opened[code] = price
            elif item.kind == "settlement":
                settled[code] = Fraction(item.data["price"])
    if not settled and not opened:
        raise NothingToDraw("no settlement price and no auction")
    return opened, settled


def _price(item: FeedItem) -> Fraction | None:
    """Give what an auction came to, or nothing where it came to none or goes on."""
    told = item.data
    if told["extended"]:
        return None
    return Fraction(told["price"]) if told["price"] else None


def _put(levels: Levels, item: FeedItem) -> None:
    for currency, side, price, quantity in item.data["levels"]:
        if quantity:
            levels[currency, side, price] = quantity
        else:
            levels.pop((currency, side, price), None)


# pictures


def draw_depth(levels: Levels, scales: Scales, *, otherwise: int = 2, of: str = UNIT) -> "Figure":
    """Draw what is wanted and offered at each price or a better one, a field for each currency.

    `scales` are the decimals of currencies, `otherwise` those of one that is not named there; `of` is what a quantity
    counts.
    """
    currencies = sorted({currency for currency, _, price in levels if price})
    if not currencies:
        raise NothingToDraw("the book is empty")
    figure, fields = _figure(len(currencies))
    for currency, axes in zip(currencies, fields, strict=True):
        unit = 10 ** scales.get(currency, otherwise)
        shown = {
            (side, Fraction(price)): n for (of, side, price), n in levels.items() if of == currency and price
        }
        ends = [price for _, price in shown]
        wide = (max(ends) - min(ends)) / 40 or max(ends) / 400
        for side, colour, label in ((BUY, BID, "bids"), (SELL, ASK, "offers")):
            prices, sums = _cumulated(shown, side)
            if prices:
                prices.append(prices[-1] + (wide if side == SELL else -wide))
                sums.append(sums[-1])
                at = [float(price) / unit for price in prices]
                axes.fill_between(at, sums, step="post", color=colour, alpha=0.25)
                axes.step(at, sums, where="post", color=colour, label=label)
        axes.locator_params(axis="x", nbins=8 if len(currencies) == 1 else 4)
        axes.set_xlabel(f"{currency} a {of}")
        axes.set_ylabel(f"{of}s")
        axes.legend(frameon=False, fontsize=8)
    return figure


def draw_auction(found: Auction, unit: int, money: str, *, of: str = UNIT) -> "Figure":
    """Draw what was wanted and offered at each price before an auction's end, and the price it came to."""
    figure, (axes,) = _figure(1)
    prices = sorted({price for _, price in found.levels})
    wanted = [sum(n for (side, one), n in found.levels.items() if side == BUY and one >= at) for at in prices]
    offered = [
        sum(n for (side, one), n in found.levels.items() if side == SELL and one <= at) for at in prices
    ]
    at = [float(price) / unit for price in prices]
    axes.step(at, wanted, where="pre", color=BID, label="wanted")
    axes.step(at, offered, where="post", color=ASK, label="offered")
    axes.axvline(float(found.price) / unit, color=INK, linewidth=0.8, linestyle="--", label="auction price")
    axes.set_xlabel(money)
    axes.set_ylabel(f"{of}s")
    axes.legend(frameon=False)
    return figure


def draw_candles(traded: Sequence[tuple[int, int]], unit: int, money: str, *, span: int = CANDLE) -> "Figure":
    """Draw first, highest, lowest and last price of each span of time (ns) that has a trade."""
    figure, (axes,) = _figure(1)
    spans: dict[int, list[float]] = {}
    for at, price in traded:
        spans.setdefault(at // span, []).append(price / unit)
    high, low = max(map(max, spans.values())), min(map(min, spans.values()))
    least = (high - low) / 200 or high / 2_000
    for place, prices in enumerate(spans.values()):
        first, last = prices[0], prices[-1]
        colour = BID if last >= first else ASK
        axes.plot([place, place], [min(prices), max(prices)], color=colour, linewidth=1)
        axes.bar(place, max(abs(last - first), least), 0.64, min(first, last), color=colour)
    axes.set_ylim(low - 10 * least, high + 10 * least)
    times = list(spans)
    places = range(0, len(times), -(-len(times) // TIMES_SHOWN))
    days = {times[place] * span // DAY for place in places}
    texts = [format_instant(times[place] * span)[:19].split("T") for place in places]
    axes.set_xticks(places, [time if len(days) == 1 else f"{day[5:]}\n{time}" for day, time in texts])
    axes.set_xlabel(f"UTC, {texts[0][0]}" if len(days) == 1 else "UTC")
    axes.set_ylabel(money)
    return figure


def draw_curve(codes: Sequence[str], opened: Mapping[str, Fraction], settled: Mapping[str, Fraction], unit: int,
               money: str) -> "Figure":  # fmt: skip
    """Draw the months beside each other: the price of the last auction, and the settlement price."""
    figure, (axes,) = _figure(1)
    for found, colour, label in ((opened, ASK, "auction"), (settled, BID, "settlement")):
        known = [code for code in codes if code in found]
        if known:
            places = [codes.index(code) for code in known]
            axes.plot(places, [float(found[code]) / unit for code in known], "o-", color=colour, label=label)
    axes.set_xticks(range(len(codes)), codes)
    axes.margins(y=0.2)
    axes.set_ylabel(money)
    axes.legend(frameon=False)
    return figure


def save(figure: "Figure", path: Path, *, title: str, caption: str = "") -> None:
    """Write a picture, in the form that its name ends with; the same data give the same SVG."""
    import matplotlib as mpl

    figure.suptitle(title, x=0.01, ha="left", fontsize=11, color=INK)
    if caption:
        figure.supxlabel(caption, x=0.99, ha="right", fontsize=7, color="#6b7782")
    with mpl.rc_context({"svg.hashsalt": "steelyard"}):
        kept: dict[str, Any] = {"metadata": {"Date": None}} if path.suffix in (".svg", ".pdf") else {}
        figure.savefig(path, dpi=130, **kept)


def _cumulated(levels: Mapping[tuple[int, Fraction], int], side: int) -> tuple[list[Fraction], list[int]]:
    """Give a side's prices, best first, with the sum of all that is shown up to each."""
    prices = sorted((price for of, price in levels if of == side), reverse=side == BUY)
    sums, total = [], 0
    for price in prices:
        total += levels[side, price]
        sums.append(total)
    return prices, sums


def _figure(fields: int) -> tuple["Figure", "list[Axes]"]:
    """Give a figure with so many fields."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib.figure import Figure

    across = min(fields, ACROSS)
    down = -(-fields // across)
    figure = Figure(
        figsize=(8.2 if across == 1 else 10.5, 4.6 if down == 1 else 2.9 * down), layout="constrained",
        facecolor="white",
    )  # fmt: skip
    grid = list(figure.subplots(down, across, squeeze=False).flat)
    for number, axes in enumerate(grid):
        if number >= fields:
            axes.set_axis_off()
            continue
        axes.grid(color=GRID, linewidth=0.6)
        axes.set_axisbelow(True)
        axes.spines[["top", "right"]].set_visible(False)
    return figure, grid[:fields]
