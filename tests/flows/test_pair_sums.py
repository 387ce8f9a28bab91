"""Sums of legs pair by pair are those of plain addition, at any size."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from steelyard.flows.pair_sums import numbers, pair_sums

LEGS = st.lists(
    st.tuples(st.integers(1, 3), st.integers(1, 2**31 - 1), st.integers(0, 2**63 - 1)), max_size=20
)


@given(LEGS)
def test_sums_of_pairs_are_exact(legs):
    expected: Counter[tuple[int, int]] = Counter()
    for payer, payee, minor in legs:
        expected[payer, payee] += minor

    columns = [numbers([leg[place] for leg in legs]) for place in range(3)]

    assert [(*pair, minor) for pair, minor in sorted(expected.items())] == pair_sums(*columns)
