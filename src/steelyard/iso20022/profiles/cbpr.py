"""`cbpr`: correspondents that follow the cross-border usage of 2025 and 2026, one payment a message."""

from steelyard.iso20022.profiles.hub import CUSTOMER, INSTITUTION
from steelyard.iso20022.profiles.profile import Profile

PROFILE = Profile(
    "cbpr",
    versions={
        "head.001": ("02", "04"),
        "pacs.008": ("08", "12"),
        "pacs.009": ("08", "11"),
        "pacs.002": ("10", "14"),
        "camt.052": ("08", "12"),
        "camt.053": ("08", "12"),
        "camt.054": ("08", "12"),
        "admi.002": ("01",),
    },
    transactions_max=1,
    unstructured_address_until=20_771,  # 2026-11-14
    statuses=frozenset({"RJCT", "PDNG", "ACSP", "ACSC", "ACCC"}),
    narrative_lines=2,
    frozen_is_rejected=True,
    required={"pacs.008": CUSTOMER, "pacs.009": INSTITUTION},
)
