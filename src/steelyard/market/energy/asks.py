"""A network that waits for a solver's match."""

from msgspec import Struct

from steelyard.market.energy.match import Match
from steelyard.market.energy.network import Node, Route, Shared
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
    shared: tuple[Shared, ...] = ()
    asset: str = ""
    """In which the match is settled once all accept it; empty: it is not"""
    accept_until: Instant = 0


class Unproved(Struct, array_like=True, frozen=True, gc=False):
    """A match of cargoes that leaves a gap: two people publish it, or nobody does."""

    ask: MatchAsk
    match: Match
