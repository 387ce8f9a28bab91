"""What became of a command or a payment, as the command line says it: a line, and the exit code."""

import sys
from typing import TYPE_CHECKING, Any

from steelyard.cli.output import Output, shown
from steelyard.cli.session import DONE, REFUSED, UNKNOWN, end
from steelyard.cli.wording import NO_OPTIONS, Options, said

if TYPE_CHECKING:
    from steelyard.client import PaymentResult
    from steelyard.client.types import Done, Problem

DONE_FIELDS = (("subject", "subject"), ("state", "state"), ("row", "seq"), ("at", "at"))
PAYMENT_FIELDS = (
    ("uetr", "uetr"), ("state", "state"), ("status", "status"), ("waits for", "waits"), ("debit", "debit"),
    ("credit", "credit"), ("quote", "quote_id"), ("row", "seq"), ("at", "at"), ("repeat of before", "replayed"),
)  # fmt: skip


def done(out: Output, found: "Done") -> int:
    """Say what became of a command."""
    if found.outcome == "unknown":
        if out.json:
            out.item(found)
        key = found.details.get("key", "")
        why = found.details.get("why", "")
        end(f"outcome unknown: {why} (hint: the same again with --idempotency-key {key} is safe)", UNKNOWN)
    if found.outcome == "refused" and found.refusal is not None:
        return refused(out, found, found.refusal, found.iso)
    if out.json:
        out.item(found)
    elif not out.quiet:
        out.item(found, DONE_FIELDS)
        extra = {name: value for name, value in found.details.items() if name not in ("proposal",)}
        if extra:
            out.item(extra)
    if found.state == "PROPOSED":
        out.hint(
            f"A second person approves: steelyard approval approve {found.subject}"
            f" --shown {found.details.get('shown', '')}"
        )
    return DONE


def withdrawn(out: Output, uetr: str, found: "Done") -> int:
    """Say what became of a payment taken back from the queue: parts that had settled before stay so."""
    code = done(out, found)
    if found.state == "SETTLED":
        out.hint(f"A part had settled and is final; only the rest was taken back: steelyard status {uetr}")
    return code


def payment(out: Output, found: "PaymentResult", options: Options = NO_OPTIONS) -> int:
    """Say what became of a payment."""
    from steelyard.client import Cancelled, Refused, Unknown

    if isinstance(found, Refused):
        return refused(out, found.answer, found.problem, found.iso, options)
    if out.json:
        out.item(found.answer)
    elif not out.quiet:
        out.item(found.answer, PAYMENT_FIELDS)
    elif not isinstance(found, Unknown):
        print(found.uetr)
    if isinstance(found, Unknown):
        end(
            f"outcome unknown of payment {found.uetr}: {found.reason}"
            f" (hint: steelyard status {found.uetr}, or the same again with --idempotency-key {found.key})",
            UNKNOWN,
        )
    return REFUSED if isinstance(found, Cancelled) else DONE


def refused(out: Output, answer: Any, why: "Problem", iso: str | None, options: Options = NO_OPTIONS) -> int:
    """Say that a rule refused it; where JSON is asked for, the answer says why."""
    from steelyard.client.errors import reason

    if out.json:
        out.item(answer)
    words = f"{why.title}: {said(why.errors, options)}" if why.errors else reason(why)
    print(f"steelyard: refused: {why.code}: {shown(words)}{f' [{iso}]' if iso else ''}", file=sys.stderr)
    return REFUSED
