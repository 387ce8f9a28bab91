"""The market as everybody sees it, and how the operator runs it: instruments, books, trades, streams, phases."""

import asyncio
from collections.abc import AsyncGenerator
from functools import cache
from hashlib import sha256
from typing import Any

import msgspec

from steelyard.api import listing, wire
from steelyard.api.call import Call, Reply, tell
from steelyard.api.listing import Listing
from steelyard.api.orders import done, order
from steelyard.api.problems import ProblemError
from steelyard.api.route import EVENTS, NDJSON, Param, Route, lists
from steelyard.api.streams import FRAME_SECONDS, HEARTBEAT_SECONDS
from steelyard.api.views import market as view
from steelyard.api.wire import Faults
from steelyard.client import market as shapes
from steelyard.client import types
from steelyard.flows.market_list import BandsFields, GroupFields, ListFields
from steelyard.flows.market_phase import EndFields, PhaseFields, SeedFields
from steelyard.flows.market_reverse import ReverseFields
from steelyard.market.books import QUOTES_MAX, Session, Way
from steelyard.market.contracts import Contract
from steelyard.market.instruments import Instrument
from steelyard.market.phases import Phase
from steelyard.packs import contracts as packs
from steelyard.storage.queries import Found
from steelyard.values.instants import DAY, HOUR, MILLISECOND, MINUTE, SECOND

LEVELS_MAX = 1_000
FEED_MAX = 1_000
PUBLIC_KINDS = ("trade", "auction", "settlement")


async def list_instruments(call: Call) -> Reply:
    """List the instruments that are traded, with phase and bands."""
    return await listing.answer(call, INSTRUMENTS)


async def get_instrument(call: Call) -> Reply:
    """Show an instrument."""
    return tell(view.instrument(await _instrument(call), call))


async def get_limits(call: Call) -> Reply:
    """Show between which prices orders in each currency may enter now."""
    row, at = await _instrument(call), await call.gateway.fresh_now()
    reader, quotes = call.gateway.stores.reader, list[Found]()
    if not row["currency"]:
        standing: list[Any] = [("valid_until", ">", at)]
        quotes = await call.gateway.aside(
            lambda: reader.page("firm_quote_standing", standing, limit=QUOTES_MAX)
        )
    return tell(await call.gateway.aside(lambda: view.limits(row, quotes, at, call)))


async def get_book(call: Call) -> Reply:
    """Show a book's levels, best first, at a number of its public stream: what follows goes on from there."""
    row, reader = await _instrument(call), call.gateway.stores.reader
    code = row["code"]

    def work() -> tuple[int, list[Found]]:
        while True:
            before = _last(reader, code)
            levels = reader.page("market_level", [("instrument", "=", code)], limit=LEVELS_MAX * 100)
            if before == _last(reader, code):
                return before, levels

    seq, rows = await call.gateway.aside(work)
    sides: tuple[list[Found], list[Found]] = ([], [])
    for one in rows:
        sides[one["side"]].append(one)
    sides[0].sort(key=lambda one: (one["currency"], one["price"] > 0, -one["price"]))
    return tell(
        shapes.BookShown(
            instrument=code,
            seq=seq,
            phase=view.word(Phase(row["phase"])),
            bids=[view.level(one, call) for one in sides[0][:LEVELS_MAX]],
            asks=[view.level(one, call) for one in sides[1][:LEVELS_MAX]],
        )
    )


async def get_feed(call: Call) -> Reply:
    """Give the items of an instrument's public stream after a number; or, as it goes on, as an event stream."""
    code = (await _instrument(call))["code"]
    after = int(call.query.get("from", "0"))
    if call.header("accept").startswith(EVENTS):
        return Reply(200, media=EVENTS, pieces=_stream(call, code, after))
    rows = await _after(call, code, after)
    return tell([view.feed(row, call) for row in rows])


async def get_feed_day(call: Call) -> Reply:
    """Give a day of an instrument's public stream, a line an item, with the SHA-256 of the lines as its ETag."""
    code = (await _instrument(call))["code"]
    faults = Faults()
    on = wire.date(call.path_params["on"], faults, "/on")
    faults.end()
    reader = call.gateway.stores.reader

    def work() -> bytes:
        lines: list[bytes] = []
        after = 0
        while True:
            filters: list[Any] = [
                ("instrument", "=", code), ("at_ns", ">=", on * DAY), ("at_ns", "<", (on + 1) * DAY),
                ("seq", ">", after),
            ]  # fmt: skip
            rows = reader.page("market_feed", filters, limit=FEED_MAX)
            if not rows:
                return b"".join(lines)
            lines += [msgspec.json.encode(view.feed(row, call)) + b"\n" for row in rows]
            after = rows[-1]["seq"]

    content = await call.gateway.aside(work)
    digest = sha256(content).hexdigest()
    return Reply(200, content, NDJSON, (("ETag", f'"{digest}"'), ("Steelyard-Content-SHA256", digest)))


