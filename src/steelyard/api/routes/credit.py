"""Credit lines: given by a settlement agent in its currency, drawn, repaid, closed; what was not repaid in time."""

from collections.abc import Callable
from typing import Any

from steelyard.api import listing, wire
from steelyard.api.auth.visibility import view_of
from steelyard.api.call import Call, Reply, tell
from steelyard.api.listing import ITEMS
from steelyard.api.orders import Recorded, done, order
from steelyard.api.problems import ProblemError
from steelyard.api.route import Param, Route, lists
from steelyard.api.views import credit as views
from steelyard.api.wire import Faults
from steelyard.client import credit as shapes
from steelyard.client import types
from steelyard.flows.liquidity_facts import CreditLineSet
from steelyard.liquidity.refusals import LiquidityRefusal

Row = dict[str, Any]


async def put_credit_line(call: Call) -> Reply:
    """Give a credit line in one's own currency, or change its terms; what opens or widens it takes two people."""
    command, fields = views.given(call, call.asked(shapes.CreditLineAsked))
    found = await order(call, command, fields)
    put = found.fact(CreditLineSet)
    line_id = wire.uuid_text(put.line_id) if put is not None else None
    return _answer(found, done(found, state=put.state if put is not None else None, subject=line_id))


async def list_credit_lines(call: Call) -> Reply:
    """List the lines that one gives or has; a settlement agent sees its banks' too."""
    rows, seq = await _rows(call, "credit_lines")
    items = [views.line(row, call.directory) for row in rows]
    for name in ("kind", "currency"):
        if name in call.query:
            items = [one for one in items if getattr(one, name) in call.query[name].split(",")]
    return await listing.answer_items(
        call,
        shapes.CreditLine,
        items,
        lambda one: (one.currency, one.kind, one.borrower, one.line_id),
        seq=seq,
    )


async def list_credit_cases(call: Call) -> Reply:
    """List the cases about these lines."""
    cases, seq = await _rows(call, "credit_cases")
    lines, _ = await _rows(call, "credit_lines")
    asset = {row["line_id"]: row["asset"] for row in lines}
    items = [views.case(row, asset[row["line_id"]], call.directory) for row in cases]
    return await listing.answer_items(
        call, shapes.CreditCase, items, lambda one: (one.closed_at or "", one.opened_at, one.case_id), seq=seq
    )


def _changes(make: Callable[[Call, Row, Faults], tuple[str, Any]], name: str, about: str) -> Any:
    """Give the function of a route that changes the line in its address."""

    async def run(call: Call) -> Reply:
        line_id, faults = wire.path_id(call.path_params["id"]), Faults()
        found_lines = (await call.gateway.read("credit_lines", "")).decoded(list[Row])
        row = next((row for row in found_lines if row["line_id"] == line_id), None)
        if row is None or not _is_party(call, row):
            raise ProblemError("not-found")
        command, fields = make(call, row, faults)
        faults.end()
        found = await order(call, command, fields)
        if found.outcome.refusal == LiquidityRefusal.CREDIT_LINE_NOT_FOUND.code:
            raise ProblemError("not-found")
        put = found.fact(CreditLineSet)
        return _answer(
            found, done(found, state=put.state if put is not None else None, subject=wire.uuid_text(line_id))
        )

    run.__name__, run.__doc__ = name, f"{about}."
    return run


def _is_party(call: Call, row: Row) -> bool:
    """Tell whether the caller gives or has a line, or is a bank of the member that has it: that may repay."""
    owner, members = call.who.owner, call.directory.members
    home = members.home(owner)
    return owner in (row["lender"], row["borrower"]) or (home != "" and home == members.home(row["borrower"]))


async def _rows(call: Call, name: str) -> tuple[list[Row], int]:
    """Ask for what concerns the caller: everything, where its reading reaches that far."""
    owner = "" if view_of(call.who, call.directory.members).owners is None else call.who.owner
    found = await call.gateway.read(name, owner)
    return found.decoded(list[Row]), found.seq


def _answer(found: Recorded, answer: types.Done) -> Reply:
    reply = tell(answer)
    return reply.with_headers(("Idempotency-Replayed", "true")) if found.answer.replayed else reply


_LINES = (
    Param("kind", "words", "Of these kinds.", ("intraday", "member", "swap")),
    Param("currency", "asset", "In these currencies."),
    *ITEMS,
)
_AT = "/v1/credit-lines/{id}"
_CLOSE, _AUTO = "Close a line for new use", "Let cycles draw on a line, or no longer"
_DRAW, _REPAY = "Draw on a line for a participant", "Repay what was drawn"
ROUTES = (
    Route(
        "PUT", "/v1/credit-lines", "credit", put_credit_line, "Give a credit line, or change its terms",
        shapes.CreditLineAsked, types.Done, keyed=True,
    ),
    lists("/v1/credit-lines", "read", list_credit_lines, "Credit lines and their use", shapes.CreditLine, _LINES),
    lists(
        "/v1/credit-cases", "read", list_credit_cases, "What was not repaid in time", shapes.CreditCase, ITEMS
    ),
    Route(
        "POST", f"{_AT}/close", "credit", _changes(views.closed, "close_credit_line", _CLOSE), _CLOSE,
        told=types.Done, keyed=True,
    ),
    Route(
        "PUT", f"{_AT}/auto-draw", "credit", _changes(views.auto, "auto_draw_credit_line", _AUTO), _AUTO,
        shapes.AutoDrawAsked, types.Done, keyed=True,
    ),
    Route(
        "POST", f"{_AT}/draw", "credit", _changes(views.draw, "draw_credit_line", _DRAW), _DRAW,
        shapes.DrawAsked, types.Done, keyed=True,
    ),
    Route(
        "POST", f"{_AT}/repay", "repay", _changes(views.repay, "repay_credit_line", _REPAY), _REPAY,
        shapes.RepayAsked, types.Done, keyed=True,
    ),
)  # fmt: skip
