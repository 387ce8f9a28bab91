"""Voyages, slots and bills of lading as JSON, and the fields of the orders about them."""

from typing import Any

from steelyard.api import wire
from steelyard.api.call import Call
from steelyard.api.goods import paper, paper_text, path_id
from steelyard.api.wire import Faults
from steelyard.client import corridor as shapes
from steelyard.corridor.slots import APPROVE_BY
from steelyard.flows import bill as bills
from steelyard.flows import voyage as voyages
from steelyard.storage.queries import Found
from steelyard.values.instants import DAY

NEXT: dict[str, tuple[str, str, str]] = {
    "REGISTERED": ("ask for entry", "", "carrier"),
    "REQUESTED": ("inspect inbound", "origin", "inspector"),
    "INSPECTED_IN": ("plan a slot, and have it approved", "", "carrier"),
    "SLOTTED": ("load", "origin", "warehouse"),
    "LOADING": ("inspect outbound", "origin", "inspector"),
    "INSPECTED_OUT": ("clear", "origin", "inspector"),
    "CLEARED": ("discharge", "target", "warehouse"),
}
"""What follows in a state, and who gives it: the carrier, or who of which site."""

Sites = dict[str, Found]


def fields_of_voyage(row: Found, sites: Sites) -> dict[str, Any]:
    """Give the fields of a voyage by name."""
    word, end, role = NEXT.get(row["state"], ("", "", ""))
    who = row["carrier"] if role == "carrier" else sites.get(row[end], {}).get(role) if end else None
    return {
        "voyage_id": wire.uuid_text(row["voyage_id"]), "carrier": row["carrier"], "vessel": row["vessel"],
        "origin": row["origin"], "target": row["target"], "cargo": row["cargo"], "kg": row["kg"],
        "crew": row["crew"], "arrives_at": wire.at_text(row["arrives_at"]), "state": row["state"],
        "event": row["event"], "next_step": word or None, "next_by": who,
        "changed_at": wire.at_text(row["changed_at"]),
    }  # fmt: skip


def voyage_move(row: Found) -> shapes.VoyageMove:
    """Give a step or note of a voyage."""
    return shapes.VoyageMove(
        event=row["event"], state=row["state"], document=paper_text(row["document"]), at=wire.at_text(row["at_ns"])
    )  # fmt: skip


def slot(row: Found, call: Call) -> shapes.SlotShown:
    """Give a slot."""
    return shapes.SlotShown(
        slot_id=wire.uuid_text(row["slot_id"]), site=row["site"], berth=row["berth"].rpartition("/")[2],
        from_at=wire.at_text(row["from_at"]), until_at=wire.at_text(row["until_at"]),
        voyage_id=wire.uuid_text(row["voyage_id"]), carrier=row["carrier"], state=row["state"],
        approve_by=wire.at_text(row["from_at"] // DAY * DAY - DAY + APPROVE_BY),
    )  # fmt: skip


def fields_of_bill(row: Found) -> dict[str, Any]:
    """Give the fields of a bill by name."""
    return {
        "bill_id": wire.uuid_text(row["bill_id"]), "voyage_id": wire.uuid_text(row["voyage_id"]),
        "carrier": row["carrier"], "holder": row["holder"], "pledgee": row["pledgee"], "cargo": row["cargo"],
        "kg": row["kg"], "state": row["state"], "event": row["event"], "links": row["links"],
        "chain": bytes(row["chain"]).hex(), "changed_at": wire.at_text(row["changed_at"]),
    }  # fmt: skip


def bill(row: Found, call: Call) -> shapes.BillShown:
    """Give a bill."""
    return shapes.BillShown(**fields_of_bill(row))


def link(row: Found) -> shapes.BillLink:
    """Give a link of a bill's chain."""
    return shapes.BillLink(
        number=row["number"], event=row["event"], state=row["state"], holder=row["holder"], pledgee=row["pledgee"],
        cargo=row["cargo"], kg=row["kg"], document=paper_text(row["document"]), chain=bytes(row["chain"]).hex(),
        at=wire.at_text(row["at_ns"]),
    )  # fmt: skip


def registered(call: Call, asked: shapes.VoyageAsked, faults: Faults) -> voyages.RegisterFields:
    """Make the fields of a voyage."""
    return voyages.RegisterFields(
        asked.vessel, asked.origin, asked.target, asked.cargo, asked.kg, asked.crew,
        wire.instant(asked.arrives_at, faults, "/arrives_at"), paper(asked.document),
    )  # fmt: skip


def stepped(call: Call, asked: Any, faults: Faults) -> voyages.StepFields:
    """Make the fields of a step."""
    return voyages.StepFields(path_id(call), asked.event, paper(asked.document))


def planned(call: Call, asked: shapes.SlotAsked, faults: Faults) -> voyages.SlotFields:
    """Make the fields of a slot."""
    return voyages.SlotFields(
        path_id(call), asked.berth, wire.instant(asked.from_at, faults, "/from_at"),
        wire.instant(asked.until_at, faults, "/until_at"),
    )  # fmt: skip


def named_slot(call: Call, asked: Any, faults: Faults) -> voyages.NamedFields:
    """Make the fields that name a slot."""
    return voyages.NamedFields(path_id(call))


def drafted(call: Call, asked: shapes.BillAsked, faults: Faults) -> bills.DraftFields:
    """Make the fields of a bill."""
    return bills.DraftFields(wire.uuid_bytes(asked.voyage), asked.holder, asked.kg, paper(asked.document))


def named_bill(call: Call, asked: shapes.BillPaper, faults: Faults) -> bills.NamedFields:
    """Make the fields that name a bill and a paper."""
    return bills.NamedFields(path_id(call), paper(asked.document))


def handed(call: Call, asked: Any, faults: Faults) -> bills.TransferFields:
    """Make the fields of a bill that goes to another, or is pledged to him."""
    return bills.TransferFields(path_id(call), asked.to)


def amended(call: Call, asked: shapes.BillAmended, faults: Faults) -> bills.AmendFields:
    """Make the fields of an amendment."""
    return bills.AmendFields(path_id(call), asked.kg, paper(asked.document))
