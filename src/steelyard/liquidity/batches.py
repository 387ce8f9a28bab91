"""The batches of one node: which are open, what brought them about, and what each currency's next one waits for.

A batch is open from its request until its proposal is applied, or until the machine has settled what it can
itself. One is open per currency at most; a pool batch takes all its currencies. `gone` are payments that left the
queue while it is open: a proposal that still names them is told from one that names a stranger.
"""

from collections.abc import Collection, Iterator, Sequence
from enum import StrEnum

from msgspec import Struct

from steelyard.values.instants import Instant
from steelyard.values.wide import packed, unpacked

CURRENCY, POOL = "currency", "pool"


class Trigger(StrEnum):
    """What brought a batch about; the text stands in facts and reports."""

    COMMAND = "command"
    TIMER = "timer"
    DOUBLED = "doubled"
    URGENT = "urgent"
    INFLOW = "inflow"
    CREDIT = "credit"
    REST = "rest"
    """The batch before it could not hold the whole queue"""


Queued = tuple[str, int, str]
"""Asset, how many payments, and their sum in minor units: decimal text, since 64 bits do not hold every sum"""


def queued(asset: str, minors: Collection[int]) -> Queued:
    """Give what is queued of a currency.

    >>> queued("NOR", [10**18 - 1] * 20)
    ('NOR', 20, '19999999999999999980')
    """
    return asset, len(minors), str(sum(minors))


class Batch(Struct, array_like=True, gc=False):
    """One open batch. `snapshot_seq` is the number of the command after which its snapshot was taken.

    Commands are numbered from 1 and a payment's `seq` is that of the command before its own: payments from
    `snapshot_seq` on came later.
    """

    batch_id: bytes
    number: int
    kind: str
    assets: tuple[str, ...]
    trigger: str
    started_at: Instant
    requested_at: Instant
    snapshot_seq: int
    tries: int
    """How often it was asked for again"""
    queued: tuple[Queued, ...]
    """What was queued when it was asked for last"""
    units: tuple[tuple[str, int], ...] = ()
    """Of a pool: what a minor unit of each currency is worth"""
    gone: dict[int, int] = {}
    """`seq` of payments that left the queue since, and 1 where they settled"""

    @property
    def queued_count(self) -> int:
        """Count what was queued when it was asked for last."""
        return sum([count for _, count, _ in self.queued])

    @property
    def queued_value(self) -> int:
        """Give what that was worth: minor units of the one currency, value units of several."""
        units = dict(self.units)
        return sum([int(minor) * units.get(asset, 1) for asset, _, minor in self.queued])


class Watch(Struct, array_like=True, gc=False):
    """What is counted of one currency between its batches."""

    count: int = 0
    minor: int = 0
    """What is queued for want of money, all of it"""
    base_minor: int = 0
    """What was left queued by the last batch"""
    issued_minor: int = 0
    """What had been issued when the last batch was asked for"""
    asked_at: Instant = 0
    wanted: str = ""
    """The trigger that waits for the gap between batches to be over"""
    rounds: int = 0
    """Batches that were applied: what a payment has lived through is counted from here"""


class Choice(Struct, array_like=True, frozen=True, gc=False):
    """What a participant has agreed to for pools: its currencies, its own one, and the most it pays per batch.

    The cap is in minor units of `home`.
    """

    currencies: tuple[str, ...]
    home: str
    cap_minor: int


class Touched(Struct, gc=False):
    """What happened to one currency in the command that runs: wiring of the triggers, no state."""

    urgent: bool = False
    inflow: bool = False
    credit: bool = False


