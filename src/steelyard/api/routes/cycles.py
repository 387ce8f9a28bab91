"""Netting cycles: their states and figures, one's own rows, paying in; and what runs them by hand."""

from collections.abc import Callable
from typing import Any

from steelyard.api import listing, wire
from steelyard.api.auth.visibility import view_of
from steelyard.api.call import Call, Reply, tell
from steelyard.api.listing import ITEMS, Field, Listing
from steelyard.api.orders import done, order
from steelyard.api.problems import ProblemError
from steelyard.api.route import Param, Route, lists
from steelyard.api.routes.batches import own_currency
from steelyard.api.views import cycles as views
from steelyard.api.wire import Faults
from steelyard.client import cycles as shapes
from steelyard.client import types
from steelyard.flows.liquidity_facts import CycleMoved
from steelyard.liquidity.cycles import CycleState
from steelyard.liquidity.refusals import LiquidityRefusal
from steelyard.members.rights import Scope
from steelyard.storage.queries import Found

ROWS_MAX = 10_000
STATES = tuple(state.lower() for state in CycleState)


async def list_cycles(call: Call) -> Reply:
    """List the cycles there were and are, newest first."""
    return await listing.answer(call, CYCLES)


async def get_cycle(call: Call) -> Reply:
    """Show a cycle with its figures; rows of participants are the caller's own."""
    row = await _row(call)
    views_of = view_of(call.who, call.directory.members).of("participant")
    reader, rows = call.gateway.stores.reader, list[Found]()
    for view in views_of:
        rows += await call.gateway.aside(
            reader.page, "cycle_member", [*view, ("number", "=", row["number"])], limit=ROWS_MAX
        )
    return tell(views.report(row, rows, call.directory), seq=await call.gateway.applied_seq())


async def get_cycle_file(call: Call) -> Reply:
    """Give the file by which a cycle is checked. It tells who pays whom how much, so only auditors read it."""
    row = await _row(call)
    right = call.who.right("proof")
    if (
        right is not None
        and right.scope is not Scope.NETWORK
        and not set(row["assets"].split()) <= own_currency(call)
    ):
        raise ProblemError("not-found", "the cycle is of other currencies, or of others too")
    reader = call.gateway.stores.reader

    def work() -> shapes.CycleFile:
        filters = [("number", "=", row["number"])]
        return views.file(row, reader.page("cycle_member", filters, limit=ROWS_MAX), call)

    return tell(await call.gateway.aside(work), seq=await call.gateway.applied_seq())


async def list_cycle_schedules(call: Call) -> Reply:
    """List when cycles are cut."""
    found = await call.gateway.read("cycle_schedules")
    items = [views.schedule(row) for row in found.decoded(list[dict[str, Any]])]
    return await listing.answer_items(
        call, shapes.CycleSchedule, items, lambda one: (one.currencies[0],), seq=found.seq
    )


async def _row(call: Call) -> Found:
    cycle_id = wire.path_id(call.path_params["id"])
    row = await call.gateway.aside(call.gateway.stores.reader.one, "cycle", cycle_id=cycle_id)
    if row is None:
        raise ProblemError("not-found")
    return row


def _order(command: str, name: str, about: str, make: Callable[[Call, Faults], Any]) -> Any:
    """Give the function of a route that orders something about a cycle."""

    async def run(call: Call) -> Reply:
        faults = Faults()
        fields = make(call, faults)
        faults.end()
        found = await order(call, command, fields)
        if found.outcome.refusal == LiquidityRefusal.CYCLE_NOT_FOUND.code:
            raise ProblemError("not-found")
        moves = [fact for fact in found.facts if isinstance(fact, CycleMoved)]
        subject = wire.uuid_text(moves[-1].cycle_id) if moves else call.path_params.get("id")
        answer = done(
            found, state=moves[-1].after if moves else None, subject=None if found.is_refused else subject
        )
        reply = tell(answer)
        return reply.with_headers(("Idempotency-Replayed", "true")) if found.answer.replayed else reply

    run.__name__, run.__doc__ = name, f"{about}."
    return run


def _route(method: str, path: str, action: str, command: str, asked: Any, make: Any, about: str) -> Route:
    run = _order(command, command.replace(".", "_"), about, make)
    return Route(method, path, action, run, about, asked, types.Done, keyed=True)


CYCLES = Listing(
    "cycle",
    shapes.Cycle,
    lambda row, call: views.cycle(row),
    listing.everything,
    (
        Field(Param("currency", "asset", "Of exactly this currency."), "assets"),
        Field(
            Param("state", "words", "States, separated by commas.", STATES), "state",
            value=lambda words, call: [word.upper() for word in words],
        ),
        Field(Param("from_at", "instant", "Opened at or after."), "opened_at", ">="),
        Field(Param("to_at", "instant", "Opened before."), "opened_at", "<"),
    ),
)  # fmt: skip
_AT = "/v1/cycles/{id}"
ROUTES = (
    lists("/v1/cycles", "read", list_cycles, "Netting cycles", shapes.Cycle, CYCLES.query),
    Route("GET", _AT, "read", get_cycle, "A cycle with its figures", told=shapes.CycleReport),
    Route("GET", f"{_AT}/certificate", "proof", get_cycle_file, "The file by which a cycle is checked",
          told=shapes.CycleFile),
    lists("/v1/cycle-schedules", "read", list_cycle_schedules, "When cycles are cut", shapes.CycleSchedule, ITEMS),
    _route("POST", "/v1/cycles", "batch", "cycle.open", shapes.CycleAsked, views.opened, "Open a cycle"),
    _route("PUT", "/v1/cycle-schedules", "batch", "cycle.schedule", shapes.CycleScheduleAsked, views.scheduled,
           "Set when cycles are cut"),
    _route("POST", f"{_AT}/cut", "cycle", "cycle.cut", shapes.CycleBecause, views.named,
           "Cut an open cycle before its time"),
    _route("POST", f"{_AT}/cancel", "cycle", "cycle.cancel", shapes.CycleBecause, views.named,
           "End a cycle that has not settled"),
    _route("POST", f"{_AT}/extend", "cycle", "cycle.extend", shapes.CycleExtended, views.extended,
           "Move the end of a cycle's pay-ins, once"),
    _route("POST", f"{_AT}/exclude", "cycle", "cycle.exclude", shapes.CycleExcluded, views.excluded,
           "Leave a participant out of a cycle"),
    _route("POST", f"{_AT}/pay-in", "queue", "cycle.pay_in", shapes.PayInAsked, views.paid_in,
           "Pay in what a cycle calls for"),
)  # fmt: skip
