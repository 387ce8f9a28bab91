"""`steelyard market picture`: a market drawn from its public stream, of a node or of daily files."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from steelyard.cli.session import DONE, NOTHING_GIVEN, REFUSED, USAGE, Common, end, node

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matplotlib.figure import Figure

    from steelyard.client import Steelyard
    from steelyard.client.market import FeedItem
    from steelyard.sim.market_pictures import Scales

    Streams = dict[str, list[FeedItem]]

Kind = Literal["depth", "candles", "curve", "auction"]
FORMS = (".png", ".svg", ".pdf")
SCALE = 2
TONNE_KG = 1_000
"""Decimals of currencies where no node says how many"""


def picture(
    kind: Kind,
    instrument: str,
    /,
    *,
    out: Path,
    file: Annotated[tuple[Path, ...], Parameter(negative=())] = (),
    currency: str = "",
    seconds: int = 30,
    common: Common = NOTHING_GIVEN,
) -> int:
    """Draw a market: its book, its trades as candles, the months of its contract, its last auction.

    Exit 1: there is nothing yet of what is asked for. Prints where the picture lies.

    Parameters
    ----------
    kind
        depth: the book as it stands, a field for each currency; candles; curve: settlement prices and auctions by
        month; auction: what was wanted and offered as it ended.
    instrument
        Code of the instrument.
    out
        Where the picture goes: .png, .svg or .pdf.
    file
        Daily files of its stream (`steelyard market day`), oldest first, in place of a node; a curve takes those of
        all months. Currencies have two decimals then, and quantities no name.
    currency
        Candles of the trades at prices in this one, in place of the one with most trades.
    seconds
        How long a candle is.
    """
    if out.suffix not in FORMS:
        end(f"{out}: a picture ends with {', '.join(FORMS)}", USAGE)
    if seconds < 1:
        end("--seconds is at least 1", USAGE)
    from steelyard.cli.simulating import can_draw

    if not can_draw(True):
        return USAGE
    from steelyard.sim.market_pictures import UNIT, NothingToDraw, currency_of, save

    try:
        if file:
            streams = _of_files(file)
            scales: Scales = {}
            of = UNIT
            own = currency_of(streams.get(instrument, []))
        else:
            with node(common) as (client, _):
                scales = {one.asset: one.scale for one in client.directory.assets()}
                terms = client.market.get(instrument)
                own, of = terms.currency or "", "tonne" if terms.unit_kg == TONNE_KG else UNIT
                streams = _of_node(client, kind, instrument)
        figure, title = _drawn(kind, instrument, streams, scales, own, currency, seconds, of)
        save(figure, out, title=title)
    except NothingToDraw as nothing:
        end(f"{instrument}: {nothing}", REFUSED)
    except OSError as error:
        end(f"{out}: {error.strerror or error}", USAGE)
    print(out)
    return DONE


def day(instrument: str, on: str, /, *, out: Path | None = None, common: Common = NOTHING_GIVEN) -> int:
    """Fetch a day of an instrument's public stream, a JSON line an item, and say its SHA-256.

    Parameters
    ----------
    instrument
        Code of the instrument.
    on
        The day, YYYY-MM-DD.
    out
        Where it goes; without it, standard output.
    """
    import sys
    from hashlib import sha256

    with node(common) as (client, shown):
        content = client.market.day(instrument, on)
    if out is None:
        sys.stdout.write(content.decode())
    else:
        out.write_bytes(content)
    if not shown.quiet:
        print(f"sha256 {sha256(content).hexdigest()}", file=sys.stderr)
    return DONE


def _of_files(files: tuple[Path, ...]) -> "Streams":
    """Read daily files, each line to the stream of its instrument."""
    import msgspec

    from steelyard.client.market import FeedItem

    found: Streams = {}
    for file in files:
        try:
            for line in file.read_bytes().splitlines():
                item = msgspec.json.decode(line, type=FeedItem)
                found.setdefault(item.instrument, []).append(item)
        except (OSError, msgspec.MsgspecError) as error:
            end(f"{file} is no daily file: {error}", USAGE)
    return found


def _of_node(client: "Steelyard", kind: Kind, instrument: str) -> "Streams":
    """Ask a node for what a picture shows, and no more."""
    from steelyard.client.market import FeedItem

    market = client.market
    if kind == "curve":
        contract = market.get(instrument).contract
        codes = sorted(one.code for one in market.list(limit=1_000) if one.contract == contract)
        return {code: [*market.auctions(code)[::-1], *market.settlement(code)[::-1]] for code in codes}
    if kind == "candles":
        return {instrument: market.trades(instrument)[::-1]}
    if kind == "auction":
        auctions = market.auctions(instrument)
        return {instrument: list(_up_to(client, instrument, auctions[0].seq if auctions else 0))}
    shown = market.book(instrument)
    levels = [
        (one.currency, side, int(one.price_minor or 0), one.quantity)
        for side, found in enumerate((shown.bids, shown.asks))
        for one in found
    ]
    return {instrument: [FeedItem(instrument, shown.seq, "level", "", {"levels": levels})]}


def _up_to(client: "Steelyard", instrument: str, last: int) -> "Iterator[FeedItem]":
    """Give the items of a stream from its first to a number."""
    after = 0
    while after < last and (items := client.market.feed(instrument, after=after)):
        yield from (one for one in items if one.seq <= last)
        after = items[-1].seq


def _drawn(
    kind: Kind,
    instrument: str,
    streams: "Streams",
    scales: "Scales",
    own: str,
    currency: str,
    seconds: int,
    of: str,
) -> "tuple[Figure, str]":
    """Draw, and give the picture's title."""
    from steelyard.sim import market_pictures as pictures
    from steelyard.values.instants import SECOND

    mine = streams.get(instrument, [])
    unit, money = 10 ** scales.get(own, SCALE), f"{own or 'units of the basket'} a {of}"
    if kind == "depth":
        figure = pictures.draw_depth(pictures.book(mine), scales, otherwise=SCALE, of=of)
        return figure, f"{instrument}: what is wanted and offered, at each price or a better one"
    if kind == "auction":
        figure = pictures.draw_auction(pictures.auction(mine), unit, money, of=of)
        return figure, f"The last auction of {instrument}"
    if kind == "candles":
        chosen, traded = pictures.trades(mine, currency)
        unit = 10 ** scales.get(chosen, SCALE)
        figure = pictures.draw_candles(traded, unit, f"{chosen} a {of}", span=seconds * SECOND)
        return figure, f"Trades of {instrument} at prices in {chosen}, {seconds} s a candle"
    opened, settled = pictures.curve(streams)
    codes = sorted({**opened, **settled})
    return pictures.draw_curve(codes, opened, settled, unit, money), f"{instrument} and the other months"
