"""Lexical values to canonical structs: text becomes integers, codes and structs, exactly.

Runs on values that passed the rules; what then cannot be read is our bug and raises. Amounts of reports are
under no rule: one that is not exact in its currency raises `NotExact`.
"""

from math import gcd
from typing import Any, Literal

from steelyard.iso20022.canonical import (
    Account,
    Address,
    Agent,
    Birth,
    Body,
    Charge,
    CreditTransfer,
    Header,
    Instruction,
    Money,
    Movement,
    OtherId,
    Party,
    Ratio,
    Refusal,
    Reported,
    Statement,
    StatusReport,
)
from steelyard.iso20022.context import Reference
from steelyard.iso20022.lexical import date, decimal, minor, quote_id, stamp
from steelyard.values.identifiers import Alias, Iban, National
from steelyard.values.instants import SECOND

Values = dict[str, Any]


class NotExact(ValueError):
    """An amount that its currency cannot hold exactly."""


_ADDRESS = frozenset(Address.__struct_fields__) - {"lines", "type"}
_PREVIOUS = ("previous_agent_1", "previous_agent_2", "previous_agent_3")
_INTERMEDIARY = ("intermediary_agent_1", "intermediary_agent_2", "intermediary_agent_3")
_ADVICE = ".adv."


def header_of(values: Values) -> Header:
    """Make the canonical header."""
    return Header(
        values["from"].get("bic"),
        values["to"].get("bic"),
        values["business_message_id"],
        values["definition"],
        _at(values["created_at"]),
        values.get("service"),
        values.get("priority"),
        values.get("possible_duplicate") in ("true", "1"),
    )


def body_of(
    message: str, body: Values, reference: Reference, *, service: str | None, without: frozenset[int]
) -> Body:
    """Make the canonical body of a message; `without` are the ordinals of faulty transactions."""
    kind = message[:8]
    if kind == "pacs.002":
        return status_report(body)
    if kind == "admi.002":
        refused_at = body.get("refused_at")
        at = _at(refused_at) if refused_at is not None else None
        return Refusal(body["reference"], body["reason"], at, body.get("place"), body.get("text"))
    if kind in ("camt.053", "camt.054", "camt.052"):
        return statements(body, reference)
    return tuple(
        credit_transfer(kind, body["group"], values, ordinal, reference, service)
        for ordinal, values in enumerate(body["transactions"], 1)
        if ordinal not in without
    )


def credit_transfer(
    kind: str, group: Values, values: Values, ordinal: int, reference: Reference, service: str | None = None
) -> CreditTransfer:
    """Make one payment from the values of its transaction and of the group."""
    customer = kind == "pacs.008"
    end = _party if customer else _agent
    settlement_on = values.get("settlement_on") or group.get("settlement_on")
    typed = values if _has_type(values) else group
    levels = typed.get("service_levels", ())
    times = values.get("times")
    debtor, creditor = end(values["debtor"]), end(values["creditor"])
    carried = values.get("carried")
    return CreditTransfer(
        _kind(customer, values, service),
        group["message_id"],
        ordinal,
        values["end_to_end_id"],
        _money(values["settlement"], reference),
        date(settlement_on) if settlement_on is not None else None,
        debtor,
        creditor,
        _agent(values["debtor_agent"]) if "debtor_agent" in values else _as_agent(debtor),
        _agent(values["creditor_agent"]) if "creditor_agent" in values else _as_agent(creditor),
        None,
        values.get("instruction_id"),
        values.get("transaction_id"),
        values.get("uetr"),
        _at(group["created_at"]),
        typed.get("priority"),
        tuple([_word(level) or "" for level in levels]) if levels else (),
        _word(typed.get("local_instrument")),
        _word(typed.get("category_purpose")),
        _word(values.get("purpose")),
        _time_of(times, "from", settlement_on) if times else None,
        (_time_of(times, "till", settlement_on) or _time_of(times, "reject", settlement_on))
        if times
        else None,
        _money(values["instructed"], reference) if "instructed" in values else None,
        ratio(values["rate"]) if "rate" in values else None,
        quote_of(values),
        values.get("charge_bearer", "SHAR"),
        tuple([_charge(c, reference) for c in values["charges"]]) if "charges" in values else (),
        _agent_or_none(values.get("instructing_agent") or group.get("instructing_agent")),
        _agent_or_none(values.get("instructed_agent") or group.get("instructed_agent")),
        tuple([_agent(values[role]) for role in _PREVIOUS if role in values]),
        tuple([_agent(values[role]) for role in _INTERMEDIARY if role in values]),
        end(values["ultimate_debtor"]) if "ultimate_debtor" in values else None,
        end(values["ultimate_creditor"]) if "ultimate_creditor" in values else None,
        _party(values["initiating"]) if "initiating" in values else None,
        _account(values["debtor_account"]) if "debtor_account" in values else None,
        _account(values["creditor_account"]) if "creditor_account" in values else None,
        _instructions(values),
        tuple([plain(report) for report in values["regulatory"]]) if "regulatory" in values else (),
        plain(values["remittance"]) if "remittance" in values else None,
        plain(values["underlying"]) if "underlying" in values else None,
        tuple([(path, xml.decode()) for path, xml in carried]) if carried else (),
        values.get("settlement_priority"),
    )


