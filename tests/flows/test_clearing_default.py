"""Scenes of defaults: suspend, hedge, auction, tear up, cover, report; who bears what, and that nobody else waits."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from steelyard.engine.refusals import SettingRefusal
from steelyard.flows import clearing_money as money
from steelyard.flows.clearing_default import OpenFields
from steelyard.flows.clearing_facts import CaseMoved, CollateralMoved, LossBorne, MarginPaid
from steelyard.flows.command import Code
from steelyard.flows.world import World
from steelyard.market.refusals.clearing import ClearingRefusal as No
from tests.flows.clearings import ANNA, ARNE, BIRK, BRAM, FOUR, HOUSE, LOT, PONS, REPORT, House, fact, told
from tests.flows.payworld import CLEO, facts, is_refused

S = "WHEAT.SEP"


def in_default(*, liquidity=200_000, capital=0, fund=0, **desk):
    """BRAM sold 4 lots to ANNA and 2 to ARNE at 210.00, has 5,000.00 of margin and nothing on hand, is suspended."""
    house = House().begin(**desk)
    house.sponsor(liquidity=liquidity, capital=capital)
    assert house.trade(ANNA, BRAM, 4, 21_000) is None
    assert house.trade(ARNE, BRAM, 2, 21_000) is None
    if fund:
        for bic in FOUR:
            house.ok(house.contribute(bic, fund))
    house.drain(BRAM)
    house.ok(house.open_case(BRAM))
    return house


def run(house, price):
    """Mark all contracts to a price and let the run come to its end."""
    house.ok(house.call(*((contract, price) for contract in sorted(house.house.book))))
    if house.house.runs:
        house.wait(60_000)
    house.check()


def test_the_whole_way_of_a_default():
    """The price rises to 230.00, his portfolio is bought back at 232.00; his margin bears it all."""
    house = in_default()
    before = house.cash(ANNA), house.cash(ARNE)
    run(house, 23_000)  # 6 x 50 x 20.00 = 6,000.00: 5,000.00 out of his margin, 1,000.00 advanced
    assert (0, 100_000) == (house.margin(BRAM), house.on(money.LIQUIDITY))
    assert (before[0] + 400_000, before[1] + 200_000) == (house.cash(ANNA), house.cash(ARNE))
    house.sponsor(capital=500_000)

    house.ok(house.bid(BIRK, -5, 23_200))
    house.ok(house.bid(ARNE, -3, 23_100))
    house.ok(house.step("hedge", 2))
    assert (-3, -1) == (house.lots(BRAM), house.lots(ARNE))
    outcome = house.ok(house.step("auction"))
    assert (("ALL_SOLD", "SOLD"), ((S, BIRK, -3, 23_200),)) == (
        (fact(outcome, CaseMoved).event, fact(outcome, CaseMoved).after), fact(outcome, CaseMoved).sales,
    )  # fmt: skip
    assert (0, -3) == (house.lots(BRAM), house.lots(BIRK))

    outcome = house.ok(house.step("cover"))
    lost = (3 * 100 + 3 * 200) * LOT  # bought back above 230.00
    borne = fact(outcome, LossBorne)
    assert (str(100_000 + lost), 0, 0, 100_000 + lost, "0") == (
        borne.loss, borne.margin, borne.own_fund, borne.capital, borne.uncovered,
    )  # fmt: skip
    assert (200_000, []) == (house.on(money.LIQUIDITY), house.house.owed)
    assert lost == house.on(money.CLEARING) == house.house.cover["NOR"]
    house.check()

    cash = house.cash(BIRK), house.cash(ARNE)
    run(house, 23_000)  # the two who took lots over at more than 230.00 have gained by it
    assert (cash[0] + 3 * 200 * LOT, cash[1] + 3 * 100 * LOT) == (house.cash(BIRK), house.cash(ARNE))
    assert (0, {}) == (house.on(money.CLEARING), house.house.cover)

    outcome = house.ok(house.step("report"))
    assert ("EXPELLED", "CLOSED", REPORT) == (
        fact(outcome, CaseMoved).event, fact(outcome, CaseMoved).after, fact(outcome, CaseMoved).report,
    )  # fmt: skip
    assert {} == house.house.cases
    assert ["SUSPENDED", "HEDGED", "ALL_SOLD", "COVERED", "EXPELLED"] == [
        one.event for one in house.house.over_cases[-1].steps
    ]
    assert () == house.wait(60_000).facts


def test_layers_pay_in_their_order_and_survivors_pro_rata():
    """Fund shares of 1,000.00 each; a loss of 4,000.00 beyond margin and 1,000.00 of capital."""
    house = in_default(liquidity=900_000, capital=100_000, fund=100_000)
    run(house, 24_000)
    assert 500_000 == house.house.owed[0].advanced_minor + 100_000
    house.ok(house.step("hedge"))
    house.ok(house.bid(BIRK, -6, 24_000))
    house.ok(house.step("auction"))
    outcome = house.ok(house.step("cover"))

    borne = fact(outcome, LossBorne)
    assert ("400000", 0, 100_000, 100_000, "0") == (
        borne.loss, borne.margin, borne.own_fund, borne.capital, borne.uncovered,
    )  # fmt: skip
    assert ((ANNA, 66_667), (ARNE, 66_667), (BIRK, 66_666)) == borne.survivors
    assert [ANNA, ARNE, BIRK] == told(outcome, "fund_used")
    assert 900_000 == house.on(money.LIQUIDITY)
    house.check()


def test_who_made_no_bid_bears_first_where_the_desk_says_so():
    house = in_default(liquidity=900_000, fund=100_000, non_bidders_first=True)
    run(house, 24_000)
    house.ok(house.bid(BIRK, -6, 24_000))
    house.ok(house.step("hedge"))
    house.ok(house.step("auction"))
    borne = fact(house.ok(house.step("cover")), LossBorne)

    assert (
        (ANNA, 100_000),
        (ARNE, 100_000),
        (BIRK, 100_000),
    ) == borne.survivors  # 300,000 after his own share
    house = in_default(liquidity=900_000, capital=200_000, fund=100_000, non_bidders_first=True)
    run(house, 24_000)
    house.ok(house.bid(BIRK, -6, 24_000))
    house.ok(house.step("hedge"))
    house.ok(house.step("auction"))
    borne = fact(house.ok(house.step("cover")), LossBorne)
    assert {(ANNA, 50_000), (ARNE, 50_000)} == {row for row in borne.survivors if row[1]}
    house.check()


def test_who_bids_and_withdraws_its_margin_has_not_bid():
    """BIRK's bid no longer stands at the auction, so its share is used up with those of the others who made none."""
    house = in_default(liquidity=900_000, capital=200_000, fund=100_000, non_bidders_first=True)
    run(house, 24_000)
    house.ok(house.bid(BIRK, -6, 24_000))
    house.ok(house.withdraw(BIRK, house.margin(BIRK)))
    house.ok(house.step("hedge"))
    house.ok(house.bid(ANNA, -6, 24_000))
    house.ok(house.step("auction"))
    (case,) = house.house.cases.values()
    assert [ANNA] == case.bidders
    borne = fact(house.ok(house.step("cover")), LossBorne)

    assert {(ARNE, 50_000), (BIRK, 50_000)} == {row for row in borne.survivors if row[1]}
    house.check()


