"""A2 against every pair of prefixes."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.liquidity.algorithms.bilateral import offset_pair, offset_queues
from steelyard.liquidity.queue import Queued, Room
from tests.liquidity.algorithms.cases import holds, limits, networks, reservations

queues = st.lists(st.integers(1, 9), max_size=6)
rooms = st.integers(0, 20)


@given(there=queues, back=queues, room_there=rooms, room_back=rooms)
def test_offsetting_settles_the_most_that_prefixes_allow(there, back, room_there, room_back):
    """No other pair of prefixes settles more payments within both rooms."""

    def fits(pair):
        drain = sum(there[: pair[0]]) - sum(back[: pair[1]])
        return -room_back <= drain <= room_there

    pairs = product(range(len(there) + 1), range(len(back) + 1))
    best = max(filter(fits, pairs), key=sum)

    assert best == offset_pair(there, back, room_there=room_there, room_back=room_back)


@settings(max_examples=300)
@given(network=networks(), bounds=limits(), reserved=reservations())
def test_two_queues_settle_the_one_largest_pair_of_prefixes(network, bounds, reserved):
    """Every pair of prefixes that holds is within the answer; nothing settles unless both ways do."""
    balances, payments = network
    pair = {name: balances[name] for name in ("A", "B")}
    bounds = tuple(one for one in bounds if one.owner in pair and one.counterparty in ("A", "B", "*"))
    kept = {name: each for name, each in reserved.items() if name in pair}
    ordered = sorted(payments, key=lambda one: (one.priority, one.seq))
    ours = [[p for p in ordered if (p.payer, p.payee) == way] for way in (("A", "B"), ("B", "A"))]
    both = [
        (i, j)
        for i, j in product(range(len(ours[0]) + 1), range(len(ours[1]) + 1))
        if holds(pair, ours[0][:i] + ours[1][:j], bounds, kept)
    ]
    i, j = max(both, key=sum)

    settled = offset_queues(balances, payments, "A", "B", limits=bounds, reserved=kept)

    assert all(k <= i and m <= j for k, m in both)
    expected = {one.id for one in ours[0][:i] + ours[1][:j]} if i and j else set()
    assert expected == set(settled)


@given(network=networks(classes=(2,)))
def test_the_count_of_amounts_and_the_offset_of_queues_agree(network):
    """With balances from 0 and one class they are the same rule."""
    balances, payments = network
    ordered = sorted(payments, key=lambda one: one.seq)
    there = [p.amount_minor for p in ordered if (p.payer, p.payee) == ("A", "B")]
    back = [p.amount_minor for p in ordered if (p.payer, p.payee) == ("B", "A")]

    i, j = offset_pair(there, back, room_there=balances["A"], room_back=balances["B"])

    assert (i + j if i and j else 0) == len(offset_queues(balances, payments, "B", "A"))


@given(network=networks(), data=st.data())
def test_the_order_of_input_does_not_matter(network, data):
    """Nor does it matter which of the two is named first."""
    balances, payments = network
    shuffled = data.draw(st.permutations(payments))

    assert offset_queues(balances, payments, "A", "B") == offset_queues(balances, shuffled, "B", "A")


def test_a_limit_stops_normal_payments_only():
    """The urgent one does not count; the normal one waits for its own way back."""
    payments = [
        Queued("urgent", "A", "B", 50, priority=0, seq=0),
        Queued("normal", "A", "B", 30, seq=1),
        Queued("back", "B", "A", 20, seq=2),
    ]
    balances = {"A": 100, "B": 0}

    assert ("urgent", "normal", "back") == offset_queues(
        balances, payments, "A", "B", limits=[Room("A", "B", 10)]
    )
    assert ("urgent", "back") == offset_queues(balances, payments, "A", "B", limits=[Room("A", "B", 9)])


def test_amounts_above_64_bits_are_exact():
    """One minor unit decides."""
    big = 2**62

    assert (2, 1) == offset_pair([big, big], [big], room_there=big, room_back=0)
    assert (1, 1) == offset_pair([big, big], [big], room_there=big - 1, room_back=0)


def test_bad_input_is_an_error():
    """Floats, amounts not above 0, rooms below 0; a pair is two known accounts."""
    with pytest.raises(TypeError):
        offset_pair([1.0], [], room_there=1, room_back=1)
    with pytest.raises(ValueError):
        offset_pair([0], [], room_there=1, room_back=1)
    with pytest.raises(ValueError):
        offset_pair([], [], room_there=-1, room_back=1)
    with pytest.raises(ValueError):
        offset_queues({"A": 1, "B": 1}, [], "A", "A")
    with pytest.raises(ValueError):
        offset_queues({"A": 1, "B": 1}, [], "A", "X")
