"""Orders on the market: entered, cancelled, replaced one by one, all of an owner's taken out at once.

Checks stand in the order of `OrderRefusal`: the instrument, the book's own rules, then what covers the order: margin
where it is cleared, money on the trade account for a purchase, committed receipts for a sale. A refused order has
changed nothing. `order_many.py` does the same for many messages in one command.
"""

from typing import Annotated, NamedTuple, Protocol

from msgspec import Meta, Struct, structs

from steelyard.engine.accounts import CLOSED, CREDITS_BLOCKED, DEBITS_BLOCKED, balance_of
from steelyard.engine.refusals import SettingRefusal
from steelyard.flows import clearing_trade, market_book, market_phase, openings, parties, titles
from steelyard.flows import market_money as money
from steelyard.flows.command import Command, Outcome, raw
from steelyard.flows.diary import Diary, refused
from steelyard.flows.fields import Day, Id16, Label, Name, Number
from steelyard.flows.market_facts import OrderEntered, OrderMoved, OrderRefused
from steelyard.flows.world import World
from steelyard.market.book import Book
from steelyard.market.books import MEMBERS_MAX, ORDERS_MAX, AnyBook, Listing, OrderRow, Way
from steelyard.market.instruments import PRICE_MAX, SelfTrade
from steelyard.market.orders import Cancel, NewOrder, Replace, Side, Tif, Type, Why
from steelyard.market.refusals.clearing import ClearingRefusal
from steelyard.market.refusals.orders import OrderRefusal as No
from steelyard.members.refusals import MemberRefusal
from steelyard.values.amount import AMOUNT_END
from steelyard.values.instants import Instant
from steelyard.values.refusal import Refusal

MANY_MAX = 1_000
OWN_MAX = 50_000
_CLEARED = {
    ClearingRefusal.CLEARING_POSITION_LIMIT: No.POSITION_LIMIT_WOULD_BE_EXCEEDED,
    ClearingRefusal.CLEARING_MARGIN_IS_SHORT: No.MARGIN_IS_SHORT,
}


class OrderFields(Struct, array_like=True, frozen=True, gc=False, forbid_unknown_fields=True):
    """An order. A price, stop or peak of 0: none. `currency` empty: the instrument's. `stp` -1: the instrument's."""

    instrument: Label
    side: Side
    quantity: int
    price: Number = 0
    type: Type = Type.LIMIT
    tif: Tif = Tif.GTC
    currency: Name = ""
    stop: Number = 0
    peak: Number = 0
    post_only: bool = False
    aon: bool = False
    stp: Annotated[int, Meta(ge=-1, le=4)] = -1
    until_on: Day = 0
    session: Name = ""


class CancelFields(Struct, array_like=True, frozen=True, gc=False):
    """Which orders, each taken out or refused by itself."""

    order_ids: Annotated[tuple[Id16, ...], Meta(min_length=1, max_length=MANY_MAX)]


class ReplaceFields(Struct, array_like=True, frozen=True, gc=False):
    """New terms of an order: its total, its limit; 0 leaves it."""

    order_id: Id16
    quantity: Number = 0
    price: Number = 0


class MassFields(Struct, array_like=True, frozen=True, gc=False):
    """All of the sender's open orders: of an instrument, of a side (-1: both), of a session; empty: of all."""

    instrument: Label = ""
    side: Annotated[int, Meta(ge=-1, le=1)] = -1
    session: Name = ""


class Terms(Protocol):
    """What a change of an order says, alone or among others."""

    @property
    def order_id(self) -> bytes:
        """Which order."""

    @property
    def quantity(self) -> int:
        """Its new total, or 0."""

    @property
    def price(self) -> int:
        """Its new limit, or 0."""


class Ready(NamedTuple):
    """An order that may enter."""

    listing: Listing
    new: NewOrder
    row: OrderRow


def enter(world: World, command: Command, fields: OrderFields, at: Instant) -> Outcome:
    """Take one order."""
    diary = Diary()
    refusal = admit(world, diary, command.sender, command.id, fields, at)
    return refused(refusal) if refusal is not None else diary.done()


