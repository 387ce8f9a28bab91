"""The facts that outcomes record: what changed, in numbers and codes, never in names of people.

A fact is a tagged msgpack array, so that the projection, an auditor or a later release reads what
happened without running the rules again. Instants are ns since 1970 UTC, dates are days since
1970-01-01, amounts are minor units, ids are bytes. A new kind of fact is a new struct and a line in FACTS.
"""

from typing import Union

import msgspec
from msgspec import Raw, Struct


class Fact(Struct, array_like=True, frozen=True, gc=False, tag_field="fact"):
    """Base of all facts."""


class AssetOpened(Fact, frozen=True, tag="asset"):
    """An asset and its book exist from here on."""

    asset_no: int
    code: str
    asset_class: str
    scale: int
    issuer: str


class AccountOpened(Fact, frozen=True, tag="account"):
    """An account exists from here on."""

    account_no: int
    name: str
    owner: str
    asset_no: int
    kind: str


class AccountChanged(Fact, frozen=True, tag="account.changed"):
    """A setting of an account is now this. `ceiling_minor` is -1 for none."""

    account_no: int
    state: str
    floor_minor: int
    ceiling_minor: int


class MemberMoved(Fact, frozen=True, tag="member"):
    """A member is in this state now."""

    code: str
    asset: str
    settlement_agent: str
    state: str


class ParticipantMoved(Fact, frozen=True, tag="participant"):
    """A participant is in this state now."""

    bic: str
    member: str
    state: str
    reason: str = ""


class ActorChanged(Fact, frozen=True, tag="actor"):
    """A person or system key may act for `owner` in these roles; `state` is active or revoked."""

    actor: str
    owner: str
    kind: str
    roles: tuple[str, ...]
    state: str
    holder: str = ""


class ApprovalMoved(Fact, frozen=True, tag="approval"):
    """A proposal is in this state now. `shown` is the SHA-256 the second person approves."""

    proposal: bytes
    state: str
    command: str
    owner: str
    maker: str
    shown: bytes
    expires_at: int
    decided_by: str = ""


class CalendarAmended(Fact, frozen=True, tag="calendar"):
    """A currency's calendar has a new revision."""

    asset: str
    revision: int
    in_force_from: int


class PackLoaded(Fact, frozen=True, tag="pack"):
    """A pack's content is known under its digest and in force from an instant."""

    kind: str
    pack_id: str
    version: str
    digest: bytes
    in_force_from: int


class RuleActivated(Fact, frozen=True, tag="rule"):
    """A rule of the release is in force from an instant."""

    rule: str
    from_at: int


class FundingMoved(Fact, frozen=True, tag="funding"):
    """Money locked outside and issued here. `funding` is the request's or advice's id."""

    funding: bytes
    participant: str
    asset: str
    amount_minor: int
    state: str
    reason: str = ""
    bundle_id: bytes = b""


class RedemptionMoved(Fact, frozen=True, tag="redemption"):
    """Money given back to the outside."""

    redemption: bytes
    participant: str
    asset: str
    amount_minor: int
    state: str
    reason: str = ""
    bundle_id: bytes = b""


class LimitSet(Fact, frozen=True, tag="limit"):
    """An owner's own limit has this cap now."""

    limit_no: int
    owner: str
    kind: str
    asset: str
    cap_minor: int
    other: str


class ReserveStated(Fact, frozen=True, tag="reserve"):
    """A reserve account outside was compared with what is issued here; `unlike` are what does not fit."""

    asset: str
    statement: str
    until_at: int
    closing_minor: int
    issued_minor: int
    agreed: bool
    unlike: tuple[tuple[str, str, int, int], ...]
    """(why, reference, ours_minor, theirs_minor)"""


class ReserveCleared(Fact, frozen=True, tag="reserve.cleared"):
    """Two people have ruled on what did not fit in a currency; it is issued again."""

    asset: str
    count: int
    reason: str


class SheetPut(Fact, frozen=True, tag="sheet"):
    """A provider's standing offer for one pair; `valid_until` equal to now or before means withdrawn."""

    provider: str
    sell: str
    buy: str
    version: int
    valid_from: int
    valid_until: int


