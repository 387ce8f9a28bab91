"""Foreign exchange trades between two participants: entered by both, matched, settled PvP on the value date.

Both legs are one bundle, so nothing moves unless both do. A trade that lacks money tries again at every
inflow of the account that lacks it, until the close of its value date; then it has failed and nothing moved.
"""

from msgspec import Struct, structs

from steelyard.engine.bundles import Bundle, Kind, Leg
from steelyard.engine.refusals import Refusal as EngineRefusal
from steelyard.flows import booking, guard, parties, pvp_cover, pvp_queue
from steelyard.flows.command import Command, Outcome
from steelyard.flows.diary import Diary, refused
from steelyard.flows.facts import TradeMoved
from steelyard.flows.fields import Day, Key, Name
from steelyard.flows.timers import TimerKind
from steelyard.flows.world import World
from steelyard.fx.refusals import FxRefusal
from steelyard.fx.trades import Trade, TradeEvent, TradeState, step
from steelyard.liquidity.queues import Waiting
from steelyard.members.calendars import INSTITUTION, Verdict
from steelyard.values.amount import AMOUNT_END
from steelyard.values.instants import DAY, Instant

FAR = 400 * DAY


class EnterFields(Struct, array_like=True, frozen=True, gc=False):
    """One side's view of a trade: I pay this, I get that, on this date; `reference` both agreed on, or empty."""

    counterpart: Name
    pays: Name
    pays_minor: int
    gets: Name
    gets_minor: int
    value_on: Day
    reference: Key = b""


class CancelFields(Struct, array_like=True, frozen=True, gc=False):
    """Which trade its party wants to be out of: the id under which it entered it."""

    trade: Key


def enter(world: World, command: Command, fields: EnterFields, at: Instant) -> Outcome:
    """Take one side's entry; where the other side's waits, the trade is matched and settles when it may."""
    close_at = _check(world, command.sender, fields, at)
    if isinstance(close_at, FxRefusal):
        return refused(close_at)
    mine = (command.sender, fields.pays, fields.pays_minor)
    other = (fields.counterpart, fields.gets, fields.gets_minor)
    first, second = sorted((mine, other))
    trade = Trade(
        command.id, first[0], second[0], first[1], first[2], second[1], second[2], fields.value_on,
        fields.reference, command.sender, at, TradeState.ENTERED, seq=world.commands, close_at=close_at,
    )  # fmt: skip
    diary = Diary()
    partner = world.fx.partner(trade)
    if partner is None:
        if world.fx.entered_by(command.sender) >= parties.rules(world, at).book.trades_max:
            return refused(FxRefusal.TOO_MANY_TRADES)
        world.timers.set(close_at, TimerKind.FX_TRADE, trade.trade)
        _keep(world, diary, trade)
        return diary.done()
    matched = structs.replace(partner, state=TradeState.MATCHED, other=trade.trade)
    _keep(world, diary, matched)
    waiting = _moved(matched, TradeEvent.AGREED)
    _keep(world, diary, waiting)
    for owner in (waiting.first, waiting.second):
        diary.tell(owner, "trade.matched", waiting.trade, *_data(waiting))
    _start(world, diary, waiting, at)
    return diary.done()


def cancel(world: World, command: Command, fields: CancelFields, at: Instant) -> Outcome:
    """Take an unmatched entry back at once, a matched trade when both sides want it."""
    trade = world.fx.trade(fields.trade)
    if trade is None or command.sender not in (trade.first, trade.second):
        return refused(FxRefusal.TRADE_NOT_FOUND)
    if trade.state == TradeState.ENTERED and trade.entered_by != command.sender:
        return refused(FxRefusal.TRADE_NOT_FOUND)
    diary = Diary()
    if trade.state == TradeState.ENTERED:
        ended = _moved(trade, TradeEvent.WITHDRAWN)
    elif trade.state != TradeState.WAITING:
        return refused(FxRefusal.TRADE_STATE_FORBIDS)
    elif trade.withdrawn_by in ("", command.sender):
        ended = structs.replace(trade, withdrawn_by=command.sender)
        other = trade.second if command.sender == trade.first else trade.first
        diary.tell(other, "trade.cancel_asked", trade.trade, *_data(trade))
    else:
        ended = _moved(trade, TradeEvent.BOTH_WITHDRAWN)
    _keep(world, diary, ended)
    if ended.state == TradeState.CANCELLED:
        _stop(world, ended)
        for owner in (trade.first, trade.second):
            diary.tell(owner, "trade.cancelled", trade.trade, *_data(ended))
    return diary.done()


