"""Two people: exactly what was shown, by another human, in time, with all checks anew."""

from hashlib import sha256

import pytest

from steelyard.engine.refusals import Refusal, SettingRefusal
from steelyard.flows.approve import ApproveFields, EndFields, ProposeFields
from steelyard.flows.command import Code, Command, encode
from steelyard.flows.currency import CapFields
from steelyard.flows.facts import AccountChanged, ApprovalMoved
from steelyard.flows.person import PersonFields, RevokeFields, RolesFields
from steelyard.flows.redeem import RedeemFields
from steelyard.members.people import PERSON, Actor
from steelyard.members.refusals import MemberRefusal, PeopleRefusal
from steelyard.members.roles import Role
from tests.members.network import BANKS, MEMBERS, S, done, facts, ready, refused, told

CAP = CapFields("NOR", 5_000)
HALF_HOUR = 1_800 * S


@pytest.fixture
def net():
    return ready()


def proposed(net, maker="nor/1", name="currency.cap", fields=CAP):
    id, shown, outcome = net.propose(maker, name, fields)
    done(outcome)
    return id, shown


def test_what_one_proposes_another_approves_and_then_it_runs(net):
    id, shown, outcome = net.propose("nor/1", "currency.cap", CAP)
    (waiting,) = facts(outcome, ApprovalMoved)

    assert ("PROPOSED", "currency.cap", MEMBERS["NOR"], "p-nor-1", shown) == (
        waiting.state, waiting.command, waiting.owner, waiting.maker, waiting.shown,
    )  # fmt: skip
    assert [(MEMBERS["NOR"], "approval.asked")] == told(outcome)
    assert 5_000 != net.world.members.assets["NOR"].cap_minor

    outcome = net.do("nor/2", "approve", ApproveFields(id, shown))
    (moved,) = facts(outcome, ApprovalMoved)
    (changed,) = facts(outcome, AccountChanged)

    assert (Code.DONE, "APPROVED", "p-nor-2", 5_000) == (
        outcome.code, moved.state, moved.decided_by, changed.ceiling_minor,
    )  # fmt: skip
    net.check()


def test_alone_it_is_refused_at_the_door(net):
    assert refused(net.do("nor/1", "currency.cap", CAP), SettingRefusal.TWO_PEOPLE_NEEDED)


def test_nothing_is_reserved_while_it_waits(net):
    """The state of the books is the same before and after proposing."""
    before = net.world.engine.encode(), net.world.money.encode()
    proposed(net)

    assert before == (net.world.engine.encode(), net.world.money.encode())


def test_approver_is_the_maker(net):
    id, shown = proposed(net)

    assert refused(net.do("nor/1", "approve", ApproveFields(id, shown)), PeopleRefusal.APPROVER_IS_THE_MAKER)


def test_two_keys_of_one_human_count_as_one(net):
    """k-nor is held by p-nor-1: what the person proposes, the key cannot approve, nor the other way round."""
    id, shown = proposed(net)

    assert refused(net.do("k-nor", "approve", ApproveFields(id, shown)), PeopleRefusal.APPROVER_IS_THE_MAKER)

    id, shown = proposed(net, maker="k-nor")

    assert refused(net.do("nor/1", "approve", ApproveFields(id, shown)), PeopleRefusal.APPROVER_IS_THE_MAKER)
    assert Code.DONE == net.do("nor/2", "approve", ApproveFields(id, shown)).code


def test_two_persons_of_one_human_count_as_one(net):
    """A human registered twice is known by the keyed digest of who it is."""
    for id in ("p-nor-3", "p-nor-4"):
        done(net.ops("person.add", PersonFields(id, MEMBERS["NOR"], (Role.SETTLEMENT_AGENT,), b"same human")))
    id, shown = proposed(net, maker="nor/3")

    assert refused(net.do("nor/4", "approve", ApproveFields(id, shown)), PeopleRefusal.APPROVER_IS_THE_MAKER)
    assert Code.DONE == net.do("nor/2", "approve", ApproveFields(id, shown)).code


def test_approval_does_not_match(net):
    id, shown = proposed(net)
    other = sha256(shown).digest()

    assert refused(
        net.do("nor/2", "approve", ApproveFields(id, other)), PeopleRefusal.APPROVAL_DOES_NOT_MATCH
    )
    assert Code.DONE == net.do("nor/2", "approve", ApproveFields(id, shown)).code


