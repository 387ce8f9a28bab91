"""Throughput: who sends early, who waits for others' money first; figures published, consequences as data.

A participant's own day value is the mean of its last 20 days in a currency. By each checkpoint of the day it
should have sent in a share of that. What follows from falling behind is a rule somebody wrote down: nothing, a
publication, a fee by steps, a lower rank in pools; a payment is never refused for it.

Shares are compared by whole numbers, never divided; what is shown is rounded down.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

WHOLE_BP = 10_000
DAYS = 20
"""Days an own day value is the mean of; with fewer known, of those."""


class Checkpoint(NamedTuple):
    """By this instant this share of the own day value has been sent in."""

    at: int
    share_bp: int


CHECKPOINTS = (Checkpoint(10, 3_000), Checkpoint(13, 6_000), Checkpoint(16, 8_500))
"""What holds unless a currency says otherwise; `at` in hours of the system's day."""


class Paid(NamedTuple):
    """One payment of the day as it went: instants, `settled_at` None while it waits."""

    payer: str
    payee: str
    amount_minor: int
    submitted_at: int
    settled_at: int | None = None


@dataclass(frozen=True, slots=True)
class Throughput:
    """What is published of one participant for one currency day.

    `mean_wait` is the mean time from submission to settlement, or to now where a payment still waits. `used_bp`
    is the share of what it received that paid for its own payments: money that came in before they went out.
    Who sends first has little of it, who holds back until others have paid has much; None where nothing came in.
    `missed` are the checkpoints, up to now, by which too little had been sent in.
    """

    participant: str
    submitted: int
    submitted_minor: int
    settled: int
    settled_minor: int
    mean_wait: int
    used_bp: int | None
    own_day_minor: int
    missed: tuple[Checkpoint, ...]


class Step(NamedTuple):
    """What follows from so many missed checkpoints on: publication, a fee, ranks lost in pools; all may be none."""

    missed_from: int
    publish: bool = False
    fee_minor: int = 0
    ranks: int = 0


class Discount(NamedTuple):
    """The share of the entry fee that is given back for payments sent in before an instant."""

    before: int
    share_bp: int


def checkpoints(day_at: int, hour: int, given: Iterable[Checkpoint] = CHECKPOINTS) -> tuple[Checkpoint, ...]:
    """Place checkpoints given in hours on a day that starts at `day_at`; `hour` is one hour in the same unit."""
    placed = tuple(sorted(Checkpoint(day_at + one.at * hour, one.share_bp) for one in given))
    shares = [one.share_bp for one in placed]
    if shares != sorted(shares) or not all(0 <= share <= WHOLE_BP for share in shares):
        raise ValueError("shares of checkpoints rise with time, from 0 to 10,000 basis points")
    return placed


def own_day(days: Sequence[int]) -> tuple[int, int]:
    """Give the own day value as a ratio (sum, days) of the last 20 days sent in, oldest first; (0, 1) without any."""
    last = days[-DAYS:]
    return (sum(last), len(last)) if last else (0, 1)


def throughput(
    day: Iterable[Paid],
    history: Mapping[str, Sequence[int]],
    *,
    at: int,
    checkpoints: Sequence[Checkpoint],
) -> tuple[Throughput, ...]:
    """Give the figures of every participant that pays, is paid or has a history, ascending, as they stand at `at`.

    `history` is what each sent in on earlier days, oldest first. What is submitted or settled after `at` has
    not happened yet. At one instant what settles counts in the order payers' names give.

    >>> day = [Paid("A", "B", 60, 1, 1), Paid("B", "A", 40, 5, 5)]
    >>> rows = throughput(day, {"B": [100]}, at=9, checkpoints=[Checkpoint(4, 3000), Checkpoint(8, 6000)])
    >>> [(row.participant, row.used_bp, [one.at for one in row.missed]) for row in rows]
    [('A', 0, []), ('B', 6666, [4, 8])]
    """
    seen = [paid for paid in map(_checked, day) if paid.submitted_at <= at]
    names = sorted({*history, *(name for paid in seen for name in paid[:2])})
    sent: dict[str, list[Paid]] = {name: [] for name in names}
    for paid in seen:
        sent[paid.payer].append(paid)
    received, used = _incoming(seen, names, at)
    return tuple(
        _row(name, sent[name], history.get(name, ()), received[name], used[name], at, checkpoints)
        for name in names
    )


