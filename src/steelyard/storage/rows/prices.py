"""Rows of published prices, the methods they were made by, complaints, and trades registered for them."""

from steelyard.flows.price_facts import ComplaintMoved, MethodSet, OtcMoved, PricePublished
from steelyard.storage.added import Added
from steelyard.storage.rows import market
from steelyard.storage.rows.statement import FIRST, Handlers, Statements, json_list, put, simple


def _published(added: Added, fact: PricePublished, key: int, n: int, at: int) -> None:
    """Keep a version of a day, the hashes of its data as hex; a benchmark goes to its public stream as well."""
    added.upserts.append((
        "price",
        (fact.series, fact.on, fact.version, fact.kind, fact.value, fact.source, fact.method, fact.digest,
         fact.reason, json_list(fact.currencies), " ".join(one.hex() for one in fact.inputs),
         json_list(fact.points), fact.origin, fact.grade, fact.unit, json_list(fact.basket), fact.per_kg, at, key),
    ))  # fmt: skip
    market.benchmark(added, fact, key, n, at)


def _method(added: Added, fact: MethodSet, key: int, n: int, at: int) -> None:
    added.upserts.append((
        "price.method",
        (fact.series, fact.version, fact.from_on, fact.tick, fact.cap, fact.participants_min, fact.volume_min,
         fact.held_min, fact.within_bp, fact.days_min, int(fact.takes_outside), fact.makes, json_list(fact.sources),
         json_list(fact.basket), fact.unit_kg, fact.related, fact.parent, fact.origin, fact.grade, fact.contract,
         at, key),
    ))  # fmt: skip


def _complaint(added: Added, fact: ComplaintMoved, key: int, n: int, at: int) -> None:
    added.upserts.append((
        "complaint",
        (fact.number, fact.series, fact.on, fact.version, fact.by, fact.state, at, at, key, n),
    ))  # fmt: skip
    added.upserts.append(("complaint.step", (fact.number, key, fact.event, fact.text, at)))


STATEMENTS: Statements = {
    "price": put(
        "price",
        "series on_day version kind value source method digest reason currencies inputs points origin grade unit"
        " basket per_kg at_ns key",
        "series on_day version",
    ),
    "price.method": put(
        "price_method",
        "series version from_day tick cap participants_min volume_min held_min within_bp days_min takes_outside makes"
        " sources basket unit_kg related parent origin grade contract at_ns key",
        "series version",
    ),
    "complaint": put(
        "complaint",
        "number series on_day version complainer state entered_at changed_at entered n",
        "number",
        keep=FIRST,
    ),
    "complaint.step": put("complaint_step", "number key event digest at_ns", "number key"),
    "otc": put(
        "otc_trade",
        "trade_id code kg currency minor buyer seller traded_at proof proven on_day by_owner state entered_at"
        " changed_at entered n",
        "trade_id",
        keep=FIRST,
    ),
}

HANDLERS: Handlers = {
    PricePublished: _published,
    MethodSet: _method,
    ComplaintMoved: _complaint,
    OtcMoved: simple(
        "otc", "trade_id", "code", "kg", "currency", "minor", "buyer", "seller", "traded_at", "proof", "proven", "on",
        "by", "state", "at", "at", "key", "n",
    ),
}  # fmt: skip
