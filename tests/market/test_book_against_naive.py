"""The fast book and the naive one agree on every stream of events, and so do a book and its image."""

import hashlib
from collections import Counter

from hypothesis import given, settings

from steelyard.market.book_image import decode, encode
from steelyard.market.orders import Side, Status
from tests.market.book_streams import book_of, event_of, streams, told
from tests.market.naive_book import NaiveBook

thorough = settings(max_examples=300, deadline=None)


def seen(book):
    """Give what a book shows, as the naive one writes it."""
    view = book.view()
    status = {order_id: (status.name.lower(), left) for order_id, (status, left) in view.status.items()}
    bids, asks = ([(one.price, one.shown, one.order_id) for one in side] for side in (view.bids, view.asks))
    return bids, asks, status, view.phase.name.lower()


@thorough
@given(stream=streams)
def test_both_books_tell_and_show_the_same(stream):
    """Facts, sides in priority, statuses and phase agree after every event."""
    instrument, events = stream
    fast, naive = book_of(instrument), NaiveBook(instrument)
    for event in events:
        expected = naive.apply(event)
        expected = [fact[:5] if fact[0] == "trade" else fact for fact in expected]

        assert expected == [told(fact) for fact in fast.apply(event_of(event))], event
        assert (naive.shown("buy"), naive.shown("sell"), naive.status(), naive.phase) == seen(fast), event


@thorough
@given(stream=streams)
def test_a_book_goes_on_from_its_image(stream):
    """Decoded at any moment, a book has the same bytes and tells the same from then on."""
    instrument, events = stream
    book, copied = book_of(instrument), book_of(instrument)
    for event in events:
        image = encode(copied)
        copied = decode(image)

        assert image == encode(copied)
        assert book.apply(event_of(event)) == copied.apply(event_of(event))
    assert encode(book) == encode(copied)


@thorough
@given(stream=streams)
def test_nothing_is_made_or_lost(stream):
    """Bought is sold, and of every order what is left and what traded is what entered, or was cut off it."""
    instrument, events = stream
    book, totals, bought, cut = book_of(instrument), {}, Counter(), Counter()
    entered = {}
    for event in events:
        facts = [told(fact) for fact in book.apply(event_of(event))]
        for fact in facts:
            match fact:
                case ("accepted", order_id):
                    entered[order_id] = event["new"]["qty"]
                    bought[order_id] = cut[order_id] = 0
                case ("trade", buy, sell, quantity, _):
                    bought[buy] += quantity
                    bought[sell] += quantity
                case ("decremented", taker, maker, quantity):
                    cut[taker] += quantity
                    cut[maker] += quantity
                case ("replaced", order_id, left):
                    entered[order_id] = left + bought[order_id] + cut[order_id]
        totals = book.view().status

        for order_id, (status, left) in totals.items():
            assert entered[order_id] == left + bought[order_id] + cut[order_id]
            assert (left == 0) <= (status in (Status.FILLED, Status.CANCELLED))


@thorough
@given(stream=streams)
def test_nobody_trades_beyond_his_limit(stream):
    """No fill is outside the limit price of either side or the daily limits, or of nothing."""
    instrument, events = stream
    book, limits = book_of(instrument), {}
    for event in events:
        low, high = book.limits
        for fact in map(told, book.apply(event_of(event))):
            if fact[0] == "accepted":
                limits[fact[1]] = event["new"].get("price")
            if fact[0] == "replaced" and event["replace"].get("price") is not None:
                limits[fact[1]] = event["replace"]["price"]
            if fact[0] == "trade":
                _, buy, sell, quantity, price = fact

                assert quantity > 0
                assert low <= price <= high
                assert limits.get(buy) is None or price <= limits[buy]
                assert limits.get(sell) is None or price >= limits[sell]


@thorough
@given(stream=streams)
def test_a_refusal_leaves_no_trace(stream):
    """What is refused or rejected, or fills whole or not at all and does not, leaves the orders as they were."""
    instrument, events = stream
    book = book_of(instrument)
    for event in events:
        before = hashlib.sha256(encode(book)).digest()
        facts = [told(fact)[0] for fact in book.apply(event_of(event))]
        if facts and set(facts) <= {"refused", "cancel_rejected", "replace_rejected", "phase_rejected"}:
            assert before == hashlib.sha256(encode(book)).digest()


@thorough
@given(stream=streams)
def test_no_group_trades_with_itself_unless_it_may(stream):
    """Outside calls, where the order that comes or else the instrument has any mode but none."""
    instrument, events = stream
    book, modes = book_of(instrument), {}
    for event in events:
        phase = book.phase
        facts = book.apply(event_of(event))
        for fact in facts:
            kind = type(fact).__name__
            if kind == "Accepted":
                modes[fact.order_id] = event["new"].get("stp", instrument["stp"])
            if kind == "Trade" and fact.own and fact.taker is not None:
                came = fact.buy if fact.taker is Side.BUY else fact.sell

                assert modes[came] == "none", (phase, event)
