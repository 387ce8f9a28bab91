"""What is kept of a day's trades: those of the window before the last one, the newest of very many."""

from hypothesis import given
from hypothesis import strategies as st

from steelyard.market import prints
from steelyard.market.prints import Prints

MANY = 6
steps = st.lists(st.tuples(st.integers(0, 9), st.integers(1, 30)), max_size=30)


@given(steps=steps)
def test_the_window_has_the_newest_trades_and_none_before_it(steps):
    """Against a scan of all there were, for windows that grow and shrink from trade to trade."""
    kept, tape, at, whole = prints.TRADES_MAX, Prints(), 0, []
    prints.TRADES_MAX = MANY
    try:
        for price, (passed, window) in enumerate(steps):
            at += passed
            tape.trade("RYE", price, 1, at=at, window=window)
            whole = [one for one in [*whole, (at, price, 1)] if one[0] >= at - window][-MANY:]
            day = tape.day("RYE", 0)
            assert (whole, price) == (day.trades, day.last)
    finally:
        prints.TRADES_MAX = kept
