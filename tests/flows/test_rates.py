"""Reference rates as their publishers give them, confirm them and have them judged."""

from typing import Any

import msgspec
import pytest

from steelyard.engine.refusals import Refusal as EngineRefusal
from steelyard.engine.refusals import SettingRefusal
from steelyard.flows import reads, valuing
from steelyard.flows.command import Outcome
from steelyard.flows.facts import RatePut, SettingChanged, decode_fact
from steelyard.flows.rates import ConfirmFields, RatesFields, RulesFields
from steelyard.fx.refusals import FxRefusal
from steelyard.fx.state import Fx
from steelyard.members.people import KEY, Actor
from steelyard.members.refusals import MemberRefusal
from steelyard.members.roles import Role
from steelyard.values.instants import DAY, HOUR
from tests.flows.payworld import Network, is_refused

AGENT = "STAGNOR0"


@pytest.fixture
def net() -> Network:
    net = Network()
    net.world.members.put_actor(Actor("k-STAGNOR0", AGENT, KEY, (Role.SETTLEMENT_AGENT,)))
    return net


def put(net: Network, num: int, kind: str = "market", *, source: str = "desk") -> Outcome:
    fields = RatesFields(source, net.at, (("NOR", "SUD", num, 10, 1),), kind)
    return net.give("rates.put", fields, "operator")


def told(outcome: Outcome) -> list[Any]:
    return [decode_fact(fact) for fact in outcome.facts]


def worth(net: Network, flow: str = "fx_batch") -> Any:
    return valuing.values(net.world, ["NOR"], unit="SUD", flow=flow, at=net.at)["NOR"]


def rules(**given: Any) -> RulesFields:
    kinds = ("official", "interbank", "market", "cross")
    return msgspec.structs.replace(RulesFields("NOR", 93_600_000, 500, 300, kinds), **given)


def test_a_rate_that_jumps_is_told_and_waits_for_its_settlement_agent(net: Network) -> None:
    put(net, 225)
    net.at += HOUR
    jumped_at = net.at
    (fact,) = told(put(net, 250))
    assert isinstance(fact, RatePut)
    assert (fact.kind, fact.marks, fact.confirmed) == ("market", ("JUMP", "SINGLE_SOURCE"), False)
    assert worth(net).refusal is FxRefusal.RATE_HAS_JUMPED

    done = net.give("rates.confirm", ConfirmFields("NOR", "SUD", "market", jumped_at), AGENT)
    (fact,) = told(done)
    assert (fact.num, fact.marks, fact.confirmed) == (250, ("SINGLE_SOURCE",), True)
    assert worth(net).value == 25


def test_of_the_operator_it_takes_two_people_to_confirm(net: Network) -> None:
    put(net, 225)
    confirm = ConfirmFields("NOR", "SUD", "market", net.at)

    assert is_refused(net.give("rates.confirm", confirm, "operator"), SettingRefusal.TWO_PEOPLE_NEEDED)


def test_who_confirms_names_the_newest_rate(net: Network) -> None:
    put(net, 225)
    seen_at = net.at
    net.at += HOUR
    put(net, 250)
    old = net.give("rates.confirm", ConfirmFields("NOR", "SUD", "market", seen_at), AGENT)
    other = net.give("rates.confirm", ConfirmFields("NOR", "SUD", "official", net.at), AGENT)

    assert is_refused(old, FxRefusal.RATE_NOT_FOUND)
    assert is_refused(other, FxRefusal.RATE_NOT_FOUND)
    assert is_refused(
        net.give("rates.confirm", ConfirmFields("OST", "SUD", "market", net.at), AGENT),
        EngineRefusal.SENDER_HAS_NO_RIGHT,
    )


def test_a_dual_rate_is_converted_by_the_kind_that_the_settlement_agent_names(net: Network) -> None:
    put(net, 225)
    put(net, 400, "official", source="bank of norland")
    assert worth(net).refusal is FxRefusal.RATE_IS_DUAL
    (fact,) = told(net.give("rates.rules", rules(choices=(("fx_batch", "market"),)), AGENT))

    assert isinstance(fact, SettingChanged)
    assert (fact.owner, fact.name) == (AGENT, "rates/NOR")
    assert (worth(net).kind, worth(net).flags) == ("market", ("DUAL",))
    assert worth(net, "pool").refusal is FxRefusal.RATE_IS_DUAL


def test_only_its_settlement_agent_judges_a_currency(net: Network) -> None:
    operator = net.give("rates.rules", rules(), "operator")
    other = net.give("rates.rules", rules(asset="SUD"), AGENT)
    wild = net.give("rates.rules", rules(jump_bp=0), AGENT)
    unknown = net.give("rates.rules", rules(asset="XXX"), AGENT)

    assert is_refused(operator, EngineRefusal.SENDER_HAS_NO_RIGHT)
    assert is_refused(other, MemberRefusal.OBJECT_IS_NOT_YOURS)
    assert is_refused(wild, FxRefusal.RATE_RULES_ARE_OUT_OF_BOUNDS)
    assert is_refused(unknown, MemberRefusal.CURRENCY_NOT_FOUND)


def test_a_kind_nobody_knows_is_malformed(net: Network) -> None:
    assert is_refused(put(net, 225, "guess"), FxRefusal.RATE_IS_MALFORMED)


def test_a_rate_grows_stale_and_the_list_says_so(net: Network) -> None:
    put(net, 225)
    net.give("rates.rules", rules(stale_after_ms=1), AGENT)
    net.at += 5 * DAY
    net.give("tick", None, "operator", actor="node")
    (row,) = reads.rates(net.world, (), "operator")

    assert row["marks"] == ("STALE", "SINGLE_SOURCE")
    assert worth(net).refusal is FxRefusal.RATE_IS_STALE


def test_rates_and_rules_outlive_a_snapshot(net: Network) -> None:
    put(net, 225)
    put(net, 250, "official")
    net.give("rates.rules", rules(jump_bp=7), AGENT)
    again = Fx.decode(net.world.fx.encode())

    assert again.rate_book.standings() == net.world.fx.rate_book.standings()
    assert again.rate_book.rules("NOR").jump_bp == 7
    assert again.encode() == net.world.fx.encode()
