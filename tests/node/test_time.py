"""Sequencer time: strictly rising whatever the clock does; simulated time moves by command alone."""

import asyncio

import pytest

from steelyard.engine.refusals import Refusal
from steelyard.node.clock import SECOND, SystemClock
from steelyard.node.exits import START_CHECK, StartCheck
from steelyard.node.link import Submission
from steelyard.storage.memory import MemoryJournal, Shelf
from steelyard.values.instants import parse_instant
from tests.node import toy
from tests.node.nodes import folder, run, running

T0 = parse_instant("2027-03-01T09:00:00Z")


class Hands:
    """A wall clock that the test sets; the monotonic one follows unless told to stay."""

    def __init__(self, at=T0):
        self.wall, self.steady = at, 0

    def clock(self):
        return SystemClock(lambda: self.wall, lambda: self.steady)

    def step(self, seconds):
        self.wall += round(seconds * SECOND)


def times(shelf):
    """Give first and last time of every row, in order."""
    return [at for row in shelf.rows for at in (row.time_first, row.time_last)]


@pytest.mark.parametrize("step", [-86_400, -0.5, 0, 0.5, 86_400])
def test_time_rises_strictly_whatever_the_clock_does(tmp_path, step, monkeypatch):
    """Set back a day, forward a day, or standing still: every row is later than the one before."""
    hands, shelf = Hands(), Shelf()
    monkeypatch.setattr("steelyard.node.genesis.time.time_ns", lambda: hands.wall)

    async def story():
        async with running(folder(tmp_path), journal=MemoryJournal(shelf), clock=hands.clock()) as here:
            await here.begin(at=hands.wall)
            for number in range(5):
                given = max(hands.wall, here.node.sequencer.last_at)  # ids bear the node's time
                assert 0 == (await here.do(toy.remark(str(number), at=given))).end
                if number == 2:
                    hands.step(step)
            here.node.health.watch()
            report = here.node.health.report()
            assert (abs(step) > 1) == report["degraded"], report

    run(story())

    assert sorted(set(times(shelf)) | {0}) == [0, *dict.fromkeys(times(shelf))]


def test_time_goes_on_from_the_head_after_a_restart_with_a_clock_set_back(tmp_path, monkeypatch):
    """The head's time is the least there is."""
    hands, shelf = Hands(), Shelf()
    monkeypatch.setattr("steelyard.node.genesis.time.time_ns", lambda: hands.wall)

    async def story():
        config = folder(tmp_path)
        async with running(config, journal=MemoryJournal(shelf), clock=hands.clock()) as here:
            await here.begin(at=hands.wall)
        last = shelf.rows[-1].time_last
        hands.step(-3600)
        async with running(config, journal=MemoryJournal(shelf), clock=hands.clock()) as here:
            answer = await here.do(toy.remark("late", at=last))
            assert last + 1 == answer.at_ns
            here.node.health.watch()
            assert any("behind the journal" in fault for fault in here.node.health.report()["faults"])

    run(story())


def test_skew_is_none_of_an_idle_clock_and_shows_steps_and_lateness(tmp_path, monkeypatch):
    """It does not count up from the last command; a step shows as long as its alarm."""
    hands, shelf = Hands(), Shelf()
    monkeypatch.setattr("steelyard.node.genesis.time.time_ns", lambda: hands.wall)

    async def story():
        async with running(folder(tmp_path), journal=MemoryJournal(shelf), clock=hands.clock()) as here:
            health, last = here.node.health, here.node.sequencer.last_at
            hands.wall += 3600 * SECOND
            hands.steady += 3600 * SECOND
            health.watch()
            assert (0, []) == (health.report()["clock_skew_s"], health.report()["faults"])
            hands.step(40)
            assert 40 == health.report()["clock_skew_s"]
            health.watch()
            health.watch()
            assert 40 == health.report()["clock_skew_s"]
            hands.wall = last - 5 * SECOND
            health.watch()
            assert 5 == health.report()["clock_skew_s"]

    run(story())


