"""All that a node knows about foreign exchange: sheets, quotes, claims, trades and reference rates."""

from collections import OrderedDict

from msgspec import Struct

from steelyard.fx.board import Board
from steelyard.fx.claims import Claims
from steelyard.fx.quotes import Ending, Quote
from steelyard.fx.rate_book import RateBook, RateRules, Standing
from steelyard.fx.rates import Reference
from steelyard.fx.sheets import Sheet
from steelyard.fx.trades import Trade, TradeState
from steelyard.values.instants import Instant
from steelyard.values.wide import packed, unpacked

ENDED_MAX = 100_000
"""How many ended quotes are remembered by their id alone; older ones are unknown."""
OVER_MAX = 20_000
"""How many ended trades are kept."""


class Fx:
    """The foreign exchange of one node.

    A quote is open until it is used, expires or is withdrawn; then only how it ended is kept, so that a
    second use gets a definite answer. Claims always equal the sums of the open quotes' soft hops.
    """

    __slots__ = (
        "_alias",
        "_asked",
        "_by_key",
        "_by_provider",
        "_ended",
        "_entered",
        "_over",
        "board",
        "claims",
        "quotes",
        "rate_book",
        "trades",
    )

    def __init__(self) -> None:
        self.board = Board()
        self.claims = Claims()
        self.rate_book = RateBook()
        self.quotes: dict[bytes, Quote] = {}
        self.trades: dict[bytes, Trade] = {}
        self._by_provider: dict[str, dict[bytes, None]] = {}
        self._ended: OrderedDict[bytes, tuple[str, str]] = OrderedDict()
        self._by_key: dict[bytes, list[bytes]] = {}
        self._alias: dict[bytes, bytes] = {}  # id under which the second side entered -> the trade's
        self._over: OrderedDict[bytes, None] = OrderedDict()
        self._asked: dict[str, int] = {}  # open quotes by debtor agent
        self._entered: dict[str, int] = {}  # open trades by who entered first

    def asked_by(self, debtor_agent: str) -> int:
        """Give how many open quotes a participant has asked for."""
        return self._asked.get(debtor_agent, 0)

    def entered_by(self, participant: str) -> int:
        """Give how many open trades a participant has entered: before the other side, if that has too."""
        return self._entered.get(participant, 0)

    def open_quote(self, quote: Quote) -> None:
        """Keep a quote and count what it promises."""
        self.quotes[quote.quote_id] = quote
        _count(self._asked, quote.debtor_agent, 1)
        for hop in quote.hops:
            self._by_provider.setdefault(hop.provider, {})[quote.quote_id] = None
            if not hop.firm:
                self.claims.add(hop.provider, hop.buy, hop.bought_minor)

    def end_quote(self, quote_id: bytes, how: Ending) -> Quote:
        """Take an open quote out, free what it promises and remember how it ended."""
        quote = self.quotes.pop(quote_id)
        _count(self._asked, quote.debtor_agent, -1)
        for hop in quote.hops:
            mine = self._by_provider[hop.provider]
            mine.pop(quote_id, None)
            if not mine:
                del self._by_provider[hop.provider]
            if not hop.firm:
                self.claims.drop(hop.provider, hop.buy, hop.bought_minor)
        self._ended[quote_id] = (str(how), quote.debtor_agent)
        if len(self._ended) > ENDED_MAX:
            self._ended.popitem(last=False)
        return quote

    def ended(self, quote_id: bytes) -> tuple[str, str] | None:
        """Give how a quote ended and whose it was, or None where it is open or unknown."""
        return self._ended.get(quote_id)

    def quotes_of(self, provider: str) -> list[bytes]:
        """Give the open quotes in which a provider takes part, oldest first."""
        return list(self._by_provider.get(provider, ()))

    def put_rate(self, rate: Reference) -> None:
        """Keep a reference rate; the newest publication of a pair and kind counts."""
        self.rate_book.put(rate)

    def reference(self, source: str, target: str, *, at: Instant, age_ns: int) -> Reference | None:
        """Give the newest reference of a pair, either way round, that is not older than `age_ns`; or None.

        It is what quotes and sheets are held against; where a currency has named a kind for quotes, of that kind.
        """
        one = self.rate_book.newest(source, target, "quote")
        return one if one is not None and at - one.at <= age_ns else None

    def rates(self) -> list[Reference]:
        """Give the newest reference rates, by pair and kind."""
        return [standing.newest for standing in self.rate_book.standings()]

    def trade(self, trade_id: bytes) -> Trade | None:
        """Give a trade by the id under which either side entered it, or None."""
        return self.trades.get(self._alias.get(trade_id, trade_id))

    def put_trade(self, trade: Trade) -> None:
        """Keep a trade as it stands now."""
        known = self.trades.get(trade.trade)
        if known is not None and known.state == TradeState.ENTERED != trade.state:
            self._unlist(known)
        self.trades[trade.trade] = trade
        _count(self._entered, trade.entered_by, _is_open(trade) - (known is not None and _is_open(known)))
        if trade.other:
            self._alias[trade.other] = trade.trade
        if trade.state == TradeState.ENTERED:
            self._by_key.setdefault(trade.key, []).append(trade.trade)
        elif trade.state not in (TradeState.MATCHED, TradeState.WAITING):
            self._over[trade.trade] = None
            if len(self._over) > OVER_MAX:
                oldest = self.trades.pop(self._over.popitem(last=False)[0])
                self._alias.pop(oldest.other, None)

    def partner(self, trade: Trade) -> Trade | None:
        """Give the oldest unmatched trade with the same fields that the other side entered, or None."""
        for other in self._by_key.get(trade.key, ()):
            if self.trades[other].entered_by != trade.entered_by:
                return self.trades[other]
        return None

    def _unlist(self, trade: Trade) -> None:
        listed = self._by_key[trade.key]
        listed.remove(trade.trade)
        if not listed:
            del self._by_key[trade.key]

    def encode(self) -> bytes:
        """Give the canonical bytes."""
        return packed(
            _Saved(
                self.board.sheets(), list(self.quotes.values()), list(self._ended.items()),
                self.rate_book.standings(), self.rate_book.all_rules(), list(self.trades.values()), list(self._over),
            )
        )  # fmt: skip

    @classmethod
    def decode(cls, data: bytes) -> "Fx":
        """Build what `encode` described."""
        fx = cls()
        saved = unpacked(data, _Saved)
        for sheet in saved.sheets:
            fx.board.put(sheet)
        for quote in saved.quotes:
            fx.open_quote(quote)
        fx._ended = OrderedDict(saved.ended)
        fx.rate_book.restore(saved.standings, saved.rate_rules)
        for trade in saved.trades:
            fx.trades[trade.trade] = trade
            _count(fx._entered, trade.entered_by, int(_is_open(trade)))
            if trade.other:
                fx._alias[trade.other] = trade.trade
            if trade.state == TradeState.ENTERED:
                fx._by_key.setdefault(trade.key, []).append(trade.trade)
        fx._over = OrderedDict((trade, None) for trade in saved.over)
        return fx


def _is_open(trade: Trade) -> bool:
    return trade.state in (TradeState.ENTERED, TradeState.MATCHED, TradeState.WAITING)


def _count(counts: dict[str, int], owner: str, more: int) -> None:
    """Add to an owner's count; one that is zero is not kept."""
    count = counts.get(owner, 0) + more
    if count:
        counts[owner] = count
    else:
        counts.pop(owner, None)


class _Saved(Struct, array_like=True, frozen=True):
    sheets: list[Sheet]
    quotes: list[Quote]
    ended: list[tuple[bytes, tuple[str, str]]]
    standings: list[Standing]
    rate_rules: list[RateRules]
    trades: list[Trade]
    over: list[bytes]
