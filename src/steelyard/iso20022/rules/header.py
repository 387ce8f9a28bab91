"""Rules 9, 10 and 40: who sends, who receives, how urgent."""

from steelyard.iso20022.context import Context, Finding, quoted
from steelyard.iso20022.lexical import full_bic
from steelyard.iso20022.rules.view import Message

_FROM, _TO, _PRIORITY = ("from", "bic"), ("to", "bic"), ("priority",)


def from_is_instructing_agent(message: Message, context: Context) -> list[Finding]:
    """The header's sender instructs: one wrong transaction is a wrong message."""
    sender = _bic(message, "from")
    if sender is None:
        return []
    for agent in _agents(message, "instructing_agent"):
        if agent != sender and full_bic(agent) != full_bic(sender):
            text = f"{quoted(sender)} is not the instructing agent {quoted(agent)}"
            return [message.header_finding("from_is_instructing_agent", "AGNT", _FROM, text)]
    return []


def to_is_hub_or_instructed_agent(message: Message, context: Context) -> list[Finding]:
    """The header's receiver is this hub, or the agent that every transaction instructs."""
    receiver, hub = _bic(message, "to"), context.hub_bic
    if receiver is None or not hub or receiver == hub or full_bic(receiver) == full_bic(hub):
        return []
    agents = _agents(message, "instructed_agent")
    if agents and all(full_bic(agent) == full_bic(receiver) for agent in agents):
        return []
    text = f"{quoted(receiver)} is neither the hub nor the instructed agent"
    return [message.header_finding("to_is_hub_or_instructed_agent", "AGNT", _TO, text)]


def priorities_agree(message: Message, context: Context) -> list[Finding]:
    """Priority of header and instruction say the same where both are given."""
    urgency = message.header.get("priority") if message.header is not None else None
    if urgency is None:
        return []
    for tx in message.transactions:
        priority = tx.typed.get("priority")
        if priority is not None and priority != urgency:
            text = f"the header says {quoted(urgency)}, the instruction {quoted(priority)}"
            return [message.header_finding("priorities_agree", "FF03", _PRIORITY, text)]
    return []


def _bic(message: Message, end: str) -> str | None:
    if message.header is None:
        return None
    bic: str | None = message.header[end].get("bic")
    return bic


def _agents(message: Message, role: str) -> list[str]:
    """Give the BIC of a role per transaction, of the group where there are none."""
    held = [tx.either(role) for tx in message.transactions] or [message.group.get(role)]
    return [agent["bic"] for agent in held if agent is not None and "bic" in agent]
