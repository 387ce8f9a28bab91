"""What gateways ask the state about payments, quotes, sheets and trades, each row as its viewer may see it.

Every read has the shape of `node/reads.py`: `(world, params, viewer)`, where the viewer is the owner who asks
and an empty one is the node itself. What a viewer may not know is answered as what is not there: None, or no
row. Rows are dictionaries of numbers, codes and bytes; instants in ns, dates in days, amounts in minor units.
"""

from collections.abc import Callable
from typing import Any

from steelyard.flows import (
    clearing_reads,
    credit_reads,
    cycle_reads,
    delivery_reads,
    energy_reads,
    parties,
    price_reads,
    pvp_reads,
    queue_reads,
    rfq_reads,
    tender_reads,
    valuing,
)
from steelyard.flows.world import World
from steelyard.fx.quotes import Quote
from steelyard.fx.sheets import Sheet
from steelyard.fx.trades import Trade
from steelyard.members.roles import OwnerKind
from steelyard.payments.payment import Flag, Payment, Record
from steelyard.payments.states import State

Params = tuple[Any, ...]
Row = dict[str, Any]
LIMIT = 1_000


def payment(world: World, params: Params, viewer: str) -> Row | None:
    """Give a payment by its UETR, live or remembered, to its agents, its providers and overseers of a side."""
    uetr = bytes(params[0])
    live = world.payments.live.get(uetr)
    if live is not None:
        role = _role(world, viewer, live.debtor_agent, live.creditor_agent, live.providers)
        return _live_row(live, role) if role else None
    record = world.payments.record(uetr)
    if record is None:
        return None
    name = world.payments.name
    role = _role(world, viewer, name(record.debtor_agent), name(record.creditor_agent), ())
    return _record_row(world, uetr, record, role) if role else None


def payments(world: World, params: Params, viewer: str) -> list[Row]:
    """Give the live payments of the viewer, in the order in which they joined, at most `LIMIT`."""
    rows = []
    for live in world.payments.of(viewer or str(params[0]))[:LIMIT]:
        role = _role(world, viewer, live.debtor_agent, live.creditor_agent, live.providers)
        rows.append(_live_row(live, role or "reader"))
    return rows


def offers(world: World, params: Params, viewer: str) -> list[Row]:
    """Give the offers that wait for the viewer's answer, oldest first, at most `LIMIT`."""
    agent = viewer or str(params[0])
    found = [
        _live_row(live, "creditor")
        for live in world.payments.of(agent)
        if live.state == State.OFFERED and live.creditor_agent == agent
    ]
    return found[:LIMIT]


def queue(world: World, params: Params, viewer: str) -> list[Row]:
    """Give what waits for the viewer's money on its account in one asset, first to go first."""
    owner = viewer or str(params[1])
    account_no = parties.settlement_account(world, owner, str(params[0]))
    rows = []
    for place, item in enumerate(world.queues.of(account_no, most=LIMIT), 1):
        row = _live_row(world.payments.live[item.uetr], "debtor")
        rows.append({**row, "place": place, "queued_at": item.queued_at})
    return rows


def depth(world: World, params: Params, viewer: str) -> tuple[int, str]:
    """Give how many payments wait for the viewer's money in one asset, and their sum as decimal text."""
    owner = viewer or str(params[1])
    count, total = world.queues.depth(parties.settlement_account(world, owner, str(params[0])))
    return count, str(total)


def quote(world: World, params: Params, viewer: str) -> Row | None:
    """Give a quote by its id: whole to who asked for it, its own exchange to a provider of it."""
    quote_id = bytes(params[0])
    found = world.fx.quotes.get(quote_id)
    if found is not None:
        if viewer in ("", found.debtor_agent) or viewer in found.providers:
            return _quote_row(found, viewer)
        return None
    ended = world.fx.ended(quote_id)
    if ended is None or viewer not in ("", ended[1]):
        return None
    return {"quote_id": quote_id, "state": ended[0], "debtor_agent": ended[1]}


