"""The JSON face: the same canonical structs, money and time in the forms that people and programs read.

Amounts are `{"asset": "INR", "value": "1250000.50"}` with `amount_minor` beside it on the way out; rates
are exact strings; instants are RFC 3339, dates ISO 8601. Unknown keys are refused. The rules run on both
faces with the same findings; a path here is a JSON pointer.
"""

import re
from typing import Any

import msgspec

from steelyard.iso20022.canonical import CreditTransfer, Envelope
from steelyard.iso20022.canonicalise import ratio
from steelyard.iso20022.context import Context, Finding, Reference, quoted
from steelyard.iso20022.lexical import decimal, minor
from steelyard.iso20022.lexical_of import body_values
from steelyard.iso20022.rules import Message, judge
from steelyard.iso20022.rules.view import Place
from steelyard.values.amount import format_minor
from steelyard.values.instants import format_date, format_instant, parse_date, parse_instant

Json = dict[str, Any]
_INSTANTS = frozenset({"created_at", "not_before_at", "not_after_at", "accepted_at"})
_DAYS = frozenset({"settlement_on", "born_on", "booked_on", "value_on"})
_FREE = frozenset({"remittance", "underlying", "regulatory", "contact"})  # data kept as it was
_AT = re.compile(r" - at `\$\.?([^`]*)`")
_NAMES = {"debtor_account": "debtor_account/id", "creditor_account": "creditor_account/id"}


def envelope_json(envelope: Envelope, reference: Reference) -> Json:
    """Give a message as JSON data: header and body, by the names of the canonical structs."""
    body = envelope.body
    name = "payments" if envelope.payments else "statements" if isinstance(body, tuple) else "report"
    return {
        "message": envelope.message,
        "header": outward(msgspec.to_builtins(envelope.header), reference),
        name: outward(msgspec.to_builtins(body), reference),
    }


def payment_json(transfer: CreditTransfer, reference: Reference) -> Json:
    """Give one payment as JSON data."""
    found: Json = outward(msgspec.to_builtins(transfer), reference)
    return found


def read_payment(data: bytes | Json, reference: Reference) -> CreditTransfer | Finding:
    """Read one payment, or say where its shape is wrong (FF01)."""
    try:
        decoded = msgspec.json.decode(data) if isinstance(data, bytes) else data
        return msgspec.convert(inward(decoded, reference, ""), CreditTransfer, strict=True)
    except _Shape as wrong:
        return wrong.finding
    except msgspec.ValidationError as error:
        found = _AT.search(str(error))
        pointer = "/" + re.sub(r"\[(\d+|\.\.\.)\]", r"/\1", found[1].replace(".", "/")) if found else ""
        return Finding("shape", "FF01", pointer, quoted(str(error).partition(" - at")[0]))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Finding("shape", "FF01", "", "not JSON")


def judge_payment(transfer: CreditTransfer, context: Context) -> list[Finding]:
    """Run the rules on a payment from this face; it settles through the clearing system of the context."""
    kind = "pacs.008.001.08" if transfer.kind == "customer" else "pacs.009.001.08"
    digits = context.reference.currencies
    body = body_values([transfer], digits, clearing_system=context.clearing_system)
    return judge(Message(kind, body, None, None, locate=pointer), context)


def pointer(_: str, place: Place) -> str:
    """Give the JSON pointer of a place below a message of one payment.

    >>> pointer("", ("transactions", 0, "debtor", "address", "country"))
    '/debtor/address/country'
    """
    steps = list(
        place[2:] if place[:1] == ("transactions",) else place[1:] if place[:1] == ("group",) else place
    )
    if steps and steps[0] in ("service_levels", "local_instrument", "category_purpose", "purpose"):
        steps = [step for step in steps if step not in ("code", "proprietary")]
    return "".join(f"/{_NAMES.get(str(step), step)}" for step in steps)


def outward(value: Any, reference: Reference, name: str = "") -> Any:
    """Turn canonical data into what JSON shows."""
    if isinstance(value, dict):
        if value.keys() == {"asset", "amount_minor"}:
            digits = reference.currencies.get(value["asset"]) or 0
            text = format_minor(value["amount_minor"], digits)
            return {"asset": value["asset"], "value": text, "amount_minor": str(value["amount_minor"])}
        if value.keys() == {"numerator", "denominator", "text"}:
            return value["text"]
        return {key: part if key in _FREE else outward(part, reference, key) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [outward(part, reference, name) for part in value]
    if isinstance(value, int) and name in _INSTANTS:
        return format_instant(value)
    if isinstance(value, int) and name in _DAYS:
        return format_date(value)
    return value


def inward(value: Any, reference: Reference, where: str) -> Any:
    """Turn what JSON shows into canonical data; raises `_Shape` where that cannot be done exactly."""
    name = where.rpartition("/")[2]
    if isinstance(value, dict):
        if "asset" in value and value.keys() <= {"asset", "value", "amount_minor"}:
            return _money(value, reference, where)
        return {
            key: part if key in _FREE else inward(part, reference, f"{where}/{key}")
            for key, part in value.items()
        }
    if isinstance(value, list):
        return [inward(part, reference, f"{where}/{i}") for i, part in enumerate(value)]
    if isinstance(value, str):
        if name == "rate":
            return _exact(ratio(value) if decimal(value) is not None else None, where, "an exact decimal")
        if name in _INSTANTS:
            return _exact(parse_instant(value), where, "an instant of RFC 3339")
        if name in _DAYS:
            return _exact(parse_date(value), where, "a date")
    elif value is not None and (name == "rate" or name in _INSTANTS or name in _DAYS):
        raise _Shape(where, "not a text")
    return value


class _Shape(Exception):
    """A value that cannot be read exactly."""

    def __init__(self, where: str, text: str) -> None:
        super().__init__(text)
        self.finding = Finding("shape", "FF01", where, text)


def _exact(value: Any, where: str, what: str) -> Any:
    if value is None:
        raise _Shape(where, f"not {what}")
    return msgspec.to_builtins(value)


def _money(value: Json, reference: Reference, where: str) -> Json:
    text, asset, given = value.get("value"), value["asset"], value.get("amount_minor")
    digits = reference.currencies.get(asset) if isinstance(asset, str) else None
    if not isinstance(text, str) or not isinstance(asset, str):
        raise _Shape(where, "an amount is an asset and a value, both text")
    read = decimal(text)
    if read is None or read.unscaled < 0:
        raise _Shape(where + "/value", "not a decimal")
    units = minor(read, digits) if digits is not None else None
    if units is None:
        raise _Shape(where + "/value", "no exact minor units of this asset")
    if given is not None and given != str(units):
        raise _Shape(where + "/amount_minor", "not the minor units of the value")
    return {"asset": asset, "amount_minor": units}
