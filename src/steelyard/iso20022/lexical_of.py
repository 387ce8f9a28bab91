"""Canonical structs back to lexical values: what a payment from the JSON face would have said in XML.

Inverse of `canonicalise`, up to how a decimal or an instant was written. Rules and writers then work on it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from steelyard.iso20022.canonical import (
    Account,
    Address,
    Agent,
    CreditTransfer,
    Header,
    Money,
    OtherId,
    Party,
)
from steelyard.values.amount import format_minor
from steelyard.values.identifiers import Iban, National
from steelyard.values.instants import format_date, format_instant

Values = dict[str, Any]
Digits = Mapping[str, int | None]
_MARK = "proprietary:"


def header_values(header: Header) -> Values:
    """Give the values of a header."""
    values: Values = {
        "from": {"bic": header.from_bic} if header.from_bic is not None else {},
        "to": {"bic": header.to_bic} if header.to_bic is not None else {},
        "business_message_id": header.business_message_id,
        "definition": header.definition,
        "created_at": format_instant(header.created_at),
    }
    _put(values, "service", header.service)
    _put(values, "priority", header.priority)
    if header.possible_duplicate:
        values["possible_duplicate"] = "true"
    return values


def body_values(
    transfers: Sequence[CreditTransfer], digits: Digits, *, clearing_system: tuple[str, str] | None
) -> Values:
    """Give the values of a pacs.008 or pacs.009 that holds the payments; they are of one message."""
    first = transfers[0]
    group: Values = {
        "message_id": first.message_id,
        "created_at": format_instant(first.created_at),
        "count": str(len(transfers)),
        "settlement_method": "CLRG",
    }
    if clearing_system is not None:
        group["clearing_system"] = {clearing_system[0]: clearing_system[1]}
    return {"group": group, "transactions": [transaction_values(one, digits) for one in transfers]}


def transaction_values(transfer: CreditTransfer, digits: Digits) -> Values:
    """Give the values of one transaction."""
    values: Values = {"end_to_end_id": transfer.end_to_end_id}
    for name in ("instruction_id", "transaction_id", "uetr", "priority"):
        _put(values, name, getattr(transfer, name))
    _put(values, "settlement_priority", transfer.settlement_priority)
    if transfer.service_levels:
        values["service_levels"] = [_coded(level) for level in transfer.service_levels]
    for name in ("local_instrument", "category_purpose", "purpose"):
        word = getattr(transfer, name)
        _put(values, name, _coded(word) if word is not None else None)
    values["settlement"] = _amount(transfer.settlement, digits)
    if transfer.settlement_on is not None:
        values["settlement_on"] = format_date(transfer.settlement_on)
    times = {"from": transfer.not_before_at, "till": transfer.not_after_at}
    if any(at is not None for at in times.values()):
        values["times"] = {
            name: format_instant(at).partition("T")[2] for name, at in times.items() if at is not None
        }
    if transfer.instructed is not None:
        values["instructed"] = _amount(transfer.instructed, digits)
    if transfer.rate is not None:
        values["rate"] = transfer.rate.text
    customer = transfer.kind == "customer"
    if customer:
        values["charge_bearer"] = transfer.charge_bearer
    if transfer.charges:
        values["charges"] = [
            {"amount": _amount(one.amount, digits), "agent": _agent(one.agent)} for one in transfer.charges
        ]
    _put_parties(values, transfer)
    for to, name in (
        ("creditor_agent", "creditor_agent_instructions"),
        ("next_agent", "next_agent_instructions"),
    ):
        rows = [_filled(code=row.code, text=row.text) for row in transfer.instructions if row.to == to]
        if rows:
            values[name] = rows
    if transfer.regulatory:
        values["regulatory"] = [lexical(report) for report in transfer.regulatory]
    _put(values, "remittance", lexical(transfer.remittance))
    _put(values, "underlying", lexical(transfer.underlying))
    if transfer.carried:
        values["carried"] = [(path, xml.encode()) for path, xml in transfer.carried]
    return values


def lexical(value: Any) -> Any:
    """Undo `canonicalise.plain`: amounts become tuples again, carried parts bytes."""
    if isinstance(value, dict):
        if value.keys() == {"asset", "value"}:
            return value["asset"], value["value"]
        made = {name: lexical(part) for name, part in value.items()}
        if "carried" in made:
            made["carried"] = [(path, xml.encode()) for path, xml in value["carried"]]
        return made
    if isinstance(value, list | tuple):
        return [lexical(part) for part in value]
    return value


def _put_parties(values: Values, transfer: CreditTransfer) -> None:
    for name in ("ultimate_debtor", "initiating", "debtor", "creditor", "ultimate_creditor"):
        held = getattr(transfer, name)
        if held is not None:
            values[name] = _agent(held) if isinstance(held, Agent) else _party(held)
    for name in ("debtor_account", "creditor_account"):
        account = getattr(transfer, name)
        _put(values, name, _account(account) if account is not None else None)
    for name in ("instructing_agent", "instructed_agent", "debtor_agent", "creditor_agent"):
        held = getattr(transfer, name)
        if held is not None and held != getattr(transfer, name.removesuffix("_agent"), None):
            values[name] = _agent(held)
    for name, agents in (
        ("previous_agent", transfer.previous_agents),
        ("intermediary_agent", transfer.intermediary_agents),
    ):
        values.update({f"{name}_{i}": _agent(agent) for i, agent in enumerate(agents, 1)})


def _put(values: Values, name: str, value: Any) -> None:
    if value is not None:
        values[name] = value


def _filled(**values: Any) -> Values:
    return {name: value for name, value in values.items() if value is not None}


def _amount(money: Money, digits: Digits) -> tuple[str, str]:
    return money.asset, format_minor(money.amount_minor, digits.get(money.asset) or 0)


def _coded(word: str) -> Values:
    return {"proprietary": word[len(_MARK) :]} if word.startswith(_MARK) else {"code": word}


def _coded_or_none(word: str | None) -> Values | None:
    return _coded(word) if word is not None else None


def _address(address: Address) -> Values:
    values: Values = {}
    for name in Address.__struct_fields__:
        value = getattr(address, name)
        if name == "type" and value is not None:
            values["type"] = {"code": value}
        elif name == "lines":
            if value:
                values["lines"] = list(value)
        elif value is not None:
            values[name] = value
    return values


def _other(one: OtherId) -> Values:
    return _filled(id=one.id, scheme=_coded_or_none(one.scheme), issuer=one.issuer)


def _party(party: Party) -> Values:
    values = _filled(
        name=party.name,
        address=_address(party.address) if party.address is not None else None,
        bic=party.bic,
        lei=party.lei,
        residence=party.residence,
        contact=lexical(party.contact),
    )
    if party.other_ids:
        values["other_ids"] = [_other(one) for one in party.other_ids]
    if party.person_ids:
        values["person_ids"] = [_other(one) for one in party.person_ids]
    if party.birth is not None:
        birth = party.birth
        values["birth"] = _filled(
            born_on=format_date(birth.born_on),
            province=birth.province,
            town=birth.town,
            country=birth.country,
        )
    return values


def _agent(agent: Agent) -> Values:
    return _filled(
        bic=agent.bic,
        clearing_system=_coded_or_none(agent.clearing_system),
        clearing_code=agent.clearing_code,
        lei=agent.lei,
        name=agent.name,
        address=_address(agent.address) if agent.address is not None else None,
        other=_other(agent.other_id) if agent.other_id is not None else None,
        branch={"id": agent.branch} if agent.branch is not None else None,
    )


def _account(account: Account) -> Values:
    values = _filled(currency=account.currency, name=account.name)
    held = account.id
    if isinstance(held, Iban):
        return {"iban": held.text, **values}
    if isinstance(held, National):
        other = _filled(
            id=held.id,
            scheme=_coded(held.scheme) if held.scheme else None,
            issuer=held.clearing_code or None,
        )
        return {"other": other, **values}
    return {**values, "proxy": _filled(type=_coded(held.type) if held.type else None, id=held.value)}
