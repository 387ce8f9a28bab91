"""Moving, reserving, settling, releasing: the worked examples."""

from steelyard.engine.bundles import Policy
from steelyard.engine.legs import Act
from steelyard.engine.refusals import Refusal
from steelyard.engine.state import Engine
from tests.engine.world import SECOND, Small

DONE = Act()


def test_a_circle_settles_at_end_and_not_leg_by_leg():
    world = Small("a", "b", "c")
    circle = (("a", "b", 50), ("b", "c", 50), ("c", "a", 50))

    assert Act(Refusal.LIQUIDITY_IS_SHORT, 0) == world.move(*circle)
    assert DONE == world.move(*circle, policy=Policy.AT_END)
    for name in "abc":
        account = world.engine.account(world.no(name))
        assert account is not None
        assert (account.debits_settled, account.credits_settled) == (50, 50)


def test_a_circle_that_leaves_one_short_names_the_last_leg_that_debits_it():
    world = Small("a", "b", "c")
    legs = (("a", "b", 50), ("b", "c", 50), ("c", "a", 50), ("a", "b", 1))

    assert Act(Refusal.LIQUIDITY_IS_SHORT, 3) == world.move(*legs, policy=Policy.AT_END)
    assert world.balance("a") == world.balance("b") == world.balance("c") == 0


def test_a_reservation_is_spoken_for_and_settles_in_part():
    world = Small("anna", "bram")
    world.fund("anna", 100)
    held, act = world.reserve(("anna", "bram", 70))

    assert (act, world.available("anna")) == (DONE, 30)
    assert Act(Refusal.LIQUIDITY_IS_SHORT, 0) == world.move(("anna", "bram", 31))
    assert DONE == world.engine.settle(held, (60,), at=world.at)
    assert (world.balance("anna"), world.available("anna"), world.balance("bram")) == (40, 40, 60)
    assert world.engine.balance(world.no("anna")).reserved_out == 0


def test_a_move_may_release_a_reservation_in_the_same_act():
    world = Small("anna", "bram", funded=100)
    held, _ = world.reserve(("anna", "bram", 70))
    bundle = world.bundle(("anna", "bram", 80))

    assert world.engine.check_move(bundle, at=world.at, authority=world.everyone).refusal is not None
    assert DONE == world.engine.move(bundle, at=world.at, authority=world.everyone, releasing=(held,))
    assert world.available("anna") == 20
    assert world.engine.reservation(held) is None


def test_a_refused_move_does_not_release_either():
    world = Small("anna", "bram", funded=100)
    held, _ = world.reserve(("anna", "bram", 70))
    before = world.engine.state_hash()
    bundle = world.bundle(("anna", "bram", 101))
    act = world.engine.move(bundle, at=world.at, authority=world.everyone, releasing=(held,))

    assert Act(Refusal.LIQUIDITY_IS_SHORT, 0) == act
    assert before == world.engine.state_hash()


def test_what_is_decoded_is_equal_and_goes_on_alike():
    world = Small("anna", "bram", funded=100)
    held, _ = world.reserve(("anna", "bram", 70))
    again = Engine.decode(world.engine.encode())

    assert world.engine.encode() == again.encode()
    for engine in (world.engine, again):
        assert [held] == [expiry.bundle_id for expiry in engine.due(world.at + 60 * SECOND)]
        engine.take_records()
        assert DONE == engine.settle(held, at=world.at)
    assert world.engine.take_records() == again.take_records()
    assert world.engine.state_hash() == again.state_hash()
