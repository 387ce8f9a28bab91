"""Each amount is below 10^18, but nothing bounds how many wait: sums that 64 bits do not hold stop no node."""

import pytest

from steelyard.flows import batch_snapshot, day_end, queue_view
from steelyard.flows.facts import DayEnded
from steelyard.flows.liquidity_facts import PaceJudged
from steelyard.flows.own_rules import LimitFields
from steelyard.liquidity.claims import Claims
from steelyard.liquidity.pace import PaceRule
from steelyard.liquidity.snapshot import pack_any, unpack
from steelyard.payments.states import State
from steelyard.values.instants import DAY, MINUTE, SECOND
from tests.flows.batches import Solver, report, request, splitting
from tests.flows.payworld import ANNA, BRAM, CLEO, Network, facts, notices
from tests.flows.test_set_off import Circle

MOST = 10**18 - 1
COUNT = 60
PAIRS = ((ANNA, BRAM), (ANNA, CLEO))


@pytest.fixture(scope="module")
def net() -> Network:
    """Queue more than 2^64 minor units of one payer, without any money."""
    net = splitting()
    for number in range(COUNT):
        net.pay(*PAIRS[number % 2], "NOR", MOST)
    return net


def test_they_are_kept_in_a_snapshot(net: Network) -> None:
    watch = net.again().world.batches.watch("NOR")

    assert (COUNT, COUNT * MOST) == (watch.count, watch.minor)
    assert COUNT * MOST > 2**64


@pytest.mark.parametrize("solved", [True, False])
def test_a_batch_reports_them(net: Network, solved: bool) -> None:
    """Whether a solver answers or the machine does alone; what is left is told to its payer too."""
    net = net.again()
    solver = Solver(net)
    net.wait(10 * MINUTE)
    request(net)
    snapshot = batch_snapshot.to_send(net.world, next(net.world.batches.each_open()), net.at)
    assert COUNT == len(unpack(pack_any(snapshot.packed())).payments)
    outcome = solver.answer() if solved else net.wait(30 * SECOND)[-1]
    found = report(outcome)

    assert (COUNT, str(COUNT * MOST), str(COUNT * MOST)) == (found.queued_count, found.queued, found.left)
    assert ((ANNA, "NOR", "0", "0", str(COUNT * MOST)),) == found.participants
    assert str(COUNT * MOST) == notices(net, "batch.applied")[-1].data[3]
    assert net.again().world.batches.encode() == net.world.batches.encode()


@pytest.mark.parametrize("solved", [True, False])
def test_a_set_off_of_claims_reports_them(solved: bool) -> None:
    net = Circle()
    for number in range(COUNT):
        net.owed(*PAIRS[number % 2], MOST)
    net.request()
    net.check()
    assert sum(len(one.claims) for _, one in net.asked) == COUNT
    kept = net.world.claims.encode()
    assert Claims.decode(kept).encode() == kept
    outcome = net.propose() if solved else net.wait(30 * SECOND)[-1]
    found = report(outcome)

    assert (str(COUNT * MOST), str(COUNT * MOST), "0") == (found.queued, found.left, found.settled)


def test_a_day_of_them_is_counted_and_judged() -> None:
    net = Network()
    net.world.pace.put("NOR", PaceRule(((12 * 60, 5_000),), ((1, True, 0, 0),)))
    for number in range(COUNT):
        net.pay(*PAIRS[number % 2], "NOR", MOST)
    net = net.again()
    net.at = net.at // DAY * DAY + DAY
    for _ in range(20):
        net.fund(CLEO, "NOR", MOST)
    day_end.schedule(net.world, "NOR", net.at - DAY)
    told = [fact for one in net.tick() for fact in facts(one)]
    (judged,) = [fact for fact in told if isinstance(fact, PaceJudged)]
    (ended,) = [fact for fact in told if isinstance(fact, DayEnded)]

    assert (COUNT, str(COUNT * MOST), (str(COUNT * MOST),)) == (
        judged.submitted, judged.submitted_minor, judged.early
    )  # fmt: skip
    assert {0, 20 * MOST} == {int(closing) for _, _, closing in ended.statements}
    assert net.again().world.pace.encode() == net.world.pace.encode()


def test_a_holder_is_told_of_more_than_64_bits_hold() -> None:
    net = Network()
    for _ in range(20):
        net.fund(BRAM, "NOR", MOST)
    net.give("limit.own", LimitFields("NOR", BRAM, 5), ANNA)
    net.world.holdings.put(BRAM, "NOR", 5)
    net.fund(ANNA, "NOR", 1)
    net.pay(ANNA, BRAM, "NOR", 1)

    assert str(20 * MOST) == notices(net, "holding.reached")[-1].data[1]


def test_one_who_owns_more_than_64_bits_hold_still_has_his_queue_looked_at(net: Network) -> None:
    net = net.again()
    for _ in range(20):
        net.fund(BRAM, "NOR", MOST)
    uetr = net.pay(CLEO, BRAM, "NOR", MOST)
    view = queue_view.hold(net.world, "NOR", net.at)

    assert net.balance(BRAM, "NOR") > 2**64
    assert unpack(pack_any(view.packed())).payments == view.snapshot().payments
    assert State.QUEUED == net.state(uetr)
