"""`steelyard verify auction`: what is right, what is not, and what is no auction at all."""

import json

import pytest

from steelyard.market.auctions.published import PublishedOrder, publish, write

FILE = publish(
    "A1",
    "WHT-2027-03",
    [
        PublishedOrder("b1", "buy", 512, 40, 1),
        PublishedOrder("b2", "buy", 511, 30, 2),
        PublishedOrder("a1", "sell", 508, 20, 3),
        PublishedOrder("a2", "sell", 510, 35, 4),
    ],
    tick=1,
)


@pytest.fixture
def verify(alone, tmp_path):
    """Give a function that verifies a file with some content."""

    def run(data, *words):
        file = tmp_path / "auction.json"
        file.write_bytes(data)
        return alone("verify", "auction", str(file), *words)

    return run


def test_a_right_file_is_said_to_be(verify):
    ran = verify(write(FILE))

    assert ran.code == 0
    assert "right: price 511, volume 55, surplus 15" in ran.out
    assert "the journal's root was not given" in ran.out


def test_the_root_of_the_journal_is_compared(verify):
    assert verify(write(FILE), "--root", FILE.root.upper()).code == 0
    ran = verify(write(FILE), "--root", "0" * 64)

    assert ran.code == 1
    assert "the journal says" in ran.err


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"buy","price":511', b'"buy","price":509'), (b'"order_id":"b1"', b'"order_id":"b7"'),
        (b'"quantity":20', b'"quantity":21'), (b'"time":4', b'"time":5'),
        (b'"side":"sell","price":508', b'"side":"buy","price":508'),
        (b'"volume":55', b'"volume":54'),
    ],
)  # fmt: skip
def test_one_changed_order_is_found(verify, old, new):
    data = write(FILE)
    assert old in data
    ran = verify(data.replace(old, new))

    assert ran.code == 1
    assert ran.out.startswith("not right: ")
    assert ran.err


def test_json_has_every_fault(verify):
    ran = verify(write(FILE).replace(b'"volume":55', b'"volume":54'), "--json")

    assert ran.code == 1
    assert json.loads(ran.out)["right"] is False
    assert json.loads(ran.out)["faults"] == ["the orders give volume 55, the file says 54"]


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"\xff", b'{"format":"steelyard-batch/1"}'])
def test_what_is_no_auction_is_bad_input(verify, data):
    assert verify(data).code == 2


def test_a_root_that_is_none_is_bad_input(verify):
    ran = verify(write(FILE), "--root", "abc")

    assert ran.code == 2
    assert "64 hexadecimal digits" in ran.err


def test_a_file_that_is_not_there_is_bad_input(alone):
    assert alone("verify", "auction", "/nowhere/auction.json").code == 2
