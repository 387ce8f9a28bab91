"""Rows of tenders, requests for quotes and energy contracts."""

from steelyard.flows import tender_facts
from steelyard.storage.added import Added
from steelyard.storage.rows.statement import FIRST, Handlers, Statements, json_list, put, simple


def _evaluated(added: Added, fact: tender_facts.TenderEvaluated, key: int, n: int, at: int) -> None:
    """Keep every evaluation; its lists as JSON."""
    added.upserts.append((
        "tender.award",
        (key, n, fact.tender_id, fact.ask, fact.by, fact.digest, json_list(fact.cargoes), fact.cost_minor,
         fact.bound_minor, int(fact.proved), fact.second_minor, json_list(fact.rejected), " ".join(fact.conflict), at),
    ))  # fmt: skip


STATEMENTS: Statements = {
    "tender": put(
        "tender",
        "tender_id buyer asset cargoes cargo_t bond_minor event state due_at reason entered_at changed_at entered n",
        "tender_id",
        keep=FIRST,
    ),
    "tender.bid": put(
        "tender_bid",
        "tender_id bidder event commitment offers bond_minor bond entered_at changed_at entered n",
        "tender_id bidder",
        keep=FIRST,
    ),
    "tender.award": put(
        "tender_award",
        "key n tender_id ask made_by digest cargoes cost_minor bound_minor proved second_minor rejected conflict"
        " at_ns",
        "key n",
    ),
}

HANDLERS: Handlers = {
    tender_facts.TenderMoved: simple(
        "tender", "tender_id", "buyer", "asset", "cargoes", "cargo_t", "bond_minor", "event", "state", "due_at",
        "reason", "at", "at", "key", "n",
    ),
    tender_facts.BidMoved: simple(
        "tender.bid", "tender_id", "bidder", "event", "commitment", "offers", "bond_minor", "bond", "at", "at", "key",
        "n",
    ),
    tender_facts.TenderEvaluated: _evaluated,
}  # fmt: skip
