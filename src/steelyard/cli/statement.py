"""`steelyard statement`: what moved on an account on a business day."""

import sys
from pathlib import Path
from typing import Literal

from steelyard.cli.session import DONE, NOTHING_GIVEN, USAGE, Common, end, node

HEAD = (
    ("account", "account"), ("owner", "owner"), ("day", "on"), ("number", "number"), ("opening", "opening"),
    ("closing", "closing"), ("closed", "closed_at"), ("final", "final"),
)  # fmt: skip
ENTRIES = (
    ("number", "number"), ("at", "at"), ("credit", "is_credit"), ("amount", "amount"), ("balance", "balance"),
    ("counterparty", "counterparty"), ("kind", "kind"), ("reference", "reference"),
)  # fmt: skip


def statement(
    account: str,
    on: str,
    /,
    *,
    form: Literal["table", "csv", "camt.053"] = "table",
    out: Path | None = None,
    common: Common = NOTHING_GIVEN,
) -> int:
    """Fetch an account's statement of a business day.

    Parameters
    ----------
    account
        The account's number, or its name such as GHAFAEA0/AED.
    on
        The day, YYYY-MM-DD.
    form
        A table (or JSON), CSV, or the ISO 20022 message.
    out
        A new file to write it to.
    """
    with node(common) as (client, output):
        if form == "table" and out is None:
            found = client.statements.get(account, on)
            if output.json:
                output.item(found)
                return DONE
            output.item(found, HEAD)
            print()
            output.rows(found.entries, ENTRIES)
            return DONE
        fetch = client.statements.camt_053 if form == "camt.053" else client.statements.csv
        _write(fetch(account, on), out)
    return DONE


def _write(data: bytes, out: Path | None) -> None:
    """Write to standard output, or to a file that is not there yet."""
    if out is None:
        sys.stdout.buffer.write(data)
        return
    try:
        with out.open("xb") as file:
            file.write(data)
    except OSError as error:
        end(f"{out} cannot be written: {error.strerror or error}", USAGE)
