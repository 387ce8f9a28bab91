"""Payments with booked fees settle together like any other: the fees go with them, leg by leg, or they wait."""

import random
from typing import Any

import pytest
from msgspec.structs import replace

from steelyard.engine.limits import LimitKind
from steelyard.engine.records import unpack_all
from steelyard.engine.refusals import Refusal as EngineRefusal
from steelyard.flows import batch_propose, gridlock, queue_view
from steelyard.flows.diary import Diary
from steelyard.flows.queue import PriorityFields
from steelyard.liquidity.certificate import check, from_msgpack
from steelyard.liquidity.queues import Queues
from steelyard.liquidity.snapshot import Snapshot, pack
from steelyard.members.packs import Pack, digest_of
from steelyard.members.rulebook import content_of
from steelyard.payments.states import State
from steelyard.values.instants import MINUTE
from tests.flows.batches import Solver, calm, report, request, ring, same_state
from tests.flows.cycles import Cycles
from tests.flows.payworld import ANNA, ARNE, BRAM, CARL, CLEO, Network, is_refused
from tests.flows.test_pool import HOME, choose, transit

OPERATOR = "operator"
SCHEME = {"what": "scheme", "side": "payer", "keeper": OPERATOR, "fixed_minor": 5}
ARRIVAL = {"what": "arrival", "side": "payee", "keeper": OPERATOR, "fixed_minor": 3}
BANKS = (ANNA, BRAM, CLEO)


def charging(*fees: dict[str, Any], split: bool = True) -> Network:
    """Give a network that takes these fees, where any payment may be split."""
    net = Network()
    liquidity = {"split_above_minor": {"NOR": 0, "SUD": 0, "OST": 0}} if split else {}
    content = content_of({"version": "1", "payments": {"fees": list(fees)}, "liquidity": liquidity})
    net.world.packs.put(Pack("rulebook", "rulebook", "1", digest_of(content), content, 0))
    return net


def taken(net: Network, asset: str = "NOR") -> int:
    return net.balance(OPERATOR, asset, "fee")


def settled(net: Network, uetrs: list[bytes]) -> list[bool]:
    return [net.state(uetr) == State.SETTLED for uetr in uetrs]


def snapshot(net: Network) -> Snapshot:
    """Give the view of the queues, which is the same packed."""
    held = queue_view.hold(net.world, "NOR", net.at)
    assert pack(held.snapshot()) == pack(held.packed())
    return held.snapshot()


@pytest.mark.parametrize("machine", [False, True])
def test_a_ring_with_fees_settles_whole_where_each_can_pay_its_own(machine: bool) -> None:
    net = charging(SCHEME, split=False)
    solver = calm(net)
    uetrs = ring(net, 100, 100, 100)
    for bic in BANKS:
        net.fund(bic, "NOR", 5)
    assert [False] * 3 == settled(net, uetrs)
    if machine:
        assert 3 == gridlock.resolve(net.world, Diary(), "NOR", net.at)
    else:
        request(net)
        found = report(solver.answer())
        assert ("300", "300", True) == (found.settled, found.bound, found.proved)

    assert ([True] * 3, 15) == (settled(net, uetrs), taken(net))
    assert [0, 0, 0] == [net.balance(bic, "NOR") for bic in BANKS]
    if not machine:
        legs = [(leg.reference, leg.amount_minor) for leg in unpack_all(b"".join(net.legs))]
        mine = [[minor for uetr, minor in legs if uetr == int.from_bytes(one, "big")] for one in uetrs]
        assert [[100, 5]] * 3 == mine
    assert {} == net.world.queues.charged
    net.check()


def test_whose_fee_is_not_there_waits_and_nobody_else() -> None:
    """Cleo has 4 of 5: her payment stays out, and what the two others owe each other settles."""
    net = charging(SCHEME)
    solver = calm(net)
    uetrs = ring(net, 100, 100, 100)
    net.fund(CLEO, "NOR", 4)
    for bic in (ANNA, BRAM):
        net.fund(bic, "NOR", 5)
    uetrs.append(net.pay(CLEO, BRAM, "NOR", 50))
    view = snapshot(net)
    assert ({ANNA: 0, BRAM: 0, CLEO: 4}, 2) == (view.balances, len(view.payments))
    request(net)
    outcome = solver.answer()

    assert "0" == report(outcome).settled
    assert (0, 4) == (taken(net), net.balance(CLEO, "NOR"))
    net.check()


