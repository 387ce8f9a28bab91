"""A sandbox's sender fixes the order; nobody passes before his turn, and a wrong order is refused."""

import asyncio

import pytest

from steelyard.api.problems import ProblemError
from steelyard.api.turns import Turns


def test_callers_pass_by_number_whatever_their_arrival():
    """Fifty that come in reverse leave in order, and the count begins anew after the last."""

    async def run():
        turns, passed = Turns(), []

        async def one(order):
            await turns.reach(f"{order}/50")
            passed.append(order)

        for _ in range(2):
            await asyncio.gather(*(one(order) for order in range(50, 0, -1)))
        return passed

    assert [*range(1, 51)] * 2 == asyncio.run(run())


@pytest.mark.parametrize("text", ["", "0/1", "2/1", "1", "1/10001", "a/b", "-1/2", "1/2/3"])
def test_what_is_no_order_is_refused(text):
    """N/M, one to ten thousand."""
    with pytest.raises(ProblemError):
        asyncio.run(Turns().reach(text))


def test_the_same_turn_twice_is_refused():
    """Two callers cannot be the third."""

    async def run():
        turns = Turns()
        first = asyncio.ensure_future(turns.reach("3/3"))
        await asyncio.sleep(0)
        with pytest.raises(ProblemError):
            await turns.reach("3/3")
        first.cancel()

    asyncio.run(run())
