"""Rules 21, 22, 24, 25, 26, 49 and 51: accounts, identifications, countries, addresses and names."""

from collections.abc import Iterable

from steelyard.iso20022.context import Context, Finding, quoted
from steelyard.iso20022.rules.view import DEBTOR, Message, Place, Tx, Values
from steelyard.values.identifiers import iban_fault, lei_is_right

_LINES_MAX, _REPEAT_MIN = 2, 3
_NOT_STRUCTURED = frozenset({"lines", "country", "type"})
_NAMED = frozenset({"debtor", "creditor", "ultimate_debtor", "ultimate_creditor"})
_IBAN_SAID = {
    "shape": "not of the form of an IBAN",
    "country": "its country has no IBAN",
    "length": "not as long as its country's IBAN",
    "check": "the check digits are wrong",
}


def iban(message: Message, context: Context) -> list[Finding]:
    """Length by country, then check digits; a country without IBAN is a fault."""
    found: list[Finding] = []
    lengths = context.reference.iban_lengths
    for tx in message.transactions:
        for _, place, values, side in tx.accounts:
            number = values.get("iban")
            if number is not None and (fault := iban_fault(number, lengths)) is not None:
                code = "AC02" if side == DEBTOR else "AC03"
                found.append(tx.finding("iban", code, (*place, "iban"), _IBAN_SAID[fault]))
    return found


def lei(message: Message, context: Context) -> list[Finding]:
    """Check digits of ISO 17442."""
    found: list[Finding] = []
    for tx in message.transactions:
        for _, place, values, side in tx.described:
            number = values.get("lei")
            if number is not None and not lei_is_right(number):
                code = "BE16" if side == DEBTOR else "BE17"
                found.append(tx.finding("lei", code, (*place, "lei"), "check digits are wrong"))
    return found


def country(message: Message, context: Context) -> list[Finding]:
    """Every country is one of ISO 3166-1."""
    found: list[Finding] = []
    countries = context.reference.countries
    for tx in message.transactions:
        for _, place, values, side in tx.described:
            for below, code in _countries(values):
                if code not in countries:
                    reason = "BE10" if side == DEBTOR else "BE11"
                    text = f"{quoted(code)} is no country"
                    found.append(tx.finding("country", reason, (*place, *below), text))
        if "regulatory" in tx.values:
            for place, code in _reporting_countries(tx.values):
                if code not in countries:
                    found.append(tx.finding("country", "BE09", place, f"{quoted(code)} is no country"))
    return found


def address(message: Message, context: Context) -> list[Finding]:
    """Town and country always; lines alone only until the profile's day; a hybrid has two lines at most
    that repeat nothing of the structured part."""
    found: list[Finding] = []
    until = context.profile.unstructured_address_until
    lines_pass = until is None or context.business_on <= until
    for tx in message.transactions:
        for _, place, values, side in tx.described:
            held = values.get("address")
            if held is None:
                continue
            fault = address_fault(held, lines_pass=lines_pass)
            if fault is not None:
                code = "BE07" if side == DEBTOR else "BE04"
                found.append(tx.finding("address", code, (*place, "address", *fault[0]), fault[1]))
    return found


def address_fault(values: Values, *, lines_pass: bool) -> tuple[Place, str] | None:
    """Say where below an address the first fault is, and which.

    >>> address_fault({"town": "Cairo", "country": "EG", "lines": ["12 Nile St, cairo"]}, lines_pass=False)
    (('lines', 0), 'the line repeats a structured value')
    """
    lines: list[str] = values.get("lines", [])
    structured = [value for name, value in values.items() if name not in _NOT_STRUCTURED] if lines else []
    if lines and not structured:
        return None if lines_pass else (("lines", 0), "address lines alone are over: town and country")
    if "town" not in values:
        return ("town",), "an address needs a town"
    if "country" not in values:
        return ("country",), "an address needs a country"
    if not lines:
        return None
    if len(lines) > _LINES_MAX:
        return ("lines", _LINES_MAX), f"at most {_LINES_MAX} lines beside a structured address"
    words = [_words(value) for value in structured if len(value.strip()) >= _REPEAT_MIN]
    for i, line in enumerate(lines):
        if len(line) > 70:
            return ("lines", i), "a line has at most 70 characters"
        spaced = _words(line)
        if any(word in spaced for word in words):
            return ("lines", i), "the line repeats a structured value"
    return None


