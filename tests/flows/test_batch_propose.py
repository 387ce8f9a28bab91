"""Proposals that a broken or hostile solver could make: each refused by name, and nothing changed by it."""

from collections.abc import Callable

import msgspec
import pytest

from steelyard.engine.refusals import Refusal as E
from steelyard.flows.batch_propose import ProposeFields
from steelyard.flows.own_rules import HoldingFields, LimitFields, ReservationFields
from steelyard.liquidity.certificate import from_msgpack, to_msgpack
from steelyard.liquidity.refusals import LiquidityRefusal as No
from steelyard.payments.states import State
from steelyard.values.instants import HOUR, MINUTE
from steelyard.values.refusal import Refusal
from tests.flows.batches import Solver, calm, report, request, ring, same_state, splitting
from tests.flows.payworld import ANNA, ARNE, BIRK, BRAM, CLEO, Network, is_refused

replace = msgspec.structs.replace
Tamper = Callable[[ProposeFields], ProposeFields]


@pytest.fixture
def net() -> Network:
    return splitting()


@pytest.fixture
def solver(net: Network) -> Solver:
    return calm(net)


def held(net: Network, solver: Solver, refusal: Refusal, fields: ProposeFields) -> None:
    """Propose, and find it refused by this name with the state as it was."""
    before = same_state(net)
    outcome = solver.give(fields)

    assert is_refused(outcome, refusal), outcome
    assert before == same_state(net)
    net.check()


def with_certificate(fields: ProposeFields, **changes: object) -> ProposeFields:
    changed = replace(from_msgpack(fields.certificates[0]), **changes)
    return replace(fields, certificates=[to_msgpack(changed), *fields.certificates[1:]])


TAMPERED: dict[str, tuple[Refusal, Tamper]] = {
    "another batch": (No.BATCH_NOT_REQUESTED, lambda f: replace(f, batch_id=bytes(16))),
    "another kind": (No.BATCH_NOT_REQUESTED, lambda f: replace(f, kind="pool")),
    "another snapshot": (No.BATCH_NOT_REQUESTED, lambda f: replace(f, snapshot_seq=f.snapshot_seq + 1)),
    "another currency": (No.BATCH_NOT_REQUESTED, lambda f: replace(f, assets=("SUD",))),
    "a part of nobody": (No.PROPOSAL_IS_MALFORMED, lambda f: replace(f, parts=[(99, 1)])),
    "parts out of order": (No.PROPOSAL_IS_MALFORMED, lambda f: replace(f, parts=f.parts[::-1])),
    "a part twice": (No.PROPOSAL_IS_MALFORMED, lambda f: replace(f, parts=[f.parts[0], f.parts[0]])),
    "exchange outside a pool": (No.PROPOSAL_IS_MALFORMED, lambda f: replace(f, fx=[(ANNA, "NOR", 1)])),
    "a runner-up in words": (No.PROPOSAL_IS_MALFORMED, lambda f: replace(f, runners_up=[("A6", "much")])),
    "a payment never queued": (No.PAYMENT_NOT_QUEUED, lambda f: replace(f, seqs=[1, *f.seqs])),
    "a payment twice": (No.PAYMENT_TWICE, lambda f: replace(f, seqs=[*f.seqs, 0])),
    "more than is open": (No.PART_EXCEEDS_OPEN, lambda f: replace(f, parts=[(0, 101), f.parts[1]])),
    "more than all money": (No.PART_EXCEEDS_OPEN, lambda f: replace(f, parts=[(0, 2**62), f.parts[1]])),
    "a part too small": (No.PART_BELOW_FLOOR, lambda f: replace(f, parts=[(0, 9), f.parts[1]])),
    "a rest too small": (No.PART_BELOW_FLOOR, lambda f: replace(f, parts=[(0, 991), f.parts[1]])),
    "a figure in other digits": (
        No.PROPOSAL_IS_MALFORMED, lambda f: replace(f, runners_up=[("A6", "\u0662\u00b2")])),
    "no certificate": (No.CERTIFICATE_MALFORMED, lambda f: replace(f, certificates=[b"\x01"])),
    "a certificate cut short": (
        No.CERTIFICATE_MALFORMED, lambda f: replace(f, certificates=[f.certificates[0][:-1]])),
    "a proof of another state": (
        No.CERTIFICATE_MALFORMED, lambda f: with_certificate(f, snapshot_seq=f.snapshot_seq - 1)),
    "a proof of another form": (No.CERTIFICATE_MALFORMED, lambda f: with_certificate(f, format="mine/1")),
    "an arc to nowhere": (
        No.CERTIFICATE_MALFORMED, lambda f: with_certificate(f, arcs=((0, 9, 0, 1, 1, 0),))),
    "money nobody has": (E.LIQUIDITY_IS_SHORT, lambda f: replace(f, parts=[])),
    "one payment of the ring": (E.LIQUIDITY_IS_SHORT, lambda f: replace(f, seqs=f.seqs[:1], parts=[])),
}  # fmt: skip


