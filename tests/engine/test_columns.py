"""Many legs on columns: the same answer, records and state as leg by leg."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.engine import columns
from steelyard.engine.bundles import Bundle, Kind, Leg, Policy
from steelyard.engine.legs import Act, LegColumns
from steelyard.engine.records import packed_references
from tests.engine.world import AT, crowded

OWNERS = "a", "b", "c", "d"
LEGS = st.lists(
    st.tuples(
        st.integers(0, 9),
        st.integers(0, 9),
        st.one_of(st.integers(1, 60), st.integers(0, 10**18), st.just(2**70)),
        st.sampled_from((0, 0, 0, 0, 0, 0, 1)),
    ),
    min_size=1,
    max_size=30,
)
FINE = st.lists(st.tuples(st.integers(2, 5), st.integers(2, 5), st.integers(1, 40), st.just(0)), min_size=1)


def moved(
    many: int, legs, kind: int, owners: tuple[int, ...], *, references: bool, handed_over: bool = False
) -> tuple[Act, bytes, bytes]:
    """Move a bundle, on columns from `many` legs on; `handed_over` as columns and packed references."""
    made = crowded(*OWNERS)
    made.engine.take_records()
    given = tuple(Leg(*leg) for leg in legs)
    own = tuple(range(2**90, 2**90 + len(legs))) if references else ()
    if handed_over:
        given = LegColumns(*np.array([leg[:3] for leg in legs], np.int64).T)
        own = packed_references([each.to_bytes(16, "big") for each in own]) if own else ()
    bundle = Bundle(
        AT // 1_000_000 << 80 | 99, kind, given, policy=Policy.AT_END,
        reference=0 if references else 2**100 + 7, references=own,
    )  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(columns, "MANY", many)
        act = made.engine.move(bundle, at=AT, authority=owners)
    return act, made.engine.take_records(), made.engine.encode()


@settings(deadline=None, max_examples=300)
@given(
    legs=LEGS | FINE,
    kind=st.sampled_from((Kind.PAYMENT, Kind.CYCLE, Kind.FX)),
    owners=st.sampled_from(((1, 2, 3, 4, 5, 6, 7), (2, 3), (2, 3, 4, 5))),
    references=st.booleans(),
)
def test_on_columns_is_as_leg_by_leg(legs, kind, owners, references):
    one, other = (moved(many, legs, kind, owners, references=references) for many in (1, 10**9))

    assert one == other
    if all(leg[2] < 2**63 and not leg[3] for leg in legs):
        for many in (1, 10**9):
            assert one == moved(many, legs, kind, owners, references=references, handed_over=True)


def test_leg_columns_are_read_as_legs_are():
    legs = [Leg(2, 3, 5), Leg(3, 4, 7), Leg(4, 2, 10**17)]
    held = LegColumns(*np.array([leg[:3] for leg in legs], np.int64).T)

    assert legs == list(held)
    assert (legs[1], legs[:2], 3) == (held[1], list(held[:2]), len(held))


def test_what_is_in_order_is_done_on_columns():
    made = crowded(*OWNERS)
    ring = tuple(Leg(*pair, 5_000) for pair in ((2, 3), (3, 4), (4, 2)) * 100)
    draft = made.engine.draft(AT)
    bundle = Bundle(made.id(), Kind.PAYMENT, ring, policy=Policy.AT_END)

    assert 300 * 128 == len(columns.move(draft, bundle, made.everyone) or b"")
