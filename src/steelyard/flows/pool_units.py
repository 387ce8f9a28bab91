"""Which currencies a pool batch takes, and what a minor unit of each is worth in it: whole numbers, fixed per batch.

A currency comes in when somebody has chosen it for pools and a reference rate beyond doubt (`fx.valuing`) leads to
it from the first such currency. Values are exact where 64 bits hold them, else rounded half to even to as many
digits as they do.
"""

from fractions import Fraction
from math import gcd, lcm

from steelyard.flows import valuing
from steelyard.flows.world import World
from steelyard.values.instants import Instant

DIGITS_MAX = 6
UNIT_MIN = 1_000
"""The least worth of a minor unit that is exact enough to convert by."""
VALUE_MAX = 1 << 61
Units = tuple[tuple[str, int], ...]


def assets(world: World, at: Instant) -> tuple[str, ...]:
    """Give the currencies a pool batch would take now; fewer than two are none."""
    worth = _worth(world, at)
    return tuple(worth) if len(worth) > 1 and units(world, tuple(worth), at) else ()


def units(world: World, chosen: tuple[str, ...], at: Instant) -> Units:
    """Give what a minor unit of each currency is worth; nothing where 64 bits do not hold enough digits."""
    worth = {asset: value for asset, value in _worth(world, at).items() if asset in chosen}
    if len(worth) < len(chosen):
        return ()
    exact = _exactly(worth)
    if sum(unit * _money(world, asset) for asset, unit in exact) < VALUE_MAX:
        return exact
    least = min(worth.values())
    for digits in range(DIGITS_MAX, 2, -1):
        made = tuple((asset, _in_digits(value, least, digits)) for asset, value in worth.items())
        total = sum(unit * _money(world, asset) for asset, unit in made)
        if total < VALUE_MAX:
            return made if min(unit for _, unit in made) >= UNIT_MIN else ()
    return ()


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