def name(message: Message, context: Context) -> list[Finding]:
    """A party has a name unless a BIC stands for it, and with any address; an agent's come together."""
    found: list[Finding] = []
    for tx in message.transactions:
        for role, place, values, side in tx.parties:
            if "name" in values or ("bic" in values and "address" not in values):
                continue
            if role in _NAMED or "address" in values:
                code = "BE08" if side == DEBTOR else "BE22"
                found.append(tx.finding("name", code, (*place, "name"), "a name is required"))
        for _, place, values, _ in tx.agents:
            if ("name" in values) != ("address" in values):
                missing = "address" if "name" in values else "name"
                text = "an agent's name and address come together"
                found.append(tx.finding("name", "CH21", (*place, missing), text))
    return found


def accounts_differ(message: Message, context: Context) -> list[Finding]:
    """Nobody pays from an account to the same account."""
    found: list[Finding] = []
    for tx in message.transactions:
        debtor, creditor = tx.values.get("debtor_account"), tx.values.get("creditor_account")
        if debtor is not None and creditor is not None and _is_same(tx, debtor, creditor):
            text = "it is the debtor's account too"
            found.append(tx.finding("accounts_differ", "CH16", ("creditor_account",), text))
    return found


def iban_country(message: Message, context: Context) -> list[Finding]:
    """An IBAN's country is that of its agent's BIC, where the profile asks; wrong ones are named before."""
    found: list[Finding] = []
    if not context.profile.iban_country:
        return found
    reference = context.reference
    for tx in message.transactions:
        for role, code in (("debtor", "AC02"), ("creditor", "AC03")):
            number = tx.values.get(role + "_account", {}).get("iban")
            bic = (tx.agent(role + "_agent") or {}).get("bic")
            if number is None or bic is None or iban_fault(number, reference.iban_lengths) is not None:
                continue
            if bic[4:6] not in reference.bic_countries or context.participant(bic) is None:
                continue
            if number[:2] != bic[4:6]:
                text = f"the IBAN is of {number[:2]}, its bank of {bic[4:6]}"
                found.append(tx.finding("iban_country", code, (role + "_account", "iban"), text))
    return found


def _countries(values: Values) -> Iterable[tuple[Place, str]]:
    found = values.get("address")
    if found is not None and "country" in found:
        yield ("address", "country"), found["country"]
    if "residence" in values:
        yield ("residence",), values["residence"]
    if "birth" in values:
        yield ("birth", "country"), values["birth"]["country"]


def _reporting_countries(values: Values) -> Iterable[tuple[Place, str]]:
    for i, report in enumerate(values.get("regulatory", ())):
        authority = report.get("authority", {}).get("country")
        if authority is not None:
            yield ("regulatory", i, "authority", "country"), authority
        for j, details in enumerate(report.get("details", ())):
            if "country" in details:
                yield ("regulatory", i, "details", j, "country"), details["country"]


def _words(text: str) -> str:
    """Give a text by which whole words are found in another: folded, one blank between and around words."""
    parted = "".join(c if c.isalnum() else " " for c in text.casefold())
    return f" {' '.join(parted.split())} "


def _is_same(tx: Tx, debtor: Values, creditor: Values) -> bool:
    if "iban" in debtor or "iban" in creditor:
        return debtor.get("iban") == creditor.get("iban")
    agents = [tx.agent("debtor_agent") or {}, tx.agent("creditor_agent") or {}]
    return debtor.get("other") == creditor.get("other") and agents[0].get("bic") == agents[1].get("bic")
