"""Money in: once per advice, as advised, and never in silence."""

import pytest

from steelyard.engine.refusals import Refusal, SettingRefusal
from steelyard.flows.command import Code
from steelyard.flows.currency import CapFields, RulesFields
from steelyard.flows.facts import FundingMoved
from steelyard.flows.fund import AdviceFields, IssueFields, RefuseFields, RuleFields
from steelyard.flows.ledger import BlockFields
from steelyard.flows.member import MoveFields
from steelyard.flows.redeem import FundFields
from steelyard.members.refusals import MemberRefusal, MoneyRefusal
from steelyard.values.instants import DAY
from tests.members.network import BANKS, CLOSE, MEMBERS, MONDAY, done, facts, ready, refused, told

ANNA, BRAM, NOR = BANKS["anna"], BANKS["bram"], MEMBERS["NOR"]


@pytest.fixture
def net():
    return ready()


def ask(net, amount=100):
    outcome = done(net.do("k-anna", "fund", FundFields("NOR", amount)))
    return facts(outcome, FundingMoved)[0].funding


def advise(net, amount=100, advice="A1", **more):
    return net.do("k-nor", "fund.advise", AdviceFields("NOR", more.pop("to", ANNA), amount, advice, **more))


def rules(net, **more):
    done(net.agent("NOR", "currency.rules", RulesFields("NOR", True, **more)))


def states(net):
    return [(one.state.value, one.reason) for one in net.world.money.fundings.values()]


def test_asked_locked_and_issued(net):
    asked = done(net.do("k-anna", "fund", FundFields("NOR", 100)))

    assert [(NOR, "funding.asked")] == told(asked)

    outcome = done(advise(net))
    (moved,) = facts(outcome, FundingMoved)

    assert ("ISSUED", ANNA, 100) == (moved.state, moved.participant, moved.amount_minor)
    assert (100, 100) == (net.balance(ANNA, "NOR"), net.balance(NOR, "NOR", "issuer"))
    assert (ANNA, "funding.moved") in told(outcome)
    net.check()


def test_the_same_advice_twice_issues_once_and_answers_the_same(net):
    ask(net)
    first, second = advise(net), advise(net)

    assert Code.REPEATED == second.code
    assert facts(first, FundingMoved) == facts(second, FundingMoved)
    assert 100 == net.balance(ANNA, "NOR")


def test_a_repeated_advice_answers_no_second_request(net):
    """The repeat comes after another request of the same amount."""
    ask(net)
    advise(net)
    ask(net)
    advise(net)

    assert ["ISSUED", "ASKED"] == [state for state, _ in states(net)]
    assert 100 == net.balance(ANNA, "NOR")


def test_advice_is_taken(net):
    ask(net)
    done(advise(net))
    for outcome in (advise(net, 101), advise(net, to=BRAM)):
        assert refused(outcome, MoneyRefusal.ADVICE_IS_TAKEN)
    assert 100 == net.balance(ANNA, "NOR")


def test_the_advised_amount_counts_and_the_difference_is_told(net):
    funding = ask(net, 100)
    outcome = done(advise(net, 90, funding=funding))
    data = next(one.data for one in outcome.notices if one.kind == "funding.moved")

    assert 90 == net.balance(ANNA, "NOR")
    assert (90, 100) == (data[1], data[5])


def test_an_advice_answers_the_request_of_its_amount_before_an_older_one(net):
    older, newer = ask(net, 70), ask(net, 100)
    done(advise(net, 100))

    assert ("ASKED", "ISSUED") == (
        net.world.money.fundings[older].state,
        net.world.money.fundings[newer].state,
    )


def test_a_request_lapses_at_the_cut_off(net):
    """NOR takes redemptions and fundings until 12:30."""
    ask(net)
    net.wait_until(MONDAY * DAY + CLOSE - 30 * 60 * 10**9)

    assert [("LAPSED", "")] == states(net)


def test_an_advice_after_the_request_lapsed_is_one_nobody_asked_for(net):
    funding = ask(net)
    net.wait_until(MONDAY * DAY + CLOSE)
    outcome = done(advise(net, funding=funding))

    assert [("LAPSED", ""), ("LISTED", "NOT_ASKED")] == states(net)
    assert (NOR, "funding.listed") in told(outcome)
    assert 0 == net.balance(ANNA, "NOR")


