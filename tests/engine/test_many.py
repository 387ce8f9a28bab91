"""Many reservations given back or made at once: the same records and state as one by one, or nothing laid."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from steelyard.engine.accounts import AccountKind
from steelyard.engine.bundles import Bundle, Kind, Leg
from steelyard.engine.draft import Draft
from tests.engine.world import AT, Small

OWNERS = "a", "b", "c"
MS = 1_000_000
HELD = st.lists(
    st.tuples(st.integers(1, 8), st.integers(1, 8), st.integers(0, 45), st.sampled_from((-1, 0, 5, 5, 5))),
    min_size=1,
    max_size=12,
)  # source, target, amount, deadline in ms from now: 0 none, -1 past
ODD = st.sampled_from(("fine", "fine", "fine", "twice", "known", "kind", "two legs", "full"))


def world() -> Small:
    """A world with three owners' accounts and one that takes little."""
    made = Small(*OWNERS, funded=100)
    made.open("c/NOR/full", AccountKind.CLIENT, ceiling=30)
    return made


def bundles(rows: list[tuple[int, int, int, int]], odd: str = "fine", first: int = 100) -> list[Bundle]:
    made = [
        Bundle(
            AT // MS << 80 | first + place, Kind.PURPOSE, (Leg(source, target, amount),), reference=7 + place,
            deadline_at=AT + until * MS if until else 0,
        )
        for place, (source, target, amount, until) in enumerate(rows)
    ]  # fmt: skip
    if odd == "twice":
        made.append(made[0])
    if odd == "kind":
        made[-1] = replace(made[-1], kind=Kind.PAYMENT)
    if odd == "two legs":
        made[-1] = replace(made[-1], legs=made[-1].legs * 2)
    return made


def owner_of(made: Small, bundle: Bundle) -> int:
    account = Draft(made.engine, AT).find(bundle.legs[0].source)
    return 0 if account is None else account.owner_no


@settings(max_examples=150, deadline=None)
@given(rows=HELD, odd=ODD)
def test_held_and_given_back_at_once_is_the_same_as_one_by_one(rows, odd: str) -> None:
    ended = []
    for at_once in (True, False):
        made = world()
        engine = made.engine
        if odd == "full":
            engine.reservations_max = 2
        if odd == "known":
            made.engine.move(replace(bundles(rows[:1])[0], kind=Kind.PAYMENT), at=AT, authority=(1, 2, 3))
        engine.take_records()
        before = engine.encode()
        wanted = bundles(rows, odd)
        draft = Draft(engine, AT)
        if at_once:
            done = draft.reserve_all(wanted)
            if not done:
                draft.commit()
                assert (before, b"") == (engine.encode(), engine.take_records())
        else:
            acts = []
            for one in wanted:
                acts.append(draft.reserve(one, authority=(owner_of(made, one),)))
                if acts[-1].refusal is not None:
                    break
            done = all(act.refusal is None for act in acts)
        if not done:
            ended.append(None)
            continue
        draft.commit()
        back = Draft(engine, AT + 1)
        ids = [one.bundle_id for one in wanted[::2]]
        if at_once:
            assert back.release_all(ids)
        else:
            assert all(back.release(one).refusal is None for one in ids)
        back.commit()
        ended.append((engine.encode(), engine.take_records()))

    at_once, one_by_one = ended
    assert at_once is None or at_once == one_by_one
    plain = odd == "fine" and all(until > 0 for _, _, _, until in rows)
    assert at_once is not None or one_by_one is None or not plain


@pytest.mark.parametrize("how", ["unknown", "twice", "late", "ended", "laid"])
def test_nothing_is_given_back_where_one_cannot_be(how: str) -> None:
    made = world()
    engine = made.engine
    wanted = bundles([(2, 3, 10, 5), (3, 2, 10, 5)])
    for one in wanted:
        assert engine.reserve(one, authority=(owner_of(made, one),), at=AT).refusal is None
    ids, at = [one.bundle_id for one in wanted], AT
    if how == "unknown":
        ids.append(5)
    if how == "twice":
        ids.append(ids[0])
    if how == "late":
        at = AT + 5 * MS
    if how == "ended":
        assert engine.release(ids[1], at=AT).refusal is None
    engine.take_records()
    before = engine.encode()
    draft = Draft(engine, at)
    if how == "laid":
        assert draft.release(ids[0]).refusal is None

    assert not draft.release_all(ids)
    if how != "laid":
        draft.commit()
        assert (before, b"") == (engine.encode(), engine.take_records())
