"""Files of any length: one transaction in memory at a time, the rest in a stage until the end is known.

Bytes pass a guard as they are read. Each transaction is validated alone, then removed from the tree; the
skeleton that remains, with the first transaction, is validated at the end, and a transaction after a later
sibling is refused. Only then do the rules about the group run, and only then may a caller commit anything.
"""

import re
from codecs import getincrementaldecoder
from hashlib import sha256
from typing import BinaryIO, Final, cast

import msgspec
from lxml import etree

from steelyard.iso20022 import extract, faults, pieces, schema, tables
from steelyard.iso20022.canonicalise import credit_transfer
from steelyard.iso20022.check import (
    FINDINGS_MAX,
    header_fault,
    refused,
    schema_fault,
    values_of,
    version_fault,
)
from steelyard.iso20022.classify import Parts, classify
from steelyard.iso20022.compiled import Schema
from steelyard.iso20022.context import GROUP, Context, Finding, Level, Limits, Outcome, Verdict
from steelyard.iso20022.guard import declaration_fault, encoding_fault
from steelyard.iso20022.lexical import Decimal, total_of
from steelyard.iso20022.parse import OPTIONS, syntax_finding
from steelyard.iso20022.rules import Message, judge_group, judge_transaction
from steelyard.iso20022.rules.view import PAYMENTS, Summed, Tx, Values
from steelyard.iso20022.stage import Row, Stage

_CHUNK: Final = 64 << 10
_BATCH: Final = 500
_KINDS_MAX: Final = 64  # transactions kept for the rules about the group, one per kind of agents
_UNIT: Final = re.compile(r"/CdtTrfTxInf(\[\d+\])?")
_TAGS: Final = ("{*}Document", "{*}CdtTrfTxInf")  # the parser speaks up at these alone
_MARKS: Final = (b"<!DOCTYPE", b"<!ENTITY")
_encode = msgspec.msgpack.Encoder().encode