def test_two_set_each_other_off_with_their_fees_as_they_queue() -> None:
    net = charging(SCHEME, ARRIVAL)
    net.fund(ANNA, "NOR", 8)
    net.fund(BRAM, "NOR", 7)
    there = net.pay(ANNA, BRAM, "NOR", 100)
    back = net.pay(BRAM, ANNA, "NOR", 100)
    assert [False, False] == settled(net, [there, back])
    net.fund(BRAM, "NOR", 1)
    net.cancel(BRAM, back)
    last = net.pay(BRAM, ANNA, "NOR", 100)

    assert ([True, True], 16) == (settled(net, [there, last]), taken(net))
    assert (0, 0) == (net.balance(ANNA, "NOR"), net.balance(BRAM, "NOR"))
    net.check()


def test_fees_go_with_the_last_part_of_a_batch_and_with_no_other() -> None:
    net = charging(SCHEME)
    solver = calm(net)
    uetr = net.pay(ANNA, BRAM, "NOR", 100)
    net.fund(ANNA, "NOR", 60)
    request(net)
    solver.answer()
    assert (State.QUEUED, 45, 0) == (net.state(uetr), net.world.payments.live[uetr].open_minor, taken(net))
    net.fund(ANNA, "NOR", 44)
    back = net.pay(BRAM, ANNA, "NOR", 70)
    net.fund(BRAM, "NOR", 4)
    request(net)
    solver.answer()

    assert State.SETTLED == net.state(uetr)
    assert 5 * sum(settled(net, [uetr, back])) == taken(net)
    net.check()


def test_a_proposal_of_what_cannot_pay_its_fee_is_refused_whole() -> None:
    net = charging(SCHEME, split=False)
    solver = calm(net)
    uetrs = ring(net, 100, 100, 100)
    for bic in (ANNA, BRAM):
        net.fund(bic, "NOR", 5)
    net.fund(CLEO, "NOR", 4)
    request(net)
    seqs = sorted(net.world.payments.live[uetr].seq for uetr in uetrs)
    steps = [now - before for now, before in zip(seqs, [0, *seqs], strict=False)]
    before = same_state(net)
    outcome = solver.give(replace(solver.fields(), seqs=steps, parts=[], certificates=[]))

    assert is_refused(outcome, EngineRefusal.LIQUIDITY_IS_SHORT)
    assert before == same_state(net)
    solver.again()
    assert [ANNA, BRAM] == sorted(one.payer for one in solver.asked[-1][1].payments)
    net.check()


def test_money_kept_for_urgent_payments_pays_no_fee_of_a_normal_one() -> None:
    net = charging(SCHEME, split=False)
    solver = calm(net)
    uetrs = ring(net, 100, 100, 100)
    for bic in BANKS:
        net.fund(bic, "NOR", 5)
    account_no = net.world.members.accounts.settlement(ANNA, "NOR")
    net.world.reservations.put(account_no, 0, 1)
    assert [BRAM, CLEO] == sorted(one.payer for one in snapshot(net).payments)
    request(net)
    fields = solver.fields()
    net.world.reservations.put(account_no, 0, 0)
    assert [BRAM, CLEO] != sorted(one.payer for one in snapshot(net).payments)
    net.world.reservations.put(account_no, 0, 1)
    seqs = sorted(net.world.payments.live[uetr].seq for uetr in uetrs)
    steps = [now - before for now, before in zip(seqs, [0, *seqs], strict=False)]

    assert is_refused(
        solver.give(replace(fields, seqs=steps, parts=[], certificates=[])), EngineRefusal.LIQUIDITY_IS_SHORT
    )
    net.check()


def test_a_fee_account_that_is_stopped_keeps_its_payments_out_alone() -> None:
    net = charging(
        {**SCHEME, "keeper": OPERATOR, "asset": "NOR", "min_minor": 0, "fixed_minor": 0, "bp": 100}
    )
    solver = calm(net)
    free = ring(net, 40, 40, 40)  # a hundredth of it rounds to nothing
    dear = ring(net, 100, 100, 100)
    for bic in BANKS:
        net.fund(bic, "NOR", 1)
    fee_no = net.world.members.fee_account(OPERATOR, "NOR")
    net.world.engine.block(fee_no)
    request(net)
    solver.answer()

    assert ([True] * 3, [False] * 3) == (settled(net, free), settled(net, dear))
    net.world.engine.unblock(fee_no, people=2)
    request(net)
    solver.answer()
    assert ([True] * 3, 3) == (settled(net, dear), taken(net))
    net.check()


