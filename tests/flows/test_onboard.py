"""Members and participants from nothing to ACTIVE and out again, by data and commands alone."""

import pytest

from steelyard.engine.accounts import AccountKind
from steelyard.engine.refusals import Refusal, SettingRefusal
from steelyard.flows.calendar import CalendarFields
from steelyard.flows.choose import CurrenciesFields, SettingsFields
from steelyard.flows.command import Code
from steelyard.flows.currency import CapFields, RulesFields
from steelyard.flows.facts import AccountOpened, AssetOpened, MemberMoved, ParticipantMoved
from steelyard.flows.fund import AdviceFields
from steelyard.flows.member import MemberFields, MoveFields
from steelyard.flows.onboard import ApplyFields, CloseFields
from steelyard.flows.onboard import MoveFields as BankFields
from steelyard.flows.person import PersonFields
from steelyard.flows.redeem import PayoutFields, RedeemFields
from steelyard.members.members import MemberState
from steelyard.members.participants import ParticipantState
from steelyard.members.refusals import MemberRefusal
from steelyard.members.roles import Role
from tests.members.network import (
    BANKS,
    MEMBERS,
    MONDAY,
    Net,
    add_bank,
    add_member,
    done,
    facts,
    genesis,
    ready,
    refused,
    rows,
)

ANNA, BRAM = BANKS["anna"], BANKS["bram"]


@pytest.fixture
def net():
    return ready()


def member(code="WES", asset="WES", agent="STAGWES0", name="West", scale=2, **more):
    return MemberFields(code, name, asset, scale, agent, **more)


def bank(bic="EVAXNOR0", of="NOR", name="Eva", **more):
    return ApplyFields(bic, of, name, **more)


# Members


def test_an_eleventh_member_comes_in_at_run_time_and_trades_at_once(net):
    """Data plus commands, no restart: member, calendar, cap, bank, money in, money out."""
    add_member(net, "WES", "STAGWES0", cap=1_000)
    add_bank(net, "wim", "WIMXWES0", "WES")
    done(net.do("k-wes", "fund.advise", AdviceFields("WES", "WIMXWES0", 700, "A1")))

    assert 0 == net.balance("WIMXWES0", "WES")  # nobody asked, and the rule is off

    done(net.agent("WES", "currency.rules", RulesFields("WES", True, fund_on_advice=True)))
    done(net.do("k-wes", "fund.advise", AdviceFields("WES", "WIMXWES0", 700, "A2")))
    outcome = done(net.do("k-wim", "redeem", RedeemFields("WES", 200)))
    redemption = next(iter(net.world.money.redemptions))
    done(net.do("k-wes", "redeem.advise", PayoutFields(redemption, True, 200, "P1")))

    assert 500 == net.balance("WIMXWES0", "WES")
    assert ("STAGWES0", "rtgs.payout") in [(one.recipient, one.kind) for one in outcome.notices]
    net.check()


def test_a_member_opens_its_book_when_it_is_configured():
    net = Net()
    done(genesis(net))
    done(net.ops("member.propose", member()))
    for n in ("1", "2"):
        done(net.ops("person.add", PersonFields(f"p-wes-{n}", "STAGWES0", (Role.SETTLEMENT_AGENT,))))
    done(net.agent("WES", "calendar.amend", CalendarFields("WES", 1, net.at, 0, rows())))
    outcome = done(net.ops("member.configure", MoveFields("WES")))
    (opened,) = facts(outcome, AssetOpened)

    assert ("WES", 2, "STAGWES0") == (opened.code, opened.scale, opened.issuer)
    assert ["STAGWES0/WES/issuer", "operator/WES/residual", "operator/WES/fee"] == [
        fact.name for fact in facts(outcome, AccountOpened)
    ]
    assert ["CONFIGURED"] == [fact.state for fact in facts(outcome, MemberMoved)]


