"""Rule 23: every agent's BIC names a country, and those who take part here are known, active, reachable."""

from collections.abc import Iterable

from steelyard.iso20022.context import Context, Finding, quoted
from steelyard.iso20022.lexical import full_bic
from steelyard.iso20022.rules.view import DEBTOR, Held, Message, Tx

_BY_DIRECTORY = frozenset({"instructing_agent", "instructed_agent", "debtor_agent", "creditor_agent"})


def bic(message: Message, context: Context) -> Iterable[Finding]:
    """(a) the country of every BIC exists; (b) the four agents of the directory are in it and active, the
    instructed agent is reachable in the settlement currency. Previous and intermediary agents: (a) only."""
    countries = context.reference.bic_countries
    for tx in message.transactions:
        asked = _asked(tx)
        for held in tx.agents:
            code = held.values.get("bic")
            if code is None:
                continue
            if code[4:6] not in countries:
                text = f"the BIC's country {quoted(code[4:6])} does not exist"
                reason = "RC06" if held.side == DEBTOR else "RC07"
                yield tx.finding("bic", reason, (*held.place, "bic"), text)
            elif held.role in asked and len(held.place) - (held.place[0] == "group") == 1:
                yield from _directory(tx, held, code, context)


def _asked(tx: Tx) -> frozenset[str]:
    """Give the roles judged by the directory: an institution stands for the agent it does without."""
    if not tx.message_id.startswith("pacs.009"):
        return _BY_DIRECTORY
    own = {end for end in ("debtor", "creditor") if end + "_agent" not in tx.values}
    return _BY_DIRECTORY | own


def _directory(tx: Tx, held: Held, code: str, context: Context) -> Iterable[Finding]:
    participant = context.participant(code)
    place = (*held.place, "bic")
    if participant is None:
        if held.role == "instructed_agent" and full_bic(code) == full_bic(context.hub_bic):
            return
        reason = "DNOR" if held.side == DEBTOR else "CNOR"
        yield tx.finding("bic", reason, place, f"{quoted(code)} is not in the directory")
    elif not participant.active:
        reason = "AG11" if held.role in ("creditor_agent", "creditor") else "AG10"
        yield tx.finding("bic", reason, place, f"{quoted(code)} is suspended")
    elif (
        held.role == "instructed_agent"
        and participant.currencies is not None
        and tx.settlement.currency not in participant.currencies
    ):
        text = f"{quoted(code)} is not reachable in {quoted(tx.settlement.currency)}"
        yield tx.finding("bic", "CNOR", place, text)
