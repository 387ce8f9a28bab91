"""One ordered queue that finds the next payment not above an amount without looking at each.

Entries stand in the order of their keys (any tuples that compare), in blocks; a block knows the smallest amount
in it, so that a scan passes over blocks of payments that nobody could pay. Taking in, taking out and finding
touch one block and the short list of blocks.

A line may keep a record of each item beside it, packed as it comes in: whoever then looks at all of a long queue
reads columns and touches no item.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Container, Iterator
from itertools import chain
from operator import itemgetter
from typing import Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt

BLOCK = 128
"""Most entries of one block; one above it is cut in halves."""

_LAST = itemgetter(-1)
T = TypeVar("T")
Key = tuple[Any, ...]


class Line(Generic[T]):
    """A queue of items, each with a unique key, which is its place, and the amount that is still open."""

    __slots__ = (
        "_amounts", "_items", "_keys", "_least", "_pack", "_rows", "_size", "_tops", "_width", "total_minor"
    )  # fmt: skip

    def __init__(self, pack: Callable[[T], bytes] | None = None, width: int = 0) -> None:
        """Take what packs an item into a record of `width` bytes, if any."""
        self._pack, self._width = pack, width
        self._rows: list[bytearray] = []
        self._keys: list[list[Key]] = []
        self._amounts: list[list[int]] = []
        self._items: list[list[T]] = []
        self._tops: list[Key] = []  # last key of each block
        self._least: list[int] = []  # smallest amount of each block
        self._size = 0
        self.total_minor = 0

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[T]:
        return chain.from_iterable(self._items)

    def put(self, key: Key, amount_minor: int, item: T) -> None:
        """Take an item in at the place of its key."""
        row = self._pack(item) if self._pack is not None else b""
        self._size += 1
        self.total_minor += amount_minor
        if not self._tops:
            self._insert(0, [key], [amount_minor], [item], bytearray(row))
            return
        block = min(bisect_left(self._tops, key), len(self._tops) - 1)
        keys = self._keys[block]
        place = bisect_left(keys, key)
        keys.insert(place, key)
        self._amounts[block].insert(place, amount_minor)
        self._items[block].insert(place, item)
        at = place * self._width
        self._rows[block][at:at] = row
        self._tops[block] = keys[-1]
        if amount_minor < self._least[block]:
            self._least[block] = amount_minor
        if len(keys) > BLOCK:
            self._halve(block)

    def remove(self, key: Key) -> T:
        """Take the item with this key out; KeyError where there is none."""
        block, place = self._find(key)
        keys, amounts = self._keys[block], self._amounts[block]
        del keys[place]
        amount_minor = amounts.pop(place)
        item = self._items[block].pop(place)
        del self._rows[block][place * self._width : (place + 1) * self._width]
        self._size -= 1
        self.total_minor -= amount_minor
        if not keys:
            for each in self._every():
                del each[block]
            return item
        self._tops[block] = keys[-1]
        if amount_minor == self._least[block]:
            self._least[block] = min(amounts)
        return item

    def keep(self, names: Container[Any]) -> None:
        """Take out all items whose key does not end in one of these: each block is looked at once."""
        stay = np.fromiter(map(names.__contains__, map(_LAST, chain.from_iterable(self._keys))), np.bool_)
        self.drop(~stay, [])

    def drop(self, gone: npt.NDArray[np.bool_], shed: list[object]) -> None:
        """Take out the items at these places, one truth each; what is then named no more is added to `shed`.

        A block that keeps all or nothing is not gone through; of others only what stays is touched.
        """
        blocks = list(zip(self._keys, self._amounts, self._items, self._rows, strict=True))
        starts = np.cumsum([0, *map(len, self._keys)])
        stay = np.flatnonzero(~gone)
        ends = np.searchsorted(stay, starts).tolist()
        inside = (stay - starts[np.searchsorted(starts, stay, side="right") - 1]).tolist()
        for each in self._every():
            each.clear()
        width = self._width
        for block, first, last in zip(blocks, ends, ends[1:], strict=False):
            keys, amounts, items, rows = block
            if last - first == len(keys):
                self._insert(len(self._tops), keys, amounts, items, rows)
                continue
            shed.append(block)
            if first < last:
                places = inside[first:last]
                self._insert(
                    len(self._tops),
                    [keys[at] for at in places],
                    [amounts[at] for at in places],
                    [items[at] for at in places],
                    bytearray().join([rows[at * width : (at + 1) * width] for at in places]),
                )
        self._size = len(stay)
        self.total_minor = sum(chain.from_iterable(self._amounts))

    def change(self, key: Key, amount_minor: int, item: T) -> None:
        """Let an item that keeps its place have another open amount; KeyError where there is none."""
        block, place = self._find(key)
        amounts = self._amounts[block]
        self.total_minor += amount_minor - amounts[place]
        amounts[place] = amount_minor
        self._items[block][place] = item
        if self._pack is not None:
            self._rows[block][place * self._width : (place + 1) * self._width] = self._pack(item)
        self._least[block] = min(amounts)

    def place(self, key: Key) -> int:
        """Give how many stand before the item with this key; KeyError where there is none."""
        block, place = self._find(key)
        return sum(map(len, self._keys[:block])) + place

    def following(self, after: Key | None = None, room_minor: int | None = None) -> tuple[Key, T] | None:
        """Give the first entry behind a key (from the head: None) whose amount is within the room (any: None).

        >>> line = Line()
        >>> for seq, amount in enumerate((50, 30, 20)):
        ...     line.put((seq,), amount, f"p{seq}")
        >>> line.following(), line.following(None, 30), line.following((1,), 30), line.following((2,))
        (((0,), 'p0'), ((1,), 'p1'), ((2,), 'p2'), None)
        """
        first = 0 if after is None else bisect_right(self._tops, after)
        if first == len(self._tops):
            return None
        place = 0 if after is None else bisect_right(self._keys[first], after)
        if room_minor is None:
            return self._keys[first][place], self._items[first][place]
        least = self._least
        for block in range(first, len(least)):
            if least[block] <= room_minor:
                amounts = self._amounts[block]
                for index in range(place, len(amounts)):
                    if amounts[index] <= room_minor:
                        return self._keys[block][index], self._items[block][index]
            place = 0
        return None

    def rows(self) -> list[bytearray]:
        """Give the records of all, block by block: not to be changed, and good until the line changes."""
        return self._rows

    def last(self) -> T | None:
        """Give the item that stands last, or None."""
        return self._items[-1][-1] if self._items else None

    def _find(self, key: Key) -> tuple[int, int]:
        block = bisect_left(self._tops, key)
        if block < len(self._tops):
            keys = self._keys[block]
            place = bisect_left(keys, key)
            if keys[place] == key:
                return block, place
        raise KeyError(key)

    def _every(self) -> tuple[list[Any], ...]:
        return self._keys, self._amounts, self._items, self._rows, self._tops, self._least

    def _insert(
        self, block: int, keys: list[Key], amounts: list[int], items: list[T], rows: bytearray
    ) -> None:
        self._rows.insert(block, rows)
        self._keys.insert(block, keys)
        self._amounts.insert(block, amounts)
        self._items.insert(block, items)
        self._tops.insert(block, keys[-1])
        self._least.insert(block, min(amounts))

    def _halve(self, block: int) -> None:
        keys, amounts, items = self._keys[block], self._amounts[block], self._items[block]
        rows, half = self._rows[block], len(keys) // 2
        self._insert(block + 1, keys[half:], amounts[half:], items[half:], rows[half * self._width :])
        del keys[half:], amounts[half:], items[half:], rows[half * self._width :]
        self._tops[block] = keys[-1]
        self._least[block] = min(amounts)
