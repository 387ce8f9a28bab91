"""Days through the machine: what the algorithms alone say, and a journal that a node replays to the same state."""

from fractions import Fraction

import pytest

from steelyard.node.replay import prove
from steelyard.sim.book import Accounts, Money
from steelyard.sim.loop import run
from steelyard.sim.mechanisms import Mechanism
from steelyard.sim.money import bounds, endow
from steelyard.sim.scenario import ScenarioIsWrong, read
from steelyard.sim.sending import sending
from steelyard.sim.simulate import simulate
from steelyard.sim.synthetic import standard_day
from steelyard.sim.through import run_through
from steelyard.sim.trade import invented

BASE = """
[world]
banks = 8
[data]
trade = "invented"
payments = 300
[liquidity]
alpha = 0
"""
DAY = standard_day(1, 1_200, banks=12, trade=invented())


def both(mechanism, alpha, day=DAY, more="", *, through=True):
    """Run a day through the algorithms and through the machine."""
    scenario = read(BASE + more)
    accounts = Accounts.of(day, pool=False)
    money = endow(day, scenario, accounts, *bounds(day, accounts), Fraction(alpha))
    plan = sending(day, scenario)
    limits = scenario.limits
    return (
        run(day, mechanism, money, plan, limits),
        run_through(day, mechanism, money, plan, limits) if through else None,
    )


def told(found):
    """Give what settled when, and which batches there were, in an order of their own."""
    settled = zip(found.at_s.tolist(), found.payment.tolist(), found.amount_minor.tolist(), strict=True)
    batches = [
        (one.at_s, one.queued_minor, one.settled_minor, one.settled, one.parts) for one in found.batches
    ]
    return sorted(settled), sorted(batches)


@pytest.mark.parametrize(
    ("entry", "alpha"),
    [
        ("fifo", Fraction(0)),
        ("bypass", Fraction(-1, 2)),
        ("guarded", Fraction(-1, 2)),
        ("guarded", Fraction(0)),
    ],
)
def test_the_machine_settles_what_the_algorithms_settle(entry, alpha):
    """The same payments at the same times; each bank holds the same at the close; nothing is refused."""
    library, machine = both(Mechanism(entry=entry, bilateral=True), alpha)

    assert [] == machine.refused
    assert sorted(zip(library.at_s.tolist(), library.payment.tolist(), strict=True)) == sorted(
        zip(machine.run.at_s.tolist(), machine.run.payment.tolist(), strict=True)
    )
    assert library.open_minor.tolist() == machine.run.open_minor.tolist()
    assert library.closing.tolist() == machine.run.closing.tolist()


@pytest.mark.parametrize(
    ("more", "gap_s"),
    [({"multilateral": True}, 30), ({"multilateral": True}, 600), ({"split": "all"}, 600)],
)
def test_the_machine_runs_the_batches_of_the_algorithms(more, gap_s):
    """By the clock and by what happens: the same batches at the same times settle the same.

    Of plans with parts, as much: between equally good ones the solver chooses by names, which are not the same.
    """
    library, machine = both(Mechanism(entry="bypass", bilateral=True, batch_gap_s=gap_s, **more), Fraction(0))

    (settled, batches), (settled_there, batches_there) = told(library), told(machine.run)
    assert batches == batches_there
    assert "split" in more or settled == settled_there
    assert any(batch.at_s % 900 for batch in library.batches)


CASES = {
    "limits to one": "[limits]\nbilateral_minor = 300_000_000\n",
    "limits to all": "[limits]\nmultilateral_minor = 900_000_000\n",
    "lines": "[credit]\ncap_minor = 40_000_000\n",
    "threshold": '[behaviour]\nkind = "threshold"\nshare = 0.5\n',
    "late funds": '[[event]]\nat = "08:00"\nuntil = "11:00"\nkind = "late_funds"\nwho = "SUD"\n',
    "corridor": '[[event]]\nat = "10:00"\nuntil = "13:00"\nkind = "corridor_closed"\nwho = "NOR-SUD"\n',
    "exit": '[[event]]\nat = "12:30"\nkind = "member_exits"\nwho = "OST"\n',
    "line ends": "[credit]\ncap_minor = 40_000_000\n"
    '[[event]]\nat = "11:00"\nkind = "provider_leaves"\nwho = "WES"\n',
}


