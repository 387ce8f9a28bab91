"""Rules 21, 22, 24, 25, 26, 49 and 51: accounts, identifications, countries, addresses and names."""

from collections.abc import Iterable

from steelyard.iso20022.context import Context, Finding, quoted
from steelyard.iso20022.rules.view import DEBTOR, Held, Message, Place, Tx, Values
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


def iban(message: Message, context: Context) -> Iterable[Finding]:
    """Length by country, then check digits; a country without IBAN is a fault."""
    lengths = context.reference.iban_lengths
    for tx in message.transactions:
        for account in tx.accounts:
            number = account.values.get("iban")
            if number is not None and (fault := iban_fault(number, lengths)) is not None:
                code = _by_side(account, "AC02", "AC03")
                yield tx.finding("iban", code, (*account.place, "iban"), _IBAN_SAID[fault])


def lei(message: Message, context: Context) -> Iterable[Finding]:
    """Check digits of ISO 17442."""
    for tx in message.transactions:
        for held in (*tx.parties, *tx.agents):
            code = held.values.get("lei")
            if code is not None and not lei_is_right(code):
                yield tx.finding(
                    "lei", _by_side(held, "BE16", "BE17"), _at(held, "lei"), "check digits are wrong"
                )


def country(message: Message, context: Context) -> Iterable[Finding]:
    """Every country is one of ISO 3166-1."""
    countries = context.reference.countries
    for tx in message.transactions:
        for held in (*tx.parties, *tx.agents):
            for place, code in _countries(held.values):
                if code not in countries:
                    text = f"{quoted(code)} is no country"
                    yield tx.finding("country", _by_side(held, "BE10", "BE11"), _at(held, *place), text)
        for place, code in _reporting_countries(tx.values):
            if code not in countries:
                yield tx.finding("country", "BE09", place, f"{quoted(code)} is no country")


def address(message: Message, context: Context) -> Iterable[Finding]:
    """Town and country always; lines alone only until the profile's day; a hybrid has two lines at most
    that repeat nothing of the structured part."""
    until = context.profile.unstructured_address_until
    lines_pass = until is None or context.business_on <= until
    for tx in message.transactions:
        for held in (*tx.parties, *tx.agents):
            values = held.values.get("address")
            if values is None:
                continue
            fault = address_fault(values, lines_pass=lines_pass)
            if fault is not None:
                place = _at(held, "address", *fault[0])
                yield tx.finding("address", _by_side(held, "BE07", "BE04"), place, fault[1])


def address_fault(values: Values, *, lines_pass: bool) -> tuple[Place, str] | None:
    """Say where below an address the first fault is, and which.

    >>> address_fault({"town": "Cairo", "country": "EG", "lines": ["12 Nile St, cairo"]}, lines_pass=False)
    (('lines', 0), 'the line repeats a structured value')
    """
    lines: list[str] = values.get("lines", [])
    structured = [value for name, value in values.items() if name not in _NOT_STRUCTURED]
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


def name(message: Message, context: Context) -> Iterable[Finding]:
    """A party has a name unless a BIC stands for it, and with any address; an agent's come together."""
    for tx in message.transactions:
        for held in tx.parties:
            values = held.values
            if "name" in values or ("bic" in values and "address" not in values):
                continue
            if held.role in _NAMED or "address" in values:
                yield tx.finding(
                    "name", _by_side(held, "BE08", "BE22"), _at(held, "name"), "a name is required"
                )
        for held in tx.agents:
            named, placed = "name" in held.values, "address" in held.values
            if named != placed:
                missing = "address" if named else "name"
                text = "an agent's name and address come together"
                yield tx.finding("name", "CH21", _at(held, missing), text)


def accounts_differ(message: Message, context: Context) -> Iterable[Finding]:
    """Nobody pays from an account to the same account."""
    for tx in message.transactions:
        debtor, creditor = tx.values.get("debtor_account"), tx.values.get("creditor_account")
        if debtor is None or creditor is None or not _is_same(tx, debtor, creditor):
            continue
        yield tx.finding("accounts_differ", "CH16", ("creditor_account",), "it is the debtor's account too")


def iban_country(message: Message, context: Context) -> Iterable[Finding]:
    """An IBAN's country is that of its agent's BIC, where the profile asks; wrong ones are named before."""
    if not context.profile.iban_country:
        return
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
                yield tx.finding("iban_country", code, (role + "_account", "iban"), text)


def _by_side(held: Held, debtor: str, creditor: str) -> str:
    return debtor if held.side == DEBTOR else creditor


def _at(held: Held, *below: str | int) -> Place:
    return (*held.place, *below)


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
