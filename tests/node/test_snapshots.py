"""When snapshots are taken: by command, at a day's end, at an orderly stop that would cost a long replay."""

import asyncio

from msgspec.structs import replace

from steelyard.flows.command import Outcome, raw
from steelyard.flows.facts import DayEnded
from steelyard.node.link import Submission
from steelyard.node.replay import load
from steelyard.storage.memory import MemoryJournal, Shelf
from tests.node import toy
from tests.node.nodes import folder, run, running


def test_a_snapshot_by_command_stands_after_the_last_row(tmp_path):
    """Asked for under load it stands between two groups, and what it holds is what replay gives."""
    shelf = Shelf()

    async def story():
        async with running(folder(tmp_path), journal=MemoryJournal(shelf)) as here:
            await here.begin()
            items = [Submission(toy.payment(0, 1, 1)) for _ in range(500)]
            futures = here.link.submit_many(items)
            seqs = [await here.ask("snapshot") for _ in range(3)]
            await asyncio.gather(*futures)
            assert sorted(seqs) == seqs
            return await here.ask("snapshot")

    last = run(story())

    assert len(shelf.rows) == last
    assert last in shelf.snapshots
    assert len(shelf.snapshots) <= 2  # fewer where several were asked for between the same two groups
    for seq, kept in shelf.snapshots.items():
        replayed = load(MemoryJournal(shelf), to=seq, snapshot_at_most=0)
        assert kept.state_hash == replayed.machine.world.state_hash()


def test_an_orderly_stop_writes_one_where_replay_would_take_long(tmp_path):
    """And none where it would not."""
    for seconds, expected in ((0, True), (60, False)):
        shelf = Shelf()

        async def story(seconds=seconds, shelf=shelf):
            config = folder(tmp_path / str(seconds), snapshot_after_s=seconds)
            async with running(config, journal=MemoryJournal(shelf)) as here:
                await here.begin()
                await here.do(toy.payment(0, 1, 1))

        run(story())
        assert expected == (len(shelf.rows) in shelf.snapshots)


def test_a_start_that_had_much_to_replay_writes_one(tmp_path):
    """So that a node that is killed again and again does not take longer each time; and none where it was little."""
    for seconds, expected in ((0, True), (60, False)):
        shelf = Shelf()
        config = folder(tmp_path / str(seconds))

        async def fill(shelf=shelf, config=config):
            async with running(config, journal=MemoryJournal(shelf)) as here:
                await here.begin()
                await here.do(toy.payment(0, 1, 1))

        again = replace(config, snapshot_after_s=seconds)

        async def start(shelf=shelf, config=again, expected=expected):
            async with running(config, journal=MemoryJournal(shelf)) as here:
                async with asyncio.timeout(10):
                    while expected and not shelf.snapshots:
                        await asyncio.sleep(0.01)
                kept = list(shelf.snapshots)
                assert 0 == (await here.do(toy.payment(0, 1, 2))).end
                return kept

        run(fill())
        assert not shelf.snapshots
        rows = len(shelf.rows)
        assert run(start()) == ([rows] if expected else [])


def test_a_day_s_end_writes_one(tmp_path, monkeypatch):
    """Whoever's day it was."""

    def ending(world, command, fields, at):
        return Outcome(0, facts=(raw(DayEnded("NOR", 20_000, at, ())),))

    entry = toy.registry.BY_NAME[("toy.begin", 1)]
    shelf = Shelf()

    async def story():
        async with running(folder(tmp_path), journal=MemoryJournal(shelf)) as here:
            await here.begin()
            monkeypatch.setitem(toy.registry.BY_NAME, ("toy.begin", 1), entry._replace(run=ending))
            await here.do(toy.beginning())
            async with asyncio.timeout(10):
                while not shelf.snapshots:
                    await asyncio.sleep(0.01)

    run(story())

    assert [3] == list(shelf.snapshots)


def test_a_snapshot_that_cannot_be_kept_harms_nothing(tmp_path):
    """Whoever asked is told; the node goes on."""

    class Full(MemoryJournal):
        def save_snapshot(self, snapshot):
            raise OSError("the disk is full")

    async def story():
        async with running(folder(tmp_path), journal=Full()) as here:
            await here.begin()
            refused = await here.link.read("snapshot")
            assert refused.refusal
            assert 0 == (await here.do(toy.remark("still here"))).end
            assert not here.stops

    run(story())
