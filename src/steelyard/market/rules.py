"""The section `market` of a rulebook: what holds where nobody says otherwise, each figure with its default.

Shares are in basis points. Whoever brings a rulebook into force reads it with `read` first, so that a broken one
never comes into force.
"""

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct

WHOLE_BP = 10_000
DAY_MS = 86_400_000


class MarketRules(Struct, frozen=True, forbid_unknown_fields=True):
    """The figures of one version."""

    tender_bond_bp: int = 200
    """what a bid's bond is, as a share of the budget, where a tender names a budget and no bond"""
    tender_forfeits: bool = True
    """whether the bond of who does not reveal, or sign, goes to the buyer, where a tender does not say"""
    fixing_ms: int = 57_600_000
    """when a day's benchmarks, indices and curves are made: ms after midnight UTC, 16:00"""
    rates_held_ms: int = 300_000
    """how long a firm quote of currencies must have stood at the fixing for its rate to count"""
    window_ms: int = 120_000
    """how long the window before the close is whose trades make a settlement price"""
    outside_age_ms: int = 86_400_000
    """how old a trade outside the book may be when both sides have registered it"""


def read(section: Mapping[str, Any]) -> MarketRules:
    """Read the section; raises msgspec.ValidationError on a name unknown or a figure that cannot be worked with.

    >>> read({"tender_bond_bp": 50}).tender_bond_bp
    50
    """
    rules = msgspec.convert(section, MarketRules)
    if not 0 <= rules.tender_bond_bp <= WHOLE_BP:
        raise msgspec.ValidationError("tender_bond_bp is at most the whole")
    spans = (rules.fixing_ms, rules.rates_held_ms, rules.window_ms - 1, rules.outside_age_ms - 1)
    if not all(0 <= one < DAY_MS for one in spans):
        raise msgspec.ValidationError("the times of prices are within a day, and windows last")
    return rules


def bond_minor(rules: MarketRules, budget_minor: int) -> int:
    """Give the bond of a tender that names none: a share of its budget, whole minor units downward.

    >>> bond_minor(MarketRules(), 1_000_049), bond_minor(MarketRules(), 0)
    (20000, 0)
    """
    return budget_minor * rules.tender_bond_bp // WHOLE_BP
