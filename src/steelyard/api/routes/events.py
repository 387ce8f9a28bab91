"""Events: what happened and concerns the caller, as a stream or polled. Both give the same items."""

from steelyard.api import listing, streams
from steelyard.api.auth.visibility import view_of
from steelyard.api.call import Call, Reply, tell
from steelyard.api.paging import LIMIT, LIMIT_MAX
from steelyard.api.query import PAGE
from steelyard.api.route import EVENTS, JSON, Param, Route
from steelyard.api.shape import unfit
from steelyard.api.streams import Hub, Wanted
from steelyard.api.views.events import event, event_id, kinds_of
from steelyard.client import types
from steelyard.storage.queries import Filter


async def list_events(call: Call) -> Reply:
    """Follow events as they happen, or give those after one that is known by its id."""
    kinds = frozenset(call.query["type"].split(",")) if "type" in call.query else frozenset[str]()
    wanted = Wanted(view_of(call.who, call.directory.members), kinds)
    after = call.header("last-event-id") or call.query.get("after", "")
    place = streams.place_of_id(after)
    if not call.accepts(EVENTS):
        return await call.gateway.aside(_page, call, wanted, place)
    hub: Hub = call.gateway.hub
    hub.admit(call.who.actor)
    return Reply(200, media=EVENTS, pieces=hub.stream(wanted, after, call.who.actor))


def _page(call: Call, wanted: Wanted, after: streams.Place | None) -> Reply:
    """Give the events after a place. Runs aside."""
    limit = int(call.query.get("limit", LIMIT))
    if not 1 <= limit <= LIMIT_MAX:
        raise unfit([types.Fault("limit", "range", f"must be a whole number from 1 to {LIMIT_MAX}")])
    reader = call.gateway.stores.reader
    applied = reader.applied_seq()
    filters: list[Filter] = [("kind", "in", kinds_of(wanted.types))] if wanted.types else []
    views = wanted.view.of("recipient")
    rows = listing.select(reader, "event", views, filters, after, limit, newest_first=False)
    page: types.Page[types.Event] = types.Page(
        items=[event(row, call.directory) for row in rows],
        next=event_id(rows[-1]) if len(rows) == limit else None,
        prev=None,
        applied_seq=applied,
    )
    return tell(page, seq=applied)


_QUERY = (
    Param("after", "text", "Id of an event; those after it are given."),
    Param("type", "text", "Types, or their first words, separated by commas."),
    PAGE[0],
)
ROUTES = (
    Route(
        "GET", "/v1/events", "read", list_events, "Events, as a stream or polled", told=types.Page[types.Event],
        tells=(JSON, EVENTS), query=_QUERY,
    ),
)  # fmt: skip