def _kind(kind: str, name: str, about: str) -> Any:
    """Give the function of a route that lists one kind of items of a stream, newest first."""

    async def run(call: Call) -> Reply:
        code = (await _instrument(call))["code"]
        reader = call.gateway.stores.reader
        filters: list[Any] = [("instrument", "=", code), ("kind", "=", kind)]
        rows = await call.gateway.aside(
            lambda: reader.page("market_feed", filters, limit=FEED_MAX, newest_first=True)
        )
        return tell([view.feed(row, call) for row in rows])

    run.__name__, run.__doc__ = name, f"{about}."
    return run


async def list_instrument(call: Call) -> Reply:
    """List an instrument."""
    asked, faults = call.asked(shapes.InstrumentAsked), Faults()
    currency = asked.currency or ""
    places = view.scale(call, currency)

    def price(name: str, text: str | None) -> int | None:
        return None if text is None else wire.minor_of(text, places, faults, f"/{name}")

    tick = price("tick", asked.tick) or 0
    instrument = Instrument(
        code=asked.code, tick=tick, lot=asked.lot, currency=currency, basket=asked.basket or "",
        stp=view.STPS[asked.stp], ref_price=price("reference", asked.reference), limit_bp=asked.limit_bp,
        limit_step=price("limit_step", asked.limit_step) or tick, collar_bp=asked.collar_bp,
        rest_market=asked.rest_market, pressure_cap_pct=asked.pressure_cap_pct, post_close=asked.post_close,
        call_seconds=asked.call_seconds, calendar=" ".join(asked.calendars),
        basket_holds=tuple(
            (code, wire.minor_of(text, view.scale(call, code), faults, f"/basket_holds/{code}"))
            for code, text in sorted(asked.basket_holds.items())
        ),
    )  # fmt: skip
    faults.end()
    sessions = tuple(Session(_ms(one.at), view.PHASES[one.phase], one.random) for one in asked.sessions)
    fields = ListFields(
        instrument, asked.contract, Way(asked.way), asked.asset, asked.unit_kg, sessions, asked.limit_units,
        _terms(asked.contract),
    )  # fmt: skip
    return tell(done(await order(call, "instrument.list", fields), subject=asked.code))


def _terms(contract: str) -> bytes:
    """Give the terms of a contract that has a pack, packed; nothing for another."""
    found = _packs().get(contract)
    return b"" if found is None else msgspec.msgpack.encode(found)


@cache
def _packs() -> dict[str, Contract]:
    """Read the packs of contracts, once."""
    return packs.load_all()


async def set_phase(call: Call) -> Reply:
    """Set the phase of an instrument by hand."""
    asked = call.asked(shapes.PhaseAsked)
    fields = PhaseFields(call.path_params["instrument"], view.PHASES[asked.phase], asked.reason)
    return tell(done(await order(call, "instrument.phase", fields), subject=fields.instrument))


async def set_bands(call: Call) -> Reply:
    """Set the reference price of an instrument by hand."""
    asked, faults = call.asked(shapes.BandsAsked), Faults()
    row = await _instrument(call)
    minor = wire.minor_of(asked.reference, view.scale(call, row["currency"]), faults, "/reference")
    faults.end()
    fields = BandsFields(row["code"], minor, asked.widened)
    return tell(done(await order(call, "instrument.bands", fields), subject=row["code"]))


async def commit_seed(call: Call) -> Reply:
    """Commit the digest of the seed by which the next call ends."""
    asked = call.asked(shapes.SeedDigest)
    fields = SeedFields(call.path_params["instrument"], bytes.fromhex(asked.digest))
    return tell(done(await order(call, "instrument.seed", fields), subject=fields.instrument))


async def end_call(call: Call) -> Reply:
    """End a call by its seed."""
    asked = call.asked(shapes.SeedRevealed)
    fields = EndFields(call.path_params["instrument"], bytes.fromhex(asked.seed))
    return tell(done(await order(call, "instrument.end_call", fields), subject=fields.instrument))


async def set_group(call: Call) -> Reply:
    """Set with which group a participant's orders count."""
    asked = call.asked(shapes.GroupAsked)
    fields = GroupFields(call.path_params["bic"], asked.group or "")
    return tell(done(await order(call, "market.group", fields), subject=fields.owner))


async def reverse_trade(call: Call) -> Reply:
    """Take a trade back to which all its sides have agreed."""
    asked = call.asked(shapes.ReversalAsked)
    fields = ReverseFields(wire.path_id(call.path_params["id"]), asked.reason)
    return tell(done(await order(call, "trade.reverse", fields), subject=call.path_params["id"]))


