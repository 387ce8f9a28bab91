"""Throughput rules: who sends late is published, pays or goes later in pools; nobody is ever refused for it."""

from typing import Any

import msgspec
import pytest

from steelyard.engine.refusals import Refusal as E
from steelyard.flows.batch_snapshot import _ranked
from steelyard.flows.command import Outcome
from steelyard.flows.facts import PaymentEntered
from steelyard.flows.held_queues import RANK
from steelyard.flows.liquidity_facts import PaceJudged
from steelyard.flows.pace import RuleFields
from steelyard.flows.queue_view import seq_of
from steelyard.flows.tick import TickFields
from steelyard.flows.world import World
from steelyard.liquidity.pace import Pace, PaceRule
from steelyard.liquidity.queue import Queued
from steelyard.liquidity.refusals import LiquidityRefusal as No
from steelyard.members.refusals import MemberRefusal
from steelyard.values.instants import DAY, HOUR, MINUTE
from tests.flows.creditworld import Credits
from tests.flows.payworld import ANNA, ARNE, BRAM, START, facts, is_refused

AGENT = "STAGNOR0"
NOON = 12 * 60
RULE = PaceRule(
    ((NOON, 5_000), (16 * 60, 8_000)), ((1, True, 0, 0), (2, True, 30, 7)), 2, ((10 * 60, 5_000),)
)
MONEY = 10_000


class Paced(Credits):
    """A network whose NOR has a throughput rule."""

    def __init__(self, world: World | None = None, rule: PaceRule | None = RULE) -> None:
        super().__init__(world)
        if world is None:
            self.fund(ANNA, "NOR", MONEY)
            assert rule is None or self.rule(rule).code == 0

    def rule(self, rule: PaceRule | None, asset: str = "NOR", agent: str = AGENT) -> Outcome:
        return self.two(agent, "throughput.rule", RuleFields(asset, rule))

    def end_day(self) -> dict[str, PaceJudged]:
        """Go to the next day, at eight, and give what the day that ended says of each payer."""
        seen = len(self.outcomes)
        self.at = self.at // DAY * DAY + DAY
        self.give("tick", TickFields(), "operator", actor="node")
        self.at += 8 * HOUR
        found = [fact for outcome in self.outcomes[seen:] for fact in facts(outcome)]
        return {one.participant: one for one in found if isinstance(one, PaceJudged)}

    def fees(self) -> int:
        return self.balance(AGENT, "NOR", "fee")


@pytest.fixture
def net() -> Paced:
    return Paced()


def test_who_sends_early_misses_nothing_and_saves_half_of_its_fees(net: Paced) -> None:
    net.pay(ANNA, ARNE, "NOR", 100)
    one = net.end_day()[ANNA]

    assert (1, 100, 1, 100, 0, 0) == (
        one.submitted, one.submitted_minor, one.settled, one.settled_minor, one.missed, one.fee_minor
    )  # fmt: skip
    assert (1, 1, 1) == (one.entry_fee_minor, one.saved_minor, one.due_minor)
    assert (1, MONEY - 101) == (net.fees(), net.balance(ANNA, "NOR"))
    assert one.bundle_id
    net.check()


def test_steps_follow_from_what_was_missed_against_the_own_day(net: Paced) -> None:
    net.pay(ANNA, ARNE, "NOR", 100)
    assert net.end_day()[ANNA].missed == 0
    net.at += 5 * HOUR  # one o'clock: the first checkpoint is over
    net.pay(ANNA, ARNE, "NOR", 100)
    late = net.end_day()[ANNA]
    assert (1, True, 0, (0, 100)) == (late.missed, late.published, late.fee_minor, late.early)
    idle = net.end_day()[ANNA]

    assert (2, 30, 7, 100) == (idle.missed, idle.fee_minor, idle.ranks, idle.own_day_minor)
    assert {ANNA: 7} == net.world.pace.ranks["NOR"]
    assert 1 + 2 + 30 == net.fees()
    assert {} == Paced(rule=None).end_day()
    net.check()


def test_a_checkpoint_counts_what_comes_at_it(net: Paced) -> None:
    net.at = START // DAY * DAY + NOON * MINUTE
    net.pay(ANNA, ARNE, "NOR", 100)
    net.at += MINUTE
    net.pay(ANNA, ARNE, "NOR", 1)

    assert (100, 101) == net.end_day()[ANNA].early


