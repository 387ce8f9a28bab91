"""Rule 30: charges and who bears them."""

from steelyard.iso20022.context import Context, Finding
from steelyard.iso20022.lexical import Decimal, equal, total_of
from steelyard.iso20022.rules.view import Message, Tx

_CHARGES = ("charges", 0, "amount")


def charges(message: Message, context: Context) -> list[Finding]:
    """CRED names its charges (zero allowed), DEBT at most one. Amounts of one currency that differ are
    explained exactly: what was instructed less charges (plus, for DEBT) is what settles."""
    found: list[Finding] = []
    for tx in message.transactions:
        bearer = tx.values.get("charge_bearer")
        if bearer == "CRED" and not tx.charges:
            text = "the creditor bears charges, none are given"
            found.append(tx.finding("charges", "CH21", _CHARGES, text))
        elif bearer == "DEBT" and len(tx.charges) > 1:
            text = "the debtor bears charges, at most one is given"
            found.append(tx.finding("charges", "CH17", ("charges", 1, "amount"), text))
        elif tx.instructed is not None and tx.instructed[1] == tx.settlement[1]:
            found.extend(_unexplained(tx, tx.instructed[2], bearer))
    return found


def _unexplained(tx: Tx, instructed: Decimal, bearer: str | None) -> list[Finding]:
    if equal(instructed, tx.settlement[2]):
        return []
    if not tx.charges:
        text = "the amounts differ and no charge explains it"
        return [tx.finding("charges", "CH21", _CHARGES, text)]
    _, currency, settled = tx.settlement
    summed = total_of([value for _, _, value in tx.charges])
    less, more = (settled, instructed) if bearer != "DEBT" else (instructed, settled)
    if all(one[1] == currency for one in tx.charges) and equal(total_of([less, summed]), more):
        return []
    return [tx.finding("charges", "AM09", ("settlement",), "the charges do not explain the difference")]