class Stop(Exception):
    """Something that ends the reading of a file at level A."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.text)
        self.finding = finding


class Guarded:
    """The bytes of a file on their way to the parser: counted, hashed and refused where the guard says so.

    `elements` and `attributes` count since the last transaction; `settle` sets them back.
    """

    def __init__(self, source: BinaryIO, limits: Limits) -> None:
        self._source, self._limits = source, limits
        self._decode = getincrementaldecoder("utf-8")("strict").decode
        self._hash = sha256()
        self._length = self._elements = self._attributes = 0
        self._tail = b""

    def read(self, size: int = _CHUNK) -> bytes:
        """Give the next bytes, none at the end."""
        if self._elements > self._limits.elements_max or self._attributes > self._limits.attributes_max:
            raise Stop(Finding("within_limits", "XML04", "", "more elements or attributes than one part has"))
        chunk = self._source.read(min(size, _CHUNK))
        first = self._length == 0
        self._length += len(chunk)
        self._hash.update(chunk)
        if self._length > self._limits.bytes_max:
            limit = self._limits.bytes_max
            raise Stop(Finding("within_limits", "XML04", "", f"longer than {limit} bytes"))
        try:
            self._decode(chunk, final=not chunk)
        except UnicodeDecodeError:
            raise Stop(Finding("utf8_only", "XML03", "", "the bytes are not UTF-8")) from None
        seam = self._tail + chunk
        if any(mark in seam for mark in _MARKS):
            text = "document type and entity declarations are refused"
            raise Stop(Finding("no_doctype", "XML02", "", text))
        self._tail = seam[-(len(_MARKS[0]) - 1) :]
        self._elements += chunk.count(b"<")
        self._attributes += chunk.count(b"=")
        return _start(chunk) if first else chunk

    def settle(self) -> None:
        """Begin to count anew: a transaction has ended."""
        self._elements = self._attributes = 0

    def digest(self) -> bytes:
        """Give the SHA-256 of what was read, the byte order mark included."""
        return self._hash.digest()


def _start(chunk: bytes) -> bytes:
    """Judge the first bytes as the guard of messages does; a byte order mark is dropped."""
    if not chunk:
        raise Stop(Finding("well_formed", "XML01", "", "the input is empty"))
    fault = (
        encoding_fault(chunk[:4]) if b"\0" in chunk[:4] or chunk[:2] in (b"\xff\xfe", b"\xfe\xff") else None
    )
    chunk = chunk.removeprefix(b"\xef\xbb\xbf")
    fault = fault or declaration_fault(chunk)
    if fault is not None:
        raise Stop(fault)
    return chunk


class Streamed:
    """What is known of a file while it is read."""

    def __init__(self, source: BinaryIO, context: Context, stage: Stage, file: bytes) -> None:
        self.context, self.stage, self.file = context, stage, file
        self.guarded = Guarded(source, context.limits)
        self.parts: Parts | None = None
        self.table: tables.Message | None = None
        self.schemas: list[Schema] = []
        self.unit = ""
        self.group: Values = {}
        self.number = self.faulty = self.beyond = 0
        self.total = Decimal(0, 0)
        self.currencies: set[str] = set()
        self.kinds: dict[tuple[str, ...], Tx] = {}
        self.findings: list[Finding] = []
        self.waiting: list[Row] = []
        self.service: str | None = None

    def run(self) -> Verdict:
        """Read the file to its end and give the verdict; rows lie in the stage unless it was refused."""
        self.stage.open(self.file)
        try:
            root = self._read()
            return self._end(root)
        except Stop as stop:
            found = stop.finding
        except etree.XMLSyntaxError as error:
            found = syntax_finding(error)
        self.stage.discard(self.file)
        return refused(found, self.file, self.context.profile, self.parts)

    def _read(self) -> etree._Element:
        """Give the skeleton after every transaction was taken."""
        events = etree.iterparse(
            self.guarded,
            events=("start", "end"),
            tag=_TAGS,
            encoding="utf-8",
            **OPTIONS,
        )
        before: etree._Element | None = None
        for event, element in events:
            if event == "start":
                self._started(element)
                continue
            if not self.unit or element.tag != self.unit or not self._is_unit(element):
                continue
            self._taken(element, before)
            if before is not None and self.number > 2:
                self._drop(before)
            before = element
            self.guarded.settle()
        if before is not None and self.number > 1:
            self._drop(before)
        return cast(etree._Element, events.root)

    def _started(self, element: etree._Element) -> None:
        """Learn from the Document's start what a transaction is called."""
        if self.unit or element.tag[-9:] != "}Document":
            return
        message = element.tag[1:-9].removeprefix(tables.NAMESPACE)
        table = tables.message(message)
        if table is not None and message[:8] in PAYMENTS:
            self.table = table
            self.unit = f"{{{table.namespace}}}{table.units[0][-1]}"

    def _is_unit(self, element: etree._Element) -> bool:
        """Tell a transaction from an element of its name elsewhere: its parent is the message's root."""
        parent = element.getparent()
        return parent is not None and self.table is not None and parent.tag.endswith("}" + self.table.root)

    def _taken(self, element: etree._Element, before: etree._Element | None) -> None:
        """Judge one transaction and lay it into the stage."""
        if before is None:
            self._first(element)
        elif element.getprevious() is not before:
            text = "a transaction stands after what must follow all of them"
            raise Stop(Finding("schema", "XSD01", self._path(self.number + 1), text))
        self.number += 1
        if self.number > self.context.limits.transactions_max:
            text = f"more than {self.context.limits.transactions_max} transactions"
            raise Stop(Finding("within_limits", "XML04", "", text))
        if self.number > 1:
            self._validate(element)
        if self.table is None:
            raise AssertionError("a transaction without its table")
        values = extract.part(element, self.table)
        tx = Tx(self.table.id, self.number - 1, values, self.group)
        self._sum(tx)
        findings = judge_transaction(self.table.id, tx, self.context)
        payment = b""
        if findings:
            self._found(findings)
        else:
            kind = self.table.id[:8]
            made = credit_transfer(
                kind, self.group, values, self.number, self.context.reference, self.service
            )
            payment = _encode(made)
        self.waiting.append(
            Row(
                self.number,
                values.get("uetr", ""),
                values["end_to_end_id"],
                values.get("instruction_id", ""),
                values.get("transaction_id", ""),
                payment,
                tuple(findings),
            )
        )
        if len(self.waiting) >= _BATCH:
            self._flush()

    def _first(self, element: etree._Element) -> None:
        """Judge header and group before any transaction is taken; the tree may be ahead of this one."""
        parts = classify(element.getroottree().getroot(), b"")
        if isinstance(parts, Finding):
            raise Stop(parts)
        self.parts = parts
        context, table, document = self.context, self.table, parts.document
        if parts.header is None:  # it may follow the Document
            profile = msgspec.structs.replace(context.profile, header="optional")
            context = msgspec.structs.replace(context, profile=profile)
        fault = version_fault(parts, context.profile, context, Level.RULES)
        if fault is not None:
            raise Stop(fault)
        if document is None or table is None or parts.document_id != table.id:
            raise Stop(Finding("one_header_one_document", "BAH01", "", "there is no Document of payments"))
        self.schemas = [schema.own(table.id)]
        if context.official is not None and table.id in context.official:
            self.schemas.insert(0, context.official[table.id])
        fault = schema_fault(parts._replace(document=None), context, pieces.OPAQUE_BYTES_MAX + 1)
        if fault is not None:
            raise Stop(fault)
        cut = pieces.Cut([self.unit])
        bones = cut.of(document, 0)
        if cut.over_limit is not None:
            raise Stop(Finding("within_limits", "XML04", self._path(1), "too many elements"))
        for one in self.schemas:
            if not one.accepts(bones):
                wrong = faults.explained(one.complaint(bones), bones, table, cut.twins)
                raise Stop(Finding("schema", wrong.word, wrong.path, wrong.text))
        self.group = extract.part(document[0][0], table)
        if parts.header is not None:
            space = f"{{{tables.NAMESPACE}{parts.header_id}}}"
            self.service = parts.header.findtext(space + "BizSvc")

    def _validate(self, element: etree._Element) -> None:
        """Judge one transaction alone by the schemas of its message."""
        if pieces.over_limit(element):
            raise Stop(Finding("within_limits", "XML04", self._path(self.number), "too many elements"))
        for one in self.schemas:
            fault = pieces.whole(one, element, self.table)
            if fault is not None:
                path = _UNIT.sub(f"/CdtTrfTxInf[{self.number}]", fault.path, count=1)
                raise Stop(Finding("schema", fault.word, path, fault.text))

    def _path(self, ordinal: int) -> str:
        prefix = self.table.prefix if self.table is not None else ""
        return f"{prefix}/CdtTrfTxInf[{ordinal}]"

    def _sum(self, tx: Tx) -> None:
        _, currency, value = tx.settlement
        self.total = total_of([self.total, value])
        self.currencies.add(currency)
        agents = [
            (tx.either(role) or {}).get("bic", "") for role in ("instructing_agent", "instructed_agent")
        ]
        key = (*agents, tx.typed.get("priority", ""))
        if key not in self.kinds and len(self.kinds) < _KINDS_MAX:
            self.kinds[key] = tx

    def _found(self, findings: list[Finding]) -> None:
        self.faulty += 1
        room = FINDINGS_MAX - len(self.findings)
        self.findings.extend(findings[:room])
        self.beyond += max(0, len(findings) - room)

    def _flush(self) -> None:
        if self.waiting:
            self.stage.add(self.file, self.waiting)
            self.waiting = []

    def _drop(self, element: etree._Element) -> None:
        parent = element.getparent()
        if parent is not None:
            parent.remove(element)

    def _end(self, root: etree._Element) -> Verdict:
        """Judge the skeleton, the group and what only all transactions together show."""
        self._flush()
        parts = classify(root, b"")
        if isinstance(parts, Finding):
            raise Stop(parts)
        self.parts = parts
        context, table = self.context, self.table
        fault = version_fault(parts, context.profile, context, Level.RULES)
        if fault is None and (table is None or not self.number):
            fault = Finding("one_header_one_document", "BAH01", "", "there is no Document of payments")
        fault = fault or schema_fault(parts, context, pieces.OPAQUE_BYTES_MAX + 1)
        if fault is not None or table is None:
            raise Stop(fault or Finding("schema", "XSD01", "", "not a message of payments"))
        header, body = values_of(parts)
        fault = header_fault(parts, header, body, context)
        if fault is not None:
            raise Stop(fault)
        self._duplicates(table)
        message = Message(table.id, {**body, "transactions": []}, parts.header_id, header)
        message.transactions = list(self.kinds.values())
        message.summed = Summed(self.number, self.total, frozenset(self.currencies))
        return self._verdict(judge_group(message, context), message, header)

    def _duplicates(self, table: tables.Message) -> None:
        """Reject every transaction whose UETR another one of the file has."""
        for _, ordinal in self.stage.duplicates(self.file):
            path = tables.path_of(table.id, ("transactions", ordinal - 1, "uetr"))
            text = "another transaction has this UETR"
            found = Finding("transaction_unique", "DU03", path, text, "transaction", ordinal)
            row = self.stage.read(self.file, ordinal - 1, limit=1)[0]
            if row.findings:
                self.faulty -= 1
            self.stage.fault(self.file, ordinal, found)
            self._found([found])

    def _verdict(self, group: list[Finding], message: Message, header: Values | None) -> Verdict:
        findings = [*group, *self.findings]
        faulty = self.number if any(finding.scope == GROUP for finding in group) else self.faulty
        if self.faulty and self.context.profile.group_policy == "all":
            faulty = self.number
        return Verdict(
            Outcome.REJECTED if findings else Outcome.ACCEPTED,
            message.id,
            self.context.profile.name,
            tuple(findings[:FINDINGS_MAX]),
            self.file,
            header_id=message.header_id,
            header=header,
            body={**message.body, "transactions": []},
            reference=header.get("business_message_id") if header is not None else None,
            sender=header["from"].get("bic") if header is not None else None,
            transactions=(self.number - faulty, faulty),
            findings_beyond=self.beyond + max(0, len(findings) - FINDINGS_MAX),
        )


def stream(source: BinaryIO, context: Context, stage: Stage, file: bytes) -> Verdict:
    """Judge a file of payments of any length; `file` is the SHA-256 of its bytes, its key in the stage.

    The rows stay in the stage, for the caller to commit or discard; of a refused file there are none.
    """
    return Streamed(source, context, stage, file).run()
