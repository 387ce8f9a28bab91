"""`steelyard approval`: what waits for a second person."""

from cyclopts import App

from steelyard.cli import told
from steelyard.cli.session import DONE, NOTHING_GIVEN, Common, node

app = App(name="approval", help="See, approve and decline what waits for a second person.", version_flags=())

COLUMNS = (
    ("proposal", "proposal"), ("state", "state"), ("command", "command"), ("owner", "owner"), ("maker", "maker"),
    ("until", "expires_at"), ("shown", "shown"),
)  # fmt: skip


@app.command(name="list")
def list_(*, state: str | None = None, common: Common = NOTHING_GIVEN) -> int:
    """List what waits for a second person.

    Parameters
    ----------
    state
        Of these states alone, such as proposed,approved.
    """
    with node(common) as (client, out):
        out.rows(client.approvals.list(state=state, limit=1_000), COLUMNS)
    return DONE


@app.command
def show(proposal: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Show a proposal with all its fields, and the digest that stands for them.

    Parameters
    ----------
    proposal
        The proposal.
    """
    with node(common) as (client, out):
        out.item(client.approvals.get(proposal))
    return DONE


@app.command
def approve(proposal: str, /, *, shown: str, common: Common = NOTHING_GIVEN) -> int:
    """Say yes to exactly what was shown: what was proposed is done now, with all checks anew.

    Parameters
    ----------
    proposal
        The proposal.
    shown
        The digest that `steelyard approval show` gave.
    """
    with node(common) as (client, out):
        return told.done(out, client.approvals.approve(proposal, shown))


@app.command
def decline(proposal: str, /, *, shown: str, common: Common = NOTHING_GIVEN) -> int:
    """Say no to what was shown.

    Parameters
    ----------
    proposal
        The proposal.
    shown
        The digest that `steelyard approval show` gave.
    """
    with node(common) as (client, out):
        return told.done(out, client.approvals.decline(proposal, shown))
