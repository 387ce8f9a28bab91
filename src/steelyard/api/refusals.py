"""Every refusal of every layer by its number and by its name: the gateway gets numbers, people get names."""

import steelyard.corridor.refusals
import steelyard.engine.refusals
import steelyard.flows.refusals
import steelyard.fx.refusals
import steelyard.liquidity.order_refusals
import steelyard.liquidity.refusals
import steelyard.market.refusals.auctions
import steelyard.market.refusals.clearing
import steelyard.market.refusals.contracts
import steelyard.market.refusals.delivery
import steelyard.market.refusals.energy
import steelyard.market.refusals.orders
import steelyard.market.refusals.otc
import steelyard.market.refusals.prices
import steelyard.market.refusals.tenders
import steelyard.market.refusals.titles
import steelyard.members.refusals
import steelyard.payments.refusals  # noqa: F401  the enums below are found through their base
from steelyard.iso20022.reasons import REGULATORY
from steelyard.values.refusal import Refusal

REJECTED_BEFORE = "UETR was rejected before"
BY_CODE: dict[int, Refusal] = {
    member.code: member for enum in Refusal.__subclasses__() for member in enum if member.code
}
BY_NAME: dict[str, Refusal] = {member.name: member for member in BY_CODE.values()}


def of(code: int) -> Refusal | None:
    """Give the refusal of a number, None for 0 and for a number this release does not know."""
    return BY_CODE.get(code)


def narrative(code: int, iso: str | None, *, was_before: bool = False) -> tuple[str, ...]:
    """Give what a status report says of a rejection beside its ISO code: our name of it.

    Of one by screening nothing is said. `was_before`: the rejection is an earlier one, the payment came again.

    >>> narrative(BY_NAME["NO_PROVIDER"].code, "AB04", was_before=True)
    ('NO_PROVIDER', 'UETR was rejected before')
    """
    found = of(code)
    lines = (found.name,) if found is not None and iso != REGULATORY else ()
    return (*lines, REJECTED_BEFORE) if was_before else lines


def title(refusal: Refusal) -> str:
    """Give a refusal's name in words.

    >>> title(BY_NAME["NO_PROVIDER"]), title(BY_NAME["BIC_IS_MALFORMED"])
    ('No provider', 'BIC is malformed')
    """
    first, *rest = refusal.name.split("_")
    words = [first if first in _NAMES else first.capitalize()]
    return " ".join(words + [word if word in _NAMES else word.lower() for word in rest])


def sentence(refusal: Refusal) -> str:
    """Give the rule as what it is: the one that is broken. By itself it would read as the reason.

    >>> sentence(BY_NAME["LIQUIDITY_IS_SHORT"])
    'The rule that does not hold: an account has what leaves it; the bundle may queue'
    """
    return f"The rule that does not hold: {refusal.rule}"


_NAMES = frozenset({"BIC", "FX", "IBAN", "ID", "LEI", "OTC", "RFQ", "UETR"})
"""What stays in capitals among words"""
