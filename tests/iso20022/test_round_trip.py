"""There and back: XML, lexical values, canonical structs, JSON."""

from hashlib import sha256
from xml.etree.ElementTree import canonicalize

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from steelyard.iso20022 import write
from steelyard.iso20022.canonicalise import credit_transfer
from steelyard.iso20022.check import body_digest, check, values_of
from steelyard.iso20022.classify import classify
from steelyard.iso20022.codec import LxmlCodec
from steelyard.iso20022.context import Finding, Level, Outcome
from steelyard.iso20022.json_face import judge_payment, payment_json, read_payment
from steelyard.iso20022.lexical_of import body_values, header_values
from steelyard.iso20022.parse import parse
from tests.iso20022.contexts import DATA, rules_context, schema_context
from tests.iso20022.messages import bank_message, bank_transaction, document, message, transaction
from tests.iso20022.own_cases import ACCEPT, CASES

CONTEXT = rules_context()
REFERENCE = CONTEXT.reference
OWN = {name: raw for name, (raw, expected, _) in CASES.items() if expected == ACCEPT}
RICH = message(
    document(
        transaction(
            between="<PrvsInstgAgt1><FinInstnId><BICFI>ZZZZNOKKXXX</BICFI></FinInstnId></PrvsInstgAgt1>",
            debtor="<UltmtDbtr><Nm>Owner of it</Nm></UltmtDbtr><InitgPty><Nm>Agent of it</Nm></InitgPty>"
            "<Dbtr><Nm>Asa Berg</Nm><Id><PrvtId><DtAndPlcOfBirth><BirthDt>1990-02-03</BirthDt>"
            "<CityOfBirth>Recife</CityOfBirth><CtryOfBirth>BR</CtryOfBirth></DtAndPlcOfBirth><Othr><Id>77</Id>"
            "<SchmeNm><Cd>NIDN</Cd></SchmeNm></Othr></PrvtId></Id><CtryOfRes>BR</CtryOfRes></Dbtr>",
            tail="<InstrForCdtrAgt><Cd>HOLD</Cd><InstrInf>at the desk</InstrInf></InstrForCdtrAgt>"
            "<Purp><Prtry>OWN WORD</Prtry></Purp><RgltryRptg><Dtls><Ctry>IN</Ctry><Cd>P0103</Cd>"
            '<Amt Ccy="INR">5.00</Amt><Inf>one</Inf></Dtls></RgltryRptg>'
            '<RmtInf><Strd><RfrdDocAmt><DuePyblAmt Ccy="INR">9.00</DuePyblAmt></RfrdDocAmt></Strd></RmtInf>'
            '<SplmtryData><Envlp><n:x xmlns:n="urn:n" a="&lt;">kept</n:x></Envlp></SplmtryData>',
        )
    )
)
COVER = bank_message(
    bank_transaction(
        tail="<UndrlygCstmrCdtTrf><Dbtr><Nm>A</Nm></Dbtr><DbtrAgt><FinInstnId><BICFI>AAAABRSPXXX</BICFI>"
        "</FinInstnId></DbtrAgt><CdtrAgt><FinInstnId><BICFI>BBBBINBBXXX</BICFI></FinInstnId></CdtrAgt>"
        '<Cdtr><Nm>B</Nm></Cdtr><InstdAmt Ccy="INR">7.00</InstdAmt></UndrlygCstmrCdtTrf>',
        payment_type="",
    )
)
ALL = {**OWN, "rich": RICH, "bank": bank_message(), "cover": COVER}


def parts_of(raw: bytes):
    """Give the parts of a valid message."""
    return classify(parse(raw.removeprefix(b"\xef\xbb\xbf")), raw)


def canonical(element) -> str:
    """Give a canonical form that no prefix and no blank between elements changes."""
    parser = etree.XMLParser(remove_blank_text=True, remove_comments=True, remove_pis=True)
    squeezed = etree.fromstring(etree.tostring(element, method="c14n", exclusive=True), parser)
    return canonicalize(etree.tostring(squeezed, encoding="unicode"), rewrite_prefixes=True)


@pytest.mark.parametrize("name", ALL)
def test_what_was_read_writes_the_same_document(name):
    """Lexical values lose nothing: the canonical forms are equal, carried parts included."""
    parts = parts_of(ALL[name])
    header, body = values_of(parts)
    written = parts_of(write.document(header, body, (parts.header_id, parts.document_id)))

    assert canonical(written.document) == canonical(parts.document)
    assert canonical(written.header) == canonical(parts.header)


@pytest.mark.parametrize("name", ALL)
def test_canonical_to_json_and_back_is_equal(name):
    """Same names, exact money, nothing lost."""
    verdict = check(ALL[name], CONTEXT)
    assert verdict.findings == ()
    for payment in verdict.envelope.payments:
        data = msgspec.json.encode(payment_json(payment, REFERENCE))
        assert read_payment(data, REFERENCE) == payment


@pytest.mark.parametrize("name", ALL)
def test_canonical_to_lexical_and_back_is_equal(name):
    """What JSON says can be written as XML."""
    verdict = check(ALL[name], CONTEXT)
    for payment in verdict.envelope.payments:
        values = body_values([payment], REFERENCE.currencies, clearing_system=CONTEXT.clearing_system)
        again = credit_transfer(
            verdict.message[:8], values["group"], values["transactions"][0], payment.ordinal, REFERENCE
        )
        assert again == payment


@pytest.mark.parametrize("name", ALL)
def test_the_codec_decodes_what_it_encodes(name):
    """The seam: bytes to envelope to bytes to the same payments."""
    codec = LxmlCodec()
    envelope = codec.decode(ALL[name], CONTEXT)
    again = codec.decode(codec.encode(envelope, CONTEXT), CONTEXT)

    assert again.body == envelope.body
    assert again.header == envelope.header


