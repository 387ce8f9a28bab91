"""`steelyard calendar`: when currencies move."""

from cyclopts import App

from steelyard.cli import told
from steelyard.cli.reading import File, shape
from steelyard.cli.session import DONE, NOT_DUE, NOTHING_GIVEN, Common, node

app = App(name="calendar", help="Show when currencies move; amend a calendar.", version_flags=())

ALL = (("asset", "asset"), ("revision", "revision"), ("in force from", "in_force_from"))
DAYS = (("day", "on"), ("business", "business"), ("open", "open"))


@app.command(name="list")
def list_(*, common: Common = NOTHING_GIVEN) -> int:
    """List the calendars in force."""
    with node(common) as (client, out):
        out.rows(client.directory.calendars(limit=1_000), ALL)
    return DONE


@app.command
def show(
    asset: str,
    /,
    *,
    from_on: str | None = None,
    to_on: str | None = None,
    common: Common = NOTHING_GIVEN,
) -> int:
    """Show a currency's calendar day by day.

    Parameters
    ----------
    asset
        The currency.
    from_on
        First date; without it, today.
    to_on
        Last date; without it, thirty days on.
    """
    with node(common) as (client, out):
        found = client.directory.calendar(asset, from_on=from_on, to_on=to_on)
        if out.json:
            out.item(found)
        else:
            out.rows(found.days, DAYS)
    return DONE


@app.command
def common(*currencies: str, on: str | None = None, common: Common = NOTHING_GIVEN) -> int:
    """Show when currencies are open together next, or on a date. Exit code 3 where they are not.

    Parameters
    ----------
    currencies
        The currencies.
    on
        The date, YYYY-MM-DD.
    """
    with node(common) as (client, out):
        found = client.directory.common_window(list(currencies), on=on)
        out.item(found)
    return DONE if found.opens_at else NOT_DUE


@app.command
def amend(asset: str, file: File, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Bring a revision of a calendar into force, as settlement agent.

    Parameters
    ----------
    asset
        The currency.
    file
        A JSON file with the whole revision, as the API takes it; - is standard input.
    """
    from steelyard.client.acts import CalendarAsked

    asked = shape(file, CalendarAsked)
    with node(common) as (client, out):
        return told.done(out, client.network.amend_calendar(asset, asked))