class QuoteGiven(Fact, frozen=True, tag="quote"):
    """A firm quote. The ratio is target minor units per source minor unit."""

    quote_id: bytes
    rank: int
    debtor_agent: str
    providers: tuple[str, ...]
    source: str
    target: str
    source_minor: int
    target_minor: int
    num: int
    den: int
    fees: tuple[tuple[str, str, str, int], ...]
    """(what, keeper, asset, amount_minor)"""
    disclosure: bytes
    issued_at: int
    expires_at: int
    lock_until: int
    debit_minor: int = 0
    payee_minor: int = 0
    hops: tuple[tuple[str, str, str, int, int, int, int], ...] = ()
    """(provider, sold asset, bought asset, sold minor, bought minor, num, den)"""
    reference: tuple[int, int, str, int] = (0, 1, "", 0)
    """(num, den, source, at); num 0 where none is known"""
    margin_bp: int = 0
    earliest_at: int = 0
    latest_at: int = 0
    hint: tuple[int, int] = (0, 0)
    """(source minor, target minor) of a smaller amount that would buy more"""


class QuoteEnded(Fact, frozen=True, tag="quote.ended"):
    """A quote is over: used, expired or withdrawn."""

    quote_id: bytes
    how: str


class PaymentEntered(Fact, frozen=True, tag="payment"):
    """A payment is known from here on. What its first command did beyond this state follows as PaymentMoved."""

    uetr: bytes
    kind: int
    service: int
    debtor_agent: str
    creditor_agent: str
    source: str
    source_minor: int
    target: str
    target_minor: int
    settlement_on: int
    state: int
    refusal: int
    providers: tuple[str, ...]
    quote_id: bytes
    message_digest: bytes
    party_digest: bytes
    ordinal: int
    bundle_id: bytes = b""
    debit_minor: int = 0
    payee_minor: int = 0
    num: int = 1
    den: int = 1
    fees: tuple[tuple[str, str, str, int], ...] = ()
    """(what, keeper, asset, amount_minor)"""
    waits: int = 0
    """0 nothing, 1 its payer's money, 2 a provider's money, 3 opening hours, 4 consent to a new quote"""
    not_before_at: int = 0
    screening: int = 0
    """0: not configured"""
    split: int = 0
    """whether parts of it may settle: 0 no, 1 yes, 2 not above its currency's cap, 3 not lawful here"""
    priority: int = 2
    """0 urgent, 1 high, 2 normal: its class in its payer's queue"""
    reason: int = 0
    """number of the rule that keeps it in its queue"""


class PaymentPriced(Fact, frozen=True, tag="payment.priced"):
    """A payment that waits has new amounts: the first quote died and another was taken."""

    uetr: bytes
    source_minor: int
    target_minor: int
    debit_minor: int
    payee_minor: int
    num: int
    den: int
    providers: tuple[str, ...]
    fees: tuple[tuple[str, str, str, int], ...]
    quote_id: bytes = b""


class PaymentWaits(Fact, frozen=True, tag="payment.waits"):
    """A queued payment waits for something else than before, or for another date."""

    uetr: bytes
    waits: int
    not_before_at: int
    settlement_on: int
    reason: int = 0
    """number of the rule that keeps it in its queue"""


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


class CancelAsked(Fact, frozen=True, tag="payment.cancel_asked"):
    """The sender of an offered payment wants it back; its creditor agent's answer or silence decides."""

    uetr: bytes
    reason: str


class CreditsLate(Fact, frozen=True, tag="credits.late"):
    """A creditor agent has not reported in time that the payees of these settled payments are credited."""

    creditor_agent: str
    uetrs: tuple[bytes, ...]


class PaymentMoved(Fact, frozen=True, tag="payment.moved"):
    """A payment went from one state to the next. States are the P-numbers of the payments spec.

    Detail of PART_SETTLED, and of SETTLED_NOW where it is the last part: number of the part, its amount, what has
    settled in all, what is open. Of CLOSED_PARTLY: what settled, what is given up, the reason.
    """

    uetr: bytes
    before: int
    event: str
    after: int
    refusal: int = 0
    bundle_id: bytes = b""
    detail: tuple[int | str, ...] = ()


class PaymentsSettled(Fact, frozen=True, tag="payments"):
    """Many queued payments settled whole in one bundle.

    It stands for a `PaymentMoved` of each and for the two notices of each: `settled_rows.py` gives them.
    """

    bundle_id: bytes
    names: tuple[str, ...]
    rows: bytes


class PaymentStands(Fact, frozen=True, tag="payment.stands"):
    """The answer to a repeat: where the payment is. Changes nothing."""

    uetr: bytes
    state: int
    refusal: int
    source_minor: int
    target_minor: int
    settled_minor: int = 0
    """what has settled in parts, where it is not the whole"""


