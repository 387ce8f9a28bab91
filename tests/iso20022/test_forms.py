"""Forms against the long way: what a form reads is valid and has the very values and digest of the long way."""

import random
import re
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from steelyard.iso20022 import forms, schema
from steelyard.iso20022.check import body_digest, check, values_of
from steelyard.iso20022.classify import Parts, classify
from steelyard.iso20022.compiled import Schema
from steelyard.iso20022.context import FILE_TREE, Finding
from steelyard.iso20022.desk import Desk, OwnMessageIsInvalid, checked
from steelyard.iso20022.forms import FRAMES_MAX, SIGHTINGS, UNITS_MAX, Forms, Read, pattern_of, whole_pattern
from steelyard.iso20022.guard import guard
from steelyard.iso20022.parse import parse
from steelyard.iso20022.reports import Status, original_of_verdict, status_report
from steelyard.iso20022.types import TYPES
from steelyard.iso20022.xsd import _leaf_type
from tests.iso20022.contexts import rules_context, with_fields
from tests.iso20022.instances import instance
from tests.iso20022.messages import bank_message, document, message, transaction

XSD = "http://www.w3.org/2001/XMLSchema"
BIC = "<BICFI>AAAABRSPXXX</BICFI>"
VERSIONS = ("pacs.008.001.08", "pacs.008.001.13", "pacs.009.001.08")


def whole(transactions, count=1):
    """Give a message of these transactions."""
    return message(document(transactions, count=count))


def long_way(raw):
    """Read by parser, schema and extraction; None where any of them refuses."""
    guarded = guard(raw, FILE_TREE)
    if isinstance(guarded, Finding):
        return None
    root = parse(guarded)
    parts = classify(root, guarded) if not isinstance(root, Finding) else root
    if not isinstance(parts, Parts) or parts.document is None:
        return None
    for id_, element in ((parts.header_id, parts.header), (parts.document_id, parts.document)):
        if id_ is not None and schema.validate(id_, element) is not None:
            return None
    header, body = values_of(parts)
    return Read(parts.header_id, parts.document_id, header, body, body_digest(parts))


def learned(*raws):
    """Give forms that know messages of one transaction."""
    made = Forms()
    for raw in raws:
        made._learn(raw.decode())
    return made


def generated(message_id, seed):
    """Give a business message with a generated document, canonical as written by machine."""
    document = instance(message_id, seed, fill=0.15)
    units = document[0].findall("{*}CdtTrfTxInf")
    for further in units[1:]:
        document[0].remove(further)
    body = etree.tostring(document, method="c14n", exclusive=True).decode()
    body = re.sub(r"(>[0-9]{4}-[0-9]{2}-[0-9]{2})(?:Z|[+]05:30)<", r"\1<", body)
    body = re.sub("[^ -~]", "Z", body.replace("<FinInstnId></FinInstnId>", f"<FinInstnId>{BIC}</FinInstnId>"))
    while (smaller := re.sub(r"<([A-Za-z0-9]+)></[A-Za-z0-9]+>", "", body)) != body:
        body = smaller
    head = message().decode()
    start, end = head.index("<Document"), head.index("</Document>") + len("</Document>")
    return (head[:start] + body + head[end:]).encode()


def test_what_a_form_reads_is_what_the_long_way_reads():
    """Generated messages of three tables: those that can be learned read alike, and enough can."""
    count = 0
    for message_id in VERSIONS:
        for seed in range(60):
            raw = generated(message_id, seed)
            read = learned(raw).read(raw)
            if read is not None:
                count += 1
                assert long_way(raw) == read

    assert count > 10


SPOILS = (
    "",
    "<",
    ">",
    "&",
    "&amp;",
    '"',
    "'",
    " ",
    "\n",
    "\r\n",
    "\t",
    "9",
    "Z",
    ".",
    "-",
    "/",
    "ä",
    "\x7f",
    "]]>",
    "<!--x-->",
)


@pytest.mark.parametrize("base", [message(), bank_message(), whole(transaction(tail=""))])
def test_no_form_reads_what_the_long_way_refuses(base):
    """One or two places changed at random: whatever a form still reads, the long way reads to the same."""
    made, rng, read_count, refused_count = learned(base), random.Random(7), 0, 0
    text = base.decode()
    assert made.read(base) == long_way(base)
    for _ in range(4_000):
        spoilt = text
        for _ in range(rng.randint(1, 2)):
            at = rng.randrange(len(spoilt))
            width = rng.choice((0, 1, 1, 2, 12))
            spoilt = spoilt[:at] + rng.choice((*SPOILS, chr(rng.randrange(32, 127)))) + spoilt[at + width :]
        raw = spoilt.encode()
        read = made.read(raw)
        if read is None:
            refused_count += 1
            continue
        read_count += 1
        assert long_way(raw) == read

    assert read_count > 50
    assert refused_count > 100


@pytest.mark.parametrize("name", sorted(TYPES))
@given(data=st.data())
def test_a_pattern_accepts_only_what_its_type_accepts(name, data):
    """Texts drawn from each pattern pass the schema type of that name."""
    pattern = pattern_of(name)
    assert pattern is not None
    drawn = pattern.replace("<)", "$)")
    text = data.draw(st.from_regex(re.compile(drawn, re.ASCII), fullmatch=True))
    if re.fullmatch(drawn, text, re.ASCII) is None or text.endswith("\n"):
        return
    element = etree.Element("a")
    element.text = text
    if TYPES[name].currency:
        element.set("Ccy", "INR")

    assert type_schema(name).accepts(element)
    if forms._CHARACTER not in pattern:  # then it holds for references as it is
        assert re.fullmatch(f"{forms._REFERENCE_CHARACTER}*", text)