def test_a_new_members_cap_is_zero_until_it_sets_one():
    net = Net()
    done(genesis(net))
    add_member(net, "WES", "STAGWES0", cap=0)
    add_bank(net, "wim", "WIMXWES0", "WES")
    done(net.agent("WES", "currency.rules", RulesFields("WES", True, fund_on_advice=True)))
    done(net.do("k-wes", "fund.advise", AdviceFields("WES", "WIMXWES0", 1, "A1")))
    (listed,) = net.world.money.fundings.values()

    assert ("LISTED", "ISSUANCE_CAP_WOULD_BE_EXCEEDED") == (listed.state, listed.reason)


@pytest.mark.parametrize(
    "fields",
    [
        member(code=""),
        member(code="wes"),
        member(code="W"),
        member(asset="we"),
        member(asset="WES/X"),
        member(name=""),
        member(name="x" * 141),
        member(scale=-1),
        member(scale=10),
    ],
)
def test_name_is_malformed(net, fields):
    assert refused(net.ops("member.propose", fields), MemberRefusal.NAME_IS_MALFORMED)


@pytest.mark.parametrize("bic", ["", "STAG", "STAGWES0XXX", "stagwes0"])
def test_bic_is_malformed(net, bic):
    assert refused(net.ops("member.propose", member(agent=bic)), MemberRefusal.BIC_IS_MALFORMED)
    assert refused(net.ops("participant.apply", bank(bic)), MemberRefusal.BIC_IS_MALFORMED)


@pytest.mark.parametrize(
    "fields", [member(code="NOR"), member(asset="NOR"), member(agent=MEMBERS["NOR"]), member(agent=ANNA)]
)
def test_member_is_taken(net, fields):
    assert refused(net.ops("member.propose", fields), MemberRefusal.MEMBER_IS_TAKEN)


def test_member_not_found(net):
    for name in ("configure", "activate", "suspend", "lift", "leave", "close"):
        assert refused(net.ops(f"member.{name}", MoveFields("WES")), MemberRefusal.MEMBER_NOT_FOUND)
    assert refused(net.ops("participant.apply", bank(of="WES")), MemberRefusal.MEMBER_NOT_FOUND)


def test_member_state_forbids(net):
    """Every step that the table has no place for, from every state."""
    names = {
        "configure": "CONFIGURE", "activate": "ACTIVATE", "suspend": "SUSPEND", "lift": "LIFT", "leave": "LEAVE",
        "close": "CLOSE",
    }  # fmt: skip
    from steelyard.members.members import MEMBER_STEPS, MemberEvent

    for state in MemberState:
        for name, event in names.items():
            net.world.members.members["NOR"].state = state
            if MemberEvent(event) in MEMBER_STEPS[state]:
                continue
            outcome = net.ops(f"member.{name}", MoveFields("NOR"))

            assert refused(outcome, MemberRefusal.MEMBER_STATE_FORBIDS), (state, name)


def test_member_is_not_complete(net):
    """Without calendar, with one that is too short, without its packs."""
    done(net.ops("member.propose", member(packs=(("product", "people"),))))

    assert refused(net.ops("member.configure", MoveFields("WES")), MemberRefusal.MEMBER_IS_NOT_COMPLETE)

    for n in ("1", "2"):
        done(net.ops("person.add", PersonFields(f"p-wes-{n}", "STAGWES0", (Role.SETTLEMENT_AGENT,))))
    done(net.agent("WES", "calendar.amend", CalendarFields("WES", 1, net.at, 0, rows())))

    assert refused(net.ops("member.configure", MoveFields("WES")), MemberRefusal.MEMBER_IS_NOT_COMPLETE)


def test_a_suspended_members_participants_keep_their_own_state_beneath(net):
    done(net.ops("member.suspend", MoveFields("NOR", "AUDIT")))
    anna = net.world.members.participants[ANNA]

    assert (ParticipantState.ACTIVE, False, False) == (anna.state, anna.sends, anna.receives)
    assert (True, True) == (
        net.world.members.participants[BRAM].sends,
        net.world.members.participants[BRAM].receives,
    )

    done(net.ops("member.lift", MoveFields("NOR")))

    assert (True, True) == (anna.sends, anna.receives)


