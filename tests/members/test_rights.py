"""The table of rights: what it says, what it may never say, and every right tried by those who lack it."""

import doctest
import types
import typing
from enum import Enum
from pathlib import Path

import msgspec
import pytest
from msgspec import Struct

from steelyard.engine.refusals import Refusal, SettingRefusal
from steelyard.flows.command import Code
from steelyard.flows.registry import COMMANDS
from steelyard.members import rights
from steelyard.members.people import KEY, Actor
from steelyard.members.rights import ACTIONS, BY_ROLE, RIGHTS, Persons, Scope
from steelyard.members.roles import NEVER, ROLES_OF, OwnerKind, Role
from tests.members.network import BANKS, MEMBERS, Net, ready

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "rights.md"
OWNER_OF = {
    **dict.fromkeys(ROLES_OF[OwnerKind.PARTICIPANT], BANKS["anna"]),
    **dict.fromkeys(ROLES_OF[OwnerKind.SETTLEMENT_AGENT], MEMBERS["NOR"]),
    Role.OPERATOR: "operator",
}
GIVEN = [line for line in COMMANDS if line.action]


def least(kind: type) -> Struct:
    """Give fields of a shape with nothing in them: what a door decodes before it asks for the right."""

    def nothing(hint):
        if typing.get_origin(hint) is typing.Annotated:
            bare, meta = typing.get_args(hint)[:2]
            if bare is bytes:
                return bytes(meta.min_length or 0)
            if bare is str:
                return "x" * (meta.min_length or 0)
            if typing.get_origin(bare) is tuple and meta.min_length:
                return tuple(nothing(typing.get_args(bare)[0]) for _ in range(meta.min_length))
            return bare(meta.ge or 0) if bare is int else bare()
        origin = typing.get_origin(hint)
        if origin in (typing.Union, types.UnionType):
            return nothing(typing.get_args(hint)[0])
        if isinstance(hint, type) and issubclass(hint, Struct):
            return least(hint)
        if isinstance(hint, type) and issubclass(hint, Enum):
            return next(iter(hint))
        if origin is tuple and ... not in typing.get_args(hint):
            return tuple(nothing(one) for one in typing.get_args(hint))
        return (origin or hint)()

    hints = typing.get_type_hints(kind, include_extras=True)
    required = [field.name for field in msgspec.structs.fields(kind) if field.required]
    return kind(**{name: nothing(hints[name]) for name in required})


def with_actor(role: Role) -> Net:
    """Give a network in which somebody has this role and no other."""
    net = ready()
    net.world.members.put_actor(Actor("k-tried", OWNER_OF[role], KEY, (role,)))
    return net


def state(net):
    return net.world.engine.encode(), net.world.members.encode(), net.world.money.encode()


@pytest.mark.parametrize("role", Role)
def test_the_door_lets_in_whom_the_table_lets_in(role):
    """Without the right: 14. Where it takes two persons, alone: 119. Else the flow decides, not the door."""
    net = with_actor(role)
    before = state(net)
    for line in GIVEN:
        outcome = net.do("k-tried", line.name, least(line.fields))

        right = BY_ROLE[role].get(line.action)
        if right is None:
            expected = Refusal.SENDER_HAS_NO_RIGHT
        elif right.persons is Persons.TWO:
            expected = SettingRefusal.TWO_PEOPLE_NEEDED
        else:
            assert Refusal.SENDER_HAS_NO_RIGHT.code != outcome.refusal, line.name
            if outcome.code != Code.REFUSED:
                net = with_actor(role)
                before = state(net)
            continue
        assert (Code.REFUSED, expected.code) == (outcome.code, outcome.refusal), line.name
    assert before == state(net)


@pytest.mark.parametrize("role", Role)
def test_nobody_speaks_for_another_owner(role):
    """The actor of one owner has no right in the name of another, whatever its role."""
    net = with_actor(role)
    before = state(net)
    for line in GIVEN:
        outcome = net.do("k-tried", line.name, least(line.fields), sender=BANKS["bram"])

        assert (Code.REFUSED, Refusal.SENDER_HAS_NO_RIGHT.code) == (outcome.code, outcome.refusal), line.name
    assert before == state(net)


def test_what_is_the_nodes_own_nobody_else_may_give():
    net = ready()
    for line in COMMANDS:
        for actor in ("p-op-1", "k-nor", "k-anna", "k-nobody") if not line.action else ():
            outcome = net.do(actor, line.name, least(line.fields))

            assert Refusal.SENDER_HAS_NO_RIGHT.code == outcome.refusal, line.name


def test_every_command_names_an_action_of_the_table():
    used = {line.action for line in GIVEN}

    assert set() == used - set(ACTIONS)
    assert set() == {right.action for right in RIGHTS} ^ set(ACTIONS)


def test_a_role_and_an_action_stand_in_one_row():
    pairs = [(right.role, right.action) for right in RIGHTS]

    assert len(set(pairs)) == len(pairs)


@pytest.mark.parametrize(
    ("role", "never"),
    [
        (
            Role.OPERATOR,
            {"issue", "redeem", "fund", "pay", "limit", "case", "rule_pack", "cap", "advise", "block"},
        ),
        (Role.OVERSEER, set(ACTIONS) - {"read", "proof"}),
        (Role.AUDITOR, set(ACTIONS) - {"read", "proof"}),
        (Role.MAKER, {"issue", "admit", "suspend", "grant", "cap", "calendar", "pack", "advise", "quote"}),
        (Role.TRADER, {"pay", "redeem", "receipt", "quote"}),
    ],
)
def test_what_a_role_may_never_do_stands_in_no_row(role, never):
    assert set() == never & BY_ROLE[role].keys()


def test_a_settlement_agents_rights_about_money_end_with_its_currency():
    mine = BY_ROLE[Role.SETTLEMENT_AGENT]

    assert {Scope.OWN_ASSET} == {
        mine[action].scope for action in ("issue", "advise", "cap", "block", "calendar")
    }


def test_sensitive_acts_take_two_persons():
    for action in ("admit", "suspend", "activate", "grant", "pack", "cap", "unblock", "clear_hold", "leave"):
        held = [right for right in RIGHTS if right.action == action]

        assert held
        assert {Persons.TWO} == {right.persons for right in held}


def test_every_role_has_its_never_and_its_owner():
    assert set(Role) == set(NEVER)
    assert set(Role) == {role for roles in ROLES_OF.values() for role in roles}


def test_the_page_is_made_from_the_table():
    assert rights.page() == PAGE.read_text("utf-8")


def test_the_examples_hold():
    assert 0 == doctest.testmod(rights).failed
