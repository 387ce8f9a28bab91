"""Certificates: what is proved is accepted, any single change is seen, both written forms come back the same."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.liquidity.algorithms.flow import flow_bound
from steelyard.liquidity.algorithms.successive import SuccessivePaths
from steelyard.liquidity.certificate import (
    CertificateMalformed,
    check,
    from_json,
    from_msgpack,
    to_json,
    to_msgpack,
)
from steelyard.liquidity.queue import Queued
from steelyard.liquidity.snapshot import Snapshot
from steelyard.solve.flow import OrToolsFlow
from tests.liquidity.algorithms.flows import changed, queues

RING = (Queued("1", "A", "B", 100), Queued("2", "B", "C", 80), Queued("3", "C", "A", 70))
NOTHING = dict.fromkeys("ABC", 0)


def test_the_example_of_the_format():
    """Flow 70 all round; potentials 0, -1, -2, and -2 for the funds."""
    certificate = flow_bound(NOTHING, RING, solver=OrToolsFlow()).certificate

    assert ("*", "A", "B", "C") == certificate.nodes
    assert (-2, 0, -1, -2) == certificate.potential
    assert 210 == certificate.value
    assert [] == check(certificate, Snapshot(0, "XXX", NOTHING, RING))


@settings(max_examples=200, deadline=None)
@given(queues())
def test_both_solvers_prove_what_they_found(drawn):
    """With a snapshot and from the file alone."""
    balances, payments, limits = drawn
    snapshot = Snapshot(7, "XXX", balances, payments, limits)
    for solver in (OrToolsFlow(), SuccessivePaths()):
        bound = flow_bound(balances, payments, limits=limits, solver=solver, snapshot_seq=7)

        assert [] == check(bound.certificate)
        assert [] == check(bound.certificate, snapshot)


@settings(max_examples=400, deadline=None)
@given(drawn=queues(), data=st.data())
def test_any_single_change_is_seen(drawn, data):
    """Flow, bounds, reward, potential, constant or value: one figure other than it was, and it proves nothing."""
    balances, payments, limits = drawn
    bound = flow_bound(balances, payments, limits=limits, solver=OrToolsFlow())
    other = changed(bound.certificate, data.draw)

    assert [] != check(other, Snapshot(0, "XXX", balances, payments, limits))


def test_a_worse_flow_has_no_proof():
    """A flow of 60 all round conserves and adds up, but a unit more gains."""
    good = flow_bound(NOTHING, RING, solver=OrToolsFlow()).certificate
    arcs = tuple((*arc[:5], 60 if arc[4] else 0) for arc in good.arcs)
    worse = msgspec.structs.replace(good, arcs=arcs, value=180)

    assert [] != check(worse)


@given(st.integers(-(2**90), 2**90))
def test_written_forms_come_back(value):
    """Also where the value passes 64 bits."""
    good = flow_bound(NOTHING, RING, solver=SuccessivePaths()).certificate
    certificate = msgspec.structs.replace(good, value=value, constant=-value)

    assert certificate == from_json(to_json(certificate))
    assert certificate == from_msgpack(to_msgpack(certificate))


@given(st.integers(2**62, 2**90))
def test_arcs_and_potentials_of_any_size_come_back(more):
    """Value units at real rates pass 64 bits in the arcs, too; each number is written in one way only."""
    good = flow_bound(NOTHING, RING, solver=SuccessivePaths()).certificate
    arcs = tuple((*arc[:2], -more, more, arc[4], more - 1) for arc in good.arcs)
    potential = tuple(number - more for number in good.potential)
    certificate = msgspec.structs.replace(good, arcs=arcs, potential=potential)
    packed = to_msgpack(certificate)

    assert certificate == from_msgpack(packed)
    assert certificate == from_json(to_json(certificate))
    assert packed == to_msgpack(from_msgpack(packed))


@pytest.mark.parametrize(
    "number", ["70", "-1", "+9223372036854775808", "09223372036854775808", "", "x", "9" * 61]
)
def test_a_number_is_text_only_where_it_must_be(number):
    """Two ways to write one certificate would be two hashes of it."""
    good = flow_bound(NOTHING, RING, solver=SuccessivePaths()).certificate
    fields = msgspec.msgpack.decode(to_msgpack(good))
    fields["arcs"][3][0] = number

    with pytest.raises(CertificateMalformed):
        from_msgpack(msgspec.msgpack.encode(fields))


@pytest.mark.parametrize("data", [b"", b"{}", b"[1]", b'{"format": 1.5}', b"\xff", b"[" * 100_000])
def test_what_is_no_certificate_is_said_so(data):
    """Bytes of any kind raise the one error."""
    for read in (from_json, from_msgpack):
        with pytest.raises(CertificateMalformed):
            read(data)


def test_another_objective_is_no_claim_about_a_queue():
    """A proof of a bound does not become one of a class, or of an FX batch, by its name."""
    good = flow_bound(NOTHING, RING, solver=OrToolsFlow()).certificate
    for objective in ("class2", "class0", "matched_value"):
        other = msgspec.structs.replace(good, objective=objective)

        assert [] != check(other, Snapshot(0, "XXX", NOTHING, RING))


def test_structure_is_checked_first():
    """Arcs out of order or between no nodes, nodes twice, other formats."""
    good = flow_bound(NOTHING, RING, solver=OrToolsFlow()).certificate
    for fields in (
        {"format": "steelyard-certificate/2"},
        {"objective": "count"},
        {"nodes": ("*", "A", "A", "C")},
        {"potential": good.potential[:-1]},
        {"arcs": good.arcs[::-1]},
        {"arcs": (*good.arcs[:-1], (9, 0, 0, 1, 0, 0))},
        {"arcs": (*good.arcs, good.arcs[-1])},
    ):
        assert [] != check(msgspec.structs.replace(good, **fields))
