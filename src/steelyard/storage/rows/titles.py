"""Rows of sites, receipts, deliveries, voyages, slots and bills of lading."""

from steelyard.flows import corridor_facts, title_facts
from steelyard.storage.added import Added
from steelyard.storage.rows.statement import FIRST, Handlers, Statements, put, simple


def _receipt_moved(added: Added, fact: title_facts.ReceiptMoved, key: int, n: int, at: int) -> None:
    """Keep a receipt as it is now, and each of its moves."""
    added.upserts.append((
        "receipt",
        (fact.receipt_id, fact.code, fact.holder, fact.kg, fact.event, fact.state, fact.pledgee, fact.bound_to,
         fact.valid_until, at, at, key, n),
    ))  # fmt: skip
    added.upserts.append((
        "receipt.move",
        (key, n, fact.receipt_id, fact.event, fact.state, fact.holder, fact.kg, fact.left_kg, fact.storage_minor,
         fact.bundle_id, fact.document, at),
    ))  # fmt: skip


STATEMENTS: Statements = {
    "site": put("site", "site warehouse inspector capacity_kg capital_kg currency rate_minor key", "site"),
    "receipt.class": put("receipt_class", "code site grade crop key", "code"),
    "stock": put("stock", "site grade certified_kg live_kg document case_kg case_id key", "site grade"),
    "receipt": put(
        "receipt",
        "receipt_id code holder kg event state pledgee bound_to valid_until entered_at changed_at entered n",
        "receipt_id",
        keep=FIRST,
    ),
    "receipt.move": put(
        "receipt_move",
        "key n receipt_id event state holder kg left_kg storage_minor bundle_id document at_ns",
        "key n",
    ),
    "delivery": put(
        "delivery",
        "delivery_id instrument seller buyer kg event state due_at currency net_kg amount_minor bundle_id refusal"
        " owed_minor owed_by entered_at changed_at entered n",
        "delivery_id",
        keep=FIRST,
    ),
    "voyage": put(
        "voyage",
        "voyage_id carrier vessel origin target event state arrives_at entered_at changed_at entered n",
        "voyage_id",
        keep=FIRST,
    ),
    "slot": put("slot", "slot_id berth from_at until_at voyage_id state key", "slot_id"),
    "bill": put(
        "bill",
        "bill_id voyage_id carrier holder pledgee cargo kg event state links chain entered_at changed_at entered n",
        "bill_id",
        keep=FIRST,
    ),
}

HANDLERS: Handlers = {
    title_facts.SitePut: simple(
        "site", "site", "warehouse", "inspector", "capacity_kg", "capital_kg", "currency", "rate_minor", "key"
    ),
    title_facts.ReceiptClassOpened: simple("receipt.class", "code", "site", "grade", "crop", "key"),
    title_facts.StockFound: simple(
        "stock", "site", "grade", "certified_kg", "live_kg", "document", "case_kg", "case", "key"
    ),
    title_facts.ReceiptMoved: _receipt_moved,
    title_facts.DeliveryMoved: simple(
        "delivery", "delivery_id", "instrument", "seller", "buyer", "kg", "event", "state", "due_at", "currency",
        "net_kg", "amount_minor", "bundle_id", "refusal", "owed_minor", "owed_by", "at", "at", "key", "n",
    ),
    corridor_facts.VoyageMoved: simple(
        "voyage", "voyage_id", "carrier", "vessel", "origin", "target", "event", "state", "arrives_at", "at", "at",
        "key", "n",
    ),
    corridor_facts.SlotMoved: simple(
        "slot", "slot_id", "berth", "from_at", "until_at", "voyage_id", "state", "key"
    ),
    corridor_facts.BillMoved: simple(
        "bill", "bill_id", "voyage_id", "carrier", "holder", "pledgee", "cargo", "kg", "event", "state", "links",
        "chain", "at", "at", "key", "n",
    ),
}  # fmt: skip
