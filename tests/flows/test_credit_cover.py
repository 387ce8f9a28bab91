"""Cover of a cycle's shortage: the order of means, what is drawn by itself and how much, and giving it back."""

import pytest

from steelyard.flows.credit_cover import Cover, Draw, cover, undo
from steelyard.flows.diary import Diary
from steelyard.values.instants import DAY
from tests.flows.creditworld import Credits, done
from tests.flows.payworld import ANNA, BIRK, BRAM

CYCLE = b"cycle-0000000001"
UNITS = (("NOR", 3_000), ("OST", 40_000), ("SUD", 4_000))


@pytest.fixture
def net() -> Credits:
    network = Credits()
    network.rate("NOR", "SUD", 2, 1)
    return network


def covered(net: Credits, bank: str, need: int, *, cycle: bytes = CYCLE, units=()) -> Cover:
    number = net.world.members.settlement_account(bank, "NOR")
    made = cover(net.world, Diary(), number, need, at=net.at, cycle=cycle, units=units)
    net.at += 1_000
    return made


def parts(made: Cover) -> list[tuple[str, str, int]]:
    return [(draw.kind, draw.asset, draw.minor) for draw in made.draws]


def lines(net: Credits, member: int = 300, swap: int = 200) -> None:
    net.auto(net.member(1_000), member)
    net.auto(net.swap(1_000), swap)


def test_means_are_taken_in_their_fixed_order(net) -> None:
    done(net.intraday(150, bank=BRAM))
    lines(net)
    net.fund(BRAM, "NOR", 100)
    net.fund(BRAM, "SUD", 30)
    net.fund(BRAM, "OST", 2)

    made = covered(net, BRAM, 900, units=UNITS)

    assert [
        ("own", "NOR", 100),
        ("pool", "OST", 2),  # worth 26 and two thirds
        ("pool", "SUD", 30),  # worth 40
        ("intraday", "NOR", 150),
        ("member", "NOR", 300),
        ("swap", "NOR", 200),
    ] == parts(made)
    assert 900 - 100 - 26 - 40 - 150 - 300 - 200 == made.left_minor
    assert 100 + 300 + 200 == net.balance(BRAM, "NOR")
    net.check()


@pytest.mark.parametrize(
    ("need", "kinds"),
    [
        (0, []),
        (100, ["own"]),
        (101, ["own", "intraday"]),
        (251, ["own", "intraday", "member"]),
        (551, ["own", "intraday", "member", "swap"]),
    ],
)
def test_no_more_is_taken_than_is_needed_and_no_other_currency_without_worths(net, need, kinds) -> None:
    done(net.intraday(150, bank=BRAM))
    lines(net)
    net.fund(BRAM, "NOR", 100)
    net.fund(BRAM, "SUD", 10_000)

    made = covered(net, BRAM, need)

    assert (kinds, 0, need) == (
        [one.kind for one in made.draws],
        made.left_minor,
        sum(one.minor for one in made.draws),
    )


def test_nothing_is_drawn_by_itself_where_the_agent_has_not_said_so(net) -> None:
    net.member(1_000)
    net.swap(1_000)

    assert Cover((), 500) == covered(net, BRAM, 500)
    assert Cover((), 500) == covered(net, ANNA, 500)  # a bank of the lender's own member has no such line


def test_the_cap_is_each_cycles_and_counts_all_banks_of_the_member(net) -> None:
    net.auto(net.member(1_000), 300)

    assert [("member", "NOR", 200)] == parts(covered(net, BRAM, 200))
    assert [("member", "NOR", 100)] == parts(covered(net, BIRK, 200))
    last = covered(net, BIRK, 200)
    assert ([("own", "NOR", 100)], 100) == (parts(last), last.left_minor)
    next_one = covered(net, BIRK, 900, cycle=b"cycle-0000000002")
    assert [("own", "NOR", 100), ("member", "NOR", 300)] == parts(next_one)
    net.check()


def test_a_line_that_is_closed_or_too_old_or_full_is_passed_over(net) -> None:
    lines(net, member=5_000)
    line = net.line("member")
    done(net.draw(line, BRAM, 990))
    net.pay(BRAM, ANNA, "NOR", 990)
    assert [("member", "NOR", 10), ("swap", "NOR", 90)] == parts(covered(net, BRAM, 100))
    net.wait(10 * DAY)
    net.rate("NOR", "SUD", 2, 1)
    assert [("own", "NOR", 10)] == parts(covered(net, BRAM, 100))[:1]


def test_a_reserved_sum_is_no_own_fund(net) -> None:
    net.fund(BRAM, "NOR", 100)
    net.set(ANNA, accepts_minor={})
    net.pay(BRAM, ANNA, "NOR", 60)

    assert Cover(
        (Draw("own", "NOR", 40, account_no=net.world.members.settlement_account(BRAM, "NOR")),), 10
    ) == covered(net, BRAM, 50)


def test_what_a_cancelled_cycle_drew_is_given_back_whole(net) -> None:
    lines(net)
    before = net.balance(BRAM, "NOR")
    made = covered(net, BRAM, 450)
    assert before + 450 == net.balance(BRAM, "NOR")

    assert [] == undo(net.world, Diary(), made.draws, net.at)

    assert before == net.balance(BRAM, "NOR")
    assert [[], []] == [net.line(kind).lots for kind in ("member", "swap")]
    assert (0, 0) == (net.balance("STAGSUD0", "NOR", "line"), net.balance("STAGNOR0", "SUD", "pledge"))
    assert [("member", "NOR", 300)] == parts(covered(net, BRAM, 300))  # and is there again
    net.check()


def test_giving_back_ends_the_lot_that_was_drawn_not_an_older_one(net) -> None:
    net.auto(net.member(1_000), 300)
    done(net.draw(net.line("member"), BIRK, 40))
    made = covered(net, BRAM, 300)

    assert [] == undo(net.world, Diary(), made.draws, net.at)

    assert [(1, 40)] == [(lot.lot_no, lot.open_minor) for lot in net.line("member").lots]
    assert {net.world.members.settlement_account(BIRK, "NOR"): 40} == net.line("member").owed
    assert [("member", "NOR", 300)] == parts(covered(net, BRAM, 300))
    net.check()


def test_what_cannot_be_given_back_is_named(net) -> None:
    lines(net)
    made = covered(net, BRAM, 450)
    net.pay(BRAM, ANNA, "NOR", 400)

    failed = undo(net.world, Diary(), made.draws, net.at)

    assert [("swap", 150, "LIQUIDITY_IS_SHORT"), ("member", 300, "LIQUIDITY_IS_SHORT")] == [
        (draw.kind, draw.minor, refusal.name) for draw, refusal in failed
    ]
    net.check()
