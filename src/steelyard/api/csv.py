"""Lists as CSV (RFC 4180): all rows of the filter, streamed; the same columns as the JSON items, flattened.

Money becomes three columns (asset, value, minor), a list its items joined by spaces, an object its fields by
dotted names. A cell that a spreadsheet would take for a formula gets a leading apostrophe. The first line
names the columns, the last says how many rows there were, up to which row of the journal, and the SHA-256 of
everything before it.
"""

from collections.abc import AsyncGenerator, Iterator, Sequence
from hashlib import sha256
from typing import Any

import msgspec
from msgspec import inspect

MEDIA_TYPE = "text/csv"
BOM = b"\xef\xbb\xbf"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_QUOTED = frozenset('",\r\n')


def columns(kind: Any) -> list[str]:
    """Give the column names of a wire struct.

    >>> from steelyard.client.types import FeeLine
    >>> columns(FeeLine)
    ['what', 'keeper', 'amount.asset', 'amount.value', 'amount.minor']
    """
    return list(_columns(inspect.type_info(kind), ""))


def line(cells: Sequence[str]) -> bytes:
    """Give one line.

    >>> line(["a,b", "-5.00"])
    b'"a,b",-5.00\\r\\n'
    """
    return (",".join(map(_cell, cells)) + "\r\n").encode()


def row(item: Any, names: Sequence[str]) -> list[str]:
    """Give the cells of one item under the named columns; a column it has not is empty."""
    flat: dict[str, str] = {}
    _flatten(msgspec.to_builtins(item), "", flat)
    return [flat.get(name, "") for name in names]


async def stream(
    kind: Any, pages: AsyncGenerator[tuple[Sequence[Any], int | None]], *, bom: bool = False
) -> AsyncGenerator[bytes]:
    """Give the file in pieces; `pages` gives items and the applied seq of each page, None for what is closed."""
    names, digest, count = columns(kind), sha256(), 0
    applied: int | None = 0
    piece = (BOM if bom else b"") + line(names)
    digest.update(piece)
    yield piece
    async for items, applied in pages:  # noqa: B007  the last one is what counts
        piece = b"".join(line(row(item, names)) for item in items)
        count += len(items)
        digest.update(piece)
        yield piece
    seen = f" applied_seq={applied}" if applied is not None else ""
    yield f"# rows={count}{seen} sha256={digest.hexdigest()}\r\n".encode()


def _cell(text: str) -> str:
    if text.startswith(_FORMULA) and not _is_number(text):
        text = "'" + text
    if _QUOTED.isdisjoint(text):
        return text
    return '"' + text.replace('"', '""') + '"'


def _is_number(text: str) -> bool:
    """A negative amount is no formula."""
    return text[:1] == "-" and text[1:].replace(".", "", 1).isdigit() and text.isascii()


def _columns(info: inspect.Type, name: str) -> Iterator[str]:
    if isinstance(info, inspect.Metadata):
        yield from _columns(info.type, name)
    elif isinstance(info, inspect.UnionType):
        for kind in info.types:
            if not isinstance(kind, inspect.NoneType):
                yield from _columns(kind, name)
                return
    elif isinstance(info, inspect.StructType):
        for field in info.fields:
            inner = "minor" if field.encode_name == "amount_minor" else field.encode_name
            yield from _columns(field.type, f"{name}.{inner}" if name else inner)
    else:
        yield name


def _flatten(value: Any, name: str, flat: dict[str, str]) -> None:
    if isinstance(value, dict):
        for key, part in value.items():
            inner = "minor" if key == "amount_minor" else key
            _flatten(part, f"{name}.{inner}" if name else inner, flat)
        if name:
            flat.setdefault(name, msgspec.json.encode(value).decode())
    elif isinstance(value, list):
        plain = all(not isinstance(part, dict | list) for part in value)
        flat[name] = " ".join(map(str, value)) if plain else msgspec.json.encode(value).decode()
    elif value is None:
        flat[name] = ""
    elif isinstance(value, bool):
        flat[name] = "true" if value else "false"
    else:
        flat[name] = str(value)
