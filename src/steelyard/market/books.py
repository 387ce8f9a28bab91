"""All books of a node: what is listed, whose orders stand where, and what they bind on each trade account.

An order binds its limit times what is left of it in its owner's currency, or for a sale what is left of the goods. A
trade may cost less than it bound; the difference comes free with the fill. So what an account binds is always the sum
over its open orders, and a trade account never binds more than is on it.

Books speak in numbers: orders, members and groups are counted here, and names are kept beside the numbers.
"""

from enum import StrEnum
from typing import Self

from msgspec import Struct

from steelyard.market.book import Book
from steelyard.market.book_image import decode as decode_book
from steelyard.market.book_image import encode as encode_book
from steelyard.market.checks import owner_of
from steelyard.market.cross.quotes import FirmQuote, QuoteBoard
from steelyard.market.depth import Depth
from steelyard.market.instruments import Instrument
from steelyard.market.multi_currency import MultiCurrencyBook
from steelyard.market.orders import Side
from steelyard.market.phases import Phase
from steelyard.market.prints import Prints
from steelyard.market.recent import RecentTrades
from steelyard.market.stocks import Stocks
from steelyard.values.instants import Instant
from steelyard.values.wide import packed, unpacked

INSTRUMENTS_MAX = 2_000
ORDERS_MAX = 1_000_000
QUOTES_MAX = 20_000
MEMBERS_MAX = 100_000

AnyBook = Book | MultiCurrencyBook


class Way(StrEnum):
    """How the trades of an instrument settle."""

    SPOT = "spot"
    """Receipts against money, in one bundle at once"""
    CLEARED = "cleared"
    """Both sides against the counterparty"""


class Session(Struct, array_like=True, frozen=True, gc=False):
    """A phase that begins at a time of the trading day: ms after midnight UTC. `random`: at most 30 s later."""

    at_ms: int
    phase: Phase
    random: bool = False


class Listing(Struct, array_like=True, frozen=True, gc=False):
    """One instrument as it is listed. Quantities are in units of `kg` kilograms (or what the contract measures).

    `asset` is the class of receipts that is traded on the spot, or the contract of the counterparty.
    """

    instrument: Instrument
    contract: str
    way: Way
    asset: str
    kg: int
    sessions: tuple[Session, ...] = ()
    limit_units: int = 0
    """The most that an owner's open orders of a side may be for; 0: no limit"""
    terms: bytes = b""
    """Its contract as it was read from a pack, packed"""


class OrderRow(Struct, array_like=True, gc=False):
    """Who has an open order. `unit_minor` is what it binds for each unit: money for a purchase, goods for a sale."""

    order_no: int
    key: bytes
    """Its id towards its owner"""
    owner: str
    instrument: str
    asset: str
    """What it binds: a currency or a class; empty where the counterparty's margin covers it"""
    currency: str
    side: Side
    unit_minor: int
    left: int
    session: str = ""
    since: Instant = 0
    """Since when it stands at its price with no more than its quantity"""


