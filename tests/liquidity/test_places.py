"""Places shared among lines."""

from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.liquidity.places import shared


@settings(max_examples=40, deadline=None)
@given(counts=st.lists(st.integers(0, 12), min_size=1, max_size=6), most=st.integers(1, 30))
def test_places_are_shared_as_evenly_as_it_goes(counts: list[int], most: int) -> None:
    found = shared([[(line, n) for n in range(count)] for line, count in enumerate(counts)], most)
    got = [sum(1 for line, _ in found if line == one) for one in range(len(counts))]

    assert min(most, sum(counts)) == len(found)
    level = max(got, default=0)
    assert all(mine in (count, level, level - 1) for mine, count in zip(got, counts, strict=True))
    assert all([n for line, n in found if line == one] == list(range(got[one])) for one in range(len(counts)))
