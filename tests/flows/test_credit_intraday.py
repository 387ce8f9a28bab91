"""Intraday lines: floors from collateral, times of the day, use overnight, interest on it, the queue that goes on."""

from fractions import Fraction

import pytest

from steelyard.engine.refusals import Refusal as EngineRefusal
from steelyard.engine.refusals import SettingRefusal
from steelyard.flows.facts import AccountChanged
from steelyard.flows.ledger import BoundsFields
from steelyard.flows.liquidity_facts import CreditCaseMoved, CreditInterest, CreditLineSet
from steelyard.liquidity.credit import CaseKind, LineKind
from steelyard.liquidity.refusals import LiquidityRefusal
from steelyard.members.refusals import MemberRefusal
from steelyard.values.instants import DAY, HOUR, MINUTE
from tests.flows.creditworld import BOND, NOR, SUD, WIDE, Credits, done, intraday, of
from tests.flows.payworld import ANNA, ARNE, BRAM, START, facts, is_refused, notices

R = LiquidityRefusal


@pytest.fixture
def net() -> Credits:
    return Credits()


def floor(net: Credits, bank: str = ANNA) -> int:
    number = net.world.members.settlement_account(bank, "NOR")
    return net.world.engine.account(number).floor


@pytest.mark.parametrize(
    ("cap", "collateral", "least"),
    [
        (1_000, (BOND,), -900),
        (800, (BOND,), -800),
        (5_000, (BOND, ("XS-2", 3, 33_333, 100, 1_500)), -900 - 849),
        (5_000, (), 0),
    ],
)
def test_the_floor_is_minus_the_less_of_cap_and_collateral(net, cap, collateral, least) -> None:
    outcome = done(net.intraday(cap, collateral=collateral))

    assert least == floor(net)
    assert [-least] == [fact.most_minor for fact in of([outcome], CreditLineSet)]
    net.check()


def test_a_line_pays_what_own_funds_do_not_and_the_books_balance(net) -> None:
    done(net.intraday(1_000))
    net.fund(ANNA, "NOR", 100)

    assert [9, 4] == [net.state(net.pay(ANNA, BRAM, "NOR", minor)) for minor in (1_050, 100)]
    assert (-950, 1_050) == (net.balance(ANNA, "NOR"), net.balance(BRAM, "NOR"))
    net.check()


def test_what_waits_for_money_goes_when_a_line_is_opened_or_raised(net) -> None:
    small, large = net.pay(ANNA, BRAM, "NOR", 500), net.pay(ANNA, BRAM, "NOR", 900)
    assert [4, 4] == [net.state(small), net.state(large)]

    opened = done(net.intraday(600))

    assert [9, 4] == [net.state(small), net.state(large)]
    assert ["account.changed", "credit", "payment.moved"] == [
        fact.__struct_config__.tag for fact in facts(opened)
    ][1:4]
    done(net.intraday(1_400))
    assert 9 == net.state(large)
    net.check()


def test_a_raised_line_is_a_reason_for_a_batch(net) -> None:
    net.pay(ANNA, BRAM, "NOR", 5_000)
    net.wait(20 * MINUTE)
    done(net.intraday(100))

    assert ["credit"] == [batch.trigger for batch in net.world.batches.open.values()]


@pytest.mark.parametrize(
    "change",
    [
        {"cap": 1_001},
        {"cap": 900, "to_at": START + 40 * DAY},
        {"cap": 900, "repay_at": START + 9 * HOUR},
        {"cap": 900, "from_at": START - HOUR},
    ],
)
def test_opening_raising_and_extending_take_two_people(net, change) -> None:
    first = {"from_at": START, "repay_at": START + 8 * HOUR, "to_at": START + 30 * DAY}
    alone = net.give("credit.intraday", intraday(net, 1_000, **first), NOR)
    assert is_refused(alone, SettingRefusal.TWO_PEOPLE_NEEDED)
    done(net.intraday(1_000, **first))

    change = first | change
    wider = intraday(net, change.pop("cap"), **change)

    assert is_refused(net.give("credit.intraday", wider, NOR), SettingRefusal.TWO_PEOPLE_NEEDED)
    done(net.two(NOR, "credit.intraday", wider))
    net.check()


