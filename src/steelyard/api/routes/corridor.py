"""The corridor: voyages and their steps, slots at berths, bills of lading."""

from collections.abc import Iterable
from typing import Any

from steelyard.api import listing
from steelyard.api.call import Call, Reply, tell
from steelyard.api.goods import Act, Noun, Seen, path_id, reach_of, routes_of
from steelyard.api.listing import Field, Listing
from steelyard.api.problems import ProblemError
from steelyard.api.route import Param, Route, lists
from steelyard.api.views import corridor as view
from steelyard.client import corridor as shapes
from steelyard.client.titles import HolderAsked
from steelyard.corridor.bill_of_lading import BillState
from steelyard.corridor.refusals import CorridorRefusal as No
from steelyard.corridor.slots import SlotState
from steelyard.corridor.voyage import VoyageState
from steelyard.flows.corridor_facts import BillMoved, SlotMoved, VoyageMoved
from steelyard.storage.queries import Found, Reader

HOLDERS = ("holder", "pledgee", "carrier")
MOVES_MAX, SITES_MAX = 10_000, 20_000


async def list_voyages(call: Call) -> Reply:
    """List voyages that one carries, or that begin or end at a site that one keeps or inspects."""
    reach, reader = await reach_of(call), call.gateway.stores.reader
    sites = await call.gateway.aside(_sites, reader)
    views = reach.of(("carrier",), site="origin")
    if len(views) > 1:
        views = [*views, [("target", "in", reach.sites)]]

    def make(row: Found, call: Call) -> shapes.VoyageShown:
        return shapes.VoyageShown(**view.fields_of_voyage(row, sites))

    return await listing.answer(call, VOYAGES._replace(views=lambda call: views, make=make))


async def get_voyage(call: Call) -> Reply:
    """Show a voyage with every step."""
    row, moves = await _found(call, "voyage", "voyage_id", "voyage_move")
    reach = await reach_of(call)
    if not reach.sees(row, ("carrier",), row["origin"], row["target"]):
        raise ProblemError("not-found")
    sites = await call.gateway.aside(_sites, call.gateway.stores.reader)
    steps = [view.voyage_move(one) for one in moves]
    return tell(shapes.VoyageWhole(**view.fields_of_voyage(row, sites), moves=steps))


async def list_slots(call: Call) -> Reply:
    """List slots of voyages that one carries, or at a site that one keeps or inspects, by berth and time."""
    reach = await reach_of(call)
    return await listing.answer(call, SLOTS._replace(views=lambda call: reach.of(("carrier",), site="site")))


async def list_bills(call: Call) -> Reply:
    """List bills of lading that one holds, that are pledged to one, or that one has issued."""
    return await listing.answer(call, BILLS)


async def get_bill(call: Call) -> Reply:
    """Show a bill of lading with its chain of links."""
    row, links = await _found(call, "bill", "bill_id", "bill_link")
    reach = await reach_of(call)
    if not reach.sees(row, HOLDERS):
        raise ProblemError("not-found")
    return tell(shapes.BillWhole(**view.fields_of_bill(row), chain_links=[view.link(one) for one in links]))


def _sites(reader: Reader) -> dict[str, Found]:
    return {row["site"]: row for row in reader.page("site", limit=SITES_MAX)}


async def _found(call: Call, table: str, key: str, moves: str) -> tuple[Found, list[Found]]:
    """Give the thing in the address and what has happened to it."""
    reader, id = call.gateway.stores.reader, path_id(call)

    def work() -> tuple[Found | None, list[Found]]:
        return reader.one(table, **{key: id}), reader.page(moves, [(key, "=", id)], limit=MOVES_MAX)

    row, rows = await call.gateway.aside(work)
    if row is None:
        raise ProblemError("not-found")
    return row, rows


def _seen(table: str, key: str, owners: Iterable[str], *sites: str) -> Seen:
    """Give what tells whether the caller sees the thing in the address."""

    async def sees(call: Call) -> bool:
        if "id" not in call.path_params:
            return True
        reach, reader, id = await reach_of(call), call.gateway.stores.reader, path_id(call)
        row: Any = await call.gateway.aside(lambda: reader.one(table, **{key: id}))
        return row is not None and reach.sees(row, owners, *(row[name] for name in sites))

    return sees


