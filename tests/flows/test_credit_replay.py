"""Credit in a network grown by commands alone: free days cost interest too, and a replay from row 1 ends alike."""

from fractions import Fraction

from steelyard.flows.credit import DrawFields, RepayFields
from steelyard.flows.credit_intraday import IntradayFields
from steelyard.flows.credit_member import MemberFields
from steelyard.flows.credit_swap import SwapFields
from steelyard.flows.currency import RulesFields
from steelyard.flows.fund import AdviceFields
from steelyard.flows.liquidity_facts import CreditCaseMoved, CreditInterest
from steelyard.flows.machine import Machine
from steelyard.flows.rates import RatesFields
from steelyard.values.instants import DAY, HOUR
from tests.members.network import BANKS, MEMBERS, START, Net, done, facts, network

ANNA, BRAM = BANKS["anna"], BANKS["bram"]
NOR, SUD = MEMBERS["NOR"], MEMBERS["SUD"]
FRIDAY = 4


def line_of(net: Net, kind: str, borrower: str):
    return net.world.credit.find(kind, NOR, borrower, "NOR")


def told(net: Net, kind: type) -> list:
    return [fact for _, applied in net.applied for fact in facts(applied.outcome, kind)]


def two_weeks_of_credit() -> Net:
    net = network()
    for asset, code, bank in (("NOR", "nor", ANNA), ("SUD", "sud", BRAM)):
        done(net.agent(asset, "currency.rules", RulesFields(asset, True, fund_on_advice=True)))
        done(net.do(f"k-{code}", "fund.advise", AdviceFields(asset, bank, 1_000_000, "A1")))
    done(net.do("p-op-1", "rates.put", RatesFields("test", net.at, (("NOR", "SUD", 7, 3, 1),))))
    done(net.agent("NOR", "credit.member", MemberFields("NOR", SUD, 10**8, 10, 455)))
    done(net.agent("NOR", "credit.swap", SwapFields("NOR", SUD, 10**8, 3, "SUD", 500, "test", 300)))
    repay_at = START // HOUR * HOUR + 6 * HOUR
    collateral = (("XS-BOND", 1_000, 100, 1, 1_000),)
    done(net.agent("NOR", "credit.intraday", IntradayFields("NOR", ANNA, 80_000, collateral, repay_at)))
    net.wait_until((START // DAY + FRIDAY) * DAY + 9 * HOUR)
    done(net.do("p-op-1", "rates.put", RatesFields("test", net.at, (("NOR", "SUD", 7, 3, 1),))))
    member, swap = line_of(net, "member", SUD), line_of(net, "swap", SUD)
    done(net.do("k-sud", "credit.draw", DrawFields(member.line_id, BRAM, 6_000_001)))
    done(net.do("k-sud", "credit.draw", DrawFields(swap.line_id, BRAM, 999)))
    net.wait_until((START // DAY + FRIDAY + 3) * DAY + 9 * HOUR)  # over a free weekend
    done(net.do("bram/maker", "credit.repay", RepayFields(member.line_id, 5_000_000)))
    net.check()
    net.wait(2 * DAY)
    return net


def test_free_days_cost_interest_too() -> None:
    net = network()
    done(net.agent("NOR", "credit.member", MemberFields("NOR", SUD, 10**8, 30, 455)))
    line = line_of(net, "member", SUD)
    net.wait_until((START // DAY + FRIDAY) * DAY + 9 * HOUR)
    done(net.do("k-sud", "credit.draw", DrawFields(line.line_id, BRAM, 6_000_001)))
    net.wait_until((START // DAY + FRIDAY + 3) * DAY + 9 * HOUR)

    owed = line.interest_of(line.account_no)
    assert Fraction(455 * 3 * 6_000_001, 3_600_000) == owed.minor + Fraction(owed.rest, 3_600_000)
    net.check()


def test_replay_from_row_1_ends_in_the_same_state_with_the_same_outcomes() -> None:
    net = two_weeks_of_credit()
    machine = Machine()

    for (command, applied), at in zip(net.applied, net.times, strict=True):
        again = machine.apply(command, at=at)
        assert (applied.outcome, applied.legs) == (again.outcome, again.legs)

    assert net.world.state_hash() == machine.world.state_hash()
    swap = line_of(net, "swap", SUD)
    assert ([], 0) == (swap.lots, net.balance(NOR, "SUD", "pledge"))
    assert [] == told(net, CreditCaseMoved)
    assert [0, 0] == [sum(one.minor for one in told(net, CreditInterest)), net.balance(NOR, "NOR", "fee")]
    assert 1_000_001 == line_of(net, "member", SUD).lots_minor
