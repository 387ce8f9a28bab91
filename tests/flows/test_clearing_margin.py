"""Scenes of margin runs: who pays, who is paid, who is short, and what is owed then. Amounts in minor units."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from steelyard.engine.refusals import Refusal as EngineRefusal
from steelyard.engine.refusals import SettingRefusal
from steelyard.flows import clearing_money as money
from steelyard.flows import clearing_trade
from steelyard.flows.clearing_facts import ClaimPaid, MarginCalled, MarginCollected, MarginPaid
from steelyard.flows.clearing_margin import ModelFields
from steelyard.flows.clearing_trade import refuse_orders
from steelyard.flows.diary import Diary
from steelyard.flows.world import World
from steelyard.market.refusals.clearing import ClearingRefusal as No
from steelyard.market.refusals.prices import PriceRefusal
from steelyard.members.accounts import SETTLEMENT
from steelyard.members.refusals import MemberRefusal
from tests.flows.clearings import ANNA, ARNE, BIRK, BRAM, DEC, FOUR, HOUSE, LOT, PONS, SEP, House, fact, told
from tests.flows.payworld import CLEO, is_refused

S = "WHEAT.SEP"


@pytest.fixture
def house():
    return House().begin()


def test_a_trade_is_two_positions_and_a_run_moves_what_they_gain(house):
    """2 lots from 210.00 to 213.00: 300.00 from the seller to the buyer, in the command that called."""
    assert house.trade(ANNA, BRAM, 2, 21_000) is None
    before = house.cash(ANNA), house.cash(BRAM)
    outcome = house.ok(house.call((S, 21_300)))

    assert (2, -2) == (house.lots(ANNA), house.lots(BRAM))
    assert (before[0] + 300 * 2 * LOT, before[1] - 300 * 2 * LOT) == (house.cash(ANNA), house.cash(BRAM))
    assert ((BRAM, 30_000),) == fact(outcome, MarginCalled).due
    assert (BRAM, 30_000) == (fact(outcome, MarginCollected).bic, fact(outcome, MarginCollected).minor)
    assert (((ANNA, 30_000),), (), (), ()) == (
        fact(outcome, MarginPaid).paid, fact(outcome, MarginPaid).from_margin,
        fact(outcome, MarginPaid).advanced, fact(outcome, MarginPaid).unpaid,
    )  # fmt: skip
    assert [ANNA] == told(outcome, "margin_paid")
    assert {} == house.house.runs
    house.check()


def test_the_next_run_starts_where_the_last_one_ended(house):
    house.trade(ANNA, BRAM, 2, 21_000)
    house.call((S, 21_300))
    house.trade(BRAM, ANNA, 1, 21_350)
    before = house.cash(ANNA)
    house.ok(house.call((S, 21_250)))

    assert before + (-50 * 2 + 100) * LOT == house.cash(ANNA)
    assert 1 == house.lots(ANNA)
    house.check()


def test_nothing_to_move_is_a_run_too(house):
    house.trade(ANNA, BRAM, 2, 21_000)
    outcome = house.ok(house.call((S, 21_000)))

    assert () == fact(outcome, MarginPaid).paid
    assert b"" == fact(outcome, MarginPaid).bundle_id
    assert house.house.over_runs[-1].state == "PAID"


def short_bram(house, *, margin=500_000, liquidity=0):
    """BRAM owes 60,000 and has nothing on hand; ANNA and ARNE gain 40,000 and 20,000."""
    house.sponsor(liquidity=liquidity)
    assert house.trade(ANNA, BRAM, 4, 21_000) is None
    assert house.trade(ARNE, BRAM, 2, 21_000) is None
    house.drain(BRAM)
    number = house.account(money.MARGIN, BRAM)
    if margin < 500_000:
        assert house.world.engine.block(number, debits=True, credits=False, freeze=False) is None
    outcome = house.ok(house.call((S, 21_200)))
    assert [BRAM] == told(outcome, "margin_is_due")
    return outcome


def test_who_is_short_pays_at_the_deadline_out_of_his_margin_and_nobody_waits_longer(house):
    short_bram(house)
    before = house.cash(ANNA), house.cash(ARNE)
    house.check()
    assert () == house.wait(59_000).facts

    outcome = house.wait(1_000)

    assert (before[0] + 40_000, before[1] + 20_000) == (house.cash(ANNA), house.cash(ARNE))
    assert 440_000 == house.margin(BRAM)
    assert ((BRAM, 60_000),) == fact(outcome, MarginPaid).from_margin
    assert [BRAM] == told(outcome, "margin_taken")
    assert [] == house.house.owed
    house.check()


def test_what_his_margin_lacks_is_advanced_and_he_owes_it(house):
    short_bram(house, margin=0, liquidity=70_000)
    before = house.cash(ANNA)
    outcome = house.wait(60_000)

    assert (before + 40_000, 10_000) == (house.cash(ANNA), house.on(money.LIQUIDITY))
    assert ((BRAM, 60_000),) == fact(outcome, MarginPaid).advanced
    assert [HOUSE, BRAM] == told(outcome, "claim_opened")
    (owed,) = house.house.owed
    assert (BRAM, 60_000, {}) == (owed.member, owed.advanced_minor, owed.unpaid)
    late = house.wait(60_000)
    assert [HOUSE] == told(late, "grace_is_over")

    house.give_cash(BRAM, 50_000)
    paid = house.ok(house.pay_claim(BRAM, 45_000))
    assert (45_000, 15_000) == (fact(paid, ClaimPaid).minor, fact(paid, ClaimPaid).left_minor)
    assert 55_000 == house.on(money.LIQUIDITY)
    assert is_refused(house.pay_claim(BRAM), EngineRefusal.LIQUIDITY_IS_SHORT)
    house.give_cash(BRAM, 10_000)
    house.ok(house.pay_claim(BRAM))
    assert (70_000, []) == (house.on(money.LIQUIDITY), house.house.owed)
    assert is_refused(house.pay_claim(BRAM), No.MARGIN_NOTHING_IS_DUE)
    house.check()


def test_only_if_both_are_short_gainers_are_paid_pro_rata_and_wait_for_the_rest(house):
    """30,000 of 60,000 is there: half each, then what he pays later goes to them first."""
    short_bram(house, margin=0, liquidity=30_000)
    before = house.cash(ANNA), house.cash(ARNE)
    outcome = house.wait(60_000)

    assert (before[0] + 20_000, before[1] + 10_000) == (house.cash(ANNA), house.cash(ARNE))
    assert ((ANNA, 20_000), (ARNE, 10_000)) == fact(outcome, MarginPaid).unpaid
    assert [ANNA, ARNE] == told(outcome, "margin_waits")
    house.check()

    house.give_cash(BRAM, 60_000)
    paid = house.ok(house.pay_claim(BRAM, 40_000))
    assert (before[0] + 40_000, before[1] + 20_000) == (house.cash(ANNA), house.cash(ARNE))
    assert [ANNA, ARNE] == told(paid, "margin_paid")
    assert 10_000 == house.on(money.LIQUIDITY)
    house.ok(house.pay_claim(BRAM))
    assert (30_000, []) == (house.on(money.LIQUIDITY), house.house.owed)
    house.check()


def test_a_payer_may_pay_by_himself_and_the_last_one_closes_the_run(house):
    short_bram(house)
    assert is_refused(house.run("pay_in", ANNA), No.MARGIN_NOTHING_IS_DUE)
    assert is_refused(house.run("pay_in", BRAM), EngineRefusal.LIQUIDITY_IS_SHORT)
    house.give_cash(BRAM, 60_000)
    house.ok(house.run("pay_in", BRAM))

    assert ({}, 500_000) == (house.house.runs, house.margin(BRAM))
    assert is_refused(house.run("pay_in", BRAM), No.MARGIN_RUN_UNKNOWN)
    assert () == house.wait(60_000).facts
    house.check()


def test_nobody_is_short_before_the_deadline_and_the_last_payer_ends_the_run(house):
    """The operator collects as often as he likes, and pays gainers only when all have paid."""
    short_bram(house)
    assert () == house.ok(house.run("collect")).facts
    house.give_cash(BRAM, 59_999)
    assert is_refused(house.run("pay"), No.MARGIN_DEADLINE_IS_AHEAD)
    house.net.at += 59_999 * 10**6
    assert is_refused(house.run("pay"), No.MARGIN_DEADLINE_IS_AHEAD)
    assert (59_999, 500_000) == (house.cash(BRAM), house.margin(BRAM))
    house.net.at += 10**6
    house.ok(house.run("pay"))

    assert (59_999, 440_000) == (house.cash(BRAM), house.margin(BRAM))
    assert is_refused(house.run("collect"), No.MARGIN_RUN_UNKNOWN)
    assert is_refused(house.run("pay"), No.MARGIN_RUN_UNKNOWN)
    house.check()


def test_a_collected_run_is_paid_when_the_last_payer_is_collected_from(house):
    short_bram(house)
    house.give_cash(BRAM, 60_000)
    outcome = house.ok(house.run("collect"))

    assert ((ANNA, 40_000), (ARNE, 20_000)) == fact(outcome, MarginPaid).paid


def test_a_gainer_whose_account_is_blocked_holds_up_nobody(house):
    """He is paid on his margin account; where that is blocked too, the money is kept for him."""
    short_bram(house)
    engine = house.world.engine
    engine.block(house.account(SETTLEMENT, ANNA), debits=False, credits=True, freeze=False)
    before = house.margin(ANNA), house.cash(ARNE)
    house.wait(60_000)
    assert (before[0] + 40_000, before[1] + 20_000) == (house.margin(ANNA), house.cash(ARNE))
    house.check()

    engine.block(house.account(money.MARGIN, ANNA), debits=False, credits=True, freeze=False)
    house.give_cash(BRAM, 10**6)
    house.ok(house.call((S, 21_400)))
    assert {"NOR": {ANNA: 40_000}} == house.house.kept
    house.check()
    engine.unblock(house.account(SETTLEMENT, ANNA), people=2)
    cash = house.cash(ANNA)
    house.ok(house.call((S, 21_400)))
    assert ({}, cash + 40_000) == (house.house.kept, house.cash(ANNA))
    house.check()


def test_a_ceiling_of_a_gainer_holds_up_nobody_either(house):
    short_bram(house)
    number = house.account(SETTLEMENT, ANNA)
    assert (
        house.world.engine.change_account(number, floor=0, ceiling=house.cash(ANNA) + 39_999, people=2)
        is None
    )
    before = house.margin(ANNA), house.cash(ARNE)
    house.wait(60_000)

    assert (before[0] + 40_000, before[1] + 20_000) == (house.margin(ANNA), house.cash(ARNE))
    house.check()


def test_a_run_waits_while_the_house_is_blocked(house):
    """By an authority's order on its clearing account; the run is paid when the order is lifted."""
    short_bram(house)
    number = house.account(money.CLEARING, HOUSE)
    house.world.engine.block(number, debits=True, credits=True, freeze=False)
    assert [HOUSE] == told(house.wait(60_000), "run_is_stuck")
    house.check()
    house.world.engine.unblock(number, people=2)
    house.wait(60_000)

    assert {} == house.house.runs
    house.check()