def test_survivors_are_assessed_up_to_their_share_and_owe_what_is_not_on_hand():
    house = in_default(liquidity=900_000, fund=60_000)
    run(house, 24_000)
    house.drain(ANNA)
    house.ok(house.step("hedge"))
    house.ok(house.bid(BIRK, -6, 24_000))
    house.ok(house.step("auction"))
    outcome = house.ok(house.step("cover"))

    borne = fact(
        outcome, LossBorne
    )  # 400,000: 60,000 his own, 180,000 survivors', 160,000 of 180,000 assessed
    assert ((ANNA, 53_334), (ARNE, 53_333), (BIRK, 53_333)) == borne.assessments
    assert {ARNE, BIRK} == {one.bic for one in facts(outcome) if isinstance(one, CollateralMoved)}
    assert [ANNA, ARNE, BIRK] == told(outcome, "assessed")
    owed = {one.member: one.minor for one in house.house.owed}
    assert {BRAM: 53_334, ANNA: 53_334} == owed
    house.check()
    house.give_cash(ANNA, 53_334)
    house.ok(house.pay_claim(ANNA))
    house.check()


def test_gains_are_cut_last_and_what_is_left_stays_owed():
    """Nothing but margin is there: of 6,000.00 due 5,000.00 is paid; the cut ends what gainers wait for."""
    house = in_default(liquidity=0)
    run(house, 23_000)
    assert {ANNA: 66_667, ARNE: 33_333} == {
        bic: minor for one in house.house.owed for bic, minor in one.unpaid.items()
    }
    house.ok(house.step("hedge"))
    house.ok(house.bid(BIRK, -6, 23_000))
    house.ok(house.step("auction"))
    outcome = house.ok(house.step("cover"))

    assert ((ANNA, 66_667), (ARNE, 33_333)) == fact(outcome, LossBorne).gains
    assert [ANNA, ARNE] == told(outcome, "gain_is_cut")
    assert [] == house.house.owed
    house.check()


