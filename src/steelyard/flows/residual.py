"""What roundings leave on residual accounts: emptied by the operator, two persons, and told of before it is too much.

A residual account has a ceiling either way, past which the engine refuses whatever would add to it. What is over
goes to the operator's fee account of that currency; what lacks comes from there, so that nobody else pays for it.
"""

from typing import Annotated

from msgspec import Meta, Struct

from steelyard.engine.accounts import Account
from steelyard.engine.bundles import Bundle, Kind, Leg
from steelyard.flows import booking
from steelyard.flows.command import Command, Outcome
from steelyard.flows.diary import Diary, refused
from steelyard.flows.fields import Name
from steelyard.flows.liquidity_facts import ResidualsSwept
from steelyard.flows.world import World
from steelyard.liquidity.order_refusals import OrderRefusal as No
from steelyard.members.accounts import FEE, RESIDUAL
from steelyard.members.state import OPERATOR
from steelyard.values.instants import Instant

NEAR = (80, 95)
"""The operator is told when so many hundredths of a ceiling are reached"""
CURRENCIES_MAX = 1_000


class SweepFields(Struct, array_like=True, frozen=True, gc=False):
    """Whose residual accounts are emptied; without currencies all that hold or lack anything."""

    assets: Annotated[tuple[Name, ...], Meta(max_length=CURRENCIES_MAX)] = ()


def account(world: World, asset: str) -> Account | None:
    """Give the residual account of a currency, None where there is none."""
    number = world.members.accounts.get(RESIDUAL, OPERATOR, asset)
    return None if number is None else world.engine.accounts[number]


def sweep(world: World, command: Command, fields: SweepFields, at: Instant) -> Outcome:
    """Empty residual accounts: what is over to the operator's fee account, what lacks from there; all or nothing."""
    if len(frozenset(fields.assets)) != len(fields.assets):
        return refused(No.RESIDUAL_HAS_NOTHING)
    rows: list[tuple[str, int]] = []
    legs: list[Leg] = []
    for asset in sorted(fields.assets or world.members.assets):
        rest, own = account(world, asset), world.members.accounts.get(FEE, OPERATOR, asset)
        if rest is None or own is None or not rest.signed:
            if fields.assets:
                return refused(No.RESIDUAL_HAS_NOTHING)
            continue
        ends = (rest.account_no, own) if rest.signed > 0 else (own, rest.account_no)
        legs.append(Leg(*ends, abs(rest.signed)))
        rows.append((asset, rest.signed))
    if not legs:
        return refused(No.RESIDUAL_HAS_NOTHING)
    number = booking.bundle_id(command.id, world.commands, at)
    bundle = Bundle(number, Kind.RESIDUAL, tuple(legs))
    act = world.engine.move(bundle, authority=[world.engine.owner_nos[OPERATOR]], at=at)
    if act.refusal is not None:
        return refused(act.refusal, act.leg)
    diary = Diary()
    bundle_id = number.to_bytes(16, "big")
    diary.fact(ResidualsSwept(tuple(rows), bundle_id))
    for asset, minor in rows:
        diary.tell(OPERATOR, "residual.swept", asset.encode(), asset, str(minor), bundle_id)
    return diary.done()


def warn(world: World, diary: Diary, asset: str, added: int) -> None:
    """Tell the operator where what was just added has brought a residual account near its ceiling, either way."""
    found = account(world, asset)
    if found is None or found.ceiling is None:
        return
    now, before, cap = abs(found.signed), abs(found.signed - added), found.ceiling
    if any(100 * before < near * cap <= 100 * now for near in NEAR):
        diary.tell(OPERATOR, "residual.near", asset.encode(), asset, str(found.signed), str(cap))