def test_a_member_leaves_with_its_participants_and_closes_after_them(net):
    done(net.ops("participant.apply", bank()))
    done(net.ops("member.leave", MoveFields("NOR")))

    assert ("LEAVING", "CLOSED") == (
        net.world.members.participants[ANNA].state,
        net.world.members.participants["EVAXNOR0"].state,
    )
    assert refused(net.ops("member.close", MoveFields("NOR")), MemberRefusal.MEMBER_HAS_PARTICIPANTS)

    done(net.ops("participant.close", CloseFields(ANNA, b"s" * 32)))
    done(net.ops("member.close", MoveFields("NOR")))

    assert MemberState.CLOSED is net.world.members.members["NOR"].state
    net.check()


def test_a_member_closes_when_nobody_holds_its_currency(net):
    """A bank of another member still has some."""
    done(net.agent("NOR", "currency.rules", RulesFields("NOR", True, fund_on_advice=True)))
    done(net.do("k-nor", "fund.advise", AdviceFields("NOR", BRAM, 50, "A1")))
    done(net.ops("member.leave", MoveFields("NOR")))
    done(net.ops("participant.close", CloseFields(ANNA, b"s" * 32)))

    assert refused(net.ops("member.close", MoveFields("NOR")), SettingRefusal.ASSET_IS_NOT_EMPTY)

    done(net.do("k-bram", "redeem", RedeemFields("NOR", 50)))
    redemption = next(iter(net.world.money.redemptions))
    done(net.do("k-nor", "redeem.advise", PayoutFields(redemption, True, 50, "P1")))
    done(net.ops("member.close", MoveFields("NOR")))

    assert "revoked" == net.world.members.actors["p-nor-1"].state


def test_member_has_participants(net):
    done(net.ops("member.leave", MoveFields("NOR")))

    assert refused(net.ops("member.close", MoveFields("NOR")), MemberRefusal.MEMBER_HAS_PARTICIPANTS)


def test_a_cap_lowered_below_what_is_out_stops_new_issues_only(net):
    done(net.agent("NOR", "currency.rules", RulesFields("NOR", True, fund_on_advice=True)))
    done(net.do("k-nor", "fund.advise", AdviceFields("NOR", ANNA, 500, "A1")))
    done(net.agent("NOR", "currency.cap", CapFields("NOR", 100)))
    done(net.do("k-nor", "fund.advise", AdviceFields("NOR", ANNA, 1, "A2")))

    assert 500 == net.balance(ANNA, "NOR")
    assert ["ISSUED", "LISTED"] == [one.state for one in net.world.money.fundings.values()]


def test_currency_not_found(net):
    assert refused(net.agent("NOR", "currency.cap", CapFields("WES", 1)), MemberRefusal.CURRENCY_NOT_FOUND)
    assert refused(net.ops("participant.apply", bank(currencies=("WES",))), MemberRefusal.CURRENCY_NOT_FOUND)
    assert refused(
        net.do("k-anna", "participant.ask", CurrenciesFields(("WES",))), MemberRefusal.CURRENCY_NOT_FOUND
    )
    assert refused(
        net.do("k-anna", "participant.choose", SettingsFields(accepts_minor=(("WES", 1),))),
        MemberRefusal.CURRENCY_NOT_FOUND,
    )


def test_object_is_not_yours(net):
    """A settlement agent's rights end with its currency and its member."""
    fields = [
        ("currency.cap", CapFields("SUD", 1)),
        ("currency.rules", RulesFields("SUD", True)),
        ("participant.apply", bank(of="SUD")),
        ("calendar.amend", CalendarFields("SUD", 2, net.at, 0, rows())),
    ]
    for name, wanted in fields:
        assert refused(net.agent("NOR", name, wanted), MemberRefusal.OBJECT_IS_NOT_YOURS)
    assert refused(net.agent("NOR", "participant.suspend", _suspend(BRAM)), MemberRefusal.OBJECT_IS_NOT_YOURS)


