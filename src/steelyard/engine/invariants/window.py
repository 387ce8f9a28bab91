"""The id window keeps each id once, above its horizon and within its bound."""

from steelyard.engine.ids import BUCKET_MS
from steelyard.engine.state import Engine


def broken(engine: Engine, accounts: range) -> str | None:
    """Say what is wrong with the window; the share does not matter."""
    window = engine.window
    if len(window.entries) > window.ids_max:
        return f"{len(window.entries)} ids are more than {window.ids_max}"
    if sum(map(len, window.buckets.values())) != len(window.entries):
        return "ids and their buckets differ in number"
    if sorted(window.seconds) != sorted(window.buckets):
        return "the heap of seconds is not that of the buckets"
    for second, ids in window.buckets.items():
        for key in ids:
            if (
                key not in window.entries
                or (key >> 80) // BUCKET_MS != second
                or key >> 80 <= window.horizon_ms
            ):
                return f"id {key:032x} is out of place"
    return None