def sheets(world: World, params: Params, viewer: str) -> list[Row]:
    """Give the sheets in force; a provider sees all of its own, others see every provider's rates."""
    now = world.now
    return [
        _sheet_row(sheet)
        for sheet in world.fx.board.sheets()
        if sheet.valid_until > now or (viewer == sheet.provider and sheet.version)
    ]


def rates(world: World, params: Params, viewer: str) -> list[Row]:
    """Give the reference rates with their flags of now, by pair and kind."""
    rows: list[Row] = []
    for standing in world.fx.rate_book.standings():
        rate = standing.newest
        rows.append(
            {
                "base": rate.base, "quote": rate.quote, "num": str(rate.num), "den": str(rate.den),
                "kind": rate.kind, "source": rate.source, "at": rate.at, "received_at": rate.received_at,
                "confirmed_at": standing.confirmed_at, "flags": rate.flags,
                "marks": valuing.marks(world, standing, world.now),
            }
        )  # fmt: skip
    return rows


def trades(world: World, params: Params, viewer: str) -> list[Row]:
    """Give the trades of the viewer that are not long over, newest last, at most `LIMIT`.

    An entry that the other side has not made yet is shown to who made it alone.
    """
    rows = [_trade_row(trade) for trade in world.fx.trades.values() if _sees(trade, viewer)]
    return rows[-LIMIT:]


def trade(world: World, params: Params, viewer: str) -> Row | None:
    """Give a trade by the id under which either side entered it."""
    found = world.fx.trade(bytes(params[0]))
    return _trade_row(found) if found is not None and _sees(found, viewer) else None


def _sees(trade: Trade, viewer: str) -> bool:
    if not viewer:
        return True
    if not trade.other:
        return viewer == trade.entered_by
    return viewer in (trade.first, trade.second)


def _role(world: World, viewer: str, debtor: str, creditor: str, providers: tuple[str, ...]) -> str:
    """Give in which part a viewer may see a payment, or nothing where it may not."""
    if not viewer:
        return "reader"
    if viewer == debtor:
        return "debtor"
    if viewer == creditor:
        return "creditor"
    if viewer in providers:
        return "provider"
    kind = world.members.owner_kind(viewer)
    if kind is OwnerKind.OPERATOR:
        return "reader"
    if kind is OwnerKind.SETTLEMENT_AGENT:
        home = world.members.home(viewer)
        return "reader" if home in (world.members.home(debtor), world.members.home(creditor)) else ""
    return ""


def _live_row(live: Payment, role: str) -> Row:
    terms = live.terms
    return {
        "uetr": live.uetr, "role": role, "kind": live.kind, "service": live.service, "state": int(live.state),
        "refusal": live.refusal, "waits": int(live.waits), "priority": live.priority, "rank": live.rank,
        "reason": live.reason, "debtor_agent": live.debtor_agent,
        "creditor_agent": live.creditor_agent, "providers": live.providers, "source": live.source,
        "target": live.target,
        "source_minor": live.source_minor if terms is None else terms.source_minor,
        "target_minor": live.target_minor if terms is None else terms.target_minor,
        "debit_minor": live.debit_minor,
        "payee_minor": live.target_minor if terms is None else terms.payee_minor,
        "num": str(live.rate_num if terms is None else terms.num),
        "den": str(live.rate_den if terms is None else terms.den),
        "fees": [] if terms is None else [
            (fee.what, fee.keeper, fee.asset, fee.amount_minor) for fee in terms.fees
        ],
        "quote_id": b"" if terms is None else terms.quote_id,
        "lock_until": 0 if terms is None else terms.lock_until,
        "settlement_on": live.settlement_on, "not_before_at": live.not_before_at,
        "not_after_at": live.not_after_at, "due_at": live.due_at,
        "deadline_at": live.deadline_at, "entered_at": live.entered_at, "bundle_id": live.bundle_id,
        "message_digest": live.message_digest, "ordinal": live.ordinal, "purpose": live.purpose,
        "split": live.split, "settled_minor": live.settled_minor, "open_minor": live.open_minor,
        "parts": live.parts, "cancel_asked": live.cancel_asked, "screening": 0, "over": False,
    }  # fmt: skip


