"""A6: what it gives can settle, nothing that fits is left out, and the rule is the written one."""

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.liquidity.algorithms.greedy import drop_and_add_back, greedy_set
from steelyard.liquidity.queue import Queued, Room
from tests.liquidity.algorithms.cases import after, holds, limits, networks, reservations


def naive(balances, payments, chosen, bounds, reserved):
    """Follow the rule on lists, one look at everything for each step; give amounts by id."""
    ordered = sorted(payments, key=lambda one: (one.priority, one.seq, one.id))
    kept = {one.id: one.amount_minor if chosen is None else chosen.get(one.id, 0) for one in ordered}

    def cut_to(amounts):
        return [
            Queued(p.id, p.payer, p.payee, amounts[p.id], p.priority, p.seq) for p in ordered if amounts[p.id]
        ]

    def group(limit):
        others = {one.counterparty for one in bounds if one.owner == limit.owner} - {"*"}
        return {limit.counterparty} if limit.counterparty != "*" else set(balances) - others

    def net_of(limit):
        normal, counts = [one for one in cut_to(kept) if one.priority == 2], group(limit)
        out = sum(one.amount_minor for one in normal if one.payer == limit.owner and one.payee in counts)
        return out - sum(
            one.amount_minor for one in normal if one.payee == limit.owner and one.payer in counts
        )

    def shortage(account):
        out = [one for one in cut_to(kept) if one.payer == account]
        if not out:
            return 0, []
        lowest = max(one.priority for one in out)
        own = (reserved or {}).get(account, (0, 0))
        left = after(balances, cut_to(kept))[account]
        unused = [max(0, own[c] - sum(o.amount_minor for o in out if o.priority == c)) for c in range(2)]
        return sum(unused[:lowest]) - left, [one for one in out if one.priority == lowest]

    def lose(lacking, them):
        whole = {one.id: one for one in ordered}
        for one in them:
            left = one.amount_minor - lacking
            if one.amount_minor < whole[one.id].amount_minor and left >= max(1, whole[one.id].floor_minor):
                kept[one.id] = left
                return
        covering = [one for one in them if one.amount_minor >= lacking]
        size = (
            min(one.amount_minor for one in covering) if covering else max(one.amount_minor for one in them)
        )
        kept[[one for one in them if one.amount_minor == size][-1].id] = 0

    changed = True
    while changed:
        changed = False
        for account in sorted(balances):
            for limit in sorted(bounds, key=lambda one: (one.owner, one.counterparty)):
                while limit.owner == account and (lacking := net_of(limit) - limit.room_minor) > 0:
                    counted = [p for p in cut_to(kept) if p.priority == 2 and p.payer == account]
                    lose(lacking, [p for p in counted if p.payee in group(limit)])
                    changed = True
            while (found := shortage(account))[0] > 0:
                lose(*found)
                changed = True
    wholes = sorted(ordered, key=lambda one: (one.priority, -one.amount_minor, one.seq, one.id))
    trying = wholes
    while trying:
        received = set()
        for one in trying:
            if kept[one.id] == 0:
                kept[one.id] = one.amount_minor
                over = any(net_of(limit) > limit.room_minor for limit in bounds if limit.owner == one.payer)
                if over or shortage(one.payer)[0] > 0:
                    kept[one.id] = 0
                else:
                    received.add(one.payee)
        left = after(balances, cut_to(kept))
        trying = [one for one in wholes if one.payer in received and one.amount_minor <= left[one.payer]]
        trying = [one for one in trying if not kept[one.id]]
    return {name: amount for name, amount in kept.items() if amount}


@settings(max_examples=300, deadline=None)
@given(network=networks(), bounds=limits(), reserved=reservations())
def test_the_set_can_settle_and_nothing_more_fits(network, bounds, reserved):
    """No account falls short, no limit is passed, and no payment left out could be added alone."""
    balances, payments = network

    found = greedy_set(balances, payments, limits=bounds, reserved=reserved)

    chosen = [one for one in payments if one.id in found.settled]
    assert holds(balances, chosen, bounds, reserved)
    assert after(balances, chosen) == found.balances
    assert sum(one.amount_minor for one in chosen) == found.value_minor
    for one in payments:
        if one.id not in found.settled:
            assert not holds(balances, [*chosen, one], bounds, reserved)


@settings(max_examples=300, deadline=None)
@given(network=networks(), bounds=limits(), reserved=reservations())
def test_the_set_is_that_of_the_written_rule(network, bounds, reserved):
    """A model that looks at everything every time drops and adds the same."""
    balances, payments = network

    found = greedy_set(balances, payments, limits=bounds, reserved=reserved)

    assert set(naive(balances, payments, None, bounds, reserved)) == set(found.settled)