class Books:
    """The whole market as a state."""

    __slots__ = (
        "beats", "beats_of", "books", "bound", "by_key", "call_ends", "depths", "groups", "last_order", "last_quote",
        "last_trade", "listings", "members", "names", "of_owner", "open_units", "prints", "quote_keys", "quote_nos",
        "quotes", "quotes_of", "recent", "rows", "seeds", "stocks", "touched",
    )  # fmt: skip

    def __init__(self) -> None:
        self.listings: dict[str, Listing] = {}
        self.books: dict[str, AnyBook] = {}
        self.depths: dict[str, Depth] = {}
        """What the public sees of each book; it follows from the books"""
        self.touched: dict[int, None] = {}
        """Orders that the event at hand has touched; nothing between events"""
        self.quotes = QuoteBoard()
        self.quote_keys: dict[int, bytes] = {}
        self.quote_nos: dict[bytes, int] = {}
        self.quotes_of: dict[str, int] = {}
        self.stocks = Stocks()
        self.rows: dict[int, OrderRow] = {}
        self.by_key: dict[bytes, int] = {}
        self.of_owner: dict[str, dict[int, None]] = {}
        self.bound: dict[tuple[str, str], int] = {}
        self.open_units: dict[tuple[str, str, Side], int] = {}
        """By owner, instrument and side: what open orders are for"""
        self.names: list[str] = [""]
        self.members: dict[str, int] = {}
        self.groups: dict[str, str] = {}
        self.recent = RecentTrades()
        self.prints = Prints()
        self.beats: dict[bytes, tuple[str, str]] = {}
        """Sessions whose orders go where their heartbeat stops: owner and session, by the key of their clock"""
        self.beats_of: dict[str, int] = {}
        """How many of these each owner has"""
        self.seeds: dict[str, bytes] = {}
        """By instrument: the digest of the seed of its next random end"""
        self.call_ends: dict[str, int] = {}
        """By instrument: when the call that waits for its seed was to end"""
        self.last_order = self.last_quote = self.last_trade = 0

    # listings

    def list_instrument(self, listing: Listing) -> AnyBook:
        """Open the book of an instrument, in its first phase."""
        instrument = listing.instrument
        book: AnyBook
        if instrument.basket:
            book = MultiCurrencyBook(instrument, self.quotes)
            book.phase = Phase.CLOSED
        else:
            book = Book(instrument, Phase.CLOSED)
        self.listings[instrument.code] = listing
        self.books[instrument.code] = book
        self.depths[instrument.code] = Depth()
        return book

    # members

    def member_no(self, owner: str) -> int:
        """Give the number of an owner; a new one gets the next."""
        number = self.members.get(owner)
        if number is None:
            number = self.members[owner] = len(self.names)
            self.names.append(owner)
        return number

    def group_no(self, owner: str) -> int:
        """Give the number of an owner's group: the number of its first member, 0 for an owner that stands alone."""
        group = self.groups.get(owner)
        return self.member_no(group) if group else 0

    def regroup(self, owner: str, head: str) -> None:
        """Let an owner count with a group, or with an empty head alone; so do its orders that are open or wait."""
        if head:
            self.groups[owner] = head
        else:
            self.groups.pop(owner, None)
        number = self.group_no(owner)
        for order_no in self.of_owner.get(owner, ()):
            found = self.books[self.rows[order_no].instrument].find(order_no)
            assert found is not None
            order = found[0] if isinstance(found, tuple) else found
            order.group, order.owner = number, owner_of(order.member, number)

    # firm quotes

    def put_quote(self, key: bytes, quote: FirmQuote) -> None:
        """Let a firm quote stand, and bind what it may sell."""
        self.quotes.put(quote)
        self._note_quote(key, quote)
        self.bind(quote.provider, quote.sell, quote.sell_left)

    def _note_quote(self, key: bytes, quote: FirmQuote) -> None:
        self.quote_keys[quote.quote_no] = key
        self.quote_nos[key] = quote.quote_no
        self.quotes_of[quote.provider] = self.quotes_of.get(quote.provider, 0) + 1

    def drop_quote(self, quote: FirmQuote) -> bytes:
        """Take a firm quote away, and free what it still bound; gives its id."""
        self.quotes.drop(quote.quote_no)
        key = self.quote_keys.pop(quote.quote_no)
        del self.quote_nos[key]
        self.quotes_of[quote.provider] -= 1
        if not self.quotes_of[quote.provider]:
            del self.quotes_of[quote.provider]
        self.bind(quote.provider, quote.sell, -quote.sell_left)
        return key

    def quote(self, key: bytes) -> FirmQuote | None:
        """Give a firm quote that stands, by its id."""
        number = self.quote_nos.get(key)
        return None if number is None else self.quotes.by_no[number]

    # sessions that beat

    def begin_session(self, key: bytes, owner: str, session: str) -> None:
        """Let a session begin."""
        self.beats[key] = (owner, session)
        self.beats_of[owner] = self.beats_of.get(owner, 0) + 1

    def end_session(self, key: bytes) -> tuple[str, str] | None:
        """Let a session end, and give its owner and name; None where there is none."""
        found = self.beats.pop(key, None)
        if found is not None:
            self.beats_of[found[0]] -= 1
            if not self.beats_of[found[0]]:
                del self.beats_of[found[0]]
        return found

    # orders

    def open(self, row: OrderRow) -> None:
        """Keep an order that was accepted, and bind what it may cost."""
        self.rows[row.order_no] = row
        self.by_key[row.key] = row.order_no
        self.of_owner.setdefault(row.owner, {})[row.order_no] = None
        self._bind(row, row.left)

    def lower(self, order_no: int, left: int) -> OrderRow:
        """Note what is left of an order; one of which nothing is left is forgotten. Gives the order."""
        row = self.rows[order_no]
        self._bind(row, left - row.left)
        row.left = left
        if not left:
            del self.rows[order_no], self.by_key[row.key]
            mine = self.of_owner[row.owner]
            del mine[order_no]
            if not mine:
                del self.of_owner[row.owner]
        return row

    def rebind(self, order_no: int, unit_minor: int, left: int) -> None:
        """Note new terms of an order that stays open."""
        row = self.rows[order_no]
        self._bind(row, -row.left)
        row.unit_minor, row.left = unit_minor, left
        self._bind(row, left)

    def bound_minor(self, owner: str, asset: str) -> int:
        """Give what an owner's open orders and firm quotes bind of an asset."""
        return self.bound.get((owner, asset), 0)

    def bind(self, owner: str, asset: str, minor: int) -> None:
        """Bind so much more of an asset; less where it is negative."""
        if not asset or not minor:
            return
        place = (owner, asset)
        bound = self.bound.get(place, 0) + minor
        if bound:
            self.bound[place] = bound
        else:
            del self.bound[place]

    def _bind(self, row: OrderRow, units: int) -> None:
        """Count so many units more of an order as open."""
        self.bind(row.owner, row.asset, units * row.unit_minor)
        place = (row.owner, row.instrument, row.side)
        open_units = self.open_units.get(place, 0) + units
        if open_units:
            self.open_units[place] = open_units
        else:
            self.open_units.pop(place, None)

    def units(self, owner: str, instrument: str, side: Side) -> int:
        """Give what an owner's open orders of one side of an instrument are for."""
        return self.open_units.get((owner, instrument, side), 0)

    # state

    def encode(self) -> bytes:
        """Give the canonical bytes."""
        books = [
            (code, b"" if isinstance(book, MultiCurrencyBook) else encode_book(book),
             book.encode() if isinstance(book, MultiCurrencyBook) else b"")
            for code, book in sorted(self.books.items())
        ]  # fmt: skip
        return packed(
            _Image(
                [self.listings[code] for code in sorted(self.listings)],
                books,
                self.quotes.encode(),
                sorted(self.quote_keys.items()),
                self.stocks.encode(),
                [self.rows[order_no] for order_no in sorted(self.rows)],
                self.names[1:],
                sorted(self.groups.items()),
                self.recent.encode(),
                sorted(self.beats.items()),
                sorted(self.seeds.items()),
                sorted(self.call_ends.items()),
                (self.last_order, self.last_quote, self.last_trade),
                sorted((owner, asset, minor) for (owner, asset), minor in self._quoted().items()),
                self.prints.encode(),
            )
        )

    def _quoted(self) -> dict[tuple[str, str], int]:
        """Give what firm quotes bind: everything that is bound, less what orders bind."""
        found = dict(self.bound)
        for row in self.rows.values():
            if row.asset:
                found[row.owner, row.asset] -= row.left * row.unit_minor
        return {place: minor for place, minor in found.items() if minor}

    @classmethod
    def decode(cls, content: bytes) -> Self:
        """Build the state that `content` describes: the inverse of encode."""
        image = unpacked(content, _Image)
        made = cls()
        made.quotes = QuoteBoard.decode(image.quotes)
        for number, key in image.quote_keys:
            made._note_quote(key, made.quotes.by_no[number])
        made.stocks = Stocks.decode(image.stocks)
        made.listings = {listing.instrument.code: listing for listing in image.listings}
        for code, plain, cross in image.books:
            made.books[code] = decode_book(plain) if plain else MultiCurrencyBook.decode(cross, made.quotes)
            made.depths[code] = Depth()
            made.depths[code].look_at_all(made.books[code])
            made.depths[code].take()
        made.names += image.names
        made.members = {name: number for number, name in enumerate(made.names) if number}
        made.groups, made.seeds = dict(image.groups), dict(image.seeds)
        made.call_ends = dict(image.call_ends)
        made.prints = Prints.decode(image.prints)
        made.recent = RecentTrades.decode(image.recent)
        for key, (owner, session) in image.beats:
            made.begin_session(key, owner, session)
        made.last_order, made.last_quote, made.last_trade = image.last
        for row in image.rows:
            made.open(row)
        for owner, asset, minor in image.quoted:
            made.bind(owner, asset, minor)
        return made


class _Image(Struct, array_like=True, frozen=True):
    listings: list[Listing]
    books: list[tuple[str, bytes, bytes]]
    quotes: bytes
    quote_keys: list[tuple[int, bytes]]
    stocks: bytes
    rows: list[OrderRow]
    names: list[str]
    groups: list[tuple[str, str]]
    recent: bytes
    beats: list[tuple[bytes, tuple[str, str]]]
    seeds: list[tuple[str, bytes]]
    call_ends: list[tuple[str, int]]
    last: tuple[int, int, int]
    quoted: list[tuple[str, str, int]]
    prints: bytes
