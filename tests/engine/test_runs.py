"""Runs of one act on the bulk lane: all at once where nothing is in the way, else untouched for the other way."""

import numpy as np
import pytest

from steelyard.engine import bulk, packed, runs
from steelyard.engine.bulk import NO_BARS, Bars
from steelyard.engine.bundles import Kind
from steelyard.engine.records import LEG, MOVE, RELEASE, RESERVE, SETTLE
from tests.engine.world import AT, SECOND, Small

NOW = AT // 10**6 << 16


def rows(act, *legs, first=100, original=0):
    """Give a run: legs are (source, target, amount), ids count from `first`, originals from `original`."""
    made = np.zeros(len(legs), LEG)
    made["act"], made["id_low"], made["id_high"] = act, np.arange(len(legs)) + first, NOW
    made["source"], made["target"], made["amount_minor"] = zip(*legs, strict=True)
    if act in (MOVE, RESERVE):
        made["asset_no"], made["kind"] = 1, Kind.PAYMENT
        made["deadline_at"] = AT + 60 * SECOND if act == RESERVE else 0
    else:
        made["original_low"], made["original_high"] = np.arange(len(legs)) + original, NOW
    return made


def world():
    small = Small("anna")
    small.open("anna/NOR/till")
    small.open("bram/NOR")
    small.fund("anna", 100)
    small.engine.take_records()
    return small.engine


def lane(engine, run, *, at=AT, bars=NO_BARS):
    sender = engine.account(2).owner_no
    return packed.Lane(engine, run.tobytes(), at, sender, bars)


def done(engine, run, *, at=AT, bars=NO_BARS):
    """Try a run at once."""
    return runs.done(lane(engine, run, at=at, bars=bars), int(run["act"][0]), 0, len(run))


def refused(run, *, bars=NO_BARS):
    """Tell that a run is left to the other way and that nothing has changed."""
    engine = world()
    before = engine.encode()
    return not done(engine, run, bars=bars) and before == engine.encode()


def test_every_act_is_done_at_once():
    engine = world()

    assert done(engine, rows(MOVE, (2, 4, 10), (2, 3, 5)))
    assert done(engine, rows(RESERVE, (2, 4, 20), (2, 4, 30), (3, 4, 5), first=110))
    assert engine.made == {engine.account(2).owner_no: 3}
    assert done(engine, rows(SETTLE, (0, 0, 0), (0, 0, 12), first=120, original=110))
    assert done(engine, rows(RELEASE, (0, 0, 0), first=130, original=112))
    assert (53, 5, 42) == tuple(engine.balance(no).available for no in (2, 3, 4))
    assert not engine.made
    assert not engine.reservations


def test_a_run_that_lives_on_what_comes_in_is_left_to_the_other_way():
    assert refused(rows(MOVE, (2, 3, 50), (3, 4, 40)))


@pytest.mark.parametrize(
    "run",
    [
        rows(MOVE, (2, 4, 60), (2, 4, 41)),
        rows(RESERVE, (2, 4, 60), (2, 4, 41)),
        rows(MOVE, (4, 2, 1)),
        rows(MOVE, *[(2, 4, 10**18 - 1)] * 5),
        rows(SETTLE, (0, 0, 0), original=999),
    ],
    ids=["short", "short of free money", "of another", "too large to sum", "not reserved"],
)
def test_a_run_with_anything_in_the_way_changes_nothing(run):
    assert refused(run)


def test_a_run_with_an_id_twice_or_known_changes_nothing():
    twice = rows(MOVE, (2, 4, 1), (2, 4, 1))
    twice["id_low"] = 7
    engine = world()
    assert refused(twice)
    assert done(engine, rows(MOVE, (2, 4, 1)))
    assert not done(engine, rows(MOVE, (2, 4, 1)))


def test_a_run_keeps_to_the_senders_bars():
    run = rows(RESERVE, (2, 4, 1), (2, 4, 2))
    bram = world().account(4).owner_no

    assert refused(run, bars=Bars(frozenset(), {}, 1))
    assert refused(run, bars=Bars(frozenset({bram}), {}, 500_000))
    assert done(world(), run, bars=Bars(frozenset(), {}, 2))


def test_a_reservation_ends_once_and_not_by_another():
    engine = world()
    held = rows(RESERVE, (2, 4, 20))
    assert done(engine, held)
    both = rows(SETTLE, (0, 0, 0), (0, 0, 0), first=120, original=100)
    both["original_low"] = 100

    assert not done(engine, both)
    assert not done(engine, rows(SETTLE, (0, 0, 21), first=120, original=100))
    assert not done(engine, rows(SETTLE, (0, 0, 0), first=120, original=100), at=AT + 60 * SECOND)
    engine.block(4, debits=False, credits=False, freeze=True)
    assert not done(engine, rows(SETTLE, (0, 0, 0), first=120, original=100))
    assert done(engine, rows(RELEASE, (0, 0, 0), first=120, original=100))


def test_ids_of_a_run_lie_in_the_window_as_if_put_one_by_one():
    run = rows(MOVE, (2, 4, 1), (2, 4, 1), (2, 4, 1))
    run["id_high"] += np.array([3000 << 16, 0, 3000 << 16], np.uint64)
    together, apart = world(), world()
    sender = apart.account(2).owner_no
    assert done(together, run)
    for position in range(3):
        sent = bulk.Sent(run[position : position + 1].tobytes(), sender, position, NO_BARS)
        assert bulk.decide(apart, sent, AT + position)[0] >> 48 == 0

    assert apart.window.encode() == together.window.encode()
