"""The benchmark: what a grade is worth on a basis today, by a median that no pair of traders can drag along.

Every trade weighs its volume, times a factor of the less diverse of its two participants: min(1, c/(1-c) x volume
of trades without him / volume of trades with him). So nobody's trades weigh more than the share c of what the
weights of the others leave, however much he trades. Of what one alone puts up, a firm quote, c is half as much: so
two of one mind weigh by their quotes no more than by a trade between them. The value is the weighted median: the
lowest price at which the cumulative weight passes half; where it is exactly half, the middle of that price and the
next.

`assessment.py` says which data a day's value rests on, and what is published with it.
"""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from steelyard.values.rate import Rounding, rounded

CAP = "1/4"
"""The share of the weights that a participant's trades have at most, in a market of many."""

LONG = 10**18
"""A denominator of more digits is cut: else ratios of ratios would grow from day to day without end"""

Exact = int | str | Fraction
"""A number as it is, or as decimal or "p/q" text."""

Volume = Fraction | int
Print = tuple[Fraction, Volume, tuple[str, ...]]
"""Price, volume, participants of one piece of data."""


def benchmark(
    trades: Iterable[Sequence[Exact]],
    *,
    cap: Exact = CAP,
    participants_min: int = 4,
    volume_min: Exact = 0,
) -> Fraction | None:
    """Give the capped volume-weighted median of trades (price, volume, party, party), or None with too little data.

    Too little: fewer participants or less volume than the minimum, or no trade that weighs anything.

    >>> day = [("261.50", 60, "A", "B"), ("262.10", 50, "C", "D"), ("261.80", 70, "E", "F"),
    ...     ("262.40", 40, "G", "H"), ("261.60", 80, "C", "F")]
    >>> str(benchmark(day)), str(benchmark([*day, ("279.00", 600, "X", "Y")]))
    ('1308/5', '1309/5')
    """
    prints = [
        (Fraction(price), Fraction(volume), tuple(map(str, parties))) for price, volume, *parties in trades
    ]
    return median(
        prints, cap=Fraction(cap), participants_min=participants_min, volume_min=Fraction(volume_min)
    )


def factors(trades: Iterable[Sequence[Exact]], *, cap: Exact = CAP) -> dict[str, Fraction]:
    """Give every participant's factor, by name.

    >>> {name: str(one) for name, one in factors([(1, 60, "A", "B"), (1, 240, "C", "D")]).items()}
    {'A': '1', 'B': '1', 'C': '1/12', 'D': '1/12'}
    """
    prints = [(Fraction(1), Fraction(volume), tuple(map(str, parties))) for _, volume, *parties in trades]
    return _factors(prints, Fraction(cap))[0]


def _factors(prints: Sequence[Print], *caps: Fraction) -> list[dict[str, Fraction]]:
    """Give every participant's factor at each of some caps, by name."""
    total: Volume = 0
    own: dict[str, Volume] = {}
    for _, volume, parties in prints:
        total += volume
        for party in parties if len(parties) < 2 or parties[0] != parties[1] else parties[:1]:
            own[party] = own.get(party, 0) + volume  # who trades with himself counts once
    return [
        {party: _factor(Fraction(own[party]), Fraction(total), cap) for party in sorted(own)} for cap in caps
    ]


def _factor(own: Fraction, total: Fraction, cap: Fraction) -> Fraction:
    if cap >= 1:
        return Fraction(1)
    return min(Fraction(1), cap * (1 - cap) ** -1 * (total - own) * own**-1)


def median(
    prints: Sequence[Print], *, cap: Fraction, participants_min: int, volume_min: Fraction
) -> Fraction | None:
    """Give the capped weighted median of data with one participant or more each, as `benchmark` does."""
    prints = [one for one in prints if one[1] > 0]
    weight_of, alone_of = _factors(prints, cap, cap * Fraction(1, 2))
    if len(weight_of) < participants_min or sum([one[1] for one in prints]) < volume_min:
        return None
    volumes: dict[Fraction, dict[Fraction, Volume]] = {}
    for price, volume, parties in prints:
        factor_of = weight_of if len(parties) > 1 else alone_of
        factor = min(factor_of[party] for party in parties)
        if factor:
            of_price = volumes.setdefault(price, {})
            of_price[factor] = of_price.get(factor, 0) + volume
    return _middle(volumes)


def _middle(volumes: Mapping[Fraction, Mapping[Fraction, Volume]]) -> Fraction | None:
    """Give the weighted median of volumes by price and factor, None where nothing weighs anything.

    Weights are only summed where they are compared: volumes are whole, but factors have many denominators.
    """
    prices = sorted(volumes)
    if not prices:
        return None
    half = _weight(volumes, prices) * Fraction(1, 2)
    low, high = 1, len(prices)
    while low < high:  # the fewest lowest prices that weigh at least half
        middle = (low + high) // 2
        if _weight(volumes, prices[:middle]) >= half:
            high = middle
        else:
            low = middle + 1
    if _weight(volumes, prices[:low]) == half:
        return (prices[low - 1] + prices[low]) * Fraction(1, 2)
    return prices[low - 1]


def _weight(volumes: Mapping[Fraction, Mapping[Fraction, Volume]], prices: Sequence[Fraction]) -> Fraction:
    """Give what the volumes at some prices weigh."""
    sums: dict[Fraction, Volume] = {}
    for price in prices:
        for factor, volume in volumes[price].items():
            sums[factor] = sums.get(factor, 0) + volume
    return sum((factor * volume for factor, volume in sums.items()), Fraction(0))


def firm_median(rates: Iterable[Exact]) -> Fraction | None:
    """Give the median of firm rates: the middle one, or the middle of the two in the middle; None of none.

    >>> str(firm_median(["2.50", "2.52", "2.49", "2.55"]))
    '251/100'
    """
    ordered = sorted(Fraction(rate) for rate in rates)
    if not ordered:
        return None
    half, odd = divmod(len(ordered), 2)
    return ordered[half] if odd else (ordered[half - 1] + ordered[half]) * Fraction(1, 2)


def short(exact: Fraction) -> Fraction:
    """Give a ratio as it is where its denominator is short, else to 18 decimals, half-even.

    >>> str(short(Fraction(1, 3))), str(short(Fraction(1, 3 * LONG)))
    ('1/3', '0')
    """
    if exact.denominator <= LONG:
        return exact
    return Fraction(round(exact * LONG), LONG)


def in_currencies(value: Exact, medians: Mapping[str, Exact]) -> dict[str, Fraction]:
    """Give a basket value in currencies, exactly, by currency; medians are currency per unit of the basket.

    >>> {currency: str(one) for currency, one in in_currencies("26160", {"ZAR": "17/2", "AED": 3}).items()}
    {'AED': '78480', 'ZAR': '222360'}
    """
    exact = Fraction(value)
    return {currency: exact * Fraction(medians[currency]) for currency in sorted(medians)}


def minor(value: Exact) -> int:
    """Round a value of 0 or more to a minor unit, half-even: what is shown beside the exact one."""
    exact = Fraction(value)
    return rounded(exact.numerator, exact.denominator, Rounding.HALF_EVEN)
