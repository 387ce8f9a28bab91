"""Writing: the inverse of reading, in the order of the standard, valid by its own schema."""

import pytest
from lxml import etree

from steelyard.iso20022.extract import extract
from steelyard.iso20022.parse import parse
from steelyard.iso20022.schema import validate
from steelyard.iso20022.tables import MESSAGES, NAMESPACE, message
from steelyard.iso20022.write import document, document_template, slot, template, write
from tests.iso20022.instances import instance
from tests.iso20022.test_schema import GROUP, ID, PAYMENT
from tests.iso20022.test_schema import document as document_of
from tests.shared import SHARED

VERSIONS = ("head.001.001.02", "pacs.002.001.10")
HEADER = {
    "from": {"bic": "HUBXZAJJXXX"},
    "to": {"bic": slot("to")},
    "business_message_id": slot("message_id"),
    "definition": "pacs.002.001.10",
    "created_at": slot("at"),
}
STATUS = {
    "group": {"message_id": slot("message_id"), "created_at": slot("at")},
    "transactions": [
        {
            "original_end_to_end_id": slot("end_to_end_id"),
            "original_uetr": slot("uetr"),
            "status": slot("status"),
            "reasons": [
                {
                    "originator": {"bic": "HUBXZAJJXXX"},
                    "reason": {"code": slot("code")},
                    "text": [slot("text")],
                },
            ],
        }
    ],
}
FILLING = {
    "to": "AAAABRSPXXX",
    "message_id": "HUB20261123abcdef",
    "at": "2026-11-23T12:00:00Z",
    "end_to_end_id": "SE2E00001001",
    "uetr": "dcf2f8ee-5b60-470e-967a-f71cee08a0b9",
    "status": "RJCT",
    "code": "AC03",
    "text": "100 % wrong",
}


def canonical(element: etree._Element) -> bytes:
    """Give the exclusive canonical form without blanks between elements."""
    parser = etree.XMLParser(remove_blank_text=True)
    again = etree.fromstring(etree.tostring(element, with_tail=False), parser)
    return etree.tostring(again, method="c14n", exclusive=True)


def content(element: etree._Element) -> tuple:
    """Give what an element says whatever its prefixes: tags, attributes, text."""
    text = (element.text or "") if not len(element) else ""
    return (element.tag, dict(element.attrib), text, [content(child) for child in element])


@pytest.mark.parametrize("message_id", MESSAGES)
def test_reading_then_writing_gives_the_same_message(message_id):
    """Nothing is lost, nothing added, carried parts are back where they were."""
    for seed in range(60):
        element = instance(message_id, seed, fill=(0.1, 0.35, 0.6, 0.9)[seed % 4])
        values = extract(element, message(message_id))
        written = etree.fromstring(write(message_id, values))

        assert canonical(element) == canonical(written)
        assert values == extract(written, message(message_id))


@pytest.mark.skipif(SHARED is None, reason="the shared data is not here")
def test_reading_then_writing_gives_the_same_sample():
    """Real messages with real oddities, each valid Document and AppHdr that has a table."""
    times = 0
    for folder in ("samples", "rules", "generated"):
        for path in sorted((SHARED / "iso20022" / folder).rglob("*.xml")):
            root = parse(path.read_bytes().removeprefix(b"\xef\xbb\xbf"))
            for element in root.iter(etree.Element) if isinstance(root, etree._Element) else ():
                message_id = (etree.QName(element).namespace or "").removeprefix(NAMESPACE)
                if etree.QName(element).localname not in ("Document", "AppHdr") or message_id not in MESSAGES:
                    continue
                if validate(message_id, element) is None:
                    for name in list(element.attrib):  # schemaLocation is not content
                        del element.attrib[name]
                    values = extract(element, message(message_id))
                    assert content(element) == content(etree.fromstring(write(message_id, values))), path
                    times += 1

    assert times > 250


def test_rows_decide_the_order_not_the_dict():
    """Keys may come in any order."""
    values = {"reason": "XSD01", "place": "1:7", "reference": "M1", "text": "why"}
    written = write("admi.002.001.01", values)

    assert written.index(b"<RltdRef>") < written.index(b"<Rsn><RjctgPtyRsn>") < written.index(b"<ErrLctn>")
    assert validate("admi.002.001.01", etree.fromstring(written)) is None


