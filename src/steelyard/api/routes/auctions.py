"""Auctions: announced by who sells or buys, bid in by others, published for everybody."""

from typing import Any, NamedTuple

import msgspec

from steelyard.api import listing, wire
from steelyard.api.auth.visibility import View, view_of
from steelyard.api.call import Call, Reply, tell
from steelyard.api.listing import ITEMS, Field, Listing
from steelyard.api.orders import Recorded, done, order
from steelyard.api.problems import ProblemError
from steelyard.api.route import JSON, Param, Route, lists
from steelyard.api.views import auctions as view
from steelyard.api.views import market
from steelyard.api.wire import Faults
from steelyard.client import auctions as shapes
from steelyard.client import types
from steelyard.flows import auction as flow
from steelyard.flows.auction_facts import AuctionAnnounced, AuctionMoved
from steelyard.market.auctions.published import AuctionFile
from steelyard.market.auctions.sealed import SealedCall
from steelyard.market.books import Listing as Listed
from steelyard.storage.queries import Filter, Found
from steelyard.values.instants import SECOND

BIDS_MAX = 5_000


class Prices(NamedTuple):
    """Reads the prices of an auction: of which instrument, on which tick, in how many decimals."""

    instrument: str
    tick: int
    scale: int
    faults: Faults

    def minor(self, name: str, text: str, *, zero_allowed: bool = False) -> int:
        """Read one."""
        return wire.minor_of(text, self.scale, self.faults, f"/{name}", zero_allowed=zero_allowed)

    def at(self, name: str, text: str) -> int:
        """Read an instant."""
        return wire.instant(text, self.faults, f"/{name}")


async def open_english(call: Call) -> Reply:
    """Announce an English auction."""
    asked = call.asked(shapes.EnglishAsked)
    prices = await _prices(call, asked.instrument)
    fields = flow.EnglishFields(
        asked.lots, prices.tick, prices.minor("step", asked.step), prices.minor("start", asked.start),
        prices.minor("reserve", asked.reserve, zero_allowed=True),
        prices.at("opens_at", asked.opens_at), prices.at("closes_at", asked.closes_at),
        asked.extend_seconds * SECOND, asked.extensions_max, prices.instrument,
    )  # fmt: skip
    return await _announce(call, "english", fields, prices.faults)


async def open_dutch(call: Call) -> Reply:
    """Announce a Dutch auction."""
    asked = call.asked(shapes.DutchAsked)
    prices = await _prices(call, asked.instrument)
    fields = flow.DutchFields(
        asked.lots, prices.tick, prices.minor("start", asked.start), prices.minor("floor", asked.floor),
        prices.minor("step", asked.step), prices.at("opens_at", asked.opens_at),
        asked.interval_seconds * SECOND, prices.instrument,
    )  # fmt: skip
    return await _announce(call, "dutch", fields, prices.faults)


async def open_reverse(call: Call) -> Reply:
    """Announce a reverse auction in three rounds."""
    asked = call.asked(shapes.ReverseAsked)
    prices = await _prices(call, asked.instrument)
    ends = [prices.at(f"ends_at/{place}", text) for place, text in enumerate(asked.ends_at)]
    fields = flow.ReverseFields(
        asked.lots, prices.tick, prices.minor("step", asked.step), prices.minor("ceiling", asked.ceiling),
        prices.at("opens_at", asked.opens_at), ends[0], ends[1], ends[2], asked.keep[0], asked.keep[1],
        prices.instrument,
    )  # fmt: skip
    return await _announce(call, "reverse", fields, prices.faults)


async def open_final(call: Call) -> Reply:
    """Announce a best-and-final auction."""
    asked = call.asked(shapes.FinalAsked)
    prices = await _prices(call, asked.instrument)
    fields = flow.FinalFields(
        asked.lots, prices.tick, flow.SELLS if asked.side == "sell" else flow.BUYS,
        prices.minor("reserve", asked.reserve, zero_allowed=True),
        prices.at("opens_at", asked.opens_at), prices.at("offers_end_at", asked.offers_end_at),
        prices.at("final_end_at", asked.final_end_at), asked.keep, prices.instrument,
    )  # fmt: skip
    return await _announce(call, "final", fields, prices.faults)


