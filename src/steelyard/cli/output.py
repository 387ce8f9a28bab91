"""How results are printed: a table on a terminal, tab-separated text in a pipe, JSON where asked for.

Nothing but results goes to standard output. Control characters in what a node says are shown, not obeyed:
a name in a payment must not move the cursor of whoever reads it.
"""

import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple, Protocol

import msgspec

Column = tuple[str, str]
"""A heading, and the path of the field below it, such as `credit.value`."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_INSTANT = re.compile(r"^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?Z$")
_LONG = re.compile(r"^(-?\d+\.\d{6})\d{5,}$")
"""A quotient, of which a table shows six decimals; what goes into a pipe has all"""
_FIGURE = re.compile(r"(?:[A-Z]{3} )?-?\d+(?:\.\d+…?)?")
_WHOLE = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[A-Z0-9][A-Z0-9.-]{2,23}|(?:[A-Z]{3} )?-?\d+\.\d+"
)
"""What is read or copied in one piece: ids, codes, prices and amounts"""
FOLDED = 12
"""Columns of other text are folded, to this width at least"""


def columns(text: str) -> tuple[Column, ...]:
    """Read what a table shows: names of fields joined by commas, each below its own words or those before a `=`.

    >>> columns("kg, valid_until, by whom=next_by, paid=pays.value")
    (('kg', 'kg'), ('valid until', 'valid_until'), ('by whom', 'next_by'), ('paid', 'pays.value'))
    """
    found = []
    for one in text.split(","):
        words, named, path = one.strip().partition("=")
        found.append((words, path) if named else (words.replace("_", " "), words))
    return tuple(found)


class Tell(Protocol):
    """Moves a progress bar on."""

    def __call__(self, done: int) -> None: ...


class Output(NamedTuple):
    """Where and how one command prints."""

    json: bool = False
    quiet: bool = False
    colour: bool = True

    @property
    def is_table(self) -> bool:
        """Whether people look at it: a terminal, and no JSON asked for."""
        return sys.stdout.isatty() and not self.json

    def item(self, found: Any, fields: Sequence[Column] = ()) -> None:
        """Print one thing: its fields a line each, all of them where none are named."""
        if self.json:
            print(msgspec.json.encode(found).decode())
            return
        plain = msgspec.to_builtins(found)
        pairs = [(name, value_at(plain, path)) for name, path in fields] if fields else list(_flat("", plain))
        for name, value in pairs:
            if value != "":
                print(f"{name:<18} {value}" if self.is_table else f"{name}\t{value}")

    def whole(
        self, found: Any, fields: Sequence[Column], *lists: tuple[Iterable[Any], Sequence[Column]]
    ) -> None:
        """Print one thing with the lists that belong to it, those of no line left out; as JSON all of it as one."""
        if self.json:
            self.item(found)
            return
        self.item(found, fields)
        for rows, of in lists:
            some = list(rows)
            if some:
                self.rows(some, of)

    def rows(self, found: Iterable[Any], columns: Sequence[Column]) -> int:
        """Print a list and give how many there were."""
        if self.json:
            count = 0
            for one in found:
                print(msgspec.json.encode(one).decode())
                count += 1
            return count
        lines = ([value_at(plain, path) for _, path in columns] for plain in map(msgspec.to_builtins, found))
        if self.is_table:
            return self._table([name for name, _ in columns], list(lines))
        count = 0
        for line in lines:
            if not count:
                self._head(columns)
            print("\t".join(line))
            count += 1
        if not count:
            self._head(columns)
        return count

    def _head(self, columns: Sequence[Column]) -> None:
        """Print the headings; not before the first row has come, so that a failure leaves nothing."""
        if not self.quiet:
            print("\t".join(name for name, _ in columns))

    def _table(self, names: Sequence[str], lines: Sequence[Sequence[str]]) -> int:
        """Print for people: figures to the right, ids in one piece to be copied, instants to the second.

        What is too wide for the terminal goes a block a row, a field a line: no column is cut, none is left out.
        """
        from rich.box import SIMPLE_HEAD
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        shown = [[_LONG.sub(r"\1…", _INSTANT.sub(r"\1 \2Z", text)) for text in line] for line in lines]
        texts = [[line[place] for line in shown] for place in range(len(names))]
        whole = [any(map(_WHOLE.fullmatch, column)) for column in texts]
        least = [
            max(len(max(name.split(), key=len)), min(max(map(len, column), default=0), 99 if one else FOLDED))
            for name, column, one in zip(names, texts, whole, strict=True)
        ]
        console = Console(no_color=not self.colour or bool(os.environ.get("NO_COLOR")), highlight=False)
        if shown and sum(least) + 2 * len(least) > console.width:
            for line in lines:
                self.item(dict(zip(names, line, strict=True)))
                print()
            return len(lines)
        table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
        for name, column, one, width in zip(names, texts, whole, least, strict=True):
            figures = any(column) and all(map(_FIGURE.fullmatch, filter(None, column)))
            table.add_column(
                name, justify="right" if figures else "left", overflow="fold", no_wrap=one, min_width=width
            )
        for line in shown:
            table.add_row(*map(Text, line))
        console.print(table)
        return len(lines)

    def hint(self, text: str) -> None:
        """Say what may be of use next, to people only."""
        if self.is_table and not self.quiet:
            print(text, file=sys.stderr)

    @contextmanager
    def progress(self, what: str, total: int) -> Iterator[Tell]:
        """Show how far a long work is: a bar on a terminal, else a line a minute on standard error."""
        if self.quiet:
            yield lambda done: None
        elif sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import Progress

            with Progress(console=Console(stderr=True), transient=True) as bar:
                task = bar.add_task(what, total=total)
                yield lambda done: bar.update(task, completed=done)
        else:
            yield _line_a_minute(what, total)


def _line_a_minute(what: str, total: int) -> Tell:
    import time

    told = [time.monotonic()]

    def tell(done: int) -> None:
        if time.monotonic() - told[0] >= 60:
            told[0] = time.monotonic()
            print(f"{what}: {done:,} of {total:,}", file=sys.stderr, flush=True)

    return tell


def value_at(plain: Any, path: str) -> str:
    """Give the text of a field: amounts as `asset value`, lists joined, control characters shown.

    >>> value_at({"credit": {"asset": "INR", "value": "7.00", "amount_minor": "700"}}, "credit")
    'INR 7.00'
    """
    for part in path.split("."):
        plain = plain.get(part) if isinstance(plain, dict) else None
    return _text(plain)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        if value.keys() >= {"asset", "value"}:
            return f"{value['asset']} {value['value']}"
        return shown(msgspec.json.encode(value).decode())
    if isinstance(value, list | tuple):
        return ", ".join(map(_text, value))
    return shown(str(value))


def shown(text: str) -> str:
    """Give a text whose control and direction characters are visible.

    >>> shown("a\\tb\\x1b[2J")
    'a\\\\x09b\\\\x1b[2J'
    """
    return _CONTROL.sub(lambda found: _escaped(ord(found[0])), text)


def _escaped(code: int) -> str:
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"


def _flat(prefix: str, plain: Any) -> Iterator[tuple[str, str]]:
    """Give the fields of a thing with their paths."""
    if isinstance(plain, dict) and not plain.keys() >= {"asset", "value"}:
        for name, value in plain.items():
            yield from _flat(f"{prefix}.{name}" if prefix else name, value)
    elif isinstance(plain, list) and plain and isinstance(plain[0], dict):
        for number, value in enumerate(plain, 1):
            yield from _flat(f"{prefix}.{number}", value)
    else:
        yield prefix, _text(plain)
