"""One leg written without a draft: the same answer, records and state as through a draft."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.engine import single
from steelyard.engine.bundles import Assert, AssertKind, Bundle, Kind, Leg, Policy
from steelyard.engine.legs import Act
from steelyard.engine.limits import LimitKind
from tests.engine.world import AT, SECOND, Small, crowded, number

OWNERS = "a", "b", "c", "d", "e"
FIRST = AT // 1_000_000 << 80
MOVES = st.lists(
    st.tuples(
        st.integers(0, 14),
        st.integers(0, 14),
        st.one_of(st.integers(1, 60), st.integers(-1, 10**18)),
        st.sampled_from((Kind.PAYMENT, Kind.FX, Kind.ISSUE, Kind.CYCLE, Kind.TRADE)),
        st.sampled_from(((1, 2, 3, 4, 5, 6, 7), (2, 3, 4))),
        st.sampled_from((0, 0, 0, 0, 1)),
        st.sampled_from((Policy.EACH_LEG, Policy.EACH_LEG, Policy.AT_END)),
        st.integers(0, 30),
    ),
    min_size=1,
    max_size=12,
)


def world() -> Small:
    """Accounts that hold little or nothing, are full, blocked, reserved from, limited, or of another kind or book."""
    made = crowded(*OWNERS)
    limit = number(made.engine.open_limit(LimitKind.NET_DEBIT, made.nor, 70))
    assert made.engine.attach_limit(limit, [made.no("e")]) is None
    held = Bundle(FIRST | 29, Kind.PAYMENT, (made.leg("c", "d", 60),), deadline_at=AT + 99 * SECOND)
    assert made.engine.reserve(held, at=AT, authority=made.everyone).refusal is None
    made.engine.take_records()
    return made


def moved(moves, *, by_draft: bool) -> tuple[list[Act], bytes, bytes]:
    """Make moves of one leg each."""
    made = world()
    acts = []
    with pytest.MonkeyPatch.context() as patch:
        if by_draft:
            patch.setattr(single, "move", lambda *_: False)
        for source, target, minor, kind, authority, asset_no, policy, serial in moves:
            bundle = Bundle(
                FIRST | serial if serial else 0, kind, (Leg(source, target, minor, asset_no),), policy=policy
            )
            acts.append(made.engine.move(bundle, at=AT, authority=authority))
    return acts, made.engine.take_records(), made.engine.encode()


@settings(deadline=None, max_examples=200)
@given(moves=MOVES)
def test_one_leg_alone_is_as_through_a_draft(moves):
    assert moved(moves, by_draft=False) == moved(moves, by_draft=True)


def test_what_is_plain_is_written_at_once_and_what_asserts_is_not():
    made = world()
    plain = Bundle(made.id(), Kind.PAYMENT, (made.leg("a", "b", 40),), reference=2**100)
    stays = (Assert(AssertKind.END_BALANCE_AT_LEAST, made.no("a"), 61),)

    assert single.move(made.engine, plain, made.everyone, AT)
    assert not single.move(made.engine, plain, made.everyone, AT)
    asserting = Bundle(made.id(), Kind.PAYMENT, (made.leg("a", "b", 1),), asserts=stays)
    assert made.engine.move(asserting, at=AT, authority=made.everyone).refusal is not None
    assert made.engine.balance(made.no("a")).balance == 60