def test_the_codec_refuses_what_is_not_accepted():
    """With all findings."""
    refused = LxmlCodec().decode(b"<a>", CONTEXT)

    assert [one.code for one in refused.findings] == ["XML01"]


@pytest.mark.skipif(DATA is None, reason="shared data absent")
def test_shared_accepted_cases_survive_json_too():
    """Every accepted file: XML to canonical to JSON to canonical."""
    seen = 0
    for path in sorted((DATA / "rules").glob("*_ok.xml")):
        for payment in check(path.read_bytes(), CONTEXT).envelope.payments:
            assert read_payment(msgspec.json.encode(payment_json(payment, REFERENCE)), REFERENCE) == payment
            seen += 1

    assert seen >= 12


def test_a_header_goes_there_and_back():
    """What the canonical header says is what is written."""
    verdict = check(message(), CONTEXT)
    values = header_values(verdict.envelope.header)

    assert values == verdict.header


def test_json_money_and_time_have_the_forms_people_read():
    """Asset and value, minor units as text; RFC 3339; exact strings for rates."""
    payment = check(OWN["base"], CONTEXT).envelope.payments[0]
    data = payment_json(payment, REFERENCE)

    assert data["settlement"] == {"asset": "INR", "value": "1488.00", "amount_minor": "148800"}
    assert (data["rate"], data["settlement_on"]) == ("14.8800", "2026-11-25")
    assert data["created_at"] == "2026-11-23T11:00:00Z"


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"surprise": 1}, ""),
        ({"settlement": {"asset": "INR", "value": 1.5}}, "/settlement"),
        ({"settlement": {"asset": "INR", "value": "1.505"}}, "/settlement/value"),
        ({"settlement": {"asset": "INR", "value": "-1"}}, "/settlement/value"),
        ({"settlement": {"asset": "XAU", "value": "1"}}, "/settlement/value"),
        (
            {"settlement": {"asset": "INR", "value": "1.50", "amount_minor": "151"}},
            "/settlement/amount_minor",
        ),
        ({"rate": 14.88}, "/rate"),
        ({"rate": "about 14"}, "/rate"),
        ({"settlement_on": "tomorrow"}, "/settlement_on"),
        ({"created_at": 7}, "/created_at"),
        ({"kind": "gift"}, "/kind"),
    ],
)
def test_json_of_the_wrong_shape_is_one_finding_with_a_pointer(change, pointer):
    """Unknown keys, floats, amounts that are not exact."""
    data = payment_json(check(OWN["base"], CONTEXT).envelope.payments[0], REFERENCE) | change
    found = read_payment(msgspec.json.encode(data), REFERENCE)

    assert isinstance(found, Finding)
    assert (found.code, found.path) == ("FF01", pointer)


@pytest.mark.parametrize("data", [b"", b"nonsense", b"[]", b"7", b"\xff", b"[" * 100_000])
def test_bytes_that_are_no_payment_are_a_finding_not_an_exception(data):
    """Whatever comes in."""
    assert isinstance(read_payment(data, REFERENCE), Finding)


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ("ctry_code_dbtr", "/debtor/address/country"),
        ("purpose", "/purpose"),
        ("svc_level", "/service_levels/0"),
        ("date_past", "/settlement_on"),
        ("iban_check", "/debtor_account/id/iban"),
        ("rate_mismatch", "/settlement"),
    ],
)
def test_the_rules_say_the_same_of_json_with_a_pointer(case, expected):
    """Same rule, same code, another kind of path."""
    raw, _, _ = CASES[case]
    parts = parts_of(raw)
    _, body = values_of(parts)
    payment = credit_transfer("pacs.008", body["group"], body["transactions"][0], 1, REFERENCE)
    by_xml = check(raw, CONTEXT).findings
    by_json = judge_payment(payment, CONTEXT)

    assert [(one.rule, one.code) for one in by_json] == [(one.rule, one.code) for one in by_xml]
    assert [one.path for one in by_json] == [expected]


def test_the_body_digest_is_of_the_canonical_document():
    """Prefixes' place, comments, CDATA and line ends of markup do not change it; a blank in a text does."""
    commented = (
        message().replace(b"<Dbtr>", b"<!-- x --><Dbtr>").replace(b"Invoice 7", b"<![CDATA[Invoice 7]]>")
    )
    spaced = message().replace(b"Invoice 7", b"Invoice  7")
    digests = [body_digest(parts_of(raw)) for raw in (message(), commented, spaced)]
    verdict = check(message(), CONTEXT)

    assert digests[0] == digests[1] != digests[2]
    assert (verdict.envelope.body_sha256, verdict.raw_sha256) == (digests[0], sha256(message()).digest())


noise = st.tuples(
    st.integers(0, 1_500), st.sampled_from([b"", b"<", b">", b"&", b"\xff", b"<x/>", b"\0", b"9", b'"'])
)


@settings(max_examples=300, deadline=None)
@given(st.lists(noise, min_size=1, max_size=6), st.sampled_from(sorted(ALL)))
def test_nothing_raises_on_mutated_bytes(changes, name):
    """Decode is total: a verdict whatever the bytes are."""
    raw = ALL[name]
    for place, piece in changes:
        raw = raw[:place] + piece + raw[place + 1 :]

    verdict = check(raw, CONTEXT)

    assert verdict.outcome in Outcome
    assert (verdict.outcome is Outcome.REFUSED) == (verdict.body is None)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400))
def test_nothing_raises_on_random_bytes(raw):
    """At either level."""
    assert check(raw, CONTEXT).outcome is Outcome.REFUSED
    assert check(raw, schema_context(), level=Level.SCHEMA).outcome is Outcome.REFUSED
