"""Files: a stream is judged as a tree would be, memory stays flat, nothing goes on before the end is known."""

import io
import re
import subprocess
import sys
from hashlib import sha256

import msgspec
import pytest

from steelyard.iso20022 import files
from steelyard.iso20022.bulk import stream
from steelyard.iso20022.canonical import CreditTransfer
from steelyard.iso20022.check import check
from steelyard.iso20022.commands import to_pay
from steelyard.iso20022.context import FILE_STREAM, FILE_TREE, Level, Outcome
from steelyard.iso20022.desk import desk_of
from steelyard.iso20022.files import check_file, file_reports
from steelyard.iso20022.stage import MemoryStage, payments, rows
from tests.iso20022.contexts import HERE, rules_context, schema_context, with_fields
from tests.iso20022.messages import document, header, message, transaction
from tests.iso20022.own_cases import CASES

STREAM = with_fields(rules_context(), limits=FILE_STREAM)
TREE = with_fields(rules_context(), limits=FILE_TREE)


def streamed(raw: bytes, context=STREAM):
    """Stream bytes; give the verdict and what the stage holds."""
    stage = MemoryStage()
    file = sha256(raw).digest()
    return stream(io.BytesIO(raw), context, stage, file), stage, file


def many(number: int, *, bad: dict[int, dict] | None = None, **group) -> bytes:
    """Give a message of so many transactions; `bad` changes some of them."""
    parts = [transaction(number=n, **(bad or {}).get(n, {})) for n in range(1, number + 1)]
    return message(document("".join(parts), **({"count": number} | group)))


def said(verdict) -> set:
    """Give the findings without their order."""
    return {(one.rule, one.code, one.path, one.scope, one.ordinal) for one in verdict.findings}


@pytest.mark.parametrize("name", CASES)
def test_a_stream_is_judged_as_a_tree(name):
    """Every case of our own: same outcome, same findings, same payments going on."""
    raw = CASES[name][0]
    tree, (verdict, stage, file) = check(raw, TREE), streamed(raw)

    assert (verdict.outcome, said(verdict)) == (tree.outcome, said(tree))
    if tree.outcome is not Outcome.REFUSED:
        assert verdict.transactions == tree.transactions
        expected = [] if tree.envelope is None else list(tree.envelope.payments)
        if not any(finding.scope == "group" for finding in tree.findings):
            assert list(payments(stage, file)) == expected


def test_ten_thousand_and_one_transactions_stream():
    """Each of them stands in the stage, in order, ready for its command."""
    raw = many(10_001, sums="<CtrlSum>10001000.00</CtrlSum>")
    stage = MemoryStage()

    verdict = check_file(io.BytesIO(raw), rules_context(), stage)
    ordinals = [row.ordinal for row in rows(stage, verdict.raw_sha256)]

    assert (verdict.outcome, verdict.findings, verdict.envelope) == (Outcome.ACCEPTED, (), None)
    assert (verdict.transactions, ordinals) == ((10_001, 0), list(range(1, 10_002)))
    assert verdict.raw_sha256 == sha256(raw).digest()


def test_a_small_file_takes_the_tree():
    """More than a message may hold, and no stage is used."""
    stage = MemoryStage()
    verdict = check_file(io.BytesIO(many(1_200)), rules_context(), stage)

    assert (verdict.transactions, len(verdict.envelope.payments)) == ((1_200, 0), 1_200)
    assert list(rows(stage, verdict.raw_sha256)) == []
    assert check(many(1_200), rules_context()).codes == ["AM18"]


@pytest.mark.parametrize(
    ("spoil", "word"),
    [
        (lambda raw: raw.removesuffix(b"</BizMsg>"), "XML01"),
        (lambda raw: raw.replace(b"</FIToFICstmrCdtTrf>", b""), "XML01"),
        (lambda raw: raw + b"<x/>", "XML01"),
        (lambda raw: raw.replace(b"</FIToFICstmrCdtTrf>", b"<X/></FIToFICstmrCdtTrf>"), "XSD01"),
        (lambda raw: raw.replace(b"<EndToEndId>E1999<", b"<EndToEndId><"), "XSD01"),
        (lambda raw: raw.replace(b"Fruits Ltda</Nm></Dbtr>", b""), ""),
        (lambda raw: raw.replace(b"E2000", b"E2000\xff"), "XML03"),
        (lambda raw: raw + b"<!-- <!DOCTYPE x> -->", "XML02"),
        (lambda raw: raw.replace(b"pacs.008.001.08</MsgDefIdr>", b"pacs.009.001.08</MsgDefIdr>"), "BAH03"),
        (lambda raw: raw.replace(b"<BizMsg>", b"<BizMsg>" + header().encode()), "BAH01"),
    ],
)
def test_something_broken_anywhere_leaves_nothing_in_the_stage(spoil, word):
    """A tag at the very end, a byte in the middle: refused, no row is left."""
    verdict, stage, file = streamed(spoil(many(2_000)))

    assert verdict.codes == ([word] if word else [])
    assert (list(rows(stage, file)) == []) == bool(word)


def test_a_transaction_after_a_later_sibling_is_refused():
    """Although each of both is valid alone, and so is the skeleton."""
    extra = "<SplmtryData><Envlp><x/></Envlp></SplmtryData>"
    verdict, _, _ = streamed(message(document(transaction() + extra + transaction(number=2), count=2)))
    second = streamed(
        message(document(transaction() + transaction(number=2) + extra + transaction(number=3), count=3))
    )

    assert (verdict.codes, second[0].codes) == (["XSD01"], ["XSD01"])
    assert second[0].findings[0].path == "/Document/FIToFICstmrCdtTrf/CdtTrfTxInf[3]"


