"""Rows of credit lines, claims, throughput, rings and surplus."""

from steelyard.flows import liquidity_facts
from steelyard.storage.added import Added
from steelyard.storage.rows.statement import FIRST, Handlers, Statements, json_list, put, simple


def _ring_moved(added: Added, fact: liquidity_facts.RingMoved, key: int, n: int, at: int) -> None:
    """Keep a ring, and who has a part in it."""
    added.upserts.append((
        "ring",
        (fact.ring_id, json_list(fact.swaps), " ".join(fact.consents), fact.expires_at, fact.state, fact.refusal,
         fact.bundle_id, at, at, key, n),
    ))  # fmt: skip
    for holder in sorted({swap[0] for swap in fact.swaps}):
        added.upserts.append(("ring.holder", (holder, key, n, fact.ring_id)))


STATEMENTS: Statements = {
    "credit": put(
        "credit_line",
        "line_id kind lender borrower asset cap_minor most_minor rate_bp from_at to_at state auto_draw"
        " cycle_cap_minor key",
        "line_id",
    ),
    "credit.used": put(
        "credit_use",
        "key n line_id lot_no what minor open_minor owner on_day bundle_id pledged_minor num den due_at"
        " reverse_id cycle at_ns",
        "key n",
    ),
    "credit.interest": put(
        "credit_use", "key n line_id what minor owner bundle_id reverse_id cycle at_ns", "key n"
    ),
    "credit.case": put(
        "credit_case",
        "case_id line_id kind state minor lot_no entered_at changed_at entered n",
        "case_id",
        keep=FIRST,
    ),
    "claim": put(
        "claim",
        "claim_id debtor creditor asset amount_minor open_minor due_on document_hash consent_debtor"
        " consent_creditor filer state entered_at changed_at entered n",
        "claim_id",
        keep=FIRST,
    ),
    "claim.set_off": put(
        "claim_part", "key n claim_id batch_id asset minor left_minor bundle_id at_ns", "key n"
    ),
    "pace": put(
        "pace",
        "key n participant asset on_day submitted submitted_minor settled settled_minor mean_wait own_day_minor"
        " early missed published ranks fee_minor entry_fee_minor saved_minor due_minor bundle_id",
        "key n",
    ),
    "ring": put(
        "ring",
        "ring_id swaps consents expires_at state refusal bundle_id entered_at changed_at entered n",
        "ring_id",
        keep=FIRST,
    ),
    "ring.holder": put("ring_holder", "holder entered n ring_id", "holder ring_id", keep="entered n"),
    "ring.standing": put("ring_standing", "owner ring_id state lapses lapsed_at rests_until", "owner"),
    "surplus": put("surplus_offer", "owner held wanted amount_minor keep_minor key", "owner held"),
}

HANDLERS: Handlers = {
    liquidity_facts.CreditLineSet: lambda added, fact, key, n, at: added.upserts.append((
        "credit",
        (fact.line_id, fact.kind, fact.lender, fact.borrower, fact.asset, fact.cap_minor, fact.most_minor,
         fact.rate_bp, fact.from_at, fact.to_at, fact.state, int(fact.auto_draw), fact.cycle_cap_minor, key),
    )),
    liquidity_facts.CreditUsed: simple(
        "credit.used", "key", "n", "line_id", "lot_no", "event", "minor", "open_minor", "owner", "on",
        "bundle_id", "pledged_minor", "num", "den", "due_at", "reverse_id", "cycle", "at",
    ),
    liquidity_facts.CreditInterest: lambda added, fact, key, n, at: added.upserts.append((
        "credit.interest",
        (key, n, fact.line_id, "interest" if fact.bundle_id else "interest_owed", fact.minor, fact.owner,
         fact.bundle_id, b"", b"", at),
    )),
    liquidity_facts.CreditCaseMoved: simple(
        "credit.case", "case_id", "line_id", "kind", "state", "minor", "lot_no", "at", "at", "key", "n"
    ),
    liquidity_facts.ClaimMoved: lambda added, fact, key, n, at: added.upserts.append((
        "claim",
        (fact.claim_id, fact.debtor, fact.creditor, fact.asset, fact.amount_minor, fact.open_minor, fact.due_on,
         fact.document_hash, int(fact.consent_debtor), int(fact.consent_creditor), fact.filer, fact.state, at, at,
         key, n),
    )),
    liquidity_facts.ClaimSetOff: simple(
        "claim.set_off", "key", "n", "claim_id", "batch_id", "asset", "minor", "left_minor", "bundle_id", "at"
    ),
    liquidity_facts.PaceJudged: lambda added, fact, key, n, at: added.upserts.append((
        "pace",
        (key, n, fact.participant, fact.asset, fact.on, fact.submitted, str(fact.submitted_minor), fact.settled,
         str(fact.settled_minor), fact.mean_wait, str(fact.own_day_minor), json_list(fact.early), fact.missed,
         int(fact.published), fact.ranks, str(fact.fee_minor), str(fact.entry_fee_minor), str(fact.saved_minor),
         str(fact.due_minor), fact.bundle_id),
    )),
    liquidity_facts.RingMoved: _ring_moved,
    liquidity_facts.RingLapsed: simple(
        "ring.standing", "owner", "ring_id", "state", "lapses", "at", "rests_until"
    ),
    liquidity_facts.SurplusOffered: simple("surplus", "owner", "held", "wanted", "amount_minor", "keep_minor", "key"),
}  # fmt: skip
