"""Money out: reserved, ordered, settled or given back by what the RTGS says, and by nothing else."""

import pytest

from steelyard.engine.refusals import Refusal, SettingRefusal
from steelyard.flows.command import Code
from steelyard.flows.currency import RulesFields
from steelyard.flows.facts import RedemptionMoved
from steelyard.flows.fund import AdviceFields
from steelyard.flows.member import MoveFields
from steelyard.flows.redeem import NamedFields, PayoutFields, RedeemFields, RuleFields
from steelyard.members.refusals import MemberRefusal, MoneyRefusal
from steelyard.values.instants import DAY, HOUR, MINUTE
from tests.members.network import BANKS, CLOSE, MEMBERS, MONDAY, OPEN, done, facts, ready, refused, told

ANNA, NOR = BANKS["anna"], MEMBERS["NOR"]
CUT_OFF = MONDAY * DAY + CLOSE - 30 * MINUTE
TUESDAY = (MONDAY + 1) * DAY + OPEN


@pytest.fixture
def net():
    net = ready()
    done(net.agent("NOR", "currency.rules", RulesFields("NOR", True, fund_on_advice=True)))
    done(net.do("k-nor", "fund.advise", AdviceFields("NOR", ANNA, 1_000, "A1")))
    return net


def redeem(net, amount=100):
    outcome = done(net.do("k-anna", "redeem", RedeemFields("NOR", amount)))
    return facts(outcome, RedemptionMoved)[0].redemption


def say(net, id, paid=True, amount=100, payout="P1", reason=""):
    return net.do("k-nor", "redeem.advise", PayoutFields(id, paid, amount, payout if paid else "", reason))


def state(net, id):
    return net.world.money.redemptions[id].state.value


def moved(outcome):
    return [fact.state for fact in facts(outcome, RedemptionMoved)]


def test_inside_hours_reserved_and_ordered_in_one_command(net):
    outcome = done(net.do("k-anna", "redeem", RedeemFields("NOR", 100)))
    order = next(one for one in outcome.notices if one.kind == "rtgs.payout")

    assert ["RESERVED", "INSTRUCTED"] == moved(outcome)
    assert (NOR, ("NOR", 100, ANNA)) == (order.recipient, order.data[:3])
    assert (1_000, 900) == (net.balance(ANNA, "NOR"), net.available(ANNA, "NOR"))
    net.check()


def test_paid_settles_and_takes_the_money_off_both_sides(net):
    id = redeem(net)
    outcome = done(say(net, id))

    assert ["SETTLED"] == moved(outcome)
    assert (900, 900) == (net.balance(ANNA, "NOR"), net.balance(NOR, "NOR", "issuer"))
    net.check()


def test_refused_by_the_rtgs_gives_it_back(net):
    id = redeem(net)
    outcome = done(say(net, id, paid=False, reason="AC04"))
    (fact,) = facts(outcome, RedemptionMoved)

    assert ("RELEASED", "AC04") == (fact.state, fact.reason)
    assert (1_000, 1_000) == (net.balance(ANNA, "NOR"), net.available(ANNA, "NOR"))


def test_outside_hours_it_is_reserved_and_ordered_when_they_begin(net):
    net.wait_until(CUT_OFF)
    id = redeem(net)

    assert ("RESERVED", 900) == (state(net, id), net.available(ANNA, "NOR"))

    net.wait_until(TUESDAY - 1)

    assert "RESERVED" == state(net, id)

    outcomes = net.wait_until(TUESDAY)

    assert "INSTRUCTED" == state(net, id)
    assert (NOR, "rtgs.payout") in [one for outcome in outcomes for one in told(outcome)]


def test_only_what_is_not_yet_ordered_is_withdrawn(net):
    net.wait_until(CUT_OFF)
    id = redeem(net)
    done(net.do("k-anna", "redeem.withdraw", NamedFields(id)))

    assert ("RELEASED", 1_000) == (state(net, id), net.available(ANNA, "NOR"))

    net.wait_until(TUESDAY)

    assert "RELEASED" == state(net, id)


