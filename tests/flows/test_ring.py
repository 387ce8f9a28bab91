"""Rings of surplus: offered, matched, agreed to by everybody or gone; booked whole at the rates they were shown at."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.engine.refusals import Refusal as E
from steelyard.engine.refusals import SettingRefusal
from steelyard.flows.command import Code, Outcome
from steelyard.flows.liquidity_facts import RingMoved
from steelyard.flows.pool import transit
from steelyard.flows.ring import TURN, NamedFields, OfferFields, ProposeFields
from steelyard.flows.timers import TimerKind
from steelyard.flows.world import World
from steelyard.liquidity.refusals import LiquidityRefusal as No
from steelyard.members.refusals import MemberRefusal
from steelyard.values.instants import DAY
from tests.flows.batches import same_state
from tests.flows.fxorders import MONEY, Market
from tests.flows.payworld import ANNA, ASSETS, BANKS, BRAM, CLEO, facts, is_refused


class Rings(Market):
    """Banks with money at rates 1, 2 and 20, that offer what they do not want to keep."""

    def offer(self, owner: str, held: str, wanted: str, amount: int, keep: int = 0) -> Outcome:
        return self.give("surplus.offer", OfferFields(held, wanted, amount, keep), owner)

    def match(self, sender: str = "operator") -> Outcome:
        return self.give("ring.propose", ProposeFields(), sender)

    def say(self, owner: str, ring_id: bytes, word: str = "consent") -> Outcome:
        return self.give(f"ring.{word}", NamedFields(ring_id), owner)

    def three(self) -> RingMoved:
        """Offer the ring of the specification and give it: 1,200 NOR for SUD, 600 SUD for OST, 100 OST for NOR."""
        self.offer(ANNA, "NOR", "SUD", 1_200)
        self.offer(BRAM, "SUD", "OST", 600)
        self.offer(CLEO, "OST", "NOR", 100)
        (ring,) = rings(self.match())
        return ring

    def money(self) -> list[int]:
        return [self.balance(bic, asset) - MONEY for bic in (ANNA, BRAM, CLEO) for asset in ASSETS]


def rings(outcome: Outcome) -> list[RingMoved]:
    return [fact for fact in facts(outcome) if isinstance(fact, RingMoved)]


@pytest.fixture
def net() -> Rings:
    return Rings()


def test_a_ring_is_booked_when_the_last_holder_consents(net: Rings) -> None:
    ring = net.three()
    assert {
        (ANNA, 1_200, "NOR", 600, "SUD"),
        (BRAM, 600, "SUD", 60, "OST"),
        (CLEO, 60, "OST", 1_200, "NOR"),
    } == set(ring.swaps)
    for holder in (ANNA, BRAM):
        assert ["open"] == [one.state for one in rings(net.say(holder, ring.ring_id))]
        assert [0] * 9 == net.money()
    (done,) = rings(net.say(CLEO, ring.ring_id))

    assert ("settled", 16) == (done.state, len(done.bundle_id))
    assert [-1_200, 600, 0, 0, -600, 60, 1_200, 0, -60] == net.money()
    assert [0, 0, 0] == [net.world.engine.balance(transit(net.world, asset)).balance for asset in ASSETS]
    net.check()


def test_everybody_is_asked_and_told(net: Rings) -> None:
    ring = net.three()
    asked = [one for one in net.outcomes[-1].notices if one.kind == "ring.proposed"]
    outcome = net.say(BRAM, ring.ring_id, "decline")

    assert [ANNA, BRAM, CLEO] == sorted(one.recipient for one in asked)
    assert ["ring.declined"] * 3 == [one.kind for one in outcome.notices]


def test_one_no_ends_it_and_nothing_moves(net: Rings) -> None:
    ring = net.three()
    net.say(ANNA, ring.ring_id)
    (over,) = rings(net.say(BRAM, ring.ring_id, "decline"))

    assert "declined" == over.state
    assert is_refused(net.say(CLEO, ring.ring_id), No.RING_NOT_FOUND)
    assert [0] * 9 == net.money()


def test_time_ends_it_and_at_its_expiry_a_yes_is_late(net: Rings) -> None:
    ring = net.three()
    net.at = ring.expires_at
    assert is_refused(net.say(ANNA, ring.ring_id), No.RING_NOT_FOUND)
    outcome = net.give("tick", None, "operator", actor="node")

    assert ["expired"] == [one.state for one in rings(outcome)]
    assert {} == net.world.rings.rings


def test_money_that_has_gone_ends_it_for_all(net: Rings) -> None:
    ring = net.three()
    net.say(ANNA, ring.ring_id)
    net.say(BRAM, ring.ring_id)
    net.pay(ANNA, BRAM, "NOR", MONEY - 1_199)
    before = net.money()
    (over,) = rings(net.say(CLEO, ring.ring_id))

    assert ("refused", No.RING_LACKS_MONEY.code) == (over.state, over.refusal)
    assert before == net.money()
    net.check()


def test_a_second_yes_changes_nothing(net: Rings) -> None:
    ring = net.three()
    net.say(ANNA, ring.ring_id)
    before = same_state(net)

    assert Code.REPEATED == net.say(ANNA, ring.ring_id).code
    assert before == same_state(net)


def test_a_stranger_has_no_part(net: Rings) -> None:
    ring = net.three()

    assert is_refused(net.say("ARNENOR0", ring.ring_id), No.RING_NOT_FOUND)
    assert is_refused(net.say("ARNENOR0", ring.ring_id, "decline"), No.RING_NOT_FOUND)
    assert is_refused(net.say(ANNA, bytes(16)), No.RING_NOT_FOUND)


def test_what_waits_in_a_ring_is_not_matched_twice(net: Rings) -> None:
    net.three()
    before = same_state(net)

    assert is_refused(net.match(), No.RING_HAS_NO_STOCKS)
    assert before == same_state(net)


def test_only_what_is_above_what_one_keeps_is_matched(net: Rings) -> None:
    net.offer(ANNA, "NOR", "SUD", 10**10, MONEY - 100)
    net.offer(BRAM, "SUD", "NOR", 10**10)
    (ring,) = rings(net.match())

    assert {(ANNA, 100, "NOR", 50, "SUD"), (BRAM, 50, "SUD", 100, "NOR")} == set(ring.swaps)


def test_an_offer_is_taken_back(net: Rings) -> None:
    net.offer(ANNA, "NOR", "SUD", 100)
    net.offer(BRAM, "SUD", "NOR", 50)
    assert 0 == net.offer(ANNA, "NOR", "SUD", 0).code

    assert is_refused(net.match(), No.RING_HAS_NO_STOCKS)


@pytest.mark.parametrize(
    "terms", [("NOR", "NOR", 1, 0), ("NOR", "XXX", 1, 0), ("NOR", "SUD", -1, 0), ("NOR", "SUD", 1, -1),
              ("NOR", "SUD", 10**18, 0), ("NOR", "SUD", 1, 10**18)]
)  # fmt: skip
def test_an_offer_out_of_range_is_refused(net: Rings, terms: Any) -> None:
    assert is_refused(net.offer(ANNA, *terms), No.SURPLUS_OFFER_OUT_OF_RANGE)


def test_only_the_operator_matches(net: Rings) -> None:
    assert is_refused(net.match(ANNA), E.SENDER_HAS_NO_RIGHT)


def test_a_yes_above_ones_line_takes_two_people(net: Rings) -> None:
    ring = net.three()
    net.world.members.participants[ANNA].settings.lines_minor["NOR"] = 1_199

    assert is_refused(net.say(ANNA, ring.ring_id), SettingRefusal.TWO_PEOPLE_NEEDED)


def test_a_barred_holder_ends_it(net: Rings) -> None:
    ring = net.three()
    net.say(ANNA, ring.ring_id)
    net.say(BRAM, ring.ring_id)
    net.world.members.participants[ANNA].sends = False
    (over,) = rings(net.say(CLEO, ring.ring_id))

    assert ("refused", MemberRefusal.PARTICIPANT_STATE_FORBIDS.code) == (over.state, over.refusal)


def test_rings_outlive_a_snapshot(net: Rings) -> None:
    ring = net.three()
    net.say(ANNA, ring.ring_id)
    again = World.decode(dict(net.world.sections()))

    assert net.world.state_hash() == again.state_hash()
    assert (ANNA,) == again.rings.rings[ring.ring_id].consents


cells = st.tuples(
    st.sampled_from(BANKS), st.sampled_from(ASSETS), st.sampled_from(ASSETS), st.integers(1, 5_000)
)


@settings(max_examples=30, deadline=None)
@given(st.lists(cells, max_size=10))
def test_any_rings_all_agreed_keep_money_and_value(rows: list[tuple[str, str, str, int]]) -> None:
    """What is given of a currency is got; nobody gives more than it offered."""
    net = Rings()
    for owner, held, wanted, amount in rows:
        if held != wanted:
            net.offer(owner, held, wanted, amount)
    for ring in rings(net.match()):
        for holder in sorted({swap[0] for swap in ring.swaps}):
            net.say(holder, ring.ring_id)

    for asset in ASSETS:
        assert MONEY * len(BANKS) == sum(net.balance(bic, asset) for bic in BANKS)
    for offer in net.world.rings.offers():
        assert net.balance(offer.owner, offer.held) >= MONEY - offer.amount_minor
    assert {} == net.world.rings.rings
    net.check()


# By the calendar


def test_rings_are_matched_once_a_day_while_anything_is_offered(net: Rings) -> None:
    net.offer(ANNA, "NOR", "SUD", 1_200)
    net.offer(BRAM, "SUD", "OST", 600)
    net.offer(CLEO, "OST", "NOR", 100)
    due = net.world.timers.at(TimerKind.RING, TURN)
    assert due is not None
    assert 0 == due % DAY
    made = [one for outcome in net.wait(due - net.at) for one in rings(outcome)]

    assert ["open"] == [one.state for one in made]
    assert due + DAY == net.world.timers.at(TimerKind.RING, TURN)
    net.check()
    net.again()


def test_a_turn_without_stocks_asks_nobody_and_comes_again(net: Rings) -> None:
    net.offer(ANNA, "NOR", "SUD", 1_200)
    outcomes = net.wait(2 * DAY)

    assert [] == [one for outcome in outcomes for one in rings(outcome)]
    assert net.world.timers.at(TimerKind.RING, TURN) is not None


def test_no_turn_comes_once_nothing_is_offered_any_more(net: Rings) -> None:
    net.offer(ANNA, "NOR", "SUD", 1_200)
    net.offer(ANNA, "NOR", "SUD", 0)
    net.wait(2 * DAY)

    assert net.world.timers.at(TimerKind.RING, TURN) is None


def test_with_a_distance_of_zero_rings_are_matched_by_command_alone() -> None:
    net = Rings(ring_every_ms=0)
    net.offer(ANNA, "NOR", "SUD", 1_200)

    assert net.world.timers.at(TimerKind.RING, TURN) is None
