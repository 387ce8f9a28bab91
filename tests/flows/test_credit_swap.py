"""Swap lines: two legs there and two back to the minor unit, at the stated rate, with cases where back fails."""

from fractions import Fraction

import pytest

from steelyard.engine.bundles import Kind
from steelyard.engine.records import unpack_all
from steelyard.engine.refusals import Refusal as EngineRefusal
from steelyard.engine.refusals import SettingRefusal
from steelyard.flows import credit_reads
from steelyard.flows.credit_swap import SwapFields, pledge_minor
from steelyard.flows.hand import MoveFields
from steelyard.flows.liquidity_facts import CreditCaseMoved, CreditInterest, CreditUsed
from steelyard.flows.reconcile import StatementFields
from steelyard.fx.refusals import FxRefusal
from steelyard.liquidity.credit import CaseKind
from steelyard.liquidity.refusals import LiquidityRefusal
from steelyard.members.members import MemberState
from steelyard.members.refusals import MemberRefusal, MoneyRefusal
from steelyard.values.instants import DAY
from tests.flows.creditworld import NOR, OST, SUD, Credits, done, of
from tests.flows.payworld import ANNA, ARNE, BRAM, facts, is_refused, notices

R = LiquidityRefusal


@pytest.fixture
def net() -> Credits:
    network = Credits()
    network.rate("NOR", "SUD", 7, 3)
    return network


def issued(net: Credits, asset: str) -> int:
    return net.world.engine.balance(net.world.members.issuer_account(asset)).balance


def pledge(net: Credits) -> int:
    return net.balance(NOR, "SUD", "pledge")


