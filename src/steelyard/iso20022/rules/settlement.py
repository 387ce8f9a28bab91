"""Rule 37: how it settles."""

from collections.abc import Iterable

from steelyard.iso20022.context import Context, Finding, quoted
from steelyard.iso20022.rules.view import Message

_METHOD, _SYSTEM = ("group", "settlement_method"), ("group", "clearing_system")


def settlement_method(message: Message, context: Context) -> Iterable[Finding]:
    """Through the clearing system, and through ours; a wrong method silences the system."""
    method, ours = message.group["settlement_method"], context.clearing_system
    if method not in context.settlement_methods:
        yield message.finding("settlement_method", "CH16", _METHOD, f"{quoted(method)} is not settled here")
        return
    if method != "CLRG" or ours is None:
        return
    named = message.group.get("clearing_system")
    if named is None:
        yield message.finding("settlement_method", "CH21", _SYSTEM, "the clearing system is not named")
    elif named.get(ours[0]) != ours[1]:
        said = quoted(named.get("code") or named.get("proprietary") or "")
        place = (*_SYSTEM, "code" if "code" in named else "proprietary")
        yield message.finding("settlement_method", "CH16", place, f"{said} is another clearing system")
