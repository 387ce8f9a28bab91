"""Published prices: every version of them, their methods, complaints; and how the operator publishes them."""

from hashlib import sha256
from typing import Any

from steelyard.api import listing, wire
from steelyard.api.auth.visibility import view_of
from steelyard.api.call import Call, Reply, tell
from steelyard.api.listing import ITEMS, Field, Listing
from steelyard.api.orders import done, order
from steelyard.api.problems import ProblemError
from steelyard.api.route import Param, Route, lists
from steelyard.api.views import market
from steelyard.api.views import prices as view
from steelyard.api.wire import Faults
from steelyard.client import prices as shapes
from steelyard.client import types
from steelyard.flows import price as flow
from steelyard.flows.price_facts import ComplaintMoved, PricePublished
from steelyard.flows.price_reads import MonthMean
from steelyard.market.assessment import FirmQuote, Method, Trade
from steelyard.market.basis import Basis, Source
from steelyard.market.complaints import ComplaintEvent
from steelyard.market.refusals.prices import PriceRefusal
from steelyard.storage.evidence import evidence, get
from steelyard.storage.queries import Found
from steelyard.values.instants import SECOND

VERSIONS_MAX = 5_000
COMPLAINTS_MAX = 5_000
NUMBER_END = 2**31


async def list_prices(call: Call) -> Reply:
    """List published prices, newest day first, every version."""
    return await listing.answer(call, PRICES)


async def list_benchmarks(call: Call) -> Reply:
    """List published benchmarks, every version, with what they are in each currency."""
    return await listing.answer(call, BENCHMARKS)


async def list_price_indices(call: Call) -> Reply:
    """List published indices by origin and grade, every version."""
    return await listing.answer(call, INDICES)


async def list_price_curves(call: Call) -> Reply:
    """List published forward curves, every version: the settlement price of each month with its tier."""
    return await listing.answer(call, CURVES)


async def list_price_versions(call: Call) -> Reply:
    """List the days of a series, newest first: every version, its method, the hashes of its data, complaints."""
    series, reader = call.path_params["series"], call.gateway.stores.reader

    def work() -> list[shapes.PriceShown]:
        rows = reader.page("price", [("series", "=", series)], limit=VERSIONS_MAX, newest_first=True)
        marks = view.marks(reader, series) if rows else {}
        return [view.price(row, marks.get((row["on_day"], row["version"]), ()), call) for row in rows]

    items = await call.gateway.aside(work)
    if not items:
        raise ProblemError("not-found")
    place = {id(one): number for number, one in enumerate(items)}
    return await listing.answer_items(call, shapes.PriceShown, items, lambda one: (place[id(one)],))


async def list_price_methods(call: Call) -> Reply:
    """List the versions of a series' method."""
    series, reader = call.path_params["series"], call.gateway.stores.reader
    currency = await call.gateway.instruments.currency(series)
    rows = await call.gateway.aside(
        lambda: reader.page("price_method", [("series", "=", series)], limit=1_000)
    )
    if not rows:
        raise ProblemError("not-found")
    items = [view.method(row, currency, call) for row in rows]
    return await listing.answer_items(call, shapes.MethodShown, items, lambda one: (one.version,))


async def list_price_months(call: Call) -> Reply:
    """List the months of a series with their exact means: those by which contracts are priced that name it."""
    found = await call.gateway.read("price_months", call.path_params["series"], viewer="")
    months = found.decoded(list[MonthMean] | None)
    if months is None:
        raise ProblemError("not-found")
    items = [view.month(one, call) for one in months]
    place = {one.month: number for number, one in enumerate(items)}
    return await listing.answer_items(call, shapes.MonthShown, items, lambda one: (place[one.month],))


