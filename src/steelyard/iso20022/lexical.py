"""Reading of lexical forms, one function per type, exact: no float, ever.

XML Schema allows more than people write: `+0001250000.50` with white space around it is 1250000.50, a
date may carry a zone, 24:00:00 is the next midnight. All of it is read here; what cannot be kept exactly
is None, never an exception.
"""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from steelyard.values.instants import DAY, HOUR, MINUTE, SECOND, parse_date

_DECIMAL = re.compile(r"[ \t\r\n]*([+-]?)0*(\d*)(?:\.(\d*))?[ \t\r\n]*", re.ASCII)
_DATE = re.compile(r"[ \t\r\n]*(\d{4}-\d{2}-\d{2})(?:Z|[+-]\d{2}:\d{2})?[ \t\r\n]*", re.ASCII)
_STAMP = re.compile(
    r"[ \t\r\n]*(\d{4}-\d{2}-\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?(Z|[+-]\d{2}:\d{2})?[ \t\r\n]*",
    re.ASCII,
)
_QUOTE = re.compile(r"QUOTE ([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})")


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_PLAIN_ZULU = frozenset({20, 24, 27})  # lengths with seconds, milliseconds or microseconds, then Z
_PLAIN_OFFSET = frozenset({25, 29, 32})  # the same with an offset


class Decimal(NamedTuple):
    """An exact decimal: `unscaled` over ten to the power of `digits`; trailing zeros count."""

    unscaled: int
    digits: int


class Stamp(NamedTuple):
    """An instant (UTC, nanoseconds), and whether its text had an offset."""

    at: int
    has_offset: bool


def decimal(text: str) -> Decimal | None:
    """Read a decimal.

    >>> decimal(" +0001250000.50 ")
    Decimal(unscaled=125000050, digits=2)
    >>> decimal("1E3") is None
    True
    """
    whole, _, fraction = text.partition(".")
    if not (whole.isdigit() and fraction.isdigit() and text.isascii()):  # the common form needs no more
        found = _DECIMAL.fullmatch(text)
        if found is None:
            return None
        sign, whole, fraction = found[1], found[2], found[3] or ""
        if not whole and not fraction and "0" not in text:
            return None
        if sign == "-":
            return _exact("-" + (whole or "0"), fraction)
    return _exact(whole, fraction)


def _exact(whole: str, fraction: str) -> Decimal | None:
    """Give the decimal of digits; a text beyond any amount's length is none."""
    if len(whole) + len(fraction) > 4_000:
        return None
    return Decimal(int(whole + fraction or "0"), len(fraction))


def minor(number: Decimal, digits: int) -> int | None:
    """Give the minor units of a decimal; None where it has more digits than the currency.

    >>> minor(Decimal(5, 0), 2), minor(Decimal(5000, 3), 2)
    (500, None)
    """
    return number.unscaled * 10 ** (digits - number.digits) if number.digits <= digits else None


@lru_cache(maxsize=256)
def date(text: str) -> int | None:
    """Read a date as days since 1970-01-01; a zone is legal and the date stays as written.

    >>> date("2026-11-25+03:00") == date("2026-11-25"), date("12026-11-25")
    (True, None)
    """
    found = _DATE.fullmatch(text)
    return parse_date(found[1]) if found is not None else None


@lru_cache(maxsize=64)
def stamp(text: str) -> Stamp | None:
    """Read a date with a time. Up to nine fraction digits; more only if they are zeros.

    >>> stamp("1970-01-01T24:00:00Z") == stamp("1970-01-02T00:00:00Z")
    True
    >>> stamp("1970-01-01T00:00:00.0000000001Z") is None
    True
    """
    if _is_plain(text):
        try:
            read = datetime.fromisoformat(text)
        except ValueError:
            return _stamp(text)
        if read.tzinfo is not None:
            return Stamp((read - _EPOCH) // _MICROSECOND * 1_000, True)
    return _stamp(text)


def _is_plain(text: str) -> bool:
    """Say whether an instant is of the forms that are read fast."""
    if text[-1:] == "Z":
        zoned = len(text) in _PLAIN_ZULU
    else:
        zoned = len(text) in _PLAIN_OFFSET and text[-3] == ":" and "00" <= text[-5:-3] <= "14"
    return zoned and text[10] == "T" and text[4] == text[7] == "-" and "," not in text


def _stamp(text: str) -> Stamp | None:
    """Read any form of it."""
    found = _STAMP.fullmatch(text)
    if found is None:
        return None
    on_text, hours, minutes, seconds, fraction, zone = found.groups()
    on, hour, minute, second = date(on_text), int(hours), int(minutes), int(seconds)
    fraction = fraction or ""
    if on is None or hour > 24 or minute > 59 or second > 59 or fraction[9:].strip("0"):
        return None
    nanos = int(fraction[:9].ljust(9, "0"))
    if hour == 24 and (minute or second or nanos):
        return None
    at = on * DAY + hour * HOUR + minute * MINUTE + second * SECOND + nanos
    if zone is None or zone == "Z":
        return Stamp(at, zone is not None)
    off_hour, off_minute = int(zone[1:3]), int(zone[4:6])
    if off_hour > 14 or off_minute > 59:
        return None
    offset = off_hour * HOUR + off_minute * MINUTE
    return Stamp(at - offset if zone[0] == "+" else at + offset, True)


def quote_id(text: str) -> str | None:
    """Give the quote that a line of text names, None where it names none.

    >>> quote_id("QUOTE 8b0c2f4e-0a4b-4c57-9f7d-2d8f9f3a1c11")
    '8b0c2f4e-0a4b-4c57-9f7d-2d8f9f3a1c11'
    """
    found = _QUOTE.fullmatch(text)
    return found[1].lower() if found is not None else None


def full_bic(bic: str) -> str:
    """Give a BIC by which it is compared: of eight characters and with XXX are one."""
    return bic if len(bic) == 11 else bic + "XXX"


def short_bic(bic: str) -> str:
    """Give a BIC as the state machine writes it: without XXX.

    >>> short_bic("HUBXZAJJXXX"), short_bic("HUBXZAJJ001")
    ('HUBXZAJJ', 'HUBXZAJJ001')
    """
    return bic[:8] if len(bic) == 11 and bic.endswith("XXX") else bic


def total_of(numbers: list[Decimal]) -> Decimal:
    """Add decimals exactly.

    >>> total_of([Decimal(1, 1), Decimal(5, 2)])
    Decimal(unscaled=15, digits=2)
    """
    digits = max((number.digits for number in numbers), default=0)
    return Decimal(sum(n.unscaled * 10 ** (digits - n.digits) for n in numbers), digits)


def equal(one: Decimal, other: Decimal) -> bool:
    """Say whether two decimals are the same number."""
    return bool(one.unscaled * 10**other.digits == other.unscaled * 10**one.digits)


def written(number: Decimal) -> str:
    """Write a decimal.

    >>> written(Decimal(15, 2)), written(Decimal(-3, 0))
    ('0.15', '-3')
    """
    text = str(abs(number.unscaled)).rjust(number.digits + 1, "0")
    sign = "-" if number.unscaled < 0 else ""
    return f"{sign}{text[: -number.digits]}.{text[-number.digits :]}" if number.digits else sign + text
