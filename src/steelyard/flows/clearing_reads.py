"""What a member, the operator and the public may read of clearing. Nothing here changes anything."""

from msgspec import Struct

from steelyard.flows import clearing_cover
from steelyard.flows import clearing_money as money
from steelyard.flows.clearing_cover import Cover
from steelyard.flows.world import World
from steelyard.market.clearing.default import Case
from steelyard.market.clearing.variation import Owed, Run
from steelyard.values.instants import Instant


class Line(Struct, frozen=True):
    """A position: lots held, what they were marked or traded at in all, and the last settlement price (None: none)."""

    contract: str
    asset: str
    lots: int
    cost: int
    settle: int | None


class Standing(Struct, frozen=True):
    """How a member stands: positions, margins and what covers them, shares of the fund, what is due and owed."""

    bic: str
    group: str
    suspended: bool
    positions: tuple[Line, ...]
    covers: tuple[Cover, ...]
    margin_minor: tuple[tuple[str, int], ...]
    """on margin accounts, by currency"""
    fund_minor: tuple[tuple[str, int, int], ...]
    """(currency, what is in the own share of the fund, what it must be)"""
    due: tuple[tuple[str, bytes, int, Instant], ...]
    """(currency, run, what is still due, until when)"""
    owed: tuple[Owed, ...]
    waits: tuple[tuple[str, bytes, int], ...]
    """(currency, run, what the member waits for)"""


def standing(world: World, bic: str, at: Instant) -> Standing | None:
    """Give how a member stands, None for who is no member."""
    house = world.clearing
    member = house.members.get(bic)
    if member is None:
        return None
    lines = tuple(
        Line(contract, house.terms[contract].asset, held.lots, held.cost, house.settle.get(contract))
        for contract in sorted(house.book)
        if (held := house.book[contract].get(bic)) is not None
    )
    assets = sorted({*house.desks, *house.accepted})
    return Standing(
        bic,
        member.group,
        member.suspended,
        lines,
        tuple(clearing_cover.covers(world, bic, at)),
        tuple((asset, minor) for asset in assets if (minor := money.held(world, money.MARGIN, bic, asset))),
        tuple(
            (asset, money.held(world, money.FUND, bic, asset), house.fund.get(asset, {}).get(bic, 0))
            for asset in sorted(house.desks)
            if money.account(world, money.FUND, bic, asset)
        ),
        tuple(
            (asset, run.run_id, run.open_due(bic), run.deadline_at)
            for asset, run in sorted(house.runs.items())
            if run.open_due(bic)
        ),
        tuple(house.owed_by(bic)),
        tuple((one.asset, one.run_id, one.unpaid[bic]) for one in house.owed if bic in one.unpaid),
    )


def claims(world: World) -> tuple[Owed, ...]:
    """Give every claim that is open, oldest first: they are published."""
    return tuple(world.clearing.owed)


def runs(world: World) -> tuple[Run, ...]:
    """Give the runs that are open, by currency, and behind them the last ones that are over, newest first."""
    house = world.clearing
    return (*(house.runs[asset] for asset in sorted(house.runs)), *reversed(house.over_runs))


def cases(world: World) -> tuple[Case, ...]:
    """Give the cases that are open, by member, and behind them the last ones that are over, newest first."""
    house = world.clearing
    return (*(house.cases[member] for member in sorted(house.cases)), *reversed(house.over_cases))
