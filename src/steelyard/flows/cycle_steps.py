"""One step of a netting cycle's table, written down, with the clock of the state that it leads to."""

from steelyard.flows.diary import Diary
from steelyard.flows.liquidity_facts import CycleMoved
from steelyard.flows.timers import TimerKind
from steelyard.flows.world import World
from steelyard.liquidity.cycles import Cycle, CycleEvent, step
from steelyard.values.instants import Instant


def move(
    world: World, diary: Diary, cycle: Cycle, event: CycleEvent, *, due_at: Instant = 0, reason: str = ""
) -> None:
    """Take one step; one that is not in the table is our own fault."""
    before = cycle.state
    after = step(before, event)
    if after is None:
        raise ValueError(f"{event} has no place in {before}")
    cycle.state, cycle.due_at, cycle.asking = after, due_at, False
    if due_at:
        world.timers.set(due_at, TimerKind.CYCLE, cycle.cycle_id)
    else:
        world.timers.cancel(TimerKind.CYCLE, cycle.cycle_id)
    diary.fact(
        CycleMoved(
            cycle.cycle_id, cycle.number, cycle.assets, cycle.trigger, before, event, after, due_at,
            cycle.cut_at, cycle.cut_seq, cycle.deadline_at, len(cycle.items), reason,
        )
    )  # fmt: skip
