"""A11: the vectors exactly, the plain reading of the three tests beside the quick one, pay-in and pay-out."""

import doctest
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.liquidity.algorithms import pvp
from steelyard.liquidity.algorithms.pvp import Instruction, missed, pay_in_schedule, pay_out, run_pvp, stands
from tests.shared import SHARED

VALUES = {"INR": 1, "RUB": 3, "CNY": 11}
NAMES = ("A", "B", "C")


def vectors():
    """Give the shared cases, none where the folder is absent."""
    path = SHARED and SHARED / "liquidity" / "pvp_queue.json"
    return json.loads(path.read_text("utf-8"))["vectors"] if path and path.is_file() else []


@pytest.mark.parametrize("case", vectors(), ids=lambda case: case["name"])
def test_shared_vectors_hold_exactly(case):
    """Order, rest, balances and number of scans."""
    run = run_pvp(
        case["accounts"],
        [Instruction(**row) for row in case["instructions"]],
        values=case["value_per_minor_unit"],
        short_limits=case["short_limit"],
        aggregate_short_limits=case["aggregate_short_limit"],
        haircut_bp=case["haircut_bp"],
    )

    assert case["expect"] == {
        "settled_in_order": list(run.settled),
        "queued": list(run.queued),
        "final_balances": run.balances,
        "passes": run.passes,
    }


@st.composite
def books(draw):
    """Draw three members in three currencies with limits, and up to ten instructions between them."""
    minor = st.integers(0, 60)
    book = {name: {currency: draw(minor) for currency in VALUES} for name in NAMES}
    limits = {name: {currency: draw(minor) for currency in VALUES} for name in NAMES}
    rows = []
    for number in range(draw(st.integers(0, 10))):
        a, b = draw(st.permutations(NAMES))[:2]
        one, other = draw(st.permutations(sorted(VALUES)))[:2]
        rows.append(
            Instruction(f"i{number}", a, b, one, draw(st.integers(1, 60)), other, draw(st.integers(1, 60)))
        )
    terms = {
        "values": VALUES,
        "short_limits": limits,
        "aggregate_short_limits": {name: draw(st.integers(0, 300)) for name in NAMES},
        "haircut_bp": draw(st.sampled_from([0, 800, 10_000])),
    }
    return book, rows, terms


def plainly(book, rows, terms):
    """Do what the rules say, summing everything anew at every try."""
    book = {name: dict(held) for name, held in book.items()}

    def holds(name):
        held, cut = book[name], terms["haircut_bp"]
        shorts = sum(-minor * VALUES[currency] for currency, minor in held.items() if minor < 0)
        worth = sum(
            minor * VALUES[currency] * (10_000 - cut if minor > 0 else 10_000 + cut)
            for currency, minor in held.items()
        )
        limits = terms["short_limits"][name]
        return (
            all(minor >= -limits[currency] for currency, minor in held.items())
            and shorts <= terms["aggregate_short_limits"][name]
            and worth >= 0
        )

    settled, moved, passes = [], True, 0
    while moved:
        moved, passes = False, passes + 1
        for one in rows:
            if one.id in settled:
                continue
            for sign in (1, -1):
                book[one.a][one.a_pays_ccy] -= sign * one.a_pays
                book[one.b][one.a_pays_ccy] += sign * one.a_pays
                book[one.b][one.b_pays_ccy] -= sign * one.b_pays
                book[one.a][one.b_pays_ccy] += sign * one.b_pays
                if sign == 1 and holds(one.a) and holds(one.b):
                    settled.append(one.id)
                    moved = True
                    break
    return settled, book, passes


@given(books())
def test_a_run_does_what_the_plain_rules_do(drawn):
    """The sums kept up to date never differ from those made anew."""
    book, rows, terms = drawn
    settled, balances, passes = plainly(book, rows, terms)
    run = run_pvp(book, rows, **terms)

    assert (settled, balances, passes) == (list(run.settled), run.balances, run.passes)
    assert [one.id for one in rows if one.id not in settled] == list(run.queued)


@given(books(), st.sampled_from(NAMES))
def test_a_missed_pay_in_stops_that_member_alone(drawn, late):
    """The others settle exactly what they would settle had that member never sent anything."""
    book, rows, terms = drawn
    stopped = run_pvp(book, rows, stopped=[late], **terms)
    without = run_pvp(book, [one for one in rows if late not in (one.a, one.b)], **terms)

    assert without.settled == stopped.settled
    assert book[late] == stopped.balances[late]
    assert {one.id for one in rows if late in (one.a, one.b)} <= set(stopped.queued)


