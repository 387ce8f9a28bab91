"""All that a flow may read or change. What does not hang on the World does not exist for a flow.

The World imports no flow, so that flow -> world and machine -> registry -> flow make no circle. Each part
is a state object of its own layer with `encode() -> bytes` (canonical: equal state, equal bytes) and a
classmethod `decode(bytes)`; together they are the sections of a snapshot, in the order of `SECTIONS`.
"""

from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import msgspec

from steelyard.corridor.voyages import Voyages
from steelyard.engine.ids import IdWindow
from steelyard.engine.state import Engine
from steelyard.flows.rules import Rules
from steelyard.flows.timers import Timers
from steelyard.fx.state import Fx
from steelyard.liquidity.batches import Batch, Batches
from steelyard.liquidity.claims import Claims
from steelyard.liquidity.credit import Credit
from steelyard.liquidity.cycles import Cycle, Cycles
from steelyard.liquidity.holdings import Holdings
from steelyard.liquidity.limits import Limits
from steelyard.liquidity.order_book import OrderBook
from steelyard.liquidity.pace import Pace
from steelyard.liquidity.pvp_book import PvpBook
from steelyard.liquidity.queues import Queues
from steelyard.liquidity.reservations import Reservations
from steelyard.liquidity.ring_book import RingBook
from steelyard.liquidity.tranches import Tranches
from steelyard.market.auctions.live import Auctions
from steelyard.market.books import Books
from steelyard.market.clearing.house import Clearing
from steelyard.market.deliveries import Deliveries
from steelyard.market.due import DueTrades
from steelyard.market.energy.asks import MatchAsk
from steelyard.market.energy.deals import Deals
from steelyard.market.energy.supplies import Supplies
from steelyard.market.forwards import Forwards
from steelyard.market.otc import Otc
from steelyard.market.prices import Prices
from steelyard.market.rfqs import Rfqs
from steelyard.market.tenders import TenderCase, Tenders
from steelyard.market.titles import Titles
from steelyard.members.calendars import Calendars
from steelyard.members.money import Money
from steelyard.members.packs import Packs
from steelyard.members.state import Members
from steelyard.payments.state import Payments

if TYPE_CHECKING:
    from collections.abc import Callable

    from steelyard.flows.command import Command, Outcome
    from steelyard.flows.entry import Entry


FREED = 4_000
"""How many objects that were let go are freed with each command."""