def _suspend(bic):
    from steelyard.flows.suspend import SuspendFields

    return SuspendFields(bic)


# Participants


def test_a_bank_comes_in_step_by_step_and_has_its_accounts_when_active(net):
    states = []
    for name, fields in (
        ("participant.apply", bank(currencies=("SUD", "OST"))),
        ("person.add", PersonFields("p-eva-maker", "EVAXNOR0", (Role.MAKER,))),
        ("participant.admit", BankFields("EVAXNOR0")),
        ("participant.let_in", BankFields("EVAXNOR0")),
    ):
        outcome = done(net.agent("NOR", name, fields) if name != "person.add" else net.ops(name, fields))
        states += [fact.state for fact in facts(outcome, ParticipantMoved)]

    assert ["APPLIED", "TESTING", "ACTIVE"] == states
    assert [
        "EVAXNOR0/NOR", "EVAXNOR0/NOR/suspense", "EVAXNOR0/OST", "EVAXNOR0/OST/suspense", "EVAXNOR0/SUD",
        "EVAXNOR0/SUD/suspense",
    ] == [fact.name for fact in facts(outcome, AccountOpened)]  # fmt: skip


def test_a_provider_has_fx_accounts_or_deals_from_settlement_by_choice(net):
    add_bank(net, "pia", "PIAXNOR0", "NOR", provider=True)
    add_bank(net, "pol", "POLXNOR0", "NOR", provider=True, fx_on_settlement=True)
    members = net.world.members

    assert members.accounts.get("fx", "PIAXNOR0", "SUD") == members.fx_account("PIAXNOR0", "SUD")
    assert members.accounts.get("fx", "POLXNOR0", "SUD") is None
    assert members.settlement_account("POLXNOR0", "SUD") == members.fx_account("POLXNOR0", "SUD")


def test_a_currency_opens_to_those_its_settlement_agent_allows(net):
    """Asked for first, opened when allowed."""
    done(net.agent("SUD", "currency.rules", RulesFields("SUD", False)))
    add_bank(net, "eva", "EVAXNOR0", "NOR")

    assert net.world.members.settlement_account("EVAXNOR0", "SUD") is None

    outcome = done(net.agent("SUD", "currency.rules", RulesFields("SUD", False, ("EVAXNOR0",))))

    assert ["EVAXNOR0/SUD", "EVAXNOR0/SUD/suspense"] == [fact.name for fact in facts(outcome, AccountOpened)]


def test_a_participant_asks_for_a_currency_later(net):
    add_bank(net, "eva", "EVAXNOR0", "NOR", currencies=())
    outcome = done(net.do("k-eva", "participant.ask", CurrenciesFields(("OST",))))

    assert ["EVAXNOR0/OST", "EVAXNOR0/OST/suspense"] == [fact.name for fact in facts(outcome, AccountOpened)]


def test_rules_name_participants_only(net):
    outcome = net.agent("SUD", "currency.rules", RulesFields("SUD", False, ("NOBODY00",)))

    assert refused(outcome, MemberRefusal.PARTICIPANT_NOT_FOUND)


def test_participant_not_found(net):
    for name in ("admit", "let_in", "refuse", "withdraw"):
        outcome = net.ops(f"participant.{name}", BankFields("NOBODY00"))

        assert refused(outcome, MemberRefusal.PARTICIPANT_NOT_FOUND)
    assert refused(
        net.do("nor/1", "participant.choose", SettingsFields()), MemberRefusal.PARTICIPANT_NOT_FOUND
    )


@pytest.mark.parametrize("bic", [ANNA, MEMBERS["NOR"]])
def test_participant_is_taken(net, bic):
    assert refused(net.ops("participant.apply", bank(bic)), MemberRefusal.PARTICIPANT_IS_TAKEN)


