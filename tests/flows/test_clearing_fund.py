"""Scenes of collateral and of the default fund: money in and out, foreign cash, receipts, the size of the fund."""

import pytest
from msgspec import structs

from steelyard.flows import clearing_money as money
from steelyard.flows.clearing_cover import covers
from steelyard.flows.clearing_facts import CollateralMoved, FundSized
from steelyard.flows.clearing_fund import ContributeFields, MoneyFields, SizeFields
from steelyard.flows.clearing_receipts import NamedFields, SeizeFields
from steelyard.flows.clearing_terms import AcceptFields, DeskFields
from steelyard.flows.onboard import CloseFields
from steelyard.market.receipts import ReceiptEvent, ReceiptState, moved
from steelyard.market.refusals.clearing import ClearingRefusal as No
from steelyard.market.refusals.titles import TitleRefusal
from steelyard.members.participants import ParticipantState
from steelyard.members.refusals import MemberRefusal
from tests.flows.clearings import ANNA, ARNE, BIRK, BRAM, HOUSE, PONS, House, fact, told
from tests.flows.goods import RYE, Goods
from tests.flows.payworld import CLEO, LEVR, is_refused

S = "WHEAT.SEP"


@pytest.fixture
def house():
    return House().begin()


def test_what_covers_nothing_may_be_taken_back(house):
    house.trade(ANNA, BRAM, 8, 21_000)
    assert is_refused(house.withdraw(ANNA, 60_001), No.COLLATERAL_IS_NEEDED)
    outcome = house.ok(house.withdraw(ANNA, 60_000))

    assert (440_000, 560_000) == (house.margin(ANNA), house.cash(ANNA))
    assert (money.MARGIN, -60_000) == (
        fact(outcome, CollateralMoved).purpose,
        fact(outcome, CollateralMoved).minor,
    )
    assert is_refused(house.withdraw(BIRK, 500_001), No.COLLATERAL_IS_NEEDED)
    assert is_refused(house.withdraw(CLEO, 1), No.CLEARING_MEMBER_NOT_FOUND)
    assert is_refused(house.deposit(CLEO, 1), No.CLEARING_MEMBER_NOT_FOUND)
    assert is_refused(house.deposit(ANNA, 1, "SUD"), No.CLEARING_MEMBER_NOT_FOUND)
    house.check()


def test_who_owes_takes_nothing_back(house):
    house.trade(ANNA, BRAM, 2, 21_000)
    house.drain(BRAM)
    house.ok(house.call((S, 21_200)))

    assert is_refused(house.withdraw(BRAM, 1), No.COLLATERAL_IS_NEEDED)
    house.ok(house.withdraw(ARNE, 1))


def test_foreign_cash_counts_less_a_haircut_and_the_mismatch(house):
    """1,000.00 SUD at 2 NOR, less 1 %, less 8 %: 1,821.60, but of 1,100.00 required half at most."""
    house.ok(house.accept("SUD", "cash", "SUD", 100, 800, 1, 1, 5_000))
    house.net.rate("SUD", "NOR", 2, 1)
    house.ok(house.joined(ANNA, "SUD"))
    house.give_cash(ANNA, 100_000, "SUD")
    house.ok(house.deposit(ANNA, 100_000, "SUD"))
    house.trade(ANNA, BRAM, 2, 21_000)
    house.ok(house.withdraw(ANNA, 445_000))

    (found,) = covers(house.world, ANNA, house.net.at)
    assert (110_000, 110_000) == (found.parts.minor, found.covered_minor)
    assert is_refused(house.withdraw(ANNA, 1), No.COLLATERAL_IS_NEEDED)
    assert is_refused(house.withdraw(ANNA, 70_000, "SUD"), No.COLLATERAL_IS_NEEDED)
    house.ok(house.withdraw(ANNA, 69_806, "SUD"))  # 30,194 x 2 x 0.99 x 0.92 is 55,001
    assert is_refused(house.withdraw(ANNA, 1, "SUD"), No.COLLATERAL_IS_NEEDED)
    house.check()


