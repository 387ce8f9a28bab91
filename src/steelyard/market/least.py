"""Ids of which the least are wanted first, whatever else comes and goes: which they are follows from the set alone."""

from heapq import heapify, heappop, heappush

GONE_MAX = 64
"""Entries of ids that are gone which the heap bears before it is made anew."""


class LeastFirst:
    """A set of ids.

    >>> ids = LeastFirst()
    >>> for one in (b"c", b"a", b"b"):
    ...     ids.add(one)
    >>> ids.discard(b"a")
    >>> ids.least(2), ids.least(1)
    ([b'b', b'c'], [b'b'])
    """

    __slots__ = ("_heap", "_ids")

    def __init__(self) -> None:
        self._ids: dict[bytes, None] = {}
        self._heap: list[bytes] = []

    def __len__(self) -> int:
        return len(self._ids)

    def add(self, one: bytes) -> None:
        """Put an id in."""
        if one in self._ids:
            return
        self._ids[one] = None
        if len(self._heap) >= 2 * len(self._ids) + GONE_MAX:
            self._heap = list(self._ids)
            heapify(self._heap)
        else:
            heappush(self._heap, one)

    def discard(self, one: bytes) -> None:
        """Take an id out, if it is in."""
        self._ids.pop(one, None)

    def least(self, count: int) -> list[bytes]:
        """Give so many of the least ids, or all there are, in order; they stay in."""
        found: list[bytes] = []
        while self._heap and len(found) < count:
            one = heappop(self._heap)
            if one in self._ids and (not found or found[-1] != one):
                found.append(one)
        for one in found:
            heappush(self._heap, one)
        return found