def test_participant_state_forbids(net):
    """What the table has no place for, from every state."""
    from steelyard.members.participants import PARTICIPANT_STEPS, ParticipantEvent

    events = {"admit": "ADMITTED", "refuse": "REFUSED", "let_in": "PASSED", "withdraw": "WITHDRAWN"}
    for state in ParticipantState:
        net.world.members.participants[ANNA].state = state
        for name, event in events.items():
            if ParticipantEvent(event) in PARTICIPANT_STEPS[state]:
                continue
            outcome = net.ops(f"participant.{name}", BankFields(ANNA))

            assert refused(outcome, MemberRefusal.PARTICIPANT_STATE_FORBIDS), (state, name)


def test_participant_has_no_key(net):
    done(net.ops("participant.apply", bank()))

    assert refused(net.ops("participant.admit", BankFields("EVAXNOR0")), MemberRefusal.PARTICIPANT_HAS_NO_KEY)


def test_a_bank_is_let_in_only_under_an_active_member(net):
    done(net.ops("participant.apply", bank()))
    done(net.ops("person.add", PersonFields("p-eva", "EVAXNOR0", (Role.MAKER,))))
    done(net.ops("participant.admit", BankFields("EVAXNOR0")))
    done(net.ops("member.suspend", MoveFields("NOR")))

    assert refused(net.ops("participant.let_in", BankFields("EVAXNOR0")), MemberRefusal.MEMBER_STATE_FORBIDS)


def test_lei_is_malformed(net):
    wrong, right = "529900T8BM49AURSDO56", "529900T8BM49AURSDO55"

    assert refused(net.ops("participant.apply", bank(lei=wrong)), MemberRefusal.LEI_IS_MALFORMED)
    done(net.ops("participant.apply", bank(lei=right)))


def test_who_is_turned_away_is_closed_and_its_people_with_it(net):
    done(net.ops("participant.apply", bank()))
    done(net.ops("person.add", PersonFields("p-eva", "EVAXNOR0", (Role.MAKER,))))
    done(net.ops("participant.refuse", BankFields("EVAXNOR0", "NO_LICENCE")))

    assert ("CLOSED", "revoked") == (
        net.world.members.participants["EVAXNOR0"].state,
        net.world.members.actors["p-eva"].state,
    )
    assert refused(net.do("p-eva", "participant.choose", SettingsFields()), Refusal.SENDER_HAS_NO_RIGHT)


def funded(net, amount=500):
    done(net.agent("NOR", "currency.rules", RulesFields("NOR", True, fund_on_advice=True)))
    done(net.do("k-nor", "fund.advise", AdviceFields("NOR", ANNA, amount, "A1")))


def test_a_bank_leaves_takes_its_money_out_and_is_closed(net):
    funded(net)
    done(net.two("anna/maker", "anna/checker", "participant.leave", BankFields(ANNA)))

    assert (False, False) == (
        net.world.members.participants[ANNA].sends,
        net.world.members.participants[ANNA].receives,
    )
    assert refused(
        net.ops("participant.close", CloseFields(ANNA, b"s" * 32)), MemberRefusal.PARTICIPANT_HOLDS_MONEY
    )

    done(net.do("k-anna", "redeem", RedeemFields("NOR", 500)))
    redemption = next(iter(net.world.money.redemptions))
    done(net.do("k-nor", "redeem.advise", PayoutFields(redemption, True, 500, "P1")))
    outcome = done(net.agent("NOR", "participant.close", CloseFields(ANNA, b"s" * 32)))

    assert "CLOSED" == facts(outcome, ParticipantMoved)[0].state
    account = net.world.engine.account(net.world.members.settlement_account(ANNA, "NOR"))
    assert "CLOSED" == account.state.name
    net.check()


def test_participant_holds_money(net):
    """What is reserved counts as held."""
    funded(net)
    done(net.two("anna/maker", "anna/checker", "participant.leave", BankFields(ANNA)))
    done(net.do("k-anna", "redeem", RedeemFields("NOR", 500)))

    assert refused(
        net.ops("participant.close", CloseFields(ANNA, b"s" * 32)), MemberRefusal.PARTICIPANT_HOLDS_MONEY
    )