def test_an_advice_nobody_asked_for_is_issued_where_the_rule_says_so(net):
    rules(net, fund_on_advice=True)
    done(advise(net))

    assert 100 == net.balance(ANNA, "NOR")


def test_above_the_rules_line_no_advice_is_issued_by_itself(net):
    rules(net, fund_on_advice=True, advice_line_minor=99)
    done(advise(net, 99, "A1"))
    done(advise(net, 100, "A2"))

    assert [("ISSUED", ""), ("LISTED", "OVER_LINE")] == states(net)


@pytest.mark.parametrize(
    ("why", "spoil"),
    [
        (
            "ISSUANCE_CAP_WOULD_BE_EXCEEDED",
            lambda net: net.agent("NOR", "currency.cap", CapFields("NOR", 99)),
        ),
        (
            "ACCOUNT_CREDITS_ARE_BLOCKED",
            lambda net: net.do("nor/1", "account.block", BlockFields(f"{ANNA}/NOR")),
        ),
        ("MEMBER_STATE_FORBIDS", lambda net: net.ops("member.suspend", MoveFields("NOR"))),
    ],
)
def test_what_may_not_be_issued_is_listed_with_its_reason(net, why, spoil):
    """The money lies outside and not here: kept, alarmed, nothing booked."""
    ask(net)
    done(spoil(net))
    outcome = done(advise(net))

    assert [("LISTED", why)] == states(net)
    assert (NOR, "funding.listed") in told(outcome)
    assert 0 == net.balance(ANNA, "NOR")


def test_an_advice_for_nobody_known_is_listed_too(net):
    done(advise(net, to="NOBODY00"))
    rules(net, fund_on_advice=True)
    done(advise(net, advice="A2", to="NOBODY00"))

    assert [("LISTED", "NOT_ASKED"), ("LISTED", "PARTICIPANT_NOT_FOUND")] == states(net)


def listed(net):
    done(advise(net))
    return next(iter(net.world.money.fundings))


def test_two_people_issue_a_listed_advice_or_pay_it_back(net):
    first = listed(net)
    done(net.agent("NOR", "fund.rule", RuleFields(first, True)))
    done(advise(net, 50, "A2"))
    second = list(net.world.money.fundings)[1]
    outcome = done(net.agent("NOR", "fund.rule", RuleFields(second, False)))

    assert ["ISSUED", "PAID_BACK"] == [state for state, _ in states(net)]
    assert (NOR, "rtgs.payback") in told(outcome)
    assert 100 == net.balance(ANNA, "NOR")


def test_one_person_rules_on_nothing(net):
    outcome = net.do("nor/1", "fund.rule", RuleFields(listed(net), True))

    assert refused(outcome, SettingRefusal.TWO_PEOPLE_NEEDED)


def test_what_still_may_not_be_issued_stays_listed(net):
    funding = listed(net)
    done(net.agent("NOR", "currency.cap", CapFields("NOR", 0)))

    assert refused(
        net.agent("NOR", "fund.rule", RuleFields(funding, True)), Refusal.ISSUANCE_CAP_WOULD_BE_EXCEEDED
    )
    assert [("LISTED", "NOT_ASKED")] == states(net)


def test_funding_not_found(net):
    """What is unknown and what is in another's currency look alike."""
    funding = listed(net)
    for asset, id in (("NOR", bytes(16)), ("SUD", funding)):
        outcome = net.agent(asset, "fund.rule", RuleFields(id, True))

        assert refused(outcome, MoneyRefusal.FUNDING_NOT_FOUND)


def test_funding_state_forbids(net):
    funding = ask(net)

    assert refused(
        net.agent("NOR", "fund.rule", RuleFields(funding, True)), MoneyRefusal.FUNDING_STATE_FORBIDS
    )
    done(advise(net))
    assert refused(
        net.do("k-nor", "fund.refuse", RefuseFields(funding, "LATE")), MoneyRefusal.FUNDING_STATE_FORBIDS
    )


