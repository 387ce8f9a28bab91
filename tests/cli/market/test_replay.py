"""`steelyard market replay`: a file of orders through a book, its reports byte for byte."""

import gzip

import pytest

from steelyard.cli.market.flow import HEADER, REPORT_HEADER, read
from steelyard.market.packed import NOTHING_MORE, RECORD, unpack
from tests.market.book_streams import book_of, told
from tests.market.naive_book import NaiveBook
from tests.shared import SHARED

REPORTS = "215236f53ad636597aaed47651737c26f20e97d0732b55ffa6608008e5891bed"
TRADES = "d0516fffa6cd3bca1fe53bf8328a90ec98f6cc2c325e9a50a8e8cc48648ccfbf"
FLOW = """\
0,N,S,0,1,100,5
1,N,S,0,2,100,5
2,M,S,0,1,100,4
3,N,B,1,3,100,7
4,C,S,0,1,100,4
5,C,S,0,1,100,4
6,M,S,0,9,100,4
7,N,B,1,4,99,7
"""
needs_data = pytest.mark.skipif(SHARED is None, reason="shared data absent")


@needs_data
def test_the_reports_are_those_of_two_other_engines(alone, tmp_path):
    """Unpacked byte for byte, and the hashes are printed."""
    reports = tmp_path / "reports.csv.gz"
    folder = SHARED / "market"

    ran = alone("market", "replay", str(folder / "order_flow_synthetic_s7.csv.gz"), "--reports", str(reports))

    assert (0, "") == (ran.code, ran.err)
    assert ["199336 messages, 4174 trades, 1875 orders open", f"reports {REPORTS}", f"trades  {TRADES}"] == (
        ran.out.splitlines()
    )
    expected = gzip.decompress((folder / "order_flow_synthetic_s7_reports.csv.gz").read_bytes())
    assert expected == gzip.decompress(reports.read_bytes())


@needs_data
@pytest.mark.parametrize("to_back", [True, False])
def test_the_naive_book_trades_the_same(to_back):
    """Both ways of changing an order, over the first messages of the flow."""
    with gzip.open(SHARED / "market" / "order_flow_synthetic_s7.csv.gz", "rt") as lines:
        records = [record for _, (_, record) in zip(range(2_500), read(lines, to_back=to_back), strict=False)]
    naive, fast = NaiveBook({"stp": "none"}), book_of({"stp": "none"})
    for record in records:
        event = unpack(RECORD.unpack(record), NOTHING_MORE)
        match type(event).__name__:
            case "NewOrder":
                new = {"id": event.order_id, "side": event.side.name.lower(), "qty": event.quantity}
                naive.apply({"new": new | {"price": event.price, "tif": event.tif.name.lower()}})
            case "Cancel":
                naive.apply({"cancel": {"id": event.order_id}})
            case _:
                change = {"id": event.order_id, "qty": event.quantity, "price": event.price}
                naive.apply({"replace": change | {"of_open": True, "to_back": to_back}})
        naive.orders = {
            id: order for id, order in naive.orders.items() if order["status"] == "open"
        }  # ended ones only slow it down
        told_by_fast = [told(fact) for fact in fast.apply(event)]

    trades = [fact for fact in naive.told if fact[0] == "trade"]
    again = book_of({"stp": "none"})
    found = [raw for raw in again.apply_many(b"".join(records)) if raw[0] == 2]

    assert len(trades) > 20
    assert [fact[1:] for fact in trades] == [raw[1:5] for raw in found]
    assert told_by_fast
    assert naive.shown("buy") == [(one.price, one.shown, one.order_id) for one in again.view().bids]


@pytest.mark.parametrize(
    ("options", "first"), [([], ["3,trade,3,2,100,5", "3,trade,3,1,100,2"]), (["--keep-time"], None)]
)
def test_a_change_loses_its_time_unless_told_otherwise(alone, tmp_path, options, first):
    """With --keep-time an order of which less is open at the same price stays in front."""
    flow, reports = tmp_path / "flow.csv", tmp_path / "reports.csv"
    flow.write_text(f"{HEADER}\n{FLOW}", "ascii")

    ran = alone("market", "replay", str(flow), "--reports", str(reports), *options)

    assert 0 == ran.code
    lines = reports.read_text("ascii").splitlines()
    trades = [line for line in lines if ",trade," in line]
    assert REPORT_HEADER == lines[0]
    assert (first or ["3,trade,3,1,100,4", "3,trade,3,2,100,3"]) == trades
    assert ["4,cancelled,1,,,", "4,cancel_rejected,1,,,"][bool(options)] in lines
    assert ["5,cancel_rejected,1,,,", "6,modify_rejected,9,,,", "7,ack,4,,,", "7,cancelled,4,,,"] == lines[
        -4:
    ]


def test_the_same_reports_are_the_same_bytes(alone, tmp_path):
    """Also compressed, and at another time under another name."""
    flow = tmp_path / "flow.csv"
    flow.write_text(f"{HEADER}\n{FLOW}", "ascii")
    for name in ("a.csv.gz", "b.csv.gz"):
        alone("market", "replay", str(flow), "--reports", str(tmp_path / name))

    assert (tmp_path / "a.csv.gz").read_bytes() == (tmp_path / "b.csv.gz").read_bytes()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a,b\n", "line 1: it is not seq,op"),
        (f"{HEADER}\n0,X,B,0,1,100,5\n", "line 2: 'X' is no message"),
        (f"{HEADER}\n0,N,B,0,1,100\n", "line 2: '0,N,B,0,1,100' is no message"),
        (f"{HEADER}\n0,N,B,0,1,100,1.5\n", "is no message"),
        (f"{HEADER}\n0,N,Q,0,1,100,1\n", "is no message"),
        (f"{HEADER}\n0,N,B,0,{2**63},100,1\n", "is no message"),
    ],
)
def test_a_line_that_is_no_message_is_named(alone, tmp_path, text, words):
    """With its number; exit 2."""
    flow = tmp_path / "flow.csv"
    flow.write_text(text, "ascii")

    ran = alone("market", "replay", str(flow))

    assert 2 == ran.code
    assert words in ran.err


def test_a_file_that_is_not_there_or_not_packed_ends_with_a_line(alone, tmp_path):
    """No trace of the program is shown."""
    broken = tmp_path / "flow.csv.gz"
    broken.write_bytes(b"no gzip")

    for path in (tmp_path / "none.csv", broken):
        ran = alone("market", "replay", str(path))

        assert (2, 1) == (ran.code, len(ran.err.splitlines()))