async def set_price_method(call: Call) -> Reply:
    """Bring a version of a series' method into force."""
    asked, faults = call.asked(shapes.MethodAsked), Faults()
    scale = await _scale(call)
    tick = "" if asked.tick is None else str(wire.minor_of(asked.tick, scale, faults, "/tick"))
    method = Method(
        asked.version, asked.cap, asked.participants_min, asked.volume_min, asked.held_min_seconds * SECOND,
        asked.within_bp, asked.days_min, asked.takes_outside,
    )  # fmt: skip
    on = wire.date(asked.from_on, faults, "/from_on")
    basket = tuple(
        (code, wire.minor(types.Money(code, text), call.directory, faults, f"/basket/{code}"))
        for code, text in sorted(asked.basket.items())
    )
    faults.end()
    series = call.path_params["series"]
    basis = Basis(
        tuple(Source(one.code, one.origin, one.grade) for one in asked.sources), basket, asked.unit_kg,
        asked.related, asked.parent, asked.origin, asked.grade, asked.contract,
    )  # fmt: skip
    fields = flow.MethodFields(series, on, method, tick, basis)
    return tell(done(await order(call, "price.method", fields), subject=series))


async def publish_settlement(call: Call) -> Reply:
    """Make and publish a day's settlement price."""
    asked, faults = call.asked(shapes.SettlementAsked), Faults()
    scale = await _scale(call)

    def minor(name: str, text: str | None) -> int | None:
        return None if text is None else wire.minor_of(text, scale, faults, f"/{name}", zero_allowed=True)

    trades = tuple(
        (minor(f"trades/{place}/price", one.price) or 0, one.lots) for place, one in enumerate(asked.trades)
    )
    fields = flow.SettleFields(
        call.path_params["series"], wire.date(asked.on, faults, "/on"), trades, minor("last", asked.last),
        minor("bid", asked.bid), minor("ask", asked.ask),
        _change(asked.neighbour_change, scale, faults), minor("previous", asked.previous),
    )  # fmt: skip
    faults.end()
    return await _published(call, "price.settle", fields)


async def publish_benchmark(call: Call) -> Reply:
    """Make and publish a day's benchmark from what is handed in, where the machine does not make it by itself."""
    asked, faults = call.asked(shapes.BenchmarkAsked), Faults()
    scale = await _scale(call)
    trades = tuple(
        Trade(one.trade_id, view.exact(one.price, scale), one.volume, one.buyer, one.seller, one.is_otc, one.proof,
              one.origin, one.grade)
        for one in asked.trades
    )  # fmt: skip
    quotes = tuple(
        FirmQuote(one.quote_id, view.exact(one.price, scale), one.volume, one.maker, one.stood_seconds * SECOND,
                  one.origin, one.grade)
        for one in asked.quotes
    )  # fmt: skip
    fields = flow.PublishFields(
        call.path_params["series"],
        wire.date(asked.on, faults, "/on"),
        trades,
        quotes,
        "" if asked.related_move is None else view.exact(asked.related_move, scale),
        view.medians(asked.medians, scale, call, faults),
    )
    faults.end()
    return await _published(call, "price.publish", fields)


async def assess_benchmark(call: Call) -> Reply:
    """Make a series of today after the fixing's time, where the day's fixing was before it: nothing is handed in."""
    return await _published(call, "price.assess", flow.AssessFields(call.path_params["series"]))


async def correct_price(call: Call) -> Reply:
    """Publish a further version of a day."""
    asked, faults = call.asked(shapes.CorrectionAsked), Faults()
    scale = await _scale(call)
    fields = flow.CorrectFields(
        call.path_params["series"],
        wire.date(asked.on, faults, "/on"),
        "" if asked.value is None else view.exact(asked.value, scale),
        asked.reason,
        view.medians(asked.medians, scale, call, faults),
    )
    faults.end()
    return await _published(call, "price.correct", fields)


async def complain_about_price(call: Call) -> Reply:
    """Complain about a published price; the words are kept as evidence, their hash stands in the journal."""
    asked, faults = call.asked(shapes.ComplaintAsked), Faults()
    on = wire.date(asked.on, faults, "/on")
    faults.end()
    raw = asked.text.encode()
    fields = flow.ComplainFields(call.path_params["series"], on, sha256(raw).digest())
    return await _said(call, "price.complain", fields, raw)


