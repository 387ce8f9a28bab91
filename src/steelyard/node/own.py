"""The commands the node itself gives: genesis, ticks and the moves of a simulated clock.

Their ids and nonces are functions of the journal, not of chance: the same stream of commands gives the same
journal and state, wherever a node was killed and started again on the way.
"""

from hashlib import sha256
from typing import Any

from steelyard.flows.command import NO_FIELDS, Command, raw

ACTOR = "node"
SENDER = "operator"
TICK, ADVANCE, GENESIS = "tick", "clock.advance", "genesis"
PROPOSE, AGAIN = "batch.propose", "batch.again"
FX_PROPOSE, FX_AGAIN = "fx_batch.propose", "fx_batch.again"
PVP_PROPOSE, PVP_AGAIN = "pvp.propose", "pvp.again"
CYCLE_PROPOSE = "cycle.propose"
TENDER_PROPOSE = "tender.propose"
ENERGY_PROPOSE = "energy.propose"
SET_OFF_PROPOSE, SET_OFF_AGAIN = "set_off.propose", "set_off.again"
NAMES = frozenset((TICK, ADVANCE, GENESIS, PROPOSE, AGAIN, FX_PROPOSE, FX_AGAIN, CYCLE_PROPOSE,
                   SET_OFF_PROPOSE, SET_OFF_AGAIN, PVP_PROPOSE, PVP_AGAIN, TENDER_PROPOSE, ENERGY_PROPOSE))  # fmt: skip
"""Commands that nobody but the node may give."""


def own_command(name: str, fields: Any, *, at: int, number: int) -> Command:
    """Make the node's own command that will be number `number` of its journal, given at `at`."""
    seed = sha256(
        b"steelyard.own\0" + name.encode() + at.to_bytes(8, "big") + number.to_bytes(8, "big")
    ).digest()
    command_id = (at // 1_000_000).to_bytes(6, "big") + seed[:10]
    content = NO_FIELDS if fields is None else raw(fields)
    return Command(name, 1, command_id, SENDER, ACTOR, at, content, NO_FIELDS, seed[16:])
