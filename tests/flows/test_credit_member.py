"""Member lines: draws as dated lots, ages at exact borders of days, repayment oldest first, interest as a leg."""

from fractions import Fraction

import pytest

from steelyard.engine.refusals import Refusal as EngineRefusal
from steelyard.engine.refusals import SettingRefusal
from steelyard.flows import credit_reads
from steelyard.flows.credit import AutoFields
from steelyard.flows.credit_member import MemberFields
from steelyard.flows.hand import ReserveFields
from steelyard.flows.ledger import BoundsFields, OpenFields
from steelyard.flows.liquidity_facts import CreditInterest, CreditUsed
from steelyard.flows.onboard import CloseFields
from steelyard.liquidity.refusals import LiquidityRefusal
from steelyard.members.participants import ParticipantState
from steelyard.members.refusals import MemberRefusal, MoneyRefusal
from steelyard.values.instants import DAY, HOUR, MINUTE
from tests.flows.creditworld import NOR, OST, SUD, TODAY, Credits, done, of
from tests.flows.payworld import ANNA, BIRK, BRAM, CLEO, facts, is_refused, notices

R = LiquidityRefusal


@pytest.fixture
def net() -> Credits:
    return Credits()


def position(net: Credits) -> int:
    return net.balance(SUD, "NOR", "line")


def test_a_draw_moves_the_position_below_zero_and_pays_what_waits(net) -> None:
    line = net.member(1_000)
    waits = net.pay(BRAM, ANNA, "NOR", 600)
    issued = net.world.engine.balance(net.world.members.issuer_account("NOR")).balance

    outcome = done(net.draw(line, BRAM, 700))

    assert (9, -700, 100, 600) == (
        net.state(waits), position(net), net.balance(BRAM, "NOR"), net.balance(ANNA, "NOR")
    )  # fmt: skip
    assert [("drawn", 1, 700, 700, BRAM, TODAY)] == [
        (one.event, one.lot_no, one.minor, one.open_minor, one.owner, one.on)
        for one in of([outcome], CreditUsed)
    ]
    assert issued == net.world.engine.balance(net.world.members.issuer_account("NOR")).balance
    assert {NOR, SUD} == {notice.recipient for notice in notices(net, "credit.drawn")}
    net.check()


def test_credit_cap_would_be_exceeded(net) -> None:
    line = net.member(1_000)
    done(net.draw(line, BRAM, 600))

    assert is_refused(net.draw(line, BIRK, 401), R.CREDIT_CAP_WOULD_BE_EXCEEDED)
    done(net.draw(line, BIRK, 400))
    assert is_refused(net.draw(line, BIRK, 1), R.CREDIT_CAP_WOULD_BE_EXCEEDED)
    net.check()


def test_credit_lots_are_full(net, monkeypatch) -> None:
    """Draws of one bank on one day are one lot; what needs one more than a line may have is not drawn."""
    monkeypatch.setattr("steelyard.liquidity.credit.LOTS_MAX", 2)
    line = net.member(1_000)
    for bank in (BRAM, BIRK):
        done(net.draw(line, bank, 10))
    done(net.draw(line, BRAM, 10))
    net.wait(DAY)

    assert is_refused(net.draw(line, BRAM, 10), R.CREDIT_LOTS_ARE_FULL)
    assert (-30, 2) == (position(net), len(line.lots))
    net.check()


def test_a_cap_below_use_stops_new_draws_only(net) -> None:
    line = net.member(1_000)
    done(net.draw(line, BRAM, 600))
    done(net.give("credit.member", MemberFields("NOR", SUD, 100, 10), NOR))

    assert is_refused(net.draw(line, BIRK, 1), R.CREDIT_CAP_WOULD_BE_EXCEEDED)
    assert -600 == position(net)
    net.check()


def test_lots_are_near_and_over_at_exact_borders_of_days_and_an_old_one_closes_the_line(net) -> None:
    line = net.member(1_000, days=10)
    done(net.draw(line, BRAM, 100))
    net.until_day(3)
    done(net.draw(line, BRAM, 50))

    seen = {}
    for day, hours in ((7, 23), (8, 1), (9, 23), (10, 1), (11, 1), (13, 1)):
        made = net.until_day(day, hours)
        seen[day] = [(fact.event, fact.lot_no) for fact in of(made, CreditUsed)]

    assert {7: [], 8: [("near", 1)], 9: [], 10: [("over", 1)], 11: [("near", 2)], 13: [("over", 2)]} == seen
    told = [(n.kind, n.recipient) for k in ("near", "over") for n in notices(net, f"credit.{k}")]
    assert 2 * [("credit.near", NOR), ("credit.near", SUD)] + 2 * [
        ("credit.over", NOR), ("credit.over", SUD)
    ] == told  # fmt: skip
    net.check()


