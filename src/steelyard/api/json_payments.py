"""Payments as JSON on their way in: a wire struct becomes the canonical payment that a pacs.008 would have been.

The rules from 9 on judge it as they judge messages, with JSON pointers for paths. What a request leaves out
is filled from the request itself (an id from its key, amounts from the quote it names), never from the
clock, so that the same request sent again is the same command.
"""

import uuid
from hashlib import sha256
from typing import Any, NamedTuple

import msgspec

from steelyard.api import wire
from steelyard.api.directory import Directory
from steelyard.api.idempotency import part_id
from steelyard.api.wire import Faults
from steelyard.client import types
from steelyard.iso20022.canonical import (
    Account,
    Address,
    Agent,
    Birth,
    Charge,
    CreditTransfer,
    Envelope,
    Money,
    OtherId,
    Party,
    Ratio,
)
from steelyard.iso20022.canonicalise import ratio
from steelyard.iso20022.commands import Pay, to_pay
from steelyard.iso20022.context import Context, Finding
from steelyard.iso20022.json_face import judge_payment
from steelyard.values.identifiers import Iban, National

CUSTOMER_MESSAGE, BANK_MESSAGE = "pacs.008.001.08", "pacs.009.001.08"
Amounts = tuple[Money, Money]
"""(what leaves the payer's side, what reaches the creditor agent)"""


class Item(NamedTuple):
    """One payment of a request: its place from 1, the id of its command, and what it asks for."""

    ordinal: int
    command_id: bytes
    asked: types.PaymentAsked
    pointer: str


def items(asked: list[types.PaymentAsked], command_id: bytes, *, alone: bool) -> list[Item]:
    """Give the payments of a request, each with an id of its own under the request's key."""
    if alone:
        return [Item(1, command_id, asked[0], "")]
    return [Item(n, part_id(command_id, n), one, f"/{n - 1}") for n, one in enumerate(asked, 1)]


def transfer_of(
    item: Item, sender: str, amounts: Amounts | None, directory: Directory, faults: Faults
) -> CreditTransfer:
    """Give the canonical payment; what cannot be read exactly is noted under its pointer."""
    asked, at = item.asked, item.pointer
    debtor_agent = asked.debtor_agent or sender
    settlement, instructed = _amounts(asked, amounts, directory, faults, at)
    customer = asked.kind == "customer"
    remittance: dict[str, Any] | None = {"free": list(asked.remittance)} if asked.remittance else None
    if asked.creditor_reference is not None:
        reference = {"type": {"code": "SCOR"}, "reference": asked.creditor_reference}
        remittance = {**(remittance or {}), "structured": [{"creditor_reference": reference}]}
    return CreditTransfer(
        asked.kind,
        asked.message_id or f"J{item.command_id.hex()}",
        item.ordinal,
        asked.end_to_end_id or "NOTPROVIDED",
        settlement,
        wire.date(asked.settlement_on, faults, f"{at}/settlement_on") or None,
        _party(asked.debtor, faults, f"{at}/debtor") if customer else Agent(debtor_agent),
        _party(asked.creditor, faults, f"{at}/creditor") if customer else Agent(asked.creditor_agent),
        Agent(debtor_agent),
        Agent(asked.creditor_agent),
        instruction_id=asked.instruction_id,
        uetr=asked.uetr or uetr_of(item.command_id),
        priority=asked.priority,
        settlement_priority=asked.settlement_priority,
        category_purpose=asked.category_purpose,
        purpose=asked.purpose,
        not_before_at=wire.instant(asked.not_before_at, faults, f"{at}/not_before_at") or None,
        not_after_at=wire.instant(asked.not_after_at, faults, f"{at}/not_after_at") or None,
        instructed=instructed,
        rate=ratio(asked.rate) if asked.rate is not None else None,
        quote_id=asked.quote_id,
        charge_bearer=asked.charge_bearer,
        charges=tuple(
            Charge(_money(one.amount, directory, faults, f"{at}/charges/{n}/amount"), Agent(one.agent))
            for n, one in enumerate(asked.charges)
        ),
        instructing_agent=Agent(debtor_agent),
        instructed_agent=Agent(asked.creditor_agent),
        ultimate_debtor=_party_or_none(asked.ultimate_debtor, faults, f"{at}/ultimate_debtor"),
        ultimate_creditor=_party_or_none(asked.ultimate_creditor, faults, f"{at}/ultimate_creditor"),
        debtor_account=_account(asked.debtor_account, faults, f"{at}/debtor_account"),
        creditor_account=_account(asked.creditor_account, faults, f"{at}/creditor_account"),
        remittance=remittance,
    )


