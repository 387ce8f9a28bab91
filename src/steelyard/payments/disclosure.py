"""What a payer is told before it consents: every amount, every fee, the rate beside a reference, the times.

The SHA-256 of it stands in the quote and may stand in the payment; a payment that differs from it by one
minor unit is refused, and what settles is what was disclosed.
"""

from hashlib import sha256

import msgspec
from msgspec import Struct

from steelyard.payments.payment import Fee
from steelyard.values.instants import Instant

FORMAT = "steelyard.disclosure.1"
ATOMIC, SIMULATED = "atomic", "simulated"
ON_RETURN = "return.1"
"""Name of the rule that says who bears the exchange rate when money comes back."""


class Disclosure(Struct, array_like=True, frozen=True, gc=False):
    """One disclosure. Amounts in minor units; the ratio is target per source minor unit that is exchanged.

    `reference_num` 0 means that no reference rate is known. Without an exchange the ratio is 1.
    """

    source: str
    debit_minor: int
    source_minor: int
    target: str
    target_minor: int
    payee_minor: int
    fees: tuple[Fee, ...]
    num: int
    den: int
    reference_num: int
    reference_den: int
    reference_source: str
    reference_at: Instant
    margin_bp: int
    earliest_at: Instant
    latest_at: Instant
    pvp: str = ATOMIC
    on_return: str = ON_RETURN

    def digest(self) -> bytes:
        """Give the 32 bytes by which it is named."""
        return sha256(msgspec.msgpack.encode((FORMAT, self))).digest()