def test_credit_line_too_old_from_the_first_instant_of_the_day(net) -> None:
    line = net.member(1_000, days=10)
    done(net.draw(line, BRAM, 100))
    net.wait((TODAY + 10) * DAY - 1_000 - net.at)
    done(net.draw(line, BRAM, 1))
    net.at = (TODAY + 10) * DAY

    assert is_refused(net.draw(line, BRAM, 1), R.CREDIT_LINE_TOO_OLD)  # before any tick has come
    (old,) = credit_reads.too_old(net.world, (NOR,), "")
    assert (1, 100, 10, BRAM) == (old["lot_no"], old["open_minor"], old["age_days"], old["owner"])
    done(net.repay(BRAM, line, 100))
    assert [] == credit_reads.too_old(net.world, (NOR,), "")
    done(net.draw(line, BRAM, 1))
    net.check()


def test_repayments_take_the_oldest_lot_first(net) -> None:
    line = net.member(1_000)
    for day, minor in ((0, 100), (1, 200), (2, 300)):
        net.until_day(day, 9)
        done(net.draw(line, BRAM, minor))

    outcome = done(net.repay(BRAM, line, 150))

    assert [(1, 100, 0), (2, 50, 150)] == [
        (one.lot_no, one.minor, one.open_minor) for one in of([outcome], CreditUsed)
    ]
    assert [(2, 150), (3, 300)] == [(lot.lot_no, lot.open_minor) for lot in line.lots]
    assert {net.world.members.settlement_account(BRAM, "NOR"): 450} == line.owed
    assert -450 == position(net)
    net.check()


def test_an_agent_takes_back_what_it_gave_and_no_more_and_a_bank_repays_for_its_member(net) -> None:
    line = net.member(1_000)
    done(net.draw(line, BRAM, 300))
    done(net.draw(line, BIRK, 100))
    net.fund(BIRK, "NOR", 500)

    assert is_refused(net.repay(SUD, line, 101, BIRK), R.REPAYMENT_EXCEEDS_USE)
    done(net.repay(SUD, line, 100, BIRK))
    assert is_refused(net.repay(SUD, line, 1, BIRK), R.REPAYMENT_EXCEEDS_USE)
    assert is_refused(net.repay(BIRK, line, 301), R.REPAYMENT_EXCEEDS_USE)
    done(net.repay(BIRK, line, 300))
    assert ({}, [], 0, 200) == (line.owed, line.lots, position(net), net.balance(BIRK, "NOR"))
    assert is_refused(net.repay(BIRK, line, 1), R.REPAYMENT_EXCEEDS_USE)
    net.check()


def test_a_repayment_needs_its_money(net) -> None:
    line = net.member(1_000)
    done(net.draw(line, BRAM, 300))
    net.pay(BRAM, ANNA, "NOR", 200)

    assert is_refused(net.repay(BRAM, line, 101), EngineRefusal.LIQUIDITY_IS_SHORT)
    assert 300 == line.lots_minor
    done(net.repay(BRAM, line, 100))
    net.check()


def test_interest_is_the_fraction_of_every_days_close_taken_with_the_last_repayment(net) -> None:
    line = net.member(10**9, days=20, rate_bp=455)
    done(net.draw(line, BRAM, 7_654_321))
    net.until_day(2)  # two closes
    done(net.repay(BRAM, line, 654_321))
    net.until_day(5)  # three
    owed = Fraction(455, 3_600_000) * (2 * 7_654_321 + 3 * 7_000_000)
    net.fund(BRAM, "NOR", 100_000)

    outcome = done(net.repay(BRAM, line, 7_000_000))

    (paid,) = of([outcome], CreditInterest)
    assert (BRAM, round(owed)) == (paid.owner, paid.minor)
    assert b"" != paid.bundle_id
    assert 100_000 - round(owed) == net.balance(BRAM, "NOR")
    assert (0, round(owed), {}) == (position(net), net.balance(NOR, "NOR", "fee"), line.interest)
    net.check()


def test_at_a_months_end_interest_is_a_lot_of_its_own(net) -> None:
    line = net.member(10**9, days=100, rate_bp=455)  # 2024-10-04
    done(net.draw(line, BRAM, 7_654_321))
    made = net.until_day(28)  # 1 November: 28 closes
    owed = round(Fraction(455, 3_600_000) * 28 * 7_654_321)

    assert [(SUD, owed)] == [(one.owner, one.minor) for one in of(made, CreditInterest)]
    assert [(1, 7_654_321, TODAY), (2, owed, TODAY + 27)] == [
        (lot.lot_no, lot.open_minor, lot.opened_on) for lot in line.lots
    ]
    assert -7_654_321 - owed == position(net)
    assert {} == line.interest
    net.check()


