"""Message tables: components expand, versions differ only where they say so, every row has its place."""

import pytest

from steelyard.iso20022 import components, report, tables
from steelyard.iso20022.tables import MESSAGES, Node, location_of, message, named, path_of
from steelyard.iso20022.types import TYPES

OPAQUE = ("opaque:target", "opaque:any", "opaque:signature")


def every(node: Node):
    """Give a node and all nodes below it."""
    yield node
    for child in node.children:
        yield from every(child)


@pytest.mark.parametrize("message_id", MESSAGES)
def test_every_row_is_read_or_carried(message_id):
    """Rows read and rows carried are all the rows there are; a carried one carries all below it."""
    table = message(message_id)
    nodes = [node for node in every(table.tree) if node is not table.tree]
    read = [node for node in nodes if node.row.use == "read"]
    carried = [node for node in nodes if node.row.use == "carried"]

    assert len(table.rows) == len(read) + len(carried)
    assert all(below.carried for node in carried for below in every(node))


@pytest.mark.parametrize("message_id", MESSAGES)
def test_every_read_row_has_a_name_or_flattens_its_children(message_id):
    """A leaf that is read has a name; an element without one has children and does not repeat."""
    for node in every(message(message_id).tree):
        if node.row.use == "read" and node.row.ours is None and node.row.path:
            assert node.type == "group"
            assert not node.repeats


@pytest.mark.parametrize("message_id", MESSAGES)
def test_no_name_is_used_twice_in_one_dict(message_id):
    """Flattening an element never makes two elements share a name."""

    def names(node):
        found = []
        for child in node.children:
            if child.row.ours is not None:
                found.append(child.row.ours)
            elif not child.carried:
                found.extend(names(child))
        return found

    for node in every(message(message_id).tree):
        assert len(names(node)) == len(set(names(node))), node.row.path
        assert "carried" not in names(node)


@pytest.mark.parametrize("message_id", MESSAGES)
def test_types_and_meanings_exist(message_id):
    """Every row has a known type, and a sentence that says what the element means."""
    for node in every(message(message_id).tree):
        assert node.type == "group" or node.type in OPAQUE or node.type in TYPES
        assert bool(node.children) == (node.type == "group")
        assert node.row.meaning.endswith(".")


@pytest.mark.parametrize("message_id", MESSAGES)
def test_members_of_a_choice_stand_together(message_id):
    """A choice is one run of siblings, so that a schema can say it."""
    for node in every(message(message_id).tree):
        runs = [child.choice for child in node.children if child.choice]
        assert len(set(runs)) <= 1
        assert not runs or len(runs) == len(node.children)


def test_every_component_is_used():
    """No component is left over from a message that changed."""
    used = {node.component for id_ in MESSAGES for node in every(message(id_).tree)}

    assert set(components.COMPONENTS) | set(report.REPORT_COMPONENTS) <= used


def test_a_version_is_the_table_and_its_steps():
    """The .13 knows the quote, the .08 does not; .12 lets a town have 140 characters."""
    quote = "CdtTrfTxInf/AgrdRate/QtId"
    towns = {
        version: row.type
        for version in ("08", "12")
        for row in message(f"pacs.008.001.{version}").rows
        if row.path == "CdtTrfTxInf/Dbtr/PstlAdr/TwnNm"
    }

    assert quote in {row.path for row in message("pacs.008.001.13").rows}
    assert quote not in {row.path for row in message("pacs.008.001.08").rows}
    assert towns == {"08": "Max35Text", "12": "Max140Text"}


@pytest.mark.parametrize(
    ("message_id", "location", "path"),
    [
        ("pacs.008.001.08", ("group", "message_id"), "GrpHdr/MsgId"),
        ("pacs.008.001.08", ("group", "clearing_system", "code"), "GrpHdr/SttlmInf/ClrSys/Cd"),
        ("pacs.008.001.08", ("transactions", 0, "debtor", "lei"), "CdtTrfTxInf[1]/Dbtr/Id/OrgId/LEI"),
        (
            "pacs.008.001.08",
            ("transactions", 2, "remittance", "structured", 1, "creditor_reference", "reference"),
            "CdtTrfTxInf[3]/RmtInf/Strd[2]/CdtrRefInf/Ref",
        ),
        ("head.001.001.02", ("to", "bic"), "To/FIId/FinInstnId/BICFI"),
    ],
)
def test_a_location_in_our_names_has_one_path(message_id, location, path):
    """Findings name the element as the standard does, with an index on what may repeat."""
    prefix = "/AppHdr" if message_id.startswith("head") else "/Document/FIToFICstmrCdtTrf"

    assert path_of(message_id, location) == f"{prefix}/{path}"


def test_a_row_that_can_be_named_is_found_by_its_name():
    """Our names for the path of a row lead back to that path."""
    for row in message("pacs.009.001.08").rows:
        if row.use == "read" and row.ours is not None:
            location = location_of("pacs.009.001.08", row.path)
            assert path_of("pacs.009.001.08", location).endswith("/" + row.path)


def test_unknown_messages_and_names_are_our_bug():
    """A table that is not here is None; a name that is not in a table raises."""
    assert message("pacs.008.001.99") is None
    with pytest.raises(KeyError):
        path_of("pacs.008.001.08", ("transactions", 0, "colour"))
    with pytest.raises(LookupError):
        path_of("pacs.008.001.99", ())


def test_a_step_on_a_missing_row_raises():
    """A delta cannot silently miss the row it means."""
    with pytest.raises(StopIteration):
        tables._stepped((("A", "a", "ISODate", "1", "read", "A."),), (("drop", "B"),))


def test_names_below_a_node_are_flattened():
    """The identifiers of a party are names of the party itself."""
    debtor = next(n for n in every(message("pacs.008.001.08").tree) if n.row.path == "CdtTrfTxInf/Dbtr")

    assert [node.tag for node in named(debtor)["lei"]] == ["Id", "OrgId", "LEI"]