VOYAGE = Noun(
    VoyageMoved, "voyage_id", "voyages", (No.VOYAGE_NOT_FOUND, No.VOYAGE_IS_ANOTHERS),
    _seen("voyage", "voyage_id", ("carrier",), "origin", "target"),
)  # fmt: skip
SLOT = Noun(
    SlotMoved, "slot_id", "slots", (No.SLOT_NOT_FOUND, No.VOYAGE_NOT_FOUND, No.VOYAGE_IS_ANOTHERS),
    _seen("slot", "slot_id", ("carrier",), "site"),
)  # fmt: skip
BILL = Noun(
    BillMoved, "bill_id", "bills", (No.BILL_NOT_FOUND, No.BILL_IS_ANOTHERS), _seen("bill", "bill_id", HOLDERS)
)  # fmt: skip
_VOYAGE, _SLOT, _BILL = "/v1/voyages/{id}", "/v1/slots/{id}", "/v1/bills/{id}"
VOYAGE_ACTS = (
    Act("POST", "/v1/voyages", "goods", "voyage.register", shapes.VoyageAsked, view.registered, "Register a voyage"),
    Act("POST", f"{_VOYAGE}/tell", "goods", "voyage.tell", shapes.VoyageTold, view.stepped,
        "Tell of a voyage, as its carrier"),
    Act("POST", f"{_VOYAGE}/report", "goods", "voyage.report", shapes.VoyageReport, view.stepped,
        "Report a step of a voyage, for a site"),
)  # fmt: skip
PLAN = (Act("POST", f"{_VOYAGE}/slots", "goods", "slot.plan", shapes.SlotAsked, view.planned, "Plan a slot"),)
SLOT_ACTS = (
    Act("POST", f"{_SLOT}/approve", "goods", "slot.approve", None, view.named_slot, "Approve a slot"),
    Act("POST", f"{_SLOT}/free", "goods", "slot.free", None, view.named_slot, "Give a slot back"),
)  # fmt: skip
BILL_ACTS = (
    Act("POST", "/v1/bills", "goods", "bill.draft", shapes.BillAsked, view.drafted, "Draft a bill of lading"),
    Act("POST", f"{_BILL}/issue", "receipt", "bill.issue", shapes.BillPaper, view.named_bill, "Issue a bill"),
    Act("POST", f"{_BILL}/void", "goods", "bill.void", shapes.BillPaper, view.named_bill, "Take a bill's draft back"),
    Act("POST", f"{_BILL}/amend", "receipt", "bill.amend", shapes.BillAmended, view.amended, "Amend a bill"),
    Act("POST", f"{_BILL}/transfer", "title", "bill.transfer", HolderAsked, view.handed, "Transfer a bill"),
    Act("POST", f"{_BILL}/pledge", "title", "bill.pledge", HolderAsked, view.handed, "Pledge a bill"),
    Act("POST", f"{_BILL}/release", "title", "bill.release", shapes.BillPaper, view.named_bill,
        "Release a bill's pledge"),
    Act("POST", f"{_BILL}/invoke", "title", "bill.invoke", shapes.BillPaper, view.named_bill, "Take a pledged bill"),
    Act("POST", f"{_BILL}/surrender", "title", "bill.surrender", shapes.BillPaper, view.named_bill,
        "Give a bill up against the goods"),
    Act("POST", f"{_BILL}/convert", "title", "bill.convert", shapes.BillPaper, view.named_bill,
        "Turn a bill into paper"),
)  # fmt: skip
VOYAGES = Listing(
    "voyage", shapes.VoyageShown, lambda row, call: None, listing.own("carrier"),
    (Field(Param("state", "words", "In these states.", tuple(one.value for one in VoyageState)), "state"),),
)  # fmt: skip
SLOTS = Listing(
    "slot", shapes.SlotShown, view.slot, listing.own("carrier"),
    (
        Field(Param("site", "text", "At this site."), "site"),
        Field(Param("state", "words", "In these states.", tuple(one.value for one in SlotState)), "state"),
    ),
    newest_first=False,
)  # fmt: skip
BILLS = Listing(
    "bill", shapes.BillShown, view.bill, listing.own(*HOLDERS),
    (Field(Param("state", "words", "In these states.", tuple(one.value for one in BillState)), "state"),),
)  # fmt: skip
ROUTES = (
    lists("/v1/voyages", "read", list_voyages, "Voyages", shapes.VoyageShown, VOYAGES.query),
    Route("GET", _VOYAGE, "read", get_voyage, "A voyage and its steps", told=shapes.VoyageWhole),
    *routes_of(VOYAGE_ACTS, VOYAGE),
    *routes_of(PLAN, SLOT._replace(seen=VOYAGE.seen)),
    lists("/v1/slots", "read", list_slots, "Slots at berths", shapes.SlotShown, SLOTS.query),
    *routes_of(SLOT_ACTS, SLOT),
    lists("/v1/bills", "read", list_bills, "Bills of lading", shapes.BillShown, BILLS.query),
    Route("GET", _BILL, "read", get_bill, "A bill of lading and its chain", told=shapes.BillWhole),
    *routes_of(BILL_ACTS, BILL),
)  # fmt: skip
