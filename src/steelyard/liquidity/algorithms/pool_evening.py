"""What coarse units of A12 leave: holdings that give somebody more than its value, or less, made right exactly.

Where values need more than 64 bits a coarse unit may come near a minor unit of a dear currency. So holdings that
were found in coarse units are evened out in exact integers: who has too much hands whole minor units to who has
too little, until nobody is further off than rounding to whole minor units makes it.
"""

from collections.abc import Mapping

Account = tuple[str, str]


def evened(
    held: Mapping[Account, int],
    spare: Mapping[str, int],
    units: Mapping[str, int],
    *,
    room: Mapping[Account, int],
    before: Mapping[Account, int],
) -> dict[Account, int]:
    """Give holdings, minor units above lows, in which every participant's value is what it should be.

    `spare` is that value, `units` the value of a minor unit of each currency, `room` the most an account may hold,
    `before` what it has before any exchange. Sums per currency stay. Whoever is further off than one minor unit of
    every currency is met with the one furthest off the other way; what the giver was to get and the taker to give
    moves first, then the dearest. Where bounds leave no way, the rest stays.

    >>> one = {("A", "X"): 0, ("B", "X"): 5}
    >>> evened(one, {"A": 30, "B": 20}, {"X": 10}, room={("A", "X"): 9, ("B", "X"): 9}, before=one)
    {('A', 'X'): 3, ('B', 'X'): 2}
    """
    found = dict(held)
    off = {participant: -value for participant, value in spare.items()}
    for (participant, currency), minor in held.items():
        off[participant] += minor * units[currency]
    near = sum(units.values())
    while max(map(abs, off.values()), default=0) >= near:
        giver = max(off, key=lambda name: (off[name], name))
        taker = min(off, key=lambda name: (off[name], name))
        step = _step(found, units, giver, taker, min(off[giver], -off[taker]), room, before)
        if step is None:
            break
        currency, minor = step
        found[giver, currency] -= minor
        found[taker, currency] += minor
        off[giver] -= minor * units[currency]
        off[taker] += minor * units[currency]
    return found


def _step(
    found: Mapping[Account, int],
    units: Mapping[str, int],
    giver: str,
    taker: str,
    value: int,
    room: Mapping[Account, int],
    before: Mapping[Account, int],
) -> tuple[str, int] | None:
    """Give the currency and how much of it goes over, or None where nothing may."""
    ways = []
    for currency, unit in units.items():
        source, target = (giver, currency), (taker, currency)
        if source not in found or target not in found:
            continue
        most = min(value // unit, found[source], room[target] - found[target])
        if most > 0:
            turned = min(most, found[source] - before[source], before[target] - found[target])
            ways.append((turned <= 0, -unit, currency, turned if turned > 0 else most))
    if not ways:
        return None
    _, _, currency, minor = min(ways)
    return currency, minor
