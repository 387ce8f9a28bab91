"""Set-off: nets stay, no more can be set off, and only what both sides confirmed."""

import random
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.liquidity.algorithms.set_off import set_off
from steelyard.liquidity.algorithms.successive import SuccessivePaths
from steelyard.liquidity.certificate import check
from steelyard.liquidity.claims import Claim, net_positions
from steelyard.liquidity.solver import MOST
from steelyard.solve.flow import OrToolsFlow

SOLVERS = (OrToolsFlow(), SuccessivePaths())


def claim(key, debtor, creditor, amount, due_on=0, confirmed=True):
    return Claim(key, debtor, creditor, "AED", amount, amount, due_on, bytes(32), confirmed, True)


@st.composite
def claims(draw, *, most=12, amount=20):
    pairs = [(one, two) for one in "ABCD" for two in "ABCD" if one != two]
    rows = draw(
        st.lists(st.tuples(st.sampled_from(pairs), st.integers(1, amount), st.integers(0, 3)), max_size=most)
    )
    return [claim(f"c{place}", *pair, size, due) for place, (pair, size, due) in enumerate(rows)]


@settings(max_examples=200, deadline=None)
@given(claims())
def test_nets_stay_and_the_most_is_set_off(held):
    """Each party's net is what it was; two solvers set off the same value, proved."""
    found = [set_off(held, solver=solver) for solver in SOLVERS]

    for each in found:
        assert net_positions(held, {}) == net_positions(held, each.parts)
        assert all(0 < each.parts[one.id] <= one.open_minor for one in held if one.id in each.parts)
        assert each.certificate is None or [] == check(each.certificate)
        assert each.value_minor == sum(each.parts.values())
    assert found[0].value_minor == found[1].value_minor


@settings(max_examples=60, deadline=None)
@given(claims(most=5, amount=4))
def test_no_other_choice_of_parts_sets_off_more(held):
    """Against every choice of parts."""
    best = 0
    for sizes in product(*(range(one.amount_minor + 1) for one in held)):
        parts = dict(zip((one.id for one in held), sizes, strict=True))
        if net_positions(held, {}) == net_positions(held, parts):
            best = max(best, sum(sizes))

    assert best == set_off(held, solver=SOLVERS[0]).value_minor


@given(claims(), st.randoms(use_true_random=False))
def test_the_order_of_the_input_does_not_show(held, rng: random.Random):
    """The same notices."""
    mixed = list(held)
    rng.shuffle(mixed)

    assert set_off(held, solver=SOLVERS[0]) == set_off(mixed, solver=SOLVERS[0])


def test_what_is_due_first_goes_first_and_notices_say_what_is_left():
    """Two claims of one pair, a circle of 50."""
    held = [claim("late", "A", "B", 40, 9), claim("soon", "A", "B", 30, 1), claim("back", "B", "A", 50)]
    found = set_off(held, solver=SOLVERS[0])

    assert {"back": 50, "soon": 30, "late": 20} == found.parts
    assert {"back": 0, "soon": 0, "late": 20} == {one.claim: one.left_minor for one in found.notices}


def test_what_is_not_confirmed_is_left_out():
    """And what is no set of claims is refused."""
    held = [claim("1", "A", "B", 40), claim("2", "B", "A", 50, confirmed=False)]

    assert {} == set_off(held, solver=SOLVERS[0]).parts
    assert {} == set_off([claim("1", "A", "B", MOST - 1), claim("2", "B", "A", 1)], solver=SOLVERS[0]).parts
    for wrong, trouble in (
        ([claim("1", "A", "A", 4)], ValueError),
        ([claim("1", "A", "B", 4), claim("1", "B", "A", 4)], ValueError),
        ([claim("1", "A", "B", -4)], ValueError),
        ([claim("1", "A", "B", 4.0)], TypeError),
        ([claim("1", "A", "B", 4), Claim("2", "B", "A", "SAR", 4, 4, 0, bytes(32), True, True)], ValueError),
    ):
        with pytest.raises(trouble):
            set_off(wrong, solver=SOLVERS[0])
