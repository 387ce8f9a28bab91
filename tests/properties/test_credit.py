"""Credit under any sequence of orders: books balance, lots are what is used, nothing is lent twice, replay is equal."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from steelyard.flows import credit_lines
from steelyard.flows.credit_swap import SwapFields
from steelyard.values.instants import HOUR
from tests.flows.creditworld import NOR, SUD, Credits, done
from tests.flows.payworld import ANNA, BIRK, BRAM

BANKS = st.sampled_from((BRAM, BIRK))
MINOR = st.integers(1, 400)
ACTS = st.one_of(
    st.tuples(st.just("draw"), st.sampled_from(("member", "swap")), BANKS, MINOR),
    st.tuples(st.just("repay"), BANKS, MINOR, st.booleans()),
    st.tuples(st.just("back"), st.integers(1, 6)),
    st.tuples(
        st.just("pay"), st.sampled_from(((BRAM, ANNA), (ANNA, BRAM), (BIRK, BRAM), (ANNA, BIRK))), MINOR
    ),
    st.tuples(st.just("wait"), st.integers(1, 40)),
    st.tuples(st.just("close"), st.sampled_from(("member", "swap", "intraday"))),
    st.tuples(st.just("cap"), st.integers(0, 900)),
)


def started() -> Credits:
    net = Credits()
    net.rate("NOR", "SUD", 7, 3)
    net.member(700, days=4, rate_bp=9_000)
    done(net.two(NOR, "credit.swap", SwapFields("NOR", SUD, 600, 2, "SUD", 250, rate_bp=7_000)))
    done(net.intraday(500, bank=BRAM, rate_bp=8_000))
    net.fund(ANNA, "NOR", 300)
    return net


def act(net: Credits, what: tuple) -> None:
    word, *rest = what
    lines = {
        kind: net.line(kind, BRAM if kind == "intraday" else "") for kind in ("member", "swap", "intraday")
    }
    match word:
        case "draw":
            net.draw(lines[rest[0]], rest[1], rest[2])
        case "repay":
            net.repay(SUD if rest[2] else rest[0], lines["member"], rest[1], rest[0])
        case "back" if (lot := lines["swap"].lot(rest[0])) is not None:
            bank = credit_lines.owner_of(net.world, lot.account_no)
            net.repay(bank, lines["swap"], lot.open_minor, lot_no=lot.lot_no)
        case "pay":
            net.pay(*rest[0], "NOR", rest[1])
        case "wait":
            net.wait(rest[0] * HOUR)
            net.rate("NOR", "SUD", 7, 3)
        case "close":
            net.close(lines[rest[0]])
        case "cap":
            done(net.member(rest[0], days=4, rate_bp=9_000) and net.nudge())


def hold(net: Credits) -> None:
    net.check()
    member, swap = net.line("member"), net.line("swap")
    assert member.lots_minor == max(0, -net.balance(SUD, "NOR", "line"))
    assert net.balance(NOR, "SUD", "pledge") == sum(lot.pledged_minor for lot in swap.lots)
    issued = net.world.engine.balance(net.world.members.issuer_account("NOR")).balance
    assert issued == 300 + swap.lots_minor
    assert sum(swap.owed.values()) == swap.lots_minor
    assert sum(member.owed.values()) >= 0
    assert [lot.opened_on for lot in member.lots] == sorted(lot.opened_on for lot in member.lots)
    for line in net.world.credit.every():
        assert all(lot.open_minor > 0 for lot in line.lots)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(ACTS, max_size=18))
def test_whatever_is_ordered_credit_stays_what_the_books_say(acts) -> None:
    net = started()
    other = net.copy()
    for what in acts:
        act(net, what)
        hold(net)
    for what in acts:
        act(other, what)
    again = net.copy()

    assert net.world.state_hash() == other.world.state_hash() == again.world.state_hash()