def _record_row(world: World, uetr: bytes, record: Record, role: str) -> Row:
    name = world.payments.name
    kept = world.payments.unposted.get(uetr)
    return {
        "uetr": uetr, "role": role, "kind": record.kind, "service": record.service, "state": record.state,
        "refusal": record.refusal, "reason": record.reason.rstrip(b"\0").decode("ascii", "replace"),
        "debtor_agent": name(record.debtor_agent), "creditor_agent": name(record.creditor_agent),
        "source": name(record.source), "target": name(record.target), "source_minor": record.source_minor,
        "target_minor": record.target_minor, "settlement_on": record.settlement_on,
        "abandoned": bool(record.flags & Flag.PARTLY), "ended_at": record.ended_at,
        "credit_is_late": bool(record.flags & Flag.CREDIT_IS_LATE),
        "unposted_until": 0 if kept is None else kept.due_at, "over": True,
    }  # fmt: skip


def _quote_row(quote: Quote, viewer: str) -> Row:
    hops = [
        (hop.provider, hop.sell, hop.buy, hop.sold_minor, hop.bought_minor, str(hop.num), str(hop.den))
        for hop in quote.hops
        if viewer in ("", quote.debtor_agent, hop.provider)
    ]
    row: Row = {
        "quote_id": quote.quote_id, "state": "open", "rank": quote.rank, "source": quote.source,
        "target": quote.target, "hops": hops, "issued_at": quote.issued_at, "expires_at": quote.expires_at,
        "lock_until": quote.lock_until, "service": quote.service,
    }  # fmt: skip
    if viewer in ("", quote.debtor_agent):
        row |= {
            "debtor_agent": quote.debtor_agent, "creditor_agent": quote.creditor_agent,
            "providers": quote.providers, "fixed_send": quote.fixed_send, "debit_minor": quote.debit_minor,
            "source_minor": quote.source_minor, "target_minor": quote.target_minor,
            "payee_minor": quote.payee_minor, "num": str(quote.num), "den": str(quote.den),
            "fees": [(fee.what, fee.keeper, fee.asset, fee.amount_minor) for fee in quote.fees],
            "disclosure": quote.disclosure, "bearer": quote.bearer,
        }  # fmt: skip
    return row


def _sheet_row(sheet: Sheet) -> Row:
    return {
        "provider": sheet.provider, "sell": sheet.sell, "buy": sheet.buy,
        "tiers": [(tier.from_minor, str(tier.num), str(tier.den)) for tier in sheet.tiers],
        "min_minor": sheet.min_minor, "max_minor": sheet.max_minor, "valid_from": sheet.valid_from,
        "valid_until": sheet.valid_until, "ttl_ms": sheet.ttl_ns // 1_000_000,
        "lock_ms": sheet.lock_ns // 1_000_000, "rounding": sheet.rounding, "services": sheet.services,
        "kinds": sheet.kinds, "firm_reserved": sheet.firm_reserved, "version": sheet.version,
    }  # fmt: skip


def _trade_row(trade: Trade) -> Row:
    return {
        "trade": trade.trade, "other": trade.other, "first": trade.first, "second": trade.second,
        "first_pays": trade.first_pays, "first_minor": trade.first_minor, "second_pays": trade.second_pays,
        "second_minor": trade.second_minor, "value_on": trade.value_on, "state": str(trade.state),
        "entered_at": trade.entered_at, "close_at": trade.close_at, "withdrawn_by": trade.withdrawn_by,
    }  # fmt: skip


READS: tuple[tuple[str, Callable[[World, Params, str], Any]], ...] = (
    ("payment", payment),
    ("payments", payments),
    ("offers", offers),
    ("queue", queue),
    ("queue_depth", depth),
    ("quote", quote),
    ("sheets", sheets),
    ("rates", rates),
    ("trade", trade),
    ("trades", trades),
    *queue_reads.READS,
    *credit_reads.READS,
    *pvp_reads.READS,
    *cycle_reads.READS,
    *clearing_reads.READS,
    *delivery_reads.READS,
    *tender_reads.READS,
    *rfq_reads.READS,
    *energy_reads.READS,
    *price_reads.READS,
)
