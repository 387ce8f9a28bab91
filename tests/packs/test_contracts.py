"""Contract packs: what ships, and that a malformed one is named with file and line."""

import doctest
import re

import pytest

from steelyard.market.contracts.energy_supply import EnergySupply
from steelyard.market.contracts.forward import Forward
from steelyard.market.contracts.future import Future
from steelyard.market.contracts.spot_receipt import SpotReceipt
from steelyard.market.quality import millionths, quality_price
from steelyard.packs import contracts
from steelyard.packs.calendars import PackIsBroken
from steelyard.packs.contracts import lines
from steelyard.values.instants import format_date, parse_date

ALL = contracts.load_all()
WHEAT = """\
code = "WHT"
type = "future"
source = "own"
from = 2026-10-01
commodity = "wheat"
grade = "milling"
unit_kg = 50_000
price_per = 1_000
tick_minor = 25
basket = "BASKET"
calendars = ["AED"]
months = [3, 5, 9, 12]
listed = 4
last_trading_rule = { anchor = "day", day = 10 }
incoterm = "FCA"

[[delivery_places]]
place = "RUNVS"

[[delivery_places]]
place = "ROCND"
differential_minor = 150

[[quality]]
name = "moisture"
rule = "shrink"
basis = "14.0"

[limits]
daily_bp = 700

[margin]
scan_range_minor = 1_100

[options]
final_at = "loading"

[expect]
places_min = 2
factors_min = 1
months_min = 4
"""


def line(text):
    return WHEAT.splitlines().index(text) + 1


def test_what_the_market_needs_is_there():
    """Wheat in several grades, five other goods of the field, three energies; spot, forward, future, supply."""
    grades = {one.grade for one in ALL.values() if one.commodity == "wheat"}
    goods = {one.commodity for one in ALL.values()}
    kinds = {type(one) for one in ALL.values()}

    assert len(grades) >= 4
    assert goods >= {
        "wheat",
        "barley",
        "maize",
        "sunflower oil",
        "rice",
        "soybeans",
        "crude oil",
        "natural gas",
    }
    assert {SpotReceipt, Forward, Future, EnergySupply} == kinds
    assert {"LNG-FWD", "GAS-PIPE", "CRU"} <= set(ALL)


@pytest.mark.parametrize("name", contracts.names())
def test_a_pack_says_where_its_figures_come_from(name):
    contract = contracts.load(name)

    assert "own" in contract.source
    assert ALL[contract.code] == contract


@pytest.mark.parametrize("code", [code for code, one in ALL.items() if isinstance(one, Future)])
def test_the_months_of_a_future_have_dates(code):
    """In order: notice before delivery begins, trading ends before delivery does."""
    future = ALL[code]
    found = future.trading(parse_date("2026-11-26"), contracts.business_days(future.calendars))

    assert found
    assert [one.month for one in found] == sorted(one.month for one in found)
    for one in found:
        assert one.first_notice_on < one.delivery_from_on < one.delivery_to_on
        assert parse_date("2026-11-26") <= one.last_trading_on <= one.delivery_to_on
        assert int(one.month[5:]) in future.months


def test_wheat_has_the_public_shape():
    """50 t, a tick of 0.25, four months; the 10th, or the next day on which both calendars are open."""
    wheat = ALL["WHT"]
    is_open = contracts.business_days(wheat.calendars)
    dates = [format_date(wheat.dates(month, is_open).last_trading_on) for month in ("2026-12", "2027-03")]

    assert (50_000, 25, (3, 5, 9, 12)) == (wheat.unit, wheat.tick_minor, wheat.months)
    assert dates[0] == "2026-12-10"
    assert dates[1] >= "2027-03-10"
    assert is_open(parse_date(dates[1]))


def test_the_schedule_of_wheat_prices_the_worked_certificate():
    """500 t at 240.00, a little wet and foul, of good protein: 118,417.89."""
    found = {
        "moisture": "15.5",
        "protein": "11.9",
        "impurities": "2.4",
        "test_weight": "78",
        "falling_number": "260",
    }
    certificate = {name: millionths(text) for name, text in found.items()}
    paid = quality_price(ALL["WHT"].quality, certificate, net_kg=500_000, price=24_000)

    assert 11_841_789 == paid.amount_minor


def test_the_small_pack_is_read():
    wheat = contracts.read(WHEAT, "x")

    assert ("WHT", 50_000, 1_000, 2) == (wheat.code, wheat.unit, wheat.price_per, len(wheat.places))
    assert [0, 150] == [one.differential_minor for one in wheat.places]