def cancel(world: World, command: Command, fields: CancelFields, at: Instant) -> Outcome:
    """Take orders out. Of several each stands alone; a single one that is not there is refused."""
    diary, shown = Diary(), Shown(world, at)
    for place, key in enumerate(fields.order_ids):
        refusal = take_out(world, diary, command.sender, key, at, shown)
        if refusal is None:
            continue
        if len(fields.order_ids) == 1:
            return refused(refusal)
        diary.fact(OrderRefused(key, command.sender, place, refusal.code))
    shown.turn(diary, None)
    return diary.done()


def replace(world: World, command: Command, fields: ReplaceFields, at: Instant) -> Outcome:
    """Give an order new terms; what it then binds must be there."""
    diary = Diary()
    refusal = change(world, diary, command.sender, fields, at)
    return refused(refusal) if refusal is not None else diary.done()


def mass_cancel(world: World, command: Command, fields: MassFields, at: Instant) -> Outcome:
    """Take out all of the sender's orders that are named."""
    diary = Diary()
    side = None if fields.side < 0 else Side(fields.side)
    sweep(world, diary, command.sender, at, instrument=fields.instrument, side=side, session=fields.session)
    return diary.done()


def sweep(
    world: World,
    diary: Diary,
    owner: str,
    at: Instant,
    *,
    instrument: str = "",
    side: Side | None = None,
    session: str = "",
    why: Why = Why.MASS,
) -> None:
    """Take out an owner's orders, book by book, in the order of their times."""
    mine = world.books.of_owner.get(owner, {})
    rows = [world.books.rows[order_no] for order_no in sorted(mine)]
    chosen = [
        row
        for row in rows
        if (not instrument or row.instrument == instrument)
        and (side is None or row.side is side)
        and (not session or row.session == session)
    ]
    shown = Shown(world, at)
    for row in chosen:
        take_out(world, diary, owner, row.key, at, shown, why)
    shown.turn(diary, None)


def own(world: World, owner: str, key: bytes) -> OrderRow | None:
    """Give an owner's open order by its id, or None; another's is not there."""
    order_no = world.books.by_key.get(key)
    row = None if order_no is None else world.books.rows[order_no]
    return row if row is not None and row.owner == owner else None


class Shown:
    """Lets the public see what several orders of one command have changed, once for each book in turn."""

    __slots__ = ("_at", "_listing", "_world")

    def __init__(self, world: World, at: Instant) -> None:
        self._world, self._at = world, at
        self._listing: Listing | None = None

    def turn(self, diary: Diary, listing: Listing | None) -> None:
        """Turn to another book, or to none at the end: what changed in the last one is shown."""
        if self._listing is not None and self._listing is not listing:
            market_book.show(self._world, diary, self._listing, self._at)
        self._listing = listing


def admit(
    world: World,
    diary: Diary,
    owner: str,
    key: bytes,
    asked: OrderFields,
    at: Instant,
    shown: Shown | None = None,
) -> Refusal | None:
    """Let an order in under an id, or say why not; among others of one command the public sees it by `shown`."""
    ready = _ready(world, owner, key, asked, at)
    if isinstance(ready, Refusal):
        return ready
    if shown is not None:
        shown.turn(diary, ready.listing)
    return _enter(world, diary, ready, asked, at, shows=shown is None)


def change(
    world: World, diary: Diary, owner: str, terms: Terms, at: Instant, shown: Shown | None = None
) -> Refusal | None:
    """Give an open order new terms, or say why not; among others of one command the public sees it by `shown`."""
    row = own(world, owner, terms.order_id)
    if row is None:
        return No.ORDER_NOT_OPEN
    listing, held = world.books.listings[row.instrument], world.books.books[row.instrument]
    price, total = terms.price or None, terms.quantity or None
    old_total, old_price = _terms(held, row.order_no)
    left = max(0, (total or old_total) - (old_total - row.left))
    unit = row.unit_minor
    if row.side is Side.BUY and row.asset and price is not None:
        unit = price
    refusal = uncovered(world, listing, row, left * unit - row.left * row.unit_minor, left - row.left, at)
    if refusal is not None:
        return refusal
    if shown is not None:
        shown.turn(diary, listing)
    before, place = (row.unit_minor, row.left), len(diary.facts)
    world.books.rebind(row.order_no, unit, left)
    asked = Replace(row.order_no, total, price)
    refusal = market_book.work(world, diary, listing, asked, at, shows=shown is None)
    if refusal is not None:
        world.books.rebind(row.order_no, *before)
        return refusal
    if left > before[1] or price not in (None, old_price):
        row.since = at
    told = OrderMoved(terms.order_id, "replaced", left, 0, price or old_price or 0, total or old_total)
    diary.facts.insert(place, raw(told))
    return None


