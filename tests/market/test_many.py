"""Many packed messages do what the same messages do one by one."""

import pytest
from hypothesis import given, settings

from steelyard.market.book_image import encode
from steelyard.market.orders import Cancel, NewOrder, Replace, Side, Tif, Type
from steelyard.market.packed import NOTHING_MORE, RECORD, pack, unpack
from steelyard.market.raw_facts import REPLACE_REJECTED, REPLACED, fact, is_answer
from tests.market.book_streams import book_of, event_of, streams

PACKED = ("new", "cancel", "replace")


def read_back(message):
    """Give a message as it is after it was packed."""
    first, *rest = RECORD.iter_unpack(pack(message))
    return unpack(first, rest[0] if rest else NOTHING_MORE)


@settings(max_examples=500, deadline=None)
@given(stream=streams)
def test_many_do_what_each_does_alone(stream):
    """Facts and bytes are the same, however a stream is cut into packs."""
    instrument, events = stream
    alone, many = book_of(instrument), book_of(instrument)
    pending, expected = [], []

    def flush():
        assert expected == [fact(raw) for raw in many.apply_many(b"".join(map(pack, pending)))]
        assert encode(alone) == encode(many)
        pending.clear()
        expected.clear()

    for event in events:
        if next(iter(event)) in PACKED:
            pending.append(read_back(event_of(event)))
            expected += alone.apply(pending[-1])
        else:
            flush()
            assert alone.apply(event_of(event)) == many.apply(event_of(event))
    flush()


@settings(max_examples=200, deadline=None)
@given(stream=streams)
def test_every_message_has_one_answer_and_it_comes_first(stream):
    """So a reader of many facts knows which message each belongs to."""
    instrument, events = stream
    book = book_of(instrument)
    for event in events:
        if next(iter(event)) in PACKED:
            facts = book.apply_many(pack(event_of(event)))

            assert is_answer(facts[0])
            assert not any(map(is_answer, facts[1:]))
        else:
            book.apply(event_of(event))


@settings(max_examples=200, deadline=None)
@given(stream=streams)
def test_a_packed_message_reads_back(stream):
    """Nothing is lost in a record, or in the one that follows it; a peak of 0 is none."""
    for event in stream[1]:
        if next(iter(event)) in PACKED:
            made = event_of(event)

            assert made == read_back(made) or made.peak == 0


@pytest.mark.parametrize("form", [3, 7, 1 | 8, 2 | 8, 3 << 4, 6 << 6, 7 << 11, 1 << 14, 1 << 17])
def test_a_form_that_means_nothing_is_no_message(form):
    """Bits that no message has are an error of who packed them."""
    with pytest.raises(ValueError, match="form"):
        book_of({}).apply_many(RECORD.pack(form, 0, 1, 100, 1))


@pytest.mark.parametrize(
    ("change", "answer"),
    [
        (Replace(1, price=105, quantity=5), REPLACE_REJECTED),  # post-only: it would trade
        (Replace(3, price=105, quantity=2), REPLACED),  # all it asks for has traded
        (Replace(3, price=105, quantity=2, of_open=True), REPLACED),
        (Replace(4, price=105, quantity=9), REPLACED),  # an iceberg keeps its peak
        (Replace(5, price=105, quantity=9), REPLACED),  # all or none
    ],
)
def test_a_change_of_an_order_with_conditions_goes_the_long_way(change, answer):
    """It does what it does alone."""
    alone, many = book_of({"stp": "none"}), book_of({"stp": "none"})
    before = (
        NewOrder(1, Side.BUY, 5, 99, post_only=True), NewOrder(3, Side.BUY, 6, 100), NewOrder(9, Side.SELL, 2, 100),
        NewOrder(4, Side.BUY, 9, 98, peak=2), NewOrder(5, Side.BUY, 9, 97, aon=True), NewOrder(2, Side.SELL, 5, 105),
    )  # fmt: skip
    for book in (alone, many):
        for event in before:
            book.apply(event)

    facts = many.apply_many(pack(change))

    assert answer == facts[0][0]
    assert alone.apply(change) == [fact(raw) for raw in facts]
    assert encode(alone) == encode(many)


def test_a_record_that_is_cut_off_is_no_message():
    """Whoever says that more follows has to send it; what came before stands."""
    book = book_of({"last_price": 100})
    stop = pack(NewOrder(2, Side.BUY, 5, type=Type.MARKET, stop=105))

    with pytest.raises(ValueError, match="more follows"):
        book.apply_many(pack(NewOrder(1, Side.BUY, 5, 100)) + stop[: RECORD.size])

    assert [1] == list(book.orders)
    assert 1 == book.seq


def test_times_in_force_are_not_taken_for_one_another():
    """A day order rests, an immediate-or-cancel one does not."""
    book = book_of({})
    book.apply_many(b"".join(pack(NewOrder(n, Side.BUY, 5, 100, tif=tif)) for n, tif in enumerate(Tif)))

    assert [Tif.GTC, Tif.DAY] == [order.tif for order in book.bids.orders()]


def test_a_message_in_two_records_is_told_from_two_messages():
    """A stop order takes a second record, and the cancel behind it is still read as one."""
    book = book_of({"last_price": 100})
    stop = NewOrder(1, Side.BUY, 5, type=Type.MARKET, stop=105)

    assert 3 * RECORD.size == len(pack(stop) + pack(Cancel(1)))
    assert 2 == len(book.apply_many(pack(stop) + pack(Cancel(1))))
    assert not book.stops.waiting