def consequence(missed: int, steps: Iterable[Step]) -> Step:
    """Give the step that so many missed checkpoints reach; one of no consequence below the first."""
    reached = [step for step in sorted(steps) if step.missed_from <= missed]
    return reached[-1] if reached else Step(0)


def fees(missed: Mapping[str, int], steps: Sequence[Step]) -> dict[str, int]:
    """Give who owes which fee, participants without one left out; its legs are a bundle of their own."""
    owed = {name: consequence(count, steps).fee_minor for name, count in sorted(missed.items())}
    return {name: fee for name, fee in owed.items() if fee}


def discount(fee_minor: int, submitted_at: int, discounts: Iterable[Discount]) -> int:
    """Give what is given back of an entry fee: the largest share of those the payment was early for, rounded down."""
    shares = [one.share_bp for one in discounts if submitted_at < one.before]
    return fee_minor * max(shares, default=0) // WHOLE_BP


def _incoming(seen: Iterable[Paid], names: Iterable[str], at: int) -> tuple[dict[str, int], dict[str, int]]:
    """Give per participant what came in, and how much of that had come before the own payments it covers.

    Own payments are taken to be paid from what came in before, as far as that goes, then from own money.
    """
    received, pot, used = (dict.fromkeys(names, 0) for _ in range(3))
    settled = [
        (paid.settled_at, *paid) for paid in seen if paid.settled_at is not None and paid.settled_at <= at
    ]
    for _, payer, payee, amount, *_ in sorted(settled, key=lambda row: row[:5]):
        covered = min(pot[payer], amount)
        pot[payer] -= covered
        used[payer] += covered
        pot[payee] += amount
        received[payee] += amount
    return received, used


def _row(
    name: str,
    sent: Sequence[Paid],
    history: Sequence[int],
    received: int,
    used: int,
    at: int,
    checkpoints: Iterable[Checkpoint],
) -> Throughput:
    done = [paid for paid in sent if paid.settled_at is not None and paid.settled_at <= at]
    ends = [at if paid.settled_at is None else min(at, paid.settled_at) for paid in sent]
    waits = sum(end - paid.submitted_at for paid, end in zip(sent, ends, strict=True))
    worth, days = own_day(history)
    missed = []
    for point in checkpoints:
        early = sum(paid.amount_minor for paid in sent if paid.submitted_at <= point.at)
        if point.at <= at and early * days * WHOLE_BP < worth * point.share_bp:
            missed.append(point)
    return Throughput(
        participant=name,
        submitted=len(sent),
        submitted_minor=sum(paid.amount_minor for paid in sent),
        settled=len(done),
        settled_minor=sum(paid.amount_minor for paid in done),
        mean_wait=waits // len(sent) if sent else 0,
        used_bp=used * WHOLE_BP // received if received else None,
        own_day_minor=worth // days,
        missed=tuple(missed),
    )


def _checked(paid: Paid) -> Paid:
    """Give a payment back, or raise TypeError or ValueError where it is none."""
    if any(
        type(number) is not int for number in (paid.amount_minor, paid.submitted_at, paid.settled_at or 0)
    ):
        raise TypeError("an amount or instant is no integer")
    if paid.amount_minor <= 0 or paid.payer == paid.payee:
        raise ValueError("an amount is not above 0, or somebody pays itself")
    if paid.settled_at is not None and paid.settled_at < paid.submitted_at:
        raise ValueError("a payment settled before it was submitted")
    return paid
