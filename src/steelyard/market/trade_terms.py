"""Terms of trade of one delivery: who bears which cost, at which place, how much more or less, where it is final.

They are those of its contract where it has one. A cost that one side has paid and the other bears is put on the
invoice: what the seller has paid for the buyer is added, what the buyer has paid for the seller is taken off.
"""

from msgspec import Struct

from steelyard.market.contracts import Contract
from steelyard.market.contracts.terms import Final
from steelyard.market.incoterms import TERMS, Cost, Party, pays


class TradeTerms(Struct, array_like=True, frozen=True, gc=False):
    """Terms beside grade, quantity and price. No delivery term: no costs are shared.

    `differential_minor` is what goods at the place are worth more (or less), for what the price is for. A full cargo
    may differ by `full_cargo_bp`; what is beyond the tolerance is paid at the market.
    """

    incoterm: str = ""
    place: str = ""
    differential_minor: int = 0
    full_cargo_bp: int = 0
    final_at: Final = Final.LOADING

    @property
    def are_known(self) -> bool:
        """Tell whether the delivery term is one, and nothing is added for no place."""
        return self.incoterm in ("", *TERMS) and (bool(self.place) or not self.differential_minor)

    def fit(self, contract: Contract, *, tolerance_bp: int, own_money: bool) -> bool:
        """Tell whether these are the terms of a contract, at one of its places, as a full cargo or not.

        The contract's differential counts where the delivery is in the money that it is listed in.
        """
        options, differential = contract.options, contract.differential(self.place)
        return (
            self.incoterm == contract.incoterm
            and differential is not None
            and (not own_money or self.differential_minor == differential)
            and self.final_at is options.final_at
            and tolerance_bp == options.tolerance_bp
            and self.full_cargo_bp in (0, options.full_cargo_bp)
        )


class CostPaid(Struct, array_like=True, frozen=True, gc=False):
    """A cost that one side has paid and the other bears: in the money it was paid in, and in that of the invoice.

    `document` is the SHA-256 of the paper that proves it.
    """

    cost: Cost
    by: Party
    currency: str
    paid_minor: int
    amount_minor: int
    document: bytes


def borne_by_other(term: str, cost: Cost, payer: Party) -> bool:
    """Tell whether a cost that a side has paid is the other's to bear.

    >>> borne_by_other("FOB", Cost.FREIGHT, Party.SELLER), borne_by_other("CIF", Cost.FREIGHT, Party.SELLER)
    (True, False)
    """
    return pays(term, cost) is not payer


def on_top(costs: tuple[CostPaid, ...]) -> int:
    """Give what the costs add to what the buyer pays; below zero where he has paid more for the seller."""
    return sum(one.amount_minor if one.by is Party.SELLER else -one.amount_minor for one in costs)
