"""Who bears a loss that a member leaves behind, layer by layer.

1. the defaulter's margin, 2. its share of the default fund, 3. the counterparty's own capital, 4. the survivors'
shares of the fund, 5. assessments on the survivors, each a multiple of its share at most, 6. a haircut on the gains
of variation margin. What is left then is nobody's: contracts are torn up.

Each layer gives all it has before the next is touched. Layers of several members are shared by what each has in
them: largest remainder, equal ones by member id, so that the parts sum to the loss whatever the remainder.
"""

from collections.abc import Collection, Mapping
from fractions import Fraction

from msgspec import Struct

from steelyard.market.clearing.shares import share_out


class Waterfall(Struct, frozen=True):
    """What each layer pays, in minor units; a layer of members that is not reached is empty."""

    margin: int
    own_fund: int
    capital: int
    survivors: dict[str, int]
    assessments: dict[str, int]
    gains: dict[str, int]
    uncovered: int

    @property
    def paid(self) -> int:
        """Give what all layers pay together."""
        members = (self.survivors, self.assessments, self.gains)
        return self.margin + self.own_fund + self.capital + sum(sum(layer.values()) for layer in members)


def waterfall(
    loss: int,
    *,
    margin: int,
    own_fund: int,
    capital: int,
    survivors: Mapping[str, int],
    assessments: int | Fraction = 1,
    gains: Mapping[str, int] | None = None,
    first: Collection[str] = (),
) -> Waterfall:
    """Share a loss out over the layers; all amounts in minor units of one asset, >= 0.

    `survivors` are the others' shares of the fund. `assessments` is how often its share a survivor may be asked
    for once more, rounded down to a minor unit. `gains` are what each is to gain by the variation margin. The shares
    of those in `first` (who made no bid for the defaulter's portfolio, say) are used up before the others'.

    >>> waterfall(
    ...     740_000_000, margin=320_000_000, own_fund=70_000_000, capital=100_000_000,
    ...     survivors={"A": 180_000_000, "B": 110_000_000, "C": 40_000_000},
    ... ).survivors
    {'A': 136363637, 'B': 83333333, 'C': 30303030}
    """
    if min(loss, margin, own_fund, capital) < 0 or assessments < 0:
        raise ValueError("a loss and its layers are not negative")
    left = loss
    single = []
    for layer in (margin, own_fund, capital):
        single.append(min(left, layer))
        left -= single[-1]
    multiple = Fraction(assessments)
    callable_minor = {
        one: share * multiple.numerator // multiple.denominator for one, share in survivors.items()
    }
    early = {one: share for one, share in survivors.items() if one in first}
    late = {one: share for one, share in survivors.items() if one not in first}
    several: list[dict[str, int]] = []
    for weights in (early, late, callable_minor, gains or {}):
        part = min(left, sum(weights.values()))
        several.append(share_out(part, weights) if part else {})
        left -= part
    shares = several[0] | several[1]
    fund = {one: shares[one] for one in sorted(shares)}
    return Waterfall(single[0], single[1], single[2], fund, several[2], several[3], left)
