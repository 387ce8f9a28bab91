"""Accounts by hand: purposes, bounds, blocks, limits, own moves, own reservations, corrections."""

import pytest

from steelyard.engine.records import unpack_all
from steelyard.engine.refusals import Refusal, SettingRefusal
from steelyard.flows.command import Code
from steelyard.flows.currency import RulesFields
from steelyard.flows.facts import AccountChanged, AccountOpened, LimitSet
from steelyard.flows.fund import AdviceFields
from steelyard.flows.hand import EndFields, MoveFields, ReserveFields, ReverseFields
from steelyard.flows.ledger import AccountFields, BlockFields, BoundsFields, OpenFields
from steelyard.flows.limits import LimitFields
from steelyard.flows.suspend import SuspendFields
from steelyard.members.refusals import MemberRefusal, MoneyRefusal
from steelyard.values.instants import MINUTE
from tests.members.network import BANKS, MEMBERS, add_bank, done, facts, ready, refused

ANNA, BRAM, NOR = BANKS["anna"], BANKS["bram"], MEMBERS["NOR"]


@pytest.fixture
def net():
    net = ready()
    done(net.agent("NOR", "currency.rules", RulesFields("NOR", True, fund_on_advice=True)))
    done(net.do("k-nor", "fund.advise", AdviceFields("NOR", ANNA, 1_000, "A1")))
    return net


def opened(net, purpose="grain", kind="reserved", **more):
    return net.do("k-anna", "account.open", OpenFields("NOR", kind, purpose, **more))


def test_a_participant_opens_an_account_for_a_purpose_moves_there_and_back_and_closes_it(net):
    (fact,) = facts(done(opened(net)), AccountOpened)

    assert (f"{ANNA}/NOR/grain", "reserved") == (fact.name, fact.kind)

    done(net.do("k-anna", "move", MoveFields(f"{ANNA}/NOR", f"{ANNA}/NOR/grain", 300)))

    assert (700, 300) == (net.balance(ANNA, "NOR"), net.balance(ANNA, "NOR", "grain"))
    assert refused(
        net.do("k-anna", "account.close", AccountFields(f"{ANNA}/NOR/grain")),
        SettingRefusal.ACCOUNT_IS_NOT_EMPTY,
    )

    done(net.do("k-anna", "move", MoveFields(f"{ANNA}/NOR/grain", f"{ANNA}/NOR", 300)))
    outcome = done(net.do("k-anna", "account.close", AccountFields(f"{ANNA}/NOR/grain")))

    assert ["closed"] == [fact.state for fact in facts(outcome, AccountChanged)]
    assert refused(opened(net), SettingRefusal.ACCOUNT_NAME_IS_TAKEN)
    net.check()


def test_a_client_account_has_the_ceiling_of_its_tier(net):
    done(opened(net, "c-17", "client", ceiling_minor=50))
    number = net.world.members.accounts.get("client/c-17", ANNA, "NOR")

    assert 50 == net.world.engine.account(number).ceiling


@pytest.mark.parametrize(
    ("kind", "purpose"),
    [
        ("settlement", "grain"),
        ("issuer", "grain"),
        ("fx", "grain"),
        ("reserved", "suspense"),
        ("reserved", "issuer"),
    ],
)
def test_account_kind_is_not_opened_so(net, kind, purpose):
    assert refused(opened(net, purpose, kind), MoneyRefusal.ACCOUNT_KIND_IS_NOT_OPENED_SO)


def test_what_comes_with_a_state_is_not_closed_or_moved_by_hand(net):
    assert refused(
        net.do("k-anna", "account.close", AccountFields(f"{ANNA}/SUD")),
        MoneyRefusal.ACCOUNT_KIND_IS_NOT_OPENED_SO,
    )
    assert refused(
        net.do("k-anna", "move", MoveFields(f"{ANNA}/NOR", f"{ANNA}/NOR/suspense", 1)),
        MoneyRefusal.ACCOUNT_KIND_IS_NOT_OPENED_SO,
    )


@pytest.mark.parametrize("purpose", ["", "Grain", "a b", "client/1", "-x"])
def test_a_purpose_is_a_word(net, purpose):
    assert refused(opened(net, purpose), SettingRefusal.ACCOUNT_NAME_IS_MALFORMED)


def test_currency_is_not_allowed(net):
    """No purpose account in a currency one does not hold."""
    net.world.members.accounts.drop("settlement", ANNA, "OST")
    outcome = net.do("k-anna", "account.open", OpenFields("OST", "reserved", "grain"))

    assert refused(outcome, MemberRefusal.CURRENCY_IS_NOT_ALLOWED)