def test_a_loss_that_no_layer_covers_cuts_the_gains_of_the_next_run():
    """Bought back 30.00 above the last mark, 9,000.00 are lost, 5,000.00 of margin is all there is.

    The house's liquidity is for members who are short, not for its own losses.
    """
    house = in_default(liquidity=700_000, assessments_bp=0)
    run(house, 21_000)
    house.ok(house.step("hedge"))
    house.ok(house.bid(BIRK, -6, 24_000))
    house.ok(house.step("auction"))
    outcome = house.ok(house.step("cover"))
    assert ("900000", "400000") == (fact(outcome, LossBorne).loss, fact(outcome, LossBorne).uncovered)
    before = house.cash(BIRK)
    outcome = house.ok(house.call((S, 21_000)))
    outcome = house.wait(60_000) if house.house.runs else outcome

    assert (before + 500_000, 700_000) == (house.cash(BIRK), house.on(money.LIQUIDITY))
    assert ((BIRK, 400_000),) == fact(outcome, MarginPaid).unpaid
    assert [(HOUSE, 0, {BIRK: 400_000})] == [
        (one.member, one.advanced_minor, one.unpaid) for one in house.house.owed
    ]
    house.check()


def test_what_nobody_buys_is_torn_up_at_the_settlement_price():
    house = in_default()
    run(house, 22_000)
    house.ok(house.step("hedge"))
    assert is_refused(house.step("tear_up"), No.CLEARING_STEP_HAS_NO_PLACE)
    outcome = house.ok(house.step("auction"))
    assert "UNSOLD" == fact(outcome, CaseMoved).after
    house.ok(house.bid(BIRK, -1, 22_500))
    assert "UNSOLD" == fact(house.ok(house.step("auction")), CaseMoved).after
    outcome = house.ok(house.step("tear_up"))

    # 5 lots against ANNA's 4 and ARNE's 2: 10/3 and 5/3
    assert ((S, ANNA, -3, 22_000), (S, ARNE, -2, 22_000)) == tuple(
        (contract, bic, lots, price) for contract, bic, lots, price in fact(outcome, CaseMoved).sales
    )
    assert [ANNA, ARNE] == told(outcome, "torn_up")
    assert (0, 1, 0, -1) == tuple(house.lots(bic) for bic in (BRAM, ANNA, ARNE, BIRK))
    house.ok(house.step("cover"))
    run(house, 22_000)
    house.check()


def test_a_member_that_pays_is_let_back():
    house = in_default()
    run(house, 23_000)
    assert is_refused(house.step("cure"), No.CLEARING_MARGIN_IS_SHORT)
    house.give_cash(BRAM, 600_000)
    house.ok(house.pay_claim(BRAM))
    assert is_refused(house.step("cure"), No.CLEARING_MARGIN_IS_SHORT)
    house.ok(house.deposit(BRAM, 400_000))
    house.ok(house.step("cure"))

    assert {} == house.house.cases
    assert not house.house.members[BRAM].suspended
    house.check()


def test_a_step_that_is_late_is_told_again_and_again():
    house = in_default()
    assert [HOUSE] == told(house.wait(60_000), "case_is_late")
    assert [HOUSE] == told(house.wait(60_000), "case_is_late")
    house.ok(house.step("hedge"))
    assert [] == told(house.wait(59_000), "case_is_late")
    assert "HEDGED" == house.house.cases[BRAM].state


