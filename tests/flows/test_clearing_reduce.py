"""Scenes of a limit that sinks: notice, then an auction of what is too much, and of no lot more."""

import pytest
from msgspec import structs

from steelyard.engine.refusals import SettingRefusal
from steelyard.flows.clearing_default import BidFields, StepFields
from steelyard.flows.clearing_facts import CaseMoved
from steelyard.flows.clearing_reduce import AuctionFields, OpenFields
from steelyard.flows.market_list import GroupFields
from steelyard.market.refusals.clearing import ClearingRefusal as No
from tests.flows.clearings import ANNA, ARNE, BIRK, BRAM, FOUR, HOUSE, LOT, REPORT, SEP, House, fact, told
from tests.flows.payworld import CLEO, is_refused

S = "WHEAT.SEP"


@pytest.fixture
def house():
    """ANNA has bought 9 lots of BRAM at 210.00, and the limit sinks to 5."""
    made = House().begin()
    assert made.trade(ANNA, BRAM, 9, 21_000) is None
    made.ok(made.operator("clearing.contract", structs.replace(SEP, limit_lots=5, delivery_limit_lots=0)))
    return made


def opened(house, bic=ANNA, contract=S):
    return house.operator("clearing.reduction.open", OpenFields(bic, contract, REPORT, 60_000))


def auction(house, case_id=None):
    ids = [one.case_id for one in house.house.reductions.values()]
    fields = AuctionFields(case_id or (ids[0] if ids else bytes(16)), REPORT)
    return house.operator("clearing.reduction.auction", fields)


def bid(house, bic, lots, price, contract=S):
    (case,) = house.house.reductions.values()
    return house.net.give("clearing.default.bid", BidFields(case.case_id, contract, lots, price), bic)


def test_what_is_too_much_is_sold_and_no_lot_more(house):
    outcome = house.ok(opened(house))
    assert sorted(FOUR) == told(outcome, "reduction_opened")
    house.ok(bid(house, ARNE, 3, 20_900))
    house.ok(bid(house, BIRK, 5, 20_800))
    assert is_refused(auction(house), No.CLEARING_STEP_HAS_NO_PLACE)  # his time to do it himself is not over
    assert (9, {}) == (house.lots(ANNA), dict(house.house.settle))
    house.wait(60_000)
    outcome = house.ok(auction(house))

    assert ("ALL_SOLD", "CLOSED") == (fact(outcome, CaseMoved).event, fact(outcome, CaseMoved).after)
    assert (5, 3, 1, -9) == tuple(house.lots(bic) for bic in (ANNA, ARNE, BIRK, BRAM))
    assert not house.house.members[ANNA].suspended
    assert {} == house.house.reductions
    before = house.cash(ANNA)
    house.ok(house.call((S, 21_000)))
    assert before - 4 * 200 * LOT == house.cash(ANNA)  # sold at 208.00
    assert () == house.wait(60_000).facts
    assert is_refused(auction(house), No.CLEARING_CASE_UNKNOWN)
    house.check()


def test_lots_are_left_until_somebody_bids(house):
    house.ok(opened(house, BRAM))
    assert [HOUSE] == told(house.wait(60_000), "case_is_late")
    house.ok(bid(house, ARNE, -3, 21_100))
    outcome = house.ok(auction(house))
    assert ("LOTS_LEFT", "REDUCING") == (fact(outcome, CaseMoved).event, fact(outcome, CaseMoved).after)
    assert (-6, -3) == (house.lots(BRAM), house.lots(ARNE))
    house.check()
    house.ok(bid(house, BIRK, -1, 21_100))
    house.ok(auction(house))
    assert (-5, {}) == (house.lots(BRAM), house.house.reductions)


def test_who_reduces_himself_is_left_alone(house):
    house.ok(opened(house))
    house.ok(bid(house, ARNE, 5, 20_000))
    assert house.trade(ARNE, ANNA, 4, 21_000) is None
    outcome = house.ok(auction(house))

    assert ("CURED", ()) == (fact(outcome, CaseMoved).event, fact(outcome, CaseMoved).sales)
    assert (5, 4) == (house.lots(ANNA), house.lots(ARNE))


