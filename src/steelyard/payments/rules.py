"""What the rulebook says about payments and quotes, as figures; missing ones have the project's defaults."""

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct

from steelyard.payments.clocks import Clocks
from steelyard.payments.fees import FeeRow
from steelyard.values.instants import DAY, HOUR


class PaymentRules(Struct, frozen=True):
    """The section `payments` of a rulebook. Durations in ms, shares in basis points, amounts in minor units."""

    queue_instant_ms: int = 5_000
    final_instant_ms: int = 30_000
    offer_standard_ms: int = 60_000
    offer_instant_ms: int = 20_000
    chain_standard_ms: int = 90_000
    chain_instant_ms: int = 25_000
    credited_standard_ms: int = 2 * HOUR // 1_000_000
    credited_instant_ms: int = 10_000
    requote_ms: int = HOUR // 1_000_000
    unposted_days: int = 2
    message_age_days: int = 2
    memory_payments: int = 2_000_000
    scheme_limit_minor: dict[str, int] = {}
    system_cap_minor: dict[str, int] = {}
    fee: tuple[FeeRow, ...] = ()
    path_bp: int = 5
    band_bp: int = 1_000
    reference_age_hours: int = 24
    requote_tolerance_bp: int = 0

    def clocks(self) -> Clocks:
        """Give the clocks in nanoseconds."""
        ms = 1_000_000
        return Clocks(
            queue_instant=self.queue_instant_ms * ms,
            final_instant=self.final_instant_ms * ms,
            offer=(self.offer_standard_ms * ms, self.offer_instant_ms * ms),
            chain=(self.chain_standard_ms * ms, self.chain_instant_ms * ms),
            credited=(self.credited_standard_ms * ms, self.credited_instant_ms * ms),
            requote=self.requote_ms * ms,
            unposted_days=self.unposted_days,
            message_age=self.message_age_days * DAY,
        )


def read(section: Mapping[str, Any]) -> PaymentRules:
    """Read the section of a rulebook; raises msgspec.ValidationError where a figure is of the wrong kind."""
    rows = tuple(msgspec.convert(row, _Row).row() for row in section.get("fee", ()))
    rest = {key: value for key, value in section.items() if key != "fee"}
    return msgspec.structs.replace(msgspec.convert(rest, PaymentRules), fee=rows)


class _Row(Struct, frozen=True, forbid_unknown_fields=True):
    """A fee as a pack writes it: by names."""

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

    def row(self) -> FeeRow:
        """Give the row that fees are computed from."""
        return FeeRow(*[getattr(self, name) for name in FeeRow.__struct_fields__])
