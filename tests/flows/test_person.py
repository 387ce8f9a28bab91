"""Persons and system keys: in, other roles, revoked."""

import pytest

from steelyard.engine.refusals import Refusal
from steelyard.flows.facts import ActorChanged
from steelyard.flows.person import KeyFields, PersonFields, RevokeFields, RolesFields
from steelyard.flows.redeem import RedeemFields
from steelyard.members.people import FOR_EVER
from steelyard.members.refusals import MemberRefusal, PeopleRefusal
from steelyard.members.roles import Role
from tests.members.network import BANKS, MEMBERS, OPS, S, done, facts, key_of, ready, refused

NOR, ANNA = MEMBERS["NOR"], BANKS["anna"]
AGENT = (Role.SETTLEMENT_AGENT,)


@pytest.fixture
def net():
    return ready()


def person(id="p-new", owner=ANNA, roles=(Role.MAKER,), **more):
    return PersonFields(id, owner, roles, **more)


def key(id="k-new", owner=ANNA, roles=(Role.MAKER,), holder="p-anna-maker", public_key=None, **more):
    return KeyFields(id, owner, roles, holder, key_of(id) if public_key is None else public_key, **more)


def test_operators_let_a_person_in(net):
    outcome = done(net.ops("person.add", person()))

    assert [ActorChanged("p-new", ANNA, "person", (Role.MAKER,), "active")] == facts(outcome, ActorChanged)
    assert not refused(net.do("p-new", "redeem", RedeemFields("NOR", 1)), Refusal.SENDER_HAS_NO_RIGHT)


def test_a_settlement_agent_lets_its_own_people_in_and_nobody_elses(net):
    done(net.agent("NOR", "person.add", person("p-nor-3", NOR, AGENT)))

    assert refused(net.agent("NOR", "person.add", person()), MemberRefusal.OBJECT_IS_NOT_YOURS)
    assert refused(
        net.agent("NOR", "person.add", person("p-sud-3", MEMBERS["SUD"], AGENT)),
        MemberRefusal.OBJECT_IS_NOT_YOURS,
    )


@pytest.mark.parametrize("id", ["", "p-", "k-new", "new", "p-a b", "p-" + "x" * 41, "p-é"])
def test_actor_id_is_malformed(net, id):
    assert refused(net.ops("person.add", person(id)), PeopleRefusal.ACTOR_ID_IS_MALFORMED)


def test_actor_is_taken(net):
    """By a living or a revoked one: ids are never reused."""
    done(net.ops("actor.revoke", RevokeFields("p-anna-checker")))

    for id in ("p-anna-maker", "p-anna-checker"):
        assert refused(net.ops("person.add", person(id)), PeopleRefusal.ACTOR_IS_TAKEN)


def test_actor_not_found(net):
    done(net.ops("actor.revoke", RevokeFields("p-anna-checker")))

    for id in ("p-nobody", "p-anna-checker"):
        assert refused(net.ops("actor.revoke", RevokeFields(id)), PeopleRefusal.ACTOR_NOT_FOUND)
        assert refused(net.ops("actor.roles", RolesFields(id, (Role.MAKER,))), PeopleRefusal.ACTOR_NOT_FOUND)


def test_owner_not_found(net):
    assert refused(net.ops("person.add", person(owner="NOBODY00")), PeopleRefusal.OWNER_NOT_FOUND)


@pytest.mark.parametrize(
    ("owner", "roles"),
    [
        (ANNA, ()),
        (ANNA, (Role.OPERATOR,)),
        (ANNA, (Role.SETTLEMENT_AGENT,)),
        (ANNA, (Role.FX_PROVIDER,)),  # no provider
        (ANNA, (Role.MAKER, Role.MAKER)),
        (NOR, (Role.MAKER,)),
        ("operator", (Role.CHECKER,)),
    ],
)
def test_role_does_not_fit(net, owner, roles):
    assert refused(net.ops("person.add", person(owner=owner, roles=roles)), PeopleRefusal.ROLE_DOES_NOT_FIT)


def test_a_key_has_no_role_of_people_alone(net):
    for owner, holder, roles in (
        (ANNA, "p-anna-maker", (Role.COMPLIANCE_OFFICER,)),
        ("operator", "p-op-1", (Role.OPERATOR,)),
        (NOR, "p-nor-1", (Role.OVERSEER,)),
    ):
        outcome = net.ops("key.register", key(owner=owner, holder=holder, roles=roles))

        assert refused(outcome, PeopleRefusal.ROLE_DOES_NOT_FIT)


