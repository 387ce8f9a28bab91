"""Message tables: every element of a message in document order, one row each.

From the same rows come the schema we validate with (`xsd.py`), the reader (`extract.py`), the writer
(`write.py`) and the reference page (`docs_page.py`). Rows of a message file name components; here they are
expanded and put into a tree. A row says what the standard allows; what we demand beyond it, a profile says.
"""

from functools import cache
from typing import Final, NamedTuple

import msgspec

from steelyard.iso20022 import admi_002, camt_052, camt_053, camt_054, head_001, pacs_002, pacs_008, pacs_009
from steelyard.iso20022.components import COMPONENTS, GENERATIONS, C, Cells, R, Step
from steelyard.iso20022.report import REPORT_COMPONENTS, REPORT_STEPS_2023

NAMESPACE: Final = "urn:iso:std:iso:20022:tech:xsd:"
Location = tuple[str | int, ...]
FILES: Final = (head_001, pacs_008, pacs_009, pacs_002, camt_052, camt_053, camt_054, admi_002)
COMPONENT_ROWS: Final[dict[str, tuple[Cells, ...]]] = COMPONENTS | REPORT_COMPONENTS
COMPONENT_STEPS: Final[dict[str, dict[str, tuple[Step, ...]]]] = GENERATIONS | {
    "2023": GENERATIONS["2023"] | REPORT_STEPS_2023
}
_OCCURS: Final = {"1": (1, 1), "?": (0, 1), "*": (0, None)}


class Row(NamedTuple):
    """One element: its path below the root, our name, type, occurrence, use and what it means."""

    path: str
    ours: str | None
    type: str
    occurs: str
    use: str
    meaning: str


class Node(msgspec.Struct, frozen=True, eq=False):
    """One element in the tree of a message, with its children in document order.

    `type` is a simple type, `group` (has children) or one of the opaque forms; `component` names the
    component the children come from, if they do. `high` None means any number. Children that share
    a `choice` exclude each other. Children of a node without `ours` count as its parent's.
    """

    row: Row
    tag: str
    type: str
    component: str | None
    low: int
    high: int | None
    choice: str | None
    children: tuple["Node", ...]

    @property
    def repeats(self) -> bool:
        """Tell whether more than one may stand here."""
        return self.high != 1

    @property
    def carried(self) -> bool:
        """Tell whether the element is kept as it is instead of being read."""
        return self.row.use == C


class Message(msgspec.Struct, frozen=True, eq=False):
    """One version of one message: where it lives and all of its rows, components expanded.

    `root` is the element below Document, or AppHdr of a header; `units` are the tag paths of what may
    stand there by the thousand (transactions, entries), outermost first.
    """

    id: str
    namespace: str
    root: str
    units: tuple[tuple[str, ...], ...]
    tree: Node
    rows: tuple[Row, ...]

    @property
    def is_header(self) -> bool:
        """Tell whether this is a business application header and no document."""
        return self.root == "AppHdr"

    @property
    def prefix(self) -> str:
        """Give the path of the root element as findings name it."""
        return "/AppHdr" if self.is_header else f"/Document/{self.root}"


MESSAGES: Final[tuple[str, ...]] = tuple(
    f"{file.NAME}.001.{version}" for file in FILES for version in file.VERSIONS
)


@cache
def message(message_id: str) -> Message | None:
    """Give the table of a message version such as pacs.008.001.08, or None if there is none here.

    >>> message("pacs.008.001.08").prefix, message("pacs.008.001.99")
    ('/Document/FIToFICstmrCdtTrf', None)
    """
    if message_id not in MESSAGES:
        return None
    name, version = message_id[:8], message_id[13:]
    file = next(file for file in FILES if name == file.NAME)
    generation, steps = file.VERSIONS[version]
    children = _nodes(_stepped(file.ROWS, steps), "", generation, R)
    tree = Node(Row("", None, "group", "1", R, file.MEANING), file.ROOT, "group", None, 1, 1, None, children)
    return Message(message_id, NAMESPACE + message_id, file.ROOT, file.UNITS, tree, tuple(_rows_below(tree)))


def path_of(message_id: str, location: Location) -> str:
    """Give the path of a location in our names, with an index from 1 on everything that may repeat.

    A location that does not exist in the table is our bug and raises.

    >>> path_of("pacs.008.001.08", ("transactions", 1, "debtor", "address", "country"))
    '/Document/FIToFICstmrCdtTrf/CdtTrfTxInf[2]/Dbtr/PstlAdr/Ctry'
    >>> path_of("head.001.001.02", ("from", "bic"))
    '/AppHdr/Fr/FIId/FinInstnId/BICFI'
    """
    table = message(message_id)
    if table is None:
        raise LookupError(f"there is no table of {message_id}")
    node, path = table.tree, table.prefix
    for step in location:
        if isinstance(step, int):
            path = f"{path}[{step + 1}]"
        else:
            way = named(node)[step]
            path = "/".join((path, *(inner.tag for inner in way)))
            node = way[-1]
    return path


