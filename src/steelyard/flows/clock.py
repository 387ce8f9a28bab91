"""The one way a simulated clock moves: a recorded command of the node, which bears the time it moves to."""

from msgspec import Struct

from steelyard.flows.command import Code, Command, Outcome
from steelyard.flows.diary import refused
from steelyard.flows.world import World
from steelyard.members.refusals import MemberRefusal


class AdvanceFields(Struct, array_like=True, frozen=True, gc=False):
    """Where the clock stands from now on: the command's own time."""

    to_at: int


def run(world: World, command: Command, fields: AdvanceFields, at: int) -> Outcome:
    """Record the move; what falls due by it is swept by the ticks that follow."""
    if world.network.clock != "simulated":
        return refused(MemberRefusal.CLOCK_IS_THE_SYSTEMS)
    if fields.to_at != at:
        return refused(MemberRefusal.CLOCK_MOVES_TO_ITS_COMMAND)
    return Outcome(Code.DONE)
