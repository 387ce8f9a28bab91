"""The day in figures: what came in, what became of it, how long it took, corridor by corridor.

Everything is counted from the Book, which came from the journal; nothing here is a claim of the node.
"""

from collections import Counter

from msgspec import Struct

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


def summarise(book: Book, country_of: dict[str, str], names: Names) -> Summary:
    """Count a day. `country_of` gives a bank's member, `names` a refusal's name by its number."""
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
        currencies=_currencies(book, lines),
        corridors=_corridors(lines, country_of),
    )


def _wait_ms(line: Line) -> int:
    return (line.settled_at - line.entered_at) // MILLISECOND


def _nearest_rank(ordered: list[int], permille: int) -> int:
    return ordered[max(0, -(-len(ordered) * permille // 1000) - 1)]


def _currencies(book: Book, lines: list[Line]) -> dict[str, CurrencyLine]:
    issued: Counter[str] = Counter()
    sent: Counter[str] = Counter()
    arrived: Counter[str] = Counter()
    waiting: Counter[str] = Counter()
    for funding in book.issued:
        issued[funding.asset] += funding.amount_minor
    for line in lines:
        if line.state in SETTLED:
            sent[line.source] += line.source_minor
            arrived[line.target] += line.target_minor
        elif not line.ended_at:
            waiting[line.source] += line.source_minor
    codes = sorted({*issued, *sent, *arrived, *waiting})
    return {code: CurrencyLine(issued[code], sent[code], arrived[code], waiting[code]) for code in codes}


def _corridors(lines: list[Line], country_of: dict[str, str]) -> list[Corridor]:
    entered: Counter[tuple[str, str]] = Counter()
    done: Counter[tuple[str, str]] = Counter()
    for line in lines:
        pair = country_of.get(line.payer, "?"), country_of.get(line.payee, "?")
        entered[pair] += 1
        done[pair] += line.state in SETTLED
    return [Corridor(*pair, entered[pair], done[pair]) for pair in sorted(entered)]
