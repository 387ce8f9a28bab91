"""What the journal says of a day, read by nobody's code but the record formats themselves.

The demonstration does not believe its own node: balances are added up from the leg records, and payments from
the recorded facts, without the engine or the projection.
"""

from collections.abc import Iterator

import numpy as np
from msgspec import Struct

from steelyard.engine.records import LEG, MOVE, SETTLE
from steelyard.flows.command import decode_command, decode_outcome
from steelyard.flows.facts import (
    AccountOpened,
    AssetOpened,
    FundingMoved,
    PaymentEntered,
    PaymentMoved,
    PaymentPriced,
)
from steelyard.flows.liquidity_facts import BatchReported
from steelyard.flows.settled_rows import each_fact
from steelyard.payments.states import State
from steelyard.sim.demo.market.telling import KINDS, Told
from steelyard.storage.frames import Act, iter_acts
from steelyard.storage.journal import Journal, Row

ROWS_AT_ONCE = 256
SETTLED = (State.SETTLED, State.CREDITED, State.UNPOSTED)


class Line(Struct):
    """One payment of the day: amounts in minor units, instants in ns; `settled_at` is 0 until it settles."""

    uetr: bytes
    payer: str
    payee: str
    source: str
    source_minor: int
    target: str
    target_minor: int
    providers: tuple[str, ...]
    entered_at: int
    state: int
    refusal: int
    queued: bool
    settled_at: int = 0
    ended_at: int = 0


class Account(Struct, frozen=True):
    """An account as it was opened."""

    number: int
    name: str
    owner: str
    asset_no: int
    kind: str


class Book(Struct):
    """The whole day: payments in order of entry, accounts, assets, settled totals per account, row count."""

    payments: dict[bytes, Line]
    accounts: dict[int, Account]
    assets: dict[int, AssetOpened]
    debits: dict[int, int]
    credits: dict[int, int]
    issued: list[FundingMoved]
    batches: list[BatchReported]
    market: Told
    entered_twice: int = 0
    settled_twice: int = 0
    unbalanced_rows: int = 0
    rows: int = 0
    commands: int = 0
    last_at: int = 0

    def balance(self, number: int) -> int:
        """Give credits less debits of an account."""
        return self.credits.get(number, 0) - self.debits.get(number, 0)

    def book_totals(self) -> dict[str, tuple[int, int]]:
        """Give per asset code (debits, credits) over all accounts: equal in a balanced book."""
        totals: dict[str, tuple[int, int]] = {}
        for account in self.accounts.values():
            code = self.assets[account.asset_no].code
            debits, credits = totals.get(code, (0, 0))
            totals[code] = (
                debits + self.debits.get(account.number, 0),
                credits + self.credits.get(account.number, 0),
            )
        return dict(sorted(totals.items()))


def read_book(journal: Journal) -> Book:
    """Read every row of a journal into a Book."""
    book = Book({}, {}, {}, {}, {}, [], [], [])
    for row in _rows(journal):
        book.rows += 1
        book.last_at = row.time_last
        for act in iter_acts(row.body):
            _take(book, act)
    return book


def _rows(journal: Journal) -> Iterator[Row]:
    after = 0
    while rows := journal.read(after, limit=ROWS_AT_ONCE):
        yield from rows
        after = rows[-1].seq


def _take(book: Book, act: Act) -> None:
    command = decode_command(bytes(act.command))
    book.commands += 1
    outcome = decode_outcome(bytes(act.outcome))
    if outcome.code != 2:  # a repeat changes nothing: its facts only say what stands
        for fact in each_fact(outcome.facts):
            _fact(book, fact, command.at_ns)
    if act.legs:
        _legs(book, act)


def _fact(book: Book, fact: object, at: int) -> None:
    match fact:
        case PaymentEntered():
            book.entered_twice += fact.uetr in book.payments
            line = Line(
                fact.uetr, fact.debtor_agent, fact.creditor_agent, fact.source, fact.source_minor, fact.target,
                fact.target_minor, fact.providers, at, fact.state, fact.refusal, fact.state == State.QUEUED,
            )  # fmt: skip
            book.payments[fact.uetr] = line
            _end(book, line, at)
        case PaymentPriced():
            line = book.payments[fact.uetr]
            line.source_minor, line.target_minor, line.providers = (
                fact.source_minor,
                fact.target_minor,
                fact.providers,
            )
        case PaymentMoved():
            line = book.payments[fact.uetr]
            line.state, line.refusal = fact.after, fact.refusal or line.refusal
            line.queued = line.queued or fact.after == State.QUEUED
            _end(book, line, at)
        case AccountOpened():
            book.accounts[fact.account_no] = Account(
                fact.account_no, fact.name, fact.owner, fact.asset_no, fact.kind
            )
        case AssetOpened():
            book.assets[fact.asset_no] = fact
        case FundingMoved() if fact.state == "ISSUED":
            book.issued.append(fact)
        case BatchReported():
            book.batches.append(fact)
        case _ if isinstance(fact, KINDS):
            book.market.append((at, fact))
        case _:
            pass


def _end(book: Book, line: Line, at: int) -> None:
    if line.state == State.SETTLED:
        book.settled_twice += line.settled_at > 0
        line.settled_at = line.ended_at = at
    elif line.state in (State.REJECTED, State.CANCELLED):
        line.ended_at = at


def _legs(book: Book, act: Act) -> None:
    records = np.frombuffer(act.legs, dtype=LEG)
    for record in records[(records["act"] == MOVE) | (records["act"] == SETTLE)]:
        amount = int(record["amount_minor"])
        source, target = int(record["source"]), int(record["target"])
        book.debits[source] = book.debits.get(source, 0) + amount
        book.credits[target] = book.credits.get(target, 0) + amount
