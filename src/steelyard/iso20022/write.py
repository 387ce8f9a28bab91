"""From a lexical dict back to XML, in the order of the table; and templates for answers that vary little.

`write` is the inverse of `extract`: same shape in, same content out, what was carried put back at its path.
Text is escaped here; a character that XML cannot hold is our bug, since outside text was checked on the way in.

A template is a message written once with slots in it. Filling one costs a fraction of writing:

>>> made = template("admi.002.001.01", {"reference": slot("ref"), "reason": slot("word")})
>>> made.fill({"ref": "M1", "word": "XSD01"}).count(b"<Ref>M1</Ref>")
1
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from operator import itemgetter
from typing import Any, Final

from steelyard.iso20022.tables import Message, Node, message, named
from steelyard.iso20022.types import TYPES

Values = Mapping[str, Any]
_Plan = tuple[tuple[int, str, str, Any], ...]  # kind, tag, our name, what lies below
_Kept = list[tuple[str, bytes]]  # what is carried, paths relative to the element being written

_LEAF: Final = 0
_AMOUNT: Final = 1
_GROUP: Final = 2
_UNIT: Final = 3
_MANY: Final = 4  # added to one of the above
_FLAT: Final = 8
_FLAT_ALWAYS: Final = 9
_CARRIED: Final = 10
_ESCAPES: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#13;"}
_TABLE: Final = str.maketrans(_ESCAPES)
_special: Final = re.compile('[&<>"\r]').search
_FORBIDDEN: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SLOT: Final = re.compile("\ue000([a-z0-9_]+)\ue001")
_DECLARATION: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'


def write(message_id: str, values: Values) -> bytes:
    """Give the Document (or AppHdr) of a message with those values; no declaration, no blanks between tags."""
    return _checked(_text(message_id, values)).encode()


def document(header: Values, values: Values, versions: tuple[str, str]) -> bytes:
    """Give a whole business message: header and document below `BizMsg`. `versions` are their two ids."""
    return _checked(_document_text(header, values, versions)).encode()


def slot(name: str) -> str:
    """Give a value that marks a slot of a template; names are lower-case words."""
    return f"\ue000{name}\ue001"


class Template:
    """A message with slots. `slots` are their names in document order, one per place."""

    def __init__(self, text: str) -> None:
        pieces = _SLOT.split(_checked(text))
        self.slots: tuple[str, ...] = tuple(pieces[1::2])
        self._pick = _picker(self.slots)
        self._format = "%s".join(piece.replace("%", "%%") for piece in pieces[0::2])

    def fill(self, values: Mapping[str, str]) -> bytes:
        """Give the message with its slots filled; a missing value raises, one too many does not matter."""
        texts = self._pick(values)
        joined = " ".join(texts)
        plain = "&" not in joined and "<" not in joined and ">" not in joined and '"' not in joined
        if not plain or not joined.isprintable():
            texts = tuple([_checked(text).translate(_TABLE) for text in texts])
        return (self._format % texts).encode()


def _picker(names: tuple[str, ...]) -> Callable[[Mapping[str, str]], tuple[str, ...]]:
    """Give what takes the named values out of a mapping, in order, whatever their number."""
    if len(names) > 1:
        return itemgetter(*names)
    return lambda values: tuple([values[name] for name in names])


def template(message_id: str, values: Values) -> Template:
    """Compile a message whose values may hold slots."""
    return Template(_text(message_id, values))


def document_template(header: Values, values: Values, versions: tuple[str, str]) -> Template:
    """Compile a whole business message whose values may hold slots."""
    return Template(_document_text(header, values, versions))


def _document_text(header: Values, values: Values, versions: tuple[str, str]) -> str:
    header_id, message_id = versions
    return f"{_DECLARATION}<BizMsg>{_text(header_id, header)}{_text(message_id, values)}</BizMsg>\n"


def _text(message_id: str, values: Values) -> str:
    table = message(message_id)
    if table is None:
        raise LookupError(f"there is no table of {message_id}")
    out: list[str] = []
    _write(_plan_of(table), values, list(values.get("carried", ())), out)
    inside = "".join(out)
    if table.is_header:
        return f'<AppHdr xmlns="{table.namespace}">{inside}</AppHdr>'
    return f'<Document xmlns="{table.namespace}"><{table.root}>{inside}</{table.root}></Document>'


def _escaped(text: str) -> str:
    """Give a text as it stands between tags; most need nothing."""
    return text.translate(_TABLE) if _special(text) else text


def _checked(text: str) -> str:
    """Refuse what XML 1.0 cannot hold: it would make a message nobody can read."""
    if _FORBIDDEN.search(text):
        raise ValueError("a text holds a character that XML cannot hold")
    return text


@cache
def _plan_of(table: Message) -> _Plan:
    return _plan(table.tree, (), table.units)


def _plan(node: Node, tags: tuple[str, ...], units: tuple[tuple[str, ...], ...]) -> _Plan:
    steps = []
    for child in node.children:
        path = (*tags, child.tag)
        kind = _kind(child, path in units)
        below: Any = None if child.type != "group" or child.carried else _plan(child, path, units)
        if kind == _FLAT:
            below = (below, frozenset(named(child)))
        steps.append((kind, child.tag, child.row.ours or "", below))
    return tuple(steps)


def _kind(node: Node, is_unit: bool) -> int:
    """Tell how a row is written."""
    if node.carried:
        return _CARRIED
    if node.type == "group":
        if node.row.ours is None:
            return _FLAT if node.low == 0 or node.choice is not None else _FLAT_ALWAYS
        kind = _UNIT if is_unit else _GROUP
    else:
        kind = _AMOUNT if TYPES[node.type].currency else _LEAF
    return kind + _MANY if node.repeats else kind


def _write(plan: _Plan, values: Values, kept: _Kept, out: list[str]) -> bool:
    """Write the children of one element; tell whether there was anything to write."""
    real = False
    for kind, tag, name, below in plan:
        if kind >= _FLAT:
            if kind == _FLAT and not kept and below[1].isdisjoint(values):
                continue
            real = _write_unnamed(kind, tag, below, values, kept, out) or real
            continue
        value = values.get(name)
        if value is None:
            continue
        real = True
        if kind == _LEAF:
            out.append(f"<{tag}>{value.translate(_TABLE) if _special(value) else value}</{tag}>")
        elif kind < _MANY:
            _write_one(kind, tag, below, value, kept and _inside(kept, tag), out)
        else:
            for at, one in enumerate(value, 1):
                _write_one(kind - _MANY, tag, below, one, kept and _inside(kept, f"{tag}[{at}]"), out)
    return real


def _write_one(kind: int, tag: str, below: Any, value: Any, kept: _Kept, out: list[str]) -> None:
    """Write one element that has a name of ours."""
    if kind == _LEAF:
        out.append(f"<{tag}>{_escaped(value)}</{tag}>")
    elif kind == _AMOUNT:
        currency, text = value
        out.append(f'<{tag} Ccy="{_escaped(currency)}">{_escaped(text)}</{tag}>')
    else:
        out.append(f"<{tag}>")
        _write(below, value, list(value.get("carried", ())) if kind == _UNIT else kept, out)
        out.append(f"</{tag}>")


def _write_unnamed(kind: int, tag: str, below: Any, values: Values, kept: _Kept, out: list[str]) -> bool:
    """Write what has no name of ours: carried elements as they came, others if something is in them."""
    if kept or kind == _CARRIED:
        whole = [xml.decode() for path, xml in kept if path.partition("[")[0] == tag and "/" not in path]
        if kind == _CARRIED or whole:
            out.extend(whole)
            return bool(whole)
    inside: list[str] = []
    real = _write(below[0] if kind == _FLAT else below, values, kept and _inside(kept, tag), inside)
    if real or kind == _FLAT_ALWAYS:
        out.append(f"<{tag}>{''.join(inside)}</{tag}>")
    return real


def _inside(kept: Sequence[tuple[str, bytes]], step: str) -> _Kept:
    """Give what is carried below a step, with paths from there on."""
    prefix = step + "/"
    return [(path[len(prefix) :], xml) for path, xml in kept if path.startswith(prefix)]
