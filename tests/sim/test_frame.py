"""What no rule passes: no mechanism of the house settles more or waits less, whatever happens on the day."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.sim.book import Accounts, Money
from steelyard.sim.frame import frame, money_of
from steelyard.sim.jobs import run_one
from steelyard.sim.loop import run
from steelyard.sim.measures import delays, weigh
from steelyard.sim.mechanisms import STANDARD, Mechanism
from steelyard.sim.scenario import Scenario, ScenarioIsWrong, read
from steelyard.sim.sending import sending
from steelyard.sim.synthetic import Day

CLOSE_S = 3600
MECHANISMS = {
    **{name: one for name, one in STANDARD.items() if not one.fund},
    "guarded": Mechanism(entry="guarded", bilateral=True, split="all"),
    "exchange-split": Mechanism(entry="bypass", split="all", fx="reference"),
    "every-minute": Mechanism(entry="bypass", split="all", pool=True, batch_minutes=1),
}
rows = st.lists(
    st.tuples(
        st.integers(0, 2), st.integers(1, 2), st.integers(0, 1), st.integers(1, 200), st.integers(0, 2),
        st.integers(0, CLOSE_S),
    ),
    max_size=16,
)  # fmt: skip


def day_of(rows):
    """Give an hour of three banks and two currencies from rows (payer, step, currency, amount, priority, second)."""
    rows = sorted(rows, key=lambda row: row[5])
    payer, step, currency, minor, priority, at_s = np.array(rows, dtype=np.int64).reshape(-1, 6).T
    return Day(
        banks=("A", "B", "C"), bank_member=np.array([0, 1, 1]), members=("ONE", "TWO"), homes=("EUR", "NOR"),
        currencies=("EUR", "NOR"), payer=payer, payee=(payer + step) % 3, currency=currency, amount_minor=minor,
        priority=priority, at_s=at_s, close_s=CLOSE_S, source="by hand",
    )  # fmt: skip


@settings(deadline=None, max_examples=25)
@given(
    rows=rows, own=st.lists(st.integers(0, 150), min_size=6, max_size=6),
    names=st.lists(st.sampled_from(sorted(MECHANISMS)), min_size=3, max_size=3),
)  # fmt: skip
def test_no_mechanism_settles_more_or_waits_less(rows, own, names):
    """Per currency, pooled, and where banks exchange: each beside what could be made of the same money."""
    day = day_of(rows)
    plan = sending(day, Scenario())
    for mechanism in map(MECHANISMS.__getitem__, names):
        accounts = Accounts.of(day, pool=mechanism.pool)
        begins = [sum(own[n : n + 2]) for n in (0, 2, 4)] if mechanism.pool else own
        money = Money(list(begins), [0] * len(begins), [0] * len(begins))
        found = run(day, mechanism, money, plan)
        most = frame(day, accounts, money, plan, exchanged=money_of(mechanism) == "exchange")
        told = list(delays(day, found, plan))

        assert sum(minor * waited for minor, waited, _ in told) >= most.waited
        assert sum(minor * could for minor, _, could in told) == most.could
        assert int(found.amount_minor.sum()) <= most.bound_minor


TROUBLES = {
    "outage": 'at = "09:00"\nuntil = "12:00"\nkind = "outage"\nwho = "largest_net_payer"',
    "member leaves": 'at = "10:00"\nkind = "member_exits"\nwho = "WES"',
    "corridor": 'at = "09:00"\nuntil = "15:00"\nkind = "corridor_closed"\nwho = "SUD-OST"',
    "late money": 'at = "08:00"\nuntil = "14:00"\nkind = "late_funds"\nwho = "SUD"',
    "line ends": 'at = "12:00"\nkind = "provider_leaves"\nwho = "OST"',
}


@pytest.mark.parametrize("trouble", TROUBLES)
def test_what_goes_wrong_leaves_it_a_bound(trouble):
    """Limits, lines, money kept back and events only take away; late money counts from when it comes."""
    scenario = read(f"""
[world]
banks = 12
[data]
trade = "invented"
payments = 200
[limits]
bilateral_minor = 300_000_000
[credit]
cap_minor = 20_000_000
[behaviour]
kind = "threshold"
share = 0.5
[mechanism.split]
split = "all"
batch_minutes = 120
batch_gap_s = 0
[mechanism.pooled]
split = "all"
pool = true
batch_minutes = 120
batch_gap_s = 0
[mechanism.exchange]
multilateral = true
fx = "reference"
batch_minutes = 120
batch_gap_s = 0
[[event]]
{TROUBLES[trouble]}
""")
    for name in scenario.mechanisms:
        row = run_one(scenario, name, Decimal("-0.3")).row

        assert 0 < row.least_delay_index_milli <= row.delay_index_milli
        assert row.unsettled
        assert row.least_delay_s is None


def test_money_that_comes_late_raises_the_least_delay():
    """Three hours without the money of a member are three hours in which its payments wait."""
    plain = (
        '[world]\nbanks = 12\n[data]\ntrade = "invented"\npayments = 400\n[mechanism.split]\nsplit = "all"\n'
    )
    base, late = (
        run_one(read(f"{plain}[[event]]\n{TROUBLES[trouble]}" if trouble else plain), "split", Decimal(0)).row
        for trouble in ("", "late money")
    )

    assert base.least_delay_s + 600 < late.least_delay_s <= late.delay_s
    assert base.least_delay_s <= base.delay_s


def test_times_after_the_close_are_refused():
    """A drawn day closes at 18:00."""
    for text, said in (("at = '18:01'", "at: 18:01"), ("at = '09:00'\nuntil = '20:00'", "until: 20:00")):
        scenario = read(f"[[event]]\n{text}\nkind = 'late_funds'\nwho = 'A'\n")
        with pytest.raises(ScenarioIsWrong, match=rf"\[\[event\]\] 1: {said} is after the close .* 18:00"):
            sending(Day(**{**_columns(), "close_s": 36_000}), scenario)


def test_money_that_two_events_keep_comes_once():
    """When the last of them ends."""
    events = "".join(
        f"[[event]]\nat = '08:00'\nuntil = '{until}'\nkind = 'late_funds'\nwho = '{who}'\n"
        for until, who in (("08:30", "TWO"), ("08:20", "B"))
    )

    assert [(1800, 1), (1800, 2)] == sending(day_of([]), read(events)).late


def _columns():
    day = day_of([])
    return {name: getattr(day, name) for name in day.__dataclass_fields__}


@pytest.mark.parametrize(("minor", "count"), [(2**32 - 1, 1_000_000), (10**18 - 1, 4)])
def test_delays_of_a_long_day_sum_exactly(minor, count):
    """A million payments that wait a few hours, and few large ones."""
    assert minor * 36_000 * count == weigh(np.full(count, minor), np.full(count, 36_000))
