"""Every refusal of every layer by its number and by its name: the gateway gets numbers, people get names."""

import steelyard.engine.refusals
import steelyard.flows.refusals
import steelyard.fx.refusals
import steelyard.members.refusals
import steelyard.payments.refusals  # noqa: F401  the enums below are found through their base
from steelyard.values.refusal import Refusal

BY_CODE: dict[int, Refusal] = {
    member.code: member for enum in Refusal.__subclasses__() for member in enum if member.code
}
BY_NAME: dict[str, Refusal] = {member.name: member for member in BY_CODE.values()}


def of(code: int) -> Refusal | None:
    """Give the refusal of a number, None for 0 and for a number this release does not know."""
    return BY_CODE.get(code)


def sentence(refusal: Refusal) -> str:
    """Give the broken rule as a sentence with its capital.

    >>> sentence(BY_NAME["LIQUIDITY_IS_SHORT"])
    'An account has what leaves it; the bundle may queue'
    """
    return refusal.rule[:1].upper() + refusal.rule[1:]
