"""Pictures of a market out of daily files, without a node: what they show, and what ends the command."""

import json

import pytest

from steelyard.cli.__main__ import build
from steelyard.client.market import FeedItem
from steelyard.sim import market_pictures as pictures

AT = "2026-11-23T08:00:0{}Z"
CALL, OPEN = 2, 5
STREAM = (
    ("phase", {"phase": CALL}),
    ("level", {"levels": [["AED", 0, 10_200, 30], ["AED", 0, 10_000, 50]]}),
    ("level", {"levels": [["AED", 1, 9_900, 20], ["AED", 1, 10_100, 40]]}),
    ("auction", {"price": "10100", "volume": 30, "surplus": 0, "extended": False, "rates": []}),
    ("level", {"levels": [["AED", 0, 10_200, 0], ["AED", 1, 9_900, 0], ["AED", 1, 10_100, 30]]}),
    ("phase", {"phase": OPEN}),
    (
        "trade",
        {"price": 10_100, "quantity": 5, "taker": 0, "buyer_currency": "INR", "seller_currency": "AED"},
    ),
    (
        "trade",
        {"price": 10_050, "quantity": 5, "taker": 1, "buyer_currency": "AED", "seller_currency": "AED"},
    ),
    ("settlement", {"price": 10_075}),
)


def stream(code, told=STREAM):
    return [
        FeedItem(code, number, kind, AT.format(number % 10), data)
        for number, (kind, data) in enumerate(told, start=1)
    ]


@pytest.fixture
def ran(tmp_path, capsys):
    """Give a function that draws a picture from daily files of two months."""
    files = []
    for code in ("RYE-2026-12", "RYE-2027-03"):
        file = tmp_path / f"{code}.jsonl"
        file.write_text("".join(f"{json.dumps(one)}\n" for one in map(plain, stream(code))))
        files += ["--file", str(file)]

    def run(kind, *more, code="RYE-2026-12", out="x.svg"):
        words = ["market", "picture", kind, code, "--out", str(tmp_path / out), *files, *map(str, more)]
        status = 0
        try:
            build()(words)
        except SystemExit as ended:
            status = ended.code or 0
        return status, capsys.readouterr().err, tmp_path / out

    return run


def plain(item):
    return {name: getattr(item, name) for name in item.__struct_fields__}


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("depth", "at each price or a better one"),
        ("auction", "The last auction of RYE-2026-12"),
        ("candles", "at prices in AED, 60 s a candle"),
        ("curve", "the other months"),
    ],
)
def test_each_picture_is_drawn_with_its_title(ran, kind, words):
    """The same data give the same file; a title is kept as a comment of its letters."""
    status, err, out = ran(kind, "--seconds", 60)
    first = out.read_bytes()

    assert (0, "") == (status, err)
    assert words in first.decode()
    assert ran(kind, "--seconds", 60)[2].read_bytes() == first


def test_what_cannot_be_drawn_is_said(ran, tmp_path):
    assert "ends with .png" in ran("depth", out="x.txt")[1]
    assert "at least 1" in ran("candles", "--seconds", 0)[1]
    assert (1, "steelyard: OATS: the book is empty\n") == ran("depth", code="OATS")[:2]
    assert "no trade in BRL" in ran("candles", "--currency", "BRL")[1]
    broken = tmp_path / "broken"
    broken.write_text("{}\n")
    status, err, _ = ran("depth", "--file", broken)
    assert (2, True) == (status, f"{broken} is no daily file" in err)


def test_a_picture_shows_what_the_stream_says():
    """Worked by hand from the items above."""
    mine = stream("RYE")

    assert {("AED", 0, 10_000): 50, ("AED", 1, 10_100): 30} == pictures.book(mine)
    found = pictures.auction(mine)
    assert 10_100 == found.price
    assert {(0, 10_200): 30, (0, 10_000): 50, (1, 9_900): 20, (1, 10_100): 40} == found.levels
    assert ("AED", [10_100, 10_050]) == (
        pictures.trades(mine)[0],
        [price for _, price in pictures.trades(mine)[1]],
    )
    assert ({"RYE": 10_100}, {"RYE": 10_075}) == pictures.curve({"RYE": mine})
    assert {("AED", 0, 10_000): 50, ("AED", 1, 10_100): 30} == pictures.fullest(
        [*mine, stream("RYE", STREAM[4:5])[0]]
    )


def test_an_auction_in_many_currencies_is_drawn_in_the_basket():
    told = (
        ("level", {"levels": [["AED", 0, 500, 30], ["INR", 1, 9_000, 20]]}),
        ("auction", {"price": "490", "volume": 20, "surplus": 0, "extended": False,
                     "rates": [["AED", "1"], ["INR", "1/20"]]}),
    )  # fmt: skip

    assert {(0, 500): 30, (1, 450): 20} == pictures.auction(stream("RYE", told)).levels
    with pytest.raises(pictures.NothingToDraw, match="no common rates"):
        pictures.auction(stream("RYE", (told[0], ("auction", told[1][1] | {"rates": []}))))
