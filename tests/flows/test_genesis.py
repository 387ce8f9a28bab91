"""Row 1, activated rules and the simulated clock."""

import pytest

from steelyard.engine.refusals import Refusal
from steelyard.flows import rules
from steelyard.flows.activate import ActivateFields
from steelyard.flows.clock import AdvanceFields
from steelyard.flows.command import Code
from steelyard.flows.facts import ActorChanged, RuleActivated
from steelyard.flows.genesis import GenesisPerson
from steelyard.members.refusals import MemberRefusal
from steelyard.members.roles import Role
from tests.members.network import OPS, Net, S, done, facts, genesis, ready, refused


def test_row_1_fixes_the_network_and_lets_two_operators_in():
    net = Net()
    outcome = done(genesis(net))

    assert ("test-net", "TEST", "system") == (
        net.world.network.network_id,
        net.world.network.node_prefix,
        net.world.network.clock,
    )
    assert [(id, (Role.OPERATOR,)) for id in OPS] == [
        (fact.actor, fact.roles) for fact in facts(outcome, ActorChanged)
    ]
    assert net.world.engine.owner_no("operator") is not None
    net.check()


def test_genesis_is_past():
    net = Net()
    done(genesis(net))

    assert refused(genesis(net), MemberRefusal.GENESIS_IS_PAST)


def test_genesis_is_past_once_anything_was_recorded():
    """A first command that was refused is a command all the same."""
    net = Net()
    net.do("node", "tick", ())

    assert refused(genesis(net), MemberRefusal.GENESIS_IS_PAST)


@pytest.mark.parametrize(
    "persons",
    [(), ("p-one",), ("p-one", "p-one"), ("p-one", "p-one", "p-two"), ("p-one", "k-two"), ("p-one", "two")],
)
def test_genesis_needs_two_persons(persons):
    net = Net()
    outcome = genesis(net, persons=tuple(GenesisPerson(id) for id in persons))

    assert refused(outcome, MemberRefusal.GENESIS_NEEDS_TWO_PERSONS)
    assert "" == net.world.network.network_id


@pytest.mark.parametrize(
    "changes",
    [
        {"network_id": ""},
        {"network_id": "a b"},
        {"node_prefix": "x"},
        {"hub_bic": "HUB"},
        {"log_id": ""},
        {"clock": "sundial"},
        {"persons": (GenesisPerson("p-a", b"short"), GenesisPerson("p-b"))},
    ],
)
def test_genesis_names_are_malformed(changes):
    assert refused(genesis(Net(), **changes), MemberRefusal.GENESIS_NAMES_ARE_MALFORMED)


def test_a_journal_of_a_newer_release_is_not_begun_here():
    assert refused(genesis(Net(), rules=("of_tomorrow",)), MemberRefusal.RULE_IS_UNKNOWN)


def test_nobody_but_the_node_begins_a_network():
    net = ready()

    assert refused(net.do("p-op-1", "genesis", _fields(net)), Refusal.SENDER_HAS_NO_RIGHT)


def _fields(net):
    from steelyard.flows.genesis import GenesisFields

    return GenesisFields("n", "NN", "HUBSNOR0", "l", "system", (), (), b"")


@pytest.fixture
def one_rule(monkeypatch):
    """A release that knows one rule."""
    monkeypatch.setattr(rules, "RULES", ("fairer",))
    monkeypatch.setattr("steelyard.flows.activate.RULES", ("fairer",))
    monkeypatch.setattr("steelyard.flows.genesis.RULES", ("fairer",))


def test_a_rule_comes_into_force_by_two_operators_at_its_instant(one_rule):
    net = ready()
    from_at = net.at + 60 * S
    outcome = done(net.ops("activate", ActivateFields("fairer", from_at)))

    assert [RuleActivated("fairer", from_at)] == facts(outcome, RuleActivated)
    assert (False, True) == (net.world.active("fairer", from_at - 1), net.world.active("fairer", from_at))


def test_a_rule_activated_twice_keeps_its_first_instant(one_rule):
    net = ready()
    from_at = net.at + 60 * S
    done(net.ops("activate", ActivateFields("fairer", from_at)))
    again = done(net.ops("activate", ActivateFields("fairer", from_at + S)))

    assert [] == facts(again, RuleActivated)
    assert net.world.active("fairer", from_at)


def test_rule_is_unknown():
    net = ready()

    assert refused(net.ops("activate", ActivateFields("fairer", net.at + S)), MemberRefusal.RULE_IS_UNKNOWN)


def test_from_at_must_be_later(one_rule):
    net = ready()
    outcome = net.ops("activate", ActivateFields("fairer", net.at))

    assert refused(outcome, MemberRefusal.FROM_AT_MUST_BE_LATER)


def test_row_1_activates_the_rules_it_names(one_rule):
    net = Net()
    begun = net.at
    done(genesis(net, rules=("fairer",)))

    assert net.world.active("fairer", begun)


def test_clock_is_the_systems():
    net = ready()
    outcome = net.do("node", "clock.advance", AdvanceFields(net.at))

    assert refused(outcome, MemberRefusal.CLOCK_IS_THE_SYSTEMS)


def test_a_simulated_clock_moves_to_the_time_of_its_command():
    net = Net()
    done(genesis(net, clock="simulated"))
    net.at += 3600 * S

    assert Code.DONE == net.do("node", "clock.advance", AdvanceFields(net.at)).code


@pytest.mark.parametrize("off", [-1, 1])
def test_clock_moves_to_its_command(off):
    net = Net()
    done(genesis(net, clock="simulated"))
    outcome = net.do("node", "clock.advance", AdvanceFields(net.at + off))

    assert refused(outcome, MemberRefusal.CLOCK_MOVES_TO_ITS_COMMAND)
