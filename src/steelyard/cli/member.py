"""`steelyard member`: countries and unions with one currency each."""

from typing import Literal

from cyclopts import App

from steelyard.cli import told
from steelyard.cli.reading import made
from steelyard.cli.session import DONE, NOTHING_GIVEN, Common, Switch, node

app = App(name="member", help="List members; enter and activate them.", version_flags=())

COLUMNS = (
    ("code", "code"), ("name", "name"), ("asset", "asset"), ("settlement agent", "settlement_agent"),
    ("state", "state"),
)  # fmt: skip


@app.command(name="list")
def list_(*, common: Common = NOTHING_GIVEN) -> int:
    """List the members."""
    with node(common) as (client, out):
        out.rows(client.directory.members(limit=1_000), COLUMNS)
    return DONE


@app.command
def add(
    code: str,
    /,
    *,
    name: str,
    asset: str,
    settlement_agent: str,
    scale: int = 2,
    open_to_all: Switch = False,
    common: Common = NOTHING_GIVEN,
) -> int:
    """Enter a member; configure and activate follow.

    Parameters
    ----------
    code
        Its code, such as IN.
    name
        Its name.
    asset
        Its currency.
    settlement_agent
        BIC of who alone may issue that.
    scale
        Digits of the currency's minor unit.
    open_to_all
        Every participant may hold the currency.
    """
    from steelyard.client.acts import MemberAsked

    fields = {
        "code": code, "name": name, "asset": asset, "settlement_agent": settlement_agent, "scale": scale,
        "open_to_all": open_to_all,
    }  # fmt: skip
    asked = made(MemberAsked, fields)
    with node(common) as (client, out):
        return told.done(out, client.network.enter_member(asked))


@app.command
def move(
    code: str,
    step: Literal["configure", "activate", "suspend", "lift", "leave", "close"],
    /,
    *,
    reason: str = "",
    common: Common = NOTHING_GIVEN,
) -> int:
    """Take a member a step on.

    Parameters
    ----------
    code
        The member.
    step
        configure, activate, suspend, lift, leave or close.
    reason
        Why, in few words.
    """
    with node(common) as (client, out):
        return told.done(out, client.network.move_member(code, step, reason=reason))