def test_fees_that_are_not_there_are_owed_until_they_are(net: Paced) -> None:
    net.pay(ANNA, ARNE, "NOR", MONEY)
    one = net.end_day()[ANNA]
    assert (1, b"") == (one.due_minor, one.bundle_id)
    assert {ANNA: 1} == net.world.pace.owed["NOR"]
    net.fund(ANNA, "NOR", 500)
    other = net.end_day()[ANNA]

    assert (31, 31) == (other.due_minor, net.fees())
    assert {} == net.world.pace.owed
    net.check()


def test_a_payment_is_never_refused_for_what_is_owed(net: Paced) -> None:
    net.pay(ANNA, ARNE, "NOR", 100)
    for _ in range(3):
        net.end_day()
    _, outcome = net.paid(ANNA, ARNE, "NOR", 100)

    assert 0 == outcome.code
    assert any(isinstance(fact, PaymentEntered) for fact in facts(outcome))


def test_waits_count_until_settlement(net: Paced) -> None:
    net.pay(ARNE, ANNA, "NOR", 50)  # without money
    net.at += HOUR
    net.pay(ANNA, ARNE, "NOR", 50)
    net.give("tick", TickFields(), "operator", actor="node")
    judged = net.end_day()

    assert 1 == judged[ARNE].settled
    assert HOUR <= judged[ARNE].mean_wait < HOUR + MINUTE
    assert 0 == judged[ANNA].mean_wait


def test_payers_that_lost_ranks_stand_behind_others_in_pools(net: Paced) -> None:
    rows = [Queued("1", ANNA, BRAM, 5, seq=3), Queued("2", ARNE, BRAM, 5, seq=4)]
    found = _ranked(rows, {ANNA: 7})

    assert [3 + 7 * RANK, 4] == [row.seq for row in found]
    assert [3, 4] == [seq_of(row.seq) for row in found]
    assert rows == _ranked(rows, {})


@pytest.mark.parametrize(
    "change",
    [
        {"checkpoints": ((NOON, 5_000), (NOON, 8_000))},
        {"checkpoints": ((NOON, 5_000), (13 * 60, 4_000))},
        {"checkpoints": ((NOON, 10_001),)},
        {"steps": ((2, True, 0, 0), (1, True, 0, 0))},
        {"steps": ((0, True, 0, 0),)},
        {"steps": ((1, True, -1, 0),)},
        {"steps": ((1, True, 0, 1_001),)},
        {"entry_fee_minor": 10**15},
        {"entry_fee_minor": -1},
        {"discounts": ((NOON, 10_001),)},
        {"discounts": tuple((minute, 1) for minute in range(13))},
    ],
)
def test_a_rule_out_of_range_is_refused(net: Paced, change: dict[str, Any]) -> None:
    before = net.world.pace.encode()

    assert is_refused(net.rule(msgspec.structs.replace(RULE, **change)), No.THROUGHPUT_RULE_OUT_OF_RANGE)
    assert before == net.world.pace.encode()


def test_only_two_of_the_currencys_agent_set_its_rule(net: Paced) -> None:
    assert is_refused(net.give("throughput.rule", RuleFields("NOR", RULE), ANNA), E.SENDER_HAS_NO_RIGHT)
    assert is_refused(net.rule(RULE, "SUD"), MemberRefusal.OBJECT_IS_NOT_YOURS)
    assert is_refused(net.rule(RULE, "XXX"), MemberRefusal.CURRENCY_NOT_FOUND)


def test_without_a_rule_nothing_is_counted(net: Paced) -> None:
    assert 0 == net.rule(None).code
    net.pay(ANNA, ARNE, "NOR", 100)

    assert {} == net.end_day()
    assert Pace().encode() == net.world.pace.encode()


def test_the_state_outlives_a_snapshot_in_the_middle_of_a_day(net: Paced) -> None:
    net.pay(ANNA, ARNE, "NOR", 100)
    net.end_day()
    net.pay(ANNA, ARNE, "NOR", 50)
    again = Paced(World.decode(dict(net.world.sections())))
    again.at, again._number = net.at, net._number

    assert net.world.state_hash() == again.world.state_hash()
    assert net.end_day() == again.end_day()
    assert net.world.state_hash() == again.world.state_hash()
