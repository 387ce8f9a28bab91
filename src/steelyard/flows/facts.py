"""The facts that outcomes record: what changed, in numbers and codes, never in names of people.

A fact is a tagged msgpack array, so that the projection, an auditor or a later release reads what
happened without running the rules again. Instants are ns since 1970 UTC, dates are days since
1970-01-01, amounts are minor units, ids are bytes. A new kind of fact is a new struct and a line in FACTS.
"""

from typing import Union

import msgspec
from msgspec import Raw

from steelyard.flows.auction_facts import AuctionAnnounced, AuctionBid, AuctionMoved, AuctionOver, SealedMoved
from steelyard.flows.clearing_facts import (
    BidPut,
    CaseMoved,
    CashConverted,
    ClaimPaid,
    ClearingJoined,
    ClearingSet,
    CollateralMoved,
    FundSized,
    GoodsBidPut,
    GoodsSold,
    LossBorne,
    MarginCalled,
    MarginCollected,
    MarginModelled,
    MarginPaid,
    MemberJudged,
    TradeCleared,
)
from steelyard.flows.corridor_facts import BillMoved, SlotMoved, VoyageMoved
from steelyard.flows.energy_facts import (
    DealMoved,
    EnergyAsked,
    EnergyBilled,
    EnergyMatched,
    IndexPut,
    SupplyMonth,
    SupplyMoved,
    SupplyYear,
)
from steelyard.flows.fact import Fact
from steelyard.flows.faulty import TermsFaulted
from steelyard.flows.forward_facts import ForwardMoved
from steelyard.flows.liquidity_facts import (
    BatchReported,
    BatchRequested,
    ClaimMoved,
    ClaimSetOff,
    CreditCaseMoved,
    CreditInterest,
    CreditLineSet,
    CreditUsed,
    CycleCut,
    CycleMoved,
    CyclePaid,
    CyclePlanned,
    CycleReported,
    CycleScheduled,
    FundsReserved,
    FxBatchOver,
    FxFilled,
    FxOrderMoved,
    HoldingCapSet,
    OwnLimitSet,
    PaceJudged,
    PoolChosen,
    QueueChanged,
    ResidualsSwept,
    RingLapsed,
    RingMoved,
    SurplusOffered,
)
from steelyard.flows.market_facts import (
    AuctionDone,
    BandsSet,
    DepthMoved,
    FirmQuoteMoved,
    GroupSet,
    Indicated,
    InstrumentListed,
    MarketTraded,
    OrderEntered,
    OrderMoved,
    OrderRefused,
    PhaseMoved,
    SeedCommitted,
    SettlementPriced,
    TradeMoneyMoved,
    TradeReversed,
    TradeSettled,
)
from steelyard.flows.price_facts import ComplaintMoved, MethodSet, OtcMoved, PricePublished
from steelyard.flows.rfq_facts import RfqAnswered, RfqMoved
from steelyard.flows.tender_facts import BidMoved, TenderEvaluated, TenderMoved
from steelyard.flows.title_facts import (
    CoverMoved,
    DeliveryMoved,
    ReceiptClassOpened,
    ReceiptMoved,
    SitePut,
    StockFound,
)
from steelyard.values.wide import Wide


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
    issued_minor: Wide
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
    statements: tuple[tuple[int, int, Wide], ...]
    """(account_no, statement number, closing balance in minor units)"""


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
    FxOrderMoved, FxFilled, FxBatchOver, ResidualsSwept,
    CreditLineSet, CreditUsed, CreditInterest, CreditCaseMoved,
    CycleMoved, CycleCut, CyclePlanned, CyclePaid, CycleReported, CycleScheduled,
    ClaimMoved, ClaimSetOff, PaceJudged, SurplusOffered, RingMoved, RingLapsed,
    SitePut, ReceiptClassOpened, StockFound, ReceiptMoved, DeliveryMoved, CoverMoved, ForwardMoved,
    VoyageMoved, SlotMoved, BillMoved,
    ClearingSet, ClearingJoined, TradeCleared, CollateralMoved, MarginModelled, MarginCalled,
    MarginCollected, MarginPaid, ClaimPaid, FundSized, CaseMoved, BidPut, LossBorne, MemberJudged, CashConverted,
    GoodsBidPut, GoodsSold,
    MethodSet, PricePublished, ComplaintMoved, OtcMoved,
    AuctionAnnounced, AuctionMoved, AuctionBid, SealedMoved, AuctionOver,
    TenderMoved, BidMoved, TenderEvaluated,
    InstrumentListed, TradeMoneyMoved, OrderEntered, OrderRefused, OrderMoved, MarketTraded, TradeReversed,
    PhaseMoved, AuctionDone, DepthMoved, Indicated, BandsSet, FirmQuoteMoved, GroupSet, SeedCommitted, SettlementPriced,
    SupplyMoved, SupplyMonth, SupplyYear, IndexPut, EnergyAsked, EnergyMatched, DealMoved, EnergyBilled,
    RfqMoved, RfqAnswered, TradeSettled, TermsFaulted,
)  # fmt: skip

