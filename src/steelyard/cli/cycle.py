"""`steelyard cycle`: netting cycles, followed, paid into, and run by hand."""

from pathlib import Path
from typing import Annotated

import msgspec
from cyclopts import App, Parameter

from steelyard.cli import told
from steelyard.cli.reading import money
from steelyard.cli.session import DONE, NOTHING_GIVEN, USAGE, Common, end, node

app = App(name="cycle", help="Follow netting cycles, pay in, run them by hand.", version_flags=())

COLUMNS = (
    ("cycle", "cycle_id"), ("number", "number"), ("currencies", "currencies"), ("state", "state"),
    ("opened", "opened_at"), ("cut", "cut_at"), ("pay in by", "deadline_at"), ("closed", "closed_at"),
    ("proved", "proved"), ("reason", "reason"),
)  # fmt: skip
SCHEDULES = (("currencies", "currencies"), ("cuts", "cuts"), ("next", "next_at"))


@app.command(name="list")
def list_(*, currency: str | None = None, state: str | None = None, common: Common = NOTHING_GIVEN) -> int:
    """List cycles, newest first.

    Parameters
    ----------
    currency
        Of exactly this currency.
    state
        In these states, separated by commas.
    """
    with node(common) as (client, out):
        out.rows(client.cycles.list(currency=currency, state=state, limit=1_000), COLUMNS)
    return DONE


@app.command
def show(cycle: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Show a cycle with its figures and one's own rows.

    Parameters
    ----------
    cycle
        Id of the cycle.
    """
    with node(common) as (client, out):
        out.item(client.cycles.get(cycle))
    return DONE


@app.command
def certificate(cycle: str, /, *, out: Path | None = None, common: Common = NOTHING_GIVEN) -> int:
    """Fetch the file by which a cycle is checked, for `steelyard verify cycle`.

    It tells who pays whom how much: operator and auditors may have it, an overseer where all is its own currency.

    Parameters
    ----------
    cycle
        Id of the cycle.
    out
        File to write; without it, standard output.
    """
    with node(common) as (client, _):
        found = msgspec.json.encode(client.cycles.certificate(cycle))
    if out is None:
        print(found.decode())
        return DONE
    try:
        with out.open("xb") as file:
            file.write(found + b"\n")
    except OSError as error:
        end(f"{out} cannot be written: {error.strerror or error}", USAGE)
    print(out)
    return DONE


@app.command
def schedules(*, common: Common = NOTHING_GIVEN) -> int:
    """List when cycles are cut."""
    with node(common) as (client, out):
        out.rows(client.cycles.schedules(limit=1_000), SCHEDULES)
    return DONE


@app.command
def schedule(
    *currencies: str,
    cut: Annotated[list[str] | None, Parameter(negative=())] = None,
    common: Common = NOTHING_GIVEN,
) -> int:
    """Set when cycles of some currencies are cut together, every day; without --cut no longer.

    Parameters
    ----------
    currencies
        Which currencies.
    cut
        A time of day in UTC, HH:MM; stands several times.
    """
    _need(currencies)
    with node(common) as (client, out):
        return told.done(out, client.cycles.schedule(currencies, cut or []))


@app.command
def open(*currencies: str, cut_at: str | None = None, common: Common = NOTHING_GIVEN) -> int:
    """Open a cycle over some currencies.

    Parameters
    ----------
    currencies
        Which currencies.
    cut_at
        When it is cut, RFC 3339; without it, when somebody cuts it.
    """
    _need(currencies)
    with node(common) as (client, out):
        return told.done(out, client.cycles.open(currencies, cut_at=cut_at))


@app.command
def cut(cycle: str, /, *, reason: str = "", common: Common = NOTHING_GIVEN) -> int:
    """Cut an open cycle before its time; takes two people.

    Parameters
    ----------
    cycle
        Id of the cycle.
    reason
        Why, in a word.
    """
    with node(common) as (client, out):
        return told.done(out, client.cycles.cut(cycle, reason=reason))


@app.command
def cancel(cycle: str, /, *, reason: str = "", common: Common = NOTHING_GIVEN) -> int:
    """End a cycle that has not settled; everybody gets back what it paid in. Takes two people.

    Parameters
    ----------
    cycle
        Id of the cycle.
    reason
        Why, in a word.
    """
    with node(common) as (client, out):
        return told.done(out, client.cycles.cancel(cycle, reason=reason))


@app.command
def extend(cycle: str, minutes: int, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Move the end of a cycle's pay-ins, once; takes two people.

    Parameters
    ----------
    cycle
        Id of the cycle.
    minutes
        By how many minutes.
    """
    with node(common) as (client, out):
        return told.done(out, client.cycles.extend(cycle, minutes * 60_000))


@app.command
def exclude(cycle: str, participant: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Leave a participant out of a cycle that has not settled; takes two people.

    Parameters
    ----------
    cycle
        Id of the cycle.
    participant
        BIC of who.
    """
    with node(common) as (client, out):
        return told.done(out, client.cycles.exclude(cycle, participant))


@app.command
def pay_in(cycle: str, currency: str, /, *, amount: str | None = None, common: Common = NOTHING_GIVEN) -> int:
    """Pay in what a cycle calls for.

    Parameters
    ----------
    cycle
        Id of the cycle.
    currency
        In which currency.
    amount
        How much of it, such as 'AED 10.00'; without it, all that is left.
    """
    asked = money(amount) if amount is not None else None
    with node(common) as (client, out):
        return told.done(out, client.cycles.pay_in(cycle, currency, asked))


def _need(currencies: tuple[str, ...]) -> None:
    """End where no currency is named."""
    if not currencies:
        end("name at least one currency", USAGE)