def quote_of(values: Values) -> str | None:
    """Give the quote a transaction names: agreed rate, then an instruction, then the first free line."""
    agreed = values.get("agreed_rate")
    if agreed is not None and "quote_id" in agreed:
        return str(agreed["quote_id"])
    for row in values.get("next_agent_instructions", ()):
        found = quote_id(row.get("text", ""))
        if found is not None:
            return found
    free = values.get("remittance", {}).get("free")
    return quote_id(free[0]) if free else None


def status_report(body: Values) -> StatusReport:
    """Make a status report from the values of a pacs.002."""
    groups = body.get("groups", ())
    first = groups[0] if groups else {}
    rows = []
    for values in body.get("transactions", ()):
        reasons = values.get("reasons", ())
        original = values.get("original_group", {}).get("message_id")
        accepted = values.get("accepted_at")
        rows.append(
            Reported(
                values.get("original_uetr"),
                values.get("status"),
                values.get("original_end_to_end_id"),
                values.get("original_instruction_id"),
                original or first.get("original_message_id"),
                _word(reasons[0].get("reason")) if reasons else None,
                tuple(line for reason in reasons for line in reason.get("text", ())),
                _at(accepted) if accepted is not None else None,
            )
        )
    reasons = first.get("reasons", ())
    return StatusReport(
        body["group"]["message_id"],
        _at(body["group"]["created_at"]),
        tuple(rows),
        first.get("status"),
        first.get("original_message_id"),
        _word(reasons[0].get("reason")) if reasons else None,
    )


def statements(body: Values, reference: Reference) -> tuple[Statement, ...]:
    """Make statements or notices from the values of a camt.052, camt.053 or camt.054."""
    group = body["group"]
    lists = body.get("notifications") or body.get("statements") or body.get("reports") or ()
    return tuple(
        Statement(
            group["message_id"],
            part["id"],
            _at(group["created_at"]),
            _account_text(part["account"]),
            tuple(movement for entry in part.get("entries", ()) for movement in _movements(entry, reference)),
            part["account"].get("currency"),
        )
        for part in lists
    )


def plain(value: Any) -> Any:
    """Give lexical values as data that JSON can hold: amounts become asset and value, bytes text."""
    kind = type(value)
    if kind is str:
        return value
    if kind is dict:
        return {name: part if type(part) is str else plain(part) for name, part in value.items()}
    if kind is list:
        return [plain(part) for part in value]
    if kind is tuple:
        if isinstance(value[1], bytes):
            return [value[0], value[1].decode()]
        return {"asset": value[0], "value": value[1]}
    return value


def _kind(
    customer: bool, values: Values, service: str | None
) -> Literal["customer", "bank", "cover", "notice"]:
    if customer:
        return "customer"
    if service is not None and (_ADVICE in service.lower() or service.lower().endswith(".adv")):
        return "notice"
    return "cover" if "underlying" in values else "bank"


def _has_type(values: Values) -> bool:
    return (
        "service_levels" in values
        or "category_purpose" in values
        or "local_instrument" in values
        or "priority" in values
    )


def _word(coded: Values | None) -> str | None:
    """Give a code, or a private word with its mark."""
    if coded is None:
        return None
    code = coded.get("code")
    return code if code is not None else f"proprietary:{coded.get('proprietary', '')}"


def _money(amount: tuple[str, str], reference: Reference) -> Money:
    read = decimal(amount[1])
    digits = reference.currencies.get(amount[0])
    units = minor(read, digits) if read is not None and digits is not None else None
    if units is None:
        raise NotExact(f"{amount[0]} has no exact minor units here")
    return Money(amount[0], units)


