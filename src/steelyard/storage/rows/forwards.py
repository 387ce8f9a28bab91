"""Rows of forwards between two parties."""

from steelyard.flows.forward_facts import ForwardMoved
from steelyard.storage.added import Added
from steelyard.storage.rows.statement import FIRST, Handlers, Statements, put


def _forward_moved(added: Added, fact: ForwardMoved, key: int, n: int, at: int) -> None:
    """Keep a forward as it is now, and each step."""
    added.upserts.append((
        "forward",
        (fact.forward_id, fact.contract, fact.commodity, fact.grade, fact.site, fact.place, fact.incoterm, fact.seller,
         fact.buyer, fact.offered_by, fact.event, fact.state, fact.lots, fact.unit_kg, fact.price_minor,
         fact.differential_minor, fact.price_kg, fact.currency, fact.from_on, fact.to_on, fact.benchmark, fact.due_at,
         fact.owed_minor, fact.owed_by, fact.delivery_id, fact.arbitration_seat, at, at, key, n),
    ))  # fmt: skip
    added.upserts.append((
        "forward.move",
        (key, n, fact.forward_id, fact.event, fact.state, fact.lots, fact.offset_lots, fact.moved_minor,
         fact.owed_minor, fact.bundle_id, fact.document, at),
    ))  # fmt: skip


STATEMENTS: Statements = {
    "forward": put(
        "forward",
        "forward_id contract commodity grade site place incoterm seller buyer offered_by event state lots unit_kg"
        " price_minor differential_minor price_kg currency from_on to_on benchmark due_at owed_minor owed_by"
        " delivery_id arbitration_seat entered_at changed_at entered n",
        "forward_id",
        keep=FIRST,
    ),
    "forward.move": put(
        "forward_move",
        "key n forward_id event state lots offset_lots moved_minor owed_minor bundle_id document at_ns",
        "key n",
    ),
}

HANDLERS: Handlers = {ForwardMoved: _forward_moved}
