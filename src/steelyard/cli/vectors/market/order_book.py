"""`order_book_cases/1`: events to one book, and what trades, rests and is told in the end.

Ids, members and groups may be any text or number: they are numbered as they come up.
"""

from pathlib import Path
from typing import Any

from steelyard.cli.vectors.compare import Failure, judged, same, unknown
from steelyard.cli.vectors.market.order_events import Names, read_event, read_phase, wanted_phases
from steelyard.cli.vectors.market.values import read_cases, whole
from steelyard.market import orders as o
from steelyard.market.book import Book, Shown
from steelyard.market.instruments import Instrument, SelfTrade

PRICES = ("tick", "lot", "ref_price", "last_price", "limit_low", "limit_high", "dyn_low", "dyn_high")
TERMS = frozenset({*PRICES, "phase", "stp", "rest_market", "pressure_cap_pct", "code"})


def cases(path: Path) -> list[dict[str, Any]]:
    """Read the cases of a file known by its name."""
    return read_cases(path)


def judge(case: dict[str, Any]) -> list[Failure]:
    """Check a case."""
    terms = case.get("instrument", {})
    unread = [unknown(f"instrument.{key}") for key in terms if key not in TERMS]
    if unread:
        return unread
    run = Run(book_of(terms))
    for event in case["events"]:
        run.work(event)
    return judged(
        case["expect"],
        {
            "trades": lambda one: same("trades", [list(trade) for trade in one], run.trades),
            "bids": lambda one: same("bids", [list(row) for row in one], run.rows(run.book.view().bids)),
            "asks": lambda one: same("asks", [list(row) for row in one], run.rows(run.book.view().asks)),
            "status": lambda one: _statuses(one, run),
            "auction": lambda one: same("auction", one, run.auction()),
            "phase": lambda one: _phase(one, run),
            "events": lambda one: same("events", [list(told) for told in one], run.told),
        },
    )


class Run:
    """A book, and what has been seen of it."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.names = Names()
        self.trades: list[list[Any]] = []
        self.told: list[list[Any]] = []
        self.status: dict[Any, list[Any]] = {}
        self.call: o.Auction | None = None

    def work(self, written: Any) -> None:
        """Work off one event and keep what it tells."""
        event = read_event(written, self.names)
        for fact in self.book.apply(event):
            self._keep(fact, event)
        for order_id, (status, left) in self.book.view().status.items():
            self.status[self.names.order(order_id)] = [status.name.lower(), left]

    def _keep(self, fact: o.Fact, event: o.Event) -> None:
        name = self.names.order
        match fact:
            case o.Trade():
                self.trades.append([name(fact.buy), name(fact.sell), fact.quantity, fact.price])
            case o.CancelRejected():
                self.told.append(["cancel_rejected", name(fact.order_id)])
            case o.ReplaceRejected():
                self.told.append(["replace_rejected", name(fact.order_id)])
            case o.VolatilityCall():
                self.told.append(["volatility_call", fact.price])
            case o.Auction():
                self.call = fact
            case o.Refused() if isinstance(event, o.NewOrder):
                self.status.setdefault(name(fact.order_id), ["rejected", event.quantity])

    def auction(self) -> list[int] | None:
        """Give price, volume and surplus of the last call that ended, or of the one that goes on."""
        if self.call is not None:
            one = self.call
            return None if one.price is None else [one.price, one.volume, one.surplus]
        found = self.book.view().indicative
        return None if found is None else list(found)

    def rows(self, side: list[Shown]) -> list[list[Any]]:
        """Write a side of the book."""
        return [
            ["MKT" if row.price is None else row.price, row.shown, self.names.order(row.order_id)]
            for row in side
        ]


def book_of(terms: dict[str, Any]) -> Book:
    """Make the book of the instrument of a case."""
    prices: dict[str, Any] = {key: whole(terms[key]) for key in PRICES if terms.get(key) is not None}
    cap = terms.get("pressure_cap_pct")
    instrument = Instrument(
        code=str(terms.get("code", "CASE")),
        stp=SelfTrade[str(terms.get("stp") or "cancel_taker").upper()],
        rest_market=bool(terms.get("rest_market", False)),
        pressure_cap_pct=None if cap is None else str(cap),
        **prices,
    )
    return Book(instrument, read_phase(terms.get("phase", "continuous")))


def _statuses(expected: dict[str, Any], run: Run) -> list[Failure]:
    failures: list[Failure] = []
    for name, value in expected.items():
        found = run.status.get(name, run.status.get(int(name)) if name.isdecimal() else None)
        failures += same(f"status.{name}", list(value), found)
    return failures


def _phase(expected: str, run: Run) -> list[Failure]:
    found = run.book.phase
    return [] if found in wanted_phases(expected) else same("phase", expected, found.name.lower())