AnyFact = Union[  # noqa: UP007
    AssetOpened, AccountOpened, AccountChanged, MemberMoved, ParticipantMoved, ActorChanged, ApprovalMoved,
    CalendarAmended, PackLoaded, RuleActivated, FundingMoved, RedemptionMoved, ReserveStated,
    ReserveCleared, LimitSet, SheetPut, QuoteGiven,
    QuoteEnded, PaymentEntered, PaymentPriced, PaymentWaits, QueueChanged, OwnLimitSet,
    FundsReserved, HoldingCapSet, CancelAsked, CreditsLate, PaymentMoved, PaymentsSettled, PaymentStands,
    TradeMoved, RatePut, DayEnded, SettingChanged, BatchRequested, BatchReported, PoolChosen,
    FxOrderMoved, FxFilled, FxBatchOver, ResidualsSwept,
    CreditLineSet, CreditUsed, CreditInterest, CreditCaseMoved,
    CycleMoved, CycleCut, CyclePlanned, CyclePaid, CycleReported, CycleScheduled,
    ClaimMoved, ClaimSetOff, PaceJudged, SurplusOffered, RingMoved, RingLapsed,
    SitePut, ReceiptClassOpened, StockFound, ReceiptMoved, DeliveryMoved, CoverMoved, ForwardMoved,
    VoyageMoved, SlotMoved, BillMoved,
    ClearingSet, ClearingJoined, TradeCleared, CollateralMoved, MarginModelled, MarginCalled,
    MarginCollected, MarginPaid, ClaimPaid, FundSized, CaseMoved, BidPut, LossBorne, MemberJudged, CashConverted,
    GoodsBidPut, GoodsSold,
    MethodSet, PricePublished, ComplaintMoved, OtcMoved,
    AuctionAnnounced, AuctionMoved, AuctionBid, SealedMoved, AuctionOver,
    TenderMoved, BidMoved, TenderEvaluated,
    InstrumentListed, TradeMoneyMoved, OrderEntered, OrderRefused, OrderMoved, MarketTraded, TradeReversed,
    PhaseMoved, AuctionDone, DepthMoved, Indicated, BandsSet, FirmQuoteMoved, GroupSet, SeedCommitted, SettlementPriced,
    SupplyMoved, SupplyMonth, SupplyYear, IndexPut, EnergyAsked, EnergyMatched, DealMoved, EnergyBilled,
    RfqMoved, RfqAnswered, TradeSettled, TermsFaulted,
]  # fmt: skip

_decode_fact = msgspec.msgpack.Decoder(AnyFact).decode
_decode_wide_fact = msgspec.msgpack.Decoder(AnyFact, strict=False).decode


def decode_fact(data: bytes | msgspec.Raw) -> AnyFact:
    """Read a fact, its sums beyond 64 bits from their decimal text too."""
    try:
        found: AnyFact = _decode_fact(data)
    except msgspec.ValidationError:
        found = _decode_wide_fact(data)
    return found
