"""The corridor: voyages, slots at berths and bills of lading."""

from collections.abc import Sequence
from typing import Literal

from steelyard.client import corridor as shapes
from steelyard.client.ask import Ask, Listing, get, order, path
from steelyard.client.titles import HolderAsked
from steelyard.client.types import Done
from steelyard.client.verbs import F, Group, Lists, Verb

VOYAGES, SLOTS, BILLS = "/v1/voyages", "/v1/slots", "/v1/bills"
Told = Literal["REQUESTED", "CANCELLED", "DEVIATED", "STOPPED", "SHIP_TO_SHIP"]
Reported = Literal["PASSED_IN", "LOADING", "PASSED_OUT", "CLEARED", "DISCHARGED"]


class Voyages(Group[F]):
    """Voyages and the berths they need."""

    @Lists
    def list(
        self, *, state: Sequence[str] | str | None = None, limit: int | None = None
    ) -> Listing[shapes.VoyageShown]:
        """List voyages, newest first."""
        return Listing(VOYAGES, {"state": state, "limit": limit}, shapes.VoyageShown)

    @Verb
    def get(self, voyage_id: str) -> Ask[shapes.VoyageWhole]:
        """Give a voyage with every step."""
        return get(path(VOYAGES, voyage_id), shapes.VoyageWhole)

    @Verb
    def register(self, voyage: shapes.VoyageAsked, *, key: str | None = None) -> Ask[Done]:
        """Register a vessel with its cargo, as carrier."""
        return order("POST", VOYAGES, voyage, key=key)

    @Verb
    def tell(
        self, voyage_id: str, event: Told, *, document: str | None = None, key: str | None = None
    ) -> Ask[Done]:
        """Ask for entry, call off, or note what happened, as carrier."""
        asked = shapes.VoyageTold(event=event, document=document)
        return order("POST", path(VOYAGES, voyage_id, "tell"), asked, key=key, subject=voyage_id)

    @Verb
    def report(
        self, voyage_id: str, event: Reported, *, document: str | None = None, key: str | None = None
    ) -> Ask[Done]:
        """Report a step for a site: its inspector the inspections and clearance, its warehouse the rest."""
        asked = shapes.VoyageReport(event=event, document=document)
        return order("POST", path(VOYAGES, voyage_id, "report"), asked, key=key, subject=voyage_id)

    @Lists
    def slots(
        self, *, site: str | None = None, state: Sequence[str] | str | None = None, limit: int | None = None
    ) -> Listing[shapes.SlotShown]:
        """List slots by berth and time."""
        return Listing(SLOTS, {"site": site, "state": state, "limit": limit}, shapes.SlotShown)

    @Verb
    def plan(self, voyage_id: str, slot: shapes.SlotAsked, *, key: str | None = None) -> Ask[Done]:
        """Plan a berth, as carrier, until noon of the day before."""
        return order("POST", path(VOYAGES, voyage_id, "slots"), slot, key=key)

    @Verb
    def approve_slot(self, slot_id: str, *, key: str | None = None) -> Ask[Done]:
        """Approve a planned berth, as warehouse, until 16:00 of the day before."""
        return order("POST", path(SLOTS, slot_id, "approve"), key=key, subject=slot_id)

    @Verb
    def free_slot(self, slot_id: str, *, key: str | None = None) -> Ask[Done]:
        """Give a berth back before the vessel loads."""
        return order("POST", path(SLOTS, slot_id, "free"), key=key, subject=slot_id)


class Bills(Group[F]):
    """Bills of lading: title to goods afloat."""

    @Lists
    def list(
        self, *, state: Sequence[str] | str | None = None, limit: int | None = None
    ) -> Listing[shapes.BillShown]:
        """List bills, newest first."""
        return Listing(BILLS, {"state": state, "limit": limit}, shapes.BillShown)

    @Verb
    def get(self, bill_id: str) -> Ask[shapes.BillWhole]:
        """Give a bill with its chain of links."""
        return get(path(BILLS, bill_id), shapes.BillWhole)

    @Verb
    def draft(self, bill: shapes.BillAsked, *, key: str | None = None) -> Ask[Done]:
        """Draft a bill for cargo of one's own voyage, once it loads."""
        return order("POST", BILLS, bill, key=key)

    @Verb
    def amend(self, bill_id: str, asked: shapes.BillAmended, *, key: str | None = None) -> Ask[Done]:
        """Say what was really loaded, as two of the carrier."""
        return _act(bill_id, "amend", key, asked)

    @Verb
    def transfer(self, bill_id: str, to: str, *, key: str | None = None) -> Ask[Done]:
        """Hand a bill to another."""
        return _act(bill_id, "transfer", key, HolderAsked(to=to))

    @Verb
    def pledge(self, bill_id: str, to: str, *, key: str | None = None) -> Ask[Done]:
        """Pledge a bill: from now on its pledgee alone moves it."""
        return _act(bill_id, "pledge", key, HolderAsked(to=to))

    @Verb
    def issue(self, bill_id: str, *, document: str | None = None, key: str | None = None) -> Ask[Done]:
        """Make a draft title to goods afloat, as two of the carrier."""
        return _act(bill_id, "issue", key, shapes.BillPaper(document=document))

    @Verb
    def void(self, bill_id: str, *, document: str | None = None, key: str | None = None) -> Ask[Done]:
        """Take a draft back, as carrier."""
        return _act(bill_id, "void", key, shapes.BillPaper(document=document))

    @Verb
    def release(self, bill_id: str, *, document: str | None = None, key: str | None = None) -> Ask[Done]:
        """End a pledge, as pledgee."""
        return _act(bill_id, "release", key, shapes.BillPaper(document=document))

    @Verb
    def invoke(self, bill_id: str, *, document: str | None = None, key: str | None = None) -> Ask[Done]:
        """Take a pledge, as pledgee: the bill is one's own."""
        return _act(bill_id, "invoke", key, shapes.BillPaper(document=document))

    @Verb
    def surrender(self, bill_id: str, *, document: str | None = None, key: str | None = None) -> Ask[Done]:
        """Give a bill up against the goods, once they are discharged."""
        return _act(bill_id, "surrender", key, shapes.BillPaper(document=document))

    @Verb
    def convert(self, bill_id: str, *, document: str | None = None, key: str | None = None) -> Ask[Done]:
        """Turn a bill into paper: from now on the paper is the title."""
        return _act(bill_id, "convert", key, shapes.BillPaper(document=document))


def _act(bill_id: str, word: str, key: str | None, asked: object) -> Ask[Done]:
    return order("POST", path(BILLS, bill_id, word), asked, key=key, subject=bill_id)
