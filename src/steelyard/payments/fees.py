"""Fees of a payment: rows of data in, amounts and who bears them out.

A row on the payer's side is in the asset that leaves, one on the payee's side in the asset that arrives. Who
bears it is said by the payment: SHAR lets each side bear its own, DEBT puts all on the payer, CRED all on the
payee. Booked fees become legs of their own, never netted; others are only shown.
"""

from typing import NamedTuple

from msgspec import Struct

from steelyard.payments.payment import Fee
from steelyard.values.rate import Rounding, rounded

SHAR, DEBT, CRED = 0, 1, 2
BP = 10_000

ON_TOP, FROM_AMOUNT, FROM_PAYEE = "on_top", "from_amount", "from_payee"


class FeeRow(Struct, array_like=True, frozen=True, gc=False):
    """One line of a fee table. `side` is payer or payee; `keeper` an owner, or empty for the side's own agent.

    The fee is `fixed_minor` plus `bp` of the amount, at least `min_minor`, at most `max_minor` (0: no bound).
    `taken` says for the payer's side whether it comes on top or from the amount, where the payment leaves it
    open (SHAR). `asset` restricts the row to one currency; empty means any.
    """

    what: str
    side: str
    keeper: str = ""
    asset: str = ""
    fixed_minor: int = 0
    bp: int = 0
    min_minor: int = 0
    max_minor: int = 0
    taken: str = ON_TOP
    booked: bool = True


class Charges(NamedTuple):
    """Fees of one side: in all on top, in all out of the amount, and each for itself."""

    on_top_minor: int
    from_minor: int
    fees: tuple[Fee, ...]


NONE = Charges(0, 0, ())


def amount(row: FeeRow, minor: int) -> int:
    """Give the fee that a row makes of an amount.

    >>> amount(FeeRow("scheme", "payer", bp=5, min_minor=100), 1_000_000), amount(FeeRow("x", "payer", bp=1), 50)
    (500, 0)
    """
    fee = row.fixed_minor + rounded(minor * row.bp, BP, Rounding.HALF_EVEN)
    if row.max_minor:
        fee = min(fee, row.max_minor)
    return max(fee, row.min_minor)


def of_payer(rows: tuple[FeeRow, ...], minor: int, *, asset: str, agent: str, bearer: int) -> Charges:
    """Give the payer's side: on top of the amount, or out of it (always so where the payee bears all)."""
    if not rows:
        return NONE
    on_top = taken = 0
    fees: list[Fee] = []
    for row in rows:
        if row.side != "payer" or row.asset not in ("", asset):
            continue
        fee = amount(row, minor)
        if fee == 0:
            continue
        how = ON_TOP if bearer == DEBT else FROM_AMOUNT if bearer == CRED else row.taken
        if how == ON_TOP:
            on_top += fee
        else:
            taken += fee
        fees.append(Fee(row.what, row.keeper or agent, asset, fee, how, row.booked))
    return Charges(on_top, taken, tuple(fees)) if fees else NONE


def of_payee(rows: tuple[FeeRow, ...], minor: int, *, asset: str, agent: str, bearer: int) -> Charges:
    """Give the payee's side: out of what the payee gets, or on top of it where the payer bears all."""
    if not rows:
        return NONE
    on_top = taken = 0
    fees: list[Fee] = []
    for row in rows:
        if row.side != "payee" or row.asset not in ("", asset):
            continue
        fee = amount(row, minor)
        if fee == 0:
            continue
        if bearer == DEBT:
            on_top += fee
        else:
            taken += fee
        how = ON_TOP if bearer == DEBT else FROM_PAYEE
        fees.append(Fee(row.what, row.keeper or agent, asset, fee, how, row.booked))
    return Charges(on_top, taken, tuple(fees)) if fees else NONE
