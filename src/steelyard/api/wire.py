"""From numbers and bytes inside to the texts that cross the wire, and back."""

from typing import Any

from steelyard.api import refusals
from steelyard.api.directory import Directory
from steelyard.api.problems import ProblemError, refused
from steelyard.api.shape import given_at
from steelyard.client.types import Amount, Fault, Money, Problem
from steelyard.iso20022.reasons import REFUSAL_CODES
from steelyard.values.amount import AmountFault, format_minor, parse_minor
from steelyard.values.instants import format_date, format_instant, parse_date, parse_instant


class Faults:
    """Gathers what is wrong with a request, so that all of it is told at once."""

    def __init__(self) -> None:
        self.found: list[Fault] = []

    def add(self, pointer: str, code: str, message: str, value: Any = "") -> None:
        """Note a fault."""
        self.found.append(Fault(pointer, code, message, given_at(pointer, value) if value != "" else ""))

    def end(self) -> None:
        """Raise if anything was found."""
        if self.found:
            raise ProblemError("schema-violation", errors=self.found)


def amount(minor: int | str, asset: str, directory: Directory) -> Amount:
    """Give an amount as the node answers it."""
    whole = int(minor)
    return Amount(asset, format_minor(whole, directory.scale(asset)), str(whole))


def minor(money: Money, directory: Directory, faults: Faults, pointer: str) -> int:
    """Read an amount as minor units, 0 where it is faulty: the fault is noted."""
    row = directory.assets.get(money.asset)
    if row is None:
        faults.add(f"{pointer}/asset", "asset-unknown", "no asset of this code is booked here", money.asset)
        return 0
    return minor_of(money.value, row.scale, faults, f"{pointer}/value")


def minor_of(text: str, scale: int, faults: Faults, pointer: str, *, zero_allowed: bool = False) -> int:
    """Read a decimal text as minor units, 0 where it is faulty."""
    read = parse_minor(text, scale, zero_allowed=zero_allowed)
    if isinstance(read, AmountFault):
        faults.add(pointer, _ISO_OF.get(read, "CH20"), read.value, text)
        return 0
    return read


_ISO_OF = {AmountFault.IS_ZERO: "AM01", AmountFault.HAS_SIGN: "AM12", AmountFault.IS_TOO_LARGE: "AM12"}
"""What ISO 20022 calls a faulty amount; otherwise it is one with too many decimals, or no decimal."""


def date(text: str | None, faults: Faults, pointer: str) -> int:
    """Read a date as its day number, 0 for none."""
    if text is None:
        return 0
    read = parse_date(text)
    if read is None:
        faults.add(pointer, "no-date", "there is no such date", text)
    return read or 0


def instant(text: str | None, faults: Faults, pointer: str) -> int:
    """Read an instant as nanoseconds, 0 for none."""
    if text is None:
        return 0
    read = parse_instant(text)
    if read is None or not 0 <= read < 1 << 62:
        faults.add(pointer, "no-instant", "must be RFC 3339 with an offset", text)
        return 0
    return read


def at_text(at: int | None) -> str:
    """Give an instant's text."""
    return format_instant(at or 0)


def at_or_none(at: int | None) -> str | None:
    """Give an instant's text, nothing for 0."""
    return format_instant(at) if at else None


def on_or_none(on: int | None) -> str | None:
    """Give a date's text, nothing for 0."""
    return format_date(on) if on else None


def uuid_text(id: bytes | None) -> str:
    """Give 16 bytes as UUID text, other lengths as hex.

    >>> uuid_text(bytes(range(16)))
    '00010203-0405-0607-0809-0a0b0c0d0e0f'
    """
    text = (id or b"").hex()
    if len(text) != 32:
        return text
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def uuid_or_none(id: bytes | None) -> str | None:
    """Give UUID text, nothing for no id."""
    return uuid_text(id) if id else None


def uuid_bytes(text: str | None) -> bytes:
    """Give the 16 bytes of UUID text that has the right shape, nothing for none."""
    return bytes.fromhex(text.replace("-", "")) if text else b""


def path_id(text: str, *, what: str = "") -> bytes:
    """Read an id out of an address; what is none is not found."""
    plain = text.replace("-", "")
    if len(text) != 36 or len(plain) != 32 or text != uuid_text(_hex(plain)):
        raise ProblemError("not-found", what)
    return _hex(plain)


def _hex(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""


def refusal(code: int, *, iso: str = "", detail: str = "") -> tuple[Problem | None, str | None]:
    """Give the problem object and ISO code of a refusal's number, nothing for 0."""
    if not code:
        return None, None
    found = refusals.of(code)
    if found is None:
        return Problem("/problems/refused", "Refused", 200, f"REFUSAL_{code}"), iso or None
    word = iso or REFUSAL_CODES.get(found, "")
    return refused(found, iso_code=word, detail=detail), word or None


def rate_text(num: int, den: int, *, base_scale: int, quote_scale: int) -> str:
    """Give a ratio of minor units as a decimal of major units; exact where it ends within 18 digits.

    >>> rate_text(225034, 10000, base_scale=2, quote_scale=2)
    '22.5034'
    """
    num, den = num * 10**base_scale, den * 10**quote_scale
    whole, rest = divmod(num, den)
    digits = ""
    while rest and len(digits) < 18:
        digit, rest = divmod(rest * 10, den)
        digits += str(digit)
    return f"{whole}.{digits}" if digits else str(whole)
