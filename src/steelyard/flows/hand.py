"""Money moved by hand: between own accounts, set aside for another and settled or given back, moved back.

What is set aside by hand names itself as what it serves and always has a deadline of its own. Set aside for
another owner and settled it is a payment like any other: above the own line it takes two people, and it goes
only from who may send to who may receive. It may wait for a step of a voyage: then it settles after that alone.
"""

from msgspec import Struct

from steelyard.corridor.refusals import CorridorRefusal
from steelyard.engine.accounts import Account, AccountKind
from steelyard.engine.bundles import Bundle, Kind, Leg
from steelyard.engine.records import unpack_all
from steelyard.engine.refusals import Refusal as EngineRefusal
from steelyard.flows import deliveries, guard, pvp_cover, settle
from steelyard.flows.booking import bundle_id
from steelyard.flows.command import Command, Outcome
from steelyard.flows.credit_lines import LINE
from steelyard.flows.diary import Diary, refused
from steelyard.flows.fields import At, Id16, Key, Title, Word
from steelyard.flows.ledger import account_of, own_account
from steelyard.flows.world import World
from steelyard.liquidity.refusals import LiquidityRefusal
from steelyard.members.refusals import MemberRefusal, MoneyRefusal
from steelyard.values.refusal import Refusal

OWN_MOVES = (AccountKind.SETTLEMENT, AccountKind.FX, AccountKind.RESERVED, AccountKind.FEE)


class MoveFields(Struct, array_like=True, frozen=True):
    """An amount from one own account to another."""

    source: Title
    target: Title
    amount_minor: int


class ReserveFields(Struct, array_like=True, frozen=True):
    """An amount set aside from an own account for another account until a deadline (ns).

    With a voyage and a step of it, it is not settled before the voyage has come to that.
    """

    source: Title
    target: Title
    amount_minor: int
    deadline_at: At
    voyage: Key = b""
    after_step: Word = ""


class EndFields(Struct, array_like=True, frozen=True):
    """Which reservation of one's own; with `amount_minor` above 0 only so much of it is settled."""

    bundle_id: Id16
    amount_minor: int = 0


class ReverseFields(Struct, array_like=True, frozen=True):
    """Which bundle is moved back, its leg records from the journal, and how much of each leg."""

    original: bytes
    amounts: tuple[int, ...]


def move(world: World, command: Command, fields: MoveFields, at: int) -> Outcome:
    """Move between own accounts: settlement, fx, purposes."""
    pair = _pair(world, command, fields.source, fields.target, both_own=True)
    if isinstance(pair, Refusal):
        return refused(pair)
    participant = world.members.participant(command.sender)
    if participant is not None and not participant.sends:
        return refused(MemberRefusal.PARTICIPANT_STATE_FORBIDS)
    if pvp_cover.keeps(world, command.sender, pair[0].account_no, fields.amount_minor):
        return refused(pvp_cover.REFUSAL)
    number = bundle_id(command.id, world.commands, at)
    leg = Leg(pair[0].account_no, pair[1].account_no, fields.amount_minor)
    bundle = Bundle(number, Kind.TRANSFER, (leg,))
    act = world.engine.move(bundle, authority=[pair[0].owner_no], at=at)
    if act.refusal is not None:
        return refused(act.refusal, act.leg)
    return _worked(world, [pair[0].account_no, pair[1].account_no], at)


def reserve(world: World, command: Command, fields: ReserveFields, at: int) -> Outcome:
    """Set an amount aside from an own account until a deadline."""
    pair = _pair(world, command, fields.source, fields.target, both_own=False)
    if isinstance(pair, Refusal):
        return refused(pair)
    if _is_barred(world, pair[0], pair[1]):
        return refused(MemberRefusal.PARTICIPANT_STATE_FORBIDS)
    if fields.deadline_at <= at:
        return refused(EngineRefusal.DEADLINE_HAS_PASSED)
    if not deliveries.step_is_known(world, fields.voyage, fields.after_step):
        return refused(CorridorRefusal.VOYAGE_STEP_IS_UNKNOWN)
    if pvp_cover.keeps(world, command.sender, pair[0].account_no, fields.amount_minor):
        return refused(pvp_cover.REFUSAL)
    number = int.from_bytes(command.id, "big")
    leg = Leg(pair[0].account_no, pair[1].account_no, fields.amount_minor)
    bundle = Bundle(number, Kind.PURPOSE, (leg,), reference=number, deadline_at=fields.deadline_at)
    act = world.engine.check_reserve(bundle, authority=[pair[0].owner_no], at=at)
    if act.refusal in (None, EngineRefusal.LIQUIDITY_IS_SHORT) and (
        world.engine.made.get(pair[0].owner_no, 0) >= world.packs.rulebook(at).members.reservations_max
    ):
        return refused(EngineRefusal.OWNER_RESERVES_TOO_MUCH)
    if act.refusal is None:
        act = world.engine.reserve(bundle, authority=[pair[0].owner_no], at=at)
    if act.refusal is not None:
        return refused(act.refusal, act.leg)
    if fields.voyage:
        world.voyages.let_wait(command.id, fields.voyage, fields.after_step)
    return Diary().done()


