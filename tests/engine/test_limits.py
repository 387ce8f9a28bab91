"""Limits: what counts, what is given back, and to which window."""

from steelyard.engine.bundles import Kind, Policy
from steelyard.engine.invariants import first_broken
from steelyard.engine.legs import Act
from steelyard.engine.limits import LimitKind
from steelyard.engine.refusals import Refusal
from tests.engine.world import AT, Small, number

OVER = Refusal.LIMIT_WOULD_BE_EXCEEDED
DONE = Act()


def limited(kind, cap, *accounts, **sides):
    world = Small("anna", "bram", "cleo", funded=100)
    limit = number(world.engine.open_limit(kind, world.nor, cap, **sides))
    assert world.engine.attach_limit(limit, [world.no(name) for name in accounts]) is None
    return world, world.engine.limits[limit]


def test_net_debit_counts_the_sum_below_zero():
    world, limit = limited(LimitKind.NET_DEBIT, 20, "anna", "bram")
    world.engine.change_account(world.no("anna"), floor=-500, ceiling=None, people=2)

    assert limit.used == -200
    assert world.move(("anna", "bram", 300)) == DONE  # within the group nothing leaves
    assert world.move(("bram", "cleo", 220)) == DONE
    assert limit.used == 20
    assert world.move(("bram", "cleo", 1)) == Act(OVER, 0)
    assert world.move(("cleo", "anna", 5)) == DONE
    assert world.reserve(("bram", "cleo", 5))[1] == DONE  # reserved outgoing counts
    assert world.move(("bram", "cleo", 1)) == Act(OVER, 0)
    assert world.reserve(("cleo", "anna", 5))[1] == DONE  # reserved incoming does not
    assert world.move(("bram", "cleo", 1)) == Act(OVER, 0)
    assert first_broken(world.engine) is None


def test_pair_counts_the_net_outflow_to_one_owner():
    world, limit = limited(LimitKind.PAIR, 20, "anna", owner="anna", other="bram")

    assert world.move(("anna", "cleo", 50)) == DONE
    assert world.move(("anna", "bram", 20)) == DONE
    assert world.move(("anna", "bram", 1)) == Act(OVER, 0)
    assert world.move(("bram", "anna", 8)) == DONE
    assert limit.used == 12
    held, _ = world.reserve(("bram", "anna", 10))
    assert limit.used == 12
    assert world.engine.settle(held, (6,), at=AT) == DONE
    assert limit.used == 6
    assert world.engine.reset_window(limit.limit_no) is None
    assert world.move(("anna", "bram", 20)) == DONE


def test_flow_counts_gross_and_gives_back_to_its_own_window():
    world, limit = limited(LimitKind.FLOW, 30, "anna")
    held, _ = world.reserve(("anna", "bram", 20))
    kept, _ = world.reserve(("anna", "cleo", 10))

    assert world.move(("bram", "anna", 30)) == DONE
    assert world.move(("anna", "bram", 1)) == Act(OVER, 0)
    assert world.engine.settle(held, (5,), at=AT) == DONE
    assert limit.used == 15
    world.engine.reset_window(limit.limit_no)
    assert world.move(("anna", "bram", 30)) == DONE
    assert world.engine.release(kept, at=AT) == DONE  # its window is closed: nothing comes back
    assert limit.used == 30


def test_at_end_a_limit_names_the_last_leg_that_it_counts():
    world, _ = limited(LimitKind.FLOW, 30, "anna")
    legs = (("anna", "bram", 20), ("anna", "bram", 20), ("bram", "anna", 40))

    assert world.move(*legs, policy=Policy.AT_END) == Act(OVER, 1)
    assert world.move(*legs) == Act(OVER, 1)


def test_at_end_a_net_debit_is_tested_once_on_the_final_state():
    world, _ = limited(LimitKind.NET_DEBIT, 0, "anna")
    world.engine.change_account(world.no("anna"), floor=-500, ceiling=None, people=2)
    legs = (("anna", "bram", 150), ("bram", "anna", 50))

    assert world.move(*legs) == Act(OVER, 0)
    assert world.move(*legs, policy=Policy.AT_END) == DONE


def test_a_cap_below_present_use_stops_new_outflow_only():
    world, limit = limited(LimitKind.FLOW, 30, "anna")
    world.move(("anna", "bram", 20))
    world.engine.change_limit(limit.limit_no, cap=10)

    assert world.move(("anna", "bram", 1)) == Act(OVER, 0)
    assert world.move(("bram", "anna", 1)) == DONE


def test_detached_accounts_are_no_longer_counted():
    world, limit = limited(LimitKind.NET_DEBIT, 0, "anna", "bram")
    anna = world.no("anna")

    assert world.engine.detach_limit(limit.limit_no, anna) is None
    assert limit.used == -100
    assert world.move(("anna", "cleo", 50), kind=Kind.TRANSFER) == DONE
    assert limit.used == -100
    assert first_broken(world.engine) is None