class Batches:
    """All that a node knows of its batches. `touched` and `fresh` are empty between two commands."""

    __slots__ = ("choices", "fresh", "next_number", "open", "touched", "watches")

    def __init__(self) -> None:
        self.next_number = 1
        self.open: dict[str, Batch] = {}
        self.watches: dict[str, Watch] = {}
        self.choices: dict[str, Choice] = {}
        self.touched: dict[str, Touched] = {}
        self.fresh: list[Batch] = []

    def watch(self, asset: str) -> Watch:
        """Give what is counted of a currency."""
        found = self.watches.get(asset)
        if found is None:
            found = self.watches[asset] = Watch()
        return found

    def touch(self, asset: str) -> Touched:
        """Note that something happened that may bring about a batch."""
        found = self.touched.get(asset)
        if found is None:
            found = self.touched[asset] = Touched()
        return found

    def joined(self, asset: str, amount_minor: int, *, urgent: bool) -> None:
        """Count a payment that begins to wait for money."""
        watch = self.watch(asset)
        watch.count += 1
        watch.minor += amount_minor
        touched = self.touch(asset)
        touched.urgent = touched.urgent or urgent

    def left(self, asset: str, amount_minor: int, seq: int, settled: bool) -> None:
        """Count a payment that no longer waits for money."""
        watch = self.watches[asset]
        watch.count -= 1
        watch.minor -= amount_minor
        batch = self.open.get(asset)
        if batch is not None and seq < batch.snapshot_seq:
            batch.gone[seq] = int(settled)

    def settled(self, asset: str, minors: Sequence[int], seqs: Sequence[int]) -> None:
        """Count many payments that no longer wait for money because they settled."""
        watch = self.watches[asset]
        watch.count -= len(minors)
        watch.minor -= sum(minors)
        batch = self.open.get(asset)
        if batch is not None:
            batch.gone.update((seq, 1) for seq in seqs if seq < batch.snapshot_seq)

    def find(self, batch_id: bytes) -> Batch | None:
        """Give an open batch by its id."""
        return next((batch for batch in self.each_open() if batch.batch_id == batch_id), None)

    def each_open(self) -> Iterator[Batch]:
        """Give every open batch once, by its first currency."""
        for asset in sorted(self.open):
            batch = self.open[asset]
            if batch.assets[0] == asset:
                yield batch

    def begin(self, batch: Batch) -> None:
        """Keep a batch as open and let its snapshot be taken."""
        self.next_number += 1
        for asset in batch.assets:
            self.open[asset] = batch
        self.fresh.append(batch)

    def end(self, batch: Batch) -> None:
        """Forget an open batch."""
        for asset in batch.assets:
            del self.open[asset]

    def encode(self) -> bytes:
        """Give the canonical bytes."""
        saved = _Saved(
            self.next_number,
            list(self.each_open()),
            [_save(asset, self.watches[asset]) for asset in sorted(self.watches)],
            {bic: self.choices[bic] for bic in sorted(self.choices)},
        )
        return packed(saved)

    @classmethod
    def decode(cls, data: bytes) -> "Batches":
        """Build what `encode` described."""
        saved = unpacked(data, _Saved)
        batches = cls()
        batches.next_number, batches.choices = saved.next_number, saved.choices
        batches.watches = dict(map(_load, saved.watches))
        for batch in saved.open:
            for asset in batch.assets:
                batches.open[asset] = batch
        return batches


_SavedWatch = tuple[str, int, str, str, str, Instant, str, int]
"""A currency and its `Watch`, sums as decimal text"""


def _save(asset: str, one: Watch) -> _SavedWatch:
    sums = str(one.minor), str(one.base_minor), str(one.issued_minor)
    return asset, one.count, *sums, one.asked_at, one.wanted, one.rounds


def _load(saved: _SavedWatch) -> tuple[str, Watch]:
    asset, count, minor, base_minor, issued_minor, asked_at, wanted, rounds = saved
    return asset, Watch(count, int(minor), int(base_minor), int(issued_minor), asked_at, wanted, rounds)


class _Saved(Struct, array_like=True, frozen=True, gc=False):
    next_number: int
    open: list[Batch]
    watches: list[_SavedWatch]
    choices: dict[str, Choice]
