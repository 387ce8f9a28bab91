"""What a member of the PvP queue may take out: money that covers what it is short stays until it has paid that in.

A member that is short of nothing may take out all it has. One that is short may take out of a currency what the
haircut test leaves over: with it gone, all balances, long ones less the haircut and short ones plus it, are still
worth no less than nothing. Where what it is short cannot be valued beyond doubt nothing leaves.

Asked are redemptions, moves and reservations by hand, orders that set money aside, rings, pay-ins to a netting cycle,
repayments of credit, money for the market and for clearing, bonds, bills, deliveries, and payments, which wait; a trade
beside the queue waits too, but what it brings in counts. The bulk lane is shut to who is short. Interest, fees and the
way back of a swap at its maturity wait like payments. What a clearing house calls is taken all the same: a default
would follow. What a cycle drew and gives back is not asked: it was no cover. Nor is the end of an intraday line's
time, which moves nothing. Where a participant deals from an account of its own for exchanges, that account alone is
asked: the other is no cover.
"""

from collections.abc import Iterable

from steelyard.engine.legs import Leg
from steelyard.flows import fx_values, parties, pvp_queue
from steelyard.flows.world import World
from steelyard.liquidity.algorithms.pvp import pay_out
from steelyard.liquidity.order_refusals import OrderRefusal
from steelyard.liquidity.rules import WHOLE_BP
from steelyard.values.instants import Instant

REFUSAL = OrderRefusal.PVP_PAY_OUT_IS_COVER


def keeps(world: World, owner: str, account_no: int, minor: int) -> bool:
    """Tell whether so much of an account must stay as cover for what its owner is short."""
    if owner not in world.pvp.aggregates:
        return False
    asset = _asset(world, account_no)
    deals = parties.provider_account(world, owner, asset) == account_no
    return deals and minor > free(world, owner, asset, minor)


def takes(world: World, owner: str, legs: Iterable[Leg]) -> bool:
    """Tell whether legs would take cover of one of their payers; what they bring in is not counted."""
    if owner not in world.pvp.aggregates:
        return False
    sums: dict[int, int] = {}
    for leg in legs:
        sums[leg.source] = sums.get(leg.source, 0) + leg.amount_minor
    owner_no = world.engine.owner_nos.get(owner)
    mine = [no for no in sums if (one := world.engine.accounts[no]) is not None and one.owner_no == owner_no]
    return any(keeps(world, owner, number, sums[number]) for number in mine)


def stops(world: World, owner: str, account_no: int, minor: int) -> bool:
    """Tell whether cover alone keeps a payment from going: the money as such is there."""
    is_there = world.engine.balance(account_no).available >= minor
    return is_there and keeps(world, owner, account_no, minor)


def usable(world: World, owner: str, account_no: int) -> int:
    """Give what is available on an account and no cover, for batches, which use so much of it on balance."""
    available = world.engine.balance(account_no).available
    if available > 0 and keeps(world, owner, account_no, available):
        return free(world, owner, _asset(world, account_no), available)
    return available


def _asset(world: World, account_no: int) -> str:
    account = world.engine.accounts[account_no]
    assert account is not None
    row = world.engine.assets[account.asset_no]
    assert row is not None
    return row.asset.code


def is_short(world: World, owner: str) -> bool:
    """Tell whether somebody is enrolled and short of any currency."""
    if owner not in world.pvp.aggregates:
        return False
    return min(pvp_queue.position(world, owner, sorted(world.members.assets)).values(), default=0) < 0


def free(world: World, owner: str, asset: str, most: int) -> int:
    """Give how much of a currency a member may take out, at most `most`."""
    if not is_short(world, owner):
        return most
    balances = pvp_queue.position(world, owner, sorted(world.members.assets))
    held = [name for name, minor in balances.items() if minor]
    units = dict(fx_values.units(fx_values.judged(world, {*held, asset}, world.now)))
    if asset not in units or not pvp_queue.is_whole(world, owner, units):
        return 0
    known = {name: minor for name, minor in balances.items() if name in units}
    rest = {name: minor for name, minor in known.items() if name != asset}
    keep = {name: minor for name, minor in rest.items() if minor > 0}
    haircut_bp = world.pvp.haircut(sorted(units))
    return min(most, pay_out(known, values=units, haircut_bp=haircut_bp, keep=keep).get(asset, 0))


def keeps_in_exchange(world: World, owner: str, pays: tuple[str, int], gets: tuple[str, int]) -> bool:
    """Tell whether an exchange beside the queue would leave what a member is then short of without its cover."""
    if not is_short(world, owner):
        return False
    balances = pvp_queue.position(world, owner, sorted(world.members.assets))
    for asset, minor in ((pays[0], -pays[1]), gets):
        balances[asset] = balances.get(asset, 0) + minor
    if min(balances.values()) >= 0:
        return False
    held = [name for name, minor in balances.items() if minor]
    units = dict(fx_values.units(fx_values.judged(world, held, world.now)))
    if any(minor < 0 and asset not in units for asset, minor in balances.items()):
        return True
    haircut_bp = world.pvp.haircut(sorted(units))
    worth = sum(
        minor * units[asset] * (WHOLE_BP - haircut_bp if minor > 0 else WHOLE_BP + haircut_bp)
        for asset, minor in balances.items()
        if asset in units
    )
    return worth < 0


def look_again(world: World) -> bool:
    """Let payments try again that waited for cover to come free; tell whether there may be any."""
    waiting = False
    for owner in sorted(world.pvp.aggregates):
        for asset in sorted(world.members.assets):
            account_no = parties.provider_account(world, owner, asset)
            if account_no and world.queues.aside_behind(account_no, None) is not None:
                world.queues.push_work(account_no)
                waiting = True
    return waiting


def watch(world: World, at: Instant) -> None:
    """See to it that payments that wait for cover are looked at every minute."""
    pvp_queue.arm(world, at)
