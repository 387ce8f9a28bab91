"""A book whose trades are booked as they happen: where a bundle is refused the trade did not happen."""

import pytest

from steelyard.market.book import Book
from steelyard.market.book_image import encode
from steelyard.market.instruments import Instrument
from steelyard.market.orders import Cancelled, NewOrder, Side, Tif, Trade, Uncross, Why
from steelyard.market.phases import Phase


def grain(phase=Phase.CONTINUOUS):
    book = Book(Instrument(code="WHEAT", ref_price=100), phase)
    book.apply(NewOrder(1, Side.SELL, 5, 100, member=1))
    book.apply(NewOrder(2, Side.SELL, 5, 101, member=2))
    return book


def told(facts):
    return [
        (one.buy, one.sell, one.quantity) if isinstance(one, Trade) else (one.order_id, one.left, one.why)
        for one in facts
        if isinstance(one, Trade | Cancelled)
    ]


def refusing(order_id, side):
    """Refuse every bundle with this order, blaming its side."""
    return lambda buy, sell, quantity, price: side if order_id in (buy.order_id, sell.order_id) else None


def test_a_resting_order_that_fails_goes_and_the_next_is_met():
    """Nothing of it has traded."""
    book = grain()
    book.settles = refusing(1, Side.SELL)

    assert [(1, 5, Why.BUNDLE), (3, 2, 4)] == told(book.apply(NewOrder(3, Side.BUY, 4, 101)))


def test_an_order_that_comes_and_fails_goes_and_leaves_what_it_would_have_met():
    """Its first trade stood, its second did not."""
    book = grain()
    book.settles = lambda buy, sell, quantity, price: Side.BUY if sell.order_id == 2 else None

    assert [(3, 1, 5), (3, 3, Why.BUNDLE)] == told(book.apply(NewOrder(3, Side.BUY, 8, 101)))
    assert [2] == list(book.orders)


@pytest.mark.parametrize("tif", [Tif.IOC, Tif.FOK])
def test_what_would_pass_goes_on_without_who_failed(tif):
    """A fill-or-kill was whole when it was judged; what its bundles then refuse it does not get."""
    book = grain()
    book.settles = refusing(1, Side.SELL)

    facts = told(book.apply(NewOrder(3, Side.BUY, 10, 101, tif=tif)))

    assert [(1, 5, Why.BUNDLE), (3, 2, 5), (3, 5, Why.REST)] == facts


def test_in_an_auction_the_pairs_of_who_fails_do_not_trade():
    """The price stands as it was found."""
    book = grain(Phase.OPENING_CALL)
    book.apply(NewOrder(3, Side.BUY, 7, 101))
    book.settles = refusing(1, Side.SELL)

    assert [(3, 2, 2), (1, 5, Why.BUNDLE)] == told(book.apply(Uncross()))
    assert 5 == book.orders[3].left


def test_a_book_that_agrees_to_all_is_as_one_without():
    """The same facts, the same bytes."""
    plain, booked = grain(), grain()
    booked.settles = lambda buy, sell, quantity, price: None
    order = NewOrder(3, Side.BUY, 8, 101)

    assert plain.apply(order) == booked.apply(order)
    assert encode(plain) == encode(booked)
