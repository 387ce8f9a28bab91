"""Statements of a reserve account with figures that no reserve account has."""

import pytest

from steelyard.engine.refusals import Refusal
from steelyard.flows.command import Code, Outcome
from steelyard.flows.reconcile import ClearFields, StatementFields
from steelyard.members.refusals import MemberRefusal, MoneyRefusal
from tests.members.network import Net, ready


@pytest.fixture
def net() -> Net:
    return ready()


def state(net: Net, name: str, closing: int, *items: tuple[str, int]) -> Outcome:
    return net.do("k-nor", "reconcile", StatementFields("NOR", name, net.at, closing, items))


@pytest.mark.parametrize(
    ("closing", "items"),
    [(2**64 - 1, ()), (-(2**63), ()), (0, (("a", 2**64 - 1),)), (0, (("a", 2**62), ("a", 2**62)))],
)
def test_a_statement_beyond_all_sums_is_refused_and_changes_nothing(
    net: Net, closing: int, items: tuple[tuple[str, int], ...]
) -> None:
    before = net.world.section("money")
    outcome = state(net, "S1", closing, *items)

    assert (outcome.code, outcome.refusal) == (Code.REFUSED, Refusal.LEG_AMOUNT_IS_TOO_LARGE.code)
    assert net.world.section("money") == before


def test_statement_after_statement_the_sums_stay_within_bounds(net: Net) -> None:
    codes = []
    for number in range(12):
        sign = 1 if number % 2 else -1
        outcome = state(net, f"S{number}", sign * 2**60, (f"x{number}", sign * 2**60))
        codes.append(outcome.code)
        if number % 3 == 2:
            assert (
                net.two("nor/1", "nor/2", "reconcile.clear", ClearFields("NOR", "LOOKED")).code == Code.DONE
            )
        assert len(net.world.state_hash()) == 32

    assert Code.DONE in codes


def test_a_refused_statement_leaves_no_trace(net: Net) -> None:
    for name, closing in (("S1", 0), ("S1", 0), ("", 0), ("S2", 2**63)):
        before = net.world.section("money")
        outcome = state(net, name, closing)

        assert outcome.code == Code.DONE or net.world.section("money") == before
        assert outcome.refusal in (
            0, MoneyRefusal.STATEMENT_IS_TAKEN.code, MoneyRefusal.REFERENCE_IS_MALFORMED.code,
            MemberRefusal.MEMBER_STATE_FORBIDS.code, Refusal.LEG_AMOUNT_IS_TOO_LARGE.code,
        )  # fmt: skip


def test_eight_thousand_items_that_nobody_knows_are_all_kept(net: Net) -> None:
    items = tuple((f"item-{number}", number + 1) for number in range(8_000))
    outcome = state(net, "S1", sum(amount for _, amount in items), *items)

    assert outcome.code == Code.DONE
    assert len(net.world.money.unlike) == 8_000