def test_a_payee_that_cannot_pay_its_fees_keeps_no_others_out() -> None:
    """Arne may get money and pay none: what he would get stays out, at the first try and with nobody else's."""
    net = charging(ARRIVAL, split=False)
    solver = calm(net)
    arne_no = net.world.members.accounts.settlement(ARNE, "NOR")
    assert arne_no is not None
    net.fund(ARNE, "NOR", 50)
    net.world.engine.block(arne_no, credits=False)
    stuck = net.pay(ANNA, ARNE, "NOR", 10)
    uetrs = ring(net, 100, 100, 100)
    for bic in BANKS:
        net.fund(bic, "NOR", 3)
    request(net)
    outcome = solver.answer()

    assert ("300", [True] * 3, False) == (
        report(outcome).settled,
        settled(net, uetrs),
        *settled(net, [stuck]),
    )
    net.check()


def test_who_counts_in_a_limit_keeps_its_own_fees_out_of_the_second_try() -> None:
    """104 may leave Cleo: her payment of 100 fits, with its fee it does not."""
    net = charging(SCHEME, split=False)
    solver = calm(net)
    uetrs = ring(net, 100, 100, 100)
    twin = net.pay(ANNA, BRAM, "NOR", 100), net.pay(BRAM, ANNA, "NOR", 100)
    for bic in BANKS:
        net.fund(bic, "NOR", 20)
    engine, cleo_no = net.world.engine, net.world.members.accounts.settlement(CLEO, "NOR")
    limit = engine.open_limit(LimitKind.FLOW, engine.asset_nos["NOR"], 104)
    assert isinstance(limit, int)
    assert engine.attach_limit(limit, [cleo_no]) is None
    request(net)
    refusal = solver.answer().refusal
    solver.again()
    outcome = solver.answer()

    assert EngineRefusal.LIMIT_WOULD_BE_EXCEEDED.code == refusal
    assert "200" == report(outcome).settled
    assert (2, False) == (sum(settled(net, [*twin, *uetrs])), *settled(net, uetrs[2:]))
    net.check()


@pytest.mark.parametrize("most", [1, 2, 3, 5, 8, 9])
def test_a_bundle_is_cut_by_legs_fees_counted_either_way_of_packing(most: int) -> None:
    net = charging(SCHEME, ARRIVAL)
    for bic in BANKS:
        net.fund(bic, "NOR", 7)
    ring(net, 100, 100, 100)
    ring(net, 50, 50, 50, priority=1)
    held = queue_view.hold(net.world, "NOR", net.at, most=most)
    found = held.snapshot()

    assert pack(found) == pack(held.packed())
    assert most // 3 == len(found.payments) or len(found.payments) < most // 3 <= 6
    assert all(one.priority == 1 for one in found.payments[:1])


def test_more_legs_than_a_bundle_holds_bring_the_next_batch_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (gridlock, batch_propose):
        monkeypatch.setattr(module, "MOST" if module is gridlock else "LEGS_MAX", 9)
    monkeypatch.setattr("steelyard.flows.batch.MOST", 9)
    net = charging(SCHEME, split=False)
    solver = calm(net)
    uetrs = [*ring(net, 100, 100, 100), *ring(net, 100, 100, 100)]
    for bic in BANKS:
        net.fund(bic, "NOR", 10)
    request(net)
    asked = len(solver.asked)
    solver.answer()
    assert (3, asked + 1) == (sum(settled(net, uetrs)), len(solver.asked))
    solver.answer()

    assert (6, 30) == (sum(settled(net, uetrs)), taken(net))
    net.check()


def test_a_cycle_leaves_them_to_their_queues() -> None:
    net = charging(SCHEME)
    cycles = Cycles(net=net)
    cycles.with_people()
    uetr = net.pay(ANNA, BRAM, "NOR", 100)
    net.set(ANNA, by_cycle=("NOR",))
    cycles.open()
    net.wait(MINUTE)

    assert ((), [uetr]) == (
        tuple(net.world.cycles.live[cycles.cycle_id].items),
        [item.uetr for item in net.world.queues.charged.values()],
    )
    net.fund(ANNA, "NOR", 105)
    assert State.SETTLED == net.state(uetr)


