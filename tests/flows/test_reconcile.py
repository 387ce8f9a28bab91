"""A reserve account and what is issued against it, statement by statement."""

import pytest

from steelyard.engine.refusals import SettingRefusal
from steelyard.flows.command import Code
from steelyard.flows.currency import CapFields, RulesFields
from steelyard.flows.facts import ReserveCleared, ReserveStated
from steelyard.flows.fund import AdviceFields, RuleFields
from steelyard.flows.reconcile import ClearFields, StatementFields
from steelyard.flows.redeem import PayoutFields, RedeemFields
from steelyard.members.refusals import MemberRefusal, MoneyRefusal
from tests.members.network import BANKS, MEMBERS, add_member, done, facts, ready, refused, told

ANNA, NOR = BANKS["anna"], MEMBERS["NOR"]


@pytest.fixture
def net():
    net = ready()
    done(net.agent("NOR", "currency.rules", RulesFields("NOR", True, fund_on_advice=True)))
    advise(net, 1_000, "A1")
    return net


def advise(net, amount, advice):
    return done(net.do("k-nor", "fund.advise", AdviceFields("NOR", ANNA, amount, advice)))


def redeem(net, amount=100):
    done(net.do("k-anna", "redeem", RedeemFields("NOR", amount)))
    return list(net.world.money.redemptions)[-1]


def paid(net, id, amount=100):
    done(net.do("k-nor", "redeem.advise", PayoutFields(id, True, amount, "P")))


def state(net, name, closing, *items, until=None):
    until = net.at if until is None else until
    return net.do("k-nor", "reconcile", StatementFields("NOR", name, until, closing, items))


def unlike(outcome):
    (fact,) = facts(outcome, ReserveStated)
    return fact.agreed, [one[:2] for one in fact.unlike]


def test_a_statement_that_shows_what_was_booked_agrees(net):
    id = redeem(net)
    paid(net, id)
    outcome = done(state(net, "S1", 900, ("A1", 1_000), (id.hex(), -100)))

    assert (True, []) == unlike(outcome)
    assert [] == told(outcome)
    assert ({}, {}) == (net.world.money.ours["NOR"], net.world.money.theirs["NOR"])


def test_the_next_statement_shows_only_what_came_since(net):
    done(state(net, "S1", 1_000, ("A1", 1_000)))
    advise(net, 50, "A2")

    assert (True, []) == unlike(done(state(net, "S2", 1_050, ("A2", 50))))


def test_a_payout_whose_advice_crosses_the_statement_is_explained_and_found_again(net):
    id = redeem(net)

    assert (True, []) == unlike(done(state(net, "S1", 900, ("A1", 1_000), (id.hex(), -100))))

    paid(net, id)

    assert (True, []) == unlike(done(state(net, "S2", 900)))


def test_a_listed_advice_is_explained_and_found_again_when_issued(net):
    done(net.agent("NOR", "currency.rules", RulesFields("NOR", True)))
    advise(net, 70, "A2")

    assert (True, []) == unlike(done(state(net, "S1", 1_070, ("A1", 1_000), ("A2", 70))))

    done(net.agent("NOR", "fund.rule", RuleFields(list(net.world.money.fundings)[-1], True)))

    assert (True, []) == unlike(done(state(net, "S2", 1_070)))


def test_a_listed_advice_paid_back_shows_twice_and_agrees(net):
    done(net.agent("NOR", "currency.rules", RulesFields("NOR", True)))
    advise(net, 70, "A2")
    id = list(net.world.money.fundings)[-1]
    done(net.agent("NOR", "fund.rule", RuleFields(id, False)))
    outcome = done(state(net, "S1", 1_000, ("A1", 1_000), ("A2", 70), (id.hex(), -70)))

    assert (True, []) == unlike(outcome)


def test_what_was_booked_after_the_statement_ends_waits_for_the_next(net):
    until = net.at
    advise(net, 50, "A2")

    assert (True, []) == unlike(done(state(net, "S1", 1_000, ("A1", 1_000), until=until)))
    assert (True, []) == unlike(done(state(net, "S2", 1_050, ("A2", 50))))


