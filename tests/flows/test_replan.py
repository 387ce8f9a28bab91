"""A calendar that changes under waiting payments: moved with notice, or rejected where they may not move."""

import pytest

from steelyard.flows import replan
from steelyard.flows.command import Code, Outcome
from steelyard.flows.diary import Diary
from steelyard.members.packs import Pack, digest_of
from steelyard.members.rulebook import content_of
from steelyard.payments.refusals import PaymentRefusal
from steelyard.values.calendars import Calendar, CalendarRow
from steelyard.values.instants import DAY, HOUR
from tests.flows.payworld import ANNA, ARNE, BRAM, START, Network, facts, moves, told

TODAY = START // DAY


def amended(net: Network, closed: tuple[int, ...], *, until: int = 17, asset: str = "NOR") -> Outcome:
    """Put a revision in which some dates are closed and the others open from 09:00 to `until`."""
    revision = net.world.calendars.latest(asset).revision + 1  # type: ignore[union-attr]
    rows = tuple(
        CalendarRow(
            on, on * DAY, on not in closed,
            () if on in closed else ((on * DAY + 9 * HOUR, on * DAY + until * HOUR),),
        )
        for on in range(TODAY - 1, TODAY + 30)
    )  # fmt: skip
    net.world.calendars.put(Calendar(asset, rows, {}, revision=revision, in_force_from=net.at))
    diary = Diary()
    replan.calendar_changed(net.world, diary, asset, net.at)
    outcome = Outcome(Code.DONE, 0, -1, tuple(diary.facts), tuple(diary.notices))
    net.outcomes.append(outcome)
    net.at += 1_000
    return outcome


@pytest.fixture
def net() -> Network:
    network = Network()
    amended(network, ())
    network.at = TODAY * DAY + 10 * HOUR
    network.fund(ANNA, "NOR", 100)
    return network


def test_a_payment_whose_date_is_closed_moves_to_the_next_with_notice(net: Network) -> None:
    uetr = net.pay(ANNA, BRAM, "NOR", 500)
    outcome = amended(net, (TODAY,))
    live = net.world.payments.live[uetr]

    assert (live.settlement_on, live.waits, live.not_before_at) == (
        TODAY + 1,
        3,
        (TODAY + 1) * DAY + 9 * HOUR,
    )
    assert told(outcome) == [(ANNA, "payment.queued")]
    assert outcome.notices[0].data[3] == "ACWC"
    assert live.due_at == (TODAY + 1) * DAY + 17 * HOUR
    net.check()
    net.fund(ANNA, "NOR", 400)
    assert net.state(uetr) == 4
    net.wait(DAY)
    assert net.state(uetr) == 9
    net.check()


def test_a_payment_that_may_not_move_is_rejected(net: Network) -> None:
    net.set(ANNA, outside_hours="refuse")
    uetr = net.pay(ANNA, BRAM, "NOR", 500)
    outcome = amended(net, (TODAY,))

    assert moves(outcome) == [(4, "REFUSED", 20)]
    record = net.world.payments.record(uetr)
    assert record is not None
    assert record.refusal == PaymentRefusal.DATE_IS_NO_BUSINESS_DAY.code
    net.check()


def test_an_earlier_cut_off_counts_for_what_waits(net: Network) -> None:
    uetr = net.pay(ANNA, BRAM, "NOR", 500)
    amended(net, (), until=12)
    assert net.world.payments.live[uetr].due_at == TODAY * DAY + 12 * HOUR
    net.check()
    net.wait(2 * HOUR)

    assert net.state(uetr) == 20


def test_a_payment_for_a_later_date_that_closes_moves_too(net: Network) -> None:
    uetr = net.pay(ANNA, BRAM, "NOR", 50, settlement_on=TODAY + 1)
    amended(net, (TODAY + 1, TODAY + 2))

    assert net.world.payments.live[uetr].settlement_on == TODAY
    assert net.world.payments.live[uetr].waits == 3
    net.tick()
    assert net.state(uetr) == 9
    net.check()