def test_a_run_is_refused_for_its_prices(house):
    house.trade(ANNA, BRAM, 2, 21_000)

    assert is_refused(house.call(), PriceRefusal.MARGIN_PRICE_IS_NOT_PUBLISHED)
    for prices in (((S, 21_001),), ((S, 21_000), ("WHEAT.DEC", 21_000)), ((S, 21_000), (S, 21_000))):
        assert is_refused(house.call(*prices), No.MARGIN_PRICES_INCOMPLETE)
    house.drain(BRAM)
    house.ok(house.call((S, 21_300)))
    assert is_refused(house.call((S, 21_300)), No.MARGIN_RUN_IS_OPEN)


def test_without_a_desk_there_is_no_run_and_no_model():
    bare = House()

    assert is_refused(bare.call(), No.CLEARING_NOT_SET_UP)
    fields = ModelFields("NOR", "fhs/1", bytes(32), ())
    assert is_refused(bare.net.give("clearing.margin.model", fields, HOUSE), No.CLEARING_NOT_SET_UP)


def test_a_models_margins_count_until_a_position_moves(house):
    house.trade(ANNA, BRAM, 8, 21_000)

    def say(*rows):
        return house.net.give("clearing.margin.model", ModelFields("NOR", "fhs/1", bytes(32), rows), HOUSE)

    assert 440_000 == house.required(ANNA)
    assert is_refused(say((ANNA, 300_000)), No.MARGIN_MODEL_DOES_NOT_FIT)
    assert is_refused(say((ANNA, 300_000), (ANNA, 300_000), (BRAM, 1)), No.MARGIN_MODEL_DOES_NOT_FIT)
    house.ok(say((ANNA, 300_000), (BRAM, 470_000)))
    assert (300_000, 470_000) == (house.required(ANNA), house.required(BRAM))
    house.trade(ARNE, BRAM, 1, 21_000)
    assert (300_000, 495_000) == (house.required(ANNA), house.required(BRAM))