def take_out(
    world: World, diary: Diary, owner: str, key: bytes, at: Instant, shown: Shown, why: Why = Why.ASKED
) -> Refusal | None:
    """Take an open order out, or say why not."""
    row = own(world, owner, key)
    if row is None:
        return No.ORDER_NOT_OPEN
    listing = world.books.listings[row.instrument]
    shown.turn(diary, listing)
    return market_book.work(world, diary, listing, Cancel(row.order_no, why), at, shows=False)


def _ready(world: World, owner: str, key: bytes, asked: OrderFields, at: Instant) -> Ready | Refusal:
    """Give an order that may enter, or the first rule it breaks."""
    participant = world.members.participants.get(owner)
    if participant is None or not participant.sends:
        return MemberRefusal.PARTICIPANT_STATE_FORBIDS
    books = world.books
    listing = books.listings.get(asked.instrument)
    if listing is None:
        return No.INSTRUMENT_UNKNOWN
    currency = asked.currency or listing.instrument.currency
    fits = currency == listing.instrument.currency if listing.instrument.currency else bool(currency)
    if not fits or currency not in world.members.assets:
        return No.CURRENCY_NOT_TRADED
    if len(books.rows) >= ORDERS_MAX or len(books.of_owner.get(owner, ())) >= OWN_MAX:
        return No.TOO_MANY_ORDERS
    if owner not in books.members and len(books.names) >= MEMBERS_MAX:
        return No.TOO_MANY_ORDERS
    new = NewOrder(
        books.last_order + 1, asked.side, asked.quantity, asked.price or None, asked.type, asked.tif,
        asked.stop or None, asked.peak or None, asked.post_only, asked.aon, books.members.get(owner, 0),
        books.group_no(owner), None if asked.stp < 0 else SelfTrade(asked.stp), asked.until_on,
    )  # fmt: skip
    held = books.books[asked.instrument]
    refusal: Refusal | None
    refusal = held.check(new) if isinstance(held, Book) else held.check(new, currency, at=at)
    if key in books.by_key and refusal is not No.PHASE_DOES_NOT_ALLOW_IT:
        return No.ORDER_ID_USED
    if refusal is not None:
        return refusal
    if new.until_on and new.until_on < market_phase.today(world, listing, at):
        return No.DATE_IS_PAST
    row = _row(world, listing, owner, key, new, currency, asked.session, at)
    if row is None:
        return No.FUNDS_ARE_SHORT
    refusal = uncovered(world, listing, row, row.left * row.unit_minor, row.left, at)
    return refusal if refusal is not None else Ready(listing, new, row)


def _row(
    world: World,
    listing: Listing,
    owner: str,
    key: bytes,
    new: NewOrder,
    currency: str,
    session: str,
    at: Instant,
) -> OrderRow | None:
    """Give what is kept of an order, and what it binds; None where nothing bounds what it may cost."""
    asset, unit_minor = "", 0
    if listing.way is Way.SPOT and new.side is Side.SELL:
        asset, unit_minor = listing.asset, listing.kg
    elif listing.way is Way.SPOT:
        asset, unit_minor = currency, new.price or 0
        if not unit_minor:
            held = world.books.books[listing.instrument.code]
            unit_minor = held.limits[1] if isinstance(held, Book) else held.most(currency, at)
            if unit_minor >= PRICE_MAX:
                return None
    return OrderRow(
        new.order_id, key, owner, listing.instrument.code, asset, currency, new.side, unit_minor, new.quantity,
        session, at,
    )  # fmt: skip


