"""Cover a shortage for a cycle, in the fixed precedence: own funds, other currencies of a pool, intraday, member, swap.

Own funds and an intraday line are on the account already and a pool is exchanged by the cycle: those parts are only
counted, and nothing of them that covers shorts in the PvP queue. Member and swap lines are drawn, and only where their
borrower has said so, up to its cap for each cycle.
"""

from typing import NamedTuple

from steelyard.flows import credit_lines as lines
from steelyard.flows import credit_member, credit_swap, pvp_cover
from steelyard.flows.diary import Diary
from steelyard.flows.pool_units import Units
from steelyard.flows.world import World
from steelyard.liquidity.credit import Line, LineKind
from steelyard.values.instants import Instant
from steelyard.values.refusal import Refusal

OWN, POOL = "own", "pool"


class Draw(NamedTuple):
    """A part of the cover: `kind` is own, pool, intraday, member or swap.

    `minor` is in minor units of `asset`, which is another currency for a pool alone; a draw names its line and lot.
    """

    kind: str
    asset: str
    minor: int
    line_id: bytes = b""
    lot_no: int = 0
    account_no: int = 0


class Cover(NamedTuple):
    """What covers a need, in precedence, and what of it is left uncovered."""

    draws: tuple[Draw, ...]
    left_minor: int


def cover(
    world: World,
    diary: Diary,
    account_no: int,
    need_minor: int,
    *,
    at: Instant,
    cycle: bytes,
    units: Units = (),
) -> Cover:
    """Give what covers a need on a participant's settlement account, and draw what has to be drawn.

    `need_minor` is what must be on the account in all. `units` are the pool's worths of a minor unit, by currency;
    without them no other currency counts.
    """
    account = world.engine.accounts[account_no]
    row = world.engine.assets[account.asset_no] if account is not None else None
    assert account is not None
    assert row is not None
    asset, owner = row.asset.code, world.engine.owners[account.owner_no]
    balance = world.engine.balance(account_no)
    usable = pvp_cover.usable(world, owner, account_no)
    own = max(0, min(usable, balance.balance - balance.reserved_out))
    draws, left = [], need_minor

    def count(kind: str, minor: int) -> None:
        nonlocal left
        if left and minor > 0:
            draws.append(Draw(kind, asset, min(left, minor), account_no=account_no))
            left -= min(left, minor)

    count(OWN, own)
    left = _pool(world, owner, asset, units, draws, left)
    count(str(LineKind.INTRADAY), usable - own)
    for line in _drawable(world, owner, asset):
        if not left:
            break
        left -= _draw(world, diary, line, draws, account_no, left, at, cycle)
    return Cover(tuple(draws), left)


def undo(world: World, diary: Diary, draws: tuple[Draw, ...], at: Instant) -> list[tuple[Draw, Refusal]]:
    """Repay what a cover drew, the last first; give what could not be repaid, with the reason.

    The money has never left its account, or has just come back to it: so it covers nothing in the PvP queue that it did
    not cover before, and is repaid whatever its owner is short there.
    """
    failed: list[tuple[Draw, Refusal]] = []
    for draw in reversed(draws):
        line = world.credit.lines.get(draw.line_id)
        if line is None:
            continue
        refusal: Refusal | None
        if line.kind is LineKind.SWAP:
            lot = line.lot(draw.lot_no)
            refusal = None if lot is None else credit_swap.reverse(world, diary, line, lot, at, is_back=True)
        else:
            refusal = _unlend(world, diary, line, draw, at)
        if refusal is not None:
            failed.append((draw, refusal))
    return failed


def _unlend(world: World, diary: Diary, line: Line, draw: Draw, at: Instant) -> Refusal | None:
    """Repay a draw of a member line: its own lot before older ones, as if it had not been drawn.

    No more than the account still owes: what it has repaid since is not asked for again.
    """
    minor = min(draw.minor, line.lots_minor, line.owed.get(draw.account_no, 0))
    if not minor:
        return None
    return credit_member.repay(
        world, diary, line, draw.account_no, minor, at, most_minor=minor, first_no=draw.lot_no, is_back=True
    )


def _pool(world: World, owner: str, asset: str, units: Units, draws: list[Draw], left: int) -> int:
    """Count other currencies of the owner at the pool's worths, rounded up; give what they leave uncovered."""
    worth = dict(units)
    for other, unit in units:
        number = world.members.settlement_account(owner, other)
        if not left or other == asset or asset not in worth or number is None:
            continue
        balance = world.engine.balance(number)
        has = max(0, balance.balance - balance.reserved_out)
        minor = min(has, -(-left * worth[asset] // unit))
        if minor:
            draws.append(Draw(POOL, other, minor, account_no=number))
            left = max(0, left - minor * unit // worth[asset])
    return left


def _drawable(world: World, owner: str, asset: str) -> list[Line]:
    """Give the lines that a participant's settlement agent lets cycles draw on: member first, then swap."""
    home = world.members.members.get(world.members.home(owner))
    lender = world.members.assets[asset].settlement_agent
    if home is None:
        return []
    found = [
        world.credit.find(kind, lender, home.settlement_agent, asset)
        for kind in (LineKind.MEMBER, LineKind.SWAP)
    ]
    return [line for line in found if line is not None and line.auto_draw]


def _draw(
    world: World,
    diary: Diary,
    line: Line,
    draws: list[Draw],
    account_no: int,
    left: int,
    at: Instant,
    cycle: bytes,
) -> int:
    """Draw on a line as much as is needed and it has room for in this cycle; give how much that was."""
    by_cycle = max(0, line.cycle_cap_minor - line.drawn_in(cycle))
    minor = min(left, lines.room_minor(world, line), by_cycle)
    if not minor:
        return 0
    drawer = credit_swap if line.kind is LineKind.SWAP else credit_member
    lot = drawer.draw(world, diary, line, account_no, minor, at, cycle=cycle)
    if isinstance(lot, Refusal):
        return 0
    draws.append(Draw(str(line.kind), line.asset, minor, line.line_id, lot.lot_no, account_no))
    return minor