def test_a_clock_far_ahead_does_not_start_unless_accepted(tmp_path, monkeypatch):
    """Every deadline in the gap would fall due at once."""
    hands, shelf = Hands(), Shelf()
    monkeypatch.setattr("steelyard.node.genesis.time.time_ns", lambda: hands.wall)

    async def story():
        config = folder(tmp_path, start_gap_s_max=86_400)
        async with running(config, journal=MemoryJournal(shelf), clock=hands.clock()):
            pass
        hands.step(86_401)
        with pytest.raises(StartCheck, match="accept-gap") as told:
            async with running(config, journal=MemoryJournal(shelf), clock=hands.clock()):
                pass
        assert START_CHECK == told.value.exit_code
        async with running(config, journal=MemoryJournal(shelf), clock=hands.clock(), accept_gap=True):
            pass
        async with running(folder(tmp_path / "x"), journal=MemoryJournal(), clock=hands.clock()):
            pass

    run(story())


def test_a_simulated_clock_stands_still_and_moves_by_command(tmp_path):
    """Also over a restart; nothing else moves it."""
    shelf = Shelf()

    async def story():
        config = folder(tmp_path, simulated_at=T0)
        async with running(config, journal=MemoryJournal(shelf)) as here:
            await here.begin(at=T0)
            first = (await here.do(toy.remark("a", at=T0))).at_ns
            await asyncio.sleep(0.06)
            assert first + 1 == (await here.do(toy.remark("b", at=T0))).at_ns
            assert T0 + 3600 * SECOND == await here.ask("clock.advance", T0 + 3600 * SECOND)
        async with running(config, journal=MemoryJournal(shelf)) as here:
            assert T0 + 3600 * SECOND + 1 == (await here.do(toy.remark("c", at=T0 + 3600 * SECOND))).at_ns
            back = await here.ask("clock.advance", T0)
            assert back > T0 + 3600 * SECOND

    run(story())


def test_deadlines_obey_the_simulated_clock_over_a_restart(tmp_path):
    """A reservation lives until its deadline to the nanosecond, and expires by a recorded tick at it."""
    shelf = Shelf()

    async def story():
        config = folder(tmp_path, simulated_at=T0)
        due = T0 + 60 * SECOND
        async with running(config, journal=MemoryJournal(shelf)) as here:
            await here.begin(at=T0)
            assert 0 == (await here.do(toy.payment(0, 1, 500, deadline_at=due, at=T0))).decoded().code
            await here.ask("clock.advance", due - 1)
            assert due == await here.ask("next_due")
        async with running(config, journal=MemoryJournal(shelf)) as here:
            held = await here.ask("balance", f"{toy.bank(0)}/NOR")
            assert str(toy.MONEY - 500) == held[2]
            rows = len(shelf.rows)
            await here.ask("clock.advance", due)
            assert None is await here.ask("next_due")
            held = await here.ask("balance", f"{toy.bank(0)}/NOR")
            assert str(toy.MONEY) == held[2]
            assert len(shelf.rows) > rows

    run(story())


def test_many_deadlines_at_once_are_swept_in_bounded_groups(tmp_path, monkeypatch):
    """The clock's mover is answered once all are swept; no group takes longer than its time."""
    monkeypatch.setattr("steelyard.node.sequencer.GROUP_NS_MAX", 2_000_000)
    shelf = Shelf()

    async def story():
        config = folder(tmp_path, simulated_at=T0)
        async with running(config, journal=MemoryJournal(shelf)) as here:
            await here.begin(at=T0)
            for _ in range(3):
                orders = [toy.payment(0, 1, 1, deadline_at=T0 + SECOND, at=T0) for _ in range(2000)]
                await asyncio.gather(*here.link.submit_many([Submission(each) for each in orders]))
            rows = len(shelf.rows)
            await here.ask("clock.advance", T0 + 2 * SECOND)
            assert None is await here.ask("next_due")
            held = await here.ask("balance", f"{toy.bank(0)}/NOR")
            assert str(toy.MONEY) == held[2]
            assert len(shelf.rows) - rows >= 2

    run(story())