class World:
    """The whole state of one node at one place in its journal.

    `commands` counts the commands recorded so far: it numbers them independently of how they were grouped
    into rows. `network` is what row 1 fixed. `context_version` rises when something changed that gateways
    keep a copy of (directory, assets, calendars, packs). `run_inner` is the Machine's dispatch and `entry_of`
    its registry, for the approval of a proposal; `packed` and `packed_outcomes` carry the records of a batch
    of legs to its flow and their outcomes back. `on_batch`, `on_cycle`, `on_tender` and `on_match` take
    the snapshot for what has just asked for a plan; nobody does in a replay. These are wiring, not state.
    """

    SECTIONS = ("world", "engine", "ids", "timers", "rules", "members", "calendars", "packs", "money", "fx",
                "queues", "limits", "reservations", "holdings", "batches", "fx_orders", "pvp",
                "tranches", "auctions",
                "credit", "cycles", "claims", "pace", "rings", "payments",
                "prices", "books", "titles", "deliveries", "clearing", "voyages", "tenders", "supplies", "deals",
                "rfqs", "otc", "forwards", "due_trades")  # fmt: skip

    def __init__(self) -> None:
        self.network: Network = Network()
        self.now: int = 0
        self._let_go: list[object] = []
        self.commands: int = 0
        self.context_version: int = 1
        self.engine = Engine()
        self.ids = IdWindow()
        self.timers = Timers()
        self.rules = Rules()
        self.members = Members()
        self.calendars = Calendars()
        self.packs = Packs()
        self.money = Money()
        self.fx = Fx()
        self.queues = Queues()
        self.limits = Limits()
        self.reservations = Reservations()
        self.holdings = Holdings()
        self.batches = Batches()
        self.fx_orders = OrderBook()
        self.pvp = PvpBook()
        self.tranches = Tranches()
        self.credit = Credit()
        self.cycles = Cycles()
        self.claims = Claims()
        self.pace = Pace()
        self.rings = RingBook()
        self.payments = Payments()
        self.prices = Prices()
        self.auctions = Auctions()
        self.books = Books()
        self.titles = Titles()
        self.tenders = Tenders()
        self.supplies = Supplies()
        self.deals = Deals()
        self.payments.awaited = self.deals.awaited
        self.rfqs = Rfqs()
        self.otc = Otc()
        self.clearing = Clearing()
        self.deliveries = Deliveries()
        self.forwards = Forwards()
        self.due_trades = DueTrades()
        self.voyages = Voyages()
        self.run_inner: Callable[[Command, int], Outcome] | None = None
        self.entry_of: Callable[[str, int], Entry | None] | None = None
        self.on_batch: Callable[[World, Batch], None] | None = None
        self.on_cycle: Callable[[World, Cycle], None] | None = None
        self.on_tender: Callable[[World, TenderCase], None] | None = None
        self.on_match: Callable[[World, MatchAsk], None] | None = None
        self.packed = b""
        self.packed_outcomes = b""

    def let_go(self, objects: Iterable[object]) -> None:
        """Hold what no state names any more until `free_some` frees it: to free very many at once is a pause."""
        self._let_go.extend(objects)

    def free_some(self) -> None:
        """Free some of what was let go; called with every command."""
        if self._let_go:
            del self._let_go[-FREED:]

    def active(self, rule: str, at: int) -> bool:
        """Tell whether a rule of this release is in force at an instant."""
        return self.rules.active(rule, at)

    def touch_context(self) -> None:
        """Say that gateways must fetch their copy of the directory anew."""
        self.context_version += 1

    def next_due(self) -> int | None:
        """Give the earliest deadline of domains and engine, or None."""
        mine, engines = self.timers.next_due(), self.engine.next_due()
        if mine is None or engines is None:
            return mine if engines is None else engines
        return min(mine, engines)

    def sections(self) -> Iterator[tuple[str, bytes]]:
        """Give every section's canonical bytes, in fixed order."""
        for name in self.SECTIONS:
            yield name, self.section(name)

    @classmethod
    def decode(cls, sections: dict[str, bytes]) -> "World":
        """Build the World that `sections` described: the inverse of it."""
        world = cls()
        head = msgspec.msgpack.decode(sections["world"], type=Head)
        world.network, world.now, world.commands = head.network, head.now, head.commands
        world.context_version = head.context_version
        world.timers.load(msgspec.msgpack.decode(sections["timers"], type=list[tuple[int, int, bytes]]))
        for name, kind in _PARTS:
            setattr(world, name, kind.decode(sections[name]))
        world.payments.awaited = world.deals.awaited
        return world

    def section_hashes(self) -> Iterator[tuple[str, bytes]]:
        """Give the SHA-256 of each section."""
        for name, content in self.sections():
            yield name, sha256(content).digest()

    def state_hash(self) -> bytes:
        """Give SHA-256 over `name | 0 | hash` of every section: that of the snapshot."""
        whole = sha256()
        for name, digest in self.section_hashes():
            whole.update(name.encode() + b"\0" + digest)
        return whole.digest()

    def section(self, name: str) -> bytes:
        """Give one section's canonical bytes."""
        if name == "world":
            head = Head(self.network, self.now, self.commands, self.context_version)
            return msgspec.msgpack.encode(head)
        if name == "timers":
            return msgspec.msgpack.encode(list(self.timers.items()))
        return bytes(getattr(self, name).encode())


class Network(msgspec.Struct, array_like=True, frozen=True):
    """What row 1 fixes for ever. `clock` is "system" or "simulated"."""

    network_id: str = ""
    node_prefix: str = ""
    hub_bic: str = ""
    log_id: str = ""
    clock: str = "system"
    genesis_digest: bytes = b""


class Head(msgspec.Struct, array_like=True, frozen=True):
    """The World's own section."""

    network: Network
    now: int
    commands: int
    context_version: int


_PARTS: tuple[tuple[str, Any], ...] = (
    ("engine", Engine), ("ids", IdWindow), ("rules", Rules), ("members", Members), ("calendars", Calendars),
    ("packs", Packs), ("money", Money), ("fx", Fx), ("queues", Queues),
    ("limits", Limits), ("reservations", Reservations), ("holdings", Holdings), ("batches", Batches),
    ("fx_orders", OrderBook), ("pvp", PvpBook), ("tranches", Tranches), ("credit", Credit),
    ("cycles", Cycles), ("claims", Claims), ("pace", Pace), ("rings", RingBook), ("payments", Payments),
    ("prices", Prices), ("books", Books), ("titles", Titles), ("clearing", Clearing), ("deliveries", Deliveries),
    ("forwards", Forwards), ("due_trades", DueTrades),
    ("auctions", Auctions), ("tenders", Tenders), ("supplies", Supplies), ("deals", Deals),
    ("rfqs", Rfqs),
    ("otc", Otc),
    ("voyages", Voyages),
)  # fmt: skip
