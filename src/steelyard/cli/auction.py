"""`steelyard auction`: announce auctions, bid in those of others, commit to sealed orders and open them."""

import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from steelyard.cli import told
from steelyard.cli.reading import made, money, plain
from steelyard.cli.session import DONE, NOTHING_GIVEN, USAGE, Common, Switch, end, node

if TYPE_CHECKING:
    from steelyard.client import Steelyard

app = App(name="auction", help="Announce auctions, bid, commit to sealed orders.", version_flags=())

COLUMNS = (
    ("auction", "auction_id"), ("format", "format"), ("owner", "owner"), ("instrument", "instrument"),
    ("lots", "lots"), ("state", "state"), ("due", "due_at"), ("price", "price"), ("volume", "volume"),
)  # fmt: skip
BIDS = (("at", "at"), ("bid", "bid_id"), ("bidder", "bidder"), ("lots", "lots"), ("price", "price"))
COMMITMENTS = (
    ("at", "at"), ("commitment", "commitment"), ("owner", "owner"), ("state", "state"), ("deposit", "deposit"),
    ("deposit state", "deposit_state"),
)  # fmt: skip


@app.command(name="list")
def list_(*, format: str | None = None, owner: str | None = None, common: Common = NOTHING_GIVEN) -> int:
    """List auctions, newest first.

    Parameters
    ----------
    format
        english, dutch, reverse_rounds, best_and_final or sealed.
    owner
        BIC of who announced them.
    """
    with node(common) as (client, out):
        out.rows(client.auctions.list(format=format, owner=owner, limit=1_000), COLUMNS)
    return DONE