def test_one_person_lowers_a_line_and_closes_it_and_two_open_it_again(net) -> None:
    terms = {"from_at": START, "repay_at": START + 8 * HOUR}
    done(net.intraday(1_000, **terms))
    net.wait(DAY)

    done(net.give("credit.intraday", intraday(net, 400, **terms), NOR))
    assert -400 == floor(net)
    done(net.close(net.line(LineKind.INTRADAY)))
    assert 0 == floor(net)
    again = intraday(net, 400, **terms)
    assert is_refused(net.give("credit.intraday", again, NOR), SettingRefusal.TWO_PEOPLE_NEEDED)
    done(net.two(NOR, "credit.intraday", again))
    assert -400 == floor(net)
    net.check()


def test_a_line_below_its_use_stops_new_payments_and_takes_nothing_back(net) -> None:
    done(net.intraday(1_000))
    net.pay(ANNA, BRAM, "NOR", 700)
    done(
        net.give(
            "credit.intraday", intraday(net, 500, from_at=net.line(LineKind.INTRADAY).terms.from_at), NOR
        )
    )

    assert 4 == net.state(net.pay(ANNA, BRAM, "NOR", 1))
    assert -700 == net.balance(ANNA, "NOR")


def test_a_line_is_there_from_its_start_to_its_repayment_each_day_till_it_ends(net) -> None:
    opens, ends = START + HOUR, START + 2 * DAY + 4 * HOUR
    done(net.intraday(1_000, from_at=opens, repay_at=opens + 7 * HOUR, to_at=ends))

    seen = []
    for at in (
        opens - 1,
        opens,
        opens + 7 * HOUR - 1,
        opens + 7 * HOUR,
        opens + DAY,
        ends - 1,
        ends,
        opens + 3 * DAY,
    ):
        net.wait(at - net.at)
        net.tick()
        seen.append(floor(net))

    assert [0, -1_000, -1_000, 0, -1_000, -1_000, 0, 0] == seen
    assert {} == net.world.credit.cases
    net.check()


def test_use_at_the_time_of_repayment_opens_a_case_and_nothing_goes_out_until_it_is_repaid(net) -> None:
    done(net.intraday(1_000, from_at=START - HOUR, repay_at=START + 8 * HOUR))
    net.pay(ANNA, BRAM, "NOR", 300)
    waited = net.wait(START + 8 * HOUR - net.at)
    net.tick()

    opened = of([*waited, *net.outcomes[-2:]], CreditCaseMoved)[0]
    assert (str(CaseKind.OVERNIGHT_USE), "open", 300) == (opened.kind, opened.state, opened.minor)
    assert {ANNA, NOR} == {notice.recipient for notice in notices(net, "credit.case_opened")}
    assert 0 == floor(net)
    net.wait(START + DAY - net.at)  # the line would be there again
    blocked = net.pay(ANNA, BRAM, "NOR", 1)
    assert (0, 4) == (floor(net), net.state(blocked))

    net.pay(BRAM, ANNA, "NOR", 299)
    assert (4, 1) == (net.state(blocked), len(net.world.credit.open_cases))
    net.pay(BRAM, ANNA, "NOR", 1)

    assert {} == net.world.credit.open_cases
    (closed,) = of(net.outcomes[-1:], CreditCaseMoved)
    assert (opened.case_id, "closed") == (closed.case_id, closed.state)
    assert (-1_000, 9) == (floor(net), net.state(blocked))
    net.check()


def test_a_case_of_one_day_is_not_opened_again_the_next(net) -> None:
    done(net.intraday(1_000))
    net.pay(ANNA, BRAM, "NOR", 300)
    net.wait(5 * DAY)

    assert 1 == len(net.world.credit.cases)


