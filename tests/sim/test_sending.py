"""Behaviour and events: what is sent when, whom it hits, and that nothing happens where nothing is said."""

import numpy as np
import pytest

from steelyard.sim.jobs import run_one
from steelyard.sim.scenario import ScenarioIsWrong, read
from steelyard.sim.sending import NEVER, largest_net_payers, sending
from steelyard.sim.synthetic import standard_day
from steelyard.sim.trade import invented

BASE = """
[world]
banks = 12
[data]
trade = "invented"
payments = 1500
[liquidity]
alpha = 0
[mechanism.queue]
entry = "bypass"
multilateral = true
[mechanism.pool]
pool = true
multilateral = true
"""
DAY = standard_day(1, 1_500, banks=12, trade=invented())


def told(text):
    """Give the sending of the base day with something added."""
    return sending(DAY, read(BASE + text))


def row(text="", mechanism="queue"):
    """Give the row of a mechanism on the base day with something added."""
    scenario = read(BASE + text)
    return run_one(scenario, mechanism, scenario.alphas[0]).row


def test_prompt_is_as_planned():
    """Nothing moves; a share of nobody holds back nothing."""
    assert (told("").sent_s == DAY.at_s).all()
    assert row() == row('[behaviour]\nkind = "hold_back"\nshare = 0')


def test_holders_send_in_the_last_quarter():
    """A larger share holds whom a smaller one holds, and others too."""
    half, all_of_them = (told(f'[behaviour]\nkind = "hold_back"\nshare = {share}') for share in ("0.5", "1"))
    moved = half.sent_s != DAY.at_s

    assert (half.sent_s[moved] >= 27_000).all()
    assert 0 < moved.sum() < (all_of_them.sent_s != DAY.at_s).sum()
    assert (all_of_them.sent_s[moved] == half.sent_s[moved]).all()


def test_an_outage_stops_what_a_bank_sends_not_what_it_receives():
    """From its time on nothing of it is sent; with an end, all of it then."""
    bank = largest_net_payers(DAY, 1)[0]
    for_good = told('[[event]]\nat = "11:00"\nkind = "outage"\nwho = "largest_net_payer"')
    until = told('[[event]]\nat = "11:00"\nuntil = "13:00"\nkind = "outage"\nwho = "largest_net_payer"')
    mine = (DAY.payer == bank) & (DAY.at_s >= 10_800)
    during = mine & (DAY.at_s < 18_000)

    assert (mine == (for_good.sent_s == NEVER)).all()
    assert {"outage"} == {for_good.reason[n] for n in np.flatnonzero(mine)}
    assert (until.sent_s[during] == 18_000).all()
    assert (until.sent_s[~during] == DAY.at_s[~during]).all()


def test_a_closed_corridor_and_an_exit_take_what_waits_out_of_the_queue():
    """What is between the two members, or touches the one, is neither sent nor left waiting."""
    closed = told('[[event]]\nat = "10:00"\nkind = "corridor_closed"\nwho = "NOR-SUD"')
    left = told('[[event]]\nat = "10:00"\nkind = "member_exits"\nwho = "NOR"')
    nor, sud = DAY.members.index("NOR"), DAY.members.index("SUD")
    payer, payee = DAY.bank_member[DAY.payer], DAY.bank_member[DAY.payee]
    between = (payer == nor) & (payee == sud) | (payer == sud) & (payee == nor)

    assert (between == closed.withdrawals[0].payments).all()
    assert ((payer == nor) | (payee == nor)).tolist() == left.withdrawals[0].payments.tolist()
    assert ((closed.sent_s == NEVER) == between & (DAY.at_s >= 7_200)).all()


@pytest.mark.parametrize(
    "event",
    [
        'kind = "outage"\nwho = "largest_net_payer"',
        'kind = "outage"\nwho = "NOR"\nuntil = "16:00"',
        'kind = "corridor_closed"\nwho = "NOR-SUD"',
        'kind = "corridor_closed"\nwho = "NOR-SUD"\nuntil = "16:00"',
        'kind = "member_exits"\nwho = "SUD"',
        'kind = "late_funds"\nwho = "SUD"\nuntil = "15:00"',
    ],
)
def test_every_trouble_costs_something(event):
    """Less settles, or the same later; and with it gone the day is as before."""
    base, hit = row(), row(f'[[event]]\nat = "09:00"\n{event}')

    assert (hit.settled_minor, -hit.delay_index_milli) < (base.settled_minor, -base.delay_index_milli) or (
        hit.not_sent + hit.unsettled > 0
    )
    assert base == row()


def test_a_provider_that_leaves_takes_its_line_along():
    """What its line had paid before stays paid; after it nothing is paid out of it."""
    line = "[credit]\ncap_minor = 100000000\n"
    base = row(line + '[[event]]\nat = "17:59"\nkind = "provider_leaves"\nwho = "NOR01"')
    gone = row(line + '[[event]]\nat = "08:00"\nkind = "provider_leaves"\nwho = "NOR01"')

    assert gone.settled_minor <= base.settled_minor
    assert gone.delay_index_milli > base.delay_index_milli


def test_a_rate_jump_keeps_a_currency_out_of_the_pool_alone():
    """Its payments wait until its rate is confirmed; queues per currency do not look at rates."""
    jump = '[[event]]\nat = "09:00"\nuntil = "15:00"\nkind = "rate_jump"\nwho = "SUP"'

    assert row() == row(jump)
    assert row(jump, "pool").not_sent == 0
    assert row(jump, "pool") != row(mechanism="pool")


def test_holding_back_costs_the_others():
    """The game: with half of the banks holding back, value waits longer than if all are prompt."""
    held = row('[behaviour]\nkind = "hold_back"\nshare = 0.5')
    kept = row('[behaviour]\nkind = "threshold"\nshare = 0.5')

    assert held.settled_minor <= row().settled_minor
    assert kept.delay_index_milli > row().delay_index_milli


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ('kind = "outage"\nwho = "NOBODY"', r"\[\[event\]\] 1: who: there is no 'NOBODY' in this day"),
        ('kind = "corridor_closed"\nwho = "NOR"', "a corridor is written like BRA-CHN"),
        ('kind = "rate_jump"\nwho = "EUR"', "there is no 'EUR'"),
    ],
)
def test_whoever_is_not_there_is_refused(event, said):
    """Named by the number of the event."""
    with pytest.raises(ScenarioIsWrong, match=said):
        told(f'[[event]]\nat = "09:00"\n{event}')