def attempt(world: World, diary: Diary, trade_id: bytes, at: Instant) -> None:
    """Settle a waiting trade if both sides are funded; else let it wait for the account that is short."""
    trade = world.fx.trade(trade_id)
    if trade is None or trade.state != TradeState.WAITING or at >= trade.close_at:
        return
    participants = world.members.participants
    if not (participants[trade.first].receives and participants[trade.second].receives):
        return
    if world.calendars.window(trade.first_pays, trade.second_pays, INSTITUTION, at).verdict is not Verdict.GO:
        return
    if pvp_queue.takes(world, trade):
        _leave_lists(world, trade)
        for payer, leg in legs(world, trade):
            item = Waiting(trade.trade, payer, leg.source, leg.amount_minor, trade.seq, at)
            world.queues.put_aside(item)
        pvp_queue.touch(world, diary, at)
        return
    for payer, leg in legs(world, trade):
        sides = (trade.first_pays, trade.first_minor), (trade.second_pays, trade.second_minor)
        pays, gets = sides if payer == trade.first else sides[::-1]
        if pvp_cover.keeps_in_exchange(world, payer, pays, gets):
            _leave_lists(world, trade)
            world.queues.put_aside(Waiting(trade.trade, payer, leg.source, leg.amount_minor, trade.seq, at))
            pvp_cover.watch(world, at)
            return
    made = tuple([leg for _, leg in legs(world, trade)])
    owner_nos = world.engine.owner_nos
    number = booking.bundle_id(trade.trade, world.commands, at)
    bundle = Bundle(number, Kind.FX, made, reference=int.from_bytes(trade.trade, "big"))
    act = world.engine.move(bundle, authority=[owner_nos[trade.first], owner_nos[trade.second]], at=at)
    _leave_lists(world, trade)
    if act.refusal is EngineRefusal.LIQUIDITY_IS_SHORT:
        payer, leg = legs(world, trade)[act.leg]
        world.queues.put_aside(Waiting(trade.trade, payer, leg.source, leg.amount_minor, trade.seq, at))
        return
    if act.refusal is not None:
        return
    settled(world, diary, trade, number.to_bytes(16, "big"))


def settled(world: World, diary: Diary, trade: Trade, bundle_id: bytes) -> None:
    """Note that both legs of a waiting trade have moved."""
    _leave_lists(world, trade)
    after = _moved(trade, TradeEvent.SETTLED_NOW)
    _keep(world, diary, after, bundle_id=bundle_id)
    world.timers.cancel(TimerKind.FX_TRADE, trade.trade)
    world.queues.push_all([leg.target for _, leg in legs(world, trade)])
    for owner, pays, gets in (
        (trade.first, trade.first_pays, trade.second_pays),
        (trade.second, trade.second_pays, trade.first_pays),
    ):
        guard.heavier(world, diary, owner, gets)
        guard.lighter(world, owner, pays)
    for owner in (trade.first, trade.second):
        diary.tell(owner, "trade.settled", trade.trade, *_data(after))


def on_timer_fx_trade(world: World, diary: Diary, trade_id: bytes, at: Instant) -> None:
    """Start a trade at the opening of its value date; at the close, end what is unmatched or unfunded."""
    trade = world.fx.trade(trade_id)
    if trade is None:
        return
    if at < trade.close_at:
        _start(world, diary, trade, at)
        return
    if trade.state == TradeState.ENTERED:
        ended, kind = _moved(trade, TradeEvent.CUT_OFF), "trade.unmatched"
        refusal = FxRefusal.TRADE_WAS_NOT_MATCHED
    elif trade.state == TradeState.WAITING:
        ended, kind = _moved(trade, TradeEvent.CLOSE), "trade.failed"
        refusal = FxRefusal.TRADE_FUNDS_DID_NOT_COME
    else:
        return
    _stop(world, trade)
    _keep(world, diary, ended, refusal=refusal.code)
    owners = (trade.first, trade.second) if kind == "trade.failed" else (trade.entered_by,)
    for owner in owners:
        diary.tell(owner, kind, trade.trade, *_data(ended))


