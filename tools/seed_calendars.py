"""Seed the calendar packs from a holiday library: run once when a year is added, then the files are facts.

Usage: python tools/seed_calendars.py OUT_DIR
Each file names weekends, holidays and opening hours of one currency. What religious calendars fix only when
the moon is seen is marked `estimated`. A value date never reads the library itself.
"""

import sys
from datetime import date
from pathlib import Path

import holidays

FIRST, LAST = date(2026, 10, 1), date(2028, 2, 29)

HOURS = {
    # currency: country, weekend, [(from date, minutes ahead of UTC)], local open, local close
    "AED": ("AE", ["sat", "sun"], [(FIRST, 240)], "08:00", "20:00"),
    "BRL": ("BR", ["sat", "sun"], [(FIRST, -180)], "04:30", "18:30"),
    "CNY": ("CN", ["sat", "sun"], [(FIRST, 480)], "08:30", "23:00"),
    "EGP": ("EG", ["fri", "sat"], None, "08:30", "18:00"),
    "ETB": ("ET", ["sat", "sun"], [(FIRST, 180)], "08:00", "18:00"),
    "IDR": ("ID", ["sat", "sun"], [(FIRST, 420)], "06:30", "22:30"),
    "INR": ("IN", ["sun", "sat2", "sat4"], [(FIRST, 330)], "07:00", "21:00"),
    "IRR": ("IR", ["thu", "fri"], [(FIRST, 210)], "08:00", "18:30"),
    "RUB": ("RU", ["sat", "sun"], [(FIRST, 180)], "01:00", "21:00"),
    "ZAR": ("ZA", ["sat", "sun"], [(FIRST, 120)], "07:00", "18:00"),
}

EGYPT = [(FIRST, 180), (date(2026, 10, 30), 120), (date(2027, 4, 30), 180), (date(2027, 10, 29), 120)]
"""Summer time of Egypt: last Friday of April to the last Thursday of October (law 24/2023)."""


def text_of(currency: str) -> str:
    """Give the TOML of one currency's calendar."""
    country, weekend, offsets, opens, closes = HOURS[currency]
    days = holidays.country_holidays(country, years=range(FIRST.year, LAST.year + 1), language="en_US")
    source = (
        f"Public holidays of {country} as listed by the Python package holidays {holidays.__version__}; "
        "opening hours are the demonstration's own"
    )
    lines = [
        f'currency = "{currency}"',
        f'source = "{source}"',
        "revision = 1",
        f"first_on = {FIRST}",
        f"last_on = {LAST}",
        f"weekend = {weekend!r}".replace("'", '"'),
        f'open_local = "{opens}"',
        f'close_local = "{closes}"',
        "",
        "[cutoff_minutes]",
        "customer = 30",
        "institution = 15",
        "redeem = 60",
        "",
    ]
    for start, minutes in offsets or EGYPT:
        lines += ["[[utc_offset]]", f"from_on = {start}", f"minutes = {minutes}", ""]
    for on in sorted(day for day in days if FIRST <= day <= LAST):
        name = days[on].replace('"', "'")
        lines += ["[[closed]]", f"on = {on}", f'name = "{name.replace(" (estimated)", "")}"']
        if "(estimated)" in name:
            lines.append("estimated = true")
        lines.append("")
    lines += ["[expect]", "days_min = 480", "closed_min = 10", ""]
    return "\n".join(lines)


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    for name in HOURS:
        (folder / f"{name}.toml").write_text(text_of(name), "utf-8")
