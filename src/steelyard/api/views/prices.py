"""Published prices as JSON: from rows of the projection to shapes, decimals from exact ratios and back."""

from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Any

import msgspec

from steelyard.api import wire
from steelyard.api.call import Call
from steelyard.api.views import market
from steelyard.api.views.energy import month_text
from steelyard.api.wire import Faults
from steelyard.client import prices as shapes
from steelyard.flows.price_reads import MonthMean
from steelyard.storage.queries import Found, Reader
from steelyard.values.amount import format_minor
from steelyard.values.instants import SECOND, format_date

Words = Callable[[bytes], str | None]


def decimal(exact: str, scale: int) -> str:
    """Give "p/q" minor units as a decimal; exact where it ends within 18 digits.

    >>> decimal("26160", 2), decimal("841/4", 2)
    ('261.6', '2.1025')
    """
    value = Fraction(exact)
    return wire.rate_text(value.numerator, value.denominator, base_scale=0, quote_scale=scale)


def exact(text: str, scale: int) -> str:
    """Read a decimal as "p/q" minor units.

    >>> exact("261.60", 2), exact("2.1025", 2)
    ('26160', '841/4')
    """
    return str(Fraction(text) * 10**scale)


def medians(
    given: dict[str, str], scale: int, call: Call, faults: Faults
) -> tuple[tuple[str, int, int], ...]:
    """Read how much of each currency one unit of a series is, as minor units by minor unit."""
    found = []
    for currency, text in given.items():
        if currency not in call.directory.assets or not Fraction(text):
            faults.add(
                f"/medians/{currency}", "asset-unknown", "a median is of a currency that is booked here", text
            )
            continue
        rate = Fraction(text) * 10 ** call.directory.scale(currency) / 10**scale
        found.append((currency, rate.numerator, rate.denominator))
    return tuple(sorted(found))


def marks(reader: Reader, series: str) -> dict[tuple[int, int], list[shapes.ComplaintMark]]:
    """Give the complaints about a series, by day and version."""
    found: dict[tuple[int, int], list[shapes.ComplaintMark]] = {}
    for row in reader.page("complaint", [("series", "=", series)], limit=1_000):
        mark = shapes.ComplaintMark(number=row["number"], state=row["state"].lower())
        found.setdefault((row["on_day"], row["version"]), []).append(mark)
    return found


def price(row: Found, complaints: Iterable[shapes.ComplaintMark], call: Call) -> shapes.PriceShown:
    """Give a version of a day's price, in the currency or the unit of the basket that it is in."""
    scale = market.scale(call, row["unit"])
    pairs: list[tuple[str, str]] = _list(row["currencies"])
    is_curve = row["kind"] == "curve"
    return shapes.PriceShown(
        series=row["series"],
        kind=row["kind"],
        on=format_date(row["on_day"]),
        version=row["version"],
        value=decimal(row["value"], scale) if row["value"] else None,
        exact=row["value"] or None,
        unit=row["unit"] or None,
        basket=_basket(row["basket"], call),
        per_kg=row["per_kg"] or None,
        currencies={code: _worth(one, is_curve, scale, code, call) for code, one in pairs},
        source=row["source"],
        method=row["method"],
        digest=row["digest"].hex(),
        reason=row["reason"],
        inputs=row["inputs"].split(),
        points=[_point(one, pairs, scale, call) for one in _list(row["points"])],
        origin=row["origin"],
        grade=row["grade"],
        complaints=list(complaints),
        at=wire.at_text(row["at_ns"]),
    )


def _worth(exact: str, is_curve: bool, scale: int, code: str, call: Call) -> str:
    """Give a worth in a currency; a curve's is of one minor unit, and shown of a whole one."""
    return decimal(str(Fraction(exact) * 10**scale) if is_curve else exact, call.directory.scale(code))


def _point(
    one: tuple[str, str, str], rates: list[tuple[str, str]], scale: int, call: Call
) -> shapes.PointShown:
    month, value, tier = one
    worths = {code: str(Fraction(value) * Fraction(rate)) for code, rate in rates} if value else {}
    return shapes.PointShown(
        month=month,
        value=decimal(value, scale) if value else None,
        exact=value or None,
        tier=tier or None,
        currencies={code: decimal(worth, call.directory.scale(code)) for code, worth in worths.items()},
    )


def _basket(text: str, call: Call) -> dict[str, str]:
    """Give what one unit of a basket holds."""
    return {code: format_minor(minor, call.directory.scale(code)) for code, minor in _list(text)}


def _list(text: str) -> Any:
    """Read a list that the projection keeps as JSON, nothing for an empty one."""
    return msgspec.json.decode(text) if text else []


def method(row: Found, currency: str, call: Call) -> shapes.MethodShown:
    """Give a version of a method."""
    return shapes.MethodShown(
        series=row["series"],
        version=row["version"],
        from_on=format_date(row["from_day"]),
        tick=decimal(row["tick"], market.scale(call, currency)) if row["tick"] else None,
        cap=row["cap"],
        participants_min=row["participants_min"],
        volume_min=row["volume_min"],
        held_min_seconds=row["held_min"] // SECOND,
        within_bp=row["within_bp"],
        days_min=row["days_min"],
        takes_outside=bool(row["takes_outside"]),
        makes=row["makes"],
        sources=[
            shapes.SourceShown(code=code, origin=origin, grade=grade)
            for code, origin, grade in _list(row["sources"])
        ],
        basket=_basket(row["basket"], call),
        unit_kg=row["unit_kg"],
        related=row["related"],
        parent=row["parent"],
        origin=row["origin"],
        grade=row["grade"],
        contract=row["contract"],
        at=wire.at_text(row["at_ns"]),
    )


def month(one: MonthMean, call: Call) -> shapes.MonthShown:
    """Give a month of a series with its means."""
    return shapes.MonthShown(
        month=month_text(one.month),
        days=one.days,
        means={code: decimal(mean, call.directory.scale(code)) for code, mean in one.means},
        exact=dict(one.means),
    )


def complaint(row: Found, steps: Iterable[Found], words: Words) -> shapes.ComplaintShown:
    """Give a complaint with its words."""
    state: Any = row["state"].lower()
    return shapes.ComplaintShown(
        number=row["number"],
        series=row["series"],
        on=format_date(row["on_day"]),
        version=row["version"],
        complainer=row["complainer"],
        state=state,
        entered_at=wire.at_text(row["entered_at"]),
        changed_at=wire.at_text(row["changed_at"]),
        steps=[
            shapes.ComplaintStep(
                event=one["event"].lower(),
                digest=one["digest"].hex(),
                text=words(one["digest"]),
                at=wire.at_text(one["at_ns"]),
            )
            for one in steps
        ],
    )
