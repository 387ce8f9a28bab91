"""Minimal instances that others made from the published schemas pass ours."""

import pytest
from lxml import etree

from steelyard.iso20022.parse import parse
from steelyard.iso20022.schema import Official, load_dir, validate
from steelyard.iso20022.tables import MESSAGES, NAMESPACE
from tests.shared import SHARED

pytestmark = pytest.mark.skipif(SHARED is None, reason="the shared data is not here")
ISO = SHARED / "iso20022" if SHARED else None


def parts() -> list[tuple[str, etree._Element]]:
    """Give the Document and AppHdr elements of the minimal instances, by message."""
    found = []
    for path in sorted((ISO / "generated").glob("*.xml")):
        root = parse(path.read_bytes())
        for element in root.iter(etree.Element):
            name = etree.QName(element)
            if name.localname in ("Document", "AppHdr") and (name.namespace or "").startswith(NAMESPACE):
                found.append((name.namespace.removeprefix(NAMESPACE), element))
    return found


def test_all_minimal_instances_pass_with_a_folder_of_published_schemas():
    """Also those without a table here, at schema level."""
    schemas = {path.name.removesuffix(".xsd"): path.read_bytes() for path in (ISO / "xsd").glob("*.xsd")}
    official = load_dir(schemas)
    assert isinstance(official, Official)
    found = parts()

    assert len(found) >= 61
    assert [name for name, element in found if validate(name, element, official=official)] == []


def test_minimal_instances_of_our_messages_pass_our_schemas():
    """Whatever version has a table here."""
    found = [(name, element) for name, element in parts() if name in MESSAGES]

    assert {name for name, _ in found} >= {"admi.002.001.01", "head.001.001.02", "pacs.009.001.08"}
    assert [name for name, element in found if validate(name, element)] == []
