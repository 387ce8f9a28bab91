"""Rules 38, 39 and 48: codes of the external sets, service levels that fit, instructions that agree."""

from collections import Counter
from collections.abc import Iterable

from steelyard.iso20022.context import Context, Finding, quoted
from steelyard.iso20022.rules.view import Message, Place, Tx

_IN_TYPE = (("local_instrument", "FF05"), ("category_purpose", "FF06"))
_INSTRUCTIONS = ("creditor_agent_instructions", "next_agent_instructions")
_EXCLUDING = (("HOLD", "CHQB"), ("TELB", "PHOB"))
_OF_CUSTOMERS, _OF_BANKS = frozenset({"G001", "G002", "G003"}), frozenset({"G004"})


def code_sets(message: Message, context: Context) -> Iterable[Finding]:
    """Service level, local instrument, category purpose and purpose are codes of the published sets."""
    sets = context.reference.code_sets
    for tx in message.transactions:
        for code, place in _service_levels(tx):
            if code not in sets["service_level"]:
                yield tx.finding("code_sets", "FF04", place, f"{quoted(code)} is no service level")
        values, above = tx.payment_type()
        for name, reason in _IN_TYPE:
            found = values.get(name)
            if found is not None and "code" in found and found["code"] not in sets[name]:
                text = f"{quoted(found['code'])} is no {name.replace('_', ' ')}"
                yield tx.finding("code_sets", reason, (*above, name, "code"), text)
        purpose = tx.values.get("purpose")
        if purpose is not None and "code" in purpose and purpose["code"] not in sets["purpose"]:
            text = f"{quoted(purpose['code'])} is no purpose"
            yield tx.finding("code_sets", "FF07", ("purpose", "code"), text)


def service_level_fits(message: Message, context: Context) -> Iterable[Finding]:
    """G001, G002 and G003 are for customer payments, G004 for bank payments that cover nothing."""
    customer = message.kind == "pacs.008"
    for tx in message.transactions:
        if not customer and "underlying" in tx.values:
            continue
        wrong = _OF_BANKS if customer else _OF_CUSTOMERS
        for code, place in _service_levels(tx):
            if code in wrong:
                yield tx.finding("service_level_fits", "FF04", place, f"{quoted(code)} is for other payments")


def instructions(message: Message, context: Context) -> Iterable[Finding]:
    """Each instruction code once; hold excludes cheque, telecommunication excludes telephone."""
    for tx in message.transactions:
        for name in _INSTRUCTIONS:
            rows = tx.values.get(name)
            if rows is None:
                continue
            codes = [row.get("code") for row in rows]
            seen = Counter(code for code in codes if code is not None)
            for code, times in seen.items():
                if times > 1:
                    place = (name, _last(codes, code), "code")
                    yield tx.finding("instructions", "CH16", place, f"{quoted(code)} stands {times} times")
            for one, other in _EXCLUDING:
                if one in seen and other in seen:
                    place = (name, _last(codes, other), "code")
                    yield tx.finding("instructions", "CH16", place, f"{one} and {other} exclude each other")


def _service_levels(tx: Tx) -> Iterable[tuple[str, Place]]:
    values, above = tx.payment_type()
    for i, level in enumerate(values.get("service_levels", ())):
        if "code" in level:
            yield level["code"], (*above, "service_levels", i, "code")


def _last(codes: list[str | None], code: str) -> int:
    return len(codes) - 1 - codes[::-1].index(code)
