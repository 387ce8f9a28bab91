"""Ring matching: surplus balances that nobody wants to keep, swapped round until each holder has its own money.

A holds rupees and wants roubles, another holds roubles and wants dirhams, a third holds dirhams and wants rupees:
none of them finds a partner, together they are done. What can go round is the circulation of A9 on the stocks;
it is cut into rings, those with the fewest parties first, for each moves money only when every one of
its holders consents. Nothing here moves money: a ring is a proposal.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from typing import NamedTuple

from steelyard.liquidity.algorithms.reference_book import circulation
from steelyard.liquidity.solver import FlowSolver
from steelyard.liquidity.units import column, deal, value_units


class Stock(NamedTuple):
    """What a holder has of a currency, would give, and which currency it would take for it."""

    holder: str
    held: str
    minor: int
    wanted: str


class Swap(NamedTuple):
    """One holder's part in a ring."""

    holder: str
    gives_minor: int
    gives: str
    gets_minor: int
    gets: str


@dataclass(frozen=True, slots=True)
class Ring:
    """Swaps in which each gives what the next gets; per currency what is given is what is got, to the unit."""

    swaps: tuple[Swap, ...]
    value: int

    def holders(self) -> tuple[str, ...]:
        """Give who has to consent, each once."""
        return tuple(sorted({swap.holder for swap in self.swaps}))

    def sentence(self, decimals: Mapping[str, int]) -> str:
        """Say what each gives and gets; `decimals` are the currencies' digits after the point.

        >>> ring = Ring((Swap("RUS", 8300, "INR", 9100, "RUB"), Swap("IND", 9100, "RUB", 8300, "INR")), 1)
        >>> ring.sentence({"INR": 2, "RUB": 2})
        'RUS gives 83.00 INR, gets 91.00 RUB; IND gives 91.00 RUB, gets 83.00 INR'
        """
        return "; ".join(
            f"{swap.holder} gives {_written(swap.gives_minor, decimals[swap.gives])} {swap.gives}, "
            f"gets {_written(swap.gets_minor, decimals[swap.gets])} {swap.gets}"
            for swap in self.swaps
        )


def match_rings(
    stocks: Iterable[Stock],
    values: Mapping[str, int | Fraction],
    *,
    solver: FlowSolver,
    most: int | None = None,
) -> tuple[Ring, ...]:
    """Give rings that swap the largest value of stocks at `values`, worths of a minor unit; fewest parties first.

    Holders of one currency that want the same one share pro rata to their stocks. A ring too small to give
    everybody a minor unit is left out. With `most` only so many rings are given.

    >>> from steelyard.solve.flow import OrToolsFlow
    >>> stocks = [Stock("RUS", "INR", 900, "RUB"), Stock("IND", "AED", 50, "INR"), Stock("ARE", "RUB", 700, "AED")]
    >>> match_rings(stocks, {"INR": 1, "RUB": 2, "AED": 20}, solver=OrToolsFlow())[0].swaps[0]
    Swap(holder='IND', gives_minor=45, gives='AED', gets_minor=900, gets='INR')
    """
    rows = sorted(stocks)
    units, _ = value_units(values)
    _check(rows, units)
    names = tuple(units)
    number = {name: place for place, name in enumerate(names)}
    sides: dict[tuple[int, int], list[Stock]] = {}
    for row in rows:
        if row.minor:
            sides.setdefault((number[row.held], number[row.wanted]), []).append(row)
    arcs = [(*pair, sum(row.minor for row in sides[pair]) * units[names[pair[0]]]) for pair in sorted(sides)]
    flows = circulation(names, arcs, solver).flow.tolist()
    left: list[dict[int, deque[_Share]]] = [{} for _ in names]
    for (tail, head, _), flow in zip(arcs, flows, strict=True):
        shares = deal(column([row.minor for row in sides[tail, head]]), flow).tolist() if flow else []
        rows_of = sides[tail, head]
        given = [
            _Share(head, row.holder, value) for row, value in zip(rows_of, shares, strict=False) if value
        ]
        if given:
            left[tail][head] = deque(given)
    found = (_ring(names, units, cycle) for cycle in _cycles(left))
    whole = (ring for ring in found if all(swap.gives_minor and swap.gets_minor for swap in ring.swaps))
    return tuple(islice(whole, most))


@dataclass(slots=True)
class _Share:
    """Value that a holder can still swap into the currency at `head`."""

    head: int
    holder: str
    value: int


Cycle = tuple[list[tuple[int, _Share]], int]
"""(currency given, share used) per step, and the value that goes round."""


def _cycles(left: Sequence[dict[int, deque[_Share]]]) -> Iterator[Cycle]:
    """Take a circulation apart, a shortest cycle at a time, ties to the first currency and holder.

    `left` are by currency the shares of its holders, by the currency they want, ascending. What is taken away makes
    no way shorter: the first cycle as long as the one before is the next.
    """
    least = 2
    while True:
        best: list[tuple[int, _Share]] = []
        for start in range(len(left)):
            steps = _shortest(left, start)
            if steps and (not best or len(steps) < len(best)):
                best = steps
                if len(best) == least:
                    break
        if not best:
            return
        least = len(best)
        value = min(share.value for _, share in best)
        for tail, share in best:
            share.value -= value
            if not share.value:
                line = left[tail][share.head]
                line.popleft()
                if not line:
                    del left[tail][share.head]
        yield best, value


def _shortest(left: Sequence[dict[int, deque[_Share]]], start: int) -> list[tuple[int, _Share]]:
    """Give the steps of a shortest way from a currency back to it, nothing where there is none."""
    reached: dict[int, tuple[int, _Share]] = {}
    line = deque([start])
    while line:
        tail = line.popleft()
        for head, shares in left[tail].items():
            if head in reached:
                continue
            reached[head] = tail, shares[0]
            if head == start:
                steps = [reached[start]]
                while steps[-1][0] != start:
                    steps.append(reached[steps[-1][0]])
                return steps[::-1]
            line.append(head)
    return []


def _ring(names: Sequence[str], units: Mapping[str, int], cycle: Cycle) -> Ring:
    """Write a cycle down in minor units; each currency is rounded down once, for who gives and who gets."""
    steps, value = cycle
    minor = {tail: value // units[names[tail]] for tail, _ in steps}
    return Ring(
        tuple(
            Swap(share.holder, minor[tail], names[tail], minor[share.head], names[share.head])
            for tail, share in steps
        ),
        value,
    )


def _written(minor: int, digits: int) -> str:
    whole, part = divmod(minor, 10**digits)
    return f"{whole}.{part:0{digits}}" if digits else str(whole)


def _check(rows: Sequence[Stock], units: Mapping[str, int]) -> None:
    """Raise TypeError or ValueError on what no matching takes."""
    for row in rows:
        if type(row.minor) is not int:
            raise TypeError(f"the stock of {row.holder} in {row.held} is no integer")
        if row.minor < 0 or row.held == row.wanted:
            raise ValueError(f"the stock of {row.holder} in {row.held} is below 0 or is what it wants")
        if row.held not in units or row.wanted not in units:
            raise ValueError(f"{row.holder} holds or wants a currency that has no value")
    if len({(row.holder, row.held, row.wanted) for row in rows}) < len(rows):
        raise ValueError("a stock is there twice")