def location_of(message_id: str, path: str) -> tuple[str, ...]:
    """Give our names for the path of a row, without indexes; () where the row has no name of ours.

    >>> location_of("pacs.008.001.08", "CdtTrfTxInf/PmtId/UETR")
    ('transactions', 'uetr')
    """
    table = message(message_id)
    if table is None:
        raise LookupError(f"there is no table of {message_id}")
    node, names, last = table.tree, [], None
    for tag in path.split("/"):
        node = next(child for child in node.children if child.tag == tag)
        last = node.row.ours
        if last is not None:
            names.append(last)
    return tuple(names) if last is not None else ()


@cache
def named(node: Node) -> dict[str, tuple[Node, ...]]:
    """Give for each of our names directly below a node the nodes that lead to it."""
    found: dict[str, tuple[Node, ...]] = {}
    for child in node.children:
        if child.row.ours is not None:
            found[child.row.ours] = (child,)
        elif not child.carried:
            found.update({name: (child, *way) for name, way in named(child).items()})
    return found


def _stepped(rows: tuple[Cells, ...], steps: tuple[Step, ...]) -> list[Cells]:
    """Give the rows after the steps of a version or generation; a step on a missing row raises."""
    result = list(rows)
    for verb, path, *rest in steps:
        at, end = (0, 0) if verb == "add" and not path else _span(result, path)
        change = rest[0] if rest else None
        if verb == "drop":
            del result[at:end]
        elif verb == "add" and isinstance(change, tuple):
            result.insert(end, change)
        elif verb == "retype" and isinstance(change, str):
            result[at] = (*result[at][:2], change, *result[at][3:])
        elif verb == "reoccur" and isinstance(change, str):
            result[at] = (*result[at][:3], change, *result[at][4:])
        else:
            raise ValueError(f"no such step: {verb} {path}")
    return result


def _span(rows: list[Cells], path: str) -> tuple[int, int]:
    """Give where the row of a path stands and where the rows below it end."""
    at = next(i for i, row in enumerate(rows) if row[0] == path)
    end = at + 1
    while end < len(rows) and rows[end][0].startswith(path + "/"):
        end += 1
    return at, end


def _nodes(rows: list[Cells], prefix: str, generation: str, use: str) -> tuple[Node, ...]:
    """Give the nodes of one level; `prefix` is the path above it, with its slash."""
    nodes, at = [], 0
    while at < len(rows):
        tag = rows[at][0]
        _, end = _span(rows, tag)
        below: list[Cells] = [(cells[0][len(tag) + 1 :], *cells[1:]) for cells in rows[at + 1 : end]]
        nodes.append(_node(Row(*rows[at]), below, prefix, generation, use))
        at = end
    return tuple(nodes)


def _node(row: Row, below: list[Cells], prefix: str, generation: str, use: str) -> Node:
    """Give the node of one row. What hangs below a carried row is carried with it."""
    kind, component = row.type, None
    if kind in COMPONENT_ROWS:
        component, kind = kind, "group"
        below = _stepped(COMPONENT_ROWS[component], COMPONENT_STEPS[generation].get(component, ()))
    elif kind.startswith("code:"):
        component, below, kind = kind, _code_or_word(kind[5:]), "group"
    use = C if use == C else row.use
    full = Row(prefix + row.path, row.ours, row.type, row.occurs, use, row.meaning)
    choice, _, occurs = row.occurs.rpartition(" ") if " " in row.occurs else ("", "", row.occurs)
    if occurs.startswith("choice:"):
        choice, occurs = occurs, "1"
    low, high = _OCCURS[occurs] if occurs in _OCCURS else _bounds(occurs)
    children = _nodes(below, f"{full.path}/", generation, use)
    return Node(full, row.path, kind, component, low, high, choice[7:] or None, children)


def _bounds(occurs: str) -> tuple[int, int | None]:
    """Read an occurrence such as 0..10 or 1..*."""
    low, _, high = occurs.partition("..")
    return int(low), None if high == "*" else int(high)


def _code_or_word(type_name: str) -> list[Cells]:
    """Give the two rows of a choice between a listed code and a private word."""
    return [
        ("Cd", "code", type_name, "choice:kind", R, "A code of the published list."),
        ("Prtry", "proprietary", "Max35Text", "choice:kind", R, "A word of a private list."),
    ]


def _rows_below(node: Node) -> list[Row]:
    rows = []
    for child in node.children:
        rows.append(child.row)
        rows.extend(_rows_below(child))
    return rows
