"""Profiles: which versions are spoken and what usage demands beyond the standard. All of it is data.

A profile is neutral about people: participants, calendars and the clearing system are in `Context`.
"""

from msgspec import Struct

Place = tuple[str, ...]


class Demand(Struct, frozen=True):
    """An element that usage requires or forbids in a message, by our names.

    `where` is `group`, `transaction`, `either` (group or transaction; both is one too many) or `header`.
    `if_present` demands the last name only where the element above it stands.
    """

    place: Place
    where: str = "transaction"
    if_present: bool = False


class Profile(Struct, frozen=True):
    """One set of usage rules over the standard.

    `versions` maps a message such as pacs.008 to the versions it reads, best first; empty: any message
    with a schema. `files` says whether files may hold more transactions than messages.
    `unstructured_address_until` is the last day (since 1970-01-01) on which address lines alone pass,
    None: no end. `group_policy` is `each` (faultless transactions of a message go on) or `all`.
    `statuses` are the transaction statuses that are sent; `narrative_lines` bounds the further findings.
    """

    name: str
    header: str = "required"
    versions: dict[str, tuple[str, ...]] = {}
    business_services: tuple[str, ...] = ()
    transactions_max: int = 1_000
    files: bool = False
    rate_tolerance_ppm: int = 100
    horizon_days: int = 365
    creation_skew_s: int = 300
    creation_stale_days: int = 2
    group_policy: str = "each"
    scripts: tuple[str, ...] = ("Latn",)
    unstructured_address_until: int | None = None
    iban_country: bool = False
    statuses: frozenset[str] = frozenset()
    narrative_lines: int = 20
    frozen_is_rejected: bool = False
    cancelled_is_rejected: bool = True
    required: dict[str, tuple[Demand, ...]] = {}
    forbidden: dict[str, tuple[Demand, ...]] = {}

    def lists(self, message: str) -> bool:
        """Say whether a message version such as pacs.008.001.08 is read under this profile."""
        return not self.versions or message[13:] in self.versions.get(message[:8], ())

    def listed(self, name: str) -> str:
        """Name the versions of a message for people."""
        found = [f"{name}.001.{version}" for version in self.versions.get(name, ())]
        return ", ".join(found) or "none"