def _check(world: World, sender: str, fields: EnterFields, at: Instant) -> Instant | FxRefusal:
    """Give the close of the value date of an entry that may stand, or the first rule it breaks."""
    members = world.members
    if sender == fields.counterpart:
        return FxRefusal.TRADE_PARTIES_MUST_DIFFER
    for owner in (sender, fields.counterpart):
        found = members.participants.get(owner)
        if found is None or not found.sends:
            return FxRefusal.TRADE_PARTY_IS_NOT_ACTIVE
    if fields.pays == fields.gets or fields.pays not in members.assets or fields.gets not in members.assets:
        return FxRefusal.TRADE_CURRENCIES_MUST_DIFFER
    if not (0 < fields.pays_minor < AMOUNT_END and 0 < fields.gets_minor < AMOUNT_END):
        return FxRefusal.TRADE_AMOUNT_MUST_BE_POSITIVE
    for owner in (sender, fields.counterpart):
        for asset in (fields.pays, fields.gets):
            if not parties.provider_account(world, owner, asset):
                return FxRefusal.TRADE_ACCOUNT_NOT_FOUND
    window = world.calendars.window(
        fields.pays, fields.gets, INSTITUTION, at, requested_on=fields.value_on, horizon=FAR
    )
    if window.verdict in _DATES:
        return _DATES[window.verdict]
    return window.cut_off_at if window.on == fields.value_on else FxRefusal.TRADE_CUT_OFF_HAS_PASSED


_DATES = {
    Verdict.DATE_IS_PAST: FxRefusal.TRADE_VALUE_DATE_HAS_PASSED,
    Verdict.NO_BUSINESS_DAY: FxRefusal.TRADE_VALUE_DATE_IS_NO_BUSINESS_DAY,
    Verdict.BEYOND_HORIZON: FxRefusal.TRADE_VALUE_DATE_IS_TOO_FAR,
}


def _start(world: World, diary: Diary, trade: Trade, at: Instant) -> None:
    """Try a matched trade now or at the next opening of its date; then only inflows and the close count."""
    if trade.state != TradeState.WAITING:
        return
    window = world.calendars.window(
        trade.first_pays, trade.second_pays, INSTITUTION, at, requested_on=trade.value_on, horizon=FAR
    )
    opens_at = window.not_before_at if window.verdict is Verdict.WAIT else 0
    world.timers.set(min(opens_at, trade.close_at) or trade.close_at, TimerKind.FX_TRADE, trade.trade)
    if not opens_at:
        attempt(world, diary, trade.trade, at)


def legs(world: World, trade: Trade) -> list[tuple[str, Leg]]:
    """Give the two legs of a trade, each with who pays it."""
    account = parties.provider_account
    there = (account(world, trade.first, trade.first_pays), account(world, trade.second, trade.first_pays))
    back = (account(world, trade.second, trade.second_pays), account(world, trade.first, trade.second_pays))
    return [
        (trade.first, Leg(*there, trade.first_minor)),
        (trade.second, Leg(*back, trade.second_minor)),
    ]


def _moved(trade: Trade, event: TradeEvent) -> Trade:
    after = step(TradeState(trade.state), event)
    if after is None:
        raise ValueError(f"{event} has no place in {trade.state}")
    return structs.replace(trade, state=after)


def _keep(world: World, diary: Diary, trade: Trade, bundle_id: bytes = b"", refusal: int = 0) -> None:
    world.fx.put_trade(trade)
    diary.fact(
        TradeMoved(
            trade.trade, trade.first, trade.second, trade.first_pays, trade.first_minor, trade.second_pays,
            trade.second_minor, trade.value_on, trade.state, bundle_id, refusal,
        )
    )  # fmt: skip


def _stop(world: World, trade: Trade) -> None:
    _leave_lists(world, trade)
    world.timers.cancel(TimerKind.FX_TRADE, trade.trade)


def _leave_lists(world: World, trade: Trade) -> None:
    for _, leg in legs(world, trade):
        world.queues.remove(leg.source, trade.trade)


def _data(trade: Trade) -> tuple[int | str | bytes, ...]:
    return (
        trade.first, trade.second, trade.first_pays, trade.first_minor, trade.second_pays, trade.second_minor,
        trade.value_on, trade.state, trade.other,
    )  # fmt: skip
