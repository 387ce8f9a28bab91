"""Where in a TOML text a key stands: so that a fault names its line."""

import re

Path = tuple[str | int, ...]

_HEADER = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?")
_KEY = re.compile(r"\s*([A-Za-z0-9_.\"-]+)\s*=")


def line_of(text: str, path: Path) -> int:
    """Give the line, from 1, on which a key is set; where it is not there, its table's; else the first line.

    `path` is keys and places in lists, as ("quality", 1, "basis"). A list of tables stands where its first does.

    >>> text = 'code = "X"\\n[[quality]]\\nname = "a"\\n[[quality]]\\nname = "b"\\nbasis = 1\\n[limits]'
    >>> line_of(text, ("quality", 1, "basis")), line_of(text, ("limits", "gone")), line_of(text, ("none",))
    (6, 7, 1)
    """
    best, found = 0, 1
    for number, at in _keys(text):
        common = min(len(at), len(path))
        if common > best and at[:common] == path[:common]:
            best, found = common, number
    return found


def _keys(text: str) -> list[tuple[int, Path]]:
    """Give every key of a text with its line; keys of inline tables stand where the table does."""
    keys: list[tuple[int, Path]] = []
    table: Path = ()
    counts: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        header = _HEADER.fullmatch(line)
        key = _KEY.match(line)
        if header:
            name = header[2]
            table = tuple(part.strip('" ') for part in name.split("."))
            if header[1] == "[[":
                table = (*table, counts.get(name, 0))
                counts[name] = counts.get(name, 0) + 1
            keys.append((number, table))
        elif key:
            keys.append((number, (*table, *(part.strip('" ') for part in key[1].split(".")))))
    return keys
