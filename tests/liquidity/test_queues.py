"""Queues: first in, first out per payer; snapshots in the middle change nothing."""

from hypothesis import given
from hypothesis import strategies as st

from steelyard.liquidity.queues import Queues, Waiting


def item(number: int, account_no: int = 1, amount_minor: int = 5) -> Waiting:
    return Waiting(
        (1_000 * account_no + number).to_bytes(16, "big"), "NORBNOK0", account_no, amount_minor, number, 0
    )


def test_the_first_that_came_is_the_first_to_go_whenever_it_joins() -> None:
    queues = Queues()
    for number in (3, 1, 2):
        queues.put(item(number))

    assert item(1) == queues.head(1)
    assert queues.depth(1) == (3, 15)
    assert [one.seq for one in queues.of(1)] == [1, 2, 3]


def test_who_waits_aside_stands_in_nobodys_way() -> None:
    queues = Queues()
    queues.put_aside(item(1, account_no=7))

    assert queues.head(7) is None
    assert (item(1, account_no=7),) == queues.aside(7)


def test_an_inflow_makes_work_only_where_somebody_waits() -> None:
    queues = Queues()
    queues.put(item(1, account_no=4))
    queues.push_all([9, 4, 4])

    assert queues.todo.pop() == (4, None)
    assert queues.todo.pop() is None


def test_a_long_queue_goes_from_its_head_in_order() -> None:
    queues = Queues()
    for number in range(1, 1_001):
        queues.put(item(number))
    gone = []
    while (head := queues.head(1)) is not None:
        gone.append(head.seq)
        queues.remove(1, head.uetr)

    assert gone == list(range(1, 1_001))
    assert not queues.anything


STEPS = st.tuples(
    st.sampled_from(["put", "aside", "remove", "work", "pop"]), st.integers(1, 4), st.integers(1, 9)
)


@given(st.lists(STEPS))
def test_a_snapshot_in_the_middle_gives_the_same_queues_as_a_plain_list(
    steps: list[tuple[str, int, int]],
) -> None:
    one, other = Queues(), Queues()
    plain: dict[int, list[int]] = {}
    aside: set[tuple[int, int]] = set()
    for verb, account_no, number in steps:
        known = number in plain.get(account_no, []) or (account_no, number) in aside
        if verb in ("put", "aside") and known:
            continue
        if verb == "put":
            plain.setdefault(account_no, []).append(number)
        elif verb == "aside":
            aside.add((account_no, number))
        elif verb == "remove":
            plain[account_no] = [one for one in plain.get(account_no, []) if one != number]
            aside.discard((account_no, number))
        for queues in (one, other):
            if verb == "put":
                queues.put(item(number, account_no))
            elif verb == "aside":
                queues.put_aside(item(number, account_no))
            elif verb == "remove":
                queues.remove(account_no, item(number, account_no).uetr)
            elif verb == "work":
                queues.push_work(account_no)
            else:
                queues.todo.pop()
        other = Queues.decode(other.encode())

    assert one.encode() == other.encode()
    for account_no, numbers in plain.items():
        assert sorted(numbers) == [queued.seq for queued in one.of(account_no)]
