"""What lies ready for the market: money on trade accounts, receipts committed to trade.

A trade account, `owner/ASSET/trade`, is filled from its owner's settlement account and emptied into it by these
commands alone, and moved by trades; never below what open orders and firm quotes bind. Receipts are committed and
given back whole; sales bind kilograms of a class, not single receipts.
"""

from msgspec import Struct, structs

from steelyard.engine.accounts import AccountKind, balance_of
from steelyard.engine.bundles import Bundle, Kind, Leg
from steelyard.engine.refusals import SettingRefusal
from steelyard.flows import booking, openings, parties, pvp_cover, titles
from steelyard.flows.command import Command, Outcome
from steelyard.flows.diary import Diary, refused
from steelyard.flows.fields import Id16, Name, Number
from steelyard.flows.market_facts import TradeMoneyMoved
from steelyard.flows.world import World
from steelyard.market.receipts import ReceiptEvent, moved
from steelyard.market.refusals.orders import OrderRefusal
from steelyard.market.refusals.titles import TitleRefusal
from steelyard.market.stocks import LOTS_MAX
from steelyard.members.refusals import MemberRefusal
from steelyard.values.instants import Instant

PURPOSE = "trade"


class MoneyFields(Struct, array_like=True, frozen=True, gc=False):
    """So much of a currency."""

    asset: Name
    amount_minor: Number


class OpenFields(Struct, array_like=True, frozen=True, gc=False):
    """Which currency is to be traded."""

    asset: Name


class ReceiptFields(Struct, array_like=True, frozen=True, gc=False):
    """Which receipt."""

    receipt_id: Id16


def account(world: World, owner: str, asset: str) -> int:
    """Give the trade account of an owner, or 0."""
    return world.members.accounts.get(PURPOSE, owner, asset) or 0


def free_minor(world: World, owner: str, asset: str) -> int:
    """Give what is on a trade account and bound by nothing."""
    held = world.engine.accounts[account(world, owner, asset)]
    return 0 if held is None else balance_of(held).available - world.books.bound_minor(owner, asset)


def open_account(world: World, command: Command, fields: OpenFields, at: Instant) -> Outcome:
    """Open the own trade account of a currency; nothing happens where there is one."""
    participant = world.members.participants.get(command.sender)
    if participant is None or not participant.sends:
        return refused(MemberRefusal.PARTICIPANT_STATE_FORBIDS)
    if not parties.settlement_account(world, command.sender, fields.asset):
        return refused(MemberRefusal.CURRENCY_IS_NOT_ALLOWED)
    if not account(world, command.sender, fields.asset) and not openings.has_room(world, 1):
        return refused(SettingRefusal.ACCOUNTS_ARE_FULL)
    diary = Diary()
    refusal = openings.open_account(
        world, diary, PURPOSE, command.sender, fields.asset, kind=AccountKind.RESERVED
    )
    return refused(refusal) if refusal is not None else diary.done()


def deposit(world: World, command: Command, fields: MoneyFields, at: Instant) -> Outcome:
    """Put money onto the own trade account."""
    participant = world.members.participants.get(command.sender)
    if participant is None or not participant.sends:
        return refused(MemberRefusal.PARTICIPANT_STATE_FORBIDS)
    target = account(world, command.sender, fields.asset)
    if not target:
        return refused(OrderRefusal.MARKET_ACCOUNT_NOT_FOUND)
    source = parties.settlement_account(world, command.sender, fields.asset)
    if pvp_cover.keeps(world, command.sender, source, fields.amount_minor):
        return refused(pvp_cover.REFUSAL)
    return _move(world, command, fields, Leg(source, target, fields.amount_minor), at)


def withdraw(world: World, command: Command, fields: MoneyFields, at: Instant) -> Outcome:
    """Take money back from the own trade account, as far as nothing binds it."""
    source = account(world, command.sender, fields.asset)
    if not source:
        return refused(OrderRefusal.MARKET_ACCOUNT_NOT_FOUND)
    if fields.amount_minor > free_minor(world, command.sender, fields.asset):
        return refused(OrderRefusal.FUNDS_ARE_SHORT)
    target = parties.settlement_account(world, command.sender, fields.asset)
    return _move(world, command, fields, Leg(source, target, fields.amount_minor), at)


def commit(world: World, command: Command, fields: ReceiptFields, at: Instant) -> Outcome:
    """Commit a receipt to trade: sales may bind its goods from now on, and nothing else moves it."""
    held = titles.own(world, command.sender, fields.receipt_id)
    if isinstance(held, TitleRefusal):
        return refused(held)
    after = moved(held, ReceiptEvent.COMMITTED)
    if isinstance(after, TitleRefusal):
        return refused(after)
    if held.valid_until and at >= held.valid_until:
        return refused(TitleRefusal.RECEIPT_HAS_EXPIRED)
    if world.books.stocks.count(held.holder, held.code) >= LOTS_MAX:
        return refused(TitleRefusal.TITLES_ARE_FULL)
    diary = Diary()
    titles.keep(world, diary, after, ReceiptEvent.COMMITTED, at=at)
    world.books.stocks.add(held.holder, held.code, held.receipt_id, held.kg)
    return diary.done()


def give_back(world: World, command: Command, fields: ReceiptFields, at: Instant) -> Outcome:
    """Take a receipt out of trade, as far as no sale needs its goods."""
    held = titles.own(world, command.sender, fields.receipt_id)
    if isinstance(held, TitleRefusal):
        return refused(held)
    after = moved(held, ReceiptEvent.RETURNED)
    if isinstance(after, TitleRefusal):
        return refused(after)
    books = world.books
    left_kg = books.stocks.kg(held.holder, held.code) - held.kg
    if left_kg < books.bound_minor(held.holder, held.code):
        return refused(OrderRefusal.RECEIPT_NOT_AVAILABLE)
    diary = Diary()
    books.stocks.drop(held.holder, held.code, held.receipt_id)
    titles.keep(world, diary, structs.replace(after, bound_to=b""), ReceiptEvent.RETURNED, at=at)
    return diary.done()


def _move(world: World, command: Command, fields: MoneyFields, leg: Leg, at: Instant) -> Outcome:
    number = booking.bundle_id(command.id, world.commands, at)
    bundle = Bundle(number, Kind.TRADE, (leg,))
    act = world.engine.move(bundle, authority=[world.engine.owner_nos[command.sender]], at=at)
    if act.refusal is not None:
        return refused(act.refusal, act.leg)
    back = leg.source == account(world, command.sender, fields.asset)
    diary = Diary()
    if back:
        world.queues.push_all([leg.target])
    moved_minor = -leg.amount_minor if back else leg.amount_minor
    diary.fact(TradeMoneyMoved(command.sender, fields.asset, moved_minor, number.to_bytes(16, "big")))
    return diary.done()
