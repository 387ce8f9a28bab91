"""`steelyard message`: ISO 20022 messages through a node."""

import re
import sys
from itertools import islice
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from steelyard.cli.output import Output
from steelyard.cli.reading import File, content
from steelyard.cli.session import DONE, NOTHING_GIVEN, REFUSED, Common, Switch, node

if TYPE_CHECKING:
    from steelyard.client.types import MessageAnswer, MessageChecked

app = App(name="message", help="Send ISO 20022 messages, have them checked, fetch them.", version_flags=())

SENT = (
    ("uetr", "uetr"),
    ("state", "state"),
    ("status", "status"),
    ("iso", "iso"),
    ("refusal", "refusal.code"),
)
FINDINGS = (("code", "code"), ("rule", "rule"), ("path", "path"), ("text", "text"))
_REFUSAL = re.compile(rb"<(?:\w+:)?(?:GrpSts|TxSts)>(?:RJCT|PART|CANC)<|:admi\.002\.")
"""What stands in an answering message where any payment, or the whole message, was refused"""
COLUMNS = (("at", "at"), ("id", "id"), ("message", "message"), ("subject", "subject"), ("event", "event"))


@app.command
def send(*files: File, xml: Switch = False, common: Common = NOTHING_GIVEN) -> int:
    """Send messages and say what became of each payment in them. Exit code 1 where any was refused.

    Parameters
    ----------
    files
        Files to send, in this order; - is standard input.
    xml
        Print the answering messages as they come.
    """
    code = DONE
    with node(common, deadline_s=60.0) as (client, out), out.progress("messages", len(files)) as tell:
        for number, file in enumerate(files, 1):
            raw = content(file)
            if xml:
                answer = client.messages.send_for_xml(raw)
                sys.stdout.buffer.write(answer + b"\n")
                code = max(code, DONE if _REFUSAL.search(answer) is None else REFUSED)
            else:
                code = max(code, _sent(out, client.messages.send(raw)))
            tell(number)
    return code


@app.command
def check(*files: File, common: Common = NOTHING_GIVEN) -> int:
    """Have messages judged by the node's own rules, with every finding; nothing is booked.

    Exit code 1 where any would not be accepted. Without a node: steelyard iso check.

    Parameters
    ----------
    files
        Files to judge; - is standard input.
    """
    code = DONE
    with node(common) as (client, out):
        for file in files:
            found = client.messages.check(content(file))
            code = max(code, _checked(out, file, found))
    return code


@app.command(name="list")
def list_(
    *, limit: Annotated[int, Parameter(name=["--limit", "-n"])] = 50, common: Common = NOTHING_GIVEN
) -> int:
    """List messages for oneself, newest first.

    Parameters
    ----------
    limit
        How many at most; 0 for all.
    """
    with node(common) as (client, out):
        out.rows(islice(client.messages.list(limit=min(limit or 1_000, 1_000)), limit or None), COLUMNS)
    return DONE


@app.command
def show(id: str, /, *, raw: Switch = False, common: Common = NOTHING_GIVEN) -> int:
    """Show a message, or its bytes.

    Parameters
    ----------
    id
        The message.
    raw
        Print its bytes as they are.
    """
    with node(common) as (client, out):
        if raw:
            sys.stdout.buffer.write(client.messages.raw(id))
        else:
            out.item(client.messages.get(id))
    return DONE


def _sent(out: Output, found: "MessageAnswer") -> int:
    """Print what became of a message: a line for each payment, or each finding where there is none."""
    if out.json:
        out.item(found)
    elif found.payments:
        out.rows(found.payments, SENT)
    else:
        out.rows(found.findings, FINDINGS)
    some = found.outcome != "accepted" or any(one.refusal is not None for one in found.payments)
    return REFUSED if some else DONE


def _checked(out: Output, file: str, found: "MessageChecked") -> int:
    if out.json:
        out.item(found)
    else:
        out.item({"file": file, "message": found.message, "outcome": found.outcome, "codes": found.codes})
        if found.findings:
            out.rows(found.findings, FINDINGS)
    return DONE if found.outcome == "accepted" else REFUSED
