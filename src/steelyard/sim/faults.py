"""From a fault that msgspec finds in a scenario to the line where it stands and what may stand there."""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import get_args, get_type_hints

from msgspec import Struct

Kinds = Mapping[str, type[Struct]]
_HEADER = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]")


def said(fault: str, text: str, kinds: Kinds, mechanism: str = "") -> str:
    """Turn a message about a path into ":line: [place] what is wrong", with what is known there.

    `mechanism` is the name of the one that is wrong, which the message does not tell.

    >>> class Table(Struct): entry: str
    >>> text = '[mechanism.a]\\nentry = "fifo"\\n[mechanism.b]\\nentri = "fifo"'
    >>> said("Object contains unknown field `entri` - at `$.mechanism[...]`", text, {"mechanism": Table}, "b")
    ':4: [mechanism.b] unknown key entri; did you mean entry?'
    """
    words, _, path = fault.partition(" - at `$")
    path = path.rstrip("`").lstrip(".")
    if mechanism:
        path = path.replace("mechanism[...]", f"mechanism.{mechanism}", 1)
    unknown = re.search(r"unknown field `([^`]+)`", words)
    table, _, key = (path, "", unknown[1]) if unknown else path.rpartition(".")
    line = _line(table, re.sub(r"\[.*", "", key), text)
    place = f":{line}: " if line else ": "
    where = f"[{path}] " if path else ""
    if unknown:
        known = _keys(table, kinds)
        near = get_close_matches(key, known, 1)
        hint = f"; did you mean {near[0]}?" if near else f"; known are {', '.join(known)}" if known else ""
        return f"{place}{where}unknown key {key}{hint}"
    choices = _choices(table, key, kinds) if words.startswith("Invalid enum value") else ()
    hint = f"; known are {', '.join(choices)}" if choices else ""
    return f"{place}{where}{words[:1].lower()}{words[1:]}{hint}"


def _line(table: str, key: str, text: str) -> int:
    """Give the line on which a key of a table stands, else the table's own, else any with such a key, else 0."""
    numbered = re.fullmatch(r"(.*)\[(\d+)\]", table)
    wanted, number = (numbered[1], int(numbered[2])) if numbered else (table, 0)
    stands = re.compile(rf"\s*\[*([\w-]+\.)*{re.escape(key)}\b")
    now, counts, own, any_line = "", dict[str, int](), 0, 0
    for place, line in enumerate(text.splitlines(), 1):
        header = _HEADER.match(line)
        if header is not None:
            now = header[2].replace('"', "")
            counts[now] = counts.get(now, -1) + 1
        inside = now == wanted and counts.get(now, 0) == number
        if header is not None and inside:
            own = place
        elif header is None and inside and stands.match(line):
            return place
        if not any_line and stands.match(line):
            any_line = place
    return own or any_line


def _choices(table: str, key: str, kinds: Kinds) -> tuple[str, ...]:
    """Give the words that may stand at a place."""
    kind = _kind(table, kinds)
    return tuple(one for one in get_args(get_type_hints(kind).get(key)) if one) if kind is not None else ()


def _keys(table: str, kinds: Kinds) -> list[str]:
    kind = _kind(table, kinds)
    return list(kind.__struct_fields__) if kind is not None else []


def _kind(table: str, kinds: Kinds) -> type[Struct] | None:
    plain = re.sub(r"\[[^\]]*\]", "", table)
    return kinds.get(plain) or kinds.get(plain.partition(".")[0])