def test_account_is_not_yours(net):
    for fields in (MoveFields(f"{BRAM}/NOR", f"{ANNA}/NOR", 1), MoveFields(f"{ANNA}/NOR", f"{BRAM}/NOR", 1)):
        assert refused(net.do("k-anna", "move", fields), MoneyRefusal.ACCOUNT_IS_NOT_YOURS)
    assert refused(
        net.do("k-anna", "move", MoveFields(f"{ANNA}/NOR", "nobody/NOR", 1)), Refusal.ACCOUNT_NOT_FOUND
    )


def test_a_suspended_bank_moves_nothing(net):
    done(opened(net))
    done(net.ops("participant.suspend", SuspendFields(ANNA)))
    outcome = net.do("k-anna", "move", MoveFields(f"{ANNA}/NOR", f"{ANNA}/NOR/grain", 1))

    assert refused(outcome, MemberRefusal.PARTICIPANT_STATE_FORBIDS)


# Bounds and blocks


def test_a_line_lets_a_bank_go_below_zero_and_a_lowered_one_undoes_nothing(net):
    done(net.agent("NOR", "account.bounds", BoundsFields(f"{ANNA}/NOR", -500)))
    done(opened(net))
    done(net.do("k-anna", "move", MoveFields(f"{ANNA}/NOR", f"{ANNA}/NOR/grain", 1_400)))
    done(net.agent("NOR", "account.bounds", BoundsFields(f"{ANNA}/NOR", -100)))

    assert (-400, -300) == (net.balance(ANNA, "NOR"), net.available(ANNA, "NOR"))
    assert refused(
        net.do("k-anna", "move", MoveFields(f"{ANNA}/NOR", f"{ANNA}/NOR/grain", 1)),
        Refusal.LIQUIDITY_IS_SHORT,
    )


def test_bounds_are_the_settlement_agents_two_persons_own_currency(net):
    fields = BoundsFields(f"{ANNA}/NOR", -500)

    assert refused(net.do("nor/1", "account.bounds", fields), SettingRefusal.TWO_PEOPLE_NEEDED)
    assert refused(net.agent("SUD", "account.bounds", fields), MemberRefusal.OBJECT_IS_NOT_YOURS)
    assert refused(net.do("k-anna", "account.bounds", fields), Refusal.SENDER_HAS_NO_RIGHT)


def test_the_issuer_account_has_its_own_command(net):
    outcome = net.agent("NOR", "account.bounds", BoundsFields(f"{NOR}/NOR/issuer", 0, 10**17))

    assert refused(outcome, MoneyRefusal.ACCOUNT_KIND_IS_NOT_OPENED_SO)


def test_one_person_blocks_and_two_lift(net):
    name = f"{ANNA}/NOR"
    outcome = done(net.do("nor/1", "account.block", BlockFields(name, True, False)))

    assert ["debits_blocked"] == [fact.state for fact in facts(outcome, AccountChanged)]
    done(opened(net))
    assert refused(
        net.do("k-anna", "move", MoveFields(name, f"{name}/grain", 1)), Refusal.ACCOUNT_DEBITS_ARE_BLOCKED
    )
    assert refused(net.do("nor/1", "account.unblock", AccountFields(name)), SettingRefusal.TWO_PEOPLE_NEEDED)
    outcome = done(net.agent("NOR", "account.unblock", AccountFields(name)))
    assert ["open"] == [fact.state for fact in facts(outcome, AccountChanged)]


def test_a_freeze_holds_what_is_reserved_too(net):
    from steelyard.flows.redeem import PayoutFields, RedeemFields

    done(net.do("k-anna", "redeem", RedeemFields("NOR", 100)))
    (redemption,) = net.world.money.redemptions.values()
    done(net.do("nor/1", "account.block", BlockFields(f"{ANNA}/NOR", freeze=True)))
    outcome = net.do("k-nor", "redeem.advise", PayoutFields(redemption.id, True, 100, "P1"))

    assert Code.DONE == outcome.code
    assert ("OVERDUE", "RESERVATION_IS_FROZEN") == (redemption.state, redemption.reason)
    assert 1_000 == net.balance(ANNA, "NOR")

    done(net.agent("NOR", "account.unblock", AccountFields(f"{ANNA}/NOR")))
    done(net.do("k-nor", "redeem.advise", PayoutFields(redemption.id, True, 100, "P1")))

    assert ("SETTLED", 900) == (redemption.state, net.balance(ANNA, "NOR"))


# Limits


def limit(cap, kind="flow", other="", **more):
    return LimitFields(kind, "NOR", cap, other, **more)


