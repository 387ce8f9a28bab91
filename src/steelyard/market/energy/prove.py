"""From a network that is not plain to its match with all that proves it: a few linear programmes.

Least cost first; among the flows of that cost the least sum of route number times quantity; among the prices that
prove it the smallest rents, one after the other, and then the smallest prices; the second prices; the highest ones.
"""

from collections.abc import Mapping, Sequence

from steelyard.market.energy.exact import Exact
from steelyard.market.energy.general import (
    Face,
    General,
    cost_lp,
    extreme_lp,
    face,
    rank_lp,
)
from steelyard.market.energy.proof import Proof, Weighing, text
from steelyard.market.energy.simplex import LinearSolver


def prove(net: General, *, solver: LinearSolver) -> Proof:
    """Give the match of a network and its proof; ValueError where exact numbers take too many digits."""
    count = len(net.nodes)
    first = solver.least(cost_lp(net))
    ranked = solver.least(rank_lp(net, first.prices))
    numbers = _whole(net, ranked.numbers, first.prices)
    where = face(net, numbers)
    fixed: dict[int, Exact] = {}
    rent_proofs = []
    for row in range(count, count + len(net.shared)):
        weights = [1 if one == row else 0 for one in range(len(net.right))]
        prices, weighing = _extreme(net, where, weights, fixed, solver)
        fixed[row] = prices[row]
        rent_proofs.append(weighing)
    down = [-1] * count + [0] * len(net.shared)
    rows, price_proof = _extreme(net, where, down, fixed, solver)
    second = solver.least(rank_lp(net, rows)).prices
    nothing: dict[int, Exact] = dict.fromkeys(fixed, 0)
    everywhere = [1] * count + [0] * len(net.shared)
    rising = solver.least(extreme_lp(net, where, everywhere, nothing, plain=True).lp).prices[:count]
    ends = [0 if one else 1 for one in rising] + [0] * len(net.shared)
    high, high_proof = _extreme(net, where, ends, fixed, solver)
    cost = sum(
        number * net.costs[no]
        for no, number in enumerate(numbers)
        if no < len(net.routes) or (no < net.waste and net.nodes[net.market[no - len(net.routes)]].amount > 0)
    )
    return Proof(
        _texts(numbers[: len(net.routes)]), text(cost), _texts(rows[:count]), _texts([-one for one in rows[count:]]),
        _texts(second), tuple(rent_proofs), price_proof, _texts(high[:count]), high_proof, _texts(rising),
    )  # fmt: skip


def _texts(values: Sequence[Exact]) -> tuple[str, ...]:
    return tuple(text(one) for one in values)


def _whole(net: General, numbers: Sequence[Exact], prices: Sequence[Exact]) -> list[Exact]:
    """Give the quantities of all columns where those that are full had been left out of a programme."""
    found = list(numbers)
    for no, column in enumerate(net.columns):
        most = net.most[no]
        if most and net.costs[no] - sum(entry * prices[row] for row, entry in column) < 0:
            found[no] = most
    return found


def _extreme(
    net: General, where: Face, weights: Sequence[int], fixed: Mapping[int, Exact], solver: LinearSolver
) -> tuple[list[Exact], Weighing]:
    """Give the prices of rows in a face that weigh most, and the weighing that proves it."""
    made = extreme_lp(net, where, weights, fixed)
    solved = solver.least(made.lp)
    parts: dict[int, Exact] = {}
    for (no, sign), number in zip(made.ways, solved.numbers, strict=False):
        if number:
            parts[no] = parts.get(no, 0) + sign * number
    return solved.prices, tuple((no, text(part)) for no, part in sorted(parts.items()) if part)