async def open_sealed(call: Call) -> Reply:
    """Announce a call with sealed orders."""
    asked = call.asked(shapes.SealedAsked)
    prices = await _prices(call, asked.instrument)
    faults = prices.faults
    deposit = 0 if asked.deposit is None else wire.minor(asked.deposit, call.directory, faults, "/deposit")
    fields = flow.SealedFields(
        prices.instrument, prices.tick, prices.at("opens_at", asked.opens_at),
        prices.at("closes_at", asked.closes_at), prices.at("reveal_until_at", asked.reveal_until_at),
        None if asked.reference is None else prices.minor("reference", asked.reference),
        asked.pressure_cap_pct or "", "" if asked.deposit is None else asked.deposit.asset, deposit,
        asked.forfeits,
    )  # fmt: skip
    return await _announce(call, "sealed", fields, faults)


async def list_auctions(call: Call) -> Reply:
    """List auctions, newest first: everybody's, bidders unnamed."""
    return await listing.answer(call, AUCTIONS)


async def get_auction(call: Call) -> Reply:
    """Show an auction."""
    row = await _auction(call)
    return tell(view.auction(row, await _currency(call, row), call, _seen(call)))


async def get_auction_file(call: Call) -> Reply:
    """Give what a call with sealed orders has published, as `steelyard verify auction` reads it."""
    row = await _auction(call)
    if not row["file"]:
        raise ProblemError("not-found", "nothing is published of this auction, or not yet")
    return Reply(200, row["file"], JSON, (("Steelyard-Auction-Root", row["root"].hex()),))


async def list_auction_bids(call: Call) -> Reply:
    """List the bids of an auction, oldest first: where bids are open, of all, bidders unnamed; else one's own."""
    row, seen = await _auction(call), _seen(call)
    knows_all = seen.sees(row["owner"])
    rows = await _rows(call, "auction_bid", row)
    if not knows_all and row["format"] not in view.OPEN_FORMATS:
        rows = [one for one in rows if seen.sees(one["bidder"])]
    scale = market.scale(call, await _currency(call, row))
    items = [view.bid(one, scale, seen, knows_all=knows_all) for one in rows]
    return await listing.answer_items(call, shapes.BidShown, items, lambda one: (one.at, one.bid_id))


async def list_commitments(call: Call) -> Reply:
    """List the sealed orders of a call, oldest first: what was committed to, whether it was opened."""
    row, seen = await _auction(call), _seen(call)
    made = view.terms_of(row)
    asset = made.deposit_asset if isinstance(made, SealedCall) else ""
    knows_all = seen.owners is None
    items = [
        view.commitment(one, asset, call, seen, knows_all=knows_all)
        for one in await _rows(call, "commitment", row)
    ]
    return await listing.answer_items(
        call, shapes.CommitmentShown, items, lambda one: (one.at, one.commitment)
    )


async def bid_in_auction(call: Call) -> Reply:
    """Bid in an auction, or take from a Dutch one."""
    asked, row, faults = call.asked(shapes.BidAsked), await _auction(call), Faults()
    scale = market.scale(call, await _currency(call, row))
    price = 0 if asked.price is None else wire.minor_of(asked.price, scale, faults, "/price")
    faults.end()
    return _told(await order(call, "auction.bid", flow.BidFields(row["auction_id"], price, asked.lots)))


async def commit_to_order(call: Call) -> Reply:
    """Commit to a sealed order; its deposit is set aside."""
    asked, row = call.asked(shapes.CommitAsked), await _auction(call)
    fields = flow.CommitFields(row["auction_id"], bytes.fromhex(asked.commitment))
    return _told(await order(call, "auction.commit", fields))


async def reveal_order(call: Call) -> Reply:
    """Open a sealed order; its deposit comes back."""
    asked, row, faults = call.asked(shapes.RevealAsked), await _auction(call), Faults()
    scale = market.scale(call, await _currency(call, row))
    price = None if asked.price is None else wire.minor_of(asked.price, scale, faults, "/price")
    faults.end()
    fields = flow.RevealFields(
        row["auction_id"], asked.order_id, asked.side, price, asked.quantity, bytes.fromhex(asked.salt)
    )
    return _told(await order(call, "auction.reveal", fields))


async def cancel_auction(call: Call) -> Reply:
    """End one's own auction before its time."""
    asked, row = call.asked(shapes.CancelAsked), await _auction(call)
    return _told(await order(call, "auction.cancel", flow.CancelFields(row["auction_id"], asked.reason)))


async def _announce(call: Call, word: str, fields: Any, faults: Faults) -> Reply:
    faults.end()
    found = await order(call, f"auction.{word}", fields)
    made = found.fact(AuctionAnnounced)
    subject = wire.uuid_text(made.auction_id) if made is not None else None
    return tell(done(found, state="announced" if made is not None else None, subject=subject))


def _told(found: Recorded) -> Reply:
    """Answer what became of an act in an auction: its state, the id of a bid."""
    moved = found.fact(AuctionMoved)
    return tell(
        done(
            found,
            state=moved.state.lower() if moved is not None else None,
            subject=wire.uuid_text(moved.auction_id) if moved is not None else None,
        )
    )