def test_steps_take_two_people_and_their_turn():
    house = in_default()
    alone = house.net.give("clearing.default.open", OpenFields(ANNA, REPORT), HOUSE)
    assert is_refused(alone, SettingRefusal.TWO_PEOPLE_NEEDED)
    assert is_refused(house.open_case(BRAM), No.CLEARING_CASE_IS_OPEN)
    assert is_refused(house.open_case(CLEO), No.CLEARING_MEMBER_NOT_FOUND)
    for name in ("auction", "tear_up", "cover", "report", "dance"):
        assert is_refused(house.step(name), No.CLEARING_STEP_HAS_NO_PLACE)
    assert is_refused(house.step("hedge", 7), No.CLEARING_BID_OUT_OF_RANGE)
    none = House().begin()
    assert is_refused(none.step("hedge"), No.CLEARING_CASE_UNKNOWN)
    assert is_refused(none.bid(ANNA, 1, 21_000), No.CLEARING_CASE_UNKNOWN)


def test_who_may_bid_and_for_what(monkeypatch):
    house = in_default()
    assert is_refused(house.bid(CLEO, -1, 21_000), No.CLEARING_MEMBER_NOT_FOUND)
    assert is_refused(house.bid(BRAM, -1, 21_000), No.CLEARING_MEMBER_IS_SUSPENDED)
    assert is_refused(house.bid(ANNA, -1, 21_000, "RYE"), No.CLEARING_CONTRACT_UNKNOWN)
    assert is_refused(house.bid(ANNA, 0, 21_000), No.CLEARING_BID_OUT_OF_RANGE)
    assert is_refused(house.bid(ANNA, -1, 21_001), No.CLEARING_BID_OUT_OF_RANGE)
    house.house.cases[BRAM].bids = [None] * 1_000
    assert is_refused(house.bid(ANNA, -1, 21_000), No.CLEARING_IS_FULL)
    house.house.cases[BRAM].bids = []
    monkeypatch.setattr("steelyard.flows.clearing_default.OWN_BIDS_MAX", 3)
    for _ in range(3):
        house.ok(house.bid(ANNA, -1, 21_000))
    assert is_refused(house.bid(ANNA, -1, 21_000), No.CLEARING_IS_FULL)
    house.ok(house.bid(ARNE, -1, 21_000))  # nobody fills a case alone
    house.house.cases |= dict.fromkeys(map(str, range(99)), house.house.cases[BRAM])
    assert is_refused(house.open_case(ANNA), No.CLEARING_IS_FULL)


def test_who_fails_after_his_bid_takes_nothing_over_and_does_not_leave():
    house = in_default()
    house.ok(house.bid(BIRK, -4, 21_000))
    house.ok(house.bid(ARNE, -4, 21_100))
    assert house.house.entangled(BIRK)
    house.ok(house.operator("clearing.default.open", OpenFields(BIRK, REPORT)))
    assert is_refused(house.step("hedge", 1), No.CLEARING_BID_OUT_OF_RANGE)
    house.ok(house.step("hedge"))
    house.ok(house.step("auction"))
    assert (-2, 0) == (house.lots(BRAM), house.lots(BIRK))
    house.check()


def test_nobody_takes_over_more_than_his_margin_bears():
    """All bids of a member count as filled; one whose margin has gone since takes nothing, and the next one does."""
    house = in_default()
    assert is_refused(house.bid(BIRK, -(10**9) + 1, 21_000), No.CLEARING_MARGIN_IS_SHORT)
    house.ok(house.bid(BIRK, -5, 21_100))
    assert is_refused(house.bid(BIRK, -5, 21_100), No.CLEARING_MARGIN_IS_SHORT)
    house.ok(house.bid(ARNE, -5, 21_200))
    house.ok(house.withdraw(BIRK, house.margin(BIRK)))
    house.ok(house.step("hedge"))
    house.ok(house.step("auction"))

    assert (-1, 0, -3) == (house.lots(BRAM), house.lots(BIRK), house.lots(ARNE))
    house.check()


@pytest.mark.parametrize(
    ("price", "far"), [(25_400, False), (25_425, True), (16_600, False), (16_575, True), (-(10**9), True)]
)
def test_no_bid_names_a_price_far_from_the_mark(price, far):
    """Alone in an auction at one price it would be what all are paid: four scan ranges of 11.00 are the bound."""
    house = in_default()
    run(house, 21_000)

    assert far == is_refused(house.bid(ANNA, 1, price), No.CLEARING_BID_OUT_OF_RANGE)