def _steps(word: str, event: ComplaintEvent, command: str, name: str, about: str) -> Any:
    """Give the function of a route by which something is said to a complaint."""

    async def run(call: Call) -> Reply:
        raw = call.asked(shapes.StepAsked).text.encode()
        fields = flow.StepFields(_number(call), event.value, sha256(raw).digest())
        return await _said(call, command, fields, raw)

    run.__name__, run.__doc__ = name, f"{about}."
    return run


async def list_complaints(call: Call) -> Reply:
    """List one's complaints about prices, by number; those who read the whole network see all."""
    reader, seen = call.gateway.stores.reader, view_of(call.who, call.directory.members)

    def work() -> list[shapes.ComplaintShown]:
        rows = [
            row
            for one in seen.of("complainer")
            for row in reader.page("complaint", one, limit=COMPLAINTS_MAX)
        ]
        return [_complaint(row, call) for row in rows]

    items = await call.gateway.aside(work)
    return await listing.answer_items(call, shapes.ComplaintShown, items, lambda one: (one.number,))


async def get_complaint(call: Call) -> Reply:
    """Show a complaint with everything that was said."""
    number, seen = _number(call), view_of(call.who, call.directory.members)

    def work() -> shapes.ComplaintShown:
        row = call.gateway.stores.reader.one("complaint", number=number)
        if row is None:
            raise ProblemError("not-found")
        seen.need(row["complainer"])
        return _complaint(row, call)

    return tell(await call.gateway.aside(work))


def _complaint(row: Found, call: Call) -> shapes.ComplaintShown:
    """Give a complaint with its steps and words; runs aside."""
    stores = call.gateway.stores
    steps = stores.reader.page("complaint_step", [("number", "=", row["number"])], limit=100)

    def words(digest: bytes) -> str | None:
        raw = get(stores.evidence, digest)
        return None if raw is None else raw.decode("utf-8", "replace")

    return view.complaint(row, steps, words)


async def _said(call: Call, command: str, fields: Any, raw: bytes) -> Reply:
    """Give a command about a complaint, its words beside it."""
    item = evidence(
        "complaint", raw, at_ns=call.gateway.now(), command=call.command_id, sender=call.who.owner
    )
    found = await order(call, command, fields, evidence=(item,))
    if found.outcome.refusal == PriceRefusal.COMPLAINT_NOT_FOUND.code:
        raise ProblemError("not-found")
    moved = found.fact(ComplaintMoved)
    if moved is None:
        return tell(done(found))
    return tell(done(found, state=moved.state.lower(), subject=str(moved.number)))


async def _published(call: Call, command: str, fields: Any) -> Reply:
    """Give a command that publishes a price, and tell it."""
    found = await order(call, command, fields)
    price = found.fact(PricePublished)
    if price is None:
        return tell(done(found))
    value = view.decimal(price.value, await _scale(call)) if price.value else None
    return tell(
        done(found, state=price.source, subject=price.series, value=value, version=price.version,
             digest=price.digest.hex())
    )  # fmt: skip


async def _scale(call: Call) -> int:
    """Give how many decimals the prices of the address's series have."""
    return market.scale(call, await call.gateway.instruments.currency(call.path_params["series"]))


def _change(text: str | None, scale: int, faults: Faults) -> int | None:
    if text is None:
        return None
    minor = wire.minor_of(text.removeprefix("-"), scale, faults, "/neighbour_change", zero_allowed=True)
    return -minor if text.startswith("-") else minor


def _number(call: Call) -> int:
    text = call.path_params["number"]
    if not (text.isascii() and text.isdigit() and len(text) < 11 and 0 < int(text) < NUMBER_END):
        raise ProblemError("not-found")
    return int(text)


def _listed(row: Found, call: Call) -> shapes.PriceShown:
    """Give a price of a list; runs aside, so it may read."""
    reader = call.gateway.stores.reader
    marks = view.marks(reader, row["series"]).get((row["on_day"], row["version"]), ())
    return view.price(row, marks, call)


