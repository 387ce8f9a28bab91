"""Credit lines by themselves: haircuts, what widens a line, lots by age, interest to the last fraction."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.liquidity.credit import (
    CASES_KEPT,
    LOTS_MAX,
    Accrued,
    Case,
    CaseKind,
    Credit,
    Line,
    LineKind,
    Lot,
    Pledged,
    Terms,
    collateral_minor,
    ends_a_month,
)
from steelyard.values.instants import DAY, HOUR, day_of


def line(**terms: int) -> Line:
    return Line(b"l" * 16, LineKind.MEMBER, "LEND", "BORR", "NOR", 7, Terms(1_000, **terms))


def test_a_haircut_comes_off_the_worth_and_rounds_down_once_for_each_asset() -> None:
    whole = Pledged("XS1", 3, 33_333, 100, 0)  # 999.99
    cut = Pledged("XS1", 3, 33_333, 100, 1_500)  # 849.9915
    nothing = Pledged("XS2", 10, 100, 1, 10_000)

    assert [999, 849, 0] == [each.value_minor for each in (whole, cut, nothing)]
    assert 1_848 == collateral_minor((whole, cut, nothing))


@given(
    st.integers(0, 2**40), st.integers(1, 2**40), st.integers(1, 2**40), st.integers(0, 10_000)
)  # fmt: skip
def test_collateral_counts_for_its_exact_worth_rounded_down(quantity, num, den, haircut_bp) -> None:
    exact = Fraction(quantity * num, den) * (10_000 - haircut_bp) / 10_000

    assert exact.numerator // exact.denominator == Pledged("X", quantity, num, den, haircut_bp).value_minor


def test_an_intraday_line_is_bounded_by_cap_and_collateral() -> None:
    terms = Terms(500, collateral=(Pledged("X", 4, 100, 1, 0),))

    assert 400 == terms.most_minor(LineKind.INTRADAY)
    assert 500 == terms.most_minor(LineKind.MEMBER)
    assert 300 == Terms(300, collateral=terms.collateral).most_minor(LineKind.INTRADAY)


@pytest.mark.parametrize(
    ("terms", "widens"),
    [
        (Terms(100, from_at=5, to_at=9), False),
        (Terms(101, from_at=5, to_at=9), True),
        (Terms(99, from_at=5, to_at=10), True),
        (Terms(99, from_at=5, to_at=8), False),
        (Terms(99, from_at=5), True),
        (Terms(99, from_at=4, to_at=9), True),
        (Terms(99, from_at=5, to_at=9, repay_at=1), True),
        (Terms(99, from_at=5, to_at=9, age_limit_days=1), True),
        (Terms(99, from_at=5, to_at=9, tenor_days=1), True),
        (Terms(99, from_at=5, to_at=9, rate_bp=10), False),
        (Terms(99, from_at=5, to_at=9, rate_source="x"), True),
    ],
)
def test_what_raises_or_extends_a_line(terms: Terms, widens: bool) -> None:
    assert widens == terms.widens(Terms(100, from_at=5, to_at=9), LineKind.MEMBER)


def test_a_smaller_margin_widens_a_swap_and_dearer_collateral_an_intraday_line() -> None:
    assert Terms(100, margin_bp=10).widens(Terms(100, margin_bp=20), LineKind.SWAP)
    assert not Terms(100, margin_bp=30).widens(Terms(100, margin_bp=20), LineKind.SWAP)
    few, many = (Terms(100, collateral=(Pledged("X", count, 1, 1, 0),)) for count in (50, 60))
    assert many.widens(few, LineKind.INTRADAY)


def test_collateral_is_let_go_or_exchanged_by_two_and_marked_down_by_one() -> None:
    before = Terms(100, collateral=(Pledged("X", 60, 10, 1, 0), Pledged("Y", 5, 10, 1, 0)))
    less = Terms(100, collateral=(Pledged("X", 59, 10, 1, 0), Pledged("Y", 5, 10, 1, 0)))
    other = Terms(100, collateral=(Pledged("X", 60, 10, 1, 0), Pledged("Z", 5, 10, 1, 0)))
    cheaper = Terms(100, collateral=(Pledged("Y", 5, 9, 1, 100), Pledged("X", 60, 1, 1, 0)))

    assert [True, True, False, False] == [
        terms.widens(before, LineKind.INTRADAY) for terms in (less, other, cheaper, before)
    ]


def test_what_is_lent_to_one_account_on_one_date_is_one_lot() -> None:
    made = line()
    first = made.add(10, 5, 7, b"c")
    lots = [made.add(20, 5, 7, b"c"), made.add(1, 5, 8, b"c"), made.add(1, 5, 7), made.add(1, 6, 7, b"c")]

    assert first is lots[0]
    assert (30, 30, 4) == (first.minor, first.open_minor, len(made.lots))
    assert [(first, 25)] == made.take(25, first_no=first.lot_no)


def test_a_line_has_a_bound_on_its_lots() -> None:
    made = line()
    for account in range(LOTS_MAX):
        made.add(1, 5, account)

    assert made.is_full(5, LOTS_MAX, b"")
    assert not made.is_full(5, 7, b"")


def test_lots_are_told_of_at_four_fifths_and_at_the_limit_each_once() -> None:
    made = line(age_limit_days=10)
    made.add(100, 1_000, 3)
    made.add(50, 1_003, 3)

    heard = {on: [(lot.lot_no, level) for lot, level in made.aged(on)] for on in range(1_000, 1_014)}

    assert {1_008: [(1, 1)], 1_010: [(1, 2)], 1_011: [(2, 1)], 1_013: [(2, 2)]} == {
        on: news for on, news in heard.items() if news
    }
    assert [[], [1], [1], [1, 2]] == [
        [lot.lot_no for lot in made.too_old(on)] for on in (1_009, 1_010, 1_012, 1_013)
    ]


def test_four_fifths_of_seven_days_are_six() -> None:
    made = line(age_limit_days=7)
    made.add(100, 0, 3)

    assert [0, 1, 0, 2] == [sum(level for _, level in made.aged(on)) for on in (5, 6, 6, 7)]


def test_without_a_limit_no_lot_is_old() -> None:
    made = line()
    made.add(100, 0, 3)

    assert ([], []) == (made.aged(10_000), made.too_old(10_000))


def test_the_oldest_lot_is_repaid_first() -> None:
    made = line()
    for on, minor in ((1, 30), (2, 40), (3, 50)):
        made.add(minor, on, 8)

    taken = made.take(55)

    assert [(1, 30), (2, 25)] == [(lot.lot_no, part) for lot, part in taken]
    assert [(2, 15), (3, 50)] == [(lot.lot_no, lot.open_minor) for lot in made.lots]
    assert 65 == made.lots_minor


def test_a_lot_that_is_named_is_repaid_before_older_ones() -> None:
    made = line()
    for on, minor in ((1, 30), (2, 40), (3, 50)):
        made.add(minor, on, 8)

    assert [(2, 40), (1, 5)] == [(lot.lot_no, part) for lot, part in made.take(45, first_no=2)]
    assert [(1, 25), (3, 50)] == [(lot.lot_no, lot.open_minor) for lot in made.lots]
    assert [] == made.take(0)


def test_what_is_owed_is_kept_by_account() -> None:
    made = line()
    made.gave(8, 30)
    made.gave(9, 30)
    made.gave(9, 10)
    made.repaid(8, 30)
    made.repaid(9, 15)

    assert {9: 25} == made.owed


@given(
    st.lists(st.tuples(st.integers(0, 10**18 - 1), st.integers(0, 10_000)), max_size=40),
)
def test_interest_is_the_fraction_rounded_once_half_to_even(days) -> None:
    accrued, exact = Accrued(), Fraction(0)
    for use_minor, rate_bp in days:
        accrued = accrued.more(use_minor, rate_bp)
        exact += Fraction(use_minor) * rate_bp / 10_000 / 360

    assert exact == accrued.minor + Fraction(accrued.rest, 3_600_000)
    assert Accrued(0, 0, round(exact)) == accrued.fixed()


@pytest.mark.parametrize(("use", "due"), [(1_800_000, 0), (5_400_000, 2), (1_800_001, 1), (9_000_000, 2)])
def test_half_a_minor_unit_goes_to_the_even_one(use: int, due: int) -> None:
    assert due == Accrued().more(use, 1).fixed().due_minor


def test_a_date_counts_interest_once() -> None:
    made = line(rate_bp=360)
    for on in (5, 5, 4, 6):
        made.accrue([(8, 10_000)], on)

    assert Accrued(2) == made.interest_of(8)


def test_months_end_on_their_last_date() -> None:
    ends = [day_of(2031, 4, 30), day_of(2031, 12, 31), day_of(2032, 2, 29)]

    assert [True] * 3 == [ends_a_month(on) for on in ends]
    assert [False] * 3 == [ends_a_month(on - 1) for on in ends]


def test_a_line_is_in_force_from_its_start_until_its_end() -> None:
    made = line(from_at=10, to_at=20)

    assert [False, True, True, False] == [made.in_force(at) for at in (9, 10, 19, 20)]
    made.open = False
    assert not made.in_force(15)


def test_an_intraday_line_is_used_from_its_start_to_its_repayment_each_day() -> None:
    terms = Terms(100, from_at=8 * HOUR, repay_at=16 * HOUR, to_at=2 * DAY + 12 * HOUR)
    made = Line(b"l" * 16, LineKind.INTRADAY, "LEND", "BORR", "NOR", 7, terms)
    edges = (
        0,
        8 * HOUR,
        16 * HOUR - 1,
        16 * HOUR,
        DAY + 8 * HOUR,
        DAY + 16 * HOUR,
        2 * DAY + 8 * HOUR,
        terms.to_at,
    )

    assert [False, True, True, False, True, False, True, False] == [made.in_force(at) for at in edges]
    turns, at = [], 0
    while at := made.next_turn(at):
        turns.append(at)
    assert [8, 16, 24 + 8, 24 + 16, 48 + 8, 48 + 12] == [turn // HOUR for turn in turns]


def test_a_line_of_a_whole_day_turns_once_a_day() -> None:
    made = Line(b"l" * 16, LineKind.INTRADAY, "L", "B", "NOR", 7, Terms(100, from_at=5, repay_at=5 + DAY))

    assert [5, 5 + DAY, 5 + 2 * DAY] == [made.next_turn(at) for at in (0, 5, 5 + DAY)]
    assert all(made.in_force(at) for at in (5, 5 + DAY, 6 + DAY))


def test_bytes_give_the_same_credit_whatever_the_order_of_its_making() -> None:
    def made(order: tuple[int, ...]) -> Credit:
        credit = Credit()
        for number in order:
            one = Line(bytes([number]) * 16, LineKind.SWAP, "LEND", f"BORR{number}", "NOR", 7, Terms(1_000))
            for account_no in order:
                one.owed[account_no] = account_no
                one.interest[account_no] = Accrued(account_no, 5, 2**62)
            one.lots.append(Lot(1, 5, 5, 20_000, 3, num="9" * 30, pledged_minor=4))
            credit.put(one)
            credit.open_case(Case(bytes([number]) * 16, CaseKind.SWAP_NOT_REVERSED, one.line_id, 1, 5, 9))
        credit.close_case(credit.cases[bytes([2]) * 16], 11)
        return credit

    first, second = made((1, 2, 3)), made((3, 1, 2))
    again = Credit.decode(first.encode())

    assert first.encode() == second.encode() == again.encode()
    assert [1, 3] == [case_id[0] for case_id in sorted(again.open_cases)]
    assert 15 == again.issued("NOR")
    assert again.find(LineKind.SWAP, "LEND", "BORR2", "NOR") is again.lines[bytes([2]) * 16]


def test_of_closed_cases_the_newest_are_kept() -> None:
    credit = Credit()
    for number in range(CASES_KEPT + 3):
        case = Case(number.to_bytes(16, "big"), CaseKind.OVERNIGHT_USE, b"l" * 16, 0, 1, number)
        credit.open_case(case)
        if number:
            credit.close_case(case, number)

    assert CASES_KEPT + 1 == len(credit.cases)
    assert [0] == [int.from_bytes(case_id, "big") for case_id in credit.open_cases]
    assert (2).to_bytes(16, "big") not in credit.cases