def test_a_reduction_is_opened_only_of_what_is_too_much(house):
    alone = house.net.give("clearing.reduction.open", OpenFields(ANNA, S, REPORT), HOUSE)
    assert is_refused(alone, SettingRefusal.TWO_PEOPLE_NEEDED)
    assert is_refused(opened(house, ARNE), No.CLEARING_STEP_HAS_NO_PLACE)
    assert is_refused(opened(house, CLEO), No.CLEARING_MEMBER_NOT_FOUND)
    assert is_refused(opened(house, ANNA, "RYE"), No.CLEARING_CONTRACT_UNKNOWN)
    assert is_refused(auction(house), No.CLEARING_CASE_UNKNOWN)
    house.ok(opened(house))
    assert is_refused(opened(house), No.CLEARING_CASE_IS_OPEN)
    assert is_refused(house.step("hedge"), No.CLEARING_CASE_UNKNOWN)
    house.house.reductions |= dict.fromkeys(map(str, range(99)), next(iter(house.house.reductions.values())))
    assert is_refused(opened(house, BRAM), No.CLEARING_IS_FULL)


def test_all_bids_of_a_group_keep_within_its_limit_and_its_margin(house):
    """ARNE and BIRK are one group of at most 5 lots; what was bid counts, and counts again when it is sold."""
    house.ok(opened(house))
    house.ok(house.operator("market.group", GroupFields(ARNE, BIRK)))
    house.ok(bid(house, ARNE, 3, 20_000))
    assert is_refused(bid(house, BIRK, 3, 20_900), No.CLEARING_POSITION_LIMIT)
    house.ok(bid(house, BIRK, 2, 20_900))
    house.ok(house.withdraw(BIRK, 445_000))  # one lot of 550.00 is covered, and another day two are not
    house.wait(60_000)
    house.ok(auction(house))
    assert (6, 3, 0) == tuple(house.lots(bic) for bic in (ANNA, ARNE, BIRK))
    assert is_refused(bid(house, BIRK, 2, 20_900), No.CLEARING_MARGIN_IS_SHORT)
    house.ok(bid(house, BIRK, 1, 20_900))
    house.ok(auction(house))
    assert (5, 3, 1, {}) == (*(house.lots(bic) for bic in (ANNA, ARNE, BIRK)), house.house.reductions)
    house.check()


def test_lots_that_a_delivery_is_for_are_not_sold(house, monkeypatch):
    """Of nine lots seven are on their way: two may be sold, though four are too much."""
    monkeypatch.setattr(
        type(house.world.deliveries), "lots_of", lambda self, contract, owner, *, long: 7 * (owner == ANNA)
    )
    house.ok(opened(house))
    house.ok(bid(house, ARNE, 5, 20_900))
    house.wait(60_000)
    house.ok(auction(house))
    assert (7, 2) == (house.lots(ANNA), house.lots(ARNE))
    assert {} == house.house.reductions


def test_bids_keep_to_limits_and_to_the_contract(house):
    house.ok(opened(house))
    assert is_refused(bid(house, ARNE, 6, 21_000), No.CLEARING_POSITION_LIMIT)
    assert is_refused(bid(house, ANNA, 1, 21_000), No.CLEARING_BID_OUT_OF_RANGE)
    assert is_refused(bid(house, ARNE, 1, 21_000, "WHEAT.DEC"), No.CLEARING_BID_OUT_OF_RANGE)
    (case,) = house.house.reductions.values()
    step = house.operator("clearing.default.step", StepFields(case.case_id, "hedge", REPORT))
    assert is_refused(step, No.CLEARING_CASE_UNKNOWN)
    house.check()


def test_only_the_operator_says_who_is_of_one_group(house):
    """A member cannot count with another's lots, nor leave its group: one head, in books and clearing alike."""
    groups = house.world.books.groups
    house.ok(house.operator("market.group", GroupFields(ARNE, ANNA)))
    house.ok(house.operator("market.group", GroupFields(ANNA, BIRK)))
    assert {ANNA: BIRK, ARNE: BIRK, BIRK: BIRK} == groups
    house.ok(house.joined(ARNE))
    assert [BIRK] * 3 == [house.house.members[bic].group for bic in (ANNA, ARNE, BIRK)]
    assert house.house.group_lots(S, BIRK) == house.lots(ANNA) + house.lots(ARNE) + house.lots(BIRK)
    house.ok(house.operator("market.group", GroupFields(BIRK, "")))
    assert {ANNA: ANNA, ARNE: ANNA} == groups
    house.ok(house.operator("market.group", GroupFields(ARNE, ARNE)))
    assert {ANNA: ANNA, ARNE: ARNE} == groups
    assert [ANNA, ARNE, BIRK] == [house.house.members[bic].group for bic in (ANNA, ARNE, BIRK)]
    house.check()