def test_a_settlement_agent_turns_a_request_away(net):
    outcome = done(net.do("k-nor", "fund.refuse", RefuseFields(ask(net), "NO_LINE")))

    assert ["REFUSED"] == [fact.state for fact in facts(outcome, FundingMoved)]
    assert [("REFUSED", "NO_LINE")] == states(net)


@pytest.mark.parametrize("advice", [""])
def test_reference_is_malformed(net, advice):
    assert refused(advise(net, advice=advice), MoneyRefusal.REFERENCE_IS_MALFORMED)


@pytest.mark.parametrize(
    ("amount", "refusal"),
    [
        (0, Refusal.LEG_AMOUNT_MUST_BE_POSITIVE),
        (-1, Refusal.LEG_AMOUNT_MUST_BE_POSITIVE),
        (10**18, Refusal.LEG_AMOUNT_IS_TOO_LARGE),
    ],
)
def test_amounts_lie_between_one_and_ten_to_the_eighteenth(net, amount, refusal):
    assert refused(advise(net, amount), refusal)
    assert refused(net.do("k-anna", "fund", FundFields("NOR", amount)), refusal)


def test_a_request_needs_a_currency_an_account_and_an_active_issuer(net):
    assert refused(net.do("k-anna", "fund", FundFields("WES", 1)), MemberRefusal.CURRENCY_NOT_FOUND)
    done(net.ops("member.suspend", MoveFields("SUD")))
    assert refused(net.do("k-anna", "fund", FundFields("SUD", 1)), MemberRefusal.MEMBER_STATE_FORBIDS)


def test_issuing_by_hand_takes_two_people_above_the_line(net):
    """The line starts at 0: always."""
    fields = IssueFields("NOR", ANNA, 100, "R1")

    assert refused(net.do("nor/1", "issue", fields), SettingRefusal.TWO_PEOPLE_NEEDED)
    done(net.agent("NOR", "issue", fields))
    rules(net, issue_line_minor=100)
    done(net.do("nor/1", "issue", IssueFields("NOR", ANNA, 100, "R2")))
    assert refused(
        net.do("nor/1", "issue", IssueFields("NOR", ANNA, 101, "R3")), SettingRefusal.TWO_PEOPLE_NEEDED
    )
    assert 200 == net.balance(ANNA, "NOR")


def test_a_reference_stands_for_one_issue_by_hand_or_advice(net):
    done(net.agent("NOR", "issue", IssueFields("NOR", ANNA, 100, "R1")))

    assert refused(
        net.agent("NOR", "issue", IssueFields("NOR", ANNA, 100, "R1")), MoneyRefusal.ADVICE_IS_TAKEN
    )
    assert Code.REPEATED == advise(net, 100, "R1").code
    assert 100 == net.balance(ANNA, "NOR")


def test_request_is_taken(net):
    """An id of a request is one of the window for hours; even one far older does not begin another."""
    funding = ask(net)
    command = net.command("fund", FundFields("NOR", 5), "k-anna")
    command = type(command)(*(
        funding if name == "id" else getattr(command, name) for name in type(command).__struct_fields__
    ))  # fmt: skip
    line = net.world.entry_of("fund", 1)
    outcome = line.run(net.world, command, FundFields("NOR", 5), net.at)

    assert refused(outcome, MoneyRefusal.REQUEST_IS_TAKEN)


def test_by_hand_an_advice_takes_two_people(net):
    """A connector's key reports alone; a person who did so would issue money alone."""
    fields = AdviceFields("NOR", ANNA, 100, "A1")

    assert refused(net.do("nor/1", "fund.advise", fields), SettingRefusal.TWO_PEOPLE_NEEDED)
    done(net.agent("NOR", "fund.advise", fields))
    assert [("LISTED", "NOT_ASKED")] == states(net)


def test_nobody_but_the_currencys_own_agent_advises(net):
    outcome = net.do("k-sud", "fund.advise", AdviceFields("NOR", ANNA, 100, "A1"))

    assert refused(outcome, MemberRefusal.OBJECT_IS_NOT_YOURS)
    assert refused(
        net.do("k-anna", "fund.advise", AdviceFields("NOR", ANNA, 1, "A1")), Refusal.SENDER_HAS_NO_RIGHT
    )
