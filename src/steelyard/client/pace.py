"""The shapes of throughput rules: what a currency expects of its payers' days, and what followed."""

from typing import Annotated

from msgspec import Meta, field

from steelyard.client.acts import Decimal
from steelyard.client.cycles import ClockText
from steelyard.client.types import Amount, Asked, Told

Share = Annotated[int, Meta(ge=0, le=10_000)]
TWELVE = Meta(max_length=12)


class PaceCheckpoint(Asked):
    """By this time (UTC) of the settlement date this share of a payer's own day value has been sent in."""

    by: ClockText
    share_bp: Share


class PaceStep(Asked):
    """What follows from so many missed checkpoints on: figures published, a fee, ranks lost in pools."""

    missed_from: Annotated[int, Meta(ge=1, le=12)]
    publish: bool = False
    fee: Decimal = "0"
    ranks: Annotated[int, Meta(ge=0, le=1_000)] = 0


class PaceDiscount(Asked):
    """Payments that come in before this time save this share of the entry fee."""

    before: ClockText
    share_bp: Share


class PaceRuleAsked(Asked):
    """A currency's throughput rule, all of it anew; `on` false: it has none any more."""

    on: bool = True
    checkpoints: Annotated[list[PaceCheckpoint], TWELVE] = field(
        default_factory=lambda: [
            PaceCheckpoint(by="10:00", share_bp=3_000),
            PaceCheckpoint(by="13:00", share_bp=6_000),
            PaceCheckpoint(by="16:00", share_bp=8_500),
        ]
    )
    steps: Annotated[list[PaceStep], TWELVE] = []
    entry_fee: Decimal = "0"
    discounts: Annotated[list[PaceDiscount], TWELVE] = []


class PaceRuleStep(Told):
    """A step of a rule that stands."""

    missed_from: int
    publish: bool
    fee: Amount
    ranks: int


class PaceRuleShare(Told):
    """A checkpoint or a discount of a rule that stands: a time (UTC) and a share."""

    at: str
    share_bp: int


class PaceRule(Told):
    """A currency's throughput rule as it stands."""

    currency: str
    on: bool
    checkpoints: list[PaceRuleShare]
    steps: list[PaceRuleStep]
    entry_fee: Amount | None
    discounts: list[PaceRuleShare]


class PaceDay(Told):
    """What the end of a date said of a payer. `early` is what had come in by each checkpoint.

    `due` is the step's fee, entry fees less what early payments saved, and what was owed before; without
    `bundle_id` it is still owed.
    """

    participant: str
    currency: str
    on: str
    submitted_count: int
    submitted: Amount
    settled_count: int
    settled: Amount
    mean_wait_ms: int
    own_day: Amount
    early: list[Amount]
    missed: int
    published: bool
    ranks: int
    fee: Amount
    entry_fee: Amount
    saved: Amount
    due: Amount
    bundle_id: str | None