@pytest.mark.parametrize(
    ("closing", "items", "why"),
    [
        (1_007, [("A1", 1_000), ("X9", 7)], [("UNKNOWN_ITEM", "X9")]),
        (990, [("A1", 990)], [("AMOUNT_DIFFERS", "A1")]),
        (0, [], [("MISSING_THERE", "A1")]),
        (1_001, [("A1", 1_000)], [("CLOSING_DIFFERS", "S1")]),
        (1_009, [("A1", 1_000), ("ff", 7)], [("UNKNOWN_ITEM", "ff"), ("CLOSING_DIFFERS", "S1")]),
    ],
)
def test_a_difference_alarms_and_stops_issuing_until_two_people_clear_it(net, closing, items, why):
    outcome = done(state(net, "S1", closing, *items))

    assert (False, why) == unlike(outcome)
    assert [(NOR, "reserve.differs")] * len(why) == told(outcome)

    advise(net, 5, "A2")

    assert "ISSUING_IS_STOPPED" == list(net.world.money.fundings.values())[-1].reason
    assert refused(
        net.do("nor/1", "reconcile.clear", ClearFields("NOR", "SEEN")), SettingRefusal.TWO_PEOPLE_NEEDED
    )

    (cleared,) = facts(done(net.agent("NOR", "reconcile.clear", ClearFields("NOR", "SEEN"))), ReserveCleared)

    assert ("NOR", len(why), "SEEN") == (cleared.asset, cleared.count, cleared.reason)
    assert {} == net.world.money.stopped

    follows = done(state(net, "S2", closing + 5, ("A2", 5)))

    assert (True, []) == unlike(follows)  # what was ruled on counts as right from there on


def test_issuing_is_stopped_for_issues_by_hand_too(net):
    from steelyard.flows.fund import IssueFields

    done(state(net, "S1", 5))

    assert refused(
        net.agent("NOR", "issue", IssueFields("NOR", ANNA, 1, "R1")), MoneyRefusal.ISSUING_IS_STOPPED
    )


def test_redeeming_goes_on_while_issuing_is_stopped(net):
    done(state(net, "S1", 5))

    assert Code.DONE == net.do("k-anna", "redeem", RedeemFields("NOR", 1)).code


def test_by_its_own_rule_a_currency_is_alarmed_but_not_stopped(net):
    done(net.agent("NOR", "currency.rules", RulesFields("NOR", True, stop_on_difference=False)))
    outcome = done(state(net, "S1", 5))

    assert (NOR, "reserve.differs") in told(outcome)
    assert {} == net.world.money.stopped


def test_a_difference_that_stays_is_alarmed_once(net):
    done(state(net, "S1", 1_007, ("A1", 1_000), ("X9", 7)))
    advise(net, 5, "A2")
    outcome = done(state(net, "S2", 1_012, ("A2", 5)))

    assert (True, []) == unlike(outcome)
    assert [] == told(outcome)


def test_statement_is_taken(net):
    done(state(net, "S1", 1_000, ("A1", 1_000)))

    assert refused(state(net, "S1", 1_000, ("A1", 1_000)), MoneyRefusal.STATEMENT_IS_TAKEN)


def test_nothing_to_clear(net):
    assert refused(
        net.agent("NOR", "reconcile.clear", ClearFields("NOR", "X")), MoneyRefusal.NOTHING_TO_CLEAR
    )


def test_a_statement_has_a_reference_and_an_account(net):
    assert refused(state(net, "", 1_000), MoneyRefusal.REFERENCE_IS_MALFORMED)
    add_member(net, "WES", "STAGWES0")
    net.world.members.accounts.drop("issuer", "STAGWES0", "WES")
    outcome = net.do("k-wes", "reconcile", StatementFields("WES", "S1", net.at, 0))

    assert refused(outcome, MemberRefusal.MEMBER_STATE_FORBIDS)


def test_nobody_reconciles_anothers_currency(net):
    outcome = net.do("k-sud", "reconcile", StatementFields("NOR", "S1", net.at, 0))

    assert refused(outcome, MemberRefusal.OBJECT_IS_NOT_YOURS)


def test_more_may_be_issued_than_a_column_of_64_bits_holds(net):
    """The statement cannot say so: it differs, and the alarm is all that comes of it."""
    done(net.agent("NOR", "currency.cap", CapFields("NOR", 2**64 - 1)))
    for number in range(12):
        advise(net, 10**18 - 1, f"B{number}")
    outcome = done(state(net, "S1", 2**62, until=0))
    (fact,) = facts(outcome, ReserveStated)

    assert (False, str(12 * (10**18 - 1) + 1_000)) == (fact.agreed, fact.issued_minor)
    assert net.world.section("money")
