"""Collateral of intraday lines that is booked here: locked where it lies, by a reservation that its owner has made.

Whoever pledges something that has a book here sets it aside by its own hand (`reserve`) and names the reservation
to its lender. The line takes the deadline off it: from then on the owner can neither settle it nor take it back.
It is given back when the line no longer names it, or is over with nothing used. What is held elsewhere is only
named: nobody here can lock it.
"""

from collections.abc import Iterable

from steelyard.engine.bundles import Kind
from steelyard.engine.reservations import Reservation
from steelyard.flows import credit_lines as lines
from steelyard.flows.world import World
from steelyard.liquidity.credit import Line, Pledged
from steelyard.liquidity.refusals import LiquidityRefusal
from steelyard.values.instants import Instant


def fault(
    world: World, line: Line | None, owner: str, collateral: Iterable[Pledged], at: Instant
) -> LiquidityRefusal | None:
    """Say why what a participant pledges does not lie locked, or cannot, or None."""
    seen: set[bytes] = set()
    for one in collateral:
        asset_no = world.engine.asset_no(one.asset)
        if asset_no is None and not one.held:
            continue
        held = world.engine.reservation(int.from_bytes(one.held, "big")) if len(one.held) == 16 else None
        if held is None or one.held in seen or not _covers(world, held, owner, asset_no, one.quantity, at):
            return LiquidityRefusal.COLLATERAL_IS_NOT_HELD
        if (line is None or one.held not in line.held) and world.credit.pledges(one.held):
            return LiquidityRefusal.COLLATERAL_IS_PLEDGED
        seen.add(one.held)
    return None


def _covers(
    world: World, held: Reservation, owner: str, asset_no: int | None, quantity: int, at: Instant
) -> bool:
    """Tell whether a reservation was made by hand, of this much, from an account of the owner, and is in time.

    One that waits for a step of a voyage is none: the line could not take it.
    """
    source, _, amount, _ = held.legs[0]
    account = world.engine.account(source)
    by_hand = held.kind == Kind.PURPOSE and held.reference == held.bundle_id and not held.maker
    mine = account is not None and account.owner_no == world.engine.owner_no(owner)
    same = account is not None and account.asset_no == asset_no
    waits = held.bundle_id.to_bytes(16, "big") in world.voyages.waiting
    in_time = not 0 < held.deadline_at <= at
    return by_hand and mine and same and amount == quantity and in_time and not waits


def lock(world: World, line: Line, at: Instant) -> None:
    """Hold what a line names, for as long as it does, and give back what it names no longer."""
    named = {one.held for one in line.terms.collateral if one.held}
    for held in sorted(named.difference(line.held)):
        act = world.engine.pin(int.from_bytes(held, "big"), at=at)
        assert act.refusal is None, act
    _give_back(world, [held for held in line.held if held not in named], at)
    line.held = sorted(named)


def free_if_over(world: World, line: Line, at: Instant) -> None:
    """Give everything back when a line is over and nothing of it is used."""
    is_over = not line.open or 0 < line.terms.to_at <= at
    if line.held and is_over and not lines.use_minor(world, line):
        _give_back(world, line.held, at)
        line.held = []


def _give_back(world: World, held: Iterable[bytes], at: Instant) -> None:
    for one in held:
        number = int.from_bytes(one, "big")
        reservation = world.engine.reservation(number)
        assert reservation is not None
        act = world.engine.release(number, at=at)
        assert act.refusal is None, act
        world.queues.push_work(reservation.legs[0][0])
