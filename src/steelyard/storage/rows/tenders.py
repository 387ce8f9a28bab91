"""Rows of tenders, requests for quotes and energy contracts."""

from steelyard.flows import energy_facts, rfq_facts, tender_facts
from steelyard.storage.added import Added
from steelyard.storage.rows.statement import FIRST, Handlers, Statements, json_list, put, simple


def _evaluated(added: Added, fact: tender_facts.TenderEvaluated, key: int, n: int, at: int) -> None:
    """Keep every evaluation; its lists as JSON."""
    added.upserts.append((
        "tender.award",
        (key, n, fact.tender_id, fact.ask, fact.by, fact.digest, json_list(fact.cargoes), str(fact.cost_minor),
         str(fact.bound_minor), int(fact.proved), str(fact.second_minor), json_list(fact.rejected),
         " ".join(fact.conflict), at),
    ))  # fmt: skip


def _matched(added: Added, fact: energy_facts.EnergyMatched, key: int, n: int, at: int) -> None:
    """Keep every match; its lists as JSON."""
    lists = (fact.flows, fact.prices, fact.rents, fact.marginal, fact.unserved, fact.unsold, fact.delivered)
    added.upserts.append((
        "energy.match",
        (fact.match_id, fact.digest, fact.state, fact.asset, fact.cost, fact.surplus, fact.gap_minor,
         *map(json_list, lists), at, key, n),
    ))  # fmt: skip


def _dealt(added: Added, fact: energy_facts.DealMoved, key: int, n: int, at: int) -> None:
    """Keep a deal as it stands; what is billed of it is no longer due."""
    added.upserts.append((
        "energy.deal",
        (fact.match_id, fact.asset, " ".join(fact.parties), " ".join(fact.accepted), fact.accept_until, fact.event,
         fact.state, json_list(fact.dues), json_list(fact.served), json_list(fact.shortfalls), at, at, key, n),
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
        "key n tender_id ask made_by digest cargoes cost bound proved second rejected conflict at_ns",
        "key n",
    ),
    "rfq": put(
        "rfq",
        "rfq_id requester code kg side currency valid_until state entered_at changed_at entered n",
        "rfq_id",
        keep=FIRST,
    ),
    "rfq.answer": put(
        "rfq_answer",
        "answer_id rfq_id dealer bid_minor ask_minor receipt_id kg_max valid_until state kg amount_minor quote_id"
        " entered_at changed_at entered n",
        "answer_id",
        keep=FIRST,
    ),
    "supply": put(
        "supply",
        "contract_id seller buyer asset unit acq first_month years event state year entered_at changed_at entered n",
        "contract_id",
        keep=FIRST,
    ),
    "supply.month": put(
        "supply_month",
        "contract_id month event nominated taken shortfall force_majeure price amount_minor bundle_id key",
        "contract_id month",
    ),
    "supply.year": put(
        "supply_year",
        "contract_id year taken top_quantity deficiency price recovered expired carry_used bank booked_quantity"
        " payment_minor repaid_minor bundle_id key",
        "contract_id year",
    ),
    "energy.match": put(
        "energy_match",
        "match_id digest state asset cost surplus gap_minor flows prices rents marginal unserved unsold delivered"
        " at_ns entered n",
        "match_id",
    ),
    "energy.deal": put(
        "energy_deal",
        "match_id asset parties accepted accept_until event state dues served shortfalls entered_at changed_at"
        " entered n",
        "match_id",
        keep=FIRST,
    ),
    "energy.bill": put(
        "energy_bill",
        "bill_id subject what month debtor creditor asset amount_minor due_at uetr state bundle_id paid_minor"
        " entered_at changed_at entered n",
        "bill_id",
        keep=FIRST,
    ),
    "energy.index": put("energy_index", "name month num den source key", "name month"),
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
    rfq_facts.RfqMoved: simple(
        "rfq", "rfq_id", "requester", "code", "kg", "side", "currency", "valid_until", "state", "at", "at", "key", "n",
    ),
    rfq_facts.RfqAnswered: simple(
        "rfq.answer", "answer_id", "rfq_id", "dealer", "bid_minor", "ask_minor", "receipt_id", "kg_max", "valid_until",
        "state", "kg", "amount_minor", "quote_id", "at", "at", "key", "n",
    ),
    energy_facts.SupplyMoved: simple(
        "supply", "contract_id", "seller", "buyer", "asset", "unit", "acq", "first_month", "years", "event", "state",
        "year", "at", "at", "key", "n",
    ),
    energy_facts.SupplyMonth: simple(
        "supply.month", "contract_id", "month", "event", "nominated", "taken", "shortfall", "force_majeure", "price",
        "amount_minor", "bundle_id", "key",
    ),
    energy_facts.SupplyYear: simple(
        "supply.year", "contract_id", "year", "taken", "top_quantity", "deficiency", "price", "recovered", "expired",
        "carry_used", "bank", "booked_quantity", "payment_minor", "repaid_minor", "bundle_id", "key",
    ),
    energy_facts.EnergyMatched: _matched,
    energy_facts.DealMoved: _dealt,
    energy_facts.EnergyBilled: simple(
        "energy.bill", "bill_id", "subject", "what", "month", "debtor", "creditor", "asset", "amount_minor", "due_at",
        "uetr", "state", "bundle_id", "paid_minor", "at", "at", "key", "n",
    ),
    energy_facts.IndexPut: simple("energy.index", "index", "month", "num", "den", "source", "key"),
}  # fmt: skip