_FIELDS = (
    Field(Param("series", "text", "Of this series."), "series"),
    Field(Param("on", "date", "Of this day."), "on_day"),
)
PRICES = Listing(
    "price",
    shapes.PriceShown,
    _listed,
    listing.everything,
    (
        *_FIELDS,
        Field(Param("kind", "words", "Of this kind.", ("settlement", "benchmark", "index", "curve")), "kind"),
    ),
)


def _of_kind(kind: str, *more: Field) -> Listing:
    """Give the list of one kind of prices."""
    return Listing(
        "price", shapes.PriceShown, _listed, lambda call: [[("kind", "=", kind)]], (*_FIELDS, *more)
    )


BENCHMARKS, CURVES = _of_kind("benchmark"), _of_kind("curve")
INDICES = _of_kind(
    "index",
    Field(Param("origin", "text", "Of goods of this origin."), "origin"),
    Field(Param("grade", "text", "Of goods of this grade."), "grade"),
)
_ALL, _ONE, _CASES = "/v1/prices", "/v1/prices/{series}", "/v1/price-complaints"
_CASE, _TOLD, _E = f"{_CASES}/{{number}}", types.Done, ComplaintEvent
_STEPS = (
    ("answer", _E.ANSWERED, "price.answer", "price", "answer_complaint", "Answer a complaint"),
    ("decide", _E.DECIDED, "price.answer", "price", "decide_complaint", "Decide on a complaint"),
    ("appeal", _E.APPEALED, "price.pursue", "dispute", "appeal_complaint", "Appeal against an answer"),
    ("withdraw", _E.WITHDRAWN, "price.pursue", "dispute", "withdraw_complaint", "Withdraw a complaint"),
)
ROUTES = (
    lists(_ALL, "read", list_prices, "Published prices", shapes.PriceShown, PRICES.query),
    lists("/v1/benchmarks", "read", list_benchmarks, "Published benchmarks", shapes.PriceShown, BENCHMARKS.query),
    lists("/v1/price-indices", "read", list_price_indices, "Published indices", shapes.PriceShown, INDICES.query),
    lists("/v1/price-curves", "read", list_price_curves, "Published curves", shapes.PriceShown, CURVES.query),
    lists(_ONE, "read", list_price_versions, "Versions of a series' prices", shapes.PriceShown, ITEMS),
    lists(f"{_ONE}/methods", "read", list_price_methods, "Methods of a series", shapes.MethodShown, ITEMS),
    lists(f"{_ONE}/months", "read", list_price_months, "Monthly means of a series", shapes.MonthShown, ITEMS),
    Route("POST", f"{_ONE}/methods", "price_rule", set_price_method, "Set a series' method", shapes.MethodAsked,
          _TOLD, keyed=True),
    Route("POST", f"{_ONE}/settlement", "price", publish_settlement, "Publish a settlement price",
          shapes.SettlementAsked, _TOLD, keyed=True),
    Route("POST", f"{_ONE}/benchmark", "price", publish_benchmark, "Publish a benchmark", shapes.BenchmarkAsked,
          _TOLD, keyed=True),
    Route("POST", f"{_ONE}/fixing", "price", assess_benchmark, "Make today's value after the fixing", told=_TOLD,
          keyed=True),
    Route("POST", f"{_ONE}/corrections", "price_rule", correct_price, "Correct a published price",
          shapes.CorrectionAsked, _TOLD, keyed=True),
    Route("POST", f"{_ONE}/complaints", "dispute", complain_about_price, "Complain about a published price",
          shapes.ComplaintAsked, _TOLD, keyed=True),
    lists(_CASES, "read", list_complaints, "Complaints about prices", shapes.ComplaintShown, ITEMS),
    Route("GET", _CASE, "read", get_complaint, "A complaint about a price", told=shapes.ComplaintShown),
    *(Route("POST", f"{_CASE}/{word}", action, _steps(word, event, command, name, about), about,
            shapes.StepAsked, _TOLD, keyed=True)
      for word, event, command, action, name, about in _STEPS),
)  # fmt: skip
