"""What a solver is given to work on: the queue of one currency and all that bounds it, at one place in time."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from steelyard.liquidity.queue import Queued, Room


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The queue of one currency after command `seq`.

    `balances` is what each account may use in all: balance less engine reservations plus its line. `reserved`
    gives per account what is kept for (urgent, high) payments; normal payments may use what is above both.
    """

    seq: int
    asset: str
    balances: Mapping[str, int]
    payments: tuple[Queued, ...]
    limits: tuple[Room, ...] = ()
    reserved: Mapping[str, tuple[int, int]] = field(default_factory=dict)