def test_redemption_state_forbids(net):
    id = redeem(net)

    assert refused(
        net.do("k-anna", "redeem.withdraw", NamedFields(id)), MoneyRefusal.REDEMPTION_STATE_FORBIDS
    )
    assert refused(
        net.agent("NOR", "redeem.rule", RuleFields(id, True, "S1")), MoneyRefusal.REDEMPTION_STATE_FORBIDS
    )


def test_silence_releases_nothing(net):
    """30 minutes inside hours: overdue, asked about every 10 minutes inside hours, days on end."""
    begun = net.at
    id = redeem(net)
    outcomes = net.wait_until(begun + 30 * MINUTE + 1)

    assert ["OVERDUE"] == [one for outcome in outcomes for one in moved(outcome)]
    assert {(NOR, "rtgs.query"), (NOR, "redemption.overdue"), (ANNA, "redemption.moved")} == {
        one for outcome in outcomes for one in told(outcome)
    }

    outcomes = net.wait_until(CUT_OFF)
    first_day = net.world.money.redemptions[id].queries

    assert 4 * 6 - 1 == first_day  # 08:30 to 12:30, every ten minutes, the last due at the cut-off itself

    net.wait(7 * DAY)

    assert ("OVERDUE", 900) == (state(net, id), net.available(ANNA, "NOR"))
    net.check()


def test_the_clock_of_an_order_stands_still_outside_hours(net):
    """Ordered 10 minutes before the cut-off, overdue 20 minutes into the next day."""
    net.wait_until(CUT_OFF - 10 * MINUTE)
    begun = net.at
    id = redeem(net)
    due = TUESDAY + 30 * MINUTE - (CUT_OFF - begun)
    net.wait_until(due - 1)

    assert "INSTRUCTED" == state(net, id)

    net.wait_until(due)

    assert "OVERDUE" == state(net, id)


@pytest.mark.parametrize(("paid", "after", "left"), [(True, "SETTLED", 900), (False, "RELEASED", 1_000)])
def test_a_late_advice_ends_an_overdue_redemption(net, paid, after, left):
    id = redeem(net)
    net.wait(2 * HOUR)
    done(say(net, id, paid=paid))

    assert (after, left) == (state(net, id), net.balance(ANNA, "NOR"))


@pytest.mark.parametrize(("paid", "after", "left"), [(True, "SETTLED", 900), (False, "RELEASED", 1_000)])
def test_two_people_rule_on_an_overdue_one_and_name_the_statement(net, paid, after, left):
    id = redeem(net)
    net.wait(HOUR)

    assert refused(
        net.do("nor/1", "redeem.rule", RuleFields(id, paid, "S1")), SettingRefusal.TWO_PEOPLE_NEEDED
    )
    assert refused(
        net.agent("NOR", "redeem.rule", RuleFields(id, paid, "")), MoneyRefusal.REFERENCE_IS_MALFORMED
    )

    outcome = done(net.agent("NOR", "redeem.rule", RuleFields(id, paid, "S1")))

    assert (after, left) == (state(net, id), net.balance(ANNA, "NOR"))
    assert ["S1"] == [fact.reason for fact in facts(outcome, RedemptionMoved)]


@pytest.mark.parametrize("paid", [True, False])
def test_the_same_word_twice_changes_nothing(net, paid):
    id = redeem(net)
    done(say(net, id, paid=paid))
    before = net.world.engine.encode(), net.world.money.encode()
    again = say(net, id, paid=paid)

    assert Code.REPEATED == again.code
    assert before == (net.world.engine.encode(), net.world.money.encode())


@pytest.mark.parametrize(
    ("first", "why"), [(True, "REFUSED_AFTER_SETTLEMENT"), (False, "PAID_AFTER_RELEASE")]
)
def test_what_contradicts_a_final_state_books_nothing_and_stops_issuing(net, first, why):
    id = redeem(net)
    done(say(net, id, paid=first))
    before = net.world.engine.encode()
    outcome = done(say(net, id, paid=not first, payout="P2"))

    assert before == net.world.engine.encode()
    assert why == net.world.money.stopped["NOR"]
    assert (NOR, "reserve.differs") in told(outcome)

    done(net.do("k-nor", "fund.advise", AdviceFields("NOR", ANNA, 5, "A2")))

    assert "ISSUING_IS_STOPPED" == list(net.world.money.fundings.values())[-1].reason


