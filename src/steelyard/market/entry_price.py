"""At which price an offer that was not taken would be: the highest at which an award with it is cheaper.

Found from both sides. From above: with so many of its cargoes, the others cannot cost less than the least that the
remaining quantity costs, asked once for all offers. From below: awards that there are, by putting its cargoes beside
those of such a remainder, or in place of some of the award. Mostly the two meet. Where they do not, the solver is
asked for a cheaper award one unit above, again and again, until there is none.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import lcm

from steelyard.market.tender import Tender, landed
from steelyard.market.tender_problem import Numbered
from steelyard.market.tender_solver import Found, TenderSolver, TooHard

NEVER = -1
"""Entry price of an offer that would not be taken if it were free."""
UNKNOWN = -2
"""Entry price that nobody has worked out."""


class EntryPrices:
    """Works out entry prices beside one award."""

    def __init__(self, tender: Tender, sheet: Numbered, award: Found, solver: TenderSolver) -> None:
        self.tender, self.sheet, self.award, self.solver = tender, sheet, award, solver
        self.problem = sheet.problem._replace(budget_minor=-1, other_than=())
        self.room = [sheet.problem.cargoes] * len(sheet.problem.pairs)
        for pairs, most in sheet.problem.groups:
            for at in pairs:
                self.room[at] = min(self.room[at], most)
        self.pairs_of: list[list[int]] = [[] for _ in sheet.offers]
        for at, (offer, _, _) in enumerate(sheet.problem.pairs):
            self.pairs_of[offer].append(at)
        self._rests: dict[int, Found | None] = {}

    def of(self, no: int) -> int:
        """Give the entry price of an offer of which the award takes nothing and which has a vessel."""
        try:
            return self._of(no)
        except TooHard:
            return UNKNOWN

    def _of(self, no: int) -> int:
        costs = _Costs(self.tender, self.sheet, no, self.pairs_of[no])
        ceiling = self._ceiling(no, costs)
        entry = NEVER
        for counts in self._awards(no, costs):
            entry = max(entry, self._highest(costs, counts, ceiling))
        least, most, supplier, _ = self.sheet.problem.offers[no]
        offers = self.sheet.problem.offers
        bounds = (*offers[:no], (least, most, supplier, True), *offers[no + 1 :])
        while entry < ceiling:
            pairs = list(self.problem.pairs)
            for at in self.pairs_of[no]:
                pairs[at] = (no, pairs[at][1], costs.at(at, entry + 1))
            asked = self.problem._replace(
                offers=bounds, pairs=tuple(pairs), budget_minor=self.award.cost_minor - 1
            )
            found = self.solver.least(asked, ties=False)
            if found is None:
                return entry
            entry = self._highest(costs, found.counts, ceiling)
        return entry

    def _sizes(self, no: int) -> range:
        least, most, _, _ = self.sheet.problem.offers[no]
        return range(max(1, least), most + 1)

    def _rest(self, cargoes: int) -> Found | None:
        """Give what a smaller quantity costs at least, by all other rules but the budget."""
        if cargoes not in self._rests:
            self._rests[cargoes] = (
                self.solver.least(self.problem._replace(cargoes=cargoes), ties=False)
                if cargoes
                else Found((0,) * len(self.problem.pairs), 0, 0, True)
            )
        return self._rests[cargoes]

    def _placed(self, no: int, costs: "_Costs", size: int) -> dict[int, int] | None:
        """Give the cheapest pairs for so many cargoes of an offer, each ceiling kept by itself."""
        placed: dict[int, int] = {}
        for at in costs.cheapest:
            count = min(self.room[at], size - sum(placed.values()))
            if count:
                placed[at] = count
        return placed if sum(placed.values()) == size else None

    def _ceiling(self, no: int, costs: "_Costs") -> int:
        """Give a price above which no award with an offer is cheaper; not above its own."""
        best = NEVER
        for size in self._sizes(no):
            rest, placed = self._rest(self.problem.cargoes - size), self._placed(no, costs, size)
            if rest is not None and placed is not None:
                left = self.award.cost_minor - rest.bound_minor
                best = max(best, costs.highest(placed, left, self.sheet.offers[no].price_minor))
        return best

    def _awards(self, no: int, costs: "_Costs") -> Iterator[Sequence[int]]:
        """Give awards with an offer that are easily found."""
        for size in self._sizes(no):
            rest, placed = self._rest(self.problem.cargoes - size), self._placed(no, costs, size)
            if placed is None:
                continue
            if rest is not None and not any(rest.counts[at] for at in self.pairs_of[no]):
                yield from self._with(rest.counts, placed)
            for at, count in enumerate(self.award.counts):
                if count >= size:
                    fewer = list(self.award.counts)
                    fewer[at] -= size
                    yield from self._with(fewer, placed)

    def _with(self, counts: Sequence[int], placed: dict[int, int]) -> Iterator[Sequence[int]]:
        both = list(counts)
        for at, count in placed.items():
            both[at] += count
        if self.problem.allows(both):
            yield both

    def _highest(self, costs: "_Costs", counts: Sequence[int], ceiling: int) -> int:
        """Give the highest price up to a ceiling at which an award is cheaper than the one that was found."""
        own = {at: counts[at] for at in costs.cheapest if counts[at]}
        others = sum(
            count * pair[2]
            for at, (count, pair) in enumerate(zip(counts, self.problem.pairs, strict=True))
            if count and at not in own
        )
        return costs.highest(own, self.award.cost_minor - others, ceiling)


class _Costs:
    """What a cargo of an offer costs at any price, by pair: rounded half-even once, as everywhere."""

    def __init__(self, tender: Tender, sheet: Numbered, no: int, pairs: Sequence[int]) -> None:
        self._lines: dict[int, tuple[int, int, int]] = {}
        for at in pairs:
            slope, rest = landed(tender, sheet.offers[no], sheet.vessels[sheet.problem.pairs[at][1]])
            den = lcm(slope.denominator, rest.denominator)
            self._lines[at] = int(slope * den), int(rest * den), den
        self.cheapest = sorted(pairs, key=lambda at: (Fraction(*self._lines[at][1:]), at))

    def at(self, pair: int, price: int) -> int:
        """Give the cost of a cargo at a price."""
        slope, rest, den = self._lines[pair]
        whole, part = divmod(slope * price + rest, den)
        return whole + (2 * part > den or (2 * part == den and whole % 2 == 1))

    def highest(self, counts: dict[int, int], below: int, ceiling: int) -> int:
        """Give the highest price up to a ceiling at which so many cargoes cost less than a sum, or NEVER."""

        def total(price: int) -> int:
            return sum(count * self.at(at, price) for at, count in counts.items())

        if ceiling < 0 or total(0) >= below:
            return NEVER
        low, high = 0, ceiling + 1  # less at low; high is out of reach
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if total(middle) < below else (low, middle)
        return low