def test_an_idle_node_writes_nothing(tmp_path):
    """Ticks are recorded only when something is due."""
    shelf = Shelf()

    async def story():
        async with running(folder(tmp_path), journal=MemoryJournal(shelf)) as here:
            await here.begin()
            await asyncio.sleep(0.3)

    run(story())

    assert 2 == len(shelf.rows)


def test_a_deadline_of_the_system_clock_ticks_by_itself(tmp_path):
    """Within the node's look, without any command."""
    import time

    shelf = Shelf()

    async def story():
        async with running(folder(tmp_path), journal=MemoryJournal(shelf)) as here:
            await here.begin()
            due = time.time_ns() + SECOND // 5
            await here.do(toy.payment(0, 1, 500, deadline_at=due))
            async with asyncio.timeout(5):
                while await here.ask("next_due") is not None:
                    await asyncio.sleep(0.02)
        assert shelf.rows[-1].time_first >= due

    run(story())


def test_nobody_but_the_node_gives_its_commands(tmp_path):
    """Neither by name nor by actor; and a system clock is not moved at all."""

    async def story():
        async with running(folder(tmp_path), journal=MemoryJournal()) as here:
            await here.begin()
            for name in ("tick", "clock.advance", "genesis"):
                order = toy.command(name, (), sender="operator", actor="p-operator-1")
                assert Refusal.SENDER_HAS_NO_RIGHT.code == (await here.do(order)).refusal
            order = toy.command("toy.note", toy.Note("x"), sender=toy.bank(0), actor="node")
            assert Refusal.SENDER_HAS_NO_RIGHT.code == (await here.do(order)).refusal
            moved = await here.link.read("clock.advance", (T0 * 2,))
            assert Refusal.SENDER_HAS_NO_RIGHT.code == moved.refusal

    run(story())


def test_the_same_stream_gives_the_same_journal_however_it_is_cut(tmp_path):
    """With a simulated clock, groups of one and groups of many give the same state, ticks included."""
    orders = [toy.payment(n % 3, 3, 10 + n, deadline_at=T0 + (n % 7) * SECOND if n % 7 else 0, at=T0)
              for n in range(60)]  # fmt: skip
    first = toy.beginning(at=T0)

    async def story(path, together):
        shelf = Shelf()
        async with running(folder(path, simulated_at=T0), journal=MemoryJournal(shelf)) as here:
            await here.do(first)
            for start in range(0, 60, 20):
                some = orders[start : start + 20]
                if together:
                    await asyncio.gather(*here.link.submit_many([Submission(each) for each in some]))
                else:
                    for each in some:
                        await here.do(each)
                await here.ask("clock.advance", T0 + start // 20 * SECOND + SECOND)
            return len(shelf.rows), await here.ask("state_hash")

    (tmp_path / "a").mkdir()
    one = run(story(tmp_path / "a", together=False))
    (tmp_path / "b").mkdir()
    for name in ("genesis.toml",):
        (tmp_path / "keep").write_bytes((tmp_path / "a" / name).read_bytes())

    async def again():
        shelf = Shelf()
        config = folder(tmp_path / "b", simulated_at=T0)
        (tmp_path / "b" / "genesis.toml").write_bytes((tmp_path / "keep").read_bytes())
        async with running(config, journal=MemoryJournal(shelf)) as here:
            await here.do(first)
            for start in range(0, 60, 20):
                some = orders[start : start + 20]
                await asyncio.gather(*here.link.submit_many([Submission(each) for each in some]))
                await here.ask("clock.advance", T0 + start // 20 * SECOND + SECOND)
            return len(shelf.rows), await here.ask("state_hash")

    other = run(again())

    assert one[1] == other[1]
    assert one[0] > other[0]
