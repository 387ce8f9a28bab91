"""Sites, stock and receipts as JSON, and the fields of the orders about them."""

from typing import Any

from steelyard.api import wire
from steelyard.api.call import Call
from steelyard.api.goods import Reach, paper, paper_text, path_id
from steelyard.api.problems import ProblemError
from steelyard.api.wire import Faults
from steelyard.client import titles as shapes
from steelyard.flows import receipt, receipt_orders, receipt_out, warehouse
from steelyard.storage.queries import Found


def site(row: Found, call: Call) -> shapes.SiteShown:
    """Give a site."""
    return shapes.SiteShown(
        site=row["site"], warehouse=row["warehouse"], inspector=row["inspector"], capacity_kg=row["capacity_kg"],
        capital_kg=row["capital_kg"], storage=wire.amount(row["rate_minor"], row["currency"], call.directory),
    )  # fmt: skip


def receipt_class(row: Found, call: Call) -> shapes.ReceiptClassShown:
    """Give a class of receipts."""
    return shapes.ReceiptClassShown(code=row["code"], site=row["site"], grade=row["grade"], crop=row["crop"])


def stock(row: Found, call: Call) -> shapes.StockShown:
    """Give a stock."""
    return shapes.StockShown(
        site=row["site"], grade=row["grade"], certified_kg=row["certified_kg"], live_kg=row["live_kg"],
        document=paper_text(row["document"]), case_id=wire.uuid_or_none(row["case_id"]), case_kg=row["case_kg"],
    )  # fmt: skip


def fields_of_receipt(row: Found, kind: Found) -> dict[str, Any]:
    """Give the fields of a receipt by name."""
    return {
        "receipt_id": wire.uuid_text(row["receipt_id"]), "code": row["code"], "site": kind["site"],
        "grade": kind["grade"], "crop": kind["crop"], "holder": row["holder"], "pledgee": row["pledgee"],
        "kg": row["kg"], "state": row["state"], "event": row["event"],
        "bound_to": wire.uuid_or_none(row["bound_to"]), "valid_until": wire.at_or_none(row["valid_until"]),
        "entered_at": wire.at_text(row["entered_at"]), "changed_at": wire.at_text(row["changed_at"]),
    }  # fmt: skip


def move(row: Found, currency: str, reach: Reach, call: Call, *, all_seen: bool) -> shapes.ReceiptMove:
    """Give a move of a receipt; who held it before is told to whom it concerns."""
    minor = row["storage_minor"]
    return shapes.ReceiptMove(
        event=row["event"],
        state=row["state"],
        holder=row["holder"] if all_seen or reach.view.sees(row["holder"]) else None,
        kg=row["kg"],
        left_kg=row["left_kg"],
        storage=wire.amount(minor, currency, call.directory) if minor else None,
        bundle_id=wire.uuid_or_none(row["bundle_id"]),
        document=paper_text(row["document"]),
        at=wire.at_text(row["at_ns"]),
    )


def site_name(call: Call) -> str:
    """Give the site in the address."""
    name = call.path_params["site"]
    if not 0 < len(name) <= 35:
        raise ProblemError("not-found")
    return name


def site_fields(call: Call, asked: shapes.SiteAsked, faults: Faults) -> warehouse.SiteFields:
    """Make the fields of a site."""
    minor = wire.minor_of(
        asked.storage, call.directory.scale(asked.currency), faults, "/storage", zero_allowed=True
    )
    return warehouse.SiteFields(
        site_name(call), asked.warehouse, asked.inspector, asked.capacity_kg, asked.capital_kg, asked.currency,
        minor,
    )  # fmt: skip


def draft(call: Call, asked: shapes.ReceiptDraft, faults: Faults) -> receipt.DraftFields:
    """Make the fields of a goods received note."""
    return receipt.DraftFields(
        asked.code, asked.holder, asked.kg, wire.date(asked.taken_in_on, faults, "/taken_in_on"),
        wire.instant(asked.valid_until, faults, "/valid_until"), paper(asked.document),
    )  # fmt: skip


def attach(call: Call, asked: shapes.AttachAsked, faults: Faults) -> receipt.AttachFields:
    """Make the fields of a paper that is attached."""
    if (asked.document is None) == (asked.bill is None):
        faults.add("/document", "one-of", "either a document or a bill of lading is named")
    return receipt.AttachFields(path_id(call), paper(asked.document) or wire.uuid_bytes(asked.bill))


def regrade(call: Call, asked: shapes.RegradeAsked, faults: Faults) -> receipt_out.GradeFields:
    """Make the fields of a new grade."""
    until = wire.instant(asked.valid_until, faults, "/valid_until")
    return receipt_out.GradeFields(path_id(call), asked.code, until, paper(asked.document))


def knocked_down(call: Call, asked: shapes.KnockedDownAsked, faults: Faults) -> receipt_out.AuctionFields:
    """Make the fields of a receipt sold by auction; the amount is in the currency of its site."""
    minor = wire.minor(asked.amount, call.directory, faults, "/amount")
    reader = call.gateway.stores.reader
    row = reader.one("receipt", receipt_id=path_id(call))
    kind = reader.one("receipt_class", code=row["code"]) if row is not None else None
    place = reader.one("site", site=kind["site"]) if kind is not None else None
    if place is not None and place["currency"] != asked.amount.asset:
        faults.add("/amount/asset", "asset-differs", f"must be {place['currency']}", asked.amount.asset)
    return receipt_out.AuctionFields(path_id(call), asked.buyer, minor, paper(asked.document))


def ordered(call: Call, asked: shapes.PaperAsked, faults: Faults) -> receipt_orders.OrderFields:
    """Make the fields of an order that freezes or thaws a receipt."""
    return receipt_orders.OrderFields(path_id(call), paper(asked.document))


def site_ordered(call: Call, asked: shapes.PaperAsked, faults: Faults) -> receipt_orders.SiteOrderFields:
    """Make the fields of an order that freezes or thaws a site."""
    return receipt_orders.SiteOrderFields(site_name(call), paper(asked.document))


def named(call: Call, asked: Any, faults: Faults) -> receipt.NamedFields:
    """Make the fields that name a receipt."""
    return receipt.NamedFields(path_id(call))
