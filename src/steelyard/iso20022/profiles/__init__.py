"""The profiles that ship with the project, by name."""

from steelyard.iso20022.profiles import cbpr, hub, iso
from steelyard.iso20022.profiles.profile import Demand, Profile

__all__ = ["PROFILES", "Demand", "Profile", "builtin"]

PROFILES: tuple[Profile, ...] = (hub.PROFILE, cbpr.PROFILE, iso.PROFILE)


def builtin(name: str) -> Profile | None:
    """Give a profile that ships with the project, or None.

    >>> builtin("hub").lists("pacs.008.001.08"), builtin("hub").lists("pacs.008.001.99")
    (True, False)
    """
    return next((profile for profile in PROFILES if profile.name == name), None)
