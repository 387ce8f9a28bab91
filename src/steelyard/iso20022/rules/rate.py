"""Rule 36: two currencies agree with their rate. Integers only.

With I and S the decimal amounts and R the rate as exact fractions they agree when
|S - I·R| · 1,000,000 <= tolerance_ppm · I·R, edge included. This is coherence within the message;
whether the amounts are those of a locked quote needs the state.
"""

from steelyard.iso20022.context import Context, Finding
from steelyard.iso20022.lexical import Decimal, decimal
from steelyard.iso20022.rules.view import Message

_MILLION = 1_000_000


def rate(message: Message, context: Context) -> list[Finding]:
    """Two currencies need a rate and amounts that agree with it; one currency forbids a rate."""
    found: list[Finding] = []
    ppm = context.profile.rate_tolerance_ppm
    for tx in message.transactions:
        instructed, text = tx.instructed, tx.values.get("rate")
        if instructed is None or instructed[1] == tx.settlement[1]:
            if text is not None:
                found.append(tx.finding("rate", "CH17", ("rate",), "a rate where there is one currency"))
        elif text is None:
            found.append(tx.finding("rate", "CH21", ("rate",), "two currencies and no rate"))
        else:
            read = decimal(text)
            if read is None or not agree(tx.settlement[2], instructed[2], read, ppm=ppm):
                said = f"the amounts are more than {ppm} ppm from the rate"
                found.append(tx.finding("rate", "AM09", ("settlement",), said))
    return found


def agree(settlement: Decimal, instructed: Decimal, rate: Decimal, *, ppm: int) -> bool:
    """Say whether settlement = instructed times rate within the tolerance.

    >>> agree(Decimal(125000050, 2), Decimal(8400541, 2), Decimal(148800, 4), ppm=100)
    True
    >>> agree(Decimal(137500055, 2), Decimal(8400541, 2), Decimal(148800, 4), ppm=100)
    False
    """
    product = instructed.unscaled * rate.unscaled
    digits = instructed.digits + rate.digits
    scaled = settlement.unscaled
    if digits >= settlement.digits:
        scaled *= 10 ** (digits - settlement.digits)
    else:
        product *= 10 ** (settlement.digits - digits)
    return abs(scaled - product) * _MILLION <= ppm * product
