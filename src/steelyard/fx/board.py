"""All sheets in force, by provider and by pair, and which third assets could carry a pair.

No asset is special: a path runs over whatever third asset two providers happen to quote. The bounds kept
here (the best ratio a path could ever have) only save work; they are rebuilt when a sheet changes.
"""

from fractions import Fraction

from steelyard.fx.sheets import Sheet

Pair = tuple[str, str]


class Board:
    """The sheets of one node. Withdrawn ones stay, with an end in the past, so that versions go on."""

    __slots__ = ("_bounds", "_by_key", "_by_pair", "_by_sell", "_tops")

    def __init__(self) -> None:
        self._by_key: dict[tuple[str, str, str], Sheet] = {}
        self._by_pair: dict[Pair, list[Sheet]] = {}
        self._by_sell: dict[str, list[str]] = {}
        self._tops: dict[Pair, Fraction] = {}
        self._bounds: dict[Pair, tuple[tuple[int, int, str], ...]] = {}

    def put(self, sheet: Sheet) -> None:
        """Replace a provider's sheet for a pair."""
        key, pair = (sheet.provider, sheet.sell, sheet.buy), (sheet.sell, sheet.buy)
        self._by_key[key] = sheet
        line = [old for old in self._by_pair.get(pair, ()) if old.provider != sheet.provider]
        line.append(sheet)
        line.sort(key=lambda one: (one.entered, one.provider))
        self._by_pair[pair] = line
        bought = self._by_sell.setdefault(sheet.sell, [])
        if sheet.buy not in bought:
            bought.append(sheet.buy)
            bought.sort()
        self._tops[pair] = max(Fraction(one.tiers[-1].num, one.tiers[-1].den) for one in line)
        self._bounds.clear()

    def get(self, provider: str, sell: str, buy: str) -> Sheet | None:
        """Give a provider's sheet for a pair, in force or not."""
        return self._by_key.get((provider, sell, buy))

    def pair(self, sell: str, buy: str) -> list[Sheet]:
        """Give all sheets of a pair, earlier ones first; the caller looks at their times."""
        return self._by_pair.get((sell, buy), [])

    def sheets(self) -> list[Sheet]:
        """Give all sheets, by provider and pair."""
        return [self._by_key[key] for key in sorted(self._by_key)]

    def paths(self, sell: str, buy: str) -> tuple[tuple[int, int, str], ...]:
        """Give (num, den, asset) of each third asset that joins a pair, best bound first.

        No path over the asset has a ratio better than num / den.
        """
        pair = (sell, buy)
        known = self._bounds.get(pair)
        if known is None:
            found = [
                (self._tops[sell, via] * self._tops[via, buy], via)
                for via in self._by_sell.get(sell, ())
                if via != buy and (via, buy) in self._tops
            ]
            found.sort(key=lambda one: (-one[0], one[1]))
            known = tuple((bound.numerator, bound.denominator, via) for bound, via in found)
            self._bounds[pair] = known
        return known
