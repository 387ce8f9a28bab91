"""What an owner sets itself about its money in one currency: what it may lose, what it keeps, what it holds at most.

All of it is effective at once. What a new limit or cap lets go, goes in the same command; a limit below what is
used already stops what goes out from here on and takes nothing back.
"""

from msgspec import Struct

from steelyard.engine.accounts import CLOSED
from steelyard.engine.refusals import Refusal as EngineRefusal
from steelyard.flows import guard, parties, settle
from steelyard.flows.command import Command, Outcome
from steelyard.flows.diary import Diary, refused
from steelyard.flows.fields import Name
from steelyard.flows.liquidity_facts import FundsReserved, HoldingCapSet, OwnLimitSet
from steelyard.flows.world import World
from steelyard.liquidity.limits import OTHERS
from steelyard.liquidity.queue import ALL
from steelyard.liquidity.refusals import LiquidityRefusal
from steelyard.liquidity.reservations import HIGH, URGENT
from steelyard.members.refusals import MemberRefusal
from steelyard.values.amount import AMOUNT_END
from steelyard.values.instants import Instant

NONE = -1
"""In place of an amount: no limit, no cap."""


class LimitFields(Struct, array_like=True, frozen=True, gc=False):
    """What a payer may lose to one other (or to `*`: all others), net of the day, by normal payments."""

    asset: Name
    other: Name
    limit_minor: int


class ReservationFields(Struct, array_like=True, frozen=True, gc=False):
    """What a payer keeps for a class: 0 urgent, 1 high."""

    asset: Name
    priority: int
    amount_minor: int


class HoldingFields(Struct, array_like=True, frozen=True, gc=False):
    """How much of a currency the sender holds at most; `member`: all of its member's banks together."""

    asset: Name
    cap_minor: int
    member: bool = False


def set_limit(world: World, command: Command, fields: LimitFields, at: Instant) -> Outcome:
    """Set or take away a payer's own limit."""
    owner_no = parties.settlement_account(world, command.sender, fields.asset)
    if not owner_no:
        return refused(EngineRefusal.ACCOUNT_NOT_FOUND)
    is_other = fields.other != command.sender and fields.other in world.members.participants
    other_no = parties.settlement_account(world, fields.other, fields.asset) if is_other else OTHERS
    if fields.other != ALL and not other_no:
        return refused(LiquidityRefusal.COUNTERPARTY_NOT_FOUND)
    if not NONE <= fields.limit_minor < AMOUNT_END:
        return refused(LiquidityRefusal.LIMIT_MUST_NOT_BE_NEGATIVE)
    if fields.limit_minor == NONE:
        world.limits.drop(owner_no, other_no)
    else:
        world.limits.put(owner_no, other_no, fields.limit_minor, from_at=at)
    diary = Diary()
    diary.fact(OwnLimitSet(command.sender, fields.asset, fields.other, fields.limit_minor, at))
    world.queues.push_work(owner_no)
    settle.work(world, diary, at)
    return diary.done()


def reserve(world: World, command: Command, fields: ReservationFields, at: Instant) -> Outcome:
    """Keep money for a class of one's payments; more than is there is held as it comes in."""
    account_no = parties.settlement_account(world, command.sender, fields.asset)
    account = world.engine.account(account_no)
    if account is None:
        return refused(EngineRefusal.ACCOUNT_NOT_FOUND)
    if account.gate & CLOSED:
        return refused(LiquidityRefusal.ACCOUNT_BLOCKED)
    if not 0 <= fields.amount_minor < AMOUNT_END:
        return refused(LiquidityRefusal.LIMIT_MUST_NOT_BE_NEGATIVE)
    if fields.priority not in (URGENT, HIGH):
        return refused(LiquidityRefusal.RESERVATION_EXCEEDS_CLASS)
    world.reservations.put(account_no, fields.priority, fields.amount_minor)
    held = world.reservations.held(account_no, world.engine.balance(account_no).available)
    diary = Diary()
    diary.fact(
        FundsReserved(
            command.sender, fields.asset, fields.priority, fields.amount_minor, held[fields.priority]
        )
    )
    world.queues.push_work(account_no)
    settle.work(world, diary, at)
    return diary.done()


def cap_holding(world: World, command: Command, fields: HoldingFields, at: Instant) -> Outcome:
    """Set or take away a cap on what one holds; what waits for it tries again."""
    if fields.asset not in world.members.assets:
        return refused(MemberRefusal.CURRENCY_NOT_FOUND)
    holder = _holder(world, command.sender, member=fields.member)
    if holder is None:
        return refused(MemberRefusal.OBJECT_IS_NOT_YOURS)
    if not NONE <= fields.cap_minor < AMOUNT_END:
        return refused(LiquidityRefusal.LIMIT_MUST_NOT_BE_NEGATIVE)
    if fields.cap_minor == NONE:
        world.holdings.drop(holder, fields.asset)
    else:
        world.holdings.put(holder, fields.asset, fields.cap_minor)
    diary = Diary()
    diary.fact(HoldingCapSet(holder, fields.asset, fields.cap_minor))
    guard.tell(world, diary, holder, fields.asset)
    world.queues.push_all(guard.accounts_of(world, holder, fields.asset))
    settle.work(world, diary, at)
    return diary.done()


def _holder(world: World, sender: str, *, member: bool) -> str | None:
    """Give whose holding a sender may cap: its own, or as settlement agent its member's."""
    if not member:
        return sender if sender in world.members.participants else None
    mine = world.members.agents.get(sender)
    return None if mine is None else mine.code
