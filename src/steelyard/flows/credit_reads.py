"""What gateways ask the state about credit: lines with what is used of them, their lots, interest and cases.

Each shows the viewer the lines it gives or has, and as settlement agent those of its member's banks; the node itself
anybody's. Sums are decimal text.
"""

from collections.abc import Callable
from typing import Any

from steelyard.flows import credit_lines as lines
from steelyard.flows.liquidity_rules import rules
from steelyard.flows.world import World
from steelyard.liquidity.credit import Case, Line

Params = tuple[Any, ...]
Row = dict[str, Any]


def credit_lines(world: World, params: Params, viewer: str) -> list[Row]:
    """Give the lines that concern the viewer, or the owner named where the node asks (`params`: owner; "": all)."""
    owner = viewer or str(params[0])
    return [_row(world, line) for line in world.credit.every() if _concerns(world, line, owner)]


def credit_cases(world: World, params: Params, viewer: str) -> list[Row]:
    """Give the cases about those lines, open ones first, then the newest (`params`: owner; "": all)."""
    owner = viewer or str(params[0])
    cases = [
        case
        for case in world.credit.cases.values()
        if _concerns(world, world.credit.lines[case.line_id], owner)
    ]
    return [
        _case(one)
        for one in sorted(cases, key=lambda one: (bool(one.closed_at), -one.opened_at, one.case_id))
    ]


def too_old(world: World, params: Params, viewer: str) -> list[Row]:
    """Give the lots that have reached their line's age limit: what the surplus report lists (`params`: owner)."""
    owner = viewer or str(params[0])
    return [
        {"line_id": line.line_id, "lender": line.lender, "borrower": line.borrower, "asset": line.asset,
         **_lot(world, lot, lines.today(world, line.asset, world.now))}
        for line in world.credit.every()
        if _concerns(world, line, owner)
        for lot in line.too_old(lines.today(world, line.asset, world.now))
    ]  # fmt: skip


def surplus_uses(world: World, params: Params, viewer: str) -> list[Row]:
    """Give what surpluses may go into by the rulebook in force, by currency and in its order."""
    found = rules(world, world.now).surplus_uses
    return [
        {"currency": asset, "kind": one.kind, "name": one.name, "note": one.note}
        for asset in sorted(found)
        for one in found[asset]
    ]


def _concerns(world: World, line: Line, owner: str) -> bool:
    if owner in ("", line.lender, line.borrower):
        return True
    member = world.members.agents.get(owner)
    return member is not None and world.members.home(line.borrower) == member.code


def _row(world: World, line: Line) -> Row:
    at, terms = world.now, line.terms
    on, why = lines.today(world, line.asset, at), lines.unusable(world, line, at)
    return {
        "line_id": line.line_id, "kind": str(line.kind), "lender": line.lender, "borrower": line.borrower,
        "asset": line.asset, "account": _name(world, line.account_no), "state": "open" if line.open else "closed",
        "usable": why is None, "why": "" if why is None else why.name, "cap_minor": terms.cap_minor,
        "most_minor": str(terms.most_minor(line.kind)), "used": str(lines.use_minor(world, line)),
        "room": str(lines.room_minor(world, line) if why is None else 0), "rate_bp": terms.rate_bp,
        "from_at": terms.from_at, "to_at": terms.to_at, "repay_at": line.repay_next_at or terms.repay_at,
        "collateral": [
            (one.asset, one.quantity, one.price_num, one.price_den, one.haircut_bp, str(one.value_minor), one.held)
            for one in terms.collateral
        ],
        "age_limit_days": terms.age_limit_days, "tenor_days": terms.tenor_days, "margin_bp": terms.margin_bp,
        "rate_source": terms.rate_source, "pledge_asset": terms.pledge_asset, "auto_draw": line.auto_draw,
        "cycle_cap_minor": line.cycle_cap_minor,
        "lots": [_lot(world, lot, on) for lot in line.lots],
        "owed": [(lines.owner_of(world, no), str(line.owed[no])) for no in sorted(line.owed)],
        "interest": [
            (lines.owner_of(world, no), str(one.minor), one.rest, str(one.due_minor))
            for no, one in sorted(line.interest.items())
        ],
        "cases": [
            _case(case)
            for _, case in sorted(world.credit.open_cases.items())
            if case.line_id == line.line_id
        ],
    }  # fmt: skip


def _lot(world: World, lot: Any, on: int) -> Row:
    return {
        "lot_no": lot.lot_no, "minor": lot.minor, "open_minor": lot.open_minor, "opened_on": lot.opened_on,
        "age_days": lot.age(on), "owner": lines.owner_of(world, lot.account_no) if lot.account_no else "",
        "cycle": lot.cycle, "pledged_minor": lot.pledged_minor, "num": lot.num, "den": lot.den,
        "due_at": lot.due_at, "reverse_id": lot.reverse_id,
    }  # fmt: skip


def _case(case: Case) -> Row:
    return {
        "case_id": case.case_id, "kind": str(case.kind), "line_id": case.line_id, "lot_no": case.lot_no,
        "minor": case.minor, "opened_at": case.opened_at, "closed_at": case.closed_at,
    }  # fmt: skip


def _name(world: World, account_no: int) -> str:
    account = world.engine.accounts[account_no]
    assert account is not None
    return account.name


READS: tuple[tuple[str, Callable[[World, Params, str], Any]], ...] = (
    ("credit_lines", credit_lines),
    ("credit_cases", credit_cases),
    ("credit_too_old", too_old),
    ("surplus_uses", surplus_uses),
)