PLAIN, PLANNED = {"entry": "fifo"}, {"entry": "guarded", "multilateral": True}


@pytest.mark.parametrize(
    ("case", "more"),
    [*((case, PLANNED) for case in CASES), ("limits to one", PLAIN), ("late funds", PLAIN), ("exit", PLAIN)],
)
def test_what_happens_in_the_machine_is_what_happens_in_the_algorithms(case, more):
    """Limits, lines, money kept back or late, payments taken back and sent anew: by commands, to the same end."""
    mechanism = Mechanism(bilateral=True, **more)
    library, machine = both(mechanism, Fraction(0), more=CASES[case])
    plain = both(mechanism, Fraction(0), through=False)[0]

    assert [] == machine.refused
    assert told(library) == told(machine.run) != told(plain)
    assert library.open_minor.tolist() == machine.run.open_minor.tolist()
    for column in ("closing", "lowest"):
        assert getattr(library, column).tolist() == getattr(machine.run, column).tolist()


@pytest.mark.parametrize(("count", "more"), [(1, ""), (12, ""), (48, CASES["corridor"])])
def test_cycles_of_the_machine_are_those_of_the_algorithms(count, more):
    """Cut, planned, paid in as called and settled in one second; what is brought in is the lowest each would go."""
    scenario = read(BASE + more)
    mechanism, nothing = Mechanism(entry="cycle", cycles_per_day=count, fund=True), [0] * 12 * 4
    money, plan = Money(nothing, list(nothing), list(nothing)), sending(DAY, scenario)
    library, machine = run(DAY, mechanism, money, plan), run_through(DAY, mechanism, money, plan)

    assert [] == machine.refused
    assert told(library) == told(machine.run)
    assert 0 == machine.run.open_minor.sum()
    for column in ("closing", "lowest"):
        assert getattr(library, column).tolist() == getattr(machine.run, column).tolist()
    assert prove(machine.journal, after=0).state_hash == machine.machine.world.state_hash().hex()


@pytest.mark.parametrize("alpha", [Fraction(-1, 2), Fraction(1, 4)])
def test_what_cannot_settle_at_once_is_turned_back_where_nothing_queues(alpha):
    """The same payments settle, the same are refused, and nobody has anything left in a queue."""
    library, machine = both(Mechanism(entry="rtgs"), alpha)

    assert told(library) == told(machine.run)
    assert library.refused == machine.run.refused > 0
    assert library.open_minor.tolist() == machine.run.open_minor.tolist()
    assert not machine.machine.world.payments.live
    assert prove(machine.journal, after=0).state_hash == machine.machine.world.state_hash().hex()


def test_cycles_with_the_money_there_is_settle_what_was_paid_in_covers():
    """Nobody brings anything in: what a call lacks drops obligations, and the next cycle takes them again."""
    _, some = both(Mechanism(entry="cycle", cycles_per_day=12), Fraction(-3, 4))
    _, more = both(Mechanism(entry="cycle", cycles_per_day=12), Fraction(0))

    assert [] == some.refused == more.refused
    assert 0 < some.run.amount_minor.sum() < more.run.amount_minor.sum()
    for found in (some, more):
        assert found.run.opening.sum() == found.run.closing.sum()
        assert found.run.closing.min() >= 0
        assert prove(found.journal, after=0).state_hash == found.machine.world.state_hash().hex()


def test_a_day_on_which_everything_happens_replays_in_the_node():
    """Every row of the journal: lines, limits, reservations, money that comes late, payments taken back."""
    text = "".join(
        CASES[case] for case in ("limits to one", "threshold", "late funds", "corridor", "line ends")
    )
    _, machine = both(Mechanism(entry="guarded", bilateral=True, split="top1"), Fraction(-1, 2), more=text)

    assert prove(machine.journal, after=0).state_hash == machine.machine.world.state_hash().hex()
    assert [] == machine.refused


@pytest.mark.parametrize("more", [{}, {"multilateral": True}, {"split": "top1"}])
def test_the_journal_of_a_day_replays_in_the_node(more):
    """Every row from the first, every invariant, the same state; batches and the solver's proposals included."""
    _, machine = both(Mechanism(entry="guarded", bilateral=True, **more), Fraction(-1, 2))
    proof = prove(machine.journal, after=0)

    assert proof.state_hash == machine.machine.world.state_hash().hex()
    assert (machine.commands, machine.journal.read(0, limit=1)[0].seq) == (proof.commands, 1)
    assert bool(more) == bool(machine.run.batches)


