"""Reading what is given on the command line: amounts, accounts, JSON files."""

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from steelyard.cli.session import USAGE, end

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


def content(file: str) -> bytes:
    """Read a file whole; - is standard input."""
    try:
        return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        end(f"{file} cannot be read: {error.strerror or error}", USAGE)


def shape(file: str, kind: type[T]) -> T:
    """Read a JSON file as a shape of the API."""
    try:
        return msgspec.json.decode(content(file), type=kind)
    except msgspec.MsgspecError as error:
        end(f"{file}: {error}", USAGE)


def made(kind: type[T], fields: dict[str, Any]) -> T:
    """Make a shape of what the flags say; what does not fit ends the command."""
    given = {name: value for name, value in fields.items() if value is not None}
    try:
        return msgspec.convert(msgspec.to_builtins(given), kind)
    except msgspec.MsgspecError as error:
        end(str(error), USAGE)
