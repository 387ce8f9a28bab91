"""Every reservation has one state: what is open is not known as ended, and its deadline is in the heap."""

from steelyard.engine.reservations import Ending
from steelyard.engine.state import Engine


def broken(engine: Engine, accounts: range) -> str | None:
    """Say which open reservation is known under another state, or would never expire."""
    waiting = set(engine.deadlines)
    for bundle_id, reservation in engine.reservations.items():
        kept = engine.window.entries.get(bundle_id)
        if reservation.bundle_id != bundle_id or (kept is not None and kept[23] >> 4 != Ending.RESERVED):
            return f"reservation {bundle_id:032x} is open and known as something else"
        if reservation.deadline_at and (reservation.deadline_at, bundle_id) not in waiting:
            return f"reservation {bundle_id:032x} has a deadline that nobody waits for"
    for bundle_id, kept in engine.window.entries.items():
        if kept[23] >> 4 == Ending.RESERVED and bundle_id not in engine.reservations:
            return f"reservation {bundle_id:032x} is known as open and is not there"
    return None