def test_batches_of_the_machine_settle_what_the_queue_cannot():
    """With money at the lower bound everything settles by the close; parts only where they are allowed."""
    _, plain = both(Mechanism(entry="bypass", bilateral=True), 0)
    _, whole = both(Mechanism(entry="bypass", bilateral=True, multilateral=True), 0)
    _, parts = both(Mechanism(entry="bypass", bilateral=True, split="all"), 0)

    assert plain.run.open_minor.sum() > 0
    assert 0 == whole.run.open_minor.sum() == parts.run.open_minor.sum()
    assert (
        0 == sum(batch.parts for batch in whole.run.batches) < sum(batch.parts for batch in parts.run.batches)
    )


def test_a_pool_settles_by_the_machine_s_own_batches():
    """Money at the pool's lower bound, in home currencies alone: payments in others settle by exchange in batches."""
    day = standard_day(2, 400, banks=8, trade=invented())
    accounts = Accounts.of(day, pool=True)
    money = endow(day, read(BASE), accounts, *bounds(day, accounts), Fraction(0))
    plan = sending(day, read(BASE))
    found = run_through(day, Mechanism(entry="bypass", bilateral=True, split="all", pool=True), money, plan)

    assert prove(found.journal, after=0).state_hash == found.machine.world.state_hash().hex()
    assert [] == found.refused
    assert found.run.amount_minor.sum() == day.gross_minor
    assert sum(money.own) == found.run.closing.sum()
    assert any(batch.settled for batch in found.run.batches)


def test_lines_go_with_a_pool_in_home_currencies():
    """With half the money a line for each lets more settle, and nobody goes below it."""
    day = standard_day(2, 400, banks=8, trade=invented())
    accounts = Accounts.of(day, pool=True)
    mechanism = Mechanism(entry="bypass", bilateral=True, split="all", pool=True)
    found = []
    for text in ("", "[credit]\ncap_minor = 2000000\n"):
        scenario = read(BASE + text)
        money = endow(day, scenario, accounts, *bounds(day, accounts), Fraction(-1, 2))
        found.append(run_through(day, mechanism, money, sending(day, scenario)))
        assert [] == found[-1].refused
        assert prove(found[-1].journal, after=0).state_hash == found[-1].machine.world.state_hash().hex()

    assert found[0].run.amount_minor.sum() < found[1].run.amount_minor.sum()
    assert -2_000_000 <= found[1].run.closing.min() < 0 <= found[0].run.closing.min()


def test_a_scenario_goes_through_the_machine_as_through_the_algorithms():
    """The rows agree but for what the machine counts otherwise; two runs give the same."""
    scenario = read(BASE + '[mechanism.queue]\nentry = "bypass"\nbilateral = true\n')
    library, machine = (simulate(scenario, machine=through)[0].outcomes[0] for through in (False, True))

    assert library.series == machine.series
    assert library.row.delay_index_milli == machine.row.delay_index_milli
    assert machine == simulate(scenario, machine=True)[0].outcomes[0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('entry = "fifo"\n', "need bilateral = true"),
        ("bilateral = true\npool = true\n", "a pool is the solver's"),
        ('entry = "rtgs"\npool = true\n', "a pool settles in batches, and entry rtgs has none"),
        ('entry = "cycle"\ncycles_per_day = 4\npool = true\n', "a netting cycle neither pools nor exchanges"),
        (
            'entry = "cycle"\ncycles_per_day = 4\nsplit = "all"\nfx = "reference"\n',
            "neither pools nor exchanges",
        ),
        ('entry = "cycle"\ncycles_per_day = 4\nbilateral = true\n', "leaves nothing to offset"),
        ("bilateral = true\nmultilateral = true\nbatch_gap_s = 0\n", "batch_gap_s above 0"),
    ],
)
def test_what_the_machine_is_not_driven_through_is_refused(text, said):
    """Rather than simulated in part; each with the reason."""
    with pytest.raises(ScenarioIsWrong, match=said):
        simulate(read(f"{BASE}[mechanism.a]\n{text}"), machine=True)
