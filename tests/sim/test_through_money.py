"""Days through the machine in which money is exchanged, pooled under own limits, or netted in parts."""

from decimal import Decimal
from fractions import Fraction
from functools import cache

import numpy as np
import pytest

from steelyard.node.replay import prove
from steelyard.sim.book import Accounts
from steelyard.sim.files import read_day
from steelyard.sim.founding import check
from steelyard.sim.mechanisms import NODE, STANDARD, Mechanism
from steelyard.sim.money import bounds, endow
from steelyard.sim.scenario import Columns, read
from steelyard.sim.sending import sending
from steelyard.sim.synthetic import standard_day
from steelyard.sim.through import run_through
from steelyard.sim.trade import invented
from tests.sim.test_through import BASE, CASES, both, told

POOLED = Mechanism(entry="bypass", bilateral=True, split="all", pool=True, batch_minutes=60, batch_gap_s=1800)
DAY = standard_day(2, 250, banks=8, trade=invented())


def replays(found):
    """Tell whether a node that replays the journal comes to the same state."""
    return prove(found.journal, after=0).state_hash == found.machine.world.state_hash().hex()


@pytest.mark.parametrize("case", ["", "threshold", "lines"])
def test_banks_exchange_in_the_machine_what_the_algorithms_exchange(case):
    """Orders of banks, a batch at reference rates, the batches by the clock: the same at the same seconds."""
    mechanism = Mechanism(entry="bypass", bilateral=True, multilateral=True, fx="reference")
    library, machine = both(mechanism, Fraction(-1, 2), more=CASES.get(case, ""))

    assert [] == machine.refused
    assert told(library) == told(machine.run)
    for column in ("closing", "lowest"):
        assert getattr(library, column).tolist() == getattr(machine.run, column).tolist()
    assert not machine.machine.world.fx_orders.orders
    assert replays(machine)


def test_exchange_lets_more_settle_whoever_plans():
    """In parts too, where between equally good plans the solver chooses by names that are not the same."""
    more = {"entry": "bypass", "bilateral": True, "split": "all"}
    library, machine = both(Mechanism(fx="reference", **more), Fraction(-1, 2))
    without = both(Mechanism(**more), Fraction(-1, 2), through=False)[0]
    settled, there = library.amount_minor.sum(), machine.run.amount_minor.sum()

    assert without.amount_minor.sum() * 1.05 < settled
    assert abs(int(settled) - int(there)) < settled // 100
    assert sum(batch.parts for batch in machine.run.batches)
    assert replays(machine)


@cache
def pooled(text, alpha=Fraction(-1, 2)):
    """Run a day through the machine's pool."""
    scenario = read(BASE + text)
    accounts = Accounts.of(DAY, pool=True)
    money = endow(DAY, scenario, accounts, *bounds(DAY, accounts), alpha)
    found = run_through(DAY, POOLED, money, sending(DAY, scenario), scenario.limits)
    assert [] == found.refused
    assert replays(found)
    return found.run


def most_net(found, *, of_each):
    """Give the largest net outflow of a bank in a currency at the close, to one other bank or to all."""
    size, width = len(DAY.banks), len(DAY.currencies)
    net = np.zeros((size, size, width), dtype=np.int64)
    place = found.payment
    payer, payee, currency = DAY.payer[place], DAY.payee[place], DAY.currency[place]
    np.add.at(net, (payer, payee, currency), found.amount_minor)
    np.subtract.at(net, (payee, payer, currency), found.amount_minor)
    return int((net if of_each else net.sum(axis=1)).max())


def test_a_pool_keeps_the_limits_of_banks_in_each_currency():
    """A plan that broke one is refused and made anew of what surely holds; nobody passes a limit by the close."""
    free = pooled("")
    to_one = pooled("[limits]\nbilateral_minor = 30_000_000\n")
    to_all = pooled("[limits]\nmultilateral_minor = 60_000_000\n")

    assert 30_000_000 >= most_net(to_one, of_each=True)
    assert 60_000_000 >= most_net(to_all, of_each=False)
    assert max(found.amount_minor.sum() for found in (to_one, to_all)) < free.amount_minor.sum()


def test_a_pool_keeps_back_what_a_threshold_does_until_it_is_free():
    """Of each bank's home currency, in which its morning's money is; so value waits longer."""
    free, kept = pooled(""), pooled('[behaviour]\nkind = "threshold"\nshare = 0.9\n')
    late = DAY.close_s - 3600

    assert kept.amount_minor[kept.at_s < late].sum() < free.amount_minor[free.at_s < late].sum()


def test_cycles_settle_in_parts_by_the_solver_s_plan():
    """Participants pay in what they have, and the plan of what is paid in cuts payments where it has to."""
    whole = both(Mechanism(entry="cycle", cycles_per_day=12), Fraction(-1, 2))[1].run
    library, parts = both(Mechanism(entry="cycle", cycles_per_day=12, split="all"), Fraction(-1, 2))
    settled, there = int(library.amount_minor.sum()), int(parts.run.amount_minor.sum())

    assert [] == parts.refused
    assert whole.amount_minor.sum() * 1.2 < there
    assert abs(settled - there) < settled // 50
    assert sum(batch.parts for batch in parts.run.batches) > 0 == sum(batch.parts for batch in whole.batches)
    assert parts.run.closing.min() >= 0
    assert parts.run.opening.sum() == parts.run.closing.sum()
    assert replays(parts)


def test_a_day_from_a_file_goes_through_the_machine(tmp_path):
    """Banks by any name, two currencies of one country, members that issue none: as the algorithms settle it."""
    names, codes = ("alpha", "GHAFAEA0", "d d", "e"), ("CNH", "CNY", "INR")
    rows = [
        f"{names[n % 4]},{names[(n + 1 + n % 3) % 4]},{codes[n % 7 % 3]},{1000 + 97 * n % 5000},{32_400 + 90 * n}"
        for n in range(300)
    ]
    path = tmp_path / "day.csv"
    path.write_text("payer,payee,currency,amount_minor,at\n" + "\n".join(rows) + "\n")
    day = read_day(path, Columns(), dict.fromkeys(codes, Decimal(1)))
    mechanism = Mechanism(entry="bypass", bilateral=True, multilateral=True, fx="reference")
    library, machine = both(mechanism, Fraction(-1, 2), day=day)

    assert [] == machine.refused
    assert told(library) == told(machine.run)


def test_a_day_of_many_clocks_ends_on_its_date_in_the_machine():
    """From the first member's opening to the last one's close are 21 hours: nothing is lost at midnight."""
    day = standard_day(1, 300, banks=20, zones=True)
    library, machine = both(
        Mechanism(entry="guarded", bilateral=True, multilateral=True), Fraction(0), day=day
    )

    assert 21 * 3600 == day.close_s
    assert told(library) == told(machine.run)
    assert 0 == machine.run.open_minor.sum()


def test_every_mechanism_of_the_table_has_one_that_a_node_runs():
    """But for the bypass queue alone, which is the one with offsets of pairs there; a pool of whole payments plans."""
    for mechanism in NODE.values():
        check(DAY, mechanism)

    assert STANDARD.keys() - NODE.keys() == {"bypass"}
    assert Mechanism(entry="bypass", bilateral=True, pool=True, split="none") == NODE["pooled"]
    assert STANDARD["net-4"] == NODE["net-4"]
