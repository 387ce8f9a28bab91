"""Two people: what one human, an expired key or a second approval must not bring about."""

import pytest

from steelyard.engine.refusals import Refusal
from steelyard.flows.approve import ApproveFields
from steelyard.flows.choose import SettingsFields
from steelyard.flows.command import Code
from steelyard.flows.person import KeyFields, RevokeFields, RolesFields
from steelyard.members.refusals import PeopleRefusal
from steelyard.members.roles import Role
from steelyard.values.instants import MINUTE
from steelyard.values.refusal import Refusal as AnyRefusal
from tests.members.network import BANKS, Net, done, ready, refused

ANNA = BANKS["anna"]


@pytest.fixture
def net() -> Net:
    net = ready()
    valid_to = net.at + 5 * MINUTE
    for id, role in (("k-short", Role.MAKER), ("k-own", Role.CHECKER)):
        fields = KeyFields(id, ANNA, (role,), "p-anna-maker", credential=b"c" * 32, valid_to=valid_to)
        done(net.ops("key.register", fields))
    done(net.do("anna/maker", "participant.choose", SettingsFields(lines_minor=(("NOR", 10),))))
    return net


def proposed(net: Net, maker: str) -> ApproveFields:
    settings = SettingsFields(lines_minor=(("NOR", 20),))
    id, shown, outcome = net.propose(maker, "participant.choose", settings)
    done(outcome)
    return ApproveFields(id, shown)


def line(net: Net) -> int:
    return net.world.members.participants[ANNA].settings.lines_minor["NOR"]


def test_what_an_expired_key_proposed_does_not_run(net: Net) -> None:
    asked = proposed(net, "k-short")
    net.wait(6 * MINUTE)

    assert refused(net.do("anna/checker", "approve", asked), Refusal.SENDER_HAS_NO_RIGHT)
    assert line(net) == 10
    assert refused(net.do("anna/checker", "approve", asked), PeopleRefusal.APPROVAL_IS_OVER)


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("actor.revoke", RevokeFields("p-anna-maker")),
        ("actor.roles", RolesFields("p-anna-maker", (Role.OVERSEER,))),
    ],
)
def test_what_somebody_proposed_does_not_run_once_he_may_not(net: Net, name: str, fields: object) -> None:
    asked = proposed(net, "anna/maker")
    done(net.ops(name, fields))

    assert refused(net.do("anna/checker", "approve", asked), Refusal.SENDER_HAS_NO_RIGHT)
    assert line(net) == 10


@pytest.mark.parametrize(
    ("approver", "refusal"),
    [
        ("k-own", PeopleRefusal.APPROVER_IS_THE_MAKER),
        ("anna/maker", PeopleRefusal.APPROVER_IS_THE_MAKER),
        ("bram/checker", PeopleRefusal.APPROVAL_NOT_FOUND),
        ("p-op-1", PeopleRefusal.APPROVAL_NOT_FOUND),
    ],
)
def test_neither_the_same_human_nor_a_stranger_approves(net: Net, approver: str, refusal: AnyRefusal) -> None:
    asked = proposed(net, "anna/maker")

    assert refused(net.do(approver, "approve", asked), refusal)
    assert net.do("anna/checker", "approve", asked).code == Code.DONE
    assert line(net) == 20
    assert refused(net.do("anna/checker", "approve", asked), PeopleRefusal.APPROVAL_IS_OVER)
