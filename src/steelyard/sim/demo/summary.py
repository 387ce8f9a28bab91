"""The day in figures: what came in, what became of it, how long it took, corridor by corridor.

Everything is counted from the Book, which came from the journal; nothing here is a claim of the node.
"""

from collections import Counter
from collections.abc import Collection
from fractions import Fraction

from msgspec import Struct

from steelyard.liquidity.batches import CURRENCY, POOL
from steelyard.payments.states import State
from steelyard.sim.demo.book import SETTLED, Book, Line
from steelyard.values.instants import MILLISECOND

Names = dict[int, str]


class Corridor(Struct, frozen=True):
    """Payments from one member's banks to another's; `settled_minor` is in the currency that arrives."""

    payer: str
    payee: str
    payments: int
    settled: int


class CurrencyLine(Struct, frozen=True):
    """One currency's day, in minor units: issued, left the payers' banks, reached the payees' banks."""

    issued_minor: int
    sent_minor: int
    arrived_minor: int
    queued_at_close_minor: int


class BatchesLine(Struct, frozen=True):
    """One kind of batch: how many there were, what they settled, and how near to their proved bounds.

    `able` could settle something at all, `at_bound` settled all that any rule could have. `distance_bp` is what the
    able ones together left of that, by value at the day's rates. The bound lets every payment settle in parts, of
    any size.
    """

    batches: int
    able: int
    payments: int
    parts: int
    at_bound: int
    distance_bp: int


class Summary(Struct, frozen=True):
    """The day in figures; waits are in ms of the day's own clock, from entry to finality."""

    payments: int
    settled: int
    settled_at_once: int
    settled_after_waiting: int
    waiting: int
    cancelled: int
    rejected: int
    refusals: dict[str, int]
    two_currencies: int
    over_a_third_currency: int
    wait_ms_median: int
    wait_ms_p99: int
    currencies: dict[str, CurrencyLine]
    corridors: list[Corridor]
    batches: dict[str, BatchesLine]


def summarise(
    book: Book,
    country_of: dict[str, str],
    names: Names,
    worth: dict[str, Fraction],
    *,
    apart: Collection[str] = (),
) -> Summary:
    """Count a day; money that came in for those `apart` is not part of it.

    `country_of` gives a bank's member, `names` a refusal's name by its number, `worth` what a minor unit of each
    currency is worth in one unit of account.
    """
    lines = list(book.payments.values())
    settled = [line for line in lines if line.state in SETTLED]
    waits = sorted(_wait_ms(line) for line in settled) or [0]
    refusals = Counter(
        names.get(line.refusal, str(line.refusal)) for line in lines if line.state == State.REJECTED
    )
    return Summary(
        payments=len(lines),
        settled=len(settled),
        settled_at_once=sum(not line.queued for line in settled),
        settled_after_waiting=sum(line.queued for line in settled),
        waiting=sum(line.ended_at == 0 for line in lines),
        cancelled=sum(line.state == State.CANCELLED for line in lines),
        rejected=sum(refusals.values()),
        refusals=dict(sorted(refusals.items())),
        two_currencies=sum(line.source != line.target for line in settled),
        over_a_third_currency=sum(len(line.providers) > 1 for line in settled),
        wait_ms_median=_nearest_rank(waits, 500),
        wait_ms_p99=_nearest_rank(waits, 990),
        currencies=_currencies(book, lines, apart),
        corridors=_corridors(lines, country_of),
        batches={kind: _batches(book, kind, worth) for kind in (CURRENCY, POOL)},
    )


def _wait_ms(line: Line) -> int:
    return (line.settled_at - line.entered_at) // MILLISECOND


def _nearest_rank(ordered: list[int], permille: int) -> int:
    return ordered[max(0, -(-len(ordered) * permille // 1000) - 1)]


def _currencies(book: Book, lines: list[Line], apart: Collection[str]) -> dict[str, CurrencyLine]:
    issued: Counter[str] = Counter()
    sent: Counter[str] = Counter()
    arrived: Counter[str] = Counter()
    waiting: Counter[str] = Counter()
    for funding in book.issued:
        if funding.participant not in apart:
            issued[funding.asset] += funding.amount_minor
    for line in lines:
        if line.state in SETTLED:
            sent[line.source] += line.source_minor
            arrived[line.target] += line.target_minor
        elif not line.ended_at:
            waiting[line.source] += line.source_minor
    codes = sorted({*issued, *sent, *arrived, *waiting})
    return {code: CurrencyLine(issued[code], sent[code], arrived[code], waiting[code]) for code in codes}


def _batches(book: Book, kind: str, worth: dict[str, Fraction]) -> BatchesLine:
    mine = [batch for batch in book.batches if batch.kind == kind]
    able = [batch for batch in mine if int(batch.bound or "0")]
    most = left = Fraction(0)
    for batch in able:
        unit = dict(batch.units).get(batch.assets[0], 1)
        rate = worth[batch.assets[0]] / unit
        most += rate * int(batch.bound)
        left += rate * (int(batch.bound) - int(batch.settled) - int(batch.parts))
    return BatchesLine(
        len(mine), len(able), sum(batch.settled_count for batch in mine),
        sum(batch.parts_count for batch in mine), sum(batch.distance_bp == 0 for batch in able),
        int(left * 10_000 / most) if most else 0,
    )  # fmt: skip


def _corridors(lines: list[Line], country_of: dict[str, str]) -> list[Corridor]:
    entered: Counter[tuple[str, str]] = Counter()
    done: Counter[tuple[str, str]] = Counter()
    for line in lines:
        pair = country_of.get(line.payer, "?"), country_of.get(line.payee, "?")
        entered[pair] += 1
        done[pair] += line.state in SETTLED
    return [Corridor(*pair, entered[pair], done[pair]) for pair in sorted(entered)]
