"""How a default ends: the member expelled or let back; and its cash in other currencies, exchanged for its loss."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.engine.refusals import SettingRefusal
from steelyard.flows import clearing_money as money
from steelyard.flows.clearing_convert import fit
from steelyard.flows.clearing_default import ReadmitFields, StepFields
from steelyard.flows.clearing_facts import CashConverted, LossBorne, MemberJudged
from steelyard.flows.clearing_fund import MoneyFields
from steelyard.flows.clearing_reads import cases
from steelyard.flows.market_list import GroupFields
from steelyard.flows.market_money import MoneyFields as TradeMoney
from steelyard.flows.market_money import OpenFields
from steelyard.flows.market_quote import QuoteFields
from steelyard.market.clearing.house import Clearing
from steelyard.market.cross.quotes import UNBOUNDED, FirmQuote
from steelyard.market.refusals.clearing import ClearingRefusal as No
from steelyard.members.people import KEY, Actor
from steelyard.members.roles import Role
from steelyard.values.instants import DAY
from tests.flows.clearings import ANNA, ARNE, BIRK, BRAM, FOUR, HOUSE, PONS, REPORT, House, fact, told
from tests.flows.payworld import LEVR, facts, is_refused
from tests.flows.test_clearing_default import in_default, run

TRADE = "trade"


def covered(house: House, price: int = 23_000, *, ends: str = "") -> House:
    """Lead BRAM's default to where its loss has been borne; BIRK buys all its lots back at the mark."""
    run(house, price)
    house.ok(house.step("hedge"))
    house.ok(house.bid(BIRK, -6, price))
    house.ok(house.step("auction"))
    house.ok(house.step("cover"))
    if ends:
        house.ok(house.step("report", ends=ends))
    return house


def readmit(house: House, bic: str = BRAM):
    return house.operator("clearing.member.readmit", ReadmitFields(bic, REPORT))


def test_a_report_says_how_the_member_stands():
    """It is not over without; who still owes is not let back."""
    house = covered(in_default(liquidity=0))
    house.ok(house.call((next(iter(house.house.book)), 23_000)))
    nothing = StepFields(house.case_id, "report", REPORT)
    assert is_refused(house.operator("clearing.default.step", nothing), No.CLEARING_STEP_HAS_NO_PLACE)
    assert is_refused(house.step("report", ends="forgiven"), No.CLEARING_STEP_HAS_NO_PLACE)
    outcome = house.ok(house.step("report", ends="readmitted"))

    judged = fact(outcome, MemberJudged)
    assert (BRAM, "active", REPORT) == (judged.bic, judged.state, judged.report)
    assert [BRAM] == told(outcome, "member_stands")
    assert (False, False) == (house.house.members[BRAM].suspended, house.house.members[BRAM].expelled)
    assert "READMITTED" == house.house.over_cases[-1].steps[-1].event
    house.check()


def test_who_is_expelled_trades_no_more_and_takes_his_money_out():
    """What is left of his margin is his; he owes the fund no share, bears no other's loss, and does not join anew."""
    house = covered(in_default(liquidity=900_000, fund=100_000), 22_000, ends="expelled")
    member = house.house.members[BRAM]
    assert (True, True) == (member.suspended, member.expelled)
    assert No.CLEARING_MEMBER_IS_SUSPENDED is house.trade(BRAM, ANNA, 1, 22_000)
    assert is_refused(house.joined(BRAM), No.CLEARING_MEMBER_IS_SUSPENDED)
    assert is_refused(house.open_case(BRAM), No.CLEARING_MEMBER_IS_SUSPENDED)
    left = house.margin(BRAM)
    house.ok(house.withdraw(BRAM, left))
    house.ok(house.net.give("clearing.fund.take_back", MoneyFields("NOR", 60_000), BRAM))
    house.ok(house.size((("WHEAT.SEP", -900),)))
    assert BRAM not in house.house.fund["NOR"]

    house.drain(ANNA)
    house.ok(house.open_case(ANNA))
    run(house, 17_000)
    house.ok(house.step("hedge"))
    house.ok(house.bid(BIRK, 4, 17_000))
    house.ok(house.step("auction"))
    borne = fact(house.ok(house.step("cover")), LossBorne)
    assert {ARNE, BIRK} == {bic for bic, _ in borne.survivors}
    assert 40_000 == house.on(money.FUND, BRAM)
    house.check()


