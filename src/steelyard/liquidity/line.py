"""One ordered queue that finds the next payment not above an amount without looking at each.

Entries stand in the order of their keys (any tuples that compare), in blocks; a block knows the smallest amount
in it, so that a scan passes over blocks of payments that nobody could pay. Taking in, taking out and finding
touch one block and the short list of blocks.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Container, Iterator
from itertools import chain
from typing import Any, Generic, TypeVar

BLOCK = 128
"""Most entries of one block; one above it is cut in halves."""

T = TypeVar("T")
Key = tuple[Any, ...]


class Line(Generic[T]):
    """A queue of items, each with a unique key, which is its place, and the amount that is still open."""

    __slots__ = ("_amounts", "_items", "_keys", "_least", "_size", "_tops", "total_minor")

    def __init__(self) -> None:
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
        self._size += 1
        self.total_minor += amount_minor
        if not self._tops:
            self._insert(0, [key], [amount_minor], [item])
            return
        block = min(bisect_left(self._tops, key), len(self._tops) - 1)
        keys = self._keys[block]
        place = bisect_left(keys, key)
        keys.insert(place, key)
        self._amounts[block].insert(place, amount_minor)
        self._items[block].insert(place, item)
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
        self._size -= 1
        self.total_minor -= amount_minor
        if not keys:
            for each in (self._keys, self._amounts, self._items, self._tops, self._least):
                del each[block]
            return item
        self._tops[block] = keys[-1]
        if amount_minor == self._least[block]:
            self._least[block] = min(amounts)
        return item

    def keep(self, names: Container[Any]) -> None:
        """Take out all items whose key does not end in one of these: each block is looked at once."""
        blocks = list(zip(self._keys, self._amounts, self._items, strict=True))
        for each in (self._keys, self._amounts, self._items, self._tops, self._least):
            each.clear()
        for block_keys, amounts, items in blocks:
            stay = [place for place, key in enumerate(block_keys) if key[-1] in names]
            if not stay:
                self.total_minor -= sum(amounts)
            elif len(stay) == len(block_keys):
                self._insert(len(self._tops), block_keys, amounts, items)
            else:
                left = [amounts[place] for place in stay]
                self.total_minor -= sum(amounts) - sum(left)
                self._insert(
                    len(self._tops),
                    [block_keys[place] for place in stay],
                    left,
                    [items[place] for place in stay],
                )
        self._size = sum(map(len, self._keys))

    def change(self, key: Key, amount_minor: int, item: T) -> None:
        """Let an item that keeps its place have another open amount; KeyError where there is none."""
        block, place = self._find(key)
        amounts = self._amounts[block]
        self.total_minor += amount_minor - amounts[place]
        amounts[place] = amount_minor
        self._items[block][place] = item
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

    def _insert(self, block: int, keys: list[Key], amounts: list[int], items: list[T]) -> None:
        self._keys.insert(block, keys)
        self._amounts.insert(block, amounts)
        self._items.insert(block, items)
        self._tops.insert(block, keys[-1])
        self._least.insert(block, min(amounts))

    def _halve(self, block: int) -> None:
        keys, amounts, items = self._keys[block], self._amounts[block], self._items[block]
        half = len(keys) // 2
        self._insert(block + 1, keys[half:], amounts[half:], items[half:])
        del keys[half:], amounts[half:], items[half:]
        self._tops[block] = keys[-1]
        self._least[block] = min(amounts)
