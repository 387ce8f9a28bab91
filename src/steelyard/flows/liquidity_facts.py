"""Facts about liquidity: orders in queues, own rules, credit, batches, exchange, cycles, claims, pace and rings.

The list of all facts, and what a fact is, stand in `facts.py`.
"""

from steelyard.flows.fact import Fact
from steelyard.values.wide import Wide


class QueueChanged(Fact, frozen=True, tag="queue"):
    """The sender of a queued payment gave it another place, or other times."""

    uetr: bytes
    priority: int
    rank: int
    not_before_at: int
    not_after_at: int


class OwnLimitSet(Fact, frozen=True, tag="own_limit"):
    """A payer's own limit on what it loses by normal payments; `limit_minor` is -1 for none, `other` * for all."""

    owner: str
    asset: str
    other: str
    limit_minor: int
    from_at: int


class FundsReserved(Fact, frozen=True, tag="funds_reserved"):
    """A payer keeps money for a class: what it asked for, and what of it was there."""

    owner: str
    asset: str
    priority: int
    asked_minor: int
    held_minor: int


class HoldingCapSet(Fact, frozen=True, tag="holding_cap"):
    """A participant or member holds at most so much of a currency; `cap_minor` is -1 for no cap."""

    holder: str
    asset: str
    cap_minor: int


class BatchRequested(Fact, frozen=True, tag="batch.requested"):
    """A batch is asked for, once more where `tries` is not 0. Its snapshot is the state after a command."""

    batch_id: bytes
    number: int
    kind: str
    assets: tuple[str, ...]
    trigger: str
    snapshot_seq: int
    tries: int
    units: tuple[tuple[str, int], ...] = ()
    """Of a pool: what a minor unit of each currency is worth"""


BatchMember = tuple[str, str, str, str, str]
"""Participant, asset; then paid, received and left queued, minor units as decimal text"""


class BatchReported(Fact, frozen=True, tag="batch"):
    """A batch is over: the whole of what is published of it.

    Sums are decimal text: minor units of the one currency, value units (`units`) of a pool.
    """

    batch_id: bytes
    number: int
    kind: str
    assets: tuple[str, ...]
    trigger: str
    snapshot_seq: int
    started_at: int
    applied_at: int
    tries: int
    algorithm: str
    """What chose the payments; A3: the machine itself, without a solver"""
    solver_version: str
    queued_count: int
    queued: str
    settled_count: int
    settled: str
    """Payments that settled whole or with their last part"""
    parts_count: int
    parts: str
    """Payments of which a part settled, and these parts"""
    left_count: int
    left: str
    skipped: tuple[int, int]
    """Payments of the proposal that had settled since its snapshot, and that had been withdrawn, held or expired"""
    bound: str
    """The most that any rule could have settled with the fees of all set aside; empty where no certificate says"""
    bound_free: str
    """The same without anybody's limits, as the solver states it"""
    distance_bp: int
    priority_cost: str
    """What the order of classes cost, as the solver states it"""
    certificate: bytes
    """SHA-256 over the certificates in their order"""
    proved: bool
    runners_up: tuple[tuple[str, str], ...]
    """(algorithm, value) of what was not taken"""
    participants: tuple[BatchMember, ...]
    oldest: tuple[bytes, int, int, str]
    """UETR of the payment left that waits longest, since when, number of its rule, short, limit, opt_out or time"""
    bundle_id: bytes
    units: tuple[tuple[str, int], ...] = ()
    held_abroad: tuple[tuple[str, str], ...] = ()
    """Of a pool: what of each currency is held by others than its own, minor units"""


class PoolChosen(Fact, frozen=True, tag="pool"):
    """A participant takes part in pool batches in these currencies; with none it no longer does."""

    participant: str
    currencies: tuple[str, ...]
    home: str
    cap_minor: int


class FxOrderMoved(Fact, frozen=True, tag="fx_order"):
    """An order to exchange currencies is in this state now: open, filled, cancelled, expired or refused.

    The limit is decimal text, 0/1 for any rate. `leaving` tells that it ends when its batch is over.
    """

    order_id: bytes
    owner: str
    sell: str
    buy: str
    amount_minor: int
    open_minor: int
    bought_minor: int
    limit_num: str
    limit_den: str
    good_until_at: int
    state: str
    refusal: int = 0
    leaving: int = 0


