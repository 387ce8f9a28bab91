"""Rules 13, 14 and 50: the group's count and sums, and what usage requires or forbids."""

from steelyard.iso20022.context import Context, Finding
from steelyard.iso20022.lexical import Decimal, decimal, equal, written
from steelyard.iso20022.profiles import Demand
from steelyard.iso20022.rules.view import PAYMENT_TYPE, Message, Tx, Values

_COUNT, _SUM, _TOTAL = ("group", "count"), ("group", "control_sum"), ("group", "total")
_EITHER = PAYMENT_TYPE | {"instructing_agent", "instructed_agent", "settlement_on"}
_ABOVE = ("header", "group")
_WRONG = Decimal(-1, 0)


def count(message: Message, context: Context) -> list[Finding]:
    """NbOfTxs is the number of transactions, and no more than the profile takes."""
    found: list[Finding] = []
    there, said = message.number(), int(message.group["count"])
    if said != there:
        found.append(message.finding("count", "AM19", _COUNT, f"{said} announced, {there} there"))
    most = context.profile.transactions_max
    if context.profile.files and context.limits.is_file:
        most = context.limits.transactions_max
    if there > most:
        found.append(
            message.finding("count", "AM18", _COUNT, f"{there} transactions, at most {most} are taken")
        )
    return found


def control_sum(message: Message, context: Context) -> list[Finding]:
    """CtrlSum is the exact sum of the settlement amounts over all currencies, the total that of its own."""
    found: list[Finding] = []
    said, total = message.group.get("control_sum"), message.group.get("total")
    if said is None and total is None:
        return found
    _, summed, currencies = message.sums()
    text = f"the settlement amounts sum to {written(summed)}"
    if said is not None and not equal(decimal(said) or _WRONG, summed):
        found.append(message.finding("control_sum", "AM16", _SUM, text))
    if total is not None:
        if currencies - {total[0]}:
            found.append(message.finding("control_sum", "AM10", _TOTAL, "an amount is in another currency"))
        elif not equal(decimal(total[1]) or _WRONG, summed):
            found.append(message.finding("control_sum", "AM10", _TOTAL, text))
    return found


def usage(message: Message, context: Context) -> list[Finding]:
    """What the profile requires is there, what it forbids is not, and nothing stands in group and
    transaction."""
    found: list[Finding] = []
    group, header = message.group, message.header
    required = context.profile.required.get(message.kind, ())
    forbidden = context.profile.forbidden.get(message.kind, ())
    for demand in required:
        if demand.where in _ABOVE and not _has(header if demand.where == "header" else group, demand.place):
            found.extend(_missing_above(message, demand))
    for demand in forbidden:
        if demand.where in _ABOVE:
            found.extend(_present_above(message, demand))
    both = [] if _EITHER.isdisjoint(group) else [name for name in group if name in _EITHER]
    for tx in message.transactions:
        values = tx.values
        for demand in required:
            place, where = demand.place, demand.where
            held = values.get(place[0])
            if held is not None and (len(place) == 1 or (len(place) == 2 and place[1] in held)):
                continue  # as `_has` says, without the call: this is asked most
            if where in _ABOVE or (where == "either" and _has(group, place)):
                continue
            found.extend(_missing(tx, demand))
        for demand in forbidden:
            if demand.where not in _ABOVE and _found(values, demand.place):
                found.append(tx.finding("usage", "CH17", demand.place, "not allowed here"))
        for name in both:
            if name in values:
                found.append(tx.finding("usage", "CH17", (name,), "stands in the group header too"))
    return found


def _has(values: Values | None, place: tuple[str, ...]) -> bool:
    """Say fast whether an element is there; the slow way looks again where it seems not to be."""
    held = values.get(place[0]) if values is not None else None
    return held is not None and (len(place) == 1 or (len(place) == 2 and place[1] in held))


def _found(values: Values, place: tuple[str, ...]) -> bool:
    for name in place:
        found = values.get(name)
        if found is None:
            return False
        values = found
    return True


def _missing(tx: Tx, demand: Demand) -> list[Finding]:
    first = demand.place[0]
    values = tx.group if demand.where == "either" and first not in tx.values else tx.values
    if (demand.if_present and not _found(values, demand.place[:-1])) or _found(values, demand.place):
        return []
    above = ("group",) if values is tx.group and first in tx.group else ()
    return [tx.finding("usage", "CH21", (*above, *demand.place), "required here")]


def _missing_above(message: Message, demand: Demand) -> list[Finding]:
    values = message.header if demand.where == "header" else message.group
    if values is None or (demand.if_present and not _found(values, demand.place[:-1])):
        return []
    return [] if _found(values, demand.place) else [_above(message, demand, "CH21", "required here")]


def _present_above(message: Message, demand: Demand) -> list[Finding]:
    values = message.header if demand.where == "header" else message.group
    if values is None or not _found(values, demand.place):
        return []
    return [_above(message, demand, "CH17", "not allowed here")]


def _above(message: Message, demand: Demand, code: str, text: str) -> Finding:
    if demand.where == "header":
        return message.header_finding("usage", code, demand.place, text)
    return message.finding("usage", code, ("group", *demand.place), text)