def test_without_a_rate_foreign_cash_counts_nothing(house):
    house.ok(house.accept("SUD", "cash", "SUD", 100, 800))
    house.ok(house.joined(ANNA, "SUD"))
    house.give_cash(ANNA, 10**9, "SUD")
    house.ok(house.deposit(ANNA, 10**9, "SUD"))
    house.trade(ANNA, BRAM, 2, 21_000)

    assert is_refused(house.withdraw(ANNA, 400_000), No.COLLATERAL_IS_NEEDED)


@pytest.mark.parametrize(
    "terms",
    [
        ("SUD", "cash", "NOR"),
        ("SUD", "bonds", "SUD"),
        ("RYE-A", "receipt", "NOR", 1_000, 0, 1, 1, 5_000),
        ("RYE-A", "receipt", "NOR", 2_500, 0, 1, 1, 10_000),
    ],
)
def test_collateral_has_sound_terms(house, terms):
    assert is_refused(house.accept(*terms), No.COLLATERAL_NOT_ACCEPTED)
    assert is_refused(house.accept("SUD", "cash", "XXX"), MemberRefusal.CURRENCY_NOT_FOUND)


def test_the_house_keeps_so_many_members_and_kinds_of_collateral(house):
    one = house.house.members[ANNA]
    house.house.members |= {str(number): one for number in range(2_000)}
    house.ok(house.joined(BIRK))
    del house.house.members[BIRK]
    assert is_refused(house.joined(BIRK), No.CLEARING_IS_FULL)
    terms = AcceptFields("NOR", "cash", "NOR")
    house.house.accepted |= {str(number): terms for number in range(5_000)}
    assert is_refused(house.accept("SUD", "cash", "SUD"), No.CLEARING_IS_FULL)


def test_the_fund_covers_the_two_largest_losses_and_is_shared_by_average_margin(house):
    """At -30.00 ANNA loses 8 x 50 x 30.00 beyond 4,400.00, ARNE 4 x 50 x 30.00 beyond 2,200.00: 11,400.00."""
    house.trade(ANNA, BRAM, 8, 21_000)
    house.trade(ARNE, BIRK, 4, 21_000)
    house.ok(house.call((S, 21_000)))
    outcome = house.ok(house.size(((S, -3_000),), ((S, 2_000),)))

    assert 1_140_000 == fact(outcome, FundSized).size
    assert ((ANNA, 380_000), (ARNE, 190_000), (BIRK, 190_000), (BRAM, 380_000)) == fact(
        outcome, FundSized
    ).shares
    assert [ANNA, ARNE, BIRK, BRAM] == told(outcome, "fund_is_due")
    house.ok(house.contribute(ANNA, 400_000))
    assert is_refused(
        house.net.give("clearing.fund.take_back", MoneyFields("NOR", 20_001), ANNA), No.COLLATERAL_IS_NEEDED
    )
    house.ok(house.net.give("clearing.fund.take_back", MoneyFields("NOR", 20_000), ANNA))
    assert 380_000 == house.on(money.FUND, ANNA)
    assert is_refused(
        house.net.give("clearing.fund.take_back", MoneyFields("NOR", 1), CLEO), No.CLEARING_MEMBER_NOT_FOUND
    )
    assert {} == house.house.averages
    house.check()


def test_a_fund_has_stresses_that_name_contracts(house):
    assert is_refused(house.size(), No.CLEARING_TERMS_OUT_OF_RANGE)
    assert is_refused(house.size((("RYE", 1),)), No.CLEARING_CONTRACT_UNKNOWN)
    house.house.novate(S, ANNA, BRAM, 10**8, 21_000)
    assert is_refused(house.size(((S, 10**11),)), No.CLEARING_TERMS_OUT_OF_RANGE)
    assert is_refused(
        House().begin().operator("clearing.fund.size", SizeFields("SUD", (((S, 1),),))),
        No.CLEARING_NOT_SET_UP,
    )