async def _instrument(call: Call) -> Found:
    """Give the instrument of the address, or raise not-found."""
    reader, code = call.gateway.stores.reader, call.path_params["instrument"]
    row = await call.gateway.aside(lambda: reader.one("instrument", code=code))
    if row is None:
        raise ProblemError("not-found")
    return row


def _last(reader: Any, code: str) -> int:
    rows = reader.page("market_feed", [("instrument", "=", code)], limit=1, newest_first=True)
    return int(rows[0]["seq"]) if rows else 0


async def _after(call: Call, code: str, after: int) -> list[Found]:
    reader = call.gateway.stores.reader
    filters: list[Any] = [("instrument", "=", code), ("seq", ">", after)]
    return await call.gateway.aside(lambda: reader.page("market_feed", filters, limit=FEED_MAX))


async def _stream(call: Call, code: str, after: int) -> AsyncGenerator[bytes]:
    """Give the stream's items as events, numbered as they are, as long as the caller reads."""
    stopping, quiet = call.gateway.stopping, 0.0
    while not stopping.is_set():
        rows = await _after(call, code, after)
        for row in rows:
            item = msgspec.json.encode(view.feed(row, call))
            yield b"id: %d\nevent: market\ndata: %s\n\n" % (row["seq"], item)
            after = row["seq"]
        quiet = 0.0 if rows else quiet + FRAME_SECONDS
        if quiet >= HEARTBEAT_SECONDS:
            yield b": still here\n\n"
            quiet = 0.0
        if len(rows) < FEED_MAX:
            await asyncio.sleep(FRAME_SECONDS)
    yield b"event: bye\ndata: {}\n\n"


def _ms(text: str) -> int:
    hours, minutes, seconds = ([int(part) for part in text.split(":")] + [0])[:3]
    return (hours * HOUR + minutes * MINUTE + seconds * SECOND) // MILLISECOND


INSTRUMENTS = Listing(
    "instrument", shapes.InstrumentShown, view.instrument, lambda call: [[]], newest_first=False
)
_ALL, _ONE = "/v1/market", "/v1/market/{instrument}"
_FROM = Param("from", "number", "After this number of the stream.")
_TRADES = "Latest trades of an instrument, newest first; nobody is named"
_AUCTIONS = "Auctions of an instrument, newest first"
_SETTLED = "Settlement prices of an instrument, newest first"
ROUTES = (
    lists(_ALL, "read", list_instruments, "Instruments", shapes.InstrumentShown, INSTRUMENTS.query),
    Route("GET", _ONE, "read", get_instrument, "An instrument", told=shapes.InstrumentShown),
    Route("GET", f"{_ONE}/limits", "read", get_limits, "Between which prices orders may enter, by currency",
          told=list[shapes.LimitShown]),
    Route("GET", f"{_ONE}/book", "read", get_book, "The book of an instrument", told=shapes.BookShown),
    Route("GET", f"{_ONE}/trades", "read", _kind("trade", "list_market_trades", _TRADES), _TRADES,
          told=list[shapes.FeedItem]),
    Route("GET", f"{_ONE}/auctions", "read", _kind("auction", "list_market_auctions", _AUCTIONS), _AUCTIONS,
          told=list[shapes.FeedItem]),
    Route("GET", f"{_ONE}/settlement", "read", _kind("settlement", "list_settlement_prices", _SETTLED), _SETTLED,
          told=list[shapes.FeedItem]),
    Route("GET", f"{_ONE}/feed", "read", get_feed, "The public stream of an instrument, after a number",
          told=list[shapes.FeedItem], tells=("application/json", EVENTS), query=(_FROM,)),
    Route("GET", f"{_ONE}/feed/{{on}}", "read", get_feed_day, "A day of an instrument's public stream",
          told=str, tells=(NDJSON,)),
    Route("POST", _ALL, "market", list_instrument, "List an instrument", shapes.InstrumentAsked, types.Done,
          keyed=True),
    Route("PUT", f"{_ONE}/phase", "market", set_phase, "Set a phase by hand", shapes.PhaseAsked, types.Done,
          keyed=True),
    Route("PUT", f"{_ONE}/reference", "market", set_bands, "Set the reference price by hand", shapes.BandsAsked,
          types.Done, keyed=True),
    Route("PUT", f"{_ONE}/seed", "call", commit_seed, "Commit the seed of a random end", shapes.SeedDigest,
          types.Done, keyed=True),
    Route("POST", f"{_ONE}/end-call", "call", end_call, "End a call by its seed", shapes.SeedRevealed, types.Done,
          keyed=True),
    Route("PUT", "/v1/participants/{bic}/market-group", "market", set_group, "Set a participant's group",
          shapes.GroupAsked, types.Done, keyed=True),
    Route("POST", "/v1/market-trades/{id}/reverse", "market", reverse_trade, "Take a trade back",
          shapes.ReversalAsked, types.Done, keyed=True),
)  # fmt: skip
