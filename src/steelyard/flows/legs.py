"""A batch of the bulk lane: thousands of packed legs as one command.

The records are no part of the command's fields: they stand beside it in the journal, and the fields hold
their SHA-256, so that the batch id stands for these very bytes. Each bundle in the batch has its own id and
its own outcome; what the sender gets back are 8 bytes per record. As a payment would be, a bundle above the
sender's own line is refused, since a batch has no second person, and so is one to who may not receive. A member
that is short in the PvP queue sends none until it has paid in: nobody asks leg by leg what is its cover. What
waited for money that a batch brought goes on in the same act.
"""

import numpy as np
from msgspec import Struct

from steelyard.engine.bulk import Bars
from steelyard.engine.records import LEG
from steelyard.flows import pvp_cover, settle
from steelyard.flows.command import Code, Command, Outcome
from steelyard.flows.refusals import Admission
from steelyard.flows.world import World
from steelyard.members.participants import Participant
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
    if pvp_cover.is_short(world, command.sender):
        return Outcome(Code.REFUSED, pvp_cover.REFUSAL.code)
    sender = world.engine.add_owner(command.sender)
    outcomes, made = world.engine.apply_packed(
        records, first_at=at, sender=sender, bars=_bars(world, participant, at), checked=True
    )
    world.packed_outcomes = outcomes
    if not made:
        return Outcome(Code.DONE)
    world.engine.records.append(made)
    waited_for = [number for number in _accounts_of(made) if world.queues.waits_on(number)]
    if not waited_for:
        return Outcome(Code.DONE)
    facts, notices = settle.inflow(world, waited_for, at + fields.count - 1)  # the time of the last bundle
    return Outcome(Code.DONE, 0, -1, tuple(facts), tuple(notices))


def _accounts_of(made: bytes) -> list[int]:
    """Give the accounts of leg records, each once, by number: any of them may have more to spend now."""
    rows = np.frombuffer(made, LEG)
    numbers: list[int] = np.unique(np.concatenate((rows["source"], rows["target"]))).tolist()
    return numbers


def _bars(world: World, participant: Participant | None, at: int) -> Bars:
    """Give what the lane forbids a sender: as for its other acts."""
    engine, participants = world.engine, world.members.participants
    closed = frozenset(
        engine.owner_nos[bic]
        for bic, one in participants.items()
        if not one.receives and bic in engine.owner_nos
    )
    lines = {} if participant is None else participant.settings.lines_minor
    return Bars(
        closed,
        {engine.asset_nos[asset]: line for asset, line in lines.items() if asset in engine.asset_nos},
        world.packs.rulebook(at).members.reservations_max,
    )
