"""Delivery terms as vectors: who pays which cost of a shipment.

Costs are those between the seller's store and the buyer's. Insurance under DAP is the seller's, who bears the risk
to the destination. Invoices and tenders read the table; no term is special in code.

Source: ICC, "Incoterms 2020", obligations A9/B9 (allocation of costs).
"""

from enum import StrEnum


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


_C = Cost
TERMS: dict[str, tuple[Cost, ...]] = {
    "EXW": (),
    "FCA": (_C.EXPORT_DUTY,),
    "CPT": (_C.EXPORT_DUTY, _C.LOADING, _C.FREIGHT),
    "FOB": (_C.EXPORT_DUTY, _C.LOADING),
    "CFR": (_C.EXPORT_DUTY, _C.LOADING, _C.FREIGHT),
    "CIF": (_C.EXPORT_DUTY, _C.LOADING, _C.FREIGHT, _C.INSURANCE),
    "DAP": (_C.EXPORT_DUTY, _C.LOADING, _C.FREIGHT, _C.INSURANCE),
}
"""The costs that the seller pays by each term; the buyer pays the rest."""


def pays(term: str, cost: Cost) -> Party:
    """Say who pays a cost.

    >>> pays("CIF", Cost.INSURANCE), pays("CFR", Cost.INSURANCE)
    (<Party.SELLER: 'seller'>, <Party.BUYER: 'buyer'>)
    """
    return Party.SELLER if cost in TERMS[term] else Party.BUYER