def test_smallest_shares_are_asked_of_everybody():
    house = House().begin(least_minor=50_000)
    outcome = house.ok(house.size(((S, -3_000),)))

    assert 0 == fact(outcome, FundSized).size
    assert {50_000} == {minor for _, minor in fact(outcome, FundSized).shares}


def test_what_the_house_has_is_the_sponsors(house):
    house.sponsor(liquidity=70_000, capital=30_000)
    house.ok(house.operator("clearing.fund.give_back", ContributeFields("NOR", 20_000, money.LIQUIDITY)))

    assert (50_000, 30_000, 20_000) == (house.on(money.LIQUIDITY), house.on(money.CAPITAL), house.cash(PONS))
    assert is_refused(house.contribute(ANNA, 1, money.CAPITAL), No.CLEARING_MEMBER_NOT_FOUND)
    assert is_refused(house.contribute(PONS, 1), No.CLEARING_MEMBER_NOT_FOUND)
    assert is_refused(house.contribute(ANNA, 1, "margin"), No.CLEARING_NOT_SET_UP)
    no = house.operator("clearing.fund.give_back", ContributeFields("NOR", 1, money.FUND))
    assert is_refused(no, No.CLEARING_NOT_SET_UP)
    house.ok(house.open_case(BRAM))
    no = house.operator("clearing.fund.give_back", ContributeFields("NOR", 1, money.CAPITAL))
    assert is_refused(no, No.COLLATERAL_IS_NEEDED)
    house.check()


def test_a_desk_is_of_a_currency_and_has_a_sponsor_in_it(house):
    assert is_refused(
        house.operator("clearing.desk", DeskFields("XXX", PONS)), MemberRefusal.CURRENCY_NOT_FOUND
    )
    no = house.operator("clearing.desk", DeskFields("NOR", "NOBODY00"))
    assert is_refused(no, MemberRefusal.PARTICIPANT_NOT_FOUND)
    house.ok(house.operator("clearing.desk", DeskFields("NOR", LEVR)))
    house.ok(house.operator("clearing.desk", DeskFields("NOR", PONS)))
    house.sponsor(capital=1)
    no = house.operator("clearing.desk", DeskFields("NOR", LEVR))
    assert is_refused(no, No.CLEARING_TERMS_OUT_OF_RANGE)
    house.ok(house.operator("clearing.desk", DeskFields("NOR", PONS, 5)))


def test_who_closes_is_done_with_clearing(house):
    """Lots, dues, claims and cases keep a participant; afterwards it is no member of the house any more."""

    def close(bic):
        found = house.world.members.participants[bic]
        house.world.members.put_participant(structs.replace(found, state=ParticipantState.LEAVING))
        return house.operator("participant.close", CloseFields(bic, bytes(32)))

    house.trade(ANNA, BRAM, 1, 21_000)
    house.ok(house.size(((S, -10_000),)))
    house.drain(BRAM)
    assert is_refused(close(BRAM), No.CLEARING_IS_NOT_OVER)
    house.ok(house.call((S, 21_200)))
    house.trade(BRAM, ANNA, 1, 21_200)
    house.wait(60_000)
    house.ok(house.open_case(BRAM))
    assert is_refused(close(BRAM), No.CLEARING_IS_NOT_OVER)
    house.ok(house.step("cure"))
    house.ok(house.withdraw(BRAM, house.margin(BRAM)))
    house.drain(BRAM)
    house.ok(close(BRAM))
    assert BRAM not in house.house.members
    assert BRAM not in house.house.fund["NOR"]
    house.check()