async def _prices(call: Call, instrument: str) -> Prices:
    """Give what reads an auction's prices, those of its instrument; one in many currencies has none."""
    reader, faults = call.gateway.stores.reader, Faults()
    row = await call.gateway.aside(lambda: reader.one("instrument", code=instrument))
    if row is None or not row["currency"]:
        faults.add("/instrument", "instrument-unknown", "nothing in one currency is listed so", instrument)
        faults.end()
    assert row is not None
    tick = msgspec.msgpack.decode(row["terms"], type=Listed).instrument.tick
    return Prices(instrument, tick, market.scale(call, row["currency"]), faults)


async def _auction(call: Call) -> Found:
    """Give the auction of the address, or raise not-found."""
    auction_id, reader = wire.path_id(call.path_params["id"]), call.gateway.stores.reader
    row = await call.gateway.aside(lambda: reader.one("auction", auction_id=auction_id))
    if row is None:
        raise ProblemError("not-found")
    return row


async def _rows(call: Call, table: str, row: Found) -> list[Found]:
    filters: list[Filter] = [("auction_id", "=", row["auction_id"])]
    return await call.gateway.aside(lambda: call.gateway.stores.reader.page(table, filters, limit=BIDS_MAX))


async def _currency(call: Call, row: Found) -> str:
    """Give the currency of an auction's prices, empty where it is of nothing listed."""
    return await call.gateway.instruments.currency(view.terms_of(row).instrument)


def _seen(call: Call) -> View:
    return view_of(call.who, call.directory.members)


def _listed(row: Found, call: Call) -> shapes.AuctionShown:
    """Give an auction of a list; runs aside, so it may read."""
    found = call.gateway.stores.reader.one("instrument", code=view.terms_of(row).instrument)
    return view.auction(row, "" if found is None else found["currency"], call, _seen(call))


_FORMATS = ("english", "dutch", "reverse_rounds", "best_and_final", "sealed")
AUCTIONS = Listing(
    "auction",
    shapes.AuctionShown,
    _listed,
    listing.everything,
    (
        Field(Param("format", "words", "Of this format.", _FORMATS), "format"),
        Field(Param("owner", "bic", "Announced by this participant."), "owner"),
    ),
)
_ALL, _ONE = "/v1/auctions", "/v1/auctions/{id}"
_TOLD = types.Done
ROUTES = (
    lists(_ALL, "read", list_auctions, "Auctions", shapes.AuctionShown, AUCTIONS.query),
    Route("GET", _ONE, "read", get_auction, "An auction", told=shapes.AuctionShown),
    Route("GET", f"{_ONE}/file", "read", get_auction_file, "The published file of a call with sealed orders",
          told=AuctionFile),
    lists(f"{_ONE}/bids", "read", list_auction_bids, "Bids of an auction", shapes.BidShown, ITEMS),
    lists(f"{_ONE}/commitments", "read", list_commitments, "Sealed orders of a call", shapes.CommitmentShown,
          ITEMS),
    Route("POST", f"{_ALL}/english", "auction", open_english, "Announce an English auction", shapes.EnglishAsked,
          _TOLD, keyed=True),
    Route("POST", f"{_ALL}/dutch", "auction", open_dutch, "Announce a Dutch auction", shapes.DutchAsked, _TOLD,
          keyed=True),
    Route("POST", f"{_ALL}/reverse", "auction", open_reverse, "Announce a reverse auction", shapes.ReverseAsked,
          _TOLD, keyed=True),
    Route("POST", f"{_ALL}/final", "auction", open_final, "Announce a best-and-final auction", shapes.FinalAsked,
          _TOLD, keyed=True),
    Route("POST", f"{_ALL}/sealed", "auction", open_sealed, "Announce a call with sealed orders",
          shapes.SealedAsked, _TOLD, keyed=True),
    Route("POST", f"{_ONE}/bids", "auction", bid_in_auction, "Bid in an auction", shapes.BidAsked, _TOLD,
          keyed=True),
    Route("POST", f"{_ONE}/commitments", "auction", commit_to_order, "Commit to a sealed order",
          shapes.CommitAsked, _TOLD, keyed=True),
    Route("POST", f"{_ONE}/reveals", "auction", reveal_order, "Open a sealed order", shapes.RevealAsked, _TOLD,
          keyed=True),
    Route("POST", f"{_ONE}/cancel", "auction", cancel_auction, "End one's own auction", shapes.CancelAsked, _TOLD,
          keyed=True),
)  # fmt: skip
