"""What a noun's rows are written with: its statements by name, and the handler of each fact."""

from collections.abc import Callable
from typing import Any

import msgspec

from steelyard.flows.fact import Fact
from steelyard.storage.added import Added

Handler = Callable[[Added, Any, int, int, int], None]
"""Takes what is being added, the fact, the key of its command, its number there, and the instant."""

Handlers = dict[type, Handler]
Statements = dict[str, str]

FIRST = "entered_at entered n"
"""What stays as it was when a row is brought up to date."""

MONEY = "id participant asset amount_minor state reason bundle_id entered_at changed_at entered n"

json = msgspec.json.Encoder().encode


def put(table: str, columns: str, keys: str, *, keep: str = "") -> str:
    """Give the statement that inserts a row, or brings it up to date but for `keep`."""
    names = columns.split()
    fixed = {*keys.split(), *keep.split()}
    updates = ", ".join(f"{name} = excluded.{name}" for name in names if name not in fixed)
    marks = ", ".join("?" * len(names))
    then = f"DO UPDATE SET {updates}" if updates else "DO NOTHING"
    columns_, keys_ = ", ".join(names), ", ".join(keys.split())
    return f"INSERT INTO {table} ({columns_}) VALUES ({marks}) ON CONFLICT ({keys_}) {then}"


def simple(kind: str, *names: str) -> Handler:
    """Make the handler of a fact whose fields (and key, n, at) are the values of one statement."""

    def handle(added: Added, fact: Any, key: int, n: int, at: int) -> None:
        given = {"key": key, "n": n, "at": at}
        values = [given[name] if name in given else getattr(fact, name) for name in names]
        added.upserts.append((kind, tuple(" ".join(v) if isinstance(v, tuple) else v for v in values)))

    return handle


def json_list(items: tuple[Any, ...]) -> str:
    """Give a list as JSON text, nothing for an empty one."""
    return json(items).decode() if items else ""


def named(fact: Fact) -> dict[str, Any]:
    """Give a report by name, bytes as hex."""
    return {name: _plain(getattr(fact, name)) for name in fact.__struct_fields__}


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    return [_plain(part) for part in value] if isinstance(value, tuple) else value
