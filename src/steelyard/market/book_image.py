"""A book as bytes: everything its answers depend on, in one canonical form.

Orders stand in the order of their queues, which is what decides who trades first; empty levels and the layout of
heaps leave no trace. Numbers of orders are below 2^63.
"""

import msgspec
from msgspec import Struct

from steelyard.market.bands import Band
from steelyard.market.book import Book
from steelyard.market.instruments import Instrument
from steelyard.market.phases import Phase
from steelyard.market.resting import Order


class Image(Struct, array_like=True, gc=False, forbid_unknown_fields=True):
    """What is written of a book. `done` is ascending by order."""

    instrument: Instrument
    phase: Phase
    resumes: Phase
    extended: bool
    seq: int
    last: int | None
    reference: int | None
    settlement: int | None
    daily: Band
    dyn: tuple[int | None, int | None]
    bids: list[Order]
    asks: list[Order]
    waiting: list[Order]
    done: list[tuple[int, int]]


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Image)


def encode(book: Book) -> bytes:
    """Write a book."""
    return _ENCODER.encode(
        Image(
            book.instrument, book.phase, book.resumes, book.extended, book.seq,
            book.last, book.reference, book.settlement, book.daily, book.dyn,
            list(book.bids.orders()), list(book.asks.orders()),
            sorted(book.stops.waiting.values(), key=lambda order: order.seq), sorted(book.done.items()),
        )
    )  # fmt: skip


def decode(data: bytes) -> Book:
    """Read what `encode` wrote; ValueError on anything else."""
    image = _DECODER.decode(data)
    book = Book(image.instrument, image.phase)
    book.resumes, book.extended, book.seq = image.resumes, image.extended, image.seq
    book.last, book.reference, book.settlement = image.last, image.reference, image.settlement
    book.daily, book.dyn = image.daily, image.dyn
    book.set_limits()
    for order in (*image.bids, *image.asks):
        book.orders[order.order_id] = order
        book.sides[order.side].add(order)
    for order in image.waiting:
        book.stops.add(order)
    book.done = dict(image.done)
    return book
