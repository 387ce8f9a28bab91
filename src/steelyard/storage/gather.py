"""From journal rows to table rows: each command, fact and notice finds its table.

A `Batch` is what one transaction of the projection adds. Facts are written down as they stand; nothing is
decided again. What a fact does to its table stands in `rows/`, a file per noun.
"""

import msgspec
from msgspec import Raw, Struct

from steelyard.flows import facts, settled_rows
from steelyard.flows.batch_propose import ProposeFields
from steelyard.flows.command import Command, decode_command, encode
from steelyard.flows.cycle_propose import ProposeFields as CycleFields
from steelyard.flows.facts import AnyFact
from steelyard.flows.fx_fill import FillFields
from steelyard.flows.set_off import ProposeFields as SetOffFields
from steelyard.storage.added import Added
from steelyard.storage.database import Writing
from steelyard.storage.frames import LEG_BYTES, CorruptRow, iter_acts
from steelyard.storage.journal import CorruptJournal, Row
from steelyard.storage.leg_rows import ROW_BITS
from steelyard.storage.rows import (
    auctions,
    batches,
    clearing,
    credit,
    directory,
    exchange,
    forwards,
    funds,
    market,
    payments,
    prices,
    tenders,
    titles,
)
from steelyard.storage.rows.statement import Handlers, Statements

_NOUNS = (
    directory,
    funds,
    exchange,
    payments,
    batches,
    clearing,
    credit,
    market,
    auctions,
    prices,
    tenders,
    titles,
    forwards,
)

STATEMENTS: Statements = {name: words for noun in _NOUNS for name, words in noun.STATEMENTS.items()}
"""What a fact does to its table, by name."""

HANDLERS: Handlers = {fact: handler for noun in _NOUNS for fact, handler in noun.HANDLERS.items()}
"""What takes each fact. Some change no table: PaymentStands answers a repeat."""


def write_changes(tables: Writing, added: Added) -> None:
    """Write what changes rarely, statement by statement, and what grows with orders together."""
    for kind, values in added.upserts:
        tables.run(STATEMENTS[kind], values)
    market.write(tables, added)


class _Notice(Struct, array_like=True, frozen=True, gc=False):
    """A notice whose data stays packed."""

    recipient: str
    kind: str
    subject: bytes
    data: Raw = Raw(b"\x90")


class _Outcome(Struct, array_like=True, frozen=True, gc=False):
    """An outcome whose facts stay packed until asked for."""

    code: int
    refusal: int = 0
    leg: int = -1
    facts: tuple[AnyFact, ...] = ()
    notices: tuple[_Notice, ...] = ()


_decode_outcome = msgspec.msgpack.Decoder(_Outcome).decode


class Batch(Added):
    """What some rows of the journal add to the tables."""

    def add(self, row: Row) -> None:
        """Take one row; `CorruptJournal` names it where it cannot be read."""
        before, base, count = self.legs, row.seq << ROW_BITS, 0
        try:
            for act in iter_acts(row.body):
                key, first = base | act.position, base + self.legs - before
                many = len(act.legs) // LEG_BYTES
                if many:
                    self.leg_parts.append(act.legs)
                    self.legs += many
                self.leg_key = first + many
                self._add(key, first, many, act.command, act.outcome)
                count += 1
        except (CorruptRow, msgspec.MsgspecError) as error:
            raise CorruptJournal(row.seq, str(error)) from error
        self.rows.append((row.seq, count, self.legs - before, row.time_last))

    def _add(self, key: int, leg_key: int, legs: int, command: memoryview, outcome: memoryview) -> None:
        asked = decode_command(command)
        done = _decode_outcome(outcome)
        at = asked.at_ns
        self.commands.append(
            (key, asked.id, asked.name, asked.sender, asked.actor, at, done.code, done.refusal, leg_key, legs)
        )
        self.certificates = _certificates_of(asked) if asked.name in _PROPOSALS and not done.code else b""
        for n, notice in enumerate(done.notices):
            data = bytes(notice.data)
            self.events.append((key, n, notice.recipient, notice.kind, notice.subject, at, data))
        n, told = 0, len(done.notices)
        for fact in done.facts:
            if isinstance(fact, facts.PaymentsSettled):
                n, told = self._payments_settled(fact, key, n, told, at)
                continue
            handler = HANDLERS.get(type(fact))
            if handler is not None:
                handler(self, fact, key, n, at)
            n += 1

    def _payments_settled(
        self, fact: facts.PaymentsSettled, key: int, n: int, told: int, at: int
    ) -> tuple[int, int]:
        """Add what a packed fact stands for; give the numbers of the next fact and the next notice behind."""
        for moved in settled_rows.moves(fact):
            payments.payment_moved(self, moved, key, n, at)
            n += 1
        for notice in settled_rows.notices(fact):
            self.events.append(
                (key, told, notice.recipient, notice.kind, notice.subject, at, encode(notice.data))
            )
            told += 1
        return n, told


_PROPOSALS: dict[str, type[ProposeFields | FillFields | CycleFields | SetOffFields]] = {
    "batch.propose": ProposeFields,
    "fx_batch.propose": FillFields,
    "cycle.propose": CycleFields,
    "set_off.propose": SetOffFields,
}


def _certificates_of(asked: Command) -> bytes:
    """Give the certificates of a proposal, as a list of the bytes of each."""
    proposed = msgspec.msgpack.decode(asked.fields, type=_PROPOSALS[asked.name])
    return msgspec.msgpack.encode(proposed.certificates)
