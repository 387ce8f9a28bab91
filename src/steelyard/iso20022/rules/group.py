"""Rules 13, 14 and 50: the group's count and sums, and what usage requires or forbids."""

from collections.abc import Iterable

from steelyard.iso20022.context import Context, Finding
from steelyard.iso20022.lexical import Decimal, decimal
from steelyard.iso20022.profiles import Demand
from steelyard.iso20022.rules.view import PAYMENT_TYPE, Message, Tx, Values

_COUNT, _SUM, _TOTAL = ("group", "count"), ("group", "control_sum"), ("group", "total")
_EITHER = ("instructing_agent", "instructed_agent", "settlement_on")


def count(message: Message, context: Context) -> Iterable[Finding]:
    """NbOfTxs is the number of transactions, and no more than the profile takes."""
    there, said = len(message.transactions), int(message.group["count"])
    if said != there:
        yield message.finding("count", "AM19", _COUNT, f"{said} announced, {there} there")
    most = context.profile.transactions_max
    if context.profile.files and context.limits.is_file:
        most = context.limits.transactions_max
    if there > most:
        yield message.finding("count", "AM18", _COUNT, f"{there} transactions, at most {most} are taken")


def control_sum(message: Message, context: Context) -> Iterable[Finding]:
    """CtrlSum is the exact sum of the settlement amounts over all currencies, the total that of its own."""
    said = message.group.get("control_sum")
    if said is not None:
        summed = total_of([tx.settlement.value for tx in message.transactions])
        if not equal(decimal(said) or Decimal(-1, 0), summed):
            text = f"the settlement amounts sum to {written(summed)}"
            yield message.finding("control_sum", "AM16", _SUM, text)
    total = message.group.get("total")
    if total is not None:
        summed = total_of([tx.settlement.value for tx in message.transactions])
        if any(tx.settlement.currency != total[0] for tx in message.transactions):
            yield message.finding("control_sum", "AM10", _TOTAL, "an amount is in another currency")
        elif not equal(decimal(total[1]) or Decimal(-1, 0), summed):
            text = f"the settlement amounts sum to {written(summed)}"
            yield message.finding("control_sum", "AM10", _TOTAL, text)


def usage(message: Message, context: Context) -> Iterable[Finding]:
    """What the profile requires is there, what it forbids is not, and nothing stands in group and transaction."""
    required = context.profile.required.get(message.kind, ())
    forbidden = context.profile.forbidden.get(message.kind, ())
    for demand in required:
        if demand.where in ("header", "group"):
            yield from _missing_above(message, demand)
    for demand in forbidden:
        if demand.where in ("header", "group"):
            yield from _present_above(message, demand)
    both = _in_group(message.group)
    for tx in message.transactions:
        for demand in required:
            if demand.where in ("transaction", "either"):
                yield from _missing(tx, demand)
        for demand in forbidden:
            if demand.where in ("transaction", "either") and _found(tx.values, demand.place):
                yield tx.finding("usage", "CH17", demand.place, "not allowed here")
        for name in both:
            if name in tx.values:
                yield tx.finding("usage", "CH17", (name,), "stands in the group header too")


def total_of(numbers: list[Decimal]) -> Decimal:
    """Add decimals exactly.

    >>> total_of([Decimal(1, 1), Decimal(5, 2)])
    Decimal(unscaled=15, digits=2)
    """
    digits = max((number.digits for number in numbers), default=0)
    return Decimal(sum(n.unscaled * 10 ** (digits - n.digits) for n in numbers), digits)


def equal(one: Decimal, other: Decimal) -> bool:
    """Say whether two decimals are the same number."""
    return bool(one.unscaled * 10**other.digits == other.unscaled * 10**one.digits)


def written(number: Decimal) -> str:
    """Write a decimal.

    >>> written(Decimal(15, 2)), written(Decimal(-3, 0))
    ('0.15', '-3')
    """
    text = str(abs(number.unscaled)).rjust(number.digits + 1, "0")
    sign = "-" if number.unscaled < 0 else ""
    return f"{sign}{text[: -number.digits]}.{text[-number.digits :]}" if number.digits else sign + text


def _in_group(group: Values) -> list[str]:
    return [name for name in (*_EITHER, *PAYMENT_TYPE) if name in group]


def _found(values: Values, place: tuple[str, ...]) -> bool:
    for name in place:
        found = values.get(name)
        if found is None:
            return False
        values = found
    return True


def _missing(tx: Tx, demand: Demand) -> Iterable[Finding]:
    first = demand.place[0]
    values = tx.group if demand.where == "either" and first not in tx.values else tx.values
    if demand.if_present and not _found(values, demand.place[:-1]):
        return
    if not _found(values, demand.place):
        above = ("group",) if values is tx.group and first in tx.group else ()
        yield tx.finding("usage", "CH21", (*above, *demand.place), "required here")


def _missing_above(message: Message, demand: Demand) -> Iterable[Finding]:
    header = demand.where == "header"
    values = message.header if header else message.group
    if values is None or (demand.if_present and not _found(values, demand.place[:-1])):
        return
    if not _found(values, demand.place):
        make, above = (message.header_finding, ()) if header else (message.finding, ("group",))
        yield make("usage", "CH21", (*above, *demand.place), "required here")


def _present_above(message: Message, demand: Demand) -> Iterable[Finding]:
    header = demand.where == "header"
    values = message.header if header else message.group
    if values is not None and _found(values, demand.place):
        make, above = (message.header_finding, ()) if header else (message.finding, ("group",))
        yield make("usage", "CH17", (*above, *demand.place), "not allowed here")
