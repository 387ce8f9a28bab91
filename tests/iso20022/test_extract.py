"""Extraction: our names, text as it stands, nothing lost."""

import pytest
from lxml import etree

from steelyard.iso20022.extract import _quick, _quick_trie_of, extract, thorough
from steelyard.iso20022.parse import parse
from steelyard.iso20022.schema import validate
from steelyard.iso20022.tables import MESSAGES, Node, message
from tests.iso20022.instances import instance
from tests.iso20022.test_schema import GROUP, ID, PAYMENT, document
from tests.shared import SHARED


def read(body: str) -> dict:
    """Read a pacs.008 with that body."""
    return extract(document(body), message(ID))


def test_a_payment_is_read_by_our_names():
    """Groups and payments are dicts, an amount is currency and text."""
    values = read(GROUP + PAYMENT * 2)

    assert values["group"] == {
        "message_id": "M1",
        "created_at": "2026-11-23T10:15:30Z",
        "count": "1",
        "settlement_method": "CLRG",
    }
    assert (
        values["transactions"]
        == [
            {
                "end_to_end_id": "E1",
                "settlement": ("INR", "1.00"),
                "charge_bearer": "SHAR",
                "debtor": {"name": "A"},
                "debtor_agent": {"bic": "AAAABRSP"},
                "creditor_agent": {"bic": "BBBBINBB"},
                "creditor": {"name": "B"},
            }
        ]
        * 2
    )


def test_text_is_one_string_as_it_stands():
    """Comments, CDATA and references join before anyone reads; white space stays."""
    body = (
        (GROUP + PAYMENT)
        .replace("1.00", "1250<!-- -->000.50")
        .replace("<Nm>A<", "<Nm>x<![CDATA[ & ]]>&#65; <")
    )
    root = parse(
        f'<Document xmlns="{message(ID).namespace}"><FIToFICstmrCdtTrf>{body}</FIToFICstmrCdtTrf></Document>'.encode()
    )
    transaction = extract(root, message(ID))["transactions"][0]

    assert transaction["settlement"] == ("INR", "1250000.50")
    assert transaction["debtor"]["name"] == "x & A "


def test_what_is_not_read_is_carried_with_its_path():
    """Opaque parts and additions lie with the payment they belong to, else at the top."""
    addition = "<SplmtryData><Envlp><x xmlns='urn:x'>{}</x></Envlp></SplmtryData>"
    structured = "<Strd><AddtlRmtInf>a</AddtlRmtInf></Strd><Strd><TaxRmt><RefNb>7</RefNb></TaxRmt></Strd>"
    tail = f"<RmtInf>{structured}</RmtInf>{addition.format(1)}{addition.format(2)}</CdtTrfTxInf>"
    values = read(GROUP + PAYMENT + PAYMENT.replace("</CdtTrfTxInf>", tail) + addition.format(3))

    assert "carried" not in values["transactions"][0]
    carried = values["transactions"][1]["carried"]
    assert [path for path, _ in carried] == ["RmtInf/Strd[2]/TaxRmt", "SplmtryData[1]", "SplmtryData[2]"]
    assert values["transactions"][1]["remittance"]["structured"] == [{"text": ["a"]}, {}]
    assert [path for path, _ in values["carried"]] == ["SplmtryData[1]"]
    assert b">3<" in values["carried"][0][1]
    assert etree.fromstring(carried[0][1]).tag == f"{{{message(ID).namespace}}}TaxRmt"


def test_an_empty_element_without_a_name_is_carried():
    """It would leave no key, so it is kept as it is."""
    values = read(GROUP + PAYMENT.replace("<IntrBk", "<PmtTpInf/><IntrBk", 1))

    assert [path for path, _ in values["transactions"][0]["carried"]] == ["PmtTpInf"]


def test_prefixes_do_not_matter():
    """The same content under a prefix reads the same."""
    plain = document(GROUP + PAYMENT)
    text = etree.tostring(plain).decode()
    prefixed = text.replace("<", "<p:").replace("<p:/", "</p:").replace("xmlns=", "xmlns:p=")

    assert extract(etree.fromstring(prefixed), message(ID)) == extract(plain, message(ID))


def bare(element: etree._Element, node: Node) -> None:
    """Take out what is carried and what is empty, so that nothing rare is left."""
    rows = {child.tag: child for child in node.children}
    for child in list(element):
        row = rows[etree.QName(child).localname]
        if not row.carried:
            bare(child, row)
        if row.carried or (row.type == "group" and not len(child)):
            element.remove(child)


@pytest.mark.parametrize("message_id", MESSAGES)
def test_the_quick_walk_reads_what_the_thorough_one_reads(message_id):
    """On any valid message they agree, or the quick one gives up; on an ordinary one it does not."""
    table = message(message_id)
    quick = 0
    for seed in range(80):
        element = instance(message_id, seed, fill=(0.1, 0.2, 0.3, 0.8)[seed % 4])
        top = element if table.is_header else element[0]
        found = _quick(top, _quick_trie_of(table))
        assert found is None or found == thorough(top, table)

        bare(top, table.tree)
        found = _quick(top, _quick_trie_of(table))
        quick += found is not None
        assert found is None or found == thorough(top, table)

    assert quick > 20


@pytest.mark.parametrize(
    "spoiler",
    [
        "<PmtTpInf/>",
        "<Dbtr><Nm>A</Nm><Id><OrgId/></Id></Dbtr>",
        "<SplmtryData><Envlp><x/></Envlp></SplmtryData>",
        "<Dbtr><PstlAdr><AdrTp><Prtry><Id>abcd</Id><Issr>i</Issr></Prtry></AdrTp></PstlAdr></Dbtr>",
    ],
)
def test_the_quick_walk_gives_up_where_it_could_be_wrong(spoiler):
    """An empty nameless element, something carried, a tag that fits twice."""
    top = document(GROUP + f"<CdtTrfTxInf>{spoiler}</CdtTrfTxInf>")[0]

    assert _quick(top, _quick_trie_of(message(ID))) is None


@pytest.mark.skipif(SHARED is None, reason="the shared data is not here")
def test_shared_rule_files_read_without_a_fault():
    """Extraction never fails on what the schema accepts."""
    read_files = 0
    for path in sorted((SHARED / "iso20022" / "rules").glob("*.xml")):
        root = parse(path.read_bytes().removeprefix(b"\xef\xbb\xbf"))
        if not isinstance(root, etree._Element):
            continue
        for element in root.iter(f"{{{message(ID).namespace}}}Document"):
            if validate(ID, element) is None:
                assert extract(element, message(ID))["transactions"]
                read_files += 1

    assert read_files > 50
