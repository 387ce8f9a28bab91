"""`steelyard payments`: list them, follow one, take one back, send many."""

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from cyclopts import App, Parameter

from steelyard.cli import told
from steelyard.cli.reading import content
from steelyard.cli.session import (
    DONE,
    NOT_DUE,
    NOTHING_GIVEN,
    REFUSED,
    UNKNOWN,
    USAGE,
    Common,
    Switch,
    end,
    node,
)

if TYPE_CHECKING:
    from steelyard.client import PaymentResult
    from steelyard.client.types import PaymentAsked

app = App(name="payments", help="List payments, follow one, take one back, send many.", version_flags=())

COLUMNS = (
    ("entered", "entered_at"), ("uetr", "uetr"), ("state", "state"), ("waits for", "waits"), ("from", "debtor_agent"),
    ("to", "creditor_agent"), ("debit", "debit"), ("credit", "credit"), ("refusal", "refusal.code"),
)  # fmt: skip
STEPS = (
    ("row", "seq"), ("at", "at"), ("event", "event"), ("before", "before"), ("after", "after"),
    ("refusal", "refusal"),
)  # fmt: skip
LEGS = (
    ("row", "seq"), ("at", "at"), ("act", "act"), ("kind", "kind"), ("source", "source"), ("target", "target"),
    ("amount", "amount"), ("balance", "balance_after"),
)  # fmt: skip
RESULTS = (("line", "line"), ("uetr", "uetr"), ("result", "result"), ("reason", "reason"))
EACH = 500

Most = Annotated[int, Parameter(name=["--limit", "-n"])]


@app.command(name="list")
def list_(
    *,
    state: str | None = None,
    currency: str | None = None,
    target: str | None = None,
    from_at: str | None = None,
    until_at: str | None = None,
    debtor_agent: str | None = None,
    creditor_agent: str | None = None,
    limit: Most = 50,
    csv: Switch = False,
    common: Common = NOTHING_GIVEN,
) -> int:
    """List payments, newest first.

    Parameters
    ----------
    state
        Of these states alone, such as queued,held.
    currency
        What leaves, one or more codes.
    target
        What arrives, one or more codes.
    from_at
        Entered at or after this instant.
    until_at
        Entered before this instant.
    debtor_agent
        Who pays.
    creditor_agent
        Who is paid.
    limit
        How many at most; 0 for all.
    csv
        All that fit, as CSV with a last line that counts them.
    """
    from itertools import islice

    with node(common) as (client, out):
        found = client.payments.list(
            state=state, currency=currency, target=target, from_at=from_at, until_at=until_at,
            debtor_agent=debtor_agent, creditor_agent=creditor_agent, limit=min(limit or 1_000, 1_000),
        )  # fmt: skip
        if csv:
            sys.stdout.buffer.write(found.csv())
            return DONE
        out.rows(islice(found, limit or None), COLUMNS)
    return DONE


@app.command
def timeline(uetr: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Show every step of a payment's life.

    Parameters
    ----------
    uetr
        The payment.
    """
    with node(common) as (client, out):
        out.rows(client.payments.timeline(uetr), STEPS)
    return DONE


@app.command
def legs(uetr: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Show what a payment booked and reserved.

    Parameters
    ----------
    uetr
        The payment.
    """
    with node(common) as (client, out):
        out.rows(client.payments.legs(uetr), LEGS)
    return DONE


@app.command
def cancel(uetr: str, /, *, reason: str | None = None, common: Common = NOTHING_GIVEN) -> int:
    """Take a payment back that is not decided yet.

    Parameters
    ----------
    uetr
        The payment.
    reason
        ISO 20022 reason code, such as CUST.
    """
    with node(common) as (client, out):
        return told.done(out, client.payments.cancel(uetr, reason=reason))


@app.command
def consent(
    uetr: str, /, *, quote: str | None = None, end_it: Switch = False, common: Common = NOTHING_GIVEN
) -> int:
    """Say what becomes of a payment whose quote died while it waited.

    Parameters
    ----------
    uetr
        The payment.
    quote
        Id of the quote to go on with.
    end_it
        Give the payment up.
    """
    if (quote is None) != end_it:
        end("either --quote names the one to go on with, or --end-it gives the payment up", USAGE)
    with node(common) as (client, out):
        return told.done(out, client.payments.consent(uetr, quote))


@app.command
def credited(uetr: str, /, *, not_yet: str | None = None, common: Common = NOTHING_GIVEN) -> int:
    """Report, as the payee's bank, that the payee has the money.

    Parameters
    ----------
    uetr
        The payment.
    not_yet
        The payee does not have it yet: the ISO 20022 code that says why.
    """
    with node(common) as (client, out):
        return told.done(out, client.payments.credited(uetr, credited=not_yet is None, reason=not_yet))


@app.command
def bulk(file: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Send many payments: a JSON object a line, as the API takes it; each line has its own result.

    Sent again, a file whose lines name a `uetr` does nothing twice. Exit codes: 0 all went in, 1 some were
    refused, 5 of some the outcome is unknown, 2 a line cannot be read: then nothing was sent.

    Parameters
    ----------
    file
        The file; - is standard input.
    """
    asked = list(_lines(file))
    if not asked:
        end(f"{file} has no payment", NOT_DUE)
    codes = set()
    with node(common, deadline_s=60.0) as (client, out), out.progress("payments", len(asked)) as tell:

        def results() -> Iterator[dict[str, Any]]:
            for start in range(0, len(asked), EACH):
                sent = client.payments.send_many(asked[start : start + EACH])
                for line, found in enumerate(sent, start + 1):
                    row = _result(line, found)
                    codes.add(row["result"])
                    yield row
                tell(min(start + EACH, len(asked)))

        out.rows(results(), RESULTS)
    if "unknown" in codes:
        return UNKNOWN
    return REFUSED if codes & {"refused", "cancelled"} else DONE


def _lines(file: str) -> "Iterator[PaymentAsked]":
    """Read every line before anything is sent."""
    from steelyard.client.types import PaymentAsked

    decode = msgspec.json.Decoder(PaymentAsked).decode
    for number, line in enumerate(content(file).splitlines(), 1):
        if line.strip():
            try:
                yield decode(line)
            except msgspec.MsgspecError as error:
                end(f"{file}, line {number}: {error}", USAGE)


def _result(line: int, found: "PaymentResult") -> dict[str, Any]:
    reason = getattr(found, "code", "") or getattr(found, "reason", "")
    return {"line": line, "uetr": found.uetr, "result": type(found).__name__.lower(), "reason": reason}
