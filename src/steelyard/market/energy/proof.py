"""What proves a match of a network that is not plain, and the exact check of it.

Flows and prices are exact ratios, written p/q in lowest terms. Four things are proved, each without solving anything:
that nothing costs less (prices leave no gap); that of flows of the same cost these have the least sum of route number
times quantity (second prices); that rents of shared capacities, in their order, and then the prices of all nodes are
the smallest that prove it (a weighing of routes for each: moving along them changes the cost by just that much); and
how high prices might be with the same rents (the highest prices and their weighing, and for those without an end a
direction in which they may rise for ever).
"""

from collections.abc import Callable, Sequence
from fractions import Fraction
from math import lcm
from typing import Annotated, NamedTuple

from msgspec import Meta, Struct

from steelyard.market.energy.exact import Exact
from steelyard.market.energy.general import Face, General, face, reduced
from steelyard.market.refusals.energy import EnergyRefusal as No

DIGITS_MAX = 300
PLAIN_MAX = 10**6
"""Highest denominator of flows and prices where nothing is lost on the way"""
LOSSY_MAX = 10**120
"""Highest common denominator of any list where something is: each loss on a way multiplies it"""
WEIGHED_MAX = 24_000
"""Most entries of columns that all weighings of a proof add up: what a machine does for one proof is bounded"""
Ratio = Annotated[str, Meta(pattern=r"^-?[0-9]{1,300}(/[0-9]{1,300})?$(?!\n)")]
"""An exact ratio in lowest terms; longer ones are not proved by anybody"""
Weighing = tuple[tuple[int, Ratio], ...]
"""(column, weight), by column: how a unit more of what is weighed would be moved"""


class Proof(Struct, array_like=True, frozen=True, gc=False):
    """Flows by route; prices by node, rents by shared capacity; and what proves them."""

    flows: tuple[Ratio, ...]
    cost: Ratio
    """Of what is sold and carried"""
    prices: tuple[Ratio, ...]
    rents: tuple[Ratio, ...]
    second: tuple[Ratio, ...]
    """Prices of rows that prove the second cost: of nodes, then of shared capacities"""
    rent_proofs: tuple[Weighing, ...]
    price_proof: Weighing
    highest: tuple[Ratio, ...]
    high_proof: Weighing
    rising: tuple[Ratio, ...]
    """Per node: how it may rise beside others for ever; 0: it may not"""


class Proved(NamedTuple):
    """A proof that stands. `numbers` are the quantities of all columns."""

    numbers: list[Exact]
    cost: Exact
    total: Exact
    """The cost, and what unserved needs would have bid"""
    prices: list[Exact]
    highest: list[Exact | None]
    rents: list[Exact]


def text(value: Exact) -> str:
    """Write a ratio; ValueError where it takes too many digits.

    >>> text(Fraction(-6, 4)), text(3)
    ('-3/2', '3')
    """
    written = str(Fraction(value))
    if any(len(part) > DIGITS_MAX for part in written.removeprefix("-").split("/")):
        raise ValueError("a ratio takes too many digits")
    return written


def read(written: str) -> Fraction | None:
    """Read a ratio; None where it is not in lowest terms."""
    over, _, under = written.partition("/")
    if under == "0" * len(under) and under:
        return None
    found = Fraction(int(over), int(under or 1))
    return found if str(found) == written else None


def _all(written: Sequence[str], count: int, most: int = LOSSY_MAX) -> list[Exact] | None:
    """Read so many ratios, whose common denominator stays within bounds: whoever checks them adds them up.

    Whole ones become plain numbers, which are faster.
    """
    if len(written) != count:
        return None
    found: list[Exact] = []
    common = 1
    for one in written:
        value = read(one)
        if value is None:
            return None
        if value.denominator == 1:
            found.append(value.numerator)
            continue
        common = lcm(common, value.denominator)
        if value.denominator > most or common > LOSSY_MAX:
            return None
        found.append(value)
    return found


def denominator_max(net: General) -> int:
    """Give the highest denominator that flows and prices of a network may have."""
    lossy = any(one.keeps[0] < one.keeps[1] for one in net.routes)
    return LOSSY_MAX if lossy else PLAIN_MAX


def check(net: General, proof: Proof) -> Proved | No:
    """Compute a proof anew, and give what it proves or the rule it breaks."""
    numbers = _numbers(net, proof.flows)
    if numbers is None:
        return No.MATCH_IS_NOT_FEASIBLE
    bids = _unserved(net, numbers)
    total = sum(number * cost for number, cost in zip(numbers, net.costs, strict=True) if number)
    if read(proof.cost) != total - bids:
        return No.MATCH_COST_IS_WRONG
    most = denominator_max(net)
    prices, rents = _all(proof.prices, len(net.nodes), most), _all(proof.rents, len(net.shared), most)
    if prices is None or rents is None or any(one < 0 for one in (*prices, *rents)):
        return No.PRICES_LEAVE_A_GAP
    rows = [*prices, *(-one for one in rents)]
    gains = reduced(net, rows, net.costs)
    if _bound(net, rows, gains) != total:
        return No.PRICES_LEAVE_A_GAP
    where = face(net, numbers)
    if not _is_light(net, proof):
        return No.PRICES_ARE_NOT_SMALLEST
    second = _all(proof.second, len(rows))
    if second is None or not _is_first(net, where, gains, second):
        return No.MATCH_IS_NOT_FIRST
    if not _smallest(net, where, rows, proof):
        return No.PRICES_ARE_NOT_SMALLEST
    highest = _highest(net, where, rows, proof)
    if highest is None:
        return No.PRICES_ARE_NOT_SMALLEST
    return Proved(numbers, total - bids, total, prices, highest, rents)


