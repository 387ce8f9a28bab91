"""What gateways ask the state about tenders: each as its viewer may see it.

A draft is its buyer's alone. Until the opening a bidder sees its own commitment and nobody sees an offer, the node's
own reading included; from then on everybody sees everything, with the salts by which commitments are checked.
"""

from collections.abc import Callable, Iterator
from typing import Any

from msgspec import structs

from steelyard.flows.world import World
from steelyard.market.tenders import TenderCase

Params = tuple[Any, ...]


def tender(world: World, params: Params, viewer: str) -> TenderCase | None:
    """Give a tender by its id, or None where it is not there for the viewer, or over too long ago."""
    wanted = bytes(params[0])
    return next((case for case in _seen(world, viewer) if case.tender_id == wanted), None)


def _seen(world: World, viewer: str) -> Iterator[TenderCase]:
    for case in (*world.tenders.live.values(), *world.tenders.over):
        if case.is_public or viewer in ("", case.buyer):
            yield _shown(case, viewer)


def _shown(case: TenderCase, viewer: str) -> TenderCase:
    """Give a tender without what is sealed: nobody's offers, and of commitments the viewer's own."""
    if case.was_opened:
        return case
    own = {
        name: structs.replace(bid, offers=(), content=b"", salt=b"")
        for name, bid in case.bids.items()
        if name == viewer
    }
    return structs.replace(case, bids=own)


READS: tuple[tuple[str, Callable[[World, Params, str], Any]], ...] = (("tender", tender),)
