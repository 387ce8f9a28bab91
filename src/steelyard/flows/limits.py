"""An owner's own limits on what leaves its accounts: lowered by one person, raised or begun anew by two."""

from msgspec import Struct

from steelyard.engine.limits import LimitKind
from steelyard.flows import settle
from steelyard.flows.command import Command, Outcome
from steelyard.flows.diary import Diary, refused
from steelyard.flows.facts import LimitSet
from steelyard.flows.fields import Name
from steelyard.flows.world import World
from steelyard.members.accounts import FX
from steelyard.members.refusals import MemberRefusal
from steelyard.values.refusal import Refusal


class LimitFields(Struct, array_like=True, frozen=True):
    """An owner's own limit on what leaves its accounts in a currency.

    `kind` is net_debit, pair or flow; `other` the counterparty of a pair. A limit that is there gets the new
    cap; `reset` opens a new window of a pair or flow.
    """

    kind: Name
    asset: Name
    cap_minor: int
    other: Name = ""
    reset: bool = False


def set_limit(world: World, command: Command, fields: LimitFields, at: int) -> Outcome:
    """Set an own limit, or change its cap."""
    kind = next((kind for kind in LimitKind if kind.name.lower() == fields.kind), None)
    asset_no = world.engine.asset_no(fields.asset)
    accounts = _limited(world, command.sender, fields.asset)
    if kind is None or (kind is LimitKind.PAIR) == (fields.other not in world.members.participants):
        return refused(MemberRefusal.SETTING_IS_UNKNOWN)
    if asset_no is None or not accounts:
        return refused(MemberRefusal.CURRENCY_NOT_FOUND)
    limit_no = limit_of(world, command.sender, fields)
    if limit_no is None:
        opened = world.engine.open_limit(
            kind, asset_no, fields.cap_minor, owner=command.sender, other=fields.other
        )
        if isinstance(opened, Refusal):
            return refused(opened)
        refusal = world.engine.attach_limit(opened, accounts)
        assert refusal is None, refusal
        limit_no = opened
    else:
        changed = world.engine.change_limit(limit_no, cap=fields.cap_minor)
        if changed is None and fields.reset:
            changed = world.engine.reset_window(limit_no)
        if changed is not None:
            return refused(changed)
    diary = Diary()
    diary.fact(LimitSet(limit_no, command.sender, fields.kind, fields.asset, fields.cap_minor, fields.other))
    world.queues.push_all(accounts)
    settle.work(world, diary, at)
    return diary.done()


def limit_of(world: World, owner: str, fields: LimitFields) -> int | None:
    """Give the number of an owner's limit of a kind, or None where there is none yet."""
    owner_nos, asset_no = world.engine.owner_nos, world.engine.asset_no(fields.asset)
    for limit_no in sorted(world.engine.limits):
        limit = world.engine.limits[limit_no]
        if (
            LimitKind(limit.kind).name.lower() == fields.kind
            and limit.asset_no == asset_no
            and limit.owner_no == owner_nos.get(owner)
            and limit.other_no == owner_nos.get(fields.other, 0)
        ):
            return limit_no
    return None


def raises_a_limit(world: World, command: Command, fields: LimitFields) -> bool:
    """Tell whether a limit rises or begins anew: that takes two people, lowering it one."""
    limit_no = limit_of(world, command.sender, fields)
    return limit_no is not None and (fields.reset or fields.cap_minor > world.engine.limits[limit_no].cap)


def _limited(world: World, owner: str, asset: str) -> list[int]:
    """Give the accounts whose outflow an owner's limits count."""
    numbers = (world.members.settlement_account(owner, asset), world.members.accounts.get(FX, owner, asset))
    return [number for number in numbers if number is not None]
