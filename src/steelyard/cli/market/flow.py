"""Files of order messages for one instrument, as packed messages, and what a book says to them, as reports.

A message is `seq,op,side,ioc,order_id,price_ticks,qty` with op N new, C cancel, M change; a change gives the open
quantity and the price anew. A report is `seq,report,order_id,maker_order_id,price_ticks,qty`; of a trade the order
that came, the one that rested, price and quantity, of all else the order alone.
"""

import struct
from collections.abc import Iterable, Iterator
from itertools import islice

from steelyard.market.orders import Cancel, NewOrder, Replace, Side, Tif
from steelyard.market.packed import pack
from steelyard.market.raw_facts import (
    ACCEPTED,
    CANCEL_REJECTED,
    CANCELLED,
    REFUSED,
    REPLACE_REJECTED,
    REPLACED,
    TRADE,
    Raw,
    is_answer,
)

HEADER = "seq,op,side,ioc,order_id,price_ticks,qty"
REPORT_HEADER = "seq,report,order_id,maker_order_id,price_ticks,qty"
SIDES = {"B": Side.BUY, "S": Side.SELL}
TIFS = {"0": Tif.GTC, "1": Tif.IOC}
NAMES = {
    ACCEPTED: "ack",
    REFUSED: "rejected",
    CANCELLED: "cancelled",
    REPLACED: "modified",
    CANCEL_REJECTED: "cancel_rejected",
    REPLACE_REJECTED: "modify_rejected",
}


class FlowMalformed(ValueError):
    """A line of a file that is no message."""


def read(lines: Iterable[str], *, to_back: bool) -> Iterator[tuple[str, bytes]]:
    """Give number and packed form of each message. With `to_back` every change loses its time.

    >>> [seq for seq, _ in read([HEADER, "7,N,B,0,1,100,5"], to_back=True)]
    ['7']
    """
    stream = iter(lines)
    if next(stream, "").rstrip("\n") != HEADER:
        raise FlowMalformed(f"line 1: it is not {HEADER}")
    for number, line in enumerate(stream, 2):
        try:
            seq, op, side, ioc, *numbers = line.rstrip("\n").split(",")
            order_id, price, quantity = map(int, numbers)
            if op == "N":
                yield seq, pack(NewOrder(order_id, SIDES[side], quantity, price, tif=TIFS[ioc]))
            elif op == "C":
                yield seq, pack(Cancel(order_id))
            elif op == "M":
                yield seq, pack(Replace(order_id, quantity, price, of_open=True, to_back=to_back))
            else:
                raise FlowMalformed(f"line {number}: {op!r} is no message: N, M or C")
        except FlowMalformed:
            raise
        except (ValueError, KeyError, OverflowError, struct.error) as error:
            raise FlowMalformed(f"line {number}: {line.strip()!r} is no message") from error


def packs(messages: Iterator[tuple[str, bytes]], *, of: int) -> Iterator[tuple[list[str], bytes]]:
    """Join messages: so many numbers each time, and their records."""
    while batch := list(islice(messages, of)):
        seqs, records = zip(*batch, strict=True)
        yield list(seqs), b"".join(records)


def reports(seqs: Iterable[str], facts: Iterable[Raw]) -> Iterator[str]:
    """Write what a book said to messages, a line for each fact, each ended.

    >>> list(reports(["0", "1"], [(ACCEPTED, 7), (ACCEPTED, 8), (TRADE, 7, 8, 5, 100, Side.SELL, False)]))
    ['0,ack,7,,,\\n', '1,ack,8,,,\\n', '1,trade,8,7,100,5\\n']
    """
    numbers, seq = iter(seqs), ""
    for raw in facts:
        if is_answer(raw):
            seq = next(numbers)
        if raw[0] == TRADE:
            _, buy, sell, quantity, price, taker, _ = raw
            came, rested = (buy, sell) if taker is Side.BUY else (sell, buy)
            yield f"{seq},trade,{came},{rested},{price},{quantity}\n"
        elif raw[0] in NAMES:
            yield f"{seq},{NAMES[raw[0]]},{raw[1]},,,\n"