def test_one_bad_in_a_thousand_is_named_and_the_others_go_on():
    """PART, the ordinal, and one rejected transaction in the answer."""
    raw = many(1_000, bad={617: {"uetr": ""}})
    verdict, stage, file = streamed(raw)
    reports = list(file_reports(verdict, stage, desk_of(STREAM), at=STREAM.now_at, item=b"item"))

    assert [(one.code, one.ordinal) for one in verdict.findings] == [("CH21", 617)]
    assert verdict.transactions == (999, 1)
    assert 617 not in {payment.ordinal for payment in payments(stage, file)}
    assert len(reports) == 1
    assert b"<GrpSts>PART</GrpSts>" in reports[0]
    assert re.findall(rb"<OrgnlEndToEndId>(\w+)<", reports[0]) == [b"E617"]
    assert check(reports[0], schema_context(), level=Level.SCHEMA).outcome is Outcome.ACCEPTED


def test_a_uetr_that_stands_twice_rejects_both_wherever_they_are():
    """Far apart: the stage finds them."""
    raw = many(1_500, bad={1_400: {"uetr": "7a1c2b3d-4e5f-4a6b-8c7d-9e0f1a2b0007"}})
    verdict, stage, file = streamed(raw)

    assert [(one.code, one.ordinal) for one in verdict.findings] == [("DU03", 7), ("DU03", 1_400)]
    assert verdict.transactions == (1_498, 2)
    assert len(list(payments(stage, file))) == 1_498


def test_more_than_a_thousand_findings_are_counted_not_listed(monkeypatch):
    """The answer lists every rejected transaction, so many to a message."""
    monkeypatch.setattr(files, "_REPORT_MAX", 1_200)
    raw = many(1_500).replace(b"<UETR>7a1c", b"<UETR>7a1d").replace(b"<Cd>GDDS", b"<Cd>QQQQ")
    verdict, stage, _ = streamed(raw)
    reports = list(file_reports(verdict, stage, desk_of(STREAM), at=STREAM.now_at, item=b"item"))

    assert (len(verdict.findings), verdict.findings_beyond) == (1_000, 500)
    assert verdict.transactions == (0, 1_500)
    assert [report.count(b"<TxSts>RJCT") for report in reports] == [1_200, 300]
    assert len({re.search(rb"<MsgId>(\w+)<", report)[1] for report in reports}) == 2


def test_one_part_of_a_file_cannot_be_larger_than_any_honest_one():
    """Elements and attributes count from one transaction to the next."""
    wide = transaction().replace("<Purp>", "<X/>" * 30_000 + "<Purp>", 1)
    marked = transaction().replace("<Dbtr>", "<Dbtr " + " ".join(f'a{n}=""' for n in range(20_000)) + ">", 1)
    unending = b"<a>" + b"<b/>" * 200_000

    assert streamed(message(document(transaction() + wide, count=2)))[0].codes == ["XML04"]
    assert streamed(message(document(transaction() + marked, count=2)))[0].codes == ["XML04"]
    assert streamed(unending)[0].codes == ["XML04"]


def test_the_same_file_again_gives_the_same_rows_and_the_same_commands():
    """So that a gateway that dies between groups resumes: by file and ordinal nothing is lost or doubled."""
    raw = many(1_100)
    first, stage, file = streamed(raw)
    before = list(rows(stage, file))
    again = stream(io.BytesIO(raw), STREAM, stage, file)

    assert first == again
    assert list(rows(stage, file)) == before
    assert list(rows(stage, file))[600:] == stage.read(file, 600, limit=1_000)


def test_a_staged_payment_makes_the_command_of_the_tree():
    """Canonical both ways."""
    raw = many(3)
    tree = check(raw, TREE)
    _, stage, file = streamed(raw)
    digits = TREE.reference.currencies
    expected = [to_pay(one, tree.envelope, digits=digits) for one in tree.envelope.payments]

    assert [to_pay(one, tree.envelope, digits=digits) for one in payments(stage, file)] == expected
    assert (
        msgspec.msgpack.decode(stage.read(file)[0].payment, type=CreditTransfer) == tree.envelope.payments[0]
    )


MEMORY = """
import io, resource, sys
from tests.iso20022 import test_bulk
from tests.iso20022.messages import document, message, transaction
from steelyard.iso20022.bulk import stream
class Nowhere:
    def open(self, file): pass
    def add(self, file, rows): self.last = rows[-1].ordinal
    def duplicates(self, file): return []
    def discard(self, file): pass
class Endless(io.RawIOBase):
    def __init__(self, number):
        whole = message(document("@", count=number)).split(b"@")
        one = transaction(number=0).encode()
        stem = one.partition(b"0000</UETR>")
        self.number, self.at, self.whole, self.stem = number, 0, whole, stem
        self.buffer = bytearray(whole[0])
    def read(self, size):
        while len(self.buffer) < size and self.at <= self.number:
            self.at += 1
            if self.at <= self.number:
                self.buffer += self.stem[0] + b"%04x</UETR>" % (self.at % 65536) + self.stem[2]
            else:
                self.buffer += self.whole[1]
        taken = bytes(self.buffer[:size])
        del self.buffer[:size]
        return taken
def run(number):
    stage = Nowhere()
    verdict = stream(Endless(number), test_bulk.STREAM, stage, b"f" * 32)
    assert verdict.transactions == (number, 0), verdict.findings
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
small = run(1_000)
print(run(10_000) - small)
"""


@pytest.mark.slow
def test_memory_is_flat_whatever_the_length():
    """Ten thousand transactions take no more than one thousand do, give or take a little."""
    root = HERE.parent.parent
    run = subprocess.run(
        [sys.executable, "-c", MEMORY],
        cwd=root,
        env={"PYTHONPATH": f"{root / 'src'}:{root}", "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )

    assert int(run.stdout) < 8 * 1024
