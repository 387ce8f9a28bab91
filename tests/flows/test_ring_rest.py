"""Who lets rings lapse too often rests: its offers stand and are not matched, for a time, and it is told."""

import msgspec
import pytest

from steelyard.flows.command import Outcome
from steelyard.flows.liquidity_facts import RingLapsed
from steelyard.flows.world import World
from steelyard.liquidity import rules
from steelyard.liquidity.refusals import LiquidityRefusal as No
from steelyard.values.instants import DAY, HOUR
from tests.flows.batches import same_state
from tests.flows.payworld import ANNA, ARNE, BRAM, CLEO, facts, is_refused
from tests.flows.test_ring import Rings, rings


@pytest.fixture
def net() -> Rings:
    return Rings(ring_every_ms=0)


def lapses(outcome: Outcome) -> list[tuple[str, str, int, bool]]:
    found = [one for one in facts(outcome) if isinstance(one, RingLapsed)]
    return [(one.owner, one.state, one.lapses, one.rests_until > 0) for one in found]


def pair(net: Rings, amount: int = 100) -> bytes:
    """Let Anna and Bram offer each other what they hold, and match it."""
    net.offer(ANNA, "NOR", "SUD", amount)
    net.offer(BRAM, "SUD", "NOR", amount)
    (ring,) = rings(net.match())
    return ring.ring_id


def decline(net: Rings, times: int) -> Outcome:
    for _ in range(times):
        outcome = net.say(ANNA, pair(net), "decline")
    return outcome


def test_three_refusals_let_a_holder_rest_and_its_offers_are_not_matched(net: Rings) -> None:
    assert [(ANNA, "declined", 2, False)] == lapses(decline(net, 2))
    outcome = decline(net, 1)
    (told,) = [one for one in outcome.notices if one.kind == "ring.rests"]

    assert [(ANNA, "declined", 3, True)] == lapses(outcome)
    assert (ANNA, (3, net.at - 1_000 + 7 * DAY)) == (told.recipient, tuple(told.data))
    before = same_state(net)
    assert is_refused(net.match(), No.RING_HAS_NO_STOCKS)
    assert before == same_state(net)
    assert net.world.rings.offer(ANNA, "NOR") is not None
    net.check()


def test_others_go_on_without_who_rests(net: Rings) -> None:
    decline(net, 3)
    net.offer(CLEO, "NOR", "SUD", 60)
    (ring,) = rings(net.match())

    assert [BRAM, CLEO] == sorted(swap[0] for swap in ring.swaps)
    net.say(BRAM, ring.ring_id)
    assert ["settled"] == [one.state for one in rings(net.say(CLEO, ring.ring_id))]


def test_after_its_rest_a_holder_is_matched_and_one_lapse_more_lets_it_rest_again(net: Rings) -> None:
    decline(net, 3)
    net.at += 7 * DAY - HOUR
    assert is_refused(net.match(), No.RING_HAS_NO_STOCKS)
    net.at += HOUR
    net.rate("SUD", "NOR", 2, 1)

    assert [(ANNA, "declined", 4, True)] == lapses(net.say(ANNA, pair(net), "decline"))


def test_lapses_count_for_a_time_alone(net: Rings) -> None:
    decline(net, 2)
    net.at += 30 * DAY
    net.rate("SUD", "NOR", 2, 1)

    assert [(ANNA, "declined", 1, False)] == lapses(decline(net, 1))


def test_silence_is_counted_of_each_who_was_silent_and_of_nobody_else(net: Rings) -> None:
    ring = net.three()
    net.say(BRAM, ring.ring_id)
    net.at = ring.expires_at
    outcome = net.give("tick", None, "operator", actor="node")

    assert [(ANNA, "expired", 1, False), (CLEO, "expired", 1, False)] == lapses(outcome)


def test_money_that_has_gone_is_counted_of_whose_it_was(net: Rings) -> None:
    ring_id = pair(net, 10**9)
    net.pay(ANNA, ARNE, "NOR", 1)
    net.say(ANNA, ring_id)
    outcome = net.say(BRAM, ring_id)

    assert "refused" == rings(outcome)[0].state
    assert [(ANNA, "refused", 1, False)] == lapses(outcome)
    net.check()


def test_all_rings_of_one_match_are_one_lapse(net: Rings) -> None:
    """Anna's offer goes round with Bram and with Cleo: who is away for a day has let one match lapse."""
    net.offer(ANNA, "NOR", "SUD", 300)
    net.offer(BRAM, "SUD", "NOR", 50)
    net.offer(CLEO, "SUD", "NOR", 50)
    made = rings(net.match())
    assert 2 == len(made)

    assert [(ANNA, "declined", 1, False)] == lapses(net.say(ANNA, made[0].ring_id, "decline"))
    assert [] == lapses(net.say(ANNA, made[1].ring_id, "decline"))


def test_the_figures_are_the_rulebooks_and_zero_lets_nobody_rest() -> None:
    net = Rings(ring_every_ms=0, ring_lapses_max=0)
    assert [] == lapses(decline(net, 5))
    strict = Rings(ring_every_ms=0, ring_lapses_max=1, ring_rest_ms=1_000)
    assert [(ANNA, "declined", 1, True)] == lapses(decline(strict, 1))
    strict.at += 10**9
    assert pair(strict)


@pytest.mark.parametrize(
    "figures", [{"ring_lapses_max": 101}, {"ring_lapses_max": -1}, {"ring_rest_ms": 0}, {"ring_lapse_window_ms": 0},
                {"ring_rest_ms": 367 * 86_400_000}],
)  # fmt: skip
def test_figures_that_cannot_be_worked_with_are_not_read(figures: dict[str, int]) -> None:
    with pytest.raises(msgspec.ValidationError, match="ring_"):
        rules.read(figures)


def test_who_rests_is_part_of_the_state(net: Rings) -> None:
    decline(net, 3)
    again = World.decode(dict(net.world.sections()))

    assert (net.world.state_hash(), net.world.rings.rests) == (again.state_hash(), again.rings.rests)
    assert 3 == again.rings.lapses(ANNA)
