"""From a snapshot to a proposal: which algorithm's answer, the same bytes for any order, cut to what a bundle holds."""

import random
from itertools import accumulate, compress, product

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.flows.batch_propose import ProposeFields
from steelyard.liquidity.certificate import check, from_msgpack
from steelyard.liquidity.queue import Queued
from steelyard.liquidity.snapshot import Snapshot, pack
from steelyard.solve import propose as proposing
from steelyard.solve.flow import OrToolsFlow
from steelyard.solve.propose import propose
from steelyard.solve.worker import answer

decode = msgspec.msgpack.Decoder(ProposeFields).decode
BATCH = b"b" * 16
NAMES = ("A", "B", "C", "D")


def queued(seq: int, payer: str, payee: str, amount: int, **more) -> Queued:
    return Queued(seq.to_bytes(16, "big").hex(), payer, payee, amount, seq=seq, **more)


def proposed(balances: dict[str, int], *payments: Queued) -> ProposeFields:
    return decode(propose(BATCH, Snapshot(9, "NOR", balances, payments), solver=OrToolsFlow()))


def test_what_may_be_split_settles_up_to_the_bound_and_is_proved():
    ring = queued(1, "A", "B", 100), queued(2, "B", "C", 80), queued(3, "C", "A", 70)
    fields = proposed(dict.fromkeys("ABC", 0), *ring)
    proofs = [from_msgpack(packed) for packed in fields.certificates]

    assert ("A4", [1, 1, 1], [(0, 70), (1, 70)]) == (fields.algorithm, fields.seqs, fields.parts)
    assert [[], []] == [check(proof) for proof in proofs]
    assert [("value", 210), ("class2", 210 << 20)] == [(proof.objective, proof.value) for proof in proofs]
    assert [("A3", "0"), ("A6", "0")] == fields.runners_up


@settings(max_examples=25, deadline=None)
@given(
    rows=st.lists(st.tuples(st.permutations(NAMES), st.integers(1, 99)), min_size=1, max_size=7),
    money=st.lists(st.integers(0, 60), min_size=4, max_size=4),
)
def test_of_few_whole_payments_the_best_set_of_all_is_proposed(rows, money):
    """Against every subset there is."""
    payments = [
        queued(seq, pair[0], pair[1], amount, may_split=False) for seq, (pair, amount) in enumerate(rows, 1)
    ]
    balances = dict(zip(NAMES, money, strict=True))
    best = 0
    for chosen in product((False, True), repeat=len(payments)):
        left, some = dict(balances), list(compress(payments, chosen))
        for one in some:
            left[one.payer] -= one.amount_minor
            left[one.payee] += one.amount_minor
        if min(left.values()) >= 0:
            best = max(best, sum(one.amount_minor for one in some))
    fields = proposed(balances, *payments)
    seqs = list(accumulate(fields.seqs))

    assert best == sum(payments[seq - 1].amount_minor for seq in seqs)
    assert [] == fields.parts


def test_an_urgent_payment_goes_before_more_value():
    payments = queued(1, "A", "B", 60, priority=0), queued(2, "A", "C", 100, may_split=False)
    fields = proposed({"A": 100, "B": 0, "C": 0}, *payments)

    assert [1] == fields.seqs
    assert ("100", "40") == (str(from_msgpack(fields.certificates[0]).value), fields.priority_cost)


@settings(max_examples=30, deadline=None)
@given(
    rows=st.lists(
        st.tuples(st.permutations(NAMES), st.integers(1, 99), st.integers(0, 2), st.booleans()), max_size=10
    ),
    money=st.lists(st.integers(0, 99), min_size=4, max_size=4),
    seed=st.integers(0, 10**6),
)
def test_the_order_of_the_snapshot_does_not_show(rows, money, seed):
    payments = [
        queued(seq, pair[0], pair[1], amount, priority=priority, may_split=split)
        for seq, (pair, amount, priority, split) in enumerate(rows, 1)
    ]
    balances = dict(zip(NAMES, money, strict=True))
    first = propose(BATCH, Snapshot(9, "NOR", balances, tuple(payments)), solver=OrToolsFlow())
    random.Random(seed).shuffle(payments)
    backwards = dict(reversed(balances.items()))

    assert first == propose(BATCH, Snapshot(9, "NOR", backwards, tuple(payments)), solver=OrToolsFlow())


def test_a_queue_longer_than_a_bundle_is_cut_by_class_and_order(monkeypatch):
    monkeypatch.setattr(proposing, "LEGS_MAX", 2)
    payments = queued(1, "A", "B", 5), queued(2, "A", "C", 5), queued(3, "A", "B", 5, priority=0)
    fields = proposed({"A": 100, "B": 0, "C": 0}, *payments)

    assert [1, 2] == fields.seqs


def test_sums_beyond_64_bits_are_no_solvers_business():
    payments = queued(1, "A", "B", 2**62), queued(2, "B", "A", 2**62)
    fields = proposed({"A": 0, "B": 0}, *payments)

    assert [1, 1] == fields.seqs
    assert [] == fields.certificates


def test_a_snapshot_of_nothing_is_a_proposal_of_nothing():
    fields = proposed({})

    assert ([], [], []) == (fields.seqs, fields.parts, fields.fx)


@pytest.mark.parametrize("packed", [b"", b"\xc0", b"\x90"])
def test_what_is_no_snapshot_is_answered_in_words(packed):
    found = answer(msgspec.msgpack.encode((BATCH, "currency", packed)))
    batch_id, fields, words = msgspec.msgpack.decode(found)

    assert (BATCH, None) == (batch_id, fields)
    assert words


def test_the_process_answers_what_the_function_does():
    ring = queued(1, "A", "B", 100), queued(2, "B", "C", 80), queued(3, "C", "A", 70)
    snapshot = Snapshot(9, "NOR", dict.fromkeys("ABC", 0), ring)
    found = answer(msgspec.msgpack.encode((BATCH, "currency", pack(snapshot))))

    assert msgspec.msgpack.encode((BATCH, propose(BATCH, snapshot, solver=OrToolsFlow()), "")) == found
