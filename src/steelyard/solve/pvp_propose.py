"""From the PvP queue to a proposal: a plain scan, no solver needed."""

from msgspec import Raw

from steelyard.flows.command import raw
from steelyard.flows.pvp_settle import RunFields, scan
from steelyard.liquidity.pvp_snapshot import PvpSnapshot


def propose_pvp(batch_id: bytes, snapshot: PvpSnapshot) -> Raw:
    """Give the fields of the command that names the trades that settle."""
    return raw(RunFields(batch_id, snapshot.seq, "", [bytes.fromhex(name) for name in scan(snapshot)]))