@pytest.mark.parametrize("swept", [True, False])
def test_approval_has_expired(net, swept):
    """A deadline is exclusive: at 30 minutes it is late, swept or not."""
    begun = net.at
    id, shown = proposed(net)
    if swept:
        outcomes = net.wait_until(begun + 1_000 + HALF_HOUR + S)
        (moved,) = [fact for outcome in outcomes for fact in facts(outcome, ApprovalMoved)]

        assert "EXPIRED" == moved.state
    else:
        net.at = net.world.members.approvals.waiting[id].expires_at

    assert refused(net.do("nor/2", "approve", ApproveFields(id, shown)), PeopleRefusal.APPROVAL_HAS_EXPIRED)


def test_a_nanosecond_before_it_expires_it_is_approved(net):
    id, shown = proposed(net)
    net.at = net.world.members.approvals.waiting[id].expires_at - 1

    assert Code.DONE == net.do("nor/2", "approve", ApproveFields(id, shown)).code


def test_approval_is_over(net):
    id, shown = proposed(net)
    done(net.do("nor/2", "approve", ApproveFields(id, shown)))

    assert refused(net.do("nor/2", "approve", ApproveFields(id, shown)), PeopleRefusal.APPROVAL_IS_OVER)


def test_a_declined_proposal_is_over(net):
    id, shown = proposed(net)
    (moved,) = facts(done(net.do("nor/2", "decline", EndFields(id, "NO"))), ApprovalMoved)

    assert "DECLINED" == moved.state
    assert refused(net.do("nor/2", "approve", ApproveFields(id, shown)), PeopleRefusal.APPROVAL_IS_OVER)


def test_proposal_is_not_the_makers(net):
    id, shown = proposed(net)

    assert refused(net.do("nor/2", "withdraw", EndFields(id)), PeopleRefusal.PROPOSAL_IS_NOT_THE_MAKERS)
    assert refused(net.do("nor/1", "decline", EndFields(id)), PeopleRefusal.APPROVER_IS_THE_MAKER)

    (moved,) = facts(done(net.do("nor/1", "withdraw", EndFields(id))), ApprovalMoved)

    assert "WITHDRAWN" == moved.state
    assert refused(net.do("nor/2", "approve", ApproveFields(id, shown)), PeopleRefusal.APPROVAL_IS_OVER)


def test_approval_not_found(net):
    """What is unknown and what is another owner's look alike, waiting or over."""
    id, shown = proposed(net)
    unknown = net.do("nor/2", "approve", ApproveFields(bytes(16), shown))
    foreign = net.do("sud/2", "approve", ApproveFields(id, shown))
    done(net.do("nor/2", "approve", ApproveFields(id, shown)))
    over = net.do("sud/2", "approve", ApproveFields(id, shown))

    for outcome in (unknown, foreign, over):
        assert refused(outcome, PeopleRefusal.APPROVAL_NOT_FOUND)


def test_no_second_person(net):
    """Said at once, not after half an hour."""
    done(net.ops("actor.revoke", RevokeFields("p-nor-2")))
    _, _, outcome = net.propose("nor/1", "currency.cap", CAP)

    assert refused(outcome, PeopleRefusal.NO_SECOND_PERSON)


def test_a_key_that_is_no_longer_valid_is_no_second_person(net):
    done(net.ops("actor.revoke", RevokeFields("p-nor-2")))
    net.world.members.put_actor(
        Actor("p-old", MEMBERS["NOR"], PERSON, (Role.SETTLEMENT_AGENT,), valid_to=net.at)
    )
    _, _, outcome = net.propose("nor/1", "currency.cap", CAP)

    assert refused(outcome, PeopleRefusal.NO_SECOND_PERSON)


def test_approver_has_no_right(net):
    """Makers make: another maker of the bank cannot approve, its checker can."""
    done(net.ops("person.add", PersonFields("p-anna-other", BANKS["anna"], (Role.MAKER,))))
    id, shown = proposed(net, "anna/maker", "redeem", RedeemFields("NOR", 1))

    assert refused(
        net.do("anna/other", "approve", ApproveFields(id, shown)), PeopleRefusal.APPROVER_HAS_NO_RIGHT
    )
    assert refused(net.do("anna/other", "decline", EndFields(id)), PeopleRefusal.APPROVER_HAS_NO_RIGHT)


