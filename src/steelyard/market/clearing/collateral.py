"""What collateral counts for: a haircut by asset, another for a foreign currency, a cap on what receipts may cover.

    value = amount x price x (1 - haircut) x (1 - mismatch, where its currency is not that of the margin)

rounded down once. Warehouse receipts count 70 to 80 % of their price, and of what is required at most a share may
be covered by the receipts of one class. A receipt locked for its holder's own delivery counts nothing: it is what
he owes already.
"""

from fractions import Fraction

from msgspec import Struct

WHOLE_BP = 10_000
ADVANCE_LOW_BP, ADVANCE_HIGH_BP = 7_000, 8_000
CASH, SECURITY, RECEIPT = "cash", "security", "receipt"


class Accepted(Struct, array_like=True, frozen=True, gc=False):
    """An asset that the house takes. `price` is minor units of `currency` for one unit of it, as a fraction.

    `cap_bp` is the largest share of what is required that the asset may cover; 10,000 is all.
    """

    asset: str
    kind: str
    currency: str
    haircut_bp: int
    mismatch_bp: int = 0
    price_num: int = 1
    price_den: int = 1
    cap_bp: int = WHOLE_BP

    @property
    def fits(self) -> bool:
        """Tell whether the terms lie within their bounds."""
        counts = WHOLE_BP - self.haircut_bp
        if self.kind == RECEIPT and not (
            ADVANCE_LOW_BP <= counts <= ADVANCE_HIGH_BP and self.cap_bp < WHOLE_BP
        ):
            return False
        return (
            self.kind in (CASH, SECURITY, RECEIPT)
            and 0 <= counts <= WHOLE_BP
            and 0 <= self.mismatch_bp <= WHOLE_BP
            and 0 <= self.cap_bp <= WHOLE_BP
            and self.price_num > 0
            and self.price_den > 0
        )


def value(one: Accepted, amount: int, *, currency: str, rate: Fraction | int = 1) -> int:
    """Give what an amount counts for in a currency; `rate` is minor units of it for one of the asset's currency.

    >>> value(Accepted("NOR", CASH, "NOR", 0), 1_000, currency="NOR")
    1000
    >>> value(Accepted("SUD", CASH, "SUD", 100, 800), 1_000, currency="NOR", rate=2)
    1821
    """
    exact = Fraction(amount * one.price_num * (WHOLE_BP - one.haircut_bp), one.price_den * WHOLE_BP)
    if one.currency != currency:
        exact = exact * rate * Fraction(WHOLE_BP - one.mismatch_bp, WHOLE_BP)
    return exact.numerator // exact.denominator
