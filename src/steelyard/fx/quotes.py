"""Firm quotes: what a payment in two currencies costs, by whom, and until when.

A quote is single use and belongs to the debtor agent that asked. It has two clocks: a payment must be
accepted before `expires_at`; once accepted the rate stays good until `lock_until`.
"""

from enum import StrEnum

from msgspec import Struct

from steelyard.values.instants import Instant


class Hop(Struct, array_like=True, frozen=True, gc=False):
    """One exchange: the provider takes `sold_minor` of one asset and pays `bought_minor` of the other."""

    provider: str
    sell: str
    buy: str
    sold_minor: int
    bought_minor: int
    num: int
    den: int
    rounding: int
    sheet_version: int
    firm: bytes = b""
    """Bundle that reserves the bought money for the quote; empty where only a soft claim counts"""


class Fee(Struct, array_like=True, frozen=True, gc=False):
    """One fee of a payment, computed: what for, who keeps it, how much, out of whose pocket.

    `taken` is "on_top" of what the payer sends, "from_amount" of it, or "from_payee". A booked fee is a leg
    of its own; another is only shown.
    """

    what: str
    keeper: str
    asset: str
    amount_minor: int
    taken: str
    booked: bool


class Quote(Struct, array_like=True, frozen=True, gc=False):
    """A firm quote. The ratio num / den is target minor units per source minor unit that is exchanged.

    `source_minor` is the amount before fees are taken from it and, like `target_minor`, what the payment's
    message names; `debit_minor` leaves the debtor agent in all, `payee_minor` is left for the payee.
    """

    quote_id: bytes
    rank: int
    debtor_agent: str
    creditor_agent: str
    source: str
    target: str
    fixed_send: bool
    debit_minor: int
    source_minor: int
    target_minor: int
    payee_minor: int
    num: int
    den: int
    hops: tuple[Hop, ...]
    fees: tuple[Fee, ...]
    disclosure: bytes
    issued_at: Instant
    expires_at: Instant
    lock_until: Instant
    service: int
    bearer: int
    kind: int = 0

    @property
    def providers(self) -> tuple[str, ...]:
        """Who exchanges, in the order in which the money runs."""
        return tuple([hop.provider for hop in self.hops])


class Ending(StrEnum):
    """How a quote came to its end; the text stands in facts."""

    USED = "used"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
