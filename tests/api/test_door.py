"""The door: headers that stand twice, and whose word on an address counts."""

import pytest

from steelyard.api import door, orders
from steelyard.api.problems import ProblemError


class Behind:
    """A gateway behind a proxy."""

    class config:  # noqa: N801
        """What the door asks of it."""

        trusted_proxies = ("127.0.0.1",)


@pytest.mark.parametrize("name", sorted(door.ONCE))
def test_a_header_that_decides_stands_once(name):
    with pytest.raises(ProblemError) as caught:
        door.headers_of({"headers": [(name, b"a"), (b"x", b"1"), (name, b"b")]})

    assert 422 == caught.value.problem.status


def test_other_headers_may_stand_twice():
    assert {b"via": b"b"} == door.headers_of({"headers": [(b"via", b"a"), (b"via", b"b")]})


@pytest.mark.parametrize("lines", [(b"6.6.6.6, 10.0.0.7",), (b"6.6.6.6", b"10.0.0.7"), (b"10.0.0.7",)])
def test_of_forwarded_addresses_the_proxys_own_counts(lines):
    headers = [(b"x-forwarded-for", line) for line in lines]

    assert "10.0.0.7" == door.address_of({"client": ("127.0.0.1", 1), "headers": headers}, Behind)
    assert "9.9.9.9" == door.address_of({"client": ("9.9.9.9", 1), "headers": headers}, Behind)


class Waiting:
    """A call whose sender says how long it wants to wait."""

    def __init__(self, prefer):
        self.prefer = prefer

    def header(self, name):
        """Give the one header."""
        return self.prefer


@pytest.mark.parametrize("prefer", ["wait=\u00b2", "wait=\u0663", "wait=-1", "wait=2000", "wait=0", ""])
def test_a_wait_that_is_no_number_of_seconds_is_the_usual_one(prefer):
    assert (orders.DEADLINE_MS, 2_000) == tuple(
        map(orders.deadline_ms, (Waiting(prefer), Waiting("respond-async, wait=2")))
    )
