"""The course of a redemption: every step of `members/redemptions.py`, with its books, facts, clock and notices.

Nothing here decides whether a step may be taken. The notice `rtgs.payout` is the order to the RTGS; it is part
of the outcome that makes the redemption INSTRUCTED, so no withdrawal can cross it.
"""

from steelyard.engine.refusals import Refusal as EngineRefusal
from steelyard.flows import guard
from steelyard.flows.diary import Diary
from steelyard.flows.facts import RedemptionMoved
from steelyard.flows.timers import TimerKind
from steelyard.flows.world import World
from steelyard.members.calendars import REDEEM
from steelyard.members.redemptions import Redemption, RedemptionEvent, RedemptionState, step
from steelyard.values.instants import DAY, Instant

E, S = RedemptionEvent, RedemptionState
MS = 1_000_000


def move(
    world: World, diary: Diary, redemption: Redemption, event: RedemptionEvent, reason: str = ""
) -> None:
    """Take one step of the table and write it down; a step that is not there is our own fault."""
    after = step(redemption.state, event)
    if after is None:
        raise ValueError(f"{event} has no place in {redemption.state}")
    redemption.state, redemption.reason = after, reason
    world.money.put_redemption(redemption)
    if after not in (S.RESERVED, S.INSTRUCTED, S.OVERDUE):
        world.timers.cancel(TimerKind.REDEMPTION, redemption.id)
    diary.fact(
        RedemptionMoved(
            redemption.id, redemption.participant, redemption.asset, redemption.amount_minor, after.value, reason,
            redemption.bundle_id,
        )
    )  # fmt: skip
    if event is not E.QUERIED:
        diary.tell(redemption.participant, "redemption.moved", redemption.id, *told(redemption))


def told(redemption: Redemption) -> tuple[str | int, ...]:
    """Give what a notice says of a redemption: (asset, amount, participant, state, reason)."""
    return (
        redemption.asset, redemption.amount_minor, redemption.participant, redemption.state.value,
        redemption.reason,
    )  # fmt: skip


def instruct_or_wait(world: World, diary: Diary, redemption: Redemption, at: Instant) -> None:
    """Order the pay-out inside RTGS hours; else come back when they begin."""
    opens_at = world.calendars.opens_at(redemption.asset, REDEEM, at)
    if opens_at != at:
        due = opens_at if opens_at is not None else at + DAY
        world.timers.set(due, TimerKind.REDEMPTION, redemption.id)
        return
    redemption.instructed_at = at
    _wait(world, redemption, at, world.packs.rulebook(at).members.redeem_overdue_ms)
    move(world, diary, redemption, E.INSTRUCT)
    _to_agent(world, diary, redemption, "rtgs.payout")


def settle(
    world: World, diary: Diary, redemption: Redemption, event: RedemptionEvent, at: Instant, reason: str = ""
) -> EngineRefusal | None:
    """Book what the RTGS paid out, and let the next statement be compared with it.

    A freeze alone can stop it: then nothing is booked, and the answer to a later query finds it lifted.
    """
    act = world.engine.settle(int.from_bytes(redemption.bundle_id, "big"), at=at)
    if act.refusal is not None:
        assert act.refusal is EngineRefusal.RESERVATION_IS_FROZEN, act
        return act.refusal
    world.money.book(redemption.asset, redemption.id.hex(), -redemption.amount_minor, at)
    move(world, diary, redemption, event, reason)
    guard.lighter(world, redemption.participant, redemption.asset)
    return None


def release(
    world: World, diary: Diary, redemption: Redemption, event: RedemptionEvent, at: Instant, reason: str = ""
) -> None:
    """Give a redemption's money back to its participant. The caller works off what waits for it."""
    account_no = world.members.settlement_account(redemption.participant, redemption.asset)
    act = world.engine.release(int.from_bytes(redemption.bundle_id, "big"), at=at)
    assert act.refusal is None, act
    move(world, diary, redemption, event, reason)
    if account_no is not None:
        world.queues.push_work(account_no)


def release_reserved(world: World, diary: Diary, participant: str, *, at: Instant) -> None:
    """Release what a participant that may no longer send has only reserved; orders under way go on."""
    for redemption in world.money.under_way(participant):
        if redemption.state is S.RESERVED:
            release(world, diary, redemption, E.WITHDRAWN, at, "SUSPENDED")


def overdue(world: World, diary: Diary, redemption: Redemption, at: Instant, reason: str = "") -> None:
    """Note that an order is unanswered, or answered in a way that books nothing: ask, alarm, and keep it."""
    _wait(world, redemption, at, world.packs.rulebook(at).members.redeem_query_ms)
    move(world, diary, redemption, E.OVERDUE, reason)
    _to_agent(world, diary, redemption, "rtgs.query")
    _to_agent(world, diary, redemption, "redemption.overdue")


def look_again(world: World, asset: str, at: Instant) -> None:
    """Let what waits for RTGS hours look at them anew: the calendar has changed."""
    for redemption in list(world.money.redemptions.values()):
        if redemption.asset == asset and redemption.state is S.RESERVED:
            world.timers.set(at, TimerKind.REDEMPTION, redemption.id)


def on_timer_redemption(world: World, diary: Diary, subject: bytes, at: Instant) -> None:
    """Do what is due: order when the RTGS opens, note an overdue order, ask about it once more."""
    redemption = world.money.redemptions.get(subject)
    if redemption is None:
        return
    if redemption.state is S.RESERVED:
        instruct_or_wait(world, diary, redemption, at)
    elif redemption.state is S.INSTRUCTED:
        overdue(world, diary, redemption, at)
    elif redemption.state is S.OVERDUE:
        redemption.queries += 1
        _wait(world, redemption, at, world.packs.rulebook(at).members.redeem_query_ms)
        move(world, diary, redemption, E.QUERIED, redemption.reason)
        _to_agent(world, diary, redemption, "rtgs.query")


def _wait(world: World, redemption: Redemption, at: Instant, length_ms: int) -> None:
    """Let a time inside RTGS hours pass until the redemption is looked at again."""
    redemption.due_at = world.calendars.open_time(redemption.asset, REDEEM, at, length_ms * MS)
    world.timers.set(redemption.due_at, TimerKind.REDEMPTION, redemption.id)


def _to_agent(world: World, diary: Diary, redemption: Redemption, kind: str) -> None:
    member = world.members.member_of(redemption.asset)
    assert member is not None
    diary.tell(member.settlement_agent, kind, redemption.id, *told(redemption))
