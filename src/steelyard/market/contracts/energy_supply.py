"""Supply of energy over years: what a contract of this type is, as data.

Quantities a year, taking or paying, making up and price formulas are worked out in `energy/`; here are the terms.
"""

from steelyard.market.contracts.terms import BP, Terms, require


class EnergySupply(Terms, array_like=True, frozen=True, kw_only=True, tag="energy_supply"):
    """A supply contract. Shares and tolerances are hundredths of a percent of the annual contract quantity.

    Make-up and carry-forward are used within so many years; 0: without end. The price is `price_base_minor` plus
    `price_slope` (a decimal text) times the mean of an index over the months from `index_from` to `index_to` months
    before the delivery.
    """

    annual_units: int
    take_or_pay_bp: int
    downward_tolerance_bp: int = 0
    make_up_years: int = 3
    carry_forward_bp: int = 0
    carry_forward_years: int = 0
    price_base_minor: int = 0
    price_slope: str = "1"
    index: str = ""
    index_from: int = 3
    index_to: int = 1

    def __post_init__(self) -> None:
        super().__post_init__()
        require("annual_units", self.annual_units > 0, "it is above zero")
        for field in ("take_or_pay_bp", "downward_tolerance_bp", "carry_forward_bp"):
            require(field, 0 <= getattr(self, field) <= BP, "between nothing and all of the annual quantity")
        require("index_from", self.index_from >= self.index_to >= 0, "from the earlier month to the later")
        for field in ("make_up_years", "carry_forward_years"):
            require(field, getattr(self, field) >= 0, "it is not negative")
        require("price_slope", _is_decimal(self.price_slope), "a decimal number, not negative")


def _is_decimal(text: str) -> bool:
    whole, point, part = text.partition(".")
    return all(one.isascii() and one.isdigit() for one in ([whole, part] if point else [whole]))