def test_a_trade_that_raises_a_margin_needs_it_covered(house):
    """5,000.00 of margin cover 9 lots at 550.00 a lot; what lessens a position needs none."""
    assert house.trade(ANNA, BRAM, 9, 21_000) is None
    assert No.CLEARING_MARGIN_IS_SHORT is house.trade(ANNA, ARNE, 1, 21_000)
    assert No.CLEARING_MARGIN_IS_SHORT is house.trade(BIRK, BRAM, 1, 21_000)
    assert house.trade(BRAM, ANNA, 9, 21_000) is None
    assert (0, 0) == (house.lots(ANNA), house.lots(BRAM))
    assert No.CLEARING_CONTRACT_UNKNOWN is house.trade(ANNA, BRAM, 1, 1, "RYE")
    assert No.CLEARING_MEMBER_NOT_FOUND is house.trade(ANNA, CLEO, 1, 21_000)
    assert No.CLEARING_LOTS_OUT_OF_RANGE is house.trade(ANNA, BRAM, 0, 21_000)
    house.check()


def test_open_orders_are_looked_at_side_by_side(house):
    house.trade(ANNA, BRAM, 5, 21_000)

    def no(bic=ANNA, bought=0, sold=0, contract=S):
        return refuse_orders(house.world, bic, contract, bought=bought, sold=sold, at=house.net.at)

    assert None is no(bought=4, sold=14)
    assert No.CLEARING_MARGIN_IS_SHORT is no(bought=5)
    assert No.CLEARING_MARGIN_IS_SHORT is no(sold=15)
    assert No.CLEARING_POSITION_LIMIT is no(bought=496)
    assert No.CLEARING_CONTRACT_UNKNOWN is no(contract="RYE", bought=1)
    assert No.CLEARING_MEMBER_NOT_FOUND is no(CLEO, bought=1)
    house.house.suspend(ANNA, suspended=True)
    assert No.CLEARING_MEMBER_IS_SUSPENDED is no(bought=1)
    assert None is no(sold=5)


