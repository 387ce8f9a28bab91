"""`steelyard credit`: credit lines given by settlement agents in their currencies, drawn, repaid, closed."""

from typing import Literal

from cyclopts import App

from steelyard.cli import told
from steelyard.cli.reading import File, money, shape
from steelyard.cli.session import DONE, NOTHING_GIVEN, USAGE, Common, Switch, end, node

app = App(name="credit", help="List, give, draw, repay and close credit lines.", version_flags=())

COLUMNS = (
    ("line", "line_id"), ("kind", "kind"), ("lender", "lender"), ("borrower", "borrower"), ("cap", "cap"),
    ("used", "used"), ("room", "room"), ("usable", "usable"), ("why", "why"), ("state", "state"),
)  # fmt: skip
CASES = (
    ("case", "case_id"), ("kind", "kind"), ("line", "line_id"), ("lot", "lot"), ("amount", "amount"),
    ("opened", "opened_at"), ("closed", "closed_at"),
)  # fmt: skip


@app.command(name="list")
def list_(
    *,
    kind: Literal["intraday", "member", "swap"] | None = None,
    currency: str | None = None,
    common: Common = NOTHING_GIVEN,
) -> int:
    """List the lines that one gives or has, with what is used of them.

    Parameters
    ----------
    kind
        Of this kind.
    currency
        In this currency.
    """
    with node(common) as (client, out):
        out.rows(client.credit_lines.list(kind=kind, currency=currency, limit=1_000), COLUMNS)
    return DONE


@app.command
def cases(*, common: Common = NOTHING_GIVEN) -> int:
    """List what was not repaid or given back in time."""
    with node(common) as (client, out):
        out.rows(client.credit_lines.cases(limit=1_000), CASES)
    return DONE


@app.command
def give(file: File, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Give a line in one's own currency, or change its terms; what opens or widens it takes two people.

    Parameters
    ----------
    file
        A JSON file with the line's terms, as PUT /v1/credit-lines takes them; - is standard input.
    """
    from steelyard.client.credit import CreditLineAsked

    asked = shape(file, CreditLineAsked)
    with node(common) as (client, out):
        return told.done(out, client.credit_lines.put(asked))


@app.command
def close(line: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Close one's own line for new use; what is used is repaid as agreed.

    Parameters
    ----------
    line
        Id of the line.
    """
    with node(common) as (client, out):
        return told.done(out, client.credit_lines.close(line))


@app.command
def auto(
    line: str, cycle_cap: str | None = None, /, *, off: Switch = False, common: Common = NOTHING_GIVEN
) -> int:
    """Let netting cycles draw on a line that one has, or no longer.

    Parameters
    ----------
    line
        Id of the line.
    cycle_cap
        How much each cycle draws at most, a decimal of the line's currency.
    off
        No longer.
    """
    if (cycle_cap is None) != off:
        end("give how much a cycle draws at most, or --off", USAGE)
    with node(common) as (client, out):
        return told.done(out, client.credit_lines.auto_draw(line, not off, cycle_cap=cycle_cap or "0"))


@app.command
def draw(line: str, participant: str, amount: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Draw on a line for a participant of one's member.

    Parameters
    ----------
    line
        Id of the line.
    participant
        BIC of who gets the money.
    amount
        How much, such as 'AED 1000.00'.
    """
    asked = money(amount)
    with node(common) as (client, out):
        return told.done(out, client.credit_lines.draw(line, participant, asked))


@app.command
def repay(
    line: str,
    amount: str,
    /,
    *,
    participant: str | None = None,
    lot: int | None = None,
    common: Common = NOTHING_GIVEN,
) -> int:
    """Repay what was drawn on a line; of a swap a lot, whole.

    Parameters
    ----------
    line
        Id of the line.
    amount
        How much, such as 'AED 1000.00'.
    participant
        BIC of who pays, where a settlement agent orders it.
    lot
        Which lot of a swap.
    """
    asked = money(amount)
    with node(common) as (client, out):
        return told.done(out, client.credit_lines.repay(line, asked, participant=participant, lot=lot))