class FxFilled(Fact, frozen=True, tag="fx_fill"):
    """What an order gave and got in a batch, at a price (worths of both currencies), by which rates."""

    order_id: bytes
    batch_id: bytes
    owner: str
    sell: str
    buy: str
    sold_minor: int
    bought_minor: int
    price: tuple[str, str]
    rates: tuple[tuple[str, str, str, int, tuple[str, ...]], ...]
    """(currency, kind, source, as of, flags)"""
    bundle_id: bytes


class FxBatchOver(Fact, frozen=True, tag="fx_batch"):
    """What is told of an FX batch beside its report."""

    batch_id: bytes
    kind: str
    rates: tuple[tuple[str, str, str, int, tuple[str, ...]], ...]
    left_out: tuple[tuple[str, int], ...]
    """(currency, number of the rule that keeps it out)"""
    prices: tuple[tuple[str, str], ...]
    """What a minor unit of each currency is worth, of an auction that found prices"""
    reason: str
    """Why an auction found none"""
    excess: tuple[tuple[str, str], ...]
    """Value wanted less value offered of each currency"""
    residual: tuple[tuple[str, int], ...]
    """What residual accounts took; below 0: gave"""
    beyond: int = 0
    """Orders of its currencies that were not in it, where it was full: the next batch follows"""


class ResidualsSwept(Fact, frozen=True, tag="residuals_swept"):
    """What roundings had left was taken from residual accounts to the operator's fee accounts; below 0: put there."""

    rests: tuple[tuple[str, int], ...]
    """(currency, minor units that stood there)"""
    bundle_id: bytes


class CreditLineSet(Fact, frozen=True, tag="credit"):
    """A credit line is given on these terms, or changed; `most_minor` is what may be used of it now."""

    line_id: bytes
    kind: str
    lender: str
    borrower: str
    asset: str
    cap_minor: int
    most_minor: int
    rate_bp: int
    from_at: int
    to_at: int
    state: str
    """open or closed"""
    auto_draw: bool = False
    cycle_cap_minor: int = 0


class CreditUsed(Fact, frozen=True, tag="credit.used"):
    """A lot of a member or swap line was drawn, repaid, reversed, or has reached an age.

    A draw of a swap tells what is pledged at which ratio, and the reverse bundle with its date.
    """

    line_id: bytes
    lot_no: int
    event: str
    """drawn, repaid, reversed, near, over"""
    minor: int
    open_minor: int
    owner: str
    on: int
    bundle_id: bytes = b""
    pledged_minor: int = 0
    num: str = "0"
    den: str = "1"
    due_at: int = 0
    reverse_id: bytes = b""
    cycle: bytes = b""


class CreditInterest(Fact, frozen=True, tag="credit.interest"):
    """Interest of a line was rounded and paid to its lender; without a bundle it is still owed."""

    line_id: bytes
    owner: str
    minor: int
    bundle_id: bytes = b""


class CreditCaseMoved(Fact, frozen=True, tag="credit.case"):
    """A case about a credit line was opened, or is made good: `minor` is what it is about."""

    case_id: bytes
    line_id: bytes
    kind: str
    state: str
    """open or closed"""
    minor: int
    lot_no: int = 0


class CycleMoved(Fact, frozen=True, tag="cycle"):
    """A netting cycle went from one state to the next; `due_at` is when that ends by itself, 0 for never.

    A cycle that opens comes from no state. `reason` says why one was cancelled, cut early or planned anew.
    """

    cycle_id: bytes
    number: int
    assets: tuple[str, ...]
    trigger: str
    before: str
    event: str
    after: str
    due_at: int
    cut_at: int
    cut_seq: int
    deadline_at: int
    count: int
    """Obligations in it"""
    reason: str = ""


class CycleCut(Fact, frozen=True, tag="cycle.cut"):
    """These obligations are in a netting cycle from its cut on, and wait in it; `cycle_cut.py` reads the rows."""

    cycle_id: bytes
    number: int
    names: tuple[str, ...]
    rows: bytes