@pytest.mark.parametrize("how", TAMPERED)
def test_a_tampered_proposal_is_refused_by_name_and_changes_nothing(how: str) -> None:
    net = splitting()
    solver = calm(net)
    ring(net, 1_000, 800, 700) if how == "a rest too small" or how == "a part too small" else ring(
        net, 100, 80, 70
    )
    request(net)
    refusal, tamper = TAMPERED[how]

    held(net, solver, refusal, tamper(solver.fields()))
    assert "210" == report(solver.answer()).bound if "too small" not in how else solver.answer().code == 0


@pytest.mark.parametrize("spoiled", ["value", "flow", "potential", "capacity"])
def test_a_certificate_that_does_not_prove_leaves_the_batch_unproved(
    net: Network, solver: Solver, spoiled: str
) -> None:
    ring(net, 100, 80, 70)
    request(net)
    fields = solver.fields()
    held_proof = from_msgpack(fields.certificates[0])
    if spoiled == "value":
        fields = with_certificate(fields, value=held_proof.value + 1)
    elif spoiled == "potential":
        fields = with_certificate(fields, potential=(held_proof.potential[0] - 1, *held_proof.potential[1:]))
    else:
        full = next(place for place, arc in enumerate(held_proof.arcs) if arc[5] == arc[3] > 0)
        tail, head, lower, capacity, reward, flow = held_proof.arcs[full]
        more = {"capacity": capacity + 5, "flow": capacity}[spoiled]
        arc = (tail, head, lower, more, reward, flow - (spoiled == "flow"))
        fields = with_certificate(fields, arcs=(*held_proof.arcs[:full], arc, *held_proof.arcs[full + 1 :]))
    told = report(solver.give(fields))

    assert not told.proved
    assert "140" == told.parts


def test_more_settled_than_the_bound_says_is_unproved(net: Network, solver: Solver) -> None:
    ring(net, 100, 80, 70)
    other = calm(Network())
    request(other.net)
    nothing = from_msgpack(other.fields().certificates[0])
    request(net)
    fields = solver.fields()
    empty = replace(nothing, snapshot_seq=fields.snapshot_seq)
    told = report(solver.give(replace(fields, certificates=[to_msgpack(empty)])))

    assert (False, "0", 0) == (told.proved, told.bound, told.distance_bp)


@pytest.mark.parametrize(
    ("constant", "limited", "proved"),
    [
        (210, False, False),  # without limits nothing is earned by no flow
        (210, True, True),
        (251, True, False),  # more than was queued
    ],
)
def test_an_invented_proof_passes_no_further_than_its_figures_can_be(
    net: Network, solver: Solver, constant: int, limited: bool, proved: bool
) -> None:
    """The machine does not make the network anew; `proved` says no more than that a proof contradicts nothing."""
    if limited:
        assert net.give("limit.own", LimitFields("NOR", ARNE, 10), BIRK).code == 0
    ring(net, 100, 80, 70)
    request(net)
    fields = solver.fields()
    invented = with_certificate(fields, nodes=(), arcs=(), potential=(), constant=constant, value=constant)
    told = report(solver.give(replace(invented, certificates=invented.certificates[:1])))

    assert (str(constant), proved) == (told.bound, told.proved)


def test_a_payment_that_may_not_be_split_stays_whole(net: Network, solver: Solver) -> None:
    ring(net, 100, 80, 70, may_split=False)
    request(net)
    fields = solver.fields()
    assert [] == fields.seqs
    live = list(net.world.payments.live.values())
    seqs = [live[0].seq, live[1].seq - live[0].seq, live[2].seq - live[1].seq]

    held(net, solver, No.SPLIT_NOT_ALLOWED, replace(fields, seqs=seqs, parts=[(0, 70), (1, 70)]))


