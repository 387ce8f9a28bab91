"""The memory of payments: what came is known, in little room, until it is old or too much."""

import gc
import tracemalloc

import pytest

from steelyard.payments.memory import Memory
from steelyard.payments.payment import RECORD_BYTES, pack, unpack
from steelyard.payments.state import Payments
from steelyard.values.instants import DAY


def uetr(number: int) -> bytes:
    return number.to_bytes(16, "big")


def test_a_record_is_read_back_as_it_was_packed() -> None:
    values = (b"c" * 16, b"m" * 8, 9, 1, 1, 0, 350, 3, 4, 5, 6, 10**17, 10**18 - 1, 2**62, 20_000, b"AC04")

    assert tuple(unpack(pack(*values))) == values
    assert RECORD_BYTES == 74


def test_what_came_is_known_over_segments() -> None:
    memory = Memory(segment_max=3)
    for number in range(10):
        memory.put(uetr(number), bytes([number]), at=number)

    assert [memory.get(uetr(number)) for number in range(10)] == [bytes([number]) for number in range(10)]
    assert memory.get(uetr(10)) is None
    assert len(memory) == 10


def test_the_oldest_segments_are_forgotten_when_there_are_too_many() -> None:
    memory = Memory(segment_max=3, count_max=6)
    for number in range(10):
        memory.put(uetr(number), b"x", at=number)

    assert memory.get(uetr(0)) is None
    assert memory.get(uetr(9)) == b"x"
    assert len(memory) == 7


def test_what_is_older_than_four_weeks_is_forgotten() -> None:
    memory = Memory(segment_max=1)
    memory.put(uetr(1), b"x", at=0)
    memory.put(uetr(2), b"x", at=28 * DAY + 1)

    assert memory.get(uetr(1)) is None
    assert memory.get(uetr(2)) == b"x"


def test_the_first_payment_of_a_message_counts() -> None:
    memory = Memory()
    memory.put_message(7, b"k" * 16, uetr(1))
    memory.put_message(7, b"k" * 16, uetr(2))

    assert memory.message(7, b"k" * 16) == uetr(1)
    assert memory.message(8, b"k" * 16) is None


def test_an_instruction_id_is_free_again_on_another_day() -> None:
    memory = Memory()
    memory.put_instruction(1, b"i" * 16, at=DAY)

    assert memory.instruction(1, b"i" * 16, at=2 * DAY - 1)
    assert not memory.instruction(1, b"i" * 16, at=2 * DAY)
    assert not memory.instruction(2, b"i" * 16, at=DAY)


def test_a_snapshot_gives_the_same_memory() -> None:
    memory = Memory(segment_max=2)
    for number in range(5):
        memory.put(uetr(number), bytes([number]), at=number)
        memory.put_message(1, uetr(number + 100), uetr(number))
        memory.put_instruction(memory.number("NORBNOK0"), uetr(number), at=number)
    other = Memory()
    other.load(memory.encode())

    assert memory.encode() == other.encode()
    assert other.get(uetr(0)) == b"\0"
    assert other.number("NORBNOK0") == memory.number("NORBNOK0")


@pytest.mark.slow
def test_a_finished_payment_costs_less_than_400_bytes() -> None:
    """All in: record, keys, message id and instruction id, in a whole segment."""
    count = 300_000
    gc.collect()
    tracemalloc.start()
    payments = Payments()
    for number in range(count):
        payments.remember(
            uetr(number << 64), content=uetr(number), message_content=uetr(number), state=9, kind=0, service=0,
            refusal=0, debtor_agent="NORBNOK0", creditor_agent="SUDBSDK0", source="NOR", target="SUD",
            source_minor=10**12 + number, target_minor=10**13, settlement_on=20_000, at=10**18 + number,
        )  # fmt: skip
        found = payments.memory.get(uetr(number << 64))
        assert found is not None
        payments.memory.put_message(1, uetr(number << 64), uetr(number << 64))
        payments.memory.put_instruction(1, uetr(number << 64), at=10**18)
    used = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()

    assert used / count < 400
