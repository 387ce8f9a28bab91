"""The rulebook's parameters: every figure that an operator may set, with the default to start from.

A version is a pack of kind "rulebook"; its content is the canonical msgpack of the figures it changes, so a
figure that it does not name keeps its default. Times are in ms, rates in basis points, amounts in minor units
by currency. Each decision keeps the version it used.
"""

import msgspec
from msgspec import Struct, field


class FeeLine(Struct, array_like=True, frozen=True):
    """One line of the fee table, as the payments read it (`payments/fees.py: FeeRow`, same fields)."""

    what: str
    side: str
    keeper: str = ""
    asset: str = ""
    fixed_minor: int = 0
    bp: int = 0
    min_minor: int = 0
    max_minor: int = 0
    taken: str = "on_top"
    booked: bool = True


class Rulebook(Struct, frozen=True, forbid_unknown_fields=True):
    """The figures. Pairs are (STANDARD, INSTANT)."""

    version: str = "0"

    approval_ms: int = 1_800_000
    """how long a proposal waits for its second person"""
    horizon_days: int = 10
    calendar_two_people_days: int = 2
    """a calendar revision that comes into force sooner takes two people"""
    calendar_days_min: int = 11
    """how many days from now a revision must at least reach"""
    raise_delay_ms: int = 0
    """how long after its approval a raised limit counts"""

    redeem_overdue_ms: int = 1_800_000
    """how long inside RTGS hours a pay-out may stay unanswered"""
    redeem_query_ms: int = 600_000
    suspension_step: int = 2_000
    residual_cap_minor: int = 10_000

    scheme_cap_minor: dict[str, int] = field(default_factory=dict)
    """the largest single payment by currency; none where no entry stands"""
    fees: tuple[FeeLine, ...] = ()

    sheet_ttl_ms: int = 600_000
    sheet_lock_ms: int = 900_000
    rate_band_bp: int = 1_000
    reference_age_ms: int = 86_400_000
    live_answer_ms: int = 2_000
    path_bp: int = 5
    quotes_max: int = 10
    requote_ms: int = 3_600_000

    queue_instant_ms: int = 5_000
    final_instant_ms: int = 30_000
    screening_ms: tuple[int, int] = (5_000, 500)
    reserve_ms: tuple[int, int] = (10_000, 2_000)
    offer_ms: tuple[int, int] = (60_000, 20_000)
    chain_ms: tuple[int, int] = (90_000, 25_000)
    credited_ms: tuple[int, int] = (7_200_000, 10_000)
    credited_days: int = 2
    unposted_days: int = 2
    grace_ms: int = 90_000
    message_age_ms: int = 172_800_000
    memory_days: int = 20
    memory_payments: int = 2_000_000

    recall_due_days: int = 10
    recall_days: int = 10
    recall_fraud_days: int = 396
    return_fee_cap_minor: int = 2_500
    account_checks_missed_max: int = 100
    holding_warning_bp: int = 8_000


DEFAULT = Rulebook()
KIND = "rulebook"
_decode = msgspec.msgpack.Decoder(Rulebook).decode


def content_of(figures: dict[str, object]) -> bytes:
    """Give the canonical content of a rulebook pack; raises msgspec.ValidationError on a figure unknown.

    >>> read(content_of({"version": "2", "horizon_days": 5})).horizon_days
    5
    """
    msgspec.convert(figures, Rulebook)
    return msgspec.msgpack.encode(figures, order="deterministic")


def read(content: bytes) -> Rulebook:
    """Read a pack's content; raises msgspec.MsgspecError on anything that is none."""
    return _decode(content)


def is_sound(book: Rulebook) -> bool:
    """Tell whether the figures can be worked with: no time negative or nothing where it must be some."""
    positive = (
        book.approval_ms, book.horizon_days, book.calendar_days_min, book.redeem_overdue_ms, book.redeem_query_ms,
        book.suspension_step, book.sheet_ttl_ms, book.sheet_lock_ms, book.quotes_max, book.queue_instant_ms,
        book.final_instant_ms, *book.screening_ms, *book.reserve_ms, *book.offer_ms, *book.chain_ms,
        *book.credited_ms, book.message_age_ms, book.memory_days,
    )  # fmt: skip
    not_negative = (
        book.raise_delay_ms, book.residual_cap_minor, book.rate_band_bp, book.path_bp, book.requote_ms,
        book.grace_ms, book.credited_days, book.unposted_days, *book.scheme_cap_minor.values(),
    )  # fmt: skip
    return (
        all(figure > 0 for figure in positive)
        and all(figure >= 0 for figure in not_negative)
        and book.memory_payments >= 1_000_000
    )