def test_two_people_let_a_member_back_that_was_expelled():
    house = covered(in_default(), ends="expelled")
    alone = house.net.give("clearing.member.readmit", ReadmitFields(BRAM, REPORT), HOUSE)
    assert is_refused(alone, SettingRefusal.TWO_PEOPLE_NEEDED)
    assert is_refused(readmit(house, "NOBODY00"), No.CLEARING_MEMBER_NOT_FOUND)
    assert is_refused(readmit(house, ANNA), No.CLEARING_STEP_HAS_NO_PLACE)
    assert is_refused(
        readmit(house), No.CLEARING_MARGIN_IS_SHORT
    )  # the house advanced 1,000.00 that it still owes
    house.give_cash(BRAM, 300_000)
    house.ok(house.pay_claim(BRAM))
    judged = fact(house.ok(readmit(house)), MemberJudged)

    assert (BRAM, "active") == (judged.bic, judged.state)
    house.ok(house.deposit(BRAM, 200_000))
    assert house.trade(BRAM, ANNA, 1, 23_000) is None
    house.ok(house.open_case(ANNA))
    assert is_refused(readmit(house, ANNA), No.CLEARING_CASE_IS_OPEN)
    again = Clearing.decode(house.house.encode())
    assert again.encode() == house.house.encode()


def abroad(house: House, minor: int = 300_000) -> House:
    """Let BRAM have SUD as margin; PONS and LEVR may quote."""
    house.ok(house.accept("SUD", "cash", "SUD"))
    house.give_cash(BRAM, minor, "SUD")
    house.ok(house.joined(BRAM, "SUD"))
    house.ok(house.deposit(BRAM, minor, "SUD"))
    for bic in (PONS, LEVR):
        roles = (Role.TRADER, Role.FX_PROVIDER, Role.MAKER)
        house.world.members.put_actor(Actor(f"t-{bic}", bic, KEY, roles, public_key=b"t" * 32))
        house.give_cash(bic, 900_000)
        for name, fields in (
            ("trade_account.open", OpenFields("NOR")),
            ("trade_account.deposit", TradeMoney("NOR", 900_000)),
        ):
            house.ok(house.net.give(name, fields, bic, actor=f"t-{bic}"))
    return house


def quote(house: House, provider: str, num: int, den: int, size: int, days: int = 9) -> bytes:
    """Sell NOR for SUD: `num / den` SUD for one NOR."""
    fields = QuoteFields("NOR", "SUD", num, den, size, house.net.at + days * DAY)
    outcome = house.ok(house.net.give("firm_quote.put", fields, provider, actor=f"t-{provider}"))
    return next(one.quote_id for one in facts(outcome) if type(one).__name__ == "FirmQuoteMoved")


def converted(outcome) -> list[tuple[str, int, int]]:
    return [
        (one.provider, one.paid_minor, one.got_minor)
        for one in facts(outcome)
        if isinstance(one, CashConverted)
    ]


def covers(house: House, price: int = 23_000):
    run(house, price)
    house.ok(house.step("hedge"))
    house.ok(house.bid(BIRK, -6, price))
    house.ok(house.step("auction"))
    return house.ok(house.step("cover"))


def test_foreign_cash_bears_the_loss_before_anybody_else_does():
    """1,000.00 NOR are lacking; the better quote sells 600.00 of them for 300.00 SUD, the other 400.00 for 240.00."""
    house = abroad(in_default(fund=50_000))
    house.sponsor(capital=70_000)
    quote(house, LEVR, 3, 5, 500_000)
    best = quote(house, PONS, 1, 2, 60_000)
    outcome = covers(house)

    assert [(PONS, 30_000, 60_000), (LEVR, 24_000, 40_000)] == converted(outcome)
    borne = fact(outcome, LossBorne)
    assert ("100000", 100_000, 0, 0, ()) == (
        borne.loss, borne.margin, borne.own_fund, borne.capital, borne.survivors,
    )  # fmt: skip
    assert (0, 246_000) == (house.margin(BRAM), house.on(money.MARGIN, BRAM, "SUD"))
    assert (840_000, 860_000) == (house.on(TRADE, PONS), house.on(TRADE, LEVR))
    assert (0, 460_000) == (
        house.world.books.bound_minor(PONS, "NOR"), house.world.books.bound_minor(LEVR, "NOR"),
    )  # fmt: skip
    assert 0 == house.world.books.quote(best).sell_left
    assert [PONS, LEVR] == told(outcome, "cash_converted")
    assert [("SUD", 30_000, "NOR", 60_000, PONS)] == [
        tuple(row.values()) for row in cases(house.world, (), PONS)[0]["conversions"]
    ]
    assert [] == cases(house.world, (), ANNA)[0]["conversions"]
    house.check()