BROKEN = [
    # what is replaced, by what, the line that is named, a word of what is said
    ('type = "future"', 'type = "option"', 'type = "future"', "type"),
    ('type = "future"', "", None, "type"),
    ("unit_kg = 50_000", "unit_kg = 0", "unit_kg = 50_000", "zero"),
    ("unit_kg = 50_000", 'unit_kg = "50000"', "unit_kg = 50_000", "int"),
    ("unit_kg = 50_000", "unit_kg = 5e4", "unit_kg = 50_000", "int"),
    ("unit_kg = 50_000", "unit_kg = nan", "unit_kg = 50_000", "int"),
    ("unit_kg = 50_000", "unit_kg = 1_000_000_000_000_000_000", "unit_kg = 50_000", "10^18"),
    ("unit_kg = 50_000", "unit_stone = 1", None, "unit_kg"),
    ("unit_kg = 50_000", "unit_kg = 1\nunit_wh = 1", None, "one of"),
    ("unit_kg = 50_000", "unit = 1", None, "unit_kg"),
    ("tick_minor = 25", "tick_minor = -25", "tick_minor = 25", "zero"),
    ("tick_minor = 25", "tick_minor = true", "tick_minor = 25", "int"),
    ("tick_minor = 25", "", None, "missing"),
    ("tick_minor = 25", "tick_minor = 25\ncolour = 1", "basket = \"BASKET\"", "colour"),
    ('basket = "BASKET"', 'basket = "BASKET"\ncurrency = "AED"', 'calendars = ["AED"]', "basket"),
    ("from = 2026-10-01", 'from = "2026-10-01"', "from = 2026-10-01", "date"),
    ("from = 2026-10-01", "from = 2026-10-01T00:00:00", "from = 2026-10-01", "date"),
    ('source = "own"', 'source = ""', 'source = "own"', "empty"),
    ("months = [3, 5, 9, 12]", "months = [5, 3, 9, 12]", "months = [3, 5, 9, 12]", "rising"),
    ("months = [3, 5, 9, 12]", "months = [3, 5, 9]", "months_min = 4", "4 expected, 3 found"),
    ("day = 10 }", "day = 40 }", 'last_trading_rule = { anchor = "day", day = 10 }', "day"),
    ('anchor = "day"', 'anchor = "moon"', 'last_trading_rule = { anchor = "day", day = 10 }', "moon"),
    ('incoterm = "FCA"', 'incoterm = "FAS"', 'incoterm = "FCA"', "EXW"),
    ('place = "ROCND"', 'place = "RUNVS"', "[[delivery_places]]", "once"),
    ("differential_minor = 150", "differential_minor = 1.5", "differential_minor = 150", "int"),
    ('basis = "14.0"', "basis = 14.0", 'basis = "14.0"', "str"),
    ('basis = "14.0"', 'basis = "NaN"', 'basis = "14.0"', "basis"),
    ('basis = "14.0"', 'basis = "140"', "[[quality]]", "moisture"),
    ('rule = "shrink"', 'rule = "vanish"', 'rule = "shrink"', "vanish"),
    ('rule = "shrink"', 'rule = "shrink"\nsize = 3', 'basis = "14.0"', "size"),
    ("daily_bp = 700", "daily_bp = 10_000", "[limits]", "daily"),
    ("[limits]\ndaily_bp = 700", "limits = 3", None, "limits"),
    ("scan_range_minor = 1_100", "", "[margin]", "missing"),
    ('final_at = "loading"', 'final_at = "never"', 'final_at = "loading"', "never"),
    ("places_min = 2", "places_min = 3", "places_min = 2", "3 expected, 2 found"),
    ("factors_min = 1", "factors_min = 2", "factors_min = 1", "2 expected, 1 found"),
    ("[expect]", "[expected]", None, "expect"),
    ("listed = 4", "listed = = 4", "listed = 4", "value"),
    ("listed = 4", "listed = 4\nlisted = 5", None, "overwrite"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "where", "word"), BROKEN, ids=lambda one: str(one)[:30])
def test_a_malformed_pack_is_named_with_file_and_line(old, new, where, word):
    assert WHEAT.count(old) >= 1
    with pytest.raises(PackIsBroken) as caught:
        contracts.read(WHEAT.replace(old, new, 1), "contracts/wheat/pack.toml")
    said = re.fullmatch(r"contracts/wheat/pack\.toml:(\d+): (.+)", str(caught.value), re.S)

    assert said, str(caught.value)
    assert word in said[2]
    if where is not None:
        assert line(where) == int(said[1])


def test_a_second_factor_is_found_on_its_own_line():
    more = WHEAT.replace("[limits]", '[[quality]]\nname = "protein"\nrule = "step"\nbasis = "x"\n[limits]')
    with pytest.raises(PackIsBroken, match=f":{line('[limits]') + 3}: basis"):
        contracts.read(more, "p")


def test_two_packs_of_one_code_are_refused(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "pack.toml").write_text(WHEAT, encoding="utf-8")

    with pytest.raises(PackIsBroken, match=r"contracts/b/pack\.toml:1: WHT"):
        contracts.load_all(tmp_path)


def test_a_folder_without_packs_is_refused(tmp_path):
    """An empty set of contracts would be an empty market, unnoticed."""
    with pytest.raises(PackIsBroken):
        contracts.load_all(tmp_path)


def test_bytes_that_are_no_text_are_refused(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "pack.toml").write_bytes(b"code = '\xff'")

    with pytest.raises(PackIsBroken, match=r"contracts/a/pack\.toml:1"):
        contracts.load_all(tmp_path)


def test_examples_hold():
    assert doctest.testmod(lines).failed == 0
