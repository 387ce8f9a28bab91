"""Why the engine said no. Order is precedence: over all legs of a bundle the lowest code wins, then the
lowest leg.

`LIQUIDITY_IS_SHORT` stands last, so that a bundle is queued only if money is all it lacks. Codes are stable
and never reused. Each has a heading in `docs/reference/refusals-engine.md` and a test named after it.
"""

from steelyard.values.refusal import Refusal as Base


class Refusal(Base):
    """Refusals of bundles and of what is done with reservations."""

    ID_IS_ZERO = 10, "ids are non-zero"
    ID_IS_TOO_OLD = 11, "the time in an id is after the idempotency horizon"
    ID_IS_FROM_THE_FUTURE = 12, "the time in an id is at most five minutes ahead of sequencer time"
    ID_REUSED_WITH_OTHER_CONTENT = 13, "the same id comes with the same content"
    SENDER_HAS_NO_RIGHT = 14, "the sender may give this command"
    BUNDLE_IS_EMPTY = 20, "a bundle has at least one leg"
    BUNDLE_HAS_TOO_MANY_LEGS = 21, "a bundle has at most 100,000 legs"
    LEG_AMOUNT_MUST_BE_POSITIVE = 22, "every leg moves more than zero minor units"
    LEG_AMOUNT_IS_TOO_LARGE = 23, "every leg moves less than 10^18 minor units"
    CONVERTED_AMOUNT_IS_ZERO = 24, "a conversion gives more than zero minor units"
    LEG_ACCOUNTS_MUST_DIFFER = 25, "source and target of a leg are two accounts"
    ACCOUNT_NOT_FOUND = 30, "every account named exists"
    ASSET_IS_CLOSED = 31, "the asset of a leg is open"
    ASSETS_MUST_MATCH = 32, "both accounts of a leg hold the leg's asset"
    ISSUER_ACCOUNT_NEEDS_ITS_ISSUER = 33, "only its issuer touches an issuer account"
    ACCOUNT_NEEDS_OTHER_AUTHORITY = 34, "the account's kind says on whose authority it moves"
    LEGS_ARE_OVER_THE_OWNERS_LINE = (
        35,
        "what a batch gives to others in one bundle stays below its owner's line",
    )
    ACCOUNT_IS_CLOSED = 40, "no closed account moves"
    ACCOUNT_DEBITS_ARE_BLOCKED = 41, "no debit leaves an account whose debits are blocked"
    ACCOUNT_CREDITS_ARE_BLOCKED = 42, "no credit enters an account whose credits are blocked"
    OWNER_MAY_NOT_RECEIVE = 43, "no leg of a batch goes to an owner that may not receive"
    ORIGINAL_NOT_FOUND = 50, "the bundle that is named is known"
    ORIGINAL_IS_NOT_A_RESERVATION = 51, "only a reservation is settled, released or pinned"
    RESERVATION_IS_SETTLED = 52, "a settled reservation stays settled"
    RESERVATION_IS_RELEASED = 53, "a released reservation stays released"
    RESERVATION_HAS_EXPIRED = 54, "a reservation is touched before its deadline"
    RESERVATION_IS_FROZEN = 55, "no freeze order covers an account of the reservation"
    SETTLE_EXCEEDS_RESERVED = 56, "at most what was reserved is settled, leg by leg"
    REVERSAL_EXCEEDS_ORIGINAL = 57, "at most what was moved is reversed, leg by leg, over all reversals"
    DEADLINE_HAS_PASSED = 60, "a deadline lies in the future"
    ASSERTION_DOES_NOT_HOLD = 61, "versions and end balances are as the bundle asserts"
    TRANSIT_MUST_END_AT_ZERO = 62, "a transit account is empty at the end of every bundle"
    CEILING_WOULD_BE_EXCEEDED = 70, "no account rises above its ceiling"
    ISSUANCE_CAP_WOULD_BE_EXCEEDED = 71, "an issuer issues at most its cap"
    RESIDUAL_CAP_WOULD_BE_EXCEEDED = 72, "what roundings leave stays within the residual cap"
    LIMIT_WOULD_BE_EXCEEDED = 73, "no net debit, pair or flow limit is passed"
    COUNTER_WOULD_OVERFLOW = 74, "no counter passes 2^127 - 1"
    STATE_IS_FULL = 75, "open reservations stay within their bound"
    OWNER_RESERVES_TOO_MUCH = 76, "what an owner has reserved by hand or in batches stays within its bound"
    LIQUIDITY_IS_SHORT = 80, "an account has what leaves it; the bundle may queue"


class SettingRefusal(Base):
    """Refusals of opening and changing assets, accounts and limits."""

    ASSET_CODE_IS_MALFORMED = 100, "an asset code is 1 to 32 of A-Z, 0-9, dot and hyphen"
    ASSET_CODE_IS_TAKEN = 101, "an asset code is given once"
    SCALE_IS_OUT_OF_RANGE = 102, "a scale is 0 to 9 digits"
    SCALE_CANNOT_CHANGE = 103, "a new scale is a new asset"
    ASSET_IS_NOT_EMPTY = 104, "an asset closes when its accounts are empty"
    ACCOUNT_NAME_IS_MALFORMED = 110, "a name is owner/ASSET or owner/ASSET/purpose, in ASCII"
    ACCOUNT_NAME_IS_TAKEN = 111, "a name is given once, whatever its case"
    ACCOUNTS_ARE_FULL = 112, "accounts stay within their bound"
    FLOOR_MUST_NOT_BE_POSITIVE = 113, "a floor is zero or below"
    KIND_ALLOWS_NO_FLOOR = 114, "only settlement and fx accounts may go below zero"
    CEILING_IS_BELOW_FLOOR = 115, "a ceiling is not below its floor, nor an issuer's below zero"
    BOUND_IS_TOO_LARGE = 116, "floors, ceilings and caps lie within 2^127 - 1"
    OWNER_IS_NOT_THE_ISSUER = 117, "an issuer account belongs to the issuer of its asset"
    ACCOUNT_IS_NOT_EMPTY = 118, "an account closes at balance zero without open reservations"
    TWO_PEOPLE_NEEDED = 119, "two people widen a line or a cap and lift a freeze"
    LIMIT_NOT_FOUND = 130, "every limit named exists"
    LIMIT_CAP_MUST_NOT_BE_NEGATIVE = 131, "a limit's cap is zero or above"
    LIMIT_ASSET_DIFFERS = 132, "a limit counts one asset"
    LIMIT_OWNER_DIFFERS = 133, "a pair limit is attached to accounts of its first owner"
    LIMIT_HAS_NO_WINDOW = 134, "a net debit limit counts balances and is never reset"
    LIMIT_IS_ATTACHED = 135, "a limit is attached to an account once"


BY_CODE: dict[int, Refusal] = {refusal.code: refusal for refusal in Refusal}
"""The refusal of a number, for what travels as numbers (packed outcomes, journal)."""