@cache
def type_schema(name):
    """Compile the schema of one simple type."""
    start = f'<xs:schema xmlns:xs="{XSD}"><xs:element name="a" type="{name}"/>'
    return Schema(etree.fromstring(f"{start}{_leaf_type(name)}</xs:schema>"))


def test_a_verdict_is_the_same_by_a_form_and_by_the_long_way(monkeypatch):
    """Accepted, rejected by rules, and refused for its header."""
    raws = [
        message(),
        whole(transaction(number=1) + transaction(number=2), 2),
        whole(transaction(tail="<Purp><Cd>ZZZZ</Cd></Purp>")),
        whole(transaction(amounts='<IntrBkSttlmAmt Ccy="INR">0.00</IntrBkSttlmAmt>')),
        message().replace(b"<MsgId>M1<", b"<MsgId>M2<"),
        message().replace(b"pacs.008.001.08</MsgDefIdr>", b"pacs.009.001.08</MsgDefIdr>"),
    ]
    context = rules_context()
    monkeypatch.setattr("steelyard.iso20022.check.FORMS", learned())
    expected = [check(raw, context) for raw in raws]
    known = learned(raws[0], raws[2], raws[3])
    monkeypatch.setattr("steelyard.iso20022.check.FORMS", known)

    assert expected == [check(raw, context) for raw in raws]
    assert all(known.read(raw) is not None for raw in raws)


@pytest.mark.parametrize("place", ["<InstrId>I", "<EndToEndId>E", "<Id>0001"])
def test_a_form_leaves_references_with_other_characters_to_the_rule(place):
    """What is printable and not of a reference's set is for the long way to name."""
    base = message()
    made = learned(base)
    spoilt = base.decode().replace(place, place + "_").encode()

    assert made.read(base) is not None
    assert made.read(spoilt) is None
    assert "RR10" in check(spoilt, rules_context()).codes


def test_a_file_teaches_its_forms(monkeypatch):
    """Transactions of three forms in one file; its verdict is that of the long way."""
    tails = ("", "<Purp><Cd>GDDS</Cd></Purp>", "<RmtInf><Ustrd>Invoice</Ustrd></RmtInf>")
    raw = whole("".join(transaction(number=n, tail=tails[n % 3]) for n in range(1, 121)), 120)
    context = with_fields(rules_context(), limits=FILE_TREE)
    made = Forms()

    assert len(raw) >= forms.FILE_BYTES_MIN
    assert long_way(raw) == made.read(raw)
    monkeypatch.setattr("steelyard.iso20022.check.FORMS", made)
    by_form = check(raw, context)
    monkeypatch.setattr("steelyard.iso20022.check.FORMS", _Deaf())
    assert check(raw, context) == by_form


def test_a_spoilt_transaction_deep_in_a_file_is_found():
    """No form covers it, and the message cut out with it is not valid."""
    parts = [transaction(number=n) for n in range(1, 121)]
    parts[77] = parts[77].replace("<ChrgBr>SHAR</ChrgBr>", "<ChrgBr>NOPE</ChrgBr>")
    raw = whole("".join(parts), 120)

    assert Forms().read(raw) is None


def test_a_form_is_learned_from_what_comes_often():
    """The first few of a form change nothing."""
    made, raw = Forms(), message()
    for _ in range(SIGHTINGS - 1):
        made.saw(raw)
    assert made.read(raw) is None
    made.saw(raw)

    assert made.read(raw) == long_way(raw)


def test_forms_are_bounded():
    """Past its bound nothing more is learned, and what is known goes on."""
    made = learned(message())
    for n in range(UNITS_MAX + 20):
        lines = "".join(f"<Ustrd>{'x' * 3}</Ustrd>" for _ in range(n % 150 + 1))
        made._learn(whole(transaction(tail=f"<RmtInf>{lines}</RmtInf>")).decode())

    assert made._unit_count <= UNITS_MAX
    assert len(made._frames) <= FRAMES_MAX
    assert made.read(message()) is not None


class _Deaf(Forms):
    """Forms that know and learn nothing."""

    def read(self, raw):
        return None


def test_our_own_answers_are_judged_by_the_pattern_of_their_template():
    """The pattern of one answer fits others with texts of their types, and no text beyond them."""
    desk = Desk("HUBXZAJJXXX", rules_context().profile)
    original = original_of_verdict(check(message(), rules_context()))
    raws = [
        status_report(original, Status(1, "ACSC", None, (), 20_000 + n), desk, at=n * 10**18, item=b"%d" % n)
        for n in range(3)
    ]
    pattern = whole_pattern(raws[0])

    assert pattern is not None
    assert all(pattern.fullmatch(raw.decode()) for raw in raws)
    for good, bad in ((">ACSC<", ">ACSCX<"), ("<MsgId>", "<MsgId>" + "H" * 40), ("<BICFI>", "<BICFI>+")):
        spoilt = raws[1].decode().replace(good, bad)
        assert pattern.fullmatch(spoilt) is None
        with pytest.raises(OwnMessageIsInvalid):
            checked(spoilt.encode(), desk)