@settings(max_examples=300, deadline=None)
@given(network=networks(), bounds=limits(), reserved=reservations(), data=st.data())
def test_a_choice_with_parts_is_mended_by_the_written_rule(network, bounds, reserved, data):
    """Parts are cut by what is lacking down to their floor; what is whole stays whole."""
    balances, payments = network
    floors = [data.draw(st.integers(0, one.amount_minor // 2)) for one in payments]
    payments = [
        Queued(p.id, p.payer, p.payee, p.amount_minor, p.priority, p.seq, floor_minor=floor)
        for p, floor in zip(payments, floors, strict=True)
    ]
    chosen = {
        p.id: data.draw(st.sampled_from((0, p.amount_minor, max(p.floor_minor, p.amount_minor // 2))))
        for p in payments
    }
    ordered = sorted(payments, key=lambda one: (one.priority, one.seq, one.id))

    found = drop_and_add_back(balances, ordered, chosen, limits=bounds, reserved=reserved)

    assert naive(balances, payments, chosen, bounds, reserved) == found
    settled = [Queued(p.id, p.payer, p.payee, found[p.id], p.priority) for p in ordered if p.id in found]
    assert holds(balances, settled, bounds, reserved)
    for one in payments:
        amount = found.get(one.id, 0)
        assert amount in (0, one.amount_minor) or one.floor_minor <= amount <= chosen[one.id]


@settings(max_examples=100, deadline=None)
@given(network=networks(most=9, classes=(2,)))
def test_no_set_of_whole_payments_is_beaten_by_it(network):
    """Its value is at most that of the best of all sets."""
    balances, payments = network
    best = max(
        sum(one.amount_minor for one in them)
        for count in range(len(payments) + 1)
        for them in combinations(payments, count)
        if holds(balances, them)
    )

    assert best >= greedy_set(balances, payments).value_minor


@given(network=networks(), bounds=limits(), reserved=reservations(), data=st.data())
def test_the_order_of_input_does_not_matter(network, bounds, reserved, data):
    """Payments, accounts and limits shuffled give the same answer, to its bytes."""
    balances, payments = network
    names = data.draw(st.permutations(list(balances)))

    first = greedy_set(balances, payments, limits=bounds, reserved=reserved)
    second = greedy_set(
        {name: balances[name] for name in names},
        data.draw(st.permutations(payments)),
        limits=data.draw(st.permutations(bounds)),
        reserved=dict(reversed(reserved.items())),
    )

    assert repr(first) == repr(second)


def test_the_smallest_that_covers_the_shortage_goes_and_the_latest_of_equal_ones():
    """Of 40, 30, 30 and 20 with 95 there, 25 are lacking: the later 30 goes."""
    amounts = (40, 30, 30, 20)
    payments = [Queued(f"p{n}", "A", "B", each, seq=n) for n, each in enumerate(amounts)]

    assert ("p0", "p1", "p3") == greedy_set({"A": 95, "B": 0}, payments).settled


def test_a_long_chain_is_added_back_to_its_end():
    """Each receives only after the one before: the order of amounts is against it."""
    names = [f"N{number:03}" for number in range(300)]
    chain = [
        Queued(f"p{n:03}", names[n], names[n + 1], 1_000 + (n > 0), seq=n) for n in range(len(names) - 1)
    ]
    balances = dict.fromkeys(names, 1) | {names[0]: 1_000}

    assert len(chain) == len(greedy_set(balances, chain).settled)
    assert 0 == greedy_set(balances | {names[0]: 999}, chain).value_minor


def test_what_was_left_out_of_a_choice_is_added_only_where_that_is_asked_for():
    """The flow plan mends its last answer without adding to it."""
    payments = [Queued("p0", "A", "B", 10, seq=0), Queued("p1", "A", "B", 10, seq=1)]

    assert {"p0": 10} == drop_and_add_back({"A": 20, "B": 0}, payments, {"p0": 10}, add_back=False)
    assert {"p0": 10, "p1": 10} == drop_and_add_back({"A": 20, "B": 0}, payments, {"p0": 10})


def test_totals_above_64_bits_are_exact():
    """One minor unit decides."""
    big = 2**62 - 1
    payments = [
        Queued("a", "A", "B", big, seq=0),
        Queued("b", "A", "B", big, seq=1),
        Queued("c", "B", "A", 1, seq=2),
    ]

    assert ("a", "b", "c") == greedy_set({"A": 2 * big - 1, "B": 0}, payments).settled
    assert 2 == len(greedy_set({"A": 2 * big - 2, "B": 0}, payments).settled)


def test_bad_input_is_an_error():
    """As for every algorithm."""
    with pytest.raises(TypeError):
        greedy_set({"A": 1, "B": 1.0}, [])
    with pytest.raises(ValueError):
        greedy_set({"A": 1, "B": 1}, [], limits=[Room("A", "B", -1)])
    with pytest.raises(ValueError):
        greedy_set({"A": 1, "B": 1}, [], reserved={"A": (0, -1)})