def grain():
    """Give a house that takes rye at 210.00 a tonne: three quarters of it count, for half of what is required."""
    house = House(Goods()).begin()
    house.ok(house.accept(RYE, "receipt", "NOR", 2_500, 0, 21, 1, 5_000))
    receipt = house.net.issue(20_000)
    house.trade(ANNA, BRAM, 8, 21_000)
    return house, receipt


def lodge(house, receipt, bic=ANNA):
    return house.net.give("clearing.receipt.lodge", NamedFields(receipt), bic)


def give_back(house, receipt, bic=ANNA):
    return house.net.give("clearing.receipt.return", NamedFields(receipt), bic)


def test_a_receipt_covers_a_part_of_what_is_required_and_stays_its_holders():
    """20 t at 157.50 are 3,150.00; half of 4,400.00 is 2,200.00."""
    house, receipt = grain()
    house.ok(lodge(house, receipt))
    assert (ReceiptState.PLEDGED, HOUSE, ANNA) == (
        house.net.receipt(receipt).state, house.net.receipt(receipt).pledgee, house.net.receipt(receipt).holder,
    )  # fmt: skip
    assert is_refused(house.withdraw(ANNA, 280_001), No.COLLATERAL_IS_NEEDED)
    house.ok(house.withdraw(ANNA, 280_000))
    assert is_refused(give_back(house, receipt), No.COLLATERAL_IS_NEEDED)
    house.ok(house.deposit(ANNA, 220_000))
    house.ok(give_back(house, receipt))
    assert ReceiptState.ISSUED is house.net.receipt(receipt).state
    house.check()


def test_only_what_is_free_and_taken_is_lodged():
    house, receipt = grain()
    assert is_refused(lodge(house, bytes(16)), TitleRefusal.RECEIPT_NOT_FOUND)
    assert is_refused(lodge(house, receipt, BRAM), TitleRefusal.RECEIPT_IS_ANOTHERS)
    assert is_refused(lodge(house, receipt, CLEO), No.CLEARING_MEMBER_NOT_FOUND)
    assert is_refused(give_back(house, receipt), No.COLLATERAL_NOT_ACCEPTED)
    assert is_refused(give_back(house, receipt, BRAM), TitleRefusal.RECEIPT_IS_ANOTHERS)
    house.ok(lodge(house, receipt))
    assert is_refused(lodge(house, receipt), TitleRefusal.RECEIPT_IS_PLEDGED)
    house.house.accepted.clear()
    other = house.net.issue(10_000)
    assert is_refused(lodge(house, other), No.COLLATERAL_NOT_ACCEPTED)


def test_what_is_locked_for_a_delivery_is_no_collateral():
    house, receipt = grain()
    held = moved(house.net.receipt(receipt), ReceiptEvent.LOCKED)
    house.world.titles.put(structs.replace(held, bound_to=b"d" * 16))

    assert is_refused(lodge(house, receipt), No.COLLATERAL_IS_LOCKED)


def test_a_lodged_receipt_of_a_member_in_default_goes_to_the_sponsor():
    house, receipt = grain()
    house.ok(lodge(house, receipt))

    def seize(number=receipt, asset="NOR"):
        return house.operator("clearing.receipt.seize", SeizeFields(number, asset))

    assert is_refused(seize(), No.CLEARING_CASE_UNKNOWN)
    house.ok(house.open_case(ANNA))
    assert is_refused(give_back(house, receipt), No.COLLATERAL_IS_NEEDED)
    assert is_refused(seize(bytes(16)), TitleRefusal.RECEIPT_NOT_FOUND)
    assert is_refused(seize(asset="SUD"), No.CLEARING_NOT_SET_UP)
    free = house.net.issue(10_000)
    assert is_refused(seize(free), No.COLLATERAL_NOT_ACCEPTED)
    outcome = house.ok(seize())
    assert (PONS, ReceiptState.ISSUED) == (
        house.net.receipt(receipt).holder,
        house.net.receipt(receipt).state,
    )
    assert [PONS] == told(outcome, "receipt_seized")
    house.check()
