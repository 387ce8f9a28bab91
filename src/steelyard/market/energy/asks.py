"""A network that waits for a solver's match."""

from msgspec import Struct

from steelyard.market.energy.network import Node, Route
from steelyard.values.instants import Instant

KIND = "energy_match"
"""What a solver is told that it is asked for."""
ASKS_MAX = 10


class MatchAsk(Struct, array_like=True, frozen=True, gc=False):
    """One question; its id is that of the match it may become. `seq` is the number of the command that asked."""

    match_id: bytes
    nodes: tuple[Node, ...]
    routes: tuple[Route, ...]
    asked_at: Instant
    seq: int
