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

Exact = int | str | Fraction
"""A number as it is, or as decimal or "p/q" text."""

Print = tuple[Fraction, Fraction, tuple[str, ...]]
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
    return _factors(prints, Fraction(cap))


def _factors(prints: Sequence[Print], cap: Fraction) -> dict[str, Fraction]:
    total = sum((volume for _, volume, _ in prints), Fraction(0))
    own: dict[str, Fraction] = {}
    for _, volume, parties in prints:
        for party in dict.fromkeys(parties):  # who trades with himself counts once
            own[party] = own.get(party, Fraction(0)) + volume
    if cap >= 1:
        return {party: Fraction(1) for party in sorted(own)}
    reach = cap * (1 - cap) ** -1
    return {party: min(Fraction(1), reach * (total - own[party]) * own[party] ** -1) for party in sorted(own)}


def median(
    prints: Sequence[Print], *, cap: Fraction, participants_min: int, volume_min: Fraction
) -> Fraction | None:
    """Give the capped weighted median of data with one participant or more each, as `benchmark` does."""
    prints = [one for one in prints if one[1] > 0]
    weight_of, alone_of = _factors(prints, cap), _factors(prints, cap * Fraction(1, 2))
    if len(weight_of) < participants_min or sum((one[1] for one in prints), Fraction(0)) < volume_min:
        return None
    weights: dict[Fraction, Fraction] = {}
    for price, volume, parties in prints:
        factor_of = weight_of if len(parties) > 1 else alone_of
        weight = volume * min(factor_of[party] for party in parties)
        if weight:
            weights[price] = weights.get(price, Fraction(0)) + weight
    half = sum(weights.values(), Fraction(0)) * Fraction(1, 2)
    below = Fraction(0)
    prices = sorted(weights)
    for place, price in enumerate(prices):
        below += weights[price]
        if below > half:
            return price
        if below == half:
            return (price + prices[place + 1]) * Fraction(1, 2)
    return None


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
