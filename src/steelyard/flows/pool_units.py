"""Which currencies a pool batch takes, and what a minor unit of each is worth in it: whole numbers, fixed per batch.

A currency comes in when somebody has chosen it for pools and a reference rate beyond doubt (`fx.valuing`) leads to
it from the first such currency. Values are exact where 64 bits hold what all there is comes to, else rounded half
to even to as many digits as they do. Where they hold too few, the values have all digits still: then a plan counts
in coarser units (`pool_network.Ground`), and what it proposes is held to the values themselves.
"""

from fractions import Fraction
from math import gcd, lcm

from steelyard.flows import valuing
from steelyard.flows.world import World
from steelyard.values.instants import Instant

DIGITS_MAX = 6
DIGITS_MIN = 3
"""Fewer would not be exact enough to convert by."""
VALUE_MAX = 1 << 61
Units = tuple[tuple[str, int], ...]


def assets(world: World, at: Instant) -> tuple[str, ...]:
    """Give the currencies a pool batch would take now; fewer than two are none."""
    worth = _worth(world, at)
    return tuple(worth) if len(worth) > 1 and units(world, tuple(worth), at) else ()


def units(world: World, chosen: tuple[str, ...], at: Instant) -> Units:
    """Give what a minor unit of each currency is worth; nothing where 64 bits do not even hold each."""
    worth = {asset: value for asset, value in _worth(world, at).items() if asset in chosen}
    if len(worth) < len(chosen):
        return ()
    exact = _exactly(worth)
    if _total(world, exact) < VALUE_MAX:
        return exact
    least = min(worth.values())
    made = [
        tuple((asset, _in_digits(value, least, digits)) for asset, value in worth.items())
        for digits in range(DIGITS_MAX, DIGITS_MIN - 1, -1)
    ]
    fitting = next((units for units in made if _total(world, units) < VALUE_MAX), None)
    return fitting or next((units for units in made if max(unit for _, unit in units) < VALUE_MAX), ())


def _total(world: World, units: Units) -> int:
    """Give the most that values of a batch can sum to."""
    return sum(unit * _money(world, asset) for asset, unit in units)


def _exactly(worth: dict[str, Fraction]) -> Units:
    """Give the least whole numbers in the same proportions."""
    common = lcm(*(value.denominator for value in worth.values()))
    whole = {asset: value.numerator * (common // value.denominator) for asset, value in worth.items()}
    shared = gcd(*whole.values())
    return tuple((asset, number // shared) for asset, number in whole.items())


def _in_digits(value: Fraction, least: Fraction, digits: int) -> int:
    """Give how often the least worth goes into a value, to some digits, half to even."""
    scale: int = 10**digits
    return round(Fraction(value.numerator * least.denominator * scale, value.denominator * least.numerator))


def _worth(world: World, at: Instant) -> dict[str, Fraction]:
    """Give the value of a minor unit of each currency in the first one's, by code."""
    choices = world.batches.choices
    wanted = sorted({asset for choice in choices.values() for asset in choice.currencies})
    for base in wanted:
        judged = valuing.values(world, wanted, unit=base, flow="pool", at=at)
        found = {asset: one.value for asset, one in judged.items() if one.value is not None}
        if len(found) > 1:
            return found
    return {}


def _money(world: World, asset: str) -> int:
    """Give the most that sums of a currency in a batch can come to: what is queued and what there is."""
    account_no = world.members.issuer_account(asset)
    account = world.engine.accounts[account_no] if account_no else None
    return world.batches.watch(asset).minor + (0 if account is None else abs(account.signed))
