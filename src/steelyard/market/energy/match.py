"""What a solver proposes for a network, and what it is once it has stood every check."""

from msgspec import Struct

from steelyard.market.energy.exact import Exact
from steelyard.market.energy.proof import Proof


class Match(Struct, array_like=True, frozen=True, gc=False):
    """What a solver proposes: quantities by route, prices by node as (numerator, denominator), both in order.

    Of a network that is not plain `proof` says all that, and these are empty; but where there are cargoes `flows` are
    whole, `cost_minor` is what they cost, and the proof is that of the network without cargoes: a bound below them.
    """

    flows: tuple[int, ...]
    prices: tuple[tuple[int, int], ...]
    cost_minor: int
    proof: Proof | None = None


class Matched(Struct, array_like=True, frozen=True, gc=False):
    """A match that stood every check. Quantities and prices are whole, or exact fractions where routes lose."""

    cost_minor: Exact
    """Of what is sold and carried"""
    surplus_minor: Exact | None
    """What those served bid, less the cost; None where a need that is served names no bid"""
    flows: tuple[tuple[str, Exact], ...]
    """(route, quantity that enters) of the routes in use, in their order"""
    prices: tuple[tuple[str, Exact, Exact], ...]
    """(node, price, highest price that proves the match as well; UNBOUND: any above)"""
    marginal: tuple[str, ...]
    """Routes in use that are not full: they set prices"""
    unserved: tuple[tuple[str, Exact, str], ...]
    """(node, quantity, why)"""
    unsold: tuple[tuple[str, Exact], ...]
    """(node, quantity)"""
    delivered: tuple[tuple[str, int], ...] = ()
    """(node, whole units that reach it), rounded down"""
    rents: tuple[tuple[str, Exact], ...] = ()
    """(shared capacity, what a unit of it is worth)"""
    gap_minor: int = 0
    """What cargoes might cost less at most, as far as is proved; 0: nothing"""
    whole: bool = False
    """Whether there are cargoes, so that what arrives is rounded down on each route"""

    def price(self, node: str) -> Exact:
        """Give the price at a node."""
        return next(lowest for name, lowest, _ in self.prices if name == node)