def test_terms_take_two_people_and_a_desk(house):
    alone = house.net.give("clearing.contract", SEP, HOUSE)
    assert is_refused(alone, SettingRefusal.TWO_PEOPLE_NEEDED)
    other = type(DEC)("OATS", "OATS", "SUD", 50_000, 25, 1_100)
    assert is_refused(house.operator("clearing.contract", other), No.CLEARING_NOT_SET_UP)
    wrong = type(DEC)("WHEAT.MAR", "WHEAT", "NOR", 10_000, 25, 1_100)
    assert is_refused(house.operator("clearing.contract", wrong), No.CLEARING_TERMS_OUT_OF_RANGE)


def test_a_limit_that_sinks_tells_who_must_reduce(house):
    house.trade(ANNA, BRAM, 9, 21_000)
    lower = type(SEP)(*[getattr(SEP, name) for name in SEP.__struct_fields__][:7], 5, 0)
    outcome = house.ok(house.operator("clearing.contract", lower))

    assert [ANNA, BRAM] == told(outcome, "above_limit")
    assert No.CLEARING_POSITION_LIMIT is house.trade(ANNA, ARNE, 1, 21_000)
    assert house.trade(ARNE, ANNA, 4, 21_000) is None


def test_who_joins_has_an_account_and_two_people_who_say_so(house):
    assert is_refused(house.joined(ANNA, "XXX"), No.CLEARING_NOT_SET_UP)
    assert is_refused(house.joined(ANNA, "SUD"), No.CLEARING_NOT_SET_UP)
    accounts = house.world.members.accounts
    accounts.drop(SETTLEMENT, ANNA, "NOR")
    assert is_refused(house.joined(ANNA), MemberRefusal.CURRENCY_IS_NOT_ALLOWED)


