"""What coarse units leave is evened out exactly: value, money and bounds against what was there."""

from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.liquidity.algorithms.pool_evening import evened

UNITS = {"X": 1_000, "Y": 1_600, "Z": 13_650_001}
NAMES = ("A", "B", "C", "D")
AMOUNTS = st.integers(0, 10**18)


@st.composite
def pools(draw):
    """Draw what everybody has, and holdings of the same money a few units of each currency away from it."""
    right = {(name, currency): draw(AMOUNTS) for name in NAMES for currency in UNITS}
    held = dict(right)
    for _ in range(draw(st.integers(0, 8))):
        giver, taker = draw(st.permutations(NAMES))[:2]
        currency = draw(st.sampled_from(sorted(UNITS)))
        minor = min(held[giver, currency], draw(st.integers(0, 10**5)))
        held[giver, currency] -= minor
        held[taker, currency] += minor
    return right, held


def worth(held):
    return {
        name: sum(held[name, currency] * unit for currency, unit in UNITS.items() if (name, currency) in held)
        for name in NAMES
    }


@settings(max_examples=200, deadline=None)
@given(pools())
def test_nobody_is_further_off_than_rounding_and_no_money_is_made(pool):
    """Where nothing bounds what is held, one minor unit of each currency is the most that anybody gains or lacks."""
    right, held = pool
    found = evened(held, worth(right), UNITS, room=dict.fromkeys(held, 10**30), before=right)

    off = [
        found_worth - should
        for found_worth, should in zip(worth(found).values(), worth(right).values(), strict=True)
    ]
    assert min(found.values()) >= 0
    for currency in UNITS:
        assert sum(right[name, currency] for name in NAMES) == sum(found[name, currency] for name in NAMES)
    rich = all(right[name, "Z"] > 10**7 for name in NAMES)
    assert not rich or max(map(abs, off)) < sum(UNITS.values())


def test_what_bounds_leave_no_way_for_stays():
    held = {("A", "X"): 0, ("B", "X"): 5}

    assert held == evened(
        held, {"A": 30, "B": 20}, {"X": 10}, room={("A", "X"): 0, ("B", "X"): 9}, before=held
    )
