"""The PvP queue: trades between enrolled members settle together, within tests that hold for each of them.

Such a trade does not settle by itself. Every minute, and when money comes in, the queue is given to the solver's
process, which scans it (A11); the machine repeats the tests on where members would stand and books the trades it
names as one bundle (`pvp_settle.py`). A member may be short of a currency as far as that currency's settlement
agent says and its account's floor allows. A member that misses a pay-in is stopped; all others go on.
"""

from hashlib import sha256

from steelyard.flows import booking, fx_values, liquidity_rules, parties
from steelyard.flows.diary import Diary
from steelyard.flows.liquidity_facts import BatchRequested
from steelyard.flows.timers import TimerKind
from steelyard.flows.world import World
from steelyard.fx.trades import Trade, TradeState
from steelyard.liquidity.algorithms.pvp import Instruction
from steelyard.liquidity.batches import Batch, Trigger, queued
from steelyard.liquidity.places import shared
from steelyard.liquidity.pvp_book import PVP
from steelyard.liquidity.pvp_snapshot import PvpSnapshot
from steelyard.liquidity.rules import MS
from steelyard.members.calendars import INSTITUTION, Verdict
from steelyard.values.instants import Instant

MOST = 10_000
"""Most trades of one run; the rest is next."""
TURN = b"pvp"


def takes(world: World, trade: Trade) -> bool:
    """Tell whether a trade settles in the queue: both its parties are enrolled."""
    return trade.first in world.pvp.aggregates and trade.second in world.pvp.aggregates


def touch(world: World, diary: Diary, at: Instant) -> None:
    """See to it that the queue is looked at: now, where no run is under way, and every minute."""
    arm(world, at)
    if world.pvp.open is None and not world.pvp.quiet:
        begin(world, diary, Trigger.INFLOW, at)


