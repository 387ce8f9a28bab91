"""The section `payments` of a rulebook: every figure about payments and quotes, with its default.

Times are in ms, shares in basis points, amounts in minor units by currency; pairs are (STANDARD, INSTANT).
Whoever brings a rulebook into force reads it with `read` first, so that a broken one never comes into force.
"""

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct

from steelyard.payments.clocks import Clocks
from steelyard.payments.fees import FeeRow

MS = 1_000_000
TIME_MAX_MS = 400 * 86_400_000
FEES_MAX, FEE_MAX_MINOR = 32, 10**15
QUOTES_MAX, DAYS_MAX, PAYMENTS_MAX, OPEN_MAX = 100, 400, 1_000_000_000, 1_000_000
WHOLE_BP = 10_000
COUNTS = ("quotes_open_max", "live_max", "trades_max")
"""What no figure may pass, so that every instant and sum made of them can be written down."""


class FeeLine(Struct, frozen=True, forbid_unknown_fields=True):
    """A line of the fee table as a pack writes it, by names; `FeeRow` says what they mean."""

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


class PaymentRules(Struct, frozen=True, forbid_unknown_fields=True):
    """The figures of one version."""

    scheme_cap_minor: dict[str, int] = {}
    """the largest single payment by currency; none where no entry stands"""
    fees: tuple[FeeLine, ...] = ()

    sheet_ttl_ms: int = 600_000
    sheet_lock_ms: int = 900_000
    rate_band_bp: int = 1_000
    """how far a sheet may lie from a fresh reference rate"""
    reference_age_ms: int = 86_400_000
    """how old a reference rate may be to count"""
    path_bp: int = 5
    """by how much a path over a third currency must beat the direct way"""
    quotes_max: int = 10
    """how many quotes answer one request"""
    quotes_open_max: int = 20_000
    """how many quotes that one participant asked for may be open"""
    live_max: int = 100_000
    """how many payments that one participant sent may be under way: queued, held, offered"""
    trades_max: int = 10_000
    """how many trades that one participant entered may be open"""
    requote_ms: int = 3_600_000
    """how long a payment whose quote died waits for its sender's consent to another"""

    queue_instant_ms: int = 5_000
    final_instant_ms: int = 30_000
    offer_ms: tuple[int, int] = (60_000, 20_000)
    chain_ms: tuple[int, int] = (90_000, 25_000)
    credited_ms: tuple[int, int] = (7_200_000, 10_000)
    unposted_days: int = 2
    message_age_ms: int = 172_800_000
    memory_payments: int = 2_000_000

    def clocks(self) -> Clocks:
        """Give the clocks in nanoseconds."""
        return Clocks(
            queue_instant=self.queue_instant_ms * MS,
            final_instant=self.final_instant_ms * MS,
            offer=(self.offer_ms[0] * MS, self.offer_ms[1] * MS),
            chain=(self.chain_ms[0] * MS, self.chain_ms[1] * MS),
            credited=(self.credited_ms[0] * MS, self.credited_ms[1] * MS),
            requote=self.requote_ms * MS,
            unposted_days=self.unposted_days,
            message_age=self.message_age_ms * MS,
        )

    def fee_rows(self) -> tuple[FeeRow, ...]:
        """Give the fee table as it is computed with."""
        return tuple(FeeRow(*msgspec.structs.astuple(line)) for line in self.fees)


def read(section: Mapping[str, Any]) -> PaymentRules:
    """Read the section; raises msgspec.ValidationError on a name unknown or a figure that cannot be worked with.

    >>> read({"path_bp": 10, "fees": [{"what": "scheme", "side": "payer", "fixed_minor": 500}]}).path_bp
    10
    """
    rules = msgspec.convert(section, PaymentRules)
    fault = _fault(rules)
    if fault:
        raise msgspec.ValidationError(fault)
    return rules


def _fault(rules: PaymentRules) -> str:
    """Name the first figure that cannot be worked with, or nothing."""
    some = (
        "sheet_ttl_ms", "sheet_lock_ms", "reference_age_ms", "quotes_max", "requote_ms", "queue_instant_ms",
        "final_instant_ms", "message_age_ms", *COUNTS,
    )  # fmt: skip
    for name in some:
        if getattr(rules, name) <= 0:
            return f"{name} is more than zero"
    for name in ("offer_ms", "chain_ms", "credited_ms"):
        if min(getattr(rules, name)) <= 0:
            return f"{name} are more than zero"
    if min(rules.rate_band_bp, rules.path_bp, rules.unposted_days, *rules.scheme_cap_minor.values(), 0) < 0:
        return "no figure is below zero"
    if rules.memory_payments < 1_000_000:
        return "the payment memory holds at least 1,000,000 payments"
    if max(rules.quotes_open_max, rules.live_max, rules.trades_max) > OPEN_MAX:
        return "open quotes, payments and trades have their bounds"
    times = (*(getattr(rules, name) for name in some if name not in (*COUNTS, "quotes_max")), *rules.offer_ms,
             *rules.chain_ms, *rules.credited_ms)  # fmt: skip
    if max(times) > TIME_MAX_MS or rules.unposted_days > DAYS_MAX:
        return "no time is longer than 400 days"
    shares = max(rules.rate_band_bp, rules.path_bp) > 100 * WHOLE_BP
    if shares or rules.quotes_max > QUOTES_MAX or rules.memory_payments > PAYMENTS_MAX:
        return "shares, quotes and remembered payments have their bounds"
    if len(rules.fees) > FEES_MAX or any(
        sum(line.bp for line in rules.fees if line.side == side) > WHOLE_BP for side in ("payer", "payee")
    ):
        return "the fees of a side are at most 32 lines and together at most the whole amount"
    for line in rules.fees:
        if max(line.fixed_minor, line.min_minor, line.max_minor) > FEE_MAX_MINOR:
            return "a fixed fee has its bound"
        if line.side not in ("payer", "payee") or line.taken not in ("on_top", "from_amount"):
            return "a fee is the payer's or the payee's, on top or from the amount"
        if min(line.fixed_minor, line.bp, line.min_minor, line.max_minor) < 0 or line.bp > 10_000:
            return "a fee is not negative and at most the whole amount"
    return ""
