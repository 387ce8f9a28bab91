"""Orders, levels and streams are the same in the tables, however many commands one transaction writes."""

import pytest

from steelyard.flows.market_facts import DepthMoved, OrderEntered, OrderMoved
from steelyard.storage.added import Added
from steelyard.storage.database import SqliteDatabase
from steelyard.storage.gather import HANDLERS, write_changes
from steelyard.storage.migrate import migrate

A, B = b"a" * 16, b"b" * 16


def entered(order_id, quantity, price, number):
    terms = (0, 0, 0, quantity, price, 0, 0, False, False, -1, 0, "")
    return OrderEntered(order_id, "ANNA", "RYE", "OST", *terms, number)


FACTS = (
    entered(A, 9, 100, 1), DepthMoved("RYE", (("OST", 0, 100, 9),)),
    OrderMoved(A, "traded", 4), DepthMoved("RYE", (("OST", 0, 100, 4),)),
    entered(B, 5, 99, 2), DepthMoved("OATS", (("OST", 0, 99, 5),)),
    OrderMoved(A, "replaced", 7, 0, 101, 12), DepthMoved("RYE", (("OST", 0, 100, 0), ("OST", 0, 101, 7))),
    OrderMoved(B, "cancelled", 5, 3), DepthMoved("OATS", (("OST", 0, 99, 0),)),
    OrderMoved(A, "traded", 0), DepthMoved("RYE", (("OST", 0, 101, 0),)),
)  # fmt: skip


@pytest.mark.parametrize("at_once", [1, 2, 3, 5, 12])
def test_an_order_is_kept_as_it_is_at_last(tmp_path, at_once):
    """Brought up to date in its own transaction or a later one; each item of a stream has a number of its own."""
    database = SqliteDatabase(tmp_path / "tables.db")
    migrate(database, "projection")
    for start in range(0, len(FACTS), at_once):
        added = Added(0)
        for at, fact in enumerate(FACTS[start : start + at_once], start):
            HANDLERS[type(fact)](added, fact, at, 0, at)
        with database.writing() as tables:
            write_changes(tables, added)

    orders = database.all(
        "SELECT order_id, quantity, price, open, state, why, entered_at, changed_at, entered FROM market_order"
        " ORDER BY order_no"
    )
    assert [(A, 12, 101, 0, "filled", 0, 0, 10, 0), (B, 5, 99, 0, "cancelled", 3, 4, 8, 4)] == orders
    assert [] == database.all("SELECT * FROM market_level")
    stream = database.all("SELECT instrument, seq, at_ns FROM market_feed ORDER BY instrument, seq")
    assert [("OATS", 1, 5), ("OATS", 2, 9)] == stream[:2]
    assert [("RYE", 1, 1), ("RYE", 2, 3), ("RYE", 3, 7), ("RYE", 4, 11)] == stream[2:]
