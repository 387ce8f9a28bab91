"""Liquidity of one's own: accounts as payments may use them, queues, limits, what is kept, caps, pools."""

from typing import Any

from steelyard.api import listing, wire
from steelyard.api.auth.visibility import view_of
from steelyard.api.call import Call, Reply, tell
from steelyard.api.listing import ITEMS
from steelyard.api.orders import done, order
from steelyard.api.problems import ProblemError
from steelyard.api.route import Param, Route, lists
from steelyard.api.routes.payments import stands
from steelyard.api.views import liquidity as views
from steelyard.api.wire import Faults
from steelyard.client import liquidity as shapes
from steelyard.client import types
from steelyard.flows.cancel import CancelFields
from steelyard.flows.liquidity_facts import QueueChanged


async def liquidity_accounts(call: Call) -> Reply:
    """Show a participant's money, currency by currency, as its payments may use it."""
    rows, seq = await _accounts(call, call.path_params["bic"])
    if not rows:
        raise ProblemError("not-found")
    return tell([views.account(row, call.directory) for row in rows], seq=seq)


async def list_queue(call: Call) -> Reply:
    """List what waits for a participant's money: of each queue what goes first comes first."""
    owner, rows, seq = _whose(call), list[dict[str, Any]](), None
    if _sees(call, owner):
        found = await call.gateway.read("queues", owner)
        rows, seq = found.decoded(list[dict[str, Any]]), found.seq
    items = [views.queued(row, call.directory) for row in rows if _is_wanted(call, row["source"])]
    return await listing.answer_items(
        call, shapes.QueuedPayment, items, lambda one: (one.currency, one.place), seq=seq
    )


async def get_queued(call: Call) -> Reply:
    """Show one payment that waits, with its place in its queue."""
    found = await call.gateway.read("queued", wire.path_id(call.path_params["uetr"]))
    row = found.decoded(dict[str, Any] | None)
    if row is None or not _sees(call, row["debtor_agent"]):
        raise ProblemError("not-found")
    return tell(views.queued(row, call.directory), seq=found.seq)


async def change_queued(call: Call) -> Reply:
    """Give a payment that waits another class, another place in its class, or other times."""
    command, fields = views.change(call, call.asked(shapes.QueueChange), Faults())
    found = await order(call, command, fields)
    changed = found.fact(QueueChanged)
    reply = tell(done(found, subject=call.path_params["uetr"] if changed else None))
    return reply.with_headers(("Idempotency-Replayed", "true")) if found.answer.replayed else reply


async def cancel_queued(call: Call) -> Reply:
    """Take a payment that waits back; one in a cut cycle is decided with the cycle."""
    fields = CancelFields(wire.path_id(call.path_params["uetr"]), "")
    return stands(call, await order(call, "pay.cancel", fields), fields.uetr)


async def list_own_limits(call: Call) -> Reply:
    """List a participant's own limits, with what is used of them today."""
    rows, seq = await _accounts(call, _whose(call))
    items = [one for row in rows for one in views.limits(row, call.directory)]
    return await listing.answer_items(
        call, shapes.OwnLimit, items, lambda one: (one.limit.asset, one.counterparty), seq=seq
    )


async def list_kept(call: Call) -> Reply:
    """List what a participant keeps for urgent and for high payments: what it asked for, and what is there."""
    rows, seq = await _accounts(call, _whose(call))
    items = [one for row in rows for one in views.kept(row, call.directory)]
    return await listing.answer_items(
        call, shapes.Kept, items, lambda one: (one.asked.asset, one.priority), seq=seq
    )


async def list_holding_caps(call: Call) -> Reply:
    """List the caps that a participant, or a settlement agent for its member, has set."""
    owner, rows, seq = _whose(call), list[dict[str, Any]](), None
    if _sees(call, owner):
        found = await call.gateway.read("holdings", owner)
        rows, seq = found.decoded(list[dict[str, Any]]), found.seq
    items = [views.holding_cap(row, call.directory) for row in rows]
    return await listing.answer_items(
        call, shapes.HoldingCap, items, lambda one: (one.holder, one.cap.asset), seq=seq
    )


async def get_pool_choice(call: Call) -> Reply:
    """Show what a participant has agreed to for pools."""
    owner = call.path_params["bic"]
    if not _sees(call, owner) or owner not in call.directory.members.participants:
        raise ProblemError("not-found")
    row = await call.gateway.aside(call.gateway.stores.reader.one, "pool_choice", participant=owner)
    none = {"participant": owner, "currencies": "", "home": "", "cap_minor": 0}
    return tell(views.pool_choice(row or none, call.directory), seq=await call.gateway.applied_seq())


async def _accounts(call: Call, owner: str) -> tuple[list[dict[str, Any]], int | None]:
    """Ask for all accounts of an owner, nothing where the caller may not see them."""
    if not _sees(call, owner):
        return [], None
    found = await call.gateway.read("liquidity_accounts", owner)
    rows = found.decoded(list[dict[str, Any]])
    return [row for row in rows if _is_wanted(call, row["asset"])], found.seq


def _sees(call: Call, owner: str) -> bool:
    return view_of(call.who, call.directory.members).sees(owner)


def _is_wanted(call: Call, asset: str) -> bool:
    """Tell whether the query asks for a currency."""
    return asset in call.query.get("currency", asset).split(",")


def _whose(call: Call) -> str:
    """Give whose things are listed: the caller's own unless it names another."""
    return call.query.get("participant", call.who.owner)


_CURRENCY = Param("currency", "asset", "In these currencies.")
_LISTED = (Param("participant", "bic", "Whose; without it, one's own."), _CURRENCY, *ITEMS)
_AT = "/v1/queue/{uetr}"
ROUTES = (
    Route(
        "GET", "/v1/liquidity/accounts/{bic}", "read", liquidity_accounts,
        "A participant's money as its payments may use it", told=list[shapes.LiquidityAccount], query=(_CURRENCY,),
    ),
    lists("/v1/queue", "read", list_queue, "What waits for one's money", shapes.QueuedPayment, _LISTED),
    Route("GET", _AT, "read", get_queued, "Show a payment that waits", told=shapes.QueuedPayment),
    Route(
        "PATCH", _AT, "queue", change_queued, "Give a payment that waits another class, place or times",
        shapes.QueueChange, types.Done, keyed=True,
    ),
    Route(
        "DELETE", _AT, "pay", cancel_queued, "Take a payment that waits back", told=types.Done, keyed=True,
        is_payment=True,
    ),
    lists(
        "/v1/liquidity/limits", "read", list_own_limits, "One's own limits, and their use today",
        shapes.OwnLimit, _LISTED,
    ),
    lists(
        "/v1/liquidity/reservations", "read", list_kept, "What is kept for urgent and high payments",
        shapes.Kept, _LISTED,
    ),
    lists(
        "/v1/liquidity/holding-caps", "read", list_holding_caps, "Caps on what is held, and what is held",
        shapes.HoldingCap, (_LISTED[0], *ITEMS),
    ),
    Route(
        "GET", "/v1/liquidity/pool/{bic}", "read", get_pool_choice, "What a participant has agreed to for pools",
        told=shapes.PoolChoice,
    ),
)  # fmt: skip
