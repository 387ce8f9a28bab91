"""ISO 20022 with its rules: how fast a message becomes an envelope and commands, and a state an answer.

The message is that of `bench/iso20022.py`, pacs.008.001.08 with header, about 2.6 kB, one IBAN and two LEI.
"""

import io
from collections.abc import Iterator
from hashlib import sha256

import msgspec

from bench.figures import Figure, main, per_second
from bench.iso20022 import message
from steelyard.iso20022.answers import Status, desk_of, original_of_verdict, status_report
from steelyard.iso20022.bulk import stream
from steelyard.iso20022.check import check, header_fault, schema_fault, values_of, version_fault
from steelyard.iso20022.classify import Parts, classify
from steelyard.iso20022.commands import to_pay
from steelyard.iso20022.context import FILE_STREAM, FILE_TREE, Context, Level, Outcome
from steelyard.iso20022.guard import guard
from steelyard.iso20022.parse import parse
from steelyard.iso20022.profiles import file
from steelyard.iso20022.rules import Message, judge
from steelyard.iso20022.stage import MemoryStage
from steelyard.packs.reference import reference

PROFILE = """
base = "hub"
clock = "2026-11-23T12:00:00Z"
business_on = 2026-11-23
hub_bic = "HUBXZAJJXXX"
settled_currencies = ["AED", "BRL", "CNY", "EGP", "ETB", "IDR", "INR", "IRR", "RUB", "ZAR"]
clearing_system = { proprietary = "HUBX" }
[[participant]]
bic = "AAAABRSPXXX"
[[participant]]
bic = "BBBBINBBXXX"
"""
TIMES = 1_000


def context() -> Context:
    """Give the context all figures are taken in."""
    return file.context_of(file.read(PROFILE), reference(), now_at=0)


def judged(raw: bytes, where: Context) -> None:
    """Do all up to the rules, and the rules; what does not pass is a broken benchmark."""
    guarded = guard(raw, where.limits)
    root = parse(guarded) if isinstance(guarded, bytes) else None
    parts = classify(root, raw) if root is not None else None
    if not isinstance(parts, Parts):
        raise AssertionError(parts)
    header, body = values_of(parts)
    stop = (
        version_fault(parts, where.profile, where, Level.RULES)
        or schema_fault(parts, where, len(raw))
        or header_fault(parts, header, body, where)
    )
    found = judge(Message(parts.document_id or "", body, parts.header_id, header), where)
    if stop is not None or found:
        raise AssertionError(stop or found)


def whole(raw: bytes, where: Context) -> None:
    """Check a message and make its commands."""
    verdict = check(raw, where)
    if verdict.outcome is not Outcome.ACCEPTED or verdict.envelope is None:
        raise AssertionError(verdict.findings)
    for payment in verdict.envelope.payments:
        to_pay(payment, verdict.envelope, digits=where.reference.currencies)


def rows() -> Iterator[Figure]:
    """Measure the part of the specification's table that has rules in it."""
    where, raw = context(), message(1)
    yield Figure(
        "bytes to findings, all stateless rules", _rate(lambda: judged(raw, where)), "messages/s", 8_000
    )
    yield Figure("the same + body digest + canonical", _rate(lambda: check(raw, where)), "messages/s", 7_500)
    yield Figure("the same + command", _rate(lambda: whole(raw, where)), "messages/s")
    verdict = check(raw, where)
    yield Figure("rules alone, one transaction", _each(raw, where), "us", 20, at_most=True)
    original, item = original_of_verdict(verdict), b"an outbox item"
    settled = Status(1, "ACSC", effective_on=20_782)
    for self_check, floor in ((False, 100_000), (True, 40_000)):
        desk = desk_of(where, self_check=self_check)
        lane = "pacs.002 about one payment" + (", self-check" if self_check else "")
        answer = _rate(lambda desk=desk: status_report(original, settled, desk, at=where.now_at, item=item))
        yield Figure(lane, answer, "messages/s", floor)
    thousand = message(1_000)
    tree = msgspec.structs.replace(where, limits=FILE_TREE)
    took = 1_000 / per_second(lambda: (check(thousand, tree), 1)[1])
    yield Figure("file of 1,000 payments, read and judged", took, "ms", 130, at_most=True)
    yield Figure("file of 5,000 payments, streamed", _streamed(where), "payments/s", 7_000)


def _rate(work: object, times: int = TIMES) -> float:
    def round_() -> int:
        for _ in range(times):
            work()  # type: ignore[operator]
        return times

    return per_second(round_)


def _each(raw: bytes, where: Context) -> float:
    """Give the time of the rules alone, in microseconds, the view of the message included."""
    verdict = check(raw, where)
    if verdict.message is None or verdict.body is None:
        raise AssertionError(verdict)
    name, body, header_id, header = verdict.message, verdict.body, verdict.header_id, verdict.header

    def once() -> None:
        judge(Message(name, body, header_id, header), where)

    return 1e6 / _rate(once)


def _streamed(where: Context) -> float:
    raw = message(5_000)
    digest, limited = sha256(raw).digest(), msgspec.structs.replace(where, limits=FILE_STREAM)

    def once() -> int:
        verdict = stream(io.BytesIO(raw), limited, MemoryStage(), digest)
        if verdict.outcome is not Outcome.ACCEPTED:
            raise AssertionError(verdict.findings)
        return 5_000

    return per_second(once, rounds=3)


if __name__ == "__main__":
    main(rows)