def test_a_pool_takes_them_with_their_fees() -> None:
    net = charging(SCHEME, split=False)
    net.rate("SUD", "NOR", 2, 1)
    net.rate("OST", "NOR", 20, 1)
    for bic, home in HOME.items():
        choose(net, bic, home=home)
    solver = Solver(net)
    net.fund(CLEO, "NOR", 30)
    for bic, asset in ((ANNA, "SUD"), (BRAM, "OST"), (CLEO, "NOR")):
        net.fund(bic, asset, 5)
    uetrs = [net.pay(ANNA, BRAM, "SUD", 301), net.pay(BRAM, CLEO, "OST", 30), net.pay(CLEO, ANNA, "NOR", 608)]
    request(net, "")
    solver.answer()

    assert ([True] * 3, [5, 5, 5]) == (
        settled(net, uetrs),
        [taken(net, each) for each in ("NOR", "SUD", "OST")],
    )
    assert 0 == sum(
        net.world.engine.balance(transit(net.world, each)).balance for each in ("NOR", "SUD", "OST")
    )
    net.check()


def test_many_are_booked_column_by_column_with_their_fees() -> None:
    """Each bank has money for the fees of 98 payments and of as many that come in: 294 settle, six stay queued."""
    net = charging(SCHEME, ARRIVAL, split=False)
    solver = calm(net)
    uetrs = [uetr for _ in range(100) for uetr in ring(net, 100, 100, 100)]
    for bic in BANKS:
        net.fund(bic, "NOR", 98 * 8)
    request(net)
    found = report(solver.answer())

    assert (294, 294 * 8) == (sum(settled(net, uetrs)), taken(net))
    assert (found.settled, True) == (found.bound, found.proved)
    assert 6 == len(net.world.queues.charged)
    net.check()


@pytest.mark.parametrize("seed", range(12))
def test_whatever_is_queued_books_and_bound_agree(seed: int) -> None:
    """Random queues, fees and money: what settled pays its fees to the unit, and no more than the bound settles."""
    dice = random.Random(seed)
    fees = [
        {**SCHEME, "fixed_minor": dice.randint(0, 4), "bp": dice.choice((0, 50))},
        {**ARRIVAL, "fixed_minor": dice.randint(0, 4)},
        {**ARRIVAL, "what": "own", "keeper": "", "fixed_minor": dice.randint(0, 2), "booked": bool(seed % 2)},
    ]
    net = charging(*fees, split=bool(dice.getrandbits(1)))
    solver = calm(net)
    uetrs = []
    for _ in range(dice.choice((12, 40))):
        payer, payee = dice.sample(BANKS, 2)
        uetrs.append(net.pay(payer, payee, "NOR", dice.randint(20, 120), priority=dice.choice((0, 2, 2))))
    for bic in BANKS:
        net.fund(bic, "NOR", dice.randint(0, 60))
    if dice.getrandbits(1):
        net.world.reservations.put(net.world.members.accounts.settlement(BRAM, "NOR"), 0, 20)
    snapshot(net)
    request(net)
    view = solver.asked[-1][1]
    assert isinstance(view, Snapshot)
    proposal = solver.fields()
    made = report(solver.give(proposal))

    assert made.proved
    assert int(made.settled) + int(made.parts) <= int(made.bound)
    assert [] == [fault for packed in proposal.certificates for fault in check(from_msgpack(packed), view)]
    assert Queues.decode(net.world.queues.encode()).charged == net.world.queues.charged
    live = net.world.payments.live
    whole = [uetr for uetr in uetrs if uetr not in live]
    paid = sum(
        leg.amount_minor
        for leg in unpack_all(b"".join(net.legs))
        if leg.reference in {int.from_bytes(uetr, "big") for uetr in whole}
        and leg.target == net.world.members.fee_account(OPERATOR, "NOR")
    )
    assert paid == taken(net)
    net.check()


def test_what_is_counted_as_queued_follows_a_fee_that_finds_its_account() -> None:
    """Queued while its fee had no account to go to, it was more than one leg and counted with its fee."""
    net = Network()
    net.mode("NOR", "fifo")
    accounts, watch = net.world.members.accounts, net.world.batches.watch("NOR")
    first = net.pay(ANNA, BRAM, "NOR", 10)
    content = content_of({"version": "1", "payments": {"fees": [SCHEME | {"keeper": CARL}]}})
    net.world.packs.put(Pack("rulebook", "rulebook", "1", digest_of(content), content, 0))
    account_no = accounts.settlement(CARL, "NOR")
    accounts.drop("settlement", CARL, "NOR")
    second = net.pay(ANNA, BRAM, "NOR", 100)
    assert 115 == watch.minor
    accounts.put("settlement", CARL, "NOR", account_no)
    net.give("queue.reprioritise", PriorityFields(second, 1), ANNA)

    assert 110 == watch.minor
    for uetr in (first, second):
        net.cancel(ANNA, uetr)
    assert (0, 0) == (watch.count, watch.minor)
