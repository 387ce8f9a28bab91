"""From a valid element to a lexical dict: our names, values as text, nothing lost.

A leaf is its text as it stands, an amount the tuple (currency, text), an element with children a dict,
one that may repeat a list; what is absent is no key. Elements without a name of ours count as their parent's.
What the table carries instead of reading lies under `carried` as (path, xml) in the dict of the transaction
or entry it belongs to, else in the outermost dict; the path is relative to that element.

Input is valid by the schema of its message; this walks it once along a trie of tags. There are two walks.
The quick one takes the elements in document order and finds the end of a group by the first tag that is not
of it; the thorough one descends. The quick one gives up, and the thorough one starts over, where something
is carried or where a tag could belong to a group as well as to what follows it, which is rare.
"""

from functools import cache
from typing import Any, Final

from lxml import etree

from steelyard.iso20022.tables import Message, Node
from steelyard.iso20022.types import TYPES

Values = dict[str, Any]
Carried = list[tuple[str, bytes]]
_Way = tuple[tuple[str, bool], ...]  # tags from the unit down, and whether each may repeat
_Trie = dict[str, tuple[int, str, Any]]

_LEAF: Final = 0
_LEAVES: Final = 1
_AMOUNT: Final = 2
_AMOUNTS: Final = 3
_FLAT: Final = 4
_GROUP: Final = 5
_GROUPS: Final = 6
_UNITS: Final = 7
_CARRIED: Final = 8


def extract(element: etree._Element, message: Message) -> Values:
    """Read a valid Document or AppHdr into the lexical dict of its message."""
    top = element if message.is_header else element[0]
    quick = _quick(top, _quick_trie_of(message))
    return thorough(top, message) if quick is None else quick


def thorough(top: etree._Element, message: Message) -> Values:
    """Read the root element of a message by descending; `extract` does so where it must."""
    values: Values = {}
    _walk(top, _trie_of(message), values, values)
    return values


def part(element: etree._Element, message: Message) -> Values:
    """Read one valid child of the root element that has children: the group header, one transaction."""
    values: Values = {}
    below = _trie_of(message)[element.tag][2]
    _walk(element, below, values, values)
    return values


def _quick(top: etree._Element, trie: _Trie) -> Values | None:
    """Read all elements in document order, or give up."""
    values: Values = {}
    here, fresh = values, False  # the dict being filled; whether a nameless element was just entered
    above: list[tuple[_Trie, Values]] = []
    elements = top.iter()
    next(elements)
    for element in elements:
        tag = element.tag
        entry = trie.get(tag)
        while entry is None:
            if fresh:  # it is empty and would leave no trace in the dict
                return None
            trie, here = above.pop()
            entry = trie.get(tag)
        kind, name, below = entry
        fresh = False
        if kind == _LEAF:
            here[name] = element.text or ""
        elif kind == _FLAT:
            above.append((trie, here))
            trie, fresh = below, True
        elif kind == _GROUP:
            above.append((trie, here))
            trie = below
            here[name] = here = {}
        elif kind == _GROUPS:
            above.append((trie, here))
            trie = below
            group: Values = {}
            here.setdefault(name, []).append(group)
            here = group
        elif kind == _LEAVES:
            here.setdefault(name, []).append(element.text or "")
        elif kind == _AMOUNT:
            here[name] = (element.get("Ccy"), element.text or "")
        else:
            return None
    return None if fresh else values


@cache
def _quick_trie_of(message: Message) -> _Trie:
    """Give the trie of the quick walk; what makes it give up is marked as carried."""
    return _quick_trie(message.tree, "{" + message.namespace + "}", frozenset())


def _quick_trie(node: Node, namespace: str, following: frozenset[str]) -> _Trie:
    """Give the trie below a node; `following` are the tags that may come right after its end."""
    trie: _Trie = {}
    for at, child in enumerate(node.children):
        kind, below = _kind(child, is_unit=False), None
        if kind in (_FLAT, _GROUP, _GROUPS):
            after = _after(node.children, at, following)
            if after.isdisjoint(inner.tag for inner in child.children if not inner.carried):
                below = _quick_trie(child, namespace, after)
            else:
                kind = _CARRIED
        trie[namespace + child.tag] = (kind, child.row.ours or "", below)
    return trie


