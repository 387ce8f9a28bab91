"""Claims that are set off in circles, without money: filed, confirmed, taken back, asked for."""

from collections.abc import Callable
from typing import Any

from steelyard.api import listing, wire
from steelyard.api.auth.visibility import view_of
from steelyard.api.call import Call, Reply, tell
from steelyard.api.listing import Field, Listing
from steelyard.api.orders import Recorded, done, order
from steelyard.api.problems import ProblemError
from steelyard.api.route import Param, Route, lists
from steelyard.api.views import set_off as views
from steelyard.api.wire import Faults
from steelyard.client import set_off as shapes
from steelyard.client import types
from steelyard.flows.claim import FileFields, NamedFields
from steelyard.flows.liquidity_facts import BatchRequested, ClaimMoved
from steelyard.flows.set_off import AllowFields, RequestFields
from steelyard.liquidity.refusals import LiquidityRefusal

PARTS_MAX = 1_000


async def file_claim(call: Call) -> Reply:
    """File a claim as its debtor or its creditor; it counts once the other side has confirmed it."""
    asked, faults = call.asked(shapes.ClaimAsked), Faults()
    minor = wire.minor(asked.amount, call.directory, faults, "/amount")
    due_on = wire.date(asked.due_on, faults, "/due_on")
    faults.end()
    fields = FileFields(
        asked.debtor, asked.creditor, asked.amount.asset, minor, due_on, bytes.fromhex(asked.document_hash)
    )
    return _told(await order(call, "claim.file", fields))


async def list_claims(call: Call) -> Reply:
    """List the claims that one owes or is owed, newest first."""
    return await listing.answer(call, CLAIMS)


async def get_claim(call: Call) -> Reply:
    """Show a claim, with what was set off of it and in which batches."""
    claim_id, reader = wire.path_id(call.path_params["id"]), call.gateway.stores.reader
    row = await call.gateway.aside(reader.one, "claim", claim_id=claim_id)
    view = view_of(call.who, call.directory.members)
    if row is None or not (view.sees(row["debtor"]) or view.sees(row["creditor"])):
        raise ProblemError("not-found")

    def parts() -> list[Any]:
        return reader.page("claim_part", [("claim_id", "=", claim_id)], limit=PARTS_MAX)

    found = views.claim(row, call.directory, await call.gateway.aside(parts))
    return tell(found, seq=await call.gateway.applied_seq())


def _acts(command: str, name: str, about: str) -> Callable[[Call], Any]:
    """Give the function of a route that does something with the claim in its address."""

    async def run(call: Call) -> Reply:
        found = await order(call, command, NamedFields(wire.path_id(call.path_params["id"])))
        if found.outcome.refusal == LiquidityRefusal.CLAIM_UNKNOWN.code:
            raise ProblemError("not-found")
        return _told(found)

    run.__name__, run.__doc__ = name, f"{about}."
    return run


async def ask_set_off(call: Call) -> Reply:
    """Ask for a set-off of a currency's claims; its report is one of `/v1/batches`."""
    found = await order(call, "set_off.request", RequestFields(call.asked(shapes.SetOffAsked).currency))
    opened = found.fact(BatchRequested)
    batch_id = wire.uuid_text(opened.batch_id) if opened is not None else None
    return tell(
        done(found, state="open" if opened is not None else None, subject=batch_id),
        location=f"/v1/batches/{batch_id}" if batch_id else "",
    )


async def allow_set_off(call: Call) -> Reply:
    """Say, as settlement agent, whether claims of one's member's banks may be set off."""
    asked = call.asked(shapes.SetOffRuleAsked)
    found = await order(call, "set_off.allow", AllowFields(asked.allowed))
    return tell(done(found, state=("allowed" if asked.allowed else "not_allowed")))


def _told(found: Recorded) -> Reply:
    moved = found.fact(ClaimMoved)
    claim_id = wire.uuid_text(moved.claim_id) if moved else None
    return tell(
        done(found, state=moved.state if moved else None, subject=claim_id),
        location=f"/v1/set-off/claims/{claim_id}" if claim_id else "",
    )


CLAIMS = Listing(
    "claim",
    shapes.Claim,
    lambda row, call: views.claim(row, call.directory),
    listing.own("debtor", "creditor"),
    (
        Field(Param("state", "words", "How it stands.", views.STATES), "state"),
        Field(Param("currency", "asset", "In this currency."), "asset"),
        Field(Param("debtor", "bic", "Who owes."), "debtor"),
        Field(Param("creditor", "bic", "Who is owed."), "creditor"),
    ),
)
_ALL, _AT = "/v1/set-off/claims", "/v1/set-off/claims/{id}"
_CONFIRM, _WITHDRAW = "Own up to a claim that the other side has filed", "Take a claim back"
ROUTES = (
    Route("POST", _ALL, "claim", file_claim, "File a claim", shapes.ClaimAsked, types.Done, keyed=True),
    lists(_ALL, "read", list_claims, "List claims", shapes.Claim, CLAIMS.query),
    Route("GET", _AT, "read", get_claim, "Show a claim", told=shapes.Claim),
    Route(
        "POST", f"{_AT}/confirm", "claim", _acts("claim.confirm", "confirm_claim", _CONFIRM), _CONFIRM,
        told=types.Done, keyed=True,
    ),
    Route(
        "POST", f"{_AT}/withdraw", "claim", _acts("claim.withdraw", "withdraw_claim", _WITHDRAW), _WITHDRAW,
        told=types.Done, keyed=True,
    ),
    Route(
        "POST", "/v1/set-off/batches", "batch", ask_set_off, "Ask for a set-off of claims", shapes.SetOffAsked,
        types.Done, keyed=True,
    ),
    Route(
        "PUT", "/v1/set-off/rule", "cap", allow_set_off, "Say whether claims may be set off", shapes.SetOffRuleAsked,
        types.Done, keyed=True,
    ),
)  # fmt: skip
