"""The rules that need no state, in the order of their numbers, and how they are run.

All rules run and every finding is collected, ordered by rule, then transaction, then place in the document;
the first is *the* code. A finding silences the rules named with it for its transaction (a group finding for
all), so that what merely follows from it is not named as the cause.

Rules 1 to 8 are the steps before (guard, parse, classify, schema, definition); 11, 35 and 41 to 46 need the
state and are judged by flows; 20 and 29 say what must be accepted.
"""

from collections.abc import Callable
from functools import cache

from msgspec import Struct

from steelyard.iso20022.context import GROUP, TRANSACTION, Context, Finding
from steelyard.iso20022.rules import (
    agent,
    amount,
    charges,
    codes,
    date,
    group,
    header,
    party,
    rate,
    reference,
    remittance,
    settlement,
    text,
)
from steelyard.iso20022.rules.view import PAYMENTS, Message, Tx

__all__ = ["RULES", "Message", "Rule", "judge", "judge_group", "judge_transaction"]

Check = Callable[[Message, Context], list[Finding]]


class Rule(Struct, frozen=True):
    """One rule: its number and name, the messages it is for (empty: all), its scope, what it silences."""

    number: int
    name: str
    applies_to: tuple[str, ...]
    scope: str
    check: Check
    silences: tuple[str, ...] = ()


_ALL: tuple[str, ...] = ()
_FX = ("decimals", "settlement_date", "rate")
RULES: tuple[Rule, ...] = (
    Rule(9, "from_is_instructing_agent", _ALL, GROUP, header.from_is_instructing_agent),
    Rule(10, "to_is_hub_or_instructed_agent", _ALL, GROUP, header.to_is_hub_or_instructed_agent),
    Rule(12, "transaction_unique", PAYMENTS, TRANSACTION, reference.transaction_unique),
    Rule(13, "count", PAYMENTS, GROUP, group.count),
    Rule(14, "control_sum", PAYMENTS, GROUP, group.control_sum),
    Rule(15, "decimals", PAYMENTS, TRANSACTION, amount.decimals),
    Rule(16, "amount", PAYMENTS, TRANSACTION, amount.amount_in_bounds, ("charges", "rate")),
    Rule(17, "currency_active", PAYMENTS, TRANSACTION, amount.currency_active, (*_FX, "currency_settled")),
    Rule(18, "currency_settled", PAYMENTS, TRANSACTION, amount.currency_settled, _FX),
    Rule(19, "uetr_present", PAYMENTS, TRANSACTION, reference.uetr_present),
    Rule(21, "iban", PAYMENTS, TRANSACTION, party.iban),
    Rule(22, "lei", PAYMENTS, TRANSACTION, party.lei),
    Rule(23, "bic", PAYMENTS, TRANSACTION, agent.bic),
    Rule(24, "country", PAYMENTS, TRANSACTION, party.country),
    Rule(25, "address", PAYMENTS, TRANSACTION, party.address),
    Rule(26, "name", PAYMENTS, TRANSACTION, party.name),
    Rule(27, "characters", _ALL, TRANSACTION, text.characters),
    Rule(28, "reference_slashes", _ALL, TRANSACTION, reference.reference_slashes),
    Rule(30, "charges", PAYMENTS, TRANSACTION, charges.charges),
    Rule(31, "remittance", PAYMENTS, TRANSACTION, remittance.remittance),
    Rule(32, "creditor_reference", PAYMENTS, TRANSACTION, remittance.creditor_reference),
    Rule(33, "settlement_date", PAYMENTS, TRANSACTION, date.settlement_date),
    Rule(34, "creation_time", _ALL, GROUP, date.creation_time),
    Rule(36, "rate", PAYMENTS, TRANSACTION, rate.rate),
    Rule(37, "settlement_method", PAYMENTS, GROUP, settlement.settlement_method),
    Rule(38, "code_sets", PAYMENTS, TRANSACTION, codes.code_sets),
    Rule(39, "service_level_fits", PAYMENTS, TRANSACTION, codes.service_level_fits),
    Rule(40, "priorities_agree", PAYMENTS, GROUP, header.priorities_agree),
    Rule(48, "instructions", PAYMENTS, TRANSACTION, codes.instructions),
    Rule(49, "accounts_differ", PAYMENTS, TRANSACTION, party.accounts_differ),
    Rule(50, "usage", _ALL, TRANSACTION, group.usage),
    Rule(51, "iban_country", PAYMENTS, TRANSACTION, party.iban_country),
)
_SILENCES = {rule.name: rule.silences for rule in RULES if rule.silences}
_INSTRUCTING = "/InstgAgt/FinInstnId/BICFI"


def judge(message: Message, context: Context) -> list[Finding]:
    """Give every finding about a message, in order, silenced ones left out."""
    found: list[Finding] = []
    for check in _checks_of(message.kind):
        added = check(message, context)
        if added:
            found.extend(added)
    return _heard(found) if found else found


def judge_transaction(message_id: str, tx: Tx, context: Context) -> list[Finding]:
    """Give the findings about one transaction of a message that is never in memory as a whole."""
    alone = Message(message_id, {"transactions": []}, None, None)
    alone.group, alone.body = tx.group, {"transactions": [tx.values]}
    alone.transactions = [tx]
    found: list[Finding] = []
    for check in _checks_of(alone.kind, TRANSACTION):
        found.extend(one for one in check(alone, context) if one.scope == TRANSACTION)
    return _heard(found) if found else found


def judge_group(message: Message, context: Context) -> list[Finding]:
    """Give the findings about the whole of such a message; `summed` and one transaction of each kind of
    agents stand for all of them."""
    found = [finding for finding in judge(message, context) if finding.scope == GROUP]
    return _heard(found) if found else found


@cache
def _checks_of(kind: str, scope: str | None = None) -> tuple[Check, ...]:
    """Give the checks for a kind of message, in order; those of one scope alone where one is named."""
    rules = [rule for rule in RULES if not rule.applies_to or kind in rule.applies_to]
    return tuple(rule.check for rule in rules if scope is None or rule.scope == scope)


def _heard(found: list[Finding]) -> list[Finding]:
    """Leave out what only follows from another finding."""
    silent: set[tuple[str, int | None]] = set()
    for finding in found:
        silent.update((name, finding.ordinal) for name in _SILENCES.get(finding.rule, ()))
    stranger = any(finding.rule == "from_is_instructing_agent" for finding in found)
    return [
        finding
        for finding in found
        if (finding.rule, finding.ordinal) not in silent
        and (finding.rule, None) not in silent
        and not (stranger and finding.rule == "bic" and finding.path.endswith(_INSTRUCTING))
    ]
