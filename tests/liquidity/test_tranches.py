"""The cap above which payments may be split: exact nearest rank over twenty days, changed only between days."""

import doctest

from hypothesis import given
from hypothesis import strategies as st

from steelyard.liquidity import tranches
from steelyard.liquidity.tranches import DAYS, Tranches

AMOUNTS = st.lists(st.lists(st.integers(1, 1_000), max_size=40), min_size=1, max_size=DAYS + 5)


@given(AMOUNTS)
def test_the_cap_is_the_99th_percentile_of_the_last_twenty_days(days):
    known = Tranches()
    for day in days:
        for amount in day:
            known.count("NOR", amount)
        known.end_day("NOR")
    every = sorted(amount for day in days[-DAYS:] for amount in day)
    expected = every[-(-len(every) * 99 // 100) - 1] if every else None

    if every:
        assert expected == known.cap("NOR")
    assert known.encode() == Tranches.decode(known.encode()).encode()


def test_the_cap_stands_still_within_a_day():
    known = Tranches()
    known.count("NOR", 5)
    assert known.cap("NOR") is None
    known.end_day("NOR")
    known.count("NOR", 500)

    assert 5 == known.cap("NOR")


def test_a_day_without_payments_leaves_the_cap():
    known = Tranches()
    known.count("NOR", 5)
    for _ in range(DAYS + 1):
        known.end_day("NOR")

    assert 5 == known.cap("NOR")


def test_beyond_what_is_kept_the_cap_is_rather_too_high(monkeypatch):
    monkeypatch.setattr(tranches, "KEPT", 2)
    known = Tranches()
    for amount in range(1, 1_001):
        known.count("NOR", amount)

    assert 999 == known.end_day("NOR")


def test_the_examples_of_the_module_run():
    assert 0 == doctest.testmod(tranches).failed