@given(books())
def test_who_stood_before_stands_after(drawn):
    """No run leaves a member outside the tests that was inside them, and money is conserved."""
    book, rows, terms = drawn
    run = run_pvp(book, rows, **terms)

    def fine(held, name):
        return stands(
            held,
            values=VALUES,
            short_limits=terms["short_limits"][name],
            aggregate_short_limit=terms["aggregate_short_limits"][name],
            haircut_bp=terms["haircut_bp"],
        )

    for currency in VALUES:
        assert sum(book[name][currency] for name in NAMES) == sum(
            run.balances[name][currency] for name in NAMES
        )
    assert all(fine(run.balances[name], name) for name in NAMES if fine(book[name], name))


@given(
    st.dictionaries(st.sampled_from(sorted(VALUES)), st.integers(-(10**20), 10**20)),
    st.lists(st.tuples(st.integers(0, 50), st.integers(0, 10_000)), max_size=4),
)
def test_the_steps_of_a_schedule_sum_to_the_short(balances, early):
    """Whatever the shares are, the last step closes what is short; nothing is asked of the long."""
    instants = sorted({at for at, _ in early})
    steps = [*zip(instants, sorted(share for _, share in early), strict=False), (99, 10_000)]
    schedule = pay_in_schedule(balances, steps)

    for currency, minor in balances.items():
        assert max(0, -minor) == sum(pay.amount_minor for pay in schedule if pay.currency == currency)
    assert all(pay.amount_minor > 0 for pay in schedule)


def test_what_was_due_and_did_not_come_is_named():
    """Only steps that are over count, and a later payment cures."""
    schedule = pay_in_schedule({"RUB": -100, "INR": -10}, [(5, 4000), (9, 10_000)])

    assert {} == missed(schedule, {}, at=4)
    assert {"INR": 4, "RUB": 10} == missed(schedule, {"RUB": 30}, at=5)
    assert {"INR": 10} == missed(schedule, {"RUB": 100}, at=9)


@given(
    st.fixed_dictionaries({currency: st.integers(-40, 90) for currency in VALUES}),
    st.sampled_from([0, 800, 10_000]),
)
@settings(max_examples=200)
def test_pay_out_leaves_the_shorts_covered_and_could_not_give_more(balances, haircut_bp):
    """After it the haircut test holds where it held; one minor unit more of any currency would break it."""
    out = pay_out(balances, values=VALUES, haircut_bp=haircut_bp)
    terms = {"values": VALUES, "short_limits": dict.fromkeys(VALUES, 99), "aggregate_short_limit": 10**6}

    def fine(held):
        return stands(held, haircut_bp=haircut_bp, **terms)

    after = {currency: minor - out.get(currency, 0) for currency, minor in balances.items()}
    if not fine(balances):
        assert out == {} or haircut_bp == 10_000
        return
    assert fine(after)
    for currency, minor in after.items():
        if minor > 0:
            assert not fine({**after, currency: minor - 1})


def test_numbers_beyond_64_bits_are_exact():
    """Python integers throughout."""
    big = 2**62 + 1
    swap = Instruction("i", "A", "B", "INR", big, "RUB", big)
    run = run_pvp(
        {"A": {"INR": big}, "B": {"RUB": big}},
        [swap],
        values={"INR": big, "RUB": big},
        short_limits={},
        aggregate_short_limits={},
        haircut_bp=10_000,
    )

    assert {"A": {"INR": 0, "RUB": big}, "B": {"INR": big, "RUB": 0}} == run.balances


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"a_pays": 1.5}, TypeError),
        ({"a_pays": 0}, ValueError),
        ({"b": "A"}, ValueError),
        ({"b": "Z"}, ValueError),
        ({"b_pays_ccy": "XXX"}, ValueError),
    ],
)
def test_bad_instructions_raise(change, error):
    """Floats, nothing, oneself, strangers and unknown currencies."""
    good = {
        "id": "i",
        "a": "A",
        "b": "B",
        "a_pays_ccy": "INR",
        "a_pays": 1,
        "b_pays_ccy": "RUB",
        "b_pays": 1,
    }
    with pytest.raises(error):
        run_pvp(
            {"A": {}, "B": {}},
            [Instruction(**(good | change))],
            values=VALUES,
            short_limits={},
            aggregate_short_limits={},
            haircut_bp=0,
        )


def test_the_examples_hold():
    """Docstrings are true."""
    assert doctest.testmod(pvp).failed == 0
