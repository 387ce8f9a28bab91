"""The node's part of the bulk lane: a batch is checked whole at the door, then it is one command.

The records travel beside the command and are laid into the World for the time of one act.
"""

from hashlib import sha256

import msgspec

from steelyard.engine.records import SIZE, batch_fault
from steelyard.flows.command import Command
from steelyard.flows.legs import LegsFields
from steelyard.flows.machine import Applied, Machine
from steelyard.flows.refusals import Admission

NAME = "legs"
RECORDS_MAX = 8_000

_decode = msgspec.msgpack.Decoder(LegsFields).decode


def batch_refusal(command: Command, packed: bytes) -> Admission | None:
    """Give why a batch does not come in, or None: form, length, and the digest that its fields name."""
    if command.name != NAME:
        return Admission.COMMAND_IS_MALFORMED
    if len(packed) > RECORDS_MAX * SIZE:
        return Admission.COMMAND_IS_TOO_LARGE
    try:
        fields = _decode(command.fields)
    except msgspec.MsgspecError:
        return Admission.COMMAND_IS_MALFORMED
    fits = fields.count * SIZE == len(packed) and fields.digest == sha256(packed).digest()
    return None if fits and batch_fault(packed) is None else Admission.COMMAND_IS_MALFORMED


def apply_batch(machine: Machine, command: Command, packed: bytes, *, at: int) -> tuple[Applied, bytes]:
    """Apply a batch that passed the door; gives what the Machine answers and 8 bytes for each record."""
    world = machine.world
    world.packed, world.packed_outcomes = packed, b""
    applied = machine.apply(command, at=at)
    outcomes, world.packed, world.packed_outcomes = world.packed_outcomes, b"", b""
    return applied, outcomes
