"""`steelyard energy`: deals, by which the parties of a match settle it month by month, and bills."""

from typing import Literal

from steelyard.cli import told
from steelyard.cli.session import DONE, NOTHING_GIVEN, USAGE, Common, end, node

DEALS = (
    ("match", "match_id"), ("in", "asset"), ("state", "state"), ("parties", "parties"), ("accepted", "accepted"),
    ("until", "accept_until"),
)  # fmt: skip
DUES = (("month", "month"), ("debtor", "debtor"), ("creditor", "creditor"), ("amount", "amount"))
SERVED = (
    ("brings to", "node"), ("of", "owner"), ("month", "month"), ("quantity", "quantity"),
    ("minor units each", "price_minor"),
)  # fmt: skip
SHORT = (("not delivered to", "node"), ("by", "party"), ("quantity", "quantity"), ("owes", "amount"))
BILLS = (
    ("bill", "bill_id"), ("for", "what"), ("month", "month"), ("debtor", "debtor"), ("creditor", "creditor"),
    ("amount", "amount"), ("open", "open"), ("state", "state"), ("uetr", "uetr"),
)  # fmt: skip


def deals(*, common: Common = NOTHING_GIVEN) -> int:
    """List deals, newest first: matches that are settled once all their parties accept."""
    with node(common) as (client, out):
        out.rows(client.energy.deals(limit=1_000), DEALS)
    return DONE


def deal(match_id: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Show a deal: what it still makes due by month, what it brings to whom, and what of that was not delivered.

    Parameters
    ----------
    match_id
        Id of its match.
    """
    with node(common) as (client, out):
        found = next((one for one in client.energy.deals(limit=1_000) if one.match_id == match_id), None)
        if found is None:
            end(f"there is no deal {match_id}", USAGE)
        out.item(found, DEALS)
        if found.dues and not out.json:
            out.rows(found.dues, DUES)
        if found.served and not out.json:
            out.rows(found.served, SERVED)
        if found.shortfalls and not out.json:
            out.rows(found.shortfalls, SHORT)
    return DONE


def accept(match_id: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Accept a deal as one of its parties; the last one makes it binding.

    Parameters
    ----------
    match_id
        Id of its match.
    """
    with node(common) as (client, out):
        return told.done(out, client.energy.accept(match_id))


def short(match_id: str, place: str, quantity: int, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Report what one has failed to deliver by a deal; its price there is billed at once to who was to get it.

    Parameters
    ----------
    match_id
        Id of its match.
    place
        The node that it was to reach.
    quantity
        How many whole units did not.
    """
    with node(common) as (client, out):
        return told.done(out, client.energy.short(match_id, place, quantity))


def decline(match_id: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Decline a deal before all have accepted it: it is off for all.

    Parameters
    ----------
    match_id
        Id of its match.
    """
    with node(common) as (client, out):
        return told.done(out, client.energy.decline(match_id))


def bills(*, state: Literal["OPEN", "PAID"] | None = None, common: Common = NOTHING_GIVEN) -> int:
    """List bills that one pays or gets.

    Parameters
    ----------
    state
        In this state.
    """
    with node(common) as (client, out):
        out.rows(client.energy.bills(state=state, limit=1_000), BILLS)
    return DONE


def pay(bill: str, /, *, quote: str | None = None, common: Common = NOTHING_GIVEN) -> int:
    """Pay a bill at once. To let it wait for a batch or the pool, send a payment with its UETR instead.

    Parameters
    ----------
    bill
        Id of the bill.
    quote
        Id of a firm quote that brings its creditor just its amount, to pay in another currency.
    """
    with node(common) as (client, out):
        return told.done(out, client.energy.pay(bill, quote))