class TradeMoved(Fact, frozen=True, tag="fx_trade"):
    """A foreign exchange trade between two owners is in this state now."""

    trade: bytes
    first: str
    second: str
    first_pays: str
    first_minor: int
    second_pays: str
    second_minor: int
    value_on: int
    state: str
    bundle_id: bytes = b""
    refusal: int = 0


class RatePut(Fact, frozen=True, tag="rate"):
    """A reference rate was published, or confirmed: minor units of `quote` per minor unit of `base`.

    `flags` are its bits; `marks` what it is flagged with from now on (STALE, DUAL, JUMP, SINGLE_SOURCE).
    """

    base: str
    quote: str
    num: int
    den: int
    source: str
    at: int
    kind: str
    flags: int
    marks: tuple[str, ...]
    confirmed: bool = False


class DayEnded(Fact, frozen=True, tag="day"):
    """A business day of a currency is over: each account with its statement number and closing balance."""

    asset: str
    on: int
    closed_at: int
    statements: tuple[tuple[int, int, int], ...]
    """(account_no, statement number, closing balance in minor units)"""


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
    """The most that any rule could have settled; empty where no certificate says"""
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
    participants: tuple[tuple[str, str, int, int, int], ...]
    """(participant, asset, paid, received, left queued)"""
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
    submitted_minor: int
    settled: int
    settled_minor: int
    mean_wait: int
    own_day_minor: int
    early: tuple[int, ...]
    missed: int
    published: bool
    ranks: int
    fee_minor: int
    entry_fee_minor: int
    saved_minor: int
    due_minor: int
    bundle_id: bytes


class SurplusOffered(Fact, frozen=True, tag="surplus"):
    """A holder would place so much of a currency for another beyond what it keeps; 0: no longer."""

    owner: str
    held: str
    wanted: str
    amount_minor: int
    keep_minor: int


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


class SettingChanged(Fact, frozen=True, tag="setting"):
    """A participant's, member's or node's own setting is now this text or number."""

    owner: str
    name: str
    value: Raw


FACTS = (
    AssetOpened, AccountOpened, AccountChanged, MemberMoved, ParticipantMoved, ActorChanged, ApprovalMoved,
    CalendarAmended, PackLoaded, RuleActivated, FundingMoved, RedemptionMoved, ReserveStated,
    ReserveCleared, LimitSet, SheetPut, QuoteGiven,
    QuoteEnded, PaymentEntered, PaymentPriced, PaymentWaits, QueueChanged, OwnLimitSet,
    FundsReserved, HoldingCapSet, CancelAsked, CreditsLate, PaymentMoved, PaymentsSettled, PaymentStands,
    TradeMoved, RatePut, DayEnded, SettingChanged, BatchRequested, BatchReported, PoolChosen,
    FxOrderMoved, FxFilled, FxBatchOver,
    CreditLineSet, CreditUsed, CreditInterest, CreditCaseMoved,
    CycleMoved, CyclePlanned, CyclePaid, CycleReported, CycleScheduled,
    ClaimMoved, ClaimSetOff, PaceJudged, SurplusOffered, RingMoved,
)  # fmt: skip

AnyFact = Union[  # noqa: UP007
    AssetOpened, AccountOpened, AccountChanged, MemberMoved, ParticipantMoved, ActorChanged, ApprovalMoved,
    CalendarAmended, PackLoaded, RuleActivated, FundingMoved, RedemptionMoved, ReserveStated,
    ReserveCleared, LimitSet, SheetPut, QuoteGiven,
    QuoteEnded, PaymentEntered, PaymentPriced, PaymentWaits, QueueChanged, OwnLimitSet,
    FundsReserved, HoldingCapSet, CancelAsked, CreditsLate, PaymentMoved, PaymentsSettled, PaymentStands,
    TradeMoved, RatePut, DayEnded, SettingChanged, BatchRequested, BatchReported, PoolChosen,
    FxOrderMoved, FxFilled, FxBatchOver,
    CreditLineSet, CreditUsed, CreditInterest, CreditCaseMoved,
    CycleMoved, CyclePlanned, CyclePaid, CycleReported, CycleScheduled,
    ClaimMoved, ClaimSetOff, PaceJudged, SurplusOffered, RingMoved,
]  # fmt: skip

decode_fact = msgspec.msgpack.Decoder(AnyFact).decode
