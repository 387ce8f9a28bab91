"""The sandbox: moving a simulated clock. Under other profiles these addresses do not exist."""

import re

from steelyard.api import wire
from steelyard.api.call import Call, Reply, tell
from steelyard.api.gateway import OPEN_PROFILES
from steelyard.api.problems import ProblemError
from steelyard.api.route import Route
from steelyard.api.shape import unfit
from steelyard.api.wire import Faults
from steelyard.client.types import AdvanceAsked, Advanced, Fault
from steelyard.members.calendars import CUSTOMER
from steelyard.members.members import MemberState
from steelyard.node.own import ADVANCE
from steelyard.values.calendars import common_window
from steelyard.values.instants import HOUR, MINUTE, SECOND

_SPAN = re.compile(r"PT(?:(\d{1,4})H)?(?:(\d{1,5})M)?(?:(\d{1,6})S)?")


async def advance(call: Call) -> Reply:
    """Move the simulated clock, tick by tick through every deadline on the way."""
    asked, gateway = call.asked(AdvanceAsked), call.gateway
    if not gateway.is_simulated:
        raise ProblemError(
            "state-forbids", "the clock of this node is the system's", code="CLOCK_IS_THE_SYSTEMS"
        )
    now = await gateway.fresh_now()
    to = target(call, asked.to, now)
    if to is None:
        raise unfit([Fault("/to", "pattern", "cut_off, next_business_day, an instant, or PT15M", asked.to)])
    if to <= now:
        raise ProblemError("state-forbids", "a simulated clock moves forward", code="CLOCK_CANNOT_GO_BACK")
    found = await gateway.read(ADVANCE, to)
    if found.refusal:
        raise ProblemError("state-forbids", "the clock did not move")
    return tell(Advanced(at=wire.at_text(found.at_ns), seq=found.seq))


def target(call: Call, text: str, now: int) -> int | None:
    """Give the instant that a text means, None where it means none."""
    calendars = call.directory.calendars
    if text == "cut_off":
        closes = [calendars.closes_at(asset, CUSTOMER, now) for asset in calendars.assets()]
        return min((at for at in closes if at is not None and at > now), default=None)
    if text == "next_business_day":
        return next_opening(call, now)
    span = _SPAN.fullmatch(text)
    if span is not None and any(span.groups()):
        hours, minutes, seconds = (int(part or 0) for part in span.groups())
        return now + hours * HOUR + minutes * MINUTE + seconds * SECOND
    faults = Faults()
    at = wire.instant(text, faults, "/to")
    return at if not faults.found else None


def next_opening(call: Call, now: int) -> int | None:
    """Give when the next business day opens: of the currencies of all active members, the first common opening.

    It lies on a later business day of each of them. Where two never open together, it is the last one's opening.
    """
    members, calendars = call.directory.members, call.directory.calendars
    assets = [one.asset for one in members.members.values() if one.state is MemberState.ACTIVE]
    days = [calendars.next_days(asset, now, 1) for asset in assets]
    begins = max((found[0][1] for found in days if found), default=None)
    if begins is None:
        return None
    common = common_window([calendars.of(asset, now) for asset in assets], CUSTOMER, begins)
    if common is not None:
        return common.start
    opens = (calendars.opens_at(asset, CUSTOMER, begins) for asset in assets)
    return max((at for at in opens if at is not None), default=begins)


ROUTES = (
    Route(
        "POST", "/v1/sandbox/advance", "sandbox", advance, "Move the simulated clock", AdvanceAsked, Advanced,
        keyed=True, profiles=OPEN_PROFILES, is_journalled=False,
    ),
)  # fmt: skip