class CyclePlanned(Fact, frozen=True, tag="cycle.planned"):
    """What a cycle was found to settle, before pay-ins or (`anew`) of what was paid in. Sums are decimal text."""

    cycle_id: bytes
    number: int
    anew: bool
    algorithm: str
    """What chose the obligations; A3: the machine itself"""
    solver_version: str
    certificate: bytes
    """SHA-256 over the certificates in their order"""
    proved: bool
    assets: tuple[tuple[str, int, str, int, str, str], ...]
    """(asset, obligations, their sum, obligations in the plan, their sum, bound or empty)"""
    nets: tuple[tuple[str, str, str, str, int], ...]
    """(participant, asset, out, in, what it is called to pay in)"""
    deadline_at: int


class CyclePaid(Fact, frozen=True, tag="cycle.paid"):
    """A participant paid into a cycle, or got back what it had paid (`minor` below 0)."""

    cycle_id: bytes
    participant: str
    asset: str
    minor: int
    paid_minor: int
    open_minor: int
    bundle_id: bytes


class CycleReported(Fact, frozen=True, tag="cycle.over"):
    """A cycle is over: settled, or cancelled with everything given back. Sums are decimal text."""

    cycle_id: bytes
    number: int
    assets: tuple[tuple[str, int, str, int, str, str, int], ...]
    """(asset, obligations settled, their sum, obligations left, their sum, bound or empty, distance in bp)"""
    nets: tuple[tuple[str, str, str, str, str], ...]
    """(participant, asset, out, in, paid in)"""
    algorithm: str
    certificate: bytes
    proved: bool
    opened_at: int
    cut_at: int
    closed_at: int
    bundle_id: bytes
    reason: str


class CycleScheduled(Fact, frozen=True, tag="cycle.schedule"):
    """Cycles of these currencies are cut every day at these minutes after midnight UTC; none: no longer."""

    assets: tuple[str, ...]
    cuts: tuple[int, ...]


class ClaimMoved(Fact, frozen=True, tag="claim"):
    """A claim is in this state now: filed, confirmed, part_set_off, set_off or withdrawn. `filer` entered it."""

    claim_id: bytes
    debtor: str
    creditor: str
    asset: str
    amount_minor: int
    open_minor: int
    due_on: int
    document_hash: bytes
    consent_debtor: bool
    consent_creditor: bool
    filer: str
    state: str


class ClaimSetOff(Fact, frozen=True, tag="claim.set_off"):
    """So much of a claim was set off in a batch, and so much of it is left."""

    claim_id: bytes
    batch_id: bytes
    debtor: str
    creditor: str
    asset: str
    minor: int
    left_minor: int
    bundle_id: bytes


class PaceJudged(Fact, frozen=True, tag="pace"):
    """How early a payer sent in on a date of a currency with a throughput rule, and what follows from it.

    `early` is what had come in by each checkpoint. `due_minor` is the step's fee, entry fees and what was owed
    from days before; without a bundle it is owed on.
    """

    participant: str
    asset: str
    on: int
    submitted: int
    submitted_minor: Wide
    settled: int
    settled_minor: Wide
    mean_wait: int
    own_day_minor: Wide
    early: tuple[Wide, ...]
    missed: int
    published: bool
    ranks: int
    fee_minor: int
    entry_fee_minor: Wide
    saved_minor: Wide
    due_minor: Wide
    bundle_id: bytes


class SurplusOffered(Fact, frozen=True, tag="surplus"):
    """A holder would place so much of a currency for another beyond what it keeps; 0: no longer."""

    owner: str
    held: str
    wanted: str
    amount_minor: int
    keep_minor: int


class RingLapsed(Fact, frozen=True, tag="ring_lapse"):
    """A holder has let a ring lapse: by a no, by silence, or since its money had gone.

    `lapses` counts the matches of which it has, within the time that counts; until `rests_until` its offers are left
    out of matching, 0: they are not.
    """

    owner: str
    ring_id: bytes
    state: str
    lapses: int
    rests_until: int


class RingMoved(Fact, frozen=True, tag="ring"):
    """A ring of swaps is in this state now: open, settled, declined, expired or refused."""

    ring_id: bytes
    swaps: tuple[tuple[str, int, str, int, str], ...]
    """(holder, gives in minor units, currency, gets, currency)"""
    consents: tuple[str, ...]
    expires_at: int
    state: str
    refusal: int = 0
    bundle_id: bytes = b""
