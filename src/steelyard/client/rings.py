"""The shapes of surplus offers and of the rings they make."""

from typing import Literal

from steelyard.client.acts import Decimal
from steelyard.client.types import Amount, Asked, AssetCode, Money, Told


class SurplusAsked(Asked):
    """Place at most so much of a currency for another, beyond what one keeps; an amount of 0: no longer."""

    amount: Money
    wanted: AssetCode
    keep: Decimal = "0"


class SurplusOffer(Told):
    """What a holder would place for another currency, beyond what it keeps."""

    participant: str
    amount: Amount
    wanted: str
    keep: Amount


class RingStanding(Told):
    """How a holder answers rings. `lapses` counts the matches of which rings have lapsed by it; `last` is the newest.

    Until `rests_until_at`, where that is yet to come, its offers stand and are not matched.
    """

    participant: str
    lapses: int
    last: Literal["declined", "expired", "refused"]
    ring_id: str
    lapsed_at: str
    rests_until_at: str | None


class RingSwap(Told):
    """One holder's part in a ring."""

    holder: str
    gives: Amount
    gets: Amount
    consents: bool


class RingOfSwaps(Told):
    """A ring as it stands. `sentence` says what each gives and gets."""

    ring_id: str
    sentence: str
    swaps: list[RingSwap]
    state: Literal["open", "settled", "declined", "expired", "refused"]
    refusal: str | None
    bundle_id: str | None
    expires_at: str
    proposed_at: str
    changed_at: str
