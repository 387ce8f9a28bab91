"""Rows of sites, receipts, deliveries, voyages, slots and bills of lading."""

from steelyard.flows import corridor_facts, title_facts
from steelyard.storage.added import Added
from steelyard.storage.rows.statement import FIRST, Handlers, Statements, json_list, put, simple


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


def _delivery_moved(added: Added, fact: title_facts.DeliveryMoved, key: int, n: int, at: int) -> None:
    """Keep a delivery as it is now, and each step."""
    added.upserts.append((
        "delivery",
        (fact.delivery_id, fact.instrument, fact.seller, fact.buyer, fact.kg, fact.event, fact.state, fact.due_at,
         fact.currency, fact.net_kg, fact.amount_minor, fact.bundle_id, fact.refusal, fact.owed_minor, fact.owed_by,
         fact.site, fact.grade, fact.lots, fact.price_minor, fact.price_kg, int(fact.accepted), fact.agreed_by,
         fact.weight_kg, json_list(fact.found), b"".join(fact.receipts), fact.bill, fact.voyage, fact.after_step,
         fact.assign_by, fact.certify_by, fact.object_by, fact.fund_by, fact.incoterm, fact.place,
         fact.differential_minor, fact.full_cargo_bp, fact.final_at, fact.goods_minor,
         json_list(tuple([(*one[:5], one[5].hex()) for one in fact.costs])), at, at, key, n),
    ))  # fmt: skip
    added.upserts.append((
        "delivery.move",
        (key, n, fact.delivery_id, fact.event, fact.state, fact.amount_minor, fact.bundle_id, fact.document, "", 0, 0,
         "", at),
    ))  # fmt: skip


def _cover_moved(added: Added, fact: title_facts.CoverMoved, key: int, n: int, at: int) -> None:
    """Keep what an auction came to, or the price in its place; what is offered stays with who has offered it."""
    if fact.event in ("AWARDED", "OVER", "BY_HAND"):
        added.upserts.append((
            "delivery.move",
            (key, n, fact.delivery_id, fact.event, fact.state, fact.minor, fact.bundle_id, b"", fact.bidder, fact.lots,
             fact.price_minor, fact.reason, at),
        ))  # fmt: skip


def _bill_moved(added: Added, fact: corridor_facts.BillMoved, key: int, n: int, at: int) -> None:
    """Keep a bill as it is now, and the link that its chain has got."""
    added.upserts.append((
        "bill",
        (fact.bill_id, fact.voyage_id, fact.carrier, fact.holder, fact.pledgee, fact.cargo, fact.kg, fact.event,
         fact.state, fact.links, fact.chain, at, at, key, n),
    ))  # fmt: skip
    added.upserts.append((
        "bill.link",
        (key, n, fact.bill_id, fact.links, fact.event, fact.state, fact.holder, fact.pledgee, fact.cargo, fact.kg,
         fact.document, fact.chain, at),
    ))  # fmt: skip


def _voyage_moved(added: Added, fact: corridor_facts.VoyageMoved, key: int, n: int, at: int) -> None:
    """Keep a voyage as it is now, and each step or note."""
    added.upserts.append((
        "voyage",
        (fact.voyage_id, fact.carrier, fact.vessel, fact.origin, fact.target, fact.cargo, fact.kg, fact.crew,
         fact.slot_id, fact.event, fact.state, fact.arrives_at, at, at, key, n),
    ))  # fmt: skip
    added.upserts.append((
        "voyage.move", (key, n, fact.voyage_id, fact.event, fact.state, fact.document, at)
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
        " owed_minor owed_by site grade lots price_minor price_kg accepted agreed_by weight_kg found receipts bill"
        " voyage after_step assign_by certify_by object_by fund_by incoterm place differential_minor full_cargo_bp"
        " final_at goods_minor costs entered_at changed_at entered n",
        "delivery_id",
        keep=FIRST,
    ),
    "delivery.move": put(
        "delivery_move",
        "key n delivery_id event state amount_minor bundle_id document bidder lots price_minor reason at_ns",
        "key n",
    ),
    "voyage.move": put("voyage_move", "key n voyage_id event state document at_ns", "key n"),
    "bill.link": put(
        "bill_link",
        "key n bill_id number event state holder pledgee cargo kg document chain at_ns",
        "key n",
    ),
    "voyage": put(
        "voyage",
        "voyage_id carrier vessel origin target cargo kg crew slot_id event state arrives_at entered_at changed_at"
        " entered n",
        "voyage_id",
        keep=FIRST,
    ),
    "slot": put(
        "slot",
        "slot_id berth from_at until_at voyage_id state site carrier key",
        "slot_id",
        keep="site carrier",
    ),
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
    title_facts.DeliveryMoved: _delivery_moved,
    title_facts.CoverMoved: _cover_moved,
    corridor_facts.VoyageMoved: _voyage_moved,
    corridor_facts.SlotMoved: simple(
        "slot", "slot_id", "berth", "from_at", "until_at", "voyage_id", "state", "site", "carrier", "key"
    ),
    corridor_facts.BillMoved: _bill_moved,
}  # fmt: skip