def test_credential_is_missing(net):
    assert refused(net.ops("key.register", key(public_key=b"")), PeopleRefusal.CREDENTIAL_IS_MISSING)
    assert refused(net.ops("key.register", key(public_key=b"x" * 31)), PeopleRefusal.CREDENTIAL_IS_MISSING)
    done(net.ops("key.register", key(public_key=b"", credential=b"c" * 32)))


def test_key_is_taken(net):
    """A public key stands for one actor, revoked or not."""
    done(net.ops("actor.revoke", RevokeFields("k-anna")))
    for used in ("k-anna", "k-bram"):
        outcome = net.ops("key.register", key(public_key=key_of(used)))

        assert refused(outcome, PeopleRefusal.KEY_IS_TAKEN)


@pytest.mark.parametrize("holder", ["", "p-nobody", "p-bram-maker", "p-anna-gone"])
def test_holder_not_found(net, holder):
    done(net.ops("person.add", person("p-anna-gone")))
    done(net.ops("actor.revoke", RevokeFields("p-anna-gone")))

    assert refused(net.ops("key.register", key(holder=holder)), PeopleRefusal.HOLDER_NOT_FOUND)


def test_validity_is_empty(net):
    later = net.at + 60 * S
    for valid_from, valid_to in ((later, later), (later, later - 1), (0, net.at)):
        outcome = net.ops("key.register", key(valid_from=valid_from, valid_to=valid_to))

        assert refused(outcome, PeopleRefusal.VALIDITY_IS_EMPTY)


def test_a_key_acts_from_its_first_to_before_its_last_instant(net):
    start, end = net.at + 60 * S, net.at + 120 * S
    done(net.ops("key.register", key(valid_from=start, valid_to=end)))
    allowed = []
    for at in (start - 1, start, end - 1, end):
        net.at = at
        allowed.append(
            not refused(net.do("k-new", "redeem", RedeemFields("NOR", 1)), Refusal.SENDER_HAS_NO_RIGHT)
        )

    assert [False, True, True, False] == allowed


def test_a_key_without_an_end_is_valid_for_ever(net):
    done(net.ops("key.register", key()))

    assert FOR_EVER == net.world.members.actors["k-new"].valid_to


def test_who_is_revoked_gives_nothing_any_more_nor_do_the_keys_it_held(net):
    outcome = done(net.ops("actor.revoke", RevokeFields("p-anna-maker")))

    assert [("p-anna-maker", "revoked"), ("k-anna", "revoked")] == [
        (fact.actor, fact.state) for fact in facts(outcome, ActorChanged)
    ]
    for actor in ("p-anna-maker", "k-anna"):
        assert refused(net.do(actor, "redeem", RedeemFields("NOR", 1)), Refusal.SENDER_HAS_NO_RIGHT)
    net.check()


def test_last_person_must_stay(net):
    """The operator is never left with fewer than two humans, by revocation or by other roles."""
    for outcome in (
        net.ops("actor.revoke", RevokeFields(OPS[0])),
        net.ops("actor.roles", RolesFields(OPS[1], (Role.AUDITOR,))),
    ):
        assert refused(outcome, PeopleRefusal.LAST_PERSON_MUST_STAY)

    done(net.ops("person.add", person("p-op-3", "operator", (Role.OPERATOR,))))
    done(net.ops("actor.revoke", RevokeFields(OPS[0])))


def test_one_human_twice_is_no_third_operator(net):
    for id in ("p-op-3", "p-op-4"):
        done(net.ops("person.add", person(id, "operator", (Role.OPERATOR,), human=b"one human")))
    done(net.ops("actor.revoke", RevokeFields(OPS[0])))

    assert refused(
        net.two("p-op-2", "p-op-3", "actor.revoke", RevokeFields(OPS[1])), PeopleRefusal.LAST_PERSON_MUST_STAY
    )


def test_other_roles_count_from_the_next_command_on(net):
    done(net.ops("actor.roles", RolesFields("p-anna-maker", (Role.OVERSEER,))))

    assert refused(net.do("anna/maker", "redeem", RedeemFields("NOR", 1)), Refusal.SENDER_HAS_NO_RIGHT)


def test_gateways_are_told_to_look_anew(net):
    before = net.world.context_version
    done(net.ops("person.add", person()))

    assert before < net.world.context_version