def judged(transfer: CreditTransfer, context: Context, pointer: str) -> list[Finding]:
    """Give what the rules find in a payment; the times that only a message must have are filled in for them."""
    whole = msgspec.structs.replace(
        transfer,
        created_at=context.now_at,
        settlement_on=transfer.settlement_on or context.business_on,
        rate=_rate_of(transfer),
    )
    found = [
        msgspec.structs.replace(one, path=pointer + _plain(one.path)) for one in judge_payment(whole, context)
    ]
    return list({(one.code, one.path): one for one in reversed(found)}.values())[::-1]


def pay_of(
    transfer: CreditTransfer,
    digest: bytes,
    context: Context,
    disclosure: str | None,
    may_split: bool | None = None,
) -> Pay:
    """Give the command's parts of a payment that passed its rules; `digest` is the request's SHA-256."""
    message = CUSTOMER_MESSAGE if transfer.kind == "customer" else BANK_MESSAGE
    envelope = Envelope(digest, digest, None, message, "hub", context.sender, (transfer,))
    return to_pay(
        transfer, envelope, digits=context.reference.currencies,
        disclosure=bytes.fromhex(disclosure) if disclosure else b"", may_split=may_split,
    )  # fmt: skip


def uetr_of(command_id: bytes) -> str:
    """Give the UETR of a payment that brings none: a version 4 UUID that follows from its command's id."""
    return str(uuid.UUID(bytes=sha256(b"steelyard.uetr\0" + command_id).digest()[:16], version=4))


_AGENTS = {"/instructed_agent": "/creditor_agent", "/instructing_agent": "/debtor_agent"}


def _plain(path: str) -> str:
    """Agents are their BIC alone on this face, and who sends and who gets are debtor and creditor agent."""
    path = path.removesuffix("/bic") if path.endswith("_agent/bic") else path
    return _AGENTS.get(path, path)


def _amounts(
    asked: types.PaymentAsked, amounts: Amounts | None, directory: Directory, faults: Faults, at: str
) -> tuple[Money, Money | None]:
    """Give settlement and instructed amount: those of the request, else those of the quote it names."""
    settlement = _money_or_none(asked.settlement, directory, faults, f"{at}/settlement")
    instructed = _money_or_none(asked.instructed, directory, faults, f"{at}/instructed")
    if amounts is not None:
        instructed, settlement = instructed or amounts[0], settlement or amounts[1]
    if settlement is None:
        if instructed is None or asked.quote_id is not None:
            faults.add(f"{at}/settlement", "missing", "must be given, or a quote of yours that has it")
        settlement = instructed or Money("XXX", 1)
    return settlement, instructed


def _rate_of(transfer: CreditTransfer) -> Ratio | None:
    """Give the rate that a payment names, or the one its quote's amounts make; none in one currency."""
    there, here = transfer.instructed, transfer.settlement
    if transfer.rate is not None or transfer.quote_id is None or there is None or there.asset == here.asset:
        return transfer.rate
    return ratio(rate_between(there.amount_minor, here.amount_minor))


def rate_between(source: int, target: int) -> str:
    """Give target per source with 17 significant digits after the point: close enough for any tolerance.

    >>> rate_between(1000, 22500)
    '22.50000000000000000'
    """
    whole = target * 10**17 // source
    return f"{whole // 10**17}.{whole % 10**17:017d}"


def _money_or_none(money: types.Money | None, directory: Directory, faults: Faults, at: str) -> Money | None:
    return _money(money, directory, faults, at) if money is not None else None


def _money(money: types.Money, directory: Directory, faults: Faults, at: str) -> Money:
    return Money(money.asset, wire.minor(money, directory, faults, at) or 1)


def _party_or_none(party: types.Party | None, faults: Faults, at: str) -> Party | None:
    return _party(party, faults, at) if party is not None else None


def _party(party: types.Party | None, faults: Faults, at: str) -> Party:
    if party is None:
        return Party()
    birth = party.birth
    return Party(
        party.name,
        None,
        _address(party.address),
        party.bic,
        party.lei,
        tuple(OtherId(one.id, one.scheme, one.issuer) for one in party.other_ids),
        tuple(OtherId(one.id, one.scheme, one.issuer) for one in party.person_ids),
        Birth(
            wire.date(birth.born_on, faults, f"{at}/birth/born_on"), birth.town, birth.country, birth.province
        )
        if birth is not None
        else None,
        party.residence,
    )


def _address(address: types.Address | None) -> Address | None:
    if address is None:
        return None
    parts = {name: value for name in address.__struct_fields__ if (value := getattr(address, name))}
    return Address(**{**parts, "lines": tuple(address.lines)})


def _account(account: types.Account | None, faults: Faults, at: str) -> Account | None:
    if account is None:
        return None
    if account.iban is not None:
        return Account(Iban(account.iban), account.currency, account.name)
    if account.id is None:
        faults.add(at, "one-of", "an account has an iban, or an id of a national scheme")
    return Account(
        National(account.scheme or "", account.issuer or "", account.id or ""), account.currency, account.name
    )
