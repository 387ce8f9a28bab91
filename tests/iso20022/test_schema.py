"""The schema step: the first fault with its path, in linear time, published schemas first."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from lxml import etree

from steelyard.iso20022 import schema
from steelyard.iso20022.faults import Fault
from steelyard.iso20022.schema import BadSchema, Official, load_dir, validate, validate_header
from steelyard.iso20022.tables import MESSAGES, NAMESPACE
from steelyard.iso20022.xsd import xsd_text
from tests.iso20022.instances import instance

ID = "pacs.008.001.08"
ROOT = "/Document/FIToFICstmrCdtTrf"
AGENT = "<FinInstnId><BICFI>{}</BICFI></FinInstnId>"
GROUP = (
    "<GrpHdr><MsgId>M1</MsgId><CreDtTm>2026-11-23T10:15:30Z</CreDtTm><NbOfTxs>1</NbOfTxs>"
    "<SttlmInf><SttlmMtd>CLRG</SttlmMtd></SttlmInf></GrpHdr>"
)
PAYMENT = (
    "<CdtTrfTxInf><PmtId><EndToEndId>E1</EndToEndId></PmtId><IntrBkSttlmAmt Ccy='INR'>1.00</IntrBkSttlmAmt>"
    f"<ChrgBr>SHAR</ChrgBr><Dbtr><Nm>A</Nm></Dbtr><DbtrAgt>{AGENT.format('AAAABRSP')}</DbtrAgt>"
    f"<CdtrAgt>{AGENT.format('BBBBINBB')}</CdtrAgt><Cdtr><Nm>B</Nm></Cdtr></CdtTrfTxInf>"
)
ADDITION = "<SplmtryData><Envlp><x/></Envlp></SplmtryData>"


def document(body: str, message_id: str = ID) -> etree._Element:
    """Give a pacs.008 with that body."""
    return etree.fromstring(
        f'<Document xmlns="{NAMESPACE}{message_id}"><FIToFICstmrCdtTrf>{body}</FIToFICstmrCdtTrf></Document>'
    )


def judged(body: str) -> Fault | None:
    """Judge a pacs.008."""
    return validate(ID, document(body))


def test_a_valid_message_has_no_fault():
    """One payment, three payments, with an addition at the end."""
    assert judged(GROUP + PAYMENT) is None
    assert judged(GROUP + PAYMENT * 3 + ADDITION) is None


@pytest.mark.parametrize(
    ("old", "new", "path", "text"),
    [
        ("SHAR", "SHA", "CdtTrfTxInf[1]/ChrgBr", "'SHA' is none of DEBT, CRED, SHAR, SLEV"),
        ("Ccy='INR'", "", "CdtTrfTxInf[1]/IntrBkSttlmAmt", "attribute Ccy is missing"),
        ("Ccy='INR'", "Ccy='inr'", "CdtTrfTxInf[1]/IntrBkSttlmAmt",
         "attribute Ccy: 'inr' does not fit the pattern [A-Z]{3,3}"),
        ("<MsgId>", "<MsgId a='1'>", "GrpHdr/MsgId", "attribute 'a' is not allowed"),
        ("1.00<", "1.123456<", "CdtTrfTxInf[1]/IntrBkSttlmAmt", "'1.123456' has more than 5 decimals"),
        ("1.00<", "-1<", "CdtTrfTxInf[1]/IntrBkSttlmAmt", "'-1' is less than 0"),
        ("1.00<", "1E2<", "CdtTrfTxInf[1]/IntrBkSttlmAmt", "'1E2' is no ActiveCurrencyAndAmount"),
        ("1.00<", f"{'9' * 19}<", "CdtTrfTxInf[1]/IntrBkSttlmAmt", f"'{'9' * 19}' has more than 18 digits"),
        ("M1", "M" * 36, "GrpHdr/MsgId", f"'{'M' * 36}' has 36 characters, at most 35 are allowed"),
        ("M1", "", "GrpHdr/MsgId", "'' is shorter than 1"),
        ("M1", "M<a/>", "GrpHdr/MsgId", "elements stand where only text may"),
        ("2026-11-23T", "2026-11-31T", "GrpHdr/CreDtTm", "'2026-11-31T10:15:30Z' is no ISODateTime"),
        ("<GrpHdr>", "<GrpHdr>loose", "GrpHdr", "text stands between elements"),
        ("<NbOfTxs>1</NbOfTxs>", "", "GrpHdr/SttlmInf",
         "the element is not expected here, expected is BtchBookg or NbOfTxs"),
        (AGENT.format("AAAABRSP"), "", "CdtTrfTxInf[1]/DbtrAgt",
         "the element is incomplete, expected is FinInstnId"),
    ],
)  # fmt: skip
def test_the_first_fault_has_a_path_and_our_words(old, new, path, text):
    """What is wrong is said without the library's words, at the element's path."""
    body = GROUP + PAYMENT
    assert old in body

    assert judged(body.replace(old, new, 1)) == Fault(f"{ROOT}/{path}", text)


def test_a_fault_in_a_later_payment_names_it():
    """The index counts payments from 1, also when each is judged alone."""
    bad = PAYMENT.replace("SHAR", "SHA")

    assert judged(GROUP + PAYMENT * 2 + bad).path == f"{ROOT}/CdtTrfTxInf[3]/ChrgBr"
    assert judged(GROUP + PAYMENT * 999 + bad).path == f"{ROOT}/CdtTrfTxInf[1000]/ChrgBr"


def test_a_text_quotes_little_and_nothing_dangerous():
    """At most 40 characters of input, no control characters, at most 200 in all."""
    fault = judged(GROUP + PAYMENT.replace("SHAR", "\t\u202e" + "z" * 5000))

    assert len(fault.text) <= 200
    assert "'??" in fault.text
    assert "z" * 39 not in fault.text


@pytest.mark.parametrize(
    ("body", "path", "word"),
    [
        (GROUP + "<CdtTrfTxInf/>" * 100_000, "CdtTrfTxInf[1]", "XSD01"),
        (GROUP + PAYMENT + "<CdtTrfTxInf/>" * 100_000, "CdtTrfTxInf[2]", "XSD01"),
        (GROUP + PAYMENT.replace("<ChrgBr>", "<Foo/>" * 20_000 + "<ChrgBr>"), "CdtTrfTxInf[1]", "XML04"),
        (GROUP + PAYMENT + PAYMENT.replace("<ChrgBr>", "<Foo/>" * 20_000 + "<ChrgBr>"), "CdtTrfTxInf[2]", "XML04"),
        (GROUP + PAYMENT.replace("<ChrgBr>", "<Foo/>" * 9_000 + "<ChrgBr>"), "CdtTrfTxInf[1]/Foo", "XSD01"),
        (GROUP + PAYMENT * 600 + ADDITION + PAYMENT * 600, "CdtTrfTxInf[601]", "XSD01"),
        (GROUP + PAYMENT * 300 + "loose" + PAYMENT * 300, "", "XSD01"),
        (GROUP + PAYMENT + "<SplmtryData><Envlp/></SplmtryData>" * 50_000, None, "XSD01"),
        ("<GrpHdr/>" * 100_000 + PAYMENT, None, "XSD01"),
        ("<GrpHdr>" + "<a/>" * 100_000 + "</GrpHdr>" + PAYMENT, None, "XSD01"),
        (GROUP + '<CdtTrfTxInf xmlns=""/>' * 100_000, None, "XSD01"),
    ],
    ids=range(11),
)  # fmt: skip
def test_the_step_is_linear(body, path, word):
    """100,000 faulty siblings, 20,000 in one payment, parts of any form: the answer comes in about a second."""
    fault = judged(body)

    assert fault.word == word
    if path is None:
        assert fault.path == "/Document"
    else:
        found = fault.path.removeprefix(ROOT).removeprefix("/")
        assert (
            found.partition("[1]/Foo")[0] == path.partition("[1]/Foo")[0] if "Foo" in path else found == path
        )


def test_large_valid_messages_pass():
    """A thousand payments; fifty thousand additions."""
    assert judged(GROUP + PAYMENT * 1000) is None
    assert judged(GROUP + PAYMENT + ADDITION * 50_000) is None


def test_a_statement_is_judged_entry_by_entry():
    """Statements and their entries are units, one within the other; the path names both."""
    statement = instance("camt.053.001.08", 1, fill=0.3)
    report = statement[0].find(f"{{{NAMESPACE}camt.053.001.08}}Stmt")
    entry = next(e for seed in range(50) for e in instance("camt.053.001.08", seed, fill=0.9).iter("{*}Ntry"))
    for old in report.findall("{*}Ntry"):
        report.remove(old)
    last = report.find("{*}AddtlStmtInf")
    for _ in range(200):
        copy = etree.fromstring(etree.tostring(entry))
        report.append(copy) if last is None else last.addprevious(copy)

    assert validate("camt.053.001.08", statement) is None

    copy.find("{*}CdtDbtInd").text = "BOTH"
    fault = validate("camt.053.001.08", statement)

    assert fault.path == "/Document/BkToCstmrStmt/Stmt[1]/Ntry[200]/CdtDbtInd"


def test_an_opaque_part_over_64_kib_is_a_limit():
    """What is carried unread is bounded."""
    small, large = (f"<SplmtryData><Envlp><x>{'y' * n}</x></Envlp></SplmtryData>" for n in (65_000, 66_000))

    assert judged(GROUP + PAYMENT + small) is None
    assert judged(GROUP + PAYMENT + large) == Fault(
        f"{ROOT}/SplmtryData[1]/Envlp", "the part is larger than allowed", "XML04"
    )


def test_the_size_hint_changes_no_verdict():
    """Small input is not counted; the verdict is the same."""
    for body in (GROUP + PAYMENT, GROUP + PAYMENT.replace("SHAR", "SHA")):
        assert validate(ID, document(body), size=len(body) + 200) == validate(ID, document(body))


def test_the_wrong_element_is_a_fault():
    """A unit alone is declared in the schema, but it is no message."""
    alone = document(GROUP + PAYMENT)[0][1]

    assert validate(ID, alone).word == "XSD01"
    assert validate("head.001.001.02", document(GROUP + PAYMENT)) is not None


def test_a_header_is_judged_by_its_own_schema():
    """The header has paths from AppHdr on."""
    header = instance("head.001.001.02", 3)
    assert validate_header("head.001.001.02", header) is None

    header.find("{*}MsgDefIdr").text = ""

    assert validate_header("head.001.001.02", header).path == "/AppHdr/MsgDefIdr"


def test_a_schema_handed_in_goes_first_and_ours_second():
    """A stricter published schema refuses; a looser one does not let pass what ours refuses."""
    text = xsd_text(ID)
    strict = load_dir({ID: text.replace('value="SHAR"', 'value="SHAX"').encode()})
    loose = load_dir({ID: text.replace('value="SHAR"', 'value="SHA"').encode()})
    assert isinstance(strict, Official)
    assert isinstance(loose, Official)

    assert validate(ID, document(GROUP + PAYMENT), official=strict) is not None
    assert validate(ID, document(GROUP + PAYMENT.replace("SHAR", "SHA")), official=loose) is not None
    assert validate(ID, document(GROUP + PAYMENT * 700), official=loose) is not None


def test_a_message_without_a_table_is_judged_by_the_schema_handed_in():
    """Only the published schema knows it; without one nobody may ask."""
    name = "zzzz.999.001.01"
    text = (
        f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" elementFormDefault="qualified" '
        f'targetNamespace="{NAMESPACE}{name}"><xs:element name="Document"><xs:complexType><xs:sequence>'
        '<xs:element name="A" maxOccurs="3" type="xs:int"/></xs:sequence></xs:complexType></xs:element></xs:schema>'
    )
    official = load_dir({name: text.encode()})
    make = f'<Document xmlns="{NAMESPACE}{name}"><A>1</A><A>{{}}</A></Document>'.format

    assert validate(name, etree.fromstring(make("2")), official=official) is None
    assert validate(name, etree.fromstring(make("x")), official=official) == Fault(
        "/Document/A[2]", "'x' is no int"
    )
    with pytest.raises(LookupError):
        validate(name, etree.fromstring(make("2")))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"<a", "not well-formed"),
        (b'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:x"/>', "namespace"),
        (xsd_text(ID).replace('base="xs:date"', 'base="xs:dote"').encode(), "compile"),
    ],
)
def test_a_bad_schema_file_is_named(text, why):
    """The node does not start on it."""
    bad = load_dir({ID: text})

    assert isinstance(bad, BadSchema)
    assert bad.message_id == ID
    assert why in bad.text or why == "not well-formed"


def test_threads_share_a_compiled_schema():
    """Eight threads, good and bad mixed: every verdict is that of its own message."""
    good, bad = GROUP + PAYMENT, GROUP + PAYMENT.replace("SHAR", "SHA")

    def run(n: int) -> bool:
        fault = validate(ID, document(bad if n % 2 else good))
        return (fault.path == f"{ROOT}/CdtTrfTxInf[1]/ChrgBr") if n % 2 else fault is None

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(run, range(400)))


@pytest.mark.parametrize("message_id", MESSAGES)
def test_every_schema_compiles_once(message_id):
    """The second asker gets the same object."""
    assert schema.own(message_id) is schema.own(message_id)
