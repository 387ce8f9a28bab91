"""Rule 23: every agent's BIC names a country, and those who take part here are known, active, reachable."""

from steelyard.iso20022.context import Context, Finding, Participant, quoted
from steelyard.iso20022.lexical import full_bic
from steelyard.iso20022.rules.view import DEBTOR, Message, Tx

_BY_DIRECTORY = frozenset({"instructing_agent", "instructed_agent", "debtor_agent", "creditor_agent"})


def bic(message: Message, context: Context) -> list[Finding]:
    """(a) the country of every BIC exists; (b) the four agents of the directory are in it and active, the
    instructed agent is reachable in the settlement currency. Previous and intermediary agents: (a) only."""
    found: list[Finding] = []
    countries = context.reference.bic_countries
    for tx in message.transactions:
        asked = _BY_DIRECTORY if message.kind == "pacs.008" else _asked(tx)
        for role, place, values, side in tx.agents:
            code = values.get("bic")
            if code is None:
                continue
            if code[4:6] not in countries:
                text = f"the BIC's country {quoted(code[4:6])} does not exist"
                reason = "RC06" if side == DEBTOR else "RC07"
                found.append(tx.finding("bic", reason, (*place, "bic"), text))
            elif role in asked and place[0] != "underlying":
                participant = context.participant(code)
                if participant is not None and participant.active and participant.currencies is None:
                    continue
                fault = _fault(tx, role, code, participant, context)
                if fault is not None:
                    reason = fault[0] or ("DNOR" if side == DEBTOR else "CNOR")
                    found.append(tx.finding("bic", reason, (*place, "bic"), fault[1]))
    return found


def _asked(tx: Tx) -> frozenset[str]:
    """Give the roles judged by the directory: an institution stands for the agent it does without."""
    return _BY_DIRECTORY | {end for end in ("debtor", "creditor") if end + "_agent" not in tx.values}


def _fault(
    tx: Tx, role: str, code: str, participant: Participant | None, context: Context
) -> tuple[str | None, str] | None:
    """Say what the directory has against an agent: a code (None: not registered) and a text."""
    if participant is None:
        if role == "instructed_agent" and full_bic(code) == full_bic(context.hub_bic):
            return None
        return None, f"{quoted(code)} is not in the directory"
    if not participant.active:
        return "AG11" if role in ("creditor_agent", "creditor") else "AG10", f"{quoted(code)} is suspended"
    if role == "instructed_agent" and participant.currencies is not None:
        currency = tx.settlement[1]
        if currency not in participant.currencies:
            return None, f"{quoted(code)} is not reachable in {quoted(currency)}"
    return None