def arm(world: World, at: Instant) -> None:
    """Set the clock of the queue unless it is set."""
    every = liquidity_rules.rules(world, at).pvp_every_ms * MS
    if world.timers.at(TimerKind.PVP, TURN) is None:
        world.timers.set((at // every + 1) * every, TimerKind.PVP, TURN)


def begin(world: World, diary: Diary, trigger: str, at: Instant) -> bool:
    """Ask for a run of the queue; tell whether anything in it may settle now."""
    waiting = ready(world, at)
    if not waiting:
        return False
    members = dict.fromkeys(bic for trade in waiting for bic in (trade.first, trade.second))
    wanted = {
        asset
        for bic in members
        for asset in sorted(world.members.assets)
        if parties.provider_account(world, bic, asset)
    }
    units = fx_values.units(fx_values.judged(world, wanted, at))
    if len(units) < 2:
        return False
    number = world.batches.next_number
    seed = sha256(b"batch %d %d" % (number, world.commands)).digest()
    batch_id = booking.bundle_id(seed, number, at).to_bytes(16, "big")
    assets = tuple(asset for asset, _ in units)
    made = Batch(batch_id, number, PVP, assets, trigger, at, at, world.commands + 1, 0, (), units)
    world.batches.next_number += 1
    world.pvp.open = made
    ask(world, diary, made, at)
    return True


def ask(world: World, diary: Diary, made: Batch, at: Instant) -> None:
    """Let a proposal for the state after this command be asked for, until its time is over."""
    made.requested_at, made.snapshot_seq = at, world.commands + 1
    count(world, made, at)
    answer_at = at + liquidity_rules.rules(world, at).batch_answer_ms * MS
    world.timers.set(answer_at, TimerKind.PVP_ANSWER, made.batch_id)
    world.batches.fresh.append(made)
    diary.fact(
        BatchRequested(
            made.batch_id, made.number, made.kind, made.assets, made.trigger, made.snapshot_seq, made.tries,
            made.units,
        )
    )  # fmt: skip


def count(world: World, made: Batch, at: Instant) -> None:
    """Note what a run is to work on, by what first parties pay."""
    paying: dict[str, list[int]] = {}
    for one in snapshot(world, made, at).instructions:
        paying.setdefault(one.a_pays_ccy, []).append(one.a_pays)
    made.queued = tuple([queued(asset, paying[asset]) for asset in sorted(paying)])


def ready(world: World, at: Instant) -> list[Trade]:
    """Give the trades of the queue that may settle now, first come first, at most `MOST`.

    Of more each two members have as many in as others, their oldest: trades that two of them entered and do not pay for
    keep nobody else's out.
    """
    found = [trade for trade in world.fx.trades.values() if may_settle(world, trade, at)]
    found.sort(key=_in_order)
    if len(found) <= MOST:
        return found
    lines: dict[tuple[str, str], list[Trade]] = {}
    for trade in found:
        pair = min(trade.first, trade.second), max(trade.first, trade.second)
        lines.setdefault(pair, []).append(trade)
    return sorted(shared([lines[pair] for pair in sorted(lines)], MOST), key=_in_order)


def _in_order(trade: Trade) -> tuple[int, bytes]:
    return trade.seq, trade.trade


def may_settle(world: World, trade: Trade, at: Instant) -> bool:
    """Tell whether a trade waits in the queue, and nothing but money and the tests is in its way."""
    if trade.state != TradeState.WAITING or at >= trade.close_at or not takes(world, trade):
        return False
    participants = world.members.participants
    if not (participants[trade.first].receives and participants[trade.second].receives):
        return False
    window = world.calendars.window(trade.first_pays, trade.second_pays, INSTITUTION, at)
    return window.verdict is Verdict.GO


def position(world: World, bic: str, assets: list[str]) -> dict[str, int]:
    """Give where a member stands per currency: its balance less what is reserved to leave it."""
    found = {}
    for asset in assets:
        account = world.engine.accounts[parties.provider_account(world, bic, asset)]
        if account is not None:
            found[asset] = account.signed - account.debits_reserved
    return found


def limits(world: World, bic: str, assets: list[str]) -> dict[str, int]:
    """Give how far a member may be short of each currency: as its terms say, no further than its floor."""
    found = {}
    for asset in assets:
        account = world.engine.accounts[parties.provider_account(world, bic, asset)]
        if account is not None:
            found[asset] = min(world.pvp.short_limits.get((bic, asset), 0), max(0, -account.floor))
    return found


def lacking(world: World, bic: str, at: Instant) -> dict[str, int]:
    """Give per currency what of a member's pay-ins is overdue; nothing for a member in good order."""
    due = world.pvp.schedules.get(bic)
    if due is None:
        return {}
    now = position(world, bic, [asset for asset, _ in due.short])
    return due.lacking({asset: max(0, -minor) for asset, minor in now.items()}, at=at)


def is_whole(world: World, bic: str, units: dict[str, int]) -> bool:
    """Tell whether all that a member is short of can be valued, and so can its limit."""
    home, _ = world.pvp.aggregates[bic]
    every = position(world, bic, sorted(world.members.assets))
    return home in units and all(minor >= 0 or asset in units for asset, minor in every.items())


def snapshot(world: World, made: Batch, at: Instant) -> PvpSnapshot:
    """Give what a run is to work on."""
    units = dict(made.units)
    assets = sorted(units)
    trades = [
        trade
        for trade in ready(world, at)
        if trade.seq < made.snapshot_seq
        and trade.first_pays in units
        and trade.second_pays in units
        and is_whole(world, trade.first, units)
        and is_whole(world, trade.second, units)
    ]
    members = list(dict.fromkeys(bic for trade in trades for bic in (trade.first, trade.second)))
    return PvpSnapshot(
        made.snapshot_seq,
        units,
        {bic: position(world, bic, assets) for bic in members},
        [instruction(trade) for trade in trades],
        {bic: limits(world, bic, assets) for bic in members},
        {bic: aggregate(world, bic, units) for bic in members},
        world.pvp.haircut(assets),
        [bic for bic in members if lacking(world, bic, at)],
    )


def aggregate(world: World, bic: str, units: dict[str, int]) -> int:
    """Give the most that a member may be short in all, in value units."""
    home, minor = world.pvp.aggregates[bic]
    return minor * units[home]


def instruction(trade: Trade) -> Instruction:
    """Give a trade as the scan sees it."""
    return Instruction(
        trade.trade.hex(), trade.first, trade.second, trade.first_pays, trade.first_minor, trade.second_pays,
        trade.second_minor,
    )  # fmt: skip