def test_what_is_offered_goes_on_and_other_currencies_are_left_alone(net: Network) -> None:
    net.set(BRAM, accepts_minor={})
    offered = net.pay(ANNA, BRAM, "NOR", 50)
    other = net.pay(ANNA, BRAM, "OST", 50)
    before = net.world.payments.live[other].due_at
    outcome = amended(net, (TODAY,))

    assert facts(outcome) == []
    assert net.world.payments.live[other].due_at == before
    net.answer(BRAM, offered, "accept")
    assert net.state(offered) == 9
    net.check()


def test_a_revision_that_changes_nothing_writes_nothing(net: Network) -> None:
    net.pay(ANNA, BRAM, "NOR", 500)

    assert facts(amended(net, ())) == []
    net.check()


def stepped(net: Network, step: int) -> None:
    """Let one act look at so many waiting payments."""
    content = content_of({"version": "2", "members": {"suspension_step": step}})
    net.world.packs.put(Pack("rulebook", "rulebook", "2", digest_of(content), content, net.at))


def test_many_waiting_payments_are_looked_at_in_steps_with_the_same_end() -> None:
    """Seven wait, two a step: one step with the revision, three ticks; over a snapshot in between too."""
    ends = []
    for step in (2, 2_000):
        net = Network()
        amended(net, ())
        net.at = TODAY * DAY + 10 * HOUR
        net.set(ARNE, outside_hours="refuse")
        stepped(net, step)
        waiting = [net.pay((ANNA, ARNE)[n % 3 == 1], BRAM, "NOR", 500 + n) for n in range(7)]
        other = net.pay(ANNA, BRAM, "OST", 50)
        first = amended(net, (TODAY,))
        net.machine.world.timers.load(list(net.world.timers.items()))
        looked = [len(facts(outcome)) for outcome in (first, *net.tick())]
        assert [count for count in looked if count] == ([2, 2, 2, 1] if step == 2 else [7])
        assert net.world.timers.next_due() != net.at
        live = net.world.payments.live
        ends.append(
            [
                (net.state(uetr), live[uetr].settlement_on, live[uetr].due_at, live[uetr].not_before_at)
                if uetr in live
                else (net.state(uetr),)
                for uetr in (*waiting, other)
            ]
        )
        net.check()

    assert ends[0] == ends[1]
    assert [4, 20, 4, 4, 20, 4, 4, 4] == [end[0] for end in ends[0]]


def test_until_its_step_comes_a_payment_moves_in_no_closed_hour() -> None:
    """Money arrives between the revision and the tick."""
    net = Network()
    amended(net, ())
    net.at = TODAY * DAY + 10 * HOUR
    stepped(net, 1)
    waiting = [net.pay(payer, BRAM, "NOR", 500) for payer in (ANNA, ARNE)]
    amended(net, (TODAY,))
    net.fund(ARNE, "NOR", 500)

    assert [4, 4] == [net.state(uetr) for uetr in waiting]

    net.tick()

    assert [TODAY + 1] * 2 == [net.world.payments.live[uetr].settlement_on for uetr in waiting]
    net.wait(DAY)
    assert [4, 9] == [net.state(uetr) for uetr in waiting]
    net.check()


def test_two_currencies_that_change_at_once_share_a_step() -> None:
    net = Network()
    for asset in ("NOR", "OST"):
        amended(net, (), asset=asset)
    net.at = TODAY * DAY + 10 * HOUR
    stepped(net, 2)
    waiting = [net.pay(ANNA, BRAM, asset, 500) for _ in range(4) for asset in ("NOR", "OST")]
    for asset in ("NOR", "OST"):
        amended(net, (TODAY,), asset=asset)

    assert [2, 2] == [len(facts(outcome)) for outcome in net.tick() if facts(outcome)]
    assert {TODAY + 1} == {net.world.payments.live[uetr].settlement_on for uetr in waiting}
    net.check()