def end_by_settling(world: World, command: Command, fields: EndFields, at: int) -> Outcome:
    """Settle an own reservation, whole or in part; the rest is given back."""
    held = _reserved(world, command, fields.bundle_id)
    if isinstance(held, Refusal):
        return refused(held)
    ends = [world.engine.accounts[number] for number in held]
    if ends[0] is None or ends[1] is None or _is_barred(world, ends[0], ends[1]):
        return refused(MemberRefusal.PARTICIPANT_STATE_FORBIDS)
    if world.voyages.is_waited_for(fields.bundle_id):
        return refused(CorridorRefusal.VOYAGE_STEP_IS_MISSING)
    amounts = (fields.amount_minor,) if fields.amount_minor else None
    act = world.engine.settle(int.from_bytes(fields.bundle_id, "big"), amounts, at=at)
    return refused(act.refusal, act.leg) if act.refusal is not None else _ended(world, fields, held, at)


def end_by_releasing(world: World, command: Command, fields: EndFields, at: int) -> Outcome:
    """Give an own reservation back."""
    held = _reserved(world, command, fields.bundle_id)
    if isinstance(held, Refusal):
        return refused(held)
    act = world.engine.release(int.from_bytes(fields.bundle_id, "big"), at=at)
    return refused(act.refusal, act.leg) if act.refusal is not None else _ended(world, fields, held, at)


def reverse(world: World, command: Command, fields: ReverseFields, at: int) -> Outcome:
    """Move back what the sender was given by mistake: legs run from target to source, on its own authority."""
    participant = world.members.participant(command.sender)
    if participant is not None and not participant.sends:
        return refused(MemberRefusal.PARTICIPANT_STATE_FORBIDS)
    number = bundle_id(command.id, world.commands, at)
    bundle = Bundle(number, Kind.CORRECTION, ())
    authority = [world.engine.owner_nos.get(command.sender, 0)]
    act = world.engine.reverse(bundle, fields.original, fields.amounts, authority=authority, at=at)
    if act.refusal is not None:
        return refused(act.refusal, act.leg)
    return _worked(world, [leg.source for leg in unpack_all(fields.original)], at)


def over_line(world: World, command: Command, fields: ReserveFields) -> bool:
    """Tell whether what is set aside for another owner lies above the sender's own line: that takes two people."""
    pair = _pair(world, command, fields.source, fields.target, both_own=False)
    participant = world.members.participant(command.sender)
    if isinstance(pair, Refusal) or participant is None or pair[0].owner_no == pair[1].owner_no:
        return False
    line = participant.settings.lines_minor.get(pair[0].name.split("/")[1])
    return line is not None and fields.amount_minor > line


def _is_barred(world: World, source: Account, target: Account) -> bool:
    """Tell whether an owner may not send now, or another, who would be given it, may not receive."""
    owners, participants = world.engine.owners, world.members.participants
    giver, taker = participants.get(owners[source.owner_no]), participants.get(owners[target.owner_no])
    if giver is not None and not giver.sends:
        return True
    return taker is not None and taker is not giver and not taker.receives


def _pair(
    world: World, command: Command, source: str, target: str, *, both_own: bool
) -> tuple[Account, Account] | Refusal:
    mine = own_account(world, command, source)
    other = own_account(world, command, target) if both_own else account_of(world, target)
    if isinstance(mine, Refusal):
        return mine
    if isinstance(other, Refusal):
        return other
    if mine.kind not in OWN_MOVES or other.kind not in OWN_MOVES or mine.purpose == LINE:
        return MoneyRefusal.ACCOUNT_KIND_IS_NOT_OPENED_SO
    return mine, other


def _reserved(world: World, command: Command, id: bytes) -> list[int] | Refusal:
    """Give the accounts of an open reservation that the sender made by hand, or why not."""
    held = world.engine.reservation(int.from_bytes(id, "big"))
    if held is None or held.kind != Kind.PURPOSE or held.reference != held.bundle_id:
        return EngineRefusal.ORIGINAL_NOT_FOUND
    account = world.engine.account(held.legs[0][0])
    assert account is not None
    if account.owner_no != world.engine.owner_nos.get(command.sender):
        return EngineRefusal.ORIGINAL_NOT_FOUND
    if world.credit.pledges(id):
        return LiquidityRefusal.COLLATERAL_IS_PLEDGED
    return [held.legs[0][0], held.legs[0][1]]


def _ended(world: World, fields: EndFields, account_nos: list[int], at: int) -> Outcome:
    """Let what has ended wait for nothing any more."""
    world.voyages.waiting.pop(fields.bundle_id, None)
    return _worked(world, account_nos, at)


def _worked(world: World, account_nos: list[int], at: int) -> Outcome:
    """Let go on what waits for money on these accounts, or for their owners to hold less."""
    diary = Diary()
    for account_no in account_nos:
        account = world.engine.accounts[account_no]
        assert account is not None
        owner, asset = world.engine.owners[account.owner_no], account.name.split("/")[1]
        if world.holdings.any_of(asset) and owner in world.members.participants:
            guard.heavier(world, diary, owner, asset)
            guard.lighter(world, owner, asset)
    world.queues.push_all(account_nos)
    settle.work(world, diary, at)
    return diary.done()
