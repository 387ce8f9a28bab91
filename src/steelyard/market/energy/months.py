"""Months as networks write them, such as 2027-01, and as the state counts them: from 1970-01."""

from steelyard.market.energy.supplies import MONTHS

FIRST_YEAR, LAST_YEAR = 1970, 2969


def month_of(text: str) -> int | None:
    """Count a month; None where it is none.

    >>> month_of("1970-01"), month_of("2026-11"), month_of("2026-13"), month_of("26-1")
    (0, 682, None, None)
    """
    year, dash, month = text.partition("-")
    digits = year + month
    if (len(year), dash, len(month)) != (4, "-", 2) or not (digits.isascii() and digits.isdigit()):
        return None
    if not FIRST_YEAR <= int(year) <= LAST_YEAR or not 1 <= int(month) <= MONTHS:
        return None
    return (int(year) - FIRST_YEAR) * MONTHS + int(month) - 1
