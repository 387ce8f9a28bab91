"""Accounts, what moved on them, and statements."""

from typing import Any

from steelyard.client.ask import CSV, XML, Ask, Listing, body_of, get, path
from steelyard.client.types import AccountState, LegRow, Reservation, Statement
from steelyard.client.verbs import F, Group, Lists, Verb

ACCOUNTS, STATEMENTS = "/v1/accounts", "/v1/statements"


class Accounts(Group[F]):
    """Accounts of one's own, by name (such as GHAFAEA0/AED) or number."""

    @Verb
    def get(self, account: str) -> Ask[AccountState]:
        """Give an account as it stands."""
        return get(path(ACCOUNTS, account), AccountState)

    @Verb
    def reservations(self, account: str) -> Ask[list[Reservation]]:
        """Give what is set aside on an account."""
        return get(path(ACCOUNTS, account, "reservations"), list[Reservation])

    @Lists
    def list(self, /, *, limit: int | None = None, **filters: Any) -> Listing[AccountState]:
        """List one's accounts."""
        return Listing(ACCOUNTS, {**filters, "limit": limit}, AccountState)

    @Lists
    def legs(self, /, account: str, *, limit: int | None = None, **filters: Any) -> Listing[LegRow]:
        """List what moved on an account, newest first."""
        return Listing(path(ACCOUNTS, account, "legs"), {**filters, "limit": limit}, LegRow)


class Statements(Group[F]):
    """What moved on an account on a business day."""

    @Verb
    def get(self, account: str, on: str) -> Ask[Statement]:
        """Give the statement of a day (YYYY-MM-DD)."""
        return get(path(STATEMENTS, account, on), Statement)

    @Verb
    def csv(self, account: str, on: str) -> Ask[bytes]:
        """Give the statement as CSV."""
        return Ask("GET", path(STATEMENTS, account, on), body_of, accepts=CSV)

    @Verb
    def camt_053(self, account: str, on: str) -> Ask[bytes]:
        """Give the statement as an ISO 20022 message, camt.053."""
        return Ask("GET", path(STATEMENTS, account, on), body_of, accepts=XML)
