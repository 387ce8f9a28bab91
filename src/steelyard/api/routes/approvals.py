"""What waits for a second person: shown with every field, approved or declined with the digest of what was shown."""

from typing import Any

import msgspec

from steelyard.api import listing, wire
from steelyard.api.auth.visibility import view_of
from steelyard.api.call import Call, Reply, tell
from steelyard.api.listing import Field, Listing
from steelyard.api.orders import order
from steelyard.api.problems import ProblemError
from steelyard.api.route import Param, Route, lists
from steelyard.api.routes.acts import answered
from steelyard.client import types
from steelyard.flows.approve import ApproveFields, EndFields
from steelyard.flows.command import decode_command
from steelyard.flows.registry import BY_NAME
from steelyard.members.approvals import ApprovalState
from steelyard.storage.queries import Found

STATES = tuple(state.value.lower() for state in ApprovalState)


async def list_approvals(call: Call) -> Reply:
    """List what waits for a second person, and what became of it."""
    return await listing.answer(call, APPROVALS)


async def get_approval(call: Call) -> Reply:
    """Show a proposal with every field of what is proposed."""
    id = wire.path_id(call.path_params["proposal"])
    view = view_of(call.who, call.directory.members)
    found = await call.gateway.read("proposal", id)
    waiting = found.decoded(tuple[str, str, str, str, bytes, bytes, int] | None)
    if waiting is not None:
        owner, maker, _, command, inner, shown, expires_at = waiting
        view.need(owner)
        return tell(
            types.Approval(
                proposal=wire.uuid_text(id), state="PROPOSED", command=command, owner=owner, maker=maker,
                shown=shown.hex(), expires_at=wire.at_text(expires_at), fields=fields_of(inner),
            ),
            seq=found.seq,
        )  # fmt: skip
    row = await call.gateway.aside(call.gateway.stores.reader.one, "approval", proposal=id)
    if row is None or not view.sees(row["owner"]):
        raise ProblemError("not-found")
    return tell(approval(row, call), seq=await call.gateway.applied_seq())


async def approve(call: Call) -> Reply:
    """Say yes to exactly what was shown; the command runs now, with all its checks anew."""
    asked = call.asked(types.Decision)
    fields = ApproveFields(wire.path_id(call.path_params["proposal"]), bytes.fromhex(asked.shown))
    return answered(await order(call, "approve", fields))


async def decline(call: Call) -> Reply:
    """Say no to a proposal; its maker takes it back by the same address."""
    asked = call.asked(types.Decision)
    id = wire.path_id(call.path_params["proposal"])
    found = await call.gateway.read("proposal", id)
    waiting = found.decoded(tuple[str, str, str, str, bytes, bytes, int] | None)
    if waiting is not None:
        view_of(call.who, call.directory.members).need(waiting[0])
    if waiting is not None and waiting[5].hex() != asked.shown:
        raise ProblemError(
            "state-forbids", "what waits is not what was shown", code="APPROVAL_DOES_NOT_MATCH"
        )
    is_mine = waiting is not None and waiting[1] == call.who.actor
    return answered(await order(call, "withdraw" if is_mine else "decline", EndFields(id)))


def fields_of(inner: bytes) -> dict[str, Any]:
    """Give the fields of a proposed command by name, ids and digests as hex."""
    command = decode_command(inner)
    entry = BY_NAME[(command.name, command.version)]
    fields = entry.decode(command.fields)
    return {name: plain(getattr(fields, name)) for name in fields.__struct_fields__}


def plain(value: Any) -> Any:
    """Give a value as JSON can hold it."""
    if isinstance(value, bytes):
        return value.hex() if len(value) <= 64 else f"{len(value)} bytes, {value[:64].hex()}…"
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, dict):
        return {str(name): plain(one) for name, one in value.items()}
    if isinstance(value, msgspec.Struct):
        return {name: plain(getattr(value, name)) for name in value.__struct_fields__}
    return value


def approval(row: Found, call: Call) -> types.Approval:
    """Give a proposal out of the projection."""
    return types.Approval(
        proposal=wire.uuid_text(row["proposal"]),
        state=row["state"],
        command=row["command"],
        owner=row["owner"],
        maker=row["maker"],
        shown=row["shown"].hex(),
        expires_at=wire.at_text(row["expires_at"]),
        decided_by=row["decided_by"],
    )


APPROVALS = Listing(
    "approval",
    types.Approval,
    approval,
    listing.own("owner"),
    (
        Field(
            Param("state", "words", "How it stands.", STATES), "state",
            value=lambda words, call: [word.upper() for word in words],
        ),
        Field(Param("owner", "text", "Whose."), "owner"),
        Field(Param("command", "text", "What is proposed."), "command"),
    ),
)  # fmt: skip
_AT = "/v1/approvals/{proposal}"
ROUTES = (
    lists(
        "/v1/approvals", "approve", list_approvals, "What waits for a second person", types.Approval,
        APPROVALS.query,
    ),
    Route("GET", _AT, "approve", get_approval, "Show a proposal", told=types.Approval),
    Route(
        "POST", f"{_AT}/approve", "approve", approve, "Approve what was shown", types.Decision, types.Done,
        keyed=True,
    ),
    Route(
        "POST", f"{_AT}/decline", "approve", decline, "Decline, or take one's own back", types.Decision, types.Done,
        keyed=True,
    ),
)  # fmt: skip
