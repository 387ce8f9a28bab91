"""Rows of payments: as they enter, as they move, and what their payers have set."""

from steelyard.flows import facts, liquidity_facts
from steelyard.storage.added import BUNDLE, MOVED, MOVED_AT, REFUSAL, SETTLED_AT, STATE, Added, Moved
from steelyard.storage.rows.statement import Handlers, Statements, json_list, put, simple

SETTLED_STATES = (9, 10, 11)
"""P9 SETTLED, P10 CREDITED, P11 UNPOSTED: the money is final."""

_KEPT = ("urgent", "high")
_PARTS = ("PART_SETTLED", "CLOSED_PARTLY")


def _payment_entered(added: Added, fact: facts.PaymentEntered, key: int, n: int, at: int) -> None:
    added.payments += 1
    added.entered[fact.uetr] = [
        added.payments, fact.uetr, fact.kind, fact.service, fact.debtor_agent, fact.creditor_agent,
        fact.source, fact.source_minor, fact.target, fact.target_minor, fact.debit_minor, fact.payee_minor,
        str(fact.num), str(fact.den), json_list(fact.fees), " ".join(fact.providers), fact.settlement_on,
        fact.state, fact.refusal, fact.waits, fact.not_before_at, fact.screening, fact.quote_id,
        fact.message_digest, fact.party_digest, fact.ordinal, fact.bundle_id, at, at,
        at if fact.state in SETTLED_STATES else 0, key, key, n, fact.split, 0, 0,
        fact.priority, fact.reason,
    ]  # fmt: skip


def payment_moved(added: Added, fact: facts.PaymentMoved, key: int, n: int, at: int) -> None:
    bundle = fact.bundle_id or None
    detail = json_list(fact.detail) or None
    move = (key, n, fact.before, fact.event, fact.after, fact.refusal, at, bundle, detail)
    added.moves.append((fact.uetr, move))
    if fact.event in _PARTS:
        _parts(added, fact)
    settled = at if fact.after in SETTLED_STATES else 0
    row = added.entered.get(fact.uetr)
    if row is not None:
        row[STATE], row[REFUSAL], row[MOVED], row[MOVED_AT] = fact.after, fact.refusal, key, at
        row[BUNDLE] = fact.bundle_id or row[BUNDLE]
        row[SETTLED_AT] = row[SETTLED_AT] or settled
        return
    before = added.moved.get(fact.uetr)
    added.moved[fact.uetr] = Moved(
        fact.after,
        fact.refusal,
        at,
        key,
        fact.bundle_id or (before.bundle_id if before else b""),
        (before.settled_at if before else 0) or settled,
    )


def _parts(added: Added, fact: facts.PaymentMoved) -> None:
    """Note what of a payment has settled and what was given up; a payment in parts is not new here."""
    if fact.event == "PART_SETTLED":
        added.upserts.append(("payment.parts", (fact.detail[2], 0, fact.uetr)))
    elif fact.event == "CLOSED_PARTLY":
        added.upserts.append(("payment.parts", (*fact.detail[:2], fact.uetr)))


def _payment_priced(added: Added, fact: facts.PaymentPriced, key: int, n: int, at: int) -> None:
    priced = (
        fact.source_minor, fact.target_minor, fact.debit_minor, fact.payee_minor, str(fact.num),
        str(fact.den), json_list(fact.fees), " ".join(fact.providers), fact.quote_id, fact.uetr,
    )  # fmt: skip
    added.upserts.append(("payment.priced", priced))


def _payment_waits(added: Added, fact: facts.PaymentWaits, key: int, n: int, at: int) -> None:
    waits = (fact.waits, fact.not_before_at, fact.settlement_on, fact.reason, fact.uetr)
    added.upserts.append(("payment.waits", waits))


def _credits_late(added: Added, fact: facts.CreditsLate, key: int, n: int, at: int) -> None:
    added.upserts += (("payment.late", (uetr,)) for uetr in fact.uetrs)


STATEMENTS: Statements = {
    "own_rule": put("own_rule", "owner asset kind other minor key", "owner asset kind other"),
    "payment.priced": "UPDATE payment SET source_minor = ?, target_minor = ?, debit_minor = ?, payee_minor = ?,"
    " num = ?, den = ?, fees = ?, providers = ?, quote_id = ? WHERE uetr = ?",
    "payment.waits": "UPDATE payment SET waits = ?, not_before_at = ?, settlement_on = ?, reason = ?"
    " WHERE uetr = ?",
    "payment.queue": "UPDATE payment SET priority = ?, not_before_at = ? WHERE uetr = ?",
    "payment.parts": "UPDATE payment SET settled_minor = ?, abandoned_minor = ? WHERE uetr = ?",
    "payment.late": "UPDATE payment SET late = 1 WHERE uetr = ?",
    "payment.cancel_asked": "UPDATE payment SET cancel_asked = ? WHERE uetr = ?",
}

HANDLERS: Handlers = {
    facts.PaymentEntered: _payment_entered,
    facts.PaymentPriced: _payment_priced,
    facts.PaymentWaits: _payment_waits,
    liquidity_facts.OwnLimitSet: lambda added, fact, key, n, at: added.upserts.append(
        ("own_rule", (fact.owner, fact.asset, "limit", fact.other, fact.limit_minor, key))
    ),
    liquidity_facts.FundsReserved: lambda added, fact, key, n, at: added.upserts.append(
        ("own_rule", (fact.owner, fact.asset, "kept", _KEPT[fact.priority], fact.asked_minor, key))
    ),
    liquidity_facts.HoldingCapSet: lambda added, fact, key, n, at: added.upserts.append(
        ("own_rule", (fact.holder, fact.asset, "holding", "", fact.cap_minor, key))
    ),
    liquidity_facts.QueueChanged: simple("payment.queue", "priority", "not_before_at", "uetr"),
    facts.CreditsLate: _credits_late,
    facts.CancelAsked: simple("payment.cancel_asked", "reason", "uetr"),
    facts.PaymentMoved: payment_moved,
}  # fmt: skip