def test_interest_that_finds_no_room_stays_owed_and_is_taken_later(net) -> None:
    line = net.member(1_000_000, days=100, rate_bp=10_000)
    done(net.draw(line, BRAM, 1_000_000))
    made = net.until_day(28)
    owed = round(Fraction(28 * 1_000_000, 360))

    assert [(owed, b"")] == [(one.minor, one.bundle_id) for one in of(made, CreditInterest)]
    done(net.repay(BRAM, line, 500_000))
    made = net.until_day(29)
    assert [owed] == [one.minor for one in of(made, CreditInterest) if one.bundle_id]
    assert -500_000 - owed == position(net)
    net.check()


def test_what_is_repaid_the_same_day_costs_nothing_and_an_unused_line_neither(net) -> None:
    line = net.member(1_000_000, rate_bp=10_000)
    done(net.draw(line, BRAM, 1_000_000))
    done(net.repay(BRAM, line, 1_000_000))
    net.until_day(40)

    assert ({}, 0) == (line.interest, position(net))


def test_credit_line_closed_before_its_start_from_its_end_and_when_its_lender_says_so(net) -> None:
    begins, ends = net.at + HOUR, net.at + 3 * HOUR
    line = net.member(1_000, from_at=begins, to_at=ends)
    assert is_refused(net.draw(line, BRAM, 1), R.CREDIT_LINE_CLOSED)
    net.at = begins
    done(net.draw(line, BRAM, 5))
    net.at = ends
    assert is_refused(net.draw(line, BRAM, 1), R.CREDIT_LINE_CLOSED)
    line = net.member(1_000)
    done(net.close(line))
    assert is_refused(net.draw(line, BRAM, 1), R.CREDIT_LINE_CLOSED)
    done(net.repay(BRAM, line, 5))
    net.check()


@pytest.mark.parametrize("partner", ["STAGNOR0", ANNA, "NOBODY00"])
def test_credit_partner_not_found(net, partner) -> None:
    outcome = net.two(NOR, "credit.member", MemberFields("NOR", partner, 100, 10))

    assert is_refused(outcome, R.CREDIT_PARTNER_NOT_FOUND)


@pytest.mark.parametrize("change", [{"cap_minor": 10**18}, {"age_limit_days": 0}, {"to_at": 5}])
def test_credit_terms_out_of_range(net, change) -> None:
    before = net.world.credit.encode(), net.world.members.encode(), net.world.engine.encode()
    values = {"asset": "NOR", "partner": SUD, "cap_minor": 100, "age_limit_days": 10} | change

    outcome = net.two(NOR, "credit.member", MemberFields(**values))

    assert is_refused(outcome, R.CREDIT_TERMS_OUT_OF_RANGE)
    assert before[0] == net.world.credit.encode()
    assert before[2] == net.world.engine.encode()


def test_credit_line_not_found_for_anybody_but_its_borrower(net) -> None:
    line = net.member(1_000)

    for agent in (NOR, OST):
        assert is_refused(net.draw(line, BRAM, 5, agent=agent), R.CREDIT_LINE_NOT_FOUND)
    assert is_refused(net.repay(CLEO, line, 5), R.CREDIT_LINE_NOT_FOUND)
    assert is_refused(net.repay(SUD, line, 5), R.CREDIT_LINE_NOT_FOUND)
    outcome = net.give("credit.auto", AutoFields(line.line_id, False), NOR)
    assert is_refused(outcome, R.CREDIT_LINE_NOT_FOUND)
    assert is_refused(net.close(line, agent=SUD), R.CREDIT_LINE_NOT_FOUND)


def test_draws_go_to_banks_of_the_member_that_may_receive(net) -> None:
    line = net.member(1_000)

    assert is_refused(net.draw(line, ANNA, 5), MemberRefusal.OBJECT_IS_NOT_YOURS)
    assert is_refused(net.draw(line, "NOBODY00", 5), MemberRefusal.PARTICIPANT_NOT_FOUND)
    assert is_refused(net.draw(line, BRAM, 0), EngineRefusal.LEG_AMOUNT_MUST_BE_POSITIVE)
    assert is_refused(net.draw(line, BRAM, 10**18), EngineRefusal.LEG_AMOUNT_IS_TOO_LARGE)
    net.suspend(BRAM)
    assert is_refused(net.draw(line, BRAM, 5), MoneyRefusal.PARTICIPANT_MAY_NOT_HOLD)