def test_a_bid_from_which_the_mark_has_gone_far_counts_no_more():
    house = in_default()
    run(house, 21_000)
    house.ok(house.bid(BIRK, -6, 25_400))
    run(house, 20_900)
    assert is_refused(house.step("hedge", 1), No.CLEARING_BID_OUT_OF_RANGE)
    house.ok(house.step("hedge"))
    assert "UNSOLD" == fact(house.ok(house.step("auction")), CaseMoved).after


def test_a_run_that_is_open_is_ended_before_a_loss_is_borne():
    house = in_default()
    house.ok(house.step("hedge"))
    house.ok(house.bid(BIRK, -6, 21_100))
    house.ok(house.step("auction"))
    house.ok(house.call((S, 22_000)))

    assert {BIRK: 270_000, BRAM: 30_000} == house.house.runs["NOR"].due
    assert is_refused(house.step("cover"), No.MARGIN_RUN_IS_OPEN)
    house.wait(60_000)
    house.ok(house.step("cover"))
    house.check()


def test_a_blocked_house_cannot_cover_and_nothing_changes():
    house = in_default()
    run(house, 23_000)
    house.ok(house.step("hedge"))
    house.ok(house.bid(BIRK, -6, 23_000))
    house.ok(house.step("auction"))
    house.give_cash(PONS, 100_000)
    house.ok(house.contribute(PONS, 100_000, money.CAPITAL))
    number = house.account(money.LIQUIDITY, HOUSE)
    house.world.engine.block(number, debits=True, credits=True, freeze=False)
    before = house.house.encode()
    outcome = house.step("cover")
    assert outcome.refusal
    assert before == house.house.encode()
    house.world.engine.unblock(number, people=2)
    house.ok(house.step("cover"))
    house.check()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_however_a_member_fails_money_is_neither_made_nor_lost(data):
    """Random means of the house, prices and bids: all parties' money sums to the same, the book stays closed."""
    house = in_default(
        liquidity=data.draw(st.sampled_from([0, 70_000, 900_000])),
        capital=data.draw(st.sampled_from([0, 55_555])),
        fund=data.draw(st.sampled_from([0, 33_333])),
        non_bidders_first=data.draw(st.booleans()),
        assessments_bp=data.draw(st.sampled_from([0, 3_333, 10_000])),
    )
    sums = _all_money(house)
    run(house, 25 * data.draw(st.integers(800, 1_000)))
    for _ in range(data.draw(st.integers(0, 3))):
        made = house.bid(
            data.draw(st.sampled_from([ANNA, ARNE, BIRK])), data.draw(st.sampled_from([-6, -2, 3])),
            25 * data.draw(st.integers(830, 970)),
        )  # fmt: skip
        assert made.code == Code.DONE or is_refused(made, No.CLEARING_MARGIN_IS_SHORT)
    house.ok(house.step("hedge", *([1] if house.house.cases[BRAM].bids and data.draw(st.booleans()) else [])))
    house.ok(house.step("auction"))
    if house.house.cases[BRAM].state == "UNSOLD":
        house.ok(house.step("tear_up"))
    house.check()
    if data.draw(st.booleans()) and house.house.book:
        run(house, 25 * data.draw(st.integers(800, 1_000)))
    house.ok(house.step("cover"))
    house.check()
    assert sums == _all_money(house)
    if house.house.book:
        run(house, 22_000)
    assert sums == _all_money(house)
    house.ok(house.step("report"))
    again = World.decode(dict(house.world.sections()))
    assert again.state_hash() == house.world.state_hash()


def _all_money(house):
    found = 0
    for bic in (*FOUR, PONS):
        found += house.cash(bic) + house.margin(bic) + house.on(money.FUND, bic)
    for purpose in (money.CLEARING, money.LIQUIDITY, money.CAPITAL):
        found += house.on(purpose)
    return found


@pytest.mark.parametrize("price", [21_500, 26_000])
def test_a_short_payer_delays_no_gainer_of_the_same_run(price):
    """Gainers are paid in the tick of the deadline, whole, while margin and liquidity last."""
    house = in_default(liquidity=10_000_000)
    before = house.cash(ANNA), house.cash(ARNE)
    house.ok(house.call((S, price)))
    outcome = house.wait(60_000)

    gain = (price - 21_000) * LOT
    assert (before[0] + 4 * gain, before[1] + 2 * gain) == (house.cash(ANNA), house.cash(ARNE))
    assert () == fact(outcome, MarginPaid).unpaid