def _after(children: tuple[Node, ...], at: int, following: frozenset[str]) -> frozenset[str]:
    """Give the tags that may come right after the end of a child."""
    child = children[at]
    after = {child.tag} if child.repeats else set()
    for later in children[at + 1 :] if child.choice is None else ():
        after.add(later.tag)
        if later.low > 0:
            return frozenset(after)
    return following | after


@cache
def _trie_of(message: Message) -> _Trie:
    """Give the trie of a message: tag with namespace -> (kind, our name, what lies below)."""
    return _trie(message.tree, "{" + message.namespace + "}", (), (), message.units)


def _trie(
    node: Node, namespace: str, tags: tuple[str, ...], way: _Way, units: tuple[tuple[str, ...], ...]
) -> _Trie:
    """Give the trie below a node; `tags` leads to it from the root, `way` from the last unit."""
    trie: _Trie = {}
    for child in node.children:
        path = (*tags, child.tag)
        kind = _kind(child, is_unit=path in units)
        steps = (*way, (child.tag, child.repeats))
        below: Any = steps
        if kind in (_FLAT, _GROUP, _GROUPS, _UNITS):
            below = _trie(child, namespace, path, () if kind == _UNITS else steps, units)
        if kind == _FLAT:
            below = (below, steps if child.low == 0 or child.choice is not None else ())
        trie[namespace + child.tag] = (kind, child.row.ours or "", below)
    return trie


def _kind(node: Node, *, is_unit: bool) -> int:
    """Tell how the walk treats an element."""
    if node.carried:
        return _CARRIED
    if node.type == "group":
        if node.row.ours is None:
            return _FLAT
        return _UNITS if is_unit else _GROUPS if node.repeats else _GROUP
    if TYPES[node.type].currency:
        return _AMOUNTS if node.repeats else _AMOUNT
    return _LEAVES if node.repeats else _LEAF


def _walk(element: etree._Element, trie: _Trie, values: Values, sink: Values) -> None:
    """Read the children of one element into `values`; `sink` is the dict of the unit they lie in."""
    group: Values
    for child in element:
        kind, name, below = trie[child.tag]
        if kind == _LEAF:
            values[name] = child.text or ""
        elif kind == _FLAT:
            known = len(values)
            _walk(child, below[0], values, sink)
            if len(values) == known and below[1]:
                _carry_whole(child, below[1], sink)
        elif kind == _GROUP:
            values[name] = group = {}
            _walk(child, below, group, sink)
        elif kind == _LEAVES:
            values.setdefault(name, []).append(child.text or "")
        elif kind == _AMOUNT:
            values[name] = (child.get("Ccy"), child.text or "")
        elif kind in (_GROUPS, _UNITS):
            group = {}
            values.setdefault(name, []).append(group)
            _walk(child, below, group, sink if kind == _GROUPS else group)
        elif kind == _AMOUNTS:
            values.setdefault(name, []).append((child.get("Ccy"), child.text or ""))
        else:
            _carry(child, below, sink)


def _carry(element: etree._Element, way: _Way, sink: Values) -> None:
    """Keep an element as it is, all namespace declarations made explicit, under its path from the unit."""
    xml = etree.tostring(element, encoding="utf-8", xml_declaration=False, with_tail=False)
    carried: Carried = sink.setdefault("carried", [])
    carried.append((_path(element, way, carried), xml))


def _carry_whole(element: etree._Element, way: _Way, sink: Values) -> None:
    """Keep an element that left no key, such as an empty one, in place of what was carried from within it."""
    carried: Carried = sink.setdefault("carried", [])
    inside = _path(element, way, carried) + "/"
    while carried and carried[-1][0].startswith(inside):
        carried.pop()
    _carry(element, way, sink)


def _path(element: etree._Element, way: _Way, carried: Carried) -> str:
    """Give the path with an index on all that may repeat, counting on from the last one where it can."""
    if way[-1][1] and carried:
        last, _, index = carried[-1][0].rpartition("[")
        before = element.getprevious()
        if before is not None and before.tag == element.tag and last.rpartition("/")[2] == way[-1][0]:
            return f"{last}[{int(index[:-1]) + 1}]"
    steps, node = [], element
    for tag, repeats in reversed(way):
        index = f"[{1 + sum(1 for _ in node.itersiblings(node.tag, preceding=True))}]" if repeats else ""
        steps.append(tag + index)
        parent = node.getparent()
        if parent is not None:
            node = parent
    return "/".join(reversed(steps))
