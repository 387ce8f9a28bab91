"""A batch of the bulk lane: thousands of packed legs as one command.

The records are no part of the command's fields: they stand beside it in the journal, and the fields hold
their SHA-256, so that the batch id stands for these very bytes. Each bundle in the batch has its own id and
its own outcome; what the sender gets back are 8 bytes per record.
"""

from msgspec import Struct

from steelyard.flows.command import Code, Command, Outcome
from steelyard.flows.refusals import Admission
from steelyard.flows.world import World
from steelyard.members.refusals import MemberRefusal


class LegsFields(Struct, array_like=True, frozen=True, gc=False):
    """What the batch is: how many records, and their SHA-256."""

    count: int
    digest: bytes


def run(world: World, command: Command, fields: LegsFields, at: int) -> Outcome:
    """Apply the batch that the node has laid into `world.packed`, on the sender's own authority.

    The node has checked before that the records fit count and digest and have the form of a batch; a
    command that comes without them (inside a proposal, say) is refused.
    """
    records, world.packed = world.packed, b""
    if not records:
        return Outcome(Code.REFUSED, Admission.COMMAND_IS_MALFORMED.code)
    participant = world.members.participant(command.sender)
    if participant is not None and not participant.sends:
        return Outcome(Code.REFUSED, MemberRefusal.PARTICIPANT_STATE_FORBIDS.code)
    sender = world.engine.add_owner(command.sender)
    world.engine.made_max = world.packs.rulebook(at).members.reservations_max
    outcomes, made = world.engine.apply_packed(records, first_at=at, sender=sender, checked=True)
    world.packed_outcomes = outcomes
    if made:
        world.engine.records.append(made)
    return Outcome(Code.DONE)
