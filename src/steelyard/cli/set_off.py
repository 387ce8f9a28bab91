"""`steelyard set-off`: claims that go round in circles and are lessened together, without money."""

from typing import Literal

from cyclopts import App

from steelyard.cli import told
from steelyard.cli.reading import made, money
from steelyard.cli.session import DONE, NOTHING_GIVEN, Common, node

app = App(name="set-off", help="File, confirm and list claims; set them off without money.", version_flags=())

COLUMNS = (
    ("claim", "claim_id"), ("debtor", "debtor"), ("creditor", "creditor"), ("amount", "amount"), ("open", "open"),
    ("due", "due_on"), ("state", "state"),
)  # fmt: skip


@app.command
def file(
    debtor: str, creditor: str, amount: str, /, *, due: str, document: str, common: Common = NOTHING_GIVEN
) -> int:
    """File a claim as its debtor or its creditor; it counts once the other side has confirmed it.

    Parameters
    ----------
    debtor
        BIC of who owes.
    creditor
        BIC of who is owed.
    amount
        How much, such as 'AED 1000.00'.
    due
        When it is due, such as 2026-12-31.
    document
        SHA-256 of the invoice behind it, as 64 hex digits.
    """
    from steelyard.client.set_off import ClaimAsked

    asked = made(
        ClaimAsked,
        {
            "debtor": debtor,
            "creditor": creditor,
            "amount": money(amount),
            "due_on": due,
            "document_hash": document,
        },
    )
    with node(common) as (client, out):
        return told.done(out, client.set_off.file(asked))


@app.command(name="list")
def list_(*, state: str | None = None, currency: str | None = None, common: Common = NOTHING_GIVEN) -> int:
    """List the claims that one owes or is owed, newest first.

    Parameters
    ----------
    state
        Those that are filed, confirmed, part_set_off, set_off or withdrawn.
    currency
        In this currency.
    """
    with node(common) as (client, out):
        out.rows(client.set_off.list(state=state, currency=currency, limit=1_000), COLUMNS)
    return DONE


@app.command
def show(claim: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Show a claim, with what was set off of it.

    Parameters
    ----------
    claim
        Id of the claim.
    """
    with node(common) as (client, out):
        out.item(client.set_off.get(claim))
    return DONE


@app.command
def confirm(claim: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Own up to a claim that the other side has filed.

    Parameters
    ----------
    claim
        Id of the claim.
    """
    with node(common) as (client, out):
        return told.done(out, client.set_off.confirm(claim))


@app.command
def withdraw(claim: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Take a claim back: until both have confirmed it either side, after that its creditor.

    Parameters
    ----------
    claim
        Id of the claim.
    """
    with node(common) as (client, out):
        return told.done(out, client.set_off.withdraw(claim))


@app.command
def ask(currency: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Ask for a set-off of a currency's claims, as operator or its settlement agent.

    Parameters
    ----------
    currency
        Code of the currency.
    """
    with node(common) as (client, out):
        return told.done(out, client.set_off.ask(currency))


@app.command
def rule(allowed: Literal["yes", "no"], /, *, common: Common = NOTHING_GIVEN) -> int:
    """Say, as settlement agent, whether claims of one's member's banks may be set off.

    Parameters
    ----------
    allowed
        yes or no.
    """
    with node(common) as (client, out):
        return told.done(out, client.set_off.allow(allowed == "yes"))