def test_elements_that_must_stand_are_written_even_if_empty():
    """An agent of whom nothing is known is still an agent."""
    assert b"<DbtrAgt><FinInstnId></FinInstnId></DbtrAgt>" in write(
        ID, {"transactions": [{"debtor_agent": {}}]}
    )


@pytest.mark.parametrize("text", ["]]>", "<b>&amp;</b>", '"', "&", "a\rb", "Grãos Ж 糧", " a  b "])
def test_hostile_text_comes_back_as_it_was(text):
    """Markup in a value is text for whoever reads the message."""
    values = {"reference": "M1", "reason": "XSD01", "text": text}

    for written in (
        write("admi.002.001.01", values),
        template("admi.002.001.01", {**values, "text": slot("text")}).fill({"text": text}),
    ):
        assert values == extract(parse(written), message("admi.002.001.01"))


@pytest.mark.parametrize("text", ["\0", "\x1b", "\ufffe", "\ud800"])
def test_a_character_xml_cannot_hold_is_our_bug(text):
    """Outside text was checked on the way in."""
    values = {"reference": "M1", "reason": text}
    with pytest.raises(ValueError):
        write("admi.002.001.01", values)
    with pytest.raises(ValueError):
        template("admi.002.001.01", {**values, "reason": slot("text")}).fill({"text": text})


def test_a_payment_can_be_forwarded_with_what_it_carried():
    """One of two payments, with a new group and header: the rest is equal, carried parts at their new index."""
    extra = "<RmtInf><Strd/><Strd><TaxRmt><RefNb>7</RefNb></TaxRmt></Strd></RmtInf>"
    addition = "<SplmtryData><Envlp><q:x xmlns:q='urn:q' a='1'>é</q:x></Envlp></SplmtryData>"
    second = PAYMENT.replace("E1", "E2").replace("</CdtTrfTxInf>", extra + addition + "</CdtTrfTxInf>")
    received = document_of(GROUP + PAYMENT + second)
    values = extract(received, message(ID))
    header = {"from": {"bic": "HUBXZAJJ"}, "to": {"bic": "BBBBINBB"}, "business_message_id": "N1",
              "definition": ID, "created_at": "2026-11-23T12:00:00Z"}  # fmt: skip
    forward = {"group": values["group"] | {"message_id": "N1"}, "transactions": [values["transactions"][1]]}
    root = parse(document(header, forward, ("head.001.001.02", ID)))

    assert validate("head.001.001.02", root[0]) is None
    assert validate(ID, root[1]) is None
    assert canonical(root[1][0][1]) == canonical(received[0][2])


def test_a_template_fills_to_what_writing_gives():
    """Same bytes, filled or written whole."""
    filled = document_template(HEADER, STATUS, VERSIONS).fill(FILLING)
    text = document(HEADER, STATUS, VERSIONS).decode()
    for name, value in FILLING.items():
        text = text.replace(slot(name), value)

    assert filled == text.encode()
    root = parse(filled)
    assert [validate(VERSIONS[0], root[0]), validate(VERSIONS[1], root[1])] == [None, None]


def test_a_template_knows_its_slots_and_needs_them_all():
    """In document order, one per place; a missing value is our bug."""
    made = document_template(HEADER, STATUS, VERSIONS)

    assert made.slots == (
        "to", "message_id", "at", "message_id", "at", "end_to_end_id", "uetr", "status", "code", "text",
    )  # fmt: skip
    with pytest.raises(KeyError):
        made.fill({name: value for name, value in FILLING.items() if name != "code"})


def test_a_template_may_have_one_slot_or_none():
    """The edges of filling."""
    values = {"reference": "M1", "reason": "XSD01"}

    assert template("admi.002.001.01", values).fill({}) == write("admi.002.001.01", values)
    assert b"<Ref>M2</Ref>" in template("admi.002.001.01", {**values, "reference": slot("r")}).fill(
        {"r": "M2"}
    )


def test_a_message_without_a_table_cannot_be_written():
    """That is our bug."""
    with pytest.raises(LookupError):
        write("pacs.999.001.01", {})
