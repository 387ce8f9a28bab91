"""`steelyard account`: accounts of one's own; blocks and bounds by the settlement agent."""

from itertools import islice
from typing import Annotated, Literal

from cyclopts import App, Parameter

from steelyard.cli import told
from steelyard.cli.payments import LEGS
from steelyard.cli.reading import money
from steelyard.cli.session import DONE, NOTHING_GIVEN, Common, Switch, node

app = App(name="account", help="List accounts, show one, see what moved on it.", version_flags=())

COLUMNS = (
    ("number", "account_no"), ("name", "name"), ("kind", "kind"), ("state", "state"), ("balance", "balance"),
    ("available", "available"), ("reserved in", "reserved_in"), ("reserved out", "reserved_out"),
)  # fmt: skip
RESERVED = (
    ("bundle", "bundle_id"), ("kind", "kind"), ("direction", "direction"), ("amount", "amount"),
    ("reference", "reference"), ("until", "deadline_at"), ("after step", "after_step"),
)  # fmt: skip


@app.command(name="list")
def list_(*, common: Common = NOTHING_GIVEN) -> int:
    """List accounts."""
    with node(common) as (client, out):
        out.rows(client.accounts.list(limit=1_000), COLUMNS)
    return DONE


@app.command
def show(account: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Show an account as it stands.

    Parameters
    ----------
    account
        Its number, or its name such as GHAFAEA0/AED.
    """
    with node(common) as (client, out):
        out.item(client.accounts.get(account))
    return DONE


@app.command
def legs(
    account: str,
    /,
    *,
    limit: Annotated[int, Parameter(name=["--limit", "-n"])] = 50,
    common: Common = NOTHING_GIVEN,
) -> int:
    """List what moved on an account, newest first.

    Parameters
    ----------
    account
        Its number, or its name.
    limit
        How many at most; 0 for all.
    """
    with node(common) as (client, out):
        out.rows(islice(client.accounts.legs(account, limit=min(limit or 1_000, 1_000)), limit or None), LEGS)
    return DONE


@app.command
def reservations(account: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """List what is set aside on an account.

    Parameters
    ----------
    account
        Its number, or its name.
    """
    with node(common) as (client, out):
        out.rows(client.accounts.reservations(account), RESERVED)
    return DONE


@app.command(name="open")
def open_(
    asset: str,
    kind: Literal["reserved", "client"],
    purpose: str,
    /,
    *,
    ceiling: str | None = None,
    common: Common = NOTHING_GIVEN,
) -> int:
    """Open a further account.

    Parameters
    ----------
    asset
        What it holds.
    kind
        reserved for a purpose, or client.
    purpose
        The purpose, or the client's id.
    ceiling
        The most a client's account may hold.
    """
    with node(common) as (client, out):
        return told.done(out, client.accounts.open(asset, kind, purpose, ceiling=ceiling))


@app.command
def close(account: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Close an account that is empty.

    Parameters
    ----------
    account
        Its number, or its name.
    """
    with node(common) as (client, out):
        return told.done(out, client.accounts.close(account))


@app.command
def move(source: str, target: str, amount: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Move an amount between accounts of one's own.

    Parameters
    ----------
    source
        Name of the account it leaves.
    target
        Name of the account it reaches.
    amount
        How much, such as 'INR 7350.00'.
    """
    asked = money(amount)
    with node(common) as (client, out):
        return told.done(out, client.accounts.move(source, target, asked))


@app.command(name="sweep-residuals")
def sweep_residuals(*currency: str, common: Common = NOTHING_GIVEN) -> int:
    """Empty residual accounts, as operator: what roundings left goes to its fee accounts, what lacks comes from there.

    Two people decide.

    Parameters
    ----------
    currency
        Codes of currencies; without any, all that hold or lack something.
    """
    with node(common) as (client, out):
        return told.done(out, client.accounts.sweep_residuals(currency))


@app.command
def block(
    account: str,
    /,
    *,
    credits_only: Switch = False,
    debits_only: Switch = False,
    freeze: Switch = False,
    common: Common = NOTHING_GIVEN,
) -> int:
    """Block an account, as settlement agent.

    Parameters
    ----------
    account
        Its name.
    credits_only
        Only what would come in.
    debits_only
        Only what would go out.
    freeze
        What is reserved too.
    """
    with node(common) as (client, out):
        found = client.accounts.block(
            account, debits=not credits_only, credits=not debits_only, freeze=freeze
        )
        return told.done(out, found)


@app.command
def unblock(account: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Lift a block, as settlement agent.

    Parameters
    ----------
    account
        Its name.
    """
    with node(common) as (client, out):
        return told.done(out, client.accounts.unblock(account))


@app.command
def bounds(
    account: str, /, *, floor: str = "0", ceiling: str | None = None, common: Common = NOTHING_GIVEN
) -> int:
    """Set an account's line and ceiling, as settlement agent.

    Parameters
    ----------
    account
        Its name.
    floor
        The least it may hold; below zero it is a line.
    ceiling
        The most it may hold.
    """
    with node(common) as (client, out):
        return told.done(out, client.accounts.bounds(account, floor=floor, ceiling=ceiling))


@app.command
def reserve(
    source: str,
    target: str,
    amount: str,
    /,
    *,
    until: str,
    voyage: str | None = None,
    after_step: str | None = None,
    common: Common = NOTHING_GIVEN,
) -> int:
    """Set money aside for another account until a deadline.

    Parameters
    ----------
    source
        Name of one's own account.
    target
        Name of the account that it is for.
    amount
        How much, such as 'AED 100.00'.
    until
        The deadline; then it is given back.
    voyage
        Id of a voyage that it waits for.
    after_step
        The step of it, such as LOADING, before which it is not settled.
    """
    with node(common) as (client, out):
        found = client.accounts.reserve(
            source, target, money(amount), until, voyage=voyage, after_step=after_step
        )
        return told.done(out, found)


@app.command
def settle(reservation: str, /, *, amount: str | None = None, common: Common = NOTHING_GIVEN) -> int:
    """Settle what one has set aside.

    Parameters
    ----------
    reservation
        Its id.
    amount
        Only so much; the rest is given back.
    """
    with node(common) as (client, out):
        part = money(amount) if amount is not None else None
        return told.done(out, client.accounts.settle(reservation, amount=part))


@app.command
def release(reservation: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Give back what one has set aside.

    Parameters
    ----------
    reservation
        Its id.
    """
    with node(common) as (client, out):
        return told.done(out, client.accounts.release(reservation))
