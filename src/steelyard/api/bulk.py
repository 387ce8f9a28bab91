"""Bulk lanes: payments as lines of NDJSON or CSV with an answer for each, and batches of packed legs."""

import csv as csv_reader
import io
from collections.abc import AsyncGenerator, Iterator
from hashlib import sha256
from typing import Any, NamedTuple

import msgspec

from steelyard.api import pay_in, shape
from steelyard.api.call import Call, Reply
from steelyard.api.idempotency import part_id
from steelyard.api.json_payments import Item
from steelyard.api.pay_in import Ready
from steelyard.api.problems import ProblemError, problem
from steelyard.api.route import NDJSON
from steelyard.api.wire import Faults
from steelyard.client.types import PaymentAnswer, PaymentAsked

LINES_MAX = 100_000
STEP = 500
"""Lines that are judged on a thread before they are handed in, while the next are being judged"""


class Line(NamedTuple):
    """One line of a file: its number from 1, and the payment it asks for or the problem it is."""

    number: int
    asked: PaymentAsked | None
    problem: Any = None


async def take_lines(call: Call) -> Reply:
    """Take a file of payments in: each line is answered by itself, partial by design."""
    media = call.header("content-type").partition(";")[0].strip().lower()
    lines = await call.gateway.aside(read_lines, call.body, media == "text/csv")
    if not lines:
        raise ProblemError("schema-violation", "the file holds no payment")
    return Reply(200, media=NDJSON, pieces=_answers(call, lines))


def read_lines(raw: bytes, is_csv: bool) -> list[Line]:
    """Read every line of a file; what is wrong with one is its own problem."""
    parsed = list(_csv_rows(raw) if is_csv else _json_rows(raw))
    if len(parsed) > LINES_MAX:
        raise ProblemError("body-too-large", f"a file holds at most {LINES_MAX} payments")
    lines = []
    for number, value in parsed:
        if isinstance(value, ProblemError):
            lines.append(Line(number, None, value.problem))
            continue
        try:
            lines.append(Line(number, shape.convert(value, PaymentAsked)))
        except ProblemError as error:
            lines.append(Line(number, None, error.problem))
    return lines


def _json_rows(raw: bytes) -> Iterator[tuple[int, Any]]:
    for number, line in enumerate(raw.split(b"\n"), 1):
        if line.strip():
            try:
                yield number, shape.parse(line)
            except ProblemError as error:
                yield number, error


def _csv_rows(raw: bytes) -> Iterator[tuple[int, Any]]:
    """Read CSV whose first line names the fields, with dots for fields within fields."""
    try:
        text = raw.removeprefix(b"\xef\xbb\xbf").decode("utf-8")
    except UnicodeDecodeError as error:
        raise ProblemError("malformed-body", f"the file is not UTF-8 at byte {error.start}") from None
    rows = csv_reader.reader(io.StringIO(text, newline=""), strict=True)
    try:
        names = next(rows, [])
        if len(set(names)) != len(names) or not all(names):
            raise ProblemError("malformed-body", "the first line names every column once")
        for row in rows:
            if not row or row[0].startswith("#"):
                continue
            if len(row) != len(names):
                yield (
                    rows.line_num,
                    ProblemError(
                        "schema-violation", f"the line has {len(row)} columns, the first {len(names)}"
                    ),
                )
                continue
            yield rows.line_num, _nested(dict(zip(names, row, strict=True)))
    except csv_reader.Error as error:
        raise ProblemError("malformed-body", f"line {rows.line_num}: {error}") from None


def _nested(cells: dict[str, str]) -> dict[str, Any]:
    """Give the object that dotted columns mean; empty cells are left out."""
    whole: dict[str, Any] = {}
    for name, text in cells.items():
        if text == "":
            continue
        *above, last = name.split(".")
        place = whole
        for step in above:
            inner = place.setdefault(step, {})
            if not isinstance(inner, dict):
                break
            place = inner
        place[last] = [text] if name == "remittance" else _plain(text)
    return whole


def _plain(text: str) -> str:
    """Take the apostrophe away that our own CSV puts before what looks like a formula."""
    return text[1:] if text[:2] in ("'=", "'+", "'-", "'@") else text


async def _answers(call: Call, lines: list[Line]) -> AsyncGenerator[bytes]:
    """Judge and hand in some lines at a time, and answer them in the order of the file."""
    digest, raw = batch_digest(call.body), call.body
    for start in range(0, len(lines), STEP):
        some = lines[start : start + STEP]
        items = [
            Item(line.number, part_id(call.command_id, line.number), line.asked, "")
            for line in some
            if line.asked is not None
        ]
        answers = await _step(call, items, digest, raw if not start else None) if items else {}
        out = bytearray()
        for line in some:
            answer = answers.get(line.number) or PaymentAnswer(
                outcome="refused", uetr="", refusal=line.problem, state=None
            )
            out += msgspec.json.encode({"line": line.number, **msgspec.to_builtins(answer)}) + b"\n"
        yield bytes(out)


async def _step(call: Call, items: list[Item], digest: bytes, raw: bytes | None) -> dict[int, PaymentAnswer]:
    """Judge and hand in the payments of some lines; a faulty one is answered, the others go on."""
    ready: list[Ready] = []
    failed: dict[int, PaymentAnswer] = {}
    try:
        faults = Faults()
        ready = await pay_in.prepare(call, items, digest, faults)
        if faults.found:
            ready = []
            for item in items:
                await _one(call, item, digest, ready, failed)
    except ProblemError:
        ready, failed = [], {}
        for item in items:
            await _one(call, item, digest, ready, failed)
    answers = await pay_in.hand_in(call, ready, digest, raw) if ready else []
    return failed | {one.item.ordinal: answer for one, answer in zip(ready, answers, strict=True)}


async def _one(
    call: Call, item: Item, digest: bytes, ready: list[Ready], failed: dict[int, PaymentAnswer]
) -> None:
    """Judge one line by itself."""
    faults = Faults()
    try:
        ready += [one for one in await pay_in.prepare(call, [item], digest, faults) if not faults.found]
    except ProblemError as error:
        failed[item.ordinal] = PaymentAnswer(outcome="refused", uetr="", refusal=error.problem)
        return
    if faults.found:
        said = problem("schema-violation", errors=faults.found)
        failed[item.ordinal] = PaymentAnswer(outcome="refused", uetr="", refusal=said)


def batch_digest(packed: bytes) -> bytes:
    """Give the digest by which a batch of legs is named."""
    return sha256(packed).digest()