@pytest.mark.parametrize("why", ["no quote", "over", "blocked", "suspended"])
def test_what_no_quote_takes_stays_his_and_is_told(why):
    """Then the layers bear the loss as they would; the cash is his, and taken out only when he owes nothing."""
    house = abroad(in_default())
    house.sponsor(capital=100_000)
    if why != "no quote":
        quote(house, PONS, 1, 2, 60_000, days=1)
    match why:
        case "over":
            house.net.at += 2 * DAY
        case "blocked":
            number = house.account(TRADE, PONS)
            assert house.world.engine.block(number, debits=True, credits=False, freeze=False) is None
        case "suspended":
            house.net.suspend(PONS)
    outcome = covers(house)

    assert [] == converted(outcome)
    assert [HOUSE] == told(outcome, "cash_is_left")
    assert (100_000, 300_000) == (fact(outcome, LossBorne).capital, house.on(money.MARGIN, BRAM, "SUD"))


@pytest.mark.parametrize("den", [179, 180])
def test_no_quote_counts_that_is_a_tenth_worse_than_the_reference_rate(den):
    """One SUD is worth 2.00 NOR: who gives 1.80 for it counts, who gives a little less does not."""
    house = abroad(in_default(fund=50_000))
    house.net.rate("SUD", "NOR", 2, 1)
    quote(house, PONS, 100, den, 100_000)

    assert (den == 180) == bool(converted(covers(house)))
    house.check()


def test_no_quote_counts_of_the_defaulters_own_group():
    """Else its sister would take its money out at any rate."""
    house = abroad(in_default(fund=50_000))
    house.ok(house.operator("market.group", GroupFields(PONS, BRAM)))
    quote(house, PONS, 1, 2, 100_000)

    assert [] == converted(covers(house))
    assert 300_000 == house.on(money.MARGIN, BRAM, "SUD")


@settings(max_examples=300, deadline=None)
@given(
    need=st.integers(1, 10**6), free=st.integers(1, 10**6), num=st.integers(1, 10**6), den=st.integers(1, 10**6),
    sell=st.integers(0, 10**6) | st.just(UNBOUNDED), buy=st.integers(0, 10**6) | st.just(UNBOUNDED),
)  # fmt: skip
def test_an_exchange_keeps_to_need_cash_and_quote_and_leaves_nothing_that_fits(
    need, free, num, den, sell, buy
):
    one = FirmQuote(1, "P", "NOR", "SUD", num, den, sell, buy, 0)
    sold, paid = fit(one, need, free)

    assert one.covers(sold, paid)
    assert (0 < sold <= need and 0 < paid <= free and paid == one.bought(sold)) or (sold, paid) == (0, 0)
    most = free if buy == UNBOUNDED else min(free, buy)
    assert sold in (need, sell) or one.sold(most) - sold <= 1 or not one.bought(sold + 1)


@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_however_cash_is_exchanged_no_currency_is_made_or_lost(data):
    """Random quotes, prices and cash: sums by currency stay, quotes are used as far as they went, claims only sink."""
    house = abroad(in_default(liquidity=900_000, fund=20_000), data.draw(st.sampled_from([1, 777, 300_000])))
    for _ in range(data.draw(st.integers(0, 3))):
        provider = data.draw(st.sampled_from([PONS, LEVR]))
        quote(
            house, provider, data.draw(st.integers(1, 9)), data.draw(st.integers(1, 9)),
            data.draw(st.sampled_from([1, 5_000, 299_999])),
        )  # fmt: skip
    before = {asset: all_of(house, asset) for asset in ("NOR", "SUD")}
    left = {no: one.sell_left for no, one in house.world.books.quotes.by_no.items()}
    outcome = covers(house, 25 * data.draw(st.integers(840, 1_000)))

    assert before == {asset: all_of(house, asset) for asset in before}
    sold = sum(left[no] - one.sell_left for no, one in house.world.books.quotes.by_no.items())
    assert sold == sum(got for _, _, got in converted(outcome))
    for provider in (PONS, LEVR):
        mine = sum(
            one.sell_left for one in house.world.books.quotes.by_no.values() if one.provider == provider
        )
        assert mine == house.world.books.bound_minor(provider, "NOR") <= house.on(TRADE, provider)
    house.check()


def all_of(house: House, asset: str) -> int:
    purposes = (money.MARGIN, money.FUND, money.CLEARING, money.LIQUIDITY, money.CAPITAL, TRADE, "fx")
    return sum(
        house.cash(bic, asset) + sum(house.on(purpose, bic, asset) for purpose in purposes)
        for bic in (*FOUR, PONS, LEVR, HOUSE)
    )
