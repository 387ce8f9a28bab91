"""Places shared among several lines, where not all of them fit: as many to each as it goes, nobody keeps others out."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def shared(lines: Iterable[Iterable[T]], most: int) -> list[T]:
    """Give at most so many of several lines, the first of each, as many of each as it goes.

    No line is looked at further than is taken of it. Where not every line gets one more, the first do.

    >>> shared(["aaaaaa", "b", "cc"], 6)
    ['a', 'a', 'b', 'c', 'c', 'a']
    """
    found: list[T] = []
    going: list[Iterator[T]] = [iter(line) for line in lines]
    while going and len(found) < most:
        share = max(1, (most - len(found)) // len(going))
        left = []
        for line in going:
            some = list(islice(line, min(share, most - len(found))))
            found += some
            if len(some) == share:
                left.append(line)
        going = left
    return found
