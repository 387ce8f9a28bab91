"""Collateral that is booked here: locked while a line names it, given back when the line lets it go."""

import pytest
from msgspec.structs import replace

from steelyard.engine.refusals import Refusal as EngineRefusal
from steelyard.flows.credit import NamedFields
from steelyard.flows.hand import EndFields, ReserveFields
from steelyard.liquidity.credit import LineKind
from steelyard.liquidity.refusals import LiquidityRefusal as R
from steelyard.values.instants import DAY, HOUR, MINUTE
from tests.flows.creditworld import BOND, NOR, OST, Credits, done, intraday
from tests.flows.payworld import ANNA, BRAM, is_refused


@pytest.fixture
def net() -> Credits:
    made = Credits()
    made.fund(ANNA, "SUD", 1_000)
    return made


def set_aside(net: Credits, minor: int = 600, *, owner: str = ANNA, until: int = DAY) -> bytes:
    """Let a bank set some of its SUD aside; give the reservation's id."""
    other = BRAM if owner == ANNA else ANNA
    fields = ReserveFields(f"{owner}/SUD", f"{other}/SUD", minor, net.at + until)
    known = set(net.world.engine.reservations)
    assert net.give("reserve", fields, owner).code == 0
    (number,) = set(net.world.engine.reservations) - known
    return number.to_bytes(16, "big")


def pledged(held: bytes = b"", quantity: int = 600) -> tuple[object, ...]:
    return ("SUD", quantity, 1, 2, 0, held)


def test_what_is_pledged_stays_locked_past_its_deadline_until_the_line_is_over(net: Credits) -> None:
    held = set_aside(net, until=HOUR)
    done(net.intraday(200, collateral=(pledged(held),)))
    net.wait(2 * HOUR)

    for name in ("reserve.release", "reserve.settle"):
        assert is_refused(net.give(name, EndFields(held), ANNA), R.COLLATERAL_IS_PLEDGED)
    assert 400 == net.available(ANNA, "SUD")
    line = net.line(LineKind.INTRADAY)
    net.copy()
    done(net.give("credit.close", NamedFields(line.line_id), NOR))
    assert 1_000 == net.available(ANNA, "SUD")
    assert [] == line.held
    net.check()


def test_a_line_that_is_closed_while_used_gives_back_when_it_is_repaid(net: Credits) -> None:
    held = set_aside(net)
    done(net.intraday(200, collateral=(pledged(held),)))
    net.pay(ANNA, BRAM, "NOR", 150)
    done(net.give("credit.close", NamedFields(net.line(LineKind.INTRADAY).line_id), NOR))

    assert 400 == net.available(ANNA, "SUD")
    net.wait(9 * HOUR)
    assert 400 == net.available(ANNA, "SUD")
    net.fund(ANNA, "NOR", 150)
    net.nudge()
    assert 1_000 == net.available(ANNA, "SUD")
    net.check()


def test_collateral_exchanged_by_two_people_is_given_back(net: Credits) -> None:
    first, second = set_aside(net, 300), set_aside(net, 500)
    done(net.intraday(200, collateral=(pledged(first, 300),)))
    alone = net.give("credit.intraday", intraday(net, 200, collateral=(BOND,)), NOR, actor=f"p-{NOR}-1")

    assert alone.code != 0
    done(net.intraday(200, collateral=(pledged(second, 500), BOND)))
    assert 500 == net.available(ANNA, "SUD")
    assert net.world.engine.reservation(int.from_bytes(first, "big")) is None
    net.check()


def test_what_is_booked_here_must_be_held_to_the_unit_by_its_owner(net: Credits) -> None:
    net.fund(BRAM, "SUD", 1_000)
    held, others = set_aside(net), set_aside(net, owner=BRAM)
    late = set_aside(net, 100, until=MINUTE)
    net.wait(MINUTE)
    for wrong in (
        (pledged(),), (pledged(held, 599),), (pledged(others),), (pledged(b"\1" * 16),), (pledged(held[1:]),),
        (pledged(held), pledged(held)), (pledged(late, 100),), (("XS-BOND", 600, 1, 1, 0, held),),
    ):  # fmt: skip
        assert is_refused(net.intraday(200, collateral=wrong), R.COLLATERAL_IS_NOT_HELD)
    done(net.intraday(200, collateral=(pledged(held),)))
    assert is_refused(net.intraday(200, collateral=(pledged(held),), bank=BRAM), R.COLLATERAL_IS_NOT_HELD)
    assert is_refused(
        net.give("reserve.release", EndFields(b"\2" * 16), ANNA), EngineRefusal.ORIGINAL_NOT_FOUND
    )


def test_one_reservation_locks_the_collateral_of_one_line(net: Credits) -> None:
    """OST's agent is shown what ANNA has pledged to NOR's already."""
    held = set_aside(net)
    done(net.intraday(200, collateral=(pledged(held),)))
    again = replace(intraday(net, 200, collateral=(pledged(held),)), asset="OST")

    assert is_refused(net.two(OST, "credit.intraday", again), R.COLLATERAL_IS_PLEDGED)


def test_money_that_waits_for_a_voyage_is_no_collateral(net: Credits) -> None:
    """The line could not take it before the voyage has come to its step."""
    held = set_aside(net)
    net.world.voyages.let_wait(held, bytes(16), "LOADING")

    assert is_refused(net.intraday(200, collateral=(pledged(held),)), R.COLLATERAL_IS_NOT_HELD)
