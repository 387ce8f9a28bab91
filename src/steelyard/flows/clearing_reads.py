"""What gateways ask the state about clearing: how a member stands; contracts, runs, claims and cases, which are public.

Reads have the shape of `node/reads.py`. What a member holds, has lodged, owes and waits for is its own, and the
operator's. Claims, prices and steps of a default are published to all participants; sums that know no bound are
decimal text.
"""

from collections.abc import Callable
from typing import Any

from msgspec import structs

from steelyard.flows import clearing_cover, clearing_goods
from steelyard.flows import clearing_money as money
from steelyard.flows.world import World
from steelyard.market.clearing.default import TAKES_BIDS, Case, GoodsBid
from steelyard.market.clearing.positions import gains
from steelyard.market.clearing.variation import Run
from steelyard.members.roles import OwnerKind
from steelyard.members.state import OPERATOR

Params = tuple[Any, ...]
Row = dict[str, Any]


def standing(world: World, params: Params, viewer: str) -> Row | None:
    """Give how a member stands (`params`: its BIC; a member asks of itself alone), None for who is no member."""
    asked = str(params[0]) if params else viewer
    bic = asked if _sees_all(world, viewer) else viewer
    house, at = world.clearing, world.now
    member = house.members.get(bic)
    if member is None or asked not in ("", bic):
        return None
    owned = [one for one in house.owed if one.member == bic or bic in one.unpaid]
    return {
        "bic": bic, "group": member.group, "joined_on": member.joined_on, "suspended": member.suspended,
        "expelled": member.expelled,
        "positions": _positions(world, bic),
        "margins": [
            {
                "asset": one.asset, "required_minor": one.parts.minor, "base_minor": one.parts.base,
                "delivery_minor": one.parts.delivery, "concentration_minor": one.parts.concentration,
                "modelled": one.parts.modelled, "covered_minor": one.covered_minor,
                "short_minor": max(0, one.short_minor),
            }
            for one in clearing_cover.covers(world, bic, at)
        ],
        "cash": [
            {"asset": asset, "minor": minor}
            for asset in sorted({*house.desks, *house.accepted})
            if (minor := money.held(world, money.MARGIN, bic, asset))
        ],
        "fund": [
            {
                "asset": asset, "paid_minor": money.held(world, money.FUND, bic, asset),
                "required_minor": house.fund.get(asset, {}).get(bic, 0),
            }
            for asset in sorted(house.desks)
            if money.account(world, money.FUND, bic, asset)
        ],
        "due": [
            {
                "asset": asset, "run_id": run.run_id, "minor": run.open_due(bic), "deadline_at": run.deadline_at
            }
            for asset, run in sorted(house.runs.items())
            if run.open_due(bic)
        ],
        "owes": [_claim(one.run_id, one.asset, one.on, one.minor) for one in owned if one.member == bic],
        "waits_for": [
            _claim(one.run_id, one.asset, one.on, one.unpaid[bic]) for one in owned if bic in one.unpaid
        ],
    }  # fmt: skip


def contracts(world: World, params: Params, viewer: str) -> list[Row]:
    """Give the terms of every contract that is cleared, its settlement price, and how many lots are open."""
    house = world.clearing
    return [
        {
            **structs.asdict(house.terms[contract]), "settle": house.settle.get(contract),
            "open_lots": sum(max(0, one.lots) for one in house.book.get(contract, {}).values()),
        }
        for contract in sorted(house.terms)
    ]  # fmt: skip


def runs(world: World, params: Params, viewer: str) -> list[Row]:
    """Give the runs that are open, by currency, and behind them the last ones that are over, newest first.

    Payers and gainers are the operator's to see; a member sees its own row.
    """
    house, whole = world.clearing, _sees_all(world, viewer)
    found = (*(house.runs[asset] for asset in sorted(house.runs)), *reversed(house.over_runs))
    return [_run(one, viewer, whole=whole) for one in found]


def claims(world: World, params: Params, viewer: str) -> list[Row]:
    """Give every claim that is open, oldest first: they are published."""
    return [
        {
            **_claim(one.run_id, one.asset, one.on, one.minor), "member": one.member,
            "advanced_minor": one.advanced_minor, "unpaid": [list(row) for row in money.rows(one.unpaid)],
        }
        for one in world.clearing.owed
    ]  # fmt: skip


def cases(world: World, params: Params, viewer: str) -> list[Row]:
    """Give the cases that are open, by member, reductions behind them, then the last that are over, newest first.

    Bids are the bidder's own and the operator's.
    """
    house, whole = world.clearing, _sees_all(world, viewer)
    found = (
        *(house.cases[member] for member in sorted(house.cases)),
        *(house.reductions[key] for key in sorted(house.reductions)),
        *reversed(house.over_cases),
    )
    return [_case(world, one, viewer, whole=whole) for one in found]