def exactly(worth: Fraction, minor: int, margin_bp: int) -> int:
    exact = minor * worth * (10_000 + margin_bp) / 10_000
    return -(-exact.numerator // exact.denominator)


def test_a_draw_is_one_bundle_of_two_legs_and_its_way_back_is_fixed_with_its_date(net) -> None:
    line = net.swap(10_000, tenor=7, margin_bp=500)
    at = net.at
    outcome = done(net.draw(line, BRAM, 1_001))

    worth = Fraction(233333333333, 100000000000)  # 7 / 3 in twelve digits, as rates for credit are read
    legs = list(unpack_all(net.legs[-1]))
    assert [(1_001, Kind.FX), (exactly(worth, 1_001, 500), Kind.FX)] == [
        (leg.amount_minor, leg.kind) for leg in legs
    ]
    assert 1 == len({leg.bundle_id for leg in legs})
    assert (1_001, 2_453, 1_001, 2_453) == (
        net.balance(BRAM, "NOR"),
        pledge(net),
        issued(net, "NOR"),
        issued(net, "SUD"),
    )
    (drawn,) = of([outcome], CreditUsed)
    assert (2_453, Fraction(worth), at + 7 * DAY) == (
        drawn.pledged_minor, Fraction(int(drawn.num), int(drawn.den)), drawn.due_at
    )  # fmt: skip
    assert drawn.due_at // 1_000_000 == int.from_bytes(drawn.reverse_id[:6], "big")
    net.check()


def test_at_maturity_the_same_amounts_go_back_whatever_the_rate_is_then(net) -> None:
    line = net.swap(10_000, tenor=7, margin_bp=500)
    (drawn,) = of([done(net.draw(line, BRAM, 1_001))], CreditUsed)
    net.rate("NOR", "SUD", 12, 5)
    net.wait(drawn.due_at - 1 - net.at)
    net.tick()
    assert 1_001 == net.balance(BRAM, "NOR")
    net.at = drawn.due_at
    made = net.tick()

    (back,) = of(made, CreditUsed)
    assert ("reversed", 1_001, 2_453, drawn.reverse_id) == (
        back.event, back.minor, back.pledged_minor, back.bundle_id
    )  # fmt: skip
    assert [0, 0, 0, 0] == [net.balance(BRAM, "NOR"), pledge(net), issued(net, "NOR"), issued(net, "SUD")]
    assert ([], {}, {}) == (line.lots, line.owed, net.world.credit.cases)
    net.check()


@pytest.mark.parametrize(
    ("minor", "worth", "margin_bp"),
    [(1, Fraction(1, 3), 0), (10**17, Fraction(123456789012, 10**11), 333), (7, Fraction(5), 10_000)],
)
def test_a_pledge_is_its_exact_value_rounded_up_once(minor, worth, margin_bp) -> None:
    assert exactly(worth, minor, margin_bp) == pledge_minor(minor, worth, margin_bp)


def test_a_reverse_that_fails_opens_a_case_closes_the_line_and_goes_as_soon_as_it_can(net) -> None:
    line = net.swap(10_000, tenor=1)
    done(net.draw(line, BRAM, 1_000))
    net.pay(BRAM, ANNA, "NOR", 400)
    made = net.wait(2 * DAY)

    (opened,) = of(made, CreditCaseMoved)
    assert (str(CaseKind.SWAP_NOT_REVERSED), "open", 1_000, 1) == (
        opened.kind, opened.state, opened.minor, opened.lot_no
    )  # fmt: skip
    assert {NOR, SUD} == {notice.recipient for notice in notices(net, "credit.case_opened")}
    assert is_refused(net.draw(line, BRAM, 1), R.CREDIT_LINE_CLOSED)
    net.pay(ANNA, BRAM, "NOR", 399)
    assert 1 == len(line.lots)
    net.pay(ANNA, BRAM, "NOR", 1)

    assert ["open", "closed"] == [one.state for one in of(net.outcomes, CreditCaseMoved)]
    assert ([], 0, 0, 0) == (line.lots, net.balance(BRAM, "NOR"), issued(net, "NOR"), issued(net, "SUD"))
    net.rate("NOR", "SUD", 7, 3)
    done(net.draw(line, BRAM, 1))
    (case,) = credit_reads.credit_cases(net.world, ("",), SUD)
    assert (opened.case_id, "SWAP_NOT_REVERSED") == (case["case_id"], case["kind"])
    net.check()


def test_a_draw_is_given_back_early_whole_and_by_who_has_it(net) -> None:
    line = net.swap(10_000, rate_bp=0)
    done(net.draw(line, BRAM, 600))
    done(net.draw(line, BRAM, 400))

    assert is_refused(net.repay(BRAM, line, 399, lot_no=2), R.REPAYMENT_EXCEEDS_USE)
    assert is_refused(net.repay(BRAM, line, 600, lot_no=3), R.REPAYMENT_EXCEEDS_USE)
    done(net.repay(BRAM, line, 400, lot_no=2))
    done(net.repay(SUD, line, 600, BRAM, lot_no=1))
    assert ([], 0) == (line.lots, net.balance(BRAM, "NOR"))
    net.wait(10 * DAY)
    assert {} == net.world.credit.cases
    net.check()


def test_interest_on_a_draw_is_taken_with_its_reverse(net) -> None:
    line = net.swap(10**9, tenor=7, rate_bp=455)
    net.fund(BRAM, "NOR", 10_000)
    done(net.draw(line, BRAM, 7_654_321))
    made = net.wait(8 * DAY)
    owed = round(Fraction(455, 3_600_000) * 7 * 7_654_321)

    assert [(BRAM, owed)] == [(one.owner, one.minor) for one in of(made, CreditInterest)]
    assert (10_000 - owed, owed) == (net.balance(BRAM, "NOR"), net.balance(NOR, "NOR", "fee"))
    net.check()


def test_credit_cap_would_be_exceeded(net) -> None:
    line = net.swap(1_000)
    done(net.draw(line, BRAM, 999))

    assert is_refused(net.draw(line, BRAM, 2), R.CREDIT_CAP_WOULD_BE_EXCEEDED)
    done(net.draw(line, BRAM, 1))


def test_each_direction_is_a_line_of_its_own(net) -> None:
    line = net.swap(1_000)
    assert is_refused(net.draw(line, ANNA, 5, agent=NOR), R.CREDIT_LINE_NOT_FOUND)
    done(net.two(SUD, "credit.swap", SwapFields("SUD", NOR, 900, 7, "NOR")))
    other = net.world.credit.find("swap", SUD, NOR, "SUD")

    done(net.draw(other, ANNA, 700, agent=NOR))
    assert (700, 300) == (net.balance(ANNA, "SUD"), net.balance(SUD, "NOR", "pledge"))
    net.check()


def test_a_draw_needs_a_rate_of_the_stated_source_that_is_beyond_doubt(net) -> None:
    line = net.swap(1_000, rate_source="another")
    assert is_refused(net.draw(line, BRAM, 5), FxRefusal.RATE_IS_MISSING)
    line = net.swap(1_000, rate_source="test")
    done(net.draw(line, BRAM, 5))
    net.rate("NOR", "SUD", 70, 3)
    assert is_refused(net.draw(line, BRAM, 5), FxRefusal.RATE_HAS_JUMPED)
    net.wait(10 * DAY)
    assert is_refused(net.draw(line, BRAM, 5), FxRefusal.RATE_IS_STALE)


def test_a_draw_issues_both_currencies_so_both_must_be_issued(net) -> None:
    line = net.swap(1_000)
    net.world.money.stopped["SUD"] = "CLOSING"
    assert is_refused(net.draw(line, BRAM, 5), MoneyRefusal.ISSUING_IS_STOPPED)
    del net.world.money.stopped["SUD"]
    net.world.members.members["SUD"].state = MemberState.SUSPENDED
    assert is_refused(net.draw(line, BRAM, 5), MemberRefusal.MEMBER_STATE_FORBIDS)
    net.world.members.members["SUD"].state = MemberState.ACTIVE
    net.world.engine.change_account(net.world.members.issuer_account("SUD"), floor=0, ceiling=11, people=2)
    before = net.world.engine.encode(), net.world.credit.encode()
    assert is_refused(net.draw(line, BRAM, 5), EngineRefusal.ISSUANCE_CAP_WOULD_BE_EXCEEDED)
    assert before == (net.world.engine.encode(), net.world.credit.encode())


@pytest.mark.parametrize(
    "change", [{"cap_minor": 10**18}, {"tenor_days": 0}, {"pledge_asset": "OST"}, {"pledge_asset": "NOR"}]
)
def test_credit_terms_out_of_range(net, change) -> None:
    values = {"asset": "NOR", "partner": SUD, "cap_minor": 5, "tenor_days": 7, "pledge_asset": "SUD"} | change
    before = net.world.credit.encode(), net.world.engine.encode()

    outcome = net.two(NOR, "credit.swap", SwapFields(**values))

    assert is_refused(outcome, R.CREDIT_TERMS_OUT_OF_RANGE)
    assert before == (net.world.credit.encode(), net.world.engine.encode())


def test_a_swap_is_given_in_ones_own_currency_to_another_agent(net) -> None:
    foreign = SwapFields("SUD", OST, 5, 7, "OST")
    assert is_refused(net.two(NOR, "credit.swap", foreign), MemberRefusal.OBJECT_IS_NOT_YOURS)
    unknown = SwapFields("XXX", OST, 5, 7, "OST")
    assert is_refused(net.two(NOR, "credit.swap", unknown), MemberRefusal.CURRENCY_NOT_FOUND)
    own = SwapFields("NOR", NOR, 5, 7, "NOR")
    assert is_refused(net.two(NOR, "credit.swap", own), R.CREDIT_PARTNER_NOT_FOUND)


def test_opening_raising_and_extending_take_two_people(net) -> None:
    terms = {
        "asset": "NOR",
        "partner": SUD,
        "cap_minor": 100,
        "tenor_days": 7,
        "pledge_asset": "SUD",
        "margin_bp": 50,
    }

    def alone(**change):
        return net.give("credit.swap", SwapFields(**(terms | change)), NOR)

    assert is_refused(alone(), SettingRefusal.TWO_PEOPLE_NEEDED)
    done(net.two(NOR, "credit.swap", SwapFields(**terms)))
    for wider in ({"cap_minor": 101}, {"tenor_days": 8}, {"margin_bp": 49}, {"rate_source": "x"}):
        assert is_refused(alone(**wider), SettingRefusal.TWO_PEOPLE_NEEDED)
    done(alone(cap_minor=50, margin_bp=60, tenor_days=5))


def test_nobody_spends_a_pledge(net) -> None:
    line = net.swap(1_000)
    done(net.draw(line, BRAM, 300))
    move = MoveFields(f"{NOR}/SUD/pledge", f"{NOR}/NOR/issuer", 1)

    assert is_refused(net.give("move", move, NOR), MoneyRefusal.ACCOUNT_KIND_IS_NOT_OPENED_SO)


def test_a_reserve_outside_stands_for_no_swap(net) -> None:
    line = net.swap(10_000)
    done(net.draw(line, BRAM, 1_000))
    for asset, agent in (("NOR", NOR), ("SUD", SUD)):
        assert 0 == issued(net, asset) - net.world.credit.issued(asset)
        statement = StatementFields(asset, "S-1", net.at, 0, ())
        outcome = done(net.two(agent, "reconcile", statement))
        (stated,) = [fact for fact in facts(outcome) if type(fact).__name__ == "ReserveStated"]
        assert (True, 0) == (stated.agreed, stated.issued_minor)
    assert {} == net.world.money.stopped


def test_a_snapshot_between_draw_and_reverse_goes_on_alike(net) -> None:
    line = net.swap(10_000, tenor=3, rate_bp=455, margin_bp=77)
    done(net.draw(line, BRAM, 1_000))
    net.until_day(1, 9)
    done(net.draw(line, BRAM, 555))
    net.pay(BRAM, ARNE, "NOR", 1_100)
    other = net.copy()
    for one in (net, other):
        one.until_day(5)
        assert 2 == len(one.world.credit.open_cases)
        again = Credits.copy(one)
        assert sorted(again.world.credit.open_cases) == sorted(one.world.credit.open_cases)
        one.pay(ARNE, BRAM, "NOR", 1_100, uetr=b"u" * 16)
        one.until_day(40)

    assert net.world.state_hash() == other.world.state_hash()
    assert {} == net.world.credit.open_cases
    net.check()
