"""`steelyard sandbox`: what only nodes of the profiles demo and test can do."""

from cyclopts import App

from steelyard.cli.session import DONE, NOTHING_GIVEN, Common, node

app = App(name="sandbox", help="Move the simulated clock of a test node.", version_flags=())


@app.command
def advance(to: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Move the simulated clock, through every deadline on the way.

    Parameters
    ----------
    to
        cut_off, next_business_day, an instant, or a span such as PT15M.
    """
    with node(common) as (client, out):
        out.item(client.sandbox.advance(to))
    return DONE
