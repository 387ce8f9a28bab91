"""The demonstration's world holds together, and a calendar pack compiles to what its words say."""

import shutil
from datetime import date
from importlib.resources import files
from pathlib import Path

import pytest

from steelyard.packs import calendars, worlds
from steelyard.values.calendars import common_openings, is_business, openings
from steelyard.values.identifiers import bic_is_shaped
from steelyard.values.instants import format_instant, parse_date

WORLD = worlds.load()


def test_ten_members_with_two_banks_each_and_six_providers():
    """The world of the demonstration is whole."""
    assert 10 == len(WORLD.members)
    assert {2} == {len(member.participant) for member in WORLD.members}
    assert 6 == len(WORLD.network.provider)
    assert 90 == len(WORLD.trade)


def test_every_bic_is_a_test_bic_of_its_country():
    """Shape, country and the zero that marks a test BIC."""
    banks = [(bank.bic, member.code) for member in WORLD.members for bank in member.participant]
    banks += [(member.settlement_agent, member.code) for member in WORLD.members]
    banks += [(provider.bic, provider.member) for provider in WORLD.network.provider]

    assert all(bic_is_shaped(bic) and bic[4:6] == code and bic[7] == "0" for bic, code in banks)


def test_three_pairs_have_no_provider_and_all_others_have_one():
    """What no provider quotes must go over a third member's currency."""
    unquoted = {frozenset(item.pair) for item in WORLD.network.unquoted}
    quoted = {
        frozenset((one, other))
        for provider in WORLD.network.provider
        for one in provider.currencies
        for other in provider.currencies
        if one != other
    }
    currencies = sorted(member.currency for member in WORLD.members)
    pairs = {frozenset((one, other)) for one in currencies for other in currencies if one < other}

    assert pairs == quoted
    assert 3 == len(unquoted)


def test_an_eleventh_member_is_one_more_file(tmp_path: Path):
    """Nothing in code names a country."""
    shutil.copytree(str(files("steelyard.packs") / "demo"), tmp_path / "world")
    text = (tmp_path / "world/members/za.toml").read_text("utf-8")
    text = text.replace("ZA", "NO").replace("NOF", "NOR").replace("STAGNOJ0", "STAGNOK0")
    text = text.replace('"NOR"\n', '"ZAR"\n').replace("FYNBNOC0", "FJRDNOK0").replace("MRULNOJ0", "LYNGNOK0")
    (tmp_path / "world/members/no.toml").write_text(text, "utf-8")

    assert 11 == len(worlds.load(tmp_path / "world").members)


def test_a_double_bic_is_found(tmp_path: Path):
    """A pack that contradicts itself does not load."""
    shutil.copytree(str(files("steelyard.packs") / "demo"), tmp_path / "world")
    shutil.copy(tmp_path / "world/members/za.toml", tmp_path / "world/members/zz.toml")

    with pytest.raises(calendars.PackIsBroken, match="BIC"):
        worlds.load(tmp_path / "world")


def test_the_demonstration_day_is_open_for_all_from_half_past_seven_utc():
    """Windows of the ten currencies overlap at least from 08:00 to 14:00 UTC."""
    on = parse_date("2026-11-23")
    common = common_openings([calendars.load(name) for name in calendars.names()], "customer", on)

    assert [("2026-11-23T07:30:00Z", "2026-11-23T14:30:00Z")] == [
        (format_instant(start), format_instant(end)) for start, end in common
    ]


@pytest.mark.parametrize(
    ("currency", "on", "business"),
    [
        ("AED", "2026-12-02", False),  # a holiday
        ("AED", "2026-12-05", False),  # a Saturday
        ("EGP", "2026-11-22", True),  # a Sunday, business where the weekend is Friday and Saturday
        ("INR", "2026-11-14", False),  # a second Saturday
        ("INR", "2026-11-21", True),  # a third Saturday
        ("INR", "2026-11-24", False),  # a holiday
    ],
)
def test_business_days(currency: str, on: str, business: bool):
    """Weekends, numbered weekdays and holidays of a pack become closed rows."""
    assert business is is_business(calendars.load(currency), parse_date(on))


def test_summer_time_moves_the_opening_by_an_hour():
    """08:30 in Cairo is 05:30 UTC in summer and 06:30 in winter."""
    cairo = calendars.load("EGP")
    summer, winter = (openings(cairo, "customer", parse_date(on)) for on in ("2027-06-07", "2027-11-08"))

    assert "05:30" == format_instant(summer[0][0])[11:16]
    assert "06:30" == format_instant(winter[0][0])[11:16]


def test_a_calendar_that_shrank_is_refused():
    """What a pack expects of itself is checked on every reading."""
    pack = {
        "currency": "NOR", "revision": 1, "first_on": date(2031, 1, 1), "last_on": date(2031, 1, 9),
        "weekend": ["sun"], "open_local": "08:00", "close_local": "16:00", "cutoff_minutes": {"customer": 30},
        "utc_offset": [{"from_on": date(2031, 1, 1), "minutes": 60}], "closed": [],
        "expect": {"days_min": 400, "closed_min": 0},
    }  # fmt: skip

    with pytest.raises(calendars.PackIsBroken, match="9 days"):
        calendars.compile_pack(pack)