def test_a_contradiction_is_noted_once(net):
    id = redeem(net)
    done(say(net, id, paid=True))
    outcomes = [done(say(net, id, paid=False)) for _ in range(3)]

    assert [1, 0, 0] == [told(outcome).count((NOR, "reserve.differs")) for outcome in outcomes]
    assert 1 == len(net.world.money.unlike)


def test_another_amount_paid_out_books_nothing_until_people_rule(net):
    id = redeem(net)
    outcome = done(say(net, id, amount=90))

    assert ("OVERDUE", "PAYOUT_AMOUNT_DIFFERS") == (state(net, id), net.world.money.stopped["NOR"])
    assert (1_000, 900) == (net.balance(ANNA, "NOR"), net.available(ANNA, "NOR"))
    assert {(NOR, "reserve.differs"), (NOR, "rtgs.query")} <= set(told(outcome))

    done(net.agent("NOR", "redeem.rule", RuleFields(id, True, "S1")))

    assert 900 == net.balance(ANNA, "NOR")


def test_paid_before_it_was_ordered_is_never_ordered_again(net):
    """Else the money would leave twice."""
    net.wait_until(CUT_OFF)
    id = redeem(net)
    outcome = done(say(net, id))

    assert "OVERDUE" == state(net, id)
    assert (NOR, "rtgs.payout") not in told(outcome)

    later = [one for outcome in net.wait(2 * DAY) for one in told(outcome)]

    assert (NOR, "rtgs.payout") not in later


def test_refused_before_it_was_ordered_makes_no_sense(net):
    net.wait_until(CUT_OFF)

    assert refused(say(net, redeem(net), paid=False), MoneyRefusal.REDEMPTION_STATE_FORBIDS)


def test_redemption_not_found(net):
    """What is unknown and what is in another's currency, or another's own, look alike."""
    net.wait_until(CUT_OFF)
    id = redeem(net)
    for outcome in (
        say(net, bytes(16)),
        net.do("k-sud", "redeem.advise", PayoutFields(id, True, 100, "P1")),
        net.do("k-bram", "redeem.withdraw", NamedFields(id)),
    ):
        assert refused(outcome, MoneyRefusal.REDEMPTION_NOT_FOUND)


def test_a_paid_advice_bears_a_reference(net):
    assert refused(say(net, redeem(net), payout=""), MoneyRefusal.REFERENCE_IS_MALFORMED)


@pytest.mark.parametrize("amount", [1_001, 10**18])
def test_more_than_there_is_is_refused_and_leaves_nothing(net, amount):
    before = net.world.engine.encode(), net.world.money.encode()
    outcome = net.do("k-anna", "redeem", RedeemFields("NOR", amount))

    assert outcome.refusal in (Refusal.LIQUIDITY_IS_SHORT.code, Refusal.LEG_AMOUNT_IS_TOO_LARGE.code)
    assert before == (net.world.engine.encode(), net.world.money.encode())


def test_a_redemption_needs_a_currency_and_an_account(net):
    assert refused(net.do("k-anna", "redeem", RedeemFields("WES", 1)), MemberRefusal.CURRENCY_NOT_FOUND)
    net.world.members.accounts.drop("settlement", ANNA, "SUD")
    assert refused(net.do("k-anna", "redeem", RedeemFields("SUD", 1)), Refusal.ACCOUNT_NOT_FOUND)


def test_a_suspended_members_currency_still_pays_out_to_other_members_banks(net):
    done(net.do("k-nor", "fund.advise", AdviceFields("NOR", BANKS["bram"], 50, "A2")))
    done(net.ops("member.suspend", MoveFields("NOR")))

    assert refused(net.do("k-anna", "redeem", RedeemFields("NOR", 1)), MemberRefusal.MEMBER_STATE_FORBIDS)
    done(net.do("k-bram", "redeem", RedeemFields("NOR", 50)))


def test_an_open_redemption_survives_a_snapshot(net):
    id = redeem(net)
    again = type(net)(net.world.decode(dict(net.world.sections())))
    again.at, again.number = net.at, net.number
    again.wait(HOUR)
    done(say(again, id))

    assert "SETTLED" == state(again, id)
