"""`hub`, the default: our own members among themselves."""

from steelyard.iso20022.profiles.profile import Demand, Profile

_AGENTS = (
    Demand(("instructing_agent",), "either"),
    Demand(("instructed_agent",), "either"),
    Demand(("instructing_agent", "bic"), "either", if_present=True),
    Demand(("instructed_agent", "bic"), "either", if_present=True),
    Demand(("from", "bic"), "header"),
    Demand(("to", "bic"), "header"),
)
_SETTLEMENT_DATE = (Demand(("settlement_on",), "either"),)

CUSTOMER = (*_SETTLEMENT_DATE, *_AGENTS, Demand(("debtor_agent", "bic")), Demand(("creditor_agent", "bic")))
INSTITUTION = (
    *_SETTLEMENT_DATE,
    *_AGENTS,
    Demand(("debtor", "bic")),
    Demand(("debtor_agent", "bic"), if_present=True),
    Demand(("creditor_agent", "bic"), if_present=True),
    Demand(("creditor", "bic")),
)

PROFILE = Profile(
    "hub",
    versions={
        "head.001": ("02", "01", "03", "04"),
        "pacs.008": ("08",),
        "pacs.009": ("08",),
        "pacs.002": ("10",),
        "camt.052": ("08",),
        "camt.053": ("08",),
        "camt.054": ("08",),
        "admi.002": ("01",),
    },
    files=True,
    unstructured_address_until=20_771,  # 2026-11-14
    statuses=frozenset({"RCVD", "ACTC", "ACWC", "PDNG", "ACSP", "ACSC", "ACWP", "ACCC", "BLCK", "RJCT"}),
    required={"pacs.008": CUSTOMER, "pacs.009": INSTITUTION},
)
