"""Indices by origin and grade: the benchmark's method over the trades of one origin, one grade, or both.

Each index has minimum data of its own and its own value of the day before. An index without enough data moves as
its related contract did or is not published; it never borrows from another index.
"""

import msgspec
from msgspec import Struct

from steelyard.market.assessment import Assessed, Day, Method, assess


class IndexTerms(Struct, array_like=True, frozen=True, gc=False):
    """What an index is of; an empty origin or grade stands for all of them."""

    code: str
    origin: str = ""
    grade: str = ""
    method: Method = msgspec.field(default_factory=Method)

    def takes(self, origin: str, grade: str) -> bool:
        """Tell whether goods belong to the index.

        >>> IndexTerms("ZA", origin="ZA").takes("ZA", "A2"), IndexTerms("ZA", origin="ZA").takes("EG", "A2")
        (True, False)
        """
        return self.origin in ("", origin) and self.grade in ("", grade)


def index(day: Day, terms: IndexTerms, *, previous: str = "", related_move: str = "") -> Assessed:
    """Give an index of a day. `previous` and `related_move` are its own, not the day's."""
    return assess(
        Day(
            tuple(one for one in day.trades if terms.takes(one.origin, one.grade)),
            tuple(one for one in day.quotes if terms.takes(one.origin, one.grade)),
            previous,
            related_move,
            day.salt,
        ),
        terms.method,
    )
