"""Note which creditor agents are late: with the report of a credit, or with what they keep on suspense.

Money that settled stays settled, whatever is late. A late report is written down once per payment and told to
the creditor agent; what lies on suspense too long is told to the operator as well, every business day.
"""

from steelyard.flows import course, dates
from steelyard.flows.diary import Diary
from steelyard.flows.facts import CreditsLate
from steelyard.flows.timers import TimerKind
from steelyard.flows.world import World
from steelyard.payments.payment import Flag
from steelyard.payments.states import State
from steelyard.values.instants import Instant

STEP = 2_000


def on_timer_credited(world: World, diary: Diary, subject: bytes, at: Instant) -> None:
    """Look at the line of settled payments that is due, or at one amount on suspense."""
    if subject in course.LINES:
        _late_reports(world, diary, subject[0], at)
    else:
        _late_posting(world, diary, subject, at)


def _late_reports(world: World, diary: Diary, service: int, at: Instant) -> None:
    payments = world.payments
    late: dict[str, list[bytes]] = {}
    for uetr in payments.tracker.pop_due(service, at, limit=STEP):
        record = payments.record(uetr)
        if record is None or record.state != State.SETTLED:
            continue
        payments.change(uetr, record._replace(flags=record.flags | Flag.CREDIT_IS_LATE))
        late.setdefault(payments.name(record.creditor_agent), []).append(uetr)
    for bic in sorted(late):
        diary.fact(CreditsLate(bic, tuple(late[bic])))
        diary.tell(bic, "payment.credit_is_late", late[bic][0], len(late[bic]))
    following = payments.tracker.next_due(service)
    if following is not None:
        world.timers.set(following, TimerKind.CREDITED, course.LINES[service])


def _late_posting(world: World, diary: Diary, uetr: bytes, at: Instant) -> None:
    kept = world.payments.unposted.get(uetr)
    if kept is None:
        return
    for recipient in (kept.creditor_agent, "operator"):
        diary.tell(recipient, "payment.unposted_is_late", uetr, kept.asset, kept.amount_minor, kept.reason)
    world.timers.set(dates.next_day(world, kept.asset, at), TimerKind.CREDITED, uetr)
