"""What must hold of the engine at every moment; a file each, the list of them here.

Each has `broken(engine, accounts)`, which gives a sentence about the first thing found wrong, or None.
`accounts` are the numbers to look at, so that a sweep may take a share at a time; sums over a whole book
always look at all. A broken invariant stops the node.
"""

from collections.abc import Callable

from steelyard.engine.invariants import (
    books,
    bounds,
    counters,
    endings,
    issuers,
    limits,
    reserved,
    transit,
    window,
)
from steelyard.engine.state import Engine

Invariant = Callable[[Engine, range], str | None]

INVARIANTS: tuple[tuple[str, Invariant], ...] = (
    ("books", books.broken),
    ("issuers", issuers.broken),
    ("counters", counters.broken),
    ("bounds", bounds.broken),
    ("reserved", reserved.broken),
    ("endings", endings.broken),
    ("limits", limits.broken),
    ("transit", transit.broken),
    ("window", window.broken),
)


def first_broken(engine: Engine, accounts: range | None = None) -> str | None:
    """Give name and sentence of the first invariant that does not hold, or None; of all accounts by default."""
    share = range(1, len(engine.accounts)) if accounts is None else accounts
    for name, broken in INVARIANTS:
        found = broken(engine, share)
        if found is not None:
            return f"{name}: {found}"
    return None
