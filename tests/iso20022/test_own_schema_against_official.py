"""Our generated schemas and the published ones give the same verdict, outside opaque parts."""

import random

import pytest
from lxml import etree

from steelyard.iso20022.parse import parse
from steelyard.iso20022.schema import Official, load_dir, own
from steelyard.iso20022.tables import MESSAGES, NAMESPACE, message
from tests.iso20022.instances import instance, spoilt
from tests.shared import SHARED

pytestmark = pytest.mark.skipif(SHARED is None, reason="the shared data is not here")
ISO = SHARED / "iso20022" if SHARED else None
MUTATIONS = 150


@pytest.fixture(scope="module")
def official() -> Official:
    """Give the published schemas of the messages that have a table."""
    loaded = load_dir({name: (ISO / "xsd" / f"{name}.xsd").read_bytes() for name in MESSAGES})
    assert isinstance(loaded, Official)
    return loaded


@pytest.fixture(scope="module")
def found() -> dict[str, list[etree._Element]]:
    """Give every Document and AppHdr in the shared files, by message."""
    parts: dict[str, list[etree._Element]] = {}
    for folder in ("samples", "rules", "generated"):
        for path in sorted((ISO / folder).rglob("*.xml")):
            root = parse(path.read_bytes().removeprefix(b"\xef\xbb\xbf"))
            if not isinstance(root, etree._Element):
                continue
            for element in root.iter(etree.Element):
                name = etree.QName(element)
                if name.localname in ("Document", "AppHdr") and (name.namespace or "").startswith(NAMESPACE):
                    parts.setdefault(name.namespace.removeprefix(NAMESPACE), []).append(element)
    return parts


def test_the_shared_files_hold_something_to_compare(found):
    """The comparison below is not an empty one."""
    assert sum(len(found.get(message_id, ())) for message_id in MESSAGES) > 200
    assert len(found["pacs.008.001.08"]) > 50


@pytest.mark.parametrize("message_id", MESSAGES)
def test_both_judge_found_messages_alike(message_id, official, found):
    """Samples, rule files and minimal instances: valid by both or by neither."""
    for element in found.get(message_id, ()):
        published = official[message_id].accepts(element)

        assert own(message_id).accepts(element) == published, etree.tostring(element)[:300]


@pytest.mark.parametrize("message_id", MESSAGES)
def test_both_judge_spoilt_samples_alike(message_id, official, found):
    """One change at a time on real messages: the verdicts move together."""
    rng = random.Random(message_id)
    for element in found.get(message_id, ())[:20]:
        _compare_spoilt(message_id, element, official, rng, MUTATIONS // 3)


@pytest.mark.parametrize("message_id", MESSAGES)
def test_both_accept_instances_made_from_the_tables(message_id, official):
    """What our rows can build the published schema accepts; nothing in them is too loose."""
    for seed in range(25):
        element = instance(message_id, seed, fill=(0.1, 0.3, 0.6)[seed % 3])

        assert own(message_id).accepts(element)
        assert official[message_id].accepts(element), official[message_id].complaint(element)


@pytest.mark.parametrize("message_id", MESSAGES)
def test_both_judge_spoilt_instances_alike(message_id, official):
    """One change at a time on made instances: the verdicts move together."""
    rng = random.Random(message_id)
    verdicts: set[bool] = set()
    for seed in range(8):
        element = instance(message_id, seed, fill=0.4)
        verdicts |= _compare_spoilt(message_id, element, official, rng, MUTATIONS)

    assert verdicts == {True, False}


def _compare_spoilt(message_id, element, official, rng, times) -> set[bool]:
    verdicts = set()
    for _ in range(times):
        what, changed = spoilt(element, message(message_id), rng)
        published = official[message_id].accepts(changed)
        verdicts.add(published)

        assert own(message_id).accepts(changed) == published, (what, official[message_id].complaint(changed))
    return verdicts


@pytest.mark.parametrize("message_id", MESSAGES)
def test_both_find_the_same_first_fault(message_id, official):
    """The path of the first fault does not depend on whose schema ran."""
    from steelyard.iso20022.pieces import whole

    rng = random.Random(message_id)
    table = message(message_id)
    for seed in range(4):
        element = instance(message_id, seed, fill=0.4)
        for _ in range(20):
            _, changed = spoilt(element, table, rng)
            ours, theirs = (
                whole(schema, changed, table) for schema in (own(message_id), official[message_id])
            )

            assert (ours and ours.path) == (theirs and theirs.path)


def test_every_shared_schema_compiles_and_is_named_for_its_namespace():
    """All published schemas can be used as a folder of an operator."""
    files = {path.name.removesuffix(".xsd"): path.read_bytes() for path in (ISO / "xsd").glob("*.xsd")}
    loaded = load_dir(files)

    assert isinstance(loaded, Official)
    assert len(loaded) == len(files) >= 170
