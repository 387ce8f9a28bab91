"""Faults of a request in the words of a command line: its options instead of the places in a JSON body."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from steelyard.client.types import Fault

BIC = "a BIC in capitals, such as SIDRAEA0"
UUID = "a UUID in small letters"


class Option(NamedTuple):
    """An option that gives a field of a body, and in words what the field looks like."""

    name: str
    form: str = ""


Options = Mapping[str, Option]
"""Options by the first name of a field's place"""
NO_OPTIONS: Options = {}

PAY: Options = {
    "creditor_agent": Option("--to", BIC),
    "settlement": Option("--amount", "an asset and a decimal, such as 'INR 7350.00'"),
    "instructed": Option("--sell"),
    "quote_id": Option("--quote", UUID),
    "debtor": Option("--payer", "a name of 1 to 140 characters"),
    "debtor_account": Option("--payer-account", "an IBAN, or a number with its scheme before a colon"),
    "creditor": Option("--payee", "a name of 1 to 140 characters"),
    "creditor_account": Option("--payee-account", "an IBAN, or a number with its scheme before a colon"),
    "purpose": Option("--purpose", "an ISO 20022 purpose code, such as GDDS"),
    "remittance": Option("--remittance", "1 to 140 characters"),
    "end_to_end_id": Option("--reference", "1 to 35 characters"),
    "kind": Option("--bank"),
    "priority": Option("--urgent"),
    "settlement_priority": Option("--queue-class"),
    "charge_bearer": Option("--charges"),
    "settlement_on": Option("--on", "a date, YYYY-MM-DD"),
    "uetr": Option("--uetr", "a UUID of version 4 in small letters"),
    "Idempotency-Key": Option("--idempotency-key"),
}
QUOTE: Options = {
    "sell": Option("--sell", "a currency, such as AED"),
    "buy": Option("--buy", "a currency, such as INR"),
    "send": Option("--send", "a decimal, such as 100.00"),
    "receive": Option("--receive", "a decimal, such as 100.00"),
    "creditor_agent": Option("--to", BIC),
    "kind": Option("--bank"),
    "priority": Option("--urgent"),
    "charge_bearer": Option("--charges"),
    "Idempotency-Key": Option("--idempotency-key"),
}
_PLAIN = frozenset({"name", "iban", "id", "bic", "asset", "value"})
"""Parts of a field that an option gives as a whole"""


def said(faults: Iterable["Fault"], options: Options = NO_OPTIONS) -> str:
    """Say faults in one line, each once.

    >>> from steelyard.client.types import Fault
    >>> said([Fault("/creditor_agent", "missing", "must be given"), Fault("/uetr", "pattern", "must …", "x")], PAY)
    '--to is missing; --uetr x is not a UUID of version 4 in small letters'
    >>> said([Fault("/debtor/address/town", "missing", "must be given")], PAY)
    '--payer has no address.town (which takes --file)'
    >>> said([Fault("/debtor/name", "length", "must have at most 140 characters")])
    'debtor.name must have at most 140 characters'
    """
    return "; ".join(dict.fromkeys(_one(fault, options) for fault in faults))


def _one(fault: "Fault", options: Options) -> str:
    first, *rest = fault.pointer.removeprefix("/").split("/")
    option = options.get(first)
    if option is None:
        field = fault.pointer.removeprefix("/").replace("/", ".")
        what = "is missing" if fault.code == "missing" else fault.message
        return f"{field} {what}".strip()
    beyond = ".".join(part for part in rest if part not in _PLAIN and not part.isdigit())
    if beyond and fault.code == "missing":
        return f"{option.name} has no {beyond} (which takes --file)"
    if fault.code == "missing":
        return f"{option.name} is missing"
    if fault.code in ("pattern", "length", "type") and option.form and not beyond:
        return f"{option.name}{f' {fault.given}' if fault.given else ''} is not {option.form}"
    return f"{option.name}{f' {beyond}' if beyond else ''}: {fault.message}"
