"""Rules 38, 39 and 48: codes of the external sets, service levels that fit, instructions that agree."""

from collections import Counter

from steelyard.iso20022.context import Context, Finding, quoted
from steelyard.iso20022.rules.view import Message, Tx

_IN_TYPE = (("local_instrument", "FF05"), ("category_purpose", "FF06"))
_INSTRUCTIONS = ("creditor_agent_instructions", "next_agent_instructions")
_EXCLUDING = (("HOLD", "CHQB"), ("TELB", "PHOB"))
_OF_CUSTOMERS, _OF_BANKS = frozenset({"G001", "G002", "G003"}), frozenset({"G004"})


def code_sets(message: Message, context: Context) -> list[Finding]:
    """Service level, local instrument, category purpose and purpose are codes of the published sets."""
    found: list[Finding] = []
    sets = context.reference.code_sets
    for tx in message.transactions:
        for i, level in enumerate(tx.typed.get("service_levels", ())):
            code = level.get("code")
            if code is not None and code not in sets["service_level"]:
                place = (*tx.typed_at, "service_levels", i, "code")
                found.append(tx.finding("code_sets", "FF04", place, f"{quoted(code)} is no service level"))
        for name, reason in _IN_TYPE:
            held = tx.typed.get(name)
            if held is not None and held.get("code", "") not in sets[name] and "code" in held:
                text = f"{quoted(held['code'])} is no {name.replace('_', ' ')}"
                found.append(tx.finding("code_sets", reason, (*tx.typed_at, name, "code"), text))
        purpose = tx.values.get("purpose")
        if purpose is not None and "code" in purpose and purpose["code"] not in sets["purpose"]:
            text = f"{quoted(purpose['code'])} is no purpose"
            found.append(tx.finding("code_sets", "FF07", ("purpose", "code"), text))
    return found


def service_level_fits(message: Message, context: Context) -> list[Finding]:
    """G001, G002 and G003 are for customer payments, G004 for bank payments that cover nothing."""
    found: list[Finding] = []
    customer = message.kind == "pacs.008"
    wrong = _OF_BANKS if customer else _OF_CUSTOMERS
    for tx in message.transactions:
        if not customer and "underlying" in tx.values:
            continue
        for i, level in enumerate(tx.typed.get("service_levels", ())):
            if level.get("code") in wrong:
                text = f"{quoted(level['code'])} is for other payments"
                place = (*tx.typed_at, "service_levels", i, "code")
                found.append(tx.finding("service_level_fits", "FF04", place, text))
    return found


def instructions(message: Message, context: Context) -> list[Finding]:
    """Each instruction code once; hold excludes cheque, telecommunication excludes telephone."""
    found: list[Finding] = []
    for tx in message.transactions:
        for name in _INSTRUCTIONS:
            if name in tx.values:
                codes = [row.get("code") for row in tx.values[name]]
                found.extend(_clashing(tx, name, codes))
    return found


def _clashing(tx: Tx, name: str, codes: list[str | None]) -> list[Finding]:
    found: list[Finding] = []
    if len(codes) < 2:  # nothing to repeat and nothing to exclude
        return found
    seen = Counter(code for code in codes if code is not None)
    for code, times in seen.items():
        if times > 1:
            place = (name, _last(codes, code), "code")
            found.append(tx.finding("instructions", "CH16", place, f"{quoted(code)} stands {times} times"))
    for one, other in _EXCLUDING:
        if one in seen and other in seen:
            place = (name, _last(codes, other), "code")
            found.append(tx.finding("instructions", "CH16", place, f"{one} and {other} exclude each other"))
    return found


def _last(codes: list[str | None], code: str) -> int:
    return len(codes) - 1 - codes[::-1].index(code)
