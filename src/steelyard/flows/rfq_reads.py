"""What gateways ask the state about requests for quotes: the requester sees all answers, a dealer its own."""

from collections.abc import Callable
from typing import Any

from msgspec import structs

from steelyard.flows.world import World
from steelyard.market.rfq import Rfq

Params = tuple[Any, ...]
LIMIT = 1_000


def rfqs(world: World, params: Params, viewer: str) -> list[Rfq]:
    """Give the open requests that the viewer made or may answer, newest first, at most `LIMIT`."""
    found = [
        _shown(one, viewer)
        for one in reversed(world.rfqs.live.values())
        if viewer in ("", one.requester) or one.asks(viewer)
    ]
    return found[:LIMIT]


def _shown(one: Rfq, viewer: str) -> Rfq:
    """Give a request as one sees it; a dealer learns neither what others answer nor who was asked."""
    if viewer in ("", one.requester):
        return one
    answers = [answer for answer in one.answers if answer.dealer == viewer]
    return structs.replace(one, dealers=(viewer,) if one.dealers else (), answers=answers)


READS: tuple[tuple[str, Callable[[World, Params, str], Any]], ...] = (("rfqs", rfqs),)
