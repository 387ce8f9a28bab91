"""Turns: a sandbox's sender may fix the order in which the node takes what it sends at once.

`?order=3/50` on a message says: the third of fifty that are under way together. Message N goes to the node
right after N-1, whichever was read first, and after the last the count begins anew. So a day that is sent
over many connections ends the same every time. Only in the profiles demo and test, and with one gateway,
since an order holds within one process.
"""

import asyncio
import re

from steelyard.api.problems import ProblemError

PATIENCE_SECONDS = 20.0
OF_MAX = 10_000
_FORM = re.compile(r"([1-9]\d{0,4})/([1-9]\d{0,4})")


class Turns:
    """Lets callers pass one after another by number."""

    def __init__(self) -> None:
        self._next = 1
        self._waiting: dict[int, asyncio.Future[None]] = {}

    async def reach(self, text: str) -> None:
        """Wait for one's turn; the next caller's comes once this one has given up the loop."""
        order, of = _read(text)
        if order != self._next:
            await self._wait(order)
        self._next = order + 1 if order < of else 1
        asyncio.get_running_loop().call_soon(self._wake)

    async def _wait(self, order: int) -> None:
        if order in self._waiting:
            raise ProblemError("request-in-progress", f"order {order} is waited for already")
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[order] = turn
        try:
            await asyncio.wait_for(turn, PATIENCE_SECONDS)
        except TimeoutError:
            raise ProblemError("node-is-busy", f"order {order} never had its turn") from None
        finally:
            self._waiting.pop(order, None)

    def _wake(self) -> None:
        turn = self._waiting.get(self._next)
        if turn is not None and not turn.done():
            turn.set_result(None)


def _read(text: str) -> tuple[int, int]:
    found = _FORM.fullmatch(text)
    order, of = (int(part) for part in found.groups()) if found else (0, 0)
    if not 0 < order <= of <= OF_MAX:
        raise ProblemError("schema-violation", "order is N/M with 1 <= N <= M <= 10000")
    return order, of