def uncovered(
    world: World, listing: Listing, row: OrderRow, more_minor: int, more_units: int, at: Instant
) -> Refusal | None:
    """Say what does not cover so much more of an order, or None."""
    books, owner = world.books, row.owner
    if listing.limit_units and more_units > 0:
        code = listing.instrument.code
        if books.units(owner, code, row.side) + more_units > listing.limit_units:
            return No.POSITION_LIMIT_WOULD_BE_EXCEEDED
    if listing.way is Way.CLEARED:
        return _unmargined(world, listing, row, more_units, at)
    if row.left * row.unit_minor + more_minor >= AMOUNT_END:
        return No.FUNDS_ARE_SHORT if row.side is Side.BUY else No.RECEIPT_NOT_AVAILABLE
    if row.side is Side.BUY:
        return _unfunded(world, listing, row, more_minor)
    refusal = _stopped_sale(world, listing, row)
    if refusal is not None:
        return refusal
    free = books.stocks.kg(owner, row.asset) - books.bound_minor(owner, row.asset)
    return No.RECEIPT_NOT_AVAILABLE if more_minor > free else None


def _unmargined(
    world: World, listing: Listing, row: OrderRow, more_units: int, at: Instant
) -> Refusal | None:
    """Say what stands against so many more units with the counterparty: position limit, margin, membership."""
    code, lot = listing.instrument.code, listing.instrument.lot
    open_lots = [
        (world.books.units(row.owner, code, side) + (more_units if side is row.side else 0)) // lot
        for side in (Side.BUY, Side.SELL)
    ]
    if more_units <= 0:
        return None
    found = clearing_trade.refuse_orders(
        world, row.owner, listing.asset, bought=open_lots[0], sold=open_lots[1], at=at
    )
    return _CLEARED.get(found, found) if isinstance(found, ClearingRefusal) else found


def _unfunded(world: World, listing: Listing, row: OrderRow, more_minor: int) -> Refusal | None:
    """Say what keeps a buyer's trade account from so much more, or None. His account of titles may still be opened."""
    owner = row.owner
    trade_no = money.account(world, owner, row.asset)
    if not trade_no:
        return No.MARKET_ACCOUNT_NOT_FOUND
    held = world.engine.accounts[trade_no]
    if held is None or held.gate & (CLOSED | DEBITS_BLOCKED):
        return No.FUNDS_ARE_SHORT
    if not titles.account(world, owner, listing.asset) and not openings.has_room(world, 1):
        return SettingRefusal.ACCOUNTS_ARE_FULL
    free_minor = balance_of(held).available - world.books.bound_minor(owner, row.asset)
    return No.FUNDS_ARE_SHORT if more_minor > free_minor else None


def _stopped_sale(world: World, listing: Listing, row: OrderRow) -> Refusal | None:
    """Say which account of a sale is missing or stopped, or None."""
    accounts = world.engine.accounts
    settlement = accounts[parties.settlement_account(world, row.owner, row.currency)]
    if settlement is None:
        return MemberRefusal.CURRENCY_IS_NOT_ALLOWED
    title = accounts[titles.account(world, row.owner, listing.asset)]
    stopped = (
        settlement.gate & (CLOSED | CREDITS_BLOCKED)
        or title is None
        or title.gate & (CLOSED | DEBITS_BLOCKED)
    )
    return No.RECEIPT_NOT_AVAILABLE if stopped else None


def _enter(
    world: World, diary: Diary, ready: Ready, asked: OrderFields, at: Instant, *, shows: bool = True
) -> Refusal | None:
    """Let a checked order into its book. Only the engine can still be too full for a buyer's account of titles."""
    listing, new, row = ready
    books = world.books
    if listing.way is Way.SPOT and row.side is Side.BUY:
        refusal = titles.open_account(world, diary, row.owner, listing.asset)
        if refusal is not None:
            return refusal
    books.last_order = new.order_id
    number = books.member_no(row.owner)
    if not new.member:
        new = structs.replace(new, member=number)
    books.open(row)
    diary.fact(
        OrderEntered(
            row.key, row.owner, row.instrument, row.currency, new.side, new.type, new.tif, new.quantity,
            asked.price, asked.stop, asked.peak, new.post_only, new.aon, asked.stp, new.until_on, row.session,
            row.order_no,
        )
    )  # fmt: skip
    return market_book.work(world, diary, listing, new, at, currency=row.currency, checked=True, shows=shows)


def _terms(held: AnyBook, order_no: int) -> tuple[int, int | None]:
    """Give the total and the limit of an open order."""
    found = held.find(order_no)
    assert found is not None
    order = found[0] if isinstance(found, tuple) else found
    return order.total, order.price