def _is_light(net: General, proof: Proof) -> bool:
    """Tell whether weighings are those of bases, with no more columns than there are rows, and not too many."""
    weighings = (*proof.rent_proofs, proof.price_proof, proof.high_proof)
    if len(weighings) > len(net.shared) + 2 or any(len(one) > len(net.right) for one in weighings):
        return False
    columns = net.columns
    return (
        sum(len(columns[no]) for one in weighings for no, _ in one if 0 <= no < len(columns)) <= WEIGHED_MAX
    )


def _numbers(net: General, written: Sequence[str]) -> list[Exact] | None:
    """Give the quantity of every column where flows fit: what is sold, unserved and free follows from them."""
    flows = _all(written, len(net.routes), denominator_max(net))
    if flows is None:
        return None
    rest: list[Exact] = list(net.right)
    for flow, column in zip(flows, net.columns, strict=False):
        if flow:
            for row, entry in column:
                rest[row] -= entry * flow
    count = len(net.nodes)
    sides = [rest[no] for no in net.market]
    for no in net.market:
        rest[no] = 0
    numbers = [*flows, *sides, *[0] * count, *rest[count:]]
    if any(rest[:count]) or any(
        number < 0 or (most is not None and number > most)
        for number, most in zip(numbers, net.most, strict=True)
    ):
        return None
    return numbers


def _unserved(net: General, numbers: Sequence[Exact]) -> Exact:
    """Give what needs that are not served would have bid."""
    at = len(net.routes)
    return sum(
        numbers[at + no] * net.costs[at + no]
        for no, node in enumerate(net.market)
        if net.nodes[node].amount < 0
    )


def _bound(net: General, rows: Sequence[Exact], gains: Sequence[Exact]) -> Exact | None:
    """Give what nothing can cost less than, as prices prove it; None where they prove nothing."""
    bound: Exact = sum(price * right for price, right in zip(rows, net.right, strict=True))
    for gain, most in zip(gains, net.most, strict=True):
        if gain < 0:
            if most is None:
                return None
            bound += gain * most
    return bound


def _is_first(net: General, where: Face, gains: Sequence[Exact], second: Sequence[Exact]) -> bool:
    """Tell whether second prices prove that no flow of the same cost is on earlier routes."""
    for no, gain in enumerate(reduced(net, second, net.rank)):
        if gains[no] or net.waste <= no < net.free:
            continue
        if (where.more[no] and gain < 0) or (where.less[no] and gain > 0):
            return False
    return True


def _smallest(net: General, where: Face, rows: Sequence[Exact], proof: Proof) -> bool:
    """Tell whether rents, one by one, and then prices are the smallest in the face."""
    count = len(net.nodes)
    if len(proof.rent_proofs) != len(net.shared):
        return False
    for no, weighing in enumerate(proof.rent_proofs):
        weights = {count + no: 1}
        if not _is_extreme(net, where, rows, weights.get, weighing, range(count, count + no)):
            return False
    fixed = range(count, len(rows))
    return _is_extreme(net, where, rows, lambda row, _: -1 if row < count else 0, proof.price_proof, fixed)


def _highest(net: General, where: Face, rows: Sequence[Exact], proof: Proof) -> list[Exact | None] | None:
    """Give the highest price of each node beside these rents (None: any above), where that is proved."""
    count = len(net.nodes)
    highest, rising = _all(proof.highest, count), _all(proof.rising, count)
    if highest is None or rising is None or any(one < 0 for one in rising):
        return None
    high = [*highest, *rows[count:]]
    steps = [*rising, *[0] * len(net.shared)]
    gains = reduced(net, high, net.costs)
    for no, column in enumerate(net.columns):
        rise = sum(entry * steps[row] for row, entry in column)
        if (where.more[no] and (gains[no] < 0 or rise > 0)) or (
            where.less[no] and (gains[no] > 0 or rise < 0)
        ):
            return None
    weights = {row: 1 for row, one in enumerate(rising) if not one}
    fixed = range(count, len(rows))
    if not _is_extreme(net, where, high, weights.get, proof.high_proof, fixed):
        return None
    return [None if one else price for price, one in zip(highest, rising, strict=True)]


def _is_extreme(
    net: General,
    where: Face,
    rows: Sequence[Exact],
    weight: Callable[[int, int], int],
    weighing: Weighing,
    fixed: Sequence[int],
) -> bool:
    """Tell whether no prices of a face weigh more than `rows` do; those of some rows are fixed.

    A weighing adds up what columns say of prices: of each that could carry more, that its rows bring its cost at
    most; of each that could carry less, at least. If what is added up is the weights, their sum is a bound.
    """
    left: dict[int, Exact] = {}
    bound: Exact = 0
    before = -1
    parts = _all([written for _, written in weighing], len(weighing))
    if parts is None:
        return False
    for (no, _), part in zip(weighing, parts, strict=True):
        if not before < no < len(net.columns):
            return False
        if (part > 0 and not where.more[no]) or (part < 0 and not where.less[no]):
            return False
        before = no
        bound += part * net.costs[no]
        for row, entry in net.columns[no]:
            left[row] = left.get(row, 0) - part * entry
    value: Exact = 0
    for row, price in enumerate(rows):
        wanted = weight(row, 0)
        rest = left.get(row, 0) + wanted
        if row in fixed:
            bound += rest * price
        elif rest:
            return False
        value += wanted * price
    return bound == value