def test_a_flow_limit_counts_what_leaves_until_it_is_reset(net):
    add_bank(net, "eva", "EVAXNOR0", "NOR")
    outcome = done(net.do("k-anna", "limit.set", limit(100)))

    assert [LimitSet(1, ANNA, "flow", "NOR", 100, "")] == facts(outcome, LimitSet)

    done(opened(net))
    done(net.do("k-anna", "move", MoveFields(f"{ANNA}/NOR", f"{ANNA}/NOR/grain", 100)))

    assert refused(
        net.do("k-anna", "move", MoveFields(f"{ANNA}/NOR", f"{ANNA}/NOR/grain", 1)),
        Refusal.LIMIT_WOULD_BE_EXCEEDED,
    )
    assert refused(net.do("k-anna", "limit.set", limit(100, reset=True)), SettingRefusal.TWO_PEOPLE_NEEDED)
    done(net.two("anna/maker", "anna/checker", "limit.set", limit(100, reset=True)))
    done(net.do("k-anna", "move", MoveFields(f"{ANNA}/NOR", f"{ANNA}/NOR/grain", 1)))
    net.check()


def test_a_limit_is_lowered_by_one_and_raised_by_two(net):
    done(net.do("k-anna", "limit.set", limit(100)))
    done(net.do("k-anna", "limit.set", limit(50)))

    assert refused(net.do("k-anna", "limit.set", limit(51)), SettingRefusal.TWO_PEOPLE_NEEDED)
    done(net.two("anna/maker", "anna/checker", "limit.set", limit(51)))
    assert [51] == [one.cap for one in net.world.engine.limits.values()]


def test_each_counterparty_has_a_limit_of_its_own(net):
    done(net.do("k-anna", "limit.set", limit(10, "pair", BRAM)))
    done(net.do("k-anna", "limit.set", limit(20, "pair", BANKS["cleo"])))

    assert [10, 20] == [one.cap for one in net.world.engine.limits.values()]


def test_setting_is_unknown(net):
    for fields in (limit(1, "sum"), limit(1, "pair"), limit(1, "pair", "NOBODY00"), limit(1, "flow", BRAM)):
        assert refused(net.do("k-anna", "limit.set", fields), MemberRefusal.SETTING_IS_UNKNOWN)


# Reservations and corrections by hand


def reserve(net, amount=100, **more):
    command = net.command(
        "reserve", ReserveFields(f"{ANNA}/NOR", f"{BRAM}/NOR", amount, net.at + 5 * MINUTE), "k-anna"
    )
    return command.id, net.apply(command)


def test_what_is_reserved_by_hand_is_settled_in_part_by_its_owner(net):
    id, outcome = reserve(net)
    done(outcome)

    assert 900 == net.available(ANNA, "NOR")
    assert refused(net.do("k-bram", "reserve.settle", EndFields(id)), Refusal.ORIGINAL_NOT_FOUND)

    done(net.do("k-anna", "reserve.settle", EndFields(id, 60)))

    assert (940, 60) == (net.balance(ANNA, "NOR"), net.balance(BRAM, "NOR"))
    assert refused(net.do("k-anna", "reserve.release", EndFields(id)), Refusal.ORIGINAL_NOT_FOUND)
    net.check()


def test_what_is_reserved_by_hand_is_released_or_expires(net):
    id, _ = reserve(net)
    done(net.do("k-anna", "reserve.release", EndFields(id)))

    assert 1_000 == net.available(ANNA, "NOR")

    reserve(net)
    net.wait(6 * MINUTE)

    assert 1_000 == net.available(ANNA, "NOR")


def test_a_redemption_is_nobodys_to_settle_by_hand(net):
    from steelyard.flows.redeem import RedeemFields

    done(net.do("k-anna", "redeem", RedeemFields("NOR", 100)))
    (redemption,) = net.world.money.redemptions.values()
    for name in ("reserve.settle", "reserve.release"):
        outcome = net.do("k-anna", name, EndFields(redemption.bundle_id))

        assert refused(outcome, Refusal.ORIGINAL_NOT_FOUND)


def test_who_was_given_money_by_mistake_gives_it_back_by_two_people(net):
    """Anna moved 100 to Bram; Bram's two people reverse 40 of it; nobody else can."""
    id, _ = reserve(net)
    done(net.do("k-anna", "reserve.settle", EndFields(id)))
    legs = net.applied[-1][1].legs
    (leg,) = list(unpack_all(legs))
    fields = ReverseFields(legs, (40,))

    assert 100 == leg.amount_minor
    assert refused(net.do("bram/maker", "reverse", fields), SettingRefusal.TWO_PEOPLE_NEEDED)
    assert refused(
        net.two("anna/maker", "anna/checker", "reverse", fields), Refusal.ACCOUNT_NEEDS_OTHER_AUTHORITY
    )
    done(net.two("bram/maker", "bram/checker", "reverse", fields))
    assert (940, 60) == (net.balance(ANNA, "NOR"), net.balance(BRAM, "NOR"))
    net.check()
