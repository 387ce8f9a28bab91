"""Calendar revisions by command: who, when, and what they must reach."""

import pytest

from steelyard.engine.refusals import SettingRefusal
from steelyard.flows.calendar import CalendarFields
from steelyard.flows.currency import RulesFields
from steelyard.flows.facts import CalendarAmended
from steelyard.flows.fund import AdviceFields
from steelyard.flows.redeem import RedeemFields
from steelyard.flows.timers import TimerKind
from steelyard.members.refusals import MemberRefusal, PackRefusal
from steelyard.values.calendars import CalendarRow
from steelyard.values.instants import DAY, HOUR
from tests.members.network import BANKS, CLOSE, MONDAY, Net, done, facts, ready, refused, rows, told


@pytest.fixture
def net() -> Net:
    return ready()


def amend(net, revision=2, in_force_from=0, made=None, cutoffs=(), asset="NOR", always_open=False):
    made = rows() if made is None else made
    fields = CalendarFields(asset, revision, net.at, in_force_from, made, cutoffs, always_open)
    return net.agent(asset, "calendar.amend", fields)


def test_a_revision_is_kept_told_and_in_force_from_its_instant(net):
    from_at = net.at + 5 * DAY
    outcome = done(amend(net, in_force_from=from_at))

    assert [CalendarAmended("NOR", 2, from_at)] == facts(outcome, CalendarAmended)
    assert {(bic, "calendar.amended") for bic in BANKS.values()} <= set(told(outcome))
    assert (1, 2) == (
        net.world.calendars.of("NOR", from_at - 1).revision,
        net.world.calendars.of("NOR", from_at).revision,
    )
    net.check()


def test_one_person_amends_what_is_far_enough_away(net):
    def fields(from_at):
        return CalendarFields("NOR", 2, net.at, from_at, rows())

    assert refused(
        net.do("nor/1", "calendar.amend", fields(net.at + 2 * DAY - 1)), SettingRefusal.TWO_PEOPLE_NEEDED
    )
    done(net.do("nor/1", "calendar.amend", fields(net.at + 2 * DAY)))


@pytest.mark.parametrize("revision", [1, 0, -1])
def test_calendar_revision_must_rise(net, revision):
    assert refused(amend(net, revision), PackRefusal.CALENDAR_REVISION_MUST_RISE)


def row(on, *opens, starts=None):
    return CalendarRow(on, on * DAY if starts is None else starts, True, opens)


@pytest.mark.parametrize(
    ("made", "cutoffs"),
    [
        ((), ()),
        ((row(MONDAY), row(MONDAY + 2)), ()),
        ((row(MONDAY), row(MONDAY + 1, starts=MONDAY * DAY)), ()),
        ((row(MONDAY, (5, 3)),), ()),
        ((row(MONDAY, (3, 5), (5, 7)),), ()),
        (rows(), (("lunch", 5),)),
        (rows(), (("customer", -1),)),
        (rows(), (("customer", 24 * 60),)),
        (rows(), (("customer", 1), ("customer", 2))),
    ],
)
def test_calendar_is_malformed(net, made, cutoffs):
    assert refused(amend(net, made=made, cutoffs=cutoffs), PackRefusal.CALENDAR_IS_MALFORMED)


def test_calendar_is_too_short(net):
    """It must have begun when it comes into force, and reach eleven days on."""
    assert refused(amend(net, made=rows(11)), PackRefusal.CALENDAR_IS_TOO_SHORT)
    assert refused(amend(net, made=rows(60, first=MONDAY + 1)), PackRefusal.CALENDAR_IS_TOO_SHORT)
    done(amend(net, made=rows(13)))


def test_calendar_rewrites_the_past(net):
    assert refused(amend(net, in_force_from=net.at - DAY), PackRefusal.CALENDAR_REWRITES_THE_PAST)


def test_a_currency_can_be_open_always_and_then_needs_no_rows(net):
    done(amend(net, made=(), always_open=True))

    assert net.world.calendars.is_open("NOR", "redeem", net.at + 400 * DAY)


def test_nobody_amends_anothers_calendar(net):
    fields = CalendarFields("SUD", 2, net.at, 0, rows())

    assert refused(net.agent("NOR", "calendar.amend", fields), MemberRefusal.OBJECT_IS_NOT_YOURS)


def test_the_day_ends_where_the_new_calendar_says(net):
    before = net.world.timers.at(TimerKind.DAY_END, b"NOR")
    later = tuple(
        CalendarRow(
            one.on, one.starts_at + HOUR if one.on > MONDAY else one.starts_at, one.business, one.open
        )
        for one in rows()
    )
    done(amend(net, made=later))

    assert (before, before + HOUR) == ((MONDAY + 1) * DAY, net.world.timers.at(TimerKind.DAY_END, b"NOR"))


def test_what_waits_for_rtgs_hours_looks_at_the_new_ones(net):
    """Asked after hours; a longer day comes by revision; ordered with the next tick."""
    done(net.agent("NOR", "currency.rules", RulesFields("NOR", True, fund_on_advice=True)))
    done(net.do("k-nor", "fund.advise", AdviceFields("NOR", BANKS["anna"], 100, "A1")))
    net.wait_until(MONDAY * DAY + CLOSE)
    done(net.do("k-anna", "redeem", RedeemFields("NOR", 100)))
    (redemption,) = net.world.money.redemptions.values()

    assert "RESERVED" == redemption.state

    longer = tuple(
        CalendarRow(
            one.on, one.starts_at, one.business, tuple((start, end + 4 * HOUR) for start, end in one.open)
        )
        for one in rows()
    )
    done(amend(net, made=longer))
    net.tick()

    assert "INSTRUCTED" == redemption.state
