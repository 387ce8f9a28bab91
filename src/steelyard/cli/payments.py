"""`steelyard payments`: list them, follow one, take one back, send many."""

import sys
from collections.abc import Iterator
from hashlib import sha256
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from steelyard.cli import told
from steelyard.cli.reading import File, content
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
RESULTS = (("line", "line"), ("uetr", "uetr"), ("result", "result"), ("reason", "reason"), ("why", "why"))
EACH = 5_000
"""Lines of a file that go in one request"""

Most = Annotated[int, Parameter(name=["--limit", "-n"])]


@app.command(name="list")
def list_(
    *,
    state: str | None = None,
    currency: str | None = None,
    target: str | None = None,
    from_at: str | None = None,
    to_at: str | None = None,
    debtor_agent: str | None = None,
    creditor_agent: str | None = None,
    limit: Most | None = None,
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
    to_at
        Entered before this instant.
    debtor_agent
        Who pays.
    creditor_agent
        Who is paid.
    limit
        How many at most, 50 if not given; 0 for all.
    csv
        As CSV, all that fit with a last line that counts them; of fewer, by --limit, without that line.
    """
    from itertools import islice

    most = 50 if limit is None else limit
    with node(common) as (client, out):
        found = client.payments.list(
            state=state, currency=currency, target=target, from_at=from_at, to_at=to_at,
            debtor_agent=debtor_agent, creditor_agent=creditor_agent, limit=min(most or 1_000, 1_000),
        )  # fmt: skip
        if csv:
            sys.stdout.buffer.write(_first(found.csv(), limit or 0))
            return DONE
        out.rows(islice(found, most or None), COLUMNS)
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
        return told.withdrawn(out, uetr, client.payments.cancel(uetr, reason=reason))


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
def bulk(
    file: File,
    /,
    *,
    csv: Switch = False,
    common: Common = NOTHING_GIVEN,
) -> int:
    """Send a file of payments: a JSON object a line, as the API takes it; each line has its own result.

    The same file sent again does nothing twice: it goes under a key made from its content; another --idempotency-key
    means the payments once more. Exit codes: 0 all
    went in, 1 some were refused, 5 of some the outcome is unknown.

    Parameters
    ----------
    file
        The file; - is standard input.
    csv
        The file is CSV, its first line names the fields, such as creditor.name.
    """
    pieces = list(_pieces(content(file), csv=csv))
    if not pieces:
        end(f"{file} has no payment", NOT_DUE)
    name = common.idempotency_key or sha256(b"\0".join(data for _, data in pieces)).hexdigest()
    media, codes = "text/csv" if csv else "application/x-ndjson", set()
    with node(common, deadline_s=60.0) as (client, out), out.progress("lines", pieces[-1][0]) as tell:

        def results() -> Iterator[dict[str, Any]]:
            before = 0
            for number, (upto, data) in enumerate(pieces):
                for line, found in client.payments.send_file(data, media=media, key=f"{name}-{number}"):
                    row = _result(before + line, found)
                    codes.add(row["result"])
                    yield row
                before = upto - csv
                tell(upto)

        out.rows(results(), RESULTS)
    if "unknown" in codes:
        return UNKNOWN
    return REFUSED if codes & {"refused", "cancelled"} else DONE


def _first(whole: bytes, count: int) -> bytes:
    """Give the heading and the first rows of CSV; the line that counts and proves stands for all rows alone."""
    import csv
    import io

    text = whole.decode("utf-8")
    rows = [
        row
        for row in csv.reader(io.StringIO(text, newline=""))
        if not row[:1] or not row[0].startswith("# rows=")
    ]
    if not 0 < count < len(rows) - 1:
        return whole
    made = io.StringIO(newline="")
    csv.writer(made, lineterminator="\r\n").writerows(rows[: count + 1])
    return made.getvalue().encode()


def _pieces(raw: bytes, *, csv: bool) -> Iterator[tuple[int, bytes]]:
    """Cut a file into pieces that a request may hold, each with the number of its last line."""
    lines = raw.splitlines(keepends=True)
    head = lines[0] if csv and lines else b""
    for start in range(1 if csv else 0, len(lines), EACH):
        some = lines[start : start + EACH]
        if any(line.strip() for line in some):
            yield start + len(some), head + b"".join(some)


def _result(line: int, found: "PaymentResult") -> dict[str, Any]:
    reason = getattr(found, "code", "") or getattr(found, "reason", "")
    result = type(found).__name__.lower()
    return {"line": line, "uetr": found.uetr, "result": result, "reason": reason, "why": _why(found)}


def _why(found: "PaymentResult") -> str:
    """Say what is wrong with a line that was refused, and where in it."""
    from steelyard.client import Refused
    from steelyard.client.errors import reason

    if not isinstance(found, Refused):
        return ""
    return "; ".join(f"{one.pointer} {one.message}" for one in found.problem.errors) or reason(found.problem)
