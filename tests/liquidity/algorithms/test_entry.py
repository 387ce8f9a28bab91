"""A1 against a model that writes the three modes down as plainly as the rules say them."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.liquidity.algorithms.entry import MODES, WorkList, blocked, enter, scan, work
from steelyard.liquidity.line import Line
from steelyard.liquidity.queue import Queued
from tests.liquidity.algorithms.cases import networks, reservations


def naive(balances, payments, mode, reserved):
    """Follow the rules on lists, looking at everything every time."""
    left, queue, todo, settled = dict(balances), [], [], []
    kept = {account: list(pair) for account, pair in reserved.items()}

    def settle(payment):
        own = kept.get(payment.payer, [0, 0])
        usable = left[payment.payer] - sum(own[: payment.priority])
        if payment.amount_minor > usable:
            return False
        left[payment.payer] -= payment.amount_minor
        left[payment.payee] += payment.amount_minor
        if payment.priority < 2 and payment.payer in kept:
            own[payment.priority] = max(0, own[payment.priority] - payment.amount_minor)
        settled.append(payment.id)
        if payment.payee not in todo:
            todo.append(payment.payee)
        return True

    def look(account):
        stopped = set()
        for payment in sorted(queue, key=lambda one: (one.priority, one.seq, one.id)):
            if payment.payer != account or payment.priority in stopped:
                continue
            if settle(payment):
                queue.remove(payment)
            elif mode == "fifo":
                return
            elif mode == "guarded" and payment.priority < 2:
                stopped.add(payment.priority)

    for payment in sorted(payments, key=lambda one: one.seq):
        before = [one for one in queue if one.payer == payment.payer]
        waits = {
            "fifo": any(one.priority <= payment.priority for one in before),
            "bypass": False,
            "guarded": payment.priority < 2 and any(one.priority == payment.priority for one in before),
        }[mode]
        if waits or not settle(payment):
            queue.append(payment)
        while todo:
            look(todo.pop(0))
    waiting = sorted(queue, key=lambda one: (one.payer, one.priority, one.seq, one.id))
    return tuple(settled), left, tuple(one.id for one in waiting)


@settings(max_examples=300)
@given(network=networks(), mode=st.sampled_from(MODES), reserved=reservations())
def test_entry_follows_the_written_rules(network, mode, reserved):
    """Order of settlement, balances and queues are those of the model."""
    balances, payments = network

    entered = enter(balances, payments, mode=mode, reserved=reserved)

    assert naive(balances, payments, mode, reserved) == (entered.settled, entered.balances, entered.queued)


@pytest.mark.parametrize("mode", MODES)
def test_a_long_day_follows_the_rules_too(mode, monkeypatch):
    """Long queues in short blocks, so that they are cut and passed over."""
    monkeypatch.setattr("steelyard.liquidity.line.BLOCK", 8)
    rng = random.Random(7)
    names = [f"N{number}" for number in range(6)]
    balances = {name: rng.randrange(3_000) for name in names}
    reserved = {name: (rng.randrange(400), rng.randrange(400)) for name in names[:3]}
    payments = [
        Queued(f"p{seq}", *rng.sample(names, 2), rng.randrange(1, 2_000), rng.choice((0, 1, 2, 2, 2)), seq)
        for seq in range(1_500)
    ]

    entered = enter(balances, payments, mode=mode, reserved=reserved)

    assert naive(balances, payments, mode, reserved) == (entered.settled, entered.balances, entered.queued)
    assert len(entered.queued) > 150


@given(network=networks(), mode=st.sampled_from(MODES), reserved=reservations(), data=st.data())
def test_the_order_of_input_does_not_matter(network, mode, reserved, data):
    """Payments and balances shuffled give the same answer, to the order of its accounts."""
    balances, payments = network
    shuffled = data.draw(st.permutations(payments))
    names = data.draw(st.permutations(list(balances)))

    first = enter(balances, payments, mode=mode, reserved=reserved)
    second = enter({name: balances[name] for name in names}, shuffled, mode=mode, reserved=reserved)

    assert repr(first) == repr(second)


class Plain:
    """A keeper of queues in which some items never go, whatever the money."""

    def __init__(self, balances, payments, stuck):
        self.balances, self.stuck, self.todo, self.tried = dict(balances), stuck, WorkList(), []
        self.lines = {}
        for payment in payments:
            line = self.lines.setdefault((payment.payer, payment.priority), Line())
            line.put((payment.seq,), payment.amount_minor, payment)

    def line(self, account, priority):
        """Give a queue."""
        return self.lines.get((account, priority))

    def room(self, account, priority):
        """Give what may be used."""
        return self.balances[account]

    def go(self, item):
        """Settle what is not stuck and can be paid."""
        self.tried.append(item.id)
        if item.id in self.stuck or item.amount_minor > self.balances[item.payer]:
            return None
        self.balances[item.payer] -= item.amount_minor
        self.balances[item.payee] += item.amount_minor
        self.lines[item.payer, item.priority].remove((item.seq,))
        return (item.payee,)


@settings(max_examples=200)
@given(
    network=networks(),
    mode=st.sampled_from(MODES),
    stuck=st.sets(st.sampled_from([f"p{number}" for number in range(12)])),
    limit=st.integers(1, 4),
)
def test_work_cut_after_any_number_of_attempts_goes_on_where_it_was(network, mode, stuck, limit):
    """The attempts of many short runs are those of a long one, and no run makes more than it may."""
    balances, payments = network
    whole, cut = (Plain(balances, payments, stuck) for _ in range(2))
    for account in balances:
        whole.todo.push(account)
        cut.todo.push(account)

    made = work(whole, mode)
    while cut.todo:
        assert work(cut, mode, limit=limit) <= limit

    assert made == len(whole.tried)
    assert whole.tried == cut.tried
    assert whole.balances == cut.balances


def test_money_that_comes_while_a_scan_is_cut_lets_it_begin_again():
    """The account goes on the list once more: what was tried before is tried again, behind the rest of the scan."""
    payments = [Queued(f"p{seq}", "A", "B", 1, seq=seq) for seq in range(3)]
    keeper = Plain({"A": 3, "B": 0}, payments, {"p0"})
    keeper.todo.push("A")
    work(keeper, "bypass", limit=1)
    keeper.stuck = set()
    keeper.todo.push("A")
    work(keeper, "bypass")

    assert ["p0", "p1", "p2", "p0"] == keeper.tried
    assert {"A": 0, "B": 3} == keeper.balances


def test_a_scan_passes_over_what_cannot_be_paid():
    """Ten thousand payments above the funds cost no attempt."""
    payments = [Queued(f"p{seq}", "A", "B", 100, seq=seq) for seq in range(10_000)]
    keeper = Plain({"A": 99, "B": 0}, [*payments, Queued("small", "A", "B", 5, seq=20_000)], set())

    assert (1, None) == scan(keeper, "A", "bypass")
    assert ["small"] == keeper.tried


def test_an_urgent_payment_that_waits_holds_back_only_its_own_class_in_guarded_mode():
    """In fifo it holds back all, in bypass nobody."""
    keeper = Plain({"A": 0, "B": 0}, [Queued("p0", "A", "B", 5, priority=1)], set())

    assert [True, True, True] == [blocked(keeper, "A", each, "fifo") for each in (1, 2, 2)]
    assert not blocked(keeper, "A", 0, "fifo")
    assert [False, True, False] == [blocked(keeper, "A", each, "guarded") for each in (0, 1, 2)]
    assert not blocked(keeper, "A", 2, "bypass")


def test_what_is_reserved_for_urgent_payments_is_there_when_one_comes():
    """A normal and a high payment leave it alone; the urgent one uses it up, and it is gone."""
    payments = [
        Queued("normal", "A", "B", 41, priority=2, seq=0),
        Queued("high", "A", "B", 61, priority=1, seq=1),
        Queued("urgent", "A", "B", 70, priority=0, seq=2),
        Queued("small", "A", "B", 10, priority=2, seq=3),
    ]

    entered = enter({"A": 100, "B": 0}, payments, mode="guarded", reserved={"A": (40, 20)})

    assert ("urgent", "small") == entered.settled
    assert ("high", "normal") == entered.queued


def test_sums_above_64_bits_are_exact():
    """Integers of Python do not wrap."""
    big = 2**62 - 1
    payments = [
        Queued("a", "A", "B", big, seq=0),
        Queued("b", "A", "B", big, seq=1),
        Queued("c", "A", "B", 2, seq=2),
    ]

    entered = enter({"A": 2 * big + 1, "B": 5}, payments, mode="bypass")

    assert ("a", "b") == entered.settled
    assert {"A": 1, "B": 2 * big + 5} == entered.balances


@pytest.mark.parametrize(
    ("balances", "payments", "error"),
    [
        ({"A": 1.0, "B": 0}, [], TypeError),
        ({"A": 1, "B": 0}, [Queued("p", "A", "B", 1.5)], TypeError),
        ({"A": 1, "B": 0}, [Queued("p", "A", "B", -1)], ValueError),
        ({"A": 1, "B": 0}, [Queued("p", "A", "A", 1)], ValueError),
        ({"A": 1, "B": 0}, [Queued("p", "A", "X", 1)], ValueError),
        ({"A": 1, "B": 0}, [Queued("p", "A", "B", 1), Queued("p", "B", "A", 1)], ValueError),
    ],
)
def test_bad_input_is_an_error(balances, payments, error):
    """Floats, amounts not above 0, payer = payee, unknown accounts, ids twice."""
    with pytest.raises(error):
        enter(balances, payments)


@pytest.mark.parametrize(
    ("reserved", "error"),
    [({"A": (1.0, 0)}, TypeError), ({"A": (-1, 0)}, ValueError), ({"X": (1, 1)}, ValueError)],
)
def test_bad_reservations_are_an_error(reserved, error):
    """Whole amounts from 0, of known accounts; a mode is one of three."""
    with pytest.raises(error):
        enter({"A": 1, "B": 0}, [], reserved=reserved)
    with pytest.raises(ValueError, match="none of fifo"):
        enter({"A": 1, "B": 0}, [], mode="lifo")
