"""Futures: cleared, by delivery month, delivered physically. All dates of a month come from rules that are data."""

from msgspec import Struct

from steelyard.market.contracts.dates import Anchor, Business, DateRule, Roll, month_of
from steelyard.market.contracts.terms import Terms, require
from steelyard.values.instants import Day, civil

AHEAD_MAX = 120
"""How many months ahead one could be traded."""


class MonthDates(Struct, array_like=True, frozen=True, gc=False):
    """The dates of one delivery month. It begins with `delivery_from_on`: for limits, margin and phase as well."""

    month: str
    first_notice_on: Day
    last_trading_on: Day
    delivery_from_on: Day
    delivery_to_on: Day


class Future(Terms, array_like=True, frozen=True, kw_only=True, tag="future"):
    """A sale for a delivery month. `months` are those of a year, 1 to 12; `listed` is how many are traded at once."""

    months: tuple[int, ...]
    listed: int
    last_trading_rule: DateRule
    first_notice_rule: DateRule = DateRule(Anchor.MONTH_START, business_days=-2)
    delivery_to_rule: DateRule = DateRule(Anchor.MONTH_END, roll=Roll.PRECEDING)

    def __post_init__(self) -> None:
        super().__post_init__()
        rising = bool(self.months) and list(self.months) == sorted(set(self.months))
        require(
            "months", rising and 1 <= self.months[0] <= self.months[-1] <= 12, "1 to 12, rising, each once"
        )
        require("listed", 1 <= self.listed <= 60, "1 to 60 months are traded at once")

    def dates(self, month: str, is_business: Business) -> MonthDates | None:
        """Give the dates of a delivery month "YYYY-MM", or None where the calendar does not reach."""
        year, number = month_of(month)
        if number not in self.months:
            raise ValueError(f"{month} is no month of {self.code}")
        notice = self.first_notice_rule.on(year, number, is_business)
        last = self.last_trading_rule.on(year, number, is_business)
        start = DateRule(Anchor.MONTH_START).on(year, number, is_business)
        end = self.delivery_to_rule.on(year, number, is_business)
        if notice is None or last is None or start is None or end is None:
            return None
        return MonthDates(month, notice, last, start, end)

    def trading(self, on: Day, is_business: Business) -> list[MonthDates]:
        """Give the months that are traded on a date, nearest first: those whose last trading day is not over.

        It stops early where the calendar ends. Months whose dates lie before its first row are over.
        """
        year, number, _ = civil(on)
        first = year * 12 + number - 1 - max(0, self.last_trading_rule.months)
        found: list[MonthDates] = []
        for place in range(first, first + AHEAD_MAX):
            year, number = place // 12, place % 12 + 1
            if number not in self.months:
                continue
            dates = self.dates(f"{year:04d}-{number:02d}", is_business)
            if len(found) == self.listed or (dates is None and found):
                break
            if dates is not None and dates.last_trading_on >= on:
                found.append(dates)
        return found
