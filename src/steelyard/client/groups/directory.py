"""Who takes part, what is booked, and when it moves."""

from collections.abc import Sequence
from typing import Any

from steelyard.client.ask import Ask, Listing, get, path, query
from steelyard.client.types import Asset, Calendar, Member, Participant, Person, Window
from steelyard.client.verbs import F, Group, Lists, Verb


class Directory(Group[F]):
    """Members, participants, persons, assets, calendars."""

    @Lists
    def members(self, *, limit: int | None = None) -> Listing[Member]:
        """List the members."""
        return Listing("/v1/members", {"limit": limit}, Member)

    @Lists
    def participants(self, /, *, limit: int | None = None, **filters: Any) -> Listing[Participant]:
        """List the participants."""
        return Listing("/v1/participants", {**filters, "limit": limit}, Participant)

    @Lists
    def persons(self, /, *, limit: int | None = None, **filters: Any) -> Listing[Person]:
        """List persons and system keys of one's own."""
        return Listing("/v1/persons", {**filters, "limit": limit}, Person)

    @Lists
    def assets(self, *, limit: int | None = None) -> Listing[Asset]:
        """List what can be booked."""
        return Listing("/v1/assets", {"limit": limit}, Asset)

    @Verb
    def calendar(self, asset: str, *, from_on: str | None = None, to_on: str | None = None) -> Ask[Calendar]:
        """Give when a currency moves."""
        return get(path("/v1/calendars", asset) + query({"from_on": from_on, "to_on": to_on}), Calendar)

    @Verb
    def common_window(self, currencies: Sequence[str], *, on: str | None = None) -> Ask[Window]:
        """Give the first time at which all these currencies are open together, on a day or at all."""
        return get("/v1/calendars/common" + query({"currencies": currencies, "on": on}), Window)
