"""Day ends: every account's statement gets the next number, on business days and only then."""

from steelyard.flows import day_end
from steelyard.flows.facts import DayEnded
from steelyard.values.calendars import Calendar, CalendarRow
from steelyard.values.instants import DAY, HOUR
from tests.flows.payworld import ANNA, BRAM, START, Network, facts

TODAY = START // DAY


def days(net: Network, asset: str = "NOR") -> list[DayEnded]:
    return [
        fact
        for outcome in net.outcomes
        for fact in facts(outcome)
        if isinstance(fact, DayEnded) and fact.asset == asset
    ]


def test_a_day_ends_where_the_next_date_starts_with_every_balance() -> None:
    net = Network()
    net.fund(ANNA, "NOR", 1_000)
    net.pay(ANNA, BRAM, "NOR", 300)
    day_end.schedule(net.world, "NOR", net.at)
    net.wait(DAY)
    (ended,) = days(net)
    by_name = {net.world.engine.accounts[no].name: (n, minor) for no, n, minor in ended.statements}  # type: ignore[union-attr]

    assert (ended.on, ended.closed_at) == (TODAY, (TODAY + 1) * DAY)
    assert by_name["ANNANOR0/NOR"] == (1, 700)
    assert by_name["BRAMSUD0/NOR"] == (1, 300)
    assert by_name["STAGNOR0/NOR/issuer"] == (1, 1_000)
    assert not any("/SUD" in name for name in by_name)
    net.check()


def test_numbers_follow_one_another_over_days_and_snapshots() -> None:
    net = Network()
    day_end.schedule(net.world, "NOR", net.at)
    net.wait(2 * DAY)
    other = net.again()
    other.wait(DAY)
    net.wait(DAY)

    assert [{number for _, number, _ in ended.statements} for ended in days(net)] == [{1}, {2}, {3}]
    assert days(net)[-1:] == days(other)
    assert net.world.state_hash() == other.world.state_hash()


def test_a_closed_date_has_no_statement_and_leaves_no_gap() -> None:
    net = Network()
    rows = tuple(
        CalendarRow(on, on * DAY + 3 * HOUR, on != TODAY + 1, ((on * DAY + 9 * HOUR, on * DAY + 17 * HOUR),))
        for on in range(TODAY - 1, TODAY + 4)
    )
    net.world.calendars.put(Calendar("NOR", rows, {}, revision=2, in_force_from=0))
    day_end.schedule(net.world, "NOR", net.at)
    net.wait(3 * DAY)

    assert [(ended.on, ended.statements[0][1]) for ended in days(net)] == [(TODAY, 1), (TODAY + 2, 2)]
    assert [ended.closed_at for ended in days(net)] == [
        (TODAY + 1) * DAY + 3 * HOUR, (TODAY + 3) * DAY + 3 * HOUR,
    ]  # fmt: skip


def test_days_that_were_slept_through_end_one_by_one() -> None:
    net = Network()
    day_end.schedule(net.world, "NOR", net.at)
    net.at += 3 * DAY
    net.tick()

    assert [ended.on for ended in days(net)] == [TODAY, TODAY + 1, TODAY + 2]


def test_where_the_calendar_ends_the_last_date_ends_a_day_later() -> None:
    net = Network()
    row = CalendarRow(TODAY, TODAY * DAY, True, ((TODAY * DAY, (TODAY + 1) * DAY),))
    net.world.calendars.put(Calendar("NOR", (row,), {}, revision=2, in_force_from=0))
    day_end.schedule(net.world, "NOR", net.at)
    net.wait(5 * DAY)

    assert [ended.on for ended in days(net)] == [TODAY]
    assert net.machine.next_due() is None