def ratio(text: str) -> Ratio:
    """Give the exact ratio of a decimal text."""
    read = decimal(text)
    if read is None:
        raise ValueError("a rate that is no decimal")
    denominator = 10**read.digits
    common = gcd(read.unscaled, denominator)
    return Ratio(read.unscaled // common, denominator // common, text.strip())


def _at(text: str) -> int:
    read = stamp(text)
    return read.at if read is not None else 0


def _time_of(times: Values, name: str, settlement_on: str | None) -> int | None:
    """Give the instant of a time of day on the settlement date; a time without offset is UTC."""
    text = times.get(name)
    if text is None or settlement_on is None:
        return None
    zoned = text if text[-1:] == "Z" or text[-6:-5] in ("+", "-") else text + "Z"
    read = stamp(f"{settlement_on.strip()[:10]}T{zoned.strip()}")
    return read.at // SECOND * SECOND if read is not None else None


def _address(values: Values) -> Address:
    kind = values.get("type")
    parts = {name: value for name, value in values.items() if name in _ADDRESS}
    if kind is not None:
        parts["type"] = kind.get("code") or f"proprietary:{kind['proprietary']['id']}"
    if "lines" in values:
        parts["lines"] = tuple(values["lines"])
    return Address(**parts)


def _other(values: Values) -> OtherId:
    return OtherId(values["id"], _word(values.get("scheme")), values.get("issuer"))


def _party(values: Values) -> Party:
    birth = values.get("birth")
    return Party(
        values.get("name"),
        None,
        _address(values["address"]) if "address" in values else None,
        values.get("bic"),
        values.get("lei"),
        tuple([_other(one) for one in values["other_ids"]]) if "other_ids" in values else (),
        tuple([_other(one) for one in values["person_ids"]]) if "person_ids" in values else (),
        Birth(date(birth["born_on"]) or 0, birth["town"], birth["country"], birth.get("province"))
        if birth is not None
        else None,
        values.get("residence"),
        plain(values["contact"]) if "contact" in values else None,
    )


def _agent(values: Values) -> Agent:
    if len(values) == 1 and "bic" in values:
        return Agent(values["bic"])
    return Agent(
        values.get("bic"),
        values.get("lei"),
        _word(values.get("clearing_system")),
        values.get("clearing_code"),
        values.get("name"),
        _address(values["address"]) if "address" in values else None,
        _other(values["other"]) if "other" in values else None,
        values["branch"].get("id") if "branch" in values else None,
    )


def _agent_or_none(values: Values | None) -> Agent | None:
    return _agent(values) if values is not None else None


def _as_agent(end: Party | Agent) -> Agent:
    return end if isinstance(end, Agent) else Agent(end.bic)


def _account(values: Values) -> Account | None:
    if "iban" in values:
        return Account(Iban(values["iban"]), values.get("currency"), values.get("name"))
    other = values.get("other")
    if other is not None:
        scheme = _word(other.get("scheme")) or ""
        id_ = National(scheme, other.get("issuer", ""), other["id"])
        return Account(id_, values.get("currency"), values.get("name"))
    proxy = values.get("proxy")
    if proxy is None:
        return None
    alias = Alias(_word(proxy.get("type")) or "", proxy["id"])
    return Account(alias, values.get("currency"), values.get("name"))


def _charge(values: Values, reference: Reference) -> Charge:
    return Charge(_money(values["amount"], reference), _agent(values["agent"]))


def _instructions(values: Values) -> tuple[Instruction, ...]:
    creditor, following = values.get("creditor_agent_instructions"), values.get("next_agent_instructions")
    if creditor is None and following is None:
        return ()
    found = [Instruction("creditor_agent", row.get("code"), row.get("text")) for row in creditor or ()]
    found += [Instruction("next_agent", row.get("code"), row.get("text")) for row in following or ()]
    return tuple(found)


def _account_text(values: Values) -> str:
    return str(
        values.get("iban") or values.get("other", {}).get("id") or values.get("proxy", {}).get("id", "")
    )


def _movements(entry: Values, reference: Reference) -> list[Movement]:
    """Give the entry, or its transactions where it has some with amounts of their own."""
    status = _word(entry.get("status")) if isinstance(entry.get("status"), dict) else entry.get("status")
    details = [one for part in entry.get("details", ()) for one in part.get("transactions", ())]
    booked, value = _day_of(entry.get("booked")), _day_of(entry.get("value"))

    def movement(amount: tuple[str, str], direction: str, references: Values) -> Movement:
        return Movement(
            _money(amount, reference),
            direction == "CRDT",
            status or "",
            entry.get("reference"),
            references.get("uetr"),
            references.get("end_to_end_id"),
            references.get("instruction_id"),
            booked,
            value,
        )

    direction = entry["direction"]
    if len(details) == 1 or (details and all("amount" in one for one in details)):
        return [
            movement(
                one.get("amount", entry["amount"]), one.get("direction", direction), one.get("references", {})
            )
            for one in details
        ]
    return [movement(entry["amount"], direction, {})]


def _day_of(dated: Values | None) -> int | None:
    if dated is None:
        return None
    text = dated.get("on") or dated.get("at", "")[:10]
    return date(text)