def test_a_payment_of_another_currency_is_a_stranger(net: Network, solver: Solver) -> None:
    foreign = net.pay(ANNA, BRAM, "SUD", 50)
    ring(net, 100, 80, 70)
    request(net)
    fields = solver.fields()

    held(
        net,
        solver,
        No.PAYMENT_NOT_QUEUED,
        replace(fields, seqs=[net.world.payments.live[foreign].seq], parts=[]),
    )


def test_a_payment_that_queued_after_the_snapshot_is_a_stranger(net: Network, solver: Solver) -> None:
    ring(net, 100, 80, 70)
    request(net)
    fields = solver.fields()
    late = net.world.payments.live[net.pay(ARNE, BIRK, "NOR", 50)]

    held(
        net, solver, No.PAYMENT_NOT_QUEUED,
        replace(fields, seqs=[*fields.seqs, late.seq - sum(fields.seqs)]),
    )  # fmt: skip


def test_a_plan_said_to_be_ordered_passes_over_nobody(net: Network, solver: Solver) -> None:
    first, second = net.pay(ANNA, BRAM, "NOR", 60), net.pay(ANNA, BRAM, "NOR", 50)
    net.pay(BRAM, CLEO, "NOR", 50)
    net.pay(CLEO, ANNA, "NOR", 50)
    request(net)
    seqs = {uetr: net.world.payments.live[uetr].seq for uetr in (first, second)}
    fields = replace(solver.fields(), seqs=[seqs[second], 1, 1], parts=[])

    held(net, solver, No.ORDER_WITHIN_PAIR_BROKEN, replace(fields, ordered=True))
    assert solver.give(fields).code == 0


def test_a_snapshot_that_is_too_old_is_refused() -> None:
    net = splitting(batch_answer_ms=3_600_000)
    solver = calm(net)
    ring(net, 100, 80, 70)
    request(net)
    fields = solver.fields()
    net.at += 2 * MINUTE + 1_000_000

    held(net, solver, No.SNAPSHOT_TOO_OLD, fields)
    assert net.at < net.world.timers.next_due() + HOUR


def test_a_limit_lowered_meanwhile_holds_on_the_final_state(net: Network, solver: Solver) -> None:
    uetrs = ring(net, 100, 80, 70)
    net.fund(ARNE, "NOR", 1)
    request(net)
    fields = solver.fields()
    assert net.give("limit.own", LimitFields("NOR", BRAM, 69), ANNA).code == 0

    held(net, solver, No.BILATERAL_LIMIT_WOULD_BE_EXCEEDED, fields)
    solver.again()
    told = report(solver.answer())
    assert ("207", "207", "210") == (str(int(told.parts) + int(told.settled)), told.bound, told.bound_free)
    assert 31 == net.world.payments.live[uetrs[0]].open_minor


def test_a_holding_cap_set_meanwhile_holds_on_the_final_state(net: Network, solver: Solver) -> None:
    net.pay(ANNA, BRAM, "NOR", 100)
    net.pay(BRAM, CLEO, "NOR", 60)
    request(net)
    net.fund(ANNA, "NOR", 50)
    solver.again()
    fields = solver.fields()
    assert net.give("holding.set", HoldingFields("NOR", 10), CLEO).code == 0

    held(net, solver, No.HOLDING_CAP_WOULD_BE_EXCEEDED, fields)


def test_money_reserved_for_urgent_payments_is_not_used_by_normal_ones(net: Network, solver: Solver) -> None:
    net.pay(ANNA, BRAM, "NOR", 100)
    net.fund(ANNA, "NOR", 60)
    request(net)
    fields = solver.fields()
    assert net.give("reservation.set", ReservationFields("NOR", 0, 40), ANNA).code == 0

    held(net, solver, E.LIQUIDITY_IS_SHORT, fields)


def test_nobody_but_the_node_proposes(net: Network, solver: Solver) -> None:
    ring(net, 100, 80, 70)
    request(net)
    outcome = net.give("batch.propose", solver.fields(), "operator", actor="k-operator")

    assert is_refused(outcome, E.SENDER_HAS_NO_RIGHT)


def test_an_empty_proposal_closes_the_batch(net: Network, solver: Solver) -> None:
    uetrs = ring(net, 100, 80, 70)
    request(net)
    told = report(solver.answer(seqs=[], parts=[]))

    assert (0, 3, "250", 10_000) == (told.settled_count, told.left_count, told.left, told.distance_bp)
    assert {State.QUEUED} == {net.state(uetr) for uetr in uetrs}