@app.command
def show(auction: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Show an auction: its terms, where it is, what it came to.

    Parameters
    ----------
    auction
        Id of the auction.
    """
    with node(common) as (client, out):
        out.item(client.auctions.get(auction))
    return DONE


@app.command
def bids(auction: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """List the bids of an auction, oldest first: one's own, all of one's own auction.

    Parameters
    ----------
    auction
        Id of the auction.
    """
    with node(common) as (client, out):
        out.rows(client.auctions.bids(auction, limit=1_000), BIDS)
    return DONE


@app.command
def commitments(auction: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """List the sealed orders of a call, oldest first.

    Parameters
    ----------
    auction
        Id of the auction.
    """
    with node(common) as (client, out):
        out.rows(client.auctions.commitments(auction, limit=1_000), COMMITMENTS)
    return DONE


@app.command
def english(
    instrument: str,
    lots: int,
    /,
    *,
    start: str,
    step: str,
    opens: str,
    closes: str,
    reserve: str = "0",
    extend: int = 0,
    extensions: int = 0,
    common: Common = NOTHING_GIVEN,
) -> int:
    """Sell to the bids that rise highest.

    Parameters
    ----------
    instrument
        What is sold, as it is listed; prices are in its currency, for a unit of it.
    lots
        How many units.
    start
        The lowest bid, such as 4500.00.
    step
        By how much a bid must be higher.
    opens
        When bids are taken from, such as 2026-11-26T09:00:00Z.
    closes
        Until when.
    reserve
        Below this nothing is sold; told when it is over.
    extend
        A bid in the last so many seconds moves the close by as many.
    extensions
        How often at most.
    """
    fields = {
        "instrument": instrument, "lots": lots, "start": start, "step": step, "opens_at": opens,
        "closes_at": closes, "reserve": reserve, "extend_seconds": extend, "extensions_max": extensions,
    }  # fmt: skip
    return _announce("english", "EnglishAsked", fields, common)


@app.command
def dutch(
    instrument: str,
    lots: int,
    /,
    *,
    start: str,
    floor: str,
    step: str,
    opens: str,
    interval: int,
    common: Common = NOTHING_GIVEN,
) -> int:
    """Sell at a price that falls until somebody takes.

    Parameters
    ----------
    instrument
        What is sold, as it is listed.
    lots
        How many units.
    start
        The first price.
    floor
        The last price.
    step
        By how much it falls.
    opens
        When it begins.
    interval
        Every how many seconds it falls.
    """
    fields = {
        "instrument": instrument, "lots": lots, "start": start, "floor": floor, "step": step, "opens_at": opens,
        "interval_seconds": interval,
    }  # fmt: skip
    return _announce("dutch", "DutchAsked", fields, common)


@app.command
def reverse(
    instrument: str,
    lots: int,
    /,
    *,
    ceiling: str,
    step: str,
    opens: str,
    ends: Annotated[list[str], Parameter(negative=())],
    keep: Annotated[list[int], Parameter(negative=())] | None = None,
    common: Common = NOTHING_GIVEN,
) -> int:
    """Buy from who offers least, in three rounds.

    Parameters
    ----------
    instrument
        What is bought, as it is listed.
    lots
        How many units.
    ceiling
        The most that is paid.
    step
        By how much an offer must be lower than one's last.
    opens
        When it begins.
    ends
        When a round ends; three times.
    keep
        How many go on to the second and to the third round; 5 and 3 where nothing is said.
    """
    fields = {
        "instrument": instrument, "lots": lots, "ceiling": ceiling, "step": step, "opens_at": opens,
        "ends_at": ends, "keep": tuple(keep or (5, 3)),
    }  # fmt: skip
    return _announce("reverse", "ReverseAsked", fields, common)


@app.command
def final(
    instrument: str,
    lots: int,
    /,
    *,
    side: str,
    reserve: str,
    opens: str,
    offers_end: str,
    final_end: str,
    keep: int = 3,
    common: Common = NOTHING_GIVEN,
) -> int:
    """Sell or buy by one offer each, and a last one of the best.

    Parameters
    ----------
    instrument
        What is traded, as it is listed.
    lots
        How many units.
    side
        sell or buy: what one does oneself.
    reserve
        The least one sells for, or the most one buys for; told when it is over.
    opens
        When offers are taken from.
    offers_end
        Until when.
    final_end
        Until when last offers are taken.
    keep
        How many are asked for a last offer.
    """
    fields = {
        "instrument": instrument, "lots": lots, "side": side, "reserve": reserve, "opens_at": opens,
        "offers_end_at": offers_end, "final_end_at": final_end, "keep": keep,
    }  # fmt: skip
    return _announce("final", "FinalAsked", fields, common)


@app.command
def sealed(
    instrument: str,
    /,
    *,
    opens: str,
    closes: str,
    reveal_until: str,
    reference: str | None = None,
    pressure_cap: str | None = None,
    deposit: str | None = None,
    returns: Switch = False,
    common: Common = NOTHING_GIVEN,
) -> int:
    """Hold a call whose orders are sealed until it closes.

    Parameters
    ----------
    instrument
        What is traded, as it is listed.
    opens
        When commitments are taken from.
    closes
        Until when.
    reveal_until
        Until when they are opened.
    reference
        The reference price of the call.
    pressure_cap
        How far pressure moves the price from the reference, in per cent.
    deposit
        What is set aside for each commitment, such as 'AED 500.00'.
    returns
        Give the deposit back even where an order is never opened.
    """
    fields = {
        "instrument": instrument, "opens_at": opens, "closes_at": closes, "reveal_until_at": reveal_until,
        "reference": reference, "pressure_cap_pct": pressure_cap,
        "deposit": money(deposit) if deposit is not None else None, "forfeits": not returns,
    }  # fmt: skip
    return _announce("sealed", "SealedAsked", fields, common)


@app.command
def bid(auction: str, lots: int, price: str | None = None, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Bid, offer, or take from a Dutch auction.

    Parameters
    ----------
    auction
        Id of the auction.
    lots
        How many units.
    price
        For a unit; a take without one pays the price of the moment.
    """
    with node(common) as (client, out):
        return told.done(out, client.auctions.bid(auction, lots, price))


@app.command
def commit(
    auction: str,
    side: str,
    quantity: int,
    price: str | None = None,
    /,
    *,
    keep: Path,
    order: str = "order",
    common: Common = NOTHING_GIVEN,
) -> int:
    """Commit to a sealed order. What opens it is written to a file first; whoever loses it loses the order.

    Parameters
    ----------
    auction
        Id of the auction.
    side
        buy or sell.
    quantity
        How many units.
    price
        The limit for a unit; without one it is a market order.
    keep
        New file for what opens the order, readable by its owner alone.
    order
        Name of the order in what is published.
    """
    import msgspec

    from steelyard.client.auctions import RevealAsked

    with node(common) as (client, out):
        salt = secrets.token_bytes(16)
        fields = {"order_id": order, "side": side, "quantity": quantity, "price": price, "salt": salt.hex()}
        opened = made(RevealAsked, fields)
        digest = _digest(client, auction, opened)
        _write(keep, msgspec.json.encode({"auction": auction, **msgspec.to_builtins(opened)}) + b"\n")
        return told.done(out, client.auctions.commit(auction, digest))


@app.command
def reveal(file: Path, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Open a sealed order by the file that `commit` has kept.

    Parameters
    ----------
    file
        The file.
    """
    from steelyard.client.auctions import RevealAsked

    kept = plain(str(file))
    auction = kept.pop("auction", "")
    opened = made(RevealAsked, kept, where=f"{file}: ")
    with node(common) as (client, out):
        return told.done(out, client.auctions.reveal(str(auction), opened))


@app.command
def cancel(auction: str, reason: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """End one's own auction before its time.

    Parameters
    ----------
    auction
        Id of the auction.
    reason
        Why, in at most 35 characters.
    """
    with node(common) as (client, out):
        return told.done(out, client.auctions.cancel(auction, reason))


@app.command
def file(auction: str, /, *, out: Path | None = None, common: Common = NOTHING_GIVEN) -> int:
    """Fetch what a call with sealed orders has published, for `steelyard verify auction`.

    Parameters
    ----------
    auction
        Id of the auction.
    out
        File to write; without it, standard output.
    """
    from steelyard.market.auctions.published import write

    with node(common) as (client, _):
        content = write(client.auctions.file(auction))
    if out is None:
        print(content.decode().rstrip("\n"))
    else:
        _write(out, content)
        print(out)
    return DONE


def _announce(word: str, shape: str, fields: dict[str, Any], common: Common) -> int:
    from steelyard.client import auctions as shapes

    terms = made(getattr(shapes, shape), fields)
    with node(common) as (client, out):
        return told.done(out, getattr(client.auctions, f"open_{word}")(terms))


def _digest(client: "Steelyard", auction: str, opened: Any) -> str:
    """Give what an order is committed to by: the price in the decimals of the auction's prices."""
    from steelyard.market.auctions.sealed import commitment_of
    from steelyard.values.amount import AmountFault, parse_minor

    shown = client.auctions.get(auction)
    minor = None
    if opened.price is not None:
        scale = len(shown.tick.partition(".")[2])
        read = parse_minor(opened.price, scale)
        if isinstance(read, AmountFault):
            end(f"{opened.price} is no price here: {read.value}", USAGE)
        minor = read
    key = shown.auction_id.replace("-", "")
    digest = commitment_of(
        key, opened.order_id, opened.side, minor, opened.quantity, salt=bytes.fromhex(opened.salt)
    )
    return digest.hex()


def _write(file: Path, content: bytes) -> None:
    """Write a new file, for its owner alone."""
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as made_file:
            made_file.write(content)
    except OSError as error:
        end(f"{file} cannot be written: {error.strerror or error}", USAGE)