def test_opening_raising_and_extending_take_two_people(net) -> None:
    terms = {"asset": "NOR", "partner": SUD, "cap_minor": 100, "age_limit_days": 10, "to_at": net.at + DAY}

    def alone(**change: int):
        return net.give("credit.member", MemberFields(**(terms | change)), NOR)

    assert is_refused(alone(), SettingRefusal.TWO_PEOPLE_NEEDED)
    done(net.two(NOR, "credit.member", MemberFields(**terms)))
    for wider in ({"cap_minor": 101}, {"age_limit_days": 11}, {"to_at": 0}, {"to_at": terms["to_at"] + 1}):
        assert is_refused(alone(**wider), SettingRefusal.TWO_PEOPLE_NEEDED)
    done(alone(cap_minor=50, age_limit_days=5))


def test_letting_cycles_draw_takes_two_people_and_stopping_them_one(net) -> None:
    line = net.member(1_000)

    def alone(on: bool, cap: int):
        return net.give("credit.auto", AutoFields(line.line_id, on, cap), SUD)

    assert is_refused(alone(True, 100), SettingRefusal.TWO_PEOPLE_NEEDED)
    net.auto(line, 100)
    assert is_refused(alone(True, 101), SettingRefusal.TWO_PEOPLE_NEEDED)
    done(alone(True, 50))
    assert (True, 50) == (line.auto_draw, line.cycle_cap_minor)
    done(alone(False, 0))
    assert not line.auto_draw
    assert is_refused(
        net.two(SUD, "credit.auto", AutoFields(line.line_id, True, 10**18)), R.CREDIT_TERMS_OUT_OF_RANGE
    )


def test_nobody_moves_the_position_by_hand(net) -> None:
    net.member(1_000)
    fields = ReserveFields(f"{SUD}/NOR/line", f"{BRAM}/NOR", 5, net.at + HOUR)

    assert is_refused(net.give("reserve", fields, SUD), MoneyRefusal.ACCOUNT_KIND_IS_NOT_OPENED_SO)
    bounds = BoundsFields(f"{SUD}/NOR/line", -9_000)
    assert is_refused(net.two(NOR, "account.bounds", bounds), R.ACCOUNT_HAS_A_CREDIT_LINE)
    own = OpenFields("NOR", "reserved", "line")
    assert is_refused(net.give("account.open", own, ANNA), MoneyRefusal.ACCOUNT_KIND_IS_NOT_OPENED_SO)


def test_a_line_shows_itself_to_those_it_concerns(net) -> None:
    line = net.member(1_000, rate_bp=300)
    done(net.draw(line, BRAM, 400))
    net.until_day(1)

    (row,) = credit_reads.credit_lines(net.world, ("",), SUD)
    assert ("member", "400", "600", True, 1_000) == tuple(
        row[name] for name in ("kind", "used", "room", "usable", "cap_minor")
    )
    assert [(1, 400, 1, BRAM)] == [
        (lot["lot_no"], lot["open_minor"], lot["age_days"], lot["owner"]) for lot in row["lots"]
    ]
    assert [(SUD, "0", 120_000, "0")] == row["interest"]
    assert [(BRAM, "400")] == row["owed"]
    assert [row] == credit_reads.credit_lines(net.world, ("",), NOR)
    assert [row] == credit_reads.credit_lines(net.world, ("",), "")
    assert [] == credit_reads.credit_lines(net.world, (NOR,), OST)
    assert [] == credit_reads.credit_lines(net.world, (NOR,), BRAM)


def test_a_snapshot_with_lots_and_interest_goes_on_alike(net) -> None:
    line = net.member(10**6, days=10, rate_bp=455)
    done(net.draw(line, BRAM, 7_000))
    net.until_day(3)
    done(net.draw(line, BIRK, 900))
    other = net.copy()
    for one in (net, other):
        one.until_day(9)
        done(one.repay(BRAM, one.line("member"), 6_000))
        one.until_day(35)

    assert net.world.state_hash() == other.world.state_hash()
    assert [facts(one) for one in net.outcomes[-20:]] == [facts(one) for one in other.outcomes[-20:]]
    net.check()


def test_credit_is_owed_keeps_a_bank_from_closing(net) -> None:
    line = net.member(1_000)
    done(net.draw(line, BRAM, 300))
    net.pay(BRAM, ANNA, "NOR", 300)
    net.world.members.participants[BRAM].state = ParticipantState.LEAVING

    assert is_refused(net.two(SUD, "participant.close", CloseFields(BRAM, b"s" * 32)), R.CREDIT_IS_OWED)
    net.fund(BIRK, "NOR", 300)
    done(net.repay(BIRK, line, 300))
    done(net.two(SUD, "participant.close", CloseFields(BRAM, b"s" * 32)))


def test_a_draw_is_a_reason_for_a_batch(net) -> None:
    line = net.member(1_000)
    net.pay(BRAM, ANNA, "NOR", 5_000)
    net.wait(20 * MINUTE)
    done(net.draw(line, BRAM, 100))

    assert ["credit"] == [batch.trigger for batch in net.world.batches.open.values()]
