"""Let everything happen that is due: deadlines of the domains in one order, then those of the engine.

One tick handles at most `LIMIT` deadlines, so that nothing else waits long; while more is due, the node gives
another. A deadline is exclusive, so whatever came at it or later was late already, swept or not.
"""

from collections.abc import Callable

from msgspec import Struct

from steelyard.flows import (
    approve,
    auction_life,
    batch,
    clearing_claims,
    clearing_default,
    clearing_margin,
    credit_intraday,
    credit_swap,
    cycle_life,
    day_end,
    delivery_cover_end,
    energy_deal,
    energy_match,
    fixing,
    forward_life,
    fund,
    fx_batch,
    fx_order,
    fx_trade,
    lateness,
    market_beat,
    market_due,
    market_phase,
    market_quote,
    pvp_settle,
    redeeming,
    replan,
    rfq,
    ring,
    set_off,
    settle,
    standing,
    tender_life,
    titles,
    voyage,
    withdrawals,
)
from steelyard.flows.command import Command, Outcome
from steelyard.flows.diary import Diary
from steelyard.flows.timers import TimerKind
from steelyard.flows.world import World
from steelyard.values.instants import Instant

LIMIT = 2_000

Handler = Callable[[World, Diary, bytes, Instant], None]


class TickFields(Struct, array_like=True, frozen=True, gc=False):
    """A tick says nothing but that it is time."""


def run(world: World, command: Command, fields: TickFields, at: Instant) -> Outcome:
    """Handle what is due at `at`."""
    diary = Diary()
    due = world.timers.due(at, limit=LIMIT)
    for due_at, kind, subject in due:
        if not world.timers.take(due_at, kind, subject):
            continue
        if kind is TimerKind.DAY_END:
            day_end.on_timer_day_end(world, diary, subject, due_at, at)
        else:
            HANDLERS[kind](world, diary, subject, at)
    left = LIMIT - len(due)
    left -= settle.work(world, diary, at, limit=max(left, 1))
    if left > 0:
        _expire(world, at, left)
        settle.work(world, diary, at, limit=left)
    return diary.done()


def _expire(world: World, at: Instant, limit: int) -> None:
    """Let reservations end whose own deadline is reached; payments have ended theirs before."""
    engine = world.engine
    for expiry in engine.due(at, limit=limit):
        reservation = engine.reservation(expiry.bundle_id)
        assert reservation is not None
        sources = [leg[0] for leg in reservation.legs]
        engine.expire(expiry.bundle_id, at=at)
        world.voyages.waiting.pop(expiry.bundle_id.to_bytes(16, "big"), None)
        world.queues.push_all(sources)
    engine.sweep_deadlines()


HANDLERS: dict[TimerKind, Handler] = {
    TimerKind.APPROVAL: approve.on_timer_approval,
    TimerKind.FUNDING: fund.on_timer_funding,
    TimerKind.REDEMPTION: redeeming.on_timer_redemption,
    TimerKind.SUSPENSION: standing.on_timer_suspension,
    TimerKind.QUOTE: withdrawals.on_timer_quote,
    TimerKind.PAYMENT: settle.on_timer_payment,
    TimerKind.PAYMENT_WINDOW: settle.on_timer_window,
    TimerKind.CREDITED: lateness.on_timer_credited,
    TimerKind.FX_TRADE: fx_trade.on_timer_fx_trade,
    TimerKind.FX_ORDER: fx_order.on_timer_fx_order,
    TimerKind.FX_BATCH: fx_batch.on_timer_turn,
    TimerKind.FX_BATCH_ANSWER: fx_batch.on_timer_answer,
    TimerKind.PVP: pvp_settle.on_timer_turn,
    TimerKind.PVP_ANSWER: pvp_settle.on_timer_answer,
    TimerKind.RING: ring.on_timer_ring,
    TimerKind.SET_OFF_ANSWER: set_off.on_timer_answer,
    TimerKind.REPLAN: replan.on_timer_replan,
    TimerKind.BATCH: batch.on_timer_batch,
    TimerKind.BATCH_ANSWER: batch.on_timer_answer,
    TimerKind.CYCLE: cycle_life.on_timer_cycle,
    TimerKind.CYCLE_SCHEDULE: cycle_life.on_timer_schedule,
    TimerKind.CYCLE_GATHER: cycle_life.on_timer_gather,
    TimerKind.CREDIT_LINE: credit_intraday.on_timer_line,
    TimerKind.CREDIT_SWAP: credit_swap.on_timer_swap,
    TimerKind.CLEARING_RUN: clearing_margin.on_timer_run,
    TimerKind.CLEARING_GRACE: clearing_claims.on_timer_grace,
    TimerKind.CLEARING_CASE: clearing_default.on_timer_case,
    TimerKind.MARKET_QUOTE: market_quote.on_timer_quote,
    TimerKind.MARKET_SESSION: market_phase.on_timer_session,
    TimerKind.MARKET_BEAT: market_beat.on_timer_beat,
    TimerKind.MARKET_CALL: market_phase.on_timer_call,
    TimerKind.MARKET_DUE: market_due.on_timer_due,
    TimerKind.RECEIPT: titles.on_timer_receipt,
    TimerKind.DELIVERY: delivery_cover_end.on_timer_delivery,
    TimerKind.VOYAGE: voyage.on_timer_voyage,
    TimerKind.FORWARD: forward_life.on_timer_forward,
    TimerKind.TENDER: tender_life.on_timer_tender,
    TimerKind.AUCTION: auction_life.on_timer_auction,
    TimerKind.RFQ: rfq.on_timer_rfq,
    TimerKind.ENERGY_MATCH: energy_match.on_timer_match,
    TimerKind.PRICE_FIXING: fixing.on_timer_fixing,
    TimerKind.ENERGY_DEAL: energy_deal.on_timer_deal,
}
