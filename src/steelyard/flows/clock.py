"""The one way a simulated clock moves: a recorded command of the node, which bears the time it moves to."""

from msgspec import Struct

from steelyard.engine.refusals import Refusal
from steelyard.flows.command import Code, Command, Outcome
from steelyard.flows.world import World


class AdvanceFields(Struct, array_like=True, frozen=True, gc=False):
    """Where the clock stands from now on: the command's own time."""

    to_at: int


def run(world: World, command: Command, fields: AdvanceFields, at: int) -> Outcome:
    """Record the move; what falls due by it is swept by the ticks that follow."""
    if world.network.clock != "simulated" or fields.to_at != at:
        return Outcome(Code.REFUSED, Refusal.SENDER_HAS_NO_RIGHT.code)
    return Outcome(Code.DONE)
