"""Queues: first in, first out per payer; snapshots in the middle change nothing."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from steelyard.liquidity.queues import ROW, Moves, Queues, Waiting, pack_row


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


SEQS = st.lists(
    st.tuples(st.integers(1, 3), st.integers(0, 4), st.integers(0, 2), st.integers(0, 3)), max_size=30
)


@given(rows=SEQS, data=st.data())
def test_many_leave_as_one_by_one_even_where_they_share_their_seq(rows, data) -> None:
    """Lines, pairs and records are those that are left when each is removed alone."""
    items = [
        Waiting(number.to_bytes(16, "big"), "NORBNOK0", account, 5 + number, seq, 0, priority, 0, payee)
        for number, (account, payee, priority, seq) in enumerate(rows)
    ]
    gone = [one for one in items if data.draw(st.booleans())]
    at_once, given_moves, alone = Queues(), Queues(), Queues()
    for queues in (at_once, given_moves, alone):
        for one in items:
            queues.put(one)
    shed: list[object] = []

    assert gone == at_once.take_out([one.uetr for one in gone])
    assert gone == given_moves.take_out([one.uetr for one in gone], Moves.of(gone), shed=shed)
    for one in gone:
        alone.remove(one.account_no, one.uetr)
    for queues in (at_once, given_moves):
        assert queues.encode() == alone.encode()
        for payer in range(1, 4):
            assert queues.rows([payer]) == b"".join(map(pack_row, alone.of(payer)))
            for payee in range(1, 5):
                assert queues.pair(payer, payee) == alone.pair(payer, payee)
                assert queues.has_pair(payer, payee) == alone.has_pair(payer, payee)


def test_a_record_says_what_the_item_says() -> None:
    """Each field of a record is that of the same name."""
    one = Waiting(
        b"u" * 16, "NORBNOK0", 7, 10**18 - 1, 2**40, 5, 1, -3, 9, 11, 2, 20_000, 10**18, 4, True, 6, 8
    )
    row = np.frombuffer(pack_row(one), ROW)[0]

    assert [getattr(one, name) for name in ROW.names] == list(row.tolist())
    assert len(row) == 14
