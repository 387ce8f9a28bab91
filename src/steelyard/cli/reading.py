"""Reading what is given on the command line: amounts, accounts, JSON files."""

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import msgspec
from cyclopts import Parameter

from steelyard.cli.session import USAGE, end
from steelyard.cli.wording import NO_OPTIONS, Options, said

if TYPE_CHECKING:
    from steelyard.client.types import Account, Money

T = TypeVar("T")
_VALUE, _ASSET = re.compile(r"[0-9]+(\.[0-9]+)?"), re.compile(r"[A-Z0-9.-]{1,32}")
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Za-z0-9]{1,30}")


def money(text: str) -> "Money":
    """Read an amount: `INR 7350.00`, `7350.00 INR` or `INR:7350.00`. Nothing is rounded or made up.

    >>> money("7350.00 INR")
    Money(asset='INR', value='7350.00')
    """
    from steelyard.client.types import Money

    parts = text.replace(":", " ").split()
    for value, asset in (parts, parts[::-1]) if len(parts) == 2 else ():
        if _VALUE.fullmatch(value) and _ASSET.fullmatch(asset) and not asset[0].isdigit():
            return Money(asset, value)
    return end(f"{text} is no amount: an asset and a decimal, such as 'INR 7350.00'", USAGE)


def account(text: str | None) -> "Account | None":
    """Read a customer's account: an IBAN, or a number, with its scheme before a colon where it has one.

    >>> account("BBAN:0012345").scheme
    'BBAN'
    """
    from steelyard.client.types import Account

    if text is None:
        return None
    if _IBAN.fullmatch(text):
        return Account(iban=text)
    scheme, colon, number = text.partition(":")
    return Account(id=number, scheme=scheme) if colon else Account(id=text)


def _no_options(_: Any, given: Any) -> None:
    """Let - stand for standard input, and nothing else start with a hyphen."""
    for name in given if isinstance(given, tuple) else (given,):
        if name is not None and name.startswith("-") and name != "-":
            raise ValueError(f"there is no option {name}")


File = Annotated[str, Parameter(allow_leading_hyphen=True, validator=_no_options)]
"""A file on the command line, or - for standard input."""


def content(file: str) -> bytes:
    """Read a file whole; - is standard input."""
    try:
        return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        end(f"{file} cannot be read: {error.strerror or error}", USAGE)


def plain(file: str) -> dict[str, Any]:
    """Read the JSON object in a file."""
    try:
        found = msgspec.json.decode(content(file))
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        end(f"{file}: {error}", USAGE)
    if not isinstance(found, dict):
        end(f"{file}: a JSON object is needed", USAGE)
    return found


def shape(file: str, kind: type[T]) -> T:
    """Read a JSON file as a shape of the API."""
    return made(kind, plain(file), where=f"{file}: ")


def made(kind: type[T], fields: dict[str, Any], options: Options = NO_OPTIONS, *, where: str = "") -> T:
    """Make a shape of what the flags say; what does not fit ends the command, every fault with its option."""
    given = msgspec.to_builtins({name: value for name, value in fields.items() if value is not None})
    try:
        return msgspec.convert(given, kind)
    except msgspec.MsgspecError:
        from steelyard.api import shape as shapes
        from steelyard.api.problems import ProblemError

        try:
            return shapes.convert(given, kind)
        except ProblemError as error:
            end(f"{where}{said(error.problem.errors, options)}", USAGE)
