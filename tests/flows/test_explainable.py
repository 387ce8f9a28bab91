"""Who wants no optimiser: its payments stay out of proposals, and settle in each payer's order with every batch."""

import pytest
from msgspec.structs import replace

from steelyard.flows.batch_propose import ProposeFields
from steelyard.flows.choose import SettingsFields
from steelyard.payments.states import State
from tests.flows.batches import Solver, calm, report, request, ring, same_state, splitting
from tests.flows.payworld import ANNA, BRAM, CLEO, Network

S = State


def choose(net: Network, *banks: str, splits: bool = False) -> None:
    for bic in banks:
        outcome = net.give("participant.choose", SettingsFields(splits=splits, explainable=True), bic)
        assert outcome.code == 0, outcome


@pytest.fixture
def net() -> Network:
    return splitting()


@pytest.fixture
def solver(net: Network) -> Solver:
    return calm(net)


def test_payments_of_who_chose_so_settle_whole_beside_the_batch(net: Network, solver: Solver) -> None:
    choose(net, ANNA, BRAM, CLEO)
    uetrs = ring(net, 100, 100, 100)
    request(net)
    fields = solver.fields()
    outcome = solver.give(fields)

    assert [] == fields.seqs
    assert (0, 3) == (report(outcome).settled_count, report(outcome).left_count)
    assert {S.SETTLED} == {net.state(uetr) for uetr in uetrs}
    net.check()


def test_the_rule_lets_nobody_pass_and_splits_nothing(net: Network, solver: Solver) -> None:
    """A plan would settle 70 of each; the largest set in order is none."""
    choose(net, ANNA, BRAM, CLEO)
    uetrs = ring(net, 100, 80, 70)
    request(net)
    solver.answer()

    assert {S.QUEUED} == {net.state(uetr) for uetr in uetrs}
    assert {0} == {net.world.payments.live[uetr].settled_minor for uetr in uetrs}


def test_who_lets_payments_be_split_is_planned_for_like_others(net: Network, solver: Solver) -> None:
    choose(net, ANNA, BRAM, CLEO, splits=True)
    ring(net, 100, 80, 70)
    request(net)
    told = report(solver.answer())

    assert 210 == int(told.settled) + int(told.parts)


def test_a_proposal_made_before_the_choice_passes_over_its_payments(net: Network, solver: Solver) -> None:
    """Then all of the ring is passed over, and the rule settles Anna's part of nothing."""
    ring(net, 100, 100, 100)
    request(net)
    fields = solver.fields()
    choose(net, ANNA, BRAM, CLEO)
    told = report(solver.give(fields))

    assert (0, (0, 3)) == (told.settled_count, told.skipped)
    net.check()


def test_a_proposal_cannot_name_them(net: Network, solver: Solver) -> None:
    choose(net, ANNA, BRAM, CLEO)
    uetrs = ring(net, 100, 80, 70)
    request(net)
    honest: ProposeFields = solver.fields()
    seqs = sorted(net.world.payments.live[uetr].seq for uetr in uetrs)
    forged = replace(
        honest,
        seqs=[seqs[0], seqs[1] - seqs[0], seqs[2] - seqs[1]],
        parts=[(0, 70), (1, 70)],
        certificates=[],
    )
    before = same_state(net)["engine"]
    solver.give(forged)

    assert {S.QUEUED} == {net.state(uetr) for uetr in uetrs}
    assert before == same_state(net)["engine"]
