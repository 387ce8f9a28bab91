"""Delivery terms as vectors: who pays which cost of a shipment, and where the risk passes.

Costs are those between the seller's store and the buyer's. Insurance under DAP is the seller's, who bears the risk
to the destination. Invoices and tenders read the table; no term is special in code.

Source: ICC, "Incoterms 2020", obligations A9/B9 (allocation of costs) and A2/A3 (delivery, transfer of risk).
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple


class Cost(StrEnum):
    """A cost on the way."""

    EXPORT_DUTY = "export_duty"
    LOADING = "loading"
    """Onto the main carriage"""
    FREIGHT = "freight"
    """The main carriage"""
    INSURANCE = "insurance"
    UNLOADING = "unloading"
    """From the main carriage"""
    DUTY = "duty"
    """On import"""


class Party(StrEnum):
    """One side of a sale."""

    SELLER = "seller"
    BUYER = "buyer"


class Term(NamedTuple):
    """One delivery term: the costs that the seller pays, and where the risk passes. The buyer pays the rest."""

    seller_pays: tuple[Cost, ...]
    risk_passes: str


_C = Cost
TERMS: dict[str, Term] = {
    "EXW": Term((), "at the seller's store"),
    "FCA": Term((_C.EXPORT_DUTY,), "at the carrier"),
    "CPT": Term((_C.EXPORT_DUTY, _C.LOADING, _C.FREIGHT), "at the first carrier"),
    "FOB": Term((_C.EXPORT_DUTY, _C.LOADING), "on board at loading"),
    "CFR": Term((_C.EXPORT_DUTY, _C.LOADING, _C.FREIGHT), "on board at loading"),
    "CIF": Term((_C.EXPORT_DUTY, _C.LOADING, _C.FREIGHT, _C.INSURANCE), "on board at loading"),
    "DAP": Term(
        (_C.EXPORT_DUTY, _C.LOADING, _C.FREIGHT, _C.INSURANCE), "at the destination, before unloading"
    ),
}


def pays(term: str, cost: Cost) -> Party:
    """Say who pays a cost.

    >>> pays("CIF", Cost.INSURANCE), pays("CFR", Cost.INSURANCE)
    (<Party.SELLER: 'seller'>, <Party.BUYER: 'buyer'>)
    """
    return Party.SELLER if cost in TERMS[term].seller_pays else Party.BUYER


def split(term: str, costs: Mapping[Cost, int]) -> tuple[int, int]:
    """Give what of some costs the seller pays and what the buyer pays.

    >>> split("FOB", {Cost.LOADING: 4, Cost.FREIGHT: 30, Cost.DUTY: 2})
    (4, 32)
    """
    seller = sum([costs[cost] for cost in Cost if cost in costs and pays(term, cost) is Party.SELLER])
    return seller, sum([costs[cost] for cost in Cost if cost in costs]) - seller


def on_other_terms(price: int, given: str, wanted: str, costs: Mapping[Cost, int]) -> int:
    """Give the price on other terms that leaves the seller the same: price and costs are per the same unit.

    >>> on_other_terms(240, "FOB", "CIF", {Cost.FREIGHT: 30, Cost.INSURANCE: 1, Cost.LOADING: 4})
    271
    """
    return price - split(given, costs)[0] + split(wanted, costs)[0]
