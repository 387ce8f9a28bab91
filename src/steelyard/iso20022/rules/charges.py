"""Rule 30: charges and who bears them."""

from collections.abc import Iterable

from steelyard.iso20022.context import Context, Finding
from steelyard.iso20022.lexical import Decimal
from steelyard.iso20022.rules.group import equal, total_of
from steelyard.iso20022.rules.view import Message, Tx

_CHARGES = ("charges", 0, "amount")


def charges(message: Message, context: Context) -> Iterable[Finding]:
    """CRED names its charges (zero allowed), DEBT at most one. Amounts of one currency that differ are
    explained exactly: what was instructed less charges (plus, for DEBT) is what settles."""
    for tx in message.transactions:
        bearer = tx.values.get("charge_bearer")
        if bearer == "CRED" and not tx.charges:
            yield tx.finding("charges", "CH21", _CHARGES, "the creditor bears charges, none are given")
        elif bearer == "DEBT" and len(tx.charges) > 1:
            place = ("charges", 1, "amount")
            yield tx.finding("charges", "CH17", place, "the debtor bears charges, at most one is given")
        elif (instructed := tx.instructed) is not None:
            settlement = tx.settlement
            if instructed.currency == settlement.currency and not equal(instructed.value, settlement.value):
                yield from _explained(tx, instructed.value, bearer)


def _explained(tx: Tx, instructed: Decimal, bearer: str | None) -> Iterable[Finding]:
    if not tx.charges:
        yield tx.finding("charges", "CH21", _CHARGES, "the amounts differ and no charge explains it")
        return
    summed = total_of([charge.value for charge in tx.charges])
    less, more = (tx.settlement.value, instructed) if bearer != "DEBT" else (instructed, tx.settlement.value)
    in_one = all(charge.currency == tx.settlement.currency for charge in tx.charges)
    if not in_one or not equal(total_of([less, summed]), more):
        yield tx.finding("charges", "AM09", ("settlement",), "the charges do not explain the difference")