def test_participant_has_payments(net):
    """A foreign exchange trade that waits for its date keeps a bank from closing."""
    from steelyard.flows.fx_trade import EnterFields

    on = MONDAY + 2
    done(net.do("k-anna", "fx_trade.enter", EnterFields(BRAM, "NOR", 100, "SUD", 200, on)))
    done(net.two("anna/maker", "anna/checker", "participant.leave", BankFields(ANNA)))
    net.tick()

    assert refused(
        net.ops("participant.close", CloseFields(ANNA, b"s" * 32)), MemberRefusal.PARTICIPANT_HAS_PAYMENTS
    )


def test_nobody_lets_another_bank_leave(net):
    outcome = net.two("anna/maker", "anna/checker", "participant.leave", BankFields(BRAM))

    assert refused(outcome, MemberRefusal.OBJECT_IS_NOT_YOURS)


# Settings


def test_a_participant_sets_what_it_names_and_keeps_the_rest(net):
    done(net.do("k-anna", "participant.choose", SettingsFields(accepts_minor=(("NOR", 500), ("SUD", -1)))))
    done(
        net.do(
            "k-anna", "participant.choose", SettingsFields(accepts_minor=(("SUD", None),), best_quote=True)
        )
    )
    anna = net.world.members.participants[ANNA]

    assert ({"NOR": 500}, True, "next_day") == (
        anna.settings.accepts_minor,
        anna.settings.best_quote,
        anna.settings.outside_hours,
    )
    assert [True, False, False] == [
        anna.accepts("NOR", 500),
        anna.accepts("NOR", 501),
        anna.accepts("SUD", 1),
    ]
    net.check()


@pytest.mark.parametrize(
    "fields",
    [
        SettingsFields(accepts_minor=(("NOR", -2),)),
        SettingsFields(accepts_minor=(("NOR", 10**18),)),
        SettingsFields(lines_minor=(("NOR", -1),)),
        SettingsFields(requote_tolerance_bp=-1),
        SettingsFields(requote_tolerance_bp=10_001),
        SettingsFields(oversubscription_bp=4_999),
        SettingsFields(oversubscription_bp=20_001),
        SettingsFields(outside_hours="sometime"),
    ],
)
def test_setting_is_out_of_range(net, fields):
    before = net.world.members.encode()

    assert refused(net.do("k-anna", "participant.choose", fields), MemberRefusal.SETTING_IS_OUT_OF_RANGE)
    assert before == net.world.members.encode()


def test_a_line_is_drawn_and_lowered_by_one_and_raised_by_two(net):
    def lines(*pairs):
        return SettingsFields(lines_minor=pairs)

    done(net.do("k-anna", "participant.choose", lines(("NOR", 100))))
    done(net.do("k-anna", "participant.choose", lines(("NOR", 50))))
    for fields in (lines(("NOR", 51)), lines(("NOR", None))):
        assert refused(net.do("k-anna", "participant.choose", fields), SettingRefusal.TWO_PEOPLE_NEEDED)
    done(net.two("anna/maker", "anna/checker", "participant.choose", lines(("NOR", None))))

    assert {} == net.world.members.participants[ANNA].settings.lines_minor


def test_above_its_own_line_an_act_takes_two_people(net):
    funded(net)
    done(net.do("k-anna", "participant.choose", SettingsFields(lines_minor=(("NOR", 100),))))

    assert Code.DONE == net.do("k-anna", "redeem", RedeemFields("NOR", 100)).code
    assert refused(net.do("k-anna", "redeem", RedeemFields("NOR", 101)), SettingRefusal.TWO_PEOPLE_NEEDED)
    done(net.two("anna/maker", "anna/checker", "redeem", RedeemFields("NOR", 101)))


def test_every_purpose_that_comes_with_a_state_has_its_kind(net):
    kinds = {"settlement": AccountKind.SETTLEMENT, "suspense": AccountKind.SUSPENSE}
    for purpose, asset, number in net.world.members.accounts.of(ANNA):
        account = net.world.engine.account(number)

        assert (kinds[purpose], ANNA) == (account.kind, net.world.engine.owners[account.owner_no])
        assert asset == account.name.split("/")[1]
