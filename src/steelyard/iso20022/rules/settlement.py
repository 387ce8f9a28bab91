"""Rule 37: how it settles."""

from steelyard.iso20022.context import Context, Finding, quoted
from steelyard.iso20022.rules.view import Message

_METHOD, _SYSTEM = ("group", "settlement_method"), ("group", "clearing_system")


def settlement_method(message: Message, context: Context) -> list[Finding]:
    """Through the clearing system, and through ours; a wrong method silences the system."""
    method, ours = message.group["settlement_method"], context.clearing_system
    if method not in context.settlement_methods:
        text = f"{quoted(method)} is not settled here"
        return [message.finding("settlement_method", "CH16", _METHOD, text)]
    if method != "CLRG" or ours is None:
        return []
    named = message.group.get("clearing_system")
    if named is None:
        text = "the clearing system is not named"
        return [message.finding("settlement_method", "CH21", _SYSTEM, text)]
    if named.get(ours[0]) == ours[1]:
        return []
    said = quoted(named.get("code") or named.get("proprietary") or "")
    place = (*_SYSTEM, "code" if "code" in named else "proprietary")
    return [message.finding("settlement_method", "CH16", place, f"{said} is another clearing system")]
