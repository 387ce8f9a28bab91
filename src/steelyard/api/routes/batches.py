"""Batches of queued payments: their public figures, one's own rows, their proofs; and asking for one."""

from steelyard.api import listing, wire
from steelyard.api.auth.visibility import View, view_of
from steelyard.api.call import Call, Reply, tell
from steelyard.api.listing import Field, Listing
from steelyard.api.orders import done, order
from steelyard.api.problems import ProblemError
from steelyard.api.route import Param, Route, lists
from steelyard.api.views import batches as views
from steelyard.client import liquidity as shapes
from steelyard.client import types
from steelyard.flows.batch import RequestFields
from steelyard.flows.liquidity_facts import BatchRequested
from steelyard.liquidity.claims import SET_OFF
from steelyard.liquidity.order_book import FX_KINDS
from steelyard.liquidity.pvp_book import PVP
from steelyard.members.rights import Scope
from steelyard.storage.queries import Found


async def list_batches(call: Call) -> Reply:
    """List the batches there were, newest first: everybody sees how much settled, and how near to the bound."""
    return await listing.answer(call, BATCHES)


async def get_batch(call: Call) -> Reply:
    """Show a batch's report: its figures are public, rows of participants are the caller's own."""
    return tell(await _report(call, await _row(call)), seq=await call.gateway.applied_seq())


async def get_certificate(call: Call) -> Reply:
    """Give the file that proves a batch's bound. It tells who pays whom how much, so only auditors read it."""
    row = await _row(call)
    right = call.who.right("proof")
    if (
        right is not None
        and right.scope is not Scope.NETWORK
        and not own_currency(call) & set(row["assets"].split())
    ):
        raise ProblemError("not-found", "the batch is of another currency")
    if not row["report"]:
        raise ProblemError("not-found", "the batch is still open")
    reader, aside = call.gateway.stores.reader, call.gateway.aside
    found = shapes.BatchFile(
        format=views.FORMAT,
        report=await _report(call, row, EVERYBODY),
        certificates=await aside(views.certificates, row),
        exchange=await aside(views.exchange, reader, row) if row["exchange"] else None,
        trades=await aside(views.trades, reader, row) if row["kind"] == PVP else None,
    )
    return tell(found, seq=await call.gateway.applied_seq())


async def ask_batch(call: Call) -> Reply:
    """Ask for a batch of one currency's queue, or of the pool."""
    asked = call.asked(shapes.BatchAsked) if call.body else shapes.BatchAsked()
    found = await order(call, "batch.request", RequestFields(asked.currency or ""))
    opened = found.fact(BatchRequested)
    batch_id = wire.uuid_text(opened.batch_id) if opened is not None else None
    answer = done(found, state="open" if opened is not None else None, subject=batch_id)
    reply = tell(answer, location=f"/v1/batches/{batch_id}" if batch_id else "")
    return reply.with_headers(("Idempotency-Replayed", "true")) if found.answer.replayed else reply


async def _row(call: Call) -> Found:
    batch_id = wire.path_id(call.path_params["id"])
    row = await call.gateway.aside(call.gateway.stores.reader.one, "batch", batch_id=batch_id)
    if row is None:
        raise ProblemError("not-found")
    return row


async def _report(call: Call, row: Found, view: View | None = None) -> shapes.BatchReport:
    """Give the report of a batch as the caller may see it, or with the rows of a wider view."""
    uetr = views.oldest_uetr(row)
    payment = await call.gateway.aside(call.gateway.stores.reader.one, "payment", uetr=uetr) if uetr else None
    view = view or view_of(call.who, call.directory.members)
    return views.report(row, view, payment["debtor_agent"] if payment else "", call.directory)


def own_currency(call: Call) -> set[str]:
    """Give the currency that the caller's owner issues."""
    member = call.directory.members.agents.get(call.who.owner)
    return {member.asset} if member is not None else set()


EVERYBODY = View(None)
"""A file that proves something has the rows of all: its certificates name them anyway"""
KINDS = ("currency", "pool", SET_OFF, *FX_KINDS, PVP)
BATCHES = Listing(
    "batch",
    shapes.Batch,
    lambda row, call: views.batch(row),
    listing.everything,
    (
        Field(Param("currency", "asset", "Of exactly this currency."), "assets"),
        Field(Param("kind", "words", "Of one currency, of the pool, or of FX orders.", KINDS), "kind"),
        Field(Param("trigger", "text", "What brought it about."), "trigger"),
        Field(Param("from_at", "instant", "Asked for at or after."), "started_at", ">="),
        Field(Param("to_at", "instant", "Asked for before."), "started_at", "<"),
    ),
)
_AT = "/v1/batches/{id}"
ROUTES = (
    lists("/v1/batches", "read", list_batches, "Batches and how near to the bound they came", shapes.Batch,
          BATCHES.query),
    Route("GET", _AT, "read", get_batch, "Report of a batch", told=shapes.BatchReport),
    Route(
        "GET", f"{_AT}/certificate", "proof", get_certificate, "The proof of a batch's bound",
        told=shapes.BatchFile,
    ),
    Route(
        "POST", "/v1/batches", "batch", ask_batch, "Ask for a batch", shapes.BatchAsked, types.Done, keyed=True
    ),
)  # fmt: skip
