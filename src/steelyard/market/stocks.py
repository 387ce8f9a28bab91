"""Receipts that their holders have committed to trade: what sales of a class may bind, oldest commitment first."""

from collections import OrderedDict
from collections.abc import Iterator
from typing import Self

from steelyard.values.wide import packed, unpacked

LOTS_MAX = 1_000
"""Receipts of one class that a holder may have committed: a trade passes over those frozen or no longer valid"""


class Stocks:
    """By holder and class: receipts and their kg, in the order in which they were committed."""

    __slots__ = ("_kg", "_lots")

    def __init__(self) -> None:
        self._lots: dict[tuple[str, str], OrderedDict[bytes, int]] = {}
        self._kg: dict[tuple[str, str], int] = {}

    def add(self, holder: str, code: str, receipt_id: bytes, kg: int) -> None:
        """Note a receipt that was committed."""
        place = (holder, code)
        self._lots.setdefault(place, OrderedDict())[receipt_id] = kg
        self._kg[place] = self._kg.get(place, 0) + kg

    def drop(self, holder: str, code: str, receipt_id: bytes) -> bool:
        """Forget a receipt that is no longer committed; tell whether it was."""
        place = (holder, code)
        lots = self._lots.get(place)
        if lots is None or receipt_id not in lots:
            return False
        self._kg[place] -= lots.pop(receipt_id)
        if not lots:
            del self._lots[place], self._kg[place]
        return True

    def swap(self, holder: str, code: str, receipt_id: bytes, left: tuple[bytes, int]) -> None:
        """Put what is left of a receipt into its place, first in its row."""
        place = (holder, code)
        lots = self._lots[place]
        self._kg[place] += left[1] - lots.pop(receipt_id)
        lots[left[0]] = left[1]
        lots.move_to_end(left[0], last=False)

    def count(self, holder: str, code: str) -> int:
        """Count a holder's committed receipts of a class."""
        return len(self._lots.get((holder, code), ()))

    def kg(self, holder: str, code: str) -> int:
        """Give what a holder has committed of a class."""
        return self._kg.get((holder, code), 0)

    def of(self, holder: str, code: str) -> Iterator[tuple[bytes, int]]:
        """Give a holder's committed receipts of a class, in order."""
        yield from self._lots.get((holder, code), {}).items()

    def encode(self) -> bytes:
        """Give the canonical bytes."""
        rows = [(*place, list(self._lots[place].items())) for place in sorted(self._lots)]
        return packed(rows)

    @classmethod
    def decode(cls, content: bytes) -> Self:
        """Build the state that `content` describes: the inverse of encode."""
        made = cls()
        for holder, code, lots in unpacked(content, list[tuple[str, str, list[tuple[bytes, int]]]]):
            for receipt_id, kg in lots:
                made.add(holder, code, receipt_id, kg)
        return made