def test_who_lacks_collateral_is_told_and_the_operator_after_the_grace_time(house):
    """8 lots need 4,400.00; BRAM's margin paid 2,000.00 of his due, so 1,400.00 is lacking."""
    house.trade(ANNA, BRAM, 8, 21_000)
    house.drain(BRAM)
    house.ok(house.call((S, 21_500)))
    outcome = house.wait(60_000)

    assert [BRAM] == told(outcome, "collateral_is_due")
    (data,) = [one.data for one in outcome.notices if one.kind == "clearing.collateral_is_due"]
    assert ("NOR", 140_000) == data[:2]
    assert [HOUSE] == told(house.wait(60_000), "collateral_is_short")
    house.give_cash(BRAM, 200_000)
    house.ok(house.deposit(BRAM, 140_000))
    assert [] == told(house.ok(house.call((S, 21_500))), "collateral_is_due")


def test_a_delivery_ends_the_lots_it_settles_at_its_price(house):
    house.trade(ANNA, BRAM, 4, 21_000)

    def deliver(buyer, seller, lots, contract=S):
        diary = Diary()
        return clearing_trade.deliver(
            house.world, diary, contract, buyer=buyer, seller=seller, lots=lots, price=21_150
        )

    assert No.CLEARING_LOTS_OUT_OF_RANGE is deliver(ANNA, BRAM, 1)
    house.ok(house.call((S, 21_200)))
    assert No.CLEARING_CONTRACT_UNKNOWN is deliver(ANNA, BRAM, 1, "RYE")
    for buyer, seller, lots in ((ANNA, BRAM, 5), (BRAM, ANNA, 1), (ANNA, ARNE, 1), (ANNA, BRAM, 0)):
        assert No.CLEARING_LOTS_OUT_OF_RANGE is deliver(buyer, seller, lots)
    assert None is deliver(ANNA, BRAM, 3)
    assert (1, -1) == (house.lots(ANNA), house.lots(BRAM))
    assert {ANNA: -7_500, BRAM: 7_500} == house.house.gains({S: 21_200})
    house.check()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_whoever_is_short_sums_are_exact(data):
    """Random trades, prices, money on hand and pay-ins: nothing is made or lost, nobody waits while money is there."""
    house = House().begin(cash=700_000, margin=500_000)
    house.sponsor(liquidity=data.draw(st.sampled_from([0, 5_000, 900_000])))
    bics = st.sampled_from(FOUR)
    for _ in range(data.draw(st.integers(1, 3))):
        for _ in range(data.draw(st.integers(0, 4))):
            house.trade(
                data.draw(bics), data.draw(bics), data.draw(st.integers(1, 6)), 25 * data.draw(st.integers(780, 860)),
                data.draw(st.sampled_from([S, "WHEAT.DEC"])),
            )  # fmt: skip
        if data.draw(st.booleans()):
            house.drain(data.draw(bics))
        before = sum(house.cash(bic) + house.margin(bic) for bic in (*FOUR, PONS)) + house.on(money.LIQUIDITY)
        held = sorted(house.house.book)
        if not held:
            continue
        price = 25 * data.draw(st.integers(700, 980))
        outcome = house.ok(house.call(*((contract, price) for contract in held)))
        if house.house.runs:
            house.check()
            outcome = house.wait(60_000)
        paid = fact(outcome, MarginPaid)
        owed = sum(one.minor for one in house.house.owed)
        waits = sum(minor for one in house.house.owed for minor in one.unpaid.values())

        after = sum(house.cash(bic) + house.margin(bic) for bic in (*FOUR, PONS)) + house.on(money.LIQUIDITY)
        assert before == after
        assert not paid.unpaid or 0 == house.on(money.LIQUIDITY)
        assert waits <= owed
        house.check()
        again = World.decode(dict(house.world.sections()))
        assert again.state_hash() == house.world.state_hash()