def test_what_is_used_as_the_line_ends_opens_a_case_too(net) -> None:
    done(net.intraday(1_000, from_at=START - HOUR, repay_at=START + 8 * HOUR, to_at=START + 4 * HOUR))
    net.pay(ANNA, BRAM, "NOR", 300)
    net.wait(4 * HOUR)

    assert [START + 4 * HOUR] == [case.opened_at // HOUR * HOUR for case in net.world.credit.cases.values()]


def test_a_closed_line_is_still_to_be_repaid_at_its_time(net) -> None:
    done(net.intraday(1_000))
    net.pay(ANNA, BRAM, "NOR", 300)
    done(net.close(net.line(LineKind.INTRADAY)))
    assert {} == net.world.credit.cases
    net.wait(8 * HOUR)

    assert 1 == len(net.world.credit.open_cases)
    net.pay(BRAM, ANNA, "NOR", 300)
    assert ({}, 0) == (net.world.credit.open_cases, floor(net))
    net.check()


def test_use_overnight_costs_interest_per_day_taken_at_repayment(net) -> None:
    done(net.intraday(10**9, rate_bp=777))
    net.pay(ANNA, BRAM, "NOR", 1_234_567)
    net.until_day(3)
    owed = sum(Fraction(1_234_567) * 777 / 10_000 / 360 for _ in range(3))
    account_no = net.world.members.settlement_account(ANNA, "NOR")
    accrued = net.line(LineKind.INTRADAY).interest[account_no]
    assert owed == accrued.minor + Fraction(accrued.rest, 3_600_000)

    net.fund(ANNA, "NOR", 2_000_000)
    outcome = net.nudge()

    (paid,) = of([outcome], CreditInterest)
    assert (ANNA, round(owed)) == (paid.owner, paid.minor)
    assert 2_000_000 - 1_234_567 - round(owed) == net.balance(ANNA, "NOR")
    assert round(owed) == net.balance(NOR, "NOR", "fee")
    net.check()


def test_what_is_repaid_within_the_day_costs_nothing(net) -> None:
    done(net.intraday(1_000, rate_bp=10_000))
    net.pay(ANNA, BRAM, "NOR", 1_000)
    net.pay(BRAM, ANNA, "NOR", 1_000)
    net.until_day(40)

    assert {} == net.line(LineKind.INTRADAY).interest
    assert 0 == net.balance(ANNA, "NOR")


@pytest.mark.parametrize(
    "change",
    [
        {"cap": 10**18},
        {"repay_at": START},
        {"repay_at": START + 2 * DAY},
        {"from_at": START + 9 * HOUR, "repay_at": START + 8 * HOUR},
        {"to_at": START},
        {"from_at": START + HOUR, "to_at": START + HOUR},
        {"collateral": (BOND,) * 101},
    ],
)
def test_credit_terms_out_of_range(net, change) -> None:
    before = net.world.credit.encode()
    change = dict(change)

    outcome = net.two(NOR, "credit.intraday", intraday(net, change.pop("cap", 5), **change))

    assert is_refused(outcome, R.CREDIT_TERMS_OUT_OF_RANGE)
    assert before == net.world.credit.encode()


def test_only_its_settlement_agent_gives_a_line_in_a_currency_and_only_to_who_has_an_account(net) -> None:
    assert is_refused(net.two(SUD, "credit.intraday", intraday(net, 5)), MemberRefusal.OBJECT_IS_NOT_YOURS)
    nobody = intraday(net, 5, bank="NOBODY00")
    assert is_refused(net.two(NOR, "credit.intraday", nobody), EngineRefusal.ACCOUNT_NOT_FOUND)
    assert is_refused(net.give("credit.intraday", intraday(net, 5), ANNA), EngineRefusal.SENDER_HAS_NO_RIGHT)


def test_account_has_a_credit_line(net) -> None:
    done(net.intraday(1_000))
    bounds = BoundsFields(f"{ANNA}/NOR", -5_000)

    assert is_refused(net.two(NOR, "account.bounds", bounds), R.ACCOUNT_HAS_A_CREDIT_LINE)
    done(net.close(net.line(LineKind.INTRADAY)))
    assert [-5_000] == [
        fact.floor_minor for fact in of([done(net.two(NOR, "account.bounds", bounds))], AccountChanged)
    ]


def test_credit_line_not_found_and_credit_line_closed(net) -> None:
    done(net.intraday(1_000))
    line = net.line(LineKind.INTRADAY)

    assert is_refused(net.close(line, agent=SUD), R.CREDIT_LINE_NOT_FOUND)
    assert is_refused(net.draw(line, ANNA, 5, agent=NOR), R.CREDIT_LINE_NOT_FOUND)
    assert is_refused(net.repay(ANNA, line, 5), R.CREDIT_LINE_NOT_FOUND)
    done(net.close(line))
    assert is_refused(net.close(line), R.CREDIT_LINE_CLOSED)


def test_a_snapshot_in_the_middle_of_a_case_goes_on_alike(net) -> None:
    done(net.intraday(1_000, collateral=(WIDE, BOND), rate_bp=300))
    net.pay(ANNA, BRAM, "NOR", 300)
    net.until_day(2)
    other = net.copy()
    for one in (net, other):
        one.pay(ARNE, ANNA, "NOR", 10)
        one.pay(BRAM, ANNA, "NOR", 300, uetr=b"u" * 16)
        one.until_day(35)

    assert net.world.state_hash() == other.world.state_hash()
    assert {} == net.world.credit.open_cases
    net.check()
