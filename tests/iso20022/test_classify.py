"""Header and Document are found by their namespaces, wherever the wrappers put them."""

import pytest

from steelyard.iso20022.check import check
from steelyard.iso20022.context import Level
from tests.iso20022.contexts import rules_context, schema_context
from tests.iso20022.messages import DOCUMENT, HEADER, document, header, message, transaction

BODY = document(transaction())
HEAD = header()


def words(raw: bytes | str, level: Level = Level.RULES) -> list[str]:
    """Give the codes that bytes get."""
    raw = raw if isinstance(raw, bytes) else raw.encode()
    return check(raw, rules_context() if level is Level.RULES else schema_context(), level=level).codes


@pytest.mark.parametrize(
    "raw",
    [
        f"<BizMsg>{HEAD}{BODY}</BizMsg>",
        f"<BizMsg>{BODY}{HEAD}</BizMsg>",
        f"<a><b><c><d>{HEAD}{BODY}</d></c></b></a>",
        f'<Envelope xmlns="urn:vendor"><Header><Id>7</Id></Header>{HEAD}{BODY}</Envelope>',
        f'<Document xmlns="urn:vendor">{HEAD}{BODY}</Document>',
        f'<x:AppHdr xmlns:x="urn:vendor"><x:Body>{HEAD}{BODY}</x:Body></x:AppHdr>',
        f"<BizMsg>\n  {HEAD}\n\t{BODY}\n</BizMsg>",
    ],
)
def test_wrappers_of_any_name_and_up_to_three_more_are_looked_through(raw):
    """The order of the two does not matter; what else stands in a wrapper is left alone."""
    assert words(raw) == []


@pytest.mark.parametrize(
    "raw",
    [
        HEAD,
        f"<BizMsg>{HEAD}</BizMsg>",
        f"<BizMsg>{BODY}</BizMsg>",
        f"<BizMsg>{HEAD}{HEAD}{BODY}</BizMsg>",
        f"<BizMsg>{HEAD}{BODY}{BODY}</BizMsg>",
        f"<BizMsg>{HEAD}{BODY}<x>{BODY}</x></BizMsg>",
        f"<BizMsg><x>{HEAD}</x>{BODY}</BizMsg>",
        f"<BizMsg>{HEAD}text{BODY}</BizMsg>",
        f"<a>text<b>{HEAD}{BODY}</b></a>",
        f"<a><b><c><d><e>{HEAD}{BODY}</e></d></c></b></a>",
        f"<BizMsg>{HEAD.replace(HEADER, 'urn:vendor')}{BODY}</BizMsg>",
        f"<BizMsg>{HEAD}{BODY.replace(DOCUMENT, 'urn:vendor')}</BizMsg>",
        f"<BizMsg>{HEAD}{BODY.replace(' xmlns=', ' nope=')}</BizMsg>",
        f"<BizMsg>{HEAD.replace(HEADER, DOCUMENT)}{BODY}</BizMsg>",
        "<BizMsg/>",
    ],
)
def test_parts_missing_doubled_apart_or_of_others_are_bah01(raw):
    """Neither half a message nor two."""
    assert words(raw) == ["BAH01"]


@pytest.mark.parametrize(
    ("old", "new"),
    [(DOCUMENT, DOCUMENT[:-2] + "99"), (HEADER, HEADER[:-2] + "77"), (DOCUMENT, DOCUMENT[:-2] + "12")],
)
def test_a_version_that_is_not_listed_is_bah02_and_the_listed_ones_are_named(old, new):
    """Also one that another profile reads."""
    verdict = check(message().replace(old.encode(), new.encode()), rules_context())

    assert verdict.codes == ["BAH02"]
    assert old.rpartition(":")[2] in verdict.findings[0].text


def test_a_second_document_inside_supplementary_data_does_not_count():
    """What a message carries along is its own business."""
    tail = f"<SplmtryData><Envlp>{BODY}</Envlp></SplmtryData>"

    assert words(message(document(transaction(tail=tail)))) == []


def test_definition_and_business_id_are_judged_after_the_schema():
    """A broken field is named as such, not as a difference."""
    other = message(head=header(definition="pacs.009.001.08"))
    differs = message(head=header(message_id="M2"))
    too_long = message(document(transaction(), message_id="M" * 36), head=header(message_id="M" * 36))

    assert [words(raw) for raw in (other, differs, too_long)] == [["BAH03"], ["BAH04"], ["XSD01"]]


@pytest.mark.parametrize("raw", [HEAD, BODY, f"<BizMsg>{BODY}</BizMsg>"])
def test_a_part_alone_suffices_at_schema_level(raw):
    """A header or a Document."""
    assert words(raw, Level.SCHEMA) == []
