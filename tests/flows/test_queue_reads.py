"""What a bank reads of its money in one currency: used, kept, limited, queued; and of nobody else's."""

from steelyard.flows.own_rules import HoldingFields, LimitFields, ReservationFields
from steelyard.flows.queue_reads import accounts, holdings, liquidity, queued
from steelyard.flows.queue_reads import queue as queues
from steelyard.flows.reads import queue
from tests.flows.payworld import ANNA, BRAM, CLEO, Network


def played() -> Network:
    net = Network()
    net.fund(ANNA, "NOR", 100)
    net.give("reservation.set", ReservationFields("NOR", 0, 70), ANNA)
    net.give("reservation.set", ReservationFields("NOR", 1, 50), ANNA)
    net.give("limit.own", LimitFields("NOR", BRAM, 40), ANNA)
    net.give("limit.own", LimitFields("NOR", "*", 9), ANNA)
    net.pay(ANNA, CLEO, "NOR", 130, priority=0)
    net.pay(ANNA, BRAM, "NOR", 50)
    net.pay(BRAM, ANNA, "NOR", 7)
    return net


def test_both_numbers_of_a_reservation_are_shown():
    net = played()
    row = liquidity(net.world, ("NOR",), ANNA)

    assert row is not None
    assert {"urgent": (70, 70), "high": (50, 30)} == row["kept"]
    assert {"urgent": "100", "high": "30", "normal": "0"} == row["usable"]
    assert {"urgent": (1, "130"), "high": (0, "0"), "normal": (1, "50")} == row["queued"]
    assert (1, "7") == row["incoming"]
    assert "guarded" == row["mode"]
    assert [("*", 9, "0", 9), (BRAM, 40, "0", 40)] == [
        (one["other"], one["limit_minor"], one["net"], one["room_minor"]) for one in row["limits"]
    ]


def test_one_sees_ones_own():
    net = played()

    assert BRAM == liquidity(net.world, ("NOR", ANNA), BRAM)["owner"]  # type: ignore[index]
    assert ANNA == liquidity(net.world, ("NOR", ANNA), "")["owner"]  # type: ignore[index]
    assert liquidity(net.world, ("XXX",), ANNA) is None


def test_a_queued_payment_shows_class_and_reason():
    net = played()
    rows = queue(net.world, ("NOR",), ANNA)

    assert [(0, 80), (2, 620)] == [(row["priority"], row["reason"]) for row in rows]


def test_a_place_counts_the_classes_before():
    net = played()
    last = net.pay(ANNA, CLEO, "NOR", 60)
    rows = {row["uetr"]: row["place"] for row in queues(net.world, ("NOR",), ANNA)}

    assert [1, 2, 3] == sorted(rows.values())
    assert rows == {uetr: queued(net.world, (uetr,), ANNA)["place"] for uetr in rows}  # type: ignore[index]
    assert 3 == rows[last]


def test_caps_are_shown_with_what_is_held():
    net = played()
    net.give("holding.set", HoldingFields("NOR", 500), ANNA)

    assert [{"holder": ANNA, "asset": "NOR", "cap_minor": 500, "held": "100"}] == holdings(
        net.world, (), ANNA
    )
    assert [] == holdings(net.world, (), BRAM)


def test_every_currency_and_every_queue_is_given_at_once():
    net = played()
    rows = accounts(net.world, (), ANNA)
    waiting = queues(net.world, (), ANNA)

    assert liquidity(net.world, ("NOR",), ANNA) in rows
    assert sorted(row["asset"] for row in rows) == [row["asset"] for row in rows]
    assert [(1, 0, 130), (2, 2, 50)] == [
        (row["place"], row["priority"], row["open_minor"]) for row in waiting
    ]
    assert waiting == queues(net.world, (ANNA, "NOR"), "")
    assert [] == queues(net.world, (ANNA, "SUD"), "")


def test_one_queued_payment_is_shown_with_its_place_to_who_pays_it():
    net = played()
    first, second = queues(net.world, (), ANNA)

    assert second == queued(net.world, (second["uetr"],), ANNA)
    assert first == queued(net.world, (first["uetr"],), "")
    assert queued(net.world, (second["uetr"],), BRAM) is None
    assert queued(net.world, (bytes(16),), ANNA) is None
