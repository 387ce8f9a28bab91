"""The rulebook: every figure that an operator may set, in sections, each with the default to start from.

A version is a pack of kind "rulebook"; its content is the canonical msgpack of the figures it changes, so a
figure that it does not name keeps its default. The section `members` is read here, the others by those whom
they concern (`payments/rules.py` reads `payments`). Times are in ms, amounts in minor units.
"""

from typing import Any

import msgspec
from msgspec import Struct, field

Section = dict[str, Any]


class MemberRules(Struct, frozen=True, forbid_unknown_fields=True):
    """The section `members`: approvals, calendars, money in and out, suspension."""

    approval_ms: int = 1_800_000
    """how long a proposal waits for its second person"""
    horizon_days: int = 10
    """how far ahead a window is looked for"""
    calendar_two_people_days: int = 2
    """a calendar revision that comes into force sooner takes two people"""
    calendar_days_min: int = 11
    """how many days from now a revision must at least reach"""
    redeem_overdue_ms: int = 1_800_000
    """how long inside RTGS hours a pay-out may stay unanswered"""
    redeem_query_ms: int = 600_000
    """how long after that until the RTGS is asked, again and again"""
    suspension_step: int = 2_000
    """how many waiting payments are looked at in one go when a participant is suspended or a calendar changes"""
    residual_cap_minor: int = 10_000
    """how much roundings may leave on a residual account, either way"""
    proposals_max: int = 5_000
    """how many proposals of one owner may wait for their second person"""
    proposals_bytes_max: int = 8_388_608
    """how many bytes the commands in them may have together"""
    fundings_max: int = 1_000
    """how many requests of one participant may wait for their money to be locked outside"""
    redemptions_max: int = 1_000
    """how many redemptions of one participant may be under way"""
    reservations_max: int = 10_000
    """how many reservations that one owner made by hand or in batches may be open"""
    accounts_max: int = 20_000
    """how many accounts one owner may have had before it opens another by hand"""


class Rulebook(Struct, frozen=True, forbid_unknown_fields=True):
    """One version. A section other than `members` is a table of figures by name."""

    version: str = "0"
    members: MemberRules = field(default_factory=MemberRules)
    payments: Section = field(default_factory=dict)
    liquidity: Section = field(default_factory=dict)
    compliance: Section = field(default_factory=dict)
    market: Section = field(default_factory=dict)
    invest: Section = field(default_factory=dict)
    corridor: Section = field(default_factory=dict)


DAYS_MAX = 400
TIME_MAX_MS = DAYS_MAX * 86_400_000
STEP_MAX = 100_000
COUNT_MAX, BYTES_MAX = 1_000_000, 2**30
RESIDUAL_MAX_MINOR = 10**15
DEPTH_MAX = 16
DEFAULT = Rulebook()
KIND = "rulebook"
_decode = msgspec.msgpack.Decoder(Rulebook).decode


def content_of(figures: dict[str, Any]) -> bytes:
    """Give the canonical content of a rulebook pack; raises msgspec.ValidationError on a figure unknown.

    >>> read(content_of({"version": "2", "members": {"horizon_days": 5}})).members.horizon_days
    5
    """
    msgspec.convert(figures, Rulebook)
    return msgspec.msgpack.encode(figures, order="deterministic")


def read(content: bytes) -> Rulebook:
    """Read a pack's content; raises msgspec.MsgspecError on anything that is none."""
    return _decode(content)


def is_sound(book: Rulebook) -> bool:
    """Tell whether the figures can be worked with: times and steps above zero and in bounds, no float."""
    mine = book.members
    positive = (
        mine.approval_ms, mine.horizon_days, mine.calendar_days_min, mine.redeem_overdue_ms,
        mine.redeem_query_ms, mine.suspension_step, mine.proposals_bytes_max,
    )  # fmt: skip
    counts = (
        mine.proposals_max, mine.fundings_max, mine.redemptions_max, mine.reservations_max, mine.accounts_max
    )  # fmt: skip
    days = (mine.horizon_days, mine.calendar_days_min, mine.calendar_two_people_days)
    times = (mine.approval_ms, mine.redeem_overdue_ms, mine.redeem_query_ms)
    sections = (book.payments, book.liquidity, book.compliance, book.market, book.invest, book.corridor)
    return (
        all(figure > 0 for figure in positive)
        and mine.calendar_two_people_days >= 0
        and max(days) <= DAYS_MAX
        and max(times) <= TIME_MAX_MS
        and mine.suspension_step <= STEP_MAX
        and all(0 < figure <= COUNT_MAX for figure in counts)
        and mine.proposals_bytes_max <= BYTES_MAX
        and 0 <= mine.residual_cap_minor <= RESIDUAL_MAX_MINOR
        and all(_is_plain(section) for section in sections)
    )


def _is_plain(value: Any, depth: int = 0) -> bool:
    """Tell whether a value is made of texts, whole numbers, yes and no, lists and tables of these, not deep."""
    if depth > DEPTH_MAX:
        return False
    if isinstance(value, dict):
        return all(isinstance(key, str) and _is_plain(part, depth + 1) for key, part in value.items())
    if isinstance(value, list):
        return all(_is_plain(part, depth + 1) for part in value)
    return isinstance(value, (str, int))