def test_checks_run_anew_at_approval_and_a_refusal_ends_the_proposal(net):
    """The bank has no money when the second yes comes: refused as any redemption, and over."""
    id, shown = proposed(net, "anna/maker", "redeem", RedeemFields("NOR", 100))
    outcome = net.do("anna/checker", "approve", ApproveFields(id, shown))
    (moved,) = facts(outcome, ApprovalMoved)

    assert refused(outcome, Refusal.LIQUIDITY_IS_SHORT)
    assert "REFUSED" == moved.state
    assert refused(
        net.do("anna/checker", "approve", ApproveFields(id, shown)), PeopleRefusal.APPROVAL_IS_OVER
    )


def test_a_maker_who_lost_the_right_meanwhile_made_nothing(net):
    id, shown = proposed(net)
    done(net.ops("person.add", PersonFields("p-nor-3", MEMBERS["NOR"], (Role.SETTLEMENT_AGENT,))))
    done(net.ops("actor.revoke", RevokeFields("p-nor-1")))
    outcome = net.do("nor/2", "approve", ApproveFields(id, shown))

    assert refused(outcome, Refusal.SENDER_HAS_NO_RIGHT)
    assert 5_000 != net.world.members.assets["NOR"].cap_minor


def test_an_approver_who_lost_the_role_approves_nothing(net):
    id, shown = proposed(net)
    done(net.ops("actor.roles", RolesFields("p-nor-2", (Role.OVERSEER,))))

    assert refused(net.do("nor/2", "approve", ApproveFields(id, shown)), Refusal.SENDER_HAS_NO_RIGHT)


def test_the_proposers_right_reaches_no_further_by_proposing(net):
    """Two people of SUD cannot set the cap of NOR either."""
    assert refused(net.agent("SUD", "currency.cap", CAP), MemberRefusal.OBJECT_IS_NOT_YOURS)


def test_who_may_not_give_a_command_may_not_propose_it(net):
    _, _, outcome = net.propose("anna/maker", "currency.cap", CAP)

    assert refused(outcome, Refusal.SENDER_HAS_NO_RIGHT)


def _inner(net, **changes):
    command = net.command("currency.cap", CAP, "p-nor-1")
    parts = {name: getattr(command, name) for name in Command.__struct_fields__} | changes
    return encode(Command(**parts))


@pytest.mark.parametrize(
    "changes",
    [
        {"actor": "p-nor-2"},
        {"sender": "operator"},
        {"at_ns": 1},
        {"name": "currency.gift"},
        {"version": 2},
        {"id": b"short"},
        {"fields": encode((1, 2))},
    ],
)
def test_inner_command_is_malformed(net, changes):
    if "fields" in changes:
        from msgspec import Raw

        changes = {"fields": Raw(changes["fields"])}
    outcome = net.do("nor/1", "propose", ProposeFields(_inner(net, **changes)))

    assert refused(outcome, PeopleRefusal.INNER_COMMAND_IS_MALFORMED)


def test_only_canonical_bytes_are_proposed(net):
    """Trailing bytes, or a longer form of a number, would let two texts have one meaning."""
    inner = _inner(net)
    at = inner.index(b"\x01\xc4\x10")  # version 1, then the id
    longer = inner[:at] + b"\xcd\x00\x01" + inner[at + 1 :]
    for data in (inner + b"\x00", longer, b"", b"\xc1"):
        outcome = net.do("nor/1", "propose", ProposeFields(data))

        assert refused(outcome, PeopleRefusal.INNER_COMMAND_IS_MALFORMED)


@pytest.mark.parametrize("name", ["approve", "decline", "tick"])
def test_inner_command_cannot_wait(net, name):
    fields = {"approve": ApproveFields(bytes(16), b""), "decline": EndFields(bytes(16)), "tick": ()}[name]
    _, _, outcome = net.propose("nor/1", name, fields)

    assert refused(outcome, PeopleRefusal.INNER_COMMAND_CANNOT_WAIT)


def test_what_waits_survives_a_snapshot(net):
    id, shown = proposed(net)
    again = type(net)(net.world.decode(dict(net.world.sections())))
    again.at, again.number = net.at, net.number + 1

    assert Code.DONE == again.do("nor/2", "approve", ApproveFields(id, shown)).code
