"""The PvP queue: where its members stand; their terms and pay-ins, which settlement agents set."""

from typing import Any

from steelyard.api import listing, wire
from steelyard.api.auth.visibility import view_of
from steelyard.api.call import Call, Reply, tell
from steelyard.api.directory import Directory
from steelyard.api.listing import ITEMS
from steelyard.api.orders import done, order
from steelyard.api.route import Param, Route, lists
from steelyard.api.wire import Faults
from steelyard.client import pvp as shapes
from steelyard.client import types
from steelyard.flows.pvp_terms import ScheduleFields, TermsFields

NOT_ENROLLED = -1


async def list_pvp(call: Call) -> Reply:
    """List where members of the PvP queue stand, per currency: one's own, as agent one's banks' too."""
    owner = "" if view_of(call.who, call.directory.members).owners is None else call.who.owner
    found = await call.gateway.read("pvp", owner)
    items = [_shown(row, call.directory) for row in found.decoded(list[dict[str, Any]])]
    for name in ("participant", "currency"):
        if name in call.query:
            items = [one for one in items if getattr(one, name) in call.query[name].split(",")]
    return await listing.answer_items(
        call, shapes.PvpPosition, items, lambda one: (one.participant, one.currency), seq=found.seq
    )


async def set_pvp_terms(call: Call) -> Reply:
    """Say how far a participant may be short of one's currency; what lets it be shorter takes two people."""
    asked, faults = call.asked(shapes.PvpTermsAsked), Faults()
    scale = call.directory.scale(asked.currency)
    short = wire.minor_of(asked.short, scale, faults, "/short", zero_allowed=True)
    aggregate = NOT_ENROLLED
    if asked.aggregate is not None:
        aggregate = wire.minor_of(asked.aggregate, scale, faults, "/aggregate", zero_allowed=True)
    faults.end()
    fields = TermsFields(asked.participant, asked.currency, short, asked.haircut_bp, aggregate)
    return tell(done(await order(call, "pvp.terms", fields), subject=f"{asked.participant}/{asked.currency}"))


async def set_pay_ins(call: Call) -> Reply:
    """Fix by when a bank of one's own member pays in what it is short now."""
    asked, faults = call.asked(shapes.PayInsAsked), Faults()
    steps = tuple(
        (wire.instant(step.due_at, faults, f"/steps/{n}/due_at"), step.share_bp)
        for n, step in enumerate(asked.steps)
    )
    faults.end()
    fields = ScheduleFields(asked.participant, asked.currency, steps)
    return tell(done(await order(call, "pvp.schedule", fields), subject=asked.participant))


def _shown(row: dict[str, Any], directory: Directory) -> shapes.PvpPosition:
    asset = row["asset"]

    def amount(name: str) -> types.Amount:
        return wire.amount(row[name], asset, directory)

    return shapes.PvpPosition(
        participant=row["participant"],
        currency=asset,
        position=amount("position"),
        limit=amount("limit"),
        usable=amount("usable"),
        haircut_bp=row["haircut_bp"],
        aggregate=amount("aggregate") if row["aggregate"] is not None else None,
        free=amount("free"),
        overdue=amount("overdue"),
        pay_ins=[
            shapes.PayInDue(due_at=wire.at_text(at), amount=wire.amount(minor, asset, directory))
            for at, minor in row["steps"]
        ],
    )


_FILTERS = (
    Param("participant", "bic", "Of these participants."),
    Param("currency", "asset", "In these currencies."),
    *ITEMS,
)
ROUTES = (
    lists("/v1/pvp", "read", list_pvp, "Where members of the PvP queue stand", shapes.PvpPosition, _FILTERS),
    Route(
        "PUT", "/v1/pvp/terms", "credit", set_pvp_terms, "Say how far a member may be short", shapes.PvpTermsAsked,
        types.Done, keyed=True,
    ),
    Route(
        "PUT", "/v1/pvp/pay-ins", "credit", set_pay_ins, "Fix pay-ins of a member", shapes.PayInsAsked,
        types.Done, keyed=True,
    ),
)  # fmt: skip
