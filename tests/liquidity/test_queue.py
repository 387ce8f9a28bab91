"""Queues: first in, first out per payer; snapshots in the middle change nothing."""

from hypothesis import given
from hypothesis import strategies as st

from steelyard.liquidity.queue import Queued, Queues


def item(number: int, account_no: int = 1, amount_minor: int = 5) -> Queued:
    return Queued(number.to_bytes(16, "big"), "NORBNOK0", account_no, amount_minor, number, 0)


def test_the_first_that_came_is_the_first_to_go() -> None:
    queues = Queues()
    for number in (3, 1, 2):
        queues.put(item(number))

    assert item(3) == queues.head(1)
    assert queues.depth(1) == (3, 15)


def test_who_waits_for_a_provider_stands_in_nobodys_way() -> None:
    queues = Queues()
    queues.put_for_provider(item(1, account_no=7))

    assert not queues.waits(7)
    assert (item(1, account_no=7),) == queues.of_provider(7)


def test_an_inflow_makes_work_only_where_somebody_waits() -> None:
    queues = Queues()
    queues.put(item(1, account_no=4))
    for account_no in (9, 4, 4):
        queues.push_work(account_no)

    assert queues.pop_work() == 4
    assert queues.pop_work() is None


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["put", "provider", "remove", "work"]), st.integers(1, 4), st.integers(1, 9)
        )
    )
)
def test_a_snapshot_in_the_middle_gives_the_same_queues(steps: list[tuple[str, int, int]]) -> None:
    one, other = Queues(), Queues()
    for verb, account_no, number in steps:
        for queues in (one, other):
            if verb == "put":
                queues.put(item(number, account_no))
            elif verb == "provider":
                queues.put_for_provider(item(number, account_no))
            elif verb == "remove":
                queues.remove(account_no, item(number).uetr)
            else:
                queues.push_work(account_no)
        other = Queues.decode(other.encode())

    assert one.encode() == other.encode()
    assert [one.head(no) for no in one.accounts()] == [other.head(no) for no in other.accounts()]
