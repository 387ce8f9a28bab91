"""Accounts, what moved on them, and statements."""

from collections.abc import Sequence
from typing import Any

import msgspec

from steelyard.client import acts
from steelyard.client.ask import CSV, XML, Ask, Listing, body_of, get, order, path
from steelyard.client.types import AccountState, Done, LegRow, Money, Reservation, Statement
from steelyard.client.verbs import F, Group, Lists, Verb

ACCOUNTS, STATEMENTS = "/v1/accounts", "/v1/statements"


class Accounts(Group[F]):
    """Accounts of one's own, by name (such as GHAFAEA0/AED) or number."""

    @Verb
    def get(self, account: str) -> Ask[AccountState]:
        """Give an account as it stands."""
        return get(_of(account), AccountState)

    @Verb
    def reservations(self, account: str) -> Ask[list[Reservation]]:
        """Give what is set aside on an account."""
        return get(_of(account, "reservations"), list[Reservation])

    @Verb
    def open(
        self, asset: str, kind: str, purpose: str, *, ceiling: str | None = None, key: str | None = None
    ) -> Ask[Done]:
        """Open a further account: `reserved` for a purpose, or `client` with its ceiling."""
        fields = {"asset": asset, "kind": kind, "purpose": purpose, "ceiling": ceiling}
        return order("POST", ACCOUNTS, msgspec.convert(fields, acts.AccountAsked), key=key)

    @Verb
    def close(self, account: str, *, reason: str = "", key: str | None = None) -> Ask[Done]:
        """Close an account that is empty."""
        return order("POST", _of(account, "close"), acts.Because(reason=reason), key=key, subject=account)

    @Verb
    def bounds(
        self, account: str, *, floor: str = "0", ceiling: str | None = None, key: str | None = None
    ) -> Ask[Done]:
        """Set an account's line (a floor below zero) and ceiling, as settlement agent."""
        asked = acts.BoundsAsked(floor=floor, ceiling=ceiling)
        return order("PUT", _of(account, "bounds"), asked, key=key, subject=account)

    @Verb
    def block(
        self,
        account: str,
        *,
        debits: bool = True,
        credits: bool = True,
        freeze: bool = False,
        key: str | None = None,
    ) -> Ask[Done]:
        """Block an account, as settlement agent; a freeze stops what is reserved too."""
        asked = acts.BlockAsked(debits=debits, credits=credits, freeze=freeze)
        return order("POST", _of(account, "block"), asked, key=key, subject=account)

    @Verb
    def unblock(self, account: str, *, reason: str = "", key: str | None = None) -> Ask[Done]:
        """Lift a block, as settlement agent."""
        return order("POST", _of(account, "unblock"), acts.Because(reason=reason), key=key, subject=account)

    @Verb
    def move(self, source: str, target: str, amount: Money, *, key: str | None = None) -> Ask[Done]:
        """Move an amount between accounts of one's own."""
        asked = acts.MoveAsked(source=source, target=target, amount=amount)
        return order("POST", "/v1/moves", asked, key=key)

    @Verb
    def sweep_residuals(self, currencies: Sequence[str] = (), *, key: str | None = None) -> Ask[Done]:
        """Empty residual accounts, as operator: what is over goes to its fee accounts, what lacks comes from there.

        Without currencies all that hold or lack anything. Two people decide.
        """
        return order("POST", "/v1/residuals/sweep", acts.SweepAsked(currencies=[*currencies]), key=key)

    @Verb
    def reserve(
        self,
        source: str,
        target: str,
        amount: Money,
        deadline_at: str,
        *,
        voyage: str | None = None,
        after_step: str | None = None,
        key: str | None = None,
    ) -> Ask[Done]:
        """Set an amount aside from an account of one's own for another account, until a deadline.

        With a voyage and a step it is settled after that step alone.
        """
        asked = acts.ReserveAsked(
            source=source,
            target=target,
            amount=amount,
            deadline_at=deadline_at,
            voyage=voyage,
            after_step=after_step,
        )
        return order("POST", "/v1/reservations", asked, key=key)

    @Verb
    def settle(self, bundle: str, *, amount: Money | None = None, key: str | None = None) -> Ask[Done]:
        """Settle a reservation, all of it or an amount."""
        asked = acts.ReleaseAsked(amount=amount)
        return order("POST", path("/v1/reservations", bundle, "settle"), asked, key=key, subject=bundle)

    @Verb
    def release(self, bundle: str, *, key: str | None = None) -> Ask[Done]:
        """Give a reservation back."""
        asked = acts.ReleaseAsked()
        return order("POST", path("/v1/reservations", bundle, "release"), asked, key=key, subject=bundle)

    @Verb
    def set_limit(
        self, kind: str, cap: Money, *, other: str = "", reset: bool = False, key: str | None = None
    ) -> Ask[Done]:
        """Set a limit on what leaves one's accounts: net_debit, pair (with `other`) or flow."""
        fields = {"kind": kind, "cap": cap, "other": other, "reset": reset}
        return order("PUT", "/v1/limits", msgspec.convert(fields, acts.LimitAsked), key=key)

    @Lists
    def list(self, /, *, limit: int | None = None, **filters: Any) -> Listing[AccountState]:
        """List one's accounts."""
        return Listing(ACCOUNTS, {**filters, "limit": limit}, AccountState)

    @Lists
    def legs(self, /, account: str, *, limit: int | None = None, **filters: Any) -> Listing[LegRow]:
        """List what moved on an account, newest first."""
        return Listing(_of(account, "legs"), {**filters, "limit": limit}, LegRow)


class Statements(Group[F]):
    """What moved on an account on a business day."""

    @Verb
    def get(self, account: str, on: str) -> Ask[Statement]:
        """Give the statement of a day (YYYY-MM-DD)."""
        return get(path(STATEMENTS, _written(account), on), Statement)

    @Verb
    def csv(self, account: str, on: str) -> Ask[bytes]:
        """Give the statement as CSV."""
        return Ask("GET", path(STATEMENTS, _written(account), on), body_of, accepts=CSV)

    @Verb
    def camt_053(self, account: str, on: str) -> Ask[bytes]:
        """Give the statement as an ISO 20022 message, camt.053."""
        return Ask("GET", path(STATEMENTS, _written(account), on), body_of, accepts=XML)


def _of(account: str, *more: str) -> str:
    return path(ACCOUNTS, _written(account), *more)


def _written(account: str) -> str:
    """Write an account's name as addresses have it: a tilde for each slash."""
    return account.replace("/", "~")