def accepted(world: World, params: Params, viewer: str) -> list[Row]:
    """Give what counts as collateral, and for how much."""
    return [structs.asdict(one) for _, one in sorted(world.clearing.accepted.items())]


def fund(world: World, params: Params, viewer: str) -> list[Row]:
    """Give the default fund of each currency and the house's own money; shares are each member's own."""
    house, whole = world.clearing, _sees_all(world, viewer)
    return [
        {
            "asset": asset, "sponsor": desk.sponsor, "size_minor": sum(house.fund.get(asset, {}).values()),
            "liquidity_minor": money.held(world, money.LIQUIDITY, OPERATOR, asset),
            "capital_minor": money.held(world, money.CAPITAL, OPERATOR, asset),
            "shares": [
                [bic, house.fund.get(asset, {}).get(bic, 0), money.held(world, money.FUND, bic, asset)]
                for bic in sorted(house.members)
                if (whole or bic == viewer) and money.account(world, money.FUND, bic, asset)
            ],
        }
        for asset, desk in sorted(house.desks.items())
    ]  # fmt: skip


def _sees_all(world: World, viewer: str) -> bool:
    return viewer == "" or world.members.owner_kind(viewer) is OwnerKind.OPERATOR


def _positions(world: World, bic: str) -> list[Row]:
    house = world.clearing
    return [
        {
            "contract": contract, "asset": house.terms[contract].asset, "lots": held.lots, "cost": held.cost,
            "settle": (settle := house.settle.get(contract)),
            "gain_minor": None if settle is None else gains(house.book, house.terms[contract], settle)[bic],
        }
        for contract in sorted(house.book)
        if (held := house.book[contract].get(bic)) is not None
    ]  # fmt: skip


def _claim(run_id: bytes, asset: str, on: int, minor: int) -> Row:
    return {"run_id": run_id, "asset": asset, "on": on, "minor": minor}


def _run(one: Run, viewer: str, *, whole: bool) -> Row:
    return {
        "run_id": one.run_id, "number": one.number, "asset": one.asset, "on": one.on, "state": str(one.state),
        "called_at": one.called_at, "deadline_at": one.deadline_at, "total": str(sum(one.due.values())),
        "prices": [list(row) for row in money.rows(one.prices)], "sources": one.sources, "reason": one.reason,
        "due": [list(row) for row in money.rows(one.due) if whole or row[0] == viewer],
        "collected": [list(row) for row in money.rows(one.collected) if whole or row[0] == viewer],
        "gain": [list(row) for row in money.rows(one.gain) if whole or row[0] == viewer],
    }  # fmt: skip


def _case(world: World, one: Case, viewer: str, *, whole: bool) -> Row:
    return {
        "case_id": one.case_id, "number": one.number, "member": one.member, "contract": one.contract,
        "state": str(one.state), "opened_at": one.opened_at, "due_at": one.due_at,
        "portfolio": [] if one.contract else [[row["contract"], row["lots"]] for row in _positions(world, one.member)],
        "steps": [[step.event, step.at, step.report] for step in one.steps],
        "bids": [structs.asdict(bid) for bid in one.bids if whole or bid.member == viewer],
        "goods": [] if one.contract or one.state not in TAKES_BIDS else _goods(world, one.member),
        "goods_bids": [_goods_bid(world, bid) for bid in one.goods if whole or bid.member == viewer],
        "losses": [structs.asdict(borne) for borne in one.borne],
        "conversions": [structs.asdict(exchange) for exchange in one.converted if whole or viewer == exchange.provider],
    }  # fmt: skip


def _goods(world: World, bic: str) -> list[Row]:
    """Give the receipts that a member in default has lodged, and the least that is bid for each."""
    return [
        {
            "receipt_id": one.receipt_id, "code": one.code, "kg": one.kg,
            "asset": world.clearing.accepted[one.code].currency, "least": clearing_goods.least(world, one),
        }
        for one in clearing_goods.lodged(world, bic, world.now)
    ]  # fmt: skip


def _goods_bid(world: World, bid: GoodsBid) -> Row:
    receipt = world.titles.receipts.get(bid.receipt_id)
    accepted = world.clearing.accepted.get(receipt.code) if receipt is not None else None
    return structs.asdict(bid) | {"asset": accepted.currency if accepted is not None else ""}


READS: tuple[tuple[str, Callable[[World, Params, str], Any]], ...] = (
    ("clearing_standing", standing),
    ("clearing_contracts", contracts),
    ("clearing_accepted", accepted),
    ("clearing_fund", fund),
    ("clearing_runs", runs),
    ("clearing_claims", claims),
    ("clearing_cases", cases),
)
