"""Lists out of the projection: filters, pages by key in both directions, CSV of all rows."""

from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from heapq import merge
from itertools import groupby, islice
from typing import Any, NamedTuple

from steelyard.api import csv, paging
from steelyard.api.auth.visibility import Views, view_of
from steelyard.api.call import Call, Reply, tell
from steelyard.api.paging import Key, Window
from steelyard.api.query import PAGE, read
from steelyard.api.route import CSV, Param
from steelyard.client.types import Page
from steelyard.storage.queries import ORDER, Filter, Found, Reader

CSV_STEP = 1_000
ORDERING = Param("order", "words", "Newest first (the default) or oldest first.", ("newest", "oldest"))
BOM = Param("bom", "flag", "Begins a CSV file with a byte order mark, for spreadsheets.")


ITEMS = (BOM, *PAGE)
"""The query fields of a list that is at hand whole."""


class Field(NamedTuple):
    """A filter of a list: the query field, the column it is about, and how the two compare."""

    param: Param
    column: str
    operator: str = "="
    value: Callable[[Any, Call], Any] = lambda value, call: value


class Listing(NamedTuple):
    """A list: its table, the shape of its items, how a row becomes one, what may be filtered, who sees what."""

    table: str
    kind: Any
    make: Callable[[Found, Call], Any]
    views: Callable[[Call], Views]
    fields: tuple[Field, ...] = ()
    newest_first: bool = True

    @property
    def query(self) -> tuple[Param, ...]:
        """The query fields of the list's route."""
        return (*(field.param for field in self.fields), ORDERING, BOM, *PAGE)


async def answer(call: Call, listing: Listing) -> Reply:
    """Answer a list: a page as JSON, or all rows as CSV."""
    filters = filters_of(call, listing)
    views = listing.views(call)
    descending = listing.newest_first if "order" not in call.query else call.query["order"] == "newest"
    if call.is_csv:
        pages = _all(call, listing, views, filters, descending)
        return Reply(
            200,
            media=f"{CSV}; charset=utf-8",
            pieces=csv.stream(listing.kind, pages, bom=call.query.get("bom") == "true"),
        )
    name = list_name(call)
    window = paging.window(call.gateway.vault, call.query, of=name)
    return await call.gateway.aside(_page, call, listing, views, filters, descending, window, name)


def list_name(call: Call) -> str:
    """Name the list that a cursor belongs to: address, filters, caller."""
    other = ("limit", "after", "before", "wait_seq", "wait_ms", "bom")
    return paging.list_name(
        call.path, {name: text for name, text in call.query.items() if name not in other}, call.who.owner
    )


def filters_of(call: Call, listing: Listing) -> list[Filter]:
    """Give the filters that the query asks for."""
    filters: list[Filter] = []
    for field in listing.fields:
        text = call.query.get(field.param.name)
        if text is not None:
            value = field.value(read(field.param, text), call)
            operator = "in" if isinstance(value, list | tuple) else field.operator
            filters.append((field.column, operator, value))
    return filters


def _page(
    call: Call,
    listing: Listing,
    views: Views,
    filters: list[Filter],
    descending: bool,
    window: Window,
    name: str,
) -> Reply:
    """Read one page and its cursors. Runs aside."""
    reader, vault = call.gateway.stores.reader, call.gateway.vault
    applied = reader.applied_seq()
    back = window.before is not None
    start = window.before if window.before is not None else window.after
    found = select(reader, listing.table, views, filters, start, window.limit + 1, descending != back)
    more, rows = len(found) > window.limit, found[: window.limit]
    if back:
        rows.reverse()
    has_next, has_prev = (True, more) if back else (more, window.after is not None)

    def cursor(row: Found) -> str:
        return paging.write(vault, tuple(row[column] for column in ORDER[listing.table]), of=name)

    page: Page[Any] = Page(
        items=[listing.make(row, call) for row in rows],
        next=cursor(rows[-1]) if rows and has_next else None,
        prev=cursor(rows[0]) if rows and has_prev else None,
        applied_seq=applied,
    )
    return tell(page, seq=applied)


def select(
    reader: Reader,
    table: str,
    views: Views,
    filters: Sequence[Filter],
    after: Key | None,
    limit: int,
    newest_first: bool,
) -> list[Found]:
    """Give rows of the union of views that pass the filters, in the order of the list, each once."""
    order = ORDER[table]
    found = [
        reader.page(table, [*view, *filters], after=after or (), limit=limit, newest_first=newest_first)
        for view in views
    ]
    if len(found) == 1:
        return found[0]

    def place(row: Found) -> tuple[Any, ...]:
        return tuple(row[name] for name in order)

    merged: Iterator[Found] = merge(*found, key=place, reverse=newest_first)
    return list(islice((next(rows) for _, rows in groupby(merged, key=place)), limit))


async def _all(
    call: Call, listing: Listing, views: Views, filters: list[Filter], descending: bool
) -> AsyncGenerator[tuple[Sequence[Any], int]]:
    """Give all items, page by page, each page with how far the tables were."""
    reader, after = call.gateway.stores.reader, None
    while True:
        applied = await call.gateway.aside(reader.applied_seq)
        rows = await call.gateway.aside(
            select, reader, listing.table, views, filters, after, CSV_STEP, descending
        )
        yield [listing.make(row, call) for row in rows], applied
        if len(rows) < CSV_STEP:
            return
        after = tuple(rows[-1][name] for name in ORDER[listing.table])


async def answer_items(
    call: Call, kind: Any, items: Sequence[Any], key: Callable[[Any], Key], *, seq: int | None = None
) -> Reply:
    """Answer a list that is at hand whole, sorted by `key`: a page as JSON, or all of it as CSV."""
    applied = seq if seq is not None else await call.gateway.applied_seq()
    if call.is_csv:
        return Reply(
            200, media=f"{CSV}; charset=utf-8",
            pieces=csv.stream(kind, once(items, applied), bom=call.query.get("bom") == "true"),
        )  # fmt: skip
    name = list_name(call)
    window = paging.window(call.gateway.vault, call.query, of=name)
    ordered = sorted(items, key=key)
    if window.before is not None:
        found = [item for item in ordered if key(item) < window.before]
        some, has_prev, has_next = found[-window.limit :], len(found) > window.limit, True
    else:
        found = [item for item in ordered if window.after is None or key(item) > window.after]
        some, has_prev, has_next = found[: window.limit], window.after is not None, len(found) > window.limit

    def cursor(item: Any) -> str:
        return paging.write(call.gateway.vault, key(item), of=name)

    page: Page[Any] = Page(
        items=some,
        next=cursor(some[-1]) if some and has_next else None,
        prev=cursor(some[0]) if some and has_prev else None,
        applied_seq=applied,
    )
    return tell(page, seq=applied)


async def once(items: Sequence[Any], applied: int | None) -> AsyncGenerator[tuple[Sequence[Any], int | None]]:
    yield items, applied


def own(*columns: str) -> Callable[[Call], Views]:
    """Give the views of a list whose rows belong to the owners in these columns."""
    return lambda call: view_of(call.who, call.directory.members).of(*columns)


def everything(call: Call) -> Views:
    """Give the view of a list that every caller sees whole."""
    return [[]]
