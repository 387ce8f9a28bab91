"""Who takes part, what is booked, and when it moves."""

from collections.abc import Sequence

from steelyard.client.ask import Ask, Listing, get, path, query
from steelyard.client.types import (
    Asset,
    Calendar,
    CalendarShown,
    Currency,
    Me,
    Member,
    Participant,
    Person,
    Window,
)
from steelyard.client.verbs import F, Group, Lists, Verb


class Directory(Group[F]):
    """Members, participants, persons, assets, calendars. Orders about them are in `network`."""

    @Verb
    def me(self) -> Ask[Me]:
        """Tell who one is to the node, and what one may do."""
        return get("/v1/me", Me)

    @Lists
    def members(self, *, limit: int | None = None) -> Listing[Member]:
        """List the members."""
        return Listing("/v1/members", {"limit": limit}, Member)

    @Lists
    def participants(self, *, member: str | None = None, limit: int | None = None) -> Listing[Participant]:
        """List the participants, or those of one member."""
        return Listing("/v1/participants", {"member": member, "limit": limit}, Participant)

    @Verb
    def participant(self, bic: str) -> Ask[Participant]:
        """Show a participant."""
        return get(path("/v1/participants", bic), Participant)

    @Lists
    def persons(self, *, limit: int | None = None) -> Listing[Person]:
        """List the persons and system keys that one sees."""
        return Listing("/v1/persons", {"limit": limit}, Person)

    @Lists
    def assets(self, *, limit: int | None = None) -> Listing[Asset]:
        """List what can be booked."""
        return Listing("/v1/assets", {"limit": limit}, Asset)

    @Verb
    def currency(self, asset: str) -> Ask[Currency]:
        """Show a currency's rules."""
        return get(path("/v1/currencies", asset), Currency)

    @Lists
    def calendars(self, *, limit: int | None = None) -> Listing[CalendarShown]:
        """List the calendars in force."""
        return Listing("/v1/calendars", {"limit": limit}, CalendarShown)

    @Verb
    def calendar(self, asset: str, *, from_on: str | None = None, to_on: str | None = None) -> Ask[Calendar]:
        """Give when a currency moves, day by day."""
        return get(path("/v1/calendars", asset) + query({"from_on": from_on, "to_on": to_on}), Calendar)

    @Verb
    def common_window(self, currencies: Sequence[str], *, on: str | None = None) -> Ask[Window]:
        """Give the next time at which all these currencies are open together, or that of a date."""
        return get("/v1/calendars/common" + query({"currencies": currencies, "on": on}), Window)
