"""`steelyard limit`: limits that a participant sets for itself."""

from typing import Literal

from cyclopts import App

from steelyard.cli import told
from steelyard.cli.reading import money
from steelyard.cli.session import NOTHING_GIVEN, USAGE, Common, Switch, end, node

app = App(name="limit", help="Set limits on what leaves one's own accounts.", version_flags=())


@app.command(name="set")
def set_(
    kind: Literal["net_debit", "pair", "flow"],
    cap: str,
    /,
    *,
    other: str = "",
    reset: Switch = False,
    common: Common = NOTHING_GIVEN,
) -> int:
    """Set a limit.

    Parameters
    ----------
    kind
        net_debit (what left above what came), pair (the same towards one other), flow (what left in all).
    cap
        The most, such as 'AED 1000000.00'.
    other
        BIC of the other side of a pair.
    reset
        Begin to count anew.
    """
    if (kind == "pair") != bool(other):
        end("--other names the other side of a pair, and of nothing else", USAGE)
    asked = money(cap)
    with node(common) as (client, out):
        return told.done(out, client.accounts.set_limit(kind, asked, other=other, reset=reset))
